"""Episodes filmed: every scene a frame, in its colours, whole or not at all."""

import numpy as np
import pytest
from PIL import Image

from routegame import ParameterError
from routegame.envs.render.frame import draw
from routegame.envs.scenarios import scenario
from routegame.eval.watch.film import COLOURS, LAST_FRAME, Palette, write_film
from routegame.eval.watch.playback import Episode, play
from routegame.whole_file import WriteError

NANO = scenario("nano-gpt5")


def episode(**options):
    return list(play(NANO.game, Episode.of(NANO.game), 0, scenario=NANO, **options))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """Scenes of six users, and the film of them at five frames a second."""
    scenes, path = episode(num_users=6), tmp_path_factory.mktemp("film") / "film.gif"
    write_film(scenes, path, 5)
    return scenes, path


def test_a_film_has_a_frame_for_every_scene(filmed):
    scenes, path = filmed
    with Image.open(path) as film:
        assert film.n_frames == len(scenes)
        pauses = []
        for number, scene in enumerate(scenes):
            film.seek(number)
            pauses.append(film.info["duration"])
            apart = np.abs(np.asarray(film.convert("RGB")).astype(int) - draw(scene)).mean()
            assert apart < 0.3, "a frame is not the scene's, or its colours are off"
    assert pauses == [200] * (len(scenes) - 1) + [1000 * LAST_FRAME]
    assert film.info["loop"] == 0
    assert [file.name for file in path.parent.iterdir()] == ["film.gif"]


def test_flat_colours_are_kept_exactly(filmed):
    scenes, path = filmed
    with Image.open(path) as film:
        film.seek(4)
        shown, drawn = np.asarray(film.convert("RGB")), draw(scenes[4])
    assert (shown == drawn).all(axis=-1).mean() > 0.97


def test_a_png_is_the_last_frame(tmp_path):
    scenes = episode(num_users=2)
    write_film(scenes, tmp_path / "film.png", 3)
    with Image.open(tmp_path / "film.png") as picture:
        assert (np.asarray(picture) == draw(scenes[-1])).all()


def test_the_same_scenes_give_the_same_bytes(tmp_path):
    for name in ("one.gif", "two.gif"):
        write_film(episode(num_users=3), tmp_path / name, 3)
    one, two = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert one == two


@pytest.mark.parametrize("name", ["film.mp4", "film", "."])
def test_films_of_another_kind(tmp_path, name):
    with pytest.raises(ParameterError, match="gif must be a file that"):
        write_film(episode(), tmp_path / name, 3)
    assert not list(tmp_path.iterdir())


def test_a_film_that_cannot_be_written_is_not_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr("routegame.eval.watch.film.draw", None)
    with pytest.raises(WriteError, match="No such file or directory"):
        write_film(episode(), tmp_path / "nowhere" / "film.gif", 3)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_film_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("routegame.eval.watch.film.draw", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_film(episode(), tmp_path / "film.gif", 3)
    assert not list(tmp_path.iterdir())


def test_a_bar_appears_only_where_it_takes_long(tmp_path, capsys):
    write_film(episode(num_users=2), tmp_path / "film.gif", 3)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("fps", [0, 0.05, 51, float("nan")])
def test_a_speed_that_no_film_has_is_refused(tmp_path, fps):
    with pytest.raises(ParameterError, match=r"fps must be a finite number in \[0.1, 50\]"):
        write_film(episode(), tmp_path / "film.gif", fps)
    assert not list(tmp_path.iterdir())


def test_colours_beyond_the_palette_become_the_nearest():
    """The commonest stay as they are; of the others each becomes the one that differs least, summed over channels."""
    rng = np.random.default_rng(0)
    colours = rng.choice(2**24, 400, replace=False)
    common, rare = colours[:COLOURS], colours[COLOURS:]
    packed = np.concatenate([np.repeat(common, 3), rare])
    frame = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.uint8)[None]
    shown = np.asarray(Palette([frame]).apply(frame).convert("RGB"))
    assert (shown[0, : 3 * COLOURS] == frame[0, : 3 * COLOURS]).all()
    known = frame[0, : 3 * COLOURS : 3].astype(int)
    for got, wanted in zip(shown[0, 3 * COLOURS :].astype(int), frame[0, 3 * COLOURS :].astype(int), strict=True):
        assert np.abs(got - wanted).sum() == np.abs(known - wanted).sum(axis=1).min()
