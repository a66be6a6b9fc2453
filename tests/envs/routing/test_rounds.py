"""Rules of `routing_v0`: who moves when, what a round pays, how episodes end, and where the luck comes from."""

import copy
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from routing_episodes import (
    CASCADE,
    GAME,
    GOOD,
    HARD,
    OPTIONS,
    REASONING,
    STANDARD,
    TYPES,
    Policy,
    always,
    arguments,
    everyone,
    offer,
    play,
    rounds_of,
    seeing_the_model,
    stationary,
)

from routegame.envs import routing_v0
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment
from routegame.envs.game import Game, Information
from routegame.envs.routing.rounds import Commits
from routegame.envs.routing_v0 import ABANDON, RETRY, ActionError, RoutingEnv

# Statistics


def played_samples(env: RoutingEnv, action: np.ndarray, policy: Policy, num_tasks: int) -> dict[str, np.ndarray]:
    """Samples of each quantity of an outcome: one a task, of the provider's cost one an episode."""
    tasks, bills = [], []
    for seed in range(num_tasks // env.num_users):
        episode = play(env, action, policy, seed=seed)
        bills.append(-episode.total("provider") / env.num_users)
        for user in env.possible_agents[1:]:
            infos = [info for *_, info in episode.of(user)]
            latency, cost = (sum(info[key] for info in infos) for key in ("latency", "cost"))
            tasks.append((infos[-1]["solved"], latency, cost, episode.total(user)))
    names = ("solve_prob", "expected_latency", "expected_cost", "user_utility")
    per_task = zip(names, np.array(tasks, dtype=np.float64).T, strict=True)
    return dict(per_task) | {"provider_cost": np.array(bills)}


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize(
    ("game", "action", "abandon_prob", "options"),
    [
        (GAME, CASCADE, 0.2, {}),
        (GAME, CASCADE, 0.2, {"num_users": 1}),
        (GAME, STANDARD, 0.05, {}),
        (GAME, REASONING, 0.3, {}),
        (GAME, offer(0, 0.05), 0.0, {}),
        (GAME, offer(0, 0.7), 1.0, {}),
        (GAME, offer(0, 0.25, 0.5, 0.1), 0.2, {"throttling": True, "max_latency": (4, 9)}),
        (GAME, offer(1, 0, 0.5, 0.75), 0.1, {"throttling": True}),
        (GAME, CASCADE, (0.4, 0.1), {"information": "model"}),
        (Game(6.5, 9.9, (0.3, 0.1), (0.5, 2.5), (2, 1)), offer(0, 0.5), 0.25, {"information": "history"}),
    ],
)
def test_played_episodes_agree_with_the_closed_form(
    game: Game, action: np.ndarray, abandon_prob: float | tuple[float, float], options: dict[str, Any]
) -> None:
    options = {"num_users": 50} | options
    env = routing_v0.parallel_env(game, **options)
    if isinstance(abandon_prob, tuple):
        policy = seeing_the_model(abandon_prob)
    else:
        policy = stationary(abandon_prob)
    commitment = env.commitment_box.commitment(action)
    expected = outcome(
        game.with_latency(commitment.throttled_latency),
        commitment.route,
        commitment.cascade_prob,
        abandon_prob,
    )
    for name, sample in played_samples(env, action, policy, num_tasks=6000).items():
        standard_error = sample.std(ddof=1) / np.sqrt(sample.size)
        assert abs(sample.mean() - getattr(expected, name)) <= 4 * standard_error + 1e-9, name


# Step by step


def test_the_provider_moves_first_and_once() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    _, infos = env.reset(seed=0)
    assert infos["provider"]["commitment"] is None
    first = env.step({"provider": REASONING, "user_0": ABANDON, "user_1": RETRY})
    assert all(first[4][user]["passes"] == 1 and not first[4][user]["abandoned"] for user in ("user_0", "user_1"))
    second = env.step({"provider": offer(0, 1), "user_0": RETRY, "user_1": RETRY})
    for *_, step_infos in (first, second):
        assert step_infos["provider"]["commitment"] == Commitment.unthrottled(HARD, 2, 0)
        assert step_infos["user_0"]["model"] == 2


@pytest.mark.parametrize(("cascade_prob", "models"), [(0, [1, 1, 1]), (1, [1, 2, 2])])
def test_a_cascade_starts_with_the_first_retry(cascade_prob: float, models: list[int]) -> None:
    episode = play(routing_v0.parallel_env(HARD, max_passes=3), offer(0, cascade_prob), always(RETRY), seed=0)
    assert [info["model"] for *_, info in episode.of("user_0")] == models


def test_no_task_ever_comes_back_from_model_2() -> None:
    episode = play(routing_v0.parallel_env(HARD, num_users=40, max_passes=30), offer(0, 0.1), always(RETRY), seed=1)
    moved = 0
    for k in range(40):
        models = [info["model"] for *_, info in episode.of(f"user_{k}")]
        assert models == sorted(models)
        moved += len(set(models)) == 2
    assert 30 <= moved < 40


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_rewards_and_infos_add_up(information: Information) -> None:
    env = routing_v0.parallel_env(GAME, num_users=30, information=information, throttling=True, max_passes=12)
    episode = play(env, offer(0, 0.3, 0.2, 0.4), stationary(0.1), seed=3)
    users = env.possible_agents[1:]
    endings = {user: episode.of(user)[-1][4] for user in users}
    assert {e["solved"] for e in endings.values()} == {e["abandoned"] for e in endings.values()} == {True, False}
    commitment = episode.infos[-1]["provider"]["commitment"]
    passes = dict.fromkeys(users, 0)
    for _, rewards, _, _, infos in episode.steps:
        bill = abandonments = 0.0
        for user in set(users) & set(infos):
            info = infos[user]
            played = info["passes"] - passes[user]
            passes[user] = info["passes"]
            assert played == (0 if info["abandoned"] else 1)
            assert info["latency"] == played * commitment.throttled_latency[info["model"] - 1]
            assert info["cost"] == played * GAME.cost[info["model"] - 1]
            assert rewards[user] == 9 * info["solved"] - info["latency"]
            bill += info["cost"]
            abandonments += info["abandoned"]
        assert (infos["provider"]["cost"], infos["provider"]["abandonments"]) == (bill, abandonments)
        assert rewards["provider"] == -bill - 20 * abandonments


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
@pytest.mark.parametrize("throttling", [False, True])
def test_observations_show_what_the_user_may_know(information: Information, throttling: bool) -> None:
    env = routing_v0.parallel_env(GAME, num_users=20, information=information, throttling=throttling, max_passes=9)
    action = offer(0, 0.3, 0.2, 0.4)[: env.commitment_box.size]
    episode = play(env, action, stationary(0.02), seed=2)
    rule = env.commitment_box.commitment(action)
    public = np.array([1, 1, rule.cascade_prob, *rule.throttled_latency], dtype=np.float32)
    running = [*(len(step_infos) - 1 for step_infos in episode.infos[2:]), 0]
    np.testing.assert_array_equal(episode.seen[0]["provider"], [1, 1])
    for k in range(20):
        user = f"user_{k}"
        assert not episode.seen[0][user].any()
        failures, failed_model = 0, 0
        for seen, _, _, _, info in episode.of(user):
            if not info["solved"] and not info["abandoned"]:
                failures, failed_model = failures + 1, info["model"]
            extra = {"memoryless": [], "model": [failed_model], "history": [failures]}[information]
            np.testing.assert_array_equal(seen, [*public, *extra])
    for (seen, *_), left in zip(episode.of("provider"), running, strict=True):
        np.testing.assert_allclose(seen, [0, left / 20])
    for seen in episode.seen:
        assert all(env.observation_space(agent).contains(view) for agent, view in seen.items())


def test_observations_stay_in_their_spaces_at_the_extremes() -> None:
    env = routing_v0.parallel_env(
        HARD.with_latency((0.1, 0.7)),
        information="history",
        throttling=True,
        max_latency=(1 / 3, 0.7),
        max_passes=5,
    )
    episode = play(env, offer(1, 1, 1, 1), always(RETRY), seed=0)
    assert episode.seen[-1]["user_0"][-1] == 5
    assert all(env.observation_space("user_0").contains(seen["user_0"]) for seen in episode.seen)


def test_the_mask_leaves_no_choice_before_the_commitment() -> None:
    episode = play(routing_v0.parallel_env(HARD, num_users=2, max_passes=3), CASCADE, always(RETRY), seed=0)
    masks = [infos["user_0"]["action_mask"] for infos in episode.infos]
    assert [mask.tolist() for mask in masks] == [[1, 0], [1, 1], [1, 1], [1, 0]]
    assert all(mask.dtype == np.int8 for mask in masks)
    assert "action_mask" not in episode.infos[0]["provider"]


def test_infos_before_the_commitment() -> None:
    _, infos = routing_v0.parallel_env(GAME).reset()
    del infos["user_0"]["action_mask"]
    nothing = {"task": 0, "model": 0, "passes": 0, "solved": False, "abandoned": False, "latency": 0.0, "cost": 0.0}
    assert infos == {
        "provider": {"has_say": True, "commitment": None, "cost": 0.0, "abandonments": 0},
        "user_0": nothing,
    }


# Endings


def test_solved_and_abandoned_tasks_are_terminated_and_leave() -> None:
    env = routing_v0.parallel_env(GAME, num_users=30)
    episode = play(env, CASCADE, stationary(0.2), seed=4)
    for user in env.possible_agents[1:]:
        *before, (_, _, terminated, truncated, info) = episode.of(user)
        assert terminated and not truncated
        assert info["solved"] != info["abandoned"]
        assert not any(step[2] or step[3] or step[4]["solved"] or step[4]["abandoned"] for step in before)
    *before, (_, _, terminated, truncated, _) = episode.of("provider")
    assert terminated and not truncated
    assert not any(step[2] or step[3] for step in before)
    assert env.agents == []


def test_the_cap_truncates_and_never_terminates() -> None:
    episode = play(routing_v0.parallel_env(HARD, num_users=2, max_passes=4), STANDARD, always(RETRY), seed=0)
    assert len(episode.steps) == 4
    for agent in ("provider", "user_0", "user_1"):
        assert [step[2:4] for step in episode.of(agent)] == [(False, False)] * 3 + [(False, True)]
    assert episode.of("user_0")[-1][1] == -1.0
    assert episode.total("provider") == -8.0


def test_a_pass_that_solves_at_the_cap_terminates() -> None:
    sure = Game(9, 20, (1 - 1e-12, 1 - 1e-12), (1, 2), (1, 3))
    episode = play(routing_v0.parallel_env(sure, max_passes=1), STANDARD, always(RETRY), seed=0)
    for agent in ("provider", "user_0"):
        assert [step[2:4] for step in episode.of(agent)] == [(True, False)]


def test_one_task_cut_off_truncates_the_provider() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, max_passes=2)
    env.reset(seed=0)
    env.step({"provider": STANDARD, "user_0": RETRY, "user_1": RETRY})
    _, rewards, terminations, truncations, _ = env.step({"provider": STANDARD, "user_0": ABANDON, "user_1": RETRY})
    assert terminations == {"provider": False, "user_0": True, "user_1": False}
    assert truncations == {"provider": True, "user_0": False, "user_1": True}
    assert rewards == {"provider": -21.0, "user_0": 0.0, "user_1": -1.0}
    assert env.agents == []


