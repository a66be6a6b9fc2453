"""Which evaluation says that a task is solved; what scores become is in test_spans.py."""

import pytest

from routegame.calibrate.gateway.evaluations import Judge
from routegame.envs.checks import ParameterError


def test_a_judge_is_a_name_and_perhaps_a_least_score():
    assert Judge.parse("correctness") == Judge("correctness")
    assert Judge.parse(" unit tests >=-1.5e-1") == Judge("unit tests", -0.15)


@pytest.mark.parametrize("spec", ["", ">=1", "a>=", "a>=high", "a>1", "a>=1-1"])
def test_a_judge_of_no_such_form_is_refused(spec):
    with pytest.raises(ParameterError, match="NAME or NAME>=SCORE"):
        Judge.parse(spec)
