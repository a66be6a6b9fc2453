"""A moment of an episode as plain data, as text and as a picture."""