def test_the_provider_stays_until_the_last_user_has_left() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    env.reset(seed=0)
    env.step({"provider": STANDARD, "user_0": RETRY, "user_1": RETRY})
    _, _, terminations, _, _ = env.step({"provider": STANDARD, "user_0": ABANDON, "user_1": RETRY})
    assert terminations == {"provider": False, "user_0": True, "user_1": False}
    assert env.agents == ["provider", "user_1"]
    seen, rewards, terminations, _, infos = env.step({"provider": STANDARD, "user_1": ABANDON})
    assert set(seen) == set(rewards) == set(infos) == {"provider", "user_1"}
    assert terminations == {"provider": True, "user_1": True}


@pytest.mark.parametrize("success_prob", [(0.1, 0.3), (0.3, 0.1), (0.5, 0.9), (1e-4, 0.5)])
def test_the_default_cap_is_the_least_that_almost_nobody_reaches(success_prob: tuple[float, float]) -> None:
    cap = routing_v0.parallel_env(Game(9, 20, success_prob, (1, 2), (1, 3))).max_passes
    unlucky = 1 - min(success_prob)
    assert unlucky**cap < 1e-6 <= unlucky ** (cap - 1)


def test_the_default_cap_stays_countable() -> None:
    assert routing_v0.parallel_env(Game(9, 20, (1e-300, 0.3), (1, 2), (1, 3))).max_passes == 2**24


