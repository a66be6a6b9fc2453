"""A user's side: what its passes can bring, what it sees of a commitment, and how hard its tasks are."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from routing_episodes import GAME, HARD, STANDARD, everyone, offer, rounds_of

from routegame.envs import routing_v0
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.routing.contract import PaperContract
from routegame.envs.routing.user import ABANDONED, CUT_OFF, RUNNING, SOLVED, User, UserType
from routegame.envs.routing_v0 import ABANDON, RETRY


def kind_of(game: Game = GAME, **options: Any) -> UserType:
    """The users of a game with throttling, who see all of a commitment and whose tasks are alike."""
    settings: dict[str, Any] = {
        "retry_multiplier": (1.0, 1.0),
        "difficulty": None,
        "sight": "exact",
        "noise": 0.0,
        "information": "memoryless",
        "max_passes": 50,
    }
    return UserType(RoutingGame(game, throttling=True), PaperContract(throttling=True), **settings | options)


@pytest.mark.parametrize("cascade_prob", [0.0, 0.25, 1.0])
def test_a_table_has_the_odds_of_each_pass(cascade_prob: float) -> None:
    """Shares of all words of chance: of those that solve, and, of the others, of those that hand over."""
    commitment = Commitment(1, cascade_prob, (1.5, 4.0))
    table = kind_of(retry_multiplier=(0.5, 2.0)).table(commitment)
    words = 2**32
    odds = ((1, 0.1, cascade_prob), (1, 0.05, cascade_prob), (2, 0.3, 0), (2, 0.6, 0))
    for place, (model, p, s) in enumerate(odds):
        outcomes = table.look_up(place)
        latency, cost = ((1.5, 1), (4.0, 3))[model - 1]
        assert outcomes.model == model and outcomes.solved_below / words == pytest.approx(p, abs=1e-9)
        failing = words - outcomes.solved_below
        assert (words - 1 - table.look_onward(place)[0]) / failing == pytest.approx(s, abs=1e-9)
        assert (outcomes.reward_failed, outcomes.reward_solved) == (-latency, 9 - latency)
        assert (outcomes.info["model"], outcomes.info["latency"], outcomes.info["cost"]) == (model, latency, cost)
        assert table.look_up(outcomes.again).model == model


def test_a_pass_is_computed_once_and_for_repeats_that_are_no_likelier_too() -> None:
    commitment = Commitment(1, 0.25, (1, 2))
    alike, apart = (kind_of(retry_multiplier=(m, 1.0)).table(commitment) for m in (1.0, 0.5))
    assert alike.passes == [None] * 4
    first = alike.look_up(0)
    assert alike.look_up(1) is first and alike.passes == [first, first, None, None]
    assert apart.look_up(1).solved_below < apart.look_up(0).solved_below


def test_a_task_as_hard_as_it_gets_is_never_solved_and_the_easiest_always() -> None:
    """With ν near 0 a task is either: solved by every pass, or by none, with the odds of a first pass."""
    kind, commitment = kind_of(difficulty=1e-3), Commitment(1, 0.5, (1, 2))
    tables = [kind.table(commitment, word) for word in (0, 2**32 - 1)]
    ends = {round(table.look_up(place).solved_below / 2**32, 3) for table in tables for place in range(4)}
    assert ends == {0.0, 1.0}


def test_a_user_plays_until_its_task_ends() -> None:
    games = [Game(9, 20, (p, p), (1, 2), (1, 3)) for p in (1 - 1e-12, 1e-12)]
    sure, hopeless = (User(0, kind_of(game, information="history", max_passes=2)) for game in games)
    for user in (sure, hopeless):
        user.seed(np.array([[1], [2]], dtype=np.uint32), ahead=1)
        user.restart()
        user.begin_task([0.0, 0.0, 0.0, 0.0])
        assert (user.status, user.task, user.passes) == (RUNNING, 1, 0)
    reward, info = sure.play_pass()
    assert (reward, info["passes"], sure.status) == (9 - 1, 1, SOLVED)
    rewards = [hopeless.play_pass()[0] for _ in range(2)]
    assert (rewards, hopeless.status) == ([-1.0, -1.0], CUT_OFF)
    assert hopeless.look().tolist() == [1, 1, 0, 1, 2, 2], "both failures are known"
    hopeless.begin_task(None)
    reward, info = hopeless.abandon()
    assert (reward, info["abandoned"], info["passes"], hopeless.status) == (0.0, True, 0, ABANDONED)


def test_the_same_offer_is_worked_out_once() -> None:
    kind = kind_of()
    first = kind.take([0.0, 0.25, 0.5, 0.0])
    assert kind.take([0.0, 0.25, 0.5, 0.0]) is first
    other = kind.take([0.0, 0.25, 0.5, 0.1])
    assert other.commitment != first.commitment
    assert kind.take([0.0, 0.25, 0.5, 0.0]).commitment == first.commitment


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
