"""`iql`: independent Q-learning on both sides, by TorchRL's loss; an optional extra.

Tan (1993), *Multi-Agent Reinforcement Learning: Independent vs. Cooperative Agents*, with networks as in Mnih et al.
(2015): every agent learns what its own choices are worth as if it were alone.
"""

from __future__ import annotations

from routegame.train.multi_agent_q import MultiAgentQ


class Iql(MultiAgentQ):
    """See the module."""

    TEAM = False
