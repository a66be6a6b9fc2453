"""The equilibrium where the order of the models is the provider's choice: a closed form for any number of models.

With m the price of going on (`routegame.agents.menus.price`) the least cost of a task is

    J* = min over i of  c_i + (1 − p_i) m,

one forced pass of a start model i and then the cheapest way of going on. No commitment is cheaper, not even one that
depends on the whole past, against users who are memoryless, see the model that failed, or count failures; and one that
visits at most three models attains it (docs/models.md has the proof). The model that is not worth its wait goes first.

Where users may decline the first pass as well, every pass is one of going on, and J* = m.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.agents.exact.best_response import Thresholds
from routegame.agents.exact.one_game import JUST_NOT_WORTH_IT
from routegame.agents.exact.solution import Certificate, RoutingProfile, Solution, Throttling, shaped
from routegame.agents.menus.picking import Models, Pick, least
from routegame.agents.menus.price import LEAVE, MIX, STAY, GoingOn, going_on, hand_overs
from routegame.envs.arrays import BoolArray, FloatArray, Number, plain
from routegame.envs.game import INDIFFERENCE, Game
from routegame.envs.policy import Policy

BLOCK = 2**14
"""Games times models that are solved at once: so many keep intermediate results in the processor's cache."""


def solve_free_order(game: Game, *, throttling: bool = False, decline: bool = False, redraw: bool = False) -> Solution:
    """Solve a game, or every game of a batch, with the order of its models free, exactly.

    Args:
        game: one game, or a batch of any shape.
        throttling: report the equilibrium of the game in which the provider may also raise latencies, without bound.
        decline: whether users may refuse the first pass too; a task that is declined is lost at the churn penalty.
        redraw: where models are mixed, report the policy whose rows are all alike, each pass drawn afresh, rather than
            one that goes down a list of models.

    Returns:
        A `Solution` for memoryless users; others stay and leave where these do.

    >>> solution = solve_free_order(Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)))
    >>> round(solution.equilibrium.provider_cost, 9), round(solution.price_of_going_on, 9)
    (2.5125, 3.083333333)
    >>> solution.policy.matrix.round(9).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.95, 0.05], [0.0, 0.0, 1.0]]
    """
    size, step = int(np.prod(game.shape)), BLOCK // game.num_models
    found = _Found.empty(game.num_models, size)
    for start, block in zip(range(0, size, step), game.blocks(step), strict=True):
        _solve(_Menu.of(block), found.part(start, start + step), decline=decline, redraw=redraw)
    return _solution(game, found, throttling=throttling, decline=decline)


@dataclass(frozen=True)
class _Menu:
    """The numbers of a flat batch of games: (num_games,), and those of models (K, num_games)."""

    value: FloatArray
    penalty: FloatArray
    success_prob: FloatArray
    latency: FloatArray
    cost: FloatArray
    net_value: FloatArray

    @classmethod
    def of(cls, game: Game) -> _Menu:
        return cls(
            np.asarray(game.task_value),
            np.asarray(game.churn_penalty),
            *(np.stack(x) for x in (game.success_prob, game.latency, game.cost, game.net_value)),
        )


