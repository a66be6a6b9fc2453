"""The command line in tests: commands run in this process, and what several tests of them speak of."""

NANO = ["--task-value", "120", "--churn-penalty", "0.1", "--success-prob", "0.0311", "0.4311"]
NANO += ["--latency", "6.09", "39.77", "--cost", "0.000966", "0.02938"]
"""The game of the scenario nano-gpt5, by its numbers."""

QUICK = ["--leader-updates", "3", "--refinement-updates", "3", "--leader-batch", "64", "--leader-tasks", "16"]
"""Options of learners with a provider's network that make a run a matter of moments."""

PROFILE = [
    "route",
    "cascade_prob",
    "abandon_prob",
    "throttled_latency",
    "solve_prob",
    "expected_latency",
    "expected_cost",
    "user_utility",
    "provider_cost",
    "cascade_free",
]
"""Keys of a commitment, its answer and what both bring about, in every document, in their order."""
