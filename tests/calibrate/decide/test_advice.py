"""From a game that was estimated to a decision: hedged, reproducible, refused where it must be, and shown as it is."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from advised import ARMS, DRAWS, GAME, PLAN, calibrated
from scipy.special import ndtri
from spoiled_log import write_spoiled
from true_regret import judge, true_cost

from routegame import Game
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.decide.advice import advise
from routegame.calibrate.decide.candidates import Candidates, Offer
from routegame.calibrate.decide.posterior import draw_posterior, likely
from routegame.calibrate.decide.uneven_passes import UnevenPasses
from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.estimate.task_value import draw_users
from routegame.calibrate.log.log import open_log
from routegame.calibrate.show.page import advice_page
from routegame.calibrate.show.text import advice_text, in_plain_words
from routegame.envs.chain import outcome

# ---- games that the log may well be of


@pytest.mark.slow
def test_draws_spread_as_the_profile_likelihood_says(found):
    """Two roads to an interval of V: draws from the likelihood, and where its maximum over all else falls off."""
    whole = found.whole
    users = draw_users(whole.cells, whole.models, 400, np.random.default_rng(0), found.tally.decision_spread)
    value = found.task_value.estimate
    low, middle, high = np.quantile(users.task_value, [0.025, 0.5, 0.975])
    width = value.high - value.low
    assert abs(low - value.low) < 0.2 * width and abs(high - value.high) < 0.2 * width
    assert abs(middle - value.value) < 0.1 * width
    for drawn, estimate in zip(users.success_prob, whole.success_prob, strict=True):
        low, high = np.quantile(drawn, [0.025, 0.975])
        assert (high - low) / (estimate.high - estimate.low) == pytest.approx(1, abs=0.2)


@pytest.mark.slow
def test_what_two_users_did_makes_nothing_sure(tmp_path):
    """However many tasks they had, and though they are alike; the same log of 60 users is sure."""
    verdicts = [
        advise(calibrated(replace(PLAN, num_users=users), tmp_path / "log.parquet"), DRAWS).verdict for users in (2, 60)
    ]
    assert verdicts == ["unsure", "sure"]


def test_draws_fill_what_a_log_leaves_open(tmp_path):
    """One commitment: V may be anything from a threshold on, and is drawn from all of that."""
    found = calibrated(replace(PLAN, commitments=((1, 0.3),), num_tasks=2000), tmp_path / "log.parquet")
    value = found.task_value.estimate
    users = draw_users(found.whole.cells, found.whole.models, 200, np.random.default_rng(0), identified=False)
    assert value.high == np.inf and users.task_value.max() > 20 * value.low
    assert users.task_value.min() < 1.1 * value.low  # users as cold as they may be, tied to the edge
    explained = quantal_response(
        Game(users.task_value, 0, users.success_prob, users.latency, (0, 0)), 1, 0.3, users.temperature
    )
    assert abs(explained - found.whole.abandon_prob.value).max() < 0.03


def test_the_same_seed_gives_the_same_bits(found, advice):
    again = advise(found, DRAWS)
    assert again.to_dict() == advice.to_dict() and advice_page(again) == advice_page(advice)
    drawn = [draw_posterior(found.whole, 1.0, 15.0, 20, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert drawn[0].games == drawn[1].games and drawn[0].games != drawn[2].games


# ---- one thing is said of one distribution


def pairs(entry, name=""):
    """Each number of a document that comes with an interval: name, number, ends; an open end is None."""
    if isinstance(entry, list):
        for k, part in enumerate(entry):
            yield from pairs(part, f"{name}[{k}]")
    elif isinstance(entry, dict):
        if {"value", "low", "high"} <= set(entry):
            yield name, entry["value"], entry["low"], entry["high"]
        for key, part in entry.items():
            yield from pairs(part, f"{name}.{key}")


def all_pairs(document):
    game, ends, in_force, decision = (document[key] for key in ("game", "intervals", "in_force", "decision"))
    yield from pairs(document)
    for key in ("success_prob", "latency", "cost"):
        yield from ((key, value, *of) for value, of in zip(game[key], ends[key], strict=True))
    yield "task_value", game["task_value"], *ends["task_value"]
    for key in ("cascade_prob", "abandon_prob"):
        yield key, in_force[key], *ends[key]
    if "temperature" in ends:
        yield "temperature", document["temperature"], *ends["temperature"]
    flat = {"task_value": game["task_value"], "temperature": document["temperature"]}
    flat |= {f"{key}_{k + 1}": game[key][k] for key in ("success_prob", "latency", "cost") for k in (0, 1)}
    for moved in document["sensitivity"]:
        if moved["name"] in flat:
            yield f"moved {moved['name']}", flat[moved["name"]], moved["low"]["at"], moved["high"]["at"]
    for check in document["assumptions"]:
        if check["interval"] is not None:
            yield check["name"], check["statistic"], *check["interval"]
    if decision is not None:
        cost, utility = decision["in_force_cost"], decision["in_force_utility"]
        assert in_force["provider_cost"] == cost["value"]
        assert in_force["user_utility"] in (None, utility["value"])
        if document["recommendation"] is not None:
            for key in ("provider_cost", "user_utility", "saving"):
                assert document["recommendation"][key] == decision[key]["value"]


def answering(leaves, num_tasks, commitments=((1, 0.05), (1, 0.3)), success=(0.0311, 0.4311), users=None, seed=0):
    """Rows of a log of nano and gpt5 in which a user leaves after a failure as `leaves` says of its commitment."""
    rng, rows = np.random.default_rng(seed), [["task", "pass", "model", "latency", "cost", "success", "next"]]
    rows[0] += ["cascade_prob"] + (["user"] if users else [])
    for task in range(num_tasks):
        arm = int(rng.integers(len(commitments)))
        model, s = commitments[arm]
        for number in range(1, 40):
            solved = bool(rng.random() < success[model - 1])
            answer = "" if solved else "leave" if rng.random() < leaves[arm] else "retry"
            spent = [v * rng.gamma(4, 0.25) for v in ((6.09, 0.000966), (39.77, 0.02938))[model - 1]]
            rows.append([task, number, model, *spent, int(solved), answer, s, *([task % users] if users else [])])
            if answer != "retry":
                break
            model = 2 if model == 2 or rng.random() < s else 1
    return rows


SEPARATED = {
    "separated": answering((1.0, 0.0), 200),
    "separated the wrong way round": answering((0.0, 1.0), 200),
    "nearly separated": answering((0.99, 0.01), 200),
    "alike": answering((0.3, 0.3), 300, seed=1),
    "nobody leaves": answering((0.0, 0.0), 60),
    "everybody leaves": answering((1.0, 1.0), 200, ((1, 0.05), (2, 0.0))),
    "three, the middle one split": answering((1.0, 0.5, 0.0), 200, ((1, 0.0), (1, 0.1), (1, 0.4))),
    "tiny": answering((0.5, 0.3), 25, seed=3),
    "one user": answering((0.5, 0.3), 100, users=1),
    "two users": answering((0.5, 0.3), 100, users=2),
    "all solved": answering((0.5, 0.5), 40, success=(1.0, 1.0)),
    "none solved": answering((0.5, 0.5), 40, success=(0.0, 0.0)),
    "none solved, nobody leaves": answering((0.0, 0.0), 10, success=(0.0, 0.0)),
    "none solved without a cascade, nobody leaves": answering((0.0,), 10, ((1, 0.0),), success=(0.0, 0.0)),
    "one commitment": answering((0.5,), 200, ((1, 0.1),)),
}
SLOW_TO_ADVISE = dict.fromkeys(["separated", "three, the middle one split"], pytest.mark.slow)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("name", [pytest.param(name, marks=SLOW_TO_ADVISE.get(name, ())) for name in SEPARATED])
def test_every_number_lies_within_its_interval(name, tmp_path):
    with (tmp_path / "log.csv").open("w", newline="") as file:
        csv.writer(file).writerows(SEPARATED[name])
    with open_log(tmp_path / "log.csv") as log:
        document = advise(calibrate(log, 0.1), 20).to_dict()
    assert (document["decision"] is None) == (
        name.startswith(("separated the wrong way round", "one user", "all solved", "none solved"))
    )
    for what, value, low, high in all_pairs(json.loads(json.dumps(document))):
        assert value is None or ((low is None or low <= value) and (high is None or value <= high)), what


# ---- the decision


def test_intervals_hold_the_truth(advice):
    d, c = advice.decision, advice.decision.commitment
    judged = judge(PLAN, advice)
    assert advice.verdict == judged.verdict == "sure" and judged.regret <= 0.01 and judged.saving_held
    assert d.provider_cost.low <= true_cost(PLAN, c) <= d.provider_cost.high
    answer = quantal_response(GAME, c.route, c.cascade_prob, PLAN.temperature)
    utility = outcome(GAME, c.route, c.cascade_prob, answer).user_utility
    assert d.user_utility.low <= utility <= d.user_utility.high
    assert d.saving.value == pytest.approx(d.in_force_cost.value - d.provider_cost.value, rel=0.01)
    assert 0 < d.saving.low <= d.saving.value <= d.saving.high
    assert d.in_force_cost.value == pytest.approx(advice.calibration.in_force.provider_cost, rel=0.01)


def test_the_plug_in_is_the_optimum_of_the_likeliest_game(found, advice):
    best = quantal_equilibrium(found.game, found.task_value.temperature)
    candidates = Candidates([likely(found.whole, found.task_value, 15.0)], found.in_force.arms)
    assert candidates.least[0] == pytest.approx(best.provider_cost, rel=1e-5)
    assert (advice.decision.plug_in.route, best.route) == (1, 1)


def test_ends_of_the_tornado_are_solved_games(found, advice):
    sensitivities = {sensitivity.name: sensitivity for sensitivity in advice.sensitivities}
    assert set(sensitivities) == {
        "task_value", "temperature", "churn_penalty", "success_prob_1", "success_prob_2", "latency_1", "latency_2",
        "cost_1", "cost_2",
    }  # fmt: skip
    assert [sensitivity.width for sensitivity in advice.sensitivities] == sorted(
        (sensitivity.width for sensitivity in advice.sensitivities), reverse=True
    )
    for name in ("cost_1", "cost_2", "churn_penalty"):  # what the provider pays more for costs it no less
        assert sensitivities[name].high.least_cost >= sensitivities[name].low.least_cost
    assert sensitivities["churn_penalty"].low.at == 12 and sensitivities["churn_penalty"].high.at == 18
    game, value = found.game, found.task_value.estimate
    end = sensitivities["task_value"].low
    moved = Game(value.low, 15, game.success_prob, game.latency, game.cost)
    assert end.at == value.low
    assert end.least_cost == pytest.approx(quantal_equilibrium(moved, advice.noise.value).provider_cost)
    assert all(x.regret >= 0 for sensitivity in advice.sensitivities for x in (sensitivity.low, sensitivity.high))


# ---- where nothing must be said, or not surely


def test_one_commitment_leaves_the_answer_open_or_not(tmp_path):
    """V is never identified. Without a penalty model 1 is best whatever V is; with one that hangs on V."""
    plan = replace(PLAN, commitments=((1, 0.3),), num_tasks=3000)
    cheap, dear = (advise(calibrated(plan, tmp_path / "log.parquet", penalty), DRAWS) for penalty in (0.0, 12.0))
    assert not cheap.calibration.task_value.identified
    assert (cheap.verdict, cheap.recommended) == ("unsure", Offer(1, 0.0))
    assert "whatever it is" in cheap.reason and "every user faced the same commitment" in cheap.reason
    assert (dear.verdict, dear.recommended) == ("refused", None) and dear.decision.regret.high > 0.01
    assert "every user faced the same commitment" in dear.reason and "is best in" in dear.reason
    assert in_plain_words(dear)[0].startswith("Nothing is recommended.")
    document = dear.to_dict()
    assert document["recommendation"] is None and document["equilibrium"] is None


def halved(model, number, arm):
    return np.array([0.1, 0.3])[model - 1] * np.where(number == 1, 1.0, 0.5)


def constant(model, number, arm):
    return np.array([0.1, 0.3])[model - 1]


LEAVES = np.array([float(quantal_response(GAME, route, s, 0.5)) for route, s in ARMS])


def settles(model, number, arm):
    return np.clip(LEAVES[arm] * np.where(number == 1, 1.3, 0.6), 0, 1)


def like_users(factor):
    return lambda route, s: np.clip(factor * np.asarray(quantal_response(GAME, route, s, 0.5)), 0, 1)


VIOLATIONS = {
    "iid_success": (halved, lambda model, number, arm: LEAVES[arm], "tasks that are alike", 25.0),
    "constant_hazard": (constant, settles, "users who are alike", 33.0),
}


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_violation_is_refused_where_the_answer_hangs_on_it(name, tmp_path):
    succeeds, leaves, needed, penalty = VIOLATIONS[name]
    write_spoiled(tmp_path / "log.csv", ARMS, succeeds, leaves, num_tasks=3000)
    with open_log(tmp_path / "log.csv") as log:
        advice = advise(calibrate(log, penalty), DRAWS)
    assert name in [check.name for check in advice.calibration.assumptions if not check.holds]
    assert (advice.verdict, advice.recommended) == ("refused", None)
    assert "the answer is another" in advice.reason and needed in advice.reason
    assert any(not trial.survived for trial in advice.trials)
    page = advice_page(advice)
    assert "No recommendation" in page and "does not survive" in page and "not recommended" in advice_text(advice)


def test_a_violation_is_survived_where_it_does_not(tmp_path):
    """Users settle down, and a lost task is cheap: under the users who made the log the answer is right."""
    write_spoiled(tmp_path / "log.csv", ARMS, constant, settles, num_tasks=3000)
    with open_log(tmp_path / "log.csv") as log:
        advice = advise(calibrate(log, 15.0), DRAWS)
    assert "constant_hazard" in [check.name for check in advice.calibration.assumptions if not check.holds]
    assert advice.verdict == "unsure" and "the answer survives it" in advice.reason
    assert len(advice.trials) == 3 and all(trial.survived for trial in advice.trials)
    truth = UnevenPasses((0.1, 0.3), 0.3, (0.1, 0.3), (like_users(1.3),) * 2, (like_users(0.6),) * 2, GAME.cost, 15)
    c, least = (
        advice.recommended,
        min(truth.provider_cost(1, np.linspace(0, 1, 1001)).min(), *truth.provider_cost(2, [0])),
    )
    assert float(truth.provider_cost(c.route, [c.cascade_prob])[0]) <= 1.01 * least


def test_without_a_penalty_or_a_model_there_is_no_decision(found):
    advice = advise(replace(found, churn_penalty=None), DRAWS)
    assert (advice.verdict, advice.decision) == ("unsure", None) and "--churn-penalty" in advice.reason
    assert "Nothing can be recommended yet." in advice_text(advice) and "Is the log of this game?" in advice_page(
        advice
    )


# ---- users who differ


def test_one_commitment_is_found_for_users_who_differ(divided):
    """It is that of least cost over both segments, in the games that were simulated."""
    assert divided.calibration.task_value.identified is False and len(divided.draws) == 2
    assert divided.verdict == "sure" and divided.decision.regimes == {} and divided.sensitivities == ()
    failed = {check.name for check in divided.calibration.assumptions if not check.holds}
    assert "one_value" in failed and "Segments value a task differently" in divided.reason
    s = np.linspace(0, 1, 401)

    def cost(route, s):
        parts = [Game(9 * scale, 15, GAME.success_prob, GAME.latency, GAME.cost) for scale in (0.6, 1.5)]
        return np.mean([outcome(g, route, s, quantal_response(g, route, s, 0.5)).provider_cost for g in parts], axis=0)

    least = min(cost(1, s).min(), float(cost(2, 0.0)))
    assert cost(divided.recommended.route, divided.recommended.cascade_prob) <= 1.01 * least


def test_each_segment_is_told_how_it_fares(divided):
    hasty, calm = sorted(divided.outcomes, key=lambda segment: segment.name, reverse=True)
    assert (hasty.name, calm.name) == ("hasty", "calm") and hasty.share + calm.share == pytest.approx(1)
    assert hasty.own.kind != calm.own.kind or hasty.own.cascade_prob != calm.own.cascade_prob
    for segment in (hasty, calm):
        assert segment.best >= max(segment.in_force, segment.recommended) - 1e-9
        assert segment.cost_own <= min(segment.cost_in_force, segment.cost_recommended) + 1e-9
    assert "Whom this serves badly" in advice_page(divided) and "served worst" in advice_text(divided)


# ---- what is printed and drawn


def test_the_document_has_the_decision(advice):
    document = json.loads(json.dumps(advice.to_dict(), allow_nan=False))
    d = advice.decision
    assert document["verdict"] == "sure" and document["recommendation"]["route"] == d.commitment.route
    assert document["recommendation"]["saving"] == d.saving.value
    assert document["decision"]["saving"] == {"value": d.saving.value, "low": d.saving.low, "high": d.saving.high}
    assert document["decision"]["chance_wrong"] == d.wrong and document["decision"]["draws"] == DRAWS
    assert sum(document["decision"]["best_by_kind"].values()) == pytest.approx(1)
    assert [row["name"] for row in document["sensitivity"]] == [
        sensitivity.name for sensitivity in advice.sensitivities
    ]


def test_users_who_differ_get_a_commitment_that_is_best_for_all_of_them(differing):
    """Judged by the users that the log was made by; it also says how many of them would stay."""
    assert differing.verdict in ("sure", "unsure")
    assert differing.noise is not None
    decision = differing.decision
    document = differing.to_dict()
    users = Game(GAME.task_value * np.exp(0.4 * ndtri((np.arange(255) + 0.5) / 255)), 15, (0.1, 0.3), (1, 2), (1, 3.6))
    answer = quantal_response(users, decision.commitment.route, decision.commitment.cascade_prob, PLAN.temperature)
    truth = outcome(users, decision.commitment.route, decision.commitment.cascade_prob, answer)
    assert decision.provider_cost.low <= np.mean(truth.provider_cost) <= decision.provider_cost.high
    assert decision.kept.low - 0.02 <= np.mean(answer < 0.5) <= decision.kept.high + 0.02
    assert document["decision"]["share_kept"]["value"] == decision.kept.value
    assert document["users_differ"]["without_noise"]["provider_cost"] < decision.provider_cost.high
    assert document["game"]["task_value"] == document["users_differ"]["median"]["value"]