# Randomness


@pytest.mark.parametrize("information", ["memoryless", "history"])
def test_the_same_seed_and_actions_give_the_same_episode(information: Information) -> None:
    episodes = [
        play(
            routing_v0.parallel_env(GAME, num_users=5, information=information),
            CASCADE,
            stationary(0.1),
            seed=9,
        )
        for _ in range(2)
    ]
    assert data_equivalence(episodes[0].steps, episodes[1].steps, exact=True)


def test_another_seed_gives_another_episode() -> None:
    env = routing_v0.parallel_env(GAME, num_users=20)
    lengths = [
        [len(play(env, STANDARD, always(RETRY), seed=seed).of(user)) for user in env.possible_agents[1:]]
        for seed in (0, 1)
    ]
    assert lengths[0] != lengths[1]
    assert len(set(lengths[0])) > 5


def test_resets_without_a_seed_go_on_from_the_last_seed() -> None:
    def lengths(env: RoutingEnv, seed: int | None) -> list[int]:
        episode = play(env, STANDARD, always(RETRY), seed=seed)
        return [len(episode.of(user)) for user in env.possible_agents[1:]]

    first, second = (routing_v0.parallel_env(GAME, num_users=10) for _ in range(2))
    lengths(second, None)
    runs = [[lengths(env, seed) for seed in (7, None, None)] for env in (first, second)]
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1] != runs[0][2]
    fresh = [lengths(routing_v0.parallel_env(GAME, num_users=10), None) for _ in range(2)]
    assert fresh[0] != fresh[1]


