"""What followers consider besides what they answer: other numbers, one type at a time."""

import numpy as np

from routegame.train.considered import considered


def test_one_number_each():
    assert considered(np.array([0.5, 0.25]), (0.0, 1.0)).tolist() == [[0.5, 0, 1], [0.25, 0, 1]]
    assert considered(np.array([0.5, 0.25]), ()).tolist() == [[0.5], [0.25]]


def test_one_type_considers_what_a_follower_without_types_does():
    answers = np.array([0.5, 0.25])
    assert (considered(answers[:, None], (0.0, 1.0))[..., 0] == considered(answers, (0.0, 1.0))).all()


def test_types_change_their_mind_one_at_a_time():
    found = considered(np.array([[0.5, 0.25], [0.1, 0.2]]), (0.0, 1.0))
    assert found.shape == (2, 5, 2)
    assert found[0].tolist() == [[0.5, 0.25], [0, 0.25], [1, 0.25], [0.5, 0], [0.5, 1]]
    assert found[1, 0].tolist() == [0.1, 0.2]
