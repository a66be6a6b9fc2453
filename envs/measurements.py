"""What was measured of real models: success, seconds and dollars of a pass, each with its source.

Models were measured by the aider coding assistant on hard programming exercises in six languages (its polyglot
leaderboard, 225 of them). A pass is one try; success is the share solved at the first try; seconds and list price of a
case are divided by its expected number of tries. What such numbers mean, and what they do not, is in
`routegame.envs.model_pairs`.
"""

from __future__ import annotations

from dataclasses import dataclass

AIDER = "https://github.com/Aider-AI/aider, aider/website/_data"
VERSION = "at 5dc9490bb35f9729ef2c95d00a19ccd30c26339c (Apache-2.0)"
POLYGLOT = f"{AIDER}/polyglot_leaderboard.yml {VERSION}"


@dataclass(frozen=True)
class Measurement:
    """Measurements of one real model, with their source.

    Attributes:
        model: its name and setting.
        date: of the run, ISO.
        success_prob: share of the cases solved at the first try.
        latency: seconds a try.
        cost: dollars a try, at list price.
        num_cases: sample size of the success probability.
        source: repository, file and version.
    """

    model: str
    date: str
    success_prob: float
    latency: float
    cost: float
    num_cases: int = 225
    source: str = POLYGLOT


POLYGLOT_RUNS = (
    Measurement("gpt-4o-mini", "2024-12-21", 0.0089, 8.69, 0.000722),
    Measurement("claude-3-5-sonnet", "2025-01-17", 0.2222, 12.04, 0.036015),
    Measurement("gpt-4o (2024-11-20)", "2024-12-30", 0.0489, 6.2, 0.015342),
    Measurement("gpt-4o (2024-08-06)", "2024-12-30", 0.0489, 8.2, 0.016011),
    Measurement("o1 (high)", "2024-12-21", 0.2366, 75.54, 0.472139, 224),
    Measurement("deepseek-v2.5", "2024-12-21", 0.0533, 94.52, 0.001165),
    Measurement("claude-3-5-haiku", "2024-12-21", 0.0711, 16.49, 0.013959),
    Measurement("o1-mini", "2024-12-22", 0.0578, 17.87, 0.042511),
    Measurement("deepseek-v3", "2024-12-25", 0.2267, 19.62, 0.000844),
    Measurement("codestral (25.01)", "2025-01-13", 0.04, 4.74, 0.004498),
    Measurement("deepseek-r1", "2025-01-20", 0.2667, 65.6, 0.013896),
    Measurement("deepseek-r1 with claude-3-5-sonnet", "2025-01-23", 0.2711, 145.53, 0.034173),
    Measurement("o3-mini (medium)", "2025-01-31", 0.1911, 26.09, 0.021769),
    Measurement("o3-mini (high)", "2025-01-31", 0.2098, 69.6, 0.045282, 224),
    Measurement("chatgpt-4o-latest (02-15)", "2025-02-15", 0.0897, 6.49, 0.033733, 223),
    Measurement("claude-3-7-sonnet", "2025-02-24", 0.2444, 16.12, 0.044857),
    Measurement("claude-3-7-sonnet (32k thinking)", "2025-02-24", 0.2933, 61.64, 0.095921),
    Measurement("gpt-4.5-preview", "2025-02-27", 0.2232, 63.88, 0.460248, 224),
    Measurement("deepseek-v3 (0324)", "2025-03-24", 0.28, 168.6, 0.002885),
    Measurement("chatgpt-4o-latest", "2025-03-29", 0.1644, 5.61, 0.047799),
    Measurement("grok-3-beta", "2025-04-10", 0.2222, 8.61, 0.027584),
    Measurement("grok-3-mini-beta (low)", "2025-04-10", 0.1111, 18.58, 0.001848),
    Measurement("grok-3-mini-beta (high)", "2025-04-10", 0.1733, 43.3, 0.001787),
    Measurement("gpt-4.1", "2025-04-14", 0.2, 11.39, 0.024335),
    Measurement("gpt-4.1-mini", "2025-04-14", 0.1111, 10.32, 0.004687),
    Measurement("gpt-4.1-nano", "2025-04-14", 0.0311, 6.09, 0.000966),
    Measurement("o4-mini (high)", "2025-04-16", 0.1956, 97.82, 0.048375),
    Measurement("gemini-2.5-flash (04-17, thinking)", "2025-04-20", 0.2178, 28.11, 0.004601),
    Measurement("gemini-2.5-pro (05-06)", "2025-05-07", 0.3644, 101.06, 0.101656),
    Measurement("qwen3-32b", "2025-05-08", 0.1422, 200.34, 0.001819),
    Measurement("claude-sonnet-4", "2025-05-24", 0.2044, 16.6, 0.039146),
    Measurement("claude-sonnet-4 (32k thinking)", "2025-05-24", 0.2578, 45.86, 0.067796),
    Measurement("claude-opus-4", "2025-05-25", 0.3289, 25.43, 0.182515),
    Measurement("claude-opus-4 (32k thinking)", "2025-05-25", 0.3733, 27.11, 0.179637),
    Measurement("gemini-2.5-flash (05-20)", "2025-05-26", 0.2089, 6.81, 0.002817),
    Measurement("gemini-2.5-flash (05-20, 24k thinking)", "2025-05-25", 0.2622, 31.02, 0.021899),
    Measurement("gemini-2.5-pro (06-05)", "2025-06-06", 0.4489, 112.95, 0.130649),
    Measurement("gemini-2.5-pro (06-05, 32k thinking)", "2025-06-06", 0.4622, 130.25, 0.144166),
    Measurement("deepseek-r1 (0528)", "2025-06-06", 0.3438, 432.68, 0.012943, 224),
    Measurement("o3 (high)", "2025-06-25", 0.4, 123.31, 0.058961),
    Measurement("o3", "2025-06-25", 0.4089, 63.92, 0.038413),
    Measurement("o3 (high) with gpt-4.1", "2025-06-27", 0.3482, 73.74, 0.047437, 224),
    Measurement("o3-pro (high)", "2025-06-28", 0.4356, 287.01, 0.415708),
    Measurement("grok-4 (high)", "2025-07-11", 0.4089, 253.41, 0.166532),
    Measurement("kimi-k2", "2025-07-17", 0.2044, 37.65, 0.003059),
    Measurement("gpt-oss-120b (high)", "2025-08-06", 0.1378, 19.06, 0.001768),
    Measurement("gpt-5 (high)", "2025-08-23", 0.52, 131.08, 0.087336),
    Measurement("gpt-5 (medium)", "2025-08-25", 0.4978, 79.02, 0.052347),
    Measurement("gpt-5 (low)", "2025-08-25", 0.4311, 39.77, 0.02938),
    Measurement("deepseek-v3.2-exp (reasoner)", "2025-10-03", 0.3956, 181.5, 0.003614),
    Measurement("deepseek-v3.2-exp (chat)", "2025-10-03", 0.3867, 64.46, 0.002412),
)
"""The 51 runs of the polyglot leaderboard that have a price, in its order."""

MEASURED = {run.model: run for run in POLYGLOT_RUNS}
"""The same runs by their model's name."""
