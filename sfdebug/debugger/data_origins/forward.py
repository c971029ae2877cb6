"""The way of a value on: which stages and rules read it, where copies of it go, and when its place is written next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sfdebug.debugger.data_origins.flow import GIVING_ITEMS, WORK, VisitFlow
from sfdebug.debugger.data_origins.model import (
    DataPlace,
    DataRead,
    DataSide,
    Keys,
    NextWrite,
    OriginKind,
    ReadKind,
    WriteKind,
)
from sfdebug.debugger.data_origins.parts import DataRoot, PartKind, starts_with
from sfdebug.debugger.data_origins.reading import Reading, readings
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.back import WayBack
    from sfdebug.debugger.data_origins.parts import DataRef, DataShape, ValuePart
    from sfdebug.debugger.data_origins.visits import RunStart, VisitIndex
    from sfdebug.engine.execution.visit import Fault, Stage, Visit

_MOST_READS: Final = 200
_MOST_VISITS: Final = 20_000
_MOST_WAYS: Final = 8
_CONTAINERS: Final = (StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)

Holders = set[Keys]
Variables = frozenset[tuple[str, Keys]]
"""Copies in variables: the name, and where in the value. The Context object's data have names of their own."""

_ITEM: Final = "$$.Map.Item.Value"
_INPUT: Final = "$$.Execution.Input"
_IN_CONTEXT: Final[dict[str, Keys]] = {_ITEM: ("Map", "Item", "Value"), _INPUT: ("Execution", "Input")}


class _Gone(Struct, frozen=True):
    """What a visit did with the copies of a value that it was given, for all visits that go alike."""

    conditions: tuple[tuple[int, tuple[DataShape, ...]], ...]
    reads: tuple[tuple[int, ReadKind, Keys, str, int | None], ...]
    output: tuple[Keys, ...]
    variables: Variables


class _FollowedStay(Struct):
    """The copies of a value in one visit: by stage, where in what it gave; and in variables."""

    visit: Visit
    flow: VisitFlow
    variables: Variables
    held: dict[int, Holders] = field(default_factory=dict)
    assigned: set[tuple[str, Keys]] = field(default_factory=set)
    error: Holders = field(default_factory=set)
    """Where the copies are in the error output of `fault`, which is on its way to a Catcher."""
    fault: Fault | None = None
    conditions: list[tuple[int, tuple[DataShape, ...]]] = field(default_factory=list)
    is_known: bool = True
    reads: list[tuple[int, ReadKind, Keys, str, int | None]] = field(default_factory=list)


