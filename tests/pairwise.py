"""Few combinations of options that hold every pair of values at least once."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Combination = dict[str, Any]


def pairwise(options: Mapping[str, Sequence[Any]], allowed: Callable[[Combination], bool]) -> list[Combination]:
    """Return combinations that hold every pair of values which any allowed combination holds, greedily few."""
    names = list(options)
    todo = {pair for pair in _all_pairs(options) if _can_be_completed(dict(pair), options, allowed)}
    chosen = []
    while todo:
        best = dict(min(todo, key=lambda pair: sorted(map(repr, pair))))  # the same in every process
        for name in names:
            if name in best:
                continue
            fitting = [best | {name: v} for v in options[name]]
            fitting = [partial for partial in fitting if _can_be_completed(partial, options, allowed)]
            best = max(fitting, key=lambda partial: len(_pairs(partial) & todo))
        chosen.append({name: best[name] for name in names})
        todo -= _pairs(best)
    return chosen


def _all_pairs(options: Mapping[str, Sequence[Any]]) -> set[frozenset[tuple[str, Any]]]:
    return {
        frozenset({(one, x), (other, y)})
        for one, other in combinations(options, 2)
        for x, y in product(options[one], options[other])
    }


def _pairs(combination: Combination) -> set[frozenset[tuple[str, Any]]]:
    return {frozenset(pair) for pair in combinations(combination.items(), 2)}


class _Read(dict[str, Any]):
    """A combination that notes which of its options are looked at."""

    def __init__(self, combination: Combination) -> None:
        super().__init__(combination)
        self.names: dict[str, None] = {}

    def __getitem__(self, name: str) -> Any:
        self.names[name] = None
        return super().__getitem__(name)


def _can_be_completed(
    partial: Combination, options: Mapping[str, Sequence[Any]], allowed: Callable[[Combination], bool]
) -> bool:
    """Is there an allowed combination that holds `partial`? What is allowed depends on few options: only these vary."""
    combination = _Read({name: partial.get(name, values[0]) for name, values in options.items()})
    if allowed(combination):
        return True
    free = next((name for name in combination.names if name not in partial), None)
    return free is not None and any(
        _can_be_completed(partial | {free: value}, options, allowed) for value in options[free]
    )
