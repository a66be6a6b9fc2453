"""Who is ahead, by hand on a few runs, and what is said of it in plain words."""

from math import inf
from pathlib import Path

import pytest

from routegame.envs.commitment import RoutingGame
from routegame.eval.bench.row import FINISHED
from routegame.eval.judge.judgement import RANDOM
from routegame.eval.report.archive import About, BenchArchive, RunRecord, Stage
from routegame.eval.report.standings import Standings, in_brief, interval_text, successes
from routegame.eval.statistics import Estimate

LEARNERS, GAMES, SEEDS = ("a", "b"), ("g", "h"), (0, 1)


def run(learner, game, seed, regret=0.0, certified=True):
    return RunRecord(learner, game, seed, FINISHED, regret=regret, score=1 - regret, certified=certified)


def failed(learner, game, seed, status="raised"):
    return RunRecord(learner, game, seed, status, "no luck")


def archive(*changed, regret=0.0, missing=(), learners=LEARNERS, games=GAMES, seeds=SEEDS, rules=None, idle=None):
    """A bench of which every run has the same regret, but for those that are given, or missing."""
    runs = {(name, game, seed): run(name, game, seed, regret) for name in learners for game in games for seed in seeds}
    runs |= {(one.learner, one.instance, one.seed): one for one in changed}
    ended = {key: one for key, one in runs.items() if key not in missing}
    stages = tuple(Stage(name, "", RoutingGame("nano-gpt5")) for name in games)
    return BenchArchive(Path(), "few", learners, idle or {}, stages, seeds, ended, rules or {}, About())


def brief(bench):
    return in_brief(bench, Standings.of(bench))


def test_success_takes_a_certificate_and_a_regret_of_one_percent_at_most():
    bench = archive(run("a", "g", 0, 0.011), run("a", "g", 1, 0.01), run("a", "h", 0, 0.0, certified=False))
    standings = Standings.of(bench)
    assert float(standings.success["a"].value) == 0.5 and successes(bench.of("a")) == 2
    assert float(standings.success["b"].value) == 1


def test_typical_regret_is_the_mean_of_the_middle_half():
    worst = [run("a", "g", 0, 0.1), run("a", "g", 1, 0.2), run("a", "h", 0, 0.4), failed("a", "h", 1)]
    standings = Standings.of(archive(*worst))
    assert float(standings.regret["a"].value) == pytest.approx(0.3)
    assert float(standings.score["a"].value) == pytest.approx(0.7)
    score = standings.score["a"]
    assert float(score.low) <= float(score.value) <= float(score.high)


def test_the_most_successful_comes_first_then_who_loses_least_then_the_plan():
    assert Standings.of(archive(run("a", "g", 0, 0.5))).ranked == ["b", "a"]
    assert Standings.of(archive(run("b", "g", 0, 0.5))).ranked == ["a", "b"]
    lost = [run("a", game, seed, 0.3) for game in GAMES for seed in SEEDS]
    assert Standings.of(archive(*lost, regret=0.2)).ranked == ["b", "a"], "neither succeeds"
    assert Standings.of(archive(regret=0.2)).ranked == ["a", "b"]


def test_only_what_every_learner_is_done_with_is_compared():
    standings = Standings.of(archive(run("b", "h", 1, 9.0), missing=[("a", "h", 1), ("a", "h", 0)]))
    assert (standings.games, standings.seeds, standings.partial) == (["g"], [0, 1], True)
    assert [one.instance for one in standings.of_learner("b")] == ["g", "g"]
    assert float(standings.regret["b"].value) == 0, "what is not compared does not count"
    nothing = archive(missing=[("a", game, seed) for game in GAMES for seed in SEEDS])
    assert Standings.of(nothing) is None
    assert "no game is done by every learner yet, so nothing is compared" in brief(nothing)[1]


def test_rules_count_where_they_are_known_for_every_game():
    known = {game: {RANDOM: 0.5, "grid": 0.1} for game in GAMES}
    assert Standings.of(archive(rules=known)).rules["grid"].tolist() == [0.1, 0.1]
    assert Standings.of(archive(rules={"g": {RANDOM: 0.5}})).rules == {}