@dataclass(frozen=True)
class _Found:
    """What is found of a flat batch of games: arrays (num_games,), those of models (K, num_games), matrices.

    Attributes:
        net_value: ξ_k, (K, num_games).
        cost_of_pass: c_k / p_k, (K, num_games).
        price: of going on, m.
        lower: what a task costs at the least, whatever is committed to.
        start: probabilities of the first pass, (K, num_games).
        matrix: of the others, (K, K, num_games).
        route: the start model, from 1; 0 where it is drawn.
        moves: s where the policy is model 1, then 2 with probability s; nan elsewhere.
        leaves: 1 where users leave after the first failure, or decline; 0 where they stay.
        outcome: S, L, C, U and J of the policy as it is played, (5, num_games).
        weak: infimum of J where indifferent users act as the provider dislikes.
        margin: what it costs to make going on worth one unit of latency more; nan where users leave.
        liked: the model that users would have for good, or else once, from 1.
        likes: S, L, C, U and J of that, (5, num_games).
        driven: the model that would be slowed down, from 0.
        driven_cost: what a task costs if users leave that.
        pays: whether that is less.
        safe: the least churn penalty from which on slowing down never pays.
        slowed: latencies that make users leave, where that pays, else the game's; (K, num_games).
    """

    net_value: FloatArray
    cost_of_pass: FloatArray
    price: FloatArray
    lower: FloatArray
    start: FloatArray
    matrix: FloatArray
    route: NDArray[np.int64]
    moves: FloatArray
    leaves: FloatArray
    outcome: FloatArray
    weak: FloatArray
    margin: FloatArray
    liked: NDArray[np.int64]
    likes: FloatArray
    driven: NDArray[np.int64]
    driven_cost: FloatArray
    pays: BoolArray
    safe: FloatArray
    slowed: FloatArray

    @classmethod
    def empty(cls, models: int, games: int) -> _Found:
        """Room for so many games: all of it in one piece, which the system has ready sooner than many small ones."""
        wide = {
            **dict.fromkeys(("net_value", "cost_of_pass", "start", "slowed"), (models,)),
            **dict.fromkeys(("outcome", "likes"), (5,)),
            "matrix": (models, models),
        }
        whole = {"route": np.int64, "liked": np.int64, "driven": np.int64}
        shapes = {f.name: wide.get(f.name, ()) for f in fields(cls)}
        rows, room = 0, np.empty((sum(prod(shape) for shape in shapes.values()), games))
        held: dict[str, Any] = {}
        for name, shape in shapes.items():
            held[name] = room[rows : rows + prod(shape)].reshape(*shape, games).view(whole.get(name, np.float64))
            rows += prod(shape)
        held["pays"] = np.empty(games, dtype=np.bool_)
        return cls(**held)

    def part(self, start: int, stop: int) -> _Found:
        """Views of some of the games."""
        return _Found(**{name: x[..., start:stop] for name, x in vars(self).items()})


def _solve(menu: _Menu, found: _Found, *, decline: bool, redraw: bool) -> None:
    """Fill in what is found of a block of games."""
    p, c, penalty = menu.success_prob, menu.cost, menu.penalty
    games, models, fails = np.arange(penalty.size), range(len(p)), 1 - p
    np.divide(c, p, out=found.cost_of_pass)
    going = going_on(menu.net_value, p, c, penalty, stay=found.cost_of_pass)
    first, lower = going.waits, going.price
    if not decline:
        first, lower = _start(going, c + fails * going.price, games)
    found.net_value[...], found.price[...], found.lower[...] = menu.net_value, going.price, lower
    np.add(first, 1, out=found.route)
    for k in models:
        np.equal(first, k, out=found.start[k])
        np.equal(going.keeps, k, out=found.matrix[0, k])
    found.matrix[1:] = found.matrix[0]
    np.equal(going.way, LEAVE, out=found.leaves)
    found.moves.fill(np.nan)
    np.copyto(found.moves, 1.0, where=(first < 1) & (going.keeps == 1))
    _play(menu, found, Pick(first, games), Pick(going.keeps, games), decline=decline)
    mixed = np.flatnonzero(going.way == MIX)
    if mixed.size:
        _mix(menu, found, first, going, mixed, decline=decline, redraw=redraw)
    _favourite(menu, found, games, decline=decline)
    _slow_down(menu, found, going, fails, decline=decline)
    _ties(menu, found, first, going, games, decline=decline)


def _start(going: GoingOn, reach: FloatArray, games: Models) -> tuple[Models, FloatArray]:
    """Model that answers first and what a task costs, given c_i + a_i m; of equals a model that is visited anyway."""
    first, lower = least(reach)
    visited = (going.way != LEAVE) & (Pick(going.waits, games)(reach) <= lower * (1 + INDIFFERENCE))
    np.copyto(first, going.waits, where=visited)
    return first, lower


