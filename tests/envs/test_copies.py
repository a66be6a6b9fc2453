"""Copies go on as the original does: whatever the public face offers, by copy, pickle and cloudpickle, at any time."""

import copy
import pickle
import pkgutil
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import cloudpickle
import gymnasium
import numpy as np
import pytest
import torch
from envs_to_send import CASCADE, GAME, make_follower, make_leader
from extras import OF_EXTRAS
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from stable_baselines3.common.vec_env import SubprocVecEnv
from told import log_of

import routegame
from routegame import Game, TaskMix, solve, solve_mix
from routegame.agents import Population, at_their_best, router_loss
from routegame.calibrate import (
    FeatureAdvice,
    Layout,
    LogPlan,
    MixAdvice,
    Segment,
    advise,
    advise_features,
    advise_mix,
    calibrate,
    open_log,
    write_log,
)
from routegame.envs import (
    BayesianGame,
    CrowdGame,
    Duopoly,
    EpisodeBatch,
    FollowerEnv,
    FollowerVectorEnv,
    LeaderEnv,
    LeaderVectorEnv,
    MatrixGame,
    MenuCommitment,
    MenuGame,
    MixGame,
    RoutingGame,
    Sb3VecEnv,
    TaskBatch,
    routing_v0,
)
from routegame.envs.checks import ParameterError
from routegame.envs.policy import Policy
from routegame.envs.routing.spaces import ActionError
from routegame.eval import instances, judge_of
from routegame.train import LEARNERS, Limits, Meter, run
from routegame.train.learner import learner

TYPES = Game(np.array([9.0, 8.0, 7.0]), 20, (0.1, 0.3), (1, 2), (1, 3))
MENU = Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 1.5), (1, 3, 1))
MIX = TaskMix([3, 1, 2], TYPES)
NUM, STEPS = 5, 9

WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "pickle, first protocol": lambda thing: pickle.loads(pickle.dumps(thing, protocol=2)),
    "cloudpickle": lambda thing: pickle.loads(cloudpickle.dumps(thing)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


def leave_sometimes(game: Any, commitments: Any) -> Any:
    return 0.5 * commitments.cascade_prob


def leave_at_times(game: Any, commitments: Any) -> Any:
    return 0.5 * commitments.start[:, 0]


def leaves_sometimes(game: Any, seen: Any) -> float:
    return 0.3


def moves_on(seen: Any) -> Any:
    return np.array([0, seen[1] / 2], dtype=np.float32)


# What plays on


def spoil(told: Any) -> None:
    """Write into every array that can be written to: whoever plays on must not notice."""
    if isinstance(told, np.ndarray) and told.dtype != object:
        if told.flags.writeable:
            told[...] = 77
    elif isinstance(told, dict):
        for value in told.values():
            spoil(value)
    elif isinstance(told, (list, tuple, np.ndarray)):
        for value in told:
            spoil(value)


class Player:
    """Plays an environment, remembers what it was told, and spoils it afterwards if that is wanted."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def reset(self, seed: int | None) -> Any:
        return self.env.reset(seed=seed)

    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        """What it was told in a step, and whether the episode is over."""
        told = self.env.step(self.action(rng))
        return told, bool(np.any(told[2]) or np.any(told[3])) if isinstance(told[2], (bool, np.bool_)) else False

    def action(self, rng: np.random.Generator) -> Any:
        space = self.env.action_space
        if isinstance(space, gymnasium.spaces.Box):
            return rng.random(space.shape, dtype=np.float32)
        return 1 * (rng.random(space.shape) < 0.2) if space.shape else int(rng.random() < 0.2)


class ParallelPlayer(Player):
    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        env, actions = self.env, {}
        for agent in env.agents:
            space = env.action_space(agent)
            if agent == "provider":
                actions[agent] = (
                    rng.random(space.shape, dtype=np.float32)
                    if isinstance(space, gymnasium.spaces.Box)
                    else rng.integers(space.nvec)
                )
            else:
                actions[agent] = int(rng.random() < 0.2)
        told = env.step(actions)
        return (*told, env.state(), env.render()), not env.agents


class AecPlayer(Player):
    def reset(self, seed: int | None) -> Any:
        self.env.reset(seed=seed)
        return self.env.last()

    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        env, agent = self.env, self.env.agent_selection
        space = env.action_space(agent)
        if env.terminations[agent] or env.truncations[agent]:
            env.step(None)
        elif agent == "provider":
            env.step(rng.random(space.shape, dtype=np.float32))
        else:
            env.step(int(rng.random() < 0.2))
        return (env.agents, env.last(observe=True) if env.agents else None, env.state()), not env.agents


class Sb3Player(Player):
    def reset(self, seed: int | None) -> Any:
        if seed is not None:
            self.env.seed(seed)
        return self.env.reset()

    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        return self.env.step(np.stack([self.action(rng) for _ in range(self.env.num_envs)])), False


class BatchPlayer(Player):
    def reset(self, seed: int | None) -> Any:
        self.env.reset(0 if seed is None else seed)

    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        batch = self.env
        batch.step(batch.answers(0.2))
        model, share = int(rng.integers(2)), rng.random()
        if batch.game.num_models > 2:
            batch.commit(rows=batch.over, start=np.eye(3)[model], matrix=[[share, 0, 1 - share]])
        else:
            batch.commit(1 + model, share, None, batch.over)
        shown = "user_reward provider_reward solved abandoned cut_off over model failures clock"
        return [copy.deepcopy(getattr(batch, name)) for name in shown.split()], False


class EpisodesPlayer(Player):
    def reset(self, seed: int | None) -> Any:
        self.env.reset(0 if seed is None else seed)

    def step(self, rng: np.random.Generator) -> tuple[Any, bool]:
        batch = self.env
        batch.restart(batch.over)
        batch.step(rng.random((batch.num_rows, batch.spaces.offer_size)), rng.random(batch.playing.shape) < 0.2)
        shown = "provider_seen users_seen provider_reward user_reward playing solved_or_left cut_off over passes"
        return [copy.deepcopy(getattr(batch, name)) for name in shown.split()], False


TINY_LEADER = {"leader_updates": 5, "refinement_updates": 5, "leader_batch": 64, "leader_tasks": 16, "final_tasks": 512}
TINY_FOLLOWER = {"follower_updates": 4, "follower_batch": 64, "follower_tasks": 16}
TINY_SEARCH = {"evaluations": 150, "tasks": 16, "final_tasks": 64}
TINY: dict[str, dict[str, Any]] = {
    "independent": {"joint_updates": 10, "batch": 64, "tasks": 4},
    "alternating": TINY_LEADER | TINY_FOLLOWER | {"turns": 3},
    "two_timescale": TINY_LEADER | TINY_FOLLOWER | {"follower_updates": 2},
    "oracle": TINY_LEADER,
    "meta_follower": TINY_LEADER | TINY_FOLLOWER | {"rounds": 2, "round_updates": 3},
    "response_reward": TINY_LEADER | {"first_trials": 16, "last_trials": 64},
    "hypergradient": {"steps": 12, "first_tasks": 16, "last_tasks": 64},
    "bc_hg": {"steps": 12, "episodes": 32, "user_tasks": 16},
    "stackelberg_pg": {"steps": 12, "episodes": 32, "user_steps": 2, "user_episodes": 16},
    "plug_in": {"rounds": 6},
    "evolution": {"generations": 12, "population": 4, "first_tasks": 16, "last_tasks": 16},
    "random_search": TINY_SEARCH,
    "sobol": TINY_SEARCH,
    "halving": TINY_SEARCH | {"finalists": 2},
    "cmaes": TINY_SEARCH,
    "tpe": TINY_SEARCH | {"evaluations": 70},
    "bayes": TINY_SEARCH | {"evaluations": 14},
}


def learning(name: str) -> Any:
    torch.set_num_threads(1)
    return learner(name)(RoutingGame(GAME), learner(name).OPTIONS(**TINY[name]), 0)


@dataclass(frozen=True)
class Play:
    """Something that plays on, and who plays it."""

    make: Callable[[], Any]
    player: type[Player] = Player


parallel, aec = routing_v0.parallel_env, routing_v0.env
PLAYS = {
    "RoutingEnv": Play(lambda: parallel(GAME), ParallelPlayer),
    "RoutingEnv of many": Play(
        lambda: parallel(TYPES, num_tasks=2, commits="task", sight="noisy", information="history", max_cycles=7),
        ParallelPlayer,
    ),
    "RoutingEnv, shown": Play(
        lambda: parallel(GAME, num_users=2, information="model", difficulty=2.0, render_mode="ansi"), ParallelPlayer
    ),
    "RoutingEnv without commitments": Play(
        lambda: parallel(GAME, num_users=2, commits="never", throttling=True, grid=5, retry_multiplier=0.5),
        ParallelPlayer,
    ),
    "RoutingEnv of many models": Play(
        lambda: parallel(MENU, num_users=2, num_tasks=2, information="model", decline=True, sight="noisy"),
        ParallelPlayer,
    ),
    "RoutingEnv of many models, shown": Play(
        lambda: parallel(MENU, commits="never", form="matrix", render_mode="ansi", difficulty=2.0, max_passes=4),
        ParallelPlayer,
    ),
    "RoutingAECEnv of many models": Play(lambda: aec(MENU, num_users=2, decline=True, commits="task"), AecPlayer),
    "LeaderEnv of many models": Play(lambda: LeaderEnv(MENU, users=at_their_best, num_users=9, throttling=True)),
    "FollowerEnv of many models": Play(lambda: FollowerEnv(MENU, num_tasks=3, commits="task", decline=True)),
    "FollowerVectorEnv of many models": Play(
        lambda: FollowerVectorEnv(MENU, NUM, "random", form="matrix", decline=True, throttling=True)
    ),
    "LeaderVectorEnv of many models": Play(lambda: LeaderVectorEnv(MENU, NUM, leave_at_times, num_tasks=4)),
    "RoutingEnv of a mix": Play(
        lambda: parallel(MIX, num_users=2, num_tasks=2, signal=[[0.5, 0.5], [0, 1], [1, 0]], throttling=True),
        ParallelPlayer,
    ),
    "RoutingEnv of a mix, task by task": Play(
        lambda: parallel(MIX, num_tasks=2, commits="task", sight="noisy", context_visible=False), ParallelPlayer
    ),
    "RoutingAECEnv of a mix": Play(lambda: aec(MIX, num_users=2, decline=True, announce="table"), AecPlayer),
    "FollowerEnv of a mix": Play(lambda: FollowerEnv(MIX, num_tasks=3, context_visible=False)),
    "LeaderEnv of a mix": Play(lambda: LeaderEnv(MIX, users=at_their_best, num_users=9)),
    "FollowerVectorEnv of a mix": Play(lambda: FollowerVectorEnv(MIX, NUM, "random", information="history")),
    "LeaderVectorEnv of a mix": Play(lambda: LeaderVectorEnv(MIX, NUM, leave_sometimes, num_tasks=4)),
    "TaskBatch of a mix": Play(lambda: TaskBatch(MIX, 1, 0.5, num_tasks=NUM, signal=[[0.5, 0.5]] * 3), BatchPlayer),
    "RoutingAECEnv": Play(lambda: aec(GAME, num_users=2, information="history", max_passes=4), AecPlayer),
    "LeaderEnv": Play(lambda: LeaderEnv(GAME, users=at_their_best, commits="task", num_tasks=3)),
    "LeaderEnv of a crowd": Play(lambda: LeaderEnv(GAME, users=leaves_sometimes, num_users=9, num_tasks=2)),
    "LeaderEnv of many": Play(lambda: LeaderEnv(TYPES, users=leaves_sometimes, commits="task", num_tasks=3)),
    "FollowerEnv": Play(lambda: FollowerEnv(GAME, num_tasks=3, commits="task", information="history")),
    "FollowerEnv, committed": Play(lambda: FollowerEnv(GAME, provider=CASCADE, num_tasks=3)),
    "FollowerEnv, policy": Play(lambda: FollowerEnv(GAME, provider=moves_on, num_tasks=3, commits="task")),
    "FollowerEnv, made": Play(lambda: gymnasium.make("routegame:routegame/Follower-v0", game=GAME, num_tasks=3)),
    "LeaderEnv, made": Play(lambda: gymnasium.make("routegame:routegame/Leader-v0", game=GAME, num_users=3)),
    "FollowerVectorEnv": Play(lambda: FollowerVectorEnv(GAME, NUM, CASCADE)),
    "FollowerVectorEnv, many games": Play(
        lambda: FollowerVectorEnv(TYPES, 3, "random", information="history", throttling=True, max_passes=3)
    ),
    "FollowerVectorEnv, hard": Play(
        lambda: FollowerVectorEnv(GAME, 130, "random", difficulty=2.0, retry_multiplier=(0.5, 0.8), num_threads=2)
    ),
    "LeaderVectorEnv": Play(lambda: LeaderVectorEnv(GAME, NUM, leave_sometimes, num_tasks=4)),
    "Sb3VecEnv": Play(lambda: Sb3VecEnv(FollowerVectorEnv(GAME, NUM, "random")), Sb3Player),
    "Sb3VecEnv of leaders": Play(lambda: Sb3VecEnv(LeaderVectorEnv(GAME, NUM, leave_sometimes)), Sb3Player),
    "EpisodeBatch": Play(lambda: EpisodeBatch(GAME, NUM, num_users=2, throttling=True), EpisodesPlayer),
    "EpisodeBatch of many models": Play(lambda: EpisodeBatch(MENU, NUM, num_users=2, max_passes=4), EpisodesPlayer),
    "TaskBatch": Play(lambda: TaskBatch(GAME, 1, 0.5, num_tasks=NUM), BatchPlayer),
    "TaskBatch of a page": Play(lambda: TaskBatch(GAME, 1, 0.5, num_tasks=5000, num_threads=2), BatchPlayer),
    "TaskBatch, hard": Play(
        lambda: TaskBatch(TYPES, 2, 0.5, num_tasks=3, difficulty=2.0, retry_multiplier=0.5, backend="numpy"),
        BatchPlayer,
    ),
    "TaskBatch, in full": Play(
        lambda: TaskBatch(
            MENU, start=[0.2, 0.3, 0.5], matrix=[[0, 0.5, 0.5]], num_tasks=NUM, decline=True, retry_multiplier=0.5
        ),
        BatchPlayer,
    ),
}
"""What plays on, by the class it is of."""


def play(player: Player, rng: np.random.Generator, steps: int, spoils: bool = False) -> list[Any]:
    """So many steps, and whatever begins in between."""
    told = []
    for _ in range(steps):
        heard, over = player.step(rng)
        told.append(log_of(heard))
        if spoils:
            spoil(heard)
        if over:
            begun = player.reset(None)
            told.append(log_of(begun))
            if spoils:
                spoil(begun)
    return told


def play_until_over(player: Player, rng: np.random.Generator) -> None:
    """Until an episode is over, or for a while where none ever is."""
    for _ in range(40):
        if player.step(rng)[1]:
            return


MOMENTS = ("made", "begun", "midway", "over", "seeded again")


def at(moment: str, played: Play) -> Any:
    """What plays, at that moment."""
    rng, player = np.random.default_rng(0), played.player(played.make())
    if moment != "made":
        player.reset(1)
    if moment in ("midway", "seeded again"):
        play(player, rng, 3)
    if moment == "over":
        play_until_over(player, rng)
    if moment == "seeded again":
        player.reset(7)
    return player.env


def go_on(moment: str, played: Play, env: Any, spoils: bool) -> list[Any]:
    """What is told from that moment on."""
    rng, player = np.random.default_rng(5), played.player(env)
    begun = [log_of(player.reset(3 if moment == "made" else None))] if moment in ("made", "over") else []
    told = begun + play(player, rng, STEPS, spoils)
    return [*told, log_of(player.reset(4)), *play(player, rng, 3, spoils)]


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", PLAYS)
def test_copies_play_on_as_the_original_does(name, moment):
    """Copies and original, which do not notice each other, nor what is made of what they told."""
    played = PLAYS[name]
    original = at(moment, played)
    alone = go_on(moment, played, at(moment, played), spoils=False)
    # A shallow copy of one of Gymnasium's wrappers shares what is wrapped: that is theirs to say.
    ways = [way for way in WAYS if way != "copy" or not isinstance(original, gymnasium.Wrapper)]
    copies = {way: WAYS[way](original) for way in ways} | {"twice": copy.deepcopy(WAYS["pickle"](original))}
    for way, env in {**copies, "original": original}.items():
        assert go_on(moment, played, env, spoils=True) == alone, way


def from_buffers(thing: Any, kind: type[Any]) -> Any:
    """A copy whose arrays lie outside the bytes of the pickle, as with joblib, Ray and shared memory."""
    buffers: list[pickle.PickleBuffer] = []
    told = pickle.dumps(thing, protocol=5, buffer_callback=buffers.append)
    return pickle.loads(told, buffers=[kind(buffer.raw()) for buffer in buffers])


@pytest.mark.quick_cases(20)
@pytest.mark.parametrize("kind", [bytes, memoryview])
@pytest.mark.parametrize("name", PLAYS)
def test_copies_from_buffers_play_on_as_the_original_does(name, kind):
    """Buffers that cannot be written to, and the original's own."""
    played = PLAYS[name]
    original = at("midway", played)
    copied, apart = from_buffers(original, kind), copy.deepcopy(original)
    alone = go_on("midway", played, apart, spoils=False)
    assert go_on("midway", played, copied, spoils=True) == alone
    assert go_on("midway", played, original, spoils=True) == alone


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize("name", [pytest.param(name, marks=OF_EXTRAS.get(name, ())) for name in LEARNERS])
def test_learners_in_mid_training_learn_on_as_the_original_does(name):
    """Their copies, and learners that take over a copy of their state, as checkpoints do."""
    original, options = learning(name), learner(name).OPTIONS(**TINY[name])
    original.update()
    state = original.state()
    copies = {way: copied(original) for way, copied in WAYS.items()}
    copies["state"] = learning(name)
    copies["state"].restore(pickle.loads(pickle.dumps(state)))
    for way, copied in WAYS.items():
        assert log_of(copied(state)) == log_of(state) and copied(options) == options, way
    told = [log_of(original.update().statistics), log_of(original.state())]
    for way, other in copies.items():
        assert [log_of(other.update().statistics), log_of(other.state())] == told, way


@pytest.mark.parametrize("way", WAYS)
def test_what_a_copy_shows_cannot_be_written_to(way):
    """As with the original: observations and masks of `routing_v0`, and the parameters of a batch of games."""
    env = parallel(TYPES, grid=3)
    env.reset(seed=0)
    copied = WAYS[way](env)
    observations, *_, infos = copied.step({"provider": [0, 1], **dict.fromkeys(copied.agents[1:], 0)})
    shown = [*observations.values(), infos["user_0"]["action_mask"], *infos["provider"]["action_mask"]]
    for array in [*shown, copied.game.task_value, copied.game.net_value[0]]:
        assert not array.flags.writeable
    assert not WAYS[way](TYPES).task_value.flags.writeable


# What stays as it is


@cache
def calibrated() -> Any:
    """A calibration, from a small log."""
    plan = LogPlan(GAME, ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0)), num_tasks=3000, temperature=0.5, seed=5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        write_log(plan, path)
        with open_log(path) as log:
            return calibrate(log, 20.0)


