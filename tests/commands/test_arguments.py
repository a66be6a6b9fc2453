"""Arguments that commands share: a game by its name, by its numbers, or by both."""

from dataclasses import replace

import pytest
from command_line import NANO

from routegame.commands.arguments import GAME_OPTIONS, add_game, add_information, add_json, game_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS, MATRICES
from routegame.envs.scenarios import scenario


def asked(*arguments):
    parser = Parser(prog="routegame solve")
    for add in (add_json, add_game, add_information):
        add(parser)
    return parser.parse_args(arguments)


def test_a_scenario_is_its_game():
    known = scenario("nano-gpt5")
    assert game_of(asked("nano-gpt5")) == (known, known.game)


def test_numbers_alone_are_a_game_without_a_scenario():
    assert game_of(asked(*NANO)) == (None, scenario("nano-gpt5").game)


def test_numbers_beside_a_name_take_the_place_of_the_scenarios():
    known = scenario("nano-gpt5")
    found, game = game_of(asked("nano-gpt5", "--churn-penalty", "0", "--latency", "1", "2"))
    assert found == known and game == replace(known.game, churn_penalty=0, latency=(1, 2))


@pytest.mark.parametrize("given", [(), ("--task-value", "9"), ("--cost", "1", "2", "--churn-penalty", "0")])
def test_all_numbers_that_are_missing_are_named(given):
    with pytest.raises(ParameterError, match="scenario must be given") as caught:
        game_of(asked(*given))
    names = {f"--{name.replace('_', '-')}" for name in GAME_OPTIONS}
    assert {name for name in names if name in str(caught.value)} == names - set(given)


@pytest.mark.parametrize(
    "suite, name",
    [("classic", known.name) for known in CLASSICS] + [("matrices", known.name) for known in MATRICES],
)
def test_a_game_outside_routing_is_sent_to_who_plays_it(suite, name):
    with pytest.raises(ParameterError, match=f"routegame bench --suite {suite} --games {name}. plays this one"):
        game_of(asked(name))


def test_what_is_no_game_is_refused():
    with pytest.raises(ParameterError, match="scenario must be one of"):
        game_of(asked("gpt2"))
    with pytest.raises(ParameterError, match=r"success_prob\[0\] must be"):
        game_of(asked("nano-gpt5", "--success-prob", "0", "1"))


def test_defaults():
    options = asked("nano-gpt5")
    assert (options.json, options.throttling, options.information) == (False, False, "memoryless")
