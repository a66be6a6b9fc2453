"""IPPO and MAPPO of BenchMARL on both sides."""

from __future__ import annotations

import tempfile
import warnings

import numpy as np
import torch
from benchmarl.algorithms import IppoConfig, MappoConfig
from benchmarl.experiment import Callback, Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from tensordict import TensorDictBase
from torchrl.envs.utils import ExplorationType, set_exploration_type

from peers.played import Ended, game_of
from routegame.envs.adapters.benchmarl import RoutingTask
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.routing_v0 import RoutingEnv

ALGORITHMS = {"benchmarl-ippo": IppoConfig, "benchmarl-mappo": MappoConfig}
NUM_ENVS, NUM_USERS, ROUNDS, UPDATES = 64, 4, 64, 60
NUM_SAMPLED = 512


class Passes(Callback):
    """Counts the passes that were played: one for each user in a round, but for those who leave."""

    played = 0

    def on_batch_collected(self, batch: TensorDictBase) -> None:
        users = batch["users"]
        left = (users["action"] == 1) & (users["observation"][..., 0] > 0)
        self.played += int((users["mask"] & ~left).sum())


def learn(learner: str, name: str, seed: int) -> Ended:
    """Let both sides learn, by the library's defaults but for what the game and the budget ask for."""
    warnings.simplefilter("ignore")
    config = ExperimentConfig.get_from_yaml()
    config.gamma = 1.0  # nothing is discounted
    config.lr = 1e-3
    config.max_n_frames, config.max_n_iters = None, UPDATES
    config.on_policy_n_envs_per_worker = NUM_ENVS
    config.on_policy_collected_frames_per_batch = NUM_ENVS * ROUNDS
    config.on_policy_n_minibatch_iters, config.on_policy_minibatch_size = 4, 1024
    config.evaluation, config.loggers, config.create_json = False, [], False
    algorithm = ALGORITHMS[learner].get_from_yaml()
    algorithm.lmbda = 1.0  # all failures look alike: a return is what the task brought to its end
    model = MlpConfig.get_from_yaml()
    model.num_cells = [64, 64]
    task = RoutingTask({"game": game_of(name).game, "num_users": NUM_USERS})
    with tempfile.TemporaryDirectory() as folder:
        config.save_folder = folder
        passes = Passes()
        experiment = Experiment(task, algorithm, model, seed=seed, config=config, callbacks=[passes])
        experiment.run()
    return ended(experiment, name, passes.played)


def ended(experiment: Experiment, name: str, passes: int) -> Ended:
    """Ask the policies what they have come to."""
    scale = Normalized(RoutingEnv(game_of(name).game))
    policy, start = experiment.policy, experiment.test_env.reset()[:1]

    def ask(kind: ExplorationType, num: int) -> np.ndarray:
        with torch.no_grad(), set_exploration_type(kind):
            return policy(start.expand(num).clone())["provider", "action"][:, 0].numpy().astype(np.float64)

    def leaves(seen: np.ndarray) -> np.ndarray:
        asked = start.expand(len(seen)).clone()
        shown = torch.as_tensor(scale.seen_as("user_0", seen))
        asked["users", "observation"] = shown[:, None].expand(asked["users", "observation"].shape).clone()
        with torch.no_grad():
            return policy(asked)["users", "logits"].softmax(-1)[:, 0, 1].numpy()

    point, sampled = ask(ExplorationType.DETERMINISTIC, 1)[0], ask(ExplorationType.RANDOM, NUM_SAMPLED)
    return Ended(point.clip(0, 1), sampled.clip(0, 1), leaves, passes)
