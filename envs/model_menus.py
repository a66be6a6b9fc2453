"""Menus of models that people can buy: lists of three, five, eight and all 51, and the games made of them.

What was measured is in `routegame.envs.measurements`, and what such numbers are worth in `routegame.envs.model_pairs`.
Task value and churn penalty are choices, of 60 to 150 seconds and 10 cents to a dollar, where a list is worth having:

* below 60 seconds hardly any model is worth its wait, and from 200 on a cheap one is, which then serves alone;
* a lost user costs more than going on does, or users would be let go after one pass.

So the optimum of every one of these menus is a mix, in which two or three models are visited. One model would settle
most lists, and is in that of all 51 only: gemini-2.5-flash without thinking is worth its wait from 33 seconds on, and
a success costs a cent and a half.
"""

from __future__ import annotations

from dataclasses import dataclass

from routegame.envs.measurements import MEASURED, POLYGLOT_RUNS, Measurement


@dataclass(frozen=True)
class Menu:
    """Measured models and the choices that make a game of them.

    Attributes:
        name: of the scenario.
        task_value: seconds of waiting that a solution is worth.
        churn_penalty: dollars that a lost user costs.
        models: in no order that matters.
        about: what is interesting about the game, in one sentence.
    """

    name: str
    task_value: float
    churn_penalty: float
    models: tuple[Measurement, ...]
    about: str


def _models(*names: str) -> tuple[Measurement, ...]:
    return tuple(MEASURED[name] for name in names)


MENUS = (
    Menu(
        "gpt41-family",
        150,
        1,
        _models("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1"),
        "one failure in 41 is handed over, and the largest is of no use",
    ),
    Menu(
        "deepseek-grok3",
        60,
        0.1,
        _models("deepseek-v3", "grok-3-beta", "deepseek-v3.2-exp (chat)"),
        "one forced pass of the slowest, then the cheapest, then the one that is worth its wait",
    ),
    Menu(
        "o3mini-deepseek",
        120,
        1,
        _models("o3-mini (medium)", "chatgpt-4o-latest", "deepseek-v3.2-exp (reasoner)"),
        "with the third model a task costs a third less than with the best two",
    ),
    Menu(
        "chatgpt4o-deepseek",
        60,
        1,
        _models("chatgpt-4o-latest", "gpt-4.1-mini", "deepseek-v3.2-exp (reasoner)"),
        "a cheap first pass of three minutes that nobody can refuse",
    ),
    Menu(
        "openai-five",
        60,
        0.3,
        _models("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1", "o3", "gpt-5 (low)"),
        "the best model first, and its failures go to either of two others",
    ),
    Menu(
        "gateway-eight",
        120,
        0.5,
        _models(
            "grok-3-mini-beta (low)",
            "gpt-4.1-mini",
            "grok-3-beta",
            "claude-sonnet-4",
            "gemini-2.5-flash (04-17, thinking)",
            "kimi-k2",
            "deepseek-r1",
            "gpt-5 (low)",
        ),
        "models of six vendors, of which three are visited",
    ),
    Menu("polyglot-51", 60, 0.1, POLYGLOT_RUNS, "all that were measured, of which two are visited"),
)
"""The games, each of a name of its own."""
