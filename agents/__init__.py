"""Who decides: exact solutions of the game, rules of thumb, and policies that were learned."""

from typing import TYPE_CHECKING

from routegame.face import lazy

if TYPE_CHECKING:
    from routegame.agents.exact.best_response import thresholds
    from routegame.agents.exact.sensitivity import value_range
    from routegame.agents.users.information import history_response, model_response, solve_information
    from routegame.agents.users.kinds import response
    from routegame.agents.users.population import Population, solve_population
    from routegame.agents.users.quantal import quantal_response
    from routegame.agents.users.robust import robust_equilibrium

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
        "Population": "routegame.agents.users.population",
        "history_response": "routegame.agents.users.information",
        "model_response": "routegame.agents.users.information",
        "quantal_response": "routegame.agents.users.quantal",
        "response": "routegame.agents.users.kinds",
        "robust_equilibrium": "routegame.agents.users.robust",
        "solve_information": "routegame.agents.users.information",
        "solve_population": "routegame.agents.users.population",
        "thresholds": "routegame.agents.exact.best_response",
        "value_range": "routegame.agents.exact.sensitivity",
    },
)
