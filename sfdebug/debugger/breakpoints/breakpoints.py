"""The breakpoints of one debugger: set, changed, switched on and off; what they have said so far; their marks.

What looks for them, and what reads their texts, is loaded when there is one: a session without any starts without it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, BreakpointSign, Trigger
from sfdebug.debugger.timeline.position import position_at
from sfdebug.values import shown_without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.debugger.breakpoints.hits import Tallies
    from sfdebug.debugger.breakpoints.lookout import Lookout, Until
    from sfdebug.debugger.expressions.language import DebugSyntaxError
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.timeline.timeline import Timeline

_ON_FAULT: Final = Breakpoint(Trigger.FAULT)
_ORDER: Final = tuple(BreakpointSign)


class LogLine(Struct, frozen=True, gc=False):
    """What a breakpoint has said, and where: the cursor from which it saw what it says."""

    breakpoint: Breakpoint
    text: str
    cursor: Cursor

    __repr__ = shown_without("cursor")


class Breakpoints:
    """The breakpoints of one debugger, in the order in which they were set.

    One on a state holds in every branch and every iteration. A change counts from the next verb on.
    """

    def __init__(self, machine: StateMachine | None = None) -> None:
        """`machine` is what new ones are checked against."""
        self._all: list[Breakpoint] = []
        self._paths: dict[str, StatePath] = {}
        self._machine = machine
        self.use(machine)

    def use(self, machine: StateMachine | None) -> None:
        """Check new ones against another definition from now on."""
        self._machine = machine
        if machine is not None:
            self._paths |= {state.name: state.path for state in machine.walk()}

    @cached_property
    def _tallies(self) -> Tallies:
        from sfdebug.debugger.breakpoints.hits import Tallies

        return Tallies()

    # what there is

    @property
    def all(self) -> tuple[Breakpoint, ...]:
        """All of them, those that are off included."""
        return tuple(self._all)

    @property
    def states(self) -> frozenset[StatePath]:
        """The states before which one stops, at least under a condition."""
        names = {found.name for found in self._all if found.trigger is Trigger.STATE and found.is_on}
        return frozenset(self._paths[name] for name in names if name in self._paths)

    @property
    def signs(self) -> Mapping[StatePath, BreakpointSign]:
        """The states that have breakpoints, on their stages and ways out too, with how that is shown."""
        found: dict[StatePath, BreakpointSign] = {}
        for point in self._all:
            path = self._paths.get(point.name) if point.trigger in _ON_STATES else None
            if path is not None:
                sign = BreakpointSign.PART if _is_beside(point) else point.sign
                found[path] = min(found.get(path, sign), sign, key=_ORDER.index)
        return found

    def stage_sign(self, state: str, stage: str, index: int | None) -> BreakpointSign:
        """How the breakpoints on a stage are shown; `index` tells rules, Retriers and Catchers apart, from 0."""
        mine = (found for found in self._all if found.trigger is Trigger.STAGE and found.name == state)
        names = (stage, f"{stage} {index + 1}") if index is not None else (stage,)
        return _first_sign(found for found in mine if found.detail in names)

    def event_sign(self, type: str, state: str) -> BreakpointSign:
        """How the breakpoints on a type of events are shown, and those on the state that such an event enters."""
        if not self._all:
            return BreakpointSign.NONE
        enters = type.endswith("StateEntered")
        return _first_sign(
            found
            for found in self._all
            if (found.trigger is Trigger.EVENT and found.name == type)
            or (enters and found.trigger is Trigger.STATE and found.name == state)
        )

    @property
    def on_fault(self) -> bool:
        """Whether every fault stops."""
        return _ON_FAULT in self._all

    # how they are written

    def read(self, text: str) -> Breakpoint:
        """The breakpoint that a text says, checked against the definition. It is not set.

        Raises DebugSyntaxError with the offset of what cannot be read, or what is not there.
        """
        from sfdebug.debugger.breakpoints.breakpoint_texts import check_breakpoint, parse_breakpoint
        from sfdebug.debugger.expressions.language import DebugSyntaxError

        found = parse_breakpoint(text, self._paths)
        if self._machine is not None:
            try:
                check_breakpoint(found, self._machine)
            except DebugSyntaxError as error:
                # The check knows the text as it is written back; the one given may have other blanks.
                name = error.text[error.offset :].split(" ")[0]
                offset = max(0, text.find(name)) if name else 0
                raise DebugSyntaxError(text, offset, error.what, fix=error.fix) from None
        return found

    def to_texts(self) -> tuple[str, ...]:
        """All of them as texts, to be kept: `take_texts` sets them again."""
        from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text

        return tuple(map(breakpoint_text, self._all))

    def take_texts(self, texts: Iterable[str]) -> tuple[DebugSyntaxError, ...]:
        """Set what texts say. Gives the errors of those that cannot be set, as under a definition that was changed."""
        from sfdebug.debugger.expressions.language import DebugSyntaxError

        errors: list[DebugSyntaxError] = []
        for text in texts:
            try:
                self.add(self.read(text))
            except DebugSyntaxError as error:
                errors.append(error)
        return tuple(errors)

    # changes

    def add(self, point: Breakpoint) -> bool:
        """Set one; False when it is there already."""
        if point in self._all:
            return False
        self._all.append(point)
        return True

    def remove(self, point: Breakpoint) -> None:
        """Take one away, if it is there."""
        if point in self._all:
            self._all.remove(point)
            self._tallies.forget(point)

    def change(self, point: Breakpoint, changed: Breakpoint) -> None:
        """Put another one in the place of one. One that is there twice then is there once."""
        at = self._all.index(point) if point in self._all else len(self._all)
        self.remove(point)
        if changed not in self._all:
            self._all.insert(at, changed)

    def switch(self, point: Breakpoint) -> Breakpoint:
        """Switch one on or off; gives it as it is now."""
        changed = replace(point, is_on=not point.is_on)
        self.change(point, changed)
        return changed

    def toggle(self, path: StatePath) -> bool:
        """Set or clear the plain breakpoint on a state; says whether it stops there now.

        What somebody has written for the state, with a condition for one, is not cleared: it is switched on or off.
        """
        name = str(path[-1])
        self._paths.setdefault(name, path)
        plain = Breakpoint(Trigger.STATE, name)
        mine = [found for found in self._all if found.trigger is Trigger.STATE and found.name == name]
        if plain in mine:
            self.remove(plain)
            return False
        if not mine:
            self.add(plain)
            return True
        is_on = not any(found.is_on for found in mine)
        for found in mine:
            if found.is_on is not is_on:
                self.switch(found)
        return is_on

    def toggle_faults(self) -> bool:
        """Switch stopping at every fault on or off; says whether it is on now."""
        if self.on_fault:
            self.remove(_ON_FAULT)
            return False
        self.remove(replace(_ON_FAULT, is_on=False))
        return self.add(_ON_FAULT)

    # what they do

    def lookout(
        self, timeline: Timeline, target: StatePath | None = None, until: Until | None = None
    ) -> Lookout | None:
        """What looks for places to stop at; None when nothing can stop."""
        if not self._all and target is None and until is None:
            return None
        active = [found for found in self._all if found.is_on and (found.message is None or found.condition)]
        if not active and target is None and until is None:
            return None
        from sfdebug.debugger.breakpoints.lookout import Lookout

        return Lookout(timeline, self._tallies, active, self._paths, target, until)

    def hits_so_far(self, point: Breakpoint, timeline: Timeline) -> int:
        """How often a breakpoint was hit on the current fork up to the cursor, whether it is on or not.

        Where one stands before a state, that counts for those on it.
        """
        cursor = timeline.cursor
        count = len(self._tallies.until(point, timeline, (cursor.node.index, cursor.stage_offset)))
        return count + (point.trigger is Trigger.STATE and _is_at(point, cursor))

    def said_so_far(self, timeline: Timeline) -> int:
        """How many messages were said on the current fork up to the cursor."""
        return len(self._said(timeline, timeline.cursor))

    def log(self, timeline: Timeline, until: Cursor | None = None, last: int | None = None) -> tuple[LogLine, ...]:
        """What was said on the current fork up to a cursor, by default that of the timeline, in the order of places.

        Nothing is kept of it: it is read off the timeline, so that going back takes it back.

        Args:
            timeline: The timeline of the session.
            until: The cursor up to which.
            last: How many, the last ones; all by default.

        Returns:
            A line for each message, with where it was said.
        """
        said = self._said(timeline, until or timeline.cursor)
        return tuple(self._line(timeline, place, point) for place, point in (said[-last:] if last else said))

    def _said(self, timeline: Timeline, cursor: Cursor) -> list[tuple[tuple[int, int], Breakpoint]]:
        """Where messages were said, and by which."""
        found: list[tuple[tuple[int, int], Breakpoint]] = []
        for point in self._all:
            if point.message is None or not point.is_on:
                continue
            places = self._tallies.until(point, timeline, (cursor.node.index, cursor.stage_offset))
            found += [(place, point) for number, place in enumerate(places, start=1) if point.counts(number)]
        return sorted(found, key=lambda pair: pair[0])

    def _line(self, timeline: Timeline, place: tuple[int, int], point: Breakpoint) -> LogLine:
        from sfdebug.debugger.expressions.language import compile_message
        from sfdebug.debugger.expressions.visible import Visible

        at = self._cursor(timeline, place)
        return LogLine(point, compile_message(point.message or "").written(Visible(at)), at)

    @staticmethod
    def _cursor(timeline: Timeline, place: tuple[int, int]) -> Cursor:
        from sfdebug.debugger.breakpoints.hits import BEFORE
        from sfdebug.debugger.breakpoints.triggers import entering_place, place_in

        index, offset = place
        node = timeline.nodes[index]
        if offset != BEFORE:
            return place_in(node, offset)
        return entering_place(node, timeline.nodes[index - 1])


def _first_sign(found: Iterable[Breakpoint]) -> BreakpointSign:
    return min((point.sign for point in found), key=_ORDER.index, default=BreakpointSign.NONE)


def _is_at(point: Breakpoint, cursor: Cursor) -> bool:
    """Whether one stands before a state, and a breakpoint on it counts there."""
    from sfdebug.debugger.breakpoints.hits import applies
    from sfdebug.debugger.expressions.language import CannotEvaluateError

    here = position_at(cursor)
    if not here.is_ready or here.state is None or here.state.name != point.name:
        return False
    try:
        return applies(point, cursor)
    except CannotEvaluateError:
        return False


_ON_STATES: Final = (Trigger.STATE, Trigger.STAGE, Trigger.EDGE)


def _is_beside(point: Breakpoint) -> bool:
    """Whether it is on a stage or a way out of a state, and stops: not wherever the state is entered."""
    return point.trigger is not Trigger.STATE and point.sign is BreakpointSign.PLAIN
