"""What there is to look at: the state machines of an account and region, their executions, the child executions of a
Map Run; failed ones first.

Source: AWS Step Functions API Reference, `ListStateMachines`, `DescribeStateMachine`, `ListExecutions` (also with
`mapRunArn`), `DescribeMapRun`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.aws.executions import machine_in
from sfdebug.aws.session import PAGE, ReadOperation, moment_in, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.aws.concurrency import Progress
    from sfdebug.aws.executions import MachineDescription
    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json

FAILED_FIRST: Final = ("FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED")
"""The statuses of executions, in the order in which somebody on call wants them."""

PENDING_REDRIVE: Final = "PENDING_REDRIVE"
"""A status that only child executions of a Map Run have."""


CHILDREN_FAILED_FIRST: Final = (*FAILED_FIRST[:3], PENDING_REDRIVE, *FAILED_FIRST[3:])


class MachineEntry(Struct, frozen=True):
    """A state machine in a list. `created_at` is in milliseconds since 1970."""

    arn: str
    name: str
    type: str
    created_at: int | None


class ExecutionEntry(Struct, frozen=True):
    """An execution in a list. Times are in milliseconds since 1970."""

    arn: str
    name: str
    status: str
    started_at: int | None
    stopped_at: int | None
    redrive_count: int
    redriven_at: int | None
    map_run_arn: str | None
    answer: Mapping[str, Json]

    @property
    def newest_time(self) -> int | None:
        """The time that AWS sorts its list by: the stop, or the start or redrive of what runs."""
        times = (self.started_at, self.stopped_at, self.redriven_at)
        return max((time for time in times if time is not None), default=None)


class MapRunDescription(Struct, frozen=True):
    """What DescribeMapRun says. `execution_counts` are by AWS's own names: total, pending, succeeded, failed, …"""

    arn: str
    execution_arn: str
    status: str
    started_at: int | None
    stopped_at: int | None
    execution_counts: Mapping[str, int]
    redrive_count: int
    redriven_at: int | None
    answer: Mapping[str, Json]


class Wanted(Struct, frozen=True):
    """Which executions to list. `statuses` come one after the other, in this order; empty: all, newest first.

    `name` is a part of the name, or a pattern when it has * or ? in it. `since` and `until` bound the start, in
    milliseconds since 1970, both included.
    """

    statuses: tuple[str, ...] = ()
    name: str = ""
    since: int | None = None
    until: int | None = None

    def takes(self, entry: ExecutionEntry) -> bool:
        """Whether `entry` is one of them, its status apart."""
        start = entry.started_at
        if start is not None and (
            (self.since is not None and start < self.since) or (self.until is not None and start > self.until)
        ):
            return False
        return matches(self.name, entry.name)

    def is_before(self, entry: ExecutionEntry) -> bool:
        """Whether `entry`, and with it all that comes after it in AWS's list, is too old."""
        newest = entry.newest_time
        return self.since is not None and newest is not None and newest < self.since


def matches(pattern: str, name: str) -> bool:
    """Whether a name has `pattern` in it, or fits it as a whole when it has * or ?; upper and lower case are one."""
    pattern, name = pattern.lower(), name.lower()
    if "*" in pattern or "?" in pattern:
        return fnmatchcase(name, pattern.replace("[", "[[]"))
    return pattern in name


def state_machine_pages(reader: AwsReader, name: str = "") -> Iterator[list[MachineEntry]]:
    """The state machines of the account and region whose names fit, a page at a time. Raises AwsError."""
    for page in reader.pages(ReadOperation.LIST_STATE_MACHINES, reader.access.region or "", maxResults=PAGE):
        yield [
            MachineEntry(
                arn=entry.get("stateMachineArn", ""),
                name=entry.get("name", ""),
                type=entry.get("type", ""),
                created_at=moment_in(entry, "creationDate"),
            )
            for entry in page.get("stateMachines") or ()
            if matches(name, entry.get("name", ""))
        ]


