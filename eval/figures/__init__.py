"""Figures: the paper's, redrawn, the picture of a run, and the table of real pairs."""
