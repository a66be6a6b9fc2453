"""Answers of users by context: counted, and as likely as their values and noise make them."""

import numpy as np
import pytest
from mixed_logs import MIX, PLAN, tallied
from scipy.optimize import minimize
from scipy.special import ndtri

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.contexts.answers import ERRORS, AnswerLikelihood, Faced, faced
from routegame.calibrate.contexts.passes import ContextPasses, context_passes
from routegame.calibrate.contexts.pooling import Pooled
from routegame.envs.game import Game


def test_decisions_are_counted_by_context_and_commitment(tmp_path):
    counted = tallied(PLAN, tmp_path)
    cells = faced(counted.shapes, 2)
    assert (
        cells.decisions.shape == (2, 3)
        and cells.decisions.sum() == (counted.shapes.decisions * counted.shapes.count).sum()
    )
    assert set(zip(cells.route.ravel(), cells.cascade_prob.ravel(), strict=True)) == {(1, 0.05), (1, 0.3), (2, 0)}
    share = cells.leaves / cells.decisions
    for x in (0, 1):
        for a in range(3):
            q = quantal_response(MIX.game(x), int(cells.route[x, a]), float(cells.cascade_prob[x, a]), PLAN.temperature)
            assert abs(share[x, a] - q) < 4 * np.sqrt(q * (1 - q) / cells.decisions[x, a])


def test_errors_are_taken_where_the_likelihood_is_greatest(tmp_path):
    """No nudge of any error makes what users did likelier, and at the true V and noise they are small."""
    counted = tallied(PLAN, tmp_path)
    likelihood = AnswerLikelihood(faced(counted.shapes, 2), context_passes(counted, np.random.default_rng(0)), 1.0)
    value, noise = np.full((1, 2), 9.0), np.full((1, 2), PLAN.temperature)
    found = likelihood.fitted(value, noise)
    fit, errors = found.likely, found.errors
    assert np.abs(errors).max() < 3 and (np.linalg.eigvalsh(found.information[..., 1:, 1:]) >= 1 - 1e-9).all()
    for unit in (*np.eye(ERRORS), *-np.eye(ERRORS)):
        moved = errors + 0.3 * unit
        answer = likelihood.leave_prob(value, noise, moved)
        other = likelihood._log_likelihood(answer, np.arange(2)) - (moved**2).sum(axis=-1) / 2
        assert (other < fit + 1e-3).all()


@pytest.mark.parametrize("alike", [True, False])
def test_the_likeliest_values_are_climbed_to_from_afar(tmp_path, alike):
    """One for both contexts, or one of each: none of a fine grid is likelier, and theirs is the likelihood there."""
    counted = tallied(PLAN, tmp_path)
    likelihood = AnswerLikelihood(faced(counted.shapes, 2), context_passes(counted, np.random.default_rng(0)), 1.0)
    start = np.log([[6.0]] if alike else [[6.0, 13.0]])
    for tau in (0.5 * PLAN.temperature, PLAN.temperature):
        found = likelihood.climbed(start, np.array([tau]), np.zeros((1, 2, ERRORS)), (-5.0, 8.0))
        value = np.geomspace(2, 40, 1000)[:, None] * np.ones(2)
        grid = likelihood.fitted(value, np.full(value.shape, tau)).likely
        total, best = (x.sum(axis=1, keepdims=True) if alike else x for x in (grid, found.likely))
        assert best[0] == pytest.approx(total.max(axis=0), abs=0.02) and (best[0] > total.max(axis=0) - 2e-3).all()
        u = np.broadcast_to(found.log_value, (1, 2))
        assert found.likely == pytest.approx(likelihood.fitted(np.exp(u), np.full((1, 2), tau)).likely, abs=2e-3)


def test_errors_that_go_along_with_a_value_are_known_beforehand(tmp_path):
    counted = tallied(PLAN, tmp_path)
    likelihood = AnswerLikelihood(faced(counted.shapes, 2), context_passes(counted, np.random.default_rng(0)), 1.0)
    value, noise = np.full((1, 2), 9.0), np.full((1, 2), PLAN.temperature)
    here, there = likelihood.fitted(value, noise), likelihood.fitted(1.01 * value, noise)
    moved = (there.errors - here.errors) / np.log(1.01)
    assert np.abs(moved).max() > 1 and here.drift == pytest.approx(moved, rel=0.2, abs=0.3)


def test_hand_overs_that_were_seen_are_vague():
    cells = Faced(*(np.array([[x]]) for x in (1.0, 0.3, 0.05, 100.0, 40.0)))
    pooled = context_passes_of(MIX.game(0))
    likelihood = AnswerLikelihood(cells, pooled, 1.0)
    q = [
        likelihood.leave_prob(np.full((1, 1), 1.6), np.full((1, 1), 0.2), np.array([[[0, 0, 0, 0, z]]]))
        for z in (-1, 1)
    ]
    assert q[0][0, 0, 0] != q[1][0, 0, 0]


def test_errors_are_found_where_few_passes_leave_them_wide():
    """No search finds likelier ones, also at values and noises that are far off."""
    game, commitments = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0))
    route, s = (np.array([column], dtype=float) for column in zip(*commitments, strict=True))
    decisions = np.full(s.shape, 400.0)
    leaves = np.round(decisions * quantal_response(game, route, s, 0.4))
    likelihood = AnswerLikelihood(Faced(route, s, 0 * s, decisions, leaves), context_passes_of(game, 0.3), 1.0)
    for value, noise in ((9.0, 0.4), (7.0, 0.2)):
        at = np.full((1, 1), value), np.full((1, 1), noise)

        def off(errors, at=at):
            answer = likelihood.leave_prob(*at, errors.reshape(1, 1, ERRORS))
            return (errors**2).sum() / 2 - likelihood._log_likelihood(answer, np.arange(1))[0, 0]

        least = minimize(off, np.zeros(ERRORS), method="Powell").fun
        assert likelihood.fitted(*at).likely[0, 0] > -least - 0.05, (value, noise)


def context_passes_of(game: Game, error: float = 5e-4):
    """What is known of one game: all but exactly, or up to a relative error."""

    def known(each):
        return tuple(Pooled(x * np.exp(error * ndtri((np.arange(99) + 0.5) / 99))[:, None], np.zeros(1)) for x in each)

    return ContextPasses(np.ones(1), np.ones((1, 2)), known(game.success_prob), known(game.latency), known(game.cost))
