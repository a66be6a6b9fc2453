"""A learner of one's own: of many random commitments keep the cheaper half, again and again, on ever more tasks.

cd docs/examples && PYTHONPATH=. routegame bench --suite real --learners halving:Halving evolution --seeds 2
"""

from dataclasses import dataclass

import numpy as np

from routegame.agents import response
from routegame.train import Learned, Learner, Options, Snapshot, option


@dataclass(frozen=True)
class HalvingOptions(Options):
    """Every default is written here, and nowhere else."""

    candidates: int = option(1024, "commitments to begin with", low=2)
    tasks: int = option(256, "tasks under each of them at first, and twice as many whenever half of them go", low=1)


class Candidates:
    """What the learner knows; `state` and `restore` let a run that was killed go on from a checkpoint."""

    def __init__(self, count, size, seed):
        self.rng = np.random.default_rng(seed)
        self.actions = self.rng.random((count, size))  # cheapest first, once they have been tried

    def state(self):
        """Return it as arrays, numbers and text."""
        return {"rng": self.rng.bit_generator.state, "actions": self.actions}

    def restore(self, state):
        """Take it over."""
        self.rng.bit_generator.state, self.actions = state["rng"], state["actions"]


class Halving(Learner):
    """See the module."""

    OPTIONS = HalvingOptions

    def __init__(self, game, options, seed):
        super().__init__(game, options, seed)
        self.options, self.best = options, Candidates(options.candidates, game.size, seed)

    @property
    def num_updates(self):
        """One for each time that half of them go."""
        return self.options.candidates.bit_length() - 1

    def learn(self):
        """Make one update, and say how far it is."""
        offers, tasks = self.box.commitments(self.best.actions), self.options.tasks * 2**self.updates
        self.meter.queries += len(offers)
        played = self.meter.play(self.box.play(offers, self.respond(offers), tasks, self.best.rng))
        cheapest = np.argsort(played.leader_cost, kind="stable")
        self.best.actions = self.best.actions[cheapest[: len(cheapest) // 2]]
        return Snapshot("leader", self.meter.passes, self.respond, self.learned().commitment)

    def learned(self):
        """Return what the run would end with now: a commitment, and the users if they have learned, too."""
        return Learned(self.box.commitments(self.best.actions[:1])[0], None, self.meter)

    def parts(self):
        """Return everything that the rest of the run depends on."""
        return {"best": self.best}

    def respond(self, offers):
        """Users answer at their best."""
        return response(self.box, "exact")(offers)