def _play(menu: _Menu, found: _Found, first: Pick, keeps: Pick, *, decline: bool) -> None:
    """Fill in outcomes as if no models were mixed: a pass of the first model, then one model for good, or nothing."""
    stays, p = 1 - found.leaves, first(menu.success_prob)
    if decline:  # what is declined has no pass, and who stays with a model starts with it
        passes: FloatArray | float = stays
        more = stays * (1 - p) / p
    else:
        passes, more = 1.0, stays * (1 - p) / keeps(menu.success_prob)
    solved, waited, paid, worth, charged = found.outcome
    np.maximum(passes * p, stays, out=solved)
    for total, each in ((waited, menu.latency), (paid, menu.cost), (worth, menu.net_value)):
        np.multiply(more, keeps(each), out=total)
        total += passes * first(each)
    np.multiply(menu.penalty, 1 - solved, out=charged)
    charged += paid


def _mix(
    menu: _Menu, found: _Found, first: Models, going: GoingOn, mixed: Models, *, decline: bool, redraw: bool
) -> None:
    """Fill in policies and outcomes where models are mixed, in the games `mixed`."""
    i, waits, j, w = first[mixed], going.waits[mixed], going.keeps[mixed], going.share[mixed]
    p, t, c, xi = menu.success_prob, menu.latency, menu.cost, menu.net_value
    p_l, p_j, xi_l, v_j = p[waits, mixed], p[j, mixed], xi[waits, mixed], xi[j, mixed] / p[j, mixed]
    a_l, starts = 1 - p_l, 1.0  # passes of the start model that are forced
    own = i == waits
    # the list goes from i to l with probability x, else to j; and from l to j with probability s
    x, third = hand_overs(xi_l, p_l, v_j)
    s = np.where(own & (not decline), -xi_l / (v_j - xi_l), np.minimum(third, 1.0))
    drawn = np.full(mixed.size, redraw)
    if decline:  # the first pass is one of the mix, too
        drawn |= third > 1
        n_l = 1 / (p_l + a_l * s)
        n_j = n_l * a_l * s / p_j
        starts = 0.0
    else:
        a_i = 1 - p[i, mixed]
        moves = a_l * s
        n_l = np.where(own, a_l * (1 - s), a_i * x) / (p_l + moves)
        n_j = (np.where(own, moves, a_i * (1 - x)) + n_l * moves) / p_j
    unsolved = 1.0 if decline else 1 - p[i, mixed]
    draws = unsolved / (w * p_l + (1 - w) * p_j)
    n_l, n_j = np.where(drawn, w * draws, n_l), np.where(drawn, (1 - w) * draws, n_j)
    _, waited, paid, worth, charged = found.outcome
    waited[mixed] = starts * t[i, mixed] + n_l * t[waits, mixed] + n_j * t[j, mixed]
    paid[mixed] = charged[mixed] = starts * c[i, mixed] + n_l * c[waits, mixed] + n_j * c[j, mixed]
    worth[mixed] = starts * xi[i, mixed]  # going on is worth nothing
    _rows(found.matrix, mixed, i, waits, j, x, s, own)
    moves_on = np.where((i == 0) & (j == 1) & own & ~drawn, s, np.nan)
    found.moves[mixed] = moves_on
    again = mixed[drawn]
    if again.size:
        row = np.zeros((len(p), again.size))
        each = np.arange(again.size)
        row[waits[drawn], each], row[j[drawn], each] = w[drawn], 1 - w[drawn]
        found.matrix[:, :, again] = row
        if decline:
            found.start[:, again], found.route[again] = row, 0


def _rows(
    matrix: FloatArray,
    games: Models,
    i: Models,
    waits: Models,
    j: Models,
    x: FloatArray,
    s: FloatArray,
    own: BoolArray,
) -> None:
    """Write the list i, l, j into matrices that lead from everywhere to j."""
    third = ~own
    at, from_i, to_l, to_j = games[third], i[third], waits[third], j[third]
    matrix[from_i, to_j, at] = 1 - x[third]
    matrix[from_i, to_l, at] = x[third]
    matrix[waits, j, games] = s
    matrix[waits, waits, games] = 1 - s


