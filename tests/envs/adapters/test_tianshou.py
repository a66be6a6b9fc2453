"""Tianshou takes agents in turn, who have the same spaces, and trains both sides."""

import numpy as np
import pytest
import torch
from pettingzoo.utils.conversions import parallel_to_aec
from tianshou.algorithm import MultiAgentOffPolicyAlgorithm
from tianshou.algorithm.modelfree.dqn import DQN, DiscreteQLearningPolicy
from tianshou.algorithm.optim import AdamOptimizerFactory
from tianshou.data import Batch, Collector, VectorReplayBuffer
from tianshou.data.buffer.buffer_base import MalformedBufferError
from tianshou.env import DummyVectorEnv
from tianshou.env.pettingzoo_env import PettingZooEnv
from tianshou.trainer import OffPolicyTrainerParams
from tianshou.utils.net.common import Net

from routegame import Game
from routegame.envs import routing_v0
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.routing_v0 import ABANDON

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
LEVELS = 2
NUM_ENVS = 4


def made(game, num_users=1, infos=False, **options):
    routing = routing_v0.parallel_env(game, num_users=num_users, **options)
    return PettingZooEnv(parallel_to_aec(Normalized(routing, infos=infos)))


def flat(game, num_users=1, infos=False):
    return made(game, num_users, infos, grid=LEVELS, flat=True, padded=True)


def agent_of(env, horizon, eps):
    policy = DiscreteQLearningPolicy(
        model=Net(state_shape=env.observation_space.shape, action_shape=int(env.action_space.n), hidden_sizes=(16,)),
        action_space=env.action_space,
        observation_space=env.observation_space,
        eps_training=1.0,  # without effect, see below
        eps_inference=eps,
    )
    optim = AdamOptimizerFactory(lr=1e-2)
    return DQN(policy=policy, optim=optim, gamma=1.0, n_step_return_horizon=horizon, target_update_freq=10)


def trained(game, num_users=1, infos=False, horizon=None, eps=0.5, num_steps=400):
    """Let each agent learn; return the agents' algorithms, their parameters before, and what was played."""
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002, Tianshou draws from it
    one = flat(game, num_users)
    agents = {agent: agent_of(one, horizon or len(one.agents), eps) for agent in one.agents}
    before = {agent: [value.clone() for value in dqn.policy.parameters()] for agent, dqn in agents.items()}
    algorithm = MultiAgentOffPolicyAlgorithm(algorithms=list(agents.values()), env=one)
    envs = DummyVectorEnv([lambda: flat(game, num_users, infos) for _ in range(NUM_ENVS)])
    envs.seed(0)
    played = VectorReplayBuffer(num_steps, NUM_ENVS)
    algorithm.run_training(
        OffPolicyTrainerParams(
            training_collector=Collector(algorithm, envs, played, exploration_noise=True),
            max_epochs=1,
            epoch_num_steps=num_steps,
            collection_step_num_env_steps=40,
            update_step_num_gradient_steps_per_sample=0.1,
            batch_size=64,
            verbose=False,
            show_progress=False,
        )
    )
    return agents, before, played


def greedy(dqn, seen):
    with torch.no_grad():
        return int(dqn.policy(Batch(obs=np.array([seen], dtype=np.float32), info={})).act[0])


@pytest.mark.parametrize("cheap", [1, 2])
@pytest.mark.parametrize("value,leaves", [(1, True), (30, False)])
def test_both_sides_learn_from_what_they_are_paid(value, leaves, cheap):
    """A user's answer is best whatever is offered, and the provider had better take the cheap route."""
    cost = (1, 9) if cheap == 1 else (9, 1)
    agents, *_ = trained(Game(value, 0, (0.3, 0.3), (1, 1), cost), num_steps=600)
    assert greedy(agents["provider"], [1, 0.5, 0, 0, 0]) // LEVELS == cheap - 1
    for route in (0.5, 1):
        for cascade_prob in (0, 1):
            assert (greedy(agents["user_0"], [1, route, cascade_prob, 1, 1]) == ABANDON) == leaves


def test_several_users_learn_until_the_first_is_gone():
    agents, before, played = trained(GAME, num_users=2)
    for agent, dqn in agents.items():
        moved = [not torch.equal(old, new) for old, new in zip(before[agent], dqn.policy.parameters(), strict=True)]
        assert all(moved), agent
    assert (played.obs.agent_id[played.done] == "user_1").all(), "episodes end with a round"
    solved = played.rew[played.done, 1:] > 0
    assert (solved.sum(axis=1) == 1).any(), "though one user has not been served"


def test_only_the_last_agents_steps_are_paid_so_that_returns_have_to_span_a_round():
    """One step ahead stands what the next agent sees; as many as there are agents ahead what one sees next itself."""
    *_, played = trained(GAME, num_users=2)
    by_last = played.obs.agent_id == "user_1"
    assert not played.rew[~by_last].any() and played.rew[by_last].any()


@pytest.mark.parametrize("eps,explores", [(0.0, False), (1.0, True)])
def test_agents_of_several_explore_by_what_is_set_for_inference(eps, explores):
    """Tianshou says that training is under way to all of them together, not to each."""
    *_, played = trained(GAME, eps=eps, num_steps=40)
    commits = (played.obs.agent_id == "provider") & (played.obs.obs[:, 0] == 1)
    assert commits.sum() > NUM_ENVS and (len(set(played.act[commits])) > 1) == explores


def test_limits():
    with pytest.raises(AssertionError, match="Observation spaces for all agents must be identical"):
        made(GAME)
    with pytest.raises(MalformedBufferError, match="NaNs"):
        trained(GAME, infos=True)
