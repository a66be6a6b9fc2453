"""Learners of other libraries on both sides of the game, judged exactly: `make peers`."""
