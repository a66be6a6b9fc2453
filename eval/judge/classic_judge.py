"""The judge of games whose commitments are points: the same measures, and its own words."""

from __future__ import annotations

from typing import ClassVar

from routegame.agents.exact.classic_games import PointProfile, SolvedPointGame, solved_classic
from routegame.agents.exact.solved_game import Profile
from routegame.envs.checks import ParameterError
from routegame.envs.classic.point_game import PointGame
from routegame.envs.document import Document
from routegame.eval.judge.judgement import Judge, Judgement
from routegame.eval.numerals import coordinates_text


class ClassicJudge(Judge[PointProfile]):
    """Judges profiles of one game outside routing.

    Args:
        game: the game.
        solved: its closed form; by default that of its kind.

    Attributes:
        game: as given.
    """

    FOLLOWERS: ClassVar[str] = "followers"
    COLUMNS: ClassVar[tuple[str, ...]] = ("answer", "provider_cost", "user_utility")

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
            "commitment": coordinates_text(own.coordinates),
            "answer": f"{own.answer:.4g}",
            "leader's cost": f"{own.provider_cost:.5g}",
            "follower's utility": f"{own.user_utility:.4g}",
        }

    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of points, at full precision, and answers."""
        return {
            "abandon_prob": learned["answer"],
            "coordinates": ", ".join(map(repr, learned["coordinates"])),
            "equilibrium_coordinates": ", ".join(map(repr, equilibrium["coordinates"])),
        }


def _own(profile: Profile) -> PointProfile:
    """Return a profile as one of a game of points, which it must be."""
    if not isinstance(profile, PointProfile):
        raise ParameterError("profile", "one of a game whose commitments are points", type(profile).__name__)
    return profile
