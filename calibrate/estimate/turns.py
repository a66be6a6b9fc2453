"""The turns of a log: its passes by commitment, model, place in the task, and what came of them.

A histogram of passes rather than of tasks: where models may come in any order there are as many kinds of tasks as
there are tasks, but passes come in few kinds. All that is counted of such a log is a sum over them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from routegame.calibrate.log.log import Log
from routegame.envs.arrays import BoolArray, IntArray

NUM_STEPS = 6
"""Number of steps of a task: passes 1 to 5 are told apart, those from the 6th on are counted together."""

SOLVED, LEFT, OPEN, UNDECIDED = -1, -2, -3, -4
"""What came of a pass, where no other pass did: as in `routegame.calibrate.estimate.tally.Ending`."""


@dataclass(frozen=True, eq=False)
class Turns:
    """The histogram of passes; arrays of shape (num_kinds,).

    Attributes:
        commitments: names of the commitments, in alphabetical order.
        num_models: K.
        segment: index of the segment; 0 where the log has none.
        commitment: index of the commitment.
        model: from 0.
        place: of the pass in its task, 1 to `NUM_STEPS`, which stands for all later ones too.
        repeat: passes that the task has had on this model, this one included, counted likewise.
        after: the model of the next pass, from 0; or SOLVED, LEFT, OPEN or UNDECIDED.
        count: passes.
    """

    commitments: tuple[str, ...]
    num_models: int
    segment: IntArray
    commitment: IntArray
    model: IntArray
    place: IntArray
    repeat: IntArray
    after: IntArray
    count: IntArray

    def __getitem__(self, chosen: BoolArray) -> Turns:
        named = ("commitments", "num_models")
        rows = {name: column[chosen] for name, column in vars(self).items() if name not in named}
        return Turns(self.commitments, self.num_models, **rows)

    @property
    def tasks(self) -> int:
        """Number of tasks."""
        return int(self.count[self.place == 1].sum())

    @property
    def decides(self) -> BoolArray:
        """True for failures after which it is known what the user did."""
        known: BoolArray = (self.after >= 0) | (self.after == LEFT) | (self.after == OPEN)
        return known

    @property
    def decided(self) -> tuple[int, int]:
        """Failures after which it is known what the user did, and those of them after which it left."""
        return int(self.count[self.decides].sum()), int(self.count[self.after == LEFT].sum())

    @property
    def starts(self) -> IntArray:
        """Tasks by the model of their first pass, (K,)."""
        total, first = np.zeros(self.num_models, dtype=np.int64), self.place == 1
        np.add.at(total, self.model[first], self.count[first])
        return total

    @property
    def hand_overs(self) -> IntArray:
        """Failed, continued passes by their model and that of the next pass, (K, K)."""
        total = np.zeros((self.num_models, self.num_models), dtype=np.int64)
        on = self.after >= 0
        np.add.at(total, (self.model[on], self.after[on]), self.count[on])
        return total

    def by_step(self, chosen: BoolArray, step: IntArray) -> IntArray:
        """Passes of some kinds by model and by a number that counts from 1, (K, NUM_STEPS)."""
        total = np.zeros((self.num_models, NUM_STEPS), dtype=np.int64)
        np.add.at(total, (self.model[chosen], step[chosen] - 1), self.count[chosen])
        return total


def by_segment(turns: Turns) -> Turns:
    """The same turns with a commitment of each segment for every commitment: what is one in name may differ."""
    key = np.stack([turns.segment, turns.commitment])
    known, place = np.unique(key, axis=1, return_inverse=True)
    names = tuple(turns.commitments[commitment] for commitment in known[1])
    return replace(turns, commitments=names, commitment=place.reshape(-1))


def turns(log: Log) -> Turns | None:
    """Count the passes of a log; None where the order of its models is that of the paper."""
    if not log.layout.free:
        return None
    found = log.rows(
        f"""WITH counted AS (SELECT passes.*, tasks.segment AS of_segment, tasks.tag AS of_tag FROM passes
            JOIN tasks USING (task) WHERE tasks.fault = 0 AND NOT passes.no_task AND NOT passes.apart),
        placed AS (SELECT of_segment, of_tag, model - 1 AS model, least(pass, {NUM_STEPS}) AS place,
            least(row_number() OVER (PARTITION BY task, model ORDER BY pass), {NUM_STEPS}) AS again,
            CASE WHEN success THEN {SOLVED} WHEN next = 2 THEN {LEFT} WHEN next = 0 THEN {UNDECIDED}
            ELSE coalesce(lead(model) OVER (PARTITION BY task ORDER BY pass) - 1, {OPEN}) END AS after FROM counted)
        SELECT of_segment, of_tag, model, place, again, after, count(*) FROM placed GROUP BY ALL ORDER BY ALL"""
    )
    segment, tag, *numbers = zip(*found, strict=True)
    names = tuple(sorted(set(tag)))
    places = {name: k for k, name in enumerate(log.segments)}
    return Turns(
        names,
        log.num_models,
        np.array([places.get(name, 0) for name in segment]),
        np.array([names.index(name) for name in tag]),
        *(np.array(column, dtype=np.int64) for column in numbers),
    )
