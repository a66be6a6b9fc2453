"""A moment of an episode as a picture: provider, models, users, their clocks and everybody's account.

On the left are the two sides, the provider with what it has paid and the users with what they have gained; in the
middle the models; on the right what became of tasks. A user is a token, which stands at the model of its last pass
and keeps its seat in every box, so that from frame to frame tokens are seen to move. The ring around a token is a
clock: it is full once the user has waited for its task as long as a solution is worth.

Two models in the paper's order stand one above the other, with arrows for what is handed over. In free order models
have boxes in rows, in which is written what they get of first passes and hand over; of more than `MOST_BOXES` models
those are shown that the commitment leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from routegame.envs.render.canvas import Box, Canvas, Point, fitted
from routegame.envs.render.palette import (
    BLUE,
    COMPARED,
    DARK_GREEN,
    DARK_PURPLE,
    GREY,
    INK,
    LINE,
    ORANGE,
    PAPER,
    PINK,
    SLATE,
    WHITE,
)
from routegame.envs.render.scene import Scene, UserScene, commitment_text, share_text
from routegame.numerals import amount, plural, share

WIDTH, HEIGHT = 960, 540
"""Size of a frame, in pixels."""

PROVIDER, USERS = (24.0, 72.0, 232.0, 268.0), (24.0, 324.0, 232.0, 520.0)
FIRST, SECOND = (292.0, 72.0, 676.0, 268.0), (292.0, 324.0, 676.0, 520.0)
SOLVED, UNSOLVED = (728.0, 72.0, 936.0, 268.0), (728.0, 324.0, 936.0, 520.0)
"""The boxes: left, top, right and bottom."""

MODELS = (BLUE, ORANGE)

MENU, GAP = (256.0, 72.0, 704.0, 520.0), 12.0
"""Where boxes of models in free order stand, and how far apart."""

MOST_BOXES, MOST_ROWS = 8, 3
"""Most models that get a box, and most that stand in one column."""

HEAD = 64.0
"""Height of what is written in such a box above its tokens."""

PAD = 14.0
"""Distance between the edge of a box and what is in it."""

MOST_TOKENS = 60
"""More users than this are counted, not shown one by one."""

LINE_HEIGHT = 13.0
"""Size of the letters below a token."""

ROOM_FOR_UNITS = 50.0
"""Tokens nearer to each other than this have their utility written without its unit."""

WORDED = 30.0
"""Radius from which on a crowd says that it is of users."""

LARGEST, LEAST_LABELLED = 30.0, 13.0
"""Radii: of tokens where there is room for any, and of the least that have their utility written below."""


def draw(scene: Scene) -> NDArray[np.uint8]:
    """Draw a moment of an episode.

    Returns:
        Red, green and blue, (540, 960, 3).
    """
    canvas = Canvas(WIDTH, HEIGHT, PAPER)
    _draw_title(canvas, scene)
    _draw_provider(canvas, scene)
    _draw_users(canvas, scene)
    plan = Plan.of(scene)
    for model, box in plan.boxes.items():
        _draw_model(canvas, scene, plan, model, box)
    _draw_ends(canvas, scene)
    if not scene.menu:
        _draw_arrows(canvas, scene)
    if len(scene.users) > MOST_TOKENS:
        _draw_crowds(canvas, scene, plan)
    else:
        _draw_tokens(canvas, scene, plan)
    return canvas.pixels()


def _draw_title(canvas: Canvas, scene: Scene) -> None:
    text, room = commitment_text(scene), WIDTH - 160
    if fitted(text, 17, room, bold=True)[0] != text:  # the models' boxes tell which they are
        numbered = tuple(f"model {model}" for model in range(1, len(scene.models) + 1))
        text = commitment_text(replace(scene, models=numbered))
    if scene.menu and fitted(text, 17, room, bold=True)[0] != text:  # and who hands over to whom
        text = "Who serves first and who is handed what is written in the models' boxes"
    canvas.words((24, 38), text, 17, INK, room, bold=True)
    canvas.words((936, 38), f"step {scene.round:,}", 13, GREY, 100, anchor="rm")


def _draw_provider(canvas: Canvas, scene: Scene) -> None:
    """Draw the provider's bill, measured against what it would lose if every task were abandoned."""
    x, top, room = _open_panel(canvas, PROVIDER, "Provider")
    unit, paid = scene.units[1], scene.compute + scene.churn
    lost = sum(user.num_tasks * float(user.game.churn_penalty) for user in scene.users)
    canvas.words((x, top + 62), amount(paid, unit), 26, INK, room, bold=True)
    canvas.words((x, top + 86), "paid so far", 11, GREY, room)
    full = max(paid, lost) or 1.0
    split, end = x + room * scene.compute / full, x + room * paid / full
    canvas.panel((x, top + 104, x + room, top + 118), PAPER, LINE, 2)
    canvas.bar((x, top + 104, split, top + 118), SLATE)
    canvas.bar((split, top + 104, end, top + 118), PINK)
    rows = [("compute", SLATE, scene.compute), ("churn", PINK, scene.churn)]
    if lost:
        mark = x + room * lost / full
        canvas.path([(mark, top + 100), (mark, top + 122)], 1.5, INK)
        rows.append(("all tasks lost", INK, lost))
    for y, (name, colour, sum_) in zip((136, 154, 172), rows, strict=False):
        width = 1.5 if colour == INK else 8
        canvas.bar((x + 4 - width / 2, top + y - 4, x + 4 + width / 2, top + y + 4), colour)
        canvas.words((x + 15, top + y), name, 11, INK, 85)
        canvas.words((x + room, top + y), amount(sum_, unit), 11, INK, room - 103, anchor="rm")


