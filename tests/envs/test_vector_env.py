"""Vector environments: Gymnasium's contract, seeds, what users see, and payoffs against the closed forms."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils import env_checker
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import (
    DictInfoToList,
    FlattenObservation,
    NormalizeObservation,
    RecordEpisodeStatistics,
)

from routegame import Game, ParameterError, best_response, solve
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, Commitments, RoutingGame
from routegame.envs.menu_game import MenuCommitment
from routegame.envs.routing_v0 import ActionError, parallel_env
from routegame.envs.single_agent import FollowerEnv
from routegame.envs.vector_env import (
    ABANDON,
    RETRY,
    RIGHT_SINCE,
    FollowerVectorEnv,
    LeaderVectorEnv,
    _warn_of_statistics,
    game_features,
)

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
MENU = Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7))
CASCADE = Commitment.unthrottled(GAME, route=1, cascade_prob=0.25)
NUM = 6
recent_gymnasium = pytest.mark.skipif(
    tuple(map(int, gymnasium.__version__.split(".")[:2])) < RIGHT_SINCE, reason="its checks and wrappers are wrong"
)
INT, BOX = np.zeros(NUM, dtype=np.int64), np.full((NUM, 2), 0.5, dtype=np.float32)


def games(count):
    """As many games, each of its own."""
    rng = np.random.default_rng(0)
    p, t, c = rng.uniform(0.2, 0.6, (2, count)), rng.uniform(0.5, 3, (2, count)), rng.uniform(0.5, 3, (2, count))
    return Game(rng.uniform(5, 15, count), rng.uniform(5, 20, count), tuple(p), tuple(t), tuple(c))


def stay(game, commitments):
    return np.zeros(len(commitments))


def stay_and_decline(game, commitments):
    return np.stack([np.zeros(len(commitments)), 0.5 * commitments.start[:, 0]])


def leave_sometimes(game, commitments):
    return 0.5 * commitments.cascade_prob


def make_leaders(**mode):
    return LeaderVectorEnv(GAME, NUM, stay, **mode)


FOLLOWERS = {
    "memoryless": lambda n, **mode: FollowerVectorEnv(GAME, n, CASCADE, **mode),
    "model": lambda n, **mode: FollowerVectorEnv(GAME, n, "random", information="model", **mode),
    "history": lambda n, **mode: FollowerVectorEnv(GAME, n, "random", information="history", max_passes=3, **mode),
    "throttling": lambda n, **mode: FollowerVectorEnv(GAME, n, "random", throttling=True, max_latency=(5, 9), **mode),
    "repeats": lambda n, **mode: FollowerVectorEnv(
        GAME, n, CASCADE, retry_multiplier=(0.5, 0.8), difficulty=2.0, **mode
    ),
    "menu": lambda n, **mode: FollowerVectorEnv(MENU, n, "random", information="model", throttling=True, **mode),
    "menu, declined": lambda n, **mode: FollowerVectorEnv(MENU, n, "random", decline=True, form="matrix", **mode),
    "two models in full": lambda n, **mode: FollowerVectorEnv(
        GAME, n, MenuCommitment((0.5, 0.5), ((0.5, 0.5),) * 2, (1, 2)), order="free", information="history", **mode
    ),
}
LEADERS = {
    "leader": lambda n: LeaderVectorEnv(GAME, n, leave_sometimes, num_tasks=20),
    "throttling leader": lambda n: LeaderVectorEnv(GAME, n, stay, num_tasks=20, throttling=True),
    "menu leader": lambda n: LeaderVectorEnv(MENU, n, stay, num_tasks=20, throttling=True, form="matrix"),
    "menu leader, declined": lambda n: LeaderVectorEnv(MENU, n, stay_and_decline, num_tasks=20, decline=True),
}
OWN_GAMES = {
    "own games": lambda n, **mode: FollowerVectorEnv(
        games(n), n, "random", information="model", throttling=True, **mode
    ),
    "own games leader": lambda n: LeaderVectorEnv(games(n), n, leave_sometimes, num_tasks=20, throttling=True),
    "own games, own commitments": lambda n: FollowerVectorEnv(
        games(n), n, Commitments(np.full(n, 1), np.linspace(0, 1, n), games(n).latency)
    ),
}


@pytest.fixture(params=FOLLOWERS | LEADERS | OWN_GAMES)
def make(request):
    return (FOLLOWERS | LEADERS | OWN_GAMES)[request.param]


def play(env, num_steps, seed=7, num_rows=None):
    """Reset and step with random actions; list what was returned for the first rows, last observations included."""
    rng, rows = np.random.default_rng(3), slice(num_rows)
    width = env.action_space.shape[1:]
    told = [env.reset(seed=seed)[0][rows]]
    for _ in range(num_steps):
        noise = rng.random((64, *width))[: env.num_envs]
        actions = noise.astype(np.float32) if width else (noise < 0.3).astype(np.int64)
        observations, *numbers, infos = env.step(actions)
        nothing = np.zeros(observations.shape[1])
        last = [nothing if x is None else x for x in infos.get("final_obs", [None] * env.num_envs)[rows]]
        told += [observations[rows], *(x[rows] for x in numbers), np.stack(last)]
    return told


def same(one, other):
    assert len(one) == len(other)
    return all(np.array_equal(x, y) for x, y in zip(one, other, strict=True))


# Gymnasium's contract


def test_everything_is_in_its_space_and_shape(make):
    env = make(NUM)
    observations, _ = env.reset(seed=0)
    assert env.observation_space.shape == (NUM, *env.single_observation_space.shape)
    assert observations in env.observation_space
    env.action_space.seed(0)
    for _ in range(30):
        observations, rewards, terminations, truncations, infos = env.step(env.action_space.sample())
        assert observations in env.observation_space
        assert observations.dtype == rewards.dtype == np.float32
        assert terminations.dtype == truncations.dtype == np.bool_
        assert rewards.shape == terminations.shape == truncations.shape == (NUM,)
        assert not (terminations & truncations).any()
        ended = terminations | truncations
        assert ("final_obs" in infos) == ended.any()
        if ended.any():
            assert infos["_final_obs"].tolist() == infos["_final_info"].tolist() == ended.tolist()
            for row, last in enumerate(infos["final_obs"]):
                assert (last in env.single_observation_space) if ended[row] else last is None
            for name, values in infos["final_info"].items():
                assert len(values) == NUM
                assert name.startswith("_") or infos["final_info"][f"_{name}"].tolist() == ended.tolist()


@recent_gymnasium
def test_gymnasium_finds_nothing(make):
    env_checker.check_reset_seed_determinism(make(NUM))
    env_checker.check_returned_data_not_reused(make(1))  # asks whether one episode ended
    assert make(NUM).metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


@recent_gymnasium
def test_wrappers_understand_it(make):
    env = RecordEpisodeStatistics(make(NUM))
    env.reset(seed=0)
    env.action_space.seed(0)
    returns, told = np.zeros(NUM), []
    for _ in range(40):
        _, rewards, terminations, truncations, infos = env.step(env.action_space.sample())
        returns += rewards
        ended = terminations | truncations
        if ended.any():
            told += [(infos["episode"]["r"][ended], returns[ended])]
        returns[ended] = 0
    assert told
    for theirs, ours in told:
        np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    listed = DictInfoToList(make(NUM))
    assert len(listed.reset(seed=0)[1]) == len(listed.step(env.action_space.sample())[-1]) == NUM


def arrays_of(infos):
    for value in infos.values():
        if isinstance(value, dict):
            yield from arrays_of(value)
        else:
            yield value


def test_what_is_returned_is_the_callers(make):
    """To keep: no later step changes it. To change: no later step is changed by it."""
    env, twin = make(NUM), make(NUM)
    kept = [env.reset(seed=0)[0]]
    copies = [kept[0].copy()]
    twin.reset(seed=0)[0][:] = 99
    env.action_space.seed(0)
    for _ in range(20):
        actions = env.action_space.sample()
        *numbers, infos = env.step(actions)
        told = [*numbers, *arrays_of(infos)]
        *others, other_infos = twin.step(actions)
        for mine, other in zip(told, [*others, *arrays_of(other_infos)], strict=True):
            if mine.dtype != object:
                assert np.array_equal(mine, other)
                other[:] = 1
        kept += told
        copies += [array.copy() for array in told]
    assert all(np.array_equal(x, y) for x, y in zip(kept, copies, strict=True) if x.dtype != object)


def test_a_step_needs_a_reset(make):
    with pytest.raises(ResetNeeded):
        make(NUM).step(make(NUM).action_space.sample())


# Seeds


@pytest.mark.parametrize("make_one", (FOLLOWERS | LEADERS).values(), ids=FOLLOWERS | LEADERS)
def test_rows_do_not_depend_on_their_number(make_one):
    assert same(play(make_one(3), 25), play(make_one(50), 25, num_rows=3))


def test_threads_change_nothing():
    one, four = (FollowerVectorEnv(GAME, 64, "random", information="model", num_threads=k) for k in (1, 4))
    assert same(play(one, 20), play(four, 20))


def test_the_same_seed_is_the_same_luck_and_another_is_another(make):
    assert same(play(make(NUM), 20), play(make(NUM), 20))
    assert not same(play(make(NUM), 20), play(make(NUM), 20, seed=8))


def test_resets_go_on_from_the_seed(make):
    env, twin = make(NUM), make(NUM)
    assert same(play(env, 20), play(twin, 20))
    second = play(env, 20, seed=None)
    assert same(second, play(twin, 20, seed=None))
    assert not same(second, play(twin, 20))


def test_a_provider_draws_new_tasks_every_step():
    env = LeaderVectorEnv(GAME, NUM, stay, num_tasks=20)
    env.reset(seed=0)
    assert not np.array_equal(env.step(BOX)[1], env.step(BOX)[1])


# What users see


def test_the_first_answer_has_no_effect():
    env, twin = (FollowerVectorEnv(GAME, 50, CASCADE) for _ in range(2))
    for each in (env, twin):
        observations, infos = each.reset(seed=0)
        assert not observations.any()
        assert (infos["action_mask"] == [1, 0]).all()
    stays, leaves = env.step(np.full(50, RETRY)), twin.step(np.full(50, ABANDON))
    assert same(stays[:4], leaves[:4])
    assert not stays[4]["final_info"]["abandoned"].any()
    ended = stays[2] | stays[3]
    assert (stays[0][~ended] == [1, 1, 0.25, 1, 2]).all()
    assert stays[0][:, 0].tolist() == (~ended).tolist() == (stays[4]["action_mask"][:, 1] == 1).tolist()


def test_after_the_first_pass_leaving_ends_the_task():
    env = FollowerVectorEnv(GAME, 50, CASCADE)
    env.reset(seed=0)
    _, _, ended, _, _ = env.step(np.full(50, RETRY))
    _, rewards, terminations, truncations, infos = env.step(np.full(50, ABANDON))
    left = ~ended
    assert infos["final_info"]["abandoned"].tolist() == left.tolist()
    assert terminations[left].all() and not truncations.any()
    assert (rewards[left] == 0).all() and (infos["provider_reward"][left] == -20).all()
    assert (infos["final_info"]["passes"][left] == 1).all()


def test_a_history_user_counts_its_failures_up_to_the_cut_off():
    env = FollowerVectorEnv(GAME, 200, CASCADE, information="history", max_passes=3)
    seen = env.reset(seed=0)[0][:, 5]
    for _ in range(12):
        before = seen
        observations, _, terminations, truncations, infos = env.step(np.full(200, RETRY))
        seen = observations[:, 5]
        on = ~(terminations | truncations)
        assert (seen[on] == before[on] + 1).all() and (seen[~on] == 0).all()
        for row in np.flatnonzero(~on):
            last = infos["final_obs"][row]
            assert last[0] == 1 and last[5] == before[row] + truncations[row]
            assert infos["final_info"]["passes"][row] == before[row] + 1
            assert (last[5] == 3) == truncations[row]


def test_a_model_user_sees_which_model_failed_last():
    at_once = Commitment.unthrottled(GAME, route=1, cascade_prob=1)
    env = FollowerVectorEnv(GAME, 100, at_once, information="model")
    env.reset(seed=0)
    first = env.step(np.full(100, RETRY))
    on = ~first[2]
    assert (first[0][on, 5] == 1).all() and (first[0][~on, 5] == 0).all()
    second = env.step(np.full(100, RETRY))
    assert (second[0][on & ~second[2], 5] == 2).all()
    solved = np.flatnonzero(on & second[2])
    assert solved.size
    assert all(second[4]["final_obs"][row][5] == 1 for row in solved), "a success is no failure"


def test_rows_have_games_of_their_own():
    four = games(4)
    env = FollowerVectorEnv(four, 4, "random", throttling=True)
    observations, _ = env.reset(seed=0)
    assert np.array_equal(observations[:, 5:], game_features(four, 4))
    assert np.array_equal(observations[2, 5:], game_features(four.single(2), 1)[0])
    leader = LeaderVectorEnv(four, 4, stay)
    assert np.array_equal(leader.reset(seed=0)[0], np.hstack([np.ones((4, 2)), observations[:, 5:]]))
    assert leader.reset(seed=0)[0].dtype == np.float32


def test_commitments_are_drawn_for_every_task_uniformly():
    count, hopeless = 4000, Game(9, 20, (1e-9, 1e-9), (1, 2), (1, 3))
    env = FollowerVectorEnv(hopeless, count, "random", throttling=True, max_latency=(5, 9))
    env.reset(seed=0)
    first, *_ = env.step(np.full(count, RETRY))
    shares = (first[:, 1:5] - [1, 0, 1, 2]) / [1, 1, 4, 7]
    for k, column in enumerate(shares.T):
        assert abs(column.mean() - 0.5) < 5 * (0.5 if k == 0 else 0.29) / count**0.5
    assert np.abs(np.corrcoef(shares.T) - np.eye(4)).max() < 5 / count**0.5
    leaving = np.arange(count) % 2
    between, _, terminations, _, infos = env.step(leaving)
    assert terminations.tolist() == (leaving == ABANDON).tolist()
    assert all((infos["final_obs"][row] == first[row]).all() for row in np.flatnonzero(terminations))
    assert not between[terminations].any()
    second, *_ = env.step(np.full(count, RETRY))
    changed = (second[:, 1:5] != first[:, 1:5]).any(axis=1)
    assert changed.tolist() == terminations.tolist()


# Payoffs


def first_tasks(env, abandon_prob, seed=0):
    """The first task of every row, answered with a probability: returns of the user and of the provider."""
    rng, running = np.random.default_rng(seed), np.ones(env.num_envs, dtype=bool)
    user, provider = np.zeros(env.num_envs), np.zeros(env.num_envs)
    env.reset(seed=seed)
    while running.any():
        _, rewards, terminations, truncations, infos = env.step((rng.random(env.num_envs) < abandon_prob).astype(int))
        user += rewards * running
        provider += infos["provider_reward"] * running
        running &= ~(terminations | truncations)
    return user, provider


def close(sample, expected):
    return abs(sample.mean() - expected) < 5 * sample.std() / len(sample) ** 0.5


@pytest.mark.parametrize(
    "route,cascade_prob,abandon_prob", [(1, 0.25, 0.1), (1, 0.0, 0.5), (2, 0.0, 0.0), (1, 1.0, 0.2)]
)
def test_users_and_provider_earn_what_the_closed_forms_say(route, cascade_prob, abandon_prob):
    commitment = Commitment.unthrottled(GAME, route, cascade_prob)
    user, provider = first_tasks(FollowerVectorEnv(GAME, 4000, commitment), abandon_prob)
    exact = outcome(GAME, route, cascade_prob, abandon_prob)
    assert close(user, exact.user_utility) and close(-provider, exact.provider_cost)


def test_throttled_users_wait_longer():
    slow = Commitment(1, 0.5, (3, 2))
    user, _ = first_tasks(FollowerVectorEnv(GAME, 4000, slow, throttling=True, max_latency=(4, 4)), 0.3)
    assert close(user, outcome(GAME.with_latency((3, 2)), 1, 0.5, 0.3).user_utility)


@pytest.mark.parametrize("throttling", [False, True])
def test_a_provider_pays_what_the_closed_forms_say(throttling):
    num, num_tasks = 500, 100
    env = LeaderVectorEnv(GAME, num, leave_sometimes, num_tasks=num_tasks, throttling=throttling)
    env.reset(seed=0)
    action = [0.2, 0.5, 0.5, 1.0][: env.action_space.shape[1]]
    _, rewards, terminations, _, infos = env.step(np.tile(np.float32(action), (num, 1)))
    in_force = RoutingGame(GAME, throttling=throttling).commitment(action).throttled_latency
    exact = outcome(GAME.with_latency(in_force), 1, 0.5, 0.25)
    info = infos["final_info"]
    assert terminations.all()
    assert close(-rewards, exact.provider_cost)
    assert close(info["solve_share"], exact.solve_prob)
    assert close(info["latency"], exact.expected_latency)
    assert close(info["cost"], exact.expected_cost)
    assert close(info["passes"] @ [1, 3], exact.expected_cost)
    assert (info["abandon_prob"] == 0.25).all()


def test_at_the_equilibrium_a_provider_pays_its_value():
    exact = solve(GAME).equilibrium

    def respond(game, offer):
        return best_response(offer.in_force(game), offer.route, offer.cascade_prob)

    env = LeaderVectorEnv(GAME, 500, respond, num_tasks=100, throttling=True)
    env.reset(seed=0)
    action = [exact.route - 1, np.nextafter(np.float32(exact.cascade_prob), np.float32(1)), 0, 0]
    _, rewards, _, _, infos = env.step(np.tile(np.float32(action), (500, 1)))
    assert close(-rewards, exact.provider_cost)
    assert (infos["final_info"]["abandon_prob"] == exact.abandon_prob).all()


def test_providers_of_games_of_their_own_pay_for_their_own():
    four, num_tasks = games(4), 20_000
    env = LeaderVectorEnv(four, 4, leave_sometimes, num_tasks=num_tasks)
    env.reset(seed=0)
    _, rewards, _, _, infos = env.step(np.tile(np.float32([0, 0.5]), (4, 1)))
    exact = outcome(four, 1, 0.5, 0.25)
    np.testing.assert_allclose(-rewards, exact.provider_cost, rtol=0.03)
    np.testing.assert_allclose(infos["final_info"]["latency"], exact.expected_latency, rtol=0.03)


# The same luck as the PettingZoo environment


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
@pytest.mark.parametrize("options", [{}, {"retry_multiplier": (0.5, 1.5)}, {"difficulty": 2.0}], ids=str)
def test_a_row_is_as_lucky_as_a_user_of_the_pettingzoo_environment(information, options):
    options |= {"information": information, "max_passes": 4}
    env = FollowerVectorEnv(GAME, NUM, CASCADE, **options)
    rounds = parallel_env(GAME, num_users=NUM, **options)
    offer = RoutingGame(GAME).action(CASCADE)
    env.reset(seed=11), rounds.reset(seed=11)
    while rounds.agents:
        users = [int(agent.removeprefix("user_")) for agent in rounds.agents if agent != "provider"]
        answers = np.random.default_rng(len(users)).integers(2, size=NUM)
        observations, rewards, terminations, truncations, _ = rounds.step(
            {"provider": offer} | {f"user_{row}": int(answers[row]) for row in users}
        )
        seen, paid, ended, cut_off, infos = env.step(answers)
        for row in users:
            user = f"user_{row}"
            assert rewards[user] == pytest.approx(paid[row])
            assert (terminations[user], truncations[user]) == (ended[row], cut_off[row])
            last = infos["final_obs"][row] if ended[row] or cut_off[row] else seen[row]
            assert np.array_equal(observations[user], last)


# What is refused


@pytest.mark.parametrize(
    "actions,named",
    [
        (INT[:-1], "the users"),
        (INT[:, None], "the users"),
        (INT.astype(float), "the users"),
        (INT.astype(bool), "the users"),
        (np.full(NUM, np.nan), "the users"),
        (None, "the users"),
        (np.array([0, 0, 0, 2, 0, 3]), "user of environment 3"),
        (np.array([0, -1, 0, 0, 0, 0]), "user of environment 1"),
        (np.array([0, 0, 0, 0, 256, 0]), "user of environment 4"),
    ],
)
def test_users_bad_actions_change_nothing(actions, named):
    env, twin = FollowerVectorEnv(GAME, NUM, "random"), FollowerVectorEnv(GAME, NUM, "random")
    env.reset(seed=0), twin.reset(seed=0)
    with pytest.raises(ActionError, match=f"action of {named} must be .*Discrete") as caught:
        env.step(actions)
    assert "got" in str(caught.value)
    assert same(env.step(INT)[:4], twin.step(INT)[:4])


def _with(row, column, value):
    changed = BOX.copy()
    changed[row, column] = value
    return changed


@pytest.mark.parametrize(
    "actions,named",
    [
        (BOX[:-1], "the providers"),
        (BOX[:, :1], "the providers"),
        (BOX.astype(str), "the providers"),
        (None, "the providers"),
        (_with(3, 1, 1.5), "provider of environment 3"),
        (_with(5, 0, -0.1), "provider of environment 5"),
        (_with(2, 1, np.nan), "provider of environment 2"),
    ],
)
def test_providers_bad_actions_change_nothing(actions, named):
    env, twin = LeaderVectorEnv(GAME, NUM, stay), LeaderVectorEnv(GAME, NUM, stay)
    env.reset(seed=0), twin.reset(seed=0)
    with pytest.raises(ActionError, match=f"action of {named} must be in Box"):
        env.step(actions)
    assert same(env.step(BOX)[:4], twin.step(BOX)[:4])


@pytest.mark.parametrize(
    "parameter,make_one",
    [
        ("information", lambda: FollowerVectorEnv(GAME, NUM, CASCADE, information="all")),
        ("commitment", lambda: FollowerVectorEnv(GAME, NUM, "fixed")),
        ("commitment", lambda: FollowerVectorEnv(GAME, NUM, Commitments.unthrottled(GAME, [1, 2], 0.5))),
        ("throttled_latency[0]", lambda: FollowerVectorEnv(GAME, NUM, Commitment(1, 0.5, (2, 2)))),
        ("throttled_latency[1]", lambda: FollowerVectorEnv(GAME, NUM, Commitment(1, 0.5, (1, 1)), throttling=True)),
        ("max_latency", lambda: FollowerVectorEnv(GAME, NUM, CASCADE, max_latency=(3, 3))),
        ("max_latency[1]", lambda: LeaderVectorEnv(GAME, NUM, stay, throttling=True, max_latency=(3, 1))),
        ("max_latency", lambda: LeaderVectorEnv(GAME, NUM, stay, max_latency=(3, 3))),
        ("game", lambda: FollowerVectorEnv(games(3), NUM, "random")),
        ("game", lambda: LeaderVectorEnv(games(3), NUM, stay)),
        ("game", lambda: LeaderVectorEnv(Game(np.full(NUM, 1e39), 20, (0.1, 0.3), (1, 2), (1, 3)), NUM, stay)),
        ("num_tasks", lambda: LeaderVectorEnv(GAME, NUM, stay, num_tasks=0)),
        ("num_envs", lambda: LeaderVectorEnv(GAME, 0, stay)),
        ("max_passes", lambda: LeaderVectorEnv(GAME, NUM, stay, max_passes=0)),
        ("retry_multiplier[0]", lambda: LeaderVectorEnv(GAME, NUM, stay, retry_multiplier=-1)),
        ("num_envs", lambda: FollowerVectorEnv(GAME, 0, CASCADE)),
    ],
)
def test_arguments_out_of_range_are_named(parameter, make_one):
    with pytest.raises(ParameterError) as caught:
        make_one()
    assert caught.value.parameter == parameter


# The two modes of restarting


MODES = [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP]
SINGLE = {
    "memoryless": {"provider": CASCADE},
    "history": {"provider": "random", "information": "history", "max_passes": 3},
    "throttling": {"provider": "random", "throttling": True, "max_latency": (5, 9)},
    "difficulty": {"provider": CASCADE, "retry_multiplier": (0.5, 0.8), "difficulty": 2.0},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("options", SINGLE.values(), ids=SINGLE.keys())
def test_a_row_restarts_as_gymnasiums_own_vector_environment_does(options, mode):
    """Step by step: what `SyncVectorEnv` makes of the environment of a single user, luck and infos included."""
    rest = {name: value for name, value in options.items() if name != "provider"}
    for seed in range(4):
        ours = FollowerVectorEnv(GAME, 1, options["provider"], **rest, autoreset_mode=mode)
        theirs = SyncVectorEnv([lambda: FollowerEnv(GAME, **options)], autoreset_mode=mode)
        assert ours.metadata["autoreset_mode"] is theirs.metadata["autoreset_mode"] is mode
        assert np.array_equal(ours.reset(seed=seed)[0], theirs.reset(seed=seed)[0])
        rng, endings = np.random.default_rng(seed), 0
        for _ in range(40):
            action = (rng.random(1) < 0.3).astype(np.int64)
            seen, rewards, terminations, truncations, infos = ours.step(action)
            told = theirs.step(action)
            for mine, other in zip((seen, terminations, truncations), (told[0], *told[2:4]), strict=True):
                assert np.array_equal(mine, other)
            assert np.allclose(rewards, told[1], rtol=1e-5)  # a row's are float32
            assert np.array_equal(infos["action_mask"], told[4]["action_mask"])
            over = bool(terminations[0] or truncations[0])
            endings += over
            assert ("final_obs" in infos) == ("final_obs" in told[4]) == (over and mode is AutoresetMode.SAME_STEP)
            if over and mode is AutoresetMode.SAME_STEP:
                assert np.array_equal(infos["_final_obs"], told[4]["_final_obs"])
                assert np.array_equal(infos["final_obs"][0], told[4]["final_obs"][0])
                infos, told = infos["final_info"], (*told[:4], told[4]["final_info"])
            for name in ("solved", "abandoned", "passes"):
                assert (name in infos) == over
                if over:
                    assert infos[name][0] == told[4][name][0] and infos[f"_{name}"][0]
        assert endings > 2


@pytest.mark.parametrize("make", [*FOLLOWERS.values(), OWN_GAMES["own games"]], ids=[*FOLLOWERS, "own games"])
def test_restarting_in_the_next_step_changes_nothing_but_when(make):
    """Without the steps that only begin an episode, a row plays the same in both modes."""
    answers = (np.random.default_rng(0).random((NUM, 60)) < 0.2).astype(np.int64)
    same_step = make(NUM)
    same_step.reset(seed=3)
    rewards = np.array([same_step.step(answer)[1] for answer in answers.T])
    env = make(NUM, autoreset_mode=AutoresetMode.NEXT_STEP)
    seen, _ = env.reset(seed=3)
    done, played = np.zeros(NUM, dtype=bool), np.zeros(NUM, dtype=int)
    for _ in range(50):
        actions = np.where(done, 7, answers[np.arange(NUM), played])  # whatever a row that rests is told
        seen, reward, terminations, truncations, infos = env.step(actions)
        assert not (terminations | truncations)[done].any() and not reward[done].any() and not seen[done, 0].any()
        assert not infos["provider_reward"][done].any()
        assert np.array_equal(reward[~done], rewards[played[~done], np.flatnonzero(~done)])
        may_leave = (~done | env.contract.declines) & ~(terminations | truncations)
        assert np.array_equal(infos["action_mask"][:, ABANDON], may_leave)
        played += ~done
        done = terminations | truncations
    assert played.min() < 50


def test_leaders_restart_in_the_next_step():
    same_step = LeaderVectorEnv(GAME, NUM, leave_sometimes, num_tasks=20)
    env = LeaderVectorEnv(GAME, NUM, leave_sometimes, num_tasks=20, autoreset_mode="NextStep")
    begun, _ = env.reset(seed=1)
    same_step.reset(seed=1)
    for actions in np.random.default_rng(0).random((3, NUM, 2), dtype=np.float32):
        _, paid, _, _, told = same_step.step(actions)
        seen, rewards, terminations, truncations, infos = env.step(actions)
        assert np.array_equal(rewards, paid) and terminations.all() and not truncations.any()
        assert np.array_equal(seen, np.stack(told["final_obs"]))
        for name, value in told["final_info"].items():
            assert np.array_equal(infos[name], value)
        seen, rewards, terminations, truncations, infos = env.step(np.full((NUM, 2), 9, dtype=np.float32))
        assert np.array_equal(seen, begun) and not (rewards.any() or terminations.any() or truncations.any())
        assert infos == {}
    env.step(BOX)
    env.reset()
    assert env.step(BOX)[2].all(), "a reset leaves nobody resting"


@pytest.mark.parametrize("wrapper", [NormalizeObservation, FlattenObservation, RecordEpisodeStatistics])
@pytest.mark.parametrize("make", [lambda **mode: FollowerVectorEnv(GAME, NUM, CASCADE, **mode), make_leaders])
def test_gymnasiums_wrappers_take_environments_that_restart_in_the_next_step(make, wrapper):
    env = wrapper(make(autoreset_mode=AutoresetMode.NEXT_STEP))
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(8):
        env.step(env.action_space.sample())


@pytest.mark.parametrize("mode", ["Disabled", AutoresetMode.DISABLED, None, "next"])
def test_another_mode_is_refused(mode):
    with pytest.raises(ParameterError, match="autoreset_mode must be 'SameStep' or 'NextStep'"):
        FollowerVectorEnv(GAME, NUM, CASCADE, autoreset_mode=mode)


def test_the_modes_value_and_make_vec_will_do():
    env = gymnasium.make_vec("routegame:routegame/Follower-v0", 2, game=GAME, autoreset_mode="NextStep")
    assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert FollowerVectorEnv(GAME, 2, CASCADE).metadata["autoreset_mode"] is AutoresetMode.SAME_STEP


@pytest.mark.parametrize("version,warned", [("1.2.2", True), ("1.3.0", True), ("1.4.0", False), ("2.0.0a1", False)])
def test_old_versions_of_gymnasium_are_warned_of_once(version, warned, monkeypatch):
    """Their RecordEpisodeStatistics counts steps as if episodes began in the next step, whatever the mode."""
    monkeypatch.setattr(gymnasium, "__version__", version)
    _warn_of_statistics.cache_clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            FollowerVectorEnv(GAME, 2, CASCADE, autoreset_mode=AutoresetMode.NEXT_STEP)
        assert caught == []
        for _ in range(2):
            FollowerVectorEnv(GAME, 2, CASCADE)
        LeaderVectorEnv(GAME, 2, stay)
    assert len(caught) == warned
    assert not warned or ("RecordEpisodeStatistics" in str(caught[0].message) and caught[0].filename == __file__)
    _warn_of_statistics.cache_clear()


def test_masks_say_which_answers_there_are():
    env = FollowerVectorEnv(GAME, NUM, "random")
    with pytest.raises(ResetNeeded, match="action_masks"):
        env.action_masks()
    env.reset(seed=0)
    for _ in range(5):
        *_, infos = env.step(INT)
        assert env.action_masks().dtype == np.bool_
        assert np.array_equal(env.action_masks(), infos["action_mask"])
    env.action_masks()[:] = False
    assert env.action_masks()[:, RETRY].all()


@pytest.mark.parametrize(
    "make,known",
    [
        (lambda: FollowerVectorEnv(GAME, 2, CASCADE, colour=1), "FollowerVectorEnv .*information, .*autoreset_mode"),
        (lambda: LeaderVectorEnv(GAME, 2, stay, colour=1), "LeaderVectorEnv .*num_tasks, .*autoreset_mode"),
        (lambda: gymnasium.make_vec("routegame:routegame/Leader-v0", 2, colour=1), "LeaderVectorEnv .*num_tasks"),
    ],
)
def test_an_unknown_argument_is_refused_and_the_known_are_named(make, known):
    with pytest.raises(TypeError, match=f"{known}") as refusal:
        make()
    assert "unexpected keyword argument 'colour'" in str(refusal.value)
