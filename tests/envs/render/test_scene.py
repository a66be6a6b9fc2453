"""How a scene reads."""

from dataclasses import replace

import pytest
from scenes import LEFT, SOLVED, USER, WAITING, crowd, scene

from routegame.envs.render.scene import as_text


def test_the_whole_text():
    handed_over = replace(USER, model=2, handed_over=True, passes=12, waited=106.76, utility=-106.76)
    assert as_text(scene(USER, SOLVED, LEFT, handed_over)).splitlines() == [
        "Step 4. gpt-4.1-nano serves first and hands 7.83242 % of retries over to gpt-5",
        "  (low)",
        "",
        "user    status     passes  last on                   waited  utility",
        "user_0  running         3  gpt-4.1-nano              18.3 s  −18.3 s",
        "user_1  solved          2  gpt-5 (low)               45.9 s  +74.1 s",
        "user_2  abandoned       1  gpt-4.1-nano              6.09 s  −6.09 s",
        "user_3  running        12  gpt-5 (low), handed over   107 s   −107 s",
        "",
        "tasks     1 solved, 1 abandoned, of 4",
        "provider  has paid $0.141: $0.0412 for compute, $0.1 for churn",
    ]


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"route": None, "cascade_prob": None}, "The provider has not committed to anything yet"),
        ({"route": None, "cascade_prob": None, "committed": False}, "The provider picks a model for every pass"),
        ({"route": 2}, "gpt-5 (low) serves every pass"),
        ({"cascade_prob": 0.0}, "gpt-4.1-nano serves every pass"),
        ({"cascade_prob": 1.0}, "gpt-4.1-nano serves first and hands 100 % of retries over to gpt-5 (low)"),
    ],
)
def test_what_the_provider_does(changes, said):
    assert as_text(scene(**changes), width=100).splitlines()[0] == f"Step 4. {said}"


def test_before_the_first_pass():
    assert as_text(scene(WAITING)).splitlines()[3:5] == [
        "user    status   passes  last on  waited  utility",
        "user_0  waiting       0  -           0 s      0 s",
    ]


def test_of_several_tasks_it_is_told_which():
    busy = replace(USER, task=2, num_tasks=3)
    head, row = as_text(scene(busy)).splitlines()[3:5]
    assert head.startswith("user    status     task  passes") and row.startswith("user_0  running  2 of 3       3")


def test_a_user_whose_time_is_up_no_longer_runs():
    assert "user_0  stopped       3" in as_text(scene(replace(USER, finished=True)))


def test_cut_off_tasks_are_told_where_there_are_any():
    assert "tasks     0 solved, 0 abandoned, 1 cut off, of 1" in as_text(scene(replace(USER, status="cut off")))
    assert "cut off" not in as_text(scene())


def test_twelve_users_are_listed_and_of_more_the_first_ten():
    assert sum(line.startswith("user_") for line in as_text(scene(*[USER] * 12)).splitlines()) == 12
    lines = as_text(scene(*[USER] * 10, SOLVED, LEFT, LEFT, LEFT)).splitlines()
    assert sum(line.startswith("user_") for line in lines) == 10
    assert lines[14] == "and 4 more: 1 solved, 3 abandoned; on average waited 16 s, utility +14 s"


def test_it_is_plain_text():
    text = as_text(crowd(200, units=("", "")))
    assert text.isprintable() is False  # for its line ends, and nothing else
    assert text.replace("\n", "").isprintable()
    assert all(line == line.rstrip() for line in text.splitlines())
