import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

from routegame.envs import routing_v0
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment
from routegame.envs.game import Game, Information, ParameterError
from routegame.envs.routing_v0 import ABANDON, RETRY, ActionError, RoutingEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
HARD = Game(9, 20, (1e-5, 2e-5), (1, 2), (1, 3))
BATCH = Game(np.array([9.0, 10.0]), 20, (0.1, 0.3), (1, 2), (1, 3))

Policy = Callable[[np.ndarray], int]
Played = tuple[dict[str, Any], ...]


def offer(*coordinates: float) -> np.ndarray:
    return np.array(coordinates, dtype=np.float32)


STANDARD, REASONING, CASCADE = offer(0, 0), offer(1, 0), offer(0, 0.25)


def stationary(abandon_prob: float, seed: int = 0) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda observation: ABANDON if rng.random() < abandon_prob else RETRY


def seeing_the_model(abandon_probs: tuple[float, float], seed: int = 0) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda seen: ABANDON if rng.random() < (0, *abandon_probs)[int(seen[-1])] else RETRY


def always(action: int) -> Policy:
    return lambda observation: action


@dataclass
class Episode:
    """What happened in one episode, step by step; `seen` starts with what `reset` returned."""

    seen: list[dict[str, np.ndarray]]
    infos: list[dict[str, dict[str, Any]]]
    steps: list[Played] = field(default_factory=list)

    def of(self, agent: str) -> list[tuple[Any, ...]]:
        """Observation, reward, termination, truncation and info of each step that `agent` played."""
        return [tuple(part[agent] for part in step) for step in self.steps if agent in step[0]]

    def total(self, agent: str) -> float:
        return float(sum(reward for _, reward, *_ in self.of(agent)))


def play(env: RoutingEnv, action: np.ndarray, policy: Policy, seed: int | None = None) -> Episode:
    seen, infos = env.reset(seed=seed)
    episode = Episode([seen], [infos])
    while env.agents:
        actions = {agent: policy(seen[agent]) if agent != "provider" else action for agent in env.agents}
        step = env.step(actions)
        seen = step[0]
        episode.seen.append(seen)
        episode.infos.append(step[4])
        episode.steps.append(step)
    return episode


# PettingZoo's own tests


SURPRISES = (
    "ignore:We recommend agents to be named in the format:UserWarning",  # `provider` has no number
    "ignore:Agents have different observation space sizes:UserWarning",  # the provider sees less
    "ignore:Observations are different shapes:UserWarning",
    "ignore:Observation numpy array is all zeros:UserWarning",  # users before the commitment
)


def surprising(test: Callable[..., None]) -> Callable[..., None]:
    for warning in SURPRISES:
        test = pytest.mark.filterwarnings(warning)(test)
    return test


VARIANTS = pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_users": 3, "information": "model", "throttling": True},
        {"num_users": 2, "information": "history", "max_passes": 2},
    ],
    ids=["plain", "throttled", "capped"],
)


@VARIANTS
def test_pettingzoo_parallel_api(options: dict[str, Any]) -> None:
    parallel_api_test(routing_v0.parallel_env(GAME, **options))


@VARIANTS
def test_pettingzoo_parallel_seed(options: dict[str, Any]) -> None:
    parallel_seed_test(lambda: routing_v0.parallel_env(GAME, **options))


@surprising
@VARIANTS
def test_pettingzoo_api(options: dict[str, Any]) -> None:
    api_test(routing_v0.env(GAME, **options), num_cycles=50)


@VARIANTS
def test_pettingzoo_seed(options: dict[str, Any]) -> None:
    seed_test(lambda: routing_v0.env(GAME, **options))


def test_agents_in_turn_play_the_same_episode_as_agents_at_once() -> None:
    at_once = play(routing_v0.parallel_env(GAME, num_users=3), CASCADE, always(RETRY), seed=5)
    env = routing_v0.env(GAME, num_users=3)
    env.reset(seed=5)
    totals = dict.fromkeys(env.possible_agents, 0.0)
    for agent in env.agent_iter():
        _, reward, terminated, truncated, _ = env.last()
        totals[agent] += reward
        env.step(None if terminated or truncated else CASCADE if agent == "provider" else RETRY)
    assert totals == {agent: at_once.total(agent) for agent in totals}


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


# The rules, step by step


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
    np.testing.assert_array_equal(episode.seen[0]["provider"], [0, 1])
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
        np.testing.assert_allclose(seen, [1, left / 20])
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
    assert [mask.tolist() for mask in masks] == [[1, 0], [1, 1], [1, 1], [1, 1]]
    assert all(mask.dtype == np.int8 for mask in masks)
    assert "action_mask" not in episode.infos[0]["provider"]