def test_a_users_luck_does_not_depend_on_the_number_of_users() -> None:
    few, many = (routing_v0.parallel_env(GAME, num_users=n) for n in (2, 7))
    for seed in (11, None):
        one, other = (play(env, CASCADE, always(RETRY), seed=seed) for env in (few, many))
        for user in ("user_0", "user_1"):
            assert data_equivalence(one.of(user), other.of(user), exact=True)
        assert not data_equivalence(one.of("user_0"), one.of("user_1"))


def test_the_same_seed_brings_the_same_luck_to_another_commitment() -> None:
    alike = Game(9, 20, (0.2, 0.2), (1, 2), (1, 3))
    env = routing_v0.parallel_env(alike, num_users=20)
    passes = [
        [len(play(env, action, always(RETRY), seed=1).of(user)) for user in env.possible_agents[1:]]
        for action in (STANDARD, CASCADE, REASONING)
    ]
    assert passes[0] == passes[1] == passes[2]


# Bad input


BAD_ACTIONS: list[tuple[str, dict[str, Any]]] = [
    ("provider", {"user_0": RETRY, "user_1": RETRY}),
    ("user_1", {"provider": CASCADE, "user_0": RETRY}),
    ("user_2", GOOD | {"user_2": RETRY}),
    ("provider", GOOD | {"provider": None}),
    ("provider", GOOD | {"provider": 1}),
    ("provider", GOOD | {"provider": offer(0, 0.5, 0.5, 0.5)}),
    ("provider", GOOD | {"provider": offer(0, np.nan)}),
    ("provider", GOOD | {"provider": offer(0, 1.01)}),
    ("provider", GOOD | {"provider": offer(-0.01, 0.5)}),
    ("user_1", GOOD | {"user_1": 2}),
    ("user_1", GOOD | {"user_1": -1}),
    ("user_1", GOOD | {"user_1": 0.0}),
    ("user_1", GOOD | {"user_1": np.array([1])}),
    ("user_1", GOOD | {"user_1": np.nan}),
    ("user_1", GOOD | {"user_1": None}),
]


