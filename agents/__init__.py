"""Who decides: exact solutions of the game, rules of thumb, and policies that were learned."""