def describe_state_machine(reader: AwsReader, arn: str) -> MachineDescription:
    """A state machine as it is now, or the version or alias that `arn` names. Raises AwsError."""
    return machine_in(reader.ask(ReadOperation.DESCRIBE_STATE_MACHINE, arn, stateMachineArn=arn), arn)


def execution_pages(reader: AwsReader, arn: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionEntry]]:
    """The executions of a state machine (its ARN, or that of a version or alias), a page at a time, newest first.

    AWS filters by status; names and times are filtered here, so that a page can have fewer entries, or none. Nothing is
    asked beyond what is taken. Raises AwsError.
    """
    return _pages(reader, arn, {"stateMachineArn": arn}, wanted or Wanted())


def child_pages(reader: AwsReader, map_run_arn: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionEntry]]:
    """The child executions of a Map Run, a page at a time, like `execution_pages`."""
    return _pages(reader, map_run_arn, {"mapRunArn": map_run_arn}, wanted or Wanted())


def _pages(reader: AwsReader, arn: str, of: dict[str, str], wanted: Wanted) -> Iterator[list[ExecutionEntry]]:
    if not wanted.statuses:
        return _pages_of_status(reader, arn, of, wanted)
    return chain.from_iterable(
        _pages_of_status(reader, arn, {**of, "statusFilter": status}, wanted) for status in wanted.statuses
    )


def _pages_of_status(
    reader: AwsReader, arn: str, parameters: dict[str, str], wanted: Wanted
) -> Iterator[list[ExecutionEntry]]:
    for page in reader.pages(ReadOperation.LIST_EXECUTIONS, arn, maxResults=PAGE, **parameters):
        entries = [entry_in(entry) for entry in page.get("executions") or ()]
        yield [entry for entry in entries if wanted.takes(entry)]
        if entries and wanted.is_before(entries[-1]):
            return


def entry_in(answer: Mapping[str, Any]) -> ExecutionEntry:
    """An entry of ListExecutions' answer."""
    return ExecutionEntry(
        arn=answer.get("executionArn", ""),
        name=answer.get("name", ""),
        status=answer.get("status", ""),
        started_at=moment_in(answer, "startDate"),
        stopped_at=moment_in(answer, "stopDate"),
        redrive_count=answer.get("redriveCount", 0),
        redriven_at=moment_in(answer, "redriveDate"),
        map_run_arn=answer.get("mapRunArn"),
        answer=plain(answer),
    )


# Map Runs


def describe_map_run(reader: AwsReader, arn: str) -> MapRunDescription:
    """What AWS says of a Map Run. Raises AwsError."""
    answer = reader.ask(ReadOperation.DESCRIBE_MAP_RUN, arn, mapRunArn=arn)
    return MapRunDescription(
        arn=answer.get("mapRunArn", arn),
        execution_arn=answer.get("executionArn", ""),
        status=answer.get("status", ""),
        started_at=moment_in(answer, "startDate"),
        stopped_at=moment_in(answer, "stopDate"),
        execution_counts=_counts(answer.get("executionCounts")),
        redrive_count=answer.get("redriveCount", 0),
        redriven_at=moment_in(answer, "redriveDate"),
        answer=plain(answer),
    )


def list_children(
    reader: AwsReader, map_run_arn: str, most: int, progress: Progress | None = None
) -> tuple[ExecutionEntry, ...]:
    """Up to `most` child executions of a Map Run: failed, timed out and aborted ones first, then the others.

    Nothing is asked beyond those. Raises AwsError.
    """
    children: list[ExecutionEntry] = []
    if most <= 0:
        return ()
    for page in child_pages(reader, map_run_arn, Wanted(statuses=CHILDREN_FAILED_FIRST)):
        # One that changes its status in between is listed under both.
        known = {child.arn for child in children}
        children += [child for child in page if child.arn not in known]
        if progress is not None:
            progress(min(len(children), most), most)
        if len(children) >= most:
            break
    return tuple(children[:most])


def _counts(answer: Mapping[str, Any] | None) -> dict[str, int]:
    return {name: number for name, number in (answer or {}).items() if isinstance(number, int)}
