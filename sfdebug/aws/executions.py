"""One execution: its description, the definition that it ran, its history, its new events while it runs.

Source of all field names: AWS Step Functions API Reference, `DescribeExecution`, `DescribeStateMachineForExecution` and
`GetExecutionHistory`. AWS has no call for "events since": the newest are read backwards (`reverseOrder`) until one
that is known, so that what is new costs a page or two, however long the history is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.aws.errors import UnexpectedAnswerError
from sfdebug.aws.session import PAGE, ReadOperation, moment_in, plain, plain_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.concurrency import Progress, Sleep
    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json

HistoryEvent = dict[str, "Json"]
"""One event in the shape of GetExecutionHistory, its timestamp as text."""

RUNNING: Final = "RUNNING"
_STATUS_AFTER: Final = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
"""Source: API Reference, `HistoryEvent`, type. After one of these events only ExecutionRedriven can come."""

_AT_ONCE: Final = 100
"""New events that are read with the first request of a look."""


class ExecutionDescription(Struct, frozen=True):
    """What DescribeExecution says. Times are in milliseconds since 1970; `input` and `output` are JSON text.

    `answer` is all of it as JSON, for keeping.
    """

    arn: str
    name: str
    state_machine_arn: str
    answer: Mapping[str, Json]
    status: str = ""
    started_at: int | None = None
    stopped_at: int | None = None
    input: str | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    map_run_arn: str | None = None
    redrive_count: int = 0
    redriven_at: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether more events can come without a redrive."""
        return self.status == RUNNING


class MachineDescription(Struct, frozen=True):
    """A state machine, as it was for one execution or as it is now. `definition` is text, as it was written;
    `updated_at` is when it became so, in milliseconds since 1970, where AWS says it (as it was for one execution)."""

    arn: str
    name: str
    definition: str
    role_arn: str
    type: str
    log_groups: tuple[str, ...]
    log_level: str
    answer: Mapping[str, Json]
    updated_at: int | None = None


class News(Struct, frozen=True):
    """What one look at the execution found: the new events in order, and whether it is over."""

    events: tuple[HistoryEvent, ...]
    is_over: bool


def describe_execution(reader: AwsReader, arn: str) -> ExecutionDescription:
    """What AWS says of an execution. Raises AwsError."""
    answer = reader.ask(ReadOperation.DESCRIBE_EXECUTION, arn, executionArn=arn)
    return ExecutionDescription(
        arn=answer.get("executionArn", arn),
        name=answer.get("name", ""),
        state_machine_arn=answer.get("stateMachineArn", ""),
        status=answer.get("status", ""),
        started_at=moment_in(answer, "startDate"),
        stopped_at=moment_in(answer, "stopDate"),
        input=answer.get("input"),
        output=answer.get("output"),
        error=answer.get("error"),
        cause=answer.get("cause"),
        map_run_arn=answer.get("mapRunArn"),
        redrive_count=answer.get("redriveCount", 0),
        redriven_at=moment_in(answer, "redriveDate"),
        answer=plain(answer),
    )


def described_by_arn(arn: Arn) -> ExecutionDescription:
    """What the ARN of an execution says of it, for credentials that may not describe it."""
    answer: dict[str, Json] = {"executionArn": arn.text, "name": arn.name, "stateMachineArn": arn.state_machine_arn}
    return ExecutionDescription(arn.text, arn.name, arn.state_machine_arn, answer)


def status_after(events: Sequence[HistoryEvent]) -> str:
    """How an execution stands after these events, the last of them included. Source: API Reference, `HistoryEvent`."""
    return _STATUS_AFTER.get(str(events[-1].get("type")), RUNNING) if events else RUNNING


def input_in(events: Sequence[HistoryEvent]) -> str | None:
    """The input of an execution as its first event has it; None when that was not recorded."""
    details = events[0].get("executionStartedEventDetails") if events else None
    given = details.get("input") if isinstance(details, dict) else None
    return given if isinstance(given, str) else None


def describe_machine_for_execution(reader: AwsReader, arn: str) -> MachineDescription:
    """The state machine that an execution ran, as it was then. Raises AwsError."""
    return machine_in(reader.ask(ReadOperation.DESCRIBE_STATE_MACHINE_FOR_EXECUTION, arn, executionArn=arn), arn)


