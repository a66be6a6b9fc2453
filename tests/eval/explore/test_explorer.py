"""The explorer in a browser: its solver is Python's, its controls work, links and files are read back, it is safe."""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from math import isnan
from pathlib import Path
from xml.etree import ElementTree

import browser
import numpy as np
import pytest
from browser import Browser

from routegame import Game, numerals, solve
from routegame.__main__ import main
from routegame.agents.menus.answers import answer
from routegame.envs.policy import Policy
from routegame.envs.scenarios import SCENARIOS, scenario
from routegame.eval.explore.explorer import MOST_MODELS, SCRIPTS, explorer_page, script_text

HOSTILE = "<img src=x onerror=alert(1)>'\"&amp;</script><script>alert(1)</script>"
FRAME = "new Promise(done => requestAnimationFrame(() => setTimeout(() => requestIdleCallback(() => done()))))"
"""Until what was asked for is answered, and what waits for the browser to be idle is done."""
SMALL = 500_000
"""Bytes that the page has at most."""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    assert main(["explore", "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def screen(tmp_path_factory, page):
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to open the page in")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        opened.open(page, 1280, 900)
        yield opened


@pytest.fixture
def fresh(screen, page):
    """The page as it opens."""
    screen.open(page, 1280, 900)
    settle(screen)
    yield screen
    assert screen.complaints == []


# ---- the solver


def random_games(rng, models, number):
    """Half of them with numbers as random as can be, half as models that are sold: in equal ratios."""
    shape = (number, models)
    plain = rng.uniform(0.05, 2, number), rng.uniform(0, 2, number), *rng.uniform(0.001, 1, (3, *shape))
    sold = (
        *(np.exp(rng.uniform(low, high, number)) for low, high in ((2, 6), (-4, 1))),
        rng.uniform(0.02, 0.6, shape),
        *(np.exp(rng.uniform(low, high, shape)) for low, high in ((0, 5), (-8, -2))),
    )
    half = rng.random(number) < 0.5
    mixed = [
        np.where(half if one.ndim == 1 else half[:, None], one, other) for one, other in zip(plain, sold, strict=True)
    ]
    mixed[2] = np.minimum(mixed[2], 0.999)
    return Game(*mixed)


def as_page(game):
    """A game as the page's scripts have it."""
    plain = game.to_dict()
    return {key: plain[name] for key, name in FIELDS.items()}


FIELDS = {"value": "task_value", "penalty": "churn_penalty", "p": "success_prob", "t": "latency", "c": "cost"}


def of_page(screen, games, rules):
    """The page's solutions."""
    given = json.dumps([as_page(game) for game in games])
    return json.loads(screen.evaluate(f"JSON.stringify({given}.map(x => routegame.solve(x, {json.dumps(rules)})))"))


def of_python(solution, index=()):
    """What both say of a game, as numbers; None where a number is none."""
    best, slow, policy = solution.equilibrium, solution.throttling, solution.policy
    numbers = [best.route, best.cascade_prob, best.abandon_prob, best.solve_prob, best.expected_latency]
    numbers += [best.expected_cost, best.user_utility, best.provider_cost, solution.misalignment_gap]
    numbers += [slow.pays, slow.gain, slow.provider_cost, slow.safe_churn_penalty, *slow.throttled_latency]
    numbers += [*best.throttled_latency, *solution.net_value, *solution.cost_of_pass]
    numbers += [solution.user_preferred.user_utility, solution.user_preferred.provider_cost]
    if solution.certificate is not None:
        numbers += [solution.price_of_going_on, solution.certificate.lower_bound]
        numbers += [*policy.start[index], *policy.matrix[index].reshape(-1)]
    if solution.order == "paper":
        numbers += [
            *vars(solution.thresholds).values(),
            solution.no_commitment.provider_cost,
            solution.no_commitment.pure,
        ]
    each = [float(np.asarray(x)[index] if np.ndim(x) else x) for x in numbers]
    return [None if isnan(x) else x for x in each]


def same_of_page(found):
    best, slow, liked = found["best"], found["throttling"], found["liked"]
    numbers = [best["route"], best["cascade"], best["abandon"], best["solveProb"], best["latency"]]
    numbers += [best["expectedCost"], best["utility"], best["cost"], found["gap"]]
    numbers += [slow["pays"], slow["gain"], slow["cost"], slow["safe"], *slow["latency"]]
    numbers += [*best["latencyInForce"], *found["worth"], *found["stay"], liked["utility"], liked["cost"]]
    if found["order"] != "paper":
        numbers += [found["price"], found["lower"], *best["policy"]["start"], *np.ravel(best["policy"]["matrix"])]
    else:
        nobody = found["nobodyCommits"]
        numbers += [*found["thresholds"].values(), nobody["cost"], nobody["pure"]]
    return numbers


SEARCHED = 2
"""Places of what is searched for and not computed, (1, s) under which users mix: known to eight digits, not to nine."""


def assert_same(screen, games, rules, expected):
    found = [same_of_page(one) for one in of_page(screen, games, rules)]
    theirs, ours = (np.array(numbers, dtype=np.float64) for numbers in (found, expected))
    searched = (ours[:, SEARCHED] > 0) & (ours[:, SEARCHED] < 1)
    close = np.where(searched, 1e-7, 1e-9)[:, None]
    allowed = close * np.maximum(np.abs(ours), np.array([[game.task_value] for game in games]))
    fine = np.isclose(theirs, ours, rtol=0, atol=np.nan_to_num(allowed), equal_nan=True)
    assert fine.all(), [
        (games[row], place, theirs[row, place], ours[row, place]) for row, place in np.argwhere(~fine)[:3]
    ]


def hold_against_python(screen, seed, number):
    """Games of each number of models, by all rules that their order is exact for, and some in fixed order."""
    rng = np.random.default_rng(seed)
    compared = 0
    for models in range(2, MOST_MODELS + 1):
        games = random_games(rng, models, number // (MOST_MODELS - 1) + 1)
        singles = [games.single(k) for k in range(games.shape[0])]
        for rules in RULES[: 4 if models == 2 else 3]:
            batch = solve(games, **rules)
            assert_same(screen, singles, rules, [of_python(batch, (k,)) for k in range(len(singles))])
        few = singles[:: 10 if number > 1000 else 5]
        for rules in ({"order": "fixed"}, {"order": "fixed", "throttling": True}, {"order": "fixed", "decline": True}):
            assert_same(screen, few, rules, [of_python(solve(game, **rules)) for game in few])
        compared += len(singles)
    return compared


RULES = (
    {"order": "free"},
    {"order": "free", "decline": True},
    {"order": "free", "throttling": True},
    {"order": "paper"},
)


def test_the_pages_solver_is_that_of_python(screen):
    assert hold_against_python(screen, 1, 100) >= 100


@pytest.mark.slow
def test_the_pages_solver_is_that_of_python_on_ten_thousand_games(screen):
    assert hold_against_python(screen, 2, 10_000) >= 10_000


def test_the_pages_solver_is_that_of_python_on_all_scenarios(screen):
    """Knife-edges, ties and all."""
    games = [known.game for known in SCENARIOS.values() if known.game.num_models <= MOST_MODELS]
    for game in games:
        rules = [
            {"order": "free"},
            {"order": "free", "decline": True, "throttling": True},
            {"order": "fixed", "decline": True},
        ]
        rules += [{"order": "paper", "throttling": True}] if game.num_models == 2 else [{"order": "fixed"}]
        for each in rules:
            assert_same(screen, [game], each, [of_python(solve(game, **each))])


def random_policy(rng, models):
    rows = rng.dirichlet(np.full(models, 0.4), models + 1)
    rows[rows < 0.02] = 0
    rows /= rows.sum(axis=1, keepdims=True)
    return Policy(np.eye(models)[rng.integers(models)] if rng.random() < 0.5 else rows[0], rows[1:])


def test_users_answer_any_commitment_as_they_do_in_python(screen):
    rng, asked, expected = np.random.default_rng(3), [], []
    for _ in range(150):
        game = random_games(rng, int(rng.integers(2, 6)), 1).single(0)
        policy = random_policy(rng, game.num_models)
        asked.append([as_page(game), policy.to_dict()])
        expected.append(answer(game, policy))
    found = json.loads(screen.evaluate(f"JSON.stringify({json.dumps(asked)}.map(x => routegame.answerTo(...x)))"))
    assert found == pytest.approx(expected, abs=1e-6)
    assert sum(0 < q < 1 for q in expected) > 5 < sum(q == 0 for q in expected)


def test_numbers_are_written_as_in_python(screen):
    rng = np.random.default_rng(4)
    values = [*(10 ** rng.uniform(-8, 9, 300)).tolist(), 0.0, 1.0, 0.125, 2.5, 99995.0, 1e6, 123456.5, 0.5, 1e-4]
    for name in ("number", "amount", "percent", "share", "written", "handed_over"):
        some = [value % 1 for value in values] if name in ("share", "handed_over") else values
        call = "handedOver" if name == "handed_over" else name
        found = json.loads(screen.evaluate(f"JSON.stringify({json.dumps(some)}.map(x => routegame.{call}(x)))"))
        assert found == [getattr(numerals, name)(value) for value in some], name


def test_probabilities_are_rounded_as_in_python(screen):
    values = [*np.random.default_rng(5).uniform(size=200).tolist(), 0.25, 0.99996, 1 - 1e-12, 0.0, 1.0]
    for sign, holds in (("<=", lambda x, v: x <= v), (">=", lambda x, v: x >= v)):
        call = f"JSON.stringify({json.dumps(values)}.map(v => routegame.roundedProb(v, 4, x => x {sign} v)))"
        expected = [numerals.rounded_prob(v, 4, lambda x, v=v, holds=holds: holds(x, v)) for v in values]
        assert json.loads(screen.evaluate(call)) == expected


# ---- the page


def settle(screen):
    screen.evaluate(FRAME)
    return screen.evaluate("routegame.now()")


def enter(screen, selector, value):
    """Put a value into a field and say so, as typing does."""
    put = f"element.value = {json.dumps(value)}; element.dispatchEvent(new Event('input', {{bubbles: true}}));"
    put += "element.dispatchEvent(new Event('change', {bubbles: true}));"
    screen.evaluate(f"(() => {{ const element = document.querySelector({json.dumps(selector)}); {put} }})()")
    return settle(screen)


def click(screen, selector):
    screen.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
    return settle(screen)


def text_of(screen, selector):
    return screen.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")


def test_it_opens_with_the_solution_of_its_game(fresh):
    now = settle(fresh)
    best = solve("nano-gpt5").equilibrium
    assert now["document"]["equilibrium"]["provider_cost"] == pytest.approx(best.provider_cost, rel=1e-12)
    said = text_of(fresh, "#answer")
    assert "hand 7.833 % of its failures over to gpt-5 (low)" in said and "at 7.832 % they would leave" in said
    assert "$0.05737" in said
    assert text_of(fresh, "#command") == "routegame solve nano-gpt5"


PLAIN = [x.name for x in SCENARIOS.values() if x.game.num_models <= MOST_MODELS and x.name != "value-latency-mixed"]
"""Scenarios whose users do not mix."""


@pytest.mark.parametrize("names", [PLAIN[::8], pytest.param(PLAIN, marks=pytest.mark.slow)], ids=["some", "all"])
def test_what_is_said_is_true_when_it_is_typed_back(fresh, names):
    """Users do what is said at the numbers that are said, and leave at those where that is said."""
    found = 0
    for known in (SCENARIOS[name] for name in names):
        enter(fresh, "#menu", known.name)
        shown = json.loads(fresh.evaluate("JSON.stringify(routegame.shownPolicy(routegame.now().solution))"))
        policy = Policy(np.array(shown["start"]), np.array(shown["matrix"]))
        assert answer(known.game, policy) == solve(known.game).equilibrium.abandon_prob, known.name
        said = re.search(r"hand (\S+) % of .* at (\S+) % they would leave", text_of(fresh, "#answer"))
        if said is not None:
            found += 1
            at, sooner = (float(number) / 100 for number in said.groups())
            (place,) = np.argwhere(np.abs(policy.matrix - at) < 1e-12)
            moved = policy.matrix.copy()
            moved[place[0], place[0]] = 1 - sooner
            moved[tuple(place)] = sooner
            assert answer(known.game, Policy(policy.start, moved)) == 1, known.name
    assert found >= len(names) // 5


def test_every_slider_and_field_changes_what_it_says(fresh):
    enter(fresh, "#menu", "menu-chain")
    before = settle(fresh)["state"]
    for field in FIELDS:
        for kind, value in (("range", "700"), ("text", "0.375")):
            now = enter(fresh, f"[data-field={field}][type={kind}]", value)["state"]
            assert now[field] != before[field], (field, kind)
            before = now
        assert (now[field][0] if isinstance(now[field], list) else now[field]) == 0.375
    assert enter(fresh, "[data-name]", "mine")["state"]["names"][0] == "mine" and "mine" in text_of(fresh, "#answer")


def test_every_slider_obeys_the_keyboard(fresh):
    sliders = fresh.evaluate("document.querySelectorAll('input[type=range]').length")
    assert sliders == 2 + 3 * 2 + 1
    for k in range(sliders):
        slider = f"document.querySelectorAll('input[type=range]')[{k}]"
        before = fresh.evaluate(f"{slider}.focus(), {slider}.value")
        for event in ("keyDown", "keyUp"):
            fresh.call(
                "Input.dispatchKeyEvent", type=event, key="ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39
            )
        settle(fresh)
        assert fresh.evaluate(f"{slider}.value") == str(int(before) + 1)
        assert fresh.evaluate(f"document.activeElement === {slider}")


def test_models_come_and_go(fresh):
    for count in range(3, MOST_MODELS + 1):
        assert len(click(fresh, "#new-model")["state"]["p"]) == count
    assert fresh.evaluate("document.querySelector('#new-model').disabled")
    for count in range(MOST_MODELS - 1, 1, -1):
        assert len(click(fresh, "[data-remove]")["state"]["p"]) == count
    assert fresh.evaluate("document.querySelector('[data-remove]').disabled")
    now = enter(fresh, "#measured", "0")["state"]
    assert now["names"][2] == "gpt-4o-mini" and now["t"][2] == 8.69
    assert click(fresh, "#reset")["state"]["names"] == ["gpt-4.1-nano", "gpt-5 (low)"]


def test_rules_change_what_they_say(fresh):
    assert fresh.evaluate("document.querySelector('#decline').disabled")
    enter(fresh, "#menu", "gpt41-o3")
    cost = settle(fresh)["document"]["equilibrium"]["provider_cost"]
    free = enter(fresh, "#order", "free")["document"]
    assert free["equilibrium"]["provider_cost"] < cost and free["policy"]["start"] == [0, 1]
    assert len(fresh.evaluate("[...document.querySelectorAll('#cost .line')].map(x => x.getAttribute('d'))")) > 3
    declining = click(fresh, "#decline")["document"]
    assert declining["equilibrium"]["provider_cost"] == pytest.approx(
        solve("gpt41-o3", order="free", decline=True).equilibrium.provider_cost
    )
    assert "--order free --decline" in text_of(fresh, "#command") and "decline=True" in text_of(fresh, "#python")
    enter(fresh, "#menu", "figure-5-throttle")
    assert "slowed down to" in (click(fresh, "#throttling"), text_of(fresh, "#answer"))[1]
    assert [row for row in fresh.evaluate("[...document.querySelectorAll('#order option')].map(x => x.disabled)")] == [
        False
    ] * 3
    enter(fresh, "#menu", "menu-stay")
    assert fresh.evaluate("document.querySelector('#order [value=paper]').disabled")
    assert enter(fresh, "#order", "fixed")["document"]["order"] == "fixed"


def test_another_commitment_can_be_tried(fresh):
    enter(fresh, "#probe", "70")
    assert "users leave after a failure" in text_of(fresh, "#tried") and "71 % more" in text_of(fresh, "#tried")
    enter(fresh, "#probe", "90")
    assert "users stay" in text_of(fresh, "#tried")
    click(fresh, "#closely")
    assert "Move the slider" in (click(fresh, "#probe-off"), text_of(fresh, "#tried"))[1]


def test_what_is_out_of_range_is_said_and_changes_nothing(fresh):
    before = settle(fresh)["state"]
    for field, value in (
        ("p", "1"),
        ("p", "0"),
        ("value", "0"),
        ("t", "-1"),
        ("c", "1e999"),
        ("penalty", "alert(1)"),
        ("p", ""),
    ):
        assert enter(fresh, f"[data-field={field}][type=text]", value)["state"] == before
        assert "must be" in text_of(fresh, "#complaint")
    enter(fresh, "[data-field=p][type=text]", "0.5")
    assert fresh.evaluate("document.querySelector('#complaint').hidden")


def test_the_command_and_the_python_give_the_same(fresh, capsys):
    enter(fresh, "#menu", "openai-five")
    enter(fresh, "[data-field=penalty][type=text]", "0.37")
    click(fresh, "#decline")
    now = click(fresh, "#throttling")["document"]
    words = text_of(fresh, "#command").split()
    assert words[:2] == ["routegame", "solve"] and main([*words[1:], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    known = {}
    exec(text_of(fresh, "#python").replace("print", "str"), known)
    assert printed["equilibrium"]["route"] == now["equilibrium"]["route"] is None
    for name in ("provider_cost", "user_utility", "abandon_prob"):
        assert printed["equilibrium"][name] == pytest.approx(now["equilibrium"][name], rel=1e-9)
    assert known["solution"].equilibrium.provider_cost == pytest.approx(now["equilibrium"]["provider_cost"], rel=1e-9)
    for name in ("policy", "visited", "price_of_going_on", "misalignment_gap", "net_value"):
        assert flat(printed[name]) == pytest.approx(flat(now[name]), rel=1e-9), name


def flat(value):
    """Numbers of nested lists and objects, in order."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [number for part in parts for number in flat(part)]
    return [value]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", ["nano-gpt5", "gateway-eight", "polyglot-51", "menu-tie"])
def test_a_link_comes_back_as_it_went(fresh, page, name):
    enter(fresh, "#menu", name)
    enter(fresh, "[data-name]", HOSTILE[:60])
    if name != "nano-gpt5":
        click(fresh, "#decline")
    now = enter(fresh, "[data-field=value][type=text]", "77.125")
    again = opened_anew(fresh, page, fresh.evaluate("routegame.link()"))
    assert again["state"] == now["state"] and again["document"] == now["document"]


def opened_anew(screen, page, link):
    """What a page shows that is opened with a link."""
    screen.call("Page.navigate", url="about:blank")
    screen.call("Page.navigate", url=page.as_uri() + link)
    for _ in range(100):
        if screen.evaluate("typeof routegame === 'object' && document.readyState === 'complete'"):
            break
    return settle(screen)


PLACES = "[...document.querySelectorAll('[type=range]')].map(x => x.value)"


def test_a_link_brings_back_sliders_and_the_commitment_that_is_tried_and_the_player(fresh, page):
    enter(fresh, "#menu", "menu-chain")
    enter(fresh, "[data-field=value][type=range]", "700")
    enter(fresh, "[data-field=t][type=range]", "900")
    enter(fresh, "#probe", "70")
    click(fresh, "#closely")
    for name, value in (("users", "40"), ("speed", "4"), ("seed", "9")):
        enter(fresh, f"#play-{name}", value)
    now, places = settle(fresh), fresh.evaluate(PLACES)
    tried, drawing = text_of(fresh, "#tried"), fresh.evaluate("document.querySelector('#cost').innerHTML")
    assert now["view"] == {
        "reach": now["reach"],
        "probe": pytest.approx(0.07, abs=0.03),
        "closely": True,
        "users": 40,
        "seed": 9,
        "speed": 4,
    }
    again = opened_anew(fresh, page, fresh.evaluate("routegame.link()"))
    assert again["view"] == now["view"] and fresh.evaluate(PLACES) == places
    assert text_of(fresh, "#tried") == tried
    assert fresh.evaluate("document.querySelector('#cost').innerHTML") == drawing
    assert fresh.evaluate("[routegame.player.episode.users.length, routegame.player.speed]") == [40, 4]
    assert fresh.evaluate("[routegame.map.value(0), routegame.map.middle.value]")[1] == now["reach"]["value"] / 30


def test_where_nobody_commits_is_shown_for_two_models_and_said_to_be_unknown_for_more(fresh):
    rows = "[...document.querySelectorAll('#rivals th')].map(x => x.textContent)"
    assert "nobody commits" in fresh.evaluate(rows) and fresh.evaluate("document.querySelector('#unsolved').hidden")
    enter(fresh, "#menu", "menu-chain")
    assert "nobody commits" not in fresh.evaluate(rows)
    assert "two models only" in text_of(fresh, "#unsolved")
    assert not fresh.evaluate("document.querySelector('#unsolved').hidden")


def test_what_stays_the_same_is_not_made_anew(fresh):
    """Elements of the drawing and of the tables outlive an answer, so that a slider has little to lay out."""
    fresh.evaluate("globalThis.before = [...document.querySelectorAll('#cost *, #figures *, #rivals *, #legend *')]; 0")
    enter(fresh, "[data-field=penalty][type=text]", "0.11")
    kept = "before.filter(element => element.isConnected).length / before.length"
    assert fresh.evaluate(kept) > 0.9


@pytest.mark.parametrize(
    "first,then",
    [
        (["p", {"class": "a", "id": "x"}, "one"], ["p", {"id": "y"}, "two", ["b", {}, "three"]]),
        (["p", {}, ["b", {}, "one"], "two"], ["p", {}, "two", ["i", {}, "three"]]),
        (["ul", {}, ["li", {}, "a"], ["li", {}, "b"]], ["ul", {"title": "t"}, ["li", {}, "b"]]),
    ],
)
def test_what_is_changed_in_place_is_as_if_made_anew(fresh, first, then):
    made = "(function spec(x) { return Array.isArray(x) ? routegame.make(x[0], x[1], ...x.slice(2).map(spec)) : x; })"
    fill = f"(at, x) => {{ routegame.fill(at, [{made}(x)]); return at.innerHTML; }}"
    changed = fresh.evaluate(
        f"(() => {{ const [fill, at] = [{fill}, document.createElement('div')];"
        f" fill(at, {json.dumps(first)}); return fill(at, {json.dumps(then)}); }})()"
    )
    assert changed == fresh.evaluate(f"({fill})(document.createElement('div'), {json.dumps(then)})")


BAD_LINKS = [
    "#V=1",
    "#V=0&P=1&p=.1 .2&t=1 2&c=1 2",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1",
    "#V=1&P=1&p=.1&t=1&c=1",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&x=alert(1)",
    "#V=1&V=2&P=1&p=.1 .2&t=1 2&c=1 2",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&order=__proto__",
    "#V=1&P=1&p=.1 .2 .3&t=1 2 3&c=1 2 3&order=paper",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&decline=1",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&throttling=yes",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&menu=" + HOSTILE,
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&name=a",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&name=a&name=" + 61 * "b",
    "#V=Infinity&P=1&p=.1 .2&t=1 2&c=1 2",
    "#V=0x10&P=1&p=.1 .2&t=1 2&c=1 2",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&reach=1 2 3",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&reach=1 2 3 0",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&try=1.5",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&users=7",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&seed=1.5",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&speed=__proto__",
    "#V=1&P=1&p=.1 .2&t=1 2&c=1 2&closely=" + HOSTILE,
    "#" + HOSTILE,
    "#" + 7000 * "V",
]


def test_a_link_that_is_none_is_refused_in_one_line(fresh):
    for link in BAD_LINKS:
        fresh.evaluate(f"location.hash = {json.dumps(link)}")
        now = settle(fresh)
        said = text_of(fresh, "#complaint")
        assert said.startswith("This link cannot be used: ") and "\n" not in said and len(said) < 150, link
        assert now["state"]["menu"] == "nano-gpt5"
        assert fresh.evaluate("document.querySelectorAll('img, iframe, body script:not([type])').length") == 1


def test_names_are_text(fresh):
    for selector in ("[data-model='0'] [data-name]", "[data-model='1'] [data-name]"):
        enter(fresh, selector, HOSTILE[:60])
    assert HOSTILE[:60] in text_of(fresh, "#answer") and HOSTILE[:60] in text_of(fresh, "#rivals")
    assert fresh.evaluate("document.querySelectorAll('img').length") == 0
    ElementTree.fromstring(fresh.evaluate("routegame.svgText(document.querySelector('#cost svg'))"))


AS_BASE64 = """(async () => {
  const blob = await routegame.pngOf(document.querySelector("#cost svg"));
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
})()"""


def test_what_is_exported_can_be_read(fresh):
    svg = fresh.evaluate("routegame.svgText(document.querySelector('#cost svg'))")
    drawing = ElementTree.fromstring(svg)
    assert drawing.tag.endswith("svg") and "var(" not in svg and 'class="' not in svg
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}use"))) >= 4
    png = b64decode(fresh.evaluate(AS_BASE64))
    assert png.startswith(b"\x89PNG") and len(png) > 5000
    offered = (
        "globalThis.offered = []; HTMLAnchorElement.prototype.click = function () { offered.push(this.download); }; 0"
    )
    fresh.evaluate(offered)
    for button in ("#as-json", "#as-svg", "#as-png"):
        click(fresh, button)
    fresh.evaluate("new Promise(done => setTimeout(done, 300))")
    assert sorted(fresh.evaluate("offered")) == [f"routegame-nano-gpt5.{kind}" for kind in ("json", "png", "svg")]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("width,dark", [(390, False), (800, True), (1280, False)])
def test_it_fits_its_screen(screen, page, width, dark):
    screen.open(page, width, 844, dark=dark)
    for name in ("nano-gpt5", "gateway-eight"):
        enter(screen, "#menu", name)
        assert screen.evaluate("document.documentElement.scrollWidth") <= width
        outside = """[...document.querySelectorAll('#cost text')].filter(text => {
          const [a, b] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()];
          return a.left < b.left - 1 || a.right > b.right + 1 || a.bottom > b.bottom + 1;
        }).map(text => text.textContent)"""
        assert screen.evaluate(outside) == []
    assert screen.complaints == [] and screen.requests == [page.as_uri()]


# ---- map and player


MAP = """new Promise(done => {
  const ask = () => routegame.map.whole ? done(routegame.map.cells) : setTimeout(ask, 20);
  ask();
})"""


def test_the_map_says_who_serves_where(fresh):
    enter(fresh, "#menu", "menu-chain")
    cells = fresh.evaluate(MAP)
    assert len(cells) == 60 * 40 and len(set(cells)) >= 4
    places = [(3, 5), (30, 20), (55, 38), (17, 2)]
    for column, row in places:
        value, penalty = fresh.evaluate(f"[routegame.map.value({column}), routegame.map.penalty({row})]")
        game = scenario("menu-chain").game
        solution = solve(Game(value, penalty, game.success_prob, game.latency, game.cost))
        kind = cells[row * 60 + column]
        assert sorted(map(int, re.findall(r"\d+", kind))) == solution.visited
        assert ("leave" in kind) == (solution.equilibrium.abandon_prob == 1)
    said = fresh.evaluate("[...document.querySelectorAll('#map-legend li')].map(x => x.textContent)")
    assert said[0].startswith("A ") and len(said) >= 4
    assert fresh.evaluate("document.querySelectorAll('#map-legend .here').length") == 1
    assert "menu" not in fresh.evaluate("document.querySelector('#map').getAttribute('aria-label')")


def test_a_click_on_the_map_goes_there(fresh):
    fresh.evaluate(MAP)
    press = "document.querySelector('#map').dispatchEvent(Object.assign(new MouseEvent('click', {bubbles: true})))"
    before = settle(fresh)["state"]
    fresh.evaluate(press)  # at the corner, beside the map
    assert settle(fresh)["state"] == before
    fresh.evaluate("document.querySelector('#map').scrollIntoView({block: 'center'})")
    box = fresh.evaluate("(b => [b.left, b.top])(document.querySelector('#map').getBoundingClientRect())")
    for kind in ("mousePressed", "mouseReleased"):
        fresh.call("Input.dispatchMouseEvent", type=kind, x=box[0] + 80, y=box[1] + 270, button="left", clickCount=1)
    now = settle(fresh)["state"]
    assert now["value"] < before["value"] / 4 and now["penalty"] < before["penalty"] / 10


def test_an_episode_comes_to_what_is_expected(fresh):
    """Within five standard errors, of which the spread of a hundred parts tells."""
    for name in ("nano-gpt5", "menu-chain", "menu-threat"):
        enter(fresh, "#menu", name)
        play = """(() => {
          const { best, game } = routegame.now().solution, parts = [];
          for (let seed = 1; seed <= 100; seed++) {
            const episode = new routegame.Episode({ game, policy: best.policy, q: best.abandon, seed });
            while (episode.totals.tasks < 100) episode.step();
            const { tasks, solved, waited, paid } = episode.totals;
            parts.push([solved / tasks, waited / tasks, paid / tasks]);
          }
          return [parts, [best.solveProb, best.latency, best.cost]];
        })()"""
        parts, expected = map(np.array, fresh.evaluate(play))
        error = parts.std(axis=0) / 10
        # a part ends with its hundredth task, and tasks that are under way then are the long ones
        assert (np.abs(parts.mean(axis=0) - expected) <= 5 * error + 0.03 * expected + 1e-12).all(), name


def test_the_same_seed_gives_the_same_episode_at_any_speed(fresh):
    make = "(() => { const { best, game } = routegame.now().solution;"
    make += " return new routegame.Episode({ game, policy: best.policy, q: best.abandon, seed: 5 }); })()"
    whole = fresh.evaluate(f"(e => (e.advance(5000), e.totals))({make})")
    parts = fresh.evaluate(f"(e => {{ for (let k = 1; k <= 500; k++) e.advance(10 * k); return e.totals; }})({make})")
    assert whole == parts and whole["tasks"] > 100


def test_the_player_plays_pauses_and_steps(fresh):
    settle(fresh)
    assert not fresh.evaluate("routegame.player.playing")
    before = fresh.evaluate("routegame.player.episode.now")
    click(fresh, "#step")
    stepped = fresh.evaluate("routegame.player.episode.now")
    assert stepped > before
    enter(fresh, "#play-speed", "16")
    click(fresh, "#play")
    assert text_of(fresh, "#play") == "Pause"
    fresh.evaluate("new Promise(done => setTimeout(done, 400))")
    click(fresh, "#play")
    later = fresh.evaluate("routegame.player.episode.now")
    assert later > stepped and text_of(fresh, "#play") == "Play"
    assert "expected" in text_of(fresh, ".totals") and "$0.0574" in text_of(fresh, "#play-totals")
    enter(fresh, "#play-users", "40")
    assert fresh.evaluate("routegame.player.episode.users.length") == 40
    enter(fresh, "#play-seed", "9")
    click(fresh, "#restart")
    assert fresh.evaluate("routegame.player.episode.now") == 0
    enter(fresh, "#probe", "10")
    assert "slider above" in text_of(fresh, "#play-what") and fresh.evaluate("routegame.player.episode.q") == 1


COUNTED = """
globalThis.asked = 0;
const real = requestAnimationFrame;
globalThis.requestAnimationFrame = (call) => (asked++, real(call));
0
"""


def test_who_asks_for_less_motion_gets_steps(fresh):
    reduced = {"name": "prefers-reduced-motion", "value": "reduce"}
    fresh.call("Emulation.setEmulatedMedia", features=[reduced])
    fresh.evaluate(COUNTED)
    click(fresh, "#play")
    asked = fresh.evaluate("asked")
    fresh.evaluate("new Promise(done => setTimeout(done, 800))")
    assert fresh.evaluate("asked") == asked and fresh.evaluate("routegame.player.episode.now") > 0
    click(fresh, "#play")


def test_where_users_decline_there_is_nothing_to_play(fresh):
    enter(fresh, "#menu", "menu-leave")
    click(fresh, "#decline")
    assert "users decline" in text_of(fresh, "#answer")
    click(fresh, "#play")
    assert not fresh.evaluate("routegame.player.playing")


# ---- for everybody


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("width,dark", [(1280, False), (390, True)])
def test_axe_finds_nothing_serious(screen, page, width, dark):
    screen.open(page, width, 900, dark=dark)
    enter(screen, "#menu", "gateway-eight")
    enter(screen, "[data-field=p][type=text]", "2")
    assert screen.serious_faults() == []


def test_everything_that_can_be_used_has_a_name_of_its_own(fresh):
    """The parts of accessibility that need no checker: names, one label each, and an order of headings."""
    enter(fresh, "#menu", "menu-chain")
    names = fresh.evaluate(
        """[...document.querySelectorAll('input, select, button')].map(x => x.getAttribute('aria-label')
          || [...(x.labels ?? [])].map(y => y.textContent.trim()).join(' ') || x.textContent.trim())"""
    )
    assert "" not in names and len(set(names)) == len(names)
    levels = fresh.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(x => Number(x.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1 and max(np.diff(levels)) == 1
    assert fresh.evaluate("document.querySelectorAll('[aria-live=polite], [role=alert]').length") == 2


def test_it_is_printed_without_what_cannot_be_printed(fresh):
    assert fresh.pdf().startswith(b"%PDF")
    fresh.call("Emulation.setEmulatedMedia", media="print")
    shown = "[...document.querySelectorAll('button, input[type=range]')].filter(x => x.getClientRects().length).length"
    assert fresh.evaluate(shown) == 0
    fresh.call("Emulation.setEmulatedMedia", media="")


def test_the_answer_is_printed_on_the_first_page_and_what_was_put_in_on_the_last(fresh):
    fresh.call("Emulation.setEmulatedMedia", media="print")
    tops = "['.answers', '.controls'].map(x => document.querySelector(x).getBoundingClientRect().top)"
    answers, controls = fresh.evaluate(tops)
    title = fresh.evaluate("document.querySelector('.top').getBoundingClientRect().bottom")
    assert title <= answers < title + 60 and answers < controls
    assert fresh.evaluate("document.querySelector('#bar').getClientRects().length") == 0
    fresh.call("Emulation.setEmulatedMedia", media="")


def test_it_is_one_small_file_that_runs_its_own_script_only(page):
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < SMALL
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'; img-src" in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert text.count("<script") == 2


def test_scripts_make_no_markup_and_run_no_strings():
    folder = Path(__file__).resolve().parents[3] / "eval" / "explore" / "scripts"
    assert sorted(SCRIPTS) == sorted(path.stem for path in folder.glob("*.js"))
    for name in SCRIPTS:
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|</script"
        assert not re.search(forbidden, script_text(name)), name


def test_a_game_of_ones_own_is_data_and_nothing_else():
    game = scenario("menu-pair").game
    hostile = Game(**(game.to_dict() | {"names": (HOSTILE, "two", "three")}))
    page = explorer_page(hostile)
    assert HOSTILE not in page and page.count("<script") == 2
    data = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])
    assert data["start"]["names"][0] == HOSTILE and data["start"]["name"] is None
