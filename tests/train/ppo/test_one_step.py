"""The one-move games that learners play pay what the game pays."""

import numpy as np
import pytest
import torch

from routegame.agents.users.learned import as_abandon_prob
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.bounded_gaussian import BoundedGaussianPolicy, _Clamp
from routegame.train.ppo.follower import NUM_ANSWERS, FollowerSide, commitments_near, random_commitments
from routegame.train.ppo.leader import NUM_TRIALS, LeaderOptions, LeaderPopulation, LeaderSide, first_commitments
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv, standings

GAME = scenario("figure-4-right-cascade").game
BOX = RoutingGame(GAME)
SLOW_BOX = RoutingGame(GAME, throttling=True)


class Parabola(OneStepVecEnv):
    """Pays −(action − 0.5)², the bandit whose best action is known."""

    def __init__(self):
        super().__init__(256, 1, 1)

    def observe(self):
        return np.ones((256, 1), dtype=np.float32)

    def pay(self, actions):
        return -((actions[:, 0] - 0.5) ** 2)


def test_ppo_finds_the_best_action_of_a_bandit():
    torch.set_num_threads(1)
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []}, n_epochs=10)
    for update in range(60):
        figures = ppo.update(0.3 * 0.95**update, 0.03)
    assert abs(float(ppo.policy.means(torch.ones(1, 1))[0, 0]) - 0.5) < 0.05
    assert figures["exploration"] == pytest.approx(0.3 * 0.95**59)
    assert np.isfinite(list(figures.values())).all()


def test_figures_of_an_update():
    """Far from the best action a reward is as good as linear: advantages are the noise of actions, and known."""
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=0.0, policy={"net_arch": []}, n_epochs=1)
    figures = ppo.update(0.01, 1e-6)
    assert figures["entropy"] == pytest.approx(0.5 * np.log(2 * np.pi * np.e * 0.01**2))
    assert figures["gradient_norm"] == pytest.approx(np.sqrt(2) / 0.01, rel=0.15), "of weight and bias, not clipped"
    assert ppo.update(0.1, 1e-6)["gradient_norm"] == pytest.approx(np.sqrt(2) / 0.1, rel=0.15)


def test_clamp_blocks_gradients_that_lead_outward_only():
    value = torch.tensor([-2.0, -2.0, 0.5, 2.0, 2.0], requires_grad=True)
    pull = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0])
    (_Clamp.apply(value) * pull).sum().backward()
    assert value.grad.tolist() == [0.0, -1.0, 1.0, 1.0, 0.0]


def test_mean_reaches_beyond_the_ends_by_what_exploration_allows():
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=2.0, policy={"net_arch": []})
    policy = ppo.policy
    assert isinstance(policy, BoundedGaussianPolicy)
    policy.explore(0.1)
    with torch.no_grad():
        policy.action_net.weight.fill_(1e6)
    assert float(policy.means(torch.ones(1, 1))[0, 0]) == pytest.approx(1.2)
    assert not policy.log_std.requires_grad


def test_standings_are_relative_to_the_group():
    rewards = np.array([[1.0, 2.0, 3.0, 2.0], [10.0, 30.0, 10.0, 30.0], [5.0, 5.0, 5.0, 5.0]])
    expected = [-np.sqrt(2), 0, np.sqrt(2), 0, -1, 1, -1, 1, 0, 0, 0, 0]
    assert standings(rewards) == pytest.approx(expected)


def test_without_a_critic_rewards_are_advantages():
    ppo = OneStepPPO(Parabola(), 0, minibatches=1, reach=1.0, policy={"net_arch": []}, vf_coef=0.0)
    for _ in range(3):
        ppo.update(0.3, 0.03)
    assert ppo.policy.predict_values(torch.ones(1, 1)).item() == 0.0


ANSWERS = np.linspace(-1.1, 1.1, NUM_ANSWERS, dtype=np.float32)


def paid(game, commitments, answers, num_tasks=200_000):
    size = len(commitments) * NUM_ANSWERS
    side = FollowerSide(game, size, num_tasks, lambda count, rng: commitments, np.random.default_rng(0), Meter())
    assert len(side.reset()) == size
    return side.pay(np.tile(answers, len(commitments))[:, None]).reshape(-1, NUM_ANSWERS)


