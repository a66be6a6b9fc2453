"""Users other than the one without memory: who see more, err, differ, adapt or have learned."""
