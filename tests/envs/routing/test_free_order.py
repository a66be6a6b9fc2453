"""Commitments in full, to any number of models: what they bring, who may decline, and the same luck everywhere."""

from typing import Any

import numpy as np
import pytest
from routing_episodes import GAME, HARD, MENU, MENUS, always, everyone, offer, play, rounds_of, stationary

from routegame import Game
from routegame.agents.perfect import answers_and_refusals, answers_at_their_best, at_their_best
from routegame.envs import FollowerVectorEnv, LeaderEnv, LeaderVectorEnv, MenuCommitment, Policy, TaskBatch, routing_v0
from routegame.envs.routing.rounds import Commits
from routegame.envs.routing_v0 import ABANDON, RETRY

ANY = offer(0.3, 0.5, 0.2, 0.5, 0.25, 0.25)
"""Some commitment to three models in compact form."""
SURE, HOPELESS = (Game(9, 20, (p,) * 3, (1, 2, 4), (1, 3, 7)) for p in (1 - 1e-9, 1e-9))


def in_full(env: Any, action: np.ndarray) -> dict[str, Any]:
    offered = env.commitment_box.commitment(action)
    return {"start": offered.start, "matrix": offered.matrix}


# The same luck everywhere


@pytest.mark.parametrize("form", ["compact", "matrix"])
@pytest.mark.parametrize("decline", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"max_passes": 3}, {"retry_multiplier": (0.5, 2.0, 1.0)}, {"difficulty": 2.0, "max_passes": 9}]
)
def test_rows_are_the_users_of_the_environment(options: dict[str, Any], decline: bool, form: Any) -> None:
    """Bit for bit: row k of a batch, of a vector environment, and `user_k`, whose round of the offer plays nothing."""
    users = 6
    env = routing_v0.parallel_env(MENU, num_users=users, num_tasks=5, form=form, decline=decline, **options)
    action = np.random.default_rng(3).random(env.action_space("provider").shape, dtype=np.float32)
    action[1] = 0
    offered = in_full(env, action)
    batch = TaskBatch(MENU, **offered, decline=decline, num_tasks=users, seed=3, **options)
    rows = FollowerVectorEnv(MENU, users, env.commitment_box.commitment(action), form=form, decline=decline, **options)
    env.reset(seed=3)
    seen, _ = rows.reset(seed=3)
    if decline:
        shown, rewards, *_, infos = env.step(everyone(env, action, ABANDON))
        assert {rewards[user] for user in env.agents} == {0.0}
        assert all(infos[user]["action_mask"].tolist() == [1, 1] for user in env.agents[1:])
        assert all(shown[f"user_{k}"].tobytes() == seen[k].tobytes() for k in range(users))
    leaves = np.random.default_rng(4)
    while env.agents:
        answers = leaves.random(users) < 0.2
        answers &= decline | ~batch.over
        actions = {user: int(answers[int(user.removeprefix("user_"))]) for user in env.agents[1:]}
        shown, rewards, _, _, infos = env.step({routing_v0.PROVIDER: action} | actions)
        batch.step(answers)
        seen, paid, *_ = rows.step(answers.astype(np.int64))
        for user in actions:
            row, info = int(user.removeprefix("user_")), infos[user]
            assert (info["solved"], info["abandoned"]) == (batch.solved[row], batch.abandoned[row])
            assert batch.model[row] == (0 if info["abandoned"] else info["model"])
            assert batch.failures[row] == (0 if batch.over[row] else info["passes"])
            assert batch.user_reward[row] == paid[row] == pytest.approx(rewards[user], rel=1e-6)
            if user in env.agents:
                assert shown[user].tobytes() == seen[row].tobytes()
    assert infos["provider"]["commitment"] == env.commitment_box.commitment(action)


