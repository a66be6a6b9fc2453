"""The games that ship with the project, as users and scripts meet them."""

import json
import re


def test_scenarios(run):
    _, out, _ = run("scenarios", "--json")
    listed = {entry["name"]: entry for entry in json.loads(out)}
    assert {"nano-gpt5", "gpt41-o3", "sonnet4-thinking"} <= set(listed)
    assert listed["nano-gpt5"]["measurements"][0]["num_cases"] == 225
    assert listed["latency-value-reasoning"]["suites"] == ["reference", "cells"]
    assert listed["openai-five"]["game"]["names"][-1] == "gpt-5 (low)" and listed["openai-five"]["cell"] is None
    assert listed["gateway-eight"]["suites"] == ["menus"] and listed["polyglot-51"]["suites"] == []
    assert listed["subjects-blind"]["game"] == {"kind": "mix", "users": "memoryless", "contexts": 57, "models": 2}
    _, text, _ = run("scenarios")
    assert "  sonnet4-thinking                  claude-sonnet-4 → claude-sonnet-4 (32k\n" in text
    assert "  polyglot-51                       51 models: all that were measured" in text
    headings = [line for line in text.splitlines() if not line.startswith("  ")]
    names = [line.split()[0] for line in text.splitlines() if re.match(r"  \S", line)]
    assert (len(headings), names) == (6, list(listed))
