"""A server on this machine that stands in for models: it answers in OpenAI's words, fails and charges as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = "the answer is 42"
PRICE = 1e-6
"""Dollars a token of an answer; prompts are free."""


@dataclass
class ModelServer:
    """What the server does next, and what it was asked.

    Attributes:
        url: where it is.
        failing: whether each of the next attempts fails; those after them go well.
        tokens: of answers, by model.
        asked: models that were asked, in order.
    """

    url: str = ""
    failing: list[bool] = field(default_factory=list)
    tokens: Mapping[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def deployment(self, group: str, model: str) -> dict[str, object]:
        """A deployment for the list of a Router."""
        params = {"model": f"openai/{model}", "api_key": "none", "api_base": self.url, "max_retries": 0}
        cached = {"cache_creation_input_token_cost": 0.0, "cache_read_input_token_cost": 0.0}  # or litellm warns
        prices = {"input_cost_per_token": 0.0, "output_cost_per_token": PRICE} | cached
        return {"model_name": group, "litellm_params": params | prices, "model_info": {"id": model}}


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serve until the end of the block."""
    told = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: two would wait for each other

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.asked.append(body["model"])
            fails = told.failing.pop(0) if told.failing else False
            chunks = [self.error()] if fails else self.answer(body["model"], body.get("stream", False))
            self.send_response(500 if fails else 200)
            streamed = not fails and body.get("stream", False)
            self.send_header("content-type", "text/event-stream" if streamed else "application/json")
            self.send_header("content-length", str(sum(map(len, chunks))))
            self.end_headers()
            for chunk in chunks:
                self.wfile.write(chunk)

        def error(self) -> bytes:
            return json.dumps({"error": {"message": f"out of order: {ANSWER}", "type": "server_error"}}).encode()

        def answer(self, model: str, stream: bool) -> list[bytes]:
            number = told.tokens.get(model, 100)
            usage = {"prompt_tokens": 10, "completion_tokens": number, "total_tokens": 10 + number}
            head = {"id": "x", "created": 1, "model": model}
            said = {"role": "assistant", "content": ANSWER}
            if not stream:
                choice = {"index": 0, "message": said, "finish_reason": "stop"}
                return [json.dumps(head | {"object": "chat.completion", "choices": [choice], "usage": usage}).encode()]
            head["object"] = "chat.completion.chunk"
            steps = [{"delta": said, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}]
            chunks = [head | {"choices": [{"index": 0} | step]} for step in steps]
            chunks[-1]["usage"] = usage
            return [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"]

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
