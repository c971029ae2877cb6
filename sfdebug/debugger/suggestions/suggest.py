"""Suggestions: a result for a Task that waits, or items for a Map Run, shaped so that the states after it can go on.

A suggestion is a guess, made from what the service is known to answer and from what the definition reads of it; faces
must say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.suggestions.data_flow import ResultRead, Steps, reads_of_item, reads_of_result
from sfdebug.debugger.suggestions.shapes import service_shape
from sfdebug.engine.execution.visit import RequestKind, StageName, StageStatus
from sfdebug.engine.resources import parse_resource
from sfdebug.values import MISSING, Json, Value, compact, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import Scope, State, StateMachine
    from sfdebug.engine.execution.visit import TaskRequest, Visit


_LISTED: Json = {
    "Etag": '"0"',
    "Key": "object.json",
    "LastModified": 1_735_689_600,
    "Size": 0,
    "StorageClass": "STANDARD",
}


def _read_shape(request: TaskRequest) -> dict[str, Json]:
    """An item as the reader's own configuration tells it: an entry of a listing, a row with its headers, or `{}`.

    Source: AWS Step Functions Developer Guide, "ItemReader (Map)".
    """
    if request.resource.endswith("listObjectsV2"):
        assert isinstance(_LISTED, dict)
        return dict(_LISTED)
    return dict.fromkeys(_headers(request.state), "")


def _is_text(state: State) -> bool:
    """Whether all values of an item are texts, as those of a CSV file."""
    return _config(state).get("InputType") == "CSV"


def _headers(state: State) -> list[str]:
    headers = _config(state).get("CSVHeaders")
    return [header for header in headers if isinstance(header, str)] if isinstance(headers, list) else []


def _config(state: State) -> dict[str, Json]:
    reader = state.fields.get("ItemReader")
    config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
    return config if isinstance(config, dict) else {}


class Suggestion(Struct, frozen=True, gc=False):
    """A value to start from, and in plain words what it was guessed from."""

    value: Json
    why: str


def starting_value(request: TaskRequest, machine: StateMachine | None = None) -> Json:
    """A result that fits the Task's question: see `suggest`."""
    return suggest(request, machine).value


def suggest(request: TaskRequest, machine: StateMachine | None = None, visits: Sequence[Visit] = ()) -> Suggestion:
    """A result for the Task that asks.

    Without the definition only the service and ResultSelector are looked at. `visits` are earlier visits to the
    same state: what the task answered last is the best guess at what it answers next.
    """
    state = request.state
    is_map_run = request.kind is RequestKind.MAP_RUN
    answered = StageName.ITEM_READER if is_map_run else StageName.TASK
    for visit in reversed(visits):
        for stage in reversed(visit.stages):
            if stage.name is answered and stage.status is StageStatus.DONE and is_present(stage.after):
                return Suggestion(stage.after, "its answer of an earlier time")
    if is_map_run:
        return _suggested_items(request)
    resource = parse_resource(state.resource)
    value = service_shape(resource, request.input)
    sources = [f"what {resource.type}:{resource.action} answers"] if value else []
    reads = _hinted([read for read in reads_of_result(state, _scope_of(state, machine)) if _is_open(read.steps, value)])
    for read in reads:
        value = _with(value, read)
    readers = list(dict.fromkeys(read.reader for read in reads if read.steps))
    if readers:
        sources.append(f"what {_names(readers)} {'reads' if len(readers) == 1 else 'read'} of it")
    why = "guessed from " + " and ".join(sources) if sources else "nothing in the definition tells its shape"
    return Suggestion(value, why)


def _suggested_items(request: TaskRequest) -> Suggestion:
    """Two items, alike, for a Map Run that asks for what its ItemReader finds."""
    state = request.state
    shape = _read_shape(request)
    item: Json = dict(shape)
    reads = _hinted(
        [read for read in reads_of_item(state) if not shape or read.steps[:1] == () or read.steps[0] in shape]
    )
    for read in reads:
        item = _with(item, read)
    if _is_text(state) and isinstance(item, dict):
        item = {key: value if isinstance(value, str) else compact(value) for key, value in item.items()}
    readers = list(dict.fromkeys(read.reader for read in reads if read.steps))
    sources = ["its ReaderConfig"] if shape else []
    if readers:
        sources.append(f"what {_names(readers)} {'reads' if len(readers) == 1 else 'read'} of each item")
    why = "guessed from " + " and ".join(sources) if sources else "nothing in the definition tells their shape"
    return Suggestion([item, item], why)


def _hinted(reads: list[ResultRead]) -> list[ResultRead]:
    """The reads, each with the first hint that there is for its place: who reads it first may not tell."""
    hints: dict[Steps, Value] = {}
    for read in reads:
        if is_present(read.hint):
            hints.setdefault(read.steps, read.hint)
    return [replace(read, hint=hints.get(read.steps, read.hint)) for read in reads]


def _scope_of(state: State, machine: StateMachine | None) -> Scope | None:
    """The scope that the state stands in."""
    if machine is None:
        return None
    if len(state.path) < 2:
        return machine.scope
    index = state.path[-2]
    try:
        container = machine.state(state.path[:-2])
    except KeyError:
        return None
    return container.branches[index] if isinstance(index, int) and index < len(container.branches) else None


def _is_open(steps: Steps, shape: Json) -> bool:
    """Whether a suggestion may hold this. A service answers with its own fields: a definition that reads another one
    of it has a mistake, which a suggestion must not hide.
    """
    return not shape or not isinstance(shape, dict) or steps[:1] == () or steps[0] in shape


def _names(names: list[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more states"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _with(value: Json, read: ResultRead) -> Json:
    """`value` with something at the place that is read; what is there already stays."""
    if not read.steps:
        return read.hint if value == {} and is_present(read.hint) else value
    step, rest = read.steps[0], ResultRead(read.steps[1:], read.hint, read.reader)
    if isinstance(step, int):
        items = list(value) if isinstance(value, list) else []
        if not isinstance(value, list) and value not in ({}, "", None):
            return value
        items += [{} for _ in range(step + 1 - len(items))]
        items[step] = _member(items[step], rest, "")
        return items
    if isinstance(value, list) or (value not in ({}, "", None) and not isinstance(value, dict)):
        return value
    fields = dict(value) if isinstance(value, dict) else {}
    fields[step] = _member(fields.get(step, MISSING), rest, step)
    return fields


def _member(value: Value, read: ResultRead, name: str) -> Json:
    if read.steps:
        return _with(value if is_present(value) else {}, read)
    if is_present(value) and value not in ("", {}):
        return value
    if is_present(read.hint):
        return read.hint
    return value if is_present(value) else _by_name(name)


_NUMBERS: Final = ("count", "total", "amount", "price", "quantity", "qty", "size", "score", "seconds", "number", "code")
_FLAGS: Final = ("is", "has", "should", "can")
_TRUE: Final = ("approved", "valid", "success", "ok", "enabled", "done", "found", "available", "exists")
_LISTS: Final = ("list", "array", "ids")


def _by_name(name: str) -> Json:
    """What a field of that name usually holds."""
    words = "".join(f" {c.lower()}" if c.isupper() else " " if c in "_-" else c for c in name).split()
    first, last = (words[0], words[-1]) if words else ("", "")
    if last in _TRUE or (first in _FLAGS and len(words) > 1):
        return True
    if last in _NUMBERS:
        return 1
    if last in _LISTS or (len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is"))):
        return []
    if last in ("id", "arn", "token", "key"):
        return f"{name}-1"
    if last in ("at", "date", "time", "timestamp"):
        return "2025-01-01T00:00:00Z"
    return ""
