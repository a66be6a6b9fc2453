"""Learners of other libraries on both sides of the game, or on the provider's alone, judged exactly: `make peers`."""
