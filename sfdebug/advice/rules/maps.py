"""Advice on Map and Parallel: how much runs at once, what becomes of the results, what one failure costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of
from sfdebug.advice.cycles import events_of
from sfdebug.advice.rule import GUIDE, Example, Rule, Severity
from sfdebug.asl.definition import StateType, walk
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_INLINE_MAP_CONCURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import Scope, State
    from sfdebug.values import Json

_PUT: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "t", "Item": {"id": {"S.$": "$.id"}}},
    "End": True,
}
_INNER: Final[dict[str, Any]] = {"StartAt": "Put", "States": {"Put": _PUT}}
_INLINE: Final[dict[str, Any]] = {"Type": "Map", "ItemsPath": "$.orders", "ItemProcessor": _INNER, "End": True}
_CONFIG: Final[dict[str, Any]] = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
_LIST: Final[dict[str, Any]] = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
_WRITER: Final[dict[str, Any]] = {
    "Resource": "arn:aws:states:::s3:putObject",
    "Parameters": {"Bucket": "b", "Prefix": "r"},
}
_WIDE: Final[dict[str, Any]] = {"Type": "Map", "ItemReader": _LIST, "ItemProcessor": {**_CONFIG, **_INNER}, "End": True}


def _updating(name: str, key: str) -> dict[str, Any]:
    update = {"TableName": "t", "Key": {"id": {"S.$": key}}, "UpdateExpression": f"SET {name} = :v"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": update, "End": True}
    return {"StartAt": name, "States": {name: task}}


CONCURRENCY: Final = Rule(
    id="inline-map-concurrency-above-40",
    severity=Severity.WARNING,
    why="An inline Map runs about 40 items at once, whatever its MaxConcurrency says.",
    fix="write 40 or less, or make it a distributed Map",
    source=f"{GUIDE}state-map-inline.html",
    example=Example({"Each": {**_INLINE, "MaxConcurrency": 200}}, {"Each": {**_INLINE, "MaxConcurrency": 40}}),
)
UNBOUNDED: Final = Rule(
    id="inline-map-unbounded",
    severity=Severity.INFO,
    why="All items of an inline Map write into one history, and up to 40 of them call at once.",
    fix='set "MaxConcurrency" to what the called service bears; for more items, make it a distributed Map',
    source=f"{GUIDE}state-map-inline.html",
    example=Example({"Each": _INLINE}, {"Each": {**_INLINE, "MaxConcurrency": 10}}),
)
TOLERANCE: Final = Rule(
    id="distributed-map-without-tolerance",
    severity=Severity.INFO,
    why="The first item that fails ends the whole Map Run: thousands of others are stopped with it.",
    fix='set "ToleratedFailurePercentage" or "ToleratedFailureCount", or catch inside of the item',
    source=f"{GUIDE}state-map-distributed.html#maprun-fail-threshold",
    example=Example(
        {"Each": {**_WIDE, "ResultWriter": _WRITER}},
        {"Each": {**_WIDE, "ResultWriter": _WRITER, "ToleratedFailurePercentage": 5}},
    ),
)
WRITER: Final = Rule(
    id="distributed-map-without-result-writer",
    severity=Severity.ADVICE,
    why="The results of all items come back in one payload: beyond 256 KiB the Map fails when all its work is done.",
    fix='add a "ResultWriter", which leaves them in S3',
    source=f"{GUIDE}input-output-resultwriter.html",
    example=Example(
        {"Each": {**_WIDE, "ToleratedFailurePercentage": 5}},
        {"Each": {**_WIDE, "ToleratedFailurePercentage": 5, "ResultWriter": _WRITER}},
    ),
)
SAME_ITEM: Final = Rule(
    id="parallel-writes-same-item",
    severity=Severity.ADVICE,
    why="Branches run in no order: what the item holds in the end depends on which of them was the last.",
    fix="write it once, after the Parallel, or give each branch an item of its own",
    source=f"{GUIDE}state-parallel.html",
    example=Example(
        {"Both": {"Type": "Parallel", "Branches": [_updating("a", "$.id"), _updating("b", "$.id")], "End": True}},
        {"Both": {"Type": "Parallel", "Branches": [_updating("a", "$.id"), _updating("b", "$.other")], "End": True}},
    ),
)

RULES: Final = (CONCURRENCY, UNBOUNDED, TOLERANCE, WRITER, SAME_ITEM)

_TOLERANCES: Final = ("ToleratedFailurePercentage", "ToleratedFailureCount")
_EVENTS_OF_AN_ITEM: Final = 2
"""MapIterationStarted and MapIterationSucceeded."""


def check_maps(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    for state in adviser.states:
        if state.type is StateType.PARALLEL:
            _check_same_item(adviser, state)
        elif state.is_distributed:
            _check_distributed(adviser, state)
        elif state.type is StateType.MAP:
            _check_inline(adviser, state)


def _check_inline(adviser: Adviser, state: State) -> None:
    most = state.fields.get("MaxConcurrency")
    name = quote(state.name)
    if isinstance(most, int) and most > MAX_INLINE_MAP_CONCURRENCY:
        what = f"{name} is an inline Map: it runs 40 items at once, not {most}"
        adviser.note(CONCURRENCY, (*state.pointer, "MaxConcurrency"), what)
    calls = any(inner.type is StateType.TASK for branch in state.branches for inner in walk(branch))
    is_open = most in (None, 0) and "MaxConcurrencyPath" not in state.fields
    if is_open and calls and not adviser.is_express and isinstance(state.fields.get("Items"), (str, type(None))):
        what = f"{name} runs up to 40 items at once, in one history"
        items = _items_until_full(state)
        what += f": {items:,} items, or fewer, fill it" if items else ""
        adviser.note(UNBOUNDED, state.pointer, what)


def _items_until_full(state: State) -> int:
    """With how many items the history is full if each goes the shortest way; 0 when that cannot be told."""
    events = sum(_least_events(branch) for branch in state.branches)
    return MAX_HISTORY_EVENTS // (events + _EVENTS_OF_AN_ITEM) + 1 if events else 0


def _least_events(scope: Scope) -> int:
    """Events on the way from the start by Next and the first rules; a bound from below where the way branches."""
    least, seen, name = 0, set[str](), scope.start_at
    while name in scope.states and name not in seen:
        seen.add(name)
        state = scope.states[name]
        least += events_of(state)
        if state.type is StateType.CHOICE:
            break
        name = state.next or ""
    return least


def _check_distributed(adviser: Adviser, state: State) -> None:
    name = quote(state.name)
    if not any(f"{field}{path}" in state.fields for field in _TOLERANCES for path in ("", "Path")):
        adviser.note(TOLERANCE, state.pointer, f"one item of {name} that fails ends the whole Map Run")
    keeps = state.fields.get("ResultPath", "$") is not None
    if keeps and "ResultWriter" not in state.fields:
        adviser.note(WRITER, state.pointer, f"the results of all items of {name} come back in one payload")


def _check_same_item(adviser: Adviser, state: State) -> None:
    seen: dict[str, int] = {}
    for index, branch in enumerate(state.branches):
        for inner in walk(branch):
            for item in _written(inner):
                first = seen.setdefault(item, index)
                if first != index:
                    what = f"{quote(inner.name)} writes the item that another branch of {quote(state.name)} writes"
                    adviser.note(SAME_ITEM, inner.pointer, what)


def _written(state: State) -> Iterator[str]:
    """The table and key of an item that a Task writes, as one text; nothing where they are not written out."""
    call = call_of(state)
    if call is None or call.service.removeprefix(SDK) != "dynamodb":
        return
    if split_pattern(call.action)[0] in ("updateItem", "deleteItem"):
        arguments: dict[str, Json] = dict(arguments_of(state))
        key = {name.removesuffix(".$"): value for name, value in arguments.items() if name.startswith("Key")}
        table = arguments.get("TableName", arguments.get("TableName.$"))
        if key and table is not None:
            yield json.dumps([table, key], sort_keys=True)
