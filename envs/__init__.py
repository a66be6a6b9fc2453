"""The game and the worlds made of it: parameters, closed forms, sampled passes, PettingZoo environments."""
