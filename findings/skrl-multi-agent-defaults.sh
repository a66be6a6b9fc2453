#!/usr/bin/env bash
# skrl: IPPO and MAPPO cannot be made with the defaults of their own configurations.
#
# One would expect: what is not set has its default, as in skrl's PPO. `IPPO_CFG()` and `MAPPO_CFG()` can be made, and so
# the agents that take them.
# What happens: an argument may be one for all agents, or a dictionary with one for each. Keyword arguments of schedules
# and preprocessors are empty dictionaries by default, and an empty dictionary is taken for one from which all agents are
# missing: "Specified keys (set()) do not match possible agents". What is accepted is an empty one under each agent's name.
# Why it matters: the message names neither the field nor the configuration, and comes unless all of the preprocessors,
# and a schedule of the learning rate, are set.
# Versions: skrl 2.1.1, torch 2.13.0, gymnasium 1.4.0. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check skrl==2.1.1 torch==2.13.0 gymnasium==1.4.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

from gymnasium.spaces import Box, Discrete
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.multi_agents.torch.ippo import IPPO, IPPO_CFG
from skrl.multi_agents.torch.mappo import MAPPO, MAPPO_CFG

AGENTS = ["left", "right"]
SEEN, MOVES = Box(0, 1, (2,)), Discrete(2)
QUIET = {"write_interval": 0, "checkpoint_interval": 0}


def made(algorithm, config):
    """Make agents without models, which is enough to read a configuration; return what was said."""
    try:
        algorithm(
            possible_agents=AGENTS,
            models={agent: {} for agent in AGENTS},
            observation_spaces=dict.fromkeys(AGENTS, SEEN),
            action_spaces=dict.fromkeys(AGENTS, MOVES),
            device="cpu",
            cfg=config,
        )
    except ValueError as error:
        return str(error)
    return "made"


PPO(models={}, observation_space=SEEN, action_space=MOVES, device="cpu", cfg=PPO_CFG())
print("PPO, by its defaults: made")
for algorithm, defaults in ((IPPO, IPPO_CFG()), (MAPPO, MAPPO_CFG())):
    empty = [name for name, value in vars(defaults).items() if value == {}]
    by_default = made(algorithm, defaults)
    by_name = made(algorithm, {"experiment": QUIET} | {name: {agent: {} for agent in AGENTS} for name in empty})
    print(f"{algorithm.__name__}, by its defaults: {by_default}")
    print(f"{algorithm.__name__}, with {', '.join(empty)} of each agent empty: {by_name}")
    if "Specified keys (set())" not in by_default or by_name != "made":
        sys.exit("changed: the defaults are accepted, or nothing is")
EOF
