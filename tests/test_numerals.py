"""Numbers as people read them: short, right to their last digit, and written in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routegame.numerals import amount, handed_over, number, percent, share


@given(st.floats(1e-12, 1e12), st.sampled_from(["", "s", "$"]))
def test_amounts_are_short_and_right_to_half_a_percent(value, unit):
    text = amount(value, unit)
    assert float(text.strip(" s$").replace(",", "")) == pytest.approx(value, rel=5.1e-3)
    assert len(text) <= 11
    assert amount(-value, unit) == f"−{text}"
    assert amount(value, unit, signed=True) == f"+{text}"


@given(st.floats(0, 1))
def test_shares_are_right_and_only_the_ends_look_like_them(probability):
    text = share(probability)
    assert text.endswith(" %")
    assert float(text[:-2]) / 100 == pytest.approx(probability, rel=5.1e-3)
    assert (text == "0 %") == (probability == 0)
    assert (text == "100 %") == (probability == 1)


@given(st.floats(1e-6, 1e5), st.integers(2, 6))
def test_digits_are_as_many_as_asked_for(value, digits):
    text = number(value, digits).replace(",", "")
    assert float(text) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))
    mantissa = text.split("e")[0].replace(".", "").lstrip("0")
    assert len(mantissa) <= max(digits, 6) and not ("." in text and text.split("e")[0].endswith("0"))


def test_money_and_percentages_are_written_in_one_way():
    assert [amount(x, "$", 4) for x in (0.0573720, 0.29, 12, 0, 1234.5)] == ["$0.05737", "$0.29", "$12", "$0", "$1234"]
    assert [amount(x, "credits") for x in (12, 0.5)] == ["12 credits", "0.5 credits"]
    assert [percent(x) for x in (0.0783, -0.0783, 1e-9, 1, -1e9)] == ["7.8 %", "−7.8 %", "0 %", "100 %", "−1e11 %"]
    assert handed_over(0.0783242402928442) == "7.83 %"
