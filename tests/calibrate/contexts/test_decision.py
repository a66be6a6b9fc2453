"""A commitment in each context beside one for all, against what is known of the games."""

from dataclasses import replace

import numpy as np
import pytest
from mixed_logs import MIX

from routegame.agents.users.quantal import quantal_equilibrium
from routegame.calibrate.contexts.decision import decide_mix
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.counts import Arm
from routegame.envs.game import Game

ARM = Arm(1, 0.3, 100, 0.2)
NUMBER = 40


def drawn(game: Game, share: float, spread: float = 0.0) -> PosteriorDraws:
    """Games around one."""
    rng = np.random.default_rng(int(100 * share))

    def around(x):
        return x * np.exp(spread * rng.standard_normal(NUMBER))

    p, t, c = (tuple(map(around, pair)) for pair in (game.success_prob, game.latency, game.cost))
    games = Game(around(game.task_value), np.full(NUMBER, game.churn_penalty), p, t, c)
    return PosteriorDraws("", share, games, np.full(NUMBER, 0.5))


def test_games_that_are_known_get_what_is_best_in_each():
    draws = [drawn(MIX.game(x), share) for x, share in enumerate(MIX.weights)]
    found = decide_mix(draws, np.tile(MIX.weights, (NUMBER, 1)), [[ARM], [ARM]])
    least = [float(quantal_equilibrium(MIX.game(x), 0.5).provider_cost) for x in (0, 1)]
    assert found.provider_cost.value == pytest.approx(MIX.weights @ least, rel=1e-3)
    assert found.wrong == 0 and found.gain.value > 0.2 and found.gain.low == pytest.approx(found.gain.high)
    assert found.gain.value == pytest.approx(found.one_for_all_cost.value - found.provider_cost.value)
    assert found.one_for_all_wrong == 1 and found.contexts[1].commitment != found.contexts[0].commitment


def test_contexts_that_are_alike_gain_nothing_from_being_told_apart():
    draws = [drawn(MIX.game(1), share) for share in (0.4, 0.6)]
    found = decide_mix(draws, np.tile([0.4, 0.6], (NUMBER, 1)), [[ARM], [ARM]])
    assert found.gain.value == pytest.approx(0, abs=2e-3 * found.provider_cost.value)
    assert found.one_for_all.kind == found.contexts[0].commitment.kind


def test_what_contexts_weigh_moves_costs_and_not_commitments():
    draws = [drawn(MIX.game(x), 1.0, 0.02) for x in (0, 1)]
    even, skewed = (
        decide_mix(draws, np.tile(w, (NUMBER, 1)), [[ARM], [replace(ARM, route=2)]]) for w in ([0.5, 0.5], [0.9, 0.1])
    )
    assert [x.commitment for x in even.contexts] == [x.commitment for x in skewed.contexts]
    assert skewed.provider_cost.value < even.provider_cost.value
    assert even.contexts[0].in_force_cost.value != even.contexts[1].in_force_cost.value