def test_two_models_play_in_full_what_they_play_in_the_papers_order() -> None:
    """Word for word, at a cascade probability that weights hold exactly."""
    for route, weights in ((1, [1, 0]), (2, [0, 1])):
        paper = play(routing_v0.parallel_env(GAME, num_users=5, num_tasks=3), offer(route - 1, 0.25), always(RETRY), 1)
        env = routing_v0.parallel_env(GAME, num_users=5, num_tasks=3, form="matrix")
        full = play(env, offer(*weights, 0.75, 0.25, 0, 1), always(RETRY), 1)
        for one, other in zip(paper.steps, full.steps, strict=True):
            assert one[1:4] == other[1:4]
            for user in set(one[4]) - {"provider"}:
                assert repr(one[4][user]) == repr(other[4][user])


def test_types_of_users_have_latencies_of_their_own() -> None:
    env = routing_v0.parallel_env(MENUS, throttling=True)
    episode = play(env, offer(1, 0, 0, 1, 0, 0, 0.5, 0, 0), always(RETRY), 0)
    slow = [kind.max_latency[0] for kind in env.commitment_boxes]
    waited = [episode.of(f"user_{k}")[0][4]["latency"] for k in range(3)]
    assert waited == pytest.approx([(t + most) / 2 for t, most in zip((1, 2, 0.5), slow, strict=True)])


# What users see


def test_users_see_start_rows_and_latencies_and_what_failed() -> None:
    env = routing_v0.parallel_env(HOPELESS, information="model", throttling=True, max_latency=(2, 2, 4))
    env.reset(seed=0)
    seen, *_, infos = env.step(everyone(env, offer(0, 1, 1, 1, 0.25, 0, 1, 0, 0), RETRY))
    assert seen["user_0"].tolist() == [1, 0, 0.5, 0.5, *np.float32([0.8, 0.2, 0]), 2, 2, 4, infos["user_0"]["model"]]
    assert infos["user_0"]["model"] in (2, 3)
    env = routing_v0.parallel_env(HOPELESS, form="matrix", information="history")
    env.reset(seed=0)
    seen, *_ = env.step(everyone(env, offer(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0, 0.5), RETRY))
    assert seen["user_0"].tolist() == [1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0, 0.5, 1, 2, 4, 1]
    models = [1]
    for _ in range(2):
        *_, infos = env.step(everyone(env, offer(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0, 0.5), RETRY))
        models.append(infos["user_0"]["model"])
    assert models == [1, 2, 3]


def test_noise_blurs_weights_and_slow_downs() -> None:
    env = routing_v0.parallel_env(HOPELESS, num_users=500, sight="noisy", noise=0.1)
    env.reset(seed=0)
    seen, *_ = env.step(everyone(env, ANY, RETRY))
    again, *_ = env.step(everyone(env, ANY, RETRY))
    views = np.array([seen[user] for user in env.agents[1:]])
    assert (views == [again[user] for user in env.agents[1:]]).all()
    assert np.allclose(views[:, 1:4].sum(axis=1), 1) and np.allclose(views[:, 4:7].sum(axis=1), 1)
    assert (views[:, 1:7].std(axis=0) > 0.02).all()
    assert views[:, 1:7].mean(axis=0) == pytest.approx([0.3, 0.5, 0.2, 0.5, 0.25, 0.25], abs=0.05)
    assert abs(np.corrcoef(views[:, 1], views[:, 4])[0, 1]) < 0.2, "each number has a word of its own"


# Without commitments


def test_a_provider_who_does_not_commit_picks_any_model_for_any_pass() -> None:
    env = routing_v0.parallel_env(HOPELESS, num_users=2, commits="never", grid=4)
    env.reset(seed=0)
    assert env.action_space("provider").nvec.tolist() == [3, 3]
    picks, models = [(2, 0), (0, 2), (0, 1), (1, 1)], []
    for pick in picks:
        *_, infos = env.step(everyone(env, np.array(pick), RETRY))
        models.append((infos["user_0"]["model"] - 1, infos["user_1"]["model"] - 1))
        assert [mask.tolist() for mask in infos["provider"]["action_mask"]] == [[1, 1, 1]] * 2
    assert models == picks, "hand-backs included"


def test_a_number_picks_a_model_by_its_place() -> None:
    env = routing_v0.parallel_env(HOPELESS, commits="never", throttling=True)
    env.reset(seed=0)
    told = [env.step(everyone(env, offer(x, 0, 0.5, 0), RETRY))[4]["user_0"] for x in (0, 0.33, 0.34, 0.66, 0.67, 1)]
    assert [info["model"] for info in told] == [1, 1, 2, 2, 3, 3]
    assert told[2]["latency"] == pytest.approx((2 + env.commitment_box.max_latency[1]) / 2)


