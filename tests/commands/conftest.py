"""Commands run in this process, one that is refused, and a finished run."""

import pytest
from command_line import QUICK

from routegame.__main__ import main


@pytest.fixture
def run(capsys):
    """Run a command; return its exit status, standard output and standard error."""

    def command(*arguments):
        try:
            status = main(list(arguments))
        except SystemExit as exit_:
            status = exit_.code
        output = capsys.readouterr()
        return status, output.out, output.err

    return command


@pytest.fixture
def refused(run, tmp_path, monkeypatch):
    """Run a command whose input cannot be used: it ends with 2 and one line that says so, and leaves nothing behind."""

    def command(*arguments, message):
        monkeypatch.chdir(tmp_path)
        status, out, err = run(*arguments)
        assert status == 2
        assert out == ""
        assert message in err
        assert err.startswith("routegame")
        assert err.count("\n") == 1
        assert not list(tmp_path.iterdir())

    return command


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The directory of a tiny finished run, and the command that made it but for --out."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    extra = ["--follower-updates", "2", "--follower-batch", "64", "--follower-tasks", "8", "--rounds", "1"]
    arguments = ["train", "nano-gpt5", "--learner", "meta_follower", *QUICK, *extra, "--seed", "1"]
    assert main([*arguments, "--out", str(out)]) == 0
    return out, arguments
