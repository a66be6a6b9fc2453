"""Games outside routing whose equilibrium is known in closed form: was a learner made for routing only?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routegame.envs.checks import ParameterError, as_count
from routegame.envs.classic.bayesian_game import BayesianGame, bayesian_security_game
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.matrix_game import MatrixGame, NoisyCommitment, security_game
from routegame.envs.classic.point_game import PointGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.document import Document
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.game import Game
from routegame.envs.menu_game import Form, MenuGame
from routegame.envs.mix_game import MixGame
from routegame.envs.scenarios import GameLike, Scenario, as_game, scenario
from routegame.envs.stackelberg import StackelbergGame
from routegame.envs.task_mixes import MIXES, MixScenario


@dataclass(frozen=True)
class Classic:
    """A game with its provenance.

    Attributes:
        name: what it is called.
        game: the game.
        about: what is interesting about it, in one sentence.
        source: where it is from.
    """

    name: str
    game: PointGame
    about: str
    source: str


CLASSICS = (
    Classic(
        "matrix-textbook",
        MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1))),
        "action 1 is dominant and earns 2; whoever commits to play it no more than every other time earns 3.5",
        "Conitzer and Sandholm (2006), section 2",
    ),
    Classic(
        "matrix-inspection",
        MatrixGame(((-0.5, -1), (0, -2)), ((0, -4), (0, 1))),
        "inspecting one time in five is enough to make an inspectee comply who gains 1 undetected and loses 4 detected",
        "Avenhaus, von Stengel and Zamir (2002), inspector leadership; the numbers are chosen",
    ),
    Classic(
        "noisy-bagwell",
        NoisyCommitment(((4, 6), (3, 5)), ((4, 3), (1, 2)), noise=0.1),
        "a pure strategy earns 5, and more is to be had, 5.1, from a mix that is believed whatever the signal says",
        "Bagwell (1995), section 2, with a mix that is shown",
    ),
    Classic(
        "noisy-inspection",
        NoisyCommitment(((-0.5, -1), (0, -2)), ((0, -4), (0, 1)), noise=0.3),
        "an inspectee who is warned, rightly seven times in ten, takes nearly twice as much inspecting to comply",
        "matrix-inspection with a signal",
    ),
    Classic(
        "duopoly-equal",
        Duopoly(intercept=1, slope=1, cost=(0, 0), noise=0.1),
        "the leader brings half of what the market takes at no price, the follower a quarter",
        "von Stackelberg (1934)",
    ),
    Classic(
        "duopoly-dear",
        Duopoly(intercept=1, slope=1, cost=(0.3, 0), noise=0.1),
        "a leader that produces at a higher cost than the follower earns less than it, in spite of moving first",
        "von Stackelberg (1934), other costs",
    ),
    Classic(
        "duopoly-limit",
        Duopoly(intercept=1, slope=1, cost=(0, 0.4), noise=0.1),
        "just so much that the follower stays out of the market: at a kink, and more than a firm alone would bring",
        "Dixit (1979), the limit quantity without a cost of entry",
    ),
)
"""Games with names."""

GUARDED = [(0.5, -1.0), (0.3, -0.4), (1.0, -0.8), (0.2, -0.6), (0.4, -0.3)]
EXPOSED = [(-1.0, 1.2), (-2.0, 1.5), (-0.6, 0.9), (-1.5, 2.0), (-0.4, 0.5)]
"""What leader and follower get when each of five targets is attacked, guarded or not."""

CAUGHT = ((-0.5, -0.7, -0.3, -0.7, -0.6), (-0.3, -0.3, -1.2, -0.9, -0.6), (-0.8, -0.5, -0.5, -0.3, -0.3))
GAINED = ((1.7, 1.7, 0.3, 0.9, 0.5), (1.1, 1.4, 1.2, 0.5, 1.5), (1.3, 1.1, 0.8, 1.9, 0.4))
HOW_COMMON = (0.5, 0.3, 0.2)
"""What three types of attackers get at the same targets, guarded or not, and how common they are."""


def _attackers(num_guards: int) -> BayesianGame:
    """Return the game of so many guards against those three types; the leader gets the same whoever attacks."""
    inside = [[(own, caught) for (own, _), caught in zip(GUARDED, each, strict=True)] for each in CAUGHT]
    outside = [[(own, gained) for (own, _), gained in zip(EXPOSED, each, strict=True)] for each in GAINED]
    return bayesian_security_game(inside, outside, HOW_COMMON, num_guards)


MATRICES = (
    Classic(
        "matrix-three-answers",
        MatrixGame(((2, 0, 0), (1, 0, 0)), ((0, 2, 5), (0, -1, -4))),
        "only one answer pays the leader anything, and it takes a mix that is exact to make it a best one",
        "Conitzer and Sandholm (2006), as OpenSpiel's test of its Stackelberg solver has it",
    ),
    Classic(
        "security-guard",
        security_game(GUARDED, EXPOSED),
        "one guard for five targets: four are guarded, as often as leaves the follower indifferent among them",
        "Kiekintveld et al. (2009), compact security games; the numbers are chosen",
    ),
    Classic(
        "security-patrols",
        security_game(GUARDED, EXPOSED, num_guards=2),
        "two guards for the same five targets, which can be placed in ten ways",
        "Kiekintveld et al. (2009), compact security games; the numbers are chosen",
    ),
    Classic(
        "bayes-two-types",
        BayesianGame((((2, 4), (1, 3)), ((4, 0), (0, 1))), (((1, 0), (0, 2)), ((0, 4), (4, 2))), (0.6, 0.4)),
        "the mix that is best against the common type loses the other; it takes half as much of action 1 to win both",
        "Paruchuri et al. (2008), their example of one type; the numbers of the other are chosen",
    ),
    Classic(
        "bayes-guard",
        _attackers(1),
        "one guard for five targets against three types of attackers, who like other targets best",
        "Paruchuri et al. (2008), security against several adversaries; the numbers are chosen",
    ),
    Classic(
        "bayes-patrols",
        _attackers(2),
        "two guards for the same targets and types, which can be placed in ten ways",
        "Paruchuri et al. (2008), security against several adversaries; the numbers are chosen",
    ),
)
"""Matrix games with more than two actions of the follower, or with several types of followers."""


def random_matrix_game(num_actions: int, seed: int, num_answers: int = 2) -> MatrixGame:
    """Draw payoffs of a game with so many actions of the leader, uniform in [0, 1], to two decimals.

    Args:
        num_actions: of the leader.
        seed: of the draw.
        num_answers: actions of the follower.

    Raises:
        ParameterError: fewer than two actions, or a negative seed.

    >>> random_matrix_game(2, 0).leader_payoff
    ((0.64, 0.27), (0.04, 0.02))
    """
    as_count("num_actions", num_actions, 1000, smallest=2)
    as_count("num_answers", num_answers, 1000, smallest=2)
    as_count("seed", seed, 2**63 - 1, smallest=0)
    leader, follower = np.random.default_rng(seed).random((2, num_actions, num_answers)).round(2).tolist()
    return MatrixGame(leader, follower)


Rules = Game | StackelbergGame
"""A game as files have it: the numbers of the routing game, which say nothing of throttling, or any other game."""

KINDS: dict[str, Callable[..., StackelbergGame]] = {
    MatrixGame.KIND: MatrixGame,
    NoisyCommitment.KIND: NoisyCommitment,
    Duopoly.KIND: Duopoly,
    MixGame.KIND: MixGame.read_game,
    BayesianGame.KIND: BayesianGame,
    CrowdGame.KIND: CrowdGame,
    DriftingGame.KIND: DriftingGame.read_game,
}
"""How the games that have a kind in files are made from what their `to_dict` says besides it."""

PlayedLike = GameLike | MixScenario | StackelbergGame
"""Whatever can be played: a routing game, a mix of tasks, either by its name, or any other game."""


def named(name: str) -> Scenario | MixScenario:
    """Return the game or the mix of tasks of that name, see `routegame.envs.scenarios.scenario`.

    Raises:
        ParameterError: there is none.

    >>> len(named("subjects-blind").game.mix)
    57
    """
    return MIXES[name] if name in MIXES else scenario(name)


def game_of(plain: Document) -> Rules:
    """Return the game whose `to_dict` this is: one with a kind, or else the routing game.

    Raises:
        ParameterError: a value is out of range.
        ValueError, KeyError or TypeError: it is something else.
    """
    values = dict(plain)
    kind = values.pop("kind", None)
    return Game(**values) if kind is None else KINDS[kind](**values)


def as_rules(game: PlayedLike) -> Rules:
    """Return a game as files have it.

    Args:
        game: a routing game, a scenario or its name, or a game of another kind.

    Raises:
        ParameterError: it is none of them.
    """
    if isinstance(game, str):
        game = named(game)
    if isinstance(game, MixScenario):
        return game.game
    if not isinstance(game, StackelbergGame):
        return as_game(game)
    if game.KIND not in KINDS:
        raise ParameterError("game", f"a routing game, or one of the kinds {', '.join(KINDS)}", game.KIND)
    return game


def as_played(game: PlayedLike, *, throttling: bool = False, form: Form | None = None) -> StackelbergGame:
    """Return a game as learners play it: two models in the paper's order, more of them in any.

    Args:
        game: a routing game, a scenario or its name, or a game as it is played already.
        throttling: whether the provider of a routing game may slow its models down; else without effect.
        form: how actions say what is committed to, see `routegame.envs.menu_game`; given for two models, these are
            played in any order, too. None for the paper's game of two models, and compact for more.

    Raises:
        ParameterError: it is none of them, or there is no such form of it.
    """
    rules = game if isinstance(game, StackelbergGame) else as_rules(game)
    if isinstance(rules, StackelbergGame):
        return rules.begun()
    if form is None and rules.num_models == 2:
        return RoutingGame(rules, throttling=throttling)
    return MenuGame(rules, form=form or "compact", throttling=throttling)
