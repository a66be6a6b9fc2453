"""Baselines at as many passes as another learner had: options that are allowed, and passes that are spent."""

import pytest
from equal_passes import options_for, searched
from study_equal_passes import chosen, said, tables
from trained import trained

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

NANO = RoutingGame(scenario("nano-gpt5").game)


@pytest.mark.parametrize("name", ["random_search", "sobol", "halving", "cmaes"])
def test_options_of_any_budget_are_allowed(name):
    for passes in (1e5, 1e8, 1e11):
        assert options_for(name, NANO, passes).evaluations > 1000


def test_as_many_passes_are_played():
    found = searched("random_search", NANO, 2e7, seed=0)
    assert found.meter.passes > 2e7


def test_named_games_are_found_in_their_suites_and_others_are_refused():
    found = chosen(["reference", "needle", "menus"], ["needle-5-chain", "nano-gpt5", "gpt41-o3"])
    names = {suite: [known.name for known in games] for suite, games in found.items()}
    assert names == {"reference": ["nano-gpt5", "gpt41-o3"], "needle": ["needle-5-chain"], "menus": []}
    assert [len(games) for games in chosen(["steep", "menus"], None).values()] == [6, 13]
    with pytest.raises(ParameterError, match=r"games must be of steep-1, .*, got 'nano-gpt5'"):
        chosen(["steep"], ["nano-gpt5"])


def test_games_without_a_run_have_no_table():
    assert tables("`menus`", []) == ""


def test_options_may_follow_a_learners_name():
    assert said("oracle") == ("oracle", {})
    name, options = said("evolution,generations=2,population=6")
    few, _ = trained(name, NANO, 0, **options)
    many, _ = trained(name, NANO, 0)
    assert few.meter.passes < many.meter.passes
    with pytest.raises(ParameterError, match="learners must be NAME or NAME,OPTION=NUMBER, got 'oracle,slow'"):
        said("oracle,slow")
    with pytest.raises(ParameterError, match=r"options must be of .*, got 'nothing'"):
        trained("evolution", NANO, 0, nothing=1)
