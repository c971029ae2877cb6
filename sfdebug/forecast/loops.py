"""The loops of a run: found in the order in which states were entered, with what each turn used.

A state that is entered again while it is on the way from where its branch began closes a turn: it is the head of a
loop. A state that is come to again on another way round is not one by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.history.recording import CONTAINER_STARTS

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event


class LoopTurn(Struct, frozen=True, gc=False):
    """One turn: from one entry of the head up to the next. `first` and `end` are places of events, from 0.

    `size` are the bytes of the head's input, `peak` those of the largest payload in the turn, `milliseconds` what the
    events say that it took.
    """

    first: int
    end: int
    events: int
    transitions: int
    size: int
    peak: int
    milliseconds: int


class RunLoop(Struct, frozen=True):
    """A loop that a run went round in: its states in order, the head first, and its whole turns. `size_after` are the
    bytes of the head's input after the last of them."""

    branch: BranchId
    states: tuple[str, ...]
    turns: tuple[LoopTurn, ...]
    size_after: int

    @property
    def head(self) -> str:
        """The state that is entered again."""
        return self.states[0]

    @property
    def last(self) -> LoopTurn:
        """The last whole turn."""
        return self.turns[-1]

    @property
    def growth(self) -> int:
        """By how many bytes the head's input grew in the last turn."""
        return self.size_after - self.last.size

    @property
    def peak_growth(self) -> int:
        """By how many bytes the largest payload of a turn grew, from the turn before the last to the last; by the
        growth of the head's input where there was but one turn."""
        return self.last.peak - self.turns[-2].peak if len(self.turns) > 1 else self.growth

    @property
    def is_even(self) -> bool:
        """Whether all turns had as many events and transitions."""
        return len({(turn.events, turn.transitions) for turn in self.turns}) == 1


class _Place(Struct):
    """A state on the way of a branch: what there was when it was entered, and the largest payload since, up to the next
    place on the way."""

    state: str
    at: int
    events: int
    transitions: int
    size: int
    time: int
    loop: _Loop | None = None
    peak: int = 0


class _Loop(Struct):
    branch: BranchId
    states: tuple[str, ...]
    turns: list[LoopTurn]
    sizes: list[int]


class LoopFinder:
    """Takes the events of a history in their order."""

    def __init__(self) -> None:
        self._ways: dict[BranchId, list[_Place]] = {}
        self._below: dict[tuple[BranchId, str], set[BranchId]] = {}  # the branches on a way, by what is around them
        self._counts: dict[BranchId, list[int]] = {}
        self._taken = 0
        self._loops: list[_Loop] = []

    def take(self, event: Event, transitions: int, size: int) -> None:
        """The next event, how many transitions it is, and the bytes of its largest payload."""
        branch = event.branch
        if event.type in CONTAINER_STARTS:
            self._begin_anew(branch, event.state)
        if event.type.endswith("StateEntered"):
            self._enter(event, size)
        for depth in range(len(branch) + 1):
            around = branch[:depth]
            counts = self._counts.setdefault(around, [0, 0])
            counts[0] += 1
            counts[1] += transitions
            way = self._ways.get(around)
            if way and size > way[-1].peak:
                way[-1].peak = size
        self._taken += 1

    def _begin_anew(self, around: BranchId, container: str) -> None:
        """A Parallel or Map starts its branches: they have no way behind them."""
        for branch in self._below.pop((around, container), ()):
            self._ways.pop(branch, None)

    def _enter(self, event: Event, size: int) -> None:
        way = self._ways.get(event.branch)
        if way is None:
            way = self._ways[event.branch] = []
            for depth, (container, *_) in enumerate(event.branch):
                self._below.setdefault((event.branch[:depth], container), set()).add(event.branch)
        events, transitions = self._counts.get(event.branch, (0, 0))
        now = _Place(event.state, self._taken, events, transitions, size, event.time)
        known = next((at for at, place in enumerate(way) if place.state == event.state), None)
        if known is None:
            way.append(now)
            return
        before, states = way[known], tuple(place.state for place in way[known:])
        if before.loop is None:
            before.loop = _Loop(event.branch, states, [], [])
            self._loops.append(before.loop)
        elif len(states) > len(before.loop.states):
            before.loop.states = states
        peak = max(place.peak for place in way[known:])
        before.loop.turns.append(_turn(before, now, peak))
        before.loop.sizes.append(size)
        now.loop = before.loop
        way[known:] = [now]
        if known:  # the turn that is no place of its own any more is a part of the way from there
            way[known - 1].peak = max(way[known - 1].peak, peak)

    def found(self, count: int | None = None) -> tuple[RunLoop, ...]:
        """The loops with their turns, those with the most turns first; of the first `count` events.

        Of those that iterations of a Map or other runs of a branch have alike, it is the one with the most turns.
        """
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], RunLoop] = {}
        for loop in self._loops:
            turns = [turn for turn in loop.turns if count is None or turn.end < count]
            key = (tuple(name for name, _ in loop.branch), loop.states)
            if turns and (key not in found or len(found[key].turns) < len(turns)):
                found[key] = RunLoop(loop.branch, loop.states, tuple(turns), loop.sizes[len(turns) - 1])
        return tuple(sorted(found.values(), key=lambda loop: -len(loop.turns)))


def _turn(before: _Place, now: _Place, peak: int) -> LoopTurn:
    return LoopTurn(
        before.at,
        now.at,
        now.events - before.events,
        now.transitions - before.transitions,
        before.size,
        peak,
        now.time - before.time,
    )
