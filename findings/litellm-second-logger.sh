#!/usr/bin/env bash
# LiteLLM: of two loggers that write to two files the second is never told anything, if their files are paths.
#
# One would expect: litellm.callbacks = [one, other] tells both of every call.
# What happens: loggers of one class are taken for one where their public strings, whole numbers and booleans are the
# same; any other attribute, such as a pathlib.Path, does not count. The second is dropped without a word, and still is
# if it is put in the first one's place later, where the first goes on being told. With the path as a string both are.
# Why it matters: a log that goes on in another file, or one for each experiment, stays empty.
# Versions: litellm 1.110.2, without a network (mock_response). Seen on 2026-11-29.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check litellm==1.110.2
LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'EOF'
import sys
import time
from pathlib import Path

import litellm
from litellm.integrations.custom_logger import CustomLogger


class ByPath(CustomLogger):
    def __init__(self, path):
        super().__init__()
        self.path, self.lines = path, []

    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.lines.append(kwargs["model"])


class ByName(ByPath):
    pass


def lines(*callbacks):
    litellm.callbacks = list(callbacks)
    litellm.completion("gpt-4o", messages=[{"role": "user", "content": "hello"}], mock_response="hi")
    time.sleep(1)
    return [len(each.lines) for each in callbacks]


one, other = ByPath(Path("one.jsonl")), ByPath(Path("other.jsonl"))
both, alone = lines(one, other), lines(other)
named = lines(ByName("one.jsonl"), ByName("other.jsonl"))
print(f"paths: lines of both {both}, of the second when it stands alone {alone}; names: {named}")
if (both, alone, named) != ([1, 0], [0], [1, 1]):
    sys.exit("changed: the second logger is told")
EOF
