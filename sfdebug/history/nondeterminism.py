"""What AWS made up when an execution ran, and what hangs on it: random numbers, UUIDs, clocks, task tokens, names.

A replay cannot compute such values; it finds out what they feed. Beside the replayed execution, *shadows* of it take
the same decisions with another clock, from the other ends of the random numbers, under other names. A place that is the
same in all of them hangs on nothing that was made up, so there the recorded value must be the computed one. Where
shadows differ, the recorded value must be one that the same expression can have given: a UUID where a UUID is drawn, a
number of the range that is drawn from, a time of the moment of the event. What cannot be told so is never taken for
equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from sfdebug.engine import Execution, Program, Settings, step
from sfdebug.engine.execution import Phase
from sfdebug.errors import DecisionError
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.values import MISSING, Json, Value, compact, same

if TYPE_CHECKING:
    from sfdebug.engine.decisions import BranchId, Decision
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import RecordedEvent, Recording

UNKNOWN_NAME: Final = "name-of-the-execution-not-recorded"
UNKNOWN_MACHINE: Final = "state-machine-not-recorded"
"""What stands in a replay for names that the recording does not say."""

_DRAWS: Final = re.compile(r"States\.(?:UUID|MathRandom)\b|\$(?:uuid|random|shuffle)\b")
_CLOCK: Final = re.compile(r"\$(?:now|millis)\b")
_CONTEXT: Final = re.compile(r"\$\$|\$states\b(?!\s*\.\s*(?:input|result|errorOutput)\b)")
_ENTERED: Final = re.compile(r"(?<=entered at the event id #)\d+")

_UUID_TEXT: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_TIME_TEXT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)"
_NUMBER_TEXT: Final = r"(?:(?<![0-9A-Za-z])-)?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_UUID: Final = re.compile(_UUID_TEXT)
_TIME: Final = re.compile(_TIME_TEXT)
_NUMBER: Final = re.compile(_NUMBER_TEXT)

_EARLIER: Final = -((403 * 24 + 7) * 3_600_000 + 1_177_113)
_LATER: Final = (811 * 24 + 4) * 3_600_000 + 2_483_387
"""By how many milliseconds the clocks of shadows differ: every digit of a date changes."""
_LOW: Final = (0.0, 1e-9)
_HIGH: Final = (1.0 - 1e-9, 1.0)
_SLACK: Final = 500
"""Milliseconds by which a clock that an expression reads may differ from the one that stamps events."""
_WHOLE_SECOND: Final = 1_000
_UNSURE: Final = 10_000
"""A time that is farther off than the slack, but not as far as this, may still be the same clock's."""
_LONG_NUMBER: Final = 12
"""Characters from which a number is drawn but once."""


class Dependence(StrEnum):
    """What a place of a computed value, where the recorded one is another, hangs on."""

    NOTHING = "nothing"
    """Nothing that was made up, or it could not have become the recorded value: the two differ."""
    DRAWN = "drawn"
    """AWS made it up when the execution ran, and the same expression can have given the recorded value."""
    NOT_RECORDED = "not recorded"
    """It holds the execution's name, or another fact of it, that the recording does not say."""
    NOT_TRACED = "not traced"
    """It hangs on something that was made up in a way that cannot be followed back."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a value was computed: between the event before it in its branch and its own, milliseconds since 1970.

    `latest` is None where the recording does not say times; `is_ignored` when times do not count at all.
    """

    earliest: int | None
    latest: int | None
    is_ignored: bool = False


class Nature(StrEnum):
    """What a shadow has otherwise than the replayed execution."""

    CLOCK = "clock"
    CHANCE = "chance"
    NAMES = "names"


@dataclass(slots=True)
class Shadow:
    """The same execution with other made-up values. `offset` is how far its clock is off, in milliseconds."""

    nature: Nature
    settings: Settings
    offset: int
    execution: Execution


