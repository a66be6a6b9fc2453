"""The rules of `routing_v0`, round by round: who has a say, what a round does, and what everyone is paid for it.

`Rounds` knows nothing of PettingZoo's two interfaces; `routegame.envs.routing_v0` adapts it to each. Beside this
module, `user` has what a user's passes can bring and what it sees, `provider` the provider's side between two rounds,
`spaces` what agents may do at all. Chance comes from `routegame.envs.sampling.streams`, one stream a user, one word a
round.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, cast, get_args

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_choice, as_count, as_single, known_as
from routegame.envs.copies import CopiedWhole, ReadOnlyArrays
from routegame.envs.game import Game, Information
from routegame.envs.menu_game import Form
from routegame.envs.render.scene import Scene, as_text
from routegame.envs.routing.contract import Contract, PlayOrder, contract_for
from routegame.envs.routing.ledger import Ledger
from routegame.envs.routing.mixture import Announce, Announcement, Mixture, refuse_unmixed
from routegame.envs.routing.padding import Padding
from routegame.envs.routing.provider import Provider
from routegame.envs.routing.spaces import (
    ABANDON,
    ARRAY,
    FLOAT32,
    FREE,
    PROVIDER,
    RETRY,
    ActionError,
    Commits,
    Differing,
    Mask,
    Spaces,
)
from routegame.envs.routing.user import (
    ABANDONED,
    CUT_OFF,
    RUNNING,
    SOLVED,
    WAITING_INFO,
    Info,
    Observation,
    Sight,
    User,
    UserType,
    frozen,
    place_of,
)
from routegame.envs.sampling.chances import MAX_COUNT, NUM_WORDS, as_max_passes, as_multipliers
from routegame.envs.sampling.drawn_contexts import DrawnContexts
from routegame.envs.sampling.streams import Purpose, stream_keys
from routegame.envs.scenarios import GameLike, Scenario, as_game, scenario
from routegame.envs.task_mix import TaskMix
from routegame.envs.tasks_like import NamedMix, TasksLike, mix_of

__all__ = ["ABANDON", "NOISE", "PROVIDER", "RETRY", "ActionError", "Commits", "Played", "RenderMode", "Rounds", "Sight"]

RenderMode = Literal["ansi", "rgb_array"]

Played = tuple[dict[str, Observation], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]
"""Results of a round, by agent: observations, rewards, terminations, truncations and infos."""

NOISE = 0.05
"""Default standard deviation of what users see of a commitment, where they see it through noise."""

BLOCK, SMALLEST_BLOCK, LARGEST_BLOCK = 8192, 32, 1024
"""Words drawn ahead: so many, shared by the users, but no fewer and no more than this for each."""

NEVER = 2**62
"""A round that is never reached."""


class Rounds(CopiedWhole, ReadOnlyArrays):
    """The routing game without an interface; `routegame.envs.routing_v0` says what the arguments mean.

    Attributes:
        game: a single game, or a batch with one game for each user; where tasks differ, those of their contexts.
        mix: the contexts of the tasks, where they differ; else None.
        num_users: number of users.
        num_tasks: tasks of each user in an episode.
        commits: when the provider moves: once an "episode", for each "task", or "never" ahead of the users.
        sight: how users see the commitment.
        noise: standard deviation of what they see of it, in the unit box of actions; 0.0 where sight is not noisy.
        information: what users see besides the commitment.
        throttling: whether the provider may slow its models down.
        grid: number of levels of an action's numbers; None for a box.
        ignore_ended: whether actions of agents whose episode is over are ignored while that of others goes on.
        retry_multiplier: how much likelier repeats succeed, one number for each model.
        difficulty: ν of the tasks; None where all are alike.
        max_passes: a task that fails this often is cut off.
        max_cycles: an episode that lasts so many rounds is cut off; None for no limit.
        contract: how the provider commits: what `order`, `form`, `decline` and `throttling` come to.
        announcement: what users see of commitments and contexts, where tasks differ; else None.
        render_mode: "ansi", "rgb_array", or None for no scenes.
        commitment_boxes: games as they are played, which give the provider's actions their meaning, one for each user.
        possible_agents: the provider, then the users in their order.
        agents: those who play on; none before the first `start`.
        seed: of the users' streams of chance, once there is one.
        state_space: space of `state`.

    Raises:
        ParameterError: an argument out of range, or two that exclude each other; says which.
    """

    metadata: ClassVar[dict[str, Any]] = {
        "name": "routing_v0",
        "render_modes": list(get_args(RenderMode)),
        "is_parallelizable": True,
        "render_fps": 2,
    }

    @known_as("routing_v0")
    def __init__(
        self,
        game: TasksLike = "nano-gpt5",
        *,
        num_users: int | None = None,
        num_tasks: int = 1,
        commits: Commits = "episode",
        sight: Sight = "exact",
        noise: float | None = None,
        information: Information = "memoryless",
        throttling: bool = False,
        max_latency: Sequence[float] | None = None,
        grid: int | None = None,
        retry_multiplier: float | Sequence[float] = 1.0,
        difficulty: float | None = None,
        max_passes: int | None = None,
        max_cycles: int | None = None,
        render_mode: RenderMode | None = None,
        order: PlayOrder | None = None,
        form: Form | None = None,
        decline: bool = False,
        context_visible: bool | None = None,
        signal: ArrayLike | None = None,
        announce: Announce | None = None,
        flat: bool = False,
        padded: bool = False,
        ignore_ended: bool = False,
    ) -> None:
        # The settings, checked once.
        given = mix_of(game)
        self.mix: TaskMix | None = None if given is None else given.mix
        self.game: Game = as_game(cast("GameLike", game)) if given is None else given.mix.games
        named = given or (game if isinstance(game, Scenario) else scenario(game) if isinstance(game, str) else None)
        if self.mix is None:
            refuse_unmixed(context_visible=context_visible, signal=signal, announce=announce)
            games = _games(self.game, num_users)
        else:
            games = _games(self.mix.game(0), num_users)
        self.num_users: int = len(games)
        self.num_tasks: int = as_count("num_tasks", num_tasks, MAX_COUNT)
        self.commits: Commits = as_choice("commits", commits, get_args(Commits))
        self.sight: Sight = as_choice("sight", sight, get_args(Sight))
        self.information: Information = as_choice("information", information, get_args(Information))
        self.render_mode: RenderMode | None = as_choice("render_mode", render_mode, (*get_args(RenderMode), None))
        if commits == "never" and sight != "exact":
            raise ParameterError("sight", "left out where the provider never commits", sight)
        if noise is not None and sight != "noisy":
            raise ParameterError("noise", "left out where sight is not 'noisy'", noise)
        blur = _positive("noise", NOISE if noise is None else noise)
        self.noise: float = blur if sight == "noisy" else 0.0
        models = self.game.num_models
        self.contract: Contract = contract_for(models, order=order, form=form, decline=decline, throttling=throttling)
        self.retry_multiplier: tuple[float, ...] = as_multipliers(retry_multiplier, models)
        self.difficulty: float | None = None if difficulty is None else _positive("difficulty", difficulty)
        self.grid: int | None = None if grid is None else as_count("grid", grid, MAX_COUNT, smallest=2)
        self.max_cycles: int | None = None if max_cycles is None else as_count("max_cycles", max_cycles, MAX_COUNT)
        chances = np.stack(np.broadcast_arrays(*self.game.success_prob)).reshape(models, -1)
        self.max_passes: int = as_max_passes(max_passes, chances, self.retry_multiplier)
        self.throttling: bool = throttling
        self.ignore_ended: bool = ignore_ended

        self._remembers: bool = information != "memoryless"  # whether users see something of each failure

        # The agents, and what they may do and see. Users of one game are of one type.
        rules: dict[str, Any] = {
            "retry_multiplier": self.retry_multiplier,
            "difficulty": self.difficulty,
            "sight": self.sight,
            "noise": self.noise,
            "information": self.information,
            "max_passes": self.max_passes,
        }
        self._mixture: Mixture | None = None
        self.announcement: Announcement | None = None
        if given is None:
            kinds = {
                id(single): UserType(self.contract.box(single, max_latency), self.contract, **rules) for single in games
            }
            self._users: list[User] = [User(k, kinds[id(single)]) for k, single in enumerate(games)]
            boxes: list[Any] = [user.kind.game for user in self._users]
        else:
            self.announcement = Announcement(
                DrawnContexts(given.mix, signal),
                self.contract,
                commits=self.commits,
                num_users=self.num_users,
                context_visible=given.users in (None, "sighted") if context_visible is None else context_visible,
                announce=announce,
                noisy=sight == "noisy",
                max_latency=max_latency,
            )
            self._mixture = mixture = Mixture(self.announcement, self.commits, rules)
            self._users = [User(k, mixture.kind(0), mixture) for k in range(self.num_users)]
            boxes = [mixture.box] * self.num_users
        self.commitment_boxes: tuple[Any, ...] = tuple(boxes)
        self.possible_agents: list[str] = [PROVIDER, *(user.name for user in self._users)]
        self._spaces: Spaces = Spaces(
            [user.kind.game for user in self._users],
            self.contract,
            commits=self.commits,
            information=self.information,
            grid=self.grid,
            max_passes=self.max_passes,
            num_tasks=self.num_tasks,
            differing=self._differing(),
            flat=flat,
            padded=padded,
        )
        self._padding: Padding | None = self._spaces.padding
        self.state_space: spaces.Box = self._spaces.state
        one_game = self.game.shape == ()
        looks = None if self._mixture is None or commits == "episode" else self._mixture.looks
        self._provider: Provider = Provider(self._users, self.commits, one_game, self._spaces, self.contract, looks)

        # The episode under way; before the first, one that is over.
        self.agents: list[str] = []
        self._seeded: bool = False  # whether users have streams of chance
        self.seed: int = 0
        self._round: int = 0  # rounds played
        self._deadline: int = NEVER if self.max_cycles is None else self.max_cycles  # the last round
        self._playing: list[User] = []  # users whose episode goes on
        self._beginning: int = 0  # how many of them begin a task in the next round
        self._decided: bool = True  # whether all users who have left did so by an ending, not by a cut-off
        self._views: dict[str, Observation] = {}  # what everyone who plays sees
        self._going: dict[str, bool] = {}  # False for everyone who plays
        blank = frozen(np.zeros_like(self._users[0].kind.hidden))
        self._blank_views: dict[str, Observation] = dict.fromkeys(self.possible_agents, blank)  # before a task
        self._all_going: dict[str, bool] = dict.fromkeys(self.possible_agents, False)

        # Whether users may decline without having been offered anything, since nobody commits.
        self._offers_nothing: bool = self.contract.declines and commits == "never"

        # Whether rounds may go the shortest way, see `play_quickly`, or are plain, see `_play_plainly`; and who plays
        # the coming ones if they may go the shortest: a user alone, in all rounds up to one.
        self._may_be_quiet: bool = (
            commits != "never"
            and information == "memoryless"
            and grid is None
            and render_mode is None
            and self._padding is None
        )
        self._is_plain: bool = (
            self._may_be_quiet
            and commits == "episode"
            and sight == "exact"
            and difficulty is None
            and self._mixture is None
            and not self.contract.declines
        )
        self._alone: User | None = None
        self._quiet_until: int = 0

        # Scenes: how models and units are called, and the accounts of the episode.
        self._models: tuple[str, ...] = _names(self.game, named)
        self._units: tuple[str, str] = ("", "") if named is None else named.units
        self._ledger: Ledger | None = self._new_ledger()  # None without a render mode

    # Spaces and commitments

    def observation_space(self, agent: str) -> spaces.Box:
        """Return the space of an agent's observations, the same object each time."""
        return self._spaces.observations[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return the space of an agent's actions, the same object each time."""
        return self._spaces.actions[agent]

    @property
    def commitment_box(self) -> Any:
        """Meaning of the provider's actions to `user_0`, and to all users of the same game: a `Box`.

        A `routegame.envs.routing.mixture.TableBox` where tasks differ.
        """
        return self.commitment_boxes[0]

    def game_of(self, user: int) -> Game | TaskMix:
        """Return the game that a user, by its number, knows itself to play.

        Where tasks differ it is that of its task if it knows the context, and else the mix.
        """
        if self.announcement is not None and not self.announcement.context_visible:
            return self.announcement.drawn.mix
        return self._users[user].kind.game.game

    def seen_of_offer(self, user: int, seen: Observation) -> Observation:
        """Return what a user, by its number, sees but for the context of its task."""
        announced = self.announcement
        if announced is None or not announced.context_visible:
            return seen
        begin = 1 + announced.num_announced
        return frozen(np.delete(seen, slice(begin, begin + announced.known.shape[1])))

    def _differing(self) -> Differing | None:
        """Return what is other about spaces where tasks differ."""
        announced = self.announcement
        if announced is None:
            return None
        memory = {"memoryless": [], "model": [self.contract.num_models], "history": [self.max_passes]}
        looks: FloatArray = announced.drawn.looks
        looks = looks[:, :0] if self.commits == "episode" else np.vstack([looks, np.zeros_like(looks[:1])])
        return Differing(
            num_commitments=announced.num_commitments,
            task=(looks.min(axis=0).tolist(), looks.max(axis=0).tolist()),
            user=announced.most_seen(memory[self.information]),
            max_latency=announced.max_latency.max(axis=1).tolist(),
            num_contexts=announced.drawn.mix.num_contexts,
        )

    @property
    def observation_spaces(self) -> dict[str, spaces.Box]:
        """Spaces of all agents' observations, which some libraries ask for in place of `observation_space`."""
        return self._spaces.observations

    @property
    def action_spaces(self) -> dict[str, spaces.Space[Any]]:
        """Spaces of all agents' actions, likewise."""
        return self._spaces.actions

    def commitment_of(self, action: object) -> Any:
        """Return what an action of the provider commits it to; where users play different games, what to `user_0`.

        Raises:
            ActionError: it is outside the space.
            ParameterError: the provider never commits.
        """
        if self.commits == "never":
            raise ParameterError("commits", "'episode' or 'task' where actions are commitments", self.commits)
        return self.commitment_box.commitment(self.coordinates(action))

    def coordinates(self, action: object) -> list[float]:
        """Return an action of the provider as coordinates in [0, 1].

        Raises:
            ActionError: it is outside the space.
        """
        return self._provider.coordinates(action)

    @property
    def masks_without_say(self) -> Mask | tuple[Mask, ...]:
        """The provider's masks, with a grid, where it has no say."""
        return self._provider.closed

    @property
    def commitment(self) -> Any:
        """The commitment in force: one to all users, or one to each where games or commitments differ.

        None before a commitment, and where the provider never commits.
        """
        return self._provider.commitment

    # The beginning of an episode

    def start(
        self, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Begin an episode; return observations and infos of all agents.

        Args:
            seed: the same seed and the same actions give the same episodes, bit for bit; None goes on from the last
                seed given, and begins anywhere where there was none.
            options: not used.
        """
        if seed is not None or not self._seeded:
            self._seed(seed)
        infos = {}
        for user in self._users:
            user.restart()
            infos[user.name] = WAITING_INFO.copy()
            if self._offers_nothing:
                user.offered, infos[user.name]["action_mask"] = True, FREE
        self._round, self._decided = 0, True
        self._playing, self._beginning = self._users, self.num_users
        self.agents = self.possible_agents.copy()
        self._views, self._going = self._blank_views.copy(), self._all_going.copy()
        if self._is_plain:
            self._provider.begin()
            self._views[PROVIDER], self._alone = self._provider.view, None
        else:
            self._look_around()
        if self.render_mode is not None:
            self._ledger = self._new_ledger()
        infos[PROVIDER] = self._provider.info.copy()
        if self._padding is not None:
            return self._padding.seen(self._views), self._padding.told(infos)
        return self._views.copy(), infos

    def _seed(self, seed: int | None) -> None:
        chosen: Any = np.random.SeedSequence().entropy if seed is None else seed
        self.seed = int(chosen)
        keys = stream_keys(chosen, np.arange(self.num_users))
        most = min(max(BLOCK // self.num_users, SMALLEST_BLOCK), LARGEST_BLOCK)
        for user in self._users:
            user.seed(keys[:, user.index, None], SMALLEST_BLOCK, most)
        self._seeded = True

    # A round

    def play(self, actions: Mapping[str, object]) -> Played:
        """Play one round; return observations, rewards, terminations, truncations and infos of all who played.

        After the end of an episode nobody plays, and no actions bring nothing, as in PettingZoo's own conversions.

        Args:
            actions: one for every agent in `agents`; with `ignore_ended` others may have one as well.

        Raises:
            ActionError: an action is missing, superfluous or outside its agent's space, or there has been no episode.
                Nothing has changed then, and the round can be tried again.
        """
        if self._seeded and not self.agents and not actions:
            return {}, {}, {}, {}, {}
        return self._play(self._checked(actions))

    def _play(self, offer: Sequence[float]) -> Played:
        """Play one round, given the provider's action as coordinates; what users answer has been noted."""
        news = self._beginning > 0 or self.commits == "never"  # whether the provider sees something new
        if self.commits == "never":
            self._pick(offer)
        if self._beginning:
            self._begin_tasks(offer)

        rewards, infos, compute = {PROVIDER: 0.0}, {PROVIDER: self._provider.info}, 0.0
        over = []
        for user in self._playing:
            name = user.name
            if user.begins:  # it has been offered a task, and has not answered yet
                rewards[name], infos[name] = 0.0, user.offer_info()
                continue
            rewards[name], info = user.abandon() if user.leaves else user.play_pass()
            infos[name] = info
            compute += info["cost"]
            if self._remembers and user.status != SOLVED:
                self._views[user.name] = user.look()
            if user.status != RUNNING:
                over.append(user)
        self._round += 1

        observations, terminations, truncations = self._views.copy(), self._going.copy(), self._going.copy()
        churn, lost = 0.0, 0
        if over or self._round == self._deadline:
            news = True
            churn, lost = self._end(over, observations, terminations, truncations, infos)
        if news:
            self._look_around()
            observations[PROVIDER] = self._provider.view
        infos[PROVIDER] = info = self._provider.info.copy()
        info["cost"], info["abandonments"], rewards[PROVIDER] = compute, lost, -compute - churn
        if self._ledger is not None:
            self._ledger.record(rewards, infos, compute, churn, self._playing)
        if self._padding is not None:
            observations, infos = self._padding.seen(observations), self._padding.told(infos)
        return observations, rewards, terminations, truncations, infos

    # Rounds of the commonest kinds, bit for bit as above

    def play_quickly(self, actions: Mapping[str, object]) -> Played:
        """Play one round as `play` does, bit for bit, by a shorter way where it is of a common kind.

        The shortest way is that of the only user left who retries while the provider repeats itself, if the pass
        fails: there is nothing to check, to begin or to end, and nobody sees anything new. It does what
        `User.play_pass` would do. What that is worth is measured by `make speed SECTIONS=parallel_env` and
        `random_play`.
        """
        user = self._alone
        if user is not None and self._round < self._quiet_until and len(actions) == 2:
            name, offer, provider = user.name, actions.get(PROVIDER), self._provider
            if (
                actions.get(name) is RETRY  # whatever else means the same goes the longer way
                and offer.__class__ is ARRAY
                and offer.dtype is FLOAT32
                and offer.ndim == 1
                and offer.tobytes() == provider.offer
            ):
                table, at, luck = user.table, user.at, user.luck
                assert table is not None
                played, moves, word = table.passes[at], table.moves[at], luck.pop()
                if played is None or moves is None or word < played.solved_below:
                    luck.append(word)  # for whoever plays the pass
                else:
                    if not luck:
                        user.draw()
                    self._round += 1
                    user.model = played.model
                    user.passes = passes = user.passes + 1
                    user.at = played.onward[bisect_left(moves, word)] if word > moves[0] else played.again
                    info, provider_info = played.info.copy(), provider.info.copy()
                    info["task"], info["passes"] = user.task, passes
                    provider_info["cost"] = cost = played.cost
                    going = self._going
                    return (
                        self._views.copy(),
                        {PROVIDER: -cost, name: played.reward_failed},
                        going.copy(),
                        going.copy(),
                        {PROVIDER: provider_info, name: info},
                    )
        if self._is_plain and self._playing:
            return self._play_plainly(self._checked(actions))
        return self.play(actions)

    def play_checked(self, offer: Sequence[float]) -> Played:
        """Play one round as `play` does, where all actions have been checked by `_taken_offer` and `_take_answer`."""
        return self._play_plainly(offer) if self._is_plain else self._play(offer)

    def _play_plainly(self, offer: Sequence[float]) -> Played:
        """Play one round as `_play` does, of users who see the commitment and nothing else, once an episode, exactly.

        Their tasks are all alike, they cannot be declined, and nobody watches.
        """
        provider, playing, views = self._provider, self._playing, self._views
        news = self._beginning > 0
        if news:
            self._begin_plainly(offer)
        rewards, infos, compute = {PROVIDER: 0.0}, {PROVIDER: provider.info}, 0.0
        over, most = [], self.max_passes
        for user in playing:
            name = user.name
            if user.leaves:
                rewards[name], infos[name] = user.abandon()
                over.append(user)
                continue
            table, at, luck, passes = user.table, user.at, user.luck, user.passes + 1
            assert table is not None
            played, moves, word = table.passes[at], table.moves[at], luck.pop()
            if moves is None or played is None or word < played.solved_below or passes == most:
                luck.append(word)
                rewards[name], infos[name] = _, info = user.play_pass()
                compute += info["cost"]
                if user.status != RUNNING:
                    over.append(user)
                continue
            # The task goes on, as most do: what `play_pass` does then.
            user.model, user.passes = played.model, passes
            user.at = played.onward[bisect_left(moves, word)] if word > moves[0] else played.again
            infos[name] = info = played.info.copy()
            info["task"], info["passes"], rewards[name] = user.task, passes, played.reward_failed
            compute += played.cost
            if not luck:
                user.draw()
        self._round += 1

        observations, terminations, truncations = views.copy(), self._going.copy(), self._going.copy()
        churn, lost = 0.0, 0
        if over or self._round == self._deadline:
            news = True
            churn, lost = self._end(over, observations, terminations, truncations, infos)
        if news:
            self._count()
            observations[PROVIDER] = provider.view
        infos[PROVIDER] = info = provider.info.copy()
        info["cost"], info["abandonments"], rewards[PROVIDER] = compute, lost, -compute - churn
        return observations, rewards, terminations, truncations, infos

    def _begin_plainly(self, offer: Sequence[float]) -> None:
        """Begin tasks as `_begin_tasks` does, where all users have been committed to at once if at all."""
        views, playing = self._views, self._playing
        if playing[0].terms is None:
            for user in playing:
                user.terms = user.table = terms = user.kind.take(offer)
                user.view = terms.view
            self._provider.tell(False)
        for user in playing:
            if user.begins:
                user.begins, user.leaves, user.status, user.passes = False, False, RUNNING, 0
                user.task += 1
                user.find_start()
                views[user.name] = user.view
        self._beginning = 0

    def _count(self) -> None:
        """Do what `_look_around` does after a plain round: its commitment made, the provider is told nothing new."""
        beginning, playing = self._beginning, self._playing
        self._provider.count(beginning, len(playing))
        self._views[PROVIDER] = self._provider.view
        self._alone = None
        if len(playing) == 1 and not beginning:
            self._leave_alone(playing[0])

    def _leave_alone(self, user: User) -> None:
        """Take note of a user who is alone, and until which round its rounds may go the shortest way."""
        last = self._round + self.max_passes - user.passes
        self._alone, self._quiet_until = user, (last if last < self._deadline else self._deadline) - 1

    # Before the passes of a round: actions, and tasks that begin

    def check(self, agent: str, action: object) -> None:
        """Check one agent's action.

        Raises:
            ActionError: it is outside the agent's space.
        """
        if agent == PROVIDER:
            self._provider.coordinates(action)
        else:
            self._spaces.leaves(agent, action)

    def _checked(self, actions: Mapping[str, object]) -> Sequence[float]:
        """Note what every user answers, and return the provider's action as coordinates in [0, 1].

        Raises:
            ActionError: see `play`.
        """
        if not self.agents:
            raise ActionError("every agent", "left out until reset() starts an episode", dict(actions))
        if len(actions) > len(self.agents):
            allowed = self.possible_agents if self.ignore_ended else self.agents
            agent = next((agent for agent in actions if agent not in allowed), None)
            if agent is not None:
                space = self._spaces.actions.get(agent, "none")
                raise ActionError(agent, f"left out: it is not playing (its space: {space})", actions[agent])
        offer = self._provider.coordinates(actions.get(PROVIDER))
        padded = self._padding is not None
        for user in self._playing:
            answer = actions.get(user.name)
            if (answer is RETRY or answer is ABANDON) and not padded:  # as most answers are
                user.leaves = answer is ABANDON
            else:
                user.leaves = self._spaces.leaves(user.name, answer)
        return offer

    def _taken_offer(self, action: object) -> Sequence[float]:
        """Return the provider's action as coordinates in [0, 1], for `play_checked`.

        Raises:
            ActionError: it is outside the space.
        """
        return self._provider.coordinates(action)

    def _take_answer(self, place: int, action: object) -> None:
        """Note what one of those who play answers, for `play_checked`.

        Args:
            place: of the user among them.
            action: its answer.

        Raises:
            ActionError: it is outside the space.
        """
        user = self._playing[place]
        user.leaves = self._spaces.leaves(user.name, action)

    def _pick(self, offer: Sequence[float]) -> None:
        """Let the provider pick the models of this round's passes, and latencies."""
        for user in self._playing:
            if user.begins:
                continue
            last, picked = user.model - 1, self.contract.picked(offer[user.index])
            moves = picked > last or (self.contract.HANDS_BACK and picked < last)
            user.at = place_of(picked) if moves else place_of(last, repeats=True)
            if self.throttling:
                self._slow_down(user, offer)

    def _begin_tasks(self, offer: Sequence[float]) -> None:
        """Begin the tasks of users who are to begin one, or offer them one that they may decline."""
        left, declines = 0, self.contract.declines
        for user in self._playing:
            if user.begins:
                if self.commits == "never":
                    user.begin_task(None)
                    self._slow_down(user, offer)
                    user.at = place_of(self.contract.picked(offer[user.index]))
                elif declines and not user.offered:
                    user.agree(offer)
                    user.offered, left = True, left + 1
                    self._views[user.name] = user.offer_view
                    continue
                elif declines:
                    user.begin_task(None)
                else:
                    user.begin_task(offer if self.commits == "task" or user.commitment is None else None)
                self._views[user.name] = user.view
        self._beginning = left

    def _slow_down(self, user: User, offer: Sequence[float]) -> None:
        """Serve a user's task at the latencies of an offer that picks models, as if under a commitment."""
        unsaid = self.contract.num_switches + self.contract.num_shares
        terms = user.kind.take([0.0] * unsaid + list(offer[self.num_users :]), 0)
        user.serve(terms)

    # After the passes of a round: endings, and what there is to see

    def _end(
        self,
        over: list[User],
        observations: dict[str, Observation],
        terminations: dict[str, bool],
        truncations: dict[str, bool],
        infos: dict[str, Info],
    ) -> tuple[float, int]:
        """Put right what a round returns, after one in which tasks came to an end, or time.

        Args:
            over: users whose task is over.
            observations: of all who played, as if no task were over, like the rest.
            terminations: likewise.
            truncations: likewise.
            infos: likewise.

        Returns:
            What abandonments cost the provider, and how many there were.
        """
        churn, lost = 0.0, 0
        gone = []  # users whose episode is over
        for user in over:
            name, status = user.name, user.status
            if status == ABANDONED:
                churn, lost = churn + user.kind.churn_penalty, lost + 1
            if status == CUT_OFF:
                truncations[name] = True
                gone.append(name)
            elif user.task == self.num_tasks:
                terminations[name] = True
                gone.append(name)
            else:
                user.begins = True
                user.look_ahead()
                self._beginning += 1
                observations[name] = self._views[name] = self._blank_views[name]
                if self.contract.declines and self.commits != "task":  # what is offered is known
                    user.offered, infos[name]["action_mask"] = True, FREE
                    if self.commits == "episode":
                        user.renew()
                        observations[name] = self._views[name] = user.offer_view
        if self._round == self._deadline:
            gone = [user.name for user in self._playing]
            for name in gone:
                truncations[name] = not terminations[name]
        for name in gone:
            if truncations[name]:
                self._decided = False
        if len(gone) == len(self._playing):
            self._playing, self.agents, self._beginning = [], [], 0
            terminations[PROVIDER], truncations[PROVIDER] = self._decided, not self._decided
        elif gone:
            views, going = self._views, self._going
            for name in gone:
                del views[name], going[name]
            self._playing = [user for user in self._playing if user.name in going]
            self.agents = list(going)
        return churn, lost

    def _look_around(self) -> None:
        """Renew what the provider sees and is told, and find out whether the coming rounds may be the shortest."""
        awaiting = self._beginning
        if self.contract.declines:
            awaiting = sum(user.begins and not user.offered for user in self._playing)
        self._provider.look_around(self._playing, self._beginning, awaiting)
        self._views[PROVIDER] = self._provider.view
        self._alone = None
        if self._may_be_quiet and not self._beginning and len(self._playing) == 1:
            self._leave_alone(self._playing[0])

    # Watching

    def state(self) -> Observation:
        """Return all there is to know, for critics that see everything; see `state_space`.

        For each user: whether it begins a task next, whether its last pass failed and waits for an answer, the
        model of the last pass, passes and number of the current task, then the commitment that it is served under, as
        users see it exactly, 0 where there is none. Both of the first are 1 where it may decline the task that it
        begins. Where tasks differ the number of the context follows, of the task that it begins next or is at.
        """
        rows: list[float] = []
        for user in self._users:
            rule = user.commitment
            terms = self.contract.seen(rule.alone())[0].tolist() if rule is not None else [0.0] * user.kind.num_seen
            begins, asked = user.begins, user.offered or not user.begins
            playing = user in self._playing
            rows += [playing and begins, playing and asked, user.model, user.passes, user.task, *terms]
            if self.mix is not None:
                rows.append(user.context + 1)
        return np.array(rows, dtype=np.float32)

    def scene(self) -> Scene:
        """Return what there is to see at this moment.

        Money and clocks are counted only where there is a render mode.

        Raises:
            ParameterError: the environment was made without one.
        """
        if self._ledger is None:
            raise ParameterError("render_mode", "given where scenes are wanted", None)
        return self._ledger.scene

    def render(self) -> str | NDArray[np.uint8] | None:
        """Return the scene as text or as a picture, (height, width, 3); None without a render mode.

        Raises:
            ResetNeeded: there is one, and there has been no episode.
        """
        if self.render_mode is None:
            return None
        self.need_reset("render")
        if self.render_mode == "ansi":
            return as_text(self.scene())
        from routegame.envs.render.frame import draw

        return draw(self.scene())

    def need_reset(self, call: str) -> None:
        """Refuse a call before the first episode.

        Raises:
            ResetNeeded: there has been none.
        """
        if not self._seeded:
            raise ResetNeeded(f"call reset() before {call}()")

    def has_say(self, user: int) -> bool:
        """Return whether the next answer of a user who is playing, by its number, makes a difference."""
        return self._users[user].offered or not self._users[user].begins

    def random_action(self) -> Float32Array | IntArray:
        """Return an action of the provider drawn evenly, by words of the coming round of `user_0`, after `start`."""
        size = self._spaces.offer_size
        purpose = self.contract.RANDOM if self.mix is None else Purpose.MIX_COMMITMENT
        return self._spaces.action_at(np.array([self.word(0, purpose + k) for k in range(size)]) / NUM_WORDS)

    def word(self, user: int, purpose: int) -> int:
        """Return the coming round's word of a user's stream for another purpose than passes, after `start`."""
        return self._users[user].word(purpose)

    @property
    def positions(self) -> IntArray:
        """Rounds that each user has played since seeding, (num_users,): where its stream of chance is."""
        return np.array([user.position for user in self._users], dtype=np.int64)

    def go_to(self, positions: IntArray) -> None:
        """Let streams of chance go on from there, (num_users,), in the next episode."""
        for user, position in zip(self._users, positions.tolist(), strict=True):
            user.go_to(position)

    def close(self) -> None:
        """Nothing is held open."""

    def _new_ledger(self) -> Ledger | None:
        if self.render_mode is None:
            return None
        return Ledger(self._users, self.num_tasks, self.commits != "never", self._models, self._units)


def _names(game: Game, named: Scenario | NamedMix | None) -> tuple[str, ...]:
    """Return what the models are called: as the game says, or its scenario, or by their numbers."""
    if named is not None:
        return named.models
    return game.names or tuple(f"model {model}" for model in range(1, game.num_models + 1))


def _games(game: Game, num_users: int | None) -> list[Game]:
    """Return every user's single game; users of a single game share it."""
    if game.shape == ():
        return [game] * (1 if num_users is None else as_count("num_users", num_users, MAX_COUNT))
    if len(game.shape) != 1 or not 1 <= game.shape[0] <= MAX_COUNT:
        raise ParameterError("game", "a single game, or one for each user", f"a batch of shape {game.shape}")
    if num_users is not None and num_users != game.shape[0]:
        raise ParameterError("num_users", f"{game.shape[0]}, one for each game of the batch, or left out", num_users)
    return [game.single(k) for k in range(game.shape[0])]


def _positive(parameter: str, value: float) -> float:
    return as_single(parameter, value, 0, np.inf, closed="neither")
