"""The judge of games whose commitments are points: the same measures, and its own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from routegame.agents.exact.classic_games import PointProfile, SolvedPointGame, solved_classic
from routegame.agents.exact.solved import solved
from routegame.agents.exact.solved_game import Profile
from routegame.agents.exact.typed_games import SolvedTypes, TypedProfile
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS, MATRICES, Classic
from routegame.envs.classic.point_game import Point, PointGame, Points
from routegame.envs.classic.typed_game import TypedGame
from routegame.envs.document import Document
from routegame.envs.stackelberg import Response, Single
from routegame.eval.judge.account import Account, CostPicture
from routegame.eval.judge.judgement import Judge, Judgement, finite
from routegame.numerals import agrees, coordinates_text, number, rounded_together, written

DIGITS, COST_DIGITS = 4, 5
"""Digits of points and answers, more of a point where it takes more, and of costs."""


class ClassicJudge(Judge[PointProfile]):
    """Judges profiles of one game outside routing.

    Args:
        game: the game.
        solved: its closed form; by default that of its kind.

    Attributes:
        game: as given.
    """

    FOLLOWERS: ClassVar[str] = "followers"
    ANSWERING: ClassVar[str] = "the follower answers"

    def __init__(self, game: PointGame, solved: SolvedPointGame | None = None) -> None:
        self.game = game
        super().__init__(solved_classic(game) if solved is None else solved)

    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return point and outcome, by name."""
        learned = _own(judgement.learned)
        return {
            **{f"commitment/coordinate_{k}": value for k, value in enumerate(learned.coordinates)},
            "learned/answer": learned.answer,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
        }

    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, in words; such games have no units."""
        own = _own(profile)
        return {
            "commitment": coordinates_text(self._shown(own)),
            "answer": ", ".join(number(answer, DIGITS) for answer in own.each_answer),
            "leader's cost": number(own.provider_cost, COST_DIGITS),
            "follower's utility": number(own.user_utility, 4),
        }

    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of points, at full precision, and answers."""
        return {
            "abandon_prob": learned["answer"],
            "coordinates": ", ".join(map(repr, learned["coordinates"])),
            "equilibrium_coordinates": ", ".join(map(repr, equilibrium["coordinates"])),
        }

    def read_profile(self, plain: Document) -> PointProfile:
        """Return the profile that `result.json` has there."""
        numbers = {name: finite(plain[name]) for name in ("answer", "provider_cost", "user_utility")}
        return PointProfile(self._checked(map(finite, plain["coordinates"])).coordinates, **numbers)

    def read_commitment(self, row: Document) -> Point:
        """Return the point that the row of a finished run has."""
        return self._checked(map(finite, str(row["coordinates"]).split(", ")))

    def _checked(self, coordinates: Iterable[float]) -> Point:
        """Return a point of this game's box, which refuses any other."""
        point = Point(tuple(coordinates))
        self.game.action(point)
        return point

    def commitment_words(self, commitment: Single) -> str:
        """Return the coordinates; the follower answers them at its best."""
        return coordinates_text(self._shown(self.solved.answered(commitment)))

    def _shown(self, profile: PointProfile) -> tuple[float, ...]:
        """Return the coordinates of a profile, short, as they may be typed back.

        The follower's best answer to them is what is shown, and so is the leader's cost under that answer or under the
        profile's own where that is another: up to one unit of the last digit.
        """

        def consequences(coordinates: tuple[float, ...]) -> tuple[tuple[float, ...], float]:
            found = self.solved.answered(Point(coordinates))
            if best == profile.each_answer:
                return found.each_answer, found.provider_cost
            return found.each_answer, self._answered_by(Point(coordinates), profile).provider_cost

        def holds(coordinates: tuple[float, ...]) -> bool:
            if not all(0 <= x <= 1 for x in coordinates):
                return False
            answers, paid = consequences(coordinates)
            alike = all(one == other or agrees(one, other, DIGITS) for one, other in zip(answers, best, strict=True))
            return alike and agrees(paid, cost, COST_DIGITS)

        best = self.solved.answered(Point(profile.coordinates)).each_answer
        _, cost = consequences(profile.coordinates)
        return rounded_together(profile.coordinates, DIGITS, holds)

    def account(self, name: str | None) -> Account:
        """Return the game in words; what it is about is said of the games in the catalogue."""
        best = self.equilibrium
        known = [one for one in (*CLASSICS, *MATRICES) if self._is(one, name)]
        told = [f"{one.about[0].upper()}{one.about[1:]}. {one.source}." for one in known]
        worth = (
            f"the leader commits to {coordinates_text(self._shown(best))}, the follower answers"
            f" {self._told(best)}. A play costs the leader {number(best.provider_cost, COST_DIGITS)} and is"
            f" worth {number(best.user_utility, COST_DIGITS)} to the follower."
        )
        return Account(
            about=" ".join(told),
            numbers=", ".join(f"{name} {value}" for name, value in self.game.to_dict().items()),
            equilibrium=worth,
        )

    def _told(self, profile: PointProfile) -> str:
        """Return a profile's answer in words."""
        return number(profile.answer, DIGITS)

    def _answered_by(self, point: Point, profile: PointProfile) -> PointProfile:
        """Complete a point with the answer of a profile."""
        return self.solved.profile(point, profile.answer)

    def _is(self, classic: Classic, name: str | None) -> bool:
        return (classic.name, classic.game) == (name, self.game)

    def cost_pictures(
        self, name: str, ended: Sequence[Single] = (), believed: Response | None = None
    ) -> list[CostPicture]:
        """Return the leader's cost over each coordinate, the others as in the equilibrium; beliefs are not drawn."""
        return [self._picture(name, coordinate) for coordinate in range(self.game.size)]

    def _picture(self, name: str, coordinate: int) -> CostPicture:
        best = self.equilibrium
        across = _positions(best.coordinates[coordinate])
        points = np.tile(np.array(best.coordinates), (len(across), 1))
        points[:, coordinate] = across
        exact, _ = self.solved.outcome(Points(points), self.best_answer(Points(points)))
        several = self.game.size > 1
        label = f"coordinate {coordinate + 1} of the commitment" if several else "commitment"
        return CostPicture(
            title=f"What a {label} costs in {name}",
            about=f"The equilibrium of {name} lies at {written(self._shown(best)[coordinate])}, at a cost of"
            f" {number(best.provider_cost, COST_DIGITS)}. The table below has the runs one by one.",
            axis=label,
            cost_axis="cost of a play",
            tick=number,
            cost_tick=lambda cost: number(cost, 4),
            end=1.0,
            positions=across,
            curves={"exact": exact},
            best=(best.coordinates[coordinate], best.provider_cost),
            place=lambda commitment: Point.of(commitment).coordinates[coordinate],
            legend=[("exact", "the follower answers perfectly")],
            note="curves: other coordinates as in the equilibrium; a run off them has others, too" if several else "",
        )


