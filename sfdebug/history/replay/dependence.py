"""What a place where recorded and computed values differ hangs on, and whether it can be what was recorded.

Each made-up piece of a text, each drawn number, each time is compared by its own rule; one made-up value is one
recorded value everywhere. A time is written in the same form, a part of a UUID has hexadecimal digits where it had
some, a number that was written with zeros in front, or rounded, is so again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.history.leaves import is_same
from sfdebug.history.replay.nondeterminism import HIGH, LOW, Dependence, Nature, Shadow, Shadows
from sfdebug.json_pointer import value_at
from sfdebug.values import MISSING, Value, compact

if TYPE_CHECKING:
    from sfdebug.history.leaves import Leaf
    from sfdebug.history.recording import RecordedEvent, Recording

_ENTERED: Final = re.compile(r"(?<=entered at the event id #)\d+")
UUID_TEXT: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
TIME_TEXT: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)"
_NUMBER_TEXT: Final = r"(?:(?<![0-9A-Za-z])-)?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_UUID: Final = re.compile(UUID_TEXT)
_TIME: Final = re.compile(TIME_TEXT)
_SLACK: Final = 500
"""Milliseconds by which a clock that an expression reads may differ from the one that stamps events."""
_WHOLE_SECOND: Final = 1_000
_UNSURE: Final = 10_000
"""A time that is farther off than the slack, but not as far as this, may still be the same clock's."""
_MOST_RELATED: Final = 40
_WIDE: Final = 500
"""How far apart the ends of a range are from which it is no chance that three draws lie on one line."""
_LONG_NUMBER: Final = 12
"""Characters from which a number is drawn but once."""
_FRACTION: Final = re.compile(r"\.\d+")
_ZONE: Final = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_DIGIT: Final = re.compile(r"\d")
_FINE: Final = 8
"""Decimals that a number has which nothing rounded; one that is rounded has fewer than `_COARSE`."""
_COARSE: Final = 6
_SLOTS: Final = {
    ("0", "f"): "0123456789abcdef",
    ("0", "F"): "0123456789ABCDEF",
    ("8", "b"): "89ab",
    ("8", "B"): "89AB",
}
"""What a place of a UUID can hold, by what it holds at the low and at the high end of the draws."""


class Window(Struct, frozen=True, gc=False):
    """When a value was computed: between the event before it in its branch and its own, milliseconds since 1970.

    `latest` is None where the recording does not say times; `is_ignored` when times do not count at all.
    """

    earliest: int | None
    latest: int | None
    is_ignored: bool = False


