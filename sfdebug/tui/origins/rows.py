"""The rows of the list: the way of a value back, when its place is written next, and what reads it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.data_origins.model import OriginKind
from sfdebug.debugger.wording.origins import origin_text, read_text, run_name, write_text
from sfdebug.text import clean
from sfdebug.tui.json.text import path_text
from sfdebug.tui.painting.describe import short
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.model import DataOrigin, DataPlace, OriginStep
    from sfdebug.debugger.data_origins.origins import DataOrigins
    from sfdebug.engine.execution.visit import Visit

_MOST_SOURCES: Final = 12
_FORKING: Final = (OriginKind.COMPUTED, OriginKind.BUILT)


class RowKind(StrEnum):
    """What a row tells, by which it has its sign."""

    HEADING = "heading"
    STEP = "step"
    END = "end"
    SOURCE = "source"
    WRITE = "write"
    READ = "read"
    NOTE = "note"


class OriginRow(Struct, frozen=True):
    """One row. `place` is where it leads, None where it leads nowhere."""

    kind: RowKind
    state: str
    text: str
    value: Value = MISSING
    place: DataPlace | None = None

    @property
    def shown(self) -> str:
        """The value on one line."""
        return clean(short(self.value)) if is_present(self.value) else ""


def origin_rows(origin: DataOrigin, origins: DataOrigins) -> list[OriginRow]:
    """All rows, in the order in which they are read: back to where it is from, then on."""
    rows = [OriginRow(RowKind.HEADING, "", "Where it is from, the last step first")]
    for step in origin.steps:
        rows += _step_rows(step, origins)
    rows.append(OriginRow(RowKind.HEADING, "", "What reads it later, the first first"))
    for read in origin.reads:
        visit = origins.visit(read.place)
        text = read_text(read)
        rows.append(OriginRow(RowKind.READ, _state(visit, origins), text, MISSING, read.place))
    if origin.more_reads:
        rows.append(OriginRow(RowKind.NOTE, "", "and more: these are the first"))
    elif not origin.reads:
        rows.append(OriginRow(RowKind.NOTE, "", "nothing, as far as this timeline is explored"))
    if not origin.is_lasting:
        return rows
    rows.append(OriginRow(RowKind.HEADING, "", "When its place is written next"))
    written = origin.next_write
    if written is None:
        rows.append(OriginRow(RowKind.NOTE, "", "it keeps its value, as far as this timeline is explored"))
        return rows
    visit = origins.visit(written.place)
    name = visit.stages[written.place.stage].name
    rows.append(
        OriginRow(
            RowKind.WRITE,
            _state(visit, origins),
            write_text(written, name),
            origins.value(written.place),
            written.place,
        )
    )
    return rows


def _step_rows(step: OriginStep, origins: DataOrigins) -> list[OriginRow]:
    if not step.place.visit:
        return [OriginRow(RowKind.END, "", "the input of the execution", step.value)]
    visit = origins.visit(step.place)
    source = origins.visit(step.sources[0]) if step.sources else None
    kind = RowKind.END if step.is_end else RowKind.STEP
    rows = [OriginRow(kind, _state(visit, origins), origin_text(step, visit, source), step.value, step.place)]
    if step.kind in _FORKING:
        shown = step.sources[:_MOST_SOURCES]
        for place in shown:
            given = origins.visit(place)
            text = (
                f"part {path_text(place.keys)}" if step.kind is OriginKind.BUILT else f"from {place_text(place, given)}"
            )
            rows.append(OriginRow(RowKind.SOURCE, _state(given, origins), text, origins.value(place), place))
        left = len(step.sources) - len(shown)
        if left:
            rows.append(OriginRow(RowKind.NOTE, "", f"and of {left:,} more"))
    elif step.kind is OriginKind.FAILED and step.sources:
        given = origins.visit(step.sources[0])
        name = given.stages[step.sources[0].stage].name
        rows.append(OriginRow(RowKind.SOURCE, _state(given, origins), f"raised at {name}", MISSING, step.sources[0]))
    return rows


def place_text(place: DataPlace, visit: Visit) -> str:
    """A place on one line: `$.order.id, Input`."""
    if place.name:
        return f"${place.name}{path_text(place.keys)[1:]}"
    return f"{path_text(place.keys)}, {visit.stages[place.stage].name}"


def _state(visit: Visit, origins: DataOrigins) -> str:
    """The state of a visit, and which branch or iteration it is in: `Price, iteration 1`."""
    if not visit.branch:
        return visit.state.name
    container = origins.container_of(visit)
    return f"{visit.state.name}, {run_name(container, visit.branch)}"
