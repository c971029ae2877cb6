"""Running to what somebody points at: a state, an event, the place at which a condition becomes true.

Breakpoints stop on the way, as they stop any run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason, Verb, no_number, no_path, no_text, refused
from sfdebug.debugger.wording.values import named
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.breakpoints.lookout import Until
    from sfdebug.debugger.stepping.back import Backtracker
    from sfdebug.debugger.stepping.forward import Walker
    from sfdebug.debugger.stepping.jumps import Jumps
    from sfdebug.debugger.stepping.travel import Travel
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline


class Targets:
    """Runs to a place, forward or back."""

    def __init__(self, timeline: Timeline, walker: Walker, backtracker: Backtracker, jumps: Jumps) -> None:
        self.timeline = timeline
        self._walker = walker
        self._backtracker = backtracker
        self._jumps = jumps

    def to_state(self, path: StatePath) -> Travel:
        """On to before a state is entered next."""
        if refusal := self._no_state(path):
            return refusal
        stop = yield from self._walker.until(self._walker.breakpoints.lookout(self.timeline, target=path))
        missed = stop.reason in (StopReason.END, StopReason.EDGE)
        return _also(stop, f"{named(str(path[-1]))} was not entered on the way") if missed else stop

    def back_to_state(self, path: StatePath) -> Stop:
        """Back to before a state was entered last."""
        if refusal := self._no_state(path):
            return refusal
        stop = self._backtracker.until(self._backtracker.breakpoints.lookout(self.timeline, target=path))
        missed = (
            stop.reason is StopReason.START and self.timeline.cursor.node.execution.branches[()].state_name != path[-1]
        )
        return _also(stop, f"{named(str(path[-1]))} was not entered before") if missed else stop

    def to_event(self, event_id: int) -> Travel:
        """On to where an event happened."""
        target = self._event(event_id)
        if isinstance(target, Stop):
            return target
        if target.index <= self.timeline.cursor.node.index:
            return refused("this event has happened already", Verb.RUN_BACK_TO_EVENT)
        stop = yield from self._walker.to_node(target)
        if stop.reason in (StopReason.STEP, StopReason.END) and self.timeline.cursor.node is target:
            return self._jumps.to_event(event_id)
        return stop

    def back_to_event(self, event_id: int) -> Stop:
        """Back to where an event happened."""
        target = self._event(event_id)
        if isinstance(target, Stop):
            return target
        if target.index > self.timeline.cursor.node.index:
            return refused("this event is still ahead", Verb.RUN_TO_EVENT)
        return self._backtracker.to_node(target) or self._jumps.to_event(event_id)

    def until(self, condition: str) -> Travel:
        """On to where a condition is true."""
        if refusal := no_text(condition, "a condition"):
            return refusal
        from sfdebug.debugger.breakpoints.lookout import Until
        from sfdebug.debugger.expressions.language import DebugSyntaxError, compile_condition

        try:
            until = Until(compile_condition(condition.strip()))
        except DebugSyntaxError as error:
            return refused(str(error))
        if until.holds(self.timeline.cursor):
            return refused(f"{until.condition.text} is true here already")
        stop = yield from self._walker.until(self._walker.breakpoints.lookout(self.timeline, until=until))
        if stop.reason is StopReason.STEP:
            return replace(stop, text=f"{until.condition.text} is true: {stop.text}")
        missed = stop.reason in (StopReason.END, StopReason.EDGE)
        return _also(stop, _never(until)) if missed else stop

    def _no_state(self, path: StatePath) -> Stop | None:
        if refusal := no_path(path):
            return refusal
        try:
            self.timeline.cursor.node.execution.machine.state(path)
        except KeyError:
            return refused(f"there is no state {path[-1] if path else ''}")
        return None

    def _event(self, event_id: int) -> TimelineNode | Stop:
        if refusal := no_number(event_id, "an event"):
            return refusal
        history = history_at(self.timeline, position_at(self.timeline.cursor))
        position = history.position_of(event_id)
        if not 1 <= position <= len(history.events):
            return refused(f"there is no event {event_id} on this timeline")
        return history.node_at(position)


def _never(until: Until) -> str:
    if not until.untold:
        return f"{until.condition.text} was not true at any of {counted(until.places, 'place')}"
    where = "at all of them" if until.untold == until.places else f"at {until.untold:,} of them"
    untold = f"it could not be told {where}, first because {until.first_problem}"
    return f"{until.condition.text} was not true at any of {counted(until.places, 'place')}; {untold}"


def _also(stop: Stop, text: str) -> Stop:
    return replace(stop, text=f"{stop.text}; {text}")
