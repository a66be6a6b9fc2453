"""Logs of tasks that are known by numbers: regressions on them, what to do by them, and a rule in short."""
