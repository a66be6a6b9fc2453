"""A side of the routing game for a single learner: the other side is played by a given policy.

Both are Gymnasium environments and views of `routegame.envs.routing_v0`: spaces, rewards, infos and options are those
of the agent there. Many of them side by side, much faster, are in `routegame.envs.vector_env`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, SupportsFloat, cast

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import BoolArray, Float32Array
from routegame.envs.checks import ParameterError, refuse_unknown
from routegame.envs.copies import CopiedWhole, freeze
from routegame.envs.policy_table import PolicyTable
from routegame.envs.routing.quick_episodes import QuickEpisodes, Users
from routegame.envs.routing.rounds import ABANDON, PROVIDER, RETRY
from routegame.envs.routing.spaces import Mask, user_number
from routegame.envs.routing.user import Info, Observation
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.stackelberg import Single
from routegame.envs.tasks_like import TasksLike

Provider = Callable[[Observation], ArrayLike]
"""A policy of the provider: takes its observation, returns its action."""


"""An info, as Gymnasium calls further facts by name, see `routing_v0`."""

SEVERAL = ("padded", "ignore_ended")
"""Options of `routing_v0` that mean something where several agents act."""

OPTIONS = tuple(name for name in signature(RoutingEnv).parameters if name not in ("game", *SEVERAL))
"""Options of `routing_v0` for a single side: its arguments but for the game."""

Step = tuple[Observation, SupportsFloat, bool, bool, Info]


class _View(CopiedWhole, gymnasium.Env[Observation, object]):
    """The view that one agent has of `routing_v0`."""

    metadata: dict[str, object] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 2}  # noqa: RUF012, as Gymnasium's

    def __init__(self, agent: str, game: TasksLike, options: dict[str, Any]) -> None:
        self._routing = RoutingEnv(game, **options)
        self.render_mode = self._routing.render_mode
        self.observation_space = cast("spaces.Space[Observation]", self._routing.observation_space(agent))
        self.action_space = self._routing.action_space(agent)
        self._agent = agent
        self._mask: Mask | tuple[Mask, ...] = ()  # of its last info

    def __setstate__(self, state: dict[str, object]) -> None:
        vars(self).update(state)
        freeze(state.get("_seen"))  # policies of the other side are shown it

    @property
    def routing(self) -> RoutingEnv:
        """The environment that this is a view of."""
        return self._routing

    def render(self) -> str | NDArray[np.uint8] | None:
        """Return the scene as text or as a picture, (height, width, 3); None without a render mode.

        Raises:
            ResetNeeded: there is one, and there has been no episode.
        """
        return self.routing.render()

    def action_masks(self) -> BoolArray:
        """Return which choices make a difference now, those of several numbers one after the other.

        This is the method that maskable algorithms ask for, those of sb3-contrib for instance. A choice that makes none
        is left out but for the lowest; `routing_v0` has the masks in its infos.

        Raises:
            ParameterError: actions are no choices, but a box.
            ResetNeeded: before the first `reset`.
        """
        if isinstance(self.action_space, spaces.Box):
            raise ParameterError("grid", "given where actions are to be masked", None)
        self.routing.need_reset("action_masks")
        parts = self._mask if isinstance(self._mask, tuple) else (self._mask,)
        return np.concatenate(parts).astype(np.bool_)

    def _begin(self, seed: int | None) -> tuple[Observation, Info]:
        """Begin an episode of the routing game; its luck comes from the same seed as the other side's."""
        super().reset(seed=seed)
        self._seen, infos = self._routing.reset(seed=seed)
        return self._seen[self._agent].copy(), self._told(infos)

    def _told(self, infos: dict[str, Info]) -> Info:
        """Return the agent's info, as one that shares nothing with others: Gymnasium asks for that."""
        info = infos[self._agent]
        if "action_mask" in info:
            self._mask = info["action_mask"]
            own = tuple(part.copy() for part in self._mask) if isinstance(self._mask, tuple) else self._mask.copy()
            info["action_mask"] = own
        return info


@dataclass(frozen=True)
class _Steady:
    """The policy of a provider that has made up its mind."""

    action: Float32Array

    def __call__(self, seen: Observation) -> ArrayLike:
        return self.action


