"""Coverage with where each item stands in the file that its author edits, which of a project is the template."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.files import plain_path
from sfdebug.history.coverage.items import HEARTBEAT_FIELDS, TIMEOUT_FIELDS
from sfdebug.history.coverage.model import Coverage, CoverageItem, CoverageKind
from sfdebug.text import escaped

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.text.source import Pointer

_LIMITS: Final = {CoverageKind.TIMEOUT: TIMEOUT_FIELDS, CoverageKind.HEARTBEAT: HEARTBEAT_FIELDS}


class CoveredDefinition(Struct, frozen=True):
    """A definition, what it is called, and what executions took of it."""

    title: str
    machine: StateMachine
    coverage: Coverage

    @property
    def file(self) -> str:
        """The file that it stands in, below the folder of work where it is there."""
        name = plain_path(self.machine.name)
        if os.path.isabs(name):
            relative = os.path.relpath(name)
            name = name if relative.startswith(os.pardir) else relative
        return name.replace(os.sep, "/")

    def line(self, item: CoverageItem) -> int:
        """The line, from 1, on which an item begins."""
        document = self.machine.document
        if item.kind is CoverageKind.STATE:
            return document.key_span(self.machine.state(item.state).pointer).line
        return document.key_span(self._pointer(item)).line

    def _pointer(self, item: CoverageItem) -> Pointer:
        if not item.state:
            own = "TimeoutSeconds" if item.kind is CoverageKind.TIMEOUT else "StartAt"
            return (*self.machine.scope.pointer, own)
        state = self.machine.state(item.state)
        index = item.index or 0
        if item.kind is CoverageKind.RULE:
            return (*state.pointer, "Default") if item.index is None else state.choices[index].pointer
        if item.kind in (CoverageKind.RETRIER, CoverageKind.EXHAUSTED):
            return state.retriers[index].pointer
        if item.kind is CoverageKind.CATCHER:
            return state.catchers[index].pointer
        if item.kind is CoverageKind.TRANSITION:
            return _of_transition(state, item)
        fields = [name for name in _LIMITS.get(item.kind, ()) if name in state.fields]
        return (*state.pointer, *fields[:1])

    def place_text(self, item: CoverageItem) -> str:
        """`order.asl.json:31`."""
        return f"{escaped(self.file)}:{self.line(item)}"


def _of_transition(state: State, item: CoverageItem) -> Pointer:
    target = item.target[-1]
    if item.way == "next":
        return (*state.pointer, "Next")
    if item.way == "default":
        return (*state.pointer, "Default")
    ways: Iterable[tuple[str, Pointer]] = (
        ((rule.next, rule.pointer) for rule in state.choices)
        if item.way == "choice"
        else ((catcher.next, catcher.pointer) for catcher in state.catchers)
    )
    return next((pointer for next_state, pointer in ways if next_state == target), state.pointer)


class CoveredState(Struct, frozen=True):
    """A state in its file: how often it was entered, and each of its ways with how often that was taken. So too the
    machine itself, where there is something to take of it.

    `count` is None where that is not known. `lines` are those of what can be taken by itself, with how often it was;
    `missed` those on which something begins that was never taken, whatever else does.
    """

    name: str
    line: int
    count: int | None
    branches: Sequence[tuple[int, int]]
    """The line and the count of each way."""
    lines: Mapping[int, int]
    missed: frozenset[int]


class CoveredFile(Struct, frozen=True):
    """A file with all the states that were looked at in it."""

    path: str
    states: Sequence[CoveredState]

    def lines(self) -> dict[int, int]:
        """How often what begins on a line was taken: of several things the one that was taken most."""
        found: dict[int, int] = {}
        for state in self.states:
            for line, count in state.lines.items():
                found[line] = max(found.get(line, 0), count)
        return dict(sorted(found.items()))

    def partly(self) -> frozenset[int]:
        """The lines of which something was taken, and something not."""
        missed = frozenset(line for state in self.states for line in state.missed)
        return frozenset(line for line, count in self.lines().items() if count and line in missed)


def covered_files(definitions: Iterable[CoveredDefinition]) -> list[CoveredFile]:
    """The files of definitions, each once: a template may hold several."""
    files: dict[str, list[CoveredState]] = {}
    for one in definitions:
        files.setdefault(one.file, []).extend(_states_of(one))
    return [CoveredFile(path, states) for path, states in files.items()]


def _states_of(covered: CoveredDefinition) -> Iterator[CoveredState]:
    found = covered.coverage
    ways: dict[tuple[str | int, ...], list[CoverageItem]] = {}
    for item in found.counts:
        if item.kind is not CoverageKind.STATE and item.way != "start":
            ways.setdefault(item.state, []).append(item)
    of_machine = [item for item in ways.get((), ()) if item not in found.unknown]
    if of_machine:
        counts = {covered.line(item): found.counts[item] for item in of_machine}
        missed = {at for at, count in counts.items() if not count}
        line = min(counts)
        yield CoveredState(covered.title, line, found.executions, [*counts.items()], counts, frozenset(missed))
    for state in covered.machine.walk():
        own = CoverageItem(CoverageKind.STATE, state.path)
        line = covered.line(own)
        known = [item for item in ways.get(state.path, ()) if item not in found.unknown]
        lines = {} if own in found.unknown else {line: found.counts[own]}
        missed = {at for at, count in lines.items() if not count}
        for item in known:
            at = covered.line(item)
            lines[at] = max(lines.get(at, 0), found.counts[item])
            if not found.counts[item]:
                missed.add(at)
        yield CoveredState(
            covered.title + ":" + _id(state),
            line,
            None if own in found.unknown else found.counts[own],
            [(covered.line(item), found.counts[item]) for item in known if _is_branch(item, state)],
            lines,
            frozenset(missed),
        )


def _is_branch(item: CoverageItem, state: State) -> bool:
    """Whether it is one of several ways: the only Next of a state is none."""
    return item.kind is not CoverageKind.TRANSITION and (
        item.kind is not CoverageKind.ITEMS or state.type is StateType.MAP
    )


def _id(state: State) -> str:
    return "/".join(str(step) for step in state.path)
