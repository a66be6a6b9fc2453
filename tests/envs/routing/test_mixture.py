"""Tasks that differ in `routing_v0`: chance, what everyone sees, what binds whom, and what it costs in the end."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from known_mixes import MIXES, solved
from mix_worlds import MENUS, NOISY, PAIRS, WORLDS, copies_of
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test, state_test
from routing_episodes import GAME, MENU, always, play, stationary
from told import log_of

from routegame import ParameterError, TaskMix, solve_mix
from routegame.envs import FollowerEnv, LeaderEnv, MixGame, routing_v0
from routegame.envs.commitment import Commitment
from routegame.envs.routing_v0 import RETRY

SURPRISES = (
    "ignore:We recommend agents to be named in the format:UserWarning",
    "ignore:Agents have different observation space sizes:UserWarning",
    "ignore:Agents have different action space sizes:UserWarning",
    "ignore:Observations are different shapes:UserWarning",
    "ignore:Action space for each agent probably should be:UserWarning",
    "ignore:Observation numpy array is all zeros:UserWarning",
)


@pytest.mark.parametrize("options", WORLDS, ids=range(len(WORLDS)))
def test_pettingzoo_is_content(options: dict[str, Any], recwarn: pytest.WarningsRecorder) -> None:
    parallel_api_test(routing_v0.parallel_env(**options), num_cycles=30)
    parallel_seed_test(lambda: routing_v0.parallel_env(**options), num_cycles=10)
    api_test(routing_v0.env(**options), num_cycles=15)
    seed_test(lambda: routing_v0.env(**options), num_cycles=10)
    state_test(routing_v0.env(**options), routing_v0.parallel_env(**options), num_cycles=10)


for warning in SURPRISES:
    test_pettingzoo_is_content = pytest.mark.filterwarnings(warning)(test_pettingzoo_is_content)


@pytest.mark.parametrize("options", WORLDS, ids=range(len(WORLDS)))
def test_both_interfaces_play_the_same_and_show_what_is_in_their_spaces(options: dict[str, Any]) -> None:
    parallel, turns = routing_v0.parallel_env(**options), routing_v0.env(**options)
    for k, agent in enumerate(parallel.possible_agents):
        parallel.action_space(agent).seed(k)
    for seed in (3, None):
        seen, _ = parallel.reset(seed=seed)
        turns.reset(seed=seed)
        while parallel.agents:
            actions = {agent: parallel.action_space(agent).sample() for agent in parallel.agents}
            for agent in parallel.agents:
                assert seen[agent] in parallel.observation_space(agent), agent
                assert turns.agent_selection == agent
                assert turns.observe(agent).tolist() == seen[agent].tolist()
                turns.step(actions[agent])
            seen, rewards, *_, infos = parallel.step(actions)
            assert parallel.state() in parallel.state_space
            assert {name: turns.rewards[name] for name in rewards} == rewards
            assert log_of({name: turns.infos[name] for name in infos}) == log_of(infos)
            while turns.agents and (
                turns.terminations[turns.agent_selection] or turns.truncations[turns.agent_selection]
            ):
                turns.step(None)


@pytest.mark.parametrize(
    ("game", "options"),
    [
        (GAME, {"num_users": 2, "num_tasks": 3}),
        (GAME, {"commits": "task", "num_tasks": 3, "sight": "noisy", "information": "history"}),
        (GAME, {"commits": "never", "num_users": 2, "num_tasks": 2, "throttling": True}),
        (MENU, {"decline": True, "num_tasks": 3, "throttling": True, "difficulty": 3.0}),
    ],
)
def test_copies_of_one_context_play_what_the_single_game_plays(game: Any, options: dict[str, Any]) -> None:
    """Rewards, passes and whatever users see but their context, to the bit."""
    alone, mixed = routing_v0.parallel_env(game, **options), routing_v0.parallel_env(copies_of(game), **options)
    rng = np.random.default_rng(0)
    single = rng.random(alone.action_space("provider").shape, dtype=np.float32)
    action = single
    if alone.commits != "never":
        action = mixed.commitment_box.action_of(
            lambda looks: np.tile(single, (mixed.commitment_box.num_commitments, 1))
        )
    for seed in (0, None, None):
        one, other = play(alone, single, stationary(0.3), seed), play(mixed, action, stationary(0.3), seed)
        for agent in alone.possible_agents:
            assert [step[1:4] for step in one.of(agent)] == [step[1:4] for step in other.of(agent)]
        begin = 1 + len(alone.contract.most_seen([1] * alone.contract.num_models))
        for mine, theirs in zip(one.of("user_0"), other.of("user_0"), strict=True):
            assert np.delete(theirs[0], begin).tolist() == mine[0].tolist()
            assert {name: theirs[4][name] for name in mine[4] if name != "action_mask"} == {
                name: mine[4][name] for name in mine[4] if name != "action_mask"
            }


def first_round(**options: Any) -> tuple[Any, np.ndarray, dict[str, Any]]:
    """What a user sees once its task has begun, under a table whose commitments are told apart by their cascades."""
    env = routing_v0.parallel_env(PAIRS, **options)
    box = env.commitment_box
    action = box.action_of(lambda looks: np.stack([np.zeros(len(looks)), looks[:, 0] / 8], axis=1))
    env.reset(seed=1)
    observations, *_, infos = env.step({"provider": action} | dict.fromkeys(env.agents[1:], RETRY))
    return env, observations["user_0"], infos["user_0"]


def test_a_user_who_knows_its_context_sees_what_binds_it() -> None:
    _, seen, info = first_round(max_passes=100)
    x = info["context"]
    assert seen.tolist() == [1, 1, x / 8, 1, [2, 3, 1][x - 1], x]


def test_a_user_who_does_not_sees_the_table_or_its_mean_and_no_latency_of_its_own() -> None:
    _, seen, _ = first_round(context_visible=False)
    assert seen.tolist() == [1, 1, 1 / 8, 1, 2, 1, 2 / 8, 1, 3, 1, 3 / 8, 1, 1]
    _, seen, _ = first_round(context_visible=False, announce="mean")
    assert seen == pytest.approx([1, 1, (3 * 1 + 2 + 2 * 3) / 48, 1, 11 / 6])
    env, seen, _ = first_round(context_visible=False, announce="row", signal=[0, 0, 0])
    assert seen == pytest.approx([1, 1, 1 / 8, 1, 11 / 6]) and env.action_space("provider").shape == (2,)


def test_a_provider_that_commits_for_each_task_sees_the_class_of_those_that_begin() -> None:
    env = routing_v0.parallel_env(PAIRS, commits="task", num_users=3, signal=NOISY)
    seen, _ = env.reset(seed=5)
    classes = seen["provider"][2:]
    assert set(classes) <= {1, 2} and env.action_space("provider").shape == (6,)
    action = np.array([0, 1, 0, 0.1, 0.2, 0.3], dtype=np.float32)
    seen, *_ = env.step({"provider": action, "user_0": 0, "user_1": 0, "user_2": 0})
    assert seen["provider"][2:].tolist() == [0, 0, 0]
    assert [(one.route, round(one.cascade_prob, 3)) for one in env.commitment] == [(1, 0.1), (2, 0.2), (1, 0.3)]


def test_actions_of_games_of_mixes_and_tables_are_actions_here() -> None:
    rng = np.random.default_rng(2)
    for mix in (PAIRS, MENUS):
        game, box = MixGame(mix), routing_v0.parallel_env(mix).commitment_box
        action = game.thinned(rng.random((1, game.size)), rng)[0].astype(np.float32)
        committed = game.commitment(action)
        assert box.size == game.size
        for context, one in enumerate(box.commitments(action)):
            policy = routing_v0.parallel_env(mix).contract.policy(one)
            assert np.allclose(policy.start, committed.start[context])
            assert np.allclose(policy.matrix, committed.matrix[context])
        again = box.commitments(box.action(committed))
        for one, other in zip(again, box.commitments(action), strict=True):
            assert np.allclose(one.throttled_latency, other.throttled_latency)
    pooled = Commitment.unthrottled(GAME, 1, 0.25)
    assert routing_v0.parallel_env(PAIRS).commitment_box.action(pooled).tolist() == [0, 0, 0, 0.25, 0.25, 0.25]


def played(mix: TaskMix, solution: Any, num_tasks: int, **options: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Contexts of tasks, what each cost the provider and was worth to its user, played under a solution."""
    env = routing_v0.parallel_env(mix, num_users=1, num_tasks=num_tasks, max_passes=10**6, **options)
    action, answer = env.commitment_box.action(solution.policies), solution.answer
    rng, rows, context = np.random.default_rng(0), [], 0
    counts = options.get("information") == "history"
    seen, infos = env.reset(seed=11)
    cost = utility = 0.0
    while env.agents:
        leaves = 0.0
        if solution.users == "sighted":
            leaves = answer[context - 1]
        elif not counts:
            leaves = answer
        elif answer is not None:
            leaves = float(seen["user_0"][-1] >= answer)
        seen, rewards, *_, infos = env.step({"provider": action, "user_0": int(rng.random() < leaves)})
        context = infos["user_0"]["context"]
        cost, utility = cost - rewards["provider"], utility + rewards["user_0"]
        if infos["user_0"]["solved"] or infos["user_0"]["abandoned"]:
            rows.append((context - 1, cost, utility))
            cost = utility = 0.0
    contexts, costs, utilities = np.array(rows).T
    return contexts.astype(int), costs, utilities


