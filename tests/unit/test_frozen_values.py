"""The values that rooms pass to each other cannot be changed by accident."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from msgspec import Struct

import sfdebug
from sfdebug.engine.execution.visit import Fault, Stage, StageName

_DRAFTS: Final = {
    "sfdebug.debugger.data_origins.forward": {"_FollowedStay"},
    "sfdebug.drawing.layout.grid": {"Element", "Grid", "Hop"},
    "sfdebug.drawing.layout.routes": {"ChannelPiece", "_Bar"},
    "sfdebug.engine.execution.events": {"_Known"},
    "sfdebug.expressions.jsonata.frames": {"Frame"},
    "sfdebug.forecast.children": {"_Metered"},
    "sfdebug.forecast.loops": {"_Loop", "_Place"},
    "sfdebug.forecast.usage": {"_MapAttempt"},
    "sfdebug.history.alignment.map_runs": {"_MapRun"},
    "sfdebug.history.mocks": {"_Case"},
    "sfdebug.history.reading.gathering": {"_Execution"},
    "sfdebug.history.replay.nondeterminism": {"Shadow"},
    "sfdebug.history.verification.effects": {"_TaskCall"},
    "sfdebug.tui.json.changes": {"Changes"},
}
"""What one piece of work builds up for itself, which nobody else sees; all others are frozen."""


def _structs() -> Iterator[type[Struct]]:
    for module in pkgutil.walk_packages(sfdebug.__path__, "sfdebug."):
        if module.name.rpartition(".")[2] == "__main__":
            continue
        for found in vars(importlib.import_module(module.name)).values():
            if isinstance(found, type) and issubclass(found, Struct) and found.__module__ == module.name:
                yield found


def test_which_values_are_frozen() -> None:
    mutable: dict[str, set[str]] = defaultdict(set)
    for found in _structs():
        if not found.__struct_config__.frozen:
            mutable[found.__module__].add(found.__qualname__)
    assert mutable == _DRAFTS


_NESTED: Final = {
    "CellLines", "Content", "Item", "Scope", "ScopeDrawing", "ScopeModel", "State", "Verdict", "_ExplainedPart",
}  # fmt: skip
"""Values without the collector that hold others of their kind: no deeper than definitions and expressions nest;
in a cell one line crosses another."""


def test_what_can_be_long_is_let_go_by_the_collector() -> None:
    """A value without the collector is freed from within the one that held it: a long chain would fill the stack."""
    found = {struct.__name__: struct for struct in _structs() if not struct.__struct_config__.gc}
    held = {
        name: {word for text in _annotations(struct) for word in re.findall(r"\w+", text)} & found.keys()
        for name, struct in found.items()
    }
    assert {name for name in found if name in _reached(held, name)} == _NESTED


def _annotations(struct: type[Struct]) -> Iterator[str]:
    for base in struct.__mro__:
        yield from map(str, getattr(base, "__annotations__", {}).values())


def _reached(held: Mapping[str, set[str]], name: str) -> set[str]:
    """All that a value can hold, at any depth."""
    reached: set[str] = set()
    waiting = [*held[name]]
    while waiting:
        each = waiting.pop()
        if each not in reached:
            reached.add(each)
            waiting += held[each]
    return reached


def test_a_long_timeline_is_let_go(root: Path) -> None:
    code = """if True:
        from sfdebug.debugger.timeline.nodes import first_node
        from msgspec.structs import replace
        from sfdebug.engine import start
        from sfdebug.asl.load import definition_from
        node = first_node(start(definition_from({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), {}))
        for index in range(500_000):
            node = replace(node, parent=node, index=index)
        del node
    """
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_a_frozen_value_refuses_to_be_changed() -> None:
    stage = Stage(StageName.INPUT, {"a": 1}, {"a": 1}, fault=Fault("Boom"))
    with pytest.raises(AttributeError, match="immutable type: 'Stage'"):
        stage.before = {"b": 2}  # type: ignore[misc]
    with pytest.raises(AttributeError):
        stage.note = "more"  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert hash(Fault("Boom")) == hash(Fault("Boom"))
