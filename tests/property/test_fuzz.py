"""Short runs of the fuzzers: what they find in long ones becomes a test of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.fuzz import fuzz
from bench.keys import press


def test_hostile_inputs_get_an_answer() -> None:
    found = fuzz(420, "suite", seconds=60)
    assert found.broken == []
    assert set(found.counts.values()) == {60}


def test_random_keys_break_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # what is saved goes there
    broken = press(40, "suite")
    assert broken.found == []
    assert broken.keys >= 40
