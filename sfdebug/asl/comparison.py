"""What has changed from one definition to another: which states and transitions, found field by field.

A state is the same one where its name is, in the same scope. One that is gone and one that is new are the same state
under another name where nothing else of them differs: the two have equal bodies, in which a transition to a renamed
state counts as the one that it was, and no third state beside them has such a body.

Every field of a state is compared as JSON (the order of an object's keys does not count), apart from what is in a
Parallel or Map: its states are compared one by one, and of its branches every other field. Branches have no names: they
are paired by the names of their states.

Paths here are those of the later definition. What it does not have stands where it stood, beside what is still there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.asl.definition import Scope, State, StateMachine, StatePath
from sfdebug.asl.text.source import Document, Source
from sfdebug.values import Json, same

_CONTENT: Final = frozenset({"Branches", "ItemProcessor", "Iterator"})
"""The fields of a Parallel or Map that hold states."""

_TARGETS: Final = ("Next", "Default")
_RULES: Final = ("Choices", "Catch")


class ChangeKind(StrEnum):
    """What became of a state or a transition."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class StateChange(Struct, frozen=True, gc=False):
    """A state that is not as it was. `before` is its path in the earlier definition, None for one that is new.

    `fields` are those that differ, for CHANGED; a field of a branch is written with the branch: `Branches[1].StartAt`.
    """

    path: StatePath
    kind: ChangeKind
    before: StatePath | None = None
    fields: tuple[str, ...] = ()


Rules: TypeAlias = "dict[TransitionPlace, list[dict[str, Json]]]"
"""The rules or Catchers of each transition, without Next."""


class TransitionPlace(Struct, frozen=True, gc=False):
    """A transition by what it is told from others: `kind` is next, choice, default, catch or start.

    All rules of a Choice that lead to one state are one transition, as are all such Catchers. The source of a start is
    the container, () for the machine.
    """

    source: StatePath
    target: StatePath
    kind: str


