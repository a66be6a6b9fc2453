"""How policies are learned: one file a learner, on sampled passes, with stable-baselines3's PPO."""
