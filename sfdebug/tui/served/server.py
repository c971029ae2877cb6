"""The server that is watched: its host, what was decided in each execution, what holds them, where clients find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine import ExecutionStatus
from sfdebug.tui.served.earlier import EarlierExecutions
from sfdebug.tui.served.rows import ServedRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
    from sfdebug.hosting.breakpoint_holding import BreakpointHolder
    from sfdebug.hosting.clock import TimePace
    from sfdebug.hosting.decision_log import DecisionLog
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.tui.served.rows import ServedEntry


class WatchedServer:
    """What a watch knows of the server beneath it. `exports` are the lines that bring a client here."""

    def __init__(
        self,
        host: ExecutionHost,
        log: DecisionLog,
        holder: BreakpointHolder,
        url: str,
        pace: TimePace,
        exports: Sequence[str],
        *,
        is_kept: bool = False,
    ) -> None:
        """`is_kept`: executions go on in the next process."""
        self.host = host
        self.log = log
        self.holder = holder
        self.url = url
        self.pace = pace
        self.exports = tuple(exports)
        self.is_kept = is_kept
        self.earlier = EarlierExecutions(host.keeping)
        """What is over and not in memory, where executions are kept."""
        if is_kept:
            host.observers.append(self.earlier)

    @property
    def time_words(self) -> str:
        """How time passes in executions: `virtual time`, `real time`, `time × 0.1`."""
        if self.pace.is_virtual:
            return "virtual time"
        return "real time" if self.pace.scale == 1 else f"time × {self.pace.scale:g}"

    def is_running(self, hosted: HostedExecution) -> bool:
        """Whether an execution runs, held or not."""
        return hosted.execution.status is ExecutionStatus.RUNNING

    def release_all(self) -> int:
        """Have all that are held go on; how many there were."""
        held = [one for one in self.host.hosted_executions() if one.held is not None]
        for one in held:
            one.release()
        return len(held)

    def listed(self) -> list[ServedEntry]:
        """Every execution in memory, and those that are kept and were read, the newest first."""
        hosted = self.host.hosted_executions()
        earlier = self.earlier.rows
        if not earlier:
            return [*hosted]
        in_memory = {one.facts.arn for one in hosted}
        by_arn = {one.arn: one for one in reversed(earlier) if one.arn not in in_memory}  # how it stood last counts
        return [*hosted, *reversed(by_arn.values())]

    def execution_of(self, entry: ServedEntry) -> HostedExecution:
        """The execution of an entry of the list: one that is kept is run again, to be looked at by what was decided in
        it. Raises HostRefusalError where it cannot be read."""
        if not isinstance(entry, ServedRow):
            return entry
        hosted = self.host.hosted(entry.arn)
        if self.log.decisions(entry.arn) is None:
            self.log.resumed(hosted)
            self.log.ended(hosted)
        return hosted

    # breakpoints

    def show_in(self, breakpoints: Breakpoints) -> None:
        """Have a debugger show what holds executions, as far as its definition has what that is about."""
        for point in list(breakpoints.all):
            breakpoints.remove(point)
        for point in self.holder.breakpoints:
            if _fits(breakpoints, point):
                breakpoints.add(point)

    def take_from(self, breakpoints: Breakpoints) -> bool:
        """Have executions be held where the breakpoints of a debugger say so; those of other definitions stay. Whether
        anything is different."""
        others = [point for point in self.holder.breakpoints if not _fits(breakpoints, point)]
        wanted = [*others, *breakpoints.all]
        if wanted == self.holder.breakpoints:
            return False
        self.holder.breakpoints = wanted
        return True


def _fits(breakpoints: Breakpoints, point: Breakpoint) -> bool:
    """Whether a definition has what a breakpoint is about."""
    from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
    from sfdebug.debugger.expressions.language import DebugSyntaxError

    try:
        breakpoints.read(breakpoint_text(point))
    except DebugSyntaxError:
        return False
    return True
