"""Commands nobody would think of, in one process: `make fuzz`, and `make fuzz CASES=100000` for more of them."""
