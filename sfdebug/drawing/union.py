"""Two definitions in one drawing: what the later one has, and in its place what only the earlier one had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from sfdebug.asl.comparison import MachineComparison, is_nothing
from sfdebug.asl.definition import StatePath
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.labels import Caption
from sfdebug.drawing.model import Item, ItemKind, ScopeModel, Transition, Wire, scope_model


def union_model(
    comparison: MachineComparison, collapsed: frozenset[StatePath], *, is_thinned: bool = False
) -> ScopeModel:
    """What to draw of two definitions, with the containers at the paths `collapsed` of the comparison drawn shut.

    A state that both have is drawn as it is in the later one, and so is a transition; `notes` are those of the later
    one. Where the two start at different states, each has its marker. What was in a Parallel or Map that is one no
    longer is not drawn.
    """
    shut = frozenset(path for path, place in comparison.places.items() if place in collapsed)
    before = scope_model(comparison.before, shut, is_thinned=is_thinned)
    after = scope_model(comparison.after, collapsed, is_thinned=is_thinned)
    union = _Union(comparison.places)
    if is_nothing(comparison.before.scope):
        return after
    return union.moved(before, ()) if is_nothing(comparison.after.scope) else union.merged(before, after, ())


def union_containers(comparison: MachineComparison) -> frozenset[StatePath]:
    """The paths in the comparison of every Parallel and Map of both definitions."""
    before = (comparison.places[state.path] for state in comparison.before.walk() if state.is_container)
    return frozenset(before) | {state.path for state in comparison.after.walk() if state.is_container}


class _Union:
    """Puts scopes together. `places` are the paths in the drawing by those of the earlier definition."""

    def __init__(self, places: Mapping[StatePath, StatePath]) -> None:
        self.places = places

    def merged(self, before: ScopeModel, after: ScopeModel, place: StatePath) -> ScopeModel:
        """Both scopes, which stand at `place`."""
        earlier = self.moved(before, place)
        if earlier.start != after.start or earlier.start is None:
            earlier, after = _with_marker(earlier), _with_marker(after)
            if _start(earlier) != _start(after):
                marker = earlier.items[0]
                other = replace(marker, path=(*marker.path[:-1], "before"))
                earlier = replace(earlier, items=(other, *earlier.items[1:]))
        kept = {item.path: item for item in earlier.items}
        items = {item.path: self._both(kept.get(item.path), item, before) for item in after.items}
        order = list(_in_order([item.path for item in after.items], [item.path for item in earlier.items]))
        numbers = {path: number for number, path in enumerate(order)}
        wires: dict[tuple[int, int, bool], Wire] = {}
        for scope in (after, earlier):
            for wire in scope.wires:
                ends = numbers[scope.items[wire.source].path], numbers[scope.items[wire.target].path]
                own = replace(wire, source=ends[0], target=ends[1])
                known = wires.get((*ends, wire.is_catch))
                wires[(*ends, wire.is_catch)] = own if known is None else _joined(known, own)
        drawn = tuple(items.get(path) or kept[path] for path in order)
        return ScopeModel(after.owner, drawn, tuple(wires.values()), after.start, after.notes)

    def _both(self, before: Item | None, after: Item, scope: ScopeModel) -> Item:
        """A state that both have, with the branches of both."""
        if before is None or not (before.branches and after.is_open):
            return after
        [old] = [item for item in scope.items if self.place_of(item, after.path[:-1]) == after.path]
        branches: list[ScopeModel] = list(after.branches)
        gone: dict[StatePath, ScopeModel] = {}
        for number, branch in enumerate(old.branches):
            place = self.places[(*old.path, number)]
            at = place[-1]
            assert isinstance(at, int), "it is the place of a branch"
            if at < len(after.branches):
                branches[at] = self.merged(branch, after.branches[at], place)
            else:
                gone[place] = self.moved(branch, place)
        return replace(after, branches=(*branches, *(gone[place] for place in sorted(gone, key=str))))

    def moved(self, scope: ScopeModel, place: StatePath) -> ScopeModel:
        """A scope of the earlier definition with the paths that it has in the drawing."""
        owner = place[:-1]
        paths = {item.path: self.place_of(item, place) for item in scope.items}
        items = tuple(
            replace(
                item,
                path=paths[item.path],
                branches=tuple(
                    self.moved(branch, (*paths[item.path], number)) for number, branch in enumerate(item.branches)
                ),
            )
            for item in scope.items
        )

        def moved(each: Transition) -> Transition:
            source = owner if each.kind is EdgeKind.START else paths[each.source]
            return replace(each, source=source, target=paths[each.target])

        wires = tuple(replace(wire, transitions=tuple(map(moved, wire.transitions))) for wire in scope.wires)
        start = paths[scope.start] if scope.start is not None else None
        return ScopeModel(owner, items, wires, start, ())

    def place_of(self, item: Item, place: StatePath) -> StatePath:
        """The path in the drawing of what the earlier definition has in the scope that stands at `place`."""
        if item.kind is ItemKind.START:
            return (*place[:-1], "")
        return self.places.get(item.path, (*place, item.name))


def _with_marker(scope: ScopeModel) -> ScopeModel:
    """The scope with a marker at the state that it starts at."""
    if scope.start is None:
        return scope
    marker = Item((*scope.owner, ""), "", "", ItemKind.START)
    wires = [replace(wire, source=wire.source + 1, target=wire.target + 1) for wire in scope.wires]
    target = 1 + [item.path for item in scope.items].index(scope.start)
    first = Wire(0, target, False, True, (Transition(scope.owner, scope.start, EdgeKind.START),))
    return ScopeModel(scope.owner, (marker, *scope.items), (first, *wires), None, scope.notes)


def _start(scope: ScopeModel) -> StatePath:
    """Where the marker of a scope leads."""
    return next(scope.items[wire.target].path for wire in scope.wires if wire.source == 0)


def _in_order(after: list[StatePath], before: list[StatePath]) -> Iterator[StatePath]:
    """The paths of the later scope, each with those behind it that only the earlier one has."""
    known = set(after)
    behind: dict[StatePath | None, list[StatePath]] = {}
    last: StatePath | None = None
    for path in before:
        if path in known:
            last = path
        else:
            behind.setdefault(last, []).append(path)
    yield from behind.get(None, ())
    for path in after:
        yield path
        yield from behind.get(path, ())


def _joined(after: Wire, before: Wire) -> Wire:
    """One line for the transitions of both; of a kind that both have, the later ones."""
    kinds = {each.kind for each in after.transitions}
    gone = tuple(each for each in before.transitions if each.kind not in kinds)
    left = {each.kind for each in gone}
    captions = tuple(caption for caption in before.captions if _kind_of(caption) in left)
    return replace(
        after,
        is_main=after.is_main or before.is_main,
        transitions=(*after.transitions, *gone),
        captions=(*after.captions, *captions),
    )


def _kind_of(caption: Caption) -> EdgeKind:
    if caption.rule is not None:
        return EdgeKind.CHOICE
    return EdgeKind.CATCH if caption.errors else EdgeKind.DEFAULT
