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

from routegame.envs.measurements import AIDER, MEASURED, VERSION, Measurement

QWEN3 = f"{AIDER}/qwen3_leaderboard.yml {VERSION}"  # the polyglot exercises
EDIT = f"{AIDER}/edit_leaderboard.yml {VERSION}"


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


_NANO = MEASURED["gpt-4.1-nano"]
_GPT41 = MEASURED["gpt-4.1"]
_GPT4O = MEASURED["gpt-4o (2024-08-06)"]
_GPT4O_MINI = Measurement("gpt-4o-mini", "2024-07-18", 0.406, 4.89, 0.000432, 133, EDIT)
_CHATGPT4O = MEASURED["chatgpt-4o-latest"]
_GPT45 = MEASURED["gpt-4.5-preview"]
_GPT5_LOW = MEASURED["gpt-5 (low)"]
_GPT5_HIGH = MEASURED["gpt-5 (high)"]
_O1_MINI = Measurement("o1-mini", "2024-09-12", 0.4962, 68.49, 0.026862, 133, EDIT)
_O3 = MEASURED["o3"]
_O3_HIGH = MEASURED["o3 (high)"]
_O3_MINI = MEASURED["o3-mini (medium)"]
_O3_MINI_HIGH = MEASURED["o3-mini (high)"]
_O4_MINI_HIGH = MEASURED["o4-mini (high)"]
_HAIKU35 = MEASURED["claude-3-5-haiku"]
_SONNET35 = MEASURED["claude-3-5-sonnet"]
_SONNET4 = MEASURED["claude-sonnet-4"]
_SONNET4_THINKING = MEASURED["claude-sonnet-4 (32k thinking)"]
_OPUS4 = MEASURED["claude-opus-4"]
_OPUS4_THINKING = MEASURED["claude-opus-4 (32k thinking)"]
_FLASH25 = MEASURED["gemini-2.5-flash (05-20)"]
_PRO25 = MEASURED["gemini-2.5-pro (06-05, 32k thinking)"]
_DEEPSEEK_V3 = MEASURED["deepseek-v3 (0324)"]
_DEEPSEEK_R1 = MEASURED["deepseek-r1"]
_R1_SONNET = MEASURED["deepseek-r1 with claude-3-5-sonnet"]
_DEEPSEEK_V32 = MEASURED["deepseek-v3.2-exp (chat)"]
_DEEPSEEK_V32_REASONER = MEASURED["deepseek-v3.2-exp (reasoner)"]
_GROK3 = MEASURED["grok-3-beta"]
_GROK4 = MEASURED["grok-4 (high)"]
_GROK3_MINI_LOW = MEASURED["grok-3-mini-beta (low)"]
_GROK3_MINI_HIGH = MEASURED["grok-3-mini-beta (high)"]
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
