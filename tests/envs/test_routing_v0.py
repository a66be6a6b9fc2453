import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import routing_options
from gymnasium.utils.env_checker import data_equivalence
from pairwise import pairwise
from pettingzoo.test import (
    api_test,
    max_cycles_test,
    parallel_api_test,
    parallel_seed_test,
    render_test,
    seed_test,
    state_test,
)

from routegame.envs import routing_v0
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.game import Game, Information
from routegame.envs.render.scene import as_text
from routegame.envs.routing.rounds import Commits
from routegame.envs.routing_v0 import ABANDON, RETRY, ActionError, RoutingEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
HARD = Game(9, 20, (1e-5, 2e-5), (1, 2), (1, 3))
TYPES = Game(np.array([9.0, 10.0, 4.0]), np.array([20, 5, 1]), (0.1, 0.3), (np.array([1, 2, 0.5]), 2), (1, 3))

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
    "ignore:Agents have different action space sizes:UserWarning",
    "ignore:Observations are different shapes:UserWarning",
    "ignore:Action space for each agent probably should be:UserWarning",  # MultiDiscrete
    "ignore:Observation numpy array is all zeros:UserWarning",  # users before the commitment
)


def surprising(test: Callable[..., None]) -> Callable[..., None]:
    for warning in SURPRISES:
        test = pytest.mark.filterwarnings(warning)(test)
    return test


OPTIONS = {"types": [False, True], "num_users": [1, 3], **routing_options.EACH}


def possible(options: dict[str, Any]) -> bool:
    """Types of users need several."""
    return routing_options.possible(options) and (options["num_users"] > 1 or not options["types"])


def arguments(options: dict[str, Any]) -> dict[str, Any]:
    game = TYPES if options["types"] else GAME
    return {"game": game, **{name: value for name, value in options.items() if name != "types"}}


COMBINATIONS = [arguments(options) for options in pairwise(OPTIONS, possible)]
VARIANTS = pytest.mark.parametrize("options", COMBINATIONS, ids=range(len(COMBINATIONS)))


@VARIANTS
def test_pettingzoo_parallel_api(options: dict[str, Any]) -> None:
    parallel_api_test(routing_v0.parallel_env(**options), num_cycles=60)


@VARIANTS
def test_pettingzoo_parallel_seed(options: dict[str, Any]) -> None:
    parallel_seed_test(lambda: routing_v0.parallel_env(**options), num_cycles=20)


@surprising
@VARIANTS
def test_pettingzoo_api(options: dict[str, Any]) -> None:
    api_test(routing_v0.env(**options), num_cycles=30)


@VARIANTS
def test_pettingzoo_seed(options: dict[str, Any]) -> None:
    seed_test(lambda: routing_v0.env(**options), num_cycles=20)


@VARIANTS
def test_pettingzoo_state(options: dict[str, Any]) -> None:
    state_test(routing_v0.env(**options), routing_v0.parallel_env(**options), num_cycles=20)


@VARIANTS
def test_pettingzoo_render(options: dict[str, Any]) -> None:
    render_test(lambda render_mode: routing_v0.env(**options | {"render_mode": drawable(render_mode)}))


def drawable(render_mode: str) -> str | None:
    """PettingZoo's render test begins with a mode that it does not look at, and that nobody promised."""
    return None if render_mode == "human" else render_mode


@VARIANTS
def test_pettingzoo_max_cycles(options: dict[str, Any]) -> None:
    class Capped:
        """Users with so many tasks, and tasks so hard, that the cap is all that ends an episode."""

        @staticmethod
        def make(environment: Callable[..., Any], max_cycles: int) -> Any:
            lasting = {"num_tasks": 1000, "max_passes": None, "max_cycles": max_cycles}
            return environment(**options | lasting)

        env = staticmethod(lambda max_cycles: Capped.make(routing_v0.env, max_cycles))
        parallel_env = staticmethod(lambda max_cycles: Capped.make(routing_v0.parallel_env, max_cycles))

    max_cycles_test(Capped)


