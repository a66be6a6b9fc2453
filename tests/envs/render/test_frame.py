"""Pictures of scenes: not how they look, but what must be true of any."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scenes import LEFT, LONG, SOLVED, USER, WAITING, crowd, scene

from routegame import Game
from routegame.envs import Policy, routing_v0
from routegame.envs.render import frame, palette
from routegame.envs.render.canvas import ZOOM, Canvas, fitted
from routegame.envs.render.frame import FLOORS, HEIGHT, LOBBY, MOST_TOKENS, WIDTH, Plan, Seating, draw
from routegame.envs.render.scene import as_text, commitment_text

PANELS = (frame.PROVIDER, frame.USERS, frame.FIRST, frame.SECOND, frame.SOLVED, frame.UNSOLVED)
TINY = Game(1e-9, 1e-9, (1e-9, 1 - 1e-9), (3.21e-9, 0), (1.23e-9, 0))
HUGE = Game(1e6, 1.23e9, (0.5, 0.999), (1.23e6, 4.56e12), (1.23e9, 7.89e12))
EXTREME = {
    "tiny": [replace(USER, game=TINY, clock=3.21e-9, waited=3.21e-9, utility=-3.21e-9)] * 6,
    "huge": [replace(USER, game=HUGE, clock=1.23e7, waited=1.23e12, utility=-1.23e12, num_tasks=12345, task=9876)] * 6,
    "mixed": [
        replace(USER, game=TINY),
        replace(USER, game=HUGE, model=2),
        replace(SOLVED, game=HUGE, utility=4.56e12),
        replace(LEFT, game=HUGE),
        WAITING,
    ],
}


@pytest.fixture
def words(monkeypatch):
    """Every piece of text that is written: the text, what was asked for, and the box that it covers."""
    written = []
    write = Canvas.words

    def record(self, at, text, size, colour, room, *, anchor="lm", bold=False):
        shown, font = fitted(text, size, room, bold=bold)
        box = [x / ZOOM for x in font.getbbox(shown, anchor=anchor)]
        written.append((text, shown, (at[0] + box[0], at[1] + box[1], at[0] + box[2], at[1] + box[3])))
        return write(self, at, text, size, colour, room, anchor=anchor, bold=bold)

    monkeypatch.setattr(Canvas, "words", record)
    return written


def inside(game, other, slack=0.0):
    return (
        game[0] >= other[0] - slack
        and game[1] >= other[1] - slack
        and game[2] <= other[2] + slack
        and game[3] <= other[3] + slack
    )


def apart(game, other):
    return game[2] <= other[0] or other[2] <= game[0] or game[3] <= other[1] or other[3] <= game[1]


@pytest.mark.parametrize("num_users", [1, 2, 7, 12, 13, 40, 60, 61, 1000])
def test_a_frame_is_an_image_of_even_size(num_users):
    picture = draw(crowd(num_users))
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8
    assert HEIGHT % 2 == WIDTH % 2 == 0
    assert (picture == draw(crowd(num_users))).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"round": 5},
        {"route": 2},
        {"route": None, "cascade_prob": None},
        {"cascade_prob": 0.1},
        {"cascade_prob": 0.0},
        {"committed": False, "route": None, "cascade_prob": None},
        {"compute": 0.02},
        {"churn": 0.0},
        {"tally": (1, 0, 0)},
        {"tally": (0, 1, 0)},
        {"tally": (0, 0, 1)},
        {"models": ("a", "gpt-5 (low)")},
        {"models": ("gpt-4.1-nano", "b")},
        {"units": ("min", "$")},
        {"units": ("s", "€")},
    ],
)
def test_it_shows_all_there_is_in_a_scene(changes):
    assert (draw(scene()) != draw(scene(**changes))).any()


@pytest.mark.parametrize("others", [0, 30])
@pytest.mark.parametrize(
    "changes",
    [
        {"status": "solved"},
        {"status": "abandoned"},
        {"status": "cut off"},
        {"status": "waiting"},
        {"model": 2},
        {"handed_over": True},
        {"clock": 60.0},
        {"utility": 18.27},
    ],
)
def test_it_shows_all_there_is_of_a_user(changes, others):
    rest = [USER] * others
    before, after = (scene(user, *rest, tally=(0, 0, 0)) for user in (USER, replace(USER, **changes)))
    assert (draw(before) != draw(after)).any()


def test_abandoned_and_cut_off_tasks_look_different():
    left, cut_off = (replace(USER, status=status) for status in ("abandoned", "cut off"))
    assert (draw(scene(left, tally=(0, 0, 0))) != draw(scene(cut_off, tally=(0, 0, 0)))).any()


def test_clocks_fill_and_then_change_their_colour():
    left, top, right, bottom = (int(x) for x in FLOORS[0])
    slate, pink = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (palette.SLATE, palette.PINK))
    pixels = [draw(scene(replace(USER, clock=clock)))[top:bottom, left:right] for clock in (0, 30, 60, 119, 121)]
    filled = [int((picture == slate).all(axis=-1).sum()) for picture in pixels]
    assert filled[0] == 0 < filled[1] < filled[2] < filled[3]
    assert filled[4] == 0 < (pixels[4] == pink).all(axis=-1).sum()


@pytest.mark.parametrize("many_tasks", [False, True])
@pytest.mark.parametrize("num_users", range(1, MOST_TOKENS + 1))
def test_tokens_stand_apart_and_on_their_floors(num_users, many_tasks):
    seating = Seating.of(num_users, many_tasks, FLOORS)
    assert seating.radius > 6
    for floor in (*FLOORS, LOBBY):
        seats = np.array([seating.seat(floor, number) for number in range(num_users)])
        low, high = seats.min(axis=0) - seating.radius, seats.max(axis=0) + seating.radius
        assert inside((*low, *high), floor)
        gaps = np.hypot(*(seats[:, None] - seats[None]).transpose(2, 0, 1)) + np.eye(num_users) * 1e9
        assert gaps.min() > 2 * seating.radius


@pytest.mark.parametrize(
    "shown",
    [
        scene(USER, SOLVED, LEFT, WAITING),
        scene(*[replace(user, num_tasks=3) for user in (USER, SOLVED, LEFT, replace(USER, model=2))]),
        crowd(12),
        crowd(60, tally=(12345, 67890, 123)),
        crowd(500, tally=(12345, 67890, 123)),
        crowd(4, models=LONG, units=("seconds", "dollars"), route=2),
        crowd(4, models=LONG, units=("seconds", "dollars"), committed=False, route=None, cascade_prob=None),
        scene(replace(USER, handed_over=True), cascade_prob=0.999999, models=LONG, round=1234567),
        *(scene(*users, compute=1.23e-9, churn=4.56e12, models=LONG) for users in EXTREME.values()),
        *(scene(*users, compute=0.0, churn=0.0, units=("s", "$")) for users in EXTREME.values()),
    ],
)
def test_words_keep_to_their_boxes_and_off_each_other(words, shown):
    draw(shown)
    for text, _, box in words:
        holders = [panel for panel in PANELS if not apart(box, panel)]
        assert inside(box, (0, 0, WIDTH, HEIGHT)), text
        assert not holders or (len(holders) == 1 and inside(box, holders[0])), text
    for (one, shown_one, box), (two, shown_two, other) in combinations(words, 2):
        assert not shown_one or not shown_two or apart(box, other), (one, two)


def test_ordinary_words_are_not_cut_short(words):
    users = [USER, SOLVED, LEFT, replace(USER, model=2, handed_over=True, utility=-123.4), USER, USER]
    draw(scene(*users))
    draw(scene(*[replace(user, num_tasks=3) for user in users]))
    assert {text for text, shown, _ in words if text != shown} == set()


def test_a_title_with_names_too_long_for_it_does_without(words):
    draw(scene(models=LONG))
    assert words[0][1] == "model 1 serves first and hands 7.83242 % of retries over to model 2"


def test_models_of_several_kinds_of_users_show_a_range(words):
    draw(scene(USER, replace(USER, game=USER.game.with_latency((12.18, 39.77)))))
    assert "6.09 s to 12.2 s" in [text for text, _, _ in words]
    assert "39.8 s" in [text for text, _, _ in words]


@pytest.mark.parametrize("mode, shown", [("ansi", as_text), ("rgb_array", draw)])
@pytest.mark.parametrize("commits", ["episode", "task", "never"])
def test_environments_show_it(mode, shown, commits):
    env = routing_v0.parallel_env("nano-gpt5", num_users=3, num_tasks=2, commits=commits, render_mode=mode)
    env.reset(seed=1)
    for agent in env.possible_agents:
        env.action_space(agent).seed(1)
    while env.agents:
        assert np.array_equal(env.render(), shown(env.scene()))
        env.step({agent: env.action_space(agent).sample() for agent in env.agents})
    assert np.array_equal(env.render(), shown(env.scene()))


# Models in free order


def menu(count, num_users=6, **changes):
    """A scene of users at all of so many models."""
    game = Game(120, 0.1, (0.2,) * count, (10.0,) * count, (0.01,) * count)
    users = [replace(user, game=game, model=1 + k % count) for k, user in enumerate(crowd(num_users).users)]
    names = tuple(f"a-model-with-a-long-name-{k}" for k in range(1, count + 1))
    offered = Policy.redraw(np.eye(count)[0], np.full(count, 1 / count))
    plain = {"route": None, "cascade_prob": None, "menu": True, "policy": offered, "models": names}
    return scene(*users, **plain | changes)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("num_users", [1, 6, pytest.param(60, marks=pytest.mark.slow), 500])
@pytest.mark.parametrize("models", [2, 3, pytest.param(5, marks=pytest.mark.slow), 8, 51])
def test_boxes_of_a_menu_stand_apart_and_hold_their_users(models, num_users):
    shown = menu(models, num_users)
    plan = Plan.of(shown)
    assert len(plan.boxes) == min(models, frame.MOST_BOXES)
    boxes = [frame.PROVIDER, frame.USERS, frame.SOLVED, frame.UNSOLVED, *plan.boxes.values()]
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(inside(floor, box) for floor, box in zip(plan.floors, plan.boxes.values(), strict=False))
    if num_users <= MOST_TOKENS:
        seating = Seating.of(num_users, False, plan.floors)
        assert seating.radius > (6 if num_users < 20 else 1)
    assert {plan.floor(user) for user in shown.users} <= {*plan.floors, LOBBY}
    assert draw(shown).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("models", [3, 5, 8])
def test_words_of_a_menu_do_not_lie_on_each_other(words, models):
    draw(menu(models))
    for (_, one, here), (_, other, there) in combinations(words, 2):
        assert apart(here, there) or not one or not other, (one, other)


def test_of_many_models_those_are_shown_that_the_policy_leads_to():
    start, row = np.eye(51)[34], np.eye(51)[34] / 4 + np.eye(51)[8] * 3 / 4
    shown = menu(51, 1, policy=Policy.redraw(start, row))
    assert set(Plan.of(replace(shown, users=(WAITING,))).boxes) == {9, 35}
    assert Plan.of(replace(shown, users=(replace(USER, model=20),))).boxes.keys() == {9, 20, 35}


@pytest.mark.parametrize("changes", [{"policy": None}, {"policy": Policy.redraw([0, 1, 0], [0, 0.5, 0.5])}])
def test_a_menu_shows_its_policy(changes):
    assert (draw(menu(3)) != draw(menu(3, **changes))).any()


def test_a_policy_in_a_sentence():
    def said(start, matrix):
        return commitment_text(menu(3, policy=Policy(start, matrix), models=("a", "b", "c")))

    assert said([0, 1, 0], np.eye(3)) == "b serves every pass"
    assert said([0, 1, 0], [[0.75, 0, 0.25], [1, 0, 0], [0, 0, 1]]) == (
        "b serves first and hands 100 % of retries over to a; a hands 25 % of retries over to c"
    )
    assert said([0.5, 0.5, 0], [[0, 0.2, 0.8]] * 3) == "first passes: 50 % a, 50 % b; retries: 20 % b, 80 % c"
    assert said([1, 0, 0], [[0.25, 0.25, 0.5], [0, 1, 0], [0, 0, 1]]) == (
        "a serves first and hands 25 % of retries over to b and 50 % of retries over to c"
    )
