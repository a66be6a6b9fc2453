"""A package's public face: names that are imported from where they live when they are first asked for (PEP 562).

So `import routegame` costs next to nothing, `routegame.solve` needs NumPy alone, and torch is imported by those who
train. Modules behind a face are free to move.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package.

    Args:
        package: its dotted name.
        homes: the module that each public name lives in; for a module of the package itself, that module.

    >>> find, _ = lazy("routegame.envs", {"Game": "routegame.envs.game", "chain": "routegame.envs.chain"})
    >>> find("Game").__name__, find("chain").__name__
    ('Game', 'routegame.envs.chain')
    """

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = import_module(homes[name])
        found: object = home if homes[name] == f"{package}.{name}" else getattr(home, name)
        setattr(sys.modules[package], name, found)  # asked for once
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, names
