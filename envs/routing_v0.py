"""One provider commits to a way of serving; users answer each failed pass by retrying or abandoning.

| Import   | `from routegame.envs import routing_v0`                                 |
|----------|-------------------------------------------------------------------------|
| Agents   | `provider`, `user_0`, `user_1`, …                                       |
| Parallel | `routing_v0.parallel_env(game, ...)`, native                            |
| AEC      | `routing_v0.env(game, ...)`, converted from the parallel one            |
| Actions  | provider: `Box(0, 1, (2,))`, `(4,)` with throttling; users: `Discrete(2)` |
| Payoffs  | general-sum, undiscounted, each side in its own unit                    |

The leader–follower game of Mahmood (2026, §3) with one task a user. The rules of a task are in `Task`;
`RoutingEnv` adapts them to PettingZoo and describes the arguments.

## Timeline

1. `reset()`: phase 0, nobody has done anything.
2. The first `step`: the provider's action is its commitment, namely route, cascade probability and, with
   throttling, slowed latencies. The users' actions have no effect. Then the first pass of every task is
   played; it cannot be declined.
3. Every later `step`: each live user answers its last failure. On a retry, a task on model 1 moves to model
   2 with the cascade probability (never back) and another pass is played. The provider's actions have no
   effect any more, but must still lie in its space.

## Actions

* Provider: float32 `(route, cascade)`, or `(route, cascade, slow-down of model 1, of model 2)` with
  throttling. `routegame.envs.commitment.CommitmentBox` translates actions into commitments and back.
* User: `RETRY` (0) or `ABANDON` (1).

## Observations

Float32 boxes.

* Provider: `[phase, share of users still running]`, phase 0 before the commitment and 1 after.
* User: `[phase, route, cascade_prob, throttled_latency of model 1, of model 2]`, all 0 before the
  commitment. A `memoryless` user sees nothing else, so that its observation is the same after each failure.
  A `model` user also sees which model failed last (0 before the first failure, 1 or 2), a `history` user
  the number of failures so far.

Infos say more than a user may know: a policy that reads them plays another game.

## Rewards

Increments of each side's own payoff, which an episode's rewards sum up to.

* User: −(latency in force) for a pass, + `task_value` when it solves the task. The sum is a sample of U.
* Provider: −`cost` for a pass and −`churn_penalty` for an abandonment, over all users. The sum is minus the
  sum of the users' samples of J.

## Endings

* A user whose task is solved or abandoned is terminated.
* A user whose task fails for the `max_passes`-th time is truncated, before it can answer. At the default
  cap this befalls fewer than one in a million users that never abandon.
* The provider ends with its last user: terminated if every task was solved or abandoned, else truncated.

## Infos

* User: `action_mask` (int8, `[1, 0]` before the commitment, `[1, 1]` after), `model` of the last pass (0
  before the first), `passes`, `solved`, `abandoned`, and this step's `latency` to the user and `cost` to
  the provider, both 0.0 where no pass was played.
* Provider: `commitment` (None before it is made), `cost` and `abandonments` of this step, over all users.
  Costs are those of the passes, without the churn penalty.

## Randomness

Each user draws from a stream of its own, spawned from the seed of the episode: what happens to `user_0`
does not depend on how many others there are. A pass takes one number from it and a retry one more, whatever
the commitment, so that the same seed brings the same luck to different commitments. After `reset(seed)`,
every `reset()` goes on deterministically to another episode; without any seed, the first one comes from the
system's entropy.

## Version history

* v0: first version.

Example:
    >>> from routegame import Game
    >>> env = parallel_env(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), render_mode="ansi")
    >>> observations, infos = env.reset(seed=0)
    >>> while env.agents:
    ...     actions = {"provider": np.array([1, 0], dtype=np.float32), "user_0": RETRY}
    ...     observations, rewards, terminations, truncations, infos = env.step(actions)
    >>> env.render()
    'user_0: solved by model 2 after 4 passes'
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils import parallel_to_aec

from routegame.envs.commitment import Commitment, CommitmentBox
from routegame.envs.game import Game, Information, ParameterError

PROVIDER = "provider"
RETRY, ABANDON = 0, 1

CUT_OFF_PROB = 1e-6
"""The default cap on passes is reached with less than this probability by a user who never abandons."""

MAX_COUNT = 2**24
"""Up to here float32, which observations are made of, holds every whole number."""

Observation = NDArray[np.float32]


class ActionError(ValueError):
    """An action that cannot be played; says whose, what is allowed and what was given, in one sentence."""

    def __init__(self, agent: str, allowed: str, action: object) -> None:
        self.agent, self.allowed, self.action = agent, allowed, action
        super().__init__(f"action of {agent} must be {allowed}, got {action!r}")

    def __reduce__(self) -> tuple[type[ActionError], tuple[str, str, object]]:
        return ActionError, (self.agent, self.allowed, self.action)


class Task:
    """One user's task from the commitment to its end: the rules of the game, one pass at a time.

    Call `begin` once, then `answer`, `retry` or `abandon` for as long as the task is `running`.

    Args:
        game: a single game.
        max_passes: the task is cut off if this many passes fail.
        rng: the source of chance, drawn from once a pass and once a retry.

    Attributes:
        commitment: what the provider committed to; None before.
        model: of the last pass, 1 or 2; 0 before the first.
        passes: number of passes so far.
        failures: number of failed passes so far.
        failed_model: of the last failed pass, 1 or 2; 0 before the first failure.
        solved: whether the last pass solved the task.
        abandoned: whether the user gave up.
        latency: of the last step to the user, 0.0 if it played no pass.
        cost: of the last step's pass to the provider, 0.0 if it played none; without the churn penalty.
    """

    def __init__(self, game: Game, max_passes: int, rng: np.random.Generator) -> None:
        self._game, self._max_passes, self._rng = game, max_passes, rng
        self.commitment: Commitment | None = None
        self.model = self.passes = self.failures = self.failed_model = 0
        self.solved = self.abandoned = False
        self.latency = self.cost = 0.0

    def begin(self, commitment: Commitment) -> None:
        """Take the commitment and play the first pass, which cannot be declined."""
        self.commitment = commitment
        self._play(commitment, commitment.route)

    def answer(self, action: int) -> None:
        """Answer the last failure: `RETRY` or `ABANDON`."""
        if action == ABANDON:
            self.abandon()
        else:
            self.retry()

    def retry(self) -> None:
        """Move from model 1 to model 2 with the cascade probability, then play another pass."""
        assert self.running and self.commitment is not None
        cascades = self._rng.random() < self.commitment.cascade_prob
        self._play(self.commitment, 2 if cascades else self.model)

    def abandon(self) -> None:
        """Give the task up."""
        assert self.running
        self.abandoned = True
        self.latency = self.cost = 0.0

    @property
    def ended(self) -> bool:
        """Whether the task was solved or abandoned."""
        return self.solved or self.abandoned

    @property
    def cut_off(self) -> bool:
        """Whether the task failed as often as it may and is left undecided."""
        return self.failures == self._max_passes

    @property
    def running(self) -> bool:
        """Whether the task has begun and waits for the user's answer."""
        return self.commitment is not None and not self.ended and not self.cut_off

    @property
    def user_reward(self) -> float:
        """Increment of the user's utility in the last step, in units of latency."""
        return float(self._game.task_value * self.solved - self.latency)

    def _play(self, commitment: Commitment, model: int) -> None:
        self.model = model
        self.passes += 1
        self.latency = commitment.throttled_latency[model - 1]
        self.cost = float(self._game.cost[model - 1])
        self.solved = bool(self._rng.random() < self._game.success_prob[model - 1])
        if not self.solved:
            self.failures += 1
            self.failed_model = model

    def __str__(self) -> str:
        passes = f"{self.passes} pass" if self.passes == 1 else f"{self.passes} passes"
        if self.commitment is None:
            return "waiting for the commitment"
        if self.solved:
            return f"solved by model {self.model} after {passes}"
        if self.abandoned:
            return f"abandoned after {passes}"
        return f"{'cut off' if self.cut_off else 'running'} after {passes}, last on model {self.model}"


