"""`qmix`: Q-learning on both sides, users as a team whose values a network mixes, by TorchRL's loss; an optional extra.

Rashid et al. (2018), *QMIX: Monotonic Value Function Factorisation for Deep Multi-Agent Reinforcement Learning*: what a
team's choices are worth together rises with what each of them is worth to its agent. The provider is no part of it.
"""

from __future__ import annotations

from routegame.train.multi_agent_q import MultiAgentQ


class Qmix(MultiAgentQ):
    """See the module."""

    TEAM = True