class Shadows:
    """The shadows of an execution, in step with it.

    Where one of them goes another way, `parted` says in which branch the way hangs on what was made up, and by what;
    it is then begun anew from the execution itself.
    """

    def __init__(self, execution: Execution, unknown: frozenset[str] = frozenset()) -> None:
        """`unknown` holds the names of the settings that the recording does not say."""
        self.made_up: dict[str, Dependence] = {}
        """The strings that stand for what was made up, or is not known, in the execution and in its shadows."""
        self.parted: dict[BranchId, Nature] = {}
        self._muddied: set[int] = set()
        settings = execution.settings
        for name in unknown:
            self.made_up[str(getattr(settings, name))] = Dependence.NOT_RECORDED
        self._all = [
            Shadow(nature, changed, offset, replace(execution, settings=changed))
            for nature, changed, offset in _variations(_sources_of(execution.program), settings, unknown)
        ]
        for shadow in self._all:
            for name in unknown:
                self.made_up[str(getattr(shadow.settings, name))] = Dependence.NOT_RECORDED

    def __bool__(self) -> bool:
        """Whether the definition reads anything that is made up."""
        return bool(self._all)

    def follow(self, before: Execution, decision: Decision, after: Execution) -> None:
        """Take the step that the execution took from `before` to `after`."""
        for shadow in self._all:
            try:
                moved = step(shadow.execution, decision)
            except DecisionError:
                moved = None
            if moved is None or not _is_in_step(moved, after):
                self._begin_anew(shadow, before, after)
            else:
                shadow.execution = moved
                self._note_token(moved)
        if self._all:
            self._note_token(after)

    def _begin_anew(self, shadow: Shadow, before: Execution, after: Execution) -> None:
        moved = after.moved
        self.parted[moved] = shadow.nature
        shadow.execution = replace(after, settings=shadow.settings)
        for execution in (before, after):
            self._muddied |= {branch.visit.number for branch in execution.branches.values() if branch.visit is not None}

    def _note_token(self, execution: Execution) -> None:
        branch = execution.branches.get(execution.moved)
        if branch is not None and branch.request is not None and branch.request.task_token:
            self.made_up[branch.request.task_token] = Dependence.DRAWN

    def agree(self, execution: Execution, branch_id: BranchId) -> None:
        """Give a branch of each shadow the values that the execution's own goes on with: those are known now."""
        branch = execution.branches.get(branch_id)
        if branch is None:
            return
        for shadow in self._all:
            other = shadow.execution.branches.get(branch_id)
            if other is None:
                continue
            if branch.phase is Phase.READY:
                other = replace(other, input=branch.input, variables=branch.variables)
            elif branch.visit is not None and other.visit is not None:
                visit = replace(other.visit, output=branch.visit.output, assigned=branch.visit.assigned)
                other = replace(other, visit=visit)
            branches = {**shadow.execution.branches, branch_id: other}
            shadow.execution = replace(shadow.execution, branches=branches)

    def is_muddied(self, visit: int) -> bool:
        """Whether a shadow was begun anew during a visit, so that it does not show what the visit hangs on."""
        return visit in self._muddied

    def read(self, find: Callable[[Execution], Value]) -> list[tuple[Shadow, Value]]:
        """What each shadow has at the place that `find` reads."""
        found = []
        for shadow in self._all:
            try:
                found.append((shadow, find(shadow.execution)))
            except (KeyError, IndexError, AttributeError):
                found.append((shadow, MISSING))
        return found


def _is_in_step(shadow: Execution, after: Execution) -> bool:
    """Whether a shadow came to where the execution came: the same branches, states, phases and kinds of events."""
    if shadow.status is not after.status or len(shadow.events) != len(after.events):
        return False
    if shadow.branches.keys() != after.branches.keys():
        return False
    mine, theirs = shadow.branches.get(after.moved), after.branches.get(after.moved)
    if mine is None or theirs is None:
        return mine is theirs
    return mine.phase is theirs.phase and mine.state_name == theirs.state_name


class _Sources(NamedTuple):
    """Whether a definition reads the Context object or a clock, and whether it draws."""

    context: bool
    clock: bool
    draws: bool


_SOURCES: Final[WeakKeyDictionary[Program, _Sources]] = WeakKeyDictionary()
"""What programs read: worked out once for each, not for each of many recordings."""


def _sources_of(program: Program) -> _Sources:
    found = _SOURCES.get(program)
    if found is None:
        text = json.dumps([dict(state.fields) for state in program.machine.scope.states.values()])
        patterns = (_CONTEXT, _CLOCK, _DRAWS)
        found = _SOURCES[program] = _Sources(*(pattern.search(text) is not None for pattern in patterns))
    return found


def _variations(
    sources: _Sources, settings: Settings, unknown: frozenset[str]
) -> Iterable[tuple[Nature, Settings, int]]:
    """The settings of the shadows that a definition needs: none where it reads nothing that is made up."""
    if sources.context or sources.clock:
        for offset in (_EARLIER, _LATER):
            yield Nature.CLOCK, replace(settings, start_time=settings.start_time + offset), offset
    if sources.draws:
        for number, (low, high) in enumerate((_LOW, _HIGH), 1):
            yield Nature.CHANCE, replace(settings, seed=settings.seed + number, draws_from=low, draws_below=high), 0
    if sources.context:
        names = {name: f"{getattr(settings, name)}-shadow" for name in unknown}
        # Another seed gives other task tokens; where something is drawn, the shadows of chance have those.
        seed = settings.seed if sources.draws else settings.seed + 9
        yield Nature.NAMES, replace(settings, seed=seed, **names), 0  # type: ignore[arg-type]


