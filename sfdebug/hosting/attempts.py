"""Attempts that wait for an answer: what each waits for, until when, and what may reach it from elsewhere."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sfdebug.engine.execution.decisions import Dataset, Submission, TaskFailure, TaskSilence
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT
from sfdebug.engine.resources import IntegrationPattern, parse_resource
from sfdebug.values import compact

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId, TaskResult
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.records import StartFacts


NEVER: Final = float("inf")


class AwaitedKind(Enum):
    """What an attempt waits for."""

    CALL = "call"
    """What answers Tasks has been asked, on another thread."""
    TOKEN = "token"
    """Somebody outside, who has its token."""
    WORKER = "worker"
    """A worker of its activity, who is to take it."""
    CHILD = "child"
    """The execution that it has started."""


class AttemptKeeper(Protocol):
    """The execution of an attempt."""

    def take_answer(self, attempt: HostedAttempt, answer: TaskResult | TaskFailure) -> bool:
        """Whether the attempt still waited for what was sent for its token."""

    def take_heartbeat(self, attempt: HostedAttempt) -> bool:
        """Whether the attempt still waited."""

    def take_worker(self, attempt: HostedAttempt, worker_name: str | None) -> bool:
        """Whether the attempt still waited for a worker."""


class StartedExecution(Protocol):
    """An execution that a Task has started, and whose end it may wait for."""

    facts: StartFacts
    execution: Execution
    is_left_waiting: bool
    over: threading.Event
    on_end: list[Callable[[], None]]
    on_pause: list[Callable[[], None]]
    on_left_waiting: list[Callable[[], None]]

    @property
    def is_paused(self) -> bool:
        """Whether its time stands still."""

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End it now."""


class HostedAttempt:
    """One question that was put, and is not answered yet. Its execution changes it, under its lock.

    `asked` is when it was put, on the clock of its execution, `began` from when on its limits count, None while they
    do not.
    """

    __slots__ = (
        "activity",
        "asked",
        "began",
        "child",
        "early",
        "heard",
        "keeper",
        "kind",
        "request",
        "submission",
        "token",
    )

    def __init__(self, keeper: AttemptKeeper, request: TaskRequest, asked: int, began: int | None) -> None:
        self.keeper = keeper
        self.request = request
        self.kind = AwaitedKind.CALL
        self.asked = asked
        self.began = began
        self.heard = began
        self.token = ""
        self.activity = ""
        self.child: StartedExecution | None = None
        self.submission: Submission | None = None
        """How it began; None while it has not."""
        self.early: TaskResult | TaskFailure | None = None
        """What was sent for the token before the call that gave it away was over."""

    @property
    def holds_time(self) -> bool:
        """Whether virtual time stands still meanwhile: what is waited for takes its own."""
        if self.kind is AwaitedKind.CHILD:
            return self.child is None or not self.child.is_left_waiting
        return self.kind is AwaitedKind.CALL

    @property
    def due(self) -> tuple[int, str] | None:
        """When its time is over, on the clock of its execution, and the error of that; None where it never is."""
        request = self.request
        if self.began is None or self.heard is None:
            return None
        found: tuple[int, str] | None = None
        if request.timeout_seconds is not None:
            found = self.began + request.timeout_seconds * 1000, TIMEOUT
        if request.heartbeat_seconds is not None and self.kind is AwaitedKind.TOKEN:
            missed = self.heard + request.heartbeat_seconds * 1000
            if found is None or missed < found[0]:
                found = missed, HEARTBEAT_TIMEOUT
        return found

    def timed(self, answer: Answer, passed_until: int) -> Answer:
        """An answer with the time that is still to pass until it counts, of what has passed until that moment; one that
        comes too late has timed out."""
        if isinstance(answer, TaskSilence) or answer.after_seconds <= 0:
            return answer
        limit = self.request.timeout_seconds
        if limit is not None and answer.after_seconds > limit and not isinstance(answer, Dataset):
            answer = TaskFailure(TIMEOUT, None, limit, answer.provenance, answer.submission)
        passed = passed_until - self.asked
        return replace(answer, after_seconds=max(0.0, answer.after_seconds - passed / 1000)) if passed > 0 else answer

    # what reaches it by its token

    def take_answer(self, answer: TaskResult | TaskFailure) -> bool:
        """Whether it still waited, and has the answer now."""
        return self.keeper.take_answer(self, answer)

    def take_heartbeat(self) -> bool:
        """Whether it still waited, and its heartbeat counts from now."""
        return self.keeper.take_heartbeat(self)

    def take_worker(self, worker_name: str | None) -> bool:
        """Whether it still waited: a worker has it now."""
        return self.keeper.take_worker(self, worker_name)


