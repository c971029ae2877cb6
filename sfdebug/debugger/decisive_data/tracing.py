"""A value that two executions do not have in common, followed back in both to where it first differs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sfdebug.debugger.data_origins.flow import WORK, VisitFlow
from sfdebug.debugger.data_origins.model import DataPlace, DataSide, OriginKind, UnknownOrigin
from sfdebug.debugger.data_origins.parts import value_in
from sfdebug.debugger.decisive_data.model import CallContrast, DatumSource, DecisiveDatum
from sfdebug.debugger.decisive_data.sides import last_stage
from sfdebug.debugger.wording.values import named
from sfdebug.history.leaves import is_same, leaves
from sfdebug.history.made_up import is_told_of, looks_made_up
from sfdebug.json_pointer import format_pointer, keys_in, value_at
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sfdebug.debugger.data_origins.model import Keys, OriginStep
    from sfdebug.debugger.decisive_data.sides import ComparedSide
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.partings import Partings
    from sfdebug.values import Value

Places = tuple["DataPlace | None", "DataPlace | None"]
"""Where a value stands in the left and in the right execution; None where it stands nowhere."""

_DEEPEST: Final = 5
"""So many times it is asked what a result, or a computed value, was made of."""
_MOST: Final = 4
_RESULTS: Final = {OriginKind.RESULT: DatumSource.RESULT, OriginKind.DATASET: DatumSource.DATASET}


class CallDifference(NamedTuple):
    """How two calls differ: what of it can mean something, and where it looks made up."""

    call: CallContrast = CallContrast.NOT_RECORDED
    data: tuple[DecisiveDatum, ...] = ()
    made_up: tuple[str, ...] = ()


class Tracer:
    """Follows values of two executions side by side."""

    def __init__(self, left: ComparedSide, right: ComparedSide, partings: Partings) -> None:
        self.sides = (left, right)
        self._partners: tuple[Mapping[int, RecordedVisit], Mapping[int, RecordedVisit]] = (
            {one.left.number: one.right for one in partings.pairings if one.left and one.right},
            {one.right.number: one.left for one in partings.pairings if one.left and one.right},
        )

    # one value

    def datum(self, text: str, places: Places, depth: int = 0) -> DecisiveDatum:
        """A value that differs, with where it first does. One of the two can be missing."""
        values = self.values(places)
        ends = [
            self.sides[side].end(place) if place is not None and is_present(values[side]) else ()
            for side, place in enumerate(places)
        ]
        found = DecisiveDatum(text, *values, DatumSource.LOST)
        if not ends[0] and not ends[1]:
            return found
        if not ends[0] or not ends[1]:
            return self._one_sided(found, 0 if ends[0] else 1, ends[0] or ends[1], depth)
        return self._two_sided(found, (ends[0][-1], ends[1][-1]), depth)

    def values(self, places: Places) -> tuple[Value, Value]:
        """The values at two places."""
        return self.sides[0].value(places[0]), self.sides[1].value(places[1])

    def _one_sided(self, found: DecisiveDatum, side: int, steps: Sequence[OriginStep], depth: int) -> DecisiveDatum:
        """Of a value that only one side has: where that has it from, the other one has nothing, or it got lost."""
        end = steps[-1]
        if end.kind is OriginKind.INPUT:
            return self._of_input(found, end.field)
        partner = self._partner(end.place, side)
        if end.kind in _RESULTS and partner is not None:
            there = self._both(side, end.place, self._like(end.place, side))
            if not is_same(*self.values(there)):
                return self._of_result(found, _RESULTS[end.kind], there, depth)
        own = self.sides[side].recorded(end.place.visit)
        if own is not None and partner is None:
            writer = f"{self._writer(end, side)}, which the other one did not enter"
            return replace(found, source=DatumSource.WAYS, writers=_ordered(side, writer, "nothing"))
        return self._lost(found, side, steps)

    def _two_sided(self, found: DecisiveDatum, ends: tuple[OriginStep, OriginStep], depth: int) -> DecisiveDatum:
        kinds = {end.kind for end in ends}
        recorded = [self.sides[side].recorded(end.place.visit) for side, end in enumerate(ends)]
        are_partners = recorded[0] is not None and self._partners[0].get(recorded[0].number) is recorded[1]
        if len(kinds) == 1:
            (kind,) = kinds
            if kind is OriginKind.INPUT and ends[0].field == ends[1].field:
                return self._of_input(found, ends[0].field)
            if kind in _RESULTS and are_partners:
                return self._of_result(found, _RESULTS[kind], (ends[0].place, ends[1].place), depth)
            if kind is OriginKind.CONTEXT:
                return self._at(found, DatumSource.CONTEXT, ends, pointer=ends[0].expression)
            if kind is OriginKind.FAILED and are_partners:
                return self._at(found, DatumSource.ERROR, ends)
            if kind is OriginKind.LITERAL and are_partners:
                return self._at(found, DatumSource.DEFINITION, ends)
            if kind in (OriginKind.COMPUTED, OriginKind.BUILT) and are_partners:
                return self._of_computed(found, ends, depth)
            if kind is OriginKind.UNKNOWN:
                return self.shown(found, ends[0].why)
        elif OriginKind.UNKNOWN in kinds:
            return self.shown(found, next(end.why for end in ends if end.kind is OriginKind.UNKNOWN))
        writers = (self._writer(ends[0], 0), self._writer(ends[1], 1))
        return replace(self._at(found, DatumSource.WAYS, ends), writers=writers)

    def _at(
        self, found: DecisiveDatum, source: DatumSource, ends: Sequence[OriginStep], pointer: str = ""
    ) -> DecisiveDatum:
        recorded = [self.sides[side].recorded(end.place.visit) for side, end in enumerate(ends)]
        one = recorded[0] or recorded[1]
        events = [None if visit is None else visit.entered.id for visit in recorded]
        return replace(
            found,
            source=source,
            state=one.state if one is not None else "",
            branch=one.branch if one is not None else (),
            pointer=pointer,
            left_there=ends[0].value,
            right_there=ends[1].value,
            left_event=events[0],
            right_event=events[1],
        )

    def _of_input(self, found: DecisiveDatum, keys: Keys) -> DecisiveDatum:
        there = [value_in(side.recording.input, keys) for side in self.sides]
        events = [side.recording.events[0].id for side in self.sides]
        if is_same(*there):  # it was put in place of what is there
            return self.shown(found, UnknownOrigin.NOT_COMPUTED)
        pointer = format_pointer(_first_missing(keys, [side.recording.input for side in self.sides]))
        return replace(
            found, source=DatumSource.INPUT, pointer=pointer, left_there=there[0], right_there=there[1],
            left_event=events[0], right_event=events[1],
        )  # fmt: skip

    def _of_result(self, found: DecisiveDatum, source: DatumSource, there: Places, depth: int) -> DecisiveDatum:
        """It first differs in what a state was answered: what that was called with, and whether that differs too."""
        visits = [
            self.sides[side].recorded(place.visit) if place is not None else None for side, place in enumerate(there)
        ]
        place = there[0] or there[1]
        left, right = visits
        if left is None or right is None or place is None:
            return found
        events = [(one.attempts[-1].ended or one.last).id if one.attempts else one.last.id for one in (left, right)]
        values = self.values(there)
        found = replace(
            found, source=source, state=left.state, branch=left.branch, pointer=format_pointer(place.keys),
            left_there=values[0], right_there=values[1], left_event=events[0], right_event=events[1],
        )  # fmt: skip
        if depth >= _DEEPEST:
            return found
        called = self.called(left, right, depth=depth + 1)
        return replace(found, sources=called.data, call=called.call, made_up=called.made_up)

    def _of_computed(self, found: DecisiveDatum, ends: tuple[OriginStep, OriginStep], depth: int) -> DecisiveDatum:
        """It was computed alike of data that differ: those are what decided it."""
        found = self._at(found, DatumSource.COMPUTED, ends, pointer=ends[0].expression)
        if depth >= _DEEPEST:
            return found
        return replace(found, sources=self._differing(zip(*self._matched(ends), strict=True), depth + 1))

    def _matched(self, ends: tuple[OriginStep, OriginStep]) -> tuple[list[DataPlace], list[DataPlace]]:
        """The places that two values were made of, side by side; what one of them does not have is looked up there."""
        lefts, rights = list(ends[0].sources), list(ends[1].sources)
        if len(lefts) == len(rights):
            return lefts, rights
        if len(lefts) > len(rights):
            return lefts, [self._like(place, 0) or place for place in lefts]
        return [self._like(place, 1) or place for place in rights], rights

    def _differing(self, places: Iterable[tuple[DataPlace, DataPlace]], depth: int) -> tuple[DecisiveDatum, ...]:
        found: list[DecisiveDatum] = []
        for pair in places:
            if len(found) < _MOST and not is_same(*self.values(pair)):
                found.append(self.datum(_place_text(pair[0]), pair, depth))
        return tuple(found)

    def _lost(self, found: DecisiveDatum, side: int, steps: Sequence[OriginStep]) -> DecisiveDatum:
        """Further back both have it: the state on the way at which one of them has not any more."""
        for step in reversed(steps):
            place = self._like(step.place, side)
            if not is_same(*self.values(self._both(side, step.place, place))):
                one = self.sides[side].recorded(step.place.visit)
                if one is not None:
                    return replace(found, source=DatumSource.LOST, state=one.state, branch=one.branch)
        return found

    # visits and places of the other side

    def partner(self, visit: RecordedVisit, side: int) -> RecordedVisit | None:
        """The visit of the other side that one of this side is paired with."""
        return self._partners[side].get(visit.number)

    def _partner(self, place: DataPlace, side: int) -> RecordedVisit | None:
        own = self.sides[side].recorded(place.visit)
        return self.partner(own, side) if own is not None else None

    def _like(self, place: DataPlace, side: int) -> DataPlace | None:
        """The place on the other side that one on this side is like: in the paired visit, the same stage of it."""
        own = self.sides[side].recorded(place.visit)
        partner = self._partners[side].get(own.number) if own is not None else None
        visit, theirs = self.sides[side].visit(own), self.sides[1 - side].visit(partner)
        if visit is None or theirs is None:
            return None
        stage = place.stage
        if place.stage:
            name = visit.stages[place.stage].name
            last = last_stage(theirs, (name,))
            if last is None:
                return None
            stage = last
        return DataPlace(theirs.number, stage, place.side, place.keys, place.name)

    def _both(self, side: int, place: DataPlace | None, other: DataPlace | None) -> Places:
        return (place, other) if side == 0 else (other, place)

    def _writer(self, end: OriginStep, side: int) -> str:
        """What wrote a value, in a few words."""
        own = self.sides[side].recorded(end.place.visit)
        name = named(own.state) if own is not None else ""
        words = {
            OriginKind.INPUT: f"the input{' at ' + format_pointer(end.field) if end.field else ''}",
            OriginKind.RESULT: f"the result of {name}",
            OriginKind.DATASET: f"the dataset of {name}",
            OriginKind.FAILED: f"the error of {name}",
            OriginKind.LITERAL: f"written in {name}",
            OriginKind.CONTEXT: f"the Context object in {name}",
            OriginKind.COMPUTED: f"computed in {name}",
            OriginKind.BUILT: f"put together in {name}",
        }
        return words.get(end.kind, f"{name}, where it cannot be followed")

    # what a Task was called with

    def called(self, left: RecordedVisit, right: RecordedVisit, cause: str = "", depth: int = 0) -> CallDifference:
        """Whether two visits called with the same; and what differs, with its origins: what a `cause` tells of comes
        first. The last call of the one and of the other: a Retrier calls with the same again."""
        if not left.attempts or not right.attempts:
            return CallDifference()
        inputs = left.attempts[-1].input, right.attempts[-1].input
        if MISSING in inputs:
            return CallDifference()
        differing = leaves(*inputs, most=None)
        found = self.telling(differing, cause)
        made_up = tuple(leaf.pointer for leaf in differing if leaf not in found)
        call = CallContrast.OTHER if found else CallContrast.MADE_UP if made_up else CallContrast.SAME
        places = [self._call_place(side, visit) for side, visit in enumerate((left, right))]
        data: list[DecisiveDatum] = []
        for leaf in found[:_MOST]:
            text = leaf.pointer or "all of it"
            both = [
                replace(place, keys=(*place.keys, *keys_in(value, leaf.pointer))) if place is not None else None
                for place, value in zip(places, inputs, strict=True)
            ]
            if both[0] is None or both[1] is None or is_same(*self.values((both[0], both[1]))):
                datum = DecisiveDatum(text, leaf.recorded, leaf.computed, DatumSource.SHOWN)
                data.append(self.shown(datum, UnknownOrigin.NOT_RECORDED))
            else:
                data.append(self.datum(text, (both[0], both[1]), depth))
        return CallDifference(call, tuple(data), made_up)

    def telling(self, found: Sequence[Leaf], cause: str = "") -> list[Leaf]:
        """The differences that can mean something: not what looks made up. What a cause tells of comes first, even if
        it does."""
        facts = self.sides[0].recording.facts, self.sides[1].recording.facts
        told = [leaf for leaf in found if cause and any(is_told_of(value, cause) for value in leaf[1:])]
        rest = [leaf for leaf in found if leaf not in told and not looks_made_up(leaf, facts)]
        return told + rest

    def _call_place(self, side: int, recorded: RecordedVisit) -> DataPlace | None:
        """Where what a Task was called with stands in its computed visit."""
        visit: Visit | None = self.sides[side].visit(recorded)
        if visit is None:
            return None
        stage = last_stage(visit, WORK)
        giver = VisitFlow(visit).giver(stage) if stage is not None else None
        return DataPlace(visit.number, giver, DataSide.AFTER) if giver is not None else None

    # where nothing was computed

    def shown(self, found: DecisiveDatum, why: UnknownOrigin | None = None) -> DecisiveDatum:
        """Where the recordings show the same two values first: in the inputs, or in a result; else only here."""
        if not _is_telling(found.left, found.right):
            return replace(found, source=DatumSource.SHOWN, why=why)
        name = _last_name(found.text)

        def first(inside: tuple[Value, Value]) -> Leaf | None:
            """The place of the same two values under the same name."""
            alike = (
                leaf
                for leaf in (leaves(*inside) if MISSING not in inside else ())
                if is_same(leaf.recorded, found.left) and is_same(leaf.computed, found.right)
            )
            return next((leaf for leaf in alike if _last_name(leaf.pointer) == name), None)

        left_side, right_side = self.sides
        leaf = first((left_side.recording.input, right_side.recording.input))
        if leaf is not None:
            return replace(
                found, source=DatumSource.SHOWN, why=why, pointer=leaf.pointer, left_there=leaf.recorded,
                right_there=leaf.computed, left_event=left_side.recording.events[0].id,
                right_event=right_side.recording.events[0].id,
            )  # fmt: skip
        for left in left_side.alignment.visits:
            right = self._partners[0].get(left.number)
            if right is None or not left.attempts or not right.attempts:
                continue
            leaf = first((left.attempts[-1].result, right.attempts[-1].result))
            if leaf is not None:
                return replace(
                    found, source=DatumSource.SHOWN, why=why, state=left.state, branch=left.branch,
                    pointer=leaf.pointer, left_there=leaf.recorded, right_there=leaf.computed,
                    left_event=left.last.id, right_event=right.last.id,
                )  # fmt: skip
        return replace(found, source=DatumSource.SHOWN, why=why)


def _last_name(text: str) -> str:
    """The last name in a path or a pointer."""
    names = [name for name in re.split(r"[./\[\]'\"$]+", text) if name and not name.isdecimal()]
    return names[-1] if names else ""


def _is_telling(left: Value, right: Value) -> bool:
    """Whether two values are ones by which a place can be found again; at least one of them is there."""
    return is_present(left) or is_present(right)


def _first_missing(keys: Keys, inputs: Sequence[Value]) -> Keys:
    """The keys up to the first that one of the inputs does not have: the object that is missing, not what is in it."""
    for count in range(1, len(keys)):
        found = [value_at(one, format_pointer(keys[:count])) for one in inputs]
        if MISSING in found and any(map(is_present, found)):
            return keys[:count]
    return keys


def _ordered(side: int, mine: str, theirs: str) -> tuple[str, str]:
    return (mine, theirs) if side == 0 else (theirs, mine)


def _place_text(place: DataPlace) -> str:
    """How a place in the data of a state is written: `$.order.id`, `$total`."""
    start = f"${place.name}" if place.side is DataSide.VARIABLE else "$"
    return start + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place.keys)
