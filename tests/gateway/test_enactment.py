"""Who answers a turn hangs on seed, session and turn alone, in the shares of the commitment; none is handed back."""

import json
import logging
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.gateway.enactment import LONGEST_SESSION, MOST_TURNS, Enactment

NAMES = ("nano", "gpt-5")
S = 0.3


def put(path, document):
    """Write a file whole, as one should."""
    beside = path.with_suffix(".new")
    beside.write_text(document if isinstance(document, str) else json.dumps(document))
    os.replace(beside, path)


def cascade(s):
    return {"route": 1, "cascade_prob": s}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "commitment.json"


def made(path, document, models=NAMES, **options):
    put(path, document)
    return Enactment(path, models, **options)


def within(count, number, share, errors=4.0):
    """Whether a count is as a share says, within so many standard errors."""
    return abs(count / number - share) <= errors * math.sqrt(share * (1 - share) / number)


def handed_over(picks):
    """Retries on model 1, and how many of them went on to model 2; none may come back.

    Args:
        picks: models of each session, turn after turn.
    """
    retries = moved = 0
    for models in picks:
        assert models == sorted(models), "handed back"
        retries += sum(model == 0 for model in models[:-1])
        moved += models[0] == 0 and models[-1] == 1
    return retries, moved


def test_the_share_of_retries_is_handed_over_and_none_comes_back(path):
    enactment = made(path, cascade(S))
    picks = [[enactment.pick(f"s{k}", turn).model for turn in range(1, 5)] for k in range(1500)]
    retries, moved = handed_over(picks)
    assert {models[0] for models in picks} == {0} and retries > 3000 and within(moved, retries, S)


@pytest.mark.slow
def test_four_processes_hand_over_the_same_share_and_none_comes_back(path, tmp_path):
    """10,000 sessions of five turns, each turn answered by a process of its own choice."""
    put(path, cascade(S))
    code = """
import json, sys
from routegame.gateway.enactment import Enactment
path, out, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
enactment = Enactment(path, ["nano", "gpt-5"], seed=7)
mine = [(k, turn) for turn in range(1, 6) for k in range(10_000) if (7 * k + 3 * turn) % 4 == number]
with open(out, "w") as file:
    json.dump([(k, turn, enactment.pick(f"s{k}", turn).model) for k, turn in mine], file)
"""
    outs = [tmp_path / f"{number}.json" for number in range(4)]
    running = [
        subprocess.Popen([sys.executable, "-c", code, path, out, str(number)]) for number, out in enumerate(outs)
    ]
    assert [process.wait() for process in running] == [0] * 4
    found = {(k, turn): model for out in outs for k, turn, model in json.loads(out.read_text())}
    assert len(found) == 50_000
    picks = [[found[k, turn] for turn in range(1, 6)] for k in range(10_000)]
    retries, moved = handed_over(picks)
    assert within(moved, retries, S)
    alone = Enactment(path, NAMES, seed=7)
    assert all(found[k, turn] == alone.pick(f"s{k}", turn).model for k in range(500) for turn in (4, 2, 5))


def test_whoever_asks_again_gets_the_same_answer_in_any_order(path):
    one, other = made(path, cascade(S), seed=3), Enactment(path, NAMES, seed=3)
    asked = [(f"s{k}", turn) for k in range(40) for turn in (1, 2, 3)]
    first = {each: one.pick(*each) for each in asked}
    assert {each: other.pick(*each) for each in reversed(asked)} == first
    assert {each: one.pick(*each) for each in asked} == first
    assert {each: Enactment(path, NAMES, seed=4).pick(*each) for each in asked} != first


def test_starts_and_rows_of_many_models_come_in_their_shares(path):
    start, row = [0.2, 0.5, 0.3], [0.1, 0.3, 0.6]
    enactment = made(path, {"start": start, "matrix": [row, row, row]}, "abc")
    first, later = (Counter(enactment.pick(f"s{k}", turn).model for k in range(2000)) for turn in (1, 3))
    for counts, shares in ((first, start), (later, row)):
        assert all(within(counts[k], 2000, share) for k, share in enumerate(shares))


