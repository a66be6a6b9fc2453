"""Prices by the token are read from a table as litellm has it."""

import json

import pytest

from routegame.calibrate.gateway.prices import Price, read_prices
from routegame.envs.checks import ParameterError


def test_a_table_is_read_and_what_has_no_price_by_the_token_left_out(tmp_path):
    path = tmp_path / "prices.json"
    table = {
        "gpt-5": {"input_cost_per_token": 1.25e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1e-7},
        "nano": {"input_cost_per_token": 1e-7, "output_cost_per_token": 4e-7, "max_tokens": 7},
        "painter": {"output_cost_per_image": 0.04},
        "note": "in dollars",
    }
    path.write_text(json.dumps(table))
    assert read_prices(path) == {"gpt-5": Price(1.25e-6, 1e-5, 1e-7), "nano": Price(1e-7, 4e-7, 1e-7)}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"painter": {"output_cost_per_image": 0.04}}, "prices must be input_cost_per_token"),
        ({"nano": {"input_cost_per_token": -1, "output_cost_per_token": 0}}, "input_cost_per_token"),
        ([], "a JSON file of prices"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, table, words):
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(table))
    with pytest.raises(ParameterError, match=words):
        read_prices(path)
