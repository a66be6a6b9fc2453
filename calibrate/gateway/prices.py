"""Prices of models by the token: what OpenTelemetry has no attribute for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

from routegame.envs.checks import ParameterError, as_single
from routegame.envs.document import checked, read_document

ALLOWED = (
    'a JSON file of prices as litellm has them, {"gpt-5": {"input_cost_per_token": 1.25e-06, "output_cost_per_token":'
    " 1e-05}, …}, in dollars"
)


@dataclass(frozen=True)
class Price:
    """What a model costs.

    Attributes:
        input: of a token of the prompt.
        output: of a token of the answer.
        cached: of a token of the prompt that a cache of the provider had.
    """

    input: float
    output: float
    cached: float

    def of(self, prompt: float, answer: float, cached: float = 0.0) -> float:
        """Return the cost of a call.

        Args:
            prompt: tokens of the prompt, those from the cache included.
            answer: tokens of the answer.
            cached: tokens of the prompt from the cache.

        >>> Price(2e-6, 1e-5, 1e-6).of(1000, 100, 400)
        0.0026
        """
        return self.input * (prompt - cached) + self.output * answer + self.cached * cached


def read_prices(path: Path) -> dict[str, Price]:
    """Read a table of prices; models without a price by the token are none of it.

    Raises:
        FileError: it is no such table.
    """
    document = read_document(path, ALLOWED)
    with checked(path, ALLOWED):
        found = {name: _price(each) for name, each in document.items() if isinstance(each, Mapping)}
        prices = {name: price for name, price in found.items() if price is not None}
        if not prices:
            raise ParameterError("prices", "input_cost_per_token and output_cost_per_token of a model or more", "none")
        return prices


def _price(entry: Mapping[str, object]) -> Price | None:
    names = ("input_cost_per_token", "output_cost_per_token")
    if any(entry.get(name) is None for name in names):
        return None
    paid, answered = (as_single(name, entry[name], 0, inf, closed="low") for name in names)  # type: ignore[arg-type]
    cached = entry.get("cache_read_input_token_cost")
    return Price(paid, answered, paid if cached is None else as_single("cache", cached, 0, inf, closed="low"))  # type: ignore[arg-type]