@pytest.mark.parametrize("steps_before", [0, 1, 2])
@pytest.mark.parametrize(("agent", "actions"), BAD_ACTIONS)
def test_a_bad_action_is_named_and_changes_nothing(agent: str, actions: dict[str, Any], steps_before: int) -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    env.reset(seed=0)
    for _ in range(steps_before):
        env.step(GOOD)
    twin = copy.deepcopy(env)
    with pytest.raises(ActionError) as caught:
        env.step(actions)
    assert caught.value.agent == agent
    assert caught.value.action is actions.get(agent)
    assert agent in str(caught.value)
    if agent in env.agents:
        assert str(env.action_space(agent)) in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert env.agents == twin.agents
    for _ in range(3):
        assert data_equivalence(env.step(GOOD), twin.step(GOOD), exact=True)


def test_no_step_before_reset_or_after_the_end() -> None:
    env = routing_v0.parallel_env(HARD, max_passes=1)
    actions = {"provider": CASCADE, "user_0": RETRY}
    for attempt in (actions, {}):
        with pytest.raises(ActionError, match=r"reset\(\)"):
            env.step(attempt)
    env.reset(seed=0)
    env.step(actions)
    with pytest.raises(ActionError, match=r"reset\(\)"):
        env.step(actions)


def test_a_user_that_has_left_cannot_act() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    env.reset(seed=0)
    env.step(GOOD)
    env.step(GOOD | {"user_1": ABANDON})
    with pytest.raises(ActionError, match="user_1 must be left out"):
        env.step(GOOD)


@pytest.mark.parametrize("user_action", [1, True, np.int64(1), np.int8(1), np.array(1)])
@pytest.mark.parametrize("provider_action", [[1, 0], (1.0, 0.0), np.array([1.0, 0.0]), np.array([1, 0])])
def test_actions_of_other_number_types_are_understood(user_action: Any, provider_action: Any) -> None:
    env = routing_v0.parallel_env(HARD)
    env.reset(seed=0)
    *_, infos = env.step({"provider": provider_action, "user_0": user_action})
    assert infos["provider"]["commitment"] == Commitment.unthrottled(HARD, 2, 0)
    *_, infos = env.step({"provider": provider_action, "user_0": user_action})
    assert infos["user_0"]["abandoned"]


def test_what_is_returned_cannot_change_the_game() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    for _ in range(3):
        results = env.step(GOOD)
        twin.step(GOOD)
        for array in (results[0]["provider"], results[0]["user_0"], results[4]["user_0"]["action_mask"]):
            with pytest.raises(ValueError, match="read-only"):
                array += 1
        for values in results:
            values.clear()
    assert data_equivalence(env.step(GOOD), twin.step(GOOD), exact=True)


# Neighbours of the game