def test_a_pass_on_the_model_of_the_last_one_is_a_repeat_and_no_other() -> None:
    env = routing_v0.parallel_env(HOPELESS, commits="never", retry_multiplier=(1e9, 0, 0))
    env.reset(seed=0)
    solved = [env.step(everyone(env, offer(x), RETRY))[4]["user_0"]["solved"] for x in (0, 1, 1, 0, 0)]
    assert solved == [False, False, False, False, True]


# Declining


@pytest.mark.parametrize("answer", [RETRY, ABANDON])
def test_a_task_may_be_declined_in_the_round_in_which_it_would_begin(answer: int) -> None:
    env = routing_v0.parallel_env(SURE, decline=True, information="model")
    seen, infos = env.reset(seed=0)
    assert infos["user_0"]["action_mask"].tolist() == [1, 0] and not seen["user_0"].any()
    seen, rewards, *_, infos = env.step(everyone(env, ANY, ABANDON))
    assert (rewards, infos["user_0"]["passes"]) == ({"provider": 0.0, "user_0": 0.0}, 0), "what it says has no effect"
    assert infos["user_0"]["action_mask"].tolist() == [1, 1] and not infos["provider"]["has_say"]
    assert seen["user_0"].tolist() == pytest.approx([0, 0.3, 0.5, 0.2, 0.5, 0.25, 0.25, 1, 2, 4, 0])
    seen, rewards, terminations, _, infos = env.step(everyone(env, ANY, answer))
    told = infos["user_0"]
    assert terminations["user_0"] and told["task"] == 1
    if answer == ABANDON:
        assert rewards == {"provider": -20.0, "user_0": 0.0} and infos["provider"]["abandonments"] == 1
        assert (told["abandoned"], told["solved"], told["passes"], told["model"]) == (True, False, 0, 0)
    else:
        assert told["solved"] and told["passes"] == 1 and rewards["user_0"] == 9 - told["latency"]


@pytest.mark.parametrize(("commits", "rounds"), [("episode", 1 + 3), ("task", 2 * 3), ("never", 3)])
def test_a_round_shows_the_offer_where_it_is_news(commits: Commits, rounds: int) -> None:
    """Once an episode, before every task, or never where nobody commits."""
    env = routing_v0.parallel_env(HARD, num_tasks=3, decline=True, commits=commits)
    size = env.action_space("provider").shape[0]
    played = rounds_of(env, lambda _: everyone(env, np.full(size, 0.5, dtype=np.float32), ABANDON), 1)
    assert len(played) == rounds
    assert sum(rewards["provider"] for _, rewards, *_ in played) == -60.0
    says = [infos["provider"]["has_say"] for *_, infos in played[:-1]]
    assert says == {"episode": [False] * 3, "task": [k % 2 == 1 for k in range(5)], "never": [True] * 2}[commits]


def test_the_luck_of_a_task_does_not_depend_on_how_long_its_offer_was_awaited() -> None:
    episodes = [
        play(routing_v0.parallel_env(MENU, num_tasks=4, decline=True, commits=commits), ANY, always(RETRY), 2)
        for commits in ("episode", "task")
    ]
    passes = [
        [(info["model"], info["solved"]) for *_, info in episode.of("user_0") if info["passes"]] for episode in episodes
    ]
    assert passes[0] == passes[1] and len(episodes[1].steps) == len(episodes[0].steps) + 3


def test_everything_says_who_may_decline() -> None:
    env = routing_v0.parallel_env(MENU, decline=True)
    env.reset(seed=0)
    assert env.state()[:2].tolist() == [1, 0]
    env.step(everyone(env, ANY, RETRY))
    assert env.state()[:2].tolist() == [1, 1] and env.state()[5:].tolist() == pytest.approx(
        [0.3, 0.5, 0.2, 0.5, 0.25, 0.25, 1, 2, 0.5]
    )


