"""The learners that ship with the project, as users and scripts meet them."""

import json

from routegame.train.learner import LEARNERS, MIX_LEARNERS


def test_learners(run):
    status, out, _ = run("learners")
    names = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert status == 0 and names == [*LEARNERS, *MIX_LEARNERS]
    assert list(json.loads(run("learners", "--json")[1])) == [*LEARNERS, *MIX_LEARNERS]
