"""All figures, drawn once in each process."""

from contextlib import contextmanager

import pytest

from routegame.eval.figures import catalogue, panels


@pytest.fixture(scope="session")
def few():
    """Points along each axis of a map."""
    return 9


@pytest.fixture(scope="session")
def coarse_paper():
    """Draw with few dots, for as long as it is asked to."""

    @contextmanager
    def style():
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(panels.STYLE, "savefig.dpi", 72)
            yield patch

    return style


@pytest.fixture(scope="session")
def drawn(tmp_path_factory, few, coarse_paper):
    """A folder with all figures, on coarse grids and paper; their paths, and each as composed, with its arrays."""
    folder, composed, compose = tmp_path_factory.mktemp("figures") / "new" / "folder", {}, catalogue.compose

    def recorded(figure, arrays):
        made = compose(figure, arrays)
        composed[figure.name] = made, arrays
        return made

    with coarse_paper() as patch:
        patch.setattr(catalogue, "compose", recorded)
        paths = [path for _, path in catalogue.draw_figures(folder, few)]
    return folder, paths, composed
