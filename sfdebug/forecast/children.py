"""What child executions have used, and the meters of histories on several forks: each event is counted once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sfdebug.engine.execution.children import ChildExecution
from sfdebug.engine.execution.events import Event
from sfdebug.engine.execution.execution import Execution
from sfdebug.forecast.meter import RunMeter
from sfdebug.limits import ExecutionType


class ChildrenUsage(Struct, frozen=True):
    """What the child executions of a distributed Map used together, `most_events` in the longest history of one.

    `milliseconds` are those of each, as far as the clock says.
    """

    state: str
    type: ExecutionType
    count: int
    transitions: int
    most_events: int
    payload: int
    milliseconds: tuple[int, ...]


class _Metered(Struct):
    """A history as far as it was counted, and the fork that it was last looked at on."""

    fork: int | None
    events: Sequence[Event]
    meter: RunMeter

    def begins(self, events: Sequence[Event], count: int, fork: int | None) -> bool:
        """Whether the first `count` events are those that were counted, as far as both go. An event that is the very
        same has the same ones before it; those of a recording are made when they are asked for, and go by the fork."""
        both = min(len(self.meter), count)
        return not both or (fork is not None and fork == self.fork) or self.events[both - 1] is events[both - 1]


class ForkedMeters:
    """The meters of histories by the names of their executions. Where a history is another one on another fork, it has
    a meter more."""

    def __init__(self) -> None:
        self._metered: dict[str, list[_Metered]] = {}

    def up_to(self, name: str, events: Sequence[Event], count: int, fork: int | None = None) -> RunMeter:
        """A meter that has taken the first `count` events, and perhaps those that follow on some fork."""
        known = self._metered.setdefault(name, [])
        found = max(
            (one for one in known if one.begins(events, count, fork)), key=lambda one: len(one.meter), default=None
        )
        if found is None:
            found = _Metered(fork, events, RunMeter())
            known.append(found)
        if len(found.meter) < count:
            for index in range(len(found.meter), count):
                found.meter.take(events[index])
            found.fork, found.events = fork, events
        return found.meter


class _ChildUsage(Struct, frozen=True, gc=False):
    """What one child execution used."""

    events: int
    transitions: int
    payload: int
    milliseconds: int


class ChildrenMeter:
    """Counts the events of child executions, each once, however often it is asked and on whichever fork."""

    def __init__(self, meters: ForkedMeters | None = None) -> None:
        self._meters = meters or ForkedMeters()
        self._over: dict[int, tuple[ChildExecution, _ChildUsage]] = {}

    def used_in(self, execution: Execution) -> tuple[ChildrenUsage, ...]:
        """What the child executions of each Map Run have used."""
        by_run: dict[str, list[_ChildUsage]] = {}
        first: dict[str, ChildExecution] = {}
        for child in execution.ended_children:
            first.setdefault(child.map_run_arn, child)
            by_run.setdefault(child.map_run_arn, []).append(self._over_used(child))
        for child in execution.children.values():
            first.setdefault(child.map_run_arn, child)
            by_run.setdefault(child.map_run_arn, []).append(self._used(child))
        return tuple(
            ChildrenUsage(
                first[arn].id[-1][0],
                ExecutionType(first[arn].execution_type),
                len(used),
                sum(one.transitions for one in used),
                max(one.events for one in used),
                max(one.payload for one in used),
                tuple(one.milliseconds for one in used),
            )
            for arn, used in by_run.items()
        )

    def _over_used(self, child: ChildExecution) -> _ChildUsage:
        """What one that is over has used: it is held, so that its identity stays its own."""
        known = self._over.get(id(child))
        if known is None:
            known = self._over[id(child)] = child, self._used(child)
        return known[1]

    def _used(self, child: ChildExecution) -> _ChildUsage:
        events = child.events
        count = len(events)
        so_far = self._meters.up_to(child.arn, events, count).at(count)
        lasted = events[-1].time - events[0].time if count else 0
        return _ChildUsage(count, so_far.transitions, so_far.payload_bytes, lasted)
