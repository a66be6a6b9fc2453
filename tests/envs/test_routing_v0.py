import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import data_equivalence
from pairwise import pairwise
from pettingzoo import AECEnv
from pettingzoo.test import (
    api_test,
    max_cycles_test,
    parallel_api_test,
    parallel_seed_test,
    render_test,
    seed_test,
    state_test,
)
from pettingzoo.utils import aec_to_parallel
from routing_episodes import (
    CASCADE,
    GAME,
    GOOD,
    HARD,
    MENU,
    MENU_OPTIONS,
    OPTIONS,
    TYPES,
    always,
    arguments,
    menu_arguments,
    offer,
    play,
    possible,
    possible_menu,
)

from routegame.envs import routing_v0
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.render.scene import as_text
from routegame.envs.routing_v0 import ABANDON, RETRY, ActionError, RoutingAECEnv

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


COMBINATIONS = [arguments(options) for options in pairwise(OPTIONS, possible)]
COMBINATIONS += [menu_arguments(options) for options in pairwise(MENU_OPTIONS, possible_menu)]
COMBINATIONS += [
    {"game": game, "num_users": 3, "padded": True, "ignore_ended": ignored, **options}
    for game in (GAME, MENU)
    for ignored, options in (
        (True, {"grid": 4, "flat": True, "num_tasks": 2, "commits": "task", "information": "model"}),
        (False, {"grid": 3, "flat": True, "commits": "never", "max_passes": 3, "information": "history"}),
        (True, {"throttling": True, "sight": "noisy", "decline": game is MENU, "max_cycles": 6}),
    )
]
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


@pytest.mark.quick_cases(12)
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


class ByPettingZoo(RoutingAECEnv):
    """Lets agents go by PettingZoo's own methods."""

    _deads_step_first = AECEnv._deads_step_first
    _was_dead_step = AECEnv._was_dead_step


def test_agents_go_as_by_pettingzoos_own_methods() -> None:
    options: dict[str, Any] = {"num_users": 5, "num_tasks": 2, "max_passes": 3}
    ours, theirs = RoutingAECEnv(GAME, **options), ByPettingZoo(GAME, **options)
    rng = np.random.default_rng(0)
    for seed in (3, *[None] * 20):
        ours.reset(seed=seed)
        theirs.reset(seed=seed)
        while ours.agents:
            agent = ours.agent_selection
            gone = ours.terminations[agent] or ours.truncations[agent]
            action = None if gone else CASCADE if agent == "provider" else int(rng.random() < 0.3)
            assert data_equivalence(ours.last(), theirs.last(), exact=True)
            ours.step(action)
            theirs.step(action)
            for held in ("agents", "agent_selection", "rewards", "terminations", "truncations", "_cumulative_rewards"):
                assert getattr(ours, held) == getattr(theirs, held), held
            assert ours.infos.keys() == theirs.infos.keys()
        assert theirs.agents == []


def test_actions_of_those_who_have_left_are_ignored_on_request() -> None:
    def played(env: Any, extra: dict[str, Any]) -> list[Any]:
        env.reset(seed=2)
        told = []
        while env.agents:
            leaves = {"user_0": ABANDON, "user_1": ABANDON if len(told) > 1 else RETRY, "user_2": RETRY}
            actions = {"provider": CASCADE} | leaves
            told.append(env.step(extra | {agent: actions[agent] for agent in env.agents}))
        return told

    strict, lenient = (
        routing_v0.parallel_env(HARD, num_users=3, max_passes=5, ignore_ended=on) for on in (False, True)
    )
    expected = played(strict, {})
    assert len({len(step[0]) for step in expected}) > 2, "they leave one by one"
    for ignored in (None, RETRY, ABANDON, "anything"):
        told = played(lenient, dict.fromkeys(["user_0", "user_1"], ignored))
        assert data_equivalence(told, expected, exact=True)
    with pytest.raises(ActionError, match="user_0 must be left out: it is not playing"):
        played(strict, {"user_0": RETRY})


def test_with_actions_ignored_those_who_play_must_act_and_nobody_else_is_known() -> None:
    env = routing_v0.parallel_env(HARD, num_users=2, ignore_ended=True)
    with pytest.raises(ActionError, match="every agent"):
        env.step(GOOD)
    env.reset(seed=0)
    env.step(GOOD)
    env.step(GOOD | {"user_0": ABANDON})
    assert env.agents == ["provider", "user_1"]
    with pytest.raises(ActionError, match="action of user_1 must be in"):
        env.step({"provider": CASCADE, "user_0": RETRY})
    with pytest.raises(ActionError, match="user_7 must be left out"):
        env.step(GOOD | {"user_7": RETRY})
    assert env.step(GOOD)[0].keys() == {"provider", "user_1"}


