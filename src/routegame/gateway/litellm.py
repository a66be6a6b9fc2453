"""litellm's Router under a commitment, and a log of its turns. Install `routegame[litellm]`; docs/gateway.md shows how.

The application says with each request which session it belongs to, a session being a task, and which turn of it it is:

    router.completion("assistant", messages=…, metadata={"session_id": "s12", "turn": 1})
"""

from __future__ import annotations

import logging
import random
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from litellm.exceptions import BadRequestError
from litellm.integrations.custom_logger import CustomLogger
from litellm.router import Router
from litellm.types.router import CustomRoutingStrategyBase

from routegame.envs.checks import ParameterError
from routegame.gateway.commitment_file import OWN
from routegame.gateway.enactment import Enactment
from routegame.gateway.feedback import trace_of
from routegame.gateway.line_file import LineFile

log = logging.getLogger("routegame.gateway")

KEY = "routegame"
"""Where in a request's metadata it is noted when it began, and who was to answer it."""

TURN = f"{OWN}turn="
"""Begins the tag that says which turn a request is."""

UNKNOWN = 'without metadata={"session_id": …, "turn": 1}'
"""What a request is whose turn nobody knows."""

Metadata = dict[str, object]
Deployment = Mapping[str, object]


class CommitmentStrategy(CustomRoutingStrategyBase):
    """Let litellm's Router give each turn to the model that the commitment in force says.

    To be registered with `router.register_plugin(strategy)`. From then on litellm asks it about every request, also
    again about each of its infrastructure's retries, and gets the same model. Requests to other groups, such as
    fallbacks, go to one of their deployments by chance.

    A request without session or turn is answered as a first turn, with one warning, and is in no log.

    Args:
        router: whose deployments there are.
        group: the model group that requests name.
        models: its models in the commitment's order: of each the id of a deployment (`model_info.id`), or what its
            deployments have as `litellm_params.model`. They are called so in logs.
        path: of the commitment, see `routegame.gateway.commitment_file`.
        seed: of all that chance decides; the same for all workers.

    Raises:
        FileError: no commitment can be read.
        ParameterError: a model without a deployment.
    """

    def __init__(self, router: Router, group: str, models: Sequence[str], path: Path | str, seed: int = 0) -> None:
        self._router, self.group, self.models = router, group, tuple(models)
        self.enactment = Enactment(path, self.models, seed)
        self._warned = False
        for model in self.models:
            if not self._deployments(model):
                known = [name for each in self._group(group) for name in sorted(_names(each))]
                raise ParameterError("models", f"of group {group!r}, {', '.join(known) or 'which has none'}", model)

    def get_available_deployment(
        self,
        model: str,
        messages: object = None,
        input: object = None,  # noqa: A002 - litellm's name
        specific_deployment: bool | None = False,
        request_kwargs: dict[str, object] | None = None,
    ) -> Deployment:
        """Return the deployment that answers; called by litellm."""
        request: dict[str, object] = {} if request_kwargs is None else request_kwargs
        metadata = _metadata(request)
        if metadata is None:
            metadata = request["metadata"] = {}
        note = metadata.get(KEY)
        if model != self.group and self._router.registry().resolve(model) != self.group:
            if isinstance(note, dict):
                note["fallback"] = True
            return self._any_of(model)
        turn = _turn(metadata)
        if turn is None:
            self._warn()
            session = str(request.get("litellm_trace_id") or random.getrandbits(64))
            return self._of_model(self.enactment.pick(session, 1).model, session, 0) or self._any_of(model)
        pick = self.enactment.pick(*turn)
        if not isinstance(note, dict) or note.get("turn") != list(turn):
            note = metadata[KEY] = {"turn": list(turn), "began": time.time(), "picks": 0}
        picks = int(_number(note.get("picks")))
        note |= {"model": self.models[pick.model], "picks": picks + 1}
        others = metadata.get("tags")
        kept = [tag for tag in others if not str(tag).startswith(OWN)] if isinstance(others, list) else []
        metadata["tags"] = [*kept, *pick.tags, f"{TURN}{turn[1]}"]
        chosen = self._of_model(pick.model, turn[0], picks)
        if chosen is None:
            note["fallback"] = True
        return chosen or self._any_of(model)

    async def async_get_available_deployment(
        self,
        model: str,
        messages: object = None,
        input: object = None,  # noqa: A002 - litellm's name
        specific_deployment: bool | None = False,
        request_kwargs: dict[str, object] | None = None,
    ) -> Deployment:
        """Return the deployment that answers; called by litellm."""
        return self.get_available_deployment(model, messages, input, specific_deployment, request_kwargs)

    def _of_model(self, model: int, session: str, picks: int) -> Deployment | None:
        """One of a model's deployments: sessions are spread over them, and retries go from one to the next.

        None if they were taken from the router meanwhile.
        """
        own = self._deployments(self.models[model])
        return own[(zlib.crc32(session.encode("utf-8", "replace")) + picks) % len(own)] if own else None

    def _any_of(self, model: str) -> Deployment:
        """Any deployment that serves a name, as litellm itself finds them."""
        found: Sequence[Deployment] = self._router.registry().deployments(model) or ()
        if not found:
            raise BadRequestError(f"there is no deployment of {model}", model=model, llm_provider="")
        return random.choice(found)

    def _deployments(self, model: str) -> list[Deployment]:
        return [each for each in self._group(self.group) if model in _names(each)]

    def _group(self, group: str) -> list[Deployment]:
        return [each for each in self._router.registry().all() if each["model_name"] == group]

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            log.warning(
                'a request to %r has no metadata={"session_id": …, "turn": 1}: it is answered as a first turn',
                self.group,
            )


