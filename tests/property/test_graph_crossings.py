"""How often lines cross beside Graphviz's dot, the best there is at it."""

from __future__ import annotations

import importlib.util
import json
from typing import Final

import pytest

from sfdebug.drawing import build
from tests.graph_dot import FIGURES, SEEDS, dot_crossings, flat, our_crossings

MORE_THAN_DOT: Final = {50: 1.0, 200: 1.1, 500: 1.3}
"""By the size that was asked for. With 500, dot takes up to minutes, and we may take half a second."""


@pytest.mark.parametrize("size", SEEDS)
def test_lines_cross_hardly_more_often_than_in_dot(size: int) -> None:
    ours = [our_crossings(build(flat(seed, size))) for seed in SEEDS[size]]
    dots = json.loads(FIGURES.read_text())[str(size)]
    assert len(dots) == len(SEEDS[size]) >= 3
    assert sum(ours) <= MORE_THAN_DOT[size] * sum(dots)


@pytest.mark.skipif(importlib.util.find_spec("pygraphviz") is None, reason="pygraphviz, which brings dot, is missing")
def test_the_figures_of_dot_are_what_dot_does() -> None:
    """On this machine's dot, for the size that takes no time; another version may do a little better or worse."""
    kept = json.loads(FIGURES.read_text())["50"]
    now = [dot_crossings(flat(seed, 50).scope) for seed in SEEDS[50]]
    assert sum(now) == pytest.approx(sum(kept), abs=6)
    ours = [our_crossings(build(flat(seed, 50))) for seed in SEEDS[50]]
    assert sum(ours) <= MORE_THAN_DOT[50] * sum(now)
