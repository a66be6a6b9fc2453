"""Tables of policies: made, read, copied and taken apart."""

import copy
import pickle

import numpy as np
import pytest

from routegame import ParameterError
from routegame.envs import PolicyTable

TABLE = PolicyTable([[1, 0], [0.5, 0.5]], [[[0.75, 0.25], [0, 1]], [[1, 0], [0.5, 0.5]]])


def test_a_table_is_a_sequence_of_start_and_matrix():
    assert len(TABLE) == len(list(TABLE)) == 2 and TABLE.num_models == 2
    start, matrix = TABLE[1]
    assert start.tolist() == [0.5, 0.5] and matrix.tolist() == [[1, 0], [0.5, 0.5]]
    assert TABLE.policy(0).to_dict() == {"start": [1, 0], "matrix": [[0.75, 0.25], [0, 1]]}


def test_lists_start_with_one_model_and_end_with_another():
    table = PolicyTable.lists([0, 2, 1], [1, 0, 1], [0.25, 1.0, 0.0], 3)
    assert table.start.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert table.matrix[0].tolist() == [[0.75, 0.25, 0], [0, 1, 0], [0, 1, 0]]
    assert table.matrix[1].tolist() == [[1, 0, 0]] * 3 and table.matrix[2].tolist() == [[0, 1, 0]] * 3
    assert PolicyTable(table.start, table.matrix) == table


@pytest.mark.parametrize(
    ("start", "matrix", "refusal"),
    [
        ([1, 0], [[1, 0], [0, 1]], r"start must be of shape \(C, K\), a row for each context"),
        ([[1, 0.5]], [[[1, 0], [0, 1]]], "start must be probabilities that add up to 1"),
        ([[1, 0]], [[1, 0], [0, 1]], "matrix must be of shape"),
    ],
)
def test_what_is_no_table_is_refused(start, matrix, refusal):
    with pytest.raises(ParameterError, match=refusal):
        PolicyTable(start, matrix)


def test_copies_and_documents_are_the_same_table_and_cannot_be_written_to():
    for copied in (copy.deepcopy(TABLE), pickle.loads(pickle.dumps(TABLE)), PolicyTable.read(TABLE.to_dict())):
        assert copied == TABLE and hash(copied) == hash(TABLE)
        with pytest.raises(ValueError, match="read-only"):
            copied.matrix[0] = 0
    assert PolicyTable.lists([0, 0], [1, 1], [0.25, 0], 2) != TABLE and TABLE != 3
    assert not np.shares_memory(copy.deepcopy(TABLE).start, TABLE.start)
