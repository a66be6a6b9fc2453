"""Who decides: exact solutions of the game, users of every kind, rules that learn nothing, learned policies."""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.agents.exact.best_response import thresholds
    from routegame.agents.exact.sensitivity import value_range
    from routegame.agents.exact.solution import Solution
    from routegame.agents.mix_solver import solve_mix
    from routegame.agents.mixes.mix_solution import MixSolution
    from routegame.agents.mixes.router import RouterLoss, router_loss
    from routegame.agents.perfect import at_their_best
    from routegame.agents.solver import best_response, solve
    from routegame.agents.users.information import history_response, model_response
    from routegame.agents.users.kinds import response
    from routegame.agents.users.population import Population, PopulationSolution
    from routegame.agents.users.quantal import quantal_response
    from routegame.agents.users.robust import robust_equilibrium

__all__ = [
    "MixSolution",
    "Population",
    "PopulationSolution",
    "RouterLoss",
    "Solution",
    "at_their_best",
    "best_response",
    "history_response",
    "model_response",
    "quantal_response",
    "response",
    "robust_equilibrium",
    "router_loss",
    "solve",
    "solve_mix",
    "thresholds",
    "value_range",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "MixSolution": "routegame.agents.mixes.mix_solution",
        "RouterLoss": "routegame.agents.mixes.router",
        "router_loss": "routegame.agents.mixes.router",
        "Population": "routegame.agents.users.population",
        "PopulationSolution": "routegame.agents.users.population",
        "Solution": "routegame.agents.exact.solution",
        "at_their_best": "routegame.agents.perfect",
        "best_response": "routegame.agents.solver",
        "history_response": "routegame.agents.users.information",
        "model_response": "routegame.agents.users.information",
        "quantal_response": "routegame.agents.users.quantal",
        "response": "routegame.agents.users.kinds",
        "robust_equilibrium": "routegame.agents.users.robust",
        "solve": "routegame.agents.solver",
        "solve_mix": "routegame.agents.mix_solver",
        "thresholds": "routegame.agents.exact.best_response",
        "value_range": "routegame.agents.exact.sensitivity",
    },
)