@VARIANTS
def test_both_interfaces_replay_the_same_episode(options: dict[str, Any]) -> None:
    """Actions sampled for one are given to the other, three episodes in a row: all that comes back is equal."""
    at_once, in_turn = routing_v0.parallel_env(**options), routing_v0.env(**options)
    for k, agent in enumerate(at_once.possible_agents):
        at_once.action_space(agent).seed(k)
    for seed in (4, None, None):
        seen, infos = at_once.reset(seed=seed)
        in_turn.reset(seed=seed)
        assert data_equivalence(infos, in_turn.infos, exact=True)
        assert data_equivalence(seen, {agent: in_turn.observe(agent) for agent in in_turn.agents}, exact=True)
        while at_once.agents:
            actions = {agent: at_once.action_space(agent).sample() for agent in at_once.agents}
            results = at_once.step(actions)
            for agent in actions:
                assert in_turn.agent_selection == agent
                in_turn.step(actions[agent])
            played = tuple(
                {agent: values[agent] for agent in actions}
                for values in (
                    {agent: in_turn.observe(agent) for agent in in_turn.agents},
                    in_turn.rewards,
                    in_turn.terminations,
                    in_turn.truncations,
                    in_turn.infos,
                )
            )
            assert data_equivalence(results, played, exact=True)
            np.testing.assert_array_equal(at_once.state(), in_turn.state())
            while in_turn.agents and (
                in_turn.terminations[in_turn.agent_selection] or in_turn.truncations[in_turn.agent_selection]
            ):
                in_turn.step(None)
        assert in_turn.agents == []


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