def said(bench, start):
    return next((sentence for sentence in brief(bench) if sentence.startswith(start)), None)


@pytest.mark.parametrize(
    "regret,tail", [(0.0, ", and every learner did better."), (0.5, "; a and b did no better."), (2.0, "; a and b did")]
)
def test_learners_are_held_against_chance(regret, tail):
    bench = archive(regret=regret, rules={game: {RANDOM: 0.5} for game in GAMES})
    assert tail in said(bench, "A commitment drawn at random costs 50 % more than the equilibrium")


def test_the_best_is_named_and_the_next_where_they_can_be_told_apart():
    bench = archive(*[run("a", game, seed, 0.5) for game in GAMES for seed in SEEDS])
    assert said(bench, "b did best: 4 of its 4 runs succeeded; its typical regret is 0 %")
    assert "beats one of a, the next, with probability 100 %" in said(bench, "A run of b")
    alike = archive(regret=0.2)
    assert said(alike, "No run succeeded; of a, the best here, none of 4 did")
    assert "cannot be told apart" in said(alike, "a and b, the next,")
    nobody = archive(*[failed(name, game, seed) for name in LEARNERS for game in GAMES for seed in SEEDS])
    assert said(nobody, "No learner finished enough of its runs to be ranked.")


def test_who_succeeds_more_often_and_loses_more_by_a_run_is_told_so():
    close = [run("a", game, seed, 0.009) for game in GAMES for seed in range(10)]
    bench = archive(*close, run("b", "g", 0, 0.5), seeds=range(10))
    assert said(bench, "a did best: 20 of its 20 runs succeeded; its typical regret is 0.9 %")
    told = said(
        bench, "By regret alone it is the other way round: a run of b, the next, beats one of a with probability"
    )
    assert "95 %" in told and "told apart" not in " ".join(brief(bench))


def test_the_hardest_game_is_that_with_the_fewest_successes():
    assert said(archive(), "The hardest game") is None, "every run succeeded"
    bench = archive(run("a", "h", 0, 0.5), run("b", "h", 1, 0.5), run("a", "g", 0, 0.5))
    assert said(bench, "The hardest game") == ("The hardest game was h: 2 of the 4 runs that finished succeeded.")
    lost = [run("a", game, seed, 0.5) for game in GAMES for seed in SEEDS]
    tied = archive(
        *lost, run("a", "h", 0, 0.9), run("a", "h", 1, 0.9), run("b", "h", 0, 0.009), run("b", "h", 1, 0.009)
    )
    assert said(tied, "The hardest game was h")
    assert said(archive(regret=0.5, games=("g",)), "The hardest game") is None, "there is no other"


def test_what_went_wrong_is_counted():
    assert said(archive(), "No run failed, and every run is certified.")
    bench = archive(failed("a", "g", 0), run("b", "g", 0, 0.0, certified=False), failed("b", "h", 0, "not applicable"))
    assert said(bench, "1 run failed, of a (1);")
    assert said(bench, "1 run is not certified (†), of b (1):")
    assert said(bench, "1 run was not made, of b (1):")
    more = archive(failed("a", "g", 0), failed("a", "g", 1), failed("b", "h", 0))
    assert said(more, "3 runs failed, of a (2) and b (1);")
    assert said(archive(idle={"c": "it needs routes"}), "c is not compared, for it plays none of these games: it needs")


@pytest.mark.parametrize(
    "count,start", [(1, "One seed does not tell how runs vary"), (9, "9 seeds are few: the intervals"), (10, None)]
)
def test_few_seeds_are_a_warning(count, start):
    found = [
        said for said in brief(archive(seeds=tuple(range(count)))) if said.endswith(" seeds or more would tell more.")
    ]
    assert (found == []) if start is None else found[0].startswith(start)


def test_an_interval_in_words():
    assert interval_text(Estimate(0.5, 0.25, inf)) == "50 % (25 % to ∞)"


def test_rules_are_compared_that_all_games_have():
    standings = Standings.of(archive(rules={"g": {RANDOM: 0.5, "x": 0.1}, "h": {"y": 0.2, RANDOM: 0.3}}))
    assert {name: regret.tolist() for name, regret in standings.rules.items()} == {RANDOM: [0.5, 0.3]}
