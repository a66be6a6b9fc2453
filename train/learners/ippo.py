"""`ippo`: independent PPO on both sides, by TorchRL's loss; an optional extra.

De Witt et al. (2020), *Is Independent Learning All You Need in the StarCraft Multi-Agent Challenge?*: every agent
learns by PPO as if it were alone, and its critic sees what it sees itself.
"""

from __future__ import annotations

from routegame.train.multi_agent_ppo import MultiAgentPPO


class Ippo(MultiAgentPPO):
    """See the module."""

    CENTRAL = False
