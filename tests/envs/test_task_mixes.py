"""Mixes of tasks by name: sizes, users, and that they are the same every time."""

import json

import numpy as np

from routegame import solve_mix
from routegame.agents import router_loss
from routegame.envs.classic.catalogue import as_played, named
from routegame.envs.commitment import RoutingGame
from routegame.envs.mix_game import MixGame
from routegame.envs.scenarios import SCENARIOS
from routegame.envs.task_mixes import MIXES, drawn_by_features
from routegame.train.ppo.leader import first_commitments


def test_sizes_and_users():
    sizes = {2, 10, 57, 100, 1000}
    assert {(len(known.mix), known.users) for known in MIXES.values()} == {
        (size, users) for size in sizes for users in ("sighted", "memoryless")
    }
    assert not MIXES.keys() & SCENARIOS.keys()
    assert all(known.name == name and known.about for name, known in MIXES.items())


def test_names_lead_to_games():
    assert as_played("ten-apart-blind") == MixGame(MIXES["ten-apart-blind"].mix, "memoryless")
    assert named("nano-gpt5") is SCENARIOS["nano-gpt5"] and named("subjects-blind") is MIXES["subjects-blind"]
    assert json.loads(json.dumps(MIXES["subjects-blind"].to_dict()))["game"]["contexts"] == 57


def test_one_commitment_for_all_is_not_enough():
    for name, least in {"easy-hard": 0.015, "ten-apart": 0.2, "subjects": 0.4, "hundred-features": 0.08}.items():
        mix = MIXES[f"{name}-sighted"].mix
        assert router_loss(mix).loss > least * solve_mix(mix).provider_cost


def test_leaders_start_as_often_in_a_mix_as_in_a_game():
    for name in ("easy-hard-blind", "ten-apart-blind"):
        starts = first_commitments(MIXES[name].game)
        assert starts.shape == (len(first_commitments(RoutingGame("nano-gpt5"))), MIXES[name].game.size)


def test_fresh_contexts_are_of_the_same_distribution_and_others():
    mix, fresh = MIXES["hundred-features-sighted"].mix, drawn_by_features(100, 9)
    assert drawn_by_features(100, 1) == mix != fresh
    assert not set(mix.features[:, 0]) & set(fresh.features[:, 0])
    assert abs(np.mean(fresh.games.task_value) / np.mean(mix.games.task_value) - 1) < 0.3
