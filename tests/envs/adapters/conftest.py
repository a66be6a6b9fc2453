"""Adapters are tested where their library is installed: `make test-peers` makes environments that have them."""

from importlib.util import find_spec

LIBRARIES = {name: name for name in ("torchrl", "benchmarl", "skrl", "supersuit", "tianshou", "agilerl")}
LIBRARIES["rllib"] = "tree"  # Ray is there for other reasons, too; this comes with RLlib
collect_ignore = [f"test_{name}.py" for name, module in LIBRARIES.items() if find_spec(module) is None]
