"""Who keeps what a host does beyond memory, and gives it back: a store, or nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.attempts import HostedAttempt
    from sfdebug.hosting.changes import ResourceChange
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.records import EarlierExecution, ExecutionRecord
    from sfdebug.hosting.refusals import RefusalReason


class HostKeeping(Protocol):
    """Keeps things, in the order in which it is told of them, and holds nobody up.

    It is told before anybody else can see what it is told of. So who has seen something, and then calls `commit`, knows
    that it is kept.
    """

    def check(self) -> None:
        """See that something can be kept. Raises HostRefusalError (NOT_KEPT)."""

    def commit(self) -> None:
        """Wait until all that was told before is kept. Raises HostRefusalError (NOT_KEPT)."""

    # what it is told

    def began(self, hosted: HostedExecution) -> None:
        """An execution is about to begin. Raises HostRefusalError (NOT_KEPT): then it does not."""

    def stepping(self, hosted: HostedExecution, decision: Decision, after: Execution) -> None:
        """A step leads there. Told under the lock of the execution."""

    def went_on(self, hosted: HostedExecution, kept: int) -> None:
        """An execution goes on from another line: of the decisions before, so many are those of `execution` now, and
        those behind them in it have taken the place of the others. Told under the lock of the execution."""

    def awaiting(self, hosted: HostedExecution, attempt: HostedAttempt) -> None:
        """An attempt waits, or waits otherwise than before. Told under the lock of the execution."""

    def ended(self, hosted: HostedExecution) -> None:
        """An execution is over."""

    def redriven(self, hosted: HostedExecution) -> None:
        """An execution goes on again."""

    def changed(self, change: ResourceChange) -> None:
        """A resource has changed. Told under the lock of these."""

    # what it gives back: of what is not in memory

    def has(self, arn: str) -> bool:
        """Whether an execution is kept."""

    def get(self, arn: str) -> HostedExecution | None:
        """An execution that is over; None where there is none. Raises HostRefusalError (UNREADABLE)."""

    def owner(self, arn: str) -> HostedExecution | None:
        """The execution that has a Map Run or a child execution. Raises as `get`."""

    def started_by(self, attempt: str) -> HostedExecution | None:
        """What an attempt has started that was open when another process ended. Raises as `get`."""

    def record(self, arn: str) -> ExecutionRecord | None:
        """How an execution ended."""

    def listed(
        self, machine_arn: str | None, qualified: str | None, status: str | None, redriven: bool | None
    ) -> Sequence[ExecutionRecord] | None:
        """The executions of a machine, or of all, whether they are in memory or not, the newest first; `qualified` is a
        version or an alias of it. None where those in memory are all there are."""

    def earlier(self, before: int | None, count: int) -> Sequence[EarlierExecution]:
        """Executions that are over, whether they are in memory or not: so many of those with a number below `before`,
        the newest first. Raises HostRefusalError (NOT_KEPT, UNREADABLE)."""

    def count_earlier(self) -> int:
        """How many there are of them. Raises as `earlier`."""

    def token_ended(self, token: str, reason: RefusalReason) -> None:
        """Nobody waits for a token any more."""

    def why_token_ended(self, token: str) -> RefusalReason | None:
        """Why nobody waits for a token any more; None for one that is not known. Raises HostRefusalError
        (UNREADABLE)."""


class NothingKept:
    """Keeps nothing: what leaves memory is gone, and all else with the process."""

    def check(self) -> None:
        """Nothing stands in the way."""

    def commit(self) -> None:
        """Nothing is waited for."""

    def began(self, hosted: HostedExecution) -> None:
        """It is in memory."""

    def stepping(self, hosted: HostedExecution, decision: Decision, after: Execution) -> None:
        """It is in memory."""

    def went_on(self, hosted: HostedExecution, kept: int) -> None:
        """It is in memory."""

    def awaiting(self, hosted: HostedExecution, attempt: HostedAttempt) -> None:
        """It is in memory."""

    def ended(self, hosted: HostedExecution) -> None:
        """It is in memory, as long as there is room."""

    def redriven(self, hosted: HostedExecution) -> None:
        """It is in memory."""

    def changed(self, change: ResourceChange) -> None:
        """It is in memory."""

    def has(self, arn: str) -> bool:
        """No."""
        return False

    def get(self, arn: str) -> HostedExecution | None:
        """Nothing."""
        return None

    def owner(self, arn: str) -> HostedExecution | None:
        """Nothing."""
        return None

    def started_by(self, attempt: str) -> HostedExecution | None:
        """Nothing."""
        return None

    def record(self, arn: str) -> ExecutionRecord | None:
        """Nothing."""
        return None

    def listed(
        self, machine_arn: str | None, qualified: str | None, status: str | None, redriven: bool | None
    ) -> Sequence[ExecutionRecord] | None:
        """Nothing beyond memory."""
        return None

    def earlier(self, before: int | None, count: int) -> Sequence[EarlierExecution]:
        """None."""
        return ()

    def count_earlier(self) -> int:
        """None."""
        return 0

    def token_ended(self, token: str, reason: RefusalReason) -> None:
        """It is in memory, as long as there is room."""

    def why_token_ended(self, token: str) -> RefusalReason | None:
        """Nobody knows."""
        return None
