"""What holds whatever the command: what it is called, what it imports, and how it ends."""

import subprocess
import sys

import pytest

from routegame.commands import COMMANDS, load

HEAVY = {"torch", "stable_baselines3", "gymnasium", "pettingzoo", "matplotlib", "scipy", "tqdm"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["learn"], "invalid choice: 'learn'"),
        (["--fast", "solve", "nano-gpt5"], "unrecognized arguments: --fast"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)


def test_the_help_names_every_command(run):
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    said = " ".join(out.split())
    places = [said.index(f" {name} {about}") for name, about in COMMANDS.items()]
    assert places == sorted(places)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_page(run, name):
    status, out, err = run(name, "--help")
    assert (status, err) == (0, "") and out.startswith(f"usage: routegame {name} [-h]")
    assert (load(name).__doc__ or "").startswith(f"`routegame {name}`: ")


def test_a_fault_of_the_program_is_not_laid_on_the_input(run, monkeypatch):
    def broken(_):
        raise ValueError("a matrix that has no inverse")

    monkeypatch.setattr(load("scenarios"), "run", broken)
    with pytest.raises(ValueError, match="no inverse"):
        run("scenarios")


def test_an_interrupted_command_says_which_it_is(run, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(load("scenarios"), "run", interrupted)
    assert run("scenarios") == (130, "", "routegame scenarios: interrupted; what was finished is kept\n")


def test_a_reader_may_stop_early():
    command = f"{sys.executable} -m routegame scenarios --json | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[\n", "")


def imported(arguments):
    """Names of all modules that a command has imported when it is done."""
    code = (
        "import sys; from routegame.__main__ import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["solve", "nano-gpt5", "--json"], ["references", "nano-gpt5"], ["scenarios"]])
def test_light_commands_import_nothing_heavy(arguments):
    found = imported(arguments)
    assert f"routegame.commands.{arguments[0]}" in found and found & HEAVY == set()


def test_solving_a_game_of_the_project_imports_what_solves_it():
    """Neither what finds other packages' games, nor samplers, nor the part of NumPy that is slow to import."""
    found = imported(["solve", "nano-gpt5", "--json"])
    assert "routegame.agents.exact.solution" in found
    assert found & {"importlib.metadata", "importlib.resources", "numpy.ma", "routegame.envs.sampling"} == set()


def test_the_help_imports_no_command():
    found = imported(["--help"])
    assert {name for name in found if name.startswith("routegame.commands.")} == {"routegame.commands.parser"}
    assert "numpy" not in found
