"""What all executions of a host have in common: its clock and pace, who does the work, who takes tokens and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import TaskFailure
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.activities import ActivityRegistry
    from sfdebug.hosting.attempts import StartedExecution
    from sfdebug.hosting.clock import TimePace, WallClock
    from sfdebug.hosting.handlers import Called, SharedHandlers
    from sfdebug.hosting.records import StartFacts
    from sfdebug.hosting.scheduling import JobScheduler
    from sfdebug.hosting.tokens import TokenBook
    from sfdebug.tasks.start_calls import StartCall


class InsideCallAnswerer(Protocol):
    """Who answers calls of Step Functions itself that Tasks make."""

    def start_call(self, request: TaskRequest, started: int, line: int = 0) -> StartCall | TaskFailure | None:
        """The call of a Task that starts a state machine which is here; None where it does something else. Names that
        are made up are other ones for each `line` of the execution that calls."""

    def missing(self, request: TaskRequest) -> TaskFailure | None:
        """What a Task gets that starts a state machine which nobody has; None for what starts none, or one that is
        here."""

    def start_inside(
        self, call: StartCall, parent: StartFacts, started_by: str, at: int
    ) -> StartedExecution | TaskFailure:
        """Start what a Task starts; or why that is refused."""

    def started(self, arn: str) -> StartedExecution | None:
        """An execution that was started before; None where it is not in memory."""

    def is_asked(self, request: TaskRequest) -> bool:
        """Whether a Task calls Step Functions itself in a way that is known."""

    def asked(self, request: TaskRequest) -> Called:
        """What comes of such a call. It may take the lock of any execution."""


class HostingShared(Struct, frozen=True):
    """What all executions of a host have in common."""

    clock: WallClock
    pace: TimePace
    scheduler: JobScheduler
    tokens: TokenBook
    activities: ActivityRegistry
    handlers: SharedHandlers
    inside: InsideCallAnswerer
