"""Failures that are alike, together: by error, by the state that failed, and by the shape of the cause.

A cause's shape is the cause with everything folded that differs from one execution to the next: numbers, ids, times,
quoted values. A cause that is JSON, as a Lambda function's is, is folded value by value, its stack trace left out.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.values import Json

_LONGEST_CAUSE: Final = 4_000
"""Characters of a cause that are looked at: AWS has up to 32,768 of them. API Reference, `SensitiveCause`."""
_LONGEST_SHAPE: Final = 400

_FOLDS: Final = (
    # An ARN says what it is of; account, region and the name of an execution are those of the moment.
    (
        re.compile(r"arn:[a-z-]+:states:[^:\s]*:[^:\s]*:(execution|express|mapRun):([^:\s]+):[^\s\"',;)\]}]+"),
        r"arn:…:\1:\2:‹id›",
    ),
    (re.compile(r"arn:[a-z-]+:([a-z0-9-]+):[^:\s]*:[^:\s]*:"), r"arn:…:\1:"),
    (re.compile(r"\bhttps?://([^\s/\"')]+)[^\s\"')]*"), r"https://\1/…"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "‹id›"),
    (re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"), "‹time›"),
    (re.compile(r"\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b"), "‹time›"),
    (re.compile(r"\"(?:[^\"\\\n]|\\.)*\""), "‹value›"),
    (re.compile(r"(?<![A-Za-z0-9])'[^'\n]*'(?![A-Za-z0-9])"), "‹value›"),
    (re.compile(r"`[^`\n]*`"), "‹value›"),
    # What was redacted is as long as it was before.
    (re.compile(r"\bx{4,}[x0-9a-z]*\b"), "‹id›"),
    # A word with both letters and digits is an id: ORD-4711, 0x7f3a, a1b2c3d4; not S3, EC2, v2.
    (re.compile(r"\b(?=[\w-]*[A-Za-z])(?=[\w-]{5}|[\w-]*\d[\w-]*\d)[\w-]*\d[\w-]*\b"), "‹id›"),
    (re.compile(r"[+-]?\b\d[\d,_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b"), "‹n›"),
)
_SPACE: Final = re.compile(r"\s+")
_TRACES: Final = frozenset({"stackTrace", "trace", "stack", "StackTrace"})
"""Fields of a cause that say where in the code it was, and differ with each release. Source: AWS Lambda Developer
Guide, error objects of its runtimes."""


class FailureGroup(Struct, frozen=True, gc=False):
    """Executions that failed alike. `members` are the keys of their outcomes, newest first; times are those of their
    ends, in milliseconds since 1970 (None: not known).

    `state` is the path of the failed state without iterations, "" where it is not known or there is none;
    `first_version` is the version of the definition that the first of them ran, "" where it is not known: nobody has
    looked further back than `first_seen`. `versions` are all that are known of them.
    """

    status: str
    error: str
    state: str
    shape: str
    state_machine_arn: str
    members: tuple[str, ...]
    first_seen: int | None
    last_seen: int | None
    first_version: str
    versions: tuple[str, ...]
    example_cause: str
    is_state_known: bool = True

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.members)


def group_failures(outcomes: Iterable[ExecutionOutcome]) -> tuple[FailureGroup, ...]:
    """The executions that ended without success, grouped: the largest group first, of equal ones the newest.

    Those of different state machines are not put together. One of which the error is not known yet is in a group of its
    own kind, with error "" and no state: it is not counted to another.
    """
    found: defaultdict[tuple[str, str, str, str, str, bool], list[ExecutionOutcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.is_unsuccessful:
            found[_sort_of(outcome)].append(outcome)
    groups = [_group(sort, members) for sort, members in found.items()]
    return tuple(sorted(groups, key=lambda one: (-one.count, -(one.last_seen or 0), one.error, one.state)))


def _sort_of(outcome: ExecutionOutcome) -> tuple[str, str, str, str, str, bool]:
    state = outcome.failed_state
    where = "/".join([*(name for name, _ in state.branch), state.name]) if state is not None else ""
    machine = outcome.state_machine_arn or outcome.state_machine_name
    shape = folded(outcome.cause or "")
    return machine, outcome.status, outcome.error or "", where, shape, _is_state_known(outcome)


def _is_state_known(outcome: ExecutionOutcome) -> bool:
    """Whether "no state" is a fact: the whole history was followed, or the state was found with all around it."""
    state = outcome.failed_state
    return state.is_branch_known if state is not None else not outcome.why_no_state and outcome.known >= 2


def _group(sort: tuple[str, str, str, str, str, bool], members: Sequence[ExecutionOutcome]) -> FailureGroup:
    machine, status, error, state, shape, is_state_known = sort
    ordered = sorted(members, key=lambda one: (one.stopped_at or one.started_at or 0, one.key))
    times = [time for one in ordered if (time := one.stopped_at or one.started_at) is not None]
    return FailureGroup(
        status=status,
        error=error,
        state=state,
        shape=shape,
        state_machine_arn=machine,
        members=tuple(one.key for one in reversed(ordered)),
        first_seen=times[0] if times else None,
        last_seen=times[-1] if times else None,
        first_version=ordered[0].version,
        versions=tuple(dict.fromkeys(one.version for one in ordered if one.version)),
        example_cause=ordered[-1].cause or "",
        is_state_known=is_state_known,
    )


# the shape of a cause


@lru_cache(maxsize=4096)
def folded(cause: str) -> str:
    """The shape of a cause: on one line, with what is of one execution alone folded.

    >>> folded("Order 4711 (id 0f1e2d3c) of 2026-11-29T03:00:00Z was not found")
    'Order ‹n› (id ‹id›) of ‹time› was not found'
    """
    text = cause[:_LONGEST_CAUSE]
    if text[:1] in "{[" and text == cause:
        try:
            return _cut(_folded_value(json.loads(text), 0))
        except (ValueError, RecursionError):
            pass
    return _cut(_folded_text(text))


def _folded_text(text: str) -> str:
    for pattern, instead in _FOLDS:
        text = pattern.sub(instead, text)
    return _SPACE.sub(" ", text).strip()


def _folded_value(value: Json, depth: int) -> str:
    """JSON with the values folded: of a Lambda function's error its type and message, of anything else its shape."""
    if isinstance(value, dict):
        message = value.get("errorMessage")
        if isinstance(message, str) and not depth:
            kind = value.get("errorType")
            return f"{kind}: {_folded_text(message)}" if isinstance(kind, str) and kind else _folded_text(message)
        inner = (f"{name}: {_folded_value(each, depth + 1)}" for name, each in value.items() if name not in _TRACES)
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{_folded_value(value[0], depth + 1)}, …]" if value else "[]"
    if isinstance(value, str):
        return _folded_text(value)
    return "‹n›" if isinstance(value, (int, float)) and not isinstance(value, bool) else json.dumps(value)


def _cut(shape: str) -> str:
    return shape if len(shape) <= _LONGEST_SHAPE else f"{shape[:_LONGEST_SHAPE]}…"
