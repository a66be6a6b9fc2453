"""`mappo`: PPO on both sides with centralised critics, by TorchRL's loss; an optional extra.

Yu et al. (2022), *The Surprising Effectiveness of PPO in Cooperative Multi-Agent Games*: as `ippo`, but critics see
what all agents see. What the provider sees before it commits is the same in every episode, and so is what its critic
sees; a user's critic sees besides the commitment which users of the episode are still there.
"""

from __future__ import annotations

from routegame.train.multi_agent_ppo import MultiAgentPPO


class Mappo(MultiAgentPPO):
    """See the module."""

    CENTRAL = True
