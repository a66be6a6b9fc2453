"""Mixes of tasks: made of arrays, tables and features, what is refused, and copies."""

import copy
import csv
import io
import json
import pickle

import numpy as np
import pytest

from routegame import Game, ParameterError, TaskMix

GAMES = Game([10, 5], 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2))
MIX = TaskMix([3, 1], GAMES, ("easy", "hard"))


def test_contexts_have_shares_games_and_names():
    assert MIX.weights.tolist() == [0.75, 0.25] and len(MIX) == MIX.num_contexts == MIX.num_models == 2
    assert MIX.game("hard") == MIX.game(1) == GAMES.single(1)
    assert MIX.games.latency[0].tolist() == [1, 1] and MIX.games == TaskMix([1, 1], MIX.games).games
    assert TaskMix([0.7, 0.2, 0.1], Game(1, 1, (0.5, 0.5), (1, 1), (1, 1))).weights.tolist() == [0.7, 0.2, 0.1]
    with pytest.raises(ValueError, match="read-only"):
        MIX.weights[0] = 1


def test_models_may_be_on_the_last_axis():
    p, t, c = np.array([[0.6, 0.8], [0.2, 0.5]]), np.array([[1, 2], [1, 2]]), np.array([[1, 2], [1, 2]])
    assert TaskMix([3, 1], Game(np.array([10, 5]), 5, p, t, c), ("easy", "hard")) == MIX


def test_some_contexts_and_some_models():
    assert MIX.some([1]).weights.tolist() == [1.0] and MIX.some([1, 0]).names == ("hard", "easy")
    assert MIX.some([1, 0]).games.task_value.tolist() == [5, 10]
    assert MIX.of_models([1, 0]).games.success_prob[0].tolist() == [0.8, 0.5]


@pytest.mark.parametrize(
    ("weights", "games", "names", "refusal"),
    [
        ([1, -1], GAMES, None, r"weights must be a finite number in \[0, inf\), got -1"),
        ([0, 0], GAMES, None, "weights must be more than 0 for at least one context"),
        (1.0, GAMES, None, r"weights must be of shape \(C,\)"),
        ([], GAMES, None, r"weights must be of shape \(C,\)"),
        ([1, 1, 1], GAMES, None, r"games must be a batch of shape \(3,\), one game for each weight"),
        ([1, 1], "nano-gpt5", None, "games must be a Game"),
        ([1, 1], GAMES, ("easy", "easy"), "names must be 2 different names"),
    ],
)
def test_what_is_no_mix_is_refused_in_one_line(weights, games, names, refusal):
    with pytest.raises(ParameterError, match=refusal) as caught:
        TaskMix(weights, games, names)
    assert "\n" not in str(caught.value)


def test_features_belong_to_contexts():
    with pytest.raises(ParameterError, match=r"features must be of shape \(2, d\)"):
        TaskMix([1, 1], GAMES, features=[[1.0], [2.0], [3.0]])
    assert TaskMix([1, 1], GAMES, features=[[1.0], [2.0]]).some([1]).features.tolist() == [[2.0]]
    for context in (2, -1, "odd"):
        with pytest.raises(ParameterError, match="context must be"):
            MIX.game(context)


CSV = """context,weight,task_value,churn_penalty,success_prob_1,success_prob_2,latency_1,latency_2,cost_1,cost_2,note
easy,3,10,5,0.6,0.8,1,2,1,2,first
hard,1,5,5,0.2,0.5,1,2,1,2,second
"""


def test_a_table_may_be_csv_columns_or_lists():
    rows = list(csv.DictReader(io.StringIO(CSV)))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert TaskMix.from_table(rows) == TaskMix.from_table(columns) == MIX
    shared = {"churn_penalty": 5, "latency": (1, 2), "cost": (1, 2)}
    rows = [{"task_value": 10, "success_prob": [0.6, 0.8]}, {"task_value": 5, "success_prob": [0.2, 0.5]}]
    mix = TaskMix.from_table([{**row, **shared} for row in rows])
    assert mix.games == MIX.games and mix.weights.tolist() == [0.5, 0.5] and mix.names is None


