"""Reading all that is to be kept of an execution or a Map Run: description, definition, history, children."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.arns import ArnKind, read_arn
from sfdebug.aws.concurrency import Progress
from sfdebug.aws.errors import (
    OF_ONE_THING,
    AwsError,
    DeniedError,
    InvalidArnError,
    NotSupportedError,
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
    from collections.abc import Callable, Sequence

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.executions import ExecutionDescription, HistoryEvent, MachineDescription
    from sfdebug.aws.listing import ExecutionEntry, MapRunDescription
    from sfdebug.aws.session import AwsReader


_BOTH_START: Final = 10_000
"""Milliseconds around an update in which executions of both definitions are started: AWS says "a few seconds"."""


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
            f"Fetch its executions: sfdebug fetch --machine {arn.text} --status FAILED",
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
    except OF_ONE_THING as error:
        refusals.append(error)
        return None


# Many of one state machine


class _Reign(Struct, frozen=True):
    """A definition, and between which starts every execution ran it: from its update on, up to one that ran it."""

    machine: MachineDescription
    since: int
    until: int


class Definitions:
    """The definitions that many executions of one state machine ran, asked for as seldom as possible: AWS takes one
    such request a second. May be asked from any thread.

    AWS says with each definition when the state machine was updated to it. So whatever started since, and before an
    execution that ran it, ran it too; but for a few seconds around an update, in which both are started. Source: API
    Reference, `DescribeStateMachineForExecution` (updateDate), `UpdateStateMachine`. A version never changes. That of
    the last that was started is asked for first: it says most of the others.
    """

    def __init__(self, reader: AwsReader, entries: Sequence[ExecutionEntry]) -> None:
        self._reader = reader
        started = [one for one in entries if one.started_at is not None and "stateMachineVersionArn" not in one.answer]
        self._last = max(started, key=lambda one: one.started_at or 0, default=None)
        self._of_last: tuple[str, MachineDescription] | None = None
        self._lock = Lock()
        self._versions: dict[str, MachineDescription] = {}
        self._reigns: list[_Reign] = []
        self._denied: DeniedError | None = None

    def of(self, arn: str, started_at: int | None, version_arn: str = "") -> MachineDescription:
        """The state machine as the execution ran it. Raises AwsError; a permission that lacks is asked for once."""
        with self._lock:
            last, self._last = self._last, None
            if last is not None:
                with suppress(*OF_ONE_THING):
                    self._of_last = last.arn, self._asked(last.arn, last.started_at, "")
            found = self._known(arn, started_at, version_arn)
            return found if found is not None else self._asked(arn, started_at, version_arn)

    def _known(self, arn: str, started_at: int | None, version_arn: str) -> MachineDescription | None:
        if version_arn:
            return self._versions.get(version_arn)
        if self._of_last is not None and self._of_last[0] == arn:
            return self._of_last[1]
        reigns = (one for one in self._reigns if started_at is not None and one.since <= started_at <= one.until)
        return next((one.machine for one in reigns), None)

    def _asked(self, arn: str, started_at: int | None, version_arn: str) -> MachineDescription:
        if self._denied is not None:
            raise self._denied
        try:
            machine = describe_machine_for_execution(self._reader, arn)
        except DeniedError as error:
            self._denied = error
            raise
        if version_arn:
            self._versions[version_arn] = machine
        elif machine.updated_at is not None and started_at is not None:
            self._reigns.append(_Reign(machine, machine.updated_at + _BOTH_START, started_at - _BOTH_START))
        return machine


def fetch_listed(reader: AwsReader, entry: ExecutionEntry, definitions: Definitions) -> FetchedExecution:
    """A Standard execution out of a list, with the definition that it ran.

    Where the credentials do not allow its description, what the list says of it takes its place. Raises AwsError.
    """
    refusals: list[AwsError] = []
    try:
        description = describe_execution(reader, entry.arn)
    except DeniedError as error:
        refusals.append(error)
        arn = read_arn(entry.arn)
        known = described_by_arn(arn)
        description = replace(
            known, answer={**known.answer, **entry.answer}, status=entry.status, started_at=entry.started_at
        )
    version = description.answer.get("stateMachineVersionArn")
    machine = None
    try:
        machine = definitions.of(entry.arn, description.started_at, version if isinstance(version, str) else "")
    except OF_ONE_THING as error:
        refusals.append(error)
    events = tuple(read_history(reader, entry.arn))
    if description.input is None:
        description = replace(description, input=input_in(events))
    return FetchedExecution(description, events, machine, tuple(refusals))


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
