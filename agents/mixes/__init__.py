"""Tasks that differ: the cheapest policy over contexts, for users who know their context and for those who do not."""
