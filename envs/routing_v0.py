"""A provider commits to a way of serving; users answer each failed pass by retrying or abandoning.

| Import   | `from routegame.envs import routing_v0`                                        |
|----------|--------------------------------------------------------------------------------|
| Agents   | `provider`, `user_0`, `user_1`, …                                              |
| Parallel | `routing_v0.parallel_env(game, ...)`                                           |
| AEC      | `routing_v0.env(game, ...)`                                                    |
| Registry | `pettingzoo.make("parallel", "routegame/routing_v0", ...)`, or "aec"           |
| Actions  | provider: `Box(0, 1, (2,))`, or others by options; users: `Discrete(2)` |
| Payoffs  | general-sum, undiscounted, each side in its own unit                           |

The leader–follower game of Mahmood (2026, §3), and its neighbours: many users of different types, several tasks each,
commitments seen through noise or not at all, or none made; retries that do better or worse than first tries; and any
number of models, in any order. The rules are in `routegame.envs.routing.rounds`; both interfaces are native, and play
the same episode from the same seed and actions.

## Timeline

1. `reset()`: nobody has done anything.
2. The first round. The provider's action is its commitment: route, cascade probability and, with throttling, slowed
   latencies. The users' actions have no effect. Then the first pass of every task is played; it cannot be declined.
3. Every later round: each user answers its last failure. On a retry, a task on model 1 moves to model 2 with the
   cascade probability, never back, and another pass is played.
4. A user whose task is over and who has more of them begins the next one in the next round, whose first pass cannot be
   declined either.

With `commits="task"` the provider's action binds the tasks that begin in that round, every time; with "episode" the
first one binds them all. With "never" the provider does not commit: at every pass its action says which model each
user gets, at the same time as the user says whether it wants another pass. What it picks for a task that has moved to
model 2, or is abandoned, has no effect.

Of more than two models, or of two with `order="free"`, a commitment is a start distribution and a row-stochastic
matrix: after a failed, continued pass on model j the next one runs on model k with probability A[j, k]. Without
commitments any model can be picked for any pass.

With `decline` users may refuse a task before its first pass: it is lost then, and worth 0 to them. They are shown the
commitment in one round, in which they play nothing and use no luck, and have a say in the next, in which the task
begins. The model that starts is drawn after that. Where the commitment for the next task is known already, or none is
made, there is no round in between.

An agent that has no say still acts, within its space; `action_mask` and `has_say` tell.

## Arguments

| argument | default | meaning |
|---|---|---|
| `game` | "nano-gpt5" | a single game, a scenario's name, a batch with one game for each user, or a mix of tasks |
| `num_users` | 1, or the batch's | how many users |
| `num_tasks` | 1 | tasks a user and episode |
| `commits` | "episode" | when the provider moves: once, for each "task", or "never" ahead of the users |
| `sight` | "exact" | how users see the commitment: also "noisy" or "hidden" |
| `noise` | 0.05 | standard deviation of the noise, in the unit box of actions; only with `sight="noisy"` |
| `information` | "memoryless" | what users see besides: also the "model" that failed last, or their "history" |
| `throttling` | False | whether the provider may slow its models down |
| `max_latency` | max(t, 2 V p) | how slow each model can be made; only with throttling |
| `grid` | None | None: a box of actions; k: MultiDiscrete with k levels for each number |
| `retry_multiplier` | 1.0 | how much likelier a model's later passes on a task succeed; one, or one for each model |
| `difficulty` | None | ν: a task's success probabilities are drawn from Beta(ν p, ν (1 − p)), once |
| `max_passes` | by game | a task that fails this often is cut off |
| `max_cycles` | None | an episode that lasts so many rounds is cut off |
| `render_mode` | None | "ansi" for text, "rgb_array" for pictures |
| `order` | by game | "paper": model 1, then 2, for good, the default of two models; "free", the default of more |
| `form` | "compact" | in free order: one row of the matrix for all models, or "matrix": one for each of up to 8 |
| `decline` | False | whether users may refuse a task before its first pass; makes two models play in free order, too |
| `context_visible` | by scenario | of a mix: whether users know the context of their task; if nobody says so, they do |
| `signal` | the context | of a mix: what the provider sees of a context, a label for each, or P(z given x), (C, Z) |
| `announce` | by the rest | of a mix: what users see of a commitment over contexts: "row", "table" or "mean" |
| `flat` | False | with a grid: Discrete, one choice of all its points in place of a level of each number |
| `padded` | False | whether all agents have the same spaces, for learners that take no others |
| `ignore_ended` | False | whether actions of agents whose episode is over are ignored, not refused |

`retry_multiplier` times p is cut off to a probability. The default `max_passes` is the least number that a user who
never abandons reaches unsolved with a probability below one in a million, at the smallest success probability; with
`difficulty`, where hard tasks have no such bound, it is the same.

A batch of games gives users types of their own. They share the provider's actions: a slow-down is the same share of
what is allowed for everyone, in each user's own latency.

## Tasks that differ

With a `routegame.TaskMix` of C contexts each task draws its context, and with it its game, when the task before it is
over, by a word of chance of its own (`Purpose.CONTEXT`). The provider tells Z classes of contexts apart: the contexts
themselves, or those of `signal`, with a further word where that is noisy.

* With `commits="episode"` it commits to a policy over contexts: its action holds a commitment for each class. Like
  parts stand together: Z routes, then Z cascade probabilities, then slow-downs; in free order Z times K weights of the
  start, and so on. `commitment_box` (`routegame.envs.routing.mixture.TableBox`) makes actions of tables, of solutions,
  and of functions, which are asked once, about all classes.
* With `commits="task"` it sees the class of each task that begins next, and its action holds a commitment for each
  user. With "never" it sees the classes of all tasks, and picks as ever.
* Users know their context if `context_visible`. Their observation then has its number, from 1, and its features, after
  the commitment and before what they know of failures.
* What is announced is the `"row"` that binds a user's own task: the default for users who know their context, since no
  other matters to them. Users who do not are shown the `"table"`, one class after the other, for their best answer
  depends on all of it; and of more than 64 classes its `"mean"`, weighted by how common they are. Latencies in force
  are those of the user's context if it knows it, else their mean over the contexts of the class.

Infos of users have `context`, from 1. Copies of one context, under one commitment, play what the single game plays, to
the bit.

## Actions

* Provider: float32 `(route, cascade)`, or `(route, cascade, slow-down of model 1, of model 2)` with throttling, in
  [0, 1]. `routegame.envs.commitment.RoutingGame` translates actions into commitments and back. With
  `commits="never"`: one number for each user, model 2 where it is above 0.5, and the slow-downs of this round.
* In free order: K weights of the models for the first pass, and K for every pass after a failure, or with
  `form="matrix"` K for a pass after a failure of each model; then K slow-downs with throttling.
  `routegame.envs.menu_game.MenuGame` translates. With `commits="never"` a number x picks the first model k with
  x <= k / K.
* With `grid=k` numbers that choose a model are one of as many levels as there are models, all others a level j of k,
  which stands for j / (k − 1).
* With `flat=True` as well, the points of the grid are numbered, the last number of an action running fastest:
  `numpy.unravel_index`. `commitment_of` says what an action commits to.
* User: `RETRY` (0) or `ABANDON` (1).
* With `padded=True` users have the provider's space: a box, whose first number says that they leave where it is above
  0.5, or with a flat grid a choice of as many, of which 1 is `ABANDON` and all others are `RETRY`.
* With `ignore_ended=True` agents whose episode is over may be given an action while others play on. It is not looked
  at. Those who are playing must have one all the same.

## Observations

Float32 boxes. Arrays cannot be written to and may be handed out more than once: copy before you change one.

* Provider: `[share of users who begin a task next, share still playing]`. With `commits="never"`: for each user, the
  model of its last pass (0 before the first) and the passes of its task.
* User: `[phase, route, cascade_prob, throttled_latency of model 1, of model 2]`. Phase is 0 and all else 0 where the
  next round begins a task; else it is 1, with the commitment as the user sees it: exactly, through noise that is drawn
  once a commitment (a route that is off by more than 0.5 looks like the other), or as zeros where it is hidden or not
  made. A `memoryless` user sees nothing else, so that its observation is the same after each failure. A `model` user
  also sees which model failed last (0 before, 1 or 2), a `history` user the number of its task's failures.
* User in free order: `[phase, start of each model, the row for all models or every row, throttled latency of each
  model]`, and the same of failures. Phase is 0 in the round in which a task may be declined, with the commitment in
  sight: not the model that was drawn to start.
* With `padded=True` all of these are filled up with zeros to the length of the longest.
* `state()`: everything, for critics that may see it; `Rounds.state` has the order.

Infos say more than a user may know: a policy that reads them plays another game.

## Rewards

Increments of each side's own payoff, which an episode's rewards sum up to.

* User: −(latency in force) for a pass, + `task_value` when it solves the task. The sum over a task is a sample of U.
* Provider: −`cost` for a pass and −`churn_penalty` for an abandonment, over all users. The sum is minus the sum of the
  tasks' samples of J.

## Endings

* A user whose last task is solved or abandoned is terminated.
* A user whose task fails for the `max_passes`-th time is truncated, before it can answer, and plays no further task.
* In round `max_cycles` everyone who is still playing is truncated.
* The provider ends with its last user: terminated if every user was, else truncated.
* After that nobody is left: `step({})` returns empty dictionaries until `reset()`.

## Infos

* User: `action_mask` (int8, `[1, 0]` where it has no say), `task` (from 1; 0 before the first), `passes` of the task,
  `model` of the last pass (0 before the first), `solved`, `abandoned`, and this round's `latency` to the user and
  `cost` to the provider, both 0.0 where no pass was played.
* Provider: `has_say` in the next round, `commitment` (None before it is made or where none is; one for each user where
  they differ), `cost` and `abandonments` of this round, over all users, and with `grid` its `action_mask`. Costs are
  those of the passes, without the churn penalty.
* An `action_mask` has a part for each number of a MultiDiscrete action, and is one array of a Discrete one. With
  `padded=True` it is as long as there are choices, and left out where there is a box.

## Randomness

Each user draws from a stream of its own (`routegame.envs.sampling.streams`), one word a round: what happens to `user_0`
does not depend on how many others there are, and the same seed brings the same luck to different commitments. After
`reset(seed)`, every `reset()` goes on deterministically to another episode; without any seed, the first one comes from
the system's entropy. Row k of `routegame.envs.sampling.task_batch` is as lucky as `user_k`. In free order a start that
is left to chance takes a word of its own, `Purpose.START`.

## Version history

* v0: first version.

Example:
    >>> import numpy as np
    >>> from routegame import Game
    >>> env = parallel_env(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)))
    >>> observations, infos = env.reset(seed=0)
    >>> while env.agents:
    ...     actions = {"provider": np.array([1, 0], dtype=np.float32), "user_0": RETRY}
    ...     observations, rewards, terminations, truncations, infos = env.step(actions)
    >>> infos["user_0"]["solved"], infos["user_0"]["passes"]
    (True, 7)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsFloat

from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.env import AECIterable

from routegame.envs.routing.rounds import ABANDON, PROVIDER, RETRY, ActionError, Rounds
from routegame.envs.routing.user import Info, Observation

__all__ = ["ABANDON", "PROVIDER", "RETRY", "ActionError", "RoutingAECEnv", "RoutingEnv", "env", "parallel_env"]


class RoutingEnv(Rounds, ParallelEnv[str, Observation, Any]):
    """The routing game with all agents acting at once; the module describes arguments, spaces, rewards and endings."""

    reset, step = Rounds.start, Rounds.play_quickly


class RoutingAECEnv(Rounds, AECEnv[str, Observation, Any]):
    """The routing game with one agent acting at a time; the module describes arguments, spaces, rewards and endings.

    In each round the provider acts first, then the users in their order, whether they have a say or not. The round is
    played when the last one has acted. Rewards are for the round; `last()` returns those since the agent acted.

    Attributes:
        agent_selection: who acts next. As with all PettingZoo environments, this and the rest is there from `reset` on.
        rewards: of the last round.
        terminations: whether an agent's episode has ended.
        truncations: whether an agent's episode was cut off.
        infos: of the last round.
    """

    agent_selection: str
    rewards: dict[str, float]
    terminations: dict[str, bool]
    truncations: dict[str, bool]
    infos: dict[str, Info]
    _cumulative_rewards: dict[str, float]  # since an agent acted
    _observations: dict[str, Observation]  # what everyone saw last
    _leaving: list[str]  # those whose episode is over and who have not been told so yet, the next one last
    _turn: int  # how many have acted in this round
    _offer: Sequence[float]  # of the provider in this round

    def reset(self, seed: int | None = None, options: dict[str, object] | None = None) -> None:
        """Start an episode.

        Args:
            seed: the same seed and the same actions give the same episodes, bit for bit; None goes on from the last
                seed given.
            options: not used.
        """
        self._observations, self.infos = self.start(seed)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations, self.truncations = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, False)
        self.agent_selection = PROVIDER
        self._turn, self._offer, self._leaving = 0, (), []

    def observe(self, agent: str) -> Observation:
        """Return what an agent saw last.

        Raises:
            ResetNeeded: before the first `reset`, like the next two.
        """
        self.need_reset("observe")
        return self._observations[agent]

    def last(self, observe: bool = True) -> tuple[Observation | None, SupportsFloat, bool, bool, Info]:
        """Return what the selected agent sees, its rewards since it acted, whether it is over for it, and its info."""
        if not self._seeded:
            self.need_reset("last")
        agent = self.agent_selection
        seen = self._observations[agent] if observe else None
        rewards, infos = self._cumulative_rewards, self.infos
        return seen, rewards[agent], self.terminations[agent], self.truncations[agent], infos[agent]

    def agent_iter(self, max_iter: int = 2**63) -> AECIterable[str, Observation, Any]:
        """Iterate over the agents in the order in which they act, until all episodes are over."""
        self.need_reset("agent_iter")
        return super().agent_iter(max_iter)

    def step(self, action: object) -> None:
        """Let the selected agent act; None if its episode is over.

        Raises:
            ActionError: the action is outside the agent's space, not None where its episode is over (but for
                `ignore_ended`), or no episode is under way. Nothing has changed then, and the agent can act again.
        """
        if not self.agents:
            raise ActionError("every agent", "left out until reset() starts an episode", action)
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(None if self.ignore_ended else action)
            return
        turn, order = self._turn, self.agents
        if turn == 0:
            self._offer = self._taken_offer(action)
            self._clear_rewards()  # those after it find them cleared
        else:
            self._take_answer(turn - 1, action)
        self._cumulative_rewards[agent] = 0.0
        self._turn = turn = turn + 1
        if turn < len(order):
            self.agent_selection = order[turn]
            return
        played = self.play_checked(self._offer)
        self._observations, self.rewards, self.terminations, self.truncations, self.infos = played
        self._turn = 0
        self._accumulate_rewards()
        self.agents = order  # those whose episode is over are still to be told
        self.agent_selection = PROVIDER
        self._deads_step_first()

    def _deads_step_first(self) -> str:
        """Let agents whose episode is over be told so first; return who is next."""
        over, cut_off = self.terminations, self.truncations
        self._leaving = [agent for agent in reversed(self.agents) if over[agent] or cut_off[agent]]
        if self._leaving:
            self.agent_selection = self._leaving.pop()
        return self.agent_selection

    def _was_dead_step(self, action: object) -> None:
        """Let the selected agent go, whose episode is over.

        PettingZoo's own methods do the same, but go through all agents for each that leaves.
        """
        if action is not None:
            raise ActionError(self.agent_selection, "None: its episode is over", action)
        agent = self.agent_selection
        del self.terminations[agent], self.truncations[agent], self.infos[agent]
        del self.rewards[agent], self._cumulative_rewards[agent]
        self.agents.remove(agent)
        self._clear_rewards()
        self.agent_selection = self._leaving.pop() if self._leaving else PROVIDER


parallel_env = RoutingEnv
"""Make the environment in which all agents act at once."""

env = RoutingAECEnv
"""Make the environment in which agents act one at a time."""
