"""The parts that learners by PPO (proximal policy optimisation) share: both sides, one-move games, the last choice."""
