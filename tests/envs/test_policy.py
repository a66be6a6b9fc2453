"""Policies: what is a commitment, what is refused, passes by another way, and files."""

import json

import numpy as np
import pytest
from menus_by_hand import passes

from routegame.envs.checks import ParameterError
from routegame.envs.policy import Policy, chain


@pytest.mark.parametrize(
    ("start", "matrix", "refusal"),
    [
        ((1, 0), ((1, 0),), "matrix must be of shape"),
        ((0.5, 0.4), np.eye(2), "start must be probabilities that add up to 1, got 0.9"),
        ((1, 0), ((1, 0.1), (0, 1)), "matrix must be rows that add up to 1"),
        ((1, -0.1), np.eye(2), "start must be a finite number in"),
        ((1,), ((1,),), "start must be 2 to 64 probabilities"),
        (1.0, np.eye(2), "start must be an array of 1 dimensions or more"),
    ],
)
def test_what_is_no_commitment_is_refused(start, matrix, refusal):
    with pytest.raises(ParameterError, match=refusal):
        Policy(start, matrix)


def test_passes_are_those_of_the_inverse():
    rng = np.random.default_rng(51)
    start, matrix = rng.dirichlet(np.ones(4), 5), rng.dirichlet(np.ones(4), (5, 4))
    p, leave = rng.uniform(0.1, 0.9, (2, 5, 4))
    n = Policy(start, matrix).passes(p, 1 - leave)
    for k in range(5):
        assert n[k] == pytest.approx(passes(p[k], start[k], matrix[k], leave[k]))


def test_models_that_can_be_reached_are_visited():
    policy = chain([2, 0, 1], [0.5, 1.0], 4)
    assert policy.visited(True).tolist() == [True, True, True, False]
    assert policy.visited(False).tolist() == [False, False, True, False]


def test_a_file_gives_back_the_policy():
    policy = chain([1, 0], [0.3], 2)
    assert Policy.read(json.loads(json.dumps(policy.to_dict()))) == policy
    assert hash(Policy.read(policy.to_dict())) == hash(policy) and policy != Policy.cascade(0.3)
    with pytest.raises(ParameterError, match='an object with "start" and "matrix"'):
        Policy.read({"start": [1, 0]})


def test_every_pass_of_a_redraw_is_drawn_from_one_row():
    policy = Policy.redraw((1, 0, 0), (0.2, 0.3, 0.5))
    assert (policy.matrix == [0.2, 0.3, 0.5]).all() and policy.shape == () and policy.num_models == 3