def machine_in(answer: Mapping[str, Any], target: str) -> MachineDescription:
    """The state machine in the answer of a Describe action. Raises UnexpectedAnswerError without a definition."""
    definition = answer.get("definition")
    if not isinstance(definition, str):
        raise UnexpectedAnswerError("AWS's answer has no definition", "Check the endpoint's address.", where=target)
    logging = answer.get("loggingConfiguration") or {}
    groups = (entry.get("cloudWatchLogsLogGroup") or {} for entry in logging.get("destinations") or ())
    return MachineDescription(
        arn=answer.get("stateMachineArn", ""),
        name=answer.get("name", ""),
        definition=definition,
        role_arn=answer.get("roleArn", ""),
        type=answer.get("type", ""),
        log_groups=tuple(group["logGroupArn"] for group in groups if group.get("logGroupArn")),
        log_level=logging.get("level", "OFF"),
        answer=plain(answer),
        updated_at=moment_in(answer, "updateDate"),
    )


def history_pages(reader: AwsReader, arn: str) -> Iterator[list[HistoryEvent]]:
    """The events of an execution from the first to the last, a page at a time. Raises AwsError."""
    for page in reader.pages(ReadOperation.GET_EXECUTION_HISTORY, arn, executionArn=arn, maxResults=PAGE):
        yield plain_list(page.get("events") or [])


def read_history(reader: AwsReader, arn: str, progress: Progress | None = None) -> list[HistoryEvent]:
    """All events of an execution. `progress` is called after each page. Raises AwsError, CancelledError among them.

    No event is there twice, also when an endpoint gives every page from the start.
    """
    events: list[HistoryEvent] = []
    last = 0
    for page in history_pages(reader, arn):
        fresh = [event for event in page if event_id(event) > last]
        events += fresh
        last = max([last, *map(event_id, fresh)])
        if progress is not None:
            progress(len(events), None)
    return events


def newest_pages(reader: AwsReader, arn: str, size: int, *, with_data: bool = True) -> Iterator[list[HistoryEvent]]:
    """The events of an execution from the last to the first, a page of at most `size` at a time. Raises AwsError.

    Without data their inputs and outputs are left out; errors and causes are there. Source: API Reference,
    `GetExecutionHistory`, `includeExecutionData`.
    """
    less = {} if with_data else {"includeExecutionData": False}
    pages = reader.pages(
        ReadOperation.GET_EXECUTION_HISTORY,
        arn,
        executionArn=arn,
        maxResults=min(size, PAGE),
        reverseOrder=True,
        **less,
    )
    for page in pages:
        # An endpoint that does not know reverseOrder gives them all in rising order.
        yield sorted(plain_list(page.get("events") or []), key=event_id, reverse=True)


def event_id(event: HistoryEvent) -> int:
    """The id of an event; 0 for something without one."""
    number = event.get("id")
    return number if isinstance(number, int) else 0


# Following


def follow(
    reader: AwsReader,
    arn: str,
    *,
    after: int = 0,
    interval: float = 2.0,
    sleep: Sleep | None = None,
    progress: Progress | None = None,
) -> Iterator[News]:
    """Look at an execution again and again until it is over: one `News` for each look, also when there are none.

    `after` is the id of the last event that is known already (0: none). Between two looks `sleep` is called with
    `interval` in seconds; without it the wait ends at once when the reading is cancelled. `progress` is called while a
    first look reads a long history. Raises AwsError; CancelledError when the reader's cancellation says so.
    """
    wait = sleep or reader.cancellation.wait
    last = after
    while True:
        news = _look(reader, arn, last, progress)
        if news.events:
            last = event_id(news.events[-1])
        yield news
        if news.is_over:
            return
        wait(interval)
        reader.cancellation.check()


def _look(reader: AwsReader, arn: str, last: int, progress: Progress | None) -> News:
    if last == 0:
        events = read_history(reader, arn, progress)
    else:
        events = events_after(reader, arn, last)
    fresh = [event for event in events if event_id(event) > last]
    shown = _without_gap(fresh, last)
    # With a gap, the end is not shown yet; without news, the last event known before may have been the end.
    is_over = bool(events) and events[-1].get("type") in _STATUS_AFTER and len(shown) == len(fresh)
    return News(tuple(shown), is_over)


def events_after(reader: AwsReader, arn: str, last: int) -> list[HistoryEvent]:
    """The event with the id `last` (so that its type is known) and those after it, in order. Raises AwsError."""
    found: dict[int, HistoryEvent] = {}
    for page in newest_pages(reader, arn, _AT_ONCE):
        found.update({event_id(event): event for event in page if event_id(event) >= last})
        if not page or event_id(page[-1]) <= last:
            break
    return [found[number] for number in sorted(found)]


def _without_gap(fresh: list[HistoryEvent], last: int) -> list[HistoryEvent]:
    """`fresh` up to the first id that is missing after `last`: AWS's answers can lag, and ids have no gaps."""
    count = 0
    while count < len(fresh) and event_id(fresh[count]) == last + count + 1:
        count += 1
    return fresh[:count]
