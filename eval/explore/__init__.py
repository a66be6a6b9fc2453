"""The explorer: one page that computes by itself, for people who would rather move sliders than read theorems."""