_KNOWN_FACTS: Final = {
    "name": "name",
    "state_machine_name": "state_machine_name",
    "region": "region",
    "account": "account",
    "role_arn": "role_arn",
}
"""The settings that the Context object shows, and the facts of a recording that say them."""


def unknown_settings(recording: Recording, settings: Settings) -> frozenset[str]:
    """The settings that the recording does not say and nobody gave."""
    known, stand_ins = recording.facts, replace(Settings(), name=UNKNOWN_NAME, state_machine_name=UNKNOWN_MACHINE)
    return frozenset(
        name
        for name, fact in _KNOWN_FACTS.items()
        if not getattr(known, fact) and getattr(settings, name) == getattr(stand_ins, name)
    )


def draws_of(fields: Mapping[str, Json]) -> list[str]:
    """The texts in a state's fields by which it draws a random value, sorted."""
    found: list[str] = []
    stack: list[Json] = list(fields.values())
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if _DRAWS.search(value):
                found.append(value)
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return sorted(found)


class Tracer:
    """Says of each place where recorded and computed values differ what it hangs on.

    It remembers what stood for what: one made-up value is one recorded value everywhere, and a value that stood in the
    recording before cannot have been drawn later.
    """

    def __init__(self, recording: Recording, shadows: Shadows) -> None:
        self._recording = recording
        self._shadows = shadows
        self._recorded: dict[str, str] = {}
        self._seen: dict[str, int] | None = None
        self.event_ids: dict[int, int] = {}
        """The recorded ids of computed events: causes name them."""

    def dependence(
        self,
        leaf: Leaf,
        event: RecordedEvent,
        window: Window,
        roots: tuple[Value, Value],
        others: Sequence[tuple[Shadow, Value]],
    ) -> Dependence:
        """What the computed value of `leaf` hangs on.

        Args:
            leaf: The place, with the recorded and the computed value there.
            event: The recorded event that holds the value.
            window: When it was computed.
            roots: The whole recorded and computed values that the leaf is a part of.
            others: The same whole value in each shadow.
        """
        recorded, computed = leaf.recorded, leaf.computed
        if isinstance(recorded, str) and isinstance(computed, str) and self._with_event_ids(computed) == recorded:
            return Dependence.DRAWN
        values = [(shadow, value_at(root, leaf.pointer)) for shadow, root in others]
        varied = [(shadow, value) for shadow, value in values if not _alike(value, computed)]
        if not varied:
            return Dependence.NOTHING
        shuffled = _shuffled(leaf.pointer, roots, [root for _, root in others])
        if shuffled is not None:
            return shuffled
        if recorded is MISSING or computed is MISSING or any(value is MISSING for _, value in varied):
            return Dependence.NOT_TRACED
        look = _Look(self, event, window)
        if isinstance(computed, str) and all(isinstance(value, str) for _, value in varied):
            if not isinstance(recorded, str):
                return Dependence.NOTHING
            return look.text(recorded, computed, [(shadow, str(value)) for shadow, value in values])
        if _is_number(computed) and all(_is_number(value) for _, value in varied):
            return look.number(recorded, computed, varied)
        return look.one_of(recorded, varied)

    def _with_event_ids(self, computed: str) -> str:
        """A cause that says which event entered the state, with the recorded id."""
        return _ENTERED.sub(lambda match: str(self.event_ids.get(int(match[0]), match[0])), computed)

    def pieces(self) -> str:
        """A regular expression for the pieces of a text that may have been made up."""
        known = sorted(map(re.escape, self._shadows.made_up), key=len, reverse=True)
        return "|".join((*known, _TIME_TEXT, _UUID_TEXT, _NUMBER_TEXT))

    def stands_for(self, piece: str) -> Dependence | None:
        """What a made-up string stands for; None for any other string."""
        return self._shadows.made_up.get(piece)

    def bind(self, piece: str, recorded: str) -> bool:
        """Let a made-up piece stand for a recorded one; False when it already stands for another."""
        return self._recorded.setdefault(piece, recorded) == recorded

    def is_new(self, piece: str, recorded: str, event: RecordedEvent) -> bool:
        """Whether a drawn value can have been drawn for this event: it stands nowhere earlier, unless as the same."""
        bound = self._recorded.get(piece)
        if bound is not None:
            return bound == recorded
        if self._seen is None:
            self._seen = _first_seen(self._recording)
        first = self._seen.get(recorded.lower())
        if first is not None and first < event.id and not self._is_of_visit(first, event):
            return False
        self._recorded[piece] = recorded
        return True

    def _is_of_visit(self, earlier: int, event: RecordedEvent) -> bool:
        """Whether an earlier event is of the same state's stay: following back, no state is left or entered."""
        by_id, current = self._recording.by_id, event
        while current.id > earlier and not current.is_entry:
            before = by_id.get(current.previous_event_id)
            if before is None or before.id >= current.id:
                return False
            current = before
        return current.id == earlier and not current.is_entry


