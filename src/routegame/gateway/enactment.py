"""Which model answers a turn: a function of seed, session and turn alone, under the commitment that is in force.

So whoever asks again about a turn, a retry after an outage or another worker, gets the same answer, and workers agree
without sharing anything but the file. A session stays under the commitment that it began under.
"""

from __future__ import annotations

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.envs.sampling.streams import Purpose
from routegame.gateway.commitment_file import Arm, Lot
from routegame.gateway.session_words import SessionWords

log = logging.getLogger("routegame.gateway")

MOST_TURNS = 1000
"""Turns of a session that are told apart; later ones are answered by the model of the last of them."""

MOST_SESSIONS = 50_000
"""Sessions that are remembered, the latest."""

LONGEST_SESSION = 3600.0
"""Seconds after which a commitment that is no longer in force has no session any more."""


class Pick(NamedTuple):
    """Who answers a turn.

    Attributes:
        model: from 0.
        tags: of the commitment that says so, see `Arm.tags`.
    """

    model: int
    tags: tuple[str, ...]


@dataclass
class _Period:
    """Commitments while they are in force."""

    lot: Lot
    until: float = inf


class Enactment:
    """Commitments of a file, enacted for K models, and read again when the file changes.

    A file that is no commitment leaves the last good one in force, with one warning to the logger `routegame.gateway`.

    While a change is no older than `LONGEST_SESSION`, a session that this worker has not followed may be under either
    commitment, as far as it knows. It is answered by the model of the highest number that either would choose: of two
    models none is ever handed back, whichever worker answers.

    Args:
        path: of the file, see `routegame.gateway.commitment_file`.
        models: names of the models, in the commitment's order.
        seed: of all that chance decides; the same for all workers.
        clock: what tells seconds.

    Raises:
        FileError: no commitment can be read.
        ParameterError: a negative seed.
    """

    def __init__(
        self, path: Path | str, models: Sequence[str], seed: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        SessionWords(seed, "")
        self.models = tuple(models)
        self._path, self._seed, self._clock = Path(path), seed, clock
        self._signature = self._look()
        self._periods = [_Period(Lot.read(self._path, self.models))]
        self._followed: OrderedDict[str, tuple[Arm, int]] = OrderedDict()
        self._lock = Lock()

    def pick(self, session: str, turn: int) -> Pick:
        """Say who answers a turn.

        Args:
            session: any text; it names a task.
            turn: 1, 2, …: how many answers the session has had, and this one.

        Raises:
            ParameterError: a turn below 1.
        """
        if turn < 1:
            raise ParameterError("turn", "1, 2, …", turn)
        failures = min(turn, MOST_TURNS) - 1
        chance = SessionWords(self._seed, session)
        which, start = chance.word(Purpose.COMMITMENT, 0), chance.word(Purpose.START, 0)
        moves = [chance.word(Purpose.PASS, k) for k in range(failures)]
        with self._lock:
            self._read_again()
            known = self._followed.get(session)
            if known is not None and known[1] in (turn - 1, turn):
                arm = known[0]
            elif turn == 1 or len(self._periods) == 1:
                arm = self._periods[-1].lot.arm(which)
            else:
                arms = [period.lot.arm(which) for period in reversed(self._periods)]
                arm = max(arms, key=lambda each: each.model(start, moves))
            self._followed[session] = (arm, turn)
            self._followed.move_to_end(session)
            if len(self._followed) > MOST_SESSIONS:
                self._followed.popitem(last=False)
        return Pick(arm.model(start, moves), arm.tags)

    def _look(self) -> tuple[int, ...] | None:
        """What tells one state of the file from the next; None where there is none."""
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read_again(self) -> None:
        """Put what the file has in force, if it has changed, and forget what was in force long ago."""
        now = self._clock()
        self._periods = [period for period in self._periods if now - period.until <= LONGEST_SESSION]
        signature = self._look()
        if signature == self._signature:
            return
        self._signature = signature
        try:
            lot = Lot.read(self._path, self.models)
        except FileError as error:
            log.warning("%s; what was in force stays so", error)
            return
        self._periods[-1].until = now
        self._periods.append(_Period(lot))