def test_in_turns_an_action_of_one_whose_episode_is_over_is_ignored_on_request() -> None:
    rewards = []
    for ignored in (None, ABANDON):
        env = routing_v0.env(GAME, num_users=2, ignore_ended=True)
        env.reset(seed=1)
        for agent in env.agent_iter():
            _, reward, terminated, truncated, _ = env.last()
            rewards.append((agent, reward))
            env.step(ignored if terminated or truncated else CASCADE if agent == "provider" else RETRY)
    half = len(rewards) // 2
    assert rewards[:half] == rewards[half:]


def test_an_action_says_what_it_commits_to() -> None:
    flat = routing_v0.parallel_env(GAME, grid=5, flat=True)
    box = flat.commitment_box
    assert flat.commitment_of(6) == box.commitment([1, 0.25])
    assert routing_v0.parallel_env(GAME).commitment_of(CASCADE) == box.commitment([0, 0.25])
    with pytest.raises(ActionError, match="in Discrete"):
        flat.commitment_of(10)
    with pytest.raises(ParameterError, match="commits must be"):
        routing_v0.parallel_env(GAME, commits="never").commitment_of(CASCADE)


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
        ("order", {"game": MENU, "order": "paper"}),
        ("order", {"order": "fixed"}),
        ("form", {"form": "chain"}),
        ("form", {"order": "paper", "form": "compact"}),
        ("form", {"game": Game(9, 20, [0.1] * 9, [1] * 9, [1] * 9), "form": "matrix"}),
        ("decline", {"order": "paper", "decline": True}),
        ("retry_multiplier", {"game": MENU, "retry_multiplier": (1, 1)}),
        ("flat", {"flat": True}),
        ("flat", {"grid": 3, "padded": True}),
        ("grid", {"game": MENU, "grid": 1000, "flat": True}),
    ],
)
@pytest.mark.parametrize("make", [routing_v0.parallel_env, routing_v0.env])
def test_a_bad_argument_is_named(make: Callable[..., object], parameter: str, arguments: dict[str, object]) -> None:
    with pytest.raises(ParameterError) as caught:
        make(**({"game": GAME} | arguments))
    assert caught.value.parameter == parameter


# The rest of the interface


def test_spaces_are_kept_for_each_agent() -> None:
    env = routing_v0.parallel_env(GAME, num_users=2, throttling=True, information="history", max_passes=50)
    agents = env.possible_agents
    assert agents == ["provider", "user_0", "user_1"]
    for space in (env.action_space, env.observation_space):
        assert all(space(agent) is space(agent) for agent in agents)
        assert len({id(space(agent)) for agent in agents}) == 3
    assert env.action_space("provider").shape == (4,)
    assert env.action_spaces == {agent: env.action_space(agent) for agent in agents}
    assert env.observation_spaces == {agent: env.observation_space(agent) for agent in agents}
    np.testing.assert_allclose(env.observation_space("user_1").high, [1, 2, 1, 1.8, 5.4, 50])


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


def test_metadata() -> None:
    env = routing_v0.parallel_env(GAME)
    assert str(env) == "routing_v0"
    assert env.metadata["render_modes"] == ["ansi", "rgb_array"]
    assert env.metadata["is_parallelizable"] is True


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


def test_after_the_end_no_actions_bring_nothing_as_in_pettingzoos_conversion() -> None:
    own, converted = routing_v0.parallel_env(HARD), aec_to_parallel(routing_v0.env(HARD))
    for env in (own, converted):
        env.reset(seed=0)
        while env.agents:
            env.step({"provider": np.zeros(2, dtype=np.float32), "user_0": ABANDON})
        for _ in range(2):
            assert env.step({}) == ({}, {}, {}, {}, {})
        assert env.agents == []
    with pytest.raises(ActionError, match="until reset"):
        own.step({"provider": np.zeros(2, dtype=np.float32), "user_0": ABANDON})
    own.reset(seed=0)
    with pytest.raises(ActionError, match="action of provider must be"):
        own.step({})


@pytest.mark.parametrize(
    "call",
    [
        lambda: routing_v0.env(GAME).last(),
        lambda: routing_v0.env(GAME).observe("user_0"),
        lambda: routing_v0.env(GAME).agent_iter(),
        lambda: routing_v0.env(GAME, render_mode="ansi").render(),
        lambda: routing_v0.parallel_env(GAME, render_mode="rgb_array").render(),
    ],
)
def test_before_the_first_reset_there_is_nothing_to_show(call: Any) -> None:
    with pytest.raises(ResetNeeded, match=r"call reset\(\) before"):
        call()


@pytest.mark.parametrize("make", [routing_v0.env, routing_v0.parallel_env])
def test_an_unknown_argument_is_refused_by_the_environments_name_and_the_known_are_named(make: Any) -> None:
    with pytest.raises(TypeError, match=r"^routing_v0 got an unexpected keyword argument 'colour'.*num_users, "):
        make(GAME, colour="red")
    with pytest.raises(TypeError, match=r"^routing_v0: too many positional arguments; .* game, num_users"):
        make(GAME, 4)