class DependenceTracer:
    """Says of each place where recorded and computed values differ what it hangs on.

    It remembers what stood for what: one made-up value is one recorded value everywhere, and a value that stood in the
    recording before cannot have been drawn later.
    """

    def __init__(self, recording: Recording, shadows: Shadows) -> None:
        self._recording = recording
        self._shadows = shadows
        self._recorded: dict[str, str] = {}
        self._seen: dict[str, int] | None = None
        self._drawn_in: dict[tuple[int, str], str] = {}
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
        if (recorded is MISSING or computed is MISSING) and _has_other_fields(leaf.pointer, roots[1], others):
            return Dependence.NOT_TRACED
        values = [(shadow, value_at(root, leaf.pointer)) for shadow, root in others]
        varied = [(shadow, value) for shadow, value in values if not is_same(value, computed)]
        if not varied:
            return Dependence.NOTHING
        shuffled = _shuffled(leaf.pointer, roots, [root for _, root in others])
        if shuffled is not None:
            return shuffled
        if recorded is MISSING or computed is MISSING or any(value is MISSING for _, value in varied):
            return Dependence.NOT_TRACED
        look = _Look(self, event, window)
        if isinstance(computed, str) and all(isinstance(value, str) for _, value in varied):
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
        return "|".join((*known, TIME_TEXT, UUID_TEXT, _NUMBER_TEXT))

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
        if self._drawn_in.setdefault((event.id, recorded), piece) != piece:
            return False  # two draws are never alike
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

    def __init__(self, tracer: DependenceTracer, event: RecordedEvent, window: Window) -> None:
        self._tracer = tracer
        self._event = event
        self._window = window

    def text(self, recorded: Value, computed: str, others: Sequence[tuple[Shadow, str]]) -> Dependence:
        """A text: its made-up pieces may differ, all else must be the same."""
        pieces = re.compile(f"({self._tracer.pieces()})")
        mine = pieces.split(computed)
        theirs = [(shadow, pieces.split(value)) for shadow, value in others]
        if any(len(parts) != len(mine) or parts[::2] != mine[::2] for _, parts in theirs):
            return self._digits(recorded, computed, others) or self.one_of(recorded, others)
        if not isinstance(recorded, str):
            return Dependence.NOTHING
        slots = [
            (index, [(shadow, parts[index]) for shadow, parts in theirs if parts[index] != mine[index]])
            for index in range(1, len(mine), 2)
        ]
        slots = [(index, varied) for index, varied in slots if varied]
        is_slot = {index for index, _ in slots}
        pattern = "".join(self._slot(text) if index in is_slot else re.escape(text) for index, text in enumerate(mine))
        match = re.fullmatch(pattern, recorded, re.DOTALL)
        if match is None:
            return self.one_of(recorded, others, otherwise=Dependence.NOTHING)
        found = [self._piece(match[number], mine[index], varied) for number, (index, varied) in enumerate(slots, 1)]
        order = (Dependence.NOTHING, Dependence.NOT_TRACED, Dependence.NOT_RECORDED, Dependence.DRAWN)
        return next((kind for kind in order if kind in found), Dependence.NOT_TRACED)

    def _digits(self, recorded: Value, computed: str, others: Sequence[tuple[Shadow, str]]) -> Dependence | None:
        """A text with some digits of a UUID in it; None for any other."""
        ends = {
            shadow.settings.draws_from: text
            for shadow, text in others
            if shadow.nature is Nature.CHANCE and shadow.settings.draws_from in (LOW[0], HIGH[0])
        }
        if len(ends) < 2 or any(text != computed for shadow, text in others if shadow.nature is not Nature.CHANCE):
            return None
        given = recorded if isinstance(recorded, str) else ""
        can_be = _can_be_hexadecimal(given, computed, ends[LOW[0]], ends[HIGH[0]])
        if can_be is None:
            return None
        return Dependence.DRAWN if can_be and self._tracer.bind(computed, given) else Dependence.NOTHING

    def _slot(self, piece: str) -> str:
        if self._tracer.stands_for(piece) is not None:
            return "(.+?)"
        for kind, text in ((_TIME, TIME_TEXT), (_UUID, UUID_TEXT)):
            if kind.fullmatch(piece):
                return f"({text})"
        return f"({_NUMBER_TEXT})"

    def _piece(self, recorded: str, computed: str, varied: Sequence[tuple[Shadow, str]]) -> Dependence:
        if recorded == computed:
            return Dependence.DRAWN
        meaning = self._tracer.stands_for(computed)
        if meaning is not None:
            return meaning if self._tracer.bind(computed, recorded) else Dependence.NOTHING
        if _TIME.fullmatch(computed):
            return self._time(recorded, computed, varied)
        if _UUID.fullmatch(computed):
            if any(shadow.nature is Nature.CLOCK for shadow, _ in varied):
                return Dependence.NOT_TRACED
            if not _has_same_case(recorded, computed):
                return Dependence.NOTHING
            return Dependence.DRAWN if self._tracer.is_new(computed, recorded, self._event) else Dependence.NOTHING
        numbers = [(shadow, _parsed(text)) for shadow, text in varied]
        if any(value is None for _, value in numbers):
            return Dependence.NOT_TRACED
        if not _has_same_width(recorded, [computed, *(text for _, text in varied)]):
            return Dependence.NOTHING
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
        form = _form_of_times(recorded, computed)
        if form is _TimeForm.OTHER:
            return Dependence.NOTHING
        found = self._off_by(left - right)
        return Dependence.NOT_TRACED if form is _TimeForm.OTHER_FRACTION and found is Dependence.DRAWN else found

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
        if not low - margin <= recorded <= high + margin or not _is_as_fine(recorded, (computed, *ends)):
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
            return Dependence.NOT_RECORDED
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
        if any(shadow.nature is Nature.CHANCE and is_same(value, recorded) for shadow, value in varied):
            return Dependence.DRAWN
        return otherwise


def unlike_each_other(drawn: Sequence[Leaf], others: Sequence[tuple[Shadow, Value]]) -> list[Leaf]:
    """Of drawn numbers those that belong together, and were recorded as if they did not.

    Where one number is another times so much and so much more, in the execution and in the shadows of chance, both are
    made of one draw: then the recorded ones must be, too. Of small whole numbers that can be by chance.
    """
    ends = [root for shadow, root in others if shadow.nature is Nature.CHANCE]
    if len(ends) < 2 or len(drawn) < 2:
        return []
    numbers = []
    for leaf in drawn[:_MOST_RELATED]:
        given = (*(value_at(root, leaf.pointer) for root in ends[:2]), leaf.computed, leaf.recorded)
        values = [float(value) for value in given if isinstance(value, int | float)]
        if len(values) < len(given) or values[0] == values[1]:
            continue
        if abs(values[1] - values[0]) >= _WIDE or any(isinstance(value, float) for value in given):
            numbers.append((leaf, values))
    found: list[Leaf] = []
    for index, (first, mine) in enumerate(numbers):
        for second, theirs in numbers[index + 1 :]:
            if _is_on_line(mine[:3], theirs[:3]) and not _is_on_line([*mine[:2], mine[3]], [*theirs[:2], theirs[3]]):
                found += [leaf for leaf in (first, second) if leaf not in found]
    return found


