"""The examples learn what they say; those of libraries that are not installed here use names that exist."""

import ast
import importlib.util
from pathlib import Path

import pytest
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_judge import RoutingJudge

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def load(name):
    """Import an example, which is in no package."""
    specification = importlib.util.spec_from_file_location(name, ROOT / "docs" / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def one_thread():
    """Threads of networks this small wait for each other: on busy cores, ten times as long as they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_the_provider_of_stable_baselines3_comes_near_the_edge():
    example = load("sb3_leader")
    assert example.judge(example.train(seed=0, num_steps=1)) > 0.1
    assert 0 <= example.judge(example.train(seed=0, num_steps=60_000)) < 0.1


def test_the_learner_of_ones_own_is_no_bad_one():
    """It comes to within 2 % of the cliff's edge, and the same way again."""
    closing_in, game = load("closing_in").ClosingIn, scenario("nano-gpt5").game
    box = RoutingGame(game)
    ends = []
    for _ in range(2):
        learner = closing_in(box, closing_in.OPTIONS(tasks=64), seed=1)
        while not learner.finished:
            learner.update()
        ends.append(learner.learned())
    judge = RoutingJudge(box)
    assert judge.judge(ends[0].commitment, judge.best_answer).leader_regret_relative < 0.02
    assert ends[0] == ends[1]


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_users_in_the_manner_of_cleanrl_learn_their_mixed_answers():
    example = load("cleanrl_follower")
    assert example.judge(example.train(seed=0, num_steps=1)) < 0.5
    assert 0.75 < example.judge(example.train(seed=0, num_steps=150_000)) <= 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_what_an_example_imports_of_the_project_is_there(path):
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if node.module and node.module.split(".")[0] == "routegame"]
    assert ours
    for node in ours:
        module = importlib.import_module(node.module)
        for alias in node.names:
            assert hasattr(module, alias.name) or importlib.util.find_spec(f"{node.module}.{alias.name}")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_make_runs_every_example(path):
    learner = f"cd docs/examples && PYTHONPATH=. ../../$(BIN)/routegame bench --suite real --learners {path.stem}:"
    assert f"/python docs/examples/{path.name}\n" in MAKEFILE or learner in MAKEFILE