@pytest.mark.parametrize(
    ("parameter", "arguments"),
    [
        ("game", {"game": 3}),
        ("scenario", {"game": "no such game"}),
        ("game", {"game": Game(np.ones((2, 2)), 20, (0.1, 0.3), (1, 2), (1, 3))}),
        ("num_users", {"game": TYPES, "num_users": 2}),
        ("num_users", {"num_users": 0}),
        ("num_users", {"num_users": 1.5}),
        ("num_users", {"num_users": True}),
        ("num_tasks", {"num_tasks": 0}),
        ("commits", {"commits": "always"}),
        ("sight", {"sight": "dim"}),
        ("sight", {"sight": "hidden", "commits": "never"}),
        ("noise", {"noise": 0.1}),
        ("noise", {"noise": 0.1, "sight": "hidden"}),
        ("noise", {"noise": 0.0, "sight": "noisy"}),
        ("noise", {"noise": np.inf, "sight": "noisy"}),
        ("grid", {"grid": 1}),
        ("retry_multiplier[0]", {"retry_multiplier": -1}),
        ("retry_multiplier[1]", {"retry_multiplier": (1, np.nan)}),
        ("retry_multiplier", {"retry_multiplier": (1, 1, 1)}),
        ("difficulty", {"difficulty": 0}),
        ("max_cycles", {"max_cycles": 0}),
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


def test_render_gives_the_scene_as_text_or_as_a_picture() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, max_passes=2, render_mode="ansi")
    env.reset(seed=0)
    before = env.render()
    env.step(GOOD)
    assert env.render() == as_text(env.scene()) != before
    env = routing_v0.parallel_env(HARD, render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert isinstance(picture, np.ndarray)
    assert picture.dtype == np.uint8
    env = routing_v0.parallel_env(HARD)
    assert env.render() is None
    with pytest.raises(ParameterError, match="render_mode must be given"):
        env.scene()


@pytest.mark.parametrize("commits", ["episode", "task", "never"])
def test_a_scene_adds_up(commits: Commits) -> None:
    env = routing_v0.parallel_env(TYPES, num_tasks=4, commits=commits, render_mode="ansi", max_passes=30)
    size = env.action_space("provider").shape[0]
    rewards, waited = dict.fromkeys(env.possible_agents, 0.0), dict.fromkeys(env.possible_agents, 0.0)
    ended, handed_over, models = np.zeros(3, dtype=int), 0, dict.fromkeys(env.possible_agents, 0)
    env.reset(seed=3)
    answers = np.random.default_rng(0)
    while env.agents:
        actions: dict[str, Any] = {agent: int(answers.random() < 0.15) for agent in env.agents}
        _, paid, _, truncations, infos = env.step(actions | {"provider": np.full(size, 0.4)})
        scene = env.scene()
        for agent, reward in paid.items():
            rewards[agent] += reward
        moved = 0
        for user, info in infos.items():
            if user == "provider":
                continue
            waited[user] += info["latency"]
            ended += [info["solved"], info["abandoned"], truncations[user]]
            if info["passes"] > 1 and (models[user], info["model"]) == (1, 2):
                moved += 1
            models[user] = info["model"]
        assert sum(user.handed_over for user in scene.users) == moved
        handed_over += moved
        assert scene.tally == tuple(ended)
        assert -rewards["provider"] == pytest.approx(scene.compute + scene.churn)
        for user, name in zip(scene.users, env.possible_agents[1:], strict=True):
            assert (user.waited, user.utility) == pytest.approx((waited[name], rewards[name]))
            assert user.clock <= user.waited
            assert user.finished == (name not in env.agents)
    assert ended[0] > 0 < ended[1]
    assert (handed_over > 0) == (commits != "never")


def test_metadata() -> None:
    env = routing_v0.parallel_env(GAME)
    assert str(env) == "routing_v0"
    assert env.metadata["render_modes"] == ["ansi", "rgb_array"]
    assert env.metadata["is_parallelizable"] is True


# Neighbours of the game


def rounds_of(
    env: RoutingEnv, actions: Callable[[dict[str, np.ndarray]], dict[str, Any]], episodes: int
) -> list[Played]:
    """Play episodes from seed 0 and return every round's results."""
    played, seed = [], 0
    for _ in range(episodes):
        seen, _ = env.reset(seed=seed)
        seed = None
        while env.agents:
            played.append(env.step(actions(seen) if env.agents else {}))
            seen = played[-1][0]
    return played


def everyone(env: RoutingEnv, action: np.ndarray, answer: int) -> dict[str, Any]:
    return {agent: action if agent == "provider" else answer for agent in env.agents}


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


def test_hidden_commitments_are_not_seen() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, sight="hidden", information="model", throttling=True)
    played = rounds_of(env, lambda _: everyone(env, offer(0, 0.25, 0.5, 0.5), int(env._round == 4)), 1)
    for observations, *_, infos in played:
        if not infos["user_0"]["abandoned"]:
            assert observations["user_0"].tolist() == [1, 0, 0, 0, 0, infos["user_0"]["model"]]


def test_noise_blurs_what_is_seen_and_not_what_is_done() -> None:
    noise, num_users = 0.2, 4000
    hopeless = Game(9, 20, (1e-9, 1e-9), (1, 2), (1, 3))
    env = routing_v0.parallel_env(
        hopeless, num_users=num_users, sight="noisy", noise=noise, throttling=True, max_latency=(3, 5)
    )
    env.reset(seed=0)
    action = offer(0, 0.5, 0.5, 0.25)
    seen, _, _, _, infos = env.step(everyone(env, action, RETRY))
    again, *_ = env.step(everyone(env, action, RETRY))
    users = env.possible_agents[1:]
    views = np.array([seen[user] for user in users])
    np.testing.assert_array_equal(views, [again[user] for user in users])
    assert infos["provider"]["commitment"] == env.commitment_box.commitment(action)
    assert {infos[user]["model"] for user in users} == {1}
    slowest = env.commitment_box.max_latency
    shares = np.stack([views[:, 2], (views[:, 3] - 1) / (slowest[0] - 1), (views[:, 4] - 2) / (slowest[1] - 2)])
    error = 4 * noise / np.sqrt(num_users)
    for share, centre in zip(shares[:2], (0.5, 0.5), strict=True):
        assert abs(share.mean() - centre) < error
        assert abs(share.std() - noise) < error
    assert abs((shares[2] == 0).mean() - NormalDist().cdf(-0.25 / noise)) < 4 * 0.5 / np.sqrt(num_users)
    flipped = NormalDist().cdf(-0.5 / noise)
    assert abs((views[:, 1] == 2).mean() - flipped) < 4 * np.sqrt(flipped / num_users)
    assert abs(np.corrcoef(shares[0], shares[1])[0, 1]) < 4 / np.sqrt(num_users)


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


def test_retries_succeed_by_their_own_odds() -> None:
    game, num_users = Game(9, 20, (0.4, 0.3), (1, 2), (1, 3)), 6_000
    env = routing_v0.parallel_env(game, num_users=num_users, retry_multiplier=(0.5, 3.0), max_passes=3)
    env.reset(seed=0)
    solved: dict[tuple[int, int, bool], list[bool]] = {}
    before: dict[str, int] = {}
    while env.agents:
        *_, infos = env.step(everyone(env, offer(0, 0.5), RETRY))
        for user in set(infos) - {"provider"}:
            info = infos[user]
            kind = (info["passes"], info["model"], before.get(user) == info["model"])
            solved.setdefault(kind, []).append(info["solved"])
            before[user] = info["model"]
    odds = {(1, False): 0.4, (1, True): 0.2, (2, False): 0.3, (2, True): 0.9}
    assert len(solved) == 6
    for (_, model, again), outcomes in solved.items():
        p = odds[model, again]
        assert abs(np.mean(outcomes) - p) < 4 * np.sqrt(p * (1 - p) / len(outcomes))


def test_failures_tell_of_difficult_tasks() -> None:
    """Under Beta(ν p, ν (1 − p)) a first pass succeeds with p, a second one after n failures with ν p / (ν + n)."""
    p, nu, num_users = 0.4, 2.0, 4000
    env = routing_v0.parallel_env(Game(9, 20, (p, p), (1, 2), (1, 3)), num_users=num_users, difficulty=nu, max_passes=4)
    env.reset(seed=0)
    for failures in range(4):
        *_, infos = env.step(everyone(env, offer(0, 0.5), RETRY))
        outcomes = [info["solved"] for agent, info in infos.items() if agent != "provider"]
        expected = nu * p / (nu + failures)
        assert abs(np.mean(outcomes) - expected) < 4 * np.sqrt(expected * (1 - expected) / len(outcomes))


def test_each_task_has_a_difficulty_of_its_own() -> None:
    env = routing_v0.parallel_env(Game(9, 20, (0.4, 0.4), (1, 2), (1, 3)), num_tasks=300, difficulty=0.01)
    played = rounds_of(env, lambda _: everyone(env, STANDARD, ABANDON), 1)
    first = [infos["user_0"]["solved"] for *_, infos in played if infos["user_0"]["latency"]]
    assert len(first) == 300
    assert abs(np.mean(first) - 0.4) < 4 * np.sqrt(0.24 / 300), "tasks are nearly all easy or hopeless, each by itself"


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


# One agent at a time


@pytest.mark.parametrize(
    ("agent", "action"),
    [("provider", offer(0, np.nan)), ("provider", None), ("user_0", 2), ("user_1", 0.5), ("user_1", None)],
)
def test_a_bad_action_is_refused_at_once(agent: str, action: Any) -> None:
    env = routing_v0.env(HARD, num_users=2)
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    while env.agent_selection != agent:
        for one in (env, twin):
            one.step(GOOD[one.agent_selection])
    with pytest.raises(ActionError) as caught:
        env.step(action)
    assert (caught.value.agent, caught.value.action) == (agent, action)
    assert str(env.action_space(agent)) in str(caught.value)
    for _ in range(7):
        assert env.agent_selection == twin.agent_selection
        assert data_equivalence(env.last(), twin.last(), exact=True)
        for one in (env, twin):
            one.step(GOOD[one.agent_selection])


def test_an_agent_whose_episode_is_over_can_only_go() -> None:
    env = routing_v0.env(HARD, num_users=2)
    env.reset(seed=0)
    for action in (CASCADE, RETRY, RETRY, CASCADE, RETRY, ABANDON):
        env.step(action)
    assert (env.agent_selection, env.last()[2]) == ("user_1", True)
    with pytest.raises(ActionError, match="user_1 must be None"):
        env.step(RETRY)
    env.step(None)
    assert (env.agents, env.agent_selection) == (["provider", "user_0"], "provider")
    with pytest.raises(ActionError, match=r"reset\(\)"):
        routing_v0.env(HARD).step(CASCADE)
