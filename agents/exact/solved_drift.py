"""A game that changes in closed form: that of the game as it is by now."""

from __future__ import annotations

from functools import cached_property

from routegame.agents.exact.solved import solved
from routegame.agents.exact.solved_game import Profile, SolvedGame, Users
from routegame.envs.arrays import FloatArray
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.stackelberg import Batch, Response, Single


class SolvedDrift(SolvedGame[Profile]):
    """The closed form of a game that changes; users know by themselves when it has.

    Args:
        game: the game.

    >>> from routegame.envs.game import Game
    >>> numbers = (0.1, 0.3), (1, 2), (1, 3.6)
    >>> game = DriftingGame(Game(9, 15, *numbers), Game(9, 2, *numbers), 0.5)
    >>> round(SolvedDrift(game).equilibrium().leader_cost, 6)
    2.8
    >>> game.keep_time(lambda: 0.1)
    >>> round(SolvedDrift(game).equilibrium().leader_cost, 6)
    10.54
    """

    game: DriftingGame

    def __init__(self, game: DriftingGame) -> None:
        self.game = game

    @cached_property
    def phases(self) -> tuple[SolvedGame[Profile], SolvedGame[Profile]]:
        """The closed forms of the game as it was and as it has become."""
        before, after = self.game.phases
        return solved(before), solved(after)

    @property
    def now(self) -> SolvedGame[Profile]:
        """The closed form of the game as it is by now."""
        return self.phases[self.game.changed]

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return J and U by now, see `SolvedGame`."""
        return self.now.outcome(commitments, answers)

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return exact best responses by now."""
        return self.now.best_answer(commitments)

    def equilibrium(self) -> Profile:
        """Return the strong equilibrium of the game as it is by now."""
        return self.now.equilibrium()

    def profile(self, commitment: Single, answer: float) -> Profile:
        """Complete a commitment and an answer with what they bring about by now."""
        return self.now.profile(commitment, answer)

    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return what is much to users under each commitment by now."""
        return self.now.scale(commitments, utility)

    def response(self, users: Users) -> Response:
        """Return how users answer who go by a rule: by the game as it is when they are asked."""
        before, after = (phase.response(users) for phase in self.phases)

        def respond(commitments: Batch) -> FloatArray:
            return (after if self.game.changed else before)(commitments)

        return respond