@cache
def mix_advice() -> MixAdvice:
    """Advice on tasks that differ, from a small log."""
    mix = TaskMix([0.5, 0.5], Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        write_log(LogPlan(mix, ((1, 0.1), (2, 0.0)), num_tasks=800, temperature=0.5), path)
        with open_log(path) as log:
            return advise_mix(log, 15.0, 20)


@cache
def feature_advice() -> FeatureAdvice:
    rows = np.random.default_rng(0).standard_normal((20, 1)).round(2)
    numbers: dict[str, Any] = {"value": [0.0], "value_at_zero": 2.0, "churn_penalty": 15}
    mix = TaskMix.from_features(
        rows, skill=[[1.0], [0.5]], skill_at_zero=[-1, 0], latency=(1, 2), cost=(1, 3), **numbers
    )
    plan = LogPlan(mix, ((1, 0.05), (1, 0.5), (2, 0.0)), num_tasks=600, temperature=1.0)
    with tempfile.TemporaryDirectory() as folder:
        write_log(plan, Path(folder) / "log.parquet")
        with open_log(Path(folder) / "log.parquet", Layout.of(features=["feature_1"])) as log:
            return advise_features(log, 15.0, 20)


@cache
def learned() -> Any:
    trained = learning("meta_follower")
    snapshot = trained.update()
    while not trained.finished:
        trained.update()
    return trained.learned(), snapshot


POINT = MatrixGame([[3.0, 1.0], [0.0, 2.0]], [[1.0, 2.0], [3.0, 1.0]])
STAY: dict[str, Callable[[], Any]] = {
    "Game": lambda: TYPES,
    "Scenario": lambda: routegame.scenario("nano-gpt5"),
    "Solution": lambda: solve(TYPES),
    "Commitment": lambda: CASCADE,
    "Policy": lambda: Policy.cascade(0.25),
    "RoutingGame": lambda: RoutingGame(GAME, throttling=True),
    "MenuGame": lambda: MenuGame(MENU, form="matrix", throttling=True),
    "MenuCommitment": lambda: MenuCommitment.of_policy(Policy.redraw([1, 0, 0], [0, 0.5, 0.5]), (1, 2, 1.5)),
    "MixGame": lambda: MixGame(MIX, "memoryless"),
    "MixCommitment": lambda: STAY["MixGame"]().commitments(np.full((1, STAY["MixGame"]().size), 0.25))[0],
    "Duopoly": lambda: Duopoly(10.0, 1.0, (2.0, 1.0), 0.1),
    "MatrixGame": lambda: POINT,
    "BayesianGame": lambda: BayesianGame([POINT.leader_payoff] * 2, [POINT.follower_payoff] * 2, (1, 3)),
    "CrowdGame": lambda: CrowdGame((9, 6), (15, 2), (1, 0.5), (3, 1), (0.1, 0.3), (1, 2), (1, 3)),
    "Population": lambda: Population(np.array([5.0, 9.0]), 1.0, (0.1, 0.3), (1, 2), (1, 3), np.array([1.0, 2.0])),
    "PopulationSolution": lambda: solve(STAY["Population"]()),
    "TaskMix": lambda: TaskMix([0.5, 0.25, 0.25], TYPES),
    "MixSolution": lambda: solve_mix(STAY["TaskMix"]()),
    "RouterLoss": lambda: router_loss(STAY["TaskMix"](), [0, 0, 1]),
    "PolicyTable": lambda: STAY["MixSolution"]().policies,
    "Learned": lambda: learned()[0],
    "Snapshot": lambda: learned()[1],
    "Limits": lambda: Limits(1e6, None, 0.01),
    "Meter": lambda: Meter(3, 2, 1),
    "Instance": lambda: instances("reference")[0],
    "Judgement": lambda: judge_of(RoutingGame(GAME)).judge(CASCADE, lambda commitments: 0.5 * commitments.cascade_prob),
    "RunResult": lambda: run(GAME, "evolution", progress=False, population=4, generations=2),
    "Advice": lambda: advise(calibrated(), 20),
    "Calibration": calibrated,
    "MixAdvice": mix_advice,
    "FeatureAdvice": feature_advice,
    "Layout": lambda: Layout.of(["latency=seconds"], ("a", "b")),
    "LogPlan": lambda: LogPlan(GAME, ((1, 0.0), (1, 0.1)), num_tasks=10, segments=(Segment("a"),)),
    "Segment": lambda: Segment("a", 1),
}
"""What plays nothing, by its class."""

NO_EXAMPLES = {
    "StackelbergGame": "abstract",
    "Learner": "abstract: every learner is an example",
    "Options": "a base: every learner's options are an example",
    "Users": "a protocol: those that learners end with are an example",
    "ParameterError": "an error, see below",
    "LogError": "an error, see below",
}


def public() -> Iterator[tuple[str, object]]:
    for package in ("routegame", *(f"routegame.{name}" for name in ("envs", "agents", "train", "eval", "calibrate"))):
        face = import_module(package)
        yield from ((name, getattr(face, name)) for name in face.__all__)


def test_every_public_class_has_an_example():
    """Or a reason for having none: whoever adds a class adds an example."""
    classes = {found.__name__ for _, found in public() if isinstance(found, type)}
    classes |= {kind.__name__ for kind in vars(routing_v0).values() if kind in (parallel, aec)}
    played = {re.split("[, ]", name)[0] for name in PLAYS}
    assert classes - played - STAY.keys() == NO_EXAMPLES.keys()
    assert played | STAY.keys() <= classes


@pytest.mark.quick_cases(7)
@pytest.mark.parametrize("name", STAY)
def test_copies_are_what_the_original_is(name):
    original = STAY[name]()
    told = description(original)
    for way, copied in {way: WAYS[way](original) for way in WAYS}.items():
        assert description(copied) == told, way


def description(thing: Any, depth: int = 0) -> Any:
    """An object by its attributes, however deep, arrays by their bits."""
    if isinstance(thing, np.ndarray):
        return log_of(thing)
    if isinstance(thing, dict):
        return {repr(name): description(value, depth + 1) for name, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [description(value, depth + 1) for value in thing]
    if hasattr(thing, "__func__"):
        return thing.__func__, description(thing.__self__, depth + 1)
    if type(thing).__module__.startswith("routegame") and depth < 12:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        held = {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
        return type(thing), description(getattr(thing, "__dict__", {}) | held, depth)
    return type(thing), repr(thing)


@pytest.mark.parametrize("way", WAYS)
def test_functions_and_modules_are_themselves(way):
    found = [thing for _, thing in public() if isinstance(thing, FunctionType)]
    assert len(found) > 15
    assert all(WAYS[way](function) is function for function in found)


# Processes of their own


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")  # Gymnasium warns of the error before it raises it
def test_worker_processes_play_what_this_one_plays():
    """Gymnasium's, spawned: they get the environment by cloudpickle, with whatever it was made with."""
    ready = make_follower()
    makers = [make_follower, lambda: ready]
    here, there = SyncVectorEnv(makers), AsyncVectorEnv(makers, context="spawn", shared_memory=False)
    try:
        assert log_of(there.reset(seed=0)) == log_of(here.reset(seed=0))
        for actions in np.random.default_rng(0).integers(2, size=(12, 2)):
            assert log_of(there.step(actions)) == log_of(here.step(actions))
        with pytest.raises(ActionError, match=r"action of user_0 must be in Discrete\(2\), got .*7"):
            there.step(np.array([0, 7]))
    finally:
        there.close(timeout=0, terminate=True)


@pytest.mark.slow
def test_stable_baselines3_plays_in_processes():
    env = SubprocVecEnv([make_leader, make_leader], start_method="spawn")
    try:
        env.seed(0)
        env.reset()
        here = [make_leader() for _ in range(2)]
        for k, single in enumerate(here):
            single.reset(seed=k)
        for actions in np.random.default_rng(0).random((2, 2, 2), dtype=np.float32):
            _, rewards, *_ = env.step(actions)
            for k, single in enumerate(here):
                assert np.float32(single.step(actions[k])[1]) == rewards[k]
                single.reset()
    finally:
        env.close()


# Errors


OF_LIBRARIES = [
    "routegame.gateway.litellm",
    *(f"routegame.envs.adapters.{library}" for library in ("torchrl", "benchmarl", "skrl", "agilerl")),
]
"""Modules that need a library which may be missing; they have no errors of their own."""


def own_errors() -> list[type[BaseException]]:
    found = set()
    for module in pkgutil.walk_packages(routegame.__path__, "routegame."):
        if module.name.endswith("__main__") or module.name in OF_LIBRARIES:
            continue
        loaded = import_module(module.name)
        found |= {
            kind
            for kind in vars(loaded).values()
            if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__.startswith("routegame")
        }
    return sorted(found, key=lambda kind: kind.__name__)


RAISED = {
    "ActionError": lambda kind: kind("user_0", "in Discrete(2)", 7),
    "WriteError": lambda kind: kind("game.html", "No space left on device", 28),
    "ParameterError": lambda kind: kind("num_users", "an integer", np.array([1.5, 2])),
}


def raised(kind: type[BaseException]) -> BaseException:
    return RAISED.get(kind.__name__, lambda kind: kind("this is wrong"))(kind)


def test_there_are_errors():
    assert {kind.__name__ for kind in own_errors()} >= {*RAISED, "LogError"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", own_errors())
def test_errors_arrive_as_they_were_raised(kind, way):
    error = raised(kind)
    copied = WAYS[way](error)
    assert type(copied) is kind and str(copied) == str(error)
    assert log_of(vars(copied)) == log_of(vars(error))


@pytest.mark.parametrize("kind", own_errors())
def test_errors_are_raised_again_from_what_arrived(kind):
    """Gymnasium's vector environments call the class with the error, others with its text."""
    error = raised(kind)
    for again in (kind(error), kind(str(error))):
        assert type(again) is kind and str(again) == str(error)
    assert log_of(vars(kind(error))) == log_of(vars(error))


@pytest.mark.parametrize("error", [ParameterError("provider", "a policy", lambda: 0), ActionError("x", "y", lambda: 0)])
def test_what_cannot_be_pickled_travels_as_text(error):
    copied = pickle.loads(pickle.dumps(error))
    assert str(copied) == str(error)
    assert "lambda" in str(vars(copied).get("given", vars(copied).get("action")))