class RoutingEnv(ParallelEnv[str, Observation, Any]):
    """The routing game as a PettingZoo environment; the module describes spaces, rewards and endings.

    Args:
        game: a single game, `game.shape == ()`.
        num_users: how many users, each with one task.
        information: what every user sees besides the commitment, "memoryless", "model" or "history".
        throttling: whether the provider may also slow its models down.
        max_latency: how slow each model can be made, see `CommitmentBox`; only with throttling.
        max_passes: a task that fails this often is cut off. Default: the least number that a user who never
            abandons reaches unsolved with a probability below one in a million on the worse model, at most
            `MAX_COUNT`.
        render_mode: "ansi" for text, None for nothing.

    Attributes:
        game: as given.
        num_users: as given.
        information: as given.
        commitment_box: what the provider's actions mean.
        max_passes: as given or the default.
        render_mode: as given.
        possible_agents: `provider` and every user.
        agents: who is playing; empty before `reset` and after the end.
        commitment: what the provider committed to in this episode; None before it did.

    Raises:
        ParameterError: an argument out of range; says which.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "routing_v0",
        "render_modes": ["ansi"],
        "is_parallelizable": True,
        "render_fps": 4,
    }

    def __init__(
        self,
        game: Game,
        *,
        num_users: int = 1,
        information: Information = "memoryless",
        throttling: bool = False,
        max_latency: tuple[float, float] | None = None,
        max_passes: int | None = None,
        render_mode: Literal["ansi"] | None = None,
    ) -> None:
        self.commitment_box = CommitmentBox(game, throttling=throttling, max_latency=max_latency)
        self.game = game
        self.num_users = _count("num_users", num_users)
        self.information = information
        self.max_passes = _passes_needed(game) if max_passes is None else _count("max_passes", max_passes)
        self.render_mode = render_mode
        _check_choice("information", information, get_args(Information))
        _check_choice("render_mode", render_mode, ("ansi", None))
        users = [f"user_{i}" for i in range(self.num_users)]
        self.possible_agents = [PROVIDER, *users]
        self.agents: list[str] = []
        self.commitment: Commitment | None = None
        self._action_spaces = {PROVIDER: _unit_box(self.commitment_box.size)} | {
            user: spaces.Discrete(2) for user in users
        }
        self._observation_spaces = {PROVIDER: _unit_box(2)} | {user: self._user_space() for user in users}
        self._rng = np.random.default_rng()
        self._tasks: dict[str, Task] = {}

    def observation_space(self, agent: str) -> spaces.Box:
        """Return the space of an agent's observations, the same object each time."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return the space of an agent's actions, the same object each time."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Start an episode, and return observations and infos of all agents.

        Args:
            seed: the same seed and the same actions give the same episode, bit for bit; None goes on from the
                last seed given.
            options: not used.
        """
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        episode = np.random.SeedSequence(int(self._rng.integers(2**63)) if seed is None else seed)
        streams = map(np.random.default_rng, episode.spawn(self.num_users))
        users = self.possible_agents[1:]
        self.commitment = None
        self._tasks = {
            user: Task(self.game, self.max_passes, stream) for user, stream in zip(users, streams, strict=True)
        }
        self.agents = list(self.possible_agents)
        return self._observations(users), self._infos(users)

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[
        dict[str, Observation],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        """Play one step; return observations, rewards, terminations, truncations and infos of all who played.

        Args:
            actions: one for every agent in `agents`.

        Raises:
            ActionError: an action is missing, superfluous or outside its agent's space, or no episode is
                under way. Nothing has changed then, and the step can be tried again.
        """
        commitment = self._checked(actions)
        users = self.agents[1:]
        if self.commitment is None:
            self.commitment = commitment
            for user in users:
                self._tasks[user].begin(commitment)
        else:
            for user in users:
                self._tasks[user].answer(actions[user])
        running = [user for user in users if self._tasks[user].running]
        self.agents = [PROVIDER, *running] if running else []
        terminations, truncations = self._endings(users)
        return (
            self._observations(users),
            self._rewards(users),
            terminations,
            truncations,
            self._infos(users),
        )

    def render(self) -> str | None:
        """Return one line a user, or None without a render mode."""
        if self.render_mode is None:
            return None
        return "\n".join(f"{user}: {task}" for user, task in self._tasks.items())

    def _checked(self, actions: Mapping[str, Any]) -> Commitment:
        if not self.agents:
            raise ActionError("every agent", "left out until reset() starts an episode", dict(actions))
        playing = set(self.agents)
        for agent, action in actions.items():
            if agent not in playing:
                raise ActionError(agent, "left out: it is not playing", action)
        for user in self.agents[1:]:
            action, space = actions.get(user), self._action_spaces[user]
            if not space.contains(action):
                raise ActionError(user, f"in {space}", action)
        offer: Any = actions.get(PROVIDER)
        try:
            return self.commitment_box.commitment(offer)
        except ParameterError:
            raise ActionError(PROVIDER, f"in {self._action_spaces[PROVIDER]}", offer) from None

    def _observations(self, users: list[str]) -> dict[str, Observation]:
        made, running = self.commitment is not None, len(self.agents[1:]) / self.num_users
        observations = {PROVIDER: np.array([made, running], dtype=np.float32)}
        for user in users:
            observations[user] = np.array(self._user_view(self._tasks[user]), dtype=np.float32)
        return observations

    def _user_view(self, task: Task) -> list[float]:
        rule = self.commitment
        view = [0.0] * 5 if rule is None else [1, rule.route, rule.cascade_prob, *rule.throttled_latency]
        extra = {"memoryless": [], "model": [task.failed_model], "history": [task.failures]}
        return view + extra[self.information]

    def _rewards(self, users: list[str]) -> dict[str, float]:
        cost, abandonments = self._bill(users)
        rewards = {PROVIDER: -cost - float(self.game.churn_penalty) * abandonments}
        return rewards | {user: self._tasks[user].user_reward for user in users}

    def _endings(self, users: list[str]) -> tuple[dict[str, bool], dict[str, bool]]:
        over, decided = not self.agents, all(task.ended for task in self._tasks.values())
        terminations = {user: self._tasks[user].ended for user in users}
        truncations = {user: self._tasks[user].cut_off for user in users}
        return {PROVIDER: over and decided} | terminations, {PROVIDER: over and not decided} | truncations

    def _infos(self, users: list[str]) -> dict[str, dict[str, Any]]:
        cost, abandonments = self._bill(users)
        provider = {"commitment": self.commitment, "cost": cost, "abandonments": abandonments}
        return {PROVIDER: provider} | {user: self._user_info(self._tasks[user]) for user in users}

    def _user_info(self, task: Task) -> dict[str, Any]:
        return {
            "action_mask": np.array([1, self.commitment is not None], dtype=np.int8),
            "model": task.model,
            "passes": task.passes,
            "solved": task.solved,
            "abandoned": task.abandoned,
            "latency": task.latency,
            "cost": task.cost,
        }

    def _bill(self, users: list[str]) -> tuple[float, int]:
        """Sum the last step's cost of passes, and count its abandonments."""
        tasks = [self._tasks[user] for user in users]
        return sum(task.cost for task in tasks), sum(task.abandoned for task in tasks)

    def _user_space(self) -> spaces.Box:
        latency = self.commitment_box.max_latency
        if max(latency) > float(np.finfo(np.float32).max):
            raise ParameterError("latency", "small enough for float32, in which users see it", latency)
        extra = {"memoryless": [], "model": [2], "history": [self.max_passes]}
        high = [1, 2, 1, *latency, *extra[self.information]]
        return spaces.Box(0.0, np.array(high, dtype=np.float32))