def test_follower_is_paid_the_standing_of_its_utility():
    commitments = Commitments.unthrottled(GAME, [1, 1, 2], [0.0, 0.3, 0.3])
    asked = commitments.route[:, None], commitments.cascade_prob[:, None], as_abandon_prob(ANSWERS)
    exact = outcome(GAME, *asked).user_utility
    assert paid(BOX, commitments, ANSWERS) == pytest.approx(standings(exact).reshape(3, -1), abs=0.1)


def test_equal_answers_are_equally_lucky():
    standing = paid(BOX, Commitments.unthrottled(GAME, [1, 2], [0.3, 0.3]), np.repeat(ANSWERS[[2, 5]], 4), 10)
    assert np.array_equal(np.ptp(standing.reshape(2, 2, 4), axis=2), np.zeros((2, 2)))
    assert np.abs(standing).min() > 0


def test_follower_pays_for_slow_models():
    commitments = SLOW_BOX.commitments(np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]))
    as_they_are, slowed = paid(SLOW_BOX, commitments, ANSWERS)
    assert np.argmax(as_they_are) == 0
    assert np.argmax(slowed) >= NUM_ANSWERS - 2


def test_leader_is_paid_relative_to_its_own_trials():
    side = LeaderSide(BOX, 4, 64, 100_000, np.random.default_rng(0), Meter())
    side.answer_with(lambda commitments: np.zeros(len(commitments)))
    actions = np.random.default_rng(1).uniform(-1, 1, (64, 2)).astype(np.float32)
    reward = side.pay(actions).reshape(4, 16)
    assert reward.mean(axis=1) == pytest.approx(np.zeros(4), abs=1e-6)
    assert reward.std(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    tried = BOX.commitments((1 + actions.astype(np.float64)) / 2)
    exact = outcome(GAME, tried.route, tried.cascade_prob, 0.0).provider_cost.reshape(4, -1, NUM_TRIALS)
    saved = (exact.mean(axis=2, keepdims=True) - exact).reshape(4, 16)
    assert all(np.corrcoef(saved[k], reward[k])[0, 1] > 0.99 for k in range(4))
    same = np.repeat(actions[::NUM_TRIALS], NUM_TRIALS, axis=0)
    assert np.array_equal(side.pay(same), np.zeros(64)), "equal commitments are equally lucky"
    side.keep(np.array([1, 3]))
    assert side.observe().sum(axis=0).tolist() == [0, 32, 0, 32]


@pytest.mark.parametrize("game", [BOX, SLOW_BOX])
def test_leaders_start_where_they_should(game):
    population = LeaderPopulation(game, LeaderOptions(), np.random.SeedSequence(0), Meter())
    starts, commitments = first_commitments(game), population.commitments()
    assert game.actions(commitments)[:, 1:] == pytest.approx(starts[:, 1:], abs=1e-6)
    assert commitments.route.tolist() == [2 if start[0] > 0.5 else 1 for start in starts]
    assert set(commitments.route) == {1, 2}


@pytest.mark.parametrize("game", [BOX, SLOW_BOX])
def test_random_commitments_cover_the_box(game):
    rng = np.random.default_rng(0)
    actions = game.actions(random_commitments(game)(20_000, rng))
    assert ((actions >= 0) & (actions <= 1)).all()
    assert np.abs(actions[:, 0].mean() - 0.5) < 0.02
    histogram = np.histogram(actions[:, 1], bins=10, range=(0, 1))[0]
    assert histogram.min() > 500
    assert (actions[:, 1] < 0.01).sum() > 500
    assert (actions[:, 1] > 0.99).sum() > 500


def test_commitments_near_are_near_most_of_the_time():
    rng = np.random.default_rng(0)
    centre = Commitments.unthrottled(GAME, 1, 0.5)
    drawn = commitments_near(BOX, centre)(20_000, rng)
    close = (drawn.route == 1) & (np.abs(drawn.cascade_prob - 0.5) < 0.02)
    assert 0.6 < close.mean() < 0.75
    assert (np.abs(drawn.cascade_prob - 0.5) > 0.4).mean() > 0.05
