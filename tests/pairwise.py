"""Few combinations of options that hold every pair of values at least once."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Combination = dict[str, Any]


def pairwise(options: Mapping[str, Sequence[Any]], allowed: Callable[[Combination], bool]) -> list[Combination]:
    """Return combinations that hold every pair of values which any allowed combination holds, greedily few."""
    names = list(options)
    todo = {pair for pair in _all_pairs(options) if _complete(dict(pair), options, allowed) is not None}
    chosen = []
    while todo:
        best = dict(min(todo, key=lambda pair: sorted(map(repr, pair))))  # the same in every process
        for name in names:
            if name in best:
                continue
            fitting = [best | {name: v} for v in options[name]]
            fitting = [partial for partial in fitting if _complete(partial, options, allowed) is not None]
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


def _complete(
    partial: Combination, options: Mapping[str, Sequence[Any]], allowed: Callable[[Combination], bool]
) -> Combination | None:
    """Return an allowed combination that holds `partial`, None where there is none."""
    missing = [name for name in options if name not in partial]
    if not missing:
        return partial if allowed(partial) else None
    # what is not allowed depends on few options: with the first values of all others the search is short
    for value in options[missing[0]]:
        found = _complete(partial | {missing[0]: value}, options, allowed)
        if found is not None:
            return found
    return None
