"""Where a list is read from: an AWS account and region, a folder of recordings, or the recordings of one file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct

from sfdebug.aws.session import Access, AwsReader
from sfdebug.executions.account import AccountSource
from sfdebug.executions.kept import KeptExecutions
from sfdebug.tui.browser.loading import Ready, opened_ready, recorded_ready

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.concurrency import Cancellation
    from sfdebug.aws.fetching import Begin
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.tasks.handler import TaskHandler

Waits: TypeAlias = "Callable[[float, bool], None]"
"""Called for each wait before AWS is asked again: the seconds, and whether it is because of throttling."""


class SourcePlace(Protocol):
    """A place that can be opened again and again, with new credentials perhaps."""

    @property
    def title(self) -> str:
        """What to call it."""

    @property
    def is_account(self) -> bool:
        """Whether it is an AWS account: what is asked is bounded, and there can be news."""

    def source(self, cancellation: Cancellation, waits: Waits) -> ExecutionSource:
        """What is there. `cancellation` ends its reading."""

    def beside(self, source: ExecutionSource, cancellation: Cancellation) -> ExecutionSource:
        """The same as `source`, for one piece of work that `cancellation` ends."""

    def ready(self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin) -> Ready:
        """One of its executions, made ready for the debug screen. Raises SfdebugError."""


class AccountPlace(Struct, frozen=True):
    """An AWS account and region."""

    access: Access

    @property
    def title(self) -> str:
        """`eu-west-1, profile production`."""
        access = self.access
        profile = f"profile {access.profile}" if access.profile else ""
        parts = (access.region or "the region of your AWS configuration", profile, access.endpoint_url or "")
        return ", ".join(part for part in parts if part)

    @property
    def is_account(self) -> bool:
        """It is."""
        return True

    def source(self, cancellation: Cancellation, waits: Waits) -> AccountSource:
        """A reader of its own, which looks for credentials anew; what was read before is not asked for again."""
        reader = AwsReader(self.access, cancellation=cancellation, on_wait=waits)
        return AccountSource(reader, KeptExecutions(reader=reader))

    def beside(self, source: ExecutionSource, cancellation: Cancellation) -> AccountSource:
        """With the same connections."""
        assert isinstance(source, AccountSource)
        return source.ended_by(cancellation)

    def ready(self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin) -> Ready:
        """Read from AWS, unless it was before; followed while it runs."""
        assert isinstance(source, AccountSource)
        return opened_ready(source.reader, source.opened(outcome, begin))


class KeptPlace(Struct, frozen=True):
    """Recordings that are on this machine. `machine` takes the place of the definition that they ran; `tasks` answer
    after a recording was left."""

    title: str
    kept: ExecutionSource
    machine: StateMachine | None = None
    tasks: TaskHandler | None = None

    @property
    def is_account(self) -> bool:
        """Nobody outside is asked."""
        return False

    def source(self, cancellation: Cancellation, waits: Waits) -> ExecutionSource:
        """What is there."""
        return self.kept

    def beside(self, source: ExecutionSource, cancellation: Cancellation) -> ExecutionSource:
        """What is there: reading a file is over soon."""
        return source

    def ready(self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin) -> Ready:
        """Read from its file."""
        begin("the recording")
        definition = source.definition(outcome) if self.machine is None else None
        return recorded_ready(source.recording(outcome), self.machine, definition, self.tasks)
