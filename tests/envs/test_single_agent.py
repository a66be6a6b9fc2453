"""The single-agent views: what Gymnasium and stable-baselines3 ask of an environment, and that they are views."""

from typing import Any

import gymnasium
import numpy as np
import pettingzoo
import pytest
import routing_options
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env, data_equivalence
from pairwise import pairwise
from stable_baselines3.common.env_checker import check_env as sb3_check_env

from routegame import makers
from routegame.agents.exact.best_response import best_response
from routegame.envs import routing_v0
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.game import Game
from routegame.envs.routing.rounds import ABANDON, RETRY, ActionError
from routegame.envs.single_agent import FollowerEnv, LeaderEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
TYPES = Game(np.array([9.0, 10.0, 4.0]), np.array([20, 5, 1]), (0.1, 0.3), (np.array([1, 2, 0.5]), 2), (1, 3))

MENU = Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7))
MENUS = Game(np.array([9.0, 10.0, 4.0]), 20, (0.1, 0.3, 0.2), (np.array([1, 2, 0.5]), 2, 1), (1, 3, 0.7))

COMBINATIONS = pairwise(routing_options.EACH, routing_options.possible)
COMBINATIONS += pairwise(
    routing_options.EACH
    | {"order": ["free"], "form": ["compact", "matrix"], "decline": [False, True], "retry_multiplier": [1.0, 0.5]},
    routing_options.possible,
)
VARIANTS = pytest.mark.parametrize("options", COMBINATIONS, ids=range(len(COMBINATIONS)))
SIDES = pytest.mark.parametrize("side", ["leader", "follower"])
unnoticed = pytest.mark.filterwarnings(
    "ignore:.*The environment is being initialised with render_mode:UserWarning",
    "ignore:.*We recommend you to use a symmetric and normalized:UserWarning",
    "ignore:.*not within the observation space:UserWarning",
)


def careless(game: Game, seen: np.ndarray) -> float:
    return 0.3


