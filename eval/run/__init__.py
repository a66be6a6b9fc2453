"""A run while it goes and once it has ended: its record, what is shown of it, its result and a diagnosis."""
