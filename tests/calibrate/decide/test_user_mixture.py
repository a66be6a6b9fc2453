"""Users whose values are log-normal, all together, against users drawn one by one."""

import numpy as np
import pytest
from scipy.special import ndtri

from routegame import Game
from routegame.agents.exact.best_response import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.user_mixture import UserMixture
from routegame.envs.chain import outcome

COMMITMENTS = ((1, 0.0), (1, 0.1), (1, 0.6), (1, 1.0), (2, 0.0))


@pytest.mark.parametrize("latency", [(6.0, 20.0), (6.0, 4.0)], ids=["leave, mix, stay", "jump"])
@pytest.mark.parametrize("value", [9.0, 60.0, 2000.0])
@pytest.mark.parametrize("temperature", [1e-6, 0.5, 20.0])
def test_a_mixture_is_worth_what_its_users_are(latency, value, temperature):
    sd, p, c = 0.4, (0.2, 0.4), (1.0, 3.0)
    one = np.ones(1)
    game = Game(value * one, 15 * one, tuple(x * one for x in p), tuple(x * one for x in latency), (1 * one, 3 * one))
    ranks = (np.arange(1001) + 0.5) / 1001
    users = Game(value * np.exp(sd * ndtri(ranks)), 15.0, p, latency, c)
    route, s = (np.array(column) for column in zip(*COMMITMENTS, strict=True))
    mixture = UserMixture(game, temperature * one, sd * one, route, s)
    found = mixture.worth()
    for k, commitment in enumerate(COMMITMENTS):
        if temperature < 1e-3:
            answer = best_response(users, *commitment)
        else:
            answer = quantal_response(users, *commitment, temperature, rough=True)
        truth = outcome(users, *commitment, answer)
        assert found.provider_cost[0, k] == pytest.approx(np.mean(truth.provider_cost), rel=3e-3)
        assert found.user_utility[0, k] == pytest.approx(np.mean(truth.user_utility), rel=5e-3, abs=5e-3 * value)
        assert mixture.kept()[0, k] == pytest.approx(np.mean(np.asarray(answer) < 0.5), abs=0.03)
