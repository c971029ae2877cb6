"""What `verify`, `coverage` and `test` wrote with --json, read back: the results of jobs that each did a part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.errors import UsageError
from sfdebug.files import read_file
from sfdebug.history.replay.event_comparison import Difference, DifferenceKind
from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.reports.outcomes import mending_from
from sfdebug.testing.model import CaseVerdict
from sfdebug.values import MISSING

_MOST_BYTES: Final = 1024 * 1024 * 1024
_FIX: Final = "Give what `sfdebug verify`, `coverage` or `test` wrote with --json."


class _DifferenceResult(Struct, frozen=True, rename="camel"):
    event: int
    type: str
    state: str
    branch: list[tuple[str, int]]
    kind: DifferenceKind
    field: str
    pointer: str
    explanation: str
    carried: bool
    recorded: Any = MISSING
    computed: Any = MISSING


class _HistoryResult(Struct, frozen=True, rename="camel"):
    history: str
    status: VerificationStatus
    events: int
    followed: int
    complete: bool
    drawn: int
    reasons: list[str]
    notes: list[str]
    differences: list[_DifferenceResult]
    calls: int | None = None
    mending: dict[str, Any] | None = None


class VerificationResult(Struct, frozen=True):
    """What `sfdebug verify --json` wrote; with `outcomes` and `coverage` where it was asked for what would have come of
    the executions."""

    definition: str
    histories: list[_HistoryResult]
    shard: str = ""
    outcomes: dict[str, Any] | None = None
    coverage: dict[str, Any] = field(default_factory=dict)

    @property
    def covered_definition(self) -> str | None:
        """Where the definition is whose coverage it has, None where it has none."""
        return None if self.outcomes is None else str(self.coverage.get("definition", ""))

    @property
    def names(self) -> Iterator[str]:
        """The histories, each by its name."""
        return (one.history for one in self.histories)

    def verifications(self) -> Iterator[Verification]:
        """The verdicts, in their order."""
        for one in self.histories:
            yield Verification(
                one.history,
                one.status,
                one.events,
                one.followed,
                one.complete,
                tuple(map(_difference, one.differences)),
                one.drawn,
                one.calls,
                tuple(one.reasons),
                tuple(one.notes),
                mending=None if one.mending is None else mending_from(one.mending),
            )


def _difference(one: _DifferenceResult) -> Difference:
    return Difference(
        one.event,
        tuple(one.branch),
        one.state,
        one.field,
        one.recorded,
        one.computed,
        one.explanation,
        one.pointer,
        one.kind,
        one.type,
        is_carried=one.carried,
    )


class CoverageResult(Struct, frozen=True, rename="camel"):
    """What `sfdebug coverage --json` wrote; `coverage` is the whole object. `not_counted` is how many histories could
    not be read."""

    definition: str
    executions: int
    shard: str = ""
    not_counted: int = 0
    coverage: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> Iterator[str]:
        """Nothing: it does not say which executions they were."""
        return iter(())


class CaseResult(Struct, frozen=True):
    """One case that `sfdebug test --json` wrote; `told` is the whole object."""

    name: str
    file: str
    verdict: CaseVerdict
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What tells it from all others."""
        return f"{self.file}::{self.name}"


class FileResult(Struct, frozen=True):
    """A file of cases that could not be read."""

    file: str
    problems: list[str]


class TestResult(Struct, frozen=True):
    """What `sfdebug test --json` wrote."""

    __test__ = False  # pytest takes it for a class of tests

    cases: list[CaseResult]
    files: list[FileResult]
    coverage: list[dict[str, Any]] = field(default_factory=list)
    mutation: dict[str, Any] | None = None
    shard: str = ""

    @property
    def names(self) -> Iterator[str]:
        """The cases and the files, each by its name."""
        yield from (one.id for one in self.cases)
        yield from (one.file for one in self.files)


Result: TypeAlias = VerificationResult | CoverageResult | TestResult


def read_result(path: str) -> Result:
    """A result, read from a file. Raises UsageError for a file that cannot be read, or holds none."""
    try:
        value = json.loads(read_file(path, _MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"this cannot be read as JSON: {error}", where=path, fix=_FIX) from None
    try:
        return _result(value)
    except (msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"this is no result that sfdebug wrote: {error}", where=path, fix=_FIX) from None


def _result(value: Any) -> Result:
    if not isinstance(value, dict):
        raise msgspec.ValidationError("it is no object")
    if "histories" in value:
        return msgspec.convert(value, VerificationResult)
    if "cases" in value:
        result = msgspec.convert(value, TestResult)
        cases = [replace(case, told=told) for case, told in zip(result.cases, value["cases"], strict=True)]
        return replace(result, cases=cases)
    return replace(msgspec.convert(value, CoverageResult), coverage=value)


def of_all_parts(read: Mapping[str, Result]) -> None:
    """Raises UsageError unless the results, by their files, are of one kind and of all parts, each once: nothing is
    claimed of what was not seen."""
    kinds = {type(one) for one in read.values()}
    if len(kinds) > 1:
        raise UsageError("these are results of different commands", where=", ".join(read), fix="Merge each kind alone.")
    shards: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, one in read.items():
        if one.shard in shards and one.shard:
            what = f"shard {one.shard} is given twice: it is in {shards[one.shard]} too"
            raise UsageError(what, where=path, fix="Give the result of each part once.")
        shards[one.shard] = path
        for name in one.names:
            if name in names:
                what = f"'{name}' is in {names[name]} too: it would count twice"
                raise UsageError(
                    what, where=path, fix="Give results that have nothing in common, as --shard makes them."
                )
            names[name] = path
    _check_shards(shards)


def _check_shards(shards: Mapping[str, str]) -> None:
    given = [one for one in shards if one]
    if not given:
        return
    counts = {one.partition("/")[2] for one in given}
    if "" in shards or len(counts) > 1:
        raise UsageError(
            "these are parts of different wholes",
            where=", ".join(shards.values()),
            fix="Give the results of jobs that were given --shard with the same number behind the stroke.",
        )
    (count,) = counts
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 10 else 0
    missing = [f"{part}/{number}" for part in range(1, number + 1) if f"{part}/{number}" not in shards]
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5:,} more" if len(missing) > 5 else "")
        what = f"not all parts are here: {shown}"
        raise UsageError(what, where="--shard", fix="Give the results of all jobs: nothing is claimed of the others.")