def _favourite(menu: _Menu, found: _Found, games: Models, *, decline: bool) -> None:
    """Fill in what users would choose: the model that is worth most for good, or else one pass."""
    p, xi = menu.success_prob, menu.net_value
    forever, best = least(-xi / p)
    good = best <= 0
    liked = forever if good.all() else np.where(good, forever, least(-xi)[0])
    pick = Pick(liked, games)
    chance = pick(p)
    passes = np.where(good, 1 / chance, 0.0 if decline else 1.0)
    solved, waited, paid, worth, charged = found.likes
    np.add(liked, 1, out=found.liked)
    solved[...] = np.where(good, 1.0, passes * chance)
    for total, each in ((waited, menu.latency), (paid, menu.cost), (worth, xi)):
        np.multiply(passes, pick(each), out=total)
    np.multiply(menu.penalty, 1 - solved, out=charged)
    charged += paid


def _slow_down(menu: _Menu, found: _Found, going: GoingOn, fails: FloatArray, *, decline: bool) -> None:
    """Fill in what slowing one model down until users leave it would cost, and from which penalty on it never pays."""
    found.safe[...] = np.where(going.least_value > 0, found.cost_of_pass.min(axis=0), 0.0)
    leave = np.broadcast_to(menu.penalty, fails.shape) if decline else menu.cost + fails * menu.penalty
    found.driven[...], found.driven_cost[...] = least(leave)
    np.less(found.driven_cost, found.lower * (1 - INDIFFERENCE), out=found.pays)
    found.slowed[...] = menu.latency
    some = found.pays.nonzero()[0]
    driven, enough = found.driven.take(some), menu.value.take(some) * JUST_NOT_WORTH_IT
    for k, (slowed, p) in enumerate(zip(found.slowed, menu.success_prob, strict=True)):
        hit = driven == k
        games = some[hit]
        slowed[games] = enough[hit] * p.take(games)


