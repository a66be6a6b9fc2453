"""Event files as TensorBoard itself reads them."""

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from routegame.eval.run.event_file import EventFile
from routegame.whole_file import WholeRecords, WriteError


def read(directory):
    """What TensorBoard shows: (step, value) by name."""
    found = EventAccumulator(str(directory))
    found.Reload()
    return {name: [(one.step, one.value) for one in found.Scalars(name)] for name in found.Tags()["scalars"]}


def test_what_is_written_is_shown_at_once(tmp_path):
    events = EventFile(tmp_path, None)
    events.add({"regret/relative": 0.5, "speed": 2.0}, 10)
    assert read(tmp_path) == {"regret/relative": [(10, 0.5)], "speed": [(10, 2.0)]}
    events.add({"regret/relative": 0.25}, 20)
    assert read(tmp_path)["regret/relative"] == [(10, 0.5), (20, 0.25)]
    events.close()


def test_a_run_that_goes_on_takes_back_what_came_after(tmp_path):
    first = EventFile(tmp_path, None)
    for step in (10, 20, 30):
        first.add({"regret": float(step)}, step)
    first.close()
    second = EventFile(tmp_path, 20)
    second.add({"regret": -20.0}, 20)
    second.close()
    assert len(list(tmp_path.iterdir())) == 2, "whenever they are made"
    assert read(tmp_path) == {"regret": [(10, 10.0), (20, -20.0)]}


def test_a_directory_that_cannot_be_written(tmp_path):
    with pytest.raises(WriteError, match="No such file or directory"):
        EventFile(tmp_path / "nowhere", None)


def test_the_error_comes_to_who_writes_and_what_was_written_can_be_read(tmp_path, monkeypatch):
    events = EventFile(tmp_path, None)
    events.add({"regret": 1.0}, 1)

    def full(_, record):
        raise WriteError(tmp_path, "No space left on device")

    monkeypatch.setattr(WholeRecords, "append", full)
    with pytest.raises(WriteError):
        events.add({"regret": 2.0}, 2)
    events.close()
    assert read(tmp_path) == {"regret": [(1, 1.0)]}
