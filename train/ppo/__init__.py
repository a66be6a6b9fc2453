"""What learners by PPO (proximal policy optimisation) share: both sides, games of one move, the last choice."""