def _draw_users(canvas: Canvas, scene: Scene) -> None:
    """Draw users' utility and the key to their clocks; while users wait, leave room for them."""
    x, top, room = _open_panel(canvas, USERS, "Users")
    if any(user.status == "waiting" for user in scene.users):
        return
    unit, mean = scene.units[0], sum(user.utility for user in scene.users) / len(scene.users)
    words = "utility so far" if len(scene.users) == 1 else "utility so far, on average"
    canvas.words((x, top + 62), amount(mean, unit, signed=True), 26, _of_sign(mean), room, bold=True)
    canvas.words((x, top + 86), words, 11, GREY, room)
    values = {float(user.game.task_value) for user in scene.users}
    worth = f"the {amount(values.pop(), unit)}" if len(values) == 1 else "what"
    _draw_clock(canvas, (x + 13, top + 126), 13, 0.65)
    canvas.words((x + 36, top + 118), f"waited, of {worth}", 11, INK, room - 36)
    canvas.words((x + 36, top + 134), "a solution is worth", 11, INK, room - 36)
    _draw_clock(canvas, (x + 13, top + 168), 13, 1.01)
    canvas.words((x + 36, top + 168), "waited longer than that", 11, INK, room - 36)


def _draw_model(canvas: Canvas, scene: Scene, plan: Plan, model: int, box: Box) -> None:
    """A model's name, what one pass of it does, and how many users stand there."""
    colour, games = _colour(model), [user.game for user in scene.users]
    here = sum(user.status == "running" and user.model == model for user in scene.users)
    name = f"{model} {scene.models[model - 1]}" if plan.narrow else scene.models[model - 1]
    x, top, room = _open_panel(canvas, box, name, colour, f"{here}" if plan.narrow else plural(here, "user"))
    figures = [
        ("solves", _range([float(game.success_prob[model - 1]) for game in games], share)),
        ("takes", _range([float(game.latency[model - 1]) for game in games], lambda t: amount(t, scene.units[0]))),
        ("costs", _range([float(game.cost[model - 1]) for game in games], lambda c: amount(c, scene.units[1]))),
    ]
    if scene.menu:
        moves = _moves_text(scene, model, narrow=plan.narrow)
        canvas.words((x, top + 56), moves, 11, INK, room, bold=True)
    if plan.narrow:
        canvas.words((x, top + 39), "   ".join(figure for _, figure in figures), 11, INK, room)
        return
    for place, (name, figure) in enumerate(figures):
        at = x + place * room / 3
        line = top + (39 if scene.menu else 46)
        width = canvas.words((at, line), name, 11, GREY, 60)
        canvas.words((at + width + 5, line), figure, 11, INK, room / 3 - width - 12)


