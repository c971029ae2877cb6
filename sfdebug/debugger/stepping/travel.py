"""A verb that goes on until it arrives, and can be left between any two steps: it is only as far as it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sfdebug.collection import seldom_collected
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason, no_function, refused
from sfdebug.debugger.wording import positions as words
from sfdebug.debugger.wording.positions import progress_of
from sfdebug.errors import NestingError, SfdebugError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.debugger.verbs import Verb
    from sfdebug.debugger.wording.positions import Progress

    Travel = Generator[None, None, Stop]
    """The steps of a verb one after the other; between two of them the cursor is where it has come to."""

Interrupt: TypeAlias = "Callable[[], bool]"
"""Asked between the steps of a verb whether to stop."""


def go_on(travel: Travel, interrupt: Interrupt | None, timeline: Timeline) -> Stop:
    """Until the verb arrives, or until `interrupt`, which is asked between steps, says that it is enough."""
    if refusal := no_function(interrupt, "an interrupt"):
        return refusal
    with seldom_collected():
        while True:
            try:
                next(travel)
            except StopIteration as arrived:
                stop: Stop = arrived.value
                return stop
            if interrupt is not None and interrupt():
                where = words.describe_position(position_at(timeline.cursor))
                return Stop(StopReason.INTERRUPTED, f"interrupted {where}")


def without_errors(call: Callable[[], Stop]) -> Stop:
    """The stop of `call`; a refusal for what a user can do wrong."""
    try:
        return call()
    except SfdebugError as error:  # a task handler that cannot do what it was asked for
        return refused(str(error))
    except RecursionError:
        return refused(str(NestingError()))


class RunningVerb:
    """A verb under way that goes on in slices, as far as whoever drives it wants at a time.

    Between two slices the debugger stands where the verb has come to, and can be looked at; its stop says that it was
    interrupted. Nobody has to end it: who calls another verb, or none any more, has left it there.
    """

    def __init__(
        self, verb: Verb, travel: Generator[None, None, Stop], timeline: Timeline, stopped: Callable[[Stop], Stop]
    ) -> None:
        """`stopped` makes a stop the debugger's last one."""
        self.verb = verb
        self.steps = 0
        """How many steps were made so far after which it went on."""
        self._travel = travel
        self._timeline = timeline
        self._stopped = stopped
        self._focus = timeline.cursor.branch
        self._stop: Stop | None = None
        self._left_at: Cursor = timeline.cursor

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to go on with: it has arrived, was refused, or the cursor has been moved since."""
        return self._stop is not None or self._timeline.cursor is not self._left_at

    @property
    def progress(self) -> Progress | None:
        """How many branches, iterations or child executions are over, of the innermost Parallel or Map around the place
        where the verb began that runs now; None where none does."""
        execution, focus = self._timeline.cursor.node.execution, self._focus
        for depth in range(len(focus), -1, -1):
            found = progress_of(execution.branches.get(focus[:depth]))
            if found is not None:
                return found
        return None

    def advance(self, interrupt: Interrupt | None = None) -> Stop:
        """Go on until it arrives, or `interrupt` says that it is enough for now.

        Args:
            interrupt: Asked after each step. Without one it goes on to where it arrives.

        Returns:
            The stop of the verb, or, where it was interrupted, one that says so and where; a refusal when it is over.
        """
        if self._stop is not None:
            return self._stop
        if self.is_over:
            return refused("this was left: the debugger stands elsewhere now")
        if refusal := no_function(interrupt, "an interrupt"):
            return self._stopped(refusal)
        stop = without_errors(lambda: go_on(self._counted(), interrupt, self._timeline))
        if stop.reason is not StopReason.INTERRUPTED:
            self._stop = stop
        self._left_at = self._timeline.cursor
        return self._stopped(stop)

    def _counted(self) -> Travel:
        while True:
            try:
                next(self._travel)
            except StopIteration as arrived:
                stop: Stop = arrived.value
                return stop
            self.steps += 1
            yield