def test_users_of_several_tasks_play_them_one_after_another() -> None:
    env = routing_v0.parallel_env(GAME, num_users=2, num_tasks=3)
    played = rounds_of(env, lambda _: everyone(env, CASCADE, RETRY), 20)
    ended = 0
    for observations, _, terminations, truncations, infos in played:
        for user in set(infos) - {"provider"}:
            info = infos[user]
            ended += info["solved"]
            assert terminations[user] == (info["solved"] and info["task"] == 3)
            assert not truncations[user]
            waits = info["solved"] and info["task"] < 3
            assert observations[user].any() != waits, "nothing is seen before the next first pass"
            assert info["action_mask"].tolist() == [1, int(not info["solved"])]
    assert ended == 20 * 2 * 3


def test_a_new_first_pass_cannot_be_declined_either() -> None:
    env = routing_v0.parallel_env(Game(9, 20, (1 - 1e-9, 0.5), (1, 2), (1, 3)), num_tasks=4)
    played = rounds_of(env, lambda _: everyone(env, STANDARD, ABANDON), 1)
    assert [infos["user_0"]["solved"] for *_, infos in played] == [True] * 4


@pytest.mark.parametrize(("commits", "routes"), [("episode", [2, 2, 2]), ("task", [2, 1, 2])])
def test_the_provider_commits_for_the_episode_or_for_each_task(commits: Commits, routes: list[int]) -> None:
    env = routing_v0.parallel_env(HARD, num_tasks=3, commits=commits)
    _, infos = env.reset(seed=0)
    served, say = [], [infos["provider"]["has_say"]]
    for action in (REASONING, STANDARD, STANDARD, STANDARD, REASONING, STANDARD):  # each task fails, then is left
        seen, _, _, _, infos = env.step({"provider": action, "user_0": ABANDON})
        say.append(infos["provider"]["has_say"])
        if not infos["user_0"]["abandoned"]:
            served.append(infos["user_0"]["model"])
            assert seen["user_0"][1] == served[-1]
    assert served == routes
    assert say == [True, False, commits == "task", False, commits == "task", False, False]
    assert env.agents == []


def test_a_provider_that_never_commits_picks_every_pass() -> None:
    env = routing_v0.parallel_env(HARD, num_users=3, commits="never", information="history", throttling=True)
    assert env.action_space("provider").shape == (5,)
    _, infos = env.reset(seed=0)
    models = []
    for picks in ([0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]):
        seen, rewards, _, _, infos = env.step(everyone(env, offer(*picks, 0.5, 0), RETRY))
        models.append([infos[user]["model"] for user in env.possible_agents[1:]])
        assert infos["provider"]["commitment"] is None
        assert seen["user_1"].tolist() == [1, 0, 0, 0, 0, infos["user_1"]["passes"]], "the pick is not shown"
        for user, model in zip(env.possible_agents[1:], models[-1], strict=True):
            slowed = 1 + 0.5 * (env.commitment_box.max_latency[0] - 1)
            assert infos[user]["latency"] == -rewards[user] == (slowed if model == 1 else 2)
    assert models == [[1, 1, 2], [1, 2, 2], [2, 2, 2], [2, 2, 2]], "model 2 never hands back"
    assert seen["provider"].tolist() == [2, 4, 2, 4, 2, 4]
    assert not infos["provider"]["has_say"]


def test_grid_levels_stand_for_points_of_the_box() -> None:
    box = routing_v0.parallel_env(GAME, num_users=5, throttling=True)
    grid = routing_v0.parallel_env(GAME, num_users=5, throttling=True, grid=5)
    np.testing.assert_array_equal(grid.action_space("provider").nvec, [2, 5, 5, 5])
    one = play(box, offer(1, 0.25, 0, 1), always(RETRY), seed=1)
    other = play(grid, np.array([1, 1, 0, 4]), always(RETRY), seed=1)
    assert other.infos[0]["provider"].pop("action_mask")[1].tolist() == [1] * 5
    assert other.infos[1]["provider"].pop("action_mask")[1].tolist() == [1, 0, 0, 0, 0]
    for k in range(5):
        assert data_equivalence(one.of(f"user_{k}"), other.of(f"user_{k}"), exact=True)


