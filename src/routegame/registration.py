"""Names for PettingZoo's and Gymnasium's `make`.

| name                                        | what                                                                |
|---------------------------------------------|---------------------------------------------------------------------|
| PettingZoo "routegame/routing_v0", parallel | `routegame.envs.routing_v0.parallel_env`                            |
| PettingZoo "routegame/routing_v0", aec      | `routegame.envs.routing_v0.env`                                     |
| Gymnasium "routegame/Leader-v0"             | `routegame.envs.LeaderEnv`, of users at their best                  |
| Gymnasium "routegame/Follower-v0"           | `routegame.envs.FollowerEnv`                                        |

Each library learns the names as soon as both it and `routegame` are imported, in whichever order, and nothing is
imported for that. `gymnasium.make("routegame:routegame/Leader-v0")` imports and makes in one go. `gymnasium.make_vec`
makes `LeaderVectorEnv` and `FollowerVectorEnv`, which have fewer options and show the same. PettingZoo keeps names from
1.27 on; below that the environments are made by calling them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # what it brings along, importlib.resources and more, takes as long to import as the package
    from importlib.abc import Loader


def register_environments() -> None:
    """Tell Gymnasium and PettingZoo the names above, now or when they are imported, if they keep names."""
    after_import("gymnasium.envs.registration", _to_gymnasium)
    after_import("pettingzoo.env_registry.registration", _to_pettingzoo)


def _to_gymnasium(registration: ModuleType) -> None:
    registration.register(
        "routegame/Leader-v0",
        "routegame.makers:leader_env",
        vector_entry_point="routegame.makers:leader_vector_env",
    )
    registration.register(
        "routegame/Follower-v0",
        "routegame.envs.single_agent:FollowerEnv",
        vector_entry_point="routegame.makers:follower_vector_env",
    )


def _to_pettingzoo(registration: ModuleType) -> None:
    registration.register("parallel", "routegame/routing_v0", "routegame.envs.routing_v0:parallel_env")
    registration.register("aec", "routegame/routing_v0", "routegame.envs.routing_v0:env")


def after_import(name: str, act: Callable[[ModuleType], None]) -> None:
    """Call `act` with the module of that name as soon as it is imported; at once where it is already."""
    if name in sys.modules:
        act(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Awaiting(name, act))


class _Awaiting:
    """A finder that sees one module come and is gone: what finds and loads the module is what always does."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self._name, self._act = name, act

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = cast("Loader", _Acting(spec.loader, self._act))
        return spec


class _Acting:
    """A loader that calls a function with what it has loaded, and leaves the module to the loader it stands in for."""

    def __init__(self, loader: Loader, act: Callable[[ModuleType], None]) -> None:
        self._loader, self._act = loader, act

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._act(module)
