"""How a hosted execution stands, for a row of the list and the lines below it: its status, where it is, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.execution import Phase
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.engine import Execution

HELD: Final = "HELD"
"""The status of an execution that is held: to its client it is RUNNING."""

_MOST_NAMES: Final = 2


class ServedRow(Struct, frozen=True):
    """A hosted execution at one moment. `states` are those under way, or where it ended without success; `took` is in
    milliseconds by its own clock; `test_case` is what answers its Tasks first."""

    status: str
    machine: str
    name: str
    states: str
    error: str
    cause: str
    started: int
    took: int
    arn: str
    test_case: str = ""

    @property
    def is_held(self) -> bool:
        """Whether it is held."""
        return self.status == HELD

    @property
    def is_running(self) -> bool:
        """Whether it runs, or is held."""
        return self.status in (HELD, ExecutionStatus.RUNNING)

    @property
    def searched(self) -> str:
        """All that a filter looks at."""
        why = f"{self.states} {self.error} {self.cause}"
        return f"{self.name} {self.machine} {self.status} {why} {self.arn} {self.test_case}"


ServedEntry = HostedExecution | ServedRow
"""An execution in memory, or one that is kept and was read."""


def arn_of(entry: ServedEntry) -> str:
    """The ARN of an execution."""
    return entry.arn if isinstance(entry, ServedRow) else entry.facts.arn


def row_of(hosted: ServedEntry) -> ServedRow:
    """How an execution stands now."""
    if isinstance(hosted, ServedRow):
        return hosted
    execution, facts = hosted.execution, hosted.facts
    is_running = execution.status is ExecutionStatus.RUNNING
    return ServedRow(
        status=HELD if hosted.held is not None else str(execution.status),
        machine=facts.machine.name,
        name=facts.name,
        states=states_of(execution),
        error=execution.error or "",
        cause=execution.cause or "",
        started=execution.settings.start_time,
        took=execution.clock + (hosted.passed_since(execution) if is_running else 0),
        arn=facts.arn,
        test_case=facts.test_case,
    )


def states_of(execution: Execution) -> str:
    """Where an execution is: `Charge`, `Ship, Bill`, `Ship ×4`; of one that failed, where it did."""
    if execution.status is not ExecutionStatus.RUNNING:
        return execution.unfinished[-1].state_name if len(execution.unfinished) else ""
    names: dict[str, int] = {}
    for branch in execution.branches.values():
        if branch.phase is not Phase.CHILDREN:
            names[branch.state_name] = names.get(branch.state_name, 0) + 1
    if not names:
        return ", ".join(dict.fromkeys(branch.state_name for branch in execution.branches.values()))
    told = [name if count == 1 else f"{name} ×{count:,}" for name, count in names.items()]
    more = f" and {counted(len(told) - _MOST_NAMES, 'other')}" if len(told) > _MOST_NAMES else ""
    return ", ".join(told[:_MOST_NAMES]) + more
