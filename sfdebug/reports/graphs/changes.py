"""What has changed between two definitions, as it lies over their drawing, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.comparison import ChangeKind
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.labels import Caption
from sfdebug.reports.graphs.signs import CHANGE_SIGNS
from sfdebug.text import counted, stripped

if TYPE_CHECKING:
    from sfdebug.asl.comparison import MachineComparison, StateChange, TransitionChange
    from sfdebug.asl.definition import StatePath
    from sfdebug.drawing.elements import Box, Layout
    from sfdebug.values import Json

_INSIDE: Final = "inside"
_KINDS: Final = {EdgeKind.START: "start", EdgeKind.DEFAULT: "Default", EdgeKind.CATCH: "Catch"}


class DrawnChanges(Struct, frozen=True, dict=True):
    """A comparison, and what its two definitions are called."""

    comparison: MachineComparison
    title: str

    @cached_property
    def _states(self) -> Mapping[StatePath, StateChange]:
        return {change.path: change for change in self.comparison.states}

    @cached_property
    def _touched(self) -> frozenset[StatePath]:
        """The Parallels and Maps in which something has changed."""
        inner = [change.path for change in self.comparison.states]
        inner += [change.place.target for change in self.comparison.transitions]
        return frozenset(path[:length] for path in inner for length in range(1, len(path)))

    def status(self, box: Box) -> str:
        """What became of a state; a folded one has changed where something in it has."""
        change = self._states.get(box.path)
        if change is not None:
            return str(change.kind)
        return str(ChangeKind.CHANGED) if box.collapsed and box.path in self._touched else ""

    def texts(self, box: Box) -> tuple[str, ...]:
        """What became of a state, whole and then shorter and shorter: `~ Retry, Catch`, `~ 2 fields`, `~`."""
        change, sign = self._states.get(box.path), CHANGE_SIGNS[self.status(box)]
        plain = f"{sign.sign} {sign.word}"
        if change is None:
            return f"{plain} {_INSIDE}", f"{sign.sign} {_INSIDE}", sign.sign
        if change.kind is ChangeKind.RENAMED:
            return f"{sign.sign} was {_name(change.before)}", plain, sign.sign
        if change.kind is not ChangeKind.CHANGED:
            return plain, sign.sign
        fields = ", ".join(self._fields(change))
        return f"{sign.sign} {fields}", f"{sign.sign} {counted(len(change.fields), 'field')}", plain, sign.sign

    def _fields(self, change: StateChange) -> list[str]:
        """The fields that differ, the name among them."""
        is_renamed = change.before is not None and change.before[-1] != change.path[-1]
        return [*(["name"] if is_renamed else []), *map(stripped, change.fields)]

    def edges(self, layout: Layout) -> Mapping[int, str]:
        """What became of each drawn transition, by its index."""
        found = {}
        for change in self.comparison.transitions:
            place = change.place
            index = layout.edge_index(place.source, place.target, place.kind)
            if index is not None and layout.edges[index].corners:
                found[index] = str(change.kind)
        return found

    def summary(self) -> str:
        """How many states and transitions were added, removed, changed, in one line."""
        if self.comparison.is_same:
            return "nothing has changed"
        states = _numbers((change.kind for change in self.comparison.states), "state")
        transitions = _numbers((change.kind for change in self.comparison.transitions), "transition")
        fields = ", ".join(map(stripped, self.comparison.fields))
        return "; ".join(filter(None, (states, transitions, f"the machine's {fields} changed" if fields else "")))

    def details(self) -> list[tuple[str, str]]:
        """Every change: its sign, and what it is in words; not what is in a Parallel or Map that is new or gone."""
        fields = ", ".join(map(stripped, self.comparison.fields))
        found = [(CHANGE_SIGNS[ChangeKind.CHANGED].sign, f"the machine: {fields}")] if fields else []
        whole = {change.path for change in self.comparison.states if change.kind in _WHOLE}
        found += [
            (CHANGE_SIGNS[change.kind].sign, self._state_words(change))
            for change in self.comparison.states
            if not _is_in(change.path, whole)
        ]
        found += [
            (CHANGE_SIGNS[change.kind].sign, _transition_words(change))
            for change in self.comparison.transitions
            if not _is_in(change.place.target, whole)
        ]
        return found

    def _state_words(self, change: StateChange) -> str:
        title = _title(change.path)
        if change.kind is ChangeKind.RENAMED:
            return f"{title}: was {_name(change.before)}, and has the same body"
        if change.kind is ChangeKind.CHANGED:
            return f"{title}: {', '.join(self._fields(change))}"
        inside = sum(_is_in(other.path, {change.path}) for other in self.comparison.states)
        return title + (f", with the {counted(inside, 'state')} in it" if inside else "")


_WHOLE: Final = (ChangeKind.ADDED, ChangeKind.REMOVED)


def _numbers(kinds: Iterable[ChangeKind], thing: str) -> str:
    """`2 states added, 1 removed`."""
    all_kinds = list(kinds)
    parts = [(all_kinds.count(kind), kind.value) for kind in ChangeKind if kind in all_kinds]
    words = [f"{count:,} {kind}" for count, kind in parts]
    if words:
        words[0] = f"{counted(parts[0][0], thing)} {parts[0][1]}"
    return ", ".join(words)


def _is_in(path: StatePath, containers: Iterable[StatePath]) -> bool:
    return any(len(path) > len(each) and path[: len(each)] == each for each in containers)


def _name(path: StatePath | None) -> str:
    return stripped(str(path[-1])) if path else "start"


def _title(path: StatePath) -> str:
    """A state with the containers around it: `Fan out › Resize`."""
    return " › ".join(stripped(str(step)) for step in path if isinstance(step, str)) or "start"


def _transition_words(change: TransitionChange) -> str:
    """`Look → Ended?: Default`, `Paid? → Ship: amount > 10, was amount > 100`."""
    place = change.place
    source = "start" if place.kind == EdgeKind.START else _name(place.source)
    title = f"{source} → {_name(place.target)}"
    if place.kind == EdgeKind.START and place.source:
        title += f" in {_name(place.source)}"
    before, after = _said(place.kind, change.before), _said(place.kind, change.after)
    if change.kind is not ChangeKind.CHANGED:
        said = (
            after or before or ("" if place.kind in (EdgeKind.NEXT, EdgeKind.START) else _KINDS[EdgeKind(place.kind)])
        )
        return f"{title}: {said}" if said else title
    if before != after:
        return f"{title}: {after}, was {before}"
    fields = ", ".join(map(stripped, change.fields))
    return f"{title}: {after}: {fields or 'its rules'} changed"


def _said(kind: str, rules: Iterable[Mapping[str, Json]]) -> str:
    """What the rules or Catchers of a transition say, as its label does."""
    texts = []
    for rule in rules:
        names = rule.get("ErrorEquals")
        if kind == EdgeKind.CATCH:
            errors = tuple(map(str, names)) if isinstance(names, list) else ()
            texts.append(Caption(errors=errors).full)
        else:
            texts.append(Caption(rule=rule).full)
    return " or ".join(filter(None, texts))
