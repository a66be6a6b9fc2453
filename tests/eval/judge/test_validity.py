"""How far an answer can be trusted, against other draws of what was measured."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from routegame import Game, solve
from routegame.agents.exact.sensitivity import commitment_range, value_range
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import random_games
from routegame.eval.judge.validity import Validity
from routegame.eval.statistics import proportion


def answers(games):
    """What a provider would do in each game of a batch, told apart by hand."""
    best = solve(games).equilibrium
    cascade = (best.route == 1) & (best.cascade_prob > 0)
    users = np.sign(best.abandon_prob) + (best.abandon_prob == 1)
    return list(zip(best.route, cascade, users, strict=True))


def test_what_was_measured_bears_out_the_answer():
    """The chance that the answer is the same, by other draws: of 225 tasks 16 and 58 were solved."""
    known, rng = scenario("haiku35-sonnet4"), np.random.default_rng(7)
    drawn = rng.beta(16.5, 209.5, 20_000), rng.beta(58.5, 167.5, 20_000)
    mine, *found = answers(
        replace(
            known.game, success_prob=tuple(np.r_[p, x] for p, x in zip(known.game.success_prob, drawn, strict=True))
        )
    )
    validity = Validity.of(known, solve(known.game))
    assert validity.answer_stays == pytest.approx(np.mean([other == mine for other in found]), abs=0.03)
    assert [round(p.value * 225) for p in validity.success_prob] == [16, 58]
    assert np.isnan(Validity.of(None, solve(known.game)).answer_stays)


@pytest.mark.parametrize("name,low,high", [("nano-gpt5", 0.8, 0.95), ("gemini25-flash-pro", 0.6, 0.85)])
def test_the_chance_is_that_of_the_same_answer_and_not_of_another(name, low, high):
    """By other draws of what was measured, for pairs whose answer is likely but not sure to stay."""
    known, rng = scenario(name), np.random.default_rng(8)
    solved = [round(m.success_prob * m.num_cases) for m in known.measurements]
    drawn = [rng.beta(k + 0.5, m.num_cases - k + 0.5, 20_000) for k, m in zip(solved, known.measurements, strict=True)]
    own = zip(known.game.success_prob, drawn, strict=True)
    mine, *found = answers(replace(known.game, success_prob=tuple(np.r_[p, x] for p, x in own)))
    share = np.mean([other == mine for other in found])
    assert low < share < high
    assert Validity.of(known, solve(known.game)).answer_stays == pytest.approx(share, abs=0.03)


def test_a_provider_that_may_slow_models_down_has_ranges_of_its_own():
    differ = 0
    for instance in random_games(2, 5)[9:13]:
        game = instance.game
        found = Validity.of(None, solve(game, throttling=True), throttling=True)
        best = solve(game, throttling=True).equilibrium
        assert found.value_range == value_range(game, throttling=True)
        assert found.commitment_range == commitment_range(game, best, 0.01, throttling=True)
        differ += found.value_range != value_range(game)
    assert differ


def test_success_that_was_chosen_was_not_measured():
    known = scenario("haiku35-sonnet4")
    other = replace(known.game, success_prob=(0.08, 0.26))
    found = Validity.of(known, solve(other))
    assert found.success_prob == () and np.isnan(found.answer_stays)
    dearer = replace(known.game, cost=(0.001, 0.02))
    assert Validity.of(known, solve(dearer)).success_prob != ()


def test_intervals_and_ranges_are_those_of_the_game():
    known = scenario("haiku35-sonnet4")
    solution = solve(known.game)
    found = Validity.of(known, solution)
    assert found.success_prob == (proportion(16, 225), proportion(58, 225))
    assert found.value_range == value_range(known.game)
    assert found.commitment_range == commitment_range(known.game, solution.equilibrium, 0.01)
    assert Validity.of(known, solution).answer_stays == found.answer_stays, "the same draws each time"


def test_what_has_no_end_is_none_in_a_document():
    document = Validity.of(None, solve(Game(9, 15, (0.1, 0.3), (0, 0), (1, 3.3)))).to_dict()
    assert document == {
        "value_range": [0.0, None],
        "commitment_range": [0.0, None],
        "success_prob": (),
        "answer_stays": None,
    }
    assert inf not in document["value_range"]