class _Look:
    """One look at one leaf."""

    def __init__(self, tracer: Tracer, event: RecordedEvent, window: Window) -> None:
        self._tracer = tracer
        self._event = event
        self._window = window

    def text(self, recorded: str, computed: str, others: Sequence[tuple[Shadow, str]]) -> Dependence:
        """A text: its made-up pieces may differ, all else must be the same."""
        pieces = re.compile(f"({self._tracer.pieces()})")
        mine = pieces.split(computed)
        theirs = [(shadow, pieces.split(value)) for shadow, value in others]
        if any(len(parts) != len(mine) or parts[::2] != mine[::2] for _, parts in theirs):
            return self.one_of(recorded, others)
        slots = [
            (place, [(shadow, parts[place]) for shadow, parts in theirs if parts[place] != mine[place]])
            for place in range(1, len(mine), 2)
        ]
        slots = [(place, varied) for place, varied in slots if varied]
        is_slot = {place for place, _ in slots}
        pattern = "".join(self._slot(text) if place in is_slot else re.escape(text) for place, text in enumerate(mine))
        match = re.fullmatch(pattern, recorded, re.DOTALL)
        if match is None:
            return self.one_of(recorded, others, otherwise=Dependence.NOTHING)
        found = [self._piece(match[number], mine[place], varied) for number, (place, varied) in enumerate(slots, 1)]
        order = (Dependence.NOTHING, Dependence.NOT_TRACED, Dependence.NOT_RECORDED, Dependence.DRAWN)
        return next((kind for kind in order if kind in found), Dependence.NOT_TRACED)

    def _slot(self, piece: str) -> str:
        if self._tracer.stands_for(piece) is not None:
            return "(.+?)"
        for kind, text in ((_TIME, _TIME_TEXT), (_UUID, _UUID_TEXT)):
            if kind.fullmatch(piece):
                return f"({text})"
        return f"({_NUMBER_TEXT})"

    def _piece(self, recorded: str, computed: str, varied: Sequence[tuple[Shadow, str]]) -> Dependence:
        meaning = self._tracer.stands_for(computed)
        if meaning is not None:
            return meaning if self._tracer.bind(computed, recorded) else Dependence.NOTHING
        if _TIME.fullmatch(computed):
            return self._time(recorded, computed, varied)
        if _UUID.fullmatch(computed):
            if any(shadow.nature is Nature.CLOCK for shadow, _ in varied):
                return Dependence.NOT_TRACED
            return Dependence.DRAWN if self._tracer.is_new(computed, recorded, self._event) else Dependence.NOTHING
        numbers = [(shadow, _parsed(text)) for shadow, text in varied]
        if any(value is None for _, value in numbers):
            return Dependence.NOT_TRACED
        return self.number(_parsed(recorded), _parsed(computed), numbers)

    def _time(self, recorded: str, computed: str, varied: Sequence[tuple[Shadow, str]]) -> Dependence:
        left, right = parse_timestamp(recorded), parse_timestamp(computed)
        if left is None or right is None:
            return Dependence.NOT_TRACED
        for shadow, text in varied:
            moved = parse_timestamp(text)
            if shadow.nature is not Nature.CLOCK or moved is None:
                return Dependence.NOT_TRACED
            if abs(moved - right - shadow.offset) >= _WHOLE_SECOND:
                return Dependence.NOT_TRACED
        return self._off_by(left - right)

    def number(self, recorded: Value, computed: Value, varied: Sequence[tuple[Shadow, Value]]) -> Dependence:
        """A number that is a clock's, or one of the range that is drawn from."""
        if not _is_number(recorded):
            return Dependence.NOTHING
        natures = {shadow.nature for shadow, _ in varied}
        if natures == {Nature.CLOCK} and len(varied) > 1:
            return self._clock_number(recorded, computed, varied)
        if natures != {Nature.CHANCE}:
            return Dependence.NOT_TRACED
        return self._drawn_number(recorded, computed, varied)

    def _clock_number(self, recorded: Value, computed: Value, varied: Sequence[tuple[Shadow, Value]]) -> Dependence:
        """A number that moves with the clock, by the same for each millisecond: how far off was the clock?"""
        assert isinstance(computed, int | float)
        assert isinstance(recorded, int | float)
        rates = [(value - computed) / shadow.offset for shadow, value in varied if isinstance(value, int | float)]
        rate = rates[0]
        if not rate or any(abs(other - rate) > 1e-6 * abs(rate) for other in rates):
            return Dependence.NOT_TRACED
        return self._off_by((recorded - computed) / rate)

    def _drawn_number(self, recorded: Value, computed: Value, varied: Sequence[tuple[Shadow, Value]]) -> Dependence:
        ends = [value for _, value in varied if isinstance(value, int | float)]
        assert isinstance(computed, int | float)
        assert isinstance(recorded, int | float)
        low, high = min(*ends, computed), max(*ends, computed)
        margin = 1e-6 * (abs(low) + abs(high)) if isinstance(low, float) or isinstance(high, float) else 0
        if len(ends) < 2 or not min(ends) - margin <= computed <= max(ends) + margin:
            return Dependence.NOT_TRACED  # it does not lie between what the ends give: some other numbers might, too
        are_whole = all(isinstance(value, int) for value in (computed, *ends))
        if not low - margin <= recorded <= high + margin or (are_whole and not isinstance(recorded, int)):
            return Dependence.NOTHING
        text = repr(recorded)
        if len(text) > _LONG_NUMBER and not self._tracer.is_new(repr(computed), text, self._event):
            return Dependence.NOTHING
        return Dependence.DRAWN

    def _off_by(self, milliseconds: float) -> Dependence:
        """Whether a clock that was off by so much can have been read for this event."""
        window = self._window
        if window.is_ignored:
            return Dependence.DRAWN
        if window.latest is None:
            return Dependence.NOT_TRACED
        earliest = window.latest if window.earliest is None else window.earliest
        slack = _SLACK + max(0, window.latest - earliest)
        if window.latest % 1_000 == 0 and earliest % 1_000 == 0:  # written without fractions
            slack += _WHOLE_SECOND
        if abs(milliseconds) <= slack:
            return Dependence.DRAWN
        return Dependence.NOT_TRACED if abs(milliseconds) <= slack + _UNSURE else Dependence.NOTHING

    def one_of(
        self, recorded: Value, varied: Sequence[tuple[Shadow, Value]], otherwise: Dependence = Dependence.NOT_TRACED
    ) -> Dependence:
        """A value that a draw chooses: the recorded one is right when some draw gives it."""
        if any(shadow.nature is Nature.CHANCE and _alike(value, recorded) for shadow, value in varied):
            return Dependence.DRAWN
        return otherwise


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _alike(left: Value, right: Value) -> bool:
    if left is MISSING or right is MISSING:
        return left is right
    return same(left, right)