def test_sides_of_a_trial_come_in_their_shares_and_say_which_they_are(path):
    trial = {"commitments": [{**cascade(0.05), "share": 3}, {"route": 2, "share": 1}]}
    enactment = made(path, trial)
    picks = [enactment.pick(f"s{k}", 1) for k in range(2000)]
    assert within(sum(pick.model for pick in picks), 2000, 0.25)
    assert {(pick.model, pick.tags[0]) for pick in picks} == {(0, "routegame:route=1"), (1, "routegame:route=2")}
    assert enactment.pick("s5", 2).tags == picks[5].tags


def test_a_new_file_is_for_sessions_that_begin_after_it(path):
    enactment = made(path, cascade(0.0))
    assert enactment.pick("old", 1).model == 0
    put(path, cascade(1.0))
    assert [enactment.pick("old", turn).model for turn in (1, 2, 3)] == [0, 0, 0]
    assert [enactment.pick("new", turn).model for turn in (1, 2)] == [0, 1]


def test_no_change_hands_a_session_back_that_workers_share(path):
    """Each turn is answered by either of two workers, and what is in force changes before the third."""
    document = cascade(0.5)
    workers = [made(path, document), Enactment(path, NAMES)]
    for later in ({"route": 2}, cascade(0.05), cascade(0.6)):
        put(path, document)
        picks = {f"{later}{k}": [workers[k % 2].pick(f"{later}{k}", 1).model] for k in range(200)}
        for turn in (2, 3, 4, 5):
            if turn == 3:
                put(path, later)
            for number, (session, models) in enumerate(picks.items()):
                models.append(workers[number * turn % 7 % 2].pick(session, turn).model)
        assert all(models == sorted(models) for models in picks.values())
        assert any(models[-1] for models in picks.values())


def test_what_was_in_force_long_ago_is_forgotten(path):
    now = [0.0]
    enactment = made(path, {"route": 2}, clock=lambda: now[0])
    put(path, cascade(0.0))
    assert enactment.pick("unseen", 2).model == 1
    now[0] = LONGEST_SESSION + 1
    assert enactment.pick("late", 2).model == 0


@pytest.mark.parametrize("broken", ["", "{", "[1]", '{"route": 7}', None])
def test_a_broken_file_leaves_the_last_good_one_in_force_with_one_warning(path, broken, caplog):
    enactment = made(path, cascade(1.0))
    with caplog.at_level(logging.WARNING, "routegame.gateway"):
        if broken is None:
            path.unlink()
        else:
            put(path, broken)
        assert [enactment.pick(f"s{k}", 2).model for k in range(5)] == [1] * 5
    (said,) = caplog.messages
    assert str(path) in said and "what was in force stays so" in said
    put(path, cascade(0.0))
    assert enactment.pick("after", 1).tags[1] == "routegame:s=0.0"


def test_what_is_broken_from_the_start_is_refused(path):
    with pytest.raises(FileError, match="commitment"):
        Enactment(path, NAMES)
    put(path, cascade(0.5))
    with pytest.raises(ParameterError, match="seed"):
        Enactment(path, NAMES, seed=-1)
    with pytest.raises(ParameterError, match="turn"):
        Enactment(path, NAMES).pick("s", 0)


def test_endless_sessions_take_no_more_time(path):
    enactment = made(path, cascade(1e-6))
    assert enactment.pick("s", 10**12).model == enactment.pick("s", MOST_TURNS).model


def test_the_strategy_draws_from_the_counted_chance_of_the_game(path):
    """A share s of words of chance hands over: the same that does at a larger share, too."""
    moved = []
    for s in (0.1, 0.3, 0.6):
        enactment = made(path, cascade(s))
        moved.append({k for k in range(300) if enactment.pick(f"s{k}", 2).model})
    assert moved[0] < moved[1] < moved[2] and np.isclose(len(moved[2]) / 300, 0.6, atol=0.12)


def test_nothing_of_a_gateway_is_imported():
    """By what has no gateway's name: it is there without the extra."""
    home = Path(__file__).parents[2] / "src/routegame/gateway"
    names = ", ".join(f"routegame.gateway.{path.stem}" for path in home.glob("[a-z]*.py") if path.stem != "litellm")
    code = f"import sys, routegame, {names}; sys.exit('litellm' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
