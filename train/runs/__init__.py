"""Runs on disk: their directory, their course from beginning to end, and what stops them early."""
