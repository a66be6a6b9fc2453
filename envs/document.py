"""Contents of a JSON file before anyone has looked at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
"""A JSON object as it was read: every value may be anything, and is checked or converted where it is used.

What is written has a type: `dict[str, object]`, of values that JSON knows.
"""