def _is_on_line(mine: Sequence[float], theirs: Sequence[float]) -> bool:
    """Whether the third pair of numbers lies on the line through the other two."""
    slope = (theirs[1] - theirs[0]) / (mine[1] - mine[0])
    wanted = theirs[0] + slope * (mine[2] - mine[0])
    return abs(theirs[2] - wanted) <= 1e-6 * (abs(theirs[0]) + abs(theirs[1]))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parsed(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


def _has_other_fields(pointer: str, computed: Value, others: Sequence[tuple[Shadow, Value]]) -> bool:
    """Whether the object or array around a place has other fields, or another length, in a shadow."""
    around = pointer.rpartition("/")[0]
    mine = value_at(computed, around)
    for _, root in others:
        theirs = value_at(root, around)
        if isinstance(mine, dict) and isinstance(theirs, dict) and mine.keys() != theirs.keys():
            return True
        if isinstance(mine, list) and isinstance(theirs, list) and len(mine) != len(theirs):
            return True
    return False


def _shuffled(pointer: str, roots: tuple[Value, Value], others: Sequence[Value]) -> Dependence | None:
    """Of a place in an array whose order is drawn: whether the recorded array holds the same; None of any other."""
    recorded, computed = roots
    while pointer:
        pointer = pointer.rpartition("/")[0]
        arrays = [value_at(root, pointer) for root in (recorded, computed, *others)]
        if all(isinstance(array, list) for array in arrays):
            bags = [sorted(compact(item) for item in array) for array in arrays if isinstance(array, list)]
            is_reordered = any(not is_same(array, arrays[1]) for array in arrays[2:])
            if is_reordered and all(bag == bags[1] for bag in bags[2:]):
                return Dependence.DRAWN if bags[0] == bags[1] else Dependence.NOTHING
    return None


def _first_seen(recording: Recording) -> dict[str, int]:
    """The first event that holds each UUID and each long number."""
    seen: dict[str, int] = {}
    drawn = re.compile(f"{UUID_TEXT}|{_NUMBER_TEXT}")
    for event in recording.events:
        for value in event.details.values():
            text = value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else ""
            for match in drawn.finditer(text):
                if len(match[0]) > _LONG_NUMBER:
                    seen.setdefault(match[0].lower(), event.id)
    return seen


# how made-up values are written


class _TimeForm(Enum):
    """How two texts of times are written."""

    SAME = "same"
    OTHER_FRACTION = "another fraction of a second"
    """Some writers leave out a fraction that is zero."""
    OTHER = "other"


def _form_of_times(recorded: str, computed: str) -> _TimeForm:
    """Whether two times are written alike: the same zone, the same marks between the digits."""
    if _form(_FRACTION.sub("", recorded)) != _form(_FRACTION.sub("", computed)):
        return _TimeForm.OTHER
    return _TimeForm.SAME if _form(recorded) == _form(computed) else _TimeForm.OTHER_FRACTION


def _form(text: str) -> tuple[str, str]:
    zone = _ZONE.search(text)
    whole = text[: zone.start()] if zone is not None else text
    return _DIGIT.sub("0", whole), zone[0] if zone is not None else ""


def _has_same_case(recorded: str, computed: str) -> bool:
    """Whether the letters of both are all small, or all capital ones."""
    return recorded.islower() == computed.islower() and recorded.isupper() == computed.isupper()


def _can_be_hexadecimal(recorded: str, computed: str, low: str, high: str) -> bool | None:
    """Whether a text with digits of a UUID in it can be the recorded one; None when that is not what differs in it.

    Args:
        recorded: The recorded text.
        computed: The text with the replay's own draws.
        low: The text with draws from the low end: its digits are 0.
        high: The same from the high end: its digits are f.
    """
    if not len(computed) == len(low) == len(high):
        return None
    allowed = []
    for mine, least, most in zip(computed, low, high, strict=True):
        digits = mine if mine == least == most else _SLOTS.get((least, most), "")
        if mine not in digits:
            return None
        allowed.append(digits)
    return len(recorded) == len(computed) and all(
        mark in digits for mark, digits in zip(recorded, allowed, strict=True)
    )


def _has_same_width(recorded: str, drawn: Sequence[str]) -> bool:
    """Whether a number's text is as long as the drawn ones, where zeros in front make those equally long."""
    are_padded = any(_has_zero_in_front(text) for text in drawn)
    if are_padded and len(set(map(len, drawn))) == 1:
        return len(recorded) == len(drawn[0])
    return are_padded or not _has_zero_in_front(recorded)


def _has_zero_in_front(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and text[1].isdecimal()


def _is_as_fine(recorded: float, drawn: Sequence[float]) -> bool:
    """Whether a number has about as many decimals as the drawn ones: whole ones are whole, rounded ones are rounded."""
    counts = [_decimals(value) for value in drawn]
    count = _decimals(recorded)
    if min(counts) > _FINE:
        return count >= _COARSE
    return max(counts) >= _COARSE or count <= max(counts)


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
