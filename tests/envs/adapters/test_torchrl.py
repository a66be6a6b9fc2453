"""TorchRL takes one environment, or many in arrays, and both play the same."""

import numpy as np
import pytest
import torch
from torchrl.collectors import Collector
from torchrl.envs.utils import check_env_specs

from routegame import Game
from routegame.envs.adapters.torchrl import RoutingVecEnv, torchrl_env

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))

pytestmark = [
    pytest.mark.filterwarnings("ignore:PettingZoo in TorchRL is tested using version"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.parametrize(
    "make",
    [
        lambda: torchrl_env(GAME, num_users=3, seed=0, return_state=True),
        lambda: torchrl_env(GAME, num_users=2, seed=0, grid=5, flat=True, information="history"),
        lambda: RoutingVecEnv(GAME, num_envs=4, num_users=3, seed=0),
        lambda: RoutingVecEnv(GAME, num_envs=4, num_users=1, seed=0, grid=5, throttling=True),
        lambda: RoutingVecEnv("gateway-eight", num_envs=2, num_users=2, seed=0),
    ],
)
def test_torchrl_finds_no_fault(make):
    check_env_specs(make())


def policy(cascade_prob):
    """Commit to model 1 and a cascade probability; users stay."""

    def act(tensordict):
        tensordict["provider", "action"] = torch.zeros((*tensordict["provider", "observation"].shape[:-1], 2))
        tensordict["provider", "action"][..., 1] = cascade_prob
        tensordict["users", "action"] = torch.zeros(tensordict["users", "observation"].shape[:-1], dtype=torch.int64)
        return tensordict

    return act


def test_an_episode_lasts_until_the_last_user_is_gone():
    played = torchrl_env(GAME, num_users=4, seed=3).rollout(500, policy(0.25), break_when_any_done=True)
    mask, ended = played["users", "mask"], played["next", "users", "done"].squeeze(-1)
    lengths = mask.sum(dim=0)
    assert len(set(lengths.tolist())) > 1 and lengths.max() == len(played)
    assert ended[-1].all() and not ended[0].all()
    assert (played["next", "users", "reward"].squeeze(-1)[~mask] == 0).all()
    assert played["next", "provider", "done"].flatten().tolist() == [False] * (len(played) - 1) + [True]


def test_environments_in_arrays_play_the_same_as_one():
    one = torchrl_env(GAME, num_users=3, seed=5)
    many = RoutingVecEnv(GAME, num_envs=2, num_users=3, seed=5)
    for _ in range(3):
        expected = one.rollout(500, policy(0.25))
        played = many.rollout(500, policy(0.25), break_when_any_done=False)[0][: len(expected)]
        for name in ("observation", "mask"):
            alive = expected["users", "mask"]
            np.testing.assert_allclose(played["users", name][alive], expected["users", name][alive])
            np.testing.assert_allclose(played["provider", name], expected["provider", name])
        for group in ("users", "provider"):
            for name in ("reward", "done", "terminated"):
                np.testing.assert_allclose(
                    played["next", group, name].float(), expected["next", group, name].float(), rtol=1e-6
                )
        many.set_seed(5)
        one.set_seed(5)


def test_some_environments_are_reset_while_others_play_on():
    env = RoutingVecEnv(GAME, num_envs=64, num_users=1, seed=0)
    collector = Collector(env, policy(0.25), frames_per_batch=64 * 40, total_frames=64 * 40)
    (played,) = collector
    begins = played["users", "observation"][..., 0, 0] == 0
    done = played["next", "done"].squeeze(-1)
    assert begins[:, 0].all() and begins[:, 1:].eq(done[:, :-1]).all(), "an episode begins where the last one ended"
    assert 64 < begins.sum() < 64 * 40 / 2
    assert env.passes == 64 * 40 and env.max_passes > 40
