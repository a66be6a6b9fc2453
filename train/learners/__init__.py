"""Learners, one a module."""
