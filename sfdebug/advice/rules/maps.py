"""Advice on Map and Parallel: how much runs at once, what becomes of the results, what one failure costs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of, given
from sfdebug.advice.cycles import items_until_full
from sfdebug.advice.rule import GUIDE, Example, Rule, Severity
from sfdebug.advice.rules.examples import PUT
from sfdebug.asl.definition import StateType, walk
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK
from sfdebug.limits import MAX_INLINE_MAP_CONCURRENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State
    from sfdebug.values import Json

_INNER: Final[dict[str, Any]] = {"StartAt": "Put", "States": {"Put": PUT}}
_INLINE: Final[dict[str, Any]] = {"Type": "Map", "ItemsPath": "$.orders", "ItemProcessor": _INNER, "End": True}
_CONFIG: Final[dict[str, Any]] = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
_LIST: Final[dict[str, Any]] = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}
_WRITER: Final[dict[str, Any]] = {
    "Resource": "arn:aws:states:::s3:putObject",
    "Parameters": {"Bucket": "b", "Prefix": "r"},
}
_WIDE: Final[dict[str, Any]] = {"Type": "Map", "ItemReader": _LIST, "ItemProcessor": {**_CONFIG, **_INNER}, "End": True}


def _updating(name: str, field: str) -> dict[str, Any]:
    update = {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}, "UpdateExpression": f"SET {field} = :v"}
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
    fix="write it once, after the Parallel, or give each branch attributes of its own",
    source=f"{GUIDE}state-parallel.html",
    example=Example(
        {
            "Both": {
                "Type": "Parallel",
                "Branches": [_updating("A", "a"), _updating("B", "a")],
                "End": True,
            }
        },
        {
            "Both": {
                "Type": "Parallel",
                "Branches": [_updating("A", "a"), _updating("B", "b")],
                "End": True,
            }
        },
    ),
)

RULES: Final = (CONCURRENCY, UNBOUNDED, TOLERANCE, WRITER, SAME_ITEM)

_ALL: Final = "*"
_CLAUSE: Final = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b", re.IGNORECASE)
_COMMA: Final = re.compile(r",(?![^()]*\))")
_TOLERANCES: Final = ("ToleratedFailurePercentage", "ToleratedFailureCount")


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
        what = (
            f"{name} runs up to 40 items at once, in one history: {items_until_full(state):,} items, or fewer, fill it"
        )
        adviser.note(UNBOUNDED, state.pointer, what)


def _check_distributed(adviser: Adviser, state: State) -> None:
    name = quote(state.name)
    if not any(f"{field}{path}" in state.fields for field in _TOLERANCES for path in ("", "Path")):
        adviser.note(TOLERANCE, state.pointer, f"one item of {name} that fails ends the whole Map Run")
    keeps = state.fields.get("ResultPath", "$") is not None
    is_read = "ItemReader" in state.fields  # items of the payload are as few as it has room for
    if keeps and is_read and "ResultWriter" not in state.fields:
        adviser.note(WRITER, state.pointer, f"the results of all items of {name} come back in one payload")


def _check_same_item(adviser: Adviser, state: State) -> None:
    seen: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for index, branch in enumerate(state.branches):
        for inner in walk(branch):
            written = _written(inner)
            if written is None:
                continue
            item, fields = written
            before = seen.setdefault(item, [])
            if any(other != index and _overlap(fields, theirs) for other, theirs in before):
                what = f"{quote(inner.name)} writes what another branch of {quote(state.name)} writes in the same item"
                adviser.note(SAME_ITEM, inner.pointer, what)
            before.append((index, fields))


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) or (_ALL in one and bool(other)) or (_ALL in other and bool(one))


def _written(state: State) -> tuple[str, frozenset[str]] | None:
    """The table and key of an item that a Task writes, as one text, and the attributes; None where neither is written
    out."""
    call = call_of(state)
    if call is None or call.service.removeprefix(SDK) != "dynamodb":
        return None
    arguments: dict[str, Json] = dict(arguments_of(state))
    key = {name.removesuffix(".$"): value for name, value in arguments.items() if name in ("Key", "Key.$")}
    table = given(arguments, "TableName")
    if not key or table is None:
        return None
    item = json.dumps([table, key], sort_keys=True)
    name = split_pattern(call.action)[0]
    if name == "deleteItem":
        return item, frozenset({_ALL})
    update, names = arguments.get("UpdateExpression"), arguments.get("ExpressionAttributeNames")
    if name != "updateItem" or not isinstance(update, str):
        return None
    return item, _set_fields(update, names if isinstance(names, dict) else {})


def _set_fields(update: str, names: Mapping[str, Json]) -> frozenset[str]:
    """The attributes that an UpdateExpression overwrites; those that it adds to come out alike in any order."""
    clauses = _CLAUSE.split(update)[1:]
    found: set[str] = set()
    for keyword, text in zip(clauses[::2], clauses[1::2], strict=False):
        for part in _COMMA.split(text):
            target, _, value = (side.strip() for side in part.partition("="))
            is_overwritten = keyword.upper() == "REMOVE" or (keyword.upper() == "SET" and target not in value)
            if target and is_overwritten:
                found.add(str(names.get(target, target)))
    return frozenset(found)
