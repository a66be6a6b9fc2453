"""Pairs of models that people can buy: what was measured of each, and the games made of them.

Models were measured by the aider coding assistant on hard programming exercises in six languages (its polyglot
leaderboard, 225 of them) and on easier ones in Python (its edit leaderboard, 133). A pass is one try; success is the
share solved at the first try; seconds and list price of a case are divided by its expected number of tries. So these
are figures of one benchmark on one day through a public interface, not the providers' own, and

* the standard error of a success probability is about 0.03, which some gains of a reasoning model do not exceed;
* latency is that of one interface on one day, load and all: deepseek-v3 took three minutes a try without thinking;
* a second try costs a little more than a first, and real retries see the failed tests, so they are no independent
  draws: in three of the pairs whose reasoning model succeeds no more often at the first try it does after the second;
* task value and churn penalty are choices, not measurements. They were made so that the pairs differ in what is right.

A reasoning model need not be the better one, nor the dearer or slower: seven pairs break an order that the paper
assumes.
"""

from __future__ import annotations

from dataclasses import dataclass

_DATA = "https://github.com/Aider-AI/aider, aider/website/_data"
_VERSION = "at 5dc9490bb35f9729ef2c95d00a19ccd30c26339c (Apache-2.0)"
POLYGLOT = f"{_DATA}/polyglot_leaderboard.yml {_VERSION}"
QWEN3 = f"{_DATA}/qwen3_leaderboard.yml {_VERSION}"  # the polyglot exercises
EDIT = f"{_DATA}/edit_leaderboard.yml {_VERSION}"


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


@dataclass(frozen=True)
class Pair:
    """Two measured models and the choices that make a game of them.

    Attributes:
        name: of the scenario.
        task_value: seconds of waiting that a solution is worth.
        churn_penalty: dollars that a lost user costs.
        standard: the model that is sold as the quick one.
        reasoning: the other.
        about: what is interesting about the game, in one sentence.
    """

    name: str
    task_value: float
    churn_penalty: float
    standard: Measurement
    reasoning: Measurement
    about: str


_NANO = Measurement("gpt-4.1-nano", "2025-04-14", 0.0311, 6.09, 0.000966)
_GPT41 = Measurement("gpt-4.1", "2025-04-14", 0.2, 11.39, 0.024335)
_GPT4O = Measurement("gpt-4o (2024-08-06)", "2024-12-30", 0.0489, 8.2, 0.016011)
_GPT4O_MINI = Measurement("gpt-4o-mini", "2024-07-18", 0.406, 4.89, 0.000432, 133, EDIT)
_CHATGPT4O = Measurement("chatgpt-4o-latest", "2025-03-29", 0.1644, 5.61, 0.047799)
_GPT45 = Measurement("gpt-4.5-preview", "2025-02-27", 0.2232, 63.88, 0.460248, 224)
_GPT5_LOW = Measurement("gpt-5 (low)", "2025-08-25", 0.4311, 39.77, 0.02938)
_GPT5_HIGH = Measurement("gpt-5 (high)", "2025-08-23", 0.52, 131.08, 0.087336)
_O1_MINI = Measurement("o1-mini", "2024-09-12", 0.4962, 68.49, 0.026862, 133, EDIT)
_O3 = Measurement("o3", "2025-06-25", 0.4089, 63.92, 0.038413)
_O3_HIGH = Measurement("o3 (high)", "2025-06-25", 0.4, 123.31, 0.058961)
_O3_MINI = Measurement("o3-mini (medium)", "2025-01-31", 0.1911, 26.09, 0.021769)
_O3_MINI_HIGH = Measurement("o3-mini (high)", "2025-01-31", 0.2098, 69.6, 0.045282, 224)
_O4_MINI_HIGH = Measurement("o4-mini (high)", "2025-04-16", 0.1956, 97.82, 0.048375)
_HAIKU35 = Measurement("claude-3-5-haiku", "2024-12-21", 0.0711, 16.49, 0.013959)
_SONNET35 = Measurement("claude-3-5-sonnet", "2025-01-17", 0.2222, 12.04, 0.036015)
_SONNET4 = Measurement("claude-sonnet-4", "2025-05-24", 0.2044, 16.6, 0.039146)
_SONNET4_THINKING = Measurement("claude-sonnet-4 (32k thinking)", "2025-05-24", 0.2578, 45.86, 0.067796)
_OPUS4 = Measurement("claude-opus-4", "2025-05-25", 0.3289, 25.43, 0.182515)
_OPUS4_THINKING = Measurement("claude-opus-4 (32k thinking)", "2025-05-25", 0.3733, 27.11, 0.179637)
_FLASH25 = Measurement("gemini-2.5-flash (05-20)", "2025-05-26", 0.2089, 6.81, 0.002817)
_PRO25 = Measurement("gemini-2.5-pro (06-05, 32k thinking)", "2025-06-06", 0.4622, 130.25, 0.144166)
_DEEPSEEK_V3 = Measurement("deepseek-v3 (0324)", "2025-03-24", 0.28, 168.6, 0.002885)
_DEEPSEEK_R1 = Measurement("deepseek-r1", "2025-01-20", 0.2667, 65.6, 0.013896)
_R1_SONNET = Measurement("deepseek-r1 with claude-3-5-sonnet", "2025-01-23", 0.2711, 145.53, 0.034173)
_DEEPSEEK_V32 = Measurement("deepseek-v3.2-exp (chat)", "2025-10-03", 0.3867, 64.46, 0.002412)
_DEEPSEEK_V32_REASONER = Measurement("deepseek-v3.2-exp (reasoner)", "2025-10-03", 0.3956, 181.5, 0.003614)
_GROK3 = Measurement("grok-3-beta", "2025-04-10", 0.2222, 8.61, 0.027584)
_GROK4 = Measurement("grok-4 (high)", "2025-07-11", 0.4089, 253.41, 0.166532)
_GROK3_MINI_LOW = Measurement("grok-3-mini-beta (low)", "2025-04-10", 0.1111, 18.58, 0.001848)
_GROK3_MINI_HIGH = Measurement("grok-3-mini-beta (high)", "2025-04-10", 0.1733, 43.3, 0.001787)
_QWEN3 = Measurement("qwen3-235b-a22b (no thinking)", "2025-05-08", 0.28, 44.88, 0.001653, 225, QWEN3)
_QWEN3_THINKING = Measurement("qwen3-235b-a22b (thinking)", "2025-05-08", 0.1733, 234.36, 0.004388, 225, QWEN3)

