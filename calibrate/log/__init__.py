"""Logs of passes: read, checked, and refused row by row; and logs drawn from a known game."""
