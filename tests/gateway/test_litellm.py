"""litellm's Router under a commitment, with the log of its turns, against a server on this machine."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from litellm_callbacks import told_alone
from model_server import ANSWER, PRICE, model_server

litellm = pytest.importorskip("litellm", reason="needs the extra routegame[litellm]")

from routegame.envs.checks import ParameterError  # noqa: E402
from routegame.gateway.line_file import LineFile  # noqa: E402
from routegame.gateway.litellm import CommitmentStrategy, TurnLogger  # noqa: E402

pytestmark = [pytest.mark.filterwarnings("default")]

PROMPT = "the orchid opens at midnight"
MESSAGES = [{"role": "user", "content": PROMPT}]
GROUP, NAMES = "assistant", ("cheap", "strong")


@pytest.fixture(scope="module")
def server():
    with model_server() as told:
        told.tokens = {"cheap": 1000, "strong": 30_000, "spare": 500}
        yield told


class Gateway:
    """A Router, its strategy and its logger, in a folder."""

    def __init__(self, server, logger, folder, document=None, strategy=True, deployments=NAMES, **options):
        self.server, self.logger, self.folder = server, logger, folder
        logger.lines, logger._warned = LineFile(folder / "turns.jsonl"), False
        server.failing, server.asked = [], []
        self.commitment = folder / "commitment.json"
        self.commitment.write_text(json.dumps(document or {"route": 1, "cascade_prob": 0.3}))
        self.router = litellm.Router(
            model_list=[*(server.deployment(GROUP, name) for name in deployments), server.deployment("spare", "spare")],
            num_retries=2,
            retry_after=0,
            disable_cooldowns=True,
            fallbacks=[{GROUP: ["spare"]}],
            **options,
        )
        if strategy:
            self.strategy = CommitmentStrategy(self.router, GROUP, NAMES, self.commitment)
            self.router.register_plugin(self.strategy)

    def ask(self, session, turn, **more):
        metadata = {"session_id": session, "turn": turn} | more.pop("metadata", {})
        return self.router.completion(GROUP, messages=MESSAGES, metadata=metadata, **more)

    async def aask(self, session, turn, **more):
        metadata = {"session_id": session, "turn": turn}
        return await self.router.acompletion(GROUP, messages=MESSAGES, metadata=metadata, **more)

    def lines(self, number):
        """Lines of the log, as soon as there are so many; litellm says what happened after it has answered."""
        for _ in range(200):
            found = self.logger.lines.path.read_text().splitlines() if self.logger.lines.path.exists() else []
            if len(found) >= number:
                break
            time.sleep(0.02)
        time.sleep(0.05)
        return [json.loads(line) for line in self.logger.lines.path.read_text().splitlines()] if found else []


@pytest.fixture(scope="module")
def logger(tmp_path_factory):
    """One for all, since litellm never lets go of a callback that it has called."""
    made = TurnLogger(tmp_path_factory.mktemp("log") / "turns.jsonl")
    with told_alone(made):
        yield made


@pytest.fixture
def gateway(server, logger, tmp_path):
    """Make a gateway."""
    return lambda **options: Gateway(server, logger, tmp_path, **options)


def test_a_turn_is_a_line(gateway):
    own = gateway()
    answer = own.ask("s", 1, metadata={"tags": ["mine"]}, user="u1")
    assert answer.choices[0].message.content == ANSWER and own.server.asked == ["cheap"]
    (line,) = own.lines(1)
    assert 0 < line.pop("endTime") - line.pop("startTime") < 10 and line.pop("litellm_call_id")
    assert line.pop("response_cost") == pytest.approx(1000 * PRICE)
    assert line == {
        "session_id": "s",
        "turn": 1,
        "trace_id": "s#1",
        "status": "success",
        "cache_hit": False,
        "model": "cheap",
        "fallback": False,
        "failures": 0,
        "end_user": "u1",
        "request_tags": ["mine", "routegame:route=1", "routegame:s=0.3"],
    }


def test_a_logger_that_takes_anothers_place_is_told(server, gateway, tmp_path):
    """litellm would take it for the one that was there before, and drop it, if they were alike to its eyes."""
    own = gateway()
    other = TurnLogger(tmp_path / "other.jsonl")
    with told_alone(own.logger):
        own.ask("s", 1)
        assert len(own.lines(1)) == 1
        litellm.callbacks = [other]
        own.ask("s", 2)
        own.logger = other
        assert [line["turn"] for line in own.lines(1)] == [2]


def test_retries_go_over_in_their_share_and_never_back(gateway):
    own = gateway()
    picks = [[own.ask(f"s{k}", turn).model for turn in (1, 2, 3)] for k in range(60)]
    assert {models[0] for models in picks} == {"cheap"}
    assert all(models == sorted(models) for models in picks)
    moved = sum(models[-1] == "strong" for models in picks)
    assert 60 * 0.51 - 4 * 3.9 < moved < 60 * 0.51 + 4 * 3.9
    expected = [[own.strategy.enactment.pick(f"s{k}", turn).model for turn in (1, 2, 3)] for k in range(60)]
    assert [[NAMES.index(model) for model in models] for models in picks] == expected
    assert len(own.lines(180)) == 180


@pytest.mark.parametrize("way", ["sync", "async"])
def test_attempts_are_one_turn_that_lasts_from_the_first_on(gateway, way):
    own = gateway()
    own.server.failing = [True, True]
    before = time.time()
    if way == "sync":
        own.ask("s", 1)
    else:
        asyncio.run(awaited(own.aask("s", 1)))
    after = time.time()
    assert own.server.asked == ["cheap"] * 3
    (line,) = own.lines(1)
    assert line["failures"] == 2 and not line["fallback"] and line["model"] == "cheap"
    assert before <= line["startTime"] < line["endTime"] <= after
    assert line["endTime"] - line["startTime"] > 0.5 * (after - before - (0.3 if way == "async" else 0))


async def awaited(answer):
    """An answer, and then what litellm does after it."""
    found = await answer
    await asyncio.sleep(0.3)
    return found


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_fallback_says_that_it_is_one(gateway, way):
    own = gateway()
    own.server.failing = [True] * 3
    if way == "sync":
        own.ask("s", 1)
    else:
        asyncio.run(awaited(own.aask("s", 1)))
    assert own.server.asked == ["cheap"] * 3 + ["spare"]
    (line,) = own.lines(1)
    assert line["fallback"] is True and line["model"] == "openai/spare" and line["failures"] == 3


def test_a_turn_that_nobody_answered_has_no_line_and_its_error_is_the_applications(gateway):
    own = gateway()
    own.server.failing = [True] * 6
    with pytest.raises(litellm.InternalServerError):
        own.ask("s", 1)
    own.server.failing = []
    own.ask("s", 2)
    (line,) = own.lines(1)
    assert (line["turn"], line["failures"]) == (2, 0)


def test_a_stream_lasts_to_its_end(gateway):
    own = gateway()
    started = time.time()
    for _ in own.ask("s", 1, stream=True, stream_options={"include_usage": True}):
        time.sleep(0.1)
    (line,) = own.lines(1)
    assert line["endTime"] - started > 0.15 and line["response_cost"] == pytest.approx(1000 * PRICE)


def test_a_model_may_have_several_deployments(gateway):
    """Retries go to another deployment of the same model."""
    own = gateway(document={"route": 1}, deployments=("cheap", "strong", "cheap"))
    names = [own.strategy._of_model(0, "s", picks)["litellm_params"]["model"] for picks in range(3)]
    assert names == ["openai/cheap"] * 3


def test_an_unknown_turn_is_answered_with_one_warning_and_has_no_line(gateway, caplog):
    own = gateway()
    with caplog.at_level(logging.WARNING, "routegame.gateway"):
        for metadata in ({}, {"session_id": "s"}, {"session_id": "s", "turn": "first"}, {"turn": 1}):
            own.router.completion(GROUP, messages=MESSAGES, metadata=metadata)
        own.router.completion(GROUP, messages=MESSAGES)
        time.sleep(0.2)
    assert own.server.asked == ["cheap"] * 5 and own.lines(0) == []
    strategy, logger = sorted(record.getMessage() for record in caplog.records if record.name == "routegame.gateway")
    assert "answered as a first turn" in strategy and "requests go on" in logger


def test_the_logger_alone_says_what_litellm_chose(gateway):
    """Retries of the infrastructure that change the model are no turn of either, and say so."""
    own = gateway(strategy=False)
    for k in range(8):
        own.server.failing = [True]
        own.ask(f"s{k}", 1)
    lines = {line["session_id"]: line for line in own.lines(8)}
    attempts = [own.server.asked[2 * k : 2 * k + 2] for k in range(8)]
    for k, (first, second) in enumerate(attempts):
        line = lines[f"s{k}"]
        assert line["failures"] == 1 and line["model"] == f"openai/{second}" and line["fallback"] == (first != second)


def test_whatever_goes_wrong_in_the_log_the_request_goes_on(gateway, caplog, monkeypatch):
    own = gateway()

    def broken(record):
        raise RuntimeError("no log today")

    monkeypatch.setattr(own.logger.lines, "append", broken)
    with caplog.at_level(logging.WARNING, "routegame.gateway"):
        assert [own.ask("s", 1).model, own.ask("t", 1).model] == ["cheap", "cheap"]
        time.sleep(0.2)
    (said,) = [record.getMessage() for record in caplog.records if record.name == "routegame.gateway"]
    assert "no log today" in said


def test_no_prompt_and_no_answer_is_written(gateway):
    own = gateway()
    own.server.failing = [True] * 3
    own.ask("s", 1)
    own.ask("s", 2)
    own.lines(2)
    for path in own.folder.iterdir():
        assert PROMPT not in path.read_text() and ANSWER not in path.read_text()


def test_a_new_commitment_is_enacted_without_a_restart(gateway):
    own = gateway(document={"route": 2})
    assert own.ask("a", 1).model == "strong"
    beside = own.commitment.with_suffix(".new")
    beside.write_text(json.dumps({"route": 1, "cascade_prob": 1.0}))
    os.replace(beside, own.commitment)
    assert [own.ask("a", 2).model, own.ask("b", 1).model, own.ask("b", 2).model] == ["strong", "cheap", "strong"]
    assert len(own.lines(4)) == 4


def test_an_alias_of_the_group_is_the_group(gateway):
    own = gateway(model_group_alias={"nick": GROUP})
    asked = [own.router.completion("nick", messages=MESSAGES, metadata={"session_id": "s", "turn": 1}).model]
    assert asked == ["cheap"] and [line["fallback"] for line in own.lines(1)] == [False]


def test_what_no_deployment_serves_is_an_error_of_litellm(gateway):
    own = gateway()
    with pytest.raises(litellm.BadRequestError, match="no deployment of nothing"):
        own.router.completion("nothing", messages=MESSAGES, metadata={"session_id": "s", "turn": 1})


def test_a_model_that_was_taken_away_is_stood_in_for(gateway, monkeypatch):
    """The request goes on, and its line says that another model than was meant has answered."""
    own = gateway()
    monkeypatch.setattr(own.strategy, "_deployments", lambda model: [])
    assert own.ask("s", 1).model in NAMES and own.router.completion(GROUP, messages=MESSAGES).model in NAMES
    assert [line["fallback"] for line in own.lines(1)] == [True]


def test_a_model_without_a_deployment_is_refused(gateway):
    own = gateway()
    with pytest.raises(ParameterError, match=r"cheap.*openai/cheap.*got 'dear'"):
        CommitmentStrategy(own.router, GROUP, ("cheap", "dear"), own.commitment)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_who_is_killed_loses_at_most_the_turn_under_way(server, tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import litellm
from model_server import ModelServer
from routegame.gateway.litellm import CommitmentStrategy, TurnLogger
server = ModelServer(url={server.url!r})
router = litellm.Router(model_list=[server.deployment("assistant", name) for name in ("cheap", "strong")])
router.register_plugin(CommitmentStrategy(router, "assistant", ("cheap", "strong"), sys.argv[1]))
litellm.callbacks = [TurnLogger(sys.argv[2])]
for turn in range(1, 10_000):
    metadata = {{"session_id": "s", "turn": turn}}
    router.completion("assistant", messages=[{{"role": "user", "content": "?"}}], metadata=metadata)
    print(turn, flush=True)
"""
    commitment, log = tmp_path / "commitment.json", tmp_path / "turns.jsonl"
    commitment.write_text('{"route": 1, "cascade_prob": 0.1}')
    command = [sys.executable, "-c", code, commitment, log]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(30)]
        process.kill()
        told += map(int, process.stdout.read().split())
    turns = [json.loads(line)["turn"] for line in log.read_text().splitlines()]
    assert set(turns) >= set(told[:-1]) and len(turns) == len(set(turns))