PAIRS = (
    Pair("nano-gpt5", 120, 0.10, _NANO, _GPT5_LOW, "users leave unless one failure in 12 is handed over"),
    Pair("gpt41-o3", 120, 0.20, _GPT41, _O3, "users stay only as long as few failures are handed over"),
    Pair("sonnet4-thinking", 300, 0.20, _SONNET4, _SONNET4_THINKING, "users stay with either; the cheaper wins"),
    Pair("opus4-thinking", 75, 0.60, _OPUS4, _OPUS4_THINKING, "thinking was the cheaper of the two"),
    Pair("gpt4o-o3mini", 150, 0.15, _GPT4O, _O3_MINI, "the model that is worth its wait is the cheaper one, too"),
    Pair("gpt4omini-o1mini", 300, 0.01, _GPT4O_MINI, _O1_MINI, "sixty times the price for a little more success"),
    Pair("chatgpt4o-o3", 240, 0.40, _CHATGPT4O, _O3_HIGH, "users may meet the slow model now and then, not more"),
    Pair("gpt41-o4mini", 240, 0.05, _GPT41, _O4_MINI_HIGH, "the reasoning model is no better at its first try"),
    Pair("gpt45-o3mini", 600, 0.50, _GPT45, _O3_MINI_HIGH, "the standard model costs ten times as much"),
    Pair(
        "gpt5-effort",
        180,
        0.01,
        _GPT5_LOW,
        _GPT5_HIGH,
        "one model at two efforts; losing users costs less than serving them on",
    ),
    Pair("haiku35-sonnet4", 200, 0.30, _HAIKU35, _SONNET4_THINKING, "users leave unless enough is handed over"),
    Pair("sonnet35-r1", 60, 0.15, _SONNET35, _R1_SONNET, "two at work cost less than one, and take ages"),
    Pair("gemini25-flash-pro", 30, 2, _FLASH25, _PRO25, "users wait for neither; one fails less"),
    Pair("deepseek-v3-r1", 400, 0.05, _DEEPSEEK_V3, _DEEPSEEK_R1, "the reasoning model was the quicker one that day"),
    Pair(
        "deepseek-v32",
        600,
        0.005,
        _DEEPSEEK_V32,
        _DEEPSEEK_V32_REASONER,
        "being slow would pay",
    ),
    Pair(
        "grok3-grok4", 300, 0.30, _GROK3, _GROK4, "users wait for the quick model, and hardly for one 30 times slower"
    ),
    Pair("grok3mini-effort", 300, 0.02, _GROK3_MINI_LOW, _GROK3_MINI_HIGH, "more effort for the same price"),
    Pair(
        "qwen3-thinking",
        120,
        0.05,
        _QWEN3,
        _QWEN3_THINKING,
        "thinking was worse in every respect",
    ),
)
"""The games, each of a name of its own."""
