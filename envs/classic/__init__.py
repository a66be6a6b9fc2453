"""Games outside routing whose equilibrium is known in closed form."""
