"""What is written in the colours of a page can be read."""

import pytest

from routegame.envs.render import palette


def luminance(colour):
    """Relative luminance as the Web Content Accessibility Guidelines define it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted(luminance(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", [palette.PAGE, palette.DARK_PAGE], ids=["light", "dark"])
def test_letters_stand_out(page):
    """By 4.5 to 1 and more, which the guidelines ask for."""
    for paper in ("paper", "panel"):
        for letters in ("ink", "soft", "link", "sure", "unsure", "bad"):
            assert contrast(page[letters], page[paper]) >= 4.5, f"{letters} on {paper}"
    for cell in ("good", "poor"):
        assert contrast(page["ink"], page[cell]) >= 4.5, cell


def test_lines_stand_out():
    for page, compared in ((palette.PAGE, palette.COMPARED), (palette.DARK_PAGE, palette.DARK_COMPARED)):
        assert len(set(compared)) == len(palette.COMPARED)
        for colour in compared:
            assert contrast(colour, page["paper"]) >= 3, colour
    assert palette.PAGE.keys() == palette.DARK_PAGE.keys()
