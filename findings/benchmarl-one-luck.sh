#!/usr/bin/env bash
# BenchMARL: the environments that an experiment collects from side by side all have the same seed.
#
# One would expect: of several environments each has a seed of its own, derived from that of the experiment, as in
# Gymnasium's vector environments and in stable-baselines3. What is collected side by side is then as good as independent.
# What happens: the function that makes an environment is called once for each of them, with the one seed that the task
# was given, and nobody seeds them afterwards. All begin in the same state and meet the same chance, episode by episode
# for as long as they are equally long. Only what the policy draws tells them apart.
# Why it matters: a batch of so many environments has the starts of one, and chance that should average out within a
# batch does not. With a policy that hardly explores, all environments but one add nothing.
# Versions: BenchMARL 1.5.2, torchrl 0.11.1, tensordict 0.11.0, pettingzoo 1.27.0. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  benchmarl==1.5.2 torchrl==0.11.1 tensordict==0.11.0 torch==2.13.0 pettingzoo==1.27.0 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python -W ignore - <<'EOF' 2> errors.txt || { cat errors.txt >&2; exit 1; }
import logging
import sys

import numpy as np
from benchmarl.algorithms import IppoConfig
from benchmarl.environments.pettingzoo.common import PettingZooClass
from benchmarl.experiment import Callback, Experiment, ExperimentConfig
from benchmarl.models.mlp import MlpConfig
from gymnasium.spaces import Box, Discrete
from pettingzoo import ParallelEnv
from torchrl.envs import PettingZooWrapper


class Dice(ParallelEnv):
    """Shows a number drawn at random in each of five steps."""

    metadata = {"name": "dice_v0", "render_modes": []}
    render_mode = None
    possible_agents = ["agent_0", "agent_1"]
    box, moves = Box(0, 1, (1,), np.float32), Discrete(2)
    rng = None

    def observation_space(self, agent):
        return self.box

    def action_space(self, agent):
        return self.moves

    def observe(self):
        return {agent: self.rng.random(1, dtype=np.float32) for agent in self.possible_agents}

    def reset(self, seed=None, options=None):
        if seed is not None or self.rng is None:
            self.rng = np.random.default_rng(seed)
        self.agents, self.time = self.possible_agents[:], 0
        return self.observe(), {agent: {} for agent in self.agents}

    def step(self, actions):
        self.time += 1
        out, acting = self.time == 5, self.agents
        self.agents = [] if out else acting
        rewards, never = dict.fromkeys(acting, 1.0), dict.fromkeys(acting, False)
        return self.observe(), rewards, never, dict.fromkeys(acting, out), {agent: {} for agent in acting}


class Task(PettingZooClass):
    """As BenchMARL's own tasks of PettingZoo, which give their seed to TorchRL likewise, with another environment."""

    def get_env_fun(self, num_envs, continuous_actions, seed, device):
        return lambda: PettingZooWrapper(Dice(), seed=seed, device=device, categorical_actions=True)

    def supports_discrete_actions(self):
        return True

    def has_state(self):
        return False

    def max_steps(self, env):
        return 5


class Look(Callback):
    """Keeps what each environment showed first."""

    def on_batch_collected(self, batch):
        seen.append([round(x, 4) for x in batch["agent", "observation"][:, 0, 0, 0].tolist()])


logging.disable(logging.INFO)
seen, config = [], ExperimentConfig.get_from_yaml()
config.loggers, config.create_json, config.evaluation, config.save_folder = [], False, False, "."
config.max_n_frames, config.max_n_iters, config.on_policy_n_envs_per_worker = None, 2, 4
config.on_policy_collected_frames_per_batch, config.on_policy_minibatch_size = 40, 20
model, algorithm = MlpConfig.get_from_yaml(), IppoConfig.get_from_yaml()
Experiment(Task("DICE", {}), algorithm, model, seed=0, config=config, callbacks=[Look()]).run()
for number, firsts in enumerate(seen, start=1):
    print(f"batch {number}: the four environments begin with {firsts}")
if len(seen) != 2 or any(len(firsts) != 4 or len(set(firsts)) != 1 for firsts in seen):
    sys.exit("changed: environments begin differently")
EOF
