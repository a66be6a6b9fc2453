"""Sampled passes and tasks: one distribution drawn in several ways, and the random numbers behind it."""
