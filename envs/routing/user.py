"""A user in an episode of `routing_v0`: what a commitment means to it, where its task stands, and its luck."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from struct import pack
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.game import Game, Information
from routegame.envs.render.scene import Status
from routegame.envs.routing.contract import Box, Contract, Offered
from routegame.envs.routing.spaces import FLOAT32, FREE, NO_SAY, user_name
from routegame.envs.sampling.chances import NUM_WORDS, of_repeat, of_task, row_moved_above, success_below
from routegame.envs.sampling.streams import Purpose, Words, words

Observation = Float32Array
Info = dict[str, Any]

Sight = Literal["exact", "noisy", "hidden"]
"""How users see a commitment."""

NORMAL = NormalDist()

WAITING: Status = "waiting"
RUNNING: Status = "running"
SOLVED: Status = "solved"
ABANDONED: Status = "abandoned"
CUT_OFF: Status = "cut off"

PASS_INFO: Info = {
    "action_mask": FREE,
    "task": 0,
    "passes": 0,
    "model": 0,
    "solved": False,
    "abandoned": False,
    "latency": 0.0,
    "cost": 0.0,
}
"""A user's info, with what is the same in most rounds."""

WAITING_INFO = PASS_INFO | {"action_mask": NO_SAY}
"""A user's info before its first task."""


def place_of(model: int, repeats: bool = False) -> int:
    """Return where a pass on a model, from 0, stands in a table: the first one of a model, then those after it."""
    return 2 * model + repeats


@dataclass(slots=True, eq=False)  # never changed, but to freeze it takes longer than to compute it
class Pass:
    """The outcomes that a pass can have, whatever the commitment, so that most rounds only have to look them up.

    Attributes:
        model: the model that runs it, from 1.
        solved_below: words of chance below this one solve the task.
        again: where the next pass stands in the table if the task fails and stays with the model.
        onward: where it stands if the word is above so many of the table's thresholds: the entry so far on.
        reward_failed: the user's reward if the pass fails, in units of latency.
        reward_solved: the user's reward if it solves the task, likewise.
        cost: that the provider bears.
        info: the user's, if the pass fails and the task goes on; `task` and `passes` are still to be entered.
        info_solved: the same if it solves the task.
    """

    model: int
    solved_below: int
    again: int
    onward: Sequence[int]
    reward_failed: float
    reward_solved: float
    cost: float
    info: Info
    info_solved: Info