def test_infos_before_the_commitment() -> None:
    _, infos = routing_v0.parallel_env(GAME).reset()
    del infos["user_0"]["action_mask"]
    nothing = {"model": 0, "passes": 0, "solved": False, "abandoned": False, "latency": 0.0, "cost": 0.0}
    assert infos == {
        "provider": {"commitment": None, "cost": 0.0, "abandonments": 0},
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


@pytest.mark.parametrize(
    ("parameter", "arguments"),
    [
        ("game", {"game": BATCH}),
        ("num_users", {"num_users": 0}),
        ("num_users", {"num_users": 1.5}),
        ("num_users", {"num_users": True}),
        ("num_users", {"num_users": None}),
        ("information", {"information": "everything"}),
        ("information", {"information": None}),
        ("max_latency", {"max_latency": (5, 5)}),
        ("max_latency[1]", {"throttling": True, "max_latency": (5, 1)}),
        ("max_latency", {"throttling": True, "max_latency": 5}),
        ("max_passes", {"max_passes": 0}),
        ("max_passes", {"max_passes": 2.0}),
        ("max_passes", {"max_passes": 2**24 + 1}),
        ("render_mode", {"render_mode": "human"}),
        ("latency", {"game": GAME.with_latency((1, 1e39))}),
    ],
)
@pytest.mark.parametrize("make", [routing_v0.parallel_env, routing_v0.env])
def test_a_bad_argument_is_named(make: Callable[..., object], parameter: str, arguments: dict[str, object]) -> None:
    with pytest.raises(ParameterError) as caught:
        make(**({"game": GAME} | arguments))
    assert caught.value.parameter == parameter


GOOD: dict[str, Any] = {"provider": CASCADE, "user_0": RETRY, "user_1": RETRY}
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
    for attempt in (actions, {}):
        with pytest.raises(ActionError, match=r"reset\(\)"):
            env.step(attempt)


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


def test_an_action_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ActionError("user_0", "in Discrete(2)", 7)))
    assert str(error) == "action of user_0 must be in Discrete(2), got 7"


# The rest of the interface


def test_spaces_are_kept_for_each_agent() -> None:
    env = routing_v0.parallel_env(GAME, num_users=2, throttling=True, information="history", max_passes=50)
    agents = env.possible_agents
    assert agents == ["provider", "user_0", "user_1"]
    for space in (env.action_space, env.observation_space):
        assert all(space(agent) is space(agent) for agent in agents)
        assert len({id(space(agent)) for agent in agents}) == 3
    assert env.action_space("provider").shape == (4,)
    np.testing.assert_allclose(env.observation_space("user_1").high, [1, 2, 1, 1.8, 5.4, 50])


def test_what_is_returned_can_be_changed_without_changing_the_game() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2)
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    seen, _, _, _, infos = env.step(GOOD)
    twin.step(GOOD)
    for agent in ("provider", "user_0"):
        seen[agent] += 1
    infos["user_0"]["action_mask"][:] = 0
    assert data_equivalence(env.step(GOOD), twin.step(GOOD), exact=True)


def test_render_gives_one_line_a_user() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, max_passes=2, render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == "user_0: waiting for the commitment\nuser_1: waiting for the commitment"
    env.step(GOOD | {"provider": REASONING})
    assert env.render() == (
        "user_0: running after 1 pass, last on model 2\nuser_1: running after 1 pass, last on model 2"
    )
    env.step(GOOD | {"user_1": ABANDON})
    assert env.render() == "user_0: cut off after 2 passes, last on model 2\nuser_1: abandoned after 1 pass"
    assert routing_v0.parallel_env(HARD).render() is None


def test_metadata() -> None:
    env = routing_v0.parallel_env(GAME)
    assert str(env) == "routing_v0"
    assert env.metadata["render_modes"] == ["ansi"]
    assert env.metadata["is_parallelizable"] is True


def test_a_task_cascades_and_succeeds_as_often_as_it_should() -> None:
    game, rng, num_tasks = Game(9, 20, (0.4, 0.7), (1, 2), (1, 3)), np.random.default_rng(0), 20_000
    tasks = [Task(game, 10, rng) for _ in range(num_tasks)]
    for task in tasks:
        task.begin(Commitment.unthrottled(game, 1, 0.25))
    retried = [task for task in tasks if task.running]
    for task in retried:
        task.retry()
    moved = [task for task in retried if task.model == 2]
    solved = [task for task in moved if task.solved]
    for part, whole, prob in ((retried, tasks, 0.6), (moved, retried, 0.25), (solved, moved, 0.7)):
        assert abs(len(part) - prob * len(whole)) <= 4 * np.sqrt(prob * (1 - prob) * len(whole))


def test_a_task_runs_between_its_commitment_and_its_end() -> None:
    task = Task(HARD, max_passes=2, rng=np.random.default_rng(0))
    assert not task.running
    task.begin(Commitment.unthrottled(HARD, 1, 1))
    assert (task.running, task.model, task.failures) == (True, 1, 1)
    task.answer(RETRY)
    assert (task.running, task.cut_off, task.ended) == (False, True, False)
    assert (task.model, task.failed_model, task.passes) == (2, 2, 2)