@pytest.mark.parametrize("action", [[0.0, 0.0], [2, 0], [0, -1], [0, 5], [0], None, np.array([[0, 0]]), [True, False]])
def test_a_bad_level_is_refused(action: Any) -> None:
    env = routing_v0.parallel_env(GAME, grid=5)
    env.reset(seed=0)
    with pytest.raises(ActionError, match=r"action of provider must be in MultiDiscrete\(\[2 5\]\)"):
        env.step({"provider": action, "user_0": RETRY})


def test_types_of_users_play_their_own_games_under_one_commitment() -> None:
    env = routing_v0.parallel_env(TYPES, throttling=True)
    assert env.num_users == 3
    env.reset(seed=0)
    action = offer(0, 0.5, 0.5, 0)
    _, rewards, _, _, infos = env.step(everyone(env, action, RETRY))
    for k, (commitment, box) in enumerate(zip(infos["provider"]["commitment"], env.commitment_boxes, strict=True)):
        assert commitment == box.commitment(action)
        assert box.game == TYPES.single(k)
        info = infos[f"user_{k}"]
        assert info["latency"] == commitment.throttled_latency[0]
        assert rewards[f"user_{k}"] == TYPES.task_value[k] * info["solved"] - info["latency"]
    left = [k for k in range(3) if f"user_{k}" in env.agents]
    _, rewards, *_ = env.step(everyone(env, action, ABANDON))
    assert rewards["provider"] == -sum(TYPES.churn_penalty[left])


def test_time_runs_out_for_everyone_who_still_plays() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, num_tasks=2, max_cycles=3)
    env.reset(seed=0)
    env.step(GOOD)
    env.step(GOOD | {"user_1": ABANDON})
    _, _, terminations, truncations, _ = env.step(GOOD)
    assert terminations == dict.fromkeys(env.possible_agents, False)
    assert truncations == dict.fromkeys(env.possible_agents, True)
    assert env.agents == []


def test_an_ending_in_the_last_round_is_an_ending() -> None:
    env = routing_v0.parallel_env(HARD, max_cycles=2)
    env.reset(seed=0)
    env.step({"provider": STANDARD, "user_0": RETRY})
    _, _, terminations, truncations, _ = env.step({"provider": STANDARD, "user_0": ABANDON})
    assert terminations == {"provider": True, "user_0": True}
    assert truncations == {"provider": False, "user_0": False}


# The short way through the commonest round


@pytest.mark.parametrize(
    "options", [{}, {"num_tasks": 3}, {"max_passes": 3}, {"max_cycles": 7}, {"retry_multiplier": 0.3}]
)
def test_the_short_way_leads_where_the_general_one_does(options: dict[str, Any]) -> None:
    """np.int64 answers go the general way, plain integers the short one: every result is the same."""
    short, general = (routing_v0.parallel_env(GAME, **options) for _ in range(2))
    rng, seed = np.random.default_rng(0), 0
    for _ in range(60):
        assert data_equivalence(short.reset(seed=seed), general.reset(seed=seed), exact=True)
        seed = None
        while short.agents:
            answer = int(rng.random() < 0.05)
            results = short.step({"provider": CASCADE, "user_0": answer})
            others = general.step({"provider": CASCADE, "user_0": np.int64(answer)})
            assert data_equivalence(results, others, exact=True)
            assert short.agents == general.agents
            np.testing.assert_array_equal(short.state(), general.state())


class Counting(RoutingEnv):
    """Counts the rounds that go the general way."""

    general_rounds = 0

    def play(self, actions: Any) -> Any:
        self.general_rounds += 1
        return super().play(actions)