# Sides alone, against the closed form


POLICY = Policy.redraw([0.2, 0.3, 0.5], [0.5, 0.25, 0.25])
OFFERED = MenuCommitment.of_policy(POLICY, (1, 2, 0.5))


def test_a_leader_is_paid_minus_j_of_its_users() -> None:
    """Users who leave with a probability, on their own and side by side."""
    q, users = 0.3, 400
    p, c = np.array(MENU.success_prob), np.array(MENU.cost)
    n = POLICY.passes(p, np.full(3, 1 - q))
    cost = n @ c + MENU.churn_penalty * (1 - n @ p)
    env = LeaderEnv(MENU, users=lambda game, seen: q, num_users=users)
    action = env.routing.commitment_box.action(OFFERED)
    env.reset(seed=0)
    _, reward, terminated, _, info = env.step(action)
    assert terminated and reward / users == pytest.approx(-cost, rel=0.1)
    assert info["commitment"].policy.start == pytest.approx(POLICY.start)
    rows = LeaderVectorEnv(MENU, 2, lambda game, offers: [q, q], num_tasks=50_000)
    rows.reset(seed=0)
    _, rewards, _, _, infos = rows.step(np.stack([action, action]))
    assert rewards == pytest.approx(-cost, rel=0.01)
    assert np.stack(infos["final_info"]["passes"]) == pytest.approx(np.stack([n, n]), rel=0.02)


def test_quick_episodes_are_the_environments() -> None:
    """Many users are played in arrays, few are not: the first ones have the same luck."""
    paid = []
    for users in (7, 8):
        env = LeaderEnv(MENU, users=lambda game, seen: 0.0, num_users=users, throttling=True)
        env.reset(seed=3)
        action = np.linspace(0, 1, 9, dtype=np.float32)
        paid.append(env.step(action)[1])
    routing = play(routing_v0.parallel_env(MENU, num_users=8, throttling=True), action, always(RETRY), 3)
    assert paid[1] == pytest.approx(routing.total("provider"), rel=1e-12) and paid[0] != paid[1]


def test_users_at_their_best_decline_what_is_worth_less_than_nothing() -> None:
    game = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
    slow, good = offer(1, 0, 0, 1, 0, 0), offer(0, 0, 1, 0, 0, 1)
    for action, leaves, declines in ((slow, 1.0, 1.0), (good, 0.0, 0.0)):
        env = routing_v0.parallel_env(game, decline=True)
        env.reset(seed=0)
        seen, *_ = env.step(everyone(env, action, RETRY))
        view = seen["user_0"].copy()
        assert at_their_best(game, view) == declines
        view[0] = 1
        assert at_their_best(game, view) == at_their_best(game, np.append(view, 2)) == leaves
        offers = env.commitment_box.commitments(np.stack([action, good]).astype(np.float64))
        assert answers_at_their_best(game, offers).tolist() == [leaves, 0]
        assert answers_and_refusals(game, offers).tolist() == [[leaves, 0], [declines, 0]]
        env = LeaderEnv(game, users=at_their_best, decline=True)
        env.reset(seed=0)
        _, reward, *_, info = env.step(action)
        assert info["abandonments"] == declines and (reward == -9.0) == bool(declines)
        rows = LeaderVectorEnv(game, 3, answers_and_refusals, decline=True, num_tasks=10)
        rows.reset(seed=0)
        _, rewards, *_, infos = rows.step(np.stack([action] * 3))
        assert infos["final_info"]["decline_prob"].tolist() == [declines] * 3
        assert (rewards == -9).all() == bool(declines)


def test_users_who_mix_pay_what_the_closed_form_says() -> None:
    env = routing_v0.parallel_env(MENU, num_users=500)
    episode = play(env, env.commitment_box.action(OFFERED), stationary(0.3), 0)
    n = POLICY.passes(MENU.success_prob, np.full(3, 0.7))
    told = [info for user in env.possible_agents[1:] for *_, info in episode.of(user) if not info["abandoned"]]
    found = np.bincount([info["model"] for info in told], minlength=4)[1:] / 500
    assert found == pytest.approx(n, abs=4 * 0.1)
