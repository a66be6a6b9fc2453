"""The learners that ship with the project, as users and scripts meet them."""

import json

from routegame.train.learner import LEARNERS


def test_learners(run):
    status, out, _ = run("learners")
    assert status == 0 and [line.split()[0] for line in out.splitlines()] == list(LEARNERS)
    assert list(json.loads(run("learners", "--json")[1])) == list(LEARNERS)
