"""litellm in tests: it adds no second callback of a class, so one that is to be told has to be the only one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LISTS = ("callbacks", "success_callback", "failure_callback", "_async_success_callback", "_async_failure_callback")


@contextmanager
def told_alone(callback: Any) -> Iterator[None]:
    """Let litellm tell this callback what happens, and no other; afterwards all are as they were."""
    import litellm

    before = {name: getattr(litellm, name) for name in LISTS}
    for name in LISTS:
        setattr(litellm, name, [])
    litellm.callbacks = [callback]
    try:
        yield
    finally:
        for name, callbacks in before.items():
            setattr(litellm, name, callbacks)
