"""What is printed of a commitment is true of what is printed: read it, type it back, and users do as they are said to.

Nothing here asks the code that rounds. Numbers are read from the text as anybody would read them, and users answer them
at their best.
"""

import re
from dataclasses import replace
from math import floor, inf, log10

import numpy as np
import pytest
from two_models import TWO_MODELS

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.sensitivity import same_answer
from routegame.agents.users.information import history_response, model_response, solve_information
from routegame.agents.users.robust import robust_equilibrium, robust_provider_cost
from routegame.envs.chain import outcome, outcome_after
from routegame.envs.classic.catalogue import CLASSICS
from routegame.envs.classic.point_game import Point
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario
from routegame.eval.claims import shown_commitment
from routegame.eval.figures.pairs_table import pairs_table
from routegame.eval.judge.baselines import baselines, baselines_table
from routegame.eval.judge.judges import judge_of
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.judge.validity import Validity
from routegame.eval.report.solution_text import solution_text
from routegame.numerals import handed_over, written

NUMBER = r"([\d.,]+(?:e-?\d+)?)"
INFORMATION = ("memoryless", "model", "history")
DIGITS = (2, 3, 4, 6)
"""Numbers of digits of commitments that anything prints."""


def read(text):
    """The number that a person or a script types who reads this."""
    return float(text.replace(",", ""))


def unit(printed, digits):
    """One in the last of so many digits."""
    size = abs(printed)
    if not size:
        return 0.0
    place = floor(log10(size)) - digits + 1
    return 10.0 ** (min(place, 0) if 1e-4 <= size < 1e6 else place) * (1 + 1e-9)


def answer(game, information, route, s):
    """What users do, as a profile has it, and what that costs."""
    if information == "history":
        after = history_response(game, route, s)
        return after, outcome_after(game, route, s, after).provider_cost
    if information == "model":
        pair = model_response(game, route, s)
        return pair, outcome(game, route, s, pair).provider_cost
    q = best_response(game, route, s)
    return q, outcome(game, route, s, q).provider_cost


def said(profile):
    """What a profile says that users do."""
    return getattr(profile, "leave_after", profile.abandon_prob)


def met(found, route):
    """The answers to failures that there are: on route 2 model 1 has none."""
    return found[1] if isinstance(found, tuple) and route == 2 else found


def alike(found, told, digits=3):
    """Users who stay or leave for certain do just that; those who mix do so as often, in digits that are shown."""
    if isinstance(told, tuple):
        return found == told
    return abs(found - told) <= 1.5 * unit(told, digits) + 1e-9 if 0 < told < 1 else found == told


def random_games(number, seed=0):
    """Games of all kinds of which every second one has mixed signs, where users' answers have edges."""
    rng = np.random.default_rng(seed)
    made = []
    while len(made) < number:
        p, t, c = rng.uniform(0.01, 0.99, 2), rng.uniform(0, 1, 2) * 10 ** rng.uniform(-3, 3), rng.uniform(0.1, 5, 2)
        made.append(Game(10 ** rng.uniform(-3, 3), 10 ** rng.uniform(-2, 2), tuple(p), tuple(t), tuple(c)))
        first, second = made[-1].net_value
        if len(made) % 2 and first * second >= 0:
            made.pop()
    return made


def tied(game):
    """Whether a net value is 0: what users do then is not for the commitment to decide."""
    return 0 in game.net_value


KNOWN = {name: known.game for name, known in TWO_MODELS.items() if not tied(known.game)}


def unwrapped(text):
    """The text of a solution with a line for each thing that it says."""
    return re.sub(r"\n {20}", " ", text)


