"""Who decides: exact solutions of the game, rules of thumb, and policies that were learned."""

from typing import TYPE_CHECKING

from routegame.face import lazy

if TYPE_CHECKING:
    from routegame.agents.best_response import thresholds
    from routegame.agents.followers import response
    from routegame.agents.information import history_response, model_response, solve_information
    from routegame.agents.population import Population, solve_population
    from routegame.agents.quantal import quantal_response
    from routegame.agents.robust import robust_equilibrium
    from routegame.agents.sensitivity import value_range

__all__ = [
    "Population",
    "history_response",
    "model_response",
    "quantal_response",
    "response",
    "robust_equilibrium",
    "solve_information",
    "solve_population",
    "thresholds",
    "value_range",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Population": "routegame.agents.population",
        "history_response": "routegame.agents.information",
        "model_response": "routegame.agents.information",
        "quantal_response": "routegame.agents.quantal",
        "response": "routegame.agents.followers",
        "robust_equilibrium": "routegame.agents.robust",
        "solve_information": "routegame.agents.information",
        "solve_population": "routegame.agents.population",
        "thresholds": "routegame.agents.best_response",
        "value_range": "routegame.agents.sensitivity",
    },
)
