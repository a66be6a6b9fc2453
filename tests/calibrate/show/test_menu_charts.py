"""Charts of advice on three models: a bar a family, and a curve where there is a share."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

import numpy as np
from menu_logs import FEW, GAME

from routegame.calibrate.decide.menu_decision import decide_menu
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.calibrate.show.menu_charts import alternative_bars, share_chart
from routegame.envs.game import Game


def decision():
    p, t, c = (tuple(np.full(2, x) for x in each) for each in (GAME.success_prob, GAME.latency, GAME.cost))
    draws = [PosteriorDraws("", 1.0, Game(np.full(2, 10.0), np.full(2, 9.0), p, t, c), np.full(2, 0.01))]
    counts = np.ones((3, 3), dtype=np.int64)
    cells = [PolicyCell("", FEW, True, np.array([10, 0, 0]), counts, 10, 10, 5)]
    return decide_menu(draws, draws, cells, ("A", "B", "C"))


def test_every_family_has_a_bar_on_one_scale():
    found = decision()
    bars = alternative_bars(found)
    assert [offer for offer, _, _ in bars] == [offer for offer, _ in found.alternatives]
    assert all(b"M" in tostring(bar) for _, _, bar in bars)


def test_the_chart_marks_the_recommended_share():
    drawn = tostring(share_chart(decision())).decode()
    assert "star" in drawn
    assert "at a cost of" in drawn
