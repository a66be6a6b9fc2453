"""Answers to any commitment: against all answers that there are, tried one by one."""

from itertools import product

import numpy as np
import pytest
from menus_by_hand import payoffs, payoffs_after, random_game

from routegame.agents.exact.best_response import best_response
from routegame.agents.menus.answers import answer, refuses
from routegame.agents.users.information import history_response, model_response
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.policy import Policy


def random_case(rng, models):
    start, *matrix = rng.dirichlet(np.full(models, 0.5), models + 1)
    return Game(*random_game(rng, models)), Policy(start, np.array(matrix))


def worth(game, policy, leave):
    leave = np.broadcast_to(np.asarray(leave, dtype=float), (policy.num_models,))
    return payoffs(game, policy.start, policy.matrix, leave)[0]


def test_a_user_who_sees_nothing_has_no_better_probability():
    rng, mixed = np.random.default_rng(41), 0
    for number in range(120):
        game, policy = random_case(rng, 2 + number % 4)
        q = answer(game, policy)
        mixed += 0 < q < 1
        assert worth(game, policy, q) >= max(worth(game, policy, x) for x in np.linspace(0, 1, 201)) - 1e-9
    assert mixed


def test_a_user_who_sees_the_model_has_no_better_rule():
    rng = np.random.default_rng(42)
    for number in range(80):
        models = 2 + number % 4
        game, policy = random_case(rng, models)
        rules = [worth(game, policy, rule) for rule in product((0, 1), repeat=models)]
        assert worth(game, policy, answer(game, policy, "model")) >= max(rules) - 1e-9


def test_a_user_who_counts_has_no_better_number():
    rng = np.random.default_rng(43)
    for number in range(60):
        game, policy = random_case(rng, 2 + number % 4)
        found = answer(game, policy, "history")
        tried = [payoffs_after(game, policy.start, policy.matrix, n)[0] for n in range(1, 40)]
        forever = worth(game, policy, 0)
        gained = forever if found == np.inf else payoffs_after(game, policy.start, policy.matrix, int(found))[0]
        assert gained >= max(*tried, forever) - 1e-9


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_a_user_refuses_what_is_worth_less_than_nothing_at_its_best(information):
    rng, refused, counting = np.random.default_rng(45), 0, 0
    for number in range(80):
        game, policy = random_case(rng, 2 + number % 4)
        best = answer(game, policy, information)
        counts = information == "history" and best < np.inf
        counting += counts
        leave = 0 if information == "history" else best
        gained = (
            payoffs_after(game, policy.start, policy.matrix, int(best))[0] if counts else worth(game, policy, leave)
        )
        assert abs(gained) > 1e-9
        assert refuses(game, policy, best, information) == (gained < 0)
        refused += gained < 0
    assert 0 < refused < 80 and (counting or information != "history")


def test_a_user_to_whom_it_is_all_the_same_does_not_refuse():
    game = Game(10, 1, (0.3, 0.5), (3, 5), (1, 2))
    assert not refuses(game, Policy(np.array([1.0, 0.0]), np.full((2, 2), 0.5)), 0.0)


def test_of_two_models_the_answers_are_those_of_the_closed_forms():
    rng = np.random.default_rng(44)
    for _ in range(120):
        game, s, route = Game(*random_game(rng, 2)), rng.uniform(), int(rng.integers(1, 3))
        policy = Policy.cascade(s, route)
        assert answer(game, policy) == pytest.approx(best_response(game, route, s), abs=1e-6)
        assert answer(game, policy, "history") == history_response(game, route, s)
        seen = [float(q) for q in model_response(game, route, s)]
        assert answer(game, policy, "model").tolist()[route - 1 :] == seen[route - 1 :]


def test_at_a_threshold_users_stay():
    game = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
    s_0 = 0.1 / (0.7 / 0.3 + 0.1)
    assert answer(game, Policy.cascade(s_0)) == 0
    assert answer(game, Policy.cascade(s_0 * (1 - 1e-9))) == 1


def test_a_policy_of_other_models_or_a_batch_is_refused():
    three = Game(9, 15, (0.1, 0.3, 0.4), (1, 2, 3), (1, 3.6, 4))
    with pytest.raises(ParameterError, match="policy must be of 3 models, got 2"):
        answer(three, Policy.cascade(0.5))
    with pytest.raises(ParameterError, match="policy must be a single one"):
        answer(Game([9, 8], 15, (0.1, 0.3), (1, 2), (1, 3.6)), Policy.cascade(0.5))