parallel_env = RoutingEnv
"""Make the environment in which all act at once; arguments and errors are those of `RoutingEnv`."""


def env(game: Game, **options: Any) -> AECEnv[str, Observation, Any]:
    """Make the environment in which agents act one at a time and out-of-order calls are refused.

    A round is played when its last agent has acted. An action that cannot be played is refused only then,
    with an `ActionError`, and the way on is `reset`.

    Args:
        game: a single game.
        options: as for `parallel_env`.

    Raises:
        ParameterError: an argument out of range; says which.
    """
    return parallel_to_aec(parallel_env(game, **options))


def _passes_needed(game: Game) -> int:
    """Return the least n with (1 − p)^n < `CUT_OFF_PROB` on the worse model, at most `MAX_COUNT`."""
    passes = math.log(CUT_OFF_PROB) / math.log1p(-min(map(float, game.success_prob)))
    return math.floor(min(passes, MAX_COUNT - 1)) + 1


def _count(parameter: str, value: int) -> int:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not (whole and 1 <= value <= MAX_COUNT):
        raise ParameterError(parameter, f"an integer from 1 to {MAX_COUNT}", value)
    return int(value)


def _check_choice(parameter: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ParameterError(parameter, " or ".join(map(repr, choices)), value)


def _unit_box(size: int) -> spaces.Box:
    return spaces.Box(0.0, 1.0, (size,))
