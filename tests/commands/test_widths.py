"""What commands print fits the terminal: no line is wider than it, and a wider one is used."""

import pytest
import small_policies

from routegame.commands import COMMANDS

LOG = ["docs/simulated_log.csv", "--churn-penalty", "0.1", "--draws", "20"]
LONG = "gemini25-flash-pro"
"""A scenario whose models have the longest names."""

PRINTED = {
    "scenarios": [[]],
    "learners": [[]],
    "solve": [
        ["nano-gpt5"],
        [LONG, "--throttling", "--delta", "2"],
        ["gpt41-o3", "--information", "model"],
        ["figure-4-right-cascade", "--information", "history"],
        ["figure-5-throttle", "--throttling"],
        ["gateway-eight"],
        ["polyglot-51", "--order", "fixed"],
        ["openai-five", "--decline"],
    ],
    "explore": [["nano-gpt5"]],
    "references": [["nano-gpt5"], [LONG, "--throttling"], ["figure-5-throttle", "--throttling"]],
    "watch": [["nano-gpt5"], [LONG, "--users", "40", "--tasks", "3"], ["gpt5-effort", "--information", "model"]],
    "calibrate": [LOG],
    "train": [["nano-gpt5", "--learner", "evolution", "--seed", "1", "--out", "run"]],
    "answer": [["nano-gpt5", "--policy", "policy"]],
    "eval": [["run"]],
    "bench": [["--games", "nano-gpt5", "--learners", "evolution", "--max-passes", "1e6", "--seeds", "2"]],
    "report": [["run"]],
    "simulate-log": [["nano-gpt5", "--tasks", "20", "--out", "log.csv"]],
    "figures": [],
}
"""Arguments of each command; the figures take a minute."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("widths")


@pytest.fixture
def printed(run, folder, monkeypatch, request):
    """What a command prints in a terminal of so many columns, in a folder in which others have left their files."""
    (folder / "docs").is_symlink() or (folder / "docs").symlink_to(request.config.rootpath / "docs")
    monkeypatch.chdir(folder)

    def command(name, arguments, columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        if "run" in arguments and name != "train" and not (folder / "run").exists():  # in another process
            run("train", *PRINTED["train"][0])
        if name == "answer" and not (folder / "policy").exists():
            small_policies.write(folder / "policy")
        own = ["--out", f"bench-{len(list(folder.iterdir()))}"] if name == "bench" else []
        status, out, _ = run(name, *arguments, *own)
        assert status == 0
        return out

    return command


def test_every_command_is_looked_at():
    assert list(PRINTED) != [] and set(PRINTED) == set(COMMANDS)


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "name,arguments", [(name, given) for name, each in PRINTED.items() for given in each], ids=lambda it: str(it)[:40]
)
def test_no_line_is_wider_than_the_terminal(printed, name, arguments, columns):
    lines = printed(name, arguments, columns).splitlines()
    paths = "/"  # which are as long as the folders that this is tried in, and never broken
    assert lines and [line for line in lines if len(line) > columns and paths not in line] == []


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(
    "name,arguments", [(name, given) for name, each in PRINTED.items() for given in each], ids=lambda it: str(it)[:40]
)
def test_nor_is_one_where_an_arrow_takes_two_columns(printed, monkeypatch, name, arguments):
    for variable in ("PYTHONUTF8", "PYTHONIOENCODING"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    text = printed(name, arguments, 80)
    assert text.isascii() and [line for line in text.splitlines() if len(line) > 80 and "/" not in line] == []


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_of_the_help_is_wider_than_the_terminal(printed, name, columns):
    assert [line for line in printed(name, ["--help"], columns).splitlines() if len(line) > columns] == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name,arguments", [("scenarios", []), ("calibrate", LOG), ("references", ["nano-gpt5"])])
def test_a_wider_terminal_is_used(printed, name, arguments):
    narrow, wide = (printed(name, arguments, columns).splitlines() for columns in (80, 160))
    assert len(wide) < len(narrow) and max(map(len, wide)) > 80