def _ties(menu: _Menu, found: _Found, first: Models, going: GoingOn, games: Models, *, decline: bool) -> None:
    """Fill in the weak value and the price of a margin: both look at models that are worth exactly nothing."""
    xi, stay, penalty = menu.net_value, found.cost_of_pass, menu.penalty
    found.weak[...] = found.lower
    slope = np.where(found.leaves == 1, np.nan, 0.0)
    mixed = np.flatnonzero(going.way == MIX)
    waits, keeps = going.waits[mixed], going.keeps[mixed]
    forever = xi[keeps, mixed] / menu.success_prob[keeps, mixed] - xi[waits, mixed] / menu.success_prob[waits, mixed]
    slope[mixed] = (stay[keeps, mixed] - stay[waits, mixed]) / forever
    if not xi.all():
        some = np.flatnonzero((xi == 0).any(axis=0))
        xi, stay, p, c, penalty = (
            xi[:, some],
            stay[:, some],
            menu.success_prob[:, some],
            menu.cost[:, some],
            penalty[some],
        )
        without = going_on(xi, p, c, np.full(some.size, np.inf)).price
        strictly = np.where((xi > 0).any(axis=0), without, np.inf)
        driven = np.where((xi < 0).any(axis=0), penalty, np.inf)
        tied = np.where(xi == 0, np.maximum(stay, penalty), np.inf).min(axis=0)
        m = np.minimum(np.minimum(strictly, driven), tied)
        found.weak[some] = m if decline else (c + (1 - p) * m).min(axis=0)
        kept = going.keeps[some]
        on_edge = (going.way[some] == STAY) & (xi[kept, np.arange(some.size)] == 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = (stay - stay[kept, np.arange(some.size)]) * p / xi
        steepest = np.where(xi > 0, rates, np.inf).min(axis=0)
        slope[some] = np.where(on_edge, steepest, slope[some])
    np.multiply(slope, 1.0 if decline else 1 - Pick(first, games)(menu.success_prob), out=found.margin)


def _solution(game: Game, found: _Found, *, throttling: bool, decline: bool) -> Solution:
    """Put what is found into the shape of the game."""
    pays, slowed = found.pays, _shaped_each(game, found.slowed)
    preferred = _profile(game, found.liked, found.likes, found.likes[0] < 1, np.broadcast_to(np.nan, pays.shape))
    worth, gain = found.outcome[3], np.where(pays, found.lower - found.driven_cost, 0.0)
    if throttling:
        worth = _drive_off(game, found, pays, decline=decline)
    equilibrium = _profile(game, found.route, found.outcome, found.leaves, found.moves)
    if throttling:
        equilibrium = replace(equilibrium, throttled_latency=slowed)
    played, shape, models = found.outcome[4], game.shape, game.num_models
    return Solution(
        game=game,
        net_value=_shaped_each(game, found.net_value),
        cost_of_pass=_shaped_each(game, found.cost_of_pass),
        thresholds=Thresholds(*[plain(np.broadcast_to(np.nan, game.shape))] * 3),
        equilibrium=equilibrium,
        weak_provider_cost=_shaped(game, np.minimum(found.weak, found.driven_cost) if throttling else found.weak),
        user_preferred=preferred,
        misalignment_gap=_shaped(game, np.maximum(found.likes[3] - worth, 0)),
        throttling=Throttling(
            pays=_shaped(game, pays),
            gain=_shaped(game, gain),
            provider_cost=_shaped(game, np.where(pays, found.driven_cost, found.lower)),
            throttled_latency=slowed,
            safe_churn_penalty=_shaped(game, found.safe),
        ),
        no_commitment=None,
        order="free",
        decline=decline,
        price_of_going_on=_shaped(game, found.price),
        margin_price=_shaped(game, found.margin),
        policy=Policy.unchecked(
            np.moveaxis(found.start.reshape(models, *shape), 0, -1),
            np.moveaxis(found.matrix.reshape(models, models, *shape), (0, 1), (-2, -1)),
        ),
        certificate=Certificate(_shaped(game, found.lower), _shaped(game, played)),
    )


def _drive_off(game: Game, found: _Found, pays: BoolArray, *, decline: bool) -> FloatArray:
    """Put the slowed-down model in place of the policy wherever that pays; return what a task is worth to users."""
    games = np.flatnonzero(pays)
    model, passes = found.driven[games], 0.0 if decline else 1.0
    p, c = (np.stack([np.broadcast_to(x, game.shape).reshape(-1) for x in y]) for y in (game.success_prob, game.cost))
    solved, paid = passes * p[model, games], passes * c[model, games]
    waited = passes * found.slowed[model, games]
    worth = np.broadcast_to(game.task_value, game.shape).reshape(-1)[games] * solved - waited
    found.outcome[:, games] = solved, waited, paid, worth, found.driven_cost[games]
    found.lower[games] = found.driven_cost[games]
    found.route[games], found.leaves[games], found.moves[games] = model + 1, 1.0, np.nan
    found.start[:, games] = found.matrix[:, :, games] = model == np.arange(game.num_models)[:, None]
    worth_of_all: FloatArray = found.outcome[3]
    return worth_of_all


def _profile(game: Game, route: Models, outcome: FloatArray, leaves: ArrayLike, moves: FloatArray) -> RoutingProfile:
    solved, waited, paid, worth, charged = (_shaped(game, x) for x in outcome)
    return RoutingProfile(
        route=_shaped(game, route),
        cascade_prob=_shaped(game, moves),
        abandon_prob=_shaped(game, np.asarray(leaves, dtype=np.float64)),
        throttled_latency=shaped(game.latency, game),
        solve_prob=solved,
        expected_latency=waited,
        expected_cost=paid,
        user_utility=worth,
        provider_cost=charged,
        cascade_free=plain(np.broadcast_to(np.False_, game.shape)),
    )


def _shaped(game: Game, x: NDArray[np.generic]) -> Any:
    """What was found of a flat batch, in the shape of the game; a plain number for a single one."""
    return plain(x.reshape(game.shape))


def _shaped_each(game: Game, x: FloatArray) -> tuple[Number, ...]:
    return tuple(_shaped(game, row) for row in x)
