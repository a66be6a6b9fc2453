"""Episodes to look at: in the terminal, as a picture or as a film."""
