"""The explorer of the game as one page that needs nothing else: no network, one script, written into it with its data.

What it computes it computes in the browser, by the scripts beside this module; tests/eval/explore holds them against
the solver here. A link of the page carries numbers and names, which are checked there and shown as text.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from routegame import __version__
from routegame.agents.solver import solve
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.measurements import MEASURED, Measurement
from routegame.envs.scenarios import GROUPS, SCENARIOS, Scenario
from routegame.eval.report.page import render
from routegame.whole_file import whole_file

MOST_MODELS = 8
"""Models that the page has room for."""

HERE = Path(__file__).parent

SCRIPTS = (
    *("game", "free_order", "paper_order", "fixed_order", "numbers", "claims", "state", "words"),
    *("drawing", "cost_picture", "export", "map", "episode", "player", "page"),
)
"""Scripts of the page; each may use what stands in those before it."""


def write_explorer(path: Path, game: Game, known: Scenario | None = None, *, throttling: bool = False) -> Path:
    """Write the page, and return its path.

    Args:
        path: of the file.
        game: that it opens with; of more than `MOST_MODELS` models those that matter most.
        known: the scenario that it comes from, for names and units.
        throttling: whether the provider may slow models down at first.

    Raises:
        WriteError: it cannot be written.
    """
    with whole_file(path) as beside:
        beside.write_text(explorer_page(game, known, throttling=throttling), encoding="utf-8")
    return path


def explorer_page(game: Game, known: Scenario | None = None, *, throttling: bool = False) -> str:
    """Return the page that opens with a game, see `write_explorer`."""
    from markupsafe import Markup

    menus = {heading: [menu_of(member) for member in group] for heading, group in GROUPS.items()}
    measured = [_model(model) for model in MEASURED.values()]
    start = _document(game, known) | {"throttling": throttling}
    data = {"menus": [menu for group in menus.values() for menu in group], "measured": measured, "start": start}
    script = "\n(() => {\n" + "\n".join(script_text(name) for name in SCRIPTS) + "})();\n"
    return render(
        HERE / "templates" / "explorer.html",
        groups=menus,
        measured=measured,
        version=__version__,
        data=Markup(harmless_json(data)),
        script=Markup(script),
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
    )


def script_text(name: str) -> str:
    """Return a script of the page."""
    return (HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8")


def menu_of(known: Scenario) -> dict[str, object]:
    """Return a scenario as the page has it.

    >>> menu = menu_of(SCENARIOS["polyglot-51"])
    >>> len(menu["p"]), menu["of"], menu["whole"]
    (8, 51, False)
    """
    return _document(known.game, known)


def harmless_json(data: object) -> str:
    r"""Return JSON that ends no element of a page that it stands in.

    >>> harmless_json({"name": "</script>"})
    '{"name": "\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _document(game: Game, known: Scenario | None) -> dict[str, object]:
    """A game as the page has it, by the symbols that its scripts use."""
    names: Sequence[str] = game.names or ("",) * game.num_models
    if known is not None and len(known.models) == game.num_models:
        names = known.models
    shown = _most_important(game)
    p, t, c = ([float(getattr(game, name)[k]) for k in shown] for name in PER_MODEL)
    same = known is not None and known.name in SCENARIOS
    return {
        "name": known.name if known is not None and same else None,
        "about": "" if known is None else known.about,
        "units": ["", ""] if known is None else list(known.units),
        "names": [names[k] for k in shown],
        "value": float(game.task_value),
        "penalty": float(game.churn_penalty),
        "p": p,
        "t": t,
        "c": c,
        "of": game.num_models,
        "whole": len(shown) == game.num_models,
    }


def _most_important(game: Game) -> list[int]:
    """Models that the page shows, from 0: all, or those of the optimum, users' favourite and the cheapest successes."""
    if game.num_models <= MOST_MODELS:
        return list(range(game.num_models))
    solution = solve(game)
    assert isinstance(solution.visited, list)
    first = [*(k - 1 for k in solution.visited), int(solution.user_preferred.route) - 1]
    each = game.cost_of_pass
    ranked = dict.fromkeys([*first, *sorted(range(game.num_models), key=lambda k: float(each[k]))])
    return sorted(list(ranked)[:MOST_MODELS])


def _model(measured: Measurement) -> dict[str, object]:
    return {"name": measured.model, "p": measured.success_prob, "t": measured.latency, "c": measured.cost}
