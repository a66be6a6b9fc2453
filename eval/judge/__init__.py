"""Exact judgements of what was learned, and baselines to hold beside it."""
