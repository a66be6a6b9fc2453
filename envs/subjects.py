"""What two models know of 57 subjects: a small table of facts, and the mix of tasks that is made of it.

Successes of two models on the questions of each subject of MMLU and on GSM8K, as RouteLLM published their answers. Both
are standard models, of late 2023, and no seconds or dollars were published with them.

The mix is a **composite**: success probabilities are those of this table, seconds and dollars of a pass those of
gpt-4.1 and o3 on programming exercises (`routegame.envs.measurements`), so nobody can buy what it describes. Nor is a
share of questions answered right the chance that a second try is: the same question would mostly get the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.game import Game
from routegame.envs.measurements import MEASURED
from routegame.envs.task_mix import TaskMix

SOURCE = (
    "https://github.com/lm-sys/RouteLLM, routellm/evals/mmlu/responses and routellm/evals/gsm8k"
    " at 0b64fdafe049e596a3f5657c219329f24af24198 (Apache-2.0)"
)

ANSWERING = ("Mixtral-8x7B-Instruct", "gpt-4-1106-preview")
"""Models whose answers were counted."""

DIGITS = 4
"""Decimals of success probabilities, as many as a few hundred questions bear."""

PRICED = ("gpt-4.1", "o3")
"""Models whose seconds and dollars a pass takes."""


@dataclass(frozen=True)
class Subject:
    """Answers of both models to the questions of a subject.

    Attributes:
        name: of the subject.
        questions: how many there are.
        first: how many the first model answered right.
        second: how many the second did.
    """

    name: str
    questions: int
    first: int
    second: int


SUBJECTS = (
    Subject("abstract_algebra", 100, 32, 46),
    Subject("anatomy", 135, 89, 110),
    Subject("astronomy", 152, 119, 140),
    Subject("business_ethics", 100, 70, 79),
    Subject("clinical_knowledge", 265, 207, 227),
    Subject("college_biology", 144, 115, 135),
    Subject("college_chemistry", 100, 49, 48),
    Subject("college_computer_science", 100, 38, 67),
    Subject("college_mathematics", 100, 35, 39),
    Subject("college_medicine", 173, 127, 135),
    Subject("college_physics", 102, 44, 50),
    Subject("computer_security", 100, 81, 86),
    Subject("conceptual_physics", 235, 156, 215),
    Subject("econometrics", 114, 65, 73),
    Subject("electrical_engineering", 145, 91, 112),
    Subject("elementary_mathematics", 378, 176, 210),
    Subject("formal_logic", 126, 49, 81),
    Subject("global_facts", 100, 42, 57),
    Subject("high_school_biology", 310, 256, 292),
    Subject("high_school_chemistry", 203, 109, 135),
    Subject("high_school_computer_science", 100, 69, 90),
    Subject("high_school_european_history", 165, 129, 145),
    Subject("high_school_geography", 198, 171, 187),
    Subject("high_school_government_and_politics", 193, 185, 189),
    Subject("high_school_macroeconomics", 390, 269, 334),
    Subject("high_school_microeconomics", 238, 187, 226),
    Subject("high_school_physics", 151, 73, 84),
    Subject("high_school_psychology", 545, 482, 517),
    Subject("high_school_statistics", 216, 114, 147),
    Subject("high_school_us_history", 204, 170, 189),
    Subject("high_school_world_history", 237, 199, 228),
    Subject("human_aging", 223, 165, 192),
    Subject("human_sexuality", 131, 105, 121),
    Subject("international_law", 121, 102, 112),
    Subject("jurisprudence", 108, 86, 96),
    Subject("logical_fallacies", 163, 126, 143),
    Subject("machine_learning", 112, 58, 86),
    Subject("management", 103, 87, 93),
    Subject("marketing", 234, 216, 217),
    Subject("medical_genetics", 100, 77, 94),
    Subject("miscellaneous", 783, 679, 736),
    Subject("moral_disputes", 346, 267, 296),
    Subject("moral_scenarios", 895, 385, 724),
    Subject("nutrition", 306, 244, 268),
    Subject("philosophy", 311, 245, 266),
    Subject("prehistory", 324, 267, 303),
    Subject("professional_accounting", 282, 152, 194),
    Subject("professional_law", 1534, 776, 1075),
    Subject("professional_medicine", 272, 212, 256),
    Subject("professional_psychology", 612, 461, 544),
    Subject("public_relations", 110, 78, 88),
    Subject("security_studies", 245, 183, 210),
    Subject("sociology", 201, 177, 183),
    Subject("us_foreign_policy", 100, 89, 95),
    Subject("virology", 166, 85, 95),
    Subject("world_religions", 171, 154, 147),
    Subject("gsm8k", 1319, 842, 1130),
)
"""MMLU's subjects and GSM8K. high_school_mathematics is left out: there hardly any answer of the second model could be
read as one of four letters."""


def subjects_mix(task_value: float, churn_penalty: float) -> TaskMix:
    """Return the mix of all subjects, each as common as its questions.

    Args:
        task_value: seconds of waiting that a right answer is worth.
        churn_penalty: dollars that a lost user costs.

    >>> mix = subjects_mix(18, 1)
    >>> len(mix), [round(p, 4) for p in mix.game("anatomy").success_prob]
    (57, [0.6593, 0.8148])
    """
    questions = np.array([subject.questions for subject in SUBJECTS])
    right = np.array([(subject.first, subject.second) for subject in SUBJECTS])
    priced = [MEASURED[name] for name in PRICED]
    game = Game(
        task_value,
        churn_penalty,
        (right / questions[:, None]).round(DIGITS),
        tuple(model.latency for model in priced),
        tuple(model.cost for model in priced),
    )
    return TaskMix(questions, game, tuple(subject.name for subject in SUBJECTS))
