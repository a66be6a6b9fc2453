"""Adapters are tested where their library is installed: `make test-peers` makes environments that have them."""

from importlib.util import find_spec

LIBRARIES = ("torchrl", "benchmarl", "skrl")
collect_ignore = [f"test_{library}.py" for library in LIBRARIES if find_spec(library) is None]
