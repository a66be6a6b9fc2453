"""The public face: what it exports is there, pages use it alone, and whatever takes a game takes its name."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import routegame
from routegame import Game, ParameterError, Scenario, agents, envs, scenario, train

PACKAGES = ("routegame", *(f"routegame.{name}" for name in ("envs", "agents", "train", "eval", "calibrate", "gateway")))
OF_EXTRAS = {
    "routegame.gateway.litellm": "CommitmentStrategy TurnLogger",
    "routegame.envs.adapters.normalized": "Normalized",
    "routegame.envs.adapters.torchrl": "RoutingVecEnv torchrl_env",
    "routegame.envs.adapters.benchmarl": "RoutingTask",
    "routegame.envs.adapters.skrl": "RoutingVecEnv",
    "routegame.envs.adapters.agilerl": "RoutingVecEnv",
}
"""Names in modules for other libraries; tests/gateway and tests/envs/adapters have them where these are installed."""

PROMISED = {
    "routegame": """Game ParameterError Scenario Solution TaskMix best_response register_scenario scenario solve
        solve_mix agents calibrate envs eval train""",
    "routegame.envs": """Commitment CommitmentBox RoutingGame FollowerVectorEnv LeaderVectorEnv MatrixGame Sb3VecEnv
        TaskBatch TaskMix draw_tasks outcome routing_v0""",
    "routegame.agents": "Population best_response model_response response solve",
    "routegame.calibrate": "Layout LogError advise calibrate open_log",
    "routegame.gateway": "Feedback",
    "routegame.train": "Learned Learner Options Snapshot Users option run",
}
"""Names that scripts outside the project rely on."""

GAME = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_of_the_face_is_there_and_listed(package):
    face = import_module(package)
    assert sorted(face.__all__) == sorted(set(face.__all__))
    for name in face.__all__:
        assert getattr(face, name) is not None
    assert set(face.__all__) <= set(dir(face))
    assert set(PROMISED.get(package, "").split()) <= set(face.__all__)


ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/examples/*.py"))]
IMPORT = re.compile(r"^(?:>>> )?(?:from (routegame[\w.]*) import ([\w, ]+)|import (routegame[\w.]*))", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_and_examples_import_from_the_face_alone(page):
    for package, names, module in IMPORT.findall(page.read_text(encoding="utf-8")):
        if package in OF_EXTRAS:
            assert set(re.split(r",\s*", names.strip())) <= set(OF_EXTRAS[package].split())
            continue
        assert (package or module) in PACKAGES
        assert not names or set(re.split(r",\s*", names.strip())) <= set(import_module(package).__all__), names


def test_pages_have_imports():
    assert sum(len(IMPORT.findall(page.read_text(encoding="utf-8"))) for page in PAGES) > 15


@pytest.mark.parametrize(
    "take",
    [
        routegame.solve,
        lambda game: routegame.best_response(game, 1, 0.05),
        lambda game: envs.outcome(game, 1, 0.05, 0.0),
        lambda game: envs.RoutingGame(game).game,
        lambda game: envs.Commitment.unthrottled(game, 1, 0.05),
        lambda game: envs.TaskBatch(game, 1, 0.05, num_tasks=2).game,
        lambda game: envs.draw_tasks(game, 1, 0.05, 0.0, 10, 0).passes.tolist(),
        lambda game: envs.routing_v0.parallel_env(game).game,
        lambda game: envs.FollowerVectorEnv(game, 2, "random").game,
        lambda game: envs.LeaderVectorEnv(game, 2, lambda *_: 0.0).game,
        lambda game: envs.LeaderEnv(game, users=lambda *_: 0.0).routing.game,
        agents.thresholds,
        lambda game: agents.model_response(game, 1, 0.05),
        lambda game: agents.history_response(game, 1, 0.05),
        lambda game: agents.quantal_response(game, 1, 0.05, 1.0),
        lambda game: agents.robust_equilibrium(game, 1.0),
        agents.value_range,
        lambda game: agents.solve(game, information="model"),
        lambda game: train.run(game, "evolution", progress=False, population=4, generations=2).learned.provider_cost,
    ],
)
def test_whatever_takes_a_game_takes_a_scenario_and_its_name(take):
    by_itself, by_scenario, by_name = map(repr, (take(GAME), take(scenario("nano-gpt5")), take("nano-gpt5")))
    assert by_itself == by_scenario == by_name


@pytest.mark.parametrize("package", PACKAGES)
def test_solvers_go_by_two_names(package):
    """Kinds of users are asked for by an argument, or by what is solved."""
    solvers = [name for name in import_module(package).__all__ if name.startswith("solve")]
    assert set(solvers) <= {"solve", "solve_mix"}


@pytest.mark.parametrize("game", ["nowhere", None, 3])
def test_what_is_no_game_is_refused_in_one_line(game):
    with pytest.raises(ParameterError, match="must be"):
        routegame.solve(game)


def test_a_scenario_of_ones_own_is_known_by_its_name():
    own = Scenario("face-test", GAME, "registered by a test", ("s", "$"))
    routegame.register_scenario(own)
    assert scenario("face-test") is own
    assert routegame.solve("face-test").equilibrium == routegame.solve(GAME).equilibrium
    routegame.register_scenario(own)  # once more changes nothing
    with pytest.raises(ParameterError, match="no other scenario has"):
        routegame.register_scenario(Scenario("face-test", Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), "another"))
    with pytest.raises(ParameterError, match="no other scenario has"):
        routegame.register_scenario(Scenario("nano-gpt5", Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), "another"))


@pytest.mark.parametrize("name", ["", "a/b", "..", "-x", "a b"])
def test_a_scenario_has_a_name_that_can_be_a_directorys(name):
    with pytest.raises(ParameterError, match="name must be"):
        routegame.register_scenario(Scenario(name, GAME, "nothing"))
