"""Numbers as people read them: short, right to their last digit, and written in one way."""

from math import inf, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routegame.numerals import (
    agrees,
    amount,
    coordinates_text,
    count,
    duration,
    handed_over,
    number,
    percent,
    plural,
    power,
    rounded,
    rounded_prob,
    rounded_together,
    score,
    share,
    written,
    written_amount,
)


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
    assert handed_over(0.0783242402928442) == "7.83242402928442 %"


@pytest.mark.parametrize(
    "share,said",
    [
        (0.0783, "7.8 %"),
        (0.099, "9.9 %"),
        (0.0999, "10 %"),
        (0.999, "100 %"),
        (4.9e-6, "0 %"),
        (5e-6, "0.0005 %"),
        (-0.012, "−1.2 %"),
        (-1e-9, "0 %"),
        (-inf, "−∞"),
        (1.0, "100 %"),
    ],
)
def test_percent(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(
    "number,said",
    [(0, "0"), (0.5, "0.5"), (999, "999"), (1e3, "1 k"), (1e6, "1 M"), (999e9, "999 G"), (1e12, "1.0 × 10¹²")],
)  # fmt: skip
def test_count(number, said):
    assert count(number) == said


@pytest.mark.parametrize(
    "seconds,said",
    [
        (0, "0 s"),
        (0.004, "0 s"),
        (0.005, "0.005 s"),
        (1.23, "1.2 s"),
        (99.9, "100 s"),
        (100, "1.7 min"),
        (3600, "1.0 h"),
    ],
)
def test_duration(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize("value,said", [(1.0, "1.000"), (-0.5, "−0.500"), (inf, "∞"), (-inf, "−∞")])
def test_score(value, said):
    assert score(value) == said


def test_powers_points_and_numbers_of_things():
    assert [power(x) for x in (1, 1e-3, 1e12)] == ["10⁰", "10⁻³", "10¹²"]
    assert coordinates_text((1.0, 0.123456, 1e-5)) == "1, 0.123456, 1e-5" and coordinates_text(()) == ""
    assert [plural(n, "entry", "entries") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert plural(5, "run") == "5 runs"


@given(st.floats(0, 1e12) | st.floats(0, 1))
def test_what_is_written_in_full_is_read_back_as_it_was(value):
    assert float(written(value).replace(",", "")) == value
    assert float(written_amount(value, "$")[1:].replace(",", "")) == value
    assert float(handed_over(min(value, 1))[:-2].replace(",", "")) / 100 == pytest.approx(min(value, 1), rel=1e-15)


@given(st.floats(1e-9, 1e9), st.integers(2, 6), st.booleans())
def test_rounding_keeps_to_the_side_on_which_a_claim_holds(value, digits, above):
    def holds(short):
        return short >= value if above else short <= value

    short = rounded(value, digits, holds)
    assert holds(short) and abs(short - value) <= 1.01 * 10 ** (1 - digits) * value
    assert len(written(short).split("e")[0].replace(",", "").replace(".", "").strip("0")) <= max(digits, 10)


@given(st.floats(1e-3, 0.999), st.integers(2, 6), st.floats(1e-13, 1e-3))
def test_a_claim_that_holds_in_a_narrow_place_gets_the_digits_it_takes(value, digits, room):
    short = rounded(value, digits, lambda x: abs(x - value) <= room * value)
    assert abs(short - value) <= room * value
    assert len(written(short)) <= max(digits, 2 - round(log10(room))) + 5


def test_a_claim_that_holds_nowhere_near_leaves_the_number_alone():
    assert rounded(0.123456789, 3, lambda x: False) == 0.123456789
    assert rounded(0.5, 3, lambda x: x > 0.5) == 0.501  # short itself, on the wrong side
    assert rounded(0.0, 3, lambda x: True) == 0.0
    assert rounded_together((0.123, 0.456), 2, lambda x: x[0] > 0.123 and x[1] < 0.456) == (0.13, 0.45)


def test_a_probability_is_not_rounded_to_0_or_1():
    assert rounded_prob(0.99996, 2, lambda s: s >= 0.99996) == 0.99996
    assert rounded_prob(0.9999, 2, lambda s: s <= 0.9999) == 0.9999
    assert rounded_prob(1 - 1e-12, 3, lambda s: True) == 1.0
    assert rounded_prob(1e-12, 3, lambda s: s >= 1e-12) == 1e-12


@pytest.mark.parametrize(
    "value,shown,digits,wanted",
    [(0.05737, 0.0573697, 5, True), (0.0573804, 0.0573697, 4, False), (0, 0, 3, True), (1e-300, 0, 3, False)],
)
def test_numbers_agree_up_to_one_unit_of_the_last_digit(value, shown, digits, wanted):
    assert agrees(value, shown, digits) is wanted
