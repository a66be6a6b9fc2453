"""The rules of `routing_v0`, round by round: who has a say, what a round does, and what everyone sees of it.

`Rounds` knows nothing of PettingZoo's two interfaces; `routegame.envs.routing_v0` adapts it to each. Chance comes from
`routegame.envs.sampling.streams`, one stream a user, one word a round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from statistics import NormalDist
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray

from routegame.envs.checks import ParameterError, as_count, as_single
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game, Information
from routegame.envs.render.scene import Scene, as_text
from routegame.envs.routing.ledger import Ledger
from routegame.envs.routing.user import (
    ABANDONED,
    BOUND,
    CUT_OFF,
    FREE,
    HANDED_OVER,
    NO_SAY,
    PASS_INFO,
    RUNNING,
    SAME_MODEL,
    SOLVED,
    Observation,
    Pass,
    User,
    UserType,
    frozen,
)
from routegame.envs.sampling.chances import (
    MAX_COUNT,
    NUM_WORDS,
    as_multipliers,
    passes_needed,
)
from routegame.envs.sampling.streams import Purpose, Words, stream_keys, words
from routegame.envs.scenarios import GameLike, Scenario, as_game, scenario

PROVIDER = "provider"
RETRY, ABANDON = 0, 1
LEAVES = {RETRY: False, ABANDON: True}

NOISE = 0.05
"""Default standard deviation of what users see of a commitment, where they see it through noise."""

BLOCK = 1024
"""Words drawn ahead, shared by the users."""

Commits = Literal["episode", "task", "never"]
Sight = Literal["exact", "noisy", "hidden"]
Played = tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]
FLOAT32 = np.dtype(np.float32)
NORMAL = NormalDist()
NEVER = 2**62


class ActionError(ValueError):
    """An action that cannot be played; says whose, what is allowed and what was given, in one sentence."""

    def __init__(self, agent: str, allowed: str, action: object) -> None:
        self.agent, self.allowed, self.action = agent, allowed, action
        super().__init__(f"action of {agent} must be {allowed}, got {' '.join(repr(action).split())}")

    def __reduce__(self) -> tuple[type[ActionError], tuple[str, str, object]]:
        return ActionError, (self.agent, self.allowed, self.action)


class Rounds:
    """The routing game without an interface; `routegame.envs.routing_v0` describes arguments and attributes."""

    metadata: ClassVar[dict[str, Any]] = {
        "name": "routing_v0",
        "render_modes": ["ansi", "rgb_array"],
        "is_parallelizable": True,
        "render_fps": 2,
    }

    def __init__(
        self,
        game: GameLike = "nano-gpt5",
        *,
        num_users: int | None = None,
        num_tasks: int = 1,
        commits: Commits = "episode",
        sight: Sight = "exact",
        noise: float | None = None,
        information: Information = "memoryless",
        throttling: bool = False,
        max_latency: tuple[float, float] | None = None,
        grid: int | None = None,
        retry_multiplier: float | tuple[float, float] = 1.0,
        difficulty: float | None = None,
        max_passes: int | None = None,
        max_cycles: int | None = None,
        render_mode: Literal["ansi", "rgb_array"] | None = None,
    ) -> None:
        self.game: Game = as_game(game)
        named = game if isinstance(game, Scenario) else scenario(game) if isinstance(game, str) else None
        self._names = (("model 1", "model 2"), ("", "")) if named is None else (named.models, named.units)
        games = _games(self.game, num_users)
        self._one_commitment = self.game.shape == () and commits == "episode"
        self.num_users = len(games)
        self.num_tasks = as_count("num_tasks", num_tasks, MAX_COUNT)
        for name, value, choices in (
            ("commits", commits, get_args(Commits)),
            ("sight", sight, get_args(Sight)),
            ("information", information, get_args(Information)),
            ("render_mode", render_mode, (*self.metadata["render_modes"], None)),
        ):
            if value not in choices:
                raise ParameterError(name, " or ".join(map(repr, choices)), value)
        if commits == "never" and sight != "exact":
            raise ParameterError("sight", "left out where the provider never commits", sight)
        if noise is not None and sight != "noisy":
            raise ParameterError("noise", "left out where sight is not 'noisy'", noise)
        self.commits, self.sight, self.information, self.render_mode = commits, sight, information, render_mode
        spread = NOISE if noise is None else as_single("noise", noise, 0, np.inf, closed="neither")
        self.noise = spread if sight == "noisy" else 0.0
        self.retry_multiplier = as_multipliers(retry_multiplier)
        if difficulty is not None:
            difficulty = as_single("difficulty", difficulty, 0, np.inf, closed="neither")
        self.difficulty = difficulty
        self.grid = None if grid is None else as_count("grid", grid, MAX_COUNT, smallest=2)
        self.max_cycles = None if max_cycles is None else as_count("max_cycles", max_cycles, MAX_COUNT)
        self.max_passes = self._passes_needed() if max_passes is None else as_count("max_passes", max_passes, MAX_COUNT)

        kinds = {
            id(single): UserType(
                RoutingGame(single, throttling=throttling, max_latency=max_latency),
                self.retry_multiplier,
                self.difficulty,
                information != "memoryless",
            )
            for single in games
        }
        self._users = [User(k, kinds[id(single)]) for k, single in enumerate(games)]
        self.commitment_boxes = tuple(user.kind.box for user in self._users)
        self.throttling = throttling
        self.possible_agents = [PROVIDER, *(user.name for user in self._users)]
        self.agents: list[str] = []
        self._offer_size = (self.num_users if commits == "never" else 2) + 2 * throttling
        self._offer_shape = (self._offer_size,)
        self._levels = self._grid_levels()
        self._action_spaces: dict[str, spaces.Space[Any]] = {PROVIDER: self._offer_space()}
        self._observation_spaces = {PROVIDER: self._provider_space()}
        for user in self._users:
            self._action_spaces[user.name] = spaces.Discrete(2)
            self._observation_spaces[user.name] = self._user_space(user)
        self.state_space = self._state_space()
        self._plain = commits != "never" and information == "memoryless" and grid is None and render_mode is None
        self._never_commits, self._remembers = commits == "never", information != "memoryless"
        blank = frozen(np.zeros(5 + self._remembers))
        self._blank_views = {PROVIDER: blank} | {user.name: blank for user in self._users}
        self._hidden = frozen([1, *[0] * (4 + self._remembers)])
        self._all_going = dict.fromkeys(self.possible_agents, False)
        self._provider_views: dict[tuple[int, int], Observation] = {}
        self._playing: list[User] = []
        self._alone: User | None = None
        self._round = 0
        self._keys: Words | None = None
        self._last_offer: bytes | None = None
        self._last_coordinates: list[float] = []

    def observation_space(self, agent: str) -> spaces.Box:
        """Return the space of an agent's observations, the same object each time."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return the space of an agent's actions, the same object each time."""
        return self._action_spaces[agent]

    @property
    def commitment_box(self) -> RoutingGame:
        """What the provider's actions mean to `user_0`, and to all users of the same game."""
        return self.commitment_boxes[0]

    @property
    def commitment(self) -> Commitment | tuple[Commitment | None, ...] | None:
        """What the provider is committed to: to all users, or to each where games or commitments differ.

        None before a commitment, and where the provider never commits.
        """
        if self.commits == "never":
            return None
        if self._one_commitment:
            return self._users[0].commitment
        each = tuple(user.commitment for user in self._users)
        return each if any(commitment is not None for commitment in each) else None

    def state(self) -> Observation:
        """Return all there is to know, for critics that see everything; see `state_space`.

        For each user: whether it begins a task next, whether its last pass failed and waits for an answer, the
        model of the last pass, passes and number of the current task, then route, cascade probability and latencies
        of the commitment that it is served under, 0 where there is none.
        """
        rows = []
        for user in self._users:
            rule = user.commitment
            terms = [0.0] * 4 if rule is None else [rule.route, rule.cascade_prob, *rule.throttled_latency]
            playing = user in self._playing
            rows += [playing and user.begins, playing and not user.begins, user.model, user.passes, user.task, *terms]
        return np.array(rows, dtype=np.float32)

    def scene(self) -> Scene:
        """Return what there is to see at this moment.

        Money and clocks are counted only where there is a render mode.

        Raises:
            ParameterError: the environment was made without one.
        """
        if self.render_mode is None:
            raise ParameterError("render_mode", "given where scenes are wanted", None)
        return self._ledger.scene

    def render(self) -> str | NDArray[np.uint8] | None:
        """Return the scene as text or as a picture, (height, width, 3); None without a render mode."""
        if self.render_mode is None:
            return None
        if self.render_mode == "ansi":
            return as_text(self._ledger.scene)
        from routegame.envs.render.frame import draw

        return draw(self._ledger.scene)

    def close(self) -> None:
        """Nothing is held open."""

    def start(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin an episode; return observations and infos of all agents.

        Args:
            seed: the same seed and the same actions give the same episodes, bit for bit; None goes on from the last
                seed given, and begins anywhere where there was none.
            options: not used.
        """
        if seed is not None or self._keys is None:
            chosen: Any = np.random.SeedSequence().entropy if seed is None else seed
            self._keys = stream_keys(chosen, np.arange(self.num_users))
            for user in self._users:
                user.clock = user.drawn = 0
                self._draw(user)
        else:
            for user in self._playing:
                user.clock += self._round
        self._round, self._deadline = 0, NEVER if self.max_cycles is None else self.max_cycles
        infos: dict[str, dict[str, Any]] = {}
        for user in self._users:
            user.restart()
            infos[user.name] = info = PASS_INFO.copy()
            info["action_mask"] = NO_SAY
        self._playing, self._beginning, self._decided = self._users, self.num_users, True
        self.agents = self.possible_agents.copy()
        self._views, self._going = self._blank_views.copy(), self._all_going.copy()
        self._look_around()
        infos[PROVIDER] = self._provider_info.copy()
        if self.render_mode is not None:
            self._ledger = Ledger(self._users, self.num_tasks, not self._never_commits, *self._names)
        return self._views.copy(), infos

    def play(self, actions: Mapping[str, Any]) -> Played:
        """Play one round; return observations, rewards, terminations, truncations and infos of all who played.

        Args:
            actions: one for every agent in `agents`.

        Raises:
            ActionError: an action is missing, superfluous or outside its agent's space, or no episode is
                under way. Nothing has changed then, and the round can be tried again.
        """
        # By far the commonest round: one user retries and fails. It has a short way of its own, which does what the
        # general one below would do.
        alone = self._alone
        if alone is not None and self._round < self._quiet_until and len(actions) == 2:
            offer, answer = actions.get(PROVIDER), actions.get(alone.name)
            if (
                answer.__class__ is int
                and answer == RETRY
                and offer.__class__ is np.ndarray
                and offer.dtype is FLOAT32
                and offer.ndim == 1
                and offer.tobytes() == self._last_offer
            ):
                model, below, above, same, reward, _, cost, info = alone.table[alone.at]
                word = alone.luck
                if word >= below:
                    alone.model = model
                    name, going = alone.name, self._going
                    alone.at = HANDED_OVER if word > above else same
                    alone.passes = passes = alone.passes + 1
                    info = info.copy()
                    info["passes"], info["task"] = passes, alone.task
                    provider_info = self._provider_info.copy()
                    provider_info["cost"] = cost
                    self._round += 1
                    try:
                        alone.luck = next(alone.words)
                    except StopIteration:
                        self._draw(alone)
                    return (
                        self._views.copy(),
                        {PROVIDER: -cost, name: reward},
                        going.copy(),
                        going.copy(),
                        {PROVIDER: provider_info, name: info},
                    )

        offer = self._check(actions)
        if self._never_commits:
            self._pick(offer)
        changed = self._beginning > 0 or self._never_commits
        if self._beginning:
            self._begin_tasks(offer)
        rewards, infos = {PROVIDER: 0.0}, {PROVIDER: self._provider_info}
        cost, over = 0.0, []
        for user in self._playing:
            name = user.name
            if user.leaves:
                user.status = ABANDONED
                rewards[name], infos[name] = 0.0, PASS_INFO | {"model": user.model, "abandoned": True}
                over.append(user)
            else:
                user.model, below, above, same, reward, reward_solved, price, info = user.table[user.at]
                user.passes += 1
                cost += price
                infos[name] = info.copy()
                word = user.luck
                if word < below:
                    rewards[name], user.status = reward_solved, SOLVED
                    over.append(user)
                else:
                    rewards[name], user.at = reward, HANDED_OVER if word > above else same
                    if self._remembers:
                        self._remember(user)
                    if user.passes == self.max_passes:
                        user.status = CUT_OFF
                        over.append(user)
            info = infos[name]
            info["task"], info["passes"] = user.task, user.passes
            try:
                user.luck = next(user.words)
            except StopIteration:
                self._draw(user)
        self._round += 1
        observations, terminations, truncations = self._views.copy(), self._going.copy(), self._going.copy()
        churn, lost = 0.0, 0
        if over or self._round == self._deadline:
            changed = True
            self._end(over, observations, terminations, truncations, infos)
            for user in over:
                if user.status == ABANDONED:
                    churn, lost = churn + user.kind.churn_penalty, lost + 1
        if changed:
            self._look_around()
            observations[PROVIDER] = self._views[PROVIDER]
        infos[PROVIDER] = info = self._provider_info.copy()
        info["cost"], info["abandonments"], rewards[PROVIDER] = cost, lost, -cost - churn
        if self.render_mode is not None:
            self._ledger.record(rewards, infos, cost, churn, self._playing)
        return observations, rewards, terminations, truncations, infos

    def check(self, agent: str, action: Any) -> None:
        """Check one agent's action.

        Raises:
            ActionError: it is outside the agent's space.
        """
        if agent == PROVIDER:
            self._checked_offer(action)
        else:
            self._checked_answer(agent, action)

    def _check(self, actions: Mapping[str, Any]) -> Sequence[float]:
        """Note what every user answers, and return the provider's action as coordinates in [0, 1].

        Raises:
            ActionError: see `play`.
        """
        if not self._playing or len(actions) > len(self.agents):
            self._refuse_strangers(actions)
        offer = self._checked_offer(actions.get(PROVIDER))
        for user in self._playing:
            user.leaves = self._checked_answer(user.name, actions.get(user.name))
        if len(actions) > len(self.agents):
            self._refuse_strangers(actions)
        return offer

    def _end(
        self,
        over: list[User],
        observations: dict[str, Observation],
        terminations: dict[str, bool],
        truncations: dict[str, bool],
        infos: dict[str, dict[str, Any]],
    ) -> None:
        """Put right what a round returns, after one in which tasks came to an end, or time."""
        for user in over:
            name, info = user.name, infos[user.name]
            info["action_mask"], info["solved"] = NO_SAY, user.status == SOLVED
            if user.status == CUT_OFF:
                truncations[name] = True
            elif user.task == self.num_tasks:
                terminations[name] = True
            else:
                user.begins = True
                self._beginning += 1
                observations[name] = self._views[name] = self._blank_views[name]
        if self._round == self._deadline:
            for user in self._playing:
                truncations[user.name] = not terminations[user.name]
        staying = []
        for user in self._playing:
            name = user.name
            if terminations[name] or truncations[name]:
                self._decided = self._decided and terminations[name]
                user.clock += self._round
                del self._views[name], self._going[name]
            else:
                staying.append(user)
        self._playing = staying
        if staying:
            self.agents = [PROVIDER, *(user.name for user in staying)]
        else:
            self.agents, self._beginning = [], 0
            terminations[PROVIDER], truncations[PROVIDER] = self._decided, not self._decided

    def _draw(self, user: User) -> None:
        """Draw a user's words ahead."""
        assert self._keys is not None
        counters = np.arange(user.drawn, user.drawn + max(BLOCK // self.num_users, 32))
        user.words = iter(words(self._keys[:, user.index, None], Purpose.PASS, counters).tolist())
        user.luck = next(user.words)
        user.drawn += counters.size

    def word(self, user: int, purpose: int) -> int:
        """Return the coming round's word of a user's stream for another purpose than passes, after `reset`."""
        assert self._keys is not None
        return int(words(self._keys[:, user, None], purpose, self._users[user].clock + self._round)[0])

    def _pick(self, offer: Sequence[float]) -> None:
        """Let the provider pick the models of this round's passes, and latencies; model 2 never hands back."""
        for user in self._playing:
            if user.begins:
                continue
            if user.at == SAME_MODEL and offer[user.index] > 0.5:
                user.at = HANDED_OVER
            if self.throttling:
                user.table = self._terms(user, self._slowed(offer))[1]

    def _slowed(self, offer: Sequence[float]) -> list[float]:
        """Return the part of an offer that slows down, as a commitment that never hands over."""
        return [0.0, 0.0, *offer[self.num_users :]]

    def _begin_tasks(self, offer: Sequence[float]) -> None:
        """Bind tasks that begin to a commitment; their users' answers have no effect."""
        for user in self._playing:
            if user.begins:
                self._begin(user, offer)
        self._beginning = 0

    def _begin(self, user: User, offer: Sequence[float]) -> None:
        first = user.task == 0
        user.begins = user.leaves = False
        user.status = RUNNING
        user.task += 1
        user.passes = 0
        if self.difficulty is not None:
            user.word = self.word(user.index, Purpose.DIFFICULTY)
        if self._never_commits:
            user.table = self._terms(user, self._slowed(offer))[1]
            user.at = 2 if offer[user.index] > 0.5 else 0
            user.view = self._views[user.name] = self._hidden
            return
        if first or self.commits == "task":
            user.commitment, user.table, exact = self._terms(user, offer)
            user.view = (
                exact if self.sight == "exact" else self._hidden if self.sight == "hidden" else self._glimpse(user)
            )
        elif user.word is not None and user.commitment is not None:
            user.table = user.kind.table(user.commitment, user.word)
        self._views[user.name] = user.view
        assert user.commitment is not None
        user.at = 2 * (user.commitment.route - 1)

    def _terms(self, user: User, offer: Sequence[float]) -> tuple[Commitment, tuple[Pass, ...], Observation]:
        """Return what an offer commits to, what the user's passes can bring under it, and how it looks."""
        commitment, table, view = user.kind.take(offer)
        return commitment, table if user.word is None else user.kind.table(commitment, user.word), view

    def _glimpse(self, user: User) -> Observation:
        """Return how a user's commitment looks through noise."""
        box = user.kind.box
        assert user.commitment is not None
        drawn = [NORMAL.inv_cdf((self.word(user.index, Purpose.SIGHT + k) + 0.5) / NUM_WORDS) for k in range(box.size)]
        seen = box.action(user.commitment) + self.noise * np.array(drawn)
        return user.kind.view(box.at(np.clip(seen, 0, 1).tolist()))

    def _remember(self, user: User) -> None:
        """Let a user see the failure that its next answer is about."""
        view = user.view.copy()
        view[-1] = user.model if self.information == "model" else user.passes
        self._views[user.name] = frozen(view)

    def _look_around(self) -> None:
        """Renew what the provider sees, and the part of its info that does not depend on the last round."""
        playing = self._playing
        if self._never_commits:
            seen = frozen([[user.model, user.passes] for user in self._users])
        else:
            counts = self._beginning, len(playing)
            if counts not in self._provider_views:
                self._provider_views[counts] = frozen(np.array(counts) / self.num_users)
            seen = self._provider_views[counts]
        self._views[PROVIDER] = seen
        self._provider_info: dict[str, Any] = {
            "has_say": self._provider_has_say(),
            "commitment": self._users[0].commitment if self._one_commitment else self.commitment,
            "cost": 0.0,
            "abandonments": 0,
        }
        if self.grid is not None:
            self._provider_info["action_mask"] = self._provider_mask()
        self._alone = None
        if len(playing) == 1 and not self._beginning and self._plain:
            self._alone = playing[0]
            self._quiet_until = min(self._deadline, self._round + self.max_passes - playing[0].passes) - 1

    def _provider_has_say(self) -> bool:
        if self.commits == "episode":
            return self._round == 0
        if self.commits == "task":
            return self._beginning > 0
        return any(user.begins or user.at == SAME_MODEL for user in self._playing)

    def _provider_mask(self) -> tuple[NDArray[np.int8], ...]:
        """Return which levels of each coordinate make a difference; where none does, only the lowest is left."""
        say = self._provider_has_say()
        if self.commits != "never":
            return tuple((np.arange(levels) < (levels if say else 1)).astype(np.int8) for levels in self._levels)
        masks = [NO_SAY] * self.num_users
        for user in self._playing:
            masks[user.index] = FREE if user.begins or user.at == SAME_MODEL else BOUND
        slow = [(np.arange(levels) < levels).astype(np.int8) for levels in self._levels[self.num_users :]]
        return (*masks, *slow)

    def _refuse_strangers(self, actions: Mapping[str, Any]) -> None:
        """Refuse actions of agents that are not playing."""
        if not self.agents:
            raise ActionError("every agent", "left out until reset() starts an episode", dict(actions))
        for agent, action in actions.items():
            if agent not in self.agents:
                space = self._action_spaces.get(agent, "none")
                raise ActionError(agent, f"left out: it is not playing (its space: {space})", action)

    def _checked_answer(self, user: str, answer: Any) -> bool:
        """Return whether a user leaves."""
        try:
            return LEAVES[index(answer)]
        except (KeyError, TypeError):
            raise ActionError(user, f"in {self._action_spaces[user]}", answer) from None

    def _checked_offer(self, offer: Any) -> list[float]:
        """Return the provider's action as coordinates in [0, 1]; one equal to the last is known to be good."""
        if (
            offer.__class__ is np.ndarray
            and offer.dtype is FLOAT32
            and offer.ndim == 1
            and offer.tobytes() == self._last_offer
        ):
            return self._last_coordinates
        if self.grid is not None:
            given = np.asarray(offer) if isinstance(offer, (np.ndarray, list, tuple)) else None
            if given is not None and given.dtype.kind in "iu" and given.shape == (self._offer_size,):
                levels = given.tolist()
                if all(0 <= level < count for level, count in zip(levels, self._levels, strict=True)):
                    return [level / (count - 1) for level, count in zip(levels, self._levels, strict=True)]
            raise ActionError(PROVIDER, f"in {self._action_spaces[PROVIDER]}", offer)
        try:
            given = np.asarray(offer)
        except ValueError:
            given = np.asarray(None)
        if given.shape == (self._offer_size,) and given.dtype.kind in "biuf":
            coordinates: list[float] = given.astype(np.float32).tolist()
            if all(0 <= x <= 1 for x in coordinates):
                self._last_offer, self._last_coordinates = given.astype(np.float32).tobytes(), coordinates
                return coordinates
        raise ActionError(PROVIDER, f"in {self._action_spaces[PROVIDER]}", offer)

    def _passes_needed(self) -> int:
        p1, p2 = (np.asarray(p) for p in self.game.success_prob)
        m1, m2 = self.retry_multiplier
        return passes_needed([np.min(p) for p in (p1, p2, p1 * m1, p2 * m2)], MAX_COUNT)

    def _grid_levels(self) -> tuple[int, ...]:
        if self.grid is None:
            return ()
        choices = self.num_users if self.commits == "never" else 1
        return (*(2,) * choices, *(self.grid,) * (self._offer_size - choices))

    def _offer_space(self) -> spaces.Space[Any]:
        return _box(np.ones(self._offer_size)) if self.grid is None else spaces.MultiDiscrete(list(self._levels))

    def _provider_space(self) -> spaces.Box:
        return _box([2, self.max_passes] * self.num_users if self.commits == "never" else [1, 1])

    def _user_space(self, user: User) -> spaces.Box:
        latency = user.kind.box.max_latency
        if max(latency) > float(np.finfo(np.float32).max):
            raise ParameterError("latency", "small enough for float32, in which users see it", latency)
        own = {"memoryless": [], "model": [2], "history": [self.max_passes]}
        return _box([1, 2, 1, *latency, *own[self.information]])

    def _state_space(self) -> spaces.Box:
        latencies = (box.max_latency for box in self.commitment_boxes)
        rows = [[1, 1, 2, self.max_passes, self.num_tasks, 2, 1, *latency] for latency in latencies]
        return _box(np.array(rows).reshape(-1))


def _games(game: Game, num_users: int | None) -> list[Game]:
    """Return every user's single game; users of a single game share it."""
    if game.shape == ():
        return [game] * (1 if num_users is None else as_count("num_users", num_users, MAX_COUNT))
    if len(game.shape) != 1 or not 1 <= game.shape[0] <= MAX_COUNT:
        raise ParameterError("game", "a single game, or one for each user", f"a batch of shape {game.shape}")
    if num_users is not None and num_users != game.shape[0]:
        raise ParameterError("num_users", f"{game.shape[0]}, one for each game of the batch, or left out", num_users)
    return [game.single(k) for k in range(game.shape[0])]


def _box(high: ArrayLike) -> spaces.Box:
    return spaces.Box(0.0, np.asarray(high, dtype=np.float32))
