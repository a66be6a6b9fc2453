"""Users who draw what they do: their odds are those of their network, and files of them hold nothing else."""

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.categorical import CategoricalFollower, commitment_seen
from routegame.agents.users.learned import always
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.document import FileError
from routegame.envs.menu_game import MenuGame

GAME = RoutingGame(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)))
SOME = Commitments.unthrottled(GAME.game, [1, 1, 2], [0.0, 0.5, 0.25])


def users(seed=0, game=GAME, scale=1.0):
    rng = np.random.default_rng(seed)
    sizes = [(5, game.size), (4, 5), (2, 4)]
    layers = [(scale * rng.normal(size=size), rng.normal(size=size[0])) for size in sizes]
    return CategoricalFollower(game, tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in layers))


def test_a_commitment_is_seen_as_a_point_of_the_box():
    seen = commitment_seen(GAME, SOME)
    assert seen.dtype == np.float32 and seen.tolist() == [[0, 0], [0, 0.5], [1, 0.25]]


def test_odds_are_those_of_a_softmax_over_two_outputs():
    torch = pytest.importorskip("torch")
    found = users()
    hidden = torch.tensor(commitment_seen(GAME, SOME).astype(np.float64))
    for k, (weights, biases) in enumerate(found.layers):
        hidden = hidden @ torch.tensor(weights.astype(np.float64)).T + torch.tensor(biases.astype(np.float64))
        hidden = hidden.tanh() if k < 2 else hidden
    np.testing.assert_allclose(found.abandon_prob(SOME), hidden.softmax(-1)[:, 1].numpy(), rtol=1e-12)


def test_users_who_are_very_sure_are_no_overflow():
    with np.errstate(all="raise"):
        answers = users(scale=1e6).abandon_prob(SOME)
    layers = ((np.zeros((2, 2), dtype=np.float32), np.array([2000, -2000], dtype=np.float32)),)
    with np.errstate(over="raise"):
        assert CategoricalFollower(GAME, layers).abandon_prob(SOME).max() < 1e-300
    assert np.all((answers >= 0) & (answers <= 1))


def test_cold_users_do_what_is_worth_more():
    warm = users()
    cold, cool = (CategoricalFollower(GAME, warm.layers, temperature) for temperature in (0.0, 1e-3))
    assert cold.abandon_prob(SOME).tolist() == np.round(cool.abandon_prob(SOME)).tolist()
    same = CategoricalFollower(GAME, ((np.zeros((2, 2), dtype=np.float32), np.ones(2, dtype=np.float32)),), 0.0)
    assert not same.abandon_prob(SOME).any(), "who does not care stays"


def test_they_come_out_of_a_file_the_same(tmp_path):
    for k, game in enumerate((GAME, MenuGame(Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7))))):
        found, path = CategoricalFollower(game, users(k, game).layers, 0.5 * k), tmp_path / f"{k}.npz"
        np.savez(path, **found.arrays())
        points = game.commitments(np.random.default_rng(k).random((20, game.size)))
        assert np.array_equal(CategoricalFollower.load(path, game).abandon_prob(points), found.abandon_prob(points))


def test_files_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", **always(GAME, 0.5).arrays())
    np.savez(tmp_path / "wide.npz", **users(0, RoutingGame(GAME.game, throttling=True)).arrays())
    (tmp_path / "text.npz").write_text("users")
    for name in ("other", "wide", "text"):
        with pytest.raises(FileError, match=f"{name}.npz"):
            CategoricalFollower.load(tmp_path / f"{name}.npz", GAME)