def check_solution(game, *, information="memoryless", throttling=False):
    """Type back everything that `solve` says in words."""
    solution = solve_information(game, information, throttling=throttling)
    robust = (
        robust_equilibrium(game, 0.05 * game.task_value) if information == "memoryless" and not throttling else None
    )
    text, best = unwrapped(solution_text(None, solution, robust=robust)), solution.equilibrium
    row = re.search(r"equilibrium +(.*)", text)[1]
    slowed = re.search(rf"latencies {NUMBER} and {NUMBER}$", row)
    assert bool(slowed) == (best.throttled_latency != game.latency)
    in_force = game.with_latency(tuple(map(read, slowed.groups()))) if slowed else game
    assert all(after >= before for after, before in zip(in_force.latency, game.latency, strict=True))
    share = re.search(rf"cascade probability {NUMBER}", row)
    found, cost = answer(in_force, information, best.route, read(share[1]) if share else 0.5)
    printed = read(re.search(rf"pays {NUMBER} a task, ", text)[1])
    assert alike(met(found, best.route), met(said(best), best.route)), text
    assert abs(cost - printed) <= unit(printed, 6), text
    for q in re.findall(rf"leave with probability {NUMBER} after", text):
        assert abs(found - read(q)) <= unit(read(q), 6) + 1e-9, text
    for name, s in re.findall(rf"(s_[0LH]) = {NUMBER}", text):
        found, _ = answer(game, information, 1, read(s))
        stays, leaves = (inf, 1) if information == "history" else (0, 1)
        assert (found[0] if isinstance(found, tuple) else found) == (leaves if name == "s_H" else stays), text
    never = "slowing down      never pays, whatever a lost user costs" in text
    safe = 0.0 if never else read(re.search(rf"never does from a churn penalty of {NUMBER} on", text)[1])
    assert not solve(replace(game, churn_penalty=safe)).throttling.pays
    if robust is not None and (shown := re.search(rf"within .*cascade probability {NUMBER}: at worst {NUMBER}", text)):
        worst = robust_provider_cost(game, 1, read(shown[1]), robust.delta)
        assert abs(worst - read(shown[2])) <= unit(read(shown[2]), 6), text


@pytest.mark.quick_cases(117)
@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("information", INFORMATION)
@pytest.mark.parametrize("name", KNOWN)
def test_what_solve_says_of_a_scenario_holds_when_typed_back(name, information, throttling):
    check_solution(KNOWN[name], information=information, throttling=throttling)


@pytest.mark.parametrize("number", [30, pytest.param(1000, marks=pytest.mark.slow)])
def test_what_solve_says_of_random_games_holds_when_typed_back(number):
    for k, game in enumerate(random_games(number)):
        check_solution(game, throttling=True)
        check_solution(game, information=INFORMATION[k % 3])


@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_commitment_of_any_number_of_digits_holds_when_typed_back(number):
    """At the equilibrium, and a hair beyond an edge and short of it, where others have learned to commit."""
    rng = np.random.default_rng(1)
    for game in random_games(number, seed=1):
        solution = solve(game)
        edges = [s for s in vars(solution.thresholds).values() if s == s]
        profiles = [solution.equilibrium]
        judge = RoutingJudge(RoutingGame(game))
        for s in edges:
            near = float(np.clip(s * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-11, -2)), 0, 1))
            profiles.append(judge.solved.answered(Commitment.unthrottled(game, 1, near)))
        for profile in profiles:
            for digits in DIGITS:
                s = shown_commitment(game, profile, digits, digits).cascade_prob
                for typed in (read(written(s)), read(handed_over(s)[:-2]) / 100):
                    found, cost = answer(game, "memoryless", profile.route, typed)
                    assert alike(found, profile.abandon_prob, digits)
                    assert abs(cost - profile.provider_cost) <= 1.5 * unit(profile.provider_cost, digits)


