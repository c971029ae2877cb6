"""From a definition to what is drawn: items (states, the start marker, missing targets) and the wires between.

A wire is one line of the drawing. It stands for every transition between two items, apart from Catch, which has
a dashed wire of its own; ASL's transitions never leave their scope, so each scope is laid out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from msgspec import Struct

from sfdebug.asl.definition import Scope, State, StateMachine, StatePath, StateType
from sfdebug.drawing.elements import MISSING_TYPE, Badge, EdgeKind
from sfdebug.drawing.giving_way import give_way
from sfdebug.drawing.labels import Caption, common_parts
from sfdebug.text import stripped


class ItemKind(Enum):
    """What an item is drawn as."""

    STATE = auto()
    CONTAINER = auto()
    MISSING = auto()
    START = auto()


class Item(Struct, frozen=True, gc=False):
    """Something that stands by itself in a scope. `content` counts the states inside."""

    path: StatePath
    name: str
    type: str
    kind: ItemKind
    badges: tuple[Badge, ...] = ()
    collapsed: bool = False
    branches: tuple[ScopeModel, ...] = ()
    content: int = 0

    @property
    def is_open(self) -> bool:
        """Whether its content is drawn inside it."""
        return self.kind is ItemKind.CONTAINER and not self.collapsed


class Transition(Struct, frozen=True, gc=False):
    """One edge of the drawing before it has cells; `rules` and `labels` as in `Edge`."""

    source: StatePath
    target: StatePath
    kind: EdgeKind
    rules: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()


class Wire(Struct, frozen=True, gc=False):
    """One line: from item `source` to item `target` (indices). `is_main` marks the line of Next, kept straight."""

    source: int
    target: int
    is_catch: bool
    is_main: bool
    transitions: tuple[Transition, ...]
    captions: tuple[Caption, ...] = ()


class ScopeModel(Struct, frozen=True, gc=False):
    """A scope to draw; `owner` is the path of its container, () at the top. Item 0 is the START if it shows one.

    `start` is the state that it starts at when no marker shows it.
    """

    owner: StatePath
    items: tuple[Item, ...]
    wires: tuple[Wire, ...]
    start: StatePath | None = None
    notes: tuple[str, ...] = ()


def scope_model(machine: StateMachine, collapsed: frozenset[StatePath], *, is_thinned: bool = False) -> ScopeModel:
    """What to draw of `machine`, with the containers at the paths `collapsed` drawn shut.

    `is_thinned` leaves out the wires by which a state is reached a second time.
    """
    return _ScopeModelBuilder(machine.scope, (), collapsed, is_thinned).build()


def containers(machine: StateMachine) -> frozenset[StatePath]:
    """The paths of every Parallel and Map of `machine`: what to collapse for the least drawing."""
    return frozenset(state.path for state in machine.walk() if state.is_container)


class _Exit(Struct, frozen=True):
    """A transition as written, before those that look the same are merged."""

    source: int
    target: int
    kind: EdgeKind
    rule: int = -1
    caption: Caption | None = None


class _ScopeModelBuilder:
    def __init__(self, scope: Scope, owner: StatePath, collapsed: frozenset[StatePath], is_thinned: bool) -> None:
        self.is_thinned = is_thinned
        self.scope = scope
        self.owner = owner
        self.collapsed = collapsed
        self.notes: list[str] = []
        self.items: list[Item] = []
        self.item_of: dict[str, int] = {}
        self.reached = _reachable(scope)

    def build(self) -> ScopeModel:
        exits: list[_Exit] = []
        start: StatePath | None = (*self.scope.path, self.scope.start_at)
        if self._shows_start():
            start = None
            self.items.append(Item((*self.owner, ""), "", "", ItemKind.START))
        for name, state in self.scope.states.items():
            self.item_of[name] = len(self.items)
            self.items.append(self._item(state))
        if self.items and self.items[0].kind is ItemKind.START:
            target = self._item_called(self.scope.start_at, "StartAt")
            exits.append(_Exit(0, target, EdgeKind.START))
        for name, state in self.scope.states.items():
            exits.extend(self._exits(self.item_of[name], state))
        wires = tuple(self._wires(exits))
        if self.is_thinned:
            wires = self._thinned(wires)
        return ScopeModel(self.owner, tuple(self.items), wires, start, tuple(self.notes))

    def _shows_start(self) -> bool:
        """Always at the top; in a branch only where the first row of boxes does not say it."""
        if not self.owner or self.scope.start_at not in self.scope.states:
            return True
        entered = {target for state in self.scope.states.values() for target in _targets(state)}
        return self.scope.start_at in entered or len(entered) < len(self.scope.states) - 1

    def _item(self, state: State) -> Item:
        give_way()
        path = state.path
        badges = []
        if state.retriers:
            badges.append(Badge.RETRY)
        if state.name not in self.reached:
            badges.append(Badge.UNREACHABLE)
            self.notes.append(f"{stripped(state.name)}: no transition leads here from StartAt")
        if state.type is StateType.SUCCEED:
            badges.append(Badge.SUCCEED)
        elif state.type is StateType.FAIL:
            badges.append(Badge.FAIL)
        elif state.end:
            badges.append(Badge.END)
        if not state.is_container:
            return Item(path, state.name, state.type.value, ItemKind.STATE, tuple(badges))
        shut = path in self.collapsed
        branches = (
            ()
            if shut
            else tuple(
                _ScopeModelBuilder(branch, path, self.collapsed, self.is_thinned).build() for branch in state.branches
            )
        )
        self.notes.extend(note for branch in branches for note in branch.notes)
        return Item(
            path, state.name, state.type.value, ItemKind.CONTAINER, tuple(badges), shut, branches, _content(state)
        )

    def _exits(self, source: int, state: State) -> Iterator[_Exit]:
        if state.next is not None:
            yield _Exit(source, self._item_called(state.next, f"Next of {stripped(state.name)}"), EdgeKind.NEXT)
        common = common_parts([rule.fields for rule in state.choices])
        for rule in state.choices:
            target = self._item_called(rule.next, f"a rule of {stripped(state.name)}")
            yield _Exit(source, target, EdgeKind.CHOICE, rule.index, Caption(rule=rule.fields, common=common))
        if state.default is not None:
            target = self._item_called(state.default, f"Default of {stripped(state.name)}")
            yield _Exit(source, target, EdgeKind.DEFAULT, caption=Caption(word="Default"))
        for catcher in state.catchers:
            target = self._item_called(catcher.next, f"a Catcher of {stripped(state.name)}")
            yield _Exit(source, target, EdgeKind.CATCH, catcher.index, Caption(errors=catcher.error_equals))

    def _item_called(self, name: str, where: str) -> int:
        """The item of the state called `name`; a box of its own for a name that no state has."""
        if name not in self.item_of:
            self.item_of[name] = len(self.items)
            self.items.append(Item((*self.scope.path, name), name, MISSING_TYPE, ItemKind.MISSING))
            self.notes.append(f"{stripped(name)}: {where} leads to it, but there is no such state in its scope")
        return self.item_of[name]

    def _thinned(self, wires: tuple[Wire, ...]) -> tuple[Wire, ...]:
        """The wires by which each item is reached first, level by level from those that nothing leads to."""
        leaving: dict[int, list[Wire]] = {}
        for wire in wires:
            leaving.setdefault(wire.source, []).append(wire)
        reached: set[int] = set()
        kept: set[int] = set()
        for root in range(len(self.items)):
            level = [root] if root not in reached else []
            reached.update(level)
            while level:
                ahead = [wire for item in level for wire in leaving.get(item, ())]
                level = []
                for wire in ahead:
                    if wire.target not in reached:
                        reached.add(wire.target)
                        kept.add(id(wire))
                        level.append(wire.target)
        shown = tuple(wire for wire in wires if id(wire) in kept)
        if len(shown) < len(wires):
            where = f"{stripped(str(self.owner[-1]))}: " if self.owner else ""
            self.notes.append(
                f"{where}{len(shown):,} of {len(wires):,} lines are drawn, those by which each state is reached first: "
                "all of them would take too long"
            )
        return shown

    def _wires(self, exits: list[_Exit]) -> Iterator[Wire]:
        lines: dict[tuple[int, int, bool], list[_Exit]] = {}
        for leaving in exits:
            key = (leaving.source, leaving.target, leaving.kind is EdgeKind.CATCH)
            lines.setdefault(key, []).append(leaving)
        next_, start = EdgeKind.NEXT, EdgeKind.START
        for (source, target, is_catch), together in lines.items():
            by_kind: dict[EdgeKind, list[_Exit]] = {}
            for leaving in together:
                by_kind.setdefault(leaving.kind, []).append(leaving)
            transitions = tuple([self._transition(kind, alike) for kind, alike in by_kind.items()])
            is_main = next_ in by_kind or start in by_kind
            captions = tuple([leaving.caption for leaving in together if leaving.caption is not None])
            yield Wire(source, target, is_catch, is_main, transitions, captions)

    def _transition(self, kind: EdgeKind, alike: list[_Exit]) -> Transition:
        first = alike[0]
        source = self.owner if kind is EdgeKind.START else self.items[first.source].path
        target = self.items[first.target].path
        if len(alike) == 1 and first.caption is None and first.rule < 0:
            return Transition(source, target, kind)
        rules = tuple([leaving.rule for leaving in alike if leaving.rule >= 0])
        labels = tuple([leaving.caption.full for leaving in alike if leaving.caption is not None])
        return Transition(source, target, kind, rules, labels)


def _reachable(scope: Scope) -> frozenset[str]:
    """The names that some path of transitions from StartAt leads to."""
    seen, ahead = set(), [scope.start_at]
    while ahead:
        name = ahead.pop()
        state = scope.states.get(name)
        if state is None or name in seen:
            continue
        seen.add(name)
        ahead.extend(_targets(state))
    return frozenset(seen)


def _targets(state: State) -> Iterator[str]:
    """The names that the state's transitions lead to."""
    yield from (name for name in (state.next, state.default) if name is not None)
    yield from (rule.next for rule in state.choices)
    yield from (catcher.next for catcher in state.catchers)


def _content(state: State) -> int:
    return sum(len(branch.states) + sum(map(_content, branch.states.values())) for branch in state.branches)
