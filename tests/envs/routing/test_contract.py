"""How a provider commits: which of the two ways is chosen, what a number picks, and what an observation shows."""

from typing import Any

import numpy as np
import pytest
from routing_episodes import GAME, MENU

from routegame import ParameterError
from routegame.envs import Commitment, MenuCommitment
from routegame.envs.commitment import Commitments
from routegame.envs.menu_game import MenuCommitments
from routegame.envs.routing.contract import MenuContract, PaperContract, contract_for, menu_in_sight
from routegame.envs.sampling.chances import row_moved_above


@pytest.mark.parametrize(
    ("models", "options", "chosen"),
    [
        (2, {}, PaperContract()),
        (2, {"order": "paper", "throttling": True}, PaperContract(throttling=True)),
        (2, {"order": "free"}, MenuContract(2)),
        (2, {"decline": True}, MenuContract(2, declines=True)),
        (2, {"form": "matrix"}, MenuContract(2, form="matrix")),
        (51, {"throttling": True}, MenuContract(51, throttling=True)),
    ],
)
def test_the_papers_order_is_for_two_models_of_whom_nothing_else_is_asked(
    models: int, options: dict[str, Any], chosen: object
) -> None:
    assert contract_for(models, **options) == chosen


@pytest.mark.parametrize(
    "contract", [PaperContract(throttling=True), MenuContract(3, True), MenuContract(3, form="matrix")]
)
def test_an_action_is_as_long_as_its_box_says(contract: Any) -> None:
    game = GAME if contract.num_models == 2 else MENU
    box = contract.box(game, None)
    assert (box.size, box.num_switches, box.num_extras) == (contract.size, contract.num_switches, contract.num_extras)
    points = np.random.default_rng(0).random((4, contract.size))
    offers = contract.at(points, game.latency, box.max_latency)
    assert offers[2] == box.at(points[2].tolist())
    assert len(contract.most_seen(box.max_latency)) == contract.seen(offers).shape[1]
    assert contract.policy(offers[1]).num_models == contract.num_models
    together = contract.together([offers[0], offers[3]])
    assert [together[0], together[1]] == [offers[0], offers[3]]


@pytest.mark.parametrize(("share", "model"), [(0.0, 0), (0.5, 0), (0.51, 1), (1.0, 1)])
def test_of_two_models_a_number_picks_the_second_above_a_half(share: float, model: int) -> None:
    assert PaperContract().picked(share) == MenuContract(2).picked(share) == model


@pytest.mark.parametrize("model", [0, 1])
def test_failures_of_two_models_are_shared_out_as_those_of_any_number_are(model: int) -> None:
    contract, rng = PaperContract(), np.random.default_rng(model)
    shares = [0.0, 1.0, 1e-300, 2**-34, 2**-33, 2**-32, 1 - 2**-53, *rng.random(200).tolist()]
    for share in shares:
        commitment = Commitment(1, share, (1, 2))
        for solved_below in (1, 2**31, 2**32 - 1, int(rng.integers(1, 2**32))):
            wanted = row_moved_above(solved_below, contract.row(commitment, model), model)
            assert list(contract.moved_above(commitment, model, solved_below)) == wanted


@pytest.mark.parametrize("models", [2, 3, 7, 51, 64])
def test_every_level_of_a_grid_picks_its_model(models: int) -> None:
    assert [MenuContract(models).picked(k / (models - 1)) for k in range(models)] == list(range(models))


@pytest.mark.parametrize("models", [2, 3, 8])
@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_an_observation_shows_the_commitment_again(models: int, form: Any) -> None:
    contract, rng = MenuContract(models, form=form), np.random.default_rng(models)
    game = MENU.of_models([k % 3 for k in range(models)])
    offers = contract.at(rng.random((1, contract.size)), game.latency, game.latency)
    for memory in ([], [2]):
        seen = np.array([1, *contract.seen(offers)[0], *memory], dtype=np.float32)
        found = menu_in_sight(game, seen.tolist())
        assert found is not None
        policy, latency = found
        assert np.allclose(policy.start, offers.start[0], atol=1e-6)
        assert np.allclose(policy.matrix, offers.matrix[0], atol=1e-6) and latency == pytest.approx(game.latency)


def test_a_route_in_sight_is_no_menu() -> None:
    assert menu_in_sight(GAME, [1, 1, 0.5, 1, 2]) is None and menu_in_sight(GAME, [1, 1, 0.5, 1, 2, 1]) is None


@pytest.mark.parametrize(
    ("contract", "commitment"),
    [
        (PaperContract(), MenuCommitment((1, 0), ((0, 1), (0, 1)), (1, 2))),
        (PaperContract(), Commitments.unthrottled(GAME, [1, 2], [0.0, 0.0])),
        (MenuContract(3), Commitment(1, 0.5, (1, 2))),
        (MenuContract(3), MenuCommitment((1, 0), ((0, 1), (0, 1)), (1, 2))),
        (MenuContract(2), MenuCommitment((1, 0), ((1, 0), (0, 1)), (1, 2))),
        (MenuContract(2), MenuCommitments(np.ones((2, 2)) / 2, np.ones((2, 1, 2)) / 2, np.ones((2, 2)))),
    ],
)
def test_a_commitment_of_another_kind_or_number_is_refused(contract: Any, commitment: Any) -> None:
    with pytest.raises(ParameterError, match="commitment must be"):
        contract.alike(commitment, 3)
