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
