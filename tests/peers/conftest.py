"""Modules that import other libraries are collected by nobody: they run in environments of their own."""

collect_ignore_glob = ["by_*.py"]
