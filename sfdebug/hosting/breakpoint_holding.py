"""What holds hosted executions: their starts, if each is to be held, and the debugger's breakpoints.

A breakpoint holds in the executions of every machine that has what it is about. Its conditions, iterations and messages
are those of the debugger; its hits are counted along each execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.debugger.breakpoints.breakpoint import HitRule, Trigger
from sfdebug.debugger.breakpoints.hits import Hit, applies
from sfdebug.debugger.breakpoints.triggers import before_entering, offsets_in, place_in
from sfdebug.debugger.expressions.language import CannotEvaluateError, compile_message
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.debugger.timeline.nodes import first_node, next_node
from sfdebug.engine import ExecutionStatus
from sfdebug.hosting.holding import HoldKind, HoldReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.timeline.nodes import Cursor, TimelineNode
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.hosting.records import StartFacts


class BreakpointHolder:
    """Holds executions where breakpoints say so. `breakpoints` and `holds_starts` count from the next step on."""

    def __init__(
        self,
        breakpoints: Iterable[Breakpoint] = (),
        *,
        holds_starts: bool = False,
        say: Callable[[StartFacts, str], None] | None = None,
    ) -> None:
        """`holds_starts`: each execution is held before its first state. `say` is told what breakpoints with a message
        say, under the lock of the execution that it is about."""
        self.breakpoints = list(breakpoints)
        self.holds_starts = holds_starts
        self.say = say

    @property
    def is_idle(self) -> bool:
        """Whether nothing holds now."""
        return not self.holds_starts and not any(point.is_on for point in self.breakpoints)

    def lookout(self, facts: StartFacts, execution: Execution) -> BreakpointLookout:
        """What looks at the steps of an execution from now on."""
        return BreakpointLookout(self, facts, execution)


class BreakpointLookout:
    """Looks at the steps of one execution."""

    def __init__(self, holder: BreakpointHolder, facts: StartFacts, execution: Execution) -> None:
        self._holder = holder
        self._facts = facts
        self._node = first_node(execution)
        self._hits: dict[Breakpoint, int] = {}

    def before(self, execution: Execution, branch: Branch) -> HoldReason | None:
        """Whether it is held before a branch enters its state."""
        if self._holder.holds_starts and execution.visit_count == 0:
            return HoldReason(HoldKind.START, branch.id)
        hits: list[Hit] = []
        for point in self._holder.breakpoints:
            if point.is_on and point.trigger is Trigger.STATE and point.name == branch.state_name:
                hits += self._judged(point, before_entering(self._node_of(execution), branch.id))
        return HoldReason(HoldKind.BREAKPOINT, branch.id, tuple(hits)) if hits else None

    def after(self, before: Execution, decision: Decision, after: Execution) -> HoldReason | None:
        """Whether it is held after a step."""
        node = next_node(0, self._node_of(before), decision, after)
        # Without its parent: nothing of what was before is kept.
        self._node = replace(node, parent=None)
        if after.status is not ExecutionStatus.RUNNING:
            return None
        hits: list[Hit] = []
        for point in self._holder.breakpoints:
            if point.is_on:
                for offset in offsets_in(point, node):
                    hits += self._judged(point, place_in(node, offset))
        return HoldReason(HoldKind.BREAKPOINT, after.moved, tuple(hits)) if hits else None

    def _node_of(self, execution: Execution) -> TimelineNode:
        """The node of the execution as it stands; the same when it has only forgotten something."""
        if self._node.execution is execution:
            return self._node
        if len(self._node.execution.decisions) == len(execution.decisions):
            return replace(self._node, execution=execution)
        return first_node(execution)

    def _judged(self, point: Breakpoint, cursor: Cursor) -> tuple[Hit, ...]:
        """The hit of a breakpoint at a place, where it holds; that it says something is said."""
        try:
            if not applies(point, cursor):
                return ()
        except CannotEvaluateError as error:
            return (Hit(point, problem=str(error)),)
        number = self._hits[point] = self._hits.get(point, 0) + 1
        if not point.counts(number):
            return ()
        if point.message is not None:
            if self._holder.say is not None:
                self._holder.say(self._facts, compile_message(point.message).written(Visible(cursor)))
            return ()
        return (Hit(point, 0 if point.hit_rule is HitRule.ALL else number),)
