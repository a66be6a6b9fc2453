"""Learn Stackelberg equilibria of LLM routing with multi-agent RL, next to the exact solution.

The public names; environments are in `routegame.envs`, learners in `routegame.train`.
"""

from routegame.agents.best_response import best_response
from routegame.agents.equilibrium import solve
from routegame.agents.solution import Solution
from routegame.envs.game import Game, ParameterError

__all__ = ["Game", "ParameterError", "Solution", "best_response", "solve"]
__version__ = "0.1.0"
