#!/usr/bin/env bash
# AgileRL: agents who share a policy of IPPO are credited with what others did at other times.
#
# One would expect: agents of one kind, told by names like agent_0 and agent_1, share a policy, which learns from what
# each of them saw, did and was paid, as if these were more runs of one agent.
# What happens: what they saw and did is laid out agent after agent, what they were paid (and the old log-probabilities)
# step after step. So with two or more agents actions are paired with the advantages of other actions. Here two agents
# see who they are and are paid for saying it. With a policy for each (agents called left and right) all answers are
# right in the end; with one policy for both (agent_0 and agent_1) 62 % are, and 50 % are by guessing.
# Why it matters: nothing fails, and agents who do the same at the same time learn something all the same.
# Versions: agilerl 2.58.0, agilerl-arena 1.29.0, tensordict 0.13.0, torch 2.13.0. Seen on 2026-11-29. AgileRL is installed
# with what its algorithms import, not with all that it names. All that it names would not do: peft and transformers, which
# it imports, are in its extras for language models alone.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps agilerl==2.58.0 agilerl-arena==1.29.0
venv/bin/pip install --quiet --disable-pip-version-check accelerate==1.15.0 dill==0.4.1 fastrand==3.1.0 \
  gymnasium==1.4.0 httpx==0.28.1 huggingface-hub==1.33.0 lazy-loader==0.6 numpy==2.4.6 peft==0.21.0 pettingzoo==1.26.1 \
  pillow==13.0.0 pydantic==2.14.4 rich==15.0.0 scipy==1.17.1 tensordict==0.13.0 tokenizers==0.22.2 torch==2.13.0 \
  transformers==5.14.1 wandb==0.31.0
venv/bin/python -W ignore - <<'EOF'
import sys

import numpy as np
import torch
from agilerl.algorithms import IPPO
from gymnasium.spaces import Box, Discrete

STEPS, NUM_ENVS, UPDATES = 16, 8, 40


def share_right(names):
    """Let two agents learn to say which of them they are; return how often they do at last, and who has a policy."""
    torch.manual_seed(0)
    np.random.seed(0)
    seen = {name: np.tile(np.eye(2, dtype=np.float32)[k], (NUM_ENVS, 1)) for k, name in enumerate(names)}
    never = dict.fromkeys(names, np.zeros(NUM_ENVS))
    ippo = IPPO([Box(0, 1, (2,))] * 2, [Discrete(2)] * 2, names, gamma=0.0, lr=3e-3, ent_coef=0.0, batch_size=256)
    for _ in range(UPDATES):
        rollout = [{name: [] for name in names} for _ in range(6)]
        for _ in range(STEPS):
            answers, log_probs, _, values = ippo.get_action(seen)
            paid = {name: (answers[name] == k).astype(float) for k, name in enumerate(names)}
            for field, of_agents in zip(rollout, (seen, answers, log_probs, paid, never, values), strict=True):
                for name in names:
                    field[name].append(of_agents[name])
        ippo.learn((*rollout, seen, never))
    return float(np.mean([paid[name].mean() for name in names])), list(ippo.actors)


torch.set_num_threads(1)
(apart, two), (shared, one) = share_right(["left", "right"]), share_right(["agent_0", "agent_1"])
print(f"policies of {', '.join(two)}: {apart:.0%} of the last answers are right")
print(f"policy of {', '.join(one)}: {shared:.0%}")
if (len(two), len(one)) != (2, 1) or apart < 0.95 or shared > 0.8:
    sys.exit("changed: one policy for both learns what two learn, or neither does")
EOF