def make(side: str, options: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    game, types = (MENU, MENUS) if "order" in options else (GAME, TYPES)
    if side == "follower":
        return FollowerEnv(game, **options)
    # Gymnasium takes an environment for broken that is cut off in its first step, which may be a leader's only one.
    caps = {name: options[name] and 100 for name in ("max_passes", "max_cycles")}
    return LeaderEnv(types, users=careless, **options | caps)


@unnoticed
@SIDES
@VARIANTS
def test_gymnasium_finds_no_fault(side: str, options: dict[str, Any]) -> None:
    check_env(make(side, options), skip_render_check=True)


@unnoticed
@SIDES
@VARIANTS
def test_stable_baselines3_finds_no_fault(side: str, options: dict[str, Any]) -> None:
    sb3_check_env(make(side, options), skip_render_check=False)


def test_the_leader_is_paid_for_everything_until_it_moves_again() -> None:
    env = LeaderEnv(GAME, users=careless, num_users=4, num_tasks=2, commits="task")
    env.reset(seed=1)
    twin = routing_v0.parallel_env(GAME, num_users=4, num_tasks=2, commits="task")
    twin.reset(seed=1)
    rng = np.random.default_rng(env.np_random_seed)
    action, moves, over = np.array([0, 0.3], dtype=np.float32), 0, False
    seen = {user: np.zeros(5) for user in twin.agents}
    while not over:
        observation, reward, terminated, truncated, info = env.step(action)
        moves += 1
        total, cost, again = 0.0, 0.0, False
        while not again:
            answers = {u: int(rng.random() < 0.3) if seen[u][0] else RETRY for u in twin.agents[1:]}
            seen, rewards, terminations, truncations, infos = twin.step(answers | {"provider": action})
            total += rewards["provider"]
            cost += infos["provider"]["cost"]
            again = infos["provider"]["has_say"] or not twin.agents
        over = terminated or truncated
        assert (reward, info["cost"]) == pytest.approx((total, cost))
        np.testing.assert_array_equal(observation, seen["provider"])
        assert (terminated, truncated) == (terminations["provider"], truncations["provider"])
    assert moves > 1
    assert not twin.agents


def test_a_follower_is_user_0() -> None:
    commitment = Commitment.unthrottled(GAME, 1, 0.25)
    env = FollowerEnv(GAME, provider=commitment, num_tasks=2, information="history")
    twin = routing_v0.parallel_env(GAME, num_tasks=2, information="history")
    rng, seed = np.random.default_rng(0), 5
    for _ in range(20):
        seen, info = env.reset(seed=seed)
        others, infos = twin.reset(seed=seed)
        seed = None
        assert data_equivalence((seen, info), (others["user_0"], infos["user_0"]), exact=True)
        while twin.agents:
            answer = int(rng.random() < 0.1)
            results = env.step(answer)
            played = twin.step({"provider": np.array([0, 0.25], dtype=np.float32), "user_0": answer})
            assert data_equivalence(results, tuple(part["user_0"] for part in played), exact=True)


def test_random_providers_try_the_whole_box_and_repeat_themselves() -> None:
    def views(seed: int) -> np.ndarray:
        env = FollowerEnv(GAME, throttling=True)
        env.reset(seed=seed)
        drawn = []
        for _ in range(200):
            drawn.append(env.step(RETRY)[0])
            env.reset()
        return np.array(drawn)

    seen = views(0)
    np.testing.assert_array_equal(seen, views(0))
    assert set(seen[:, 1]) == {1, 2}
    slowest = FollowerEnv(GAME, throttling=True).routing.commitment_box.max_latency
    for column, (low, high) in zip((2, 3, 4), ((0, 1), (1, slowest[0]), (2, slowest[1])), strict=True):
        share = (seen[:, column] - low) / (high - low)
        assert abs(share.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 200)
        assert share.std() > 0.2


@pytest.mark.parametrize("num_tasks", [1, 5])
def test_leaders_are_paid_minus_j_under_users_at_their_best(num_tasks: int) -> None:
    env = gymnasium.make("routegame/Leader-v0", game=GAME, num_users=200, num_tasks=num_tasks)
    env.reset(seed=0)
    for cascade_prob in (0.02, 0.2):
        env.reset()
        _, reward, terminated, _, info = env.step(np.array([0, cascade_prob], dtype=np.float32))
        assert terminated
        expected = outcome(GAME, 1, cascade_prob, best_response(GAME, 1, cascade_prob)).provider_cost
        assert -reward / (200 * num_tasks) == pytest.approx(expected, abs=4 * 20 / np.sqrt(200 * num_tasks))
        assert info["abandonments"] == (0 if cascade_prob > 0.1 else pytest.approx(180 * num_tasks, rel=0.15))


def test_environments_are_made_by_name() -> None:
    assert isinstance(gymnasium.make("routegame/Follower-v0", game="gpt41-o3").unwrapped, FollowerEnv)
    leader = gymnasium.make("routegame.registration:routegame/Leader-v0", users=careless)
    assert isinstance(leader.unwrapped, LeaderEnv)
    assert makers.leader_env().routing.num_users == 1


@pytest.mark.skipif(not hasattr(pettingzoo, "make"), reason="PettingZoo knows no names before 1.27")
def test_environments_of_both_sides_are_made_by_name() -> None:
    parallel = pettingzoo.make("parallel", "routegame/routing_v0", num_users=2, max_cycles=9)
    assert isinstance(parallel, routing_v0.RoutingEnv)
    assert (parallel.num_users, parallel.max_cycles) == (2, 9)
    assert isinstance(pettingzoo.make("aec", "routegame/routing_v0"), routing_v0.RoutingAECEnv)


@pytest.mark.parametrize(
    ("parameter", "options"),
    [
        ("num_users", {"num_users": 2}),
        ("provider", {"provider": "kind"}),
        ("provider", {"provider": Commitment.unthrottled(GAME, 1, 0.5), "commits": "never"}),
        ("provider", {"provider": Commitment.unthrottled(GAME, 1, 0.5), "grid": 3}),
        ("max_passes", {"max_passes": 0}),
    ],
)
def test_a_bad_argument_is_named(parameter: str, options: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        FollowerEnv(GAME, **options)
    assert caught.value.parameter == parameter


def test_bad_actions_are_refused_and_change_nothing() -> None:
    follower, leader = FollowerEnv(GAME), LeaderEnv(GAME, users=careless)
    for env, actions in ((follower, (2, -1, 0.5, None, np.nan)), (leader, (None, [0, np.nan], [0, 2], [0]))):
        env.reset(seed=0)
        for action in actions:
            with pytest.raises(ActionError, match=r"action of (provider|user_0) must be in"):
                env.step(action)
    follower.step(ABANDON)
    leader.step([0, 1])
    with pytest.raises(ActionError, match=r"reset\(\)"):
        leader.step([0, 1])


def test_make_vec_makes_what_make_makes_many_times_over() -> None:
    """Row 0 of the vector environment and the single one: same spaces, same luck, same random commitments."""
    options = {"game": GAME, "information": "model", "throttling": True, "retry_multiplier": 0.5, "difficulty": 3.0}
    many = gymnasium.make_vec("routegame/Follower-v0", 3, "vector_entry_point", **options)
    one = gymnasium.make("routegame/Follower-v0", **options)
    assert many.single_observation_space == one.observation_space
    assert many.single_action_space == one.action_space
    seen, _ = one.reset(seed=6)
    np.testing.assert_array_equal(many.reset(seed=6)[0][0], seen)
    rng, ended = np.random.default_rng(0), 0
    while ended < 30:
        answers = (rng.random(3) < 0.1).astype(np.int64)
        views, rewards, terminations, truncations, infos = many.step(answers)
        seen, reward, terminated, truncated, _ = one.step(answers[0])
        assert rewards[0] == pytest.approx(reward, rel=1e-6)
        assert (terminations[0], truncations[0]) == (terminated, truncated)
        if terminated or truncated:
            np.testing.assert_array_equal(infos["final_obs"][0], seen)
            seen, _ = one.reset()
            ended += 1
        np.testing.assert_array_equal(views[0], seen)


def test_leaders_made_many_times_over_see_and_pay_the_same() -> None:
    many = gymnasium.make_vec("routegame/Leader-v0", num_envs=4000, vectorization_mode="vector_entry_point")
    one = gymnasium.make("routegame/Leader-v0")
    assert many.single_observation_space == one.observation_space
    assert many.single_action_space == one.action_space
    np.testing.assert_array_equal(many.reset(seed=0)[0][0], one.reset(seed=0)[0])
    action = np.array([0, 0.2], dtype=np.float32)
    _, rewards, _, _, infos = many.step(np.tile(action, (4000, 1)))
    last, _, terminated, _, _ = one.step(action)
    assert terminated
    np.testing.assert_array_equal(infos["final_obs"][0], last)
    expected = outcome(one.unwrapped.routing.game, 1, 0.2, 0.0).provider_cost
    assert abs(-rewards.mean() - expected) < 4 * rewards.std() / np.sqrt(4000)


def test_masks_are_those_of_the_infos():
    follower = FollowerEnv(GAME, num_tasks=2)
    _, info = follower.reset(seed=0)
    over = False
    while not over:
        assert follower.action_masks().tolist() == info["action_mask"].astype(bool).tolist()
        info["action_mask"][:] = 0
        assert follower.action_masks()[RETRY]
        _, _, terminated, truncated, info = follower.step(RETRY)
        over = terminated or truncated
    assert follower.action_masks().tolist() == [True, False]
    leader = LeaderEnv(GAME, users=careless, grid=3, throttling=True)
    _, info = leader.reset(seed=0)
    assert leader.action_masks().tolist() == [True] * (2 + 3 + 3 + 3)
    assert len(leader.action_masks()) == sum(leader.action_space.nvec)
    *_, info = leader.step(leader.action_space.sample())
    assert leader.action_masks().tolist() == np.concatenate(info["action_mask"]).astype(bool).tolist()
    assert leader.action_masks().sum() == 4, "nothing is left to choose"


def test_a_flat_grid_is_one_choice_of_all_its_points():
    leader = LeaderEnv(GAME, users=careless, grid=3, flat=True, num_users=20)
    for _ in range(2):
        _, info = leader.reset()
        assert leader.action_masks().tolist() == info["action_mask"].tolist() == [True] * 6
        info["action_mask"][:] = 0
        assert leader.action_masks().all(), "what was told is the caller's"
    *_, info = leader.step(4)
    assert info["commitment"] == leader.routing.commitment_of(4)
    assert leader.action_masks().tolist() == info["action_mask"].tolist() == [True] + [False] * 5
    offers = set()
    follower = FollowerEnv(GAME, grid=3, flat=True)
    for seed in range(40):
        follower.reset(seed=seed)
        offers.add(tuple(follower.step(RETRY)[0][1:3].tolist()))
    assert len(offers) == 6, "random providers try every point"


@pytest.mark.parametrize("option", ["padded", "ignore_ended"])
@pytest.mark.parametrize("make", [FollowerEnv, lambda *args, **options: LeaderEnv(*args, users=careless, **options)])
def test_one_side_alone_has_no_options_of_several_agents(make, option):
    with pytest.raises(TypeError, match=option):
        make(GAME, **{option: True})


def test_masks_need_choices_and_an_episode():
    with pytest.raises(ParameterError, match="grid must be given"):
        LeaderEnv(GAME, users=careless).action_masks()
    with pytest.raises(ResetNeeded, match=r"reset\(\) before action_masks"):
        FollowerEnv(GAME).action_masks()


@pytest.mark.parametrize("make", [FollowerEnv, lambda *args, **options: LeaderEnv(*args, users=careless, **options)])
def test_nothing_is_shown_before_reset(make):
    with pytest.raises(ResetNeeded, match="render"):
        make(GAME, render_mode="ansi").render()


@pytest.mark.parametrize(
    "make,name,known",
    [
        (FollowerEnv, "FollowerEnv", "game, provider, num_tasks, "),
        (lambda *args, **options: LeaderEnv(*args, users=careless, **options), "LeaderEnv", "game, users, num_users, "),
    ],
)
def test_an_unknown_argument_is_refused_and_the_known_are_named(make, name, known):
    with pytest.raises(TypeError, match=f"{name} got an unexpected keyword argument 'colour'; .* {known}"):
        make(GAME, colour=1)


def test_after_the_end_there_is_no_step():
    for env in (FollowerEnv(GAME), LeaderEnv(GAME, users=careless)):
        env.reset(seed=0)
        while env.routing.agents:
            env.step(RETRY if isinstance(env, FollowerEnv) else np.zeros(2, dtype=np.float32))
        with pytest.raises(ActionError, match="until reset"):
            env.step(RETRY)
