"""The learners that ship with the project, as users and scripts meet them."""

import json

from routegame.train.learner import OWN_LEARNERS
from routegame.train.policy_learners import POLICY_LEARNERS


def test_learners(run):
    status, out, _ = run("learners")
    names = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    known = [*OWN_LEARNERS, *POLICY_LEARNERS]
    assert status == 0 and names == known
    assert list(json.loads(run("learners", "--json")[1])) == known
