"""All peers, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from bench.peers import jsonata, state_machines


def compared() -> Iterator[str]:
    """What was measured, a line for each pair."""
    yield from state_machines.lines()
    yield from jsonata.lines()
