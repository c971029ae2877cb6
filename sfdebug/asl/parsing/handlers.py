"""Retry and Catch. Source: States Language specification, "Errors"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import Catcher, Retrier
from sfdebug.asl.findings import EMPTY, AwsVerdict, our_verdict
from sfdebug.asl.parsing.fields import CATCHER, RETRIER
from sfdebug.asl.parsing.objects import as_entries, check_fields, require, text_or_none
from sfdebug.asl.parsing.shapes import wrong_kind
from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.limits import (
    DEFAULT_RETRY_BACKOFF_RATE,
    DEFAULT_RETRY_INTERVAL_SECONDS,
    DEFAULT_RETRY_MAX_ATTEMPTS,
)

if TYPE_CHECKING:
    from sfdebug.asl.definition import QueryLanguage
    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_ALL: Final = "States.ALL"
_ALONE: Final = "States.ALL must appear alone and at end of list"
"""Reported, for a States.ALL among other names and for one that is not in the last entry."""

_ERROR_NAMES: Final = (
    _ALL,
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ReferencePathConflict",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
)
"""The error names that AWS itself gives. AWS docs: "Handling errors in Step Functions workflows"."""
_STATUS: Final = re.compile(r"States\.Http\.StatusCode\.[1-5]\d\d")
"""What an HTTP Task fails with. AWS docs: "Call HTTPS APIs in Step Functions workflows"."""


def parse_retriers(
    reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage
) -> tuple[Retrier, ...]:
    """The retriers of a Retry field, defaults filled in; what is wrong with them is noted."""
    entries = as_entries(reader, pointer, value, "retriers")
    retriers = []
    for here, entry in entries:
        check_fields(reader, here, entry, RETRIER, language, "a retrier")
        require(reader, here, entry, ("ErrorEquals",), "a retrier")
        names = _error_names(reader, here, entry)
        retriers.append(_retrier(reader, here, entry, names))
    _check_last(reader, [(retrier.pointer, retrier.error_equals) for retrier in retriers], "retrier")
    return tuple(retriers)


def _retrier(reader: DefinitionReader, pointer: Pointer, entry: dict[str, Json], names: tuple[str, ...]) -> Retrier:
    index = pointer[-1]
    interval = _number(entry, "IntervalSeconds", DEFAULT_RETRY_INTERVAL_SECONDS)
    longest = int(_number(entry, "MaxDelaySeconds", 0))
    if longest and longest <= interval:
        what = f"'MaxDelaySeconds' must be greater than 'IntervalSeconds', which is {int(interval)}"
        reader.error((*pointer, "MaxDelaySeconds"), what, f"write {int(interval) + 1} or more")
    jitter = entry.get("JitterStrategy", "NONE")
    return Retrier(
        index=index if isinstance(index, int) else 0,
        error_equals=names,
        interval_seconds=int(interval),
        max_attempts=int(_number(entry, "MaxAttempts", DEFAULT_RETRY_MAX_ATTEMPTS)),
        backoff_rate=float(_number(entry, "BackoffRate", DEFAULT_RETRY_BACKOFF_RATE)),
        max_delay_seconds=longest or None,
        jitter_strategy=jitter if isinstance(jitter, str) else "NONE",
        pointer=pointer,
    )


def parse_catchers(
    reader: DefinitionReader, pointer: Pointer, value: Json, language: QueryLanguage
) -> tuple[Catcher, ...]:
    """The catchers of a Catch field; what is wrong with them is noted."""
    catchers = []
    for here, entry in as_entries(reader, pointer, value, "catchers"):
        check_fields(reader, here, entry, CATCHER, language, "a catcher")
        require(reader, here, entry, ("ErrorEquals", "Next"), "a catcher")
        names = _error_names(reader, here, entry)
        index = here[-1]
        target = text_or_none(entry.get("Next")) or ""
        catchers.append(Catcher(index if isinstance(index, int) else 0, names, target, entry, here))
    _check_last(reader, [(catcher.pointer, catcher.error_equals) for catcher in catchers], "catcher")
    return tuple(catchers)


def _error_names(reader: DefinitionReader, pointer: Pointer, entry: dict[str, Json]) -> tuple[str, ...]:
    if "ErrorEquals" not in entry:
        return ()
    here = (*pointer, "ErrorEquals")
    value = entry["ErrorEquals"]
    if not isinstance(value, list):
        fix = f'put it into an array: ["{value}"]' if isinstance(value, str) else 'write ["States.ALL"]'
        wrong_kind(reader, here, value, "an array of error names", fix, expects="ARRAY")
        return ()
    if not value:
        fix = 'write ["States.ALL"] for every error'
        reader.error(here, "'ErrorEquals' names no error", fix, aws=EMPTY)
    names = []
    for index, name in enumerate(value):
        if isinstance(name, str):
            names.append(name)
            _check_name(reader, (*here, index), name)
        else:
            wrong_kind(reader, (*here, index), name, "a string", expects="STRING")
    if _ALL in names and len(names) > 1:
        at = (*here, value.index(_ALL))
        what = f"'{_ALL}' must stand alone in its 'ErrorEquals'"
        reader.error(at, what, "take the other names out, or this one", aws=AwsVerdict(_ALONE, at=here))
    return tuple(names)


def _check_name(reader: DefinitionReader, pointer: Pointer, name: str) -> None:
    """Warn of a name that looks like one of AWS's and is not: it would never match."""
    if not name.startswith(("States.", "State.")) or name in _ERROR_NAMES or name in reader.raised_names:
        return
    if _STATUS.fullmatch(name):
        return
    close = closest(name, _ERROR_NAMES)
    fix = f"did you mean {quote(close)}?" if close else "names that start with 'States.' are AWS's own"
    what = f"AWS has no error called {quote(name)}"
    reader.warn(pointer, what, fix, aws=our_verdict(what, "UNKNOWN_ERROR_NAME"))


def _check_last(reader: DefinitionReader, entries: list[tuple[Pointer, tuple[str, ...]]], owner: str) -> None:
    for pointer, names in entries[:-1]:
        if _ALL in names:
            what = f"'{_ALL}' takes every error, so that no {owner} after it is ever reached"
            aws = AwsVerdict(_ALONE) if names == (_ALL,) else None
            reader.error((*pointer, "ErrorEquals"), what, f"move this {owner} to the end", aws=aws)


def _number(entry: dict[str, Json], name: str, default: float) -> float:
    value = entry.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else default
