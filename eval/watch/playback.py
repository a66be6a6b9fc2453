"""Episodes to look at: a provider keeps to its commitment, users answer at their best, every step is a scene."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TextIO

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.menus.answers import answer, refuses
from routegame.agents.solver import solve
from routegame.agents.users.information import HistoryProfile, history_response, model_response, solve_information
from routegame.envs import routing_v0
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.game import Game, Information
from routegame.envs.menu_game import MOST_IN_MATRIX, Form, MenuCommitment
from routegame.envs.policy import Policy
from routegame.envs.render.scene import Scene, UserScene, as_text
from routegame.envs.scenarios import Scenario
from routegame.envs.stackelberg import Single
from routegame.eval.claims import shown_commitment
from routegame.eval.policy_claims import shown_policy
from routegame.typesetting import FEWEST, text_width

HIDE_CURSOR, SHOW_CURSOR, CLEAR_LINE, CLEAR_BELOW = "\x1b[?25l", "\x1b[?25h", "\x1b[K", "\x1b[J"

DIGITS = 3
"""Digits of the equilibrium's cascade probability, or more where it takes more."""

RULE = "\n\n"
"""Gap between scenes that are printed one after another."""


@dataclass(frozen=True)
class Answer:
    """A user's answer to a failure, whatever it sees.

    Attributes:
        abandon_prob: probability of leaving after a failure of each model, (K,).
        leave_after: failures of a task after which the user leaves in any case, inf for none.
        declines: whether the user refuses every task before its first pass, where it may.
    """

    abandon_prob: tuple[float, ...]
    leave_after: float = inf
    declines: bool = False

    def leaves(self, user: UserScene, rng: np.random.Generator) -> bool:
        """Draw whether the user gives up its task, whose last pass has failed, or refuses it where there was none."""
        if user.status != "running":
            return self.declines
        chance = float(rng.random())
        return user.passes >= self.leave_after or chance < self.abandon_prob[user.model - 1]


@dataclass(frozen=True)
class Episode:
    """Who does what in an episode.

    Attributes:
        commitment: of the provider.
        answer: of all users.
        shown_cascade_prob: the commitment's as it is written, at which users answer alike; None to write all of it.
        shown_policy: the commitment as it is written where it is one in full, likewise.
        form: of the actions that say a commitment in full; None in the paper's order.
        decline: whether users may refuse a task before its first pass.
    """

    commitment: Single
    answer: Answer
    shown_cascade_prob: float | None = None
    shown_policy: Policy | None = None
    form: Form | None = None
    decline: bool = False

    @classmethod
    def of(
        cls,
        game: Game,
        information: Information = "memoryless",
        *,
        throttling: bool = False,
        route: int | None = None,
        cascade_prob: float | None = None,
    ) -> Episode:
        """Return what both sides do at the Stackelberg equilibrium, or under another commitment.

        At the equilibrium users break ties as the provider likes. To another commitment they answer at their best,
        and stay where they may.

        Args:
            game: a single game.
            information: what users see.
            throttling: whether the provider may slow its models down.
            route: of the other commitment; 1 if only its cascade probability is given.
            cascade_prob: of the other commitment; if only its route is given, 0, or what it is at the equilibrium.

        Raises:
            ParameterError: an argument out of range, or a cascade probability where model 1 never serves.
        """
        best = solve_information(game, information, throttling=throttling).equilibrium
        t1, t2 = map(float, best.throttled_latency)
        shown = shown_commitment(game, best, DIGITS, DIGITS).cascade_prob
        if route is None and cascade_prob is None:
            return cls(Commitment(int(best.route), float(best.cascade_prob), (t1, t2)), _answer_of(best), shown)
        if route == 2 and cascade_prob is not None:
            raise ParameterError("cascade_prob", "left out on route 2", cascade_prob)
        route = 1 if route is None else route
        if cascade_prob is None:
            cascade_prob, shown = (float(best.cascade_prob), shown) if route == best.route else (0.0, 0.0)
        else:
            shown = cascade_prob
        commitment = Commitment(route, cascade_prob, (t1, t2))
        return cls(commitment, _best_answer(game, commitment, information), shown)

    @classmethod
    def in_full(
        cls,
        game: Game,
        information: Information = "memoryless",
        *,
        throttling: bool = False,
        policy: Policy | None = None,
        decline: bool = False,
    ) -> Episode:
        """Return what both sides do at the equilibrium in free order, or under another policy; see `of`.

        Args:
            game: a single game, of any number of models.
            information: what users see.
            throttling: whether the provider may slow its models down.
            policy: the other one; where there are more than `MOST_IN_MATRIX` models of one row for all of them.
            decline: whether users may refuse a task before its first pass.

        Raises:
            ParameterError: an argument out of range.
        """
        form: Form = "matrix" if game.num_models <= MOST_IN_MATRIX else "compact"
        latency, shown = tuple(map(float, game.latency)), policy
        if policy is None:
            solution = solve(
                game,
                information=information,
                order="free",
                throttling=throttling,
                redraw=form == "compact",
                decline=decline,
            )
            played, policy = solution.equilibrium, solution.policy
            assert policy is not None
            latency = tuple(map(float, played.throttled_latency))
            # users who decline have no pass, and so nothing is ever solved
            found = replace(_answer_of(played, game.num_models), declines=decline and played.solve_prob == 0)
            slowed = latency != tuple(game.latency)
            shown = policy if slowed else shown_policy(solution)
        else:
            best = answer(game, policy, information)
            declines = decline and refuses(game, policy, best, information)
            found = replace(_answer_to(best, information, game.num_models), declines=declines)
        if form == "compact" and not (policy.matrix == policy.matrix[0]).all():
            allowed = f"one row for all models where there are more than {MOST_IN_MATRIX}"
            raise ParameterError("policy", allowed, "rows that differ")
        return cls(MenuCommitment.of_policy(policy, latency), found, None, shown, form, decline)