class TurnLogger(CustomLogger):
    """Write a line a turn, as soon as it is answered, that `routegame calibrate --from litellm` reads.

    To be added to `litellm.callbacks`. All attempts at one answer are one turn: it lasts from when litellm was asked to
    the end of the last attempt, and costs their sum. A turn that nobody answered has no line; one that a fallback
    answered says so. No prompt and no answer is read. Whatever goes wrong here, the request goes on: there is one
    warning to the logger `routegame.gateway`.

    Args:
        path: of a file that is appended to, by as many processes as there are, see `LineFile`.

    Attributes:
        file: the path as text: litellm takes loggers of a class for one unless such an attribute tells them apart.
        lines: of that file.
    """

    def __init__(self, path: Path | str) -> None:
        super().__init__(turn_off_message_logging=True)
        self.file, self.lines = str(path), LineFile(path)
        self._warned = False

    def log_pre_api_call(self, model: str, messages: object, kwargs: Mapping[str, object]) -> None:
        """Note when the first attempt began, if no strategy has; called by litellm."""
        self._guarded(self._note_start, kwargs)

    def log_failure_event(
        self, kwargs: Mapping[str, object], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        """Count an attempt; called by litellm."""
        self._guarded(self._count_failure, kwargs)

    def log_success_event(
        self, kwargs: Mapping[str, object], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        """Write the turn; called by litellm."""
        self._guarded(self._write_turn, kwargs)

    async def async_log_failure_event(
        self, kwargs: Mapping[str, object], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        """Count an attempt; called by litellm."""
        self._guarded(self._count_failure, kwargs)

    async def async_log_success_event(
        self, kwargs: Mapping[str, object], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        """Write the turn; called by litellm."""
        self._guarded(self._write_turn, kwargs)

    def _note_start(self, kwargs: Mapping[str, object]) -> None:
        metadata = _metadata(_mapping(kwargs.get("litellm_params")))
        turn = None if metadata is None else _turn(metadata)
        if metadata is not None and turn is not None:
            note = metadata.get(KEY)
            if not isinstance(note, dict) or note.get("turn") != list(turn):
                metadata[KEY] = {"turn": list(turn), "began": time.time()}

    def _count_failure(self, kwargs: Mapping[str, object]) -> None:
        metadata = _metadata(_mapping(kwargs.get("litellm_params")))
        note = None if metadata is None else metadata.get(KEY)
        if isinstance(note, dict):
            note.setdefault("asked", _mapping(kwargs.get("standard_logging_object")).get("model"))
            note["failures"] = int(_number(note.get("failures"))) + 1
            spent = _mapping(kwargs.get("standard_logging_object")).get("response_cost")
            note["spent"] = _number(note.get("spent")) + _number(spent)

    def _write_turn(self, kwargs: Mapping[str, object]) -> None:
        payload = _mapping(kwargs.get("standard_logging_object"))
        metadata = _metadata(_mapping(kwargs.get("litellm_params"))) or {}
        turn, note = _turn(metadata), _mapping(metadata.get(KEY))
        if turn is None or not payload:
            raise ValueError(
                'it has no metadata={"session_id": …, "turn": 1}' if payload else "litellm says nothing of it"
            )
        answered = payload.get("model")
        fallback = note.get("fallback", "model" not in note and note.get("asked", answered) != answered)
        tags = payload.get("request_tags")
        began = note.get("began") if note.get("turn") == list(turn) else payload.get("startTime")
        line = {
            "session_id": turn[0],
            "turn": turn[1],
            "trace_id": trace_of(*turn),
            "litellm_call_id": payload.get("litellm_call_id"),
            "status": "success",
            "cache_hit": bool(payload.get("cache_hit")),
            "response_cost": _number(payload.get("response_cost")) + _number(note.get("spent")),
            "startTime": min(_number(began), _number(payload.get("startTime"))),
            "endTime": _number(payload.get("endTime")),
            "model": answered if fallback else note.get("model", answered),
            "fallback": fallback,
            "failures": int(_number(note.get("failures"))),
            "end_user": payload.get("end_user") or kwargs.get("user"),
            "request_tags": [tag for tag in tags if not str(tag).startswith(TURN)] if isinstance(tags, list) else [],
        }
        self.lines.append(line)

    def _guarded(self, step: Callable[[Mapping[str, object]], None], kwargs: Mapping[str, object]) -> None:
        """Take a step; where it fails for whatever reason the request goes on without its line."""
        try:
            step(kwargs)
        except Exception as error:
            if not self._warned:
                self._warned = True
                log.warning("a turn is not in %s: %s; requests go on", self.lines.path, error)


def _metadata(request: Mapping[str, object]) -> Metadata | None:
    """What the application said with a request; litellm has it under one of two names."""
    for name in ("metadata", "litellm_metadata"):
        found = request.get(name)
        if isinstance(found, dict):
            return found
    return None


def _turn(metadata: Metadata) -> tuple[str, int] | None:
    """Session and turn of a request; None where it does not say both."""
    session, turn = metadata.get("session_id"), str(metadata.get("turn"))
    return (str(session), int(turn)) if session and turn.isdecimal() and int(turn) >= 1 else None


def _mapping(value: object) -> Mapping[str, object]:
    """A mapping, or an empty one in place of what is none."""
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float:
    """A number, 0 where there is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def _names(deployment: Deployment) -> set[str]:
    """By which names a deployment is known."""
    own = _mapping(deployment["model_info"]).get("id"), _mapping(deployment["litellm_params"]).get("model")
    return {str(name) for name in own}
