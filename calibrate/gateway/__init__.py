"""From what a gateway writes down, attempts at model calls, to a log of passes that `routegame.calibrate.log` reads."""
