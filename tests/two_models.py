"""The scenarios of two models, for what is about two: told by their number of models, so that none is forgotten."""

from routegame.envs.scenarios import SCENARIOS

TWO_MODELS = {name: known for name, known in SCENARIOS.items() if known.game.num_models == 2}
