"""Tasks that differ side by side: they play what `routing_v0` plays, and cost what the exact solution says."""

from copy import copy
from typing import Any

import gymnasium
import numpy as np
import pytest
from known_mixes import MIXES
from mix_worlds import MENUS, NOISY, PAIRS, copies_of
from routing_episodes import GAME, MENU
from stable_baselines3.common.vec_env import VecMonitor
from told import log_of

from routegame import ParameterError, solve_mix
from routegame.envs import (
    FollowerEnv,
    FollowerVectorEnv,
    LeaderVectorEnv,
    Sb3VecEnv,
    TaskBatch,
    draw_contexts,
    draw_tasks,
    outcome,
    routing_v0,
)
from routegame.envs.commitment import Commitment
from routegame.envs.sampling.streams import Purpose, stream_keys, words

SEEN: list[dict[str, Any]] = [
    {"game": PAIRS},
    {"game": PAIRS, "signal": NOISY, "information": "history", "throttling": True},
    {"game": PAIRS, "context_visible": False, "information": "model"},
    {"game": PAIRS, "context_visible": False, "announce": "mean", "difficulty": 2.0, "max_passes": 3},
    {"game": PAIRS, "announce": "table", "signal": NOISY, "throttling": True},
    {"game": MENUS, "decline": True, "information": "history"},
    {"game": MENUS, "form": "matrix", "retry_multiplier": (0.5, 2.0, 1.0)},
]


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("options", SEEN, ids=range(len(SEEN)))
def test_a_row_plays_what_a_follower_alone_plays(options: dict[str, Any], drawn: bool) -> None:
    """Observations, rewards and endings, under a given and under a random policy over contexts."""
    game = options["game"]
    chosen = {name: value for name, value in options.items() if name != "game"}
    box = routing_v0.parallel_env(game, **{**chosen, "difficulty": None}).commitment_box
    action = np.random.default_rng(4).random(box.size, dtype=np.float32)
    rows = FollowerVectorEnv(game, 3, "random" if drawn else action, **chosen)
    alone = FollowerEnv(game, provider="random" if drawn else lambda seen: action, **chosen)
    declines, rng = chosen.get("decline", False), np.random.default_rng(1)
    seen, _ = rows.reset(seed=6)
    single, _ = alone.reset(seed=6)
    if declines:  # a round in which a task is offered, which rows leave out
        single, *_ = alone.step(0)
    assert rows.single_observation_space == alone.observation_space
    for _ in range(25):
        assert seen[0].tolist() == single.tolist() and seen in rows.observation_space
        answers = (rng.random(3) < 0.3).astype(np.int64)
        seen, rewards, terminations, truncations, infos = rows.step(answers)
        single, reward, terminated, truncated, _ = alone.step(int(answers[0]))
        assert (terminations[0], truncations[0]) == (terminated, truncated)
        assert rewards[0] == pytest.approx(reward, rel=1e-6)  # slowed latencies are rounded there
        if terminated or truncated:
            assert infos["final_obs"][0].tolist() == single.tolist()
            single, _ = alone.reset()
            if declines:
                single, *_ = alone.step(0)


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_a_batch_plays_what_routing_v0_plays(backend: Any) -> None:
    """Task by task under a policy over contexts, and contexts are those of `draw_contexts`."""
    action = np.array([0, 1, 0.25, 0.5], dtype=np.float32)
    env = routing_v0.parallel_env(PAIRS, num_users=3, num_tasks=1000, signal=NOISY)
    batch = TaskBatch(PAIRS, 1, 0.0, num_tasks=3, signal=NOISY, max_passes=env.max_passes, backend=backend)
    batch.commit_table([1, 2], [0.25, 0.5])
    env.reset(seed=8)
    batch.reset(8)
    assert batch.contexts.tolist() == draw_contexts(PAIRS, 3, 8).tolist()
    rng = np.random.default_rng(2)
    for _ in range(60):
        leaves = rng.random(3) < 0.2
        begun = batch.contexts.copy()
        _, rewards, *_, infos = env.step({"provider": action} | {f"user_{k}": int(leaves[k]) for k in range(3)})
        batch.step(leaves)
        assert [np.float32(rewards[f"user_{k}"]) for k in range(3)] == batch.user_reward.tolist()
        played = [infos[f"user_{k}"]["model"] * (not infos[f"user_{k}"]["abandoned"]) for k in range(3)]
        assert played == batch.model.tolist()
        assert [infos[f"user_{k}"]["context"] - 1 for k in range(3)] == begun.tolist()
        costs = [infos[f"user_{k}"]["cost"] for k in range(3)]
        penalties = np.asarray(PAIRS.games.churn_penalty)[begun] * batch.abandoned
        assert batch.provider_reward == pytest.approx(-(costs + penalties))


