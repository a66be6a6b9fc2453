"""From a log of tasks with features to a commitment by them: sure, unsure or refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from featured_logs import NAMES, PLAN, SKILL, SKILL_AT_ZERO, advised_by_features, mix_of

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.features.advice import advise_features
from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import outcome
from routegame.envs.task_mix import TaskMix


def true_costs(mix, offers, temperature):
    route, s = np.array([offer.route for offer in offers]), np.array([offer.cascade_prob for offer in offers])
    return outcome(mix.games, route, s, quantal_response(mix.games, route, s, temperature)).provider_cost


def test_coefficients_are_those_of_the_log(featured):
    """Within four standard errors, in the units of the features."""
    for k in (0, 1):
        found = featured.success[k]
        truth = [SKILL_AT_ZERO[k], *SKILL[k]]
        for at, true in zip((found.at_zero, *found.slopes), truth, strict=True):
            assert abs(at.value - true) < 4 * at.error < 1
        assert [slope.value for slope in featured.latency[k].slopes] == pytest.approx([0.1, 0.2], abs=0.05)
        assert [slope.value for slope in featured.cost[k].slopes] == pytest.approx([0.2, -0.1], abs=0.05)
    assert featured.latency[1].at_zero.value == pytest.approx(np.log(2), abs=0.05)
    assert featured.values.alike and abs(featured.task_value.at_zero.value - np.log(9)) < 0.15
    assert featured.noise.low - 0.1 < 0.7 < featured.noise.high + 0.1


def test_what_is_recommended_is_as_good_as_the_best_and_gains_what_is_said(featured):
    d, mix = featured.decision, mix_of(featured.decision.features)
    own = d.weights @ true_costs(mix, d.commitments, PLAN.temperature)
    single = d.weights @ true_costs(mix, [d.one_for_all] * len(mix), PLAN.temperature)
    least = d.weights @ quantal_equilibrium(mix.games, PLAN.temperature).provider_cost
    assert featured.verdict != "refused" and featured.know == "yes"
    assert all(check.holds for check in featured.assumptions) and own <= 1.01 * least
    wide = d.gain.high - d.gain.low
    assert d.gain.low - wide / 2 < single - own < d.gain.high + wide / 2 and d.gain.low > 0
    assert d.policy.offers(d.features[:3]) == list(d.commitments[:3])


def test_the_document_is_plain_and_says_the_same(featured):
    document = json.loads(json.dumps(featured.to_dict(), allow_nan=False))
    assert [each["name"] for each in document["features"]] == list(NAMES)
    assert set(document["coefficients"]["success_prob"][0]["slopes"]) == set(NAMES)
    slope = document["coefficients"]["task_value"]["slopes"]["feature_1"]
    assert abs(slope["value"]) < 4 * slope["error"] < 0.4 and document["task_value_alike"]
    d = featured.decision
    assert len(document["recommendation"]["by_task"]) == len(document["mix"]["weights"]) == len(d.commitments)
    rule = document["recommendation"]["rule"]
    assert sum(part["share"] for part in rule) == pytest.approx(1) and set(rule[0]["when"]) == set(NAMES)
    assert document["decision"]["gain"]["value"] == document["recommendation"]["gain"]
    assert TaskMix.read(document["mix"]).features == pytest.approx(d.features)
    assert document["equilibrium"]["status"] == "exact" and document["game"] is None


@pytest.mark.slow
def test_a_value_by_features_is_found_and_users_who_know_nothing_are_refused(tmp_path):
    plan = replace(PLAN, game=mix_of(mix_of_features(), value=(0.0, 0.5)), num_tasks=12_000)
    found = advised_by_features(plan, tmp_path)
    assert not found.values.alike
    assert found.task_value.slopes[1].value == pytest.approx(0.5, abs=5 * found.task_value.slopes[1].error)
    blind = advised_by_features(replace(plan, context_visible=False), tmp_path)
    assert (blind.verdict, blind.know) == ("refused", "no") and blind.to_dict()["recommendation"] is None


def test_users_at_their_best_are_known_well_enough_to_be_sure(tmp_path):
    """By a normal distribution around the likeliest numbers it is not, and V has seven times the error."""
    plan = replace(PLAN, num_tasks=4000, temperature=0.0)
    write_log(plan, tmp_path / "log.parquet")
    with open_log(tmp_path / "log.parquet", Layout.of(features=NAMES), insist=True) as log:
        found, again = (advise_features(log, 15.0, 200) for _ in range(2))
    d, mix = found.decision, mix_of(found.decision.features)
    assert found.verdict == "sure" and found.values.drawn is not None and all(each.holds for each in found.assumptions)
    route, s = np.array([offer.route for offer in d.commitments]), np.array([o.cascade_prob for o in d.commitments])
    own = d.weights @ outcome(mix.games, route, s, best_response(mix.games, route, s)).provider_cost
    assert own <= 1.01 * (d.weights @ solve(mix.games).equilibrium.provider_cost)
    assert d.provider_cost.low < own < d.provider_cost.high
    value = found.task_value.at_zero
    assert abs(value.value - np.log(9)) < 3 * value.error < 1 and found.noise.high < 0.05
    assert json.dumps(found.to_dict()) == json.dumps(again.to_dict())


def mix_of_features():
    return PLAN.mix.features


def test_without_a_penalty_or_a_second_commitment_nothing_is_decided(tmp_path):
    few = replace(PLAN, num_tasks=800)
    found = advised_by_features(few, tmp_path, penalty=None)
    assert (found.verdict, found.decision) == ("unsure", None) and "--churn-penalty" in found.reason
    one = advised_by_features(replace(few, commitments=((1, 0.3),)), tmp_path)
    assert (one.verdict, one.task_value) == ("refused", None) and "not identified" in one.reason
    assert one.to_dict()["coefficients"]["task_value"] is None


def test_logs_without_features_and_of_more_models_are_refused(tmp_path):
    path = tmp_path / "log.parquet"
    write_log(LogPlan(PLAN.mix, PLAN.commitments, num_tasks=200, temperature=1.0), path)
    with open_log(path) as log, pytest.raises(LogError, match="read without features"):
        advise_features(log, 1.0)
    layout = Layout.of(features=NAMES, order="free")
    with open_log(path, layout) as log, pytest.raises(LogError, match="--features are for two models"):
        advise_features(log, 1.0)


def test_a_model_that_solved_nothing_is_said(tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"{k},1,{1 + k % 2},1,1,{int(k % 4 == 0)},{'' if k % 4 == 0 else 'leave'},{k}" for k in range(60)]
    path.write_text("\n".join(["task,pass,model,latency,cost,success,next,x", *rows]))
    with open_log(path, Layout.of(features=("x",)), insist=True) as log:
        found = advise_features(log, 1.0)
    assert found.verdict == "refused" and "solved no task" in found.reason and found.to_dict()["mix"] is None