class LeaderEnv(_View):
    """The provider's side: users answer as they are told to.

    A step lasts from one of the provider's moves to the next, whatever the users play in between: with
    `commits="episode"` an episode is one step long. The reward is what the provider is paid in all of it, and the
    info is the provider's last one, with `cost` and `abandonments` of the whole step.

    Args:
        game: a single game, a scenario's name, or a batch with one game for each user.
        users: what they do. Where tasks differ, users who know their context are asked as those of its game, with what
            they see but for the context; those who do not with the mix.
        options: as for `routing_v0`.

    Where users are many and see nothing but the commitment, episodes are played in arrays, to the same bit and much
    faster: see `routegame.envs.routing.quick_episodes`. `routing` catches up when it is asked for.
    """

    def __init__(self, game: TasksLike = "nano-gpt5", *, users: Users, **options: Any) -> None:
        refuse_unknown("LeaderEnv", options, ("game", "users", *OPTIONS))
        super().__init__(PROVIDER, game, options)
        self._users = users
        self._quick = QuickEpisodes(self._routing) if QuickEpisodes.will_do(self._routing) else None

    @property
    def routing(self) -> RoutingEnv:
        """The environment that this is a view of."""
        if self._quick is not None and self._quick.leads:
            self._seen = self._quick.catch_up()
        return self._routing

    def reset(self, *, seed: int | None = None, options: dict[str, object] | None = None) -> tuple[Observation, Info]:
        """Begin an episode; options are not used."""
        if self._quick is None:
            return self._begin(seed)
        if seed is None and self._quick.leads:
            self._quick.begin()
        else:
            self._first = self._begin(seed)
            self._quick.follow()
        seen, info = self._first
        return seen.copy(), self._told({PROVIDER: info.copy()})

    def step(self, action: object) -> Step:
        """Make a move.

        Raises:
            ActionError: the action is outside the space, or no episode is under way. Nothing has changed then.
        """
        if self._quick is not None and self._quick.leads and self._quick.under_way:
            seen, reward, terminated, truncated, info = self._quick.play(action, self._users, self.np_random)
            return seen, reward, terminated, truncated, self._told({PROVIDER: info})
        reward = cost = 0.0
        abandonments = 0
        while True:
            actions = {name: self._answer(name) for name in self.routing.agents[1:]} | {PROVIDER: action}
            self._seen, rewards, terminations, truncations, infos = self.routing.step(actions)
            info = infos[PROVIDER]
            reward, cost, abandonments = (
                reward + rewards[PROVIDER],
                cost + info["cost"],
                abandonments + info["abandonments"],
            )
            over = terminations[PROVIDER] or truncations[PROVIDER]
            if over or info["has_say"]:
                info["cost"], info["abandonments"] = cost, abandonments
                told = self._told(infos)
                return self._seen[PROVIDER].copy(), reward, terminations[PROVIDER], truncations[PROVIDER], told

    def _answer(self, name: str) -> int:
        number = user_number(name)
        if not self.routing.has_say(number):
            return RETRY
        leaves = self._users(self.routing.game_of(number), self.routing.seen_of_offer(number, self._seen[name]))
        return ABANDON if self.np_random.random() < leaves else RETRY


class FollowerEnv(_View):
    """The side of a single user, of a provider that moves as it is told to.

    A step is a round: the answer to the last failure, and the pass that follows. In rounds in which a task begins the
    answer has no effect, since a first pass cannot be declined; with `decline=True` it can.

    Args:
        game: a single game, or a scenario's name.
        provider: a commitment; "random" for one drawn evenly from the box of actions whenever the provider moves; or
            a policy.
        options: as for `routing_v0`, without `num_users`.

    Raises:
        ParameterError: an argument out of range, more than one user, or a commitment where none is made.
    """

    def __init__(
        self,
        game: TasksLike = "nano-gpt5",
        *,
        provider: Single | PolicyTable | Literal["random"] | Provider = "random",
        **options: Any,
    ) -> None:
        named = (name for name in OPTIONS if name != "num_users" or name in options)
        refuse_unknown("FollowerEnv", options, ("game", "provider", *named))
        super().__init__("user_0", game, options)
        if self.routing.num_users != 1:
            raise ParameterError("num_users", "left out: this is the side of a single user", self.routing.num_users)
        if isinstance(provider, (Single, PolicyTable)):
            if self.routing.commits == "never" or self.routing.grid is not None:
                raise ParameterError("provider", "'random' or a policy, where actions are no commitments", provider)
            self._provider: Provider | None = _Steady(self.routing.commitment_box.action(provider))
        elif provider == "random":
            self._provider = None
        elif callable(provider):
            self._provider = provider
        else:
            raise ParameterError("provider", "a commitment, 'random' or a policy", provider)

    def reset(self, *, seed: int | None = None, options: dict[str, object] | None = None) -> tuple[Observation, Info]:
        """Begin an episode; options are not used."""
        seen, info = self._begin(seed)
        self._offer = self._move()
        return seen, info

    def step(self, action: object) -> Step:
        """Answer the last failure.

        Raises:
            ActionError: the action is outside the space, or no episode is under way. Nothing has changed then.
        """
        actions = {PROVIDER: self._offer, "user_0": action} if self.routing.agents else {"user_0": action}
        self._seen, rewards, terminations, truncations, infos = self.routing.step(actions)
        if infos[PROVIDER]["has_say"]:
            self._offer = self._move()
        return (
            self._seen["user_0"].copy(),
            rewards["user_0"],
            terminations["user_0"],
            truncations["user_0"],
            self._told(infos),
        )

    def _move(self) -> ArrayLike:
        if self._provider is not None:
            return self._provider(self._seen[PROVIDER])
        return self.routing.random_action()
