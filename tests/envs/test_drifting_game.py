"""Games that change: which one a run meets, when, and that nothing else shows."""

import copy
import json
import pickle
from dataclasses import asdict

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import as_played, game_of
from routegame.envs.drifting_game import DRIFTS, EARLIEST, LATEST, DriftingGame
from routegame.envs.game import Game
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import learner

BEFORE = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
AFTER = Game(9, 2, (0.2, 0.3), (1, 2), (1, 3.6))
MENUS = (Game(9, 15, (0.1, 0.3, 0.2), (1, 2, 1.5), (1, 3, 1)), Game(5, 15, (0.1, 0.3, 0.2), (1, 2, 1.5), (1, 3, 1)))


@pytest.fixture
def game():
    return DriftingGame(BEFORE, AFTER, 0.4)


@pytest.mark.parametrize("pair", [(BEFORE, AFTER), MENUS], ids=["pair", "menu"])
def test_plays_are_those_of_the_game_as_it_is(pair):
    """To the last bit, and say which game they are of."""
    game = DriftingGame(*pair, 0.4)
    points, answers = np.random.default_rng(0).random((4, game.size)), np.array([0, 0.1, 0.5, 1])
    for done, phase in ((0.0, 0), (0.39, 0), (0.4, 1), (1.0, 1)):
        game.keep_time(lambda done=done: done)
        own = game.phases[phase]
        assert game.now is own and game.changed == bool(phase)
        for way in ("play", "play_totals", "play_compared", "play_with_luck"):
            chance = 3 if way == "play_with_luck" else None
            found, wanted = (
                getattr(one, way)(one.commitments(points), answers, 50, chance or np.random.default_rng(3))
                for one in (game, own)
            )
            assert found.leader_cost.tolist() == wanted.leader_cost.tolist()
            assert found.follower_utility.tolist() == wanted.follower_utility.tolist()
            assert found.earlier == (not phase)
    one, other = game.phases
    shares = np.array([0.1, 0.6])
    assert game.starts(shares).tolist() == one.starts(shares).tolist() == other.starts(shares).tolist()
    assert game.actions(game.commitments(points)).tolist() == other.actions(other.commitments(points)).tolist()


def test_outside_a_run_it_is_what_it_has_become(game):
    assert game.now.game == AFTER and game.changed
    game.keep_time(lambda: 0.0)
    assert game.now.game == BEFORE
    copies = [game.begun(), as_played(game), copy.copy(game), copy.deepcopy(game), pickle.loads(pickle.dumps(game))]
    for other in copies:
        assert other == game and hash(other) == hash(game) and other.changed
    assert judge_of(game).equilibrium == judge_of(AFTER).equilibrium
    assert game != DriftingGame(BEFORE, AFTER, 0.5) and game != 1


def test_it_goes_into_files_and_comes_out_the_same(game):
    for one in (game, DriftingGame(*MENUS, 0.5)):
        assert game_of(json.loads(json.dumps(one.to_dict()))) == one


@pytest.mark.parametrize(
    "before, after, change_at, message",
    [
        (BEFORE, Game(9, 2, (0.2, 0.3), (1, 3), (1, 3.6)), 0.5, "after must be a game of the same latencies"),
        (BEFORE, MENUS[0], 0.5, "after must be a game of the same latencies"),
        (BEFORE, Game([9, 8], 2, (0.2, 0.3), (1, 2), (1, 3.6)), 0.5, "after must be a single game"),
        (BEFORE, AFTER, 0, "change_at must be"),
        (BEFORE, AFTER, 1, "change_at must be"),
    ],
)
def test_what_is_refused(before, after, change_at, message):
    with pytest.raises(ParameterError, match=message):
        DriftingGame(before, after, change_at)


def test_learners_meet_both_games_and_end_in_the_second(game):
    """Their meter has what was played before, and users answer by the game as it is when they are asked."""
    training = learner("random_search")(game, learner("random_search").OPTIONS(evaluations=640, tasks=16), 0)
    answers, phases = [], []
    offered = game.commitments(np.array([[0.0, 0.02]]))
    while not training.finished:
        snapshot = training.update()
        answers.append(float(snapshot.respond(offered)[0]))
        phases.append(game.changed)
    assert training.num_updates == 10 and phases == [False] * 3 + [True] * 7
    first, second = (solved(phase).best_answer(phase.commitments(np.array([[0.0, 0.02]])))[0] for phase in game.phases)
    assert first != second and answers == [first] * 3 + [second] * 7
    assert training.meter.earlier_plays == 4 * 64 * 16 and training.meter.plays == 640 * 16
    before = training.meter.plays
    assert training.learned().meter.earlier_plays == 4 * 64 * 16
    assert training.meter.plays == before


def test_a_run_goes_on_in_the_game_that_it_was_in(game):
    """From its state, and as a copy: which do not notice each other's time."""
    options = learner("evolution").OPTIONS(generations=10, population=4, first_tasks=16, last_tasks=16)
    steady, broken = (learner("evolution")(game.begun(), options, 5) for _ in range(2))
    for _ in range(3):
        broken.update()
    taken_up, copied = learner("evolution")(game.begun(), options, 5), copy.copy(broken)
    taken_up.restore(broken.state())
    for training in (steady, broken, taken_up, copied):
        while not training.finished:
            training.update()
    assert steady.box.begun() is not steady.box
    assert len({json.dumps(training.meter.state()) for training in (steady, broken, taken_up, copied)}) == 1
    assert len({training.learned().commitment for training in (steady, broken, taken_up, copied)}) == 1
    assert 0 < steady.meter.earlier_plays < steady.meter.plays


@pytest.mark.parametrize("known", DRIFTS, ids=lambda one: one.name)
def test_what_was_best_is_clearly_no_more(known):
    game = known.game
    assert game == known.game and EARLIEST <= game.change_at <= LATEST
    before, after = (judge_of(phase) for phase in game.phases)
    plain = asdict(before.equilibrium)
    best = before.read_commitment(before.row(plain, plain))
    assert before.regret(best) == pytest.approx(0, abs=1e-9) and after.regret(best) >= 0.1
