"""Exact solutions: best responses, equilibria, and what holds of them."""
