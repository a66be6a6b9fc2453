"""What a gateway wrote becomes passes: each trap has a log of its own, in the form of litellm's payloads."""

import json

import duckdb
import pytest

from routegame.calibrate.gateway.commitments import tagged
from routegame.calibrate.gateway.conversion import Request, converted
from routegame.calibrate.log.layout import LogError
from routegame.envs.checks import ParameterError

SECRET = "the orchid opens at midnight"
END = 100_000.0


def payload(trace, start, end, model="small", status="success", cost=0.001, tags=("a",), **more):
    return {
        "litellm_call_id": f"{trace}-{start}-{model}",
        "trace_id": trace,
        "status": status,
        "cache_hit": False,
        "response_cost": cost if status == "success" else 0.0,
        "startTime": start,
        "endTime": end,
        "model": f"maker/{model}",
        "model_group": model,
        "request_tags": list(tags),
        "messages": [{"role": "user", "content": SECRET}],
        "response": {"content": SECRET},
    } | more


def turn(session, number, time, solved, model="small", **more):
    return {
        "session_id": session,
        "turn": number,
        "time": time,
        "requested_model": model,
        "judged_solved": solved,
    } | more


LONG_AFTER = [payload("z", END, END + 1), payload("y", END, END + 1, "large", cost=0.03)]
ITS_FEEDBACK = [turn("z", 1, END + 1, 1), turn("y", 1, END + 1, 1, "large")]
PLAIN = [payload("s", 0, 5), payload("s", 10, 16), payload("s", 20, 60, "large", cost=0.03), payload("t", 3, 9)]
JUDGED = [turn("s", 1, 5, 0), turn("s", 2, 16, 0), turn("s", 3, 60, 1, "large"), turn("t", 1, 9, 0)]


@pytest.fixture
def convert(tmp_path):
    """Passes and remarks of some payloads, which may be lines of text, and their feedback."""

    def passes_of(payloads, feedback, alone=False, **more):
        log, clicks = tmp_path / "log.jsonl", tmp_path / "clicks.jsonl"
        lines = [*payloads, *([] if alone else LONG_AFTER)]
        log.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        clicks.write_text("".join(f"{json.dumps(line)}\n" for line in [*feedback, *([] if alone else ITS_FEEDBACK)]))
        more = {"models": ("small", "large"), "commitments": tagged(["a=1:0.1", "*=1:0.1"])} | more
        with converted(Request((log,), clicks, **more)) as made:
            assert SECRET.encode() not in made.path.read_bytes()
            rows = duckdb.sql(
                f"SELECT task, pass, model, latency, round(cost, 6), success, next FROM read_parquet('{made.path}')"
                " WHERE task NOT IN ('y', 'z') ORDER BY task, pass"
            ).fetchall()
            return rows, " ".join(made.remarks)

    return passes_of


def test_turns_of_a_session_are_the_passes_of_a_task(convert):
    rows, _ = convert(PLAIN, JUDGED)
    assert rows == [
        ("s", 1, "small", 5, 0.001, False, "retry"),
        ("s", 2, "small", 6, 0.001, False, "retry"),
        ("s", 3, "large", 40, 0.03, True, None),
        ("t", 1, "small", 6, 0.001, False, "leave"),
    ]


def test_attempts_are_one_turn_from_the_first_start_to_the_last_end(convert):
    tries = [payload("t", 0, 2, status="failure"), payload("t", 4, 5, status="failure"), payload("t", 9, 12)]
    rows, said = convert(tries, [turn("t", 1, 12, 0)])
    assert rows == [("t", 1, "small", 12, 0.001, False, "leave")]
    assert "1 took more than one, and 2 attempts failed" in said


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([payload("s", 20, 22, status="failure"), payload("s", 23, 60, "large")], id="in the failures"),
        pytest.param([payload("s", 20, 60, "large")], id="by cooldown, without a failure"),
    ],
)
def test_a_task_is_cut_before_its_fallback(convert, broken):
    rows, said = convert(
        [payload("s", 0, 5), payload("s", 10, 16), *broken],
        [turn("s", 1, 5, 0), turn("s", 2, 16, 0), turn("s", 3, 60, 1)],
    )
    assert [row[1:2] + row[-1:] for row in rows] == [(1, "retry"), (2, "retry")]
    assert "1 task cut before a turn that another model answered than was asked for, a fallback (line 3)" in said


def test_a_turn_that_nobody_answered_is_told_from_the_next_by_time(convert):
    outage = [payload("s", k, k + 1, status="failure") for k in (10, 12, 14)]
    log = [payload("s", 0, 5), *outage, payload("s", 20, 26)]
    rows, said = convert(log, [turn("s", 1, 5, 0), turn("s", 2, 15, 0), turn("s", 3, 26, 1)])
    assert rows == [("s", 1, "small", 5, 0.001, False, "retry")]
    assert "1 task cut before a turn that ended without an answer, as in an outage (line 2)" in said


def test_an_outage_is_named(convert):
    calls = [payload(f"q{k}", 1000 * k, 1000 * k + 1) for k in range(60)]
    calls += [payload(f"q{k}", 1000 * k - 5, 1000 * k - 4, status="failure") for k in range(30, 33)]
    calls += [payload("q30", 30_000 - 5 - j, 30_000 - 4 - j, status="failure") for j in range(1, 12)]
    feedback = [turn(f"q{k}", 1, 1000 * k + 1, k % 2) for k in range(60)]
    assert "An outage: between " in convert(calls, feedback)[1]


