"""A learner of one's own: try commitments around the cheapest few so far, ever closer to them, on ever more tasks.

cd docs/examples && PYTHONPATH=. routegame bench --suite real --learners closing_in:ClosingIn evolution --seeds 2
"""

from dataclasses import dataclass

import numpy as np

from routegame.agents import response
from routegame.train import Learned, Learner, Options, Snapshot, option


@dataclass(frozen=True)
class ClosingInOptions(Options):
    """Every default is written here, and nowhere else."""

    rounds: int = option(12, "times that it moves closer, by half each time", low=1)
    candidates: int = option(256, "commitments in each of them", low=8)
    tasks: int = option(256, "tasks under each commitment at first, and half as many again each time", low=1)


class Cheapest:
    """What the learner knows; `state` and `restore` let a run that was killed go on from a checkpoint."""

    def __init__(self, size, seed):
        self.rng = np.random.default_rng(seed)
        self.actions = np.full((8, size), 0.5)  # cheapest first, once some have been tried

    def state(self):
        """Return it as arrays, numbers and text."""
        return {"rng": self.rng.bit_generator.state, "actions": self.actions}

    def restore(self, state):
        """Take it over."""
        self.rng.bit_generator.state, self.actions = state["rng"], state["actions"]


class ClosingIn(Learner):
    """See the module."""

    OPTIONS = ClosingInOptions

    def __init__(self, game, options, seed):
        super().__init__(game, options, seed)
        self.options, self.best = options, Cheapest(game.size, seed)

    @property
    def num_updates(self):
        """One a round."""
        return self.options.rounds

    def learn(self):
        """Make one update, and say how far it is."""
        best, width, tasks = self.best, 0.5**self.updates, round(self.options.tasks * 1.5**self.updates)
        around = best.actions[best.rng.integers(len(best.actions), size=self.options.candidates)]
        tried = np.clip(around + width * best.rng.uniform(-0.5, 0.5, around.shape), 0, 1)
        tried = np.concatenate([best.actions, tried])
        offers = self.box.commitments(tried)
        self.meter.queries += len(offers)
        played = self.meter.play(self.box.play(offers, self.respond(offers), tasks, best.rng))
        best.actions = tried[np.argsort(played.leader_cost, kind="stable")[: len(best.actions)]]
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