@pytest.mark.parametrize(
    ("before", "after", "refusal"),
    [
        ("task_value", "worth", "table must be one with a column task_value"),
        ("cost_2", "cost_3", "table must be one with columns cost_1, cost_2"),
        ("0.6", "often", "success_prob_1 in row 1 must be a number, got 'often'"),
        ("0.6", "1.6", r"success_prob\[0\] must be a finite number in \(0, 1\), got 1.6"),
        ("latency", "speed", "table must be one with a column latency, or latency_1, latency_2"),
    ],
)
def test_a_table_that_is_none_is_refused(before, after, refusal):
    with pytest.raises(ParameterError, match=refusal):
        TaskMix.from_table(csv.DictReader(io.StringIO(CSV.replace(before, after))))


def test_rows_have_the_same_columns_and_lists_the_same_length():
    row = {"task_value": 1, "churn_penalty": 1, "success_prob": [0.5, 0.5], "latency": [1, 1], "cost": [1, 1]}
    with pytest.raises(ParameterError, match="row 2 must be one of the columns"):
        TaskMix.from_table([row, {**row, "weight": 1}])
    with pytest.raises(ParameterError, match="cost must be a list with one entry a model"):
        TaskMix.from_table([row, {**row, "cost": [1, 1, 1]}])
    for table in ([], [3], {}):
        with pytest.raises(ParameterError, match="table must be"):
            TaskMix.from_table(table)


FEATURES = {
    "skill": [[1, 0], [2, 1]],
    "skill_at_zero": [0, -1],
    "value": [0.5, 0],
    "value_at_zero": 1,
    "churn_penalty": 1,
    "latency": (1, 2),
    "cost": (1, 2),
}


def test_features_become_chances_and_values():
    mix = TaskMix.from_features([[0, 0], [1, 2]], **FEATURES)
    np.testing.assert_allclose(mix.games.success_prob[0], 1 / (1 + np.exp([0, -1.0])))
    np.testing.assert_allclose(mix.games.success_prob[1], 1 / (1 + np.exp([1.0, -3.0])))
    np.testing.assert_allclose(mix.games.task_value, np.exp([1, 1.5]))
    assert mix.features.tolist() == [[0, 0], [1, 2]] and mix.weights.tolist() == [0.5, 0.5]
    far = TaskMix.from_features([[1e6, 0], [-1e6, 0]], **{**FEATURES, "value": [0, 0]})
    assert 0 < far.games.success_prob[0].min() < far.games.success_prob[0].max() < 1


@pytest.mark.parametrize("field", ["skill", "skill_at_zero", "value"])
def test_features_of_another_number_are_refused(field):
    with pytest.raises(ParameterError, match=f"{field} must be of shape"):
        TaskMix.from_features([[0, 0], [1, 2]], **{**FEATURES, field: [1.0, 2.0, 3.0]})
    with pytest.raises(ParameterError, match="features must be of shape"):
        TaskMix.from_features([1.0, 2.0], **FEATURES)


def test_copies_and_documents_are_the_same_mix():
    featured = TaskMix.from_features([[0, 0], [1, 2]], **FEATURES)
    for mix in (MIX, featured):
        document = json.loads(json.dumps(mix.to_dict()))
        for copied in (copy.copy(mix), copy.deepcopy(mix), pickle.loads(pickle.dumps(mix)), TaskMix.read(document)):
            assert copied == mix and hash(copied) == hash(mix)
            with pytest.raises(ValueError, match="read-only"):
                copied.games.task_value[0] = 1
    assert TaskMix.read(featured.to_dict()).features.tolist() == featured.features.tolist()
    assert MIX != TaskMix([1, 1], GAMES) and MIX != 3
    for document in ({}, {"weights": [1], "games": {}}, {"weights": [1], "games": {"cost": 1}}):
        with pytest.raises(ParameterError):
            TaskMix.read(document)
