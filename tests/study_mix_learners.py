"""Learners on mixes of tasks, and searches that play as much: `make mixes`.

Every learner plays every mix of the suite that it can with so many seeds. Beside it stand, until they have played as
many passes, and with users who answer perfectly, which learners of both sides are not told:

    random        policies drawn uniformly from the leader's box; of the cheapest sixteen it chooses anew
    in contexts   the same, but the cheapest commitment of every context is put together: contexts are seen; only with
                  users who know theirs, for else what is cheap in one context depends on all others
    CMA-ES        on the whole box with the library's default settings, paid for the nearest point
                  of the box where it is outside; with a diagonal covariance beyond 500 numbers
"""

from __future__ import annotations

import sys

import numpy as np
from cmaes import CMA, SepCMA
from trained import trained

from routegame.agents.exact.solved import solved
from routegame.envs.mix_game import MixGame
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import learner
from routegame.train.meter import Meter
from routegame.train.one_thread import one_thread

LEARNERS = ("contextual", "evolution")

USERS = ("sighted", "memoryless", "history")
"""Kinds of users; those who count their failures play the mixes of the memoryless ones."""

MOST_SEARCHED = 1e10
"""Passes that searches are given at the most; they take minutes by then."""

TASKS, FINAL_TASKS, NUM_FINALISTS = 2**11, 2**18, 16
"""Tasks a context under each policy, and under the last few."""

BLIND_TASKS = 2**21
"""Tasks in all contexts together under each policy where users are blind: their best answer takes milliseconds."""


def tasks_of(game: MixGame) -> int:
    """Return how many tasks searches play under a policy."""
    return TASKS * len(game.mix) if game.users == "sighted" else BLIND_TASKS


def random_search(game: MixGame, passes: float, seed: int) -> tuple[float, float]:
    """Return relative regrets of what random search finds with so many passes: as a whole, and in every context.

    The second is not a number where users are blind.
    """
    rng, meter, respond, contexts = np.random.default_rng(seed), Meter(), solved(game).best_answer, len(game.mix)
    kept, costs = np.zeros((0, game.size)), np.zeros(0)
    best, least = np.zeros((2, contexts)), np.full(contexts, np.inf)
    while meter.passes < passes:
        actions = rng.random((16, game.size))
        commitments = game.commitments(actions)
        played = meter.play(game.play(commitments, respond(commitments), tasks_of(game), rng))
        paid = played.context_costs / np.maximum(played.context_tasks, 1)
        cheapest = paid.argmin(axis=0), np.arange(contexts)
        better = (paid[cheapest] < least) & (played.context_tasks[cheapest] > 0)
        least = np.where(better, paid[cheapest], least)
        best = np.where(better, actions.reshape(16, 2, contexts)[cheapest[0], :, cheapest[1]].T, best)
        kept, costs = np.concatenate([kept, actions]), np.concatenate([costs, played.leader_cost])
        order = np.argsort(costs, kind="stable")[:NUM_FINALISTS]
        kept, costs = kept[order], costs[order]
    commitments, judge = game.commitments(kept), judge_of(game)
    costs = game.play(commitments, respond(commitments), FINAL_TASKS, rng).leader_cost
    apart = game.commitments(best.reshape(1, -1))[0]
    regret = judge.regret(commitments[int(np.argmin(costs))])
    return regret, judge.regret(apart) if game.users == "sighted" else np.nan


@one_thread()
def evolution_strategy(game: MixGame, passes: float, seed: int) -> float:
    """Return the relative regret of where CMA-ES by default settings ends with so many passes."""
    rng, meter, respond = np.random.default_rng(seed), Meter(), solved(game).best_answer
    kind = CMA if game.size <= 500 else SepCMA
    search = kind(np.full(game.size, 0.5), 0.3, seed=seed)
    while meter.passes < passes and not search.should_stop():
        points = np.array([search.ask() for _ in range(search.population_size)])
        commitments = game.commitments(np.clip(points, 0, 1))
        paid = meter.play(game.play(commitments, respond(commitments), tasks_of(game), rng)).leader_cost
        search.tell(list(zip(points, paid.tolist(), strict=True)))
    ended = game.commitments(np.clip(np.concatenate([points, search.mean[None]]), 0, 1))
    costs = game.play(ended, respond(ended), FINAL_TASKS, rng).leader_cost
    return judge_of(game).regret(ended[int(np.argmin(costs))])


def study(name: str, game: MixGame, label: str, seeds: int) -> None:
    """Let a learner play a mix, and say what came of it in a line."""
    regrets, to_bound, within, elsewhere, passes, seconds = [], [], [], [], [], []
    judge = judge_of(game)
    certified = 0
    for seed in range(seeds):
        ended, took = trained(name, game, seed)
        seconds.append(took)
        respond = judge.best_answer if ended.follower is None else ended.follower.abandon_prob
        judged = judge.judge(ended.commitment, respond, everywhere=False)
        regrets.append(judged.leader_regret_relative)
        certified += judged.certified and regrets[-1] <= 0.01
        to_bound.append(judge.regret_to_bound(judged.leader_regret))
        within.append(judge.share_within(ended.commitment))
        if (fresh := judge.held_out(ended.commitment)) is not None:
            elsewhere.append(fresh["leader_regret_relative"])
        passes.append(ended.meter.passes)
    equal = min(np.median(passes), MOST_SEARCHED)
    whole, apart = random_search(game, equal, 0)
    held_out = f", {np.median(elsewhere):.2%} in contexts never played" if elsewhere else ""
    print(
        f"{name:12}{label:26}{certified:3} of {seeds} within 1 % and certified, median {np.median(regrets):.3%},"
        f" worst {max(regrets):.3%}, {np.median(to_bound):.2%} above the bound,"
        f" {np.median(within):.0%} of tasks in contexts within 1 %{held_out},"
        f" {np.median(passes):.1e} passes, {np.median(seconds):.0f} s; random {whole:.1%}, in contexts {apart:.2%},"
        f" CMA-ES {evolution_strategy(game, equal, 0):.1%}",
        flush=True,
    )


if __name__ == "__main__":
    num_seeds, named = int(sys.argv[1]), sys.argv[2:]
    users = [kind for kind in USERS if kind in named] or USERS
    chosen = [name for name in named if name not in USERS] or LEARNERS
    for learner_name in chosen:
        for instance in instances("mixes"):
            box = instance.box
            assert isinstance(box, MixGame)
            played = {instance.name: box}
            if box.users == "memoryless":
                played[instance.name.replace("blind", "counting")] = MixGame(box.mix, "history")
            for label, game in played.items():
                if game.users in users and learner(learner_name).objection(game) is None:
                    study(learner_name, game, label, num_seeds)
