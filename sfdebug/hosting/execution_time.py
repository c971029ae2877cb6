"""The time of one hosted execution: what it is now, when its own is over, and the timer for what comes next.

All of it is asked and set under the lock of the execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.ending import next_deadline, own_deadline
from sfdebug.engine.execution.decisions import ExpireExecution, Proceed
from sfdebug.engine.readiness import sleepers
from sfdebug.hosting.attempts import NEVER
from sfdebug.hosting.clock import ExecutionClock
from sfdebug.limits import EXPRESS_MAX_SECONDS, ExecutionType

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.hosting.scheduling import Timer
    from sfdebug.hosting.shared import HostingShared

_ENDLESS: Final = EXPRESS_MAX_SECONDS * 1000


class ExecutionTime:
    """The clock of an execution, with one timer."""

    def __init__(self, shared: HostingShared, on_due: Callable[[Timer], None]) -> None:
        """`on_due` is told, from any thread, of a timer whose time has come: `is_due` says whether it still counts."""
        self._wall = shared.clock
        self._scheduler = shared.scheduler
        self._on_due = on_due
        self.is_virtual = shared.pace.is_virtual
        self._clock = ExecutionClock(shared.pace, shared.clock.now())
        self.is_stopped = False
        """Whether the clock stands still."""
        self._timer: Timer | None = None
        self._timer_at = NEVER

    @property
    def standing(self) -> tuple[float, float]:
        """How late it was in the execution when the wall's clock showed that."""
        return self._clock.standing

    def go_on_from(self, anchor: float, wall: float) -> None:
        """It was that late when the wall's clock showed that, in another process perhaps."""
        self._clock.go_on_from(anchor, wall)

    # now

    def now(self, execution: Execution) -> int:
        """The time of the execution now; never earlier than what has happened in it."""
        return max(execution.clock, self._clock.now(self._wall.now()))

    def passed_at(self, execution: Execution, now: int) -> int:
        """Until when time has passed for what is called: virtually, to what has happened."""
        return execution.clock if self.is_virtual else now

    def at(self, now: int) -> int | None:
        """When what happens by itself happens: virtually, no time has passed."""
        return None if self.is_virtual else now

    def follow(self, after: Execution) -> None:
        """With a step that leads there time has passed, perhaps virtually."""
        if self.is_virtual:
            self._clock.jump(after.clock, self._wall.now())

    def stop(self, *, is_stopped: bool) -> None:
        """The clock stands still from now on, and no timer is set; or it goes on."""
        self.is_stopped = is_stopped
        self._clock.stop(self._wall.now(), is_stopped=is_stopped)
        if is_stopped:
            self.set_timer(NEVER)

    def go_to(self, execution: Execution) -> None:
        """It is as late as in this line of the execution. Where time passes on the wall, it does not go back."""
        if self.is_virtual:
            self._clock.go_on_from(execution.clock, self._wall.now())
        else:
            self._clock.jump(execution.clock, self._wall.now())

    def count_calls(self, *, is_calling: bool) -> None:
        """The clock goes otherwise while something is called."""
        if not self.is_virtual:
            self._clock.call(self._wall.now(), is_calling=is_calling)

    # its end

    def is_over(self, execution: Execution, *, is_awaiting: bool) -> bool:
        """Whether the execution's own time is over. Virtually it is only when somebody outside is waited for; but no
        loop goes on for longer in reality than an Express execution may."""
        if execution.status is not ExecutionStatus.RUNNING:
            return False
        deadline = own_deadline(execution)
        if self.is_virtual and not is_awaiting:
            deadline = max(deadline, _ENDLESS)
        return self.now(execution) >= deadline

    # the timer

    def set_timer(self, at: float) -> None:
        """Have `on_due` be told when it is that late in the execution; by no timer for NEVER, and while the clock
        stands still."""
        due = NEVER if at == NEVER else max(self._clock.due(at), self._wall.now())
        if self._timer is not None:
            if self._timer.wall == due:
                return
            self._timer.cancel()
            self._timer = None
        if due != NEVER:

            def fire() -> None:
                self._on_due(timer)

            self._timer_at = at
            timer = self._timer = self._scheduler.later(due, fire)

    def is_due(self, timer: Timer) -> bool:
        """Whether it is the time of the execution that has come; its clock shows that now."""
        if self._timer is not timer or timer.is_cancelled:
            return False
        self._timer = None
        self._clock.jump(self._timer_at, self._wall.now())
        return True


def wake(execution: Execution, wakes_at: int) -> Decision:
    """Time passes until a timer is due, or until the time of the execution, or of a child execution, is over."""
    deadline, child = next_deadline(execution)
    if wakes_at >= deadline:
        return ExpireExecution(deadline, child)
    first = min(sleepers(execution, wakes_at), key=lambda branch: (branch.turn, branch.id))
    return Proceed(first.id, at=wakes_at)


def has_express_children(execution: Execution) -> bool:
    """Whether child executions may run out of time: Standard ones have a year."""
    children = execution.children
    return bool(children) and next(iter(children.values())).execution_type == ExecutionType.EXPRESS