def test_answers_of_a_cache_are_said_to_be(convert, tmp_path):
    hit = payload("t", 0, 0.03, cost=0.0, cache_hit=True)
    rows, _ = convert([hit], [turn("t", 1, 0.03, 0)])
    assert rows == [("t", 1, "small", 0.03, 0, False, "leave")]


def test_who_comes_back_too_late_has_left(convert):
    log = [payload("t", 0, 5), payload("t", 5000, 5006)]
    rows, said = convert(log, [turn("t", 1, 5, 0), turn("t", 2, 5006, 0)])
    assert [row[-1] for row in rows] == ["leave"]
    assert "1 turn after the user had left by that measure left out" in said
    rows, _ = convert(log, [turn("t", 1, 5, 0), turn("t", 2, 5006, 0)], leave_after=7200)
    assert [row[-1] for row in rows] == ["retry", "leave"]


def test_what_the_log_does_not_live_to_see_is_not_known(convert):
    late = [payload("u", END - 100, END - 90), payload("u", END - 50, END - 40)]
    rows, said = convert([*PLAIN, *late], [*JUDGED, turn("u", 1, END - 90, 0), turn("u", 2, END - 40, 0)])
    assert rows[-1] == ("u", 1, "small", 10, 0.001, False, None)
    assert "1 task of the log's last 30 minutes end open" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("{not json", "1 line with no payload, left out: line 5", id="no JSON"),
        pytest.param(payload("t", 20, 21) | {"status": None}, "1 line with no status", id="no status"),
        pytest.param(payload("t", 20, 21) | {"endTime": None}, "1 line with no startTime or endTime", id="no time"),
        pytest.param(payload("t", 20, 11), "1 line with an end before their start", id="backwards"),
        pytest.param(payload("t", 3, 9), "1 line written twice", id="twice"),
        pytest.param(payload("u", 3, 9), "1 trace of 1 attempt without feedback, left out: line 5", id="no feedback"),
    ],
)
def test_a_line_that_is_no_attempt_is_named(convert, line, words):
    rows, said = convert([*PLAIN, line], JUDGED)
    assert words in said
    assert [row[:2] for row in rows][:3] == [("s", 1), ("s", 2), ("s", 3)]


def test_feedback_that_fits_no_turn_is_named(convert):
    assert (
        "1 line of feedback on sessions that are not in the log: line 5"
        in convert(PLAIN, [*JUDGED, turn("nowhere", 1, 5, 1)])[1]
    )
    assert "1 of them judged both ways" in convert(PLAIN, [*JUDGED, turn("t", 1, 9, 1)])[1]


def test_each_turn_may_have_a_trace_of_its_own(convert):
    log = [payload("x1", 0, 5), payload("x2", 10, 16), payload("s", 20, 25), payload("s", 30, 36)]
    feedback = [
        turn("s", 1, 5, 0, trace_id="x1"),
        turn("s", 2, 16, 0, trace_id="x2"),
        turn("s", 3, 25, 0),
        turn("s", 4, 36, 1),
    ]
    rows, said = convert(log, feedback)
    assert [row[1] for row in rows] == [1, 2, 3, 4]
    assert "1 session of 3 with traces of single turns beside traces of several" in said


def test_tags_say_what_was_in_force(convert):
    with pytest.raises(LogError, match=r"request_tags that nobody explained: .*--commitment"):
        convert([*PLAIN, payload("u", 3, 9, tags=("b",))], [*JUDGED, turn("u", 1, 9, 0)], commitments={})
    rows, said = convert(
        [*PLAIN, payload("u", 3, 9, tags=("b",))], [*JUDGED, turn("u", 1, 9, 0)], commitments=tagged(["a=1:0.1"])
    )
    assert "u" not in {row[0] for row in rows}
    assert "Tags that nobody explained: b (1); tasks under them are left out: line 5." in said
    with pytest.raises(LogError, match="tags of two commitments, a and b"):
        convert([payload("t", 0, 1, tags=("a", "b"))], JUDGED, commitments=tagged(["a=1", "b=2"]))
    with pytest.raises(ParameterError, match="two for a"):
        tagged(["a=1", "a=2"])


def test_success_is_nothing_that_a_gateway_knows(convert, tmp_path):
    log = tmp_path / "unheard.jsonl"
    log.write_text(json.dumps(PLAIN[0]))
    with pytest.raises(LogError, match="neither HTTP status nor a thumb"), converted(Request((log,), None)):
        raise AssertionError("converted without feedback")
    with pytest.raises(LogError, match="every answer is a success"):
        convert(PLAIN, [line | {"judged_solved": 1} for line in JUDGED])
    thumbs = [{k: v for k, v in line.items() if k != "judged_solved"} | {"event": "thumbs_up"} for line in JUDGED]
    with pytest.raises(LogError, match=r"has no judged_solved or success or solved: .*nor a thumb"):
        convert(PLAIN, thumbs, alone=True)


def test_the_last_turn_of_a_session_is_not_its_success(convert):
    calls = [payload(f"q{k}", 100 * k + 10 * j, 100 * k + 10 * j + 5) for k in range(30) for j in range(2)]
    feedback = [turn(f"q{k}", j + 1, 100 * k + 10 * j + 5, j) for k in range(30) for j in range(2)]
    with pytest.raises(LogError, match="nobody ever left, and every task ends in success"):
        convert(calls, feedback)


def test_a_model_without_a_price_is_not_free(convert):
    calls = [
        call | {"response_cost": 0.0} if call["model_group"] == "large" else call for call in [*PLAIN, *LONG_AFTER]
    ]
    with pytest.raises(LogError, match=r"has no price of large: all of its 2 answers cost 0\.0"):
        convert(calls, [*JUDGED, *ITS_FEEDBACK], alone=True)
