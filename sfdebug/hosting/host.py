"""The host: executions are started, stopped, redriven, listed and told of; those that Tasks start are like others.

Source: AWS API, StartExecution, StartSyncExecution, StopExecution, RedriveExecution, ListExecutions.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.engine import Settings
from sfdebug.hosting.activities import ActivityRegistry
from sfdebug.hosting.aliases import AliasRegistry
from sfdebug.hosting.changes import ActivityCreated, MachineChanged, TagsChanged
from sfdebug.hosting.clock import VIRTUAL, SystemClock
from sfdebug.hosting.describing import record_of
from sfdebug.hosting.executions import ExecutionMemory, is_child_arn
from sfdebug.hosting.handlers import SharedHandlers, nobody_answers
from sfdebug.hosting.inside import InsideCallTable
from sfdebug.hosting.keeping import NothingKept
from sfdebug.hosting.machine_table import MachineTable
from sfdebug.hosting.machines import MachineRegistry
from sfdebug.hosting.map_run_registry import MapRunRegistry
from sfdebug.hosting.map_runs import child_record
from sfdebug.hosting.observing import Observers
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.scheduling import ThreadScheduler
from sfdebug.hosting.shared import HostingShared
from sfdebug.hosting.starting import ExecutionStarter
from sfdebug.hosting.tags import TagBook
from sfdebug.hosting.tokens import TokenBook
from sfdebug.hosting.versions import VersionRegistry
from sfdebug.limits import ExecutionType
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.engine.program import Program
    from sfdebug.hosting.attempts import HostedAttempt
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.clock import TimePace, WallClock
    from sfdebug.hosting.holding import ExecutionHolder
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.keeping import HostKeeping
    from sfdebug.hosting.left_behind import WentOn
    from sfdebug.hosting.observing import HostObserver
    from sfdebug.hosting.records import ExecutionRecord, MachineRecord
    from sfdebug.hosting.scheduling import JobScheduler
    from sfdebug.tasks.callbacks import Callbacks
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.mock_config import MockConfig

KEPT: Final = 1_000
"""So many executions that are over stay in memory."""


class ExecutionHost:
    """Hosts state machines, and many executions of them at once."""

    on_forgotten: Callable[[], None] | None = None
    """Called once, when the first execution leaves memory."""

    def __init__(
        self,
        tasks: TaskHandler | None = None,
        mocks: MockConfig | None = None,
        pace: TimePace = VIRTUAL,
        *,
        region: str = "us-east-1",
        account: str = "123456789012",
        keep: int = KEPT,
        callbacks: Callbacks | None = None,
        unanswered: Callable[[TaskRequest], str] = nobody_answers,
        settings: Settings | None = None,
        scheduler: JobScheduler | None = None,
        clock: WallClock | None = None,
        observers: Sequence[HostObserver] = (),
        keeping: HostKeeping | None = None,
        holder: ExecutionHolder | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            tasks: What answers Tasks, after the test case of an execution.
            mocks: The test cases that executions may be started with.
            pace: How long a second of an execution takes.
            region: That of all ARNs, as `account` is.
            keep: How many executions that are over stay in memory.
            callbacks: What takes the answers that handlers send for task tokens: they reach hosted executions, too.
            unanswered: What is said of a question that nobody answers.
            settings: What executions are run under, but for their names, types, roles, places and starts.
            scheduler: Who does the work; threads by default.
            clock: What tells the time; by default the machine's.
            observers: Who is told what happens.
            keeping: Who keeps what happens beyond memory; by default nobody.
            holder: Who says where executions are held; another one may take its place at any time.
        """
        self.region, self.account, self.clock = region, account, clock or SystemClock()
        self._observers, self.keeping, self.holder = Observers(observers), keeping or NothingKept(), holder
        tell, place = self._changed, f"arn:aws:states:{region}:{account}"
        self._memory = ExecutionMemory(keep, self.keeping)
        machines = self._machines = MachineTable(self.clock, tell)
        self.tags = TagBook(tell)
        self.tokens = TokenBook(self.keeping, self._memory.catch_up)
        self.machines = MachineRegistry(machines, place, self.tags, Random(), self._memory.has_running)
        self.versions, self.aliases = VersionRegistry(machines), AliasRegistry(machines)
        self.activities = ActivityRegistry(self.clock, place, self.tags, tell)
        self.map_runs = MapRunRegistry(self._memory)
        self._handlers = SharedHandlers(tasks, callbacks, self.tokens, unanswered)
        self._scheduler = scheduler or ThreadScheduler(self.clock)
        settings = replace(settings or Settings(), region=region, account=account)
        self.starter = self._made_starter(pace, settings, mocks)

    def _made_starter(self, pace: TimePace, settings: Settings, mocks: MockConfig | None) -> ExecutionStarter:
        work = self._scheduler, self.tokens, self.activities, self._handlers, InsideCallTable(self)
        shared = HostingShared(self.clock, pace, *work)
        return ExecutionStarter(shared, self, self.machines, self._memory, settings, mocks)

    # the life of the host

    def __enter__(self) -> ExecutionHost:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop all executions, and end all that was started for them. Nothing can be started any more."""
        if self._memory.is_closed:
            return
        executions = self._memory.close()
        self.activities.close()
        for hosted in executions:
            hosted.stop()
        self._scheduler.close(self._handlers.close)

    # what was kept, before anything else is done

    def take_up(self, change: ResourceChange, program: Program | None) -> None:
        """Have a resource be there that was kept; `program` is the definition in the change, compiled."""
        if isinstance(change, TagsChanged):
            self.tags.take_up(change.arn, change.tags)
        elif isinstance(change, ActivityCreated):
            self.tags.take_up(change.record.arn, {})
            self.activities.take_up(change.record)
        else:
            if isinstance(change, MachineChanged):
                self.tags.take_up(change.record.arn, {})
            self._machines.take_up(change, program)

    def resume(self, hosted: HostedExecution) -> None:
        """Have an execution be there that was kept, and runs."""
        self._memory.resume(hosted)
        self._observers.resumed(hosted)

    # who looks on

    @property
    def observers(self) -> list[HostObserver]:
        """Who is told what happens, from now on; the list is changed in place."""
        return self._observers.list

    @property
    def changes(self) -> int:
        """Another number after each thing that happened."""
        return self._observers.changes

    def hosted_executions(self) -> list[HostedExecution]:
        """Every execution that is in memory, Express ones too, the one that was started last first."""
        return self._memory.all()[::-1]

    def _changed(self, change: ResourceChange) -> None:
        self.keeping.changed(change)
        self._observers.changed(change)

    def began(self, hosted: HostedExecution) -> None:
        """An execution is there."""
        self._observers.began(hosted)

    def stepping(self, hosted: HostedExecution, decision: Decision, after: Execution) -> None:
        """A step leads there; told under the lock of the execution."""
        self.keeping.stepping(hosted, decision, after)

    def awaiting(self, hosted: HostedExecution, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before; told under the lock of the execution."""
        self.keeping.awaiting(hosted, attempt)

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        """A step was made; told under the lock of the execution."""
        self._observers.decided(hosted, decision)

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over: of those that are, the oldest leave memory."""
        self.keeping.ended(hosted)
        self._observers.ended(hosted)
        forgotten = self._memory.ended(hosted)
        for gone in forgotten:
            self._observers.forgotten(gone)
        if forgotten and self.on_forgotten is not None:
            tell, self.on_forgotten = self.on_forgotten, None
            tell()
        self.machines.ended(hosted.facts.machine.arn)

    def redriving(self, hosted: HostedExecution) -> None:
        """An execution is about to go on again; told under its lock. Raises HostRefusalError."""
        self._memory.redriving(hosted)

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on again."""
        self.keeping.redriven(hosted)
        self._observers.redriven(hosted)

    def held(self, hosted: HostedExecution) -> None:
        """An execution is held, or no longer; told under its lock."""
        self._observers.held(hosted)

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        """An execution goes on from another line; told under its lock."""
        self.keeping.went_on(hosted, went.decisions)
        self._observers.went_on(hosted, went)

    # starting

    def start_execution(
        self, machine_arn: str, input: str = "{}", name: str | None = None, trace_header: str | None = None
    ) -> ExecutionRecord:
        """Start an execution of a machine, a version or an alias, perhaps with `#` and a test case behind it.

        Raises HostRefusalError (MACHINE_UNKNOWN, MACHINE_DELETING, EXECUTION_EXISTS, CASE_UNKNOWN, INPUT_INVALID,
        CLOSED).
        """
        return record_of(self.starter.start(machine_arn, input, name, trace_header, is_sync=False))

    def start_sync_execution(
        self,
        machine_arn: str,
        input: str = "{}",
        name: str | None = None,
        trace_header: str | None = None,
        *,
        wait: float | None = 0.0,
    ) -> ExecutionRecord:
        """Start an execution of an Express machine, and wait so many seconds for its end; None for as long as it takes.

        Raises as `start_execution`, and TYPE_NOT_SUPPORTED.
        """
        hosted = self.starter.start(machine_arn, input, name, trace_header, is_sync=True)
        hosted.over.wait(wait)
        return record_of(hosted)

    def desert(self, arn: str) -> None:
        """The client has gone that waited for the end of an execution, which runs on, as on AWS. Raises
        HostRefusalError (EXECUTION_UNKNOWN)."""
        hosted = self._memory.get(arn)
        hosted.is_deserted = True
        self._observers.deserted(hosted)

    # what was started

    def hosted(self, arn: str) -> HostedExecution:
        """An execution itself, for who looks into it. Raises HostRefusalError (EXECUTION_UNKNOWN)."""
        return self._memory.get(arn)

    def execution(self, arn: str) -> ExecutionRecord:
        """How an execution stands, or a child execution of a Map Run. Raises HostRefusalError (EXECUTION_UNKNOWN)."""
        if not is_child_arn(arn):
            kept = self.keeping.record(arn) if self._memory.in_memory(arn) is None else None
            return kept or record_of(self._memory.get(arn))
        hosted, child = self._memory.with_child(arn)
        return child_record(child, hosted.map_run_works.get(child.map_run_arn))

    def history(self, arn: str) -> Sequence[Event]:
        """The events of an execution, or of a child execution, so far. Raises HostRefusalError (EXECUTION_UNKNOWN)."""
        if is_child_arn(arn):
            return self._memory.with_child(arn)[1].events
        return self._memory.get(arn).execution.events

    def input_text(self, arn: str) -> str:
        """The input of an execution as it was written, or of a child execution. Raises HostRefusalError
        (EXECUTION_UNKNOWN)."""
        if is_child_arn(arn):
            return compact(self._memory.with_child(arn)[1].identity.input)
        return self._memory.get(arn).facts.input_text

    def machine_of(self, arn: str) -> MachineRecord:
        """The machine of an execution, as it was when that started. Raises HostRefusalError (EXECUTION_UNKNOWN)."""
        if not is_child_arn(arn):
            return self._memory.get(arn).facts.machine
        hosted, child = self._memory.with_child(arn)
        label = child.identity.state_machine_name.partition("/")[2]
        return replace(hosted.facts.machine, label=label, map_run_arn=child.map_run_arn)

    def executions(
        self, machine_arn: str | None = None, *, status: str | None = None, redriven: bool | None = None
    ) -> Sequence[ExecutionRecord]:
        """Executions of a machine, a version or an alias, the newest first: by when they ended; while they run, by when
        they started or were redriven. Their outputs are left out, and where they are kept their inputs.

        Raises HostRefusalError (MACHINE_UNKNOWN, TYPE_NOT_SUPPORTED).
        """
        of = self._listed_machine(machine_arn) if machine_arn is not None else None
        qualified = machine_arn if machine_arn != of else None
        kept = self.keeping.listed(of, qualified, status, redriven)
        if kept is not None:
            return kept
        found = sorted(self._memory.all(), key=lambda one: one.since, reverse=True)
        seen = ((one, one.execution) for one in found)  # each at one moment, whatever becomes of it meanwhile
        return [
            record_of(one, execution, is_listed=True)
            for one, execution in seen
            if of in (None, one.facts.machine.arn)
            and qualified in (None, one.facts.alias_arn, one.facts.machine.version_arn)
            and status in (None, execution.status)
            and redriven in (None, execution.redrive_count > 0)
        ]

    def _listed_machine(self, machine_arn: str) -> str:
        """The ARN of the machine itself."""
        record = self.machines.get(machine_arn)
        if record.type == ExecutionType.EXPRESS:
            raise HostRefusalError(RefusalReason.TYPE_NOT_SUPPORTED, machine_arn)
        return record.arn

    def wait_until_ended(self, arn: str, seconds: float | None = None) -> ExecutionRecord | None:
        """How an execution has ended; None where it has not in that time, or the host was closed. Raises
        HostRefusalError (EXECUTION_UNKNOWN)."""
        hosted = self._memory.get(arn)
        return record_of(hosted) if hosted.over.wait(seconds) and not self._memory.is_closed else None

    def stop_execution(self, arn: str, error: str | None = None, cause: str | None = None) -> ExecutionRecord:
        """End an execution now; one that is over stays as it ended.

        Raises HostRefusalError (EXECUTION_UNKNOWN; CHILD_STOPS_WITH_PARENT, whose details are the ARN of the parent).
        """
        if is_child_arn(arn):
            record = self.execution(arn)
            if record.is_over:
                return record
            parent = self._memory.with_child(arn)[0].facts.arn
            raise HostRefusalError(RefusalReason.CHILD_STOPS_WITH_PARENT, arn, parent)
        hosted = self._memory.get(arn)
        hosted.stop(error, cause)
        return record_of(hosted)

    def redrive_execution(self, arn: str, client_token: str | None = None) -> ExecutionRecord:
        """Have an execution go on from where it failed; the same `client_token` once more does nothing.

        Raises HostRefusalError (EXECUTION_UNKNOWN, NOT_REDRIVABLE, CLOSED).
        """
        if is_child_arn(arn):
            parent = self._memory.with_child(arn)[0].facts.arn
            raise HostRefusalError(RefusalReason.NOT_REDRIVABLE, arn, f"It is redriven with its Map Run, by {parent}")
        hosted = self._memory.get(arn)
        hosted.redrive(client_token)
        return record_of(hosted)
