"""Evaluations of answers as feedback: scores that OpenTelemetry has on spans, or in log records about them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.gateway.feedback import FEEDBACK, WHY
from routegame.calibrate.log.entries import WORDS
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.source import text
from routegame.envs.checks import ParameterError

SOLVED = (*WORDS["success"][0][1], "true", "1", "correct", "good")
UNSOLVED = (*WORDS["success"][1][1], "false", "0", "incorrect", "bad")
"""Labels of scores, in lower case."""


@dataclass(frozen=True)
class Judge:
    """Which evaluation says that an answer solved its task.

    Attributes:
        name: gen_ai.evaluation.name; empty for the only one there is.
        least: the least score that counts as solved; None where scores are 0 or 1, or have labels.
    """

    name: str = ""
    least: float | None = None

    @classmethod
    def parse(cls, spec: str) -> Judge:
        """Read `NAME` or `NAME>=SCORE`.

        Raises:
            ParameterError: not of that form.

        >>> Judge.parse("correctness>=0.8")
        Judge(name='correctness', least=0.8)
        """
        match = re.fullmatch(r"([^<>=]+)(?:>=([-+0-9.eE]+))?", spec.strip())
        try:
            if match is None:
                raise ValueError
            return cls(match[1].strip(), None if match[2] is None else float(match[2]))
        except ValueError:
            raise ParameterError("evaluation", "NAME or NAME>=SCORE", spec) from None


def feedback_of_scores(desk: Desk, judge: Judge) -> None:
    """Make the table `feedback` of what evaluations say of each answer.

    Args:
        desk: with `spans` and `attempts`.
        judge: which evaluation to go by.

    Raises:
        LogError: there is none, several among which nobody chose, or scores that are neither success nor failure.
    """
    judge = Judge(_name(desk, judge.name), judge.least)
    named = f"kind = 'score' AND name = {text(judge.name)}"
    if judge.least is not None:
        solved = f"score >= {judge.least!r}"
    else:
        yes, no = (", ".join(map(text, words)) for words in (SOLVED, UNSOLVED))
        solved = f"""CASE WHEN label IN ({yes}) THEN true WHEN label IN ({no}) THEN false
            WHEN label IS NULL AND score = 1 THEN true WHEN label IS NULL AND score = 0 THEN false END"""
        odd = desk.database.execute(
            f"SELECT coalesce(label, score::VARCHAR) FROM spans WHERE {named} AND ({solved}) IS NULL"
            " AND coalesce(label, score::VARCHAR) IS NOT NULL ORDER BY place LIMIT 1"
        ).fetchone()
        if odd:
            raise LogError(
                f"{desk.log} has scores of {judge.name} such as {odd[0]}, which is neither success nor failure: say"
                f" from which on an answer has solved its task, as in --evaluation '{judge.name}>=0.8'"
            )
    desk.pages = desk.lines
    desk.database.execute(f"CREATE TABLE feedback {FEEDBACK}")
    # A score is on the span of the call, or names its answer where the span was not at hand.
    desk.database.execute(
        f"""CREATE TABLE scored AS SELECT a.call, bool_and(s.solved) AS solved, count(DISTINCT s.solved) AS verdicts
        FROM (SELECT DISTINCT call, response FROM spans WHERE kind = 'call') AS a JOIN (SELECT call, response,
        {solved} AS solved FROM spans WHERE {named}) AS s ON s.call = a.call OR s.response = a.response GROUP BY 1"""
    )
    desk.database.execute(
        """INSERT INTO feedback SELECT a.place, a.trace, row_number() OVER (PARTITION BY a.trace ORDER BY a.ended,
        a.place), CASE WHEN s.verdicts = 1 THEN s.solved END, NULL, a.family, a.person, NULL, a.ended, NULL, NULL
        FROM attempts AS a LEFT JOIN scored AS s ON s.call = a.call WHERE a.ok AND NOT a.empty"""
    )
    torn, lost = desk.counts(
        f"""SELECT (SELECT count_if(verdicts > 1) FROM scored), count(*) FROM spans AS s WHERE {named} AND NOT EXISTS
        (SELECT 1 FROM spans AS a WHERE a.kind = 'call' AND (a.call = s.call OR a.response = s.response))"""
    )
    desk.remarks.append(f"Success is what the evaluation {judge.name} says.")
    if torn:
        desk.remarks.append(f"{number_of(torn, 'answer')} judged both ways and taken for not judged.")
    if lost:
        desk.remarks.append(f"{number_of(lost, 'evaluation')} of calls that are not in the log.")


def _name(desk: Desk, asked: str) -> str:
    names = [
        name
        for (name,) in desk.database.execute(
            "SELECT name FROM spans WHERE kind = 'score' GROUP BY 1 ORDER BY count(*) DESC, 1"
        ).fetchall()
    ]
    if not names:
        raise LogError(
            f"{desk.log} has no gen_ai.evaluation.result, and cannot be calibrated by itself: {WHY}; --feedback FILE"
            " names the application's own record of each turn, JSON Lines with session_id, turn and judged_solved"
        )
    if asked and asked not in names:
        raise LogError(f"{desk.log} has no evaluation {asked}: it has {', '.join(names)}")
    if not asked and len(names) > 1:
        raise LogError(
            f"{desk.log} has evaluations {', '.join(names)}: --evaluation NAME says which one means that the task is"
            " solved"
        )
    return asked or names[0]