class OpenAttempts:
    """The attempts of one execution that wait for an answer, by their branches."""

    def __init__(self) -> None:
        self._open: dict[BranchId, HostedAttempt] = {}
        self._limited: dict[BranchId, HostedAttempt] = {}
        """Those that have a timeout or a heartbeat."""

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, branch: BranchId) -> bool:
        return branch in self._open

    def __iter__(self) -> Iterator[HostedAttempt]:
        """All of them, whatever becomes of them meanwhile."""
        return iter(list(self._open.values()))

    def add(self, attempt: HostedAttempt) -> None:
        """An attempt waits from now on."""
        request = attempt.request
        self._open[request.branch] = attempt
        if request.timeout_seconds is not None or request.heartbeat_seconds is not None:
            self._limited[request.branch] = attempt

    def remove(self, attempt: HostedAttempt) -> None:
        """An attempt does not wait any more."""
        self._open.pop(attempt.request.branch, None)
        self._limited.pop(attempt.request.branch, None)

    def has(self, attempt: HostedAttempt) -> bool:
        """Whether an attempt still waits."""
        return self._open.get(attempt.request.branch) is attempt

    def is_asked(self, request: TaskRequest) -> bool:
        """Whether a question was put."""
        attempt = self._open.get(request.branch)
        return attempt is not None and attempt.request is request

    def at(self, branch: BranchId) -> HostedAttempt:
        """The attempt of a branch that has one."""
        return self._open[branch]

    @property
    def holds_time(self) -> bool:
        """Whether virtual time stands still."""
        return any(attempt.holds_time for attempt in self._open.values())

    @property
    def is_paused(self) -> bool:
        """Whether an execution is waited for the time of which stands still."""
        return any(attempt.child is not None and attempt.child.is_paused for attempt in self._open.values())

    @property
    def is_calling(self) -> bool:
        """Whether something is really called."""
        return any(attempt.kind is AwaitedKind.CALL for attempt in self._open.values())

    def first_due(self) -> tuple[float, HostedAttempt | None, str]:
        """The one whose time is over first, when that is, and the error of it."""
        first: tuple[float, HostedAttempt | None, str] = NEVER, None, TIMEOUT
        for attempt in self._limited.values():
            due = attempt.due
            if due is not None and due[0] < first[0]:
                first = due[0], attempt, due[1]
        return first

    def aborted(self, execution: Execution, fewer: int) -> list[HostedAttempt]:
        """Those whose branches do not ask any more after a step, with which so many branches are gone: if it is one,
        the one that moved."""
        if fewer < 1 or not self._open:
            return []
        moved = self._open.get(execution.moved)
        found = list(self._open.values()) if fewer > 1 else [moved] if moved is not None else []
        return [attempt for attempt in found if not _asks(execution, attempt)]


def _asks(execution: Execution, attempt: HostedAttempt) -> bool:
    branch = execution.branches.get(attempt.request.branch)
    return branch is not None and branch.request is attempt.request


def attempt_name(execution_arn: str, request: TaskRequest) -> str:
    """What tells an attempt from all others."""
    return f"{execution_arn}{request.branch}{request.scheduled_event_id}.{request.attempt}"


def waits_for_its_token(request: TaskRequest) -> bool:
    """Whether a Task waits for its token. Recorded: so does a `.sync` one that has it in its input."""
    if request.task_token is None:
        return False
    pattern = parse_resource(request.resource).pattern
    return pattern is IntegrationPattern.CALLBACK or request.task_token in compact(request.input)
