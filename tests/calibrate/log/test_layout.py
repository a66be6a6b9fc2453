"""Names that a log has for columns and models, and those that make no sense."""

import pytest

from routegame.calibrate.log.layout import OPTIONAL, REQUIRED, Layout, LogError


def test_columns_go_by_their_own_names_unless_others_are_given():
    layout = Layout.of(["success=ok", "user=who", "next=a=b"], ("small", "large"))
    assert layout.models == ("small", "large") and Layout.of().models == ("1", "2")
    names = {column: layout.name(column) for column in REQUIRED + OPTIONAL}
    assert {column: name for column, name in names.items() if name != column} == {
        "success": "ok",
        "user": "who",
        "next": "a=b",
    }
    assert all(Layout.of().name(column) == column for column in REQUIRED + OPTIONAL)


@pytest.mark.parametrize("specs,models", [(["ok=success"], ("1", "2")), (["success"], ("1", "2")), ([], ("a", "a"))])
def test_a_layout_that_makes_no_sense_is_refused(specs, models):
    with pytest.raises(LogError, match="must be"):
        Layout.of(specs, models)


def test_a_model_may_have_several_names():
    layout = Layout.of(models=("4|nano", "4.0|gpt 5"))
    assert layout.models == ("4", "4.0") and layout.aliases == (("nano",), ("gpt 5",))
    assert layout.spellings(1) == ["4", "nano"] and layout.spellings(2) == ["4.0", "gpt 5"]
    assert Layout.of().spellings(1) == ["1", "1.0"]


@pytest.mark.parametrize("models", [("a|", "b"), ("", "b"), ("a|b", "c|b"), ("a|a", "b")])
def test_names_of_models_that_make_no_sense_are_refused(models):
    with pytest.raises(LogError, match="--models must be two"):
        Layout.of(models=models)


def test_the_column_of_a_cache_is_read_only_if_it_is_named():
    assert "cached" not in Layout.of().names and Layout.of(cached="hit").name("cached") == "hit"


@pytest.mark.parametrize(
    "named",
    [{"specs": ["user=\udce9"]}, {"models": ("a", "b\udce9")}, {"cached": "caf\udce9"}],
    ids=lambda named: next(iter(named)),
)
def test_a_name_that_no_log_can_hold_is_refused(named):
    with pytest.raises(LogError, match="must be text in UTF-8, as logs are, got '"):
        Layout.of(**named)


def test_names_of_commitments_that_would_not_be_read_are_refused():
    """Of two models in the paper's order tasks of all names were taken together, without a word."""
    named = ("commitment=arm",)
    for models in (("a", "b"), ("1", "2")):
        with pytest.raises(LogError, match=r"--column commitment is for --order free.*cascade_prob"):
            Layout.of(named, models)
        assert Layout.of(named, models, order="free").name("commitment") == "arm"
    with pytest.raises(LogError, match="--column commitment"):
        Layout.of(named, ()).called(("a", "b"), ((), ()))
    assert Layout.of(named, ("a", "b", "c")).free
