"""The values that rooms pass to each other cannot be changed by accident."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import pytest
from msgspec import Struct

import sfdebug
from sfdebug.engine.execution.visit import Fault, Stage, StageName

_DRAFTS: Final = {
    "sfdebug.debugger.data_origins.forward": {"_Stay"},
    "sfdebug.drawing.layout.grid": {"Element", "Grid", "Hop"},
    "sfdebug.drawing.layout.routes": {"ChannelPiece", "_Bar"},
    "sfdebug.engine.execution.events": {"_Known"},
    "sfdebug.expressions.jsonata.frames": {"Frame"},
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


def test_a_frozen_value_refuses_to_be_changed() -> None:
    stage = Stage(StageName.INPUT, {"a": 1}, {"a": 1}, fault=Fault("Boom"))
    with pytest.raises(AttributeError, match="immutable type: 'Stage'"):
        stage.before = {"b": 2}  # type: ignore[misc]
    with pytest.raises(AttributeError):
        stage.note = "more"  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert hash(Fault("Boom")) == hash(Fault("Boom"))
