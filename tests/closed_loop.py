"""Users with a hidden value ask a gateway, the gateway logs, the log is calibrated, and what it recommends is enacted.

Time is virtual: users wait for the seconds that a model of the game takes, and the log says so, while the model server
answers at once. All else is real. Of each phase some tasks go through litellm's Router, over HTTP, with its retries and
its callbacks; the others through the same strategy and the same logger, called as the Router calls them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
import numpy as np
from model_server import PRICE, ModelServer

from routegame import Game
from routegame.__main__ import main
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.envs.chain import outcome
from routegame.gateway import Feedback
from routegame.gateway.feedback import trace_of
from routegame.gateway.line_file import LineFile
from routegame.gateway.litellm import CommitmentStrategy, TurnLogger

GROUP, MODELS = "assistant", ("cheap", "strong")
ATTEMPTS_FAILING = 0.05
"""Share of attempts that fail for reasons of the infrastructure, where there are any."""

Commitment = Mapping[str, float]
MESSAGES = [{"role": "user", "content": "?"}]


@dataclass(frozen=True)
class Truth:
    """What nobody is told: the game, and how noisily its users answer, in units of latency."""

    game: Game
    temperature: float

    def leaving(self, commitment: Commitment) -> float:
        """Probability that a user leaves after a failure."""
        route, s = int(commitment["route"]), commitment.get("cascade_prob", 0.0)
        return float(quantal_response(self.game, route, s, self.temperature))

    def cost(self, commitment: Commitment) -> float:
        """J, what a task costs on average, lost users included."""
        route, s = int(commitment["route"]), commitment.get("cascade_prob", 0.0)
        return float(outcome(self.game, route, s, self.leaving(commitment)).provider_cost)

    def least_cost(self) -> float:
        """J of the best commitment that there is."""
        return float(quantal_equilibrium(self.game, self.temperature).provider_cost)


class VirtualLines(LineFile):
    """Lines of a log with virtual times in place of real ones."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.times: dict[object, tuple[float, float]] = {}

    def append(self, record: Mapping[str, object]) -> None:
        start, end = self.times.pop(record["trace_id"])
        super().append({**record, "startTime": start, "endTime": end})


