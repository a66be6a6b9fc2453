"""skrl takes one environment, or many in arrays, and trains on both sides."""

import numpy as np
import pytest
import torch
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.models.torch import CategoricalMixin, DeterministicMixin, GaussianMixin, Model
from skrl.multi_agents.torch.ippo import IPPO
from skrl.multi_agents.torch.mappo import MAPPO
from skrl.trainers.torch import SequentialTrainer

from routegame import Game
from routegame.envs import routing_v0
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.adapters.skrl import RoutingVecEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))

pytestmark = pytest.mark.filterwarnings("ignore")


class Gaussian(GaussianMixin, Model):
    def __init__(self, seen, state, acts):
        Model.__init__(self, observation_space=seen, state_space=state, action_space=acts, device="cpu")
        GaussianMixin.__init__(self, clip_actions=True)
        self.net, self.log_std = torch.nn.Linear(seen.shape[0], acts.shape[0]), torch.nn.Parameter(torch.zeros(2))

    def compute(self, inputs, role):
        return self.net(inputs["observations"]), {"log_std": self.log_std}


class Choice(CategoricalMixin, Model):
    def __init__(self, seen, state, acts):
        Model.__init__(self, observation_space=seen, state_space=state, action_space=acts, device="cpu")
        CategoricalMixin.__init__(self)
        self.net = torch.nn.Linear(seen.shape[0], int(acts.n))

    def compute(self, inputs, role):
        return self.net(inputs["observations"]), {}


class Value(DeterministicMixin, Model):
    def __init__(self, seen, state, acts, key):
        Model.__init__(self, observation_space=seen, state_space=state, action_space=acts, device="cpu")
        DeterministicMixin.__init__(self)
        self.key, self.net = key, torch.nn.Linear((seen if key == "observations" else state).shape[0], 1)

    def compute(self, inputs, role):
        return self.net(inputs[self.key]), {}


@pytest.mark.parametrize("algorithm,key", [(IPPO, "observations"), (MAPPO, "states")])
@pytest.mark.parametrize(
    "make",
    [
        lambda: wrap_env(Normalized(routing_v0.parallel_env(GAME)), "pettingzoo", verbose=False),
        lambda: RoutingVecEnv(GAME, num_envs=4, num_users=2, seed=0),
        lambda: RoutingVecEnv(GAME, num_envs=4, num_users=1, seed=0, grid=5),
    ],
)
def test_both_sides_train(make, algorithm, key):
    torch.manual_seed(0)
    env = make()
    agents, spaces = env.possible_agents, (env.observation_spaces, env.state_spaces, env.action_spaces)
    models = {}
    for agent in agents:
        own = tuple(space[agent] for space in spaces)
        policy = (Choice if hasattr(own[2], "n") else Gaussian)(*own)
        models[agent] = {"policy": policy, "value": Value(*own, key)}
    before = {agent: models[agent]["policy"].net.weight.clone() for agent in agents}
    kwargs = ["learning_rate_scheduler", "observation_preprocessor", "state_preprocessor", "value_preprocessor"]
    trained = algorithm(
        possible_agents=agents,
        models=models,
        memories={agent: RandomMemory(memory_size=16, num_envs=env.num_envs, device="cpu") for agent in agents},
        observation_spaces=spaces[0],
        state_spaces=spaces[1],
        action_spaces=spaces[2],
        device="cpu",
        cfg={
            "experiment": {"write_interval": 0, "checkpoint_interval": 0},
            # Empty dictionaries, its own defaults, are refused.
            **{f"{name}_kwargs": {agent: {} for agent in agents} for name in kwargs},
        },
    )
    settings = {"timesteps": 32, "headless": True, "disable_progressbar": True, "close_environment_at_exit": False}
    SequentialTrainer(env=env, agents=trained, cfg=settings).train()
    for agent in agents:
        assert not torch.equal(before[agent], models[agent]["policy"].net.weight), agent


def test_environments_in_arrays_play_the_same_as_one():
    one = Normalized(routing_v0.parallel_env(GAME, num_users=3))
    many = RoutingVecEnv(GAME, num_envs=2, num_users=3, seed=5)
    offer, stay = np.array([0.0, 0.25], dtype=np.float32), torch.zeros(2, 1)
    expected, _ = one.reset(seed=5)
    seen, _ = many.reset()
    rounds = 0
    for _ in range(3):
        while one.agents:
            for agent, view in expected.items():
                np.testing.assert_allclose(seen[agent][0], view, rtol=1e-6)
                assert many.observation_spaces[agent].contains(seen[agent][0].numpy())
            acts = {agent: offer if agent == "provider" else 0 for agent in one.agents}
            expected, paid, ended, *_ = one.step(acts)
            actions = {agent: torch.tensor(offer).expand(2, 2) if agent == "provider" else stay for agent in seen}
            seen, rewards, terminated, truncated, infos = many.step(actions)
            rounds += 1
            for agent, reward in paid.items():
                assert rewards[agent].shape == (2, 1)
                np.testing.assert_allclose(rewards[agent][0], reward, rtol=1e-6)
                assert terminated[agent][0] == ended[agent] and not truncated[agent].any() and infos == {}
        expected, _ = one.reset()
    assert many.passes > 3 * rounds and many.state()["user_0"].shape == (2, 2 + 3 * 5)
    assert many.state_spaces["provider"].shape == (17,)


def test_actions_outside_the_box_count_as_the_nearest():
    seen = []
    for low, high in ((0.0, 1.0), (-3.0, 1.5)):
        env = RoutingVecEnv(GAME, num_envs=2, num_users=1, seed=0)
        env.reset()
        acts = {"provider": torch.tensor([[low, 0.5], [0.5, high]]), "user_0": torch.zeros(2, 1)}
        seen.append(torch.cat([*env.step(acts)[0].values()], dim=1))
    assert torch.equal(*seen)
