"""A short run of the fuzzer: what it finds in a long one becomes a test of its own."""

from __future__ import annotations

from bench.fuzz import fuzz


def test_hostile_inputs_get_an_answer() -> None:
    found = fuzz(420, "suite", seconds=60)
    assert found.broken == []
    assert set(found.counts.values()) == {60}
