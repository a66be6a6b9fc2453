"""From a log of passes to a decision: its game, the commitment to make, and how sure that is."""
