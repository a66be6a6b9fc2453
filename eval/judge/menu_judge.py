"""The judge of games with many models: the same exact measures, and what can be said of a menu."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

import numpy as np

from routegame.agents.exact.solved_game import Profile
from routegame.agents.menus.rules import rules
from routegame.agents.menus.solved_menu import MenuProfile, PlainPolicy, SolvedMenu
from routegame.envs.checks import ParameterError
from routegame.envs.document import Document
from routegame.envs.menu_game import MenuCommitment, MenuGame
from routegame.envs.stackelberg import Response, Single
from routegame.eval.judge.account import Account, CostPicture
from routegame.eval.judge.judgement import Finding, Judge, Judgement, finite
from routegame.eval.judge.menu_account import (
    COST_DIGITS,
    commitment_words,
    distributions,
    menu_account,
    menu_picture,
    names_of,
    units_of,
)
from routegame.numerals import amount, percent, written_amount

MUCH = 0.5
"""A model that serves more than this of the first passes is the one that a commitment starts with."""


class MenuJudge(Judge[MenuProfile]):
    """Judges profiles of one game with many models, in any order.

    Args:
        game: as it is played, with the commitments that were allowed.

    Attributes:
        menu: the game, as given.
    """

    FOLLOWERS: ClassVar[str] = "users"
    ANSWERING: ClassVar[str] = "users answer"

    def __init__(self, game: MenuGame) -> None:
        self.menu = game
        self._solved = SolvedMenu(game)
        super().__init__(self._solved)

    def baselines(self) -> dict[str, float]:
        """Return the relative leader regret of every rule of `routegame.agents.menus.rules`, and of a random one.

        Rules are the same however many models there are: of those that are kept for good the cheapest is `best_static`.
        """
        judged: dict[str, float] = {}
        for rule, commitment in rules(self.menu).items():
            name = "best_static" if rule.startswith("static_") else rule
            judged[name] = min(judged.get(name, inf), self.regret(commitment))
        return judged | super().baselines()

    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return commitment and outcome, by name."""
        learned = own(judgement.learned)
        first, slowed = learned.policy.start, learned.throttled_latency
        row = learned.policy.matrix[0]
        return {
            **{f"commitment/start_{k + 1}": value for k, value in enumerate(first)},
            **{f"commitment/after_1_{k + 1}": value for k, value in enumerate(row)},
            **(
                {f"commitment/throttled_latency_{k + 1}": t for k, t in enumerate(slowed)}
                if self.menu.throttling
                else {}
            ),
            "learned/abandon_prob": learned.abandon_prob,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
        }

    def findings(self, judgement: Judgement[Profile]) -> list[Finding]:
        """Return what is wrong with where the leader ended."""
        learned, best = own(judgement.learned), own(judgement.equilibrium)
        if np.argmax(learned.policy.start) != np.argmax(best.policy.start):
            first = int(np.argmax(best.policy.start)) + 1
            return [
                Finding(
                    "wrong models",
                    f"It does not start with model {first}, as the equilibrium does: start more leaders there.",
                )
            ]
        if judgement.best_abandon_prob != best.abandon_prob:
            return [
                Finding(
                    "wrong side of the cliff",
                    f"Perfect users leave with probability {judgement.best_abandon_prob:.2f} instead of"
                    f" {best.abandon_prob:.2f}: let it keep a margin.",
                )
            ]
        if {int(k) for k in np.flatnonzero(best.policy.matrix[0])} != _much(learned):
            return [
                Finding(
                    "wrong models",
                    "It goes on with other models than the equilibrium does: start more leaders with those.",
                )
            ]
        return []

    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, in words; models and units are those of the scenario of that name."""
        found = own(profile)
        latency_unit, cost_unit = units_of(name)
        each = zip(names_of(self.menu.game, name), found.throttled_latency, strict=True)
        slowed = {f"latency of {model}": written_amount(latency, latency_unit) for model, latency in each}
        return {
            **distributions(self._solved, found, name),
            "users who leave after a failure": percent(found.abandon_prob, 3),
            "tasks solved in the end": percent(found.solve_prob, 3),
            "cost of a task": amount(found.provider_cost, cost_unit, COST_DIGITS),
            "users' utility": amount(found.user_utility, latency_unit, 4),
            **(slowed if self.menu.throttling else {}),
        }

    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of commitments, as points of the leader's box, and answers."""
        return {
            "route": learned["route"],
            "cascade_prob": learned["cascade_prob"],
            "abandon_prob": learned["abandon_prob"],
            "equilibrium_route": equilibrium["route"],
            "equilibrium_cascade_prob": equilibrium["cascade_prob"],
            "coordinates": self._point(learned),
            "equilibrium_coordinates": self._point(equilibrium),
        }

    def read_profile(self, plain: Document) -> MenuProfile:
        """Return the profile that `result.json` has there."""
        numbers = ("abandon_prob", "solve_prob", "expected_latency", "expected_cost", "user_utility", "provider_cost")
        offered = self._offered(plain)
        return MenuProfile(
            route=None if plain["route"] is None else int(plain["route"]),
            cascade_prob=None if plain["cascade_prob"] is None else finite(plain["cascade_prob"]),
            throttled_latency=offered.throttled_latency,
            policy=PlainPolicy(offered.start, offered.matrix),
            **{name: finite(plain[name]) for name in numbers},
        )

    def read_commitment(self, row: Document) -> MenuCommitment:
        """Return the commitment that the row of a finished run has."""
        point = [finite(x) for x in str(row["coordinates"]).split(", ")]
        if len(point) != self.menu.size:
            raise ValueError("another number of coordinates")
        return self.menu.at(point)

    def commitment_words(self, commitment: Single) -> str:
        """Return which models come first and which after a failure."""
        return commitment_words(self._solved, commitment, None)

    def account(self, name: str | None) -> Account:
        """Return the game in words; models and units are those of the scenario of that name."""
        return menu_account(self._solved, name)

    def cost_pictures(
        self, name: str, ended: Sequence[Single] = (), believed: Response | None = None
    ) -> list[CostPicture]:
        """Return the provider's cost over the mix of two models after a failure."""
        return [menu_picture(self._solved, name, ended, believed)]

    def _offered(self, plain: Document) -> MenuCommitment:
        policy = plain["policy"]
        offered = MenuCommitment(policy["start"], policy["matrix"], tuple(plain["throttled_latency"]))
        if len(offered.start) != self.menu.num_models:
            raise ValueError("another number of models")
        return offered

    def _point(self, plain: Document) -> str:
        return ", ".join(map(repr, self.menu.actions(self._offered(plain).alone())[0].tolist()))


def own(profile: Profile) -> MenuProfile:
    """Return a profile as one of a game with many models, which it must be.

    Raises:
        ParameterError: it is of another game.
    """
    if not isinstance(profile, MenuProfile):
        raise ParameterError("profile", "one of a game with many models", type(profile).__name__)
    return profile


def _much(profile: MenuProfile) -> set[int]:
    """Models that get more than a few of the retries."""
    return {k for k, share in enumerate(profile.policy.matrix[0]) if share > MUCH / len(profile.policy.start) / 10}
