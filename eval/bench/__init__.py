"""The benchmark: suites of games, jobs, engines that make them, and tables of what came of them."""
