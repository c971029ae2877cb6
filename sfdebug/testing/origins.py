"""Where values of an output that are not as they are expected are from: the state and the stage that wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.debugger.following import Following
from sfdebug.debugger.wording.origins import origin_text
from sfdebug.errors import SfdebugError
from sfdebug.json_pointer import format_pointer
from sfdebug.testing.comparing import visits_of
from sfdebug.testing.model import Mismatch, MismatchKind
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.debugger import Debugger
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import Visit


def with_origins(found: Sequence[Mismatch], execution: Execution) -> list[Mismatch]:
    """What differs in an output, each with where it is from; what is not there with where that is from which would
    hold it."""
    if not any(one.kind is MismatchKind.OUTPUT for one in found) or not is_present(execution.output):
        return list(found)
    last = next((visit for visit in reversed(visits_of(execution)) if not visit.branch and visit.stages), None)
    if last is None:
        return list(found)
    try:
        following = Following(execution)
        following.take_in(execution.decisions)
        return [_with_origin(one, following.debugger, execution, last) for one in found]
    except SfdebugError:  # what was edited or injected may not be followed: then nothing is said
        return list(found)


def _with_origin(one: Mismatch, debugger: Debugger, execution: Execution, last: Visit) -> Mismatch:
    if one.kind is not MismatchKind.OUTPUT:
        return one
    where = one.where
    while where and not is_present(_at(execution.output, where)):
        where = where[:-1]
    found = debugger.who_changed(format_pointer(where), visit=last.number, stage=len(last.stages) - 1)
    writer = found.writer
    if writer is None:
        return one
    visits = {visit.number: visit for visit in visits_of(execution)}
    visit = visits.get(writer.place.visit)
    if visit is None:
        return one
    source = visits.get(writer.sources[0].visit) if writer.sources else None
    origin = f"'{visit.state.name}': {origin_text(writer, visit, source)}"
    return replace(one, origin=origin, shows=(writer.place.visit, writer.place.stage))


def _at(value: Value, where: tuple[str | int, ...]) -> Value:
    for step in where:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value