def _moves_text(scene: Scene, model: int, *, narrow: bool) -> str:
    """Say which share of first passes a model gets, and of its retries hands over to others; in short where narrow."""
    policy = scene.policy
    if policy is None:
        return ""
    write = share if narrow else share_text
    start, row = float(policy.start[model - 1]), policy.matrix[model - 1]
    words = ["first" if start == 1 else f"first: {write(start)}"] if start else []
    if model - 1 in scene.visited:
        others = [k for k in np.flatnonzero(row).tolist() if k != model - 1]
        to = ", ".join(f"{write(float(row[k]))} to {k + 1 if narrow else scene.models[k]}" for k in others)
        words += [to if narrow else f"retries: {to}"] if to else []
    return "; ".join(words)


def _draw_ends(canvas: Canvas, scene: Scene) -> None:
    """Draw how tasks ended."""
    solved, abandoned, cut_off = scene.tally
    total = sum(user.num_tasks for user in scene.users)
    _open_panel(canvas, SOLVED, "Solved", DARK_GREEN, f"{solved:,} of {total:,}")
    counts = f"{abandoned:,}, cut off {cut_off:,}" if cut_off else f"{abandoned:,}"
    _open_panel(canvas, UNSOLVED, "Abandoned", DARK_PURPLE, counts)


def _draw_arrows(canvas: Canvas, scene: Scene) -> None:
    """Draw where first passes go, and which of the retries move on."""
    out, upper, lower = PROVIDER[2] + 4, 170.0, 422.0
    first, second = FIRST[0] - 4, (FIRST[0] + PROVIDER[2]) / 2
    across = [(out, upper), (first, upper)]
    down = [(out, upper), (second, upper), (second, lower), (first, lower)]
    if not scene.committed:
        canvas.arrow(across, 2, GREY)
        canvas.arrow(down, 2, GREY)
    elif scene.route is not None:
        canvas.arrow(across if scene.route == 1 else down, 3, INK)
        canvas.words((second, upper - 14), "first pass", 10, INK, 58, anchor="mm")
    if scene.route == 1 and scene.cascade_prob:
        moved = sum(user.handed_over for user in scene.users)
        x, width, colour = (FIRST[0] + FIRST[2]) / 2, 5 if moved else 3, ORANGE if moved else INK
        canvas.arrow([(x, FIRST[3] + 4), (x, SECOND[1] - 4)], width, colour)
        canvas.words((x + 16, 296), f"{scene.handed_over} of retries", 12, INK, 170, bold=True)
        if moved:
            canvas.words((x - 16, 296), f"{moved:,} handed over", 12, ORANGE, 170, anchor="rm", bold=True)


def _draw_tokens(canvas: Canvas, scene: Scene, plan: Plan) -> None:
    """Everybody where it is, and its empty seats where it is not."""
    seating = Seating.of(len(scene.users), max(user.num_tasks for user in scene.users) > 1, plan.floors)
    for number, user in enumerate(scene.users):
        for floor in plan.floors:
            canvas.disc(seating.seat(floor, number), seating.radius, PAPER)
        _draw_token(canvas, scene, plan, seating, number, user)