class WayOn:
    """Goes on along one fork, from one value."""

    def __init__(self, index: VisitIndex) -> None:
        self._index = index
        self._alike: dict[tuple[object, ...], list[_Gone]] = {}
        self._found: dict[tuple[object, ...], DataRead] = {}
        self._visits = 0
        self.is_cut = False

    def reads(self, place: DataPlace) -> tuple[DataRead, ...]:
        """All that reads a value from a place on, in the order in which it comes to it."""
        visit = self._index.visit(place.visit)
        flow = VisitFlow(visit)
        stay = _FollowedStay(visit, flow, frozenset())
        start = place.stage
        if place.side is DataSide.VARIABLE:
            stay.variables = frozenset({(place.name, place.keys)})
            start -= 1
        elif flow.stages[start].fault is not None and (
            place.side is DataSide.BEFORE or flow.stages[start].after is MISSING
        ):
            stay.error, stay.fault = {place.keys}, flow.stages[start].fault
            start -= 1 if place.side is DataSide.BEFORE else 0
        elif place.side is DataSide.BEFORE:
            giver = flow.giver(place.stage)
            keys = place.keys
            if giver is None:
                return ()
            stay.held[giver] = {keys}
            start = place.stage - 1
        else:
            if start == 0 and self._is_input(visit):
                stay.variables = frozenset({(_INPUT, place.keys)})
            stay.held[start] = {place.keys}
            stage = flow.stages[start]
            if stage.name is StageName.ASSIGN and place.keys and stage.status is StageStatus.DONE:
                stay.assigned.add((str(place.keys[0]), place.keys[1:]))
        self._through(stay, start)
        self._on_from(stay)
        return tuple(self._found.values())

    # from visit to visit

    def _is_input(self, visit: Visit) -> bool:
        """Whether the input of a visit is that of its execution."""
        if visit.edited or self._index.before(visit) is not None:
            return False
        start = self._index.run_start(visit)
        return not visit.branch or (start is not None and _ran(start).name is StageName.MAP_RUN)

    def _on_from(self, stay: _FollowedStay) -> None:
        """On from a visit to the end of its branch, and out of that."""
        while True:
            last, output, variables = self._to_the_end(stay)
            error, fault = (stay.error, stay.fault) if last is stay.visit else (set(), None)
            if output and last.next is None and not last.branch:
                self._ends_in_output(last, output)
            start = self._index.run_start(last)
            if start is None or self.is_cut or last.next is not None:
                return
            flow = VisitFlow(start.visit)
            same = {(name, keys) for name, keys in variables if name == _INPUT}
            is_child = _ran(start).name is StageName.MAP_RUN
            stay = _FollowedStay(start.visit, flow, frozenset() if is_child else frozenset(same))
            if error and flow.stages[start.stage].fault is fault:  # nobody inside has caught it
                stay.error, stay.fault = error, fault
            elif not output and not stay.variables and not (error and is_child):
                return
            # A child execution that failed within what is tolerated stands in the result with its error.
            given = {(start.index, *keys) for keys in (output or error)}
            place = DataPlace(start.visit.number, start.stage)
            stay.held[start.stage] = {
                keys for keys in given if is_present(flow.value(DataPlace(place.visit, place.stage, keys=keys)))
            }
            self._through(stay, start.stage)

    def _to_the_end(self, stay: _FollowedStay) -> tuple[Visit, Holders, Variables]:
        """Through the visits after one, to the last of its run: that, and where the value is in its output."""
        visit, output, variables = stay.visit, self._output(stay), self._variables_after(stay)
        while (output or variables) and not self.is_cut:
            following = self._index.after(visit)
            if following is None:
                break
            visit = following
            output, variables = self._visit(visit, output, variables)
        return visit, output, variables

    def _visit(self, visit: Visit, given: Holders, variables: Variables) -> tuple[Holders, Variables]:
        """What becomes of the copies of a value in a visit that was entered with them."""
        self._visits += 1
        if self._visits > _MOST_VISITS or len(self._found) >= _MOST_READS:
            self.is_cut = True
            return set(), frozenset()
        flow = VisitFlow(visit)
        key = (self._index.way(visit), frozenset(given), variables)
        ways = self._alike.setdefault(key, [])
        for known in ways:
            if all(flow.holds(at, conditions) for at, conditions in known.conditions):
                for found in known.reads:
                    self._note(visit, *found)
                return set(known.output), known.variables
        stay = _FollowedStay(visit, flow, variables, {0: set(given)})
        self._through(stay, 0)
        output, after = self._output(stay), self._variables_after(stay)
        if stay.is_known and len(ways) < _MOST_WAYS and self._index.output_edit(visit.number) is None:
            ways.append(_Gone(tuple(stay.conditions), tuple(stay.reads), tuple(output), after))
        return output, after

    def _output(self, stay: _FollowedStay) -> Holders:
        at = stay.flow.output_stage()
        return stay.held.get(at, set()) if at >= 0 and stay.visit.output is not MISSING else set()

    def _variables_after(self, stay: _FollowedStay) -> Variables:
        given = stay.visit.assigned or {}
        kept = {(name, keys) for name, keys in stay.variables if name not in given}
        return frozenset(kept | {(name, keys) for name, keys in stay.assigned if name in given})

    def _ends_in_output(self, visit: Visit, output: Holders) -> None:
        at = VisitFlow(visit).output_stage()
        for keys in sorted(output, key=str):
            self._note(visit, at, ReadKind.OUTPUT, keys, "", None)

    # through the stages of a visit

    def _through(self, stay: _FollowedStay, start: int) -> None:
        if stay.flow.is_played:
            if stay.held.get(0) or stay.variables:
                at = max(stay.held.get(0, set()), default=(), key=str)
                stay.reads.append((0, ReadKind.UNKNOWN, at, "", None))
                self._note(stay.visit, 0, ReadKind.UNKNOWN, at, "", None)
            stay.variables = frozenset()
            return
        for index in range(start + 1, len(stay.flow.stages)):
            stage = stay.flow.stages[index]
            if stage.name is not StageName.RULE:
                self._note_conditions(stay, index)
            self._read_at(stay, index)
            self._carry(stay, index, stage)
            if self._index.output_edit(stay.visit.number) is not None and stage.name is StageName.OUTPUT:
                stay.held.pop(index, None)
                stay.is_known = False

    def _note_conditions(self, stay: _FollowedStay, index: int) -> None:
        parts = stay.flow.parts(index)
        if parts is not None and parts.conditions is None:
            stay.is_known = False
        elif parts is not None and parts.conditions:
            stay.conditions.append((index, parts.conditions))

    def _read_at(self, stay: _FollowedStay, index: int) -> None:
        """Note what the expressions of a stage read of the copies."""
        for reading in readings(stay.flow, index):
            for ref in reading.refs:
                self._match(stay, index, reading, ref)

    def _match(self, stay: _FollowedStay, index: int, reading: Reading, ref: DataRef) -> None:
        for keys in self._held_at(stay, index, ref):
            if starts_with(keys, ref.keys):
                stay.reads.append((index, reading.kind, keys, reading.text, reading.rule))
                self._note(stay.visit, index, reading.kind, keys, reading.text, reading.rule)
            elif starts_with(ref.keys, keys):
                kind = ReadKind.PART if reading.kind is ReadKind.TAKEN else reading.kind
                stay.reads.append((index, kind, keys, reading.text, reading.rule))
                self._note(stay.visit, index, kind, keys, reading.text, reading.rule)

    def _held_at(self, stay: _FollowedStay, index: int, ref: DataRef) -> list[Keys]:
        """Where the copies stand in what a root of an expression stands for."""
        if ref.root is DataRoot.VARIABLE:
            return [keys for name, keys in sorted(stay.variables, key=str) if name == ref.name]
        if ref.root is DataRoot.CONTEXT:
            return self._held_in_context(stay, index)
        place = stay.flow.root_place(index, ref.root)
        if place is not None and place.side is DataSide.BEFORE:  # the error output that a Catcher took
            return sorted(stay.error, key=str) if stay.flow.stages[place.stage].fault is stay.fault else []
        if place is None:
            return []
        return sorted(stay.held.get(place.stage, ()), key=str)

    def _held_in_context(self, stay: _FollowedStay, index: int) -> list[Keys]:
        """Where the copies stand in the Context object: in the input of the execution, or the item of a Map."""
        own = stay.flow.stages[index].name is StageName.ITEM_SELECTOR
        found = [
            (*_IN_CONTEXT[name], *keys)
            for name, keys in sorted(stay.variables, key=str)
            if name == _INPUT or (name == _ITEM and not own)
        ]
        items = dict.fromkeys(keys for _, keys in self._items(stay, index)) if own else ()
        return [*found, *((*_IN_CONTEXT[_ITEM], *keys) for keys in items)]

    def _carry(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        """Where the copies are in what a stage gave."""
        name, flow = stage.name, stay.flow
        if name is StageName.TASK:
            self._called(stay, index)
        elif name in _CONTAINERS:
            stay.is_known = False
            self._into_branches(stay, index, stage)
        elif stage.after is MISSING or stage.status in (StageStatus.NOT_MATCHED, StageStatus.FAILED):
            return
        elif name in (StageName.RESULT_PATH, StageName.CATCH):
            self._placed(stay, index, stage)
        elif name in (StageName.RULE, StageName.DEFAULT) or (name is StageName.OUTPUT and stage.expression is MISSING):
            giver = flow.giver(index)
            if giver is not None and giver in stay.held:
                stay.held[index] = set(stay.held[giver])
        elif name is StageName.ITEM_SELECTOR:
            self._selected(stay, index, stage)
        elif name is StageName.ITEM_BATCHER:
            self._batched(stay, index, stage)
        else:
            self._by_parts(stay, index, stage)

    def _called(self, stay: _FollowedStay, index: int) -> None:
        giver = stay.flow.giver(index)
        for keys in sorted(stay.held.get(giver or 0, ()), key=str):
            stay.reads.append((index, ReadKind.CALLED, keys, "", None))
            self._note(stay.visit, index, ReadKind.CALLED, keys, "", None)

    def _placed(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        flow = stay.flow
        written = flow.catch_path(stage) if stage.name is StageName.CATCH else stage.expression
        around = stay.held.get(0, set())
        if stage.name is StageName.RESULT_PATH:
            result = stay.held.get(flow.giver(index) or 0, set())
        else:
            result = stay.error if stage.fault is stay.fault else set()
        if written is MISSING:
            stay.held[index] = set(result)
            return
        if not isinstance(written, str):
            stay.held[index] = set(around)
            return
        path = compile_reference_path(written).keys
        kept = {keys for keys in around if not starts_with(keys, path)}
        stay.held[index] = kept | {(*path, *keys) for keys in result}

    def _by_parts(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        parts = stay.flow.parts(index)
        if parts is None:
            return
        held = {found for part in parts.parts for found in self._in_part(stay, index, part)}
        held = {keys for keys in held if is_present(stay.flow.value(DataPlace(stay.visit.number, index, keys=keys)))}
        if stage.name is StageName.ASSIGN:
            stay.assigned |= {(str(keys[0]), keys[1:]) for keys in held if keys}
        if held:
            stay.held[index] = held

    def _in_part(self, stay: _FollowedStay, index: int, part: ValuePart) -> Holders:
        """Where the copies are in a part that was taken as it was."""
        if part.kind is not PartKind.TAKEN:
            return set()
        (ref,) = part.refs
        found = self._held_at(stay, index, ref)
        size = len(ref.keys)
        return {(*part.target, *keys[size:]) for keys in found if starts_with(keys, ref.keys)}

    def _selected(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        parts = stay.flow.parts(index)
        count = len(stage.after) if isinstance(stage.after, list) else 0
        if parts is None:
            return
        stay.is_known = False
        of_item = _IN_CONTEXT[_ITEM]
        common = {
            found
            for part in parts.parts
            if not (part.refs and part.refs[0].root is DataRoot.CONTEXT and starts_with(part.refs[0].keys, of_item))
            for found in self._in_part(stay, index, part)
        }
        held = {(item, *keys) for keys in common for item in range(count)}
        for part in parts.parts:
            if part.kind is PartKind.TAKEN and part.refs[0].root is DataRoot.CONTEXT:
                inside = part.refs[0].keys
                if starts_with(inside, ("Map", "Item", "Value")):
                    held |= {
                        (item, *part.target, *keys[len(inside) - 3 :])
                        for item, keys in self._items(stay, index)
                        if starts_with(keys, inside[3:])
                    }
        stay.held[index] = held

    def _items(self, stay: _FollowedStay, index: int, giver: int | None = None) -> list[tuple[int, Keys]]:
        """The copies in the items of a Map, by the item; `giver` is the stage that gave these."""
        giver = stay.flow.giver(index) if giver is None else giver
        found: list[tuple[int, Keys]] = []
        if giver is None:
            return found
        value = stay.flow.stages[giver].after
        names = list(value) if isinstance(value, dict) else []
        for keys in sorted(stay.held.get(giver, ()), key=str):
            if keys and isinstance(keys[0], int):
                found.append((keys[0], keys[1:]))
            elif keys and keys[0] in names:
                found.append((names.index(str(keys[0])), keys[1:]))
        return found

    def _batched(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        places: list[tuple[int, int]] = []
        for batch, made in enumerate(stage.after if isinstance(stage.after, list) else ()):
            items = made.get("Items") if isinstance(made, dict) else None
            places += [(batch, position) for position in range(len(items) if isinstance(items, list) else 0)]
        held: Holders = set()
        for item, keys in self._items(stay, index):
            if item < len(places):
                batch, position = places[item]
                held.add((batch, "Items", position, *keys))
        parts = stay.flow.batch_input(index)
        for keys in {found for part in parts.parts for found in self._in_part(stay, index, part)} if parts else ():
            held |= {(batch, "BatchInput", *keys) for batch in {batch for batch, _ in places}}
        stay.held[index] = held
        stay.is_known = False

    # into branches

    def _into_branches(self, stay: _FollowedStay, index: int, stage: Stage) -> None:
        """Through the branches, iterations or child executions that a stage ran, and out of them again."""
        flow = stay.flow
        giver = flow.children_giver(index)
        given = stay.held.get(giver, set())
        is_parallel = stage.name is StageName.BRANCHES
        variables = stay.variables
        if stage.name is StageName.MAP_RUN:
            variables = frozenset()
        elif not is_parallel:
            variables = frozenset((name, keys) for name, keys in variables if name != _ITEM)
        listed: dict[int, set[tuple[str, Keys]]] = {}
        if stage.name is StageName.ITERATIONS:
            for item, keys in self._items(stay, index, flow.nearest(index, GIVING_ITEMS)):
                listed.setdefault(item, set()).add((_ITEM, keys))
        if not given and not variables and not listed:
            return
        held: Holders = set()
        items = self._given_items(stay, giver, given) if not is_parallel else {}
        everywhere = is_parallel or bool(variables)
        numbers = range(self._index.branches_of(stay.visit)) if everywhere else sorted({*items, *listed})
        for number in numbers:
            if self.is_cut:
                break
            first = self._index.first_of_run(stay.visit, index, number)
            inside = given if is_parallel else items.get(number, set())
            seen = variables | listed.get(number, set())
            if stage.name is StageName.MAP_RUN:
                seen = frozenset((_INPUT, keys) for keys in inside)
            if first is None or not (inside or seen):
                continue
            output, after = self._visit(first, set(inside), seen)
            _, ended, _ = self._to_the_end_of(first, output, after)
            held |= {(number, *keys) for keys in ended}
        if stage.after is not MISSING:
            stay.held[index] = {
                keys for keys in held if is_present(stay.flow.value(DataPlace(stay.visit.number, index, keys=keys)))
            }

    def _to_the_end_of(self, first: Visit, output: Holders, variables: Variables) -> tuple[Visit, Holders, Variables]:
        visit = first
        while (output or variables) and not self.is_cut:
            following = self._index.after(visit)
            if following is None:
                break
            visit = following
            output, variables = self._visit(visit, output, variables)
        return visit, (output if visit.next is None else set()), variables

    def _given_items(self, stay: _FollowedStay, giver: int, given: Holders) -> dict[int, Holders]:
        """The copies in the inputs of iterations, by the iteration."""
        value = stay.flow.stages[giver].after
        found: dict[int, Holders] = {}
        if isinstance(value, dict):  # the pairs of an object
            names = list(value)
            for keys in given:
                if keys and keys[0] in names:
                    found.setdefault(names.index(str(keys[0])), set()).add(("Value", *keys[1:]))
            return found
        for keys in given:
            if keys and isinstance(keys[0], int):
                found.setdefault(keys[0], set()).add(keys[1:])
        return found

    def _note(self, visit: Visit, stage: int, kind: ReadKind, keys: Keys, text: str, rule: int | None) -> None:
        """Remember a reading; what is read again and again, alike, is one."""
        name = visit.state.path, stage, kind, text, rule
        known = self._found.get(name)
        if known is not None:
            self._found[name] = DataRead(
                known.kind, known.place, known.stage_name, known.state, known.expression, rule, known.count + 1
            )
            return
        if len(self._found) >= _MOST_READS:
            self.is_cut = True
            return
        stage_name = visit.stages[stage].name
        place = DataPlace(visit.number, stage, DataSide.AFTER, keys)
        self._found[name] = DataRead(kind, place, stage_name, visit.state.name, text, rule)


def _ran(start: RunStart) -> Stage:
    """The stage that ran a branch."""
    return start.visit.stages[start.stage]


_LASTING: Final = (
    StageName.INPUT,
    StageName.RULE,
    StageName.DEFAULT,
    StageName.RESULT_PATH,
    StageName.CATCH,
    StageName.ASSIGN,
    StageName.OUTPUT_PATH,
    StageName.OUTPUT,
)
"""Stages whose values are the data that states hand on, or variables."""


def is_lasting(flow: VisitFlow, place: DataPlace) -> bool:
    """Whether a place is one of the data that states hand on, or a variable, and can be written again."""
    name = flow.stages[place.stage].name
    if place.side is DataSide.AFTER:
        return name in _LASTING
    giver = flow.giver(place.stage)
    return place.side is DataSide.VARIABLE or (giver is not None and flow.stages[giver].name in _LASTING)


def next_write(index: VisitIndex, back: WayBack, place: DataPlace) -> NextWrite | None:
    """The stage that gives the place of a value another one, or goes on without it; None as far as none is known."""
    visit = index.visit(place.visit)
    stage = visit.stages[place.stage]
    if place.side is DataSide.VARIABLE:
        return _next_assignment(index, visit, place.name, itself=True)
    if stage.name is StageName.ASSIGN and place.keys:
        return _next_assignment(index, visit, str(place.keys[0]), itself=False)
    if place.side is DataSide.BEFORE:
        giver = VisitFlow(visit).giver(place.stage)
        if giver is None:
            return None
        place = DataPlace(visit.number, giver, DataSide.AFTER, place.keys)
    for _ in range(_MOST_VISITS):
        if VisitFlow(visit).output_stage() < 0 or visit.output is MISSING:
            return None
        if not (place.stage == 0 and back.keeps(visit, place.keys)):
            written = _written_in(index, back, visit, place)
            if written is not None:
                return written
        following = index.after(visit)
        if following is None:
            return None
        visit, place = following, DataPlace(following.number, 0, DataSide.AFTER, place.keys)
    return None


def _written_in(index: VisitIndex, back: WayBack, visit: Visit, place: DataPlace) -> NextWrite | None:
    flow = VisitFlow(visit)
    at = DataPlace(visit.number, flow.output_stage(), DataSide.AFTER, place.keys)
    if flow.value(at) is MISSING:
        return NextWrite(WriteKind.DROPPED, _dropped_at(flow, place), visit.state.name)
    first: DataPlace | None = None
    while at.visit == visit.number and at != place:
        step = back.step(at)
        if step.kind is OriginKind.UNKNOWN:
            return NextWrite(WriteKind.UNKNOWN, at, visit.state.name)
        if first is None and step.kind is not OriginKind.KEPT:
            first = at
        if step.is_end:
            break
        at = step.sources[0]
    if at == place:
        return None
    return NextWrite(WriteKind.WRITTEN, first or at, visit.state.name)


def _dropped_at(flow: VisitFlow, place: DataPlace) -> DataPlace:
    """The first stage after a place that the value of the visit goes through without it."""
    number = flow.visit.number
    for index in range(place.stage + 1, len(flow.stages)):
        stage = flow.stages[index]
        is_flow = stage.after is not MISSING and stage.name not in (StageName.ASSIGN, StageName.WAIT, *_ASIDE)
        if is_flow and flow.value(DataPlace(number, index, DataSide.AFTER, place.keys)) is MISSING:
            later = range(index + 1, len(flow.stages))
            is_back = any(
                flow.stages[at].name in (StageName.RESULT_PATH, StageName.CATCH)
                and flow.value(DataPlace(number, at, DataSide.AFTER, place.keys)) is not MISSING
                for at in later
            )
            if not is_back:
                return DataPlace(number, index)
    return DataPlace(number, flow.output_stage())


_ASIDE: Final = (
    StageName.RETRY,
    StageName.ITEM_SELECTOR,
    StageName.ITEM_BATCHER,
    StageName.ITEMS_PATH,
    StageName.ITEMS,
    StageName.ITEM_READER,
    StageName.RESULT_WRITER,
    *WORK,
)


def _next_assignment(index: VisitIndex, visit: Visit, name: str, *, itself: bool) -> NextWrite | None:
    found = visit if itself and visit.assigned and name in visit.assigned else index.assigned_after(visit, name)
    if found is None:
        return None
    at = next((n for n in range(len(found.stages) - 1, -1, -1) if found.stages[n].name is StageName.ASSIGN), None)
    if at is None:
        return None
    return NextWrite(WriteKind.WRITTEN, DataPlace(found.number, at, DataSide.AFTER, (name,)), found.state.name)
