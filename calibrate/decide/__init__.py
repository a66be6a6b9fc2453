"""Decisions on the ground of a log: candidate commitments in games drawn from the posterior."""
