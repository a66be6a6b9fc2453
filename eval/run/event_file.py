"""An event file of TensorBoard that is written as it comes, by whoever calls, so that errors are theirs, too."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from importlib import import_module
from io import BytesIO
from pathlib import Path

from routegame.whole_file import WholeRecords, writing

VERSION = "brain.Event:2"
"""Format of the file, as TensorBoard calls it."""


class EventFile:
    """A new event file, which grows by one step after another.

    TensorBoard's own writer does so in a thread, where an error of the system is a traceback of nobody's.

    Args:
        directory: that the file goes into.
        purge_step: what other files of the directory have from this step on is no longer true; None for all of it is.

    Raises:
        WriteError: the file cannot be written.
    """

    def __init__(self, directory: Path, purge_step: int | None) -> None:
        self._events = import_module("tensorboard.compat.proto.event_pb2")  # takes a while, and is not always wanted
        self._summaries = import_module("tensorboard.compat.proto.summary_pb2")
        self._writer = import_module("tensorboard.summary.writer.record_writer").RecordWriter
        with writing(directory):
            number = sum(1 for _ in directory.glob("events.out.tfevents.*"))
            name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{number}"
        self._file = WholeRecords(directory / name)
        about: list[dict[str, object]] = [{"file_version": VERSION}]
        if purge_step is not None:
            start = self._events.SessionLog(status=self._events.SessionLog.START)
            about.append({"step": purge_step, "session_log": start})
        self._append(about)

    def add(self, figures: Mapping[str, float], step: int) -> None:
        """Write the figures of a step.

        Raises:
            WriteError: they cannot be written; then none of them is.
        """
        values = [self._summaries.Summary.Value(tag=name, simple_value=value) for name, value in figures.items()]
        self._append([{"step": step, "summary": self._summaries.Summary(value=values)}])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, contents: list[dict[str, object]]) -> None:
        records = BytesIO()
        writer = self._writer(records)
        for content in contents:
            writer.write(self._events.Event(wall_time=time.time(), **content).SerializeToString())
        self._file.append(records.getvalue())
