"""What the expressions of a stage read: those of its own field, and those of fields that have no stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.data_origins.jsonata_parts import jsonata_reads
from sfdebug.debugger.data_origins.jsonpath_parts import reads_of_expression, reads_of_path
from sfdebug.debugger.data_origins.model import ReadKind
from sfdebug.debugger.data_origins.parts import DataRef, PartKind
from sfdebug.engine.execution.visit import StageName
from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.data_origins.flow import VisitFlow
    from sfdebug.engine.execution.visit import Stage

_BESIDE: Final[dict[StageName, tuple[str, ...]]] = {
    StageName.TASK: ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"),
    StageName.ITERATIONS: ("MaxConcurrency", "MaxConcurrencyPath"),
    StageName.MAP_RUN: (
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
        "ItemReader",
    ),
    StageName.ERROR: ("Error", "ErrorPath", "Cause", "CausePath"),
}
"""Fields that are read with a stage, and have none of their own."""

_WITH_FIELDS: Final = (StageName.WAIT, StageName.ITEM_BATCHER, StageName.RESULT_WRITER)
"""Stages whose expression is an object with paths in it, at names that end in Path or `.$`."""


class Reading(Struct, frozen=True, gc=False):
    """One expression, and the places that it reads. `rule` is the index of a Choice rule."""

    kind: ReadKind
    refs: tuple[DataRef, ...]
    text: str
    rule: int | None = None


def readings(flow: VisitFlow, index: int) -> Iterator[Reading]:
    """All that is read at a stage."""
    stage = flow.stages[index]
    if stage.name is StageName.RULE:
        yield from _rule(flow, stage)
        return
    if stage.name in _WITH_FIELDS:
        yield from _inside(stage.expression if stage.expression is not MISSING else None, is_jsonata=flow.is_jsonata)
        return
    fields = flow.visit.state.fields
    for name in _BESIDE.get(stage.name, ()):
        if name in fields:
            yield from _field(name, fields[name], is_jsonata=flow.is_jsonata)
    parts = flow.parts(index)
    if parts is None:
        return
    by_text: dict[tuple[str, ReadKind], list[DataRef]] = {}
    for part in parts.parts:
        if part.kind is not PartKind.LITERAL:
            kind = ReadKind.TAKEN if part.kind is PartKind.TAKEN else ReadKind.COMPUTED
            by_text.setdefault((part.text, kind), []).extend(part.refs)
    taken = {ref for refs in by_text.values() for ref in refs}
    for ref in parts.reads:
        is_known = any(_is_in(ref, other) for other in taken)
        if not is_known:
            by_text.setdefault((ref.text, ReadKind.COMPUTED), []).append(ref)
    for (text, kind), refs in by_text.items():
        is_whole = text == "$" and stage.name in (StageName.INPUT_PATH, StageName.OUTPUT_PATH)
        if not is_whole:
            yield Reading(kind, tuple(dict.fromkeys(refs)), text)


def _is_in(ref: DataRef, other: DataRef) -> bool:
    return ref.root is other.root and ref.name == other.name and other.keys[: len(ref.keys)] == ref.keys


def _rule(flow: VisitFlow, stage: Stage) -> Iterator[Reading]:
    """A Choice rule: the paths that it came to look at."""
    if flow.is_jsonata:
        written = stage.expression.get("Condition") if isinstance(stage.expression, dict) else None
        if isinstance(written, str) and is_jsonata_string(written):
            text = jsonata_text(written)
            yield Reading(ReadKind.TESTED, jsonata_reads(text), text, stage.index)
        return
    if isinstance(stage.detail, Verdict):
        for path in dict.fromkeys(_tested(stage.detail)):
            ref = reads_of_path(path)
            if ref is not None:
                yield Reading(ReadKind.TESTED, (ref,), path, stage.index)


def _tested(verdict: Verdict) -> Iterator[str]:
    if verdict.path:
        yield verdict.path
    if verdict.comparand_path:
        yield verdict.comparand_path
    for child in verdict.children:
        yield from _tested(child)


def _field(name: str, value: Json, *, is_jsonata: bool) -> Iterator[Reading]:
    if isinstance(value, dict | list):
        yield from _inside(value, is_jsonata=is_jsonata)
    elif isinstance(value, str) and is_jsonata and is_jsonata_string(value):
        text = jsonata_text(value)
        yield Reading(ReadKind.COMPUTED, jsonata_reads(text), text)
    elif isinstance(value, str) and not is_jsonata and (name.endswith(("Path", ".$"))):
        yield Reading(ReadKind.COMPUTED, reads_of_expression(value), value)


def _inside(value: Json, *, is_jsonata: bool) -> Iterator[Reading]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _field(name, inner, is_jsonata=is_jsonata)
    elif isinstance(value, list):
        for inner in value:
            yield from _field("", inner, is_jsonata=is_jsonata)