def _draw_token(canvas: Canvas, scene: Scene, plan: Plan, seating: Seating, number: int, user: UserScene) -> None:
    """A user: its model's colour, its number, its clock; below it, or instead of the number, its utility."""
    (x, y), r = seating.seat(plan.floor(user), number), seating.radius
    if user.handed_over:
        canvas.disc((x, y), r + 2.5, ORANGE)
    canvas.disc((x, y), r, WHITE)
    _draw_clock(canvas, (x, y), r, user.clock / float(user.game.task_value))
    served = user.passes and user.status != "cut off"
    canvas.disc((x, y), 0.72 * r, _colour(user.model) if served else GREY)
    unit = scene.units[0] if len(scene.units[0]) < 3 and seating.pitch > ROOM_FOR_UNITS else ""
    utility = amount(user.utility, unit, signed=True) if user.utility else ""
    if not seating.lines:
        canvas.words((x, y), utility[:1], 1.3 * r, WHITE, 2 * r, anchor="mm", bold=True)
        return
    canvas.words((x, y), f"{number}", 0.62 * r, WHITE, 1.2 * r, anchor="mm", bold=True)
    size, below, room = min(12.0, max(9.0, 0.5 * r)), y + r + 9, seating.pitch - 4
    canvas.words((x, below), utility, size, _of_sign(user.utility), room, anchor="mm", bold=True)
    if seating.lines > 1:
        canvas.words((x, below + LINE_HEIGHT), f"task {user.task}/{user.num_tasks}", 9, GREY, room, anchor="mm")


def _draw_crowds(canvas: Canvas, scene: Scene, plan: Plan) -> None:
    """Draw how many users stand where, and their average clock."""
    for floor in (LOBBY, *plan.floors):
        users = [user for user in scene.users if plan.floor(user) == floor]
        if not users:
            continue
        x, y = (floor[0] + floor[2]) / 2, (floor[1] + floor[3]) / 2
        r = min(46.0, (floor[3] - floor[1]) / 2)
        clock = sum(user.clock / float(user.game.task_value) for user in users) / len(users)
        canvas.disc((x, y), r, WHITE)
        _draw_clock(canvas, (x, y), r, clock)
        wide = r > WORDED
        canvas.words((x, y - (5 if wide else 0)), f"{len(users):,}", min(22, r), INK, 1.35 * r, anchor="mm", bold=True)
        if wide:
            canvas.words((x, y + 14), "user" if len(users) == 1 else "users", 10, GREY, 60, anchor="mm")


@dataclass(frozen=True)
class Seating:
    """Places of tokens: every user has a seat on every floor, wherever it is just now.

    Attributes:
        num_users: seats on each floor.
        radius: of a token.
        lines: of words below a token: none, its utility, and the task it is at.
        columns: of seats, by floor.
    """

    num_users: int
    radius: float
    lines: int
    columns: dict[Box, int]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, num_users: int, many_tasks: bool, floors: tuple[Box, ...]) -> Seating:
        """Return the seating with the most words that leave tokens a fair size, and the largest tokens then."""
        for lines in (2, 1, 0) if many_tasks else (1, 0):
            best = {floor: max(_tries(floor, num_users, lines)) for floor in floors}
            radius = min(radius for radius, _, _ in best.values())
            if radius >= LEAST_LABELLED:
                break
        columns = {floor: columns for floor, (_, _, columns) in best.items()}
        return cls(num_users, radius, lines, columns | {LOBBY: columns[SOLVED_FLOOR]})

    @property
    def pitch(self) -> float:
        """Distance between neighbours, on the floor where they are nearest."""
        floors = ((floor, columns) for floor, columns in self.columns.items() if floor != LOBBY)
        return min((right - left) / columns for (left, _, right, _), columns in floors)

    def seat(self, floor: Box, number: int) -> Point:
        """Return the place of the centre of a user's token."""
        left, top, right, bottom = floor
        columns = self.columns[floor]
        row, column = divmod(number, columns)
        rows = ceil(self.num_users / columns)
        x = left + (column + 0.5) * (right - left) / columns
        y = top + (row + 0.5) * (bottom - top) / rows
        return x, y - _height(self.lines) / 2


def _tries(floor: Box, num_users: int, lines: int) -> list[tuple[float, int, int]]:
    """Return, for every number of columns, radius of the largest token, minus the seats too many, and columns."""
    left, top, right, bottom = floor
    found = []
    for columns in range(1, num_users + 1):
        rows = ceil(num_users / columns)
        across, down = (right - left) / columns, (bottom - top) / rows - _height(lines)
        found.append((min(LARGEST, across / 2 - 2.5, down / 2 - 2.5), num_users - rows * columns, columns))
    return found


def _height(lines: int) -> float:
    return 4 + LINE_HEIGHT * lines if lines else 0


