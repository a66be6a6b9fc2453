"""The page on tasks that differ says what the text says, and escapes names."""

from dataclasses import replace

from mixed_logs import MIX, PLAN, advised

from routegame.calibrate.show.mix_page import mix_advice_page
from routegame.calibrate.show.page import write_advice


def test_the_page_has_every_context_and_the_verdict(mixed, tmp_path):
    page = mix_advice_page(mixed)
    for part in (
        "Sure",
        "Telling contexts apart gains",
        "model 1 throughout",
        "Value of a solved task",
        "in 2 contexts",
    ):
        assert part in page
    write_advice(mixed, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


def test_names_are_escaped_and_what_is_open_is_left_out(tmp_path):
    named = replace(MIX, names=("<b>", "hard"))
    page = mix_advice_page(advised(replace(PLAN, game=named, commitments=((1, 0.3),), num_tasks=800), tmp_path))
    assert "&lt;b&gt;" in page and "<b>" not in page.replace("<b>Noise", "") and "No recommendation" in page