class TypedJudge(ClassicJudge):
    """Judges profiles of one game against followers of several types, each of which has an answer of its own.

    Args:
        game: the game.
    """

    def __init__(self, game: TypedGame) -> None:
        found = solved(game)
        assert isinstance(found, SolvedTypes)  # closed forms of such games are
        self._types = found
        super().__init__(game, found)

    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return point and outcome, by name, with every type's answer."""
        each = {f"learned/answer_{k + 1}": answer for k, answer in enumerate(_own(judgement.learned).each_answer)}
        return {**super().figures(judgement), **each}

    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, in words, with the answers of all types."""
        said = super().words(profile, name)
        return {"answers of the types" if about == "answer" else about: words for about, words in said.items()}

    def read_profile(self, plain: Document) -> TypedProfile:
        """Return the profile that `result.json` has there."""
        read, answers = super().read_profile(plain), tuple(map(finite, plain["answers"]))
        if len(answers) != self.game.num_answers:
            raise ValueError("another number of answers")
        return TypedProfile(read.coordinates, read.answer, read.provider_cost, read.user_utility, answers)

    def _told(self, profile: PointProfile) -> str:
        return "by type " + ", ".join(number(answer, DIGITS) for answer in profile.each_answer)

    def _answered_by(self, point: Point, profile: PointProfile) -> PointProfile:
        return self._types.profile(point, np.array(profile.each_answer))

    def _learned(self, commitment: Single, answers: FloatArray) -> PointProfile:
        return self._types.profile(commitment, answers[0])


def _positions(best: float) -> FloatArray:
    """Return values in [0, 1] to draw a curve through, and both sides of the best one, where it may jump."""
    every = np.unique([*np.linspace(0, 1, 513), *(best + np.array([-1e-9, 0, 1e-9]))])
    return every[(every >= 0) & (every <= 1)]


def _own(profile: Profile) -> PointProfile:
    """Return a profile as one of a game of points, which it must be."""
    if not isinstance(profile, PointProfile):
        raise ParameterError("profile", "one of a game whose commitments are points", type(profile).__name__)
    return profile
