"""Learn Stackelberg equilibria of LLM routing with multi-agent RL, next to the exact solution.

The names one starts with are here; `routegame.envs` has environments, `routegame.agents` solutions and users,
`routegame.train` learners, `routegame.eval` what judges and shows them, `routegame.calibrate` logs and decisions. Names
of environments are known to Gymnasium and PettingZoo as soon as both are imported, see `routegame.registration`.
"""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy
from routegame.registration import register_environments

if TYPE_CHECKING:
    from routegame import agents, calibrate, envs, eval, train  # noqa: A004 - the folder's name is the field's
    from routegame.agents.exact.solution import Solution
    from routegame.agents.mix_solver import solve_mix
    from routegame.agents.solver import best_response, solve
    from routegame.envs.checks import ParameterError
    from routegame.envs.game import Game
    from routegame.envs.scenarios import Scenario, register_scenario, scenario
    from routegame.envs.task_mix import TaskMix

__all__ = [
    "Game",
    "ParameterError",
    "Scenario",
    "Solution",
    "TaskMix",
    "agents",
    "best_response",
    "calibrate",
    "envs",
    "eval",
    "register_scenario",
    "scenario",
    "solve",
    "solve_mix",
    "train",
]
__version__ = "0.1.0"

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Game": "routegame.envs.game",
        "ParameterError": "routegame.envs.checks",
        "Scenario": "routegame.envs.scenarios",
        "Solution": "routegame.agents.exact.solution",
        "TaskMix": "routegame.envs.task_mix",
        "agents": "routegame.agents",
        "best_response": "routegame.agents.solver",
        "calibrate": "routegame.calibrate",
        "envs": "routegame.envs",
        "eval": "routegame.eval",
        "register_scenario": "routegame.envs.scenarios",
        "scenario": "routegame.envs.scenarios",
        "solve": "routegame.agents.solver",
        "solve_mix": "routegame.agents.mix_solver",
        "train": "routegame.train",
    },
)

register_environments()
