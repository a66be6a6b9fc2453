"""A sheet to draw on: shapes cover what they should, and words keep to their room."""

from math import pi

import numpy as np
import pytest
from scenes import LONG

from routegame.envs.render.canvas import ZOOM, Canvas, fitted

WHITE, BLACK = "#ffffff", "#000000"


def inked(draw, size=60):
    """How much of each point of a white sheet something black covers, (size, size), in [0, 1]."""
    canvas = Canvas(size, size, WHITE)
    draw(canvas)
    return 1 - canvas.pixels()[:, :, 0] / 255


def test_a_bar_covers_its_box_and_nothing_without_a_width():
    covered = inked(lambda canvas: canvas.bar((10, 20, 30, 25), BLACK))
    assert covered[20:25, 10:30].all() and covered.sum() == 20 * 5
    assert inked(lambda canvas: canvas.bar((10, 20, 10, 25), BLACK)).sum() == 0


def test_a_panel_has_round_corners():
    covered = inked(lambda canvas: canvas.panel((10, 10, 50, 40), BLACK, radius=10))
    assert covered.sum() == pytest.approx(40 * 30 - (4 - pi) * 10**2, rel=0.02)
    assert covered[10, 10] == 0 and covered[10, 30] > 0.4


def test_discs_and_rings_have_their_areas():
    assert inked(lambda canvas: canvas.disc((30, 30), 20, BLACK)).sum() == pytest.approx(pi * 20**2, rel=0.04)
    for share in (0.25, 0.6, 1.0):
        covered = inked(lambda canvas, share=share: canvas.ring((30, 30), 20, 5, share, BLACK))
        assert covered.sum() == pytest.approx(share * pi * (20**2 - 15**2), rel=0.08), share
    over, whole = (inked(lambda canvas, share=share: canvas.ring((30, 30), 20, 5, share, BLACK)) for share in (1.7, 1))
    assert (over == whole).all() and inked(lambda canvas: canvas.ring((30, 30), 20, 5, 0, BLACK)).sum() == 0


def test_a_ring_fills_clockwise_from_the_top():
    covered = inked(lambda canvas: canvas.ring((30, 30), 20, 5, 0.25, BLACK))
    assert covered[:30, 30:].sum() > 0.95 * covered.sum() > 0


@pytest.mark.parametrize("tip", [(50, 30), (10, 30), (30, 50), (30, 10)])
def test_an_arrow_ends_where_it_points(tip):
    covered = inked(lambda canvas: canvas.arrow([(30, 30), tip], 2, BLACK))
    rows, columns = np.nonzero(covered)
    ends = (columns.min(), columns.max()) if tip[1] == 30 else (rows.min(), rows.max())
    there, other = (tip[0], 30) if tip[1] == 30 else (tip[1], 30)
    near, far = (ends[1], ends[0]) if there > other else (ends[0], ends[1])
    assert abs(near - there) <= 1 and abs(far - other) <= 2
    across = covered.sum(axis=0 if tip[1] == 30 else 1)
    assert across.max() > 6, "its head is wider than its line"


def test_words_tell_how_wide_they_became():
    for text, room in (("gpt-5 (low)", 200), (LONG[0], 60)):
        width = []
        covered = inked(lambda canvas, t=text, r=room, w=width: w.append(canvas.words((5, 30), t, 12, BLACK, r)), 200)
        columns = np.nonzero(covered.any(axis=0))[0]
        assert width[0] <= room and abs(columns.max() - columns.min() - width[0]) < 4


@pytest.mark.parametrize("room", [0, 3, 10, 50, 200])
def test_fitted_words_fit(room):
    for text in ("gpt-5 (low)", LONG[0], "é→中文", ""):
        shown, font = fitted(text, 12, room)
        assert font.getlength(shown) <= ZOOM * room or not shown
        assert shown == text or shown == "" or (shown.endswith("…") and text.startswith(shown[:-1].rstrip()))