COMMITTED: list[dict[str, Any]] = [
    {"game": PAIRS, "route": 1, "cascade_prob": [0.1, 0.5, 0.9] * 40},
    {"game": PAIRS, "route": 1, "cascade_prob": 0.5, "latency": (3.0, 3.5), "retry_multiplier": (0.5, 1.5)},
    {"game": PAIRS, "route": 2, "cascade_prob": 0.5, "signal": NOISY, "difficulty": 2.0, "num_threads": 2},
    {"game": MENUS, "start": [0.2, 0.3, 0.5], "matrix": [[0, 0.5, 0.5]], "decline": True, "signal": [0, 0]},
    {"game": MENUS, "start": [1, 0, 0], "matrix": np.full((3, 3), 1 / 3), "retry_multiplier": 0.5},
]


@pytest.mark.parametrize("options", COMMITTED, ids=range(len(COMMITTED)))
def test_compiled_batches_have_the_bits_of_those_in_numpy(options: dict[str, Any]) -> None:
    """Row by row, then under a table, then slowed down, and in a copy."""
    batches = [TaskBatch(**options, num_tasks=120, backend=backend) for backend in ("numba", "numpy")]
    batches.append(copy(batches[0]))
    tables = {
        ("route", 3): {"route": [1, 2, 1], "cascade_prob": [0.2, 0.0, 1.0]},
        ("route", 2): {"route": [2, 1], "cascade_prob": [0.2, 0.7]},
        ("start", 1): {"start": [[0, 1, 0]], "matrix": [[0, 0.5, 0.5]]},
        ("start", 2): {"start": [[0, 1, 0], [0.5, 0, 0.5]], "matrix": [np.eye(3), np.full((3, 3), 1 / 3)]},
    }
    rng = np.random.default_rng(0)
    for clock in range(60):
        leaves = rng.random(120) < 0.2
        for batch in batches:
            if clock == 20:
                batch.commit_table(**tables["start" if "start" in options else "route", int(batch.classes.max()) + 1])
            if clock == 40 and "start" not in options:
                batch.commit(1, 0.3, (5.0, 6.0))
            batch.step(leaves)
        for other in batches[1:]:
            for name in ("user_reward", "provider_reward", "over", "model", "failures", "contexts", "classes"):
                assert getattr(other, name).tolist() == getattr(batches[0], name).tolist(), (clock, name)


