"""Scenes as an animated GIF, or the last of them as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from routegame.envs.checks import ParameterError, as_number
from routegame.envs.render.frame import draw
from routegame.envs.render.scene import Scene
from routegame.whole_file import check_place, whole_file

COLOURS = 255
"""Most colours of a film; the format has room for one more, which stands for what is as in the frame before."""

LAST_FRAME = 3.0
"""Seconds for which the last frame is held."""

SAMPLE = 8
"""Frames from which the palette is made, spread over the episode."""


def check_film(path: Path) -> None:
    """See that a film can be written there, before anything is played.

    Raises:
        ParameterError: another kind of file.
        WriteError: a place that cannot be written.
    """
    if path.suffix.lower() not in (".gif", ".png"):
        raise ParameterError("gif", "a file that ends in .gif or .png", str(path))
    check_place(path)


def write_film(scenes: Sequence[Scene], path: Path, fps: float) -> None:
    """Write scenes as an animated GIF that starts over, or their last one as PNG, whichever the file's name says.

    The file appears complete or not at all. A progress bar appears on standard error when it takes over two seconds.

    Args:
        scenes: at least one.
        path: ends in .gif or .png.
        fps: frames a second, in [0.1, 50], kept to hundredths of a second a frame.

    Raises:
        ParameterError: `fps` out of range, or a file of another kind.
        WriteError: the file cannot be written.
    """
    check_film(path)
    as_number("fps", fps, 0.1, 50)
    if path.suffix.lower() == ".png":
        film = BytesIO()
        Image.fromarray(draw(scenes[-1])).save(film, "png")
    else:
        film = _gif(scenes, fps)
    with whole_file(path) as beside:
        beside.write_bytes(film.getvalue())


def _gif(scenes: Sequence[Scene], fps: float) -> BytesIO:
    spread = np.unique(np.linspace(0, len(scenes) - 1, SAMPLE).round().astype(int))
    palette = Palette([draw(scenes[i]) for i in spread])
    frames = [palette.apply(draw(scene)) for scene in tqdm(scenes, "drawing", unit="frame", delay=2, leave=False)]
    pause = 10 * round(100 / fps)
    pauses = [pause] * (len(frames) - 1) + [max(pause, round(1000 * LAST_FRAME))]
    film = BytesIO()
    frames[0].save(film, "gif", save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    return film


class Palette:
    """The commonest colours of some frames, and for every other colour the one of them that is nearest.

    A frame is drawn in a dozen colours; all others are their mixtures at the edges of letters and lines. Pillow would
    find near colours faster and not quite the nearest ones, and paint what is white a little green.

    Args:
        frames: at least one, each (height, width, 3).
    """

    def __init__(self, frames: Sequence[NDArray[np.uint8]]) -> None:
        colours, counts = np.unique(np.concatenate([_packed(frame) for frame in frames]), return_counts=True)
        self._colours = _unpacked(colours[np.argsort(-counts, kind="stable")][:COLOURS])
        self._nearest = np.full(2**24, -1, dtype=np.int16)

    def apply(self, frame: NDArray[np.uint8]) -> Image.Image:
        """Return a frame in colours of the palette."""
        packed = _packed(frame)
        index = self._nearest[packed]
        new = np.unique(packed[index < 0])
        if new.size:
            apart = np.abs(_unpacked(new)[:, None].astype(np.int32) - self._colours).sum(axis=-1)
            self._nearest[new] = apart.argmin(axis=1)
            index = self._nearest[packed]
        image = Image.fromarray(index.astype(np.uint8).reshape(frame.shape[:2]))
        image.putpalette(self._colours.tobytes())
        return image


def _packed(frame: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Pixels as one number each."""
    red, green, blue = frame.reshape(-1, 3).T.astype(np.int32)
    packed: NDArray[np.int32] = red << 16 | green << 8 | blue
    return packed


def _unpacked(colours: NDArray[np.int32]) -> NDArray[np.uint8]:
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=-1).astype(np.uint8)
