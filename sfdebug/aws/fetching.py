"""Reading all that is to be kept of an execution or a Map Run: description, definition, history, children."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.concurrency import Progress
from sfdebug.aws.errors import (
    AwsError,
    DeniedError,
    InvalidArnError,
    NotFoundError,
    NotSupportedError,
    UnexpectedAnswerError,
)
from sfdebug.aws.executions import (
    describe_execution,
    describe_machine_for_execution,
    described_by_arn,
    input_in,
    read_history,
    status_after,
)
from sfdebug.aws.express import ANYWHERE, ExpressLog, LogSearch, read_express_log
from sfdebug.aws.listing import describe_map_run, list_children

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.executions import ExecutionDescription, HistoryEvent, MachineDescription
    from sfdebug.aws.listing import ExecutionEntry, MapRunDescription
    from sfdebug.aws.session import AwsReader


class FetchedExecution(Struct, frozen=True):
    """An execution. `events` is None for an Express child of a Map Run: AWS keeps its description, not its history.

    `machine` is None for the children of a Map Run: they ran a part of its definition. It is None, too, when AWS did
    not give it: `refusals` say why, of that and of the description, which then has only what ARN and events say.
    """

    description: ExecutionDescription
    events: tuple[HistoryEvent, ...] | None
    machine: MachineDescription | None = None
    refusals: tuple[AwsError, ...] = ()


class FetchedMapRun(Struct, frozen=True):
    """A Map Run, the execution that started it, and some of its children, failed ones first."""

    description: MapRunDescription
    parent: FetchedExecution
    children: tuple[FetchedExecution, ...]


class FetchedExpress(Struct, frozen=True):
    """An Express execution: what its log has."""

    arn: str
    log: ExpressLog


Begin: TypeAlias = "Callable[[str], Progress]"
"""Called with what is read from here on, for a person ("the history"); gives what is called with how far that is."""


def silent(what: str) -> Progress:
    """Says nothing of how far a reading is."""
    return lambda done, of: None


def fetch(
    reader: AwsReader,
    arn: Arn,
    children: int,
    begin: Begin,
    search: LogSearch = ANYWHERE,
    *,
    with_definition: bool = True,
) -> FetchedExecution | FetchedMapRun | FetchedExpress:
    """All that `arn` names: an execution, or a Map Run with up to `children` of its child executions.

    `search` says where to look for the log of an Express execution. The definition of a Standard execution is not asked
    for unless `with_definition`. Where the credentials allow the history and not the description or the definition,
    what can be had is given. Raises AwsError.
    """
    if arn.kind is ArnKind.MAP_RUN:
        return _fetch_map_run(reader, arn.text, children, begin)
    if arn.kind is ArnKind.EXPRESS_EXECUTION and not arn.is_child:
        return FetchedExpress(arn.text, read_express_log(reader, arn, search, begin("the log")))
    if arn.kind is ArnKind.STATE_MACHINE:
        raise InvalidArnError(
            "this names a state machine, and an execution of it is needed",
            f"List them: aws stepfunctions list-executions --state-machine-arn {arn.text} --status-filter FAILED",
            where=arn.text,
        )
    return _fetch_execution(reader, arn, begin, with_definition=with_definition)


def _fetch_execution(reader: AwsReader, arn: Arn, begin: Begin, *, with_definition: bool) -> FetchedExecution:
    begin("the execution")
    refusals: list[AwsError] = []
    try:
        description = describe_execution(reader, arn.text)
    except DeniedError as error:
        if arn.kind is ArnKind.EXPRESS_EXECUTION:
            raise
        refusals.append(error)
        description = described_by_arn(arn)
    if arn.kind is ArnKind.EXPRESS_EXECUTION:
        raise NotSupportedError(
            "AWS keeps no history of an Express child execution",
            f"Fetch its Map Run, which lists inputs and outputs: sfdebug fetch {description.map_run_arn or 'ARN'}",
            where=arn.text,
        )
    machine = _machine_of(reader, arn.text, refusals) if with_definition else None
    events = tuple(read_history(reader, arn.text, begin("the history")))
    if refusals and not description.status:
        description = replace(description, status=status_after(events), input=input_in(events))
    return FetchedExecution(description, events, machine, tuple(refusals))


def _machine_of(reader: AwsReader, arn: str, refusals: list[AwsError]) -> MachineDescription | None:
    """The state machine that an execution ran; None when AWS does not give it, which is noted in `refusals`."""
    try:
        return describe_machine_for_execution(reader, arn)
    except (DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError) as error:
        refusals.append(error)
        return None


def _fetch_map_run(reader: AwsReader, arn: str, most: int, begin: Begin) -> FetchedMapRun:
    begin("the Map Run")
    map_run = describe_map_run(reader, arn)
    parent = describe_execution(reader, map_run.execution_arn)
    refusals: list[AwsError] = []
    machine = _machine_of(reader, map_run.execution_arn, refusals)
    listed = list_children(reader, arn, most, begin("the list of children"))
    progress = begin("children")
    children: list[FetchedExecution] = []
    for entry in listed:
        progress(len(children), len(listed))
        children.append(_fetch_child(reader, entry))
    # The parent's history is left out: it has two events about the Map Run, and can be long.
    return FetchedMapRun(map_run, FetchedExecution(parent, None, machine, tuple(refusals)), tuple(children))


def _fetch_child(reader: AwsReader, entry: ExecutionEntry) -> FetchedExecution:
    description = describe_execution(reader, entry.arn)
    has_history = read_arn(entry.arn).kind is ArnKind.EXECUTION
    return FetchedExecution(description, tuple(read_history(reader, entry.arn)) if has_history else None)
