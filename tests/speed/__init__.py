"""How fast the project is, as ratios of CPU time in one run: `make speed`."""