@dataclass(slots=True, eq=False)
class Table:
    """What passes can bring under a commitment: of model 1 at first and again, of model 2 likewise, and so on.

    Few of them are ever played, and fewer fail, so each is computed when it is wanted first.

    Attributes:
        kind: the users who play them.
        commitment: in force.
        below: words below these solve a task, in the order of the table, (2 K,).
        passes: those that have been wanted so far, in their places; None for the others. Tables at the same latencies
            may share them.
        moves: likewise, where those that failed go: words above the k-th of K numbers, which ascend, hand the task over
            to model k or a later one.
    """

    kind: UserType
    commitment: Offered
    below: Sequence[int]
    passes: list[Pass | None]
    moves: list[Sequence[int] | None]

    def look_up(self, place: int) -> Pass:
        """Compute a pass, put it into its place and return it."""
        other = place ^ 1  # on the same model, which brings the same where repeats are no likelier to succeed
        found = self.passes[other] if self.below[other] == self.below[place] else None
        if found is None:
            found = self.kind.pass_of(place // 2, self.commitment.throttled_latency, self.below[place])
        self.passes[place] = found
        return found

    def look_onward(self, place: int) -> Sequence[int]:
        """Compute where a pass that failed goes, put it into its place and return it."""
        other = place ^ 1
        found = self.moves[other] if self.below[other] == self.below[place] else None
        if found is None:
            found = self.kind.contract.moved_above(self.commitment, place // 2, self.below[place])
        self.moves[place] = found
        return found


@dataclass(slots=True, eq=False)
class Terms(Table):
    """An offer as the users of a game understand it, and what passes can bring under it if all tasks are alike.

    Attributes:
        view: how it looks, seen exactly.
        start: where the first pass stands in any case; None where it is left to chance.
        above: words above the k-th of these give it to model k or a later one; none where it is not left to chance.
    """

    view: Observation
    start: int | None
    above: Sequence[int]


class UserType:
    """The users of one game: what a commitment means to them, what their passes can bring, and what they can see.

    Args:
        game: as it is played, which gives the provider's offers their meaning.
        contract: how the provider commits.
        retry_multiplier: how much likelier each model's later passes on a task succeed.
        difficulty: ν of tasks, see `routegame.envs.sampling.chances.of_task`; None where all tasks are alike.
        sight: how users see a commitment.
        noise: standard deviation of what they see of it, in the unit box, where they see it through noise.
        information: what they know of their task's failures.
        max_passes: a task that fails this often is cut off.

    Attributes:
        game: as given, as are `contract`, `difficulty`, `sight`, `noise`, `information` and `max_passes`.
        task_value: V of the game.
        churn_penalty: P of the game.
        num_seen: how many numbers users see of a commitment.
        info: what they are told in a round in which nothing happens.
        info_left: what they are told when they leave; `task`, `passes` and `model` are still to be entered.
        hidden: what users see of a commitment that is hidden, or not made.
    """

    def __init__(
        self,
        game: Box,
        contract: Contract,
        *,
        retry_multiplier: tuple[float, ...],
        difficulty: float | None,
        sight: Sight,
        noise: float,
        information: Information,
        max_passes: int,
    ) -> None:
        self.tell(PASS_INFO)
        numbers = game.game
        self.game, self.contract, self.difficulty = game, contract, difficulty
        self.sight, self.noise, self.information, self.max_passes = sight, noise, information, max_passes
        self.task_value, self.churn_penalty = float(numbers.task_value), float(numbers.churn_penalty)
        self._memory = [] if information == "memoryless" else [0]  # of failures, before the first
        self.num_seen = len(contract.most_seen(game.max_latency))
        self.hidden: Observation = frozen([1, *[0.0] * self.num_seen, *self._memory])
        self._success_prob, self._multipliers = np.array(numbers.success_prob), retry_multiplier
        self._cost = tuple(map(float, numbers.cost))
        places = [place_of(model) for model in range(contract.num_models)]
        self._onward = [[place_of(model, repeats=True), *places] for model in range(contract.num_models)]
        self._below = self._success_words(self._success_prob)  # if all tasks are alike
        self._passes: list[Pass | None] = []  # of the last table for tasks that are all alike
        self._latency: Sequence[float] = ()  # of that table
        self._format = f"{1 + self.num_seen + len(self._memory)}f"  # of what they see, in bytes
        self._offer: list[float] = []  # the last one that was taken
        self._terms: Terms | None = None  # of that offer

    def take(self, offer: Sequence[float], row: int = 0) -> Terms:
        """Return what a point of the box comes to.

        The last answer is kept: the same offer is often made again.

        Args:
            offer: numbers in [0, 1].
            row: which of the commitments in it binds, where there are several, see `routegame.envs.routing.mixture`.
        """
        terms = self._terms
        if terms is None or offer != self._offer:
            commitment = self.game.at(offer)
            self._terms = terms = self.terms(commitment, self.view(commitment))
            self._offer = list(offer)
        return terms

    def terms(self, commitment: Offered, view: Observation) -> Terms:
        """Return what a commitment comes to that looks like this, seen exactly."""
        first, below = self.contract.first(commitment), self._below
        start = None if first is None else place_of(first)
        above = () if start is not None else row_moved_above(0, self.contract.start(commitment))
        passes = self.passes(commitment.throttled_latency, below)
        return Terms(self, commitment, below, passes, [None] * len(below), view, start, above)

    def view_at(self, point: Sequence[float], row: int) -> Observation:
        """Return how the commitment at a point of the box looks, see `view` and `take`."""
        return self.view(self.game.at(point))

    def view(self, commitment: Offered) -> Observation:
        """Return how a commitment looks to a user whose task has begun and has not failed yet."""
        seen = pack(self._format, 1.0, *self.contract.sight(commitment), *self._memory)
        return np.frombuffer(seen, FLOAT32)  # bytes cannot be written to, nor can an array that lies in them

    def in_force(self, commitment: Offered | None) -> Game:
        """Return the game at the latencies of a commitment."""
        return self.game.game if commitment is None else self.game.game.with_latency(commitment.throttled_latency)

    def table(self, commitment: Offered, word: int | None = None) -> Table:
        """Return what passes can bring.

        Args:
            commitment: in force.
            word: 32 bits of chance that say how hard the task is; None where all tasks are alike.
        """
        below = self._below
        if word is not None and self.difficulty is not None:
            below = self._success_words(of_task(self._success_prob, self.difficulty, word))
        passes = self.passes(commitment.throttled_latency, below)
        return Table(self, commitment, below, passes, [None] * len(below))

    def passes(self, latency: Sequence[float], below: Sequence[int]) -> list[Pass | None]:
        """Return places for the passes of a table, those of the last one if it is alike: most slow nothing down.

        Args:
            latency: in force, of each model.
            below: words below these solve a task, in the order of the table.
        """
        if below is not self._below:
            return [None] * len(below)
        if latency != self._latency:
            self._passes, self._latency = [None] * len(below), latency
        return self._passes

    def pass_of(self, model: int, latencies: Sequence[float], solved_below: int) -> Pass:
        """Return what a pass on a model, from 0, can bring.

        Args:
            model: that runs it.
            latencies: in force, of each model.
            solved_below: words below this one solve the task.
        """
        latency, cost = latencies[model], self._cost[model]
        info = self.info | {"model": model + 1, "latency": latency, "cost": cost}
        solved = info | {"action_mask": NO_SAY, "solved": True}
        again, onward, net_value = place_of(model, repeats=True), self._onward[model], self.task_value - latency
        return Pass(model + 1, solved_below, again, onward, -latency, net_value, cost, info, solved)

    def tell(self, info: Info) -> None:
        """Tell users more than most are told: this, in a round in which nothing happens."""
        self.info, self.info_left = info, info | {"action_mask": NO_SAY, "abandoned": True}

    def _success_words(self, success_prob: FloatArray) -> list[int]:
        """Return the words below which passes solve a task, in the order of a `Table`, 2 K of them."""
        first = success_prob[:, None]
        found: list[int] = success_below(np.hstack([first, of_repeat(first, self._multipliers)]).reshape(-1)).tolist()
        return found


class Source(Protocol):
    """Where tasks that differ come from, see `routegame.envs.routing.mixture.Mixture`."""

    def kind(self, context: int, /) -> UserType:
        """What users meet in a context, from 0."""

    def drawn(self, user: User, /) -> tuple[int, int]:
        """Context of a user's next task, and the class that the provider sees it in, both from 0."""

    def row(self, user: User, /) -> int:
        """Which of the commitments of an offer binds a user's task."""


@dataclass(slots=True, eq=False)
class User:
    """A user: its stream of chance, which lasts from one episode to the next, and its place in an episode.

    Attributes:
        index: k of `user_k`, and of its stream.
        kind: the game that it plays, and how it sees it.
        name: `user_k`.
        key: of its stream, (2, 1); of no use before `seed`.
        ahead: how many words are drawn together the next time: twice as many as the last time,
        most_ahead: but no more than this.
        drawn: how many words have been drawn since seeding.
        luck: those of them that are still to come, one a round, the next one last; never empty after `seed`.
        leaves: its answer to the last failure; set before each round.
        task: number of the current task, from 1; 0 before the first.
        begins: whether its next round is the first pass of another task.
        offered: whether it has been offered that task, which it may decline, so that it has a say in that round.
        status: of the current task.
        passes: of the current task.
        model: of the last pass, from 1; 0 before the first.
        table: what the task's passes can bring.
        at: where in the table the next pass stands.
        terms: of the commitment that the task is served under; None where the provider does not commit.
        view: how the commitment looks before the task's first failure.
        hardness: the word that says how hard the task is; None where all tasks are alike.
        source: where its tasks come from if they differ, and then also
        context: of the task that it begins next or is at, from 0,
        signal: class in which the provider sees that, from 0,
        agreed: what the provider committed to, in all contexts; None before that.
    """

    index: int
    kind: UserType
    source: Source | None = None
    name: str = field(init=False)
    key: Words = field(init=False)
    ahead: int = 1
    most_ahead: int = 1
    drawn: int = 0
    luck: list[int] = field(default_factory=list)
    leaves: bool = False
    task: int = 0
    begins: bool = True
    offered: bool = False
    status: Status = WAITING
    passes: int = 0
    model: int = 0
    table: Table | None = None
    at: int = 0
    terms: Terms | None = None
    view: Observation = field(init=False)
    hardness: int | None = None
    context: int = 0
    signal: int = 0
    agreed: Sequence[float] | None = None

    def __post_init__(self) -> None:
        self.name, self.view = user_name(self.index), self.kind.hidden
        self.key = np.zeros((2, 1), dtype=np.uint32)

    def seed(self, key: Words, ahead: int, most_ahead: int = 1) -> None:
        """Begin a stream of chance.

        Args:
            key: of the stream, (2, 1).
            ahead: how many words are drawn together at first.
            most_ahead: how many at most, once many have been drawn: a seed may be for one episode or for thousands.
        """
        self.key, self.ahead, self.most_ahead, self.drawn = key, ahead, max(ahead, most_ahead), 0
        self.draw()

    @property
    def commitment(self) -> Offered | None:
        """What its task is served under; None where the provider does not commit."""
        return None if self.terms is None else self.terms.commitment

    @property
    def position(self) -> int:
        """How many rounds it has played since seeding: the number of its next word."""
        return self.drawn - len(self.luck)

    def go_to(self, position: int) -> None:
        """Let its next word be the one of this number."""
        self.drawn = position
        self.draw()

    def restart(self) -> None:
        """Begin an episode, in which its luck goes on."""
        self.begins, self.offered, self.status = True, False, WAITING
        self.task = self.passes = self.model = 0
        self.terms = self.agreed = None
        if self.source is not None:
            self.look_ahead()

    def look_ahead(self) -> None:
        """Find out what its next task is, which the coming round's words say, where tasks differ."""
        if self.source is not None:
            self.context, self.signal = self.source.drawn(self)

    def meet(self) -> None:
        """Let the task be what it is, where tasks differ."""
        if self.source is not None:
            self.kind = self.source.kind(self.context)
            self.view = self.kind.hidden

    def begin_task(self, offer: Sequence[float] | None) -> None:
        """Begin the next task, unless it may be declined and has been.

        Args:
            offer: what the provider commits to now; None to leave the task under the commitment before it, or where
                the provider never commits.
        """
        self.begins = self.offered = False
        if self.source is not None:
            self.meet()
            offer = self.agreed if offer is None else offer
        kind = self.kind
        if not kind.contract.declines:
            self.leaves = False
        self.status = RUNNING
        self.task += 1
        self.passes = 0
        if kind.difficulty is not None:
            self.hardness = self.word(Purpose.DIFFICULTY)
        if offer is not None:
            self.agree(offer)
        if self.terms is not None:
            self.serve(self.terms)
            self.find_start()

    def find_start(self) -> None:
        """Let the next pass be the first one of the model that the commitment starts with, or that chance names."""
        terms = self.terms
        assert terms is not None
        start = terms.start
        self.at = place_of(bisect_left(terms.above, self.word(Purpose.START)) - 1) if start is None else start

    def agree(self, offer: Sequence[float]) -> None:
        """Take note of what the provider commits to for the tasks that follow."""
        row = 0
        if self.source is not None:
            self.meet()
            self.agreed, row = offer, self.source.row(self)
        self.terms = terms = self.kind.take(offer, row)
        self.view = self.glimpse(terms)

    def renew(self) -> None:
        """Take note of what was committed to as it binds the next task, where tasks differ."""
        if self.agreed is not None:
            self.agree(self.agreed)

    @property
    def offer_view(self) -> Observation:
        """How the commitment looks before the first pass, which may be declined."""
        view = self.view.copy()
        view[0] = 0
        return frozen(view)

    def offer_info(self) -> Info:
        """Return the info of a round in which nothing happened but that it was offered a task."""
        info = self.kind.info.copy()
        info["task"] = self.task
        return info

    def serve(self, terms: Terms) -> None:
        """Let passes bring what they can under a commitment, and given how hard the task is."""
        self.table = terms if self.hardness is None else self.kind.table(terms.commitment, self.hardness)

    def play_pass(self) -> tuple[float, Info]:
        """Play the round's pass; return the reward for it and the info; `status` says whether the task goes on."""
        table, at = self.table, self.at
        assert table is not None
        played = table.passes[at] or table.look_up(at)
        self.model = played.model
        self.passes = passes = self.passes + 1
        luck = self.luck
        word = luck.pop()
        if not luck:
            self.draw()
        if word < played.solved_below:
            self.status = SOLVED
            info = played.info_solved.copy()
            info["task"], info["passes"] = self.task, passes
            return played.reward_solved, info
        info = played.info.copy()
        info["task"], info["passes"] = self.task, passes
        if passes == self.kind.max_passes:
            self.status, info["action_mask"] = CUT_OFF, NO_SAY
            return played.reward_failed, info
        # Most failures stay, or may only go to one place: to look before searching is quicker.
        moves = table.moves[at] or table.look_onward(at)
        self.at = played.onward[bisect_left(moves, word)] if word > moves[0] else played.again
        return played.reward_failed, info

    def abandon(self) -> tuple[float, Info]:
        """Leave the task instead of playing the round's pass; return the reward for it and the info."""
        self.status = ABANDONED
        self.luck.pop()
        if not self.luck:
            self.draw()
        if not self.passes:  # it was declined
            self.model = 0
        info = self.kind.info_left.copy()
        info["task"], info["passes"], info["model"] = self.task, self.passes, self.model
        return 0.0, info

    def word(self, purpose: int) -> int:
        """Return the coming round's word for another purpose than passes."""
        return int(words(self.key, purpose, self.position)[0])

    def glimpse(self, terms: Terms) -> Observation:
        """Return how a commitment looks to it before a failure; noise, if any, is that of the coming round."""
        kind, game = self.kind, self.kind.game
        if kind.sight == "exact":
            return terms.view
        if kind.sight == "hidden":
            return kind.hidden
        sight = kind.contract.SIGHT
        drawn = [NORMAL.inv_cdf((self.word(sight + k) + 0.5) / NUM_WORDS) for k in range(game.size)]
        seen = game.action(terms.commitment) + kind.noise * np.array(drawn)
        return kind.view_at(np.clip(seen, 0, 1).tolist(), 0 if self.source is None else self.source.row(self))

    def look(self) -> Observation:
        """Return what it sees after a failure: how the commitment looks, and what it knows of failures."""
        if self.kind.information == "memoryless":
            return self.view
        seen = self.view.copy()
        seen[-1] = self.model if self.kind.information == "model" else self.passes
        return frozen(seen)

    def draw(self) -> None:
        """Draw the words of the rounds to come, once all others are used up."""
        counters = np.arange(self.drawn, self.drawn + self.ahead)
        self.luck = words(self.key, Purpose.PASS, counters)[::-1].tolist()
        self.drawn += self.ahead
        self.ahead = min(2 * self.ahead, self.most_ahead)


def frozen(values: ArrayLike) -> Observation:
    """Return an observation that nobody can change, so that it can be shown more than once."""
    view = np.array(values, dtype=np.float32).reshape(-1)
    view.setflags(write=False)
    return view