def _answer_to(best: object, information: Information, models: int) -> Answer:
    """Return a best answer of users, of whichever form their information gives it."""
    if information == "history":
        return Answer((0.0,) * models, float(np.asarray(best)))
    return Answer(tuple(np.broadcast_to(np.asarray(best, dtype=np.float64), (models,)).tolist()))


def _best_answer(game: Game, commitment: Commitment, information: Information) -> Answer:
    slowed = game.with_latency(commitment.throttled_latency)
    route, cascade_prob = commitment.route, commitment.cascade_prob
    if information == "history":
        return Answer((0, 0), float(history_response(slowed, route, cascade_prob)))
    if information == "model":
        first, second = model_response(slowed, route, cascade_prob)
        return Answer((float(first), float(second)))
    either = float(best_response(slowed, route, cascade_prob))
    return Answer((either, either))


def _answer_of(profile: RoutingProfile, models: int = 2) -> Answer:
    """A profile's answer, of whichever form its users' information gives it."""
    if isinstance(profile, HistoryProfile):
        return Answer((0,) * models, float(profile.leave_after))
    each = profile.abandon_prob if isinstance(profile.abandon_prob, tuple) else (profile.abandon_prob,) * models
    return Answer(tuple(float(leaves) for leaves in each))


def play(game: Game, plan: Episode, seed: int, *, scenario: Scenario | None = None, **options: Any) -> Iterator[Scene]:
    """Play one episode; yield a scene before it and one after each step.

    Args:
        game: a single game.
        plan: who does what.
        seed: of everything random, a whole number from 0; the same seed gives the same scenes.
        scenario: where the game comes from, for the names of the models and of the units.
        options: as for `routing_v0.parallel_env`.

    Raises:
        ParameterError: an argument out of range; says which. At once, and not with the first scene.
    """
    if seed < 0:
        raise ParameterError("seed", "a whole number from 0", seed)
    env = routing_v0.parallel_env(game, render_mode="ansi", form=plan.form, decline=plan.decline, **options)
    scenes = (_shown(scene, plan) for scene in _scenes(env, plan, seed))
    if scenario is None:
        return scenes
    return (replace(scene, models=replace(scenario, game=game).models, units=scenario.units) for scene in scenes)


def _shown(scene: Scene, plan: Episode) -> Scene:
    """Return a scene with the commitment as it is to be written."""
    policy = plan.shown_policy if scene.policy is not None else None
    return replace(scene, shown_cascade_prob=plan.shown_cascade_prob, policy=policy)


def _scenes(env: routing_v0.RoutingEnv, plan: Episode, seed: int) -> Iterator[Scene]:
    # The environment has chance of its own, from the same seed; users who mix toss their coins apart from it.
    coins = np.random.default_rng([seed, 1])
    offer = env.commitment_box.action(plan.commitment)
    env.reset(seed=seed)
    scene = env.scene()
    yield scene
    while env.agents:
        actions: dict[str, object] = {routing_v0.PROVIDER: offer}
        for agent in env.agents[1:]:
            index = int(agent.removeprefix("user_"))
            leaves = env.has_say(index) and plan.answer.leaves(scene.users[index], coins)
            actions[agent] = routing_v0.ABANDON if leaves else routing_v0.RETRY
        env.step(actions)
        scene = env.scene()
        yield scene


def show(scenes: Iterable[Scene], stream: TextIO, fps: float) -> None:
    """Print scenes: in place of each other on a terminal, at `fps` a second; else one after another, at once."""
    if stream.isatty():
        _animate(scenes, stream, fps)
        return
    for number, scene in enumerate(scenes):
        stream.write(f"{'' if number == 0 else RULE}{as_text(scene, text_width())}\n")


def _animate(scenes: Iterable[Scene], stream: TextIO, fps: float) -> None:
    height = 0
    stream.write(HIDE_CURSOR)
    try:
        for scene in scenes:
            columns, rows = shutil.get_terminal_size()
            text = as_text(scene, max(FEWEST, columns - 1))
            lines = [line[: columns - 1] for line in text.splitlines()[: rows - 1]]
            up = f"\x1b[{height}F" if height else ""
            stream.write(up + "".join(f"{line}{CLEAR_LINE}\n" for line in lines) + CLEAR_BELOW)
            stream.flush()
            height = len(lines)
            time.sleep(1 / fps)
    finally:
        stream.write(SHOW_CURSOR)
        stream.flush()