class Loop:
    """A gateway in a folder, and the users who ask it.

    Args:
        truth: what the users are like, and the models.
        folder: of the log, the feedback and the commitment.
        server: that stands in for the models.
        logger: of the gateway; litellm calls one for good.
        seed: of everything random.
    """

    def __init__(self, truth: Truth, folder: Path, server: ModelServer, logger: TurnLogger, seed: int) -> None:
        self.truth, self.folder, self.server, self.logger = truth, folder, server, logger
        self.rng = np.random.default_rng(seed)
        self.seed, self.clock, self.number = seed, 1.8e9, 0
        self.commitment = folder / "commitment.json"
        self.strategy: CommitmentStrategy | None = None
        self.router = litellm.Router(
            model_list=[server.deployment(GROUP, model) for model in MODELS],
            num_retries=3,
            retry_after=0,
            disable_cooldowns=True,
        )
        self.begin_log()

    def begin_log(self) -> None:
        """Begin with an empty log."""
        for name in ("turns.jsonl", "feedback.jsonl"):
            (self.folder / name).unlink(missing_ok=True)
        self.lines = self.logger.lines = VirtualLines(self.folder / "turns.jsonl")
        self.feedback = Feedback(self.folder / "feedback.jsonl")

    def enact(self, document: Mapping[str, object]) -> None:
        """Put a commitment in force, or several."""
        beside = self.commitment.with_suffix(".new")
        beside.write_text(json.dumps(document))
        os.replace(beside, self.commitment)
        if self.strategy is None:
            self.strategy = CommitmentStrategy(self.router, GROUP, MODELS, self.commitment, self.seed)
            self.router.register_plugin(self.strategy)

    def play(self, num_tasks: int, over_http: int) -> np.ndarray:
        """Play tasks, and return what each cost, lost users included.

        Args:
            num_tasks: that begin, one after the other.
            over_http: the first of them go through the Router.
        """
        leaving: dict[tuple[str, ...], float] = {}
        costs = np.zeros(num_tasks)
        written = 0
        for k in range(num_tasks):
            session, turn, stays, solved = f"s{self.number}", 0, True, False
            self.number += 1
            while stays and not solved:
                turn += 1
                ask = self._ask if k < over_http else self._call
                model, tags, cost = ask(session, turn)
                written += k < over_http
                costs[k] += cost
                solved = bool(self.rng.random() < self.truth.game.success_prob[model])
                if not solved:
                    if tags not in leaving:
                        said = dict(tag.removeprefix("routegame:").split("=") for tag in tags)
                        there = {"route": float(said["route"]), "cascade_prob": float(said["s"])}
                        leaving[tags] = self.truth.leaving(there)
                    stays = bool(self.rng.random() >= leaving[tags])
                self.feedback.report(session, turn, solved, None if solved else not stays)
                self.clock += self.rng.exponential(5.0)
            costs[k] += 0.0 if solved else float(self.truth.game.churn_penalty)
        while self.lines.times:  # litellm tells its callbacks in a thread of its own
            time.sleep(0.01)
        return costs

    def calibrate(self) -> dict[str, object]:
        """Calibrate what was logged, as from the shell."""
        log, feedback = str(self.folder / "turns.jsonl"), str(self.folder / "feedback.jsonl")
        told = ["--models", *MODELS, "--churn-penalty", repr(float(self.truth.game.churn_penalty)), "--json"]
        out = StringIO()
        with redirect_stdout(out):
            assert main(["calibrate", log, "--from", "litellm", "--feedback", feedback, *told]) == 0
        found: dict[str, object] = json.loads(out.getvalue())
        return found

    def _drawn(self, mean: float) -> float:
        """A time or a cost with a coefficient of variation of 0.5."""
        return float(self.rng.gamma(4.0, mean / 4.0))

    def _turn(self, session: str, turn: int, model: int) -> float:
        """Let a turn take its virtual time; return what it costs, in whole tokens."""
        start = self.clock
        self.clock += self._drawn(float(self.truth.game.latency[model]))
        self.lines.times[trace_of(session, turn)] = (start, self.clock)
        return max(1, round(self._drawn(float(self.truth.game.cost[model])) / PRICE)) * PRICE

    def _ask(self, session: str, turn: int) -> tuple[int, tuple[str, ...], float]:
        """Ask litellm's Router; return the model, the tags of its commitment, and the cost."""
        assert self.strategy is not None
        pick = self.strategy.enactment.pick(session, turn)
        cost = self._turn(session, turn, pick.model)
        self.server.tokens = {MODELS[pick.model]: round(cost / PRICE)}
        self.server.failing = [bool(fails) for fails in self.rng.random(3) < ATTEMPTS_FAILING]
        answer = self.router.completion(GROUP, messages=MESSAGES, metadata={"session_id": session, "turn": turn})
        assert answer.model == MODELS[pick.model]
        return pick.model, pick.tags, cost

    def _call(self, session: str, turn: int) -> tuple[int, tuple[str, ...], float]:
        """Call strategy and logger as the Router does."""
        assert self.strategy is not None
        request: dict[str, object] = {"metadata": {"session_id": session, "turn": turn}}
        chosen = self.strategy.get_available_deployment(GROUP, request_kwargs=request)
        model = MODELS.index(chosen["model_info"]["id"])
        cost = self._turn(session, turn, model)
        tags = request["metadata"]["tags"]
        payload = {"response_cost": cost, "request_tags": tags, "model": chosen["litellm_params"]["model"]}
        told = {"litellm_params": request, "standard_logging_object": payload}
        now = time.time()
        self.logger.log_success_event(told, None, now, now)
        return model, tuple(tags[:2]), cost


def trial(commitment: Commitment, other: Commitment, share: float) -> dict[str, object]:
    """Put a commitment beside the one in force, for a share of sessions."""
    return {"commitments": [{**commitment, "share": 1 - share}, {**other, "share": share}]}
