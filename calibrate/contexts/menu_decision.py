"""The decision what to commit to in each context where there are any number of models, beside one commitment for all.

In each context as where tasks do not differ (`routegame.calibrate.decide.menu_decision`), but that the families that
are looked at are the same in all of them: those that are optimal in some game of some context. What users with noise
make of a family that is optimal elsewhere may be best here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routegame.calibrate.contexts.decision import Chosen, MixDecision, judged_together
from routegame.calibrate.decide.decision import shares_of
from routegame.calibrate.decide.menu_decision import MenuCandidates, families_of
from routegame.calibrate.decide.menu_offers import worth_of_policy
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.envs.arrays import FloatArray


def decide_menu_mix(
    draws: Sequence[PosteriorDraws],
    weights: FloatArray,
    cells: Sequence[Sequence[PolicyCell]],
    titles: Sequence[str],
) -> MixDecision:
    """Choose the commitment of least expected regret in each context, and the best single one for all.

    Args:
        draws: as many games for each context, whose shares are their numbers of tasks.
        weights: of the contexts in each drawn mix, (num_draws, C).
        cells: users of each context by the commitments that are in force there.
        titles: names of the models.
    """
    families = families_of(draws)
    single = MenuCandidates(draws, families, together=True).hedged(worst=False)
    chosen = []
    for group, known in zip(draws, cells, strict=True):
        candidates = MenuCandidates([group], families)
        offer = candidates.hedged(worst=False)
        own, pooled = candidates.of(offer), candidates.of(single)
        force = [worth_of_policy([group], cell.policy).provider_cost for cell in known]
        was = np.average(force, axis=0, weights=[cell.tasks for cell in known])
        kinds = shares_of(np.array([family.kind(titles) for family in candidates.simplest()]))
        cost, utility = own.provider_cost[:, 0], own.user_utility[:, 0]
        chosen.append(Chosen(offer, cost, utility, was, pooled.provider_cost[:, 0], candidates.least, kinds))
    return judged_together(draws, weights, chosen, single)
