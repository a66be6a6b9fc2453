"""The parser of commands: one line for an error, and names as a user gave them."""

import pytest

from routegame.commands.parser import UNUSABLE, Parser


@pytest.fixture
def parser():
    made = Parser(prog="routegame watch")
    made.add_argument("scenario", metavar="SCENARIO")
    made.add_argument("--users", dest="num_users", type=int)
    made.add_argument("--latency", nargs=2, type=float)
    return made


@pytest.mark.parametrize(
    "arguments,said",
    [
        ([], "the following arguments are required: SCENARIO"),
        (["a", "--users", "x"], "argument --users: invalid int value: 'x'"),
        (["a", "--latency", "1"], "argument --latency: expected 2 arguments"),
        (["a", "b"], "unrecognized arguments: b"),
    ],
)
def test_an_error_is_one_line_and_no_usage(parser, capsys, arguments, said):
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(arguments)
    assert caught.value.code == UNUSABLE == 2
    assert capsys.readouterr() == ("", f"routegame watch: {said}\n")


@pytest.mark.parametrize(
    "parameter,name",
    [
        ("num_users", "--users"),
        ("users", "users"),
        ("latency", "--latency"),
        ("latency[0]", "--latency"),
        ("scenario", "SCENARIO"),
        ("checkpoint", "checkpoint"),
    ],
)
def test_parameters_have_the_names_that_users_gave(parser, parameter, name):
    """By the attribute that an option sets, never by how it is spelt; of a positional argument its place-holder."""
    assert parser.name_of(parameter) == name