@pytest.mark.parametrize(("game", "models"), [(GAME, 2), (MENU, 3)])
def test_copies_of_one_context_play_what_the_single_game_plays(game: Any, models: int) -> None:
    said: dict[str, Any] = {"route": 1, "cascade_prob": 0.25}
    if models == 3:
        said = {"start": [0.2, 0.3, 0.5], "matrix": [[0, 0.5, 0.5]], "decline": True}
    one, other = TaskBatch(game, **said, num_tasks=5), TaskBatch(copies_of(game), **said, num_tasks=5)
    for _ in range(40):
        for batch in (one, other):
            batch.step(batch.answers(0.2))
        for name in ("user_reward", "provider_reward", "over", "model", "failures"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist()


def leave_a_third(game: Any, offers: Any) -> Any:
    return 1 / 3


def test_providers_are_as_lucky_under_copies_of_one_context_if_a_task_is_all_they_have() -> None:
    """Means of several are added in another order."""
    alone = LeaderVectorEnv(GAME, 50, leave_a_third, num_tasks=20)
    mixed = LeaderVectorEnv(copies_of(GAME), 50, leave_a_third, num_tasks=20)
    rng = np.random.default_rng(3)
    action = rng.random((50, 2), dtype=np.float32)
    for env in (alone, mixed):
        env.reset(seed=2)
    for _ in range(2):
        _, one, *_, told = alone.step(action)
        _, other, *_, infos = mixed.step(np.repeat(action, 3, axis=1))
        assert other == pytest.approx(one, rel=1e-6)
        for name in ("solve_share", "passes", "latency", "cost", "abandon_prob"):
            assert infos["final_info"][name] == pytest.approx(told["final_info"][name]), name


def test_whole_tasks_cost_what_the_closed_form_says_for_users_who_know_their_context() -> None:
    """A table, and answers in each context; the mean over contexts within 4 standard errors."""
    mix = MIXES["7"]
    solution = solve_mix(mix)
    leaves = np.asarray(solution.answer)
    box = routing_v0.parallel_env(mix).commitment_box

    def respond(games: Any, offers: Any) -> Any:
        found = [np.flatnonzero(np.asarray(mix.games.success_prob[0]) == p)[0] for p in games.success_prob[0]]
        return leaves[found]

    env = LeaderVectorEnv(mix, 400, respond, num_tasks=250)
    env.reset(seed=1)
    _, rewards, *_ = env.step(np.tile(box.action(solution.policies), (400, 1)))
    assert abs(-rewards.mean() - solution.provider_cost) < 4 * rewards.std() / np.sqrt(400)


@pytest.mark.parametrize("name", ["2", "8"])
def test_whole_tasks_cost_what_the_exact_solution_says_for_users_who_do_not(name: str) -> None:
    mix = MIXES[name]
    solution = solve_mix(mix, "memoryless")
    env: Any = gymnasium.make_vec(
        "routegame:routegame/Leader-v0", 200, "vector_entry_point", game=mix, num_tasks=250, context_visible=False
    )
    box = routing_v0.parallel_env(mix).commitment_box
    env.reset(seed=1)
    _, rewards, *_, infos = env.step(np.tile(box.action(solution.policies), (200, 1)))
    assert infos["final_info"]["abandon_prob"] == pytest.approx(np.full(200, solution.answer), abs=1e-6)
    assert abs(-rewards.mean() - solution.provider_cost) < 4 * rewards.std() / np.sqrt(200)


def test_a_mix_is_a_draw_of_each_rows_game() -> None:
    """Tasks of drawn games cost what the contexts do, weighted; within 4 standard errors."""
    contexts = draw_contexts(PAIRS, 20_000, seed=4)
    routes, cascades = np.array([1, 2, 1]), np.array([0.2, 0.0, 0.5])
    tasks = draw_tasks(PAIRS.games_of(contexts), routes[contexts], cascades[contexts], 0.1, 1, seed=5)
    costs = tasks.provider_cost(PAIRS.games_of(contexts))
    exact = PAIRS.weights @ outcome(PAIRS.games, routes, cascades, 0.1).provider_cost
    assert abs(costs.mean() - exact) < 4 * costs.std() / np.sqrt(len(costs))


def test_stable_baselines3_plays_mixes() -> None:
    env = VecMonitor(Sb3VecEnv(FollowerVectorEnv(MENUS, 4, "random", information="history")))
    assert env.reset().shape == (4, 14)
    done = [env.step(np.ones(4, dtype=np.int64))[2] for _ in range(4)]
    assert np.any(done)


def test_many_purposes_have_the_words_of_each() -> None:
    from routegame.envs.sampling.streams import words_of

    keys = stream_keys(1, np.arange(3))
    purposes = Purpose.MIX_COMMITMENT + np.arange(4)[:, None]
    each = [words(keys, Purpose.MIX_COMMITMENT + k, 2**32 - 1).tolist() for k in range(4)]
    assert words_of(keys, purposes, 2**32 - 1).tolist() == each


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: FollowerVectorEnv(GAME, 2, "random", announce="row"), "announce must be left out"),
        (lambda: LeaderVectorEnv(GAME, 2, leave_a_third, signal=[0]), "signal must be left out"),
        (lambda: TaskBatch(GAME, 1, 0.0, num_tasks=2, signal=[0]), "signal must be left out"),
        (lambda: TaskBatch(GAME, 1, 0.0, num_tasks=2).commit_table(1, 0.0), "game must be a mix of tasks"),
        (lambda: TaskBatch(PAIRS, 1, 0.0, num_tasks=2).commit_table([1, 2], 0.0), "route must be"),
        (lambda: FollowerVectorEnv(PAIRS, 2, "any"), "commitment must be"),
        (lambda: FollowerVectorEnv(PAIRS, 2, np.full(6, 2.0, dtype=np.float32)), "action must be"),
        (
            lambda: FollowerVectorEnv(PAIRS, 2, [Commitment.unthrottled(GAME, 1, 0.0)]),
            "commitment must be one for each",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(make: Any, complaint: str) -> None:
    with pytest.raises(ParameterError, match=complaint):
        make()


def test_episodes_begin_again_in_the_next_step_as_in_the_same() -> None:
    """What rows play between two beginnings is the same in either mode, contexts included."""
    told: dict[str, list[Any]] = {}
    for mode in ("SameStep", "NextStep"):
        env = FollowerVectorEnv(PAIRS, 1, "random", autoreset_mode=mode, information="history")
        seen, _ = env.reset(seed=3)
        told[mode], resting = [], False
        for _ in range(60):
            before = seen[0].tolist()
            seen, rewards, terminations, *_ = env.step(np.zeros(1, dtype=np.int64))
            if not resting:
                told[mode].append(log_of((before, rewards)))
            resting = mode == "NextStep" and bool(terminations[0])
    assert len(told["NextStep"]) > 30
    assert told["SameStep"][: len(told["NextStep"])] == told["NextStep"]
