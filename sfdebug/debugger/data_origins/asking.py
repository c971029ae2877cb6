"""The question as it is asked: a place by what a person or a script can name, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.debugger.data_origins.model import DataPlace, DataSide
from sfdebug.errors import UsageError
from sfdebug.json_pointer import keys_in
from sfdebug.text import with_article

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.model import DataOrigin
    from sfdebug.debugger.data_origins.origins import DataOrigins
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.values import Value


def asked(
    origins: DataOrigins,
    here: Position,
    pointer: Any,
    number: Any,
    stage: Any,
    side: Any,
    variable: Any,
) -> DataOrigin:
    """What is known of a value. Raises UsageError for a visit or a stage that the fork has not, or what is none."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise UsageError(f"{pointer!r} is no JSON Pointer", fix="Write one such as /order/items/0, or leave it out.")
    if not isinstance(variable, str):
        raise UsageError(f"a variable is named by a text, not by {with_article(variable)}")
    if side is not None and side not in tuple(DataSide):
        raise UsageError(f"{side!r} is no side of a stage", fix="DataSide.BEFORE and DataSide.AFTER are.")
    if number is None and here.visit is None and not variable:
        value = here.branch.input if here.branch is not None else None
        return origins.coming(here, keys_in(value, pointer))
    visit = _visit(origins, here, number)
    last = here.revealed - 1 if number is None and here.visit is not None else len(visit.stages) - 1
    at = last if stage is None else stage
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < len(visit.stages):
        raise UsageError(f"visit {visit.number} has {len(visit.stages)} stages, and no stage {at!r}")
    place = DataPlace(visit.number, at, DataSide.AFTER if side is None else DataSide(side))
    if variable:
        place = DataPlace(visit.number, at, DataSide.VARIABLE, (), variable)
    whole: Value = origins.value(place)
    keys = keys_in(whole, pointer)
    return origins.of(DataPlace(place.visit, place.stage, place.side, keys, place.name))


def _visit(origins: DataOrigins, here: Position, number: Any) -> Visit:
    if number is None:
        if here.visit is None:
            raise UsageError("no state is entered at the cursor", fix="Step into it, or name a visit by its number.")
        number = here.visit.number
    if not isinstance(number, int) or isinstance(number, bool):
        raise UsageError(f"a visit is named by its number, not by {with_article(number)}")
    try:
        return origins.visit(DataPlace(number, 0))
    except KeyError:
        raise UsageError(f"there is no visit {number!r} on this fork") from None
