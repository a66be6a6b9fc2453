"""The interface of learners: they are found by name, and all that they will do follows from their state."""

import plugins
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.train import learner as module
from routegame.train.learner import OWN_LEARNERS, admit, learner
from routegame.train.learners.evolution import Evolution


def test_learners_of_others():
    with pytest.raises(ParameterError, match="MODULE:CLASS that can be imported"):
        admit("plugins:Nobody")
    with pytest.raises(ParameterError, match="MODULE:CLASS of a subclass"):
        admit("plugins:NotALearner")
    with pytest.raises(ParameterError, match="or MODULE:CLASS"):
        learner("json:JSONDecoder")


def test_why_a_class_cannot_be_had_is_said():
    for ask in (admit, learner):
        with pytest.raises(ParameterError, match=r"No module named 'nomodule'.* got 'nomodule:X'"):
            ask("nomodule:X")
    with pytest.raises(ParameterError, match="put its folder on PYTHONPATH"):
        admit("nomodule:X")
    with pytest.raises(ParameterError, match=r"module 'plugins' has no attribute 'Nobody'"):
        admit("plugins:Nobody")
    with pytest.raises(ParameterError, match=r"MODULE:CLASS that `admit` has imported, got 'json:JSONDecoder'"):
        learner("json:JSONDecoder")


class Own(Evolution):
    """A learner of one's own."""


@pytest.mark.parametrize("name", OWN_LEARNERS)
def test_every_learner_of_the_project_lies_in_the_module_of_its_name(name):
    found = learner(name)
    assert (found.__name__, found.__module__) == (OWN_LEARNERS[name], f"routegame.train.learners.{name}")


def test_a_class_of_ones_own_is_found_once_it_is_admitted(monkeypatch):
    monkeypatch.setattr(module, "_admitted", {})
    name = f"{__name__}:Own"
    with pytest.raises(ParameterError, match="learner must be one of"):
        learner(name)
    assert admit(Own) == name and learner(name) is Own
    assert admit("evolution") == "evolution" and admit("plugins:Plain") == "plugins:Plain"
    assert learner("plugins:Plain") is plugins.Plain


def test_a_learner_of_an_installed_package_is_found_by_its_name(monkeypatch):
    class Entry:
        name = "theirs"

        def __init__(self, found):
            self.load = lambda: found

    def installed(found):
        entries = [Entry(found)]
        return lambda *, group, name="theirs": [entry for entry in entries if entry.name == name]

    monkeypatch.setattr(module, "entry_points", installed(Own))
    assert learner("theirs") is Own
    monkeypatch.setattr(module, "entry_points", installed(dict))
    with pytest.raises(ParameterError, match=r"learner must be one of independent, .*theirs, or MODULE:CLASS"):
        learner("theirs")


def plain(seed=0, steps=6):
    return plugins.Plain(RoutingGame("nano-gpt5"), plugins.PlainOptions(steps=steps), seed)


def test_updates_are_counted_to_the_end():
    made = plain(steps=2)
    assert (made.updates, made.finished) == (0, False)
    made.update()
    assert (made.updates, made.finished) == (1, False)
    made.update()
    assert made.finished and made.meter.passes > 0


def test_what_is_restored_goes_on_as_if_nothing_had_happened():
    straight, broken = plain(), plain()
    for _ in range(2):
        broken.update()
    again = plain(seed=99)
    again.restore(broken.state())
    assert again.updates == 2
    passes = [straight.update().passes for _ in range(6)][2:]
    assert [again.update().passes for _ in range(4)] == passes and again.finished


def test_most_learners_object_to_no_game():
    assert Own.objection(RoutingGame("nano-gpt5")) is None


@pytest.mark.parametrize("parts", [None, ["chance"], {"chance": object()}])
def test_parts_that_have_no_state_are_refused(parts, monkeypatch):
    made = plain()
    monkeypatch.setattr(made, "parts", lambda: parts)
    for ask in (made.state, lambda: made.restore({"updates": 0, "meter": made.meter.state()})):
        with pytest.raises(ParameterError, match=r"what parts\(\) of Plain returns must be a mapping"):
            ask()
