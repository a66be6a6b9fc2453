"""IPPO and MAPPO of BenchMARL on both sides, and IQL and QMIX, whose provider chooses from a grid."""

from __future__ import annotations

import tempfile
import warnings

import numpy as np
import torch
from benchmarl.algorithms import IppoConfig, IqlConfig, MappoConfig, QmixConfig
from benchmarl.experiment import Callback, Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from gymnasium.spaces import Discrete
from tensordict import TensorDictBase
from torchrl.envs.utils import ExplorationType, set_exploration_type

from peers.played import Declined, Ended, env_of, game_of, levels
from routegame.envs.adapters.benchmarl import RoutingTask
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.routing_v0 import RoutingEnv
from routegame.train.learners.dqn import Dqn

ALGORITHMS = {
    "benchmarl-ippo": IppoConfig,
    "benchmarl-mappo": MappoConfig,
    "benchmarl-iql": IqlConfig,
    "benchmarl-qmix": QmixConfig,
}
OFF_POLICY = ("benchmarl-iql", "benchmarl-qmix")
NUM_ENVS, NUM_USERS, ROUNDS, UPDATES = 64, 4, 64, 60
STEPS = 100
NUM_SAMPLED = 512


class Passes(Callback):
    """Counts the passes that were played: one for each user in a round, but for those who leave."""

    played = 0

    def on_batch_collected(self, batch: TensorDictBase) -> None:
        users = batch["users"]
        left = (users["action"] == 1) & (users["observation"][..., 0] > 0)
        self.played += int((users["mask"] & ~left).sum())


def learn(learner: str, name: str, seed: int) -> Ended:
    """Let both sides learn, by the library's defaults but for what the game and the budget ask for.

    Raises:
        Declined: a grid of the game would have too many points.
    """
    instance = game_of(name)
    if learner in OFF_POLICY and (objection := Dqn.objection(instance.box)):
        raise Declined(objection)
    warnings.simplefilter("ignore")
    config = ExperimentConfig.get_from_yaml()
    config.gamma = 1.0  # nothing is discounted
    config.lr = 1e-3
    config.max_n_frames, config.max_n_iters = None, UPDATES
    for kind in ("on_policy", "off_policy"):
        setattr(config, f"{kind}_n_envs_per_worker", NUM_ENVS)
        setattr(config, f"{kind}_collected_frames_per_batch", NUM_ENVS * ROUNDS)
    config.off_policy_n_optimizer_steps = STEPS
    config.on_policy_n_minibatch_iters, config.on_policy_minibatch_size = 4, 1024
    config.evaluation, config.loggers, config.create_json = False, [], False
    algorithm = ALGORITHMS[learner].get_from_yaml()
    if learner not in OFF_POLICY:
        algorithm.lmbda = 1.0  # all failures look alike: a return is what the task brought to its end
    model = MlpConfig.get_from_yaml()
    model.num_cells = [64, 64]
    grid = {"grid": levels(instance)} if learner in OFF_POLICY else {}
    task = RoutingTask({"game": instance.game, "num_users": NUM_USERS, "throttling": instance.throttling, **grid})
    with tempfile.TemporaryDirectory() as folder:
        config.save_folder = folder
        passes = Passes()
        experiment = Experiment(task, algorithm, model, seed=seed, config=config, callbacks=[passes])
        experiment.run()
    return ended(experiment, env_of(instance, **grid, flat=bool(grid)), passes.played)


def ended(experiment: Experiment, env: RoutingEnv, passes: int) -> Ended:
    """Ask the policies what they have come to."""
    scale, choices = Normalized(env), isinstance(env.action_space("provider"), Discrete)
    policy, start = experiment.policy, experiment.test_env.reset()[:1]

    def ask(kind: ExplorationType, num: int) -> np.ndarray:
        with torch.no_grad(), set_exploration_type(kind):
            taken = policy(start.expand(num).clone())["provider", "action"][:, 0].numpy()
            return np.array([env.coordinates(choice) for choice in taken] if choices else taken, dtype=np.float64)

    def leaves(seen: np.ndarray) -> np.ndarray:
        asked = start.expand(len(seen)).clone()
        shown = torch.as_tensor(scale.seen_as("user_0", seen))
        asked["users", "observation"] = shown[:, None].expand(asked["users", "observation"].shape).clone()
        with torch.no_grad(), set_exploration_type(ExplorationType.DETERMINISTIC):
            told = policy(asked)["users"]
        return (told["action"][:, 0] if choices else told["logits"].softmax(-1)[:, 0, 1]).numpy()

    point, sampled = ask(ExplorationType.DETERMINISTIC, 1)[0], ask(ExplorationType.RANDOM, NUM_SAMPLED)
    return Ended(point.clip(0, 1), sampled.clip(0, 1), leaves, passes)
