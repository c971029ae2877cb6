"""The executions that Tasks start and that are stepped into: each has a debugger of its own, the same one whenever the
same attempt is entered again. Where one has breakpoints, the next one of its machine stops at them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, refused
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import AnswerTask
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.errors import UsageError
from sfdebug.tasks.answerers import AnswererKind
from sfdebug.tasks.nesting import NestedStart, nested_start
from sfdebug.tasks.real_time import PacingHandler

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.debugger.stepping.answering import Answering
    from sfdebug.debugger.stepping.travel import Interrupt
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.call_log import AttemptKey
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Json


class NestingDebugger(Protocol):
    """What is needed of a debugger, outside and inside."""

    timeline: Timeline
    breakpoints: Breakpoints
    answering: Answering

    def __init__(
        self, definition: StateMachine, input: Json, *, tasks: TaskHandler | None, settings: Settings | None
    ) -> None:
        """Start an execution."""

    @property
    def nested(self) -> NestedRuns[Any]:
        """What was stepped into in it."""

    @property
    def tasks(self) -> TaskHandler | None:
        """What answers Tasks."""

    @property
    def execution(self) -> Execution:
        """The execution where it stands."""

    def run(self, interrupt: Interrupt | None = None) -> Stop:
        """On to what stops it; `interrupt` is asked between steps whether to stop."""

    def step_into(self) -> Stop:
        """One stage on."""

    def answer_task(self, answer: Answer) -> Stop:
        """Answer the Task that waits."""


D = TypeVar("D", bound=NestingDebugger)


class StoppedInsideError(Exception):
    """A Task that is not answered yet: the execution that it started has stopped."""

    def __init__(self, stop: Stop, request: TaskRequest) -> None:
        super().__init__(stop.text)
        self.stop = stop
        self.request = request


class _NestedRun(Struct, Generic[D], frozen=True):
    start: NestedStart
    debugger: D


class NestedRuns(Generic[D]):
    """What the Tasks of one session have started and somebody has stepped into."""

    def __init__(self, outside: D) -> None:
        self._outside = outside
        self._runs: dict[AttemptKey, _NestedRun[D]] = {}
        self._breakpoints: dict[str, Breakpoints] = {}
        """By the name of a machine those of the execution of it that was entered last."""
        self._interrupts = 0

    @property
    def at_hand(self) -> str:
        """The state machine that the Task at the cursor starts, if it can be stepped into; "" where not."""
        request = position_at(self._outside.timeline.cursor).request
        start = self._start(request) if request is not None else None
        return start.name if start is not None else ""

    def enter(self) -> D:
        """The execution that the Task at the cursor starts, as a debugger of its own: the same one each time.

        Its Tasks are answered as those outside. Breakpoints in it hold for the following executions of that machine
        too: a verb outside that comes to one stops with `inside`. Raises UsageError where no Task at hand starts a
        machine whose definition is known.
        """
        request = position_at(self._outside.timeline.cursor).request
        run = self._entered(request) if request is not None else None
        if run is None:
            fix = "StateMachines({NAME: definition}) as `tasks` knows what NAME is."
            raise UsageError("no Task here starts a state machine that is known", fix=fix)
        return run.debugger

    def leave(self, inner: D) -> Stop:
        """Answer the Task at the cursor with what came of the execution that it started, which is over."""
        request = position_at(self._outside.timeline.cursor).request
        run = self._runs.get(_key(request)) if request is not None else None
        if request is None or run is None or run.debugger is not inner:
            return refused("the Task that started this execution is not at hand any more")
        if not _is_over(inner):
            return refused(f"{run.start.name} is not over: {named(request.state.name)} has no answer yet")
        answer, following = run.start.answer(inner.execution), self._outside.timeline.next
        if isinstance(self._outside.tasks, PacingHandler):  # what it took was waited for inside
            self._outside.tasks.took(inner.execution.clock / 1000)
        if following is not None and following.decision == AnswerTask(request.branch, answer):
            return self._outside.step_into()
        return self._outside.answer_task(answer)

    def interrupt(self) -> None:
        """Have what was stepped into, and is run on from outside, stop where it is; from another thread."""
        self._interrupts += 1
        for run in tuple(self._runs.values()):
            run.debugger.nested.interrupt()

    def answer(self, request: TaskRequest) -> Answer | None:
        """What a Task gets of an execution that was stepped into, or has breakpoints: it goes on from where it stands.
        None for any other.

        Raises StoppedInsideError when it stops before its end.
        """
        if not self._runs and not self._breakpoints:
            return None
        if _key(request) not in self._runs:
            start = self._start(request)
            points = self._breakpoints.get(start.name) if start is not None else None
            if points is None or not any(point.is_on for point in points.all):
                return None
        run = self._entered(request)
        if run is None:
            return None
        interrupted_before = self._interrupts
        if not _is_over(run.debugger):
            stop = run.debugger.run(lambda: self._interrupts != interrupted_before)
            if not _is_over(run.debugger):
                text = stop.text if stop.is_refused else f"in {run.start.name}: {stop.text}"
                raise StoppedInsideError(replace(stop, text=text, inside=run.start.name, forked=None), request)
        return run.start.answer(run.debugger.execution)

    def is_open(self, request: TaskRequest) -> bool:
        """Whether the execution that a Task started was stepped into and is not over: the answer is still open."""
        run = self._runs.get(_key(request)) if self._runs else None
        return run is not None and not _is_over(run.debugger)

    def known_answer(self, request: TaskRequest) -> Answer | None:
        """What a Task gets of an execution that was stepped into and is over; None for any other. Nothing goes on."""
        run = self._runs.get(_key(request)) if self._runs else None
        return run.start.answer(run.debugger.execution) if run is not None and _is_over(run.debugger) else None

    def _start(self, request: TaskRequest) -> NestedStart | None:
        """What a Task starts, unless somebody else was chosen to answer it."""
        chosen = self._outside.answering.choice_for(request)
        return nested_start(self._outside.tasks, request) if chosen in (None, AnswererKind.MACHINE) else None

    def _entered(self, request: TaskRequest) -> _NestedRun[D] | None:
        key = _key(request)
        if key not in self._runs:
            start = self._start(request)
            if start is None:
                return None
            make, outer = type(self._outside), self._outside.tasks
            tasks = outer.around(start.tasks) if isinstance(outer, PacingHandler) else start.tasks
            debugger = make(start.machine, start.input, tasks=tasks, settings=start.settings)
            before = self._breakpoints.get(start.name)
            for point in before.all if before is not None else ():
                debugger.breakpoints.add(point)
            self._runs[key] = _NestedRun(start, debugger)
        run = self._runs[key]
        self._breakpoints[run.start.name] = run.debugger.breakpoints
        return run


def _is_over(debugger: NestingDebugger) -> bool:
    return debugger.execution.status is not ExecutionStatus.RUNNING


def _key(request: TaskRequest) -> AttemptKey:
    from sfdebug.tasks.call_log import attempt_key  # here: it loads OpenSSL, which most sessions do without

    return attempt_key(request)
