"""Every number of a solution, with the path to it."""

from dataclasses import fields, is_dataclass

from routegame import Game


def leaves(value, path=""):
    """Every number of a nest of dataclasses and pairs, with its path; what was asked for is none."""
    if is_dataclass(value) and not isinstance(value, Game):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, tuple):
        for k, part in enumerate(value):
            yield from leaves(part, f"{path}[{k}]")
    elif not isinstance(value, Game | str | None) and not path.endswith(".decline"):
        yield path, value
