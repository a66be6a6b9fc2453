"""Equal spaces for all agents: what is filled up with zeros, and what actions of the provider's space mean to users."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete
from routing_episodes import CASCADE, GAME, HARD, MENU, TYPES, always, offer, play

from routegame.envs import routing_v0
from routegame.envs.checks import ParameterError
from routegame.envs.routing.padding import Padding
from routegame.envs.routing_v0 import ABANDON, RETRY, ActionError

CHOICES = {"grid": 5, "flat": True}
LEAVE = {"box": offer(0.75, 0), "choices": 1}
STAY = {"box": offer(0.5, 1), "choices": 7}


@pytest.mark.parametrize(
    "options",
    [{}, CHOICES, {"game": TYPES}, {"game": MENU, "information": "history", **CHOICES}, {"commits": "never"}],
)
def test_all_agents_have_the_provider_s_actions_and_the_longest_observation(options):
    options = {"num_users": 3, "game": GAME, **options}
    own, env = routing_v0.parallel_env(**options), routing_v0.parallel_env(**options, padded=True)
    agents = env.possible_agents
    assert all(env.action_space(agent) == own.action_space("provider") for agent in agents)
    assert len({id(env.action_space(agent)) for agent in agents}) == 4, "each has its own chance"
    space = env.observation_space("user_1")
    assert all(env.observation_space(agent) == space for agent in agents)
    bounds = [own.observation_space(agent) for agent in agents]
    assert len(space.low) == max(len(bound.low) for bound in bounds)
    for bound in bounds:
        assert (space.high[: len(bound.high)] >= bound.high).all()


@pytest.mark.parametrize("kind", ["box", "choices"])
def test_an_episode_is_the_same_but_for_its_looks(kind):
    options = {"num_users": 2, "information": "model"} | (CHOICES if kind == "choices" else {})
    own, env = routing_v0.parallel_env(GAME, **options), routing_v0.parallel_env(GAME, **options, padded=True)
    action = 1 if kind == "choices" else CASCADE
    for answer, meant in ((STAY[kind], RETRY), (LEAVE[kind], ABANDON)):
        expected = play(own, action, always(meant), seed=3)
        episode = play(env, action, always(answer), seed=3)
        assert [step[1:4] for step in episode.steps] == [step[1:4] for step in expected.steps]
        for seen, shorter in zip(episode.seen, expected.seen, strict=True):
            for agent, view in seen.items():
                assert view.shape == (6,) and not view.flags.writeable
                assert view.tolist() == [*shorter[agent], *[0.0] * (6 - len(shorter[agent]))]
        for infos, shorter in zip(episode.infos, expected.infos, strict=True):
            for agent, info in infos.items():
                masked = dict(shorter[agent])
                mask = masked.pop("action_mask", None)
                if kind == "choices":
                    assert mask is not None
                    assert info["action_mask"].tolist() == [*mask, *[0] * (10 - len(mask))]
                    assert not info["action_mask"].flags.writeable and info["action_mask"].dtype == np.int8
                assert {name: fact for name, fact in info.items() if name != "action_mask"} == masked
                assert ("action_mask" in info) == (kind == "choices")


@pytest.mark.parametrize("kind", ["box", "choices"])
@pytest.mark.parametrize("answer", [-1, 10, 0.5, None, [[0], [0, 1]], offer(0), offer(0, 1.5), offer(0, np.nan), "0"])
def test_what_is_no_answer_is_refused_and_changes_nothing(kind, answer):
    env = routing_v0.parallel_env(HARD, padded=True, **(CHOICES if kind == "choices" else {}))
    env.reset(seed=0)
    action = 1 if kind == "choices" else CASCADE
    with pytest.raises(ActionError, match=f"action of user_0 must be in {'Discrete' if kind == 'choices' else 'Box'}"):
        env.step({"provider": action, "user_0": answer})
    assert env.agents == ["provider", "user_0"] and env.step({"provider": action, "user_0": STAY[kind]})[4]


def test_a_box_and_choices_are_asked_in_their_own_ways():
    box = Padding([Box(0, 1, (2,)), Box(-2, 5, (3,))], Box(0, 1, (2,)))
    np.testing.assert_array_equal(box.observation_space.low, [-2, -2, -2])
    np.testing.assert_array_equal(box.observation_space.high, [5, 5, 5])
    assert [box.leaves([x, 0]) for x in (0, 0.5, 0.51, 1)] == [False, False, True, True]
    choices = Padding([Box(1, 2, (1,)), Box(0, 1, (3,))], Discrete(4))
    np.testing.assert_array_equal(choices.observation_space.low, [0, 0, 0])
    np.testing.assert_array_equal(choices.observation_space.high, [2, 1, 1])
    assert [choices.leaves(x) for x in (0, np.int64(1), 2, 3, 4, -1, 1.0)] == [
        False,
        True,
        False,
        False,
        None,
        None,
        None,
    ]


def test_a_grid_of_several_choices_is_not_padded():
    with pytest.raises(ParameterError, match="flat must be True where a grid is padded"):
        routing_v0.parallel_env(GAME, grid=3, padded=True)
