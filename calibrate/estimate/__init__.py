"""Estimates from a log: counts, rates, what a task is worth to users, and whether assumptions hold."""
