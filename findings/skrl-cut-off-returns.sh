#!/usr/bin/env bash
# skrl: by default, the returns of an episode that is cut off go on with the rewards of the next one.
#
# One would expect: where an episode ends, however it ends, the sum of its rewards ends, too; what the setting
# time_limit_bootstrap decides is whether the value of what would have followed is added.
# What happens: without that setting, which is the default, an episode that was truncated is not taken for over. Its
# returns and advantages have all rewards of the episode that follows it in memory, and of the one after that. Episodes
# that were terminated are cut where they end. It is the same in PPO and in IPPO.
# Why it matters: in tasks with a time limit, actions are credited with what happened after the environment was reset.
# Versions: skrl 2.1.1, torch 2.13.0. Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check skrl==2.1.1 torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import torch
from skrl.agents.torch.ppo import PPO_CFG
from skrl.agents.torch.ppo.ppo import compute_gae as gae_of_ppo
from skrl.multi_agents.torch.ippo.ippo import compute_gae as gae_of_ippo

# Two episodes of two steps: the first pays 1 a step, the second 100; values are 0 and nothing is discounted.
rewards, zeros = torch.tensor([[1.0], [1.0], [100.0], [100.0]]), torch.zeros(4, 1)
never = torch.zeros(4, 1, dtype=torch.bool)
ends = torch.tensor([[False], [True], [False], [True]])


def returns(gae, *, terminated=never, truncated=never, bootstrap=False):
    found, _ = gae(
        rewards=rewards,
        terminated=terminated,
        truncated=truncated,
        values=zeros,
        last_values=torch.zeros(1, 1),
        discount_factor=1.0,
        lambda_coefficient=1.0,
        time_limit_bootstrap=bootstrap,
    )
    return found.flatten().tolist()


apart, mixed = [2, 1, 200, 100], [202, 201, 200, 100]
for name, gae in (("PPO", gae_of_ppo), ("IPPO", gae_of_ippo)):
    terminated, truncated = returns(gae, terminated=ends), returns(gae, truncated=ends)
    bootstrapped = returns(gae, truncated=ends, bootstrap=True)
    print(f"{name}: terminated {terminated}, truncated {truncated}, truncated with bootstrap {bootstrapped}")
    if (terminated, truncated, bootstrapped) != (apart, mixed, apart):
        sys.exit("changed: the returns are others")
if PPO_CFG().time_limit_bootstrap is not False:
    sys.exit("changed: the default is another")
EOF
