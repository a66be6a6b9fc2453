"""The loop is closed: what a gateway logs is calibrated, and what that recommends is enacted and costs less."""

import pytest

pytest.importorskip("litellm", reason="needs the extra routegame[litellm]")

from closed_loop import ATTEMPTS_FAILING, MODELS, Loop, Truth, trial
from litellm_callbacks import told_alone
from model_server import ANSWER, model_server

from routegame import scenario
from routegame.gateway.litellm import TurnLogger

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]
TRUTH = Truth(scenario("nano-gpt5").game, temperature=3.0)


@pytest.fixture
def loop(tmp_path):
    """A gateway; litellm's callbacks are as they were afterwards."""
    logger = TurnLogger(tmp_path / "turns.jsonl")
    with told_alone(logger), model_server() as server:
        yield Loop(TRUTH, tmp_path, server, logger, seed=1)


def test_what_is_enacted_in_the_end_is_near_the_best(loop):
    start, tried = {"route": 1, "cascade_prob": 0.05}, {"route": 1, "cascade_prob": 0.3}
    loop.enact(trial(start, tried, 0.3))
    loop.play(2000, over_http=40)
    assert len(loop.server.asked) > 40 * (1 + ATTEMPTS_FAILING)
    advice = loop.calibrate()
    assert advice["log"]["models"] == list(MODELS) and advice["log"]["tasks"] == 2000
    assert advice["log"]["left"] > 0 and advice["log"]["open"] == 0
    found = {name: advice["recommendation"][name] for name in ("route", "cascade_prob")}
    assert TRUTH.cost(found) < 1.02 * TRUTH.least_cost() < 0.8 * TRUTH.cost(start)
    loop.enact(advice)
    loop.begin_log()
    loop.play(300, over_http=20)
    again = loop.calibrate()
    (arm,) = again["in_force"]["arms"]
    assert (arm["route"], arm["cascade_prob"]) == (found["route"], found["cascade_prob"])
    for path in loop.folder.iterdir():
        assert ANSWER not in path.read_text()