LOBBY = (USERS[0] + PAD, USERS[1] + 38, USERS[2] - PAD, USERS[3] - 8)
FIRST_FLOOR, SECOND_FLOOR = ((x0 + PAD, y0 + 60, x1 - PAD, y1 - 8) for x0, y0, x1, y1 in (FIRST, SECOND))
SOLVED_FLOOR, UNSOLVED_FLOOR = ((x0 + PAD, y0 + 38, x1 - PAD, y1 - 8) for x0, y0, x1, y1 in (SOLVED, UNSOLVED))
FLOORS = (FIRST_FLOOR, SECOND_FLOOR, SOLVED_FLOOR, UNSOLVED_FLOOR)
"""Boxes in which tokens stand, of two models in the paper's order."""


@dataclass(frozen=True)
class Plan:
    """Where models have their boxes, and users stand.

    Attributes:
        boxes: of the models that are shown, by their number from 1.
        floors: boxes in which tokens stand: of these models in their order, of solved and of abandoned tasks.
        narrow: whether boxes of models are too narrow to name figures, and other models, in full.
    """

    boxes: dict[int, Box]
    floors: tuple[Box, ...]
    narrow: bool = False

    @classmethod
    def of(cls, scene: Scene) -> Plan:
        """Return the plan of a scene."""
        if not scene.menu:
            return cls({1: FIRST, 2: SECOND}, FLOORS)
        models = len(scene.models)
        standing = {user.model for user in scene.users if user.status == "running"}
        wanted = {model + 1 for model in scene.visited} | standing if models > MOST_BOXES else set()
        shown = sorted(wanted or range(1, models + 1))[:MOST_BOXES]
        columns = 1 if len(shown) <= MOST_ROWS else 2
        rows = ceil(len(shown) / columns)
        left, top, right, bottom = MENU
        width, height = (right - left + GAP) / columns, (bottom - top + GAP) / rows
        boxes = {}
        for place, model in enumerate(shown):
            x, y = left + place % columns * width, top + place // columns * height
            boxes[model] = (x, y, x + width - GAP, y + height - GAP)
        floors = ((x0 + PAD, y0 + HEAD, x1 - PAD, y1 - 4) for x0, y0, x1, y1 in boxes.values())
        return cls(boxes, (*floors, SOLVED_FLOOR, UNSOLVED_FLOOR), columns > 1)

    def floor(self, user: UserScene) -> Box:
        """Return where a user stands; at a model without a box, where the last one that has one is."""
        if user.status == "waiting":
            return LOBBY
        if user.status == "running":
            shown = list(self.boxes)
            return self.floors[shown.index(user.model) if user.model in self.boxes else -3]
        return SOLVED_FLOOR if user.status == "solved" else UNSOLVED_FLOOR


def _colour(model: int) -> str:
    """Return the colour of a model, from 1."""
    return MODELS[model - 1] if model <= len(MODELS) else COMPARED[(model - 1) % len(COMPARED)]


def _draw_clock(canvas: Canvas, centre: Point, radius: float, filled: float) -> None:
    """A ring that fills clockwise and changes its colour once it is full."""
    width = max(2.0, 0.18 * radius)
    canvas.ring(centre, radius, width, 1, LINE)
    canvas.ring(centre, radius, width, filled, PINK if filled > 1 else SLATE)


def _open_panel(canvas: Canvas, box: Box, name: str, colour: str = INK, aside: str = "") -> tuple[float, float, float]:
    """Draw a box with its name, and what stands opposite; return where its inside starts and how wide it is."""
    left, top, right, _ = box
    x, room = left + PAD, right - left - 2 * PAD
    canvas.panel(box, WHITE, LINE)
    width = canvas.words((right - PAD, top + 22), aside, 12, GREY, 0.6 * room, anchor="rm") if aside else 0
    canvas.words((x, top + 22), name, 14, colour, room - width - 8, bold=True)
    return x, top, room


def _range(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Return one value as text, or the least and the largest."""
    low, high = write(min(values)), write(max(values))
    return low if low == high else f"{low} to {high}"


def _of_sign(value: float) -> str:
    return DARK_GREEN if value > 0 else INK