SHORT: dict[str, list[Any]] = {"commits": ["episode", "task"], "information": ["memoryless"], "grid": [None]}
"""Of the options, the values with which there may be rounds that go the short way."""


def test_the_short_way_is_the_plain_rule_in_whatever_setting() -> None:
    rng = np.random.default_rng(0)
    steps = general_rounds = 0
    for _ in range(30):
        drawn = {name: values[rng.integers(len(values))] for name, values in (OPTIONS | SHORT).items()}
        options = arguments(drawn | {"render_mode": None, "types": drawn["types"] and drawn["num_users"] > 1})
        short, plain = Counting(**options), RoutingEnv(**options)
        space = short.action_space("provider")
        space.seed(int(rng.integers(1000)))
        for seed in (3, None, None):
            assert data_equivalence(short.reset(seed=seed), plain.reset(seed=seed), exact=True)
            action = space.sample()
            while short.agents:
                action = space.sample() if rng.random() < 0.1 else action.copy()
                actions = {agent: int(rng.random() < 0.1) for agent in short.agents} | {"provider": action}
                assert data_equivalence(short.step(actions), plain.play(actions), exact=True), options
                assert short.agents == plain.agents
                np.testing.assert_array_equal(short.state(), plain.state())
                steps += 1
        general_rounds += short.general_rounds
    assert steps - general_rounds > 100


@pytest.mark.parametrize(
    "options",
    [
        {"num_users": 4},
        {"num_users": 3, "num_tasks": 3, "max_passes": 3},
        {"num_users": 3, "num_tasks": 2, "max_cycles": 4},
        {"game": TYPES, "throttling": True, "retry_multiplier": (0.5, 2.0)},
        {"num_users": 2, "order": "free", "num_tasks": 2},
    ],
)
def test_commitments_and_answers_at_random_go_a_shorter_way_to_the_same(options: dict[str, Any]) -> None:
    """None of these rounds is one that `play` plays, and all of them are as it plays them."""
    options = {"game": GAME} | options
    short, plain, rng = Counting(**options), RoutingEnv(**options), np.random.default_rng(1)
    kinds: list[Any] = [int, np.int64, bool]
    for seed in (5, *[None] * 30):
        assert data_equivalence(short.reset(seed=seed), plain.reset(seed=seed), exact=True)
        action = rng.random(short.action_space("provider").shape).astype(np.float32)
        while short.agents:
            actions = {agent: kinds[rng.integers(3)](rng.random() < 0.4) for agent in short.agents}
            actions["provider"] = action
            assert data_equivalence(short.step(actions), plain.play(actions), exact=True)
            assert short.agents == plain.agents
            assert np.array_equal(short.state(), plain.state())
    assert short.general_rounds == 0


@pytest.mark.parametrize(
    ("agent", "actions"),
    [
        ("provider", {"provider": offer(0, np.nan), "user_0": RETRY}),
        ("provider", {"provider": offer(0, 0.25)[None], "user_0": RETRY}),
        ("provider", {"user_0": RETRY, "user_1": RETRY}),
        ("user_0", {"provider": CASCADE, "user_1": RETRY}),
        ("user_0", {"provider": CASCADE, "user_0": 0.0}),
        ("user_1", {"provider": CASCADE, "user_0": RETRY, "user_1": RETRY}),
    ],
)
def test_the_short_way_lets_nothing_through_that_the_general_one_refuses(agent: str, actions: dict[str, Any]) -> None:
    env = routing_v0.parallel_env(HARD)
    env.reset(seed=0)
    for _ in range(2):
        env.step({"provider": CASCADE, "user_0": RETRY})
    before = env.state()
    with pytest.raises(ActionError) as caught:
        env.step(actions)
    assert caught.value.agent == agent
    np.testing.assert_array_equal(env.state(), before)