@pytest.mark.parametrize("number", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_full_digits_do_what_is_said_of_them(number):
    """JSON has these: at a threshold, and at the least latency at which users leave, users do as they should."""
    games = random_games(number, seed=2)
    for game in games:
        for throttling in (False, True):
            best = solve(game, throttling=throttling).equilibrium
            in_force = game.with_latency(tuple(float(repr(t)) for t in best.throttled_latency))
            found, cost = answer(in_force, "memoryless", best.route, float(repr(best.cascade_prob)))
            assert alike(found, best.abandon_prob) and cost == pytest.approx(best.provider_cost, rel=1e-9)
            for slow, own, p in zip(best.throttled_latency, game.latency, game.success_prob, strict=True):
                assert slow == own or slow == pytest.approx(game.task_value * p, rel=3e-12)
    for information in ("model", "history"):
        for game in games:
            best = solve_information(game, information).equilibrium
            found, _ = answer(game, information, best.route, float(repr(best.cascade_prob)))
            assert met(found, best.route) == met(said(best), best.route)


@pytest.mark.parametrize("name", KNOWN)
def test_the_answer_holds_at_both_ends_of_its_range(name):
    known, game = scenario(name), KNOWN[name]
    solution = solve(game)
    text = unwrapped(solution_text(known, solution, Validity.of(known, solution)))
    for row in ("the answer holds", "this commitment"):
        words = re.search(rf"{row} +for a task value (.*)", text)[1]
        for value in map(read, re.findall(rf"(?:from|to) {NUMBER}", words)):
            others = replace(game, task_value=np.array([value]))
            if row == "the answer holds":
                assert same_answer(game, others).all()
                continue
            best = solution.equilibrium
            q = best_response(others, best.route, best.cascade_prob)
            cost = outcome(others, best.route, best.cascade_prob, q).provider_cost
            assert cost <= 1.01 * (1 + 1e-12) * solve(others).equilibrium.provider_cost


@pytest.mark.quick_cases(26)
@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("name", KNOWN)
def test_baselines_cost_what_they_are_said_to(name, throttling, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    box = RoutingGame(KNOWN[name], throttling=throttling)
    rows = baselines(box)
    _, _, heads, *lines = baselines_table(rows, box).splitlines()
    columns = re.split(r"   +", heads.strip())
    for row, line in zip(rows[:-1], lines[:-1], strict=True):
        cells = dict(zip(columns, re.split(r"   +", line.strip()), strict=True))
        latency = tuple(map(read, cells["latencies"].split(", "))) if throttling else box.game.latency
        s = cells["cascade"].removesuffix(" %")
        game = box.game.with_latency(latency)
        q = best_response(game, row.profile.route, read(s) / 100 if s not in ("-", "any") else 0.5)
        assert alike(100 * q, read(cells["users leave"].removesuffix(" %")))
        cost = outcome(game, row.profile.route, read(s) / 100 if s not in ("-", "any") else 0.5, q).provider_cost
        assert abs(cost - read(cells["cost of a task"])) <= unit(read(cells["cost of a task"]), 5)


@pytest.mark.parametrize("name", ["nano-gpt5", "haiku35-sonnet4", "figure-3-stay", "gpt41-o3", "chatgpt4o-o3"])
def test_a_learned_commitment_is_on_the_side_of_the_edge_that_it_is_on(name):
    """In the table of a run, in a cell of a report and in words."""
    game = KNOWN[name]
    judge = RoutingJudge(RoutingGame(game))
    edge = next(s for s in vars(solve(game).thresholds).values() if s == s)
    for short in (1e-3, 1e-6, 1e-9, -1e-9, -1e-6, -1e-3):
        profile = judge.solved.answered(Commitment.unthrottled(game, 1, edge * (1 - short)))
        row = judge.words(profile, None)
        shown = (
            row["failures handed to the second model"],
            judge.commitment_words(Commitment.unthrottled(game, 1, edge * (1 - short))).removeprefix("route 1, "),
        )
        for text in shown:
            found, cost = answer(game, "memoryless", 1, read(text.removesuffix(" %")) / 100)
            assert alike(found, profile.abandon_prob)
            assert abs(cost - read(row["cost of a task"])) <= unit(read(row["cost of a task"]), 5)
    words = judge.account(None).equilibrium
    shown = read(re.search(rf"first, {NUMBER} % of failures handed over; users stay", words)[1]) / 100
    assert best_response(game, 1, shown) == 0


@pytest.mark.parametrize("line", [line for line in pairs_table().splitlines() if "cascade (" in line])
def test_the_cascades_of_real_pairs_do_what_the_table_says(line):
    name, share = re.search(rf"`(.*)`.*cascade \({NUMBER} %\)", line).groups()
    assert best_response(name, 1, read(share) / 100) == 0


@pytest.mark.parametrize("classic", CLASSICS, ids=lambda classic: classic.name)
def test_points_of_classic_games_are_answered_as_is_said(classic):
    """Where a mix makes the follower indifferent the nearest short point is as likely as not on the wrong side."""
    judge = judge_of(classic.game)
    account = judge.account(classic.name).equilibrium
    words = judge.words(judge.equilibrium, classic.name)
    assert f"commits to {words['commitment']}, " in account
    point = Point(tuple(map(read, words["commitment"].split(", "))))
    profile = judge.solved.answered(point)
    assert abs(profile.answer - judge.equilibrium.answer) <= unit(judge.equilibrium.answer, 4)
    printed = read(words["leader's cost"].replace("−", "-"))
    assert abs(profile.provider_cost - printed) <= unit(printed, 5)


@pytest.mark.parametrize("information", INFORMATION)
def test_users_who_leave_only_because_they_do_not_mind_are_told_apart(information):
    """Where ξ_1 = 0 they leave if the provider likes it, and stay where anybody else commits: no digits help."""
    game = Game(10, 1, (0.1, 0.3), (1, 2), (1, 3))
    text = unwrapped(solution_text(None, solve_information(game, information)))
    assert re.search(r"users +leave .*, being indifferent; utility 0\n", text) or information == "model"
    assert best_response(game, 1, 0) == 0
    assert "indifferent" not in solution_text(None, solve_information(scenario("nano-gpt5").game, information))
    assert "indifferent" not in solution_text(None, solve(scenario("figure-5-throttle").game, throttling=True))
