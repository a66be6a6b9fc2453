"""From a log of tasks that differ to a commitment in each context: sure, unsure or refused."""

import csv
import json
from dataclasses import replace

import mixed_menus
import numpy as np
import pytest
from mixed_logs import DRAWS, MIX, PLAN, SAME, advised
from mixed_menus import advised_on_menu

from routegame.agents.solver import solve
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.contexts.advice import advise_mix
from routegame.calibrate.decide.menu_decision import best_costs
from routegame.calibrate.decide.menu_offers import worth_of_policy
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.policy import Policy


def true_cost(offers):
    return sum(
        w
        * outcome(
            g, o.route, o.cascade_prob, quantal_response(g, o.route, o.cascade_prob, PLAN.temperature)
        ).provider_cost
        for w, g, o in zip(MIX.weights, (MIX.game(0), MIX.game(1)), offers, strict=True)
    )


def test_advice_is_sure_and_its_gain_is_the_true_one(mixed):
    d = mixed.decision
    offers = [each.commitment for each in d.contexts]
    assert (mixed.verdict, mixed.know) == ("sure", "yes") and all(check.holds for check in mixed.assumptions)
    gain = true_cost([d.one_for_all] * 2) - true_cost(offers)
    assert d.gain.low < gain < d.gain.high and d.gain.low > 0
    assert d.provider_cost.low < true_cost(offers) < d.provider_cost.high


def test_the_document_is_plain_and_says_the_same(mixed):
    document = json.loads(json.dumps(mixed.to_dict(), allow_nan=False))
    assert [each["name"] for each in document["contexts"]] == ["easy", "hard"]
    assert sum(each["weight"] for each in document["contexts"]) == pytest.approx(1)
    assert document["recommendation"]["by_context"]["hard"] == mixed.decision.contexts[1].commitment.to_dict()
    assert set(document["contexts"][0]["success_prob"][0]) == {"value", "low", "high", "shrunk"}
    assert document["decision"]["gain"]["value"] == document["recommendation"]["gain"]
    assert (document["game"], document["users"], document["verdict"]) == (None, "sighted", "sure")
    solved = [solve(mixed.mix.game(x)).equilibrium.provider_cost for x in (0, 1)]
    assert document["equilibrium"]["provider_cost"] == pytest.approx(mixed.mix.weights @ solved)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits(mixed, tmp_path):
    assert advised(PLAN, tmp_path).to_dict() | {"log": 0} == mixed.to_dict() | {"log": 0}


@pytest.mark.slow
def test_users_who_do_not_know_their_context_are_found_out(tmp_path):
    found = advised(replace(PLAN, context_visible=False), tmp_path)
    assert (found.verdict, found.know) == ("refused", "no") and "they do not know it" in found.reason
    assert found.to_dict()["recommendation"] is None


@pytest.mark.slow
def test_contexts_that_are_alike_do_not_tell_whether_users_know_them(tmp_path):
    found = advised(replace(PLAN, game=SAME), tmp_path)
    assert (found.verdict, found.know) == ("unsure", "not told")
    assert "users are taken to know the context" in found.reason


@pytest.mark.slow
def test_tasks_that_differ_within_contexts_are_refused(tmp_path):
    """Half of the hard tasks are called easy."""
    path = tmp_path / "log.csv"
    write_log(PLAN, path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"context": "easy" if int(row["task"]) % 2 else row["context"]} for row in rows)
    with open_log(path) as log:
        found = advise_mix(log, 15.0, DRAWS)
    assert found.verdict == "refused" and "finer contexts" in found.reason


@pytest.mark.slow
def test_without_a_penalty_nothing_is_decided(tmp_path):
    write_log(replace(PLAN, num_tasks=1500), tmp_path / "log.csv")
    with open_log(tmp_path / "log.csv") as log:
        found = advise_mix(log, None, DRAWS)
    assert (found.verdict, found.decision) == ("unsure", None) and "--churn-penalty" in found.reason


def test_without_two_commitments_nothing_is_decided(tmp_path):
    one = advised(replace(PLAN, num_tasks=1500, commitments=((1, 0.3),)), tmp_path)
    assert one.verdict == "refused" and "not identified" in one.reason
    assert one.to_dict()["contexts"][0]["task_value"] is None


def test_logs_without_contexts_are_refused(tmp_path):
    path = tmp_path / "log.csv"
    write_log(LogPlan(MIX.game(0), ((1, 0.1),), num_tasks=100, temperature=1.0), path)
    with open_log(path) as log, pytest.raises(LogError, match="no column of contexts"):
        advise_mix(log, 1.0)


def test_a_commitment_that_the_log_does_not_have_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="commitment must be one of '1', '2', '3'"):
        advised_on_menu(replace(mixed_menus.PLAN, num_tasks=300), tmp_path, **{"4": mixed_menus.FEW})


@pytest.mark.slow
def test_three_models_are_advised_on_by_context(tmp_path):
    """Truth within intervals, and the recommendation as good as the best to the users of the log."""
    plan = replace(mixed_menus.PLAN, num_tasks=15_000)
    found = advised_on_menu(plan, tmp_path, 100)
    assert (found.verdict, found.know) == ("sure", "yes") and found.decision is not None
    for x in (0, 1):
        for k in range(3):
            at, truth = found.passes.success_prob[k].estimate(x), plan.mix.games.success_prob[k][x]
            assert at.low - (at.high - at.low) / 2 < truth < at.high + (at.high - at.low) / 2
    assert found.values.estimate(0).low < 10 < found.values.estimate(0).high
    truth = [truly(plan.mix.game(x), plan.temperature, w) for x, w in enumerate(plan.mix.weights)]
    own, single = (
        sum(
            w * worth_of_policy([group], offer.policy).provider_cost[0]
            for w, group, offer in zip(plan.mix.weights, truth, offers, strict=True)
        )
        for offers in ([each.commitment for each in found.decision.contexts], [found.decision.one_for_all] * 2)
    )
    least = sum(w * best_costs([group])[0] for w, group in zip(plan.mix.weights, truth, strict=True))
    assert own <= 1.01 * least and found.decision.gain.low < single - own < found.decision.gain.high
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    again = Policy(**document["recommendation"]["by_context"]["hard"]["policy"])
    assert again == found.decision.contexts[1].commitment.policy
    assert len(document["contexts"][0]["success_prob"]) == 3 and document["equilibrium"]["status"] == "exact"
    assert {arm["name"] for arm in document["contexts"][1]["in_force"]} == {"1", "2", "3"}


def truly(game, temperature, share):
    """The game of a context with its users, as what is drawn."""
    p, t, c = (tuple(np.full(1, x) for x in each) for each in (game.success_prob, game.latency, game.cost))
    games = Game(np.full(1, game.task_value), np.full(1, game.churn_penalty), p, t, c)
    return PosteriorDraws("", share, games, np.full(1, temperature))


@pytest.mark.slow
def test_a_context_of_a_handful_of_tasks_borrows_and_says_so(tmp_path):
    few = replace(MIX, weights=np.array([0.995, 0.005]))
    found = advised(replace(PLAN, game=few, num_tasks=3000), tmp_path)
    shrunk = found.passes.success_prob[0].shrunk
    assert found.passes.tasks[1] < 40 and shrunk[1] > 10 * shrunk[0]
    at = found.passes.success_prob[0].estimate(1)
    assert at.low < 0.1 < at.high
