"""A host as it was when another process ended: its resources, and its executions, made again from their decisions.

Those that ran go on: what they waited for is waited for again; what was being called is called once more; time has
passed meanwhile, as the clock on the wall says.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine import readiness
from sfdebug.errors import SfdebugError
from sfdebug.hosting.attempts import AwaitedKind, attempt_name
from sfdebug.hosting.changes import AliasChanged, MachineChanged, VersionDeleted, VersionPublished
from sfdebug.hosting.machine_table import arn_parts
from sfdebug.hosting.machines import compiled
from sfdebug.hosting.resuming import KeptCourse
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.executions import KeptExecution
from sfdebug.hosting.store.records import RecordWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfdebug.engine.program import Program
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.records import MachineRecord
    from sfdebug.hosting.resuming import KeptAttempt
    from sfdebug.hosting.store.reading import ExecutionColumns, ExecutionReader

_PROGRAMS: Final = 200
"""So many definitions stay compiled."""
_OTHERWISE: Final = "Use the version of sfdebug that it ran with."


class CalledAgain(Struct, frozen=True):
    """A Task that was being called when the other process ended."""

    execution_arn: str
    state: str


class NotTakenUp(Struct, frozen=True):
    """A machine, or an execution that ran, which cannot be gone on with: why."""

    arn: str
    why: str


class Reopened(Struct, frozen=True):
    """What became of a host that was kept. `without_case` are executions whose test case nobody has any more."""

    running: int
    called: tuple[CalledAgain, ...]
    not_taken_up: tuple[NotTakenUp, ...]
    without_case: tuple[str, ...]


class MadeExecution(Struct, frozen=True):
    """An execution that was made again, and what goes on writing it."""

    hosted: HostedExecution
    kept: KeptExecution
    attempts: tuple[KeptAttempt, ...]


class ExecutionMaker:
    """Makes what was kept again, in a host."""

    def __init__(self, host: ExecutionHost, reader: ExecutionReader) -> None:
        self._host = host
        self._reader = reader
        self._programs: OrderedDict[tuple[str, str, str], Program] = OrderedDict()
        self.open_attempts: set[str] = set()
        """The attempts that were open when the other process ended."""

    @property
    def now(self) -> float:
        """What the clock on the wall shows."""
        return self._host.clock.now()

    def reopen(
        self,
        resources: Iterable[ResourceChange],
        adopt: Callable[[MadeExecution], None],
        find: Callable[[str], HostedExecution | None],
    ) -> Reopened:
        """Have the host be as it was.

        Args:
            resources: What there is.
            adopt: Told of each execution that runs, before it goes on.
            find: Gives an execution, whether it runs or not.

        Raises:
            StoreError: For resources that cannot be read.
        """
        failed = [*self._take_up_resources(resources)]
        made: list[MadeExecution] = []
        for columns in self._reader.running():
            try:
                made.append(self.made(columns))
            except StoreError as error:
                failed.append(NotTakenUp(columns.facts.arn, error.what))
                continue
            adopt(made[-1])
            self._host.resume(made[-1].hosted)
        for one in made:
            execution, arn = one.hosted.execution, one.hosted.facts.arn
            self.open_attempts |= {attempt_name(arn, request) for request in readiness(execution).requests}
        called = tuple(
            CalledAgain(one.hosted.facts.arn, one.hosted.execution.branches[kept.branch].state_name)
            for one in made
            for kept in one.attempts
            if one.hosted.take_up_attempt(kept, find)
        )
        for one in sorted(made, key=_queued_since):
            if one.hosted.over.is_set():  # it ended, and that was not written any more
                self._host.ended(one.hosted)
            else:
                one.hosted.go_on()
        running = [one.hosted.facts for one in made if not one.hosted.over.is_set()]
        without = [one.arn for one in running if one.test_case and not self._host.starter.has_case(one)]
        return Reopened(len(running), called, tuple(failed), tuple(without))

    def _take_up_resources(self, resources: Iterable[ResourceChange]) -> Iterable[NotTakenUp]:
        gone: set[str] = set()
        for change in resources:
            program = None
            if isinstance(change, VersionPublished | VersionDeleted | AliasChanged):
                arn = change.arn if isinstance(change, VersionDeleted) else _resource_arn(change)
                if arn_parts(arn)[0] in gone:
                    continue
            if isinstance(change, MachineChanged | VersionPublished):
                try:
                    program = self._program(change.record)
                except SfdebugError as error:
                    gone.add(change.record.arn)
                    yield NotTakenUp(change.record.arn, error.what)
                    continue
            self._host.take_up(change, program)

    def made(self, columns: ExecutionColumns) -> MadeExecution:
        """An execution as it stands, made of its decisions. Raises StoreError."""
        facts, found = columns.facts, self._reader.decisions(columns.number)
        course = KeptCourse(
            found.records.decisions, found.records.attempts, found.clock, columns.since, columns.client_token
        )
        try:
            program, value = self._program(facts.machine), json.loads(facts.input_text)
            hosted = self._host.starter.resumed(facts, program, value, columns.settings)
            hosted.take_up(course)
        except Exception as error:  # the engine of this version does not follow what that of another did
            told = error.what if isinstance(error, SfdebugError) else f"{type(error).__name__}: {error}"
            raise StoreError(f"it cannot be run again: {told}", where=facts.arn, fix=_OTHERWISE) from error
        events = len(hosted.execution.events)
        if found.texts and events != found.events:
            what = f"it comes out otherwise than it ran: with {events:,} events, and not {found.events:,}"
            raise StoreError(what, where=facts.arn, fix=_OTHERWISE)
        kept = KeptExecution(columns.number, RecordWriter.behind(found.texts, found.checksum))
        return MadeExecution(hosted, kept, tuple(found.records.attempts.values()))

    def _program(self, record: MachineRecord) -> Program:
        key = record.definition, record.name, record.type
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = compiled(*key)
            if len(self._programs) > _PROGRAMS:
                self._programs.popitem(last=False)
        return program


def _queued_since(made: MadeExecution) -> float:
    """When its first task was queued that waits for a worker: they are given out in the order in which they were."""
    started = made.hosted.execution.settings.start_time
    return min((started + kept.asked for kept in made.attempts if kept.kind == AwaitedKind.WORKER.value), default=0)


def _resource_arn(change: VersionPublished | AliasChanged) -> str:
    return change.version.machine_arn if isinstance(change, VersionPublished) else change.alias.machine_arn
