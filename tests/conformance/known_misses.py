"""Recorded executions that the engine cannot reproduce, each with its reason. A case that passes must leave."""

from __future__ import annotations

from typing import Final

KNOWN_MISSES: Final[dict[str, str]] = {}