class TransitionChange(Struct, frozen=True, gc=False):
    """A transition that is not as it was: CHANGED where its rules or Catchers differ in something besides Next.

    `before` and `after` are these rules or Catchers, without Next; empty where the transition is not there.
    """

    place: TransitionPlace
    kind: ChangeKind
    before: tuple[Mapping[str, Json], ...] = ()
    after: tuple[Mapping[str, Json], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of its rules or Catchers that differ, for CHANGED; none where they are not as many."""
        if len(self.before) != len(self.after):
            return ()
        pairs = zip(self.before, self.after, strict=True)
        return tuple(dict.fromkeys(name for old, new in pairs for name in _differing(old, new, frozenset())))


class MachineComparison(Struct, frozen=True):
    """All that differs between two definitions; states in the order of the later one.

    `fields` are those of the machine itself. `places` are the paths here by those of the earlier definition, for states
    and for the branches that they stand in.
    """

    before: StateMachine
    after: StateMachine
    states: tuple[StateChange, ...]
    transitions: tuple[TransitionChange, ...]
    fields: tuple[str, ...]
    places: Mapping[StatePath, StatePath]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.states or self.transitions or self.fields)

    def of_kind(self, kind: ChangeKind) -> tuple[StateChange, ...]:
        """The states of which this has become."""
        return tuple(change for change in self.states if change.kind is kind)


def nothing(name: str) -> StateMachine:
    """What a definition is compared with that came, or went: one without states, with a name for it."""
    return StateMachine(Scope("", {}, ()), Document({}, Source(name, "")))


def is_nothing(scope: Scope) -> bool:
    """Whether a scope is that of `nothing`."""
    return not scope.states and not scope.start_at


def compare_machines(before: StateMachine, after: StateMachine) -> MachineComparison:
    """What has changed from `before` to `after`."""
    comparer = _Comparer()
    fields = comparer.compare(before.scope, after.scope, (), ())
    return MachineComparison(
        before, after, tuple(comparer.states), tuple(comparer.transitions()), tuple(fields), comparer.places
    )


class _Comparer:
    """Collects what differs, scope by scope."""

    def __init__(self) -> None:
        self.states: list[StateChange] = []
        self.places: dict[StatePath, StatePath] = {(): ()}
        self._old: Rules = {}
        self._new: Rules = {}

    def compare(self, before: Scope, after: Scope, place: StatePath, owner: StatePath) -> list[str]:
        """Compare two scopes of one place; the fields of the scopes themselves that differ."""
        names = {name: name for name in before.states if name in after.states} | _renamed(before, after)
        self.places[before.path] = place
        earlier = {new: before.states[old] for old, new in names.items()}
        gone = _gone_after(before, names)
        for state in gone.get("", ()):
            self._remove(state, (*place, state.name))
        for name, state in after.states.items():
            was = earlier.get(name)
            if was is None:
                self._add(state, (*place, name))
            else:
                self._compare_states(was, state, (*place, name), names)
            for left in gone.get(was.name, ()) if was is not None else ():
                self._remove(left, (*place, left.name))
        _collect(before, place, owner, self._old, names)
        _collect(after, place, owner, self._new, {})
        if is_nothing(before) or is_nothing(after):
            return []
        return _differing(_renewed(before.fields, names, ("StartAt",)), after.fields, frozenset({"States"}))

    def _compare_states(self, before: State, after: State, path: StatePath, names: Mapping[str, str]) -> None:
        self.places[before.path] = path
        at = len(self.states)
        fields = _differing(_renewed(before.fields, names, _TARGETS), after.fields, _CONTENT)
        fields += _content_fields(before, after)
        for number, (old, new, title) in enumerate(_paired(before, after)):
            place = (*path, number)
            if new is None:
                assert old is not None, "one of a pair is there"
                self._remove_scope(old, place, path)
            elif old is None:
                self._add_scope(new, place, path)
            else:
                fields += [f"{title}.{name}" for name in self.compare(old, new, place, path)]
        if fields:
            self.states.insert(at, StateChange(path, ChangeKind.CHANGED, before.path, tuple(fields)))
        elif before.name != after.name:
            self.states.insert(at, StateChange(path, ChangeKind.RENAMED, before.path))

    def _add(self, state: State, path: StatePath) -> None:
        self.states.append(StateChange(path, ChangeKind.ADDED))
        for number, branch in enumerate(state.branches):
            self._add_scope(branch, (*path, number), path)

    def _add_scope(self, scope: Scope, place: StatePath, owner: StatePath) -> None:
        for name, state in scope.states.items():
            self._add(state, (*place, name))
        _collect(scope, place, owner, self._new, {})

    def _remove(self, state: State, path: StatePath) -> None:
        self.places[state.path] = path
        self.states.append(StateChange(path, ChangeKind.REMOVED, state.path))
        for number, branch in enumerate(state.branches):
            self._remove_scope(branch, (*path, number), path)

    def _remove_scope(self, scope: Scope, place: StatePath, owner: StatePath) -> None:
        self.places[scope.path] = place
        for name, state in scope.states.items():
            self._remove(state, (*place, name))
        _collect(scope, place, owner, self._old, {})

    def transitions(self) -> Iterator[TransitionChange]:
        """Those that differ: of the later definition in its order, then those that are gone."""
        for place, after in self._new.items():
            before = self._old.get(place)
            if before is None:
                yield TransitionChange(place, ChangeKind.ADDED, (), tuple(after))
            elif len(before) != len(after) or not all(map(same, before, after)):
                yield TransitionChange(place, ChangeKind.CHANGED, tuple(before), tuple(after))
        for place, before in self._old.items():
            if place not in self._new:
                yield TransitionChange(place, ChangeKind.REMOVED, tuple(before))


def _gone_after(before: Scope, names: Mapping[str, str]) -> dict[str, list[State]]:
    """The states that are no longer there, by the name of the one before them that is; "" for the first."""
    found: dict[str, list[State]] = {}
    last = ""
    for name, state in before.states.items():
        if name in names:
            last = name
        else:
            found.setdefault(last, []).append(state)
    return found


# Fields


def _differing(before: Mapping[str, Json], after: Mapping[str, Json], apart: frozenset[str]) -> list[str]:
    """The names of the fields that one has and the other has not, or that are not equal."""
    names = [name for name in dict.fromkeys([*after, *before]) if name not in apart]
    return [
        name for name in names if (name in before) is not (name in after) or not same(before.get(name), after.get(name))
    ]


def _renewed(fields: Mapping[str, Json], names: Mapping[str, str], targets: Sequence[str]) -> dict[str, Json]:
    """The fields as they would be if the states that they lead to had been called by their later names."""
    found = dict(fields)
    for field in targets:
        found.update(_with_name(found, field, names))
    for field in _RULES:
        rules = found.get(field)
        if isinstance(rules, list):
            found[field] = [_with_name(rule, "Next", names) if isinstance(rule, dict) else rule for rule in rules]
    return found


def _with_name(fields: dict[str, Json], field: str, names: Mapping[str, str]) -> dict[str, Json]:
    name = fields.get(field)
    return {**fields, field: names[name]} if isinstance(name, str) and name in names else fields


def _content_fields(before: State, after: State) -> list[str]:
    """The fields that hold states, where one of the two has another one, or other branches in another order."""
    fields = [name for name in _CONTENT if (name in before.fields) is not (name in after.fields)]
    if not fields and before.is_container:
        places = [(old and old.path[-1], new and new.path[-1]) for old, new, _ in _paired(before, after)]
        if any(old != new for old, new in places):
            fields = [name for name in _CONTENT if name in after.fields]
    return sorted(fields)


# Branches


def _paired(before: State, after: State) -> list[tuple[Scope | None, Scope | None, str]]:
    """The branches of two states, and what each is called: the later one's in its order, then those that are gone."""
    left = dict(enumerate(before.branches))
    pairs: dict[int, Scope] = {}
    ways = sorted(
        (-len(old.states.keys() & new.states.keys()), abs(number - at), at, number)
        for at, new in enumerate(after.branches)
        for number, old in left.items()
    )
    for shared, _, at, number in ways:
        if shared and number in left and at not in pairs:
            pairs[at] = left.pop(number)
    alone = [at for at in range(len(after.branches)) if at not in pairs]
    if len(alone) == len(left) == 1:
        pairs[alone[0]] = left.popitem()[1]
    field = next((name for name in ("ItemProcessor", "Iterator") if name in after.fields), "")
    title = "{}" if field else "Branches[{}]"
    found: list[tuple[Scope | None, Scope | None, str]] = [
        (pairs.get(at), new, field or title.format(at)) for at, new in enumerate(after.branches)
    ]
    return [*found, *((old, None, "") for old in left.values())]


# Names


def _renamed(before: Scope, after: Scope) -> dict[str, str]:
    """The states of a scope that have but another name, by the earlier one."""
    gone = {name: state for name, state in before.states.items() if name not in after.states}
    new = {name: state for name, state in after.states.items() if name not in before.states}
    if not gone or not new:
        return {}
    old_bodies, new_bodies = _by_body(gone), _by_body(new)
    names = {
        old[0]: new_bodies[body][0]
        for body, old in old_bodies.items()
        if len(old) == 1 and len(new_bodies.get(body, ())) == 1
    }
    while True:  # a transition to a renamed state is as it was only if that one is renamed: until nothing more falls
        wrong = [old for old, name in names.items() if not _is_equal(gone[old], new[name], names)]
        if not wrong:
            return names
        for old in wrong:
            del names[old]


def _by_body(states: Mapping[str, State]) -> dict[str, list[str]]:
    """The names of states by what is in them, whatever those of `states` are called that they lead to."""
    anything = dict.fromkeys(states, "")
    found: dict[str, list[str]] = {}
    for name, state in states.items():
        body = json.dumps(_renewed(state.fields, anything, _TARGETS), sort_keys=True)
        found.setdefault(body, []).append(name)
    return found


def _is_equal(before: State, after: State, names: Mapping[str, str]) -> bool:
    return same(_renewed(before.fields, names, _TARGETS), dict(after.fields))


# Transitions


def _collect(scope: Scope, place: StatePath, owner: StatePath, into: Rules, names: Mapping[str, str]) -> None:
    """Add the transitions of a scope, each with what its rules or Catchers say besides Next."""

    def path(name: str) -> StatePath:
        return (*place, names.get(name, name))

    def add(source: StatePath, target: str, kind: str, rule: Mapping[str, Json] | None = None) -> None:
        rules = into.setdefault(TransitionPlace(source, path(target), kind), [])
        if rule is not None:
            rules.append({name: value for name, value in rule.items() if name != "Next"})

    if not is_nothing(scope):
        add(owner, scope.start_at, "start")
    for state in scope.states.values():
        source = path(state.name)
        if state.next is not None:
            add(source, state.next, "next")
        for choice in state.choices:
            add(source, choice.next, "choice", choice.fields)
        if state.default is not None:
            add(source, state.default, "default")
        for catcher in state.catchers:
            add(source, catcher.next, "catch", catcher.fields)
