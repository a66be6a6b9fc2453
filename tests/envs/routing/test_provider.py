"""The provider between two rounds: offers it has made before, when it has a say, what it sees, and its masks."""

from typing import Any

import numpy as np
import pytest
from routing_episodes import CASCADE, HARD, offer

from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.routing.contract import PaperContract
from routegame.envs.routing.provider import Provider
from routegame.envs.routing.spaces import ActionError, Commits, Spaces
from routegame.envs.routing.user import User, UserType


def made(
    commits: Commits = "episode", *, grid: int | None = None, one_game: bool = True
) -> tuple[Provider, list[User]]:
    """A provider and its three users, none of whom has begun a task."""
    game, contract = RoutingGame(HARD), PaperContract()
    options: dict[str, Any] = {"retry_multiplier": (1.0, 1.0), "difficulty": None, "sight": "exact", "noise": 0.0}
    kind = UserType(game, contract, **options, information="memoryless", max_passes=50)
    users = [User(k, kind) for k in range(3)]
    shown: dict[str, Any] = {"information": "memoryless", "grid": grid, "max_passes": 50, "num_tasks": 2}
    spaces = Spaces([game] * 3, contract, commits=commits, **shown)
    return Provider(users, commits, one_game, spaces, contract), users


def test_an_offer_that_is_the_same_to_the_bit_is_checked_once() -> None:
    provider, _ = made()
    first = provider.coordinates(CASCADE)
    assert first == [0, 0.25]
    assert provider.coordinates(CASCADE.copy()) is first
    assert provider.coordinates([0, 0.5]) == [0, 0.5] and provider.coordinates(CASCADE) == [0, 0.25]
    for refused in (offer(0, np.nan), CASCADE[None], CASCADE.view(np.int32), None):
        with pytest.raises(ActionError):
            provider.coordinates(refused)
    assert provider.coordinates(CASCADE) == [0, 0.25]


def test_levels_of_a_grid_are_never_taken_for_an_offer_from_a_box() -> None:
    provider, _ = made(grid=5)
    assert provider.coordinates(np.array([1, 2])) == [1, 0.5] and provider.offer is None


@pytest.mark.parametrize(("commits", "once"), [("episode", True), ("task", False)])
def test_it_has_a_say_while_tasks_begin(commits: Commits, once: bool) -> None:
    """Where it commits for an episode, only until it has."""
    provider, users = made(commits)
    provider.look_around(users, 2, 2)
    assert provider.info["has_say"] and provider.view.tolist() == pytest.approx([2 / 3, 1])
    provider.look_around(users[:1], 0, 0)
    assert not provider.info["has_say"] and provider.view.tolist() == pytest.approx([0, 1 / 3])
    for user in users:
        user.begin_task([0.0, 0.25])
    provider.look_around(users, 1, 1)
    assert provider.info["has_say"] != once
    with pytest.raises(ValueError, match="read-only"):
        provider.view[0] = 0


def test_a_commitment_is_one_or_one_to_each() -> None:
    """It is one where it is made once and means the same to all."""
    for commits, one_game in (("episode", True), ("episode", False), ("task", True)):
        provider, users = made(commits, one_game=one_game)
        assert provider.commitment is None
        users[0].begin_task([0.0, 0.25])
        rule = Commitment.unthrottled(HARD, 1, 0.25)
        assert provider.commitment == (rule if (commits, one_game) == ("episode", True) else (rule, None, None))


def test_picks_are_open_to_users_who_are_still_with_model_1() -> None:
    provider, users = made("never", grid=5)
    for user in users:
        user.begins = False
    users[0].model, users[1].model, users[1].passes = 1, 2, 7
    provider.look_around(users[:2], 0, 0)
    assert provider.info["has_say"]
    assert [mask.tolist() for mask in provider.info["action_mask"]] == [[1, 1], [0, 1], [1, 0]]
    assert provider.view.tolist() == [1, 0, 2, 7, 0, 0]
    provider.look_around(users[1:2], 0, 0)
    assert not provider.info["has_say"], "model 2 never hands back"


def test_masks_close_where_it_has_no_say() -> None:
    provider, users = made("task", grid=3)
    masks = []
    for beginning in (1, 0):
        provider.look_around(users, beginning, beginning)
        masks.append([mask.tolist() for mask in provider.info["action_mask"]])
    assert masks == [[[1, 1], [1, 1, 1]], [[1, 0], [1, 0, 0]]]