def _parsed(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


def value_at(value: Value, pointer: str) -> Value:
    """The value at a JSON Pointer; MISSING where there is none."""
    for step_ in pointer.split("/")[1:]:
        key = step_.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, MISSING)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def _shuffled(pointer: str, roots: tuple[Value, Value], others: Sequence[Value]) -> Dependence | None:
    """Of a place in an array whose order is drawn: whether the recorded array holds the same; None of any other."""
    recorded, computed = roots
    while pointer:
        pointer = pointer.rpartition("/")[0]
        arrays = [value_at(root, pointer) for root in (recorded, computed, *others)]
        if all(isinstance(array, list) for array in arrays):
            bags = [sorted(compact(item) for item in array) for array in arrays if isinstance(array, list)]
            is_reordered = any(not _alike(array, arrays[1]) for array in arrays[2:])
            if is_reordered and all(bag == bags[1] for bag in bags[2:]):
                return Dependence.DRAWN if bags[0] == bags[1] else Dependence.NOTHING
    return None


def _first_seen(recording: Recording) -> dict[str, int]:
    """The first event that holds each UUID and each long number."""
    seen: dict[str, int] = {}
    drawn = re.compile(f"{_UUID_TEXT}|{_NUMBER_TEXT}")
    for event in recording.events:
        for value in event.details.values():
            text = value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else ""
            for match in drawn.finditer(text):
                if len(match[0]) > _LONG_NUMBER:
                    seen.setdefault(match[0].lower(), event.id)
    return seen
