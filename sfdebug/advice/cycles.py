"""Loops of a definition: the states that lead back to themselves, the shortest way around, and what a turn costs."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.advice.adviser import pattern_of
from sfdebug.asl.definition import StateType
from sfdebug.limits import MAX_HISTORY_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.asl.definition import Scope, State
    from sfdebug.values import Json

_COUNTS: Final = re.compile(
    r"States\.MathAdd|\bRetryCount\b|[\w)\]]\s*[-+]\s*\d|NumericL|NumericG|Timestamp(?:Less|Greater)"
)
"""What a loop has in it that counts its turns or looks at a clock. Guessed from the text: such a loop is let be."""

_IN_A_CONDITION: Final = re.compile(r"[<>]=?\s*\d|\d\s*[<>]=?|\$now\(|\$millis\(|\[\d*:")


class Loop(Struct, frozen=True):
    """States of one scope of which each leads to each: a strongly connected part."""

    scope: Scope
    states: tuple[State, ...]

    def of_type(self, type: StateType) -> tuple[State, ...]:
        """Its states of one type."""
        return tuple(state for state in self.states if state.type is type)

    @property
    def is_counted(self) -> bool:
        """Whether something in it seems to count turns or to look at the time, so that it ends by itself."""
        return any(_counts(dict(state.fields)) for state in self.states)

    def turn(self, state: State) -> tuple[State, ...]:
        """The shortest way from a state of the loop back to it, that state first."""
        names = {each.name for each in self.states}
        came: dict[str, str] = {}
        waiting = deque([state.name])
        while waiting:
            name = waiting.popleft()
            for target in successors(self.scope.states[name]):
                if target == state.name:
                    way = [name]
                    while way[-1] != state.name:
                        way.append(came[way[-1]])
                    return tuple(self.scope.states[each] for each in reversed(way))
                if target in names and target not in came:
                    came[target] = name
                    waiting.append(target)
        return (state,)


def loops(scope: Scope) -> Iterator[Loop]:
    """Every loop of a scope and of the scopes inside it. Source: R. Tarjan, strongly connected components."""
    order = {name: index for index, name in enumerate(scope.states)}
    for part in _parts(scope.states):
        first = scope.states[part[0]]
        if len(part) > 1 or first.name in successors(first):
            yield Loop(scope, tuple(scope.states[name] for name in sorted(part, key=order.__getitem__)))
    for state in scope.states.values():
        for branch in state.branches:
            yield from loops(branch)


def successors(state: State) -> tuple[str, ...]:
    """The names of the states that may come next, by Next, Choices, Default and Catch; each once."""
    names = [state.next, *(rule.next for rule in state.choices), state.default]
    return tuple(dict.fromkeys(name for name in (*names, *(one.next for one in state.catchers)) if name))


def _parts(states: Mapping[str, State]) -> list[list[str]]:
    """The strongly connected parts, without recursion: definitions may have thousands of states in a row."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for root in states:
        if root in index:
            continue
        work = [(root, iter(successors(states[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            name, targets = work[-1]
            target = next((each for each in targets if each in states), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    at = stack.index(name)
                    found.append(stack[at:])
                    for each in stack[at:]:
                        low[each] = len(states)
                    del stack[at:]
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                work.append((target, iter(successors(states[target]))))
            else:
                low[name] = min(low[name], index[target] if low[target] < len(states) else low[name])
    return found


def _counts(value: Json, key: str = "") -> bool:
    if isinstance(value, str):
        return _COUNTS.search(value) is not None or (key == "Condition" and _IN_A_CONDITION.search(value) is not None)
    if isinstance(value, dict):
        return any(_COUNTS.match(name) or _counts(item, name) for name, item in value.items() if name != "Comment")
    return isinstance(value, list) and any(_counts(item, key) for item in value)


def events_of(state: State) -> int:
    """How many events a history has of one visit that goes well and does not try again, at least. Recorded: entered
    and exited, scheduled, started and succeeded, and submitted for a pattern that waits."""
    if state.type is StateType.TASK:
        return 6 if pattern_of(state) else 5
    if state.is_container:
        return 4
    return 1 if state.type is StateType.FAIL else 2


_EVENTS_OF_AN_ITEM: Final = 2
"""MapIterationStarted and MapIterationSucceeded."""


def items_until_full(state: State) -> int:
    """With how many items of an inline Map a history is full, when each goes the shortest way through it."""
    events = sum(_least_events(branch) for branch in state.branches)
    return MAX_HISTORY_EVENTS // (events + _EVENTS_OF_AN_ITEM) + 1


def _least_events(scope: Scope) -> int:
    """Events on the way from the start by Next alone; a bound from below where the way branches."""
    least, seen, name = 0, set[str](), scope.start_at
    while name in scope.states and name not in seen:
        seen.add(name)
        state = scope.states[name]
        least += events_of(state)
        name = state.next or ""
    return least


def turns_until_full(turn: tuple[State, ...]) -> int:
    """In which turn a history is full, when the loop begins with an empty one."""
    return MAX_HISTORY_EVENTS // max(1, sum(map(events_of, turn))) + 1
