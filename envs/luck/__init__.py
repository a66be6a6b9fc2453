"""Chance as quantiles: counts of which the same luck makes nearly the same where what they count is nearly the same."""
