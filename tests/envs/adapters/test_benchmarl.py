"""BenchMARL takes the game as a task, with both kinds of actions, and trains on both sides."""

import pytest
import torch
from benchmarl.algorithms import IppoConfig, IqlConfig, MappoConfig
from benchmarl.experiment import Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig

from routegame import Game
from routegame.envs.adapters.benchmarl import GRID, RoutingTask

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))

pytestmark = pytest.mark.filterwarnings("ignore")


def experiment(algorithm, folder, task=None, **settings):
    config = ExperimentConfig.get_from_yaml()
    config.loggers, config.create_json, config.save_folder = [], False, str(folder)
    config.max_n_frames, config.max_n_iters = None, 2
    for kind in ("on_policy", "off_policy"):
        setattr(config, f"{kind}_n_envs_per_worker", 8)
        setattr(config, f"{kind}_collected_frames_per_batch", 160)
    config.on_policy_minibatch_size, config.on_policy_n_minibatch_iters = 80, 2
    config.off_policy_n_optimizer_steps, config.off_policy_train_batch_size = 2, 32
    config.evaluation_interval, config.evaluation_episodes = 160, 2
    for name, value in settings.items():
        setattr(config, name, value)
    task = task or RoutingTask({"game": GAME, "num_users": 3, "max_passes": 30})
    model = MlpConfig.get_from_yaml()
    return Experiment(task, algorithm.get_from_yaml(), model, seed=0, config=config)


@pytest.mark.parametrize("algorithm", [IppoConfig, MappoConfig, IqlConfig])
def test_an_experiment_runs(algorithm, tmp_path):
    run = experiment(algorithm, tmp_path)
    before = [value.clone() for loss in run.losses.values() for value in loss.parameters()]
    run.run()
    after = [value for loss in run.losses.values() for value in loss.parameters()]
    assert run.total_frames == 320 and run.group_map.keys() == {"provider", "users"}
    assert any(not torch.equal(old, new) for old, new in zip(before, after, strict=True))
    grid = algorithm is IqlConfig
    assert run.continuous_actions == (not grid)
    assert run.action_spec["provider", "action"].shape == ((1,) if grid else (1, 2))
    if grid:
        assert run.action_spec["provider", "action"].space.n == 2 * GRID


def test_a_task_says_what_it_can(tmp_path):
    task = RoutingTask({"game": GAME, "num_users": 2, "grid": 4})
    assert task.supports_discrete_actions() and not task.supports_continuous_actions()
    assert task == RoutingTask({"game": GAME, "num_users": 2, "grid": 4})
    env = task.get_env_fun(3, False, 0, "cpu")()
    assert env.batch_size == (3,) and task.max_steps(env) == env.max_passes + 1
    assert task.observation_spec(env)["users"].shape == (2,)
    assert "mask" not in task.observation_spec(env)["users"].keys()
    assert task.state_spec(env)["state"].shape == (2 + 2 * 5,)
    assert task.action_spec(env)["provider", "action"].space.n == 8
    assert task.info_spec(env) is None and task.action_mask_spec(env) is None and not task.has_render(env)
