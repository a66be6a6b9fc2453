"""The front door to mixes: defaults, what is refused, and what a solution says of itself."""

import json

import pytest

from routegame import Game, ParameterError, TaskMix, solve_mix

TWO = TaskMix([0.5, 0.5], Game(4, 12, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 2.4)), ("easy", "hard"))
THREE = TaskMix([1], Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)))


def test_two_models_are_in_a_fixed_order_and_more_in_any_unless_asked():
    assert (solve_mix(TWO).order, solve_mix(THREE).order) == ("fixed", "free")
    assert solve_mix(THREE, order="fixed").order == "fixed"
    assert solve_mix(THREE).provider_cost == pytest.approx(2.5125, rel=1e-12)


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"users": "some"}, "users must be 'sighted' or 'memoryless' or 'history', got 'some'"),
        ({"order": "paper"}, "order must be 'fixed' or 'free', got 'paper'"),
        ({"information": "all"}, "information must be 'memoryless'"),
    ],
)
def test_what_there_is_not_is_refused(options, refusal):
    with pytest.raises(ParameterError, match=refusal):
        solve_mix(TWO, **options)
    with pytest.raises(ParameterError, match="mix must be a TaskMix"):
        solve_mix(TWO.games)


def test_json_of_a_solution_has_what_it_is_said_to_have():
    document = json.loads(json.dumps(solve_mix(TWO).to_dict()))
    assert document["certificate"] == {"lower_bound": pytest.approx(6.4), "status": "exact", "gap": 0}
    assert document["users"] == "sighted" and document["answer"] == [0, 1]
    assert [context["name"] for context in document["contexts"]] == ["easy", "hard"]
    assert document["contexts"][0]["policy"]["start"] == [1, 0]
    assert (
        document["provider_cost"] == pytest.approx(6.4) == 0.5 * sum(c["provider_cost"] for c in document["contexts"])
    )
    counting = json.loads(json.dumps(solve_mix(TWO, information="history").to_dict()))
    assert counting["answer"] == [None, 1]