def check(mix: TaskMix, solution: Any, tasks: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Means within 4 standard errors of the exact ones, in each context."""
    contexts, costs, utilities = tasks
    for x, weight in enumerate(mix.weights):
        here = contexts == x
        assert abs(here.mean() - weight) < 4 * np.sqrt(weight * (1 - weight) / len(here))
        for values, exact in ((costs, solution.context_costs[x]), (utilities, solution.context_utilities[x])):
            assert abs(values[here].mean() - exact) <= 4 * values[here].std() / np.sqrt(here.sum()) + 1e-6


@pytest.mark.parametrize(("name", "users"), [("2", "sighted"), ("2", "memoryless"), ("1", "history")])
def test_tasks_cost_and_are_worth_what_the_exact_solution_says(name: str, users: Any) -> None:
    mix, solution = MIXES[name], solved(name, users)
    information = "history" if users == "history" else "memoryless"
    check(mix, solution, played(mix, solution, 2000, context_visible=users == "sighted", information=information))


@pytest.mark.slow
@pytest.mark.parametrize("users", ["sighted", "memoryless", "history"])
@pytest.mark.parametrize("name", MIXES)
def test_all_known_mixes_cost_and_are_worth_what_the_exact_solution_says(name: str, users: Any) -> None:
    mix, solution = MIXES[name], solved(name, users)
    information = "history" if users == "history" else "memoryless"
    check(mix, solution, played(mix, solution, 8_000, context_visible=users == "sighted", information=information))


def test_three_models_cost_and_are_worth_what_the_exact_solution_says() -> None:
    solution = solve_mix(MENUS)
    check(MENUS, solution, played(MENUS, solution, 1500, form="matrix"))


@pytest.mark.filterwarnings("ignore::UserWarning")  # of what Gymnasium recommends
@pytest.mark.parametrize("options", WORLDS[:4] + WORLDS[8:9], ids=range(5))
def test_gymnasium_is_content_with_either_side(options: dict[str, Any]) -> None:
    chosen = {name: value for name, value in options.items() if name != "num_users"}
    check_env(FollowerEnv(**chosen), skip_render_check=True)
    check_env(LeaderEnv(**options, users=lambda game, seen: 0.3), skip_render_check=True)


@pytest.mark.parametrize("users", ["sighted", "memoryless"])
def test_users_at_their_best_answer_as_the_exact_solution_says(users: Any) -> None:
    """A crowd, by default; the sighted one is asked as users of the single games are. Tasks cost within 4 errors."""
    mix = MIXES["2"]
    solution = solve_mix(mix, users)
    env = gymnasium.make("routegame:routegame/Leader-v0", game=mix, num_users=100, context_visible=users == "sighted")
    box = env.unwrapped.routing.commitment_box
    margin = np.array([0, 0, 0, 1e-3]) if users == "sighted" else 0  # off the edge of the users' answer
    env.reset(seed=0)
    _, reward, *_ = env.step((box.action(solution.policies) + margin).astype(np.float32))
    assert abs(-reward / 100 - solution.provider_cost) < 4 * 5 / np.sqrt(100)  # the deviation of a task is 4 to 5


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"game": GAME, "context_visible": True}, "context_visible must be left out where tasks do not differ"),
        ({"game": GAME, "signal": [0]}, "signal must be left out"),
        ({"game": PAIRS, "announce": "all"}, "announce must be"),
        ({"game": PAIRS, "sight": "noisy", "announce": "table"}, "announce must be 'row'"),
        ({"game": PAIRS, "commits": "task", "announce": "mean"}, "announce must be 'row'"),
        ({"game": PAIRS, "max_latency": (9, 9)}, "max_latency must be left out"),
        ({"game": PAIRS, "throttling": True, "max_latency": (9, 2.5)}, "max_latency"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ParameterError, match=complaint):
        routing_v0.parallel_env(**options)


@pytest.mark.parametrize("wrong", [solve_mix(MENUS).policies, [Commitment.unthrottled(GAME, 1, 0.2)]])
def test_tables_of_other_classes_are_refused(wrong: Any) -> None:
    box = routing_v0.parallel_env(PAIRS).commitment_box
    with pytest.raises(ParameterError, match="commitment must be"):
        box.action(wrong)
    with pytest.raises(ParameterError, match="policy must be one that returns"):
        box.action_of(lambda looks: looks[:, :1] / 9)


def test_users_who_never_leave_solve_every_task() -> None:
    env = routing_v0.parallel_env(PAIRS, num_users=3, num_tasks=2)
    episode = play(env, np.zeros(6, dtype=np.float32), always(RETRY), seed=0)
    assert all(episode.of(user)[-1][4]["solved"] for user in env.possible_agents[1:])
