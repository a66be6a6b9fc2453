"""Answers by context to commitments to three models: counted, as users give them, and moved by errors as models are."""

from dataclasses import replace

import numpy as np
import pytest
from mixed_menus import BACK, FEW, MANY, MIX, PLAN

from routegame.agents.users.quantal_menus import quantal_answer
from routegame.calibrate.contexts.menu_answers import MenuAnswerLikelihood, MenuFaced, menu_faced
from routegame.calibrate.contexts.passes import ContextPasses
from routegame.calibrate.contexts.pooling import Pooled
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.calibrate.estimate.turns import turns
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import write_log
from routegame.envs.game import Game

NAMES = ("1", "2", "3")


def known(error=0.2):
    """What is known of the models of both contexts: all of them up to a relative error."""
    z = np.array([-1.0, 1.0])[:, None]

    def pooled(x, moved):
        return Pooled(moved(np.asarray(x, dtype=float), error * z), np.zeros(2))

    def odds(p, by):
        return 1 / (1 + np.exp(-(np.log(p / (1 - p)) + by)))

    games = MIX.games
    return ContextPasses(
        np.ones(2, dtype=int),
        np.ones((2, 3), dtype=int),
        tuple(pooled(p, odds) for p in games.success_prob),
        tuple(pooled(t, lambda x, by: x * np.exp(by)) for t in games.latency),
        tuple(pooled(c, lambda x, by: x * np.exp(by)) for c in games.cost),
    )


def stated_cells(decisions=200):
    """Users of both contexts under three commitments that are stated."""
    counts = np.ones((3, 3), dtype=np.int64)

    def cell(name, policy):
        return PolicyCell(name, policy, True, counts[0], counts, 100, decisions, decisions // 3)

    cells = tuple(cell(*each) for each in zip(NAMES, (FEW, MANY, BACK), strict=True))
    table = np.full((2, 3), float(decisions))
    return MenuFaced((cells, cells), NAMES, table, np.round(table / 3))


@pytest.fixture(scope="module")
def likelihood():
    """Of these users."""
    return MenuAnswerLikelihood(stated_cells(), known(), 1.0)


@pytest.mark.parametrize("error", [(0, 1.0), (2, -1.0), (4, 1.0), (5, -2.0)])
def test_answers_are_those_of_users_whose_models_are_off(likelihood, error):
    """Exactly at a standard error to either side, and nearly beyond."""
    k, side = error
    errors = np.zeros((1, 2, likelihood.errors))
    errors[..., k] = side
    value, noise = np.full((1, 2), 9.0), np.full((1, 2), 0.8)
    found = likelihood.leave_prob(value, noise, errors)[0]
    p, t = likelihood.models(errors)
    for x in (0, 1):
        game = Game(9.0, 9.0, tuple(p[0, x]), tuple(t[0, x]), (0, 0, 0))
        truth = [float(quantal_answer(game, policy, 0.8)) for policy in (FEW, MANY, BACK)]
        assert found[x] == pytest.approx(truth, abs=1e-5 if abs(side) == 1 else 4e-3)


def test_slopes_are_those_of_answers(likelihood):
    rng = np.random.default_rng(0)
    context, value, noise = np.array([0, 1, 1]), np.array([9.0, 7.0, 12.0]), np.array([0.8, 2.0, 0.3])
    errors = 0.5 * rng.standard_normal((3, likelihood.errors))
    answer, slopes = likelihood._slopes(context, value, noise, errors)
    assert answer == pytest.approx(likelihood._leave_prob(context, value, noise, errors), abs=1e-12)
    dearer = likelihood._leave_prob(context, value * np.exp(1e-6), noise, errors)
    assert slopes[:, 0] == pytest.approx((dearer - answer) / 1e-6, abs=1e-5)
    for k in range(likelihood.errors):
        nudged = likelihood._leave_prob(context, value, noise, errors + 1e-6 * np.eye(likelihood.errors)[k])
        assert slopes[:, 1 + k] == pytest.approx((nudged - answer) / 1e-6, abs=1e-5)


def test_what_was_seen_of_a_commitment_makes_answers_vague_and_what_is_stated_does_not(tmp_path):
    path = tmp_path / "log.parquet"
    write_log(replace(PLAN, num_tasks=1500), path)
    with open_log(path, Layout.of(models=NAMES)) as log:
        counted = turns(log)
        assert counted is not None
        decided = log.rows("SELECT count(*) FROM passes WHERE next > 0")[0][0]
    seen = menu_faced(counted, 2, {})
    assert seen.decisions.sum() == decided and seen.names == NAMES
    share = seen.leaves / seen.decisions
    for x in (0, 1):
        for a, policy in enumerate((FEW, MANY, BACK)):
            q = float(quantal_answer(MIX.game(x), policy, PLAN.temperature))
            assert abs(share[x, a] - q) < 4 * np.sqrt(q * (1 - q) / seen.decisions[x, a])
    some = menu_faced(counted, 2, dict(zip(NAMES, (FEW, MANY, BACK), strict=True)))
    sizes = [MenuAnswerLikelihood(cells, known(), 1.0).errors for cells in (seen, some)]
    assert sizes[0] > sizes[1] == 6
