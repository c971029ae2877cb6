"""Recorded data without its values, for passing on: shapes, lengths and order stay, so that it still replays.

What is replaced: every text, number and timestamp in inputs, outputs, parameters and variables; causes; worker names;
trace headers; account numbers. What stays: keys, true, false and null, empty texts, 0, error names, states, resources,
times of events. A value that the definition names stays too (nobody learns more from it), because Choice rules compare
with it: a text is replaced by another that no rule names, a number by one on the same side of every number in the
definition, a timestamp likewise. Equal values stay equal in all the files of one fetch, different ones stay different.
Stand-ins are as long as the values were, and in the order in which the values were.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeGuard, TypeVar

from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_JSON_TEXTS: Final = frozenset({"input", "output", "parameters"})
"""Fields that hold JSON as text. Source: API Reference, the shapes SensitiveData and ConnectorParameters."""

_FREE_TEXTS: Final = frozenset({"cause", "workerName", "redriveStatusReason", "traceHeader"})
_COUNTS: Final = frozenset({"id", "timestamp", "event_timestamp", "previous_event_id", "redrive_count"})
"""Texts beside the data that are numbers and times: they say nothing of the data."""

_ACCOUNT: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12})(?!\d)", re.ASCII)
_ADDRESS: Final = re.compile(
    r"""\b[a-z][a-z0-9+.-]*://[^\s"'<>\\]+|\b[\w.-]+\.amazonaws\.com\b[^\s"'<>\\]*""", re.ASCII
)
"""An address of anything, or of one of AWS's hosts: queues, API gateways and registries name the account in it."""

_LITERAL: Final = re.compile(r"""'([^']*)'|"([^"]*)"|(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])""", re.ASCII)
_TWELVE_DIGITS: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)


_Number = TypeVar("_Number", int, Fraction)

_ALPHABET: Final = "x0123456789abcdefghijklmnopqrstuvwyz"
"""The digits that tell placeholders of one length apart; x is zero."""

_TIMESTAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Redactor:
    """Replaces the values of one fetch. It learns all of them first, so that it can keep their order.

    `definition` is the text of the definition that ran; `open_texts` are those that are shown anyway (names, ARNs).
    """

    def __init__(self, definition: str, open_texts: Iterable[str] = ()) -> None:
        named = list(_scalars(_parsed(definition)))
        named += [literal for value in named if isinstance(value, str) for literal in _literals(value)]
        texts = {value for value in named if isinstance(value, str)}
        self._kept = frozenset(texts) | frozenset(open_texts)
        self._texts = Texts(self._kept)
        self._numbers = Ranks([Fraction(0), *(Fraction(value) for value in named if _is_number(value))])
        times = (seconds_in(text) for text in texts)
        self._times = Ranks(time for time in times if time is not None)
        self._accounts: dict[str, str] = {}

    def learn(self, payload: str) -> str:
        """Take note of the values in a payload; gives it back as it is."""
        self._walk(payload, self._note)
        return payload

    def redacted(self, payload: str) -> str:
        """A payload that was learnt, without its values. A text that is no JSON is one value."""
        return self._walk(payload, self._replaced)

    def _walk(self, payload: str, change: Callable[[Json], Json]) -> str:
        """`payload` with each value changed; a text in it that is a JSON object or array itself is gone into."""
        value = _parsed(payload)
        if value is None and payload.strip() != "null":
            return str(change(payload))
        try:
            return compact(self._inside(value, change))
        except RecursionError:
            return str(change(payload))

    def _inside(self, value: Json, change: Callable[[Json], Json]) -> Json:
        if isinstance(value, dict):
            return {key: self._inside(inner, change) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._inside(inner, change) for inner in value]
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and isinstance(_parsed(value), (dict, list)):
            return self._walk(value, change)
        return change(value)

    def _note(self, value: Json) -> Json:
        if _is_number(value):
            self._numbers.learn(value)
        elif isinstance(value, str) and value not in self._kept:
            seconds = seconds_in(value)
            if seconds is not None:
                self._times.learn(seconds)
        return value

    def _replaced(self, value: Json) -> Json:
        if isinstance(value, float) and not math.isfinite(value):
            return 0.0
        if _is_number(value):
            number = self._numbers.of(value)
            return int(number) if isinstance(value, int) else float(number)
        if not isinstance(value, str) or value in self._kept:
            return value
        seconds = seconds_in(value)
        time = timestamp_like(value, self._times.of(seconds)) if seconds is not None else None
        return self._texts.of(value) if time is None else time

    # Account numbers

    def learn_accounts(self, text: str) -> None:
        """Take note of the account numbers in the ARNs and addresses of a text."""
        found = _ACCOUNT.findall(text)
        for address in _ADDRESS.findall(text):
            found += _TWELVE_DIGITS.findall(address)
        for account in found:
            self._accounts.setdefault(account, f"{len(self._accounts):012d}")

    def without_accounts(self, text: str) -> str:
        """`text` with the account numbers that were learnt replaced, in ARNs and elsewhere (addresses of queues)."""
        return _TWELVE_DIGITS.sub(lambda match: self._accounts.get(match.group(), match.group()), text)


def change_payloads(fields: Mapping[str, Json], change: Callable[[str], str]) -> dict[str, Json]:
    """An event or a description with `change` applied to the data in it, at any depth, and to nothing else."""
    return {name: _changed_field(name, value, change) for name, value in fields.items()}


def _changed_field(name: str, value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value) if name in _JSON_TEXTS or name in _FREE_TEXTS else value
    if name == "assignedVariables" and isinstance(value, dict):
        return {variable: change(text) if isinstance(text, str) else text for variable, text in value.items()}
    return change_payloads(value, change) if isinstance(value, dict) else value


def open_texts(fields: Mapping[str, Json]) -> Iterator[str]:
    """The texts of an event or a description that are no data: names, ARNs, errors."""
    for name, value in fields.items():
        if isinstance(value, dict) and name != "assignedVariables":
            yield from open_texts(value)
        elif isinstance(value, str) and name not in _JSON_TEXTS | _FREE_TEXTS | _COUNTS:
            yield value


def _parsed(text: str) -> Json:
    """The value of a JSON text; None for one that is none (and for null)."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _scalars(value: Json) -> Iterator[Json]:
    """All values in `value` that are no containers."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield value


def _literals(text: str) -> Iterator[Json]:
    """The texts and numbers in an expression of a definition: JSONata, the filter of a path, an intrinsic function."""
    if not text.startswith(("{%", "$", "States.")):
        return
    for single, double, number in _LITERAL.findall(text):
        if number:
            yield from (float(number), -float(number))  # a minus sign is an operator there
        else:
            yield single or double


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# Stand-ins


class Texts:
    """A placeholder for each text: as many x as it has characters, with a count at the end to tell them apart.

    Texts of one length get different placeholders as long as there are any of that length (36 for one character).
    None of them is one of `kept`.
    """

    def __init__(self, kept: frozenset[str]) -> None:
        self._kept = kept
        self._given: dict[str, str] = {"": ""}
        self._counts: dict[int, int] = {}

    def of(self, text: str) -> str:
        """The placeholder of `text`, always the same."""
        if text not in self._given:
            self._given[text] = self._next(len(text))
        return self._given[text]

    def _next(self, length: int) -> str:
        available = len(_ALPHABET) ** min(length, 8)
        for _ in range(len(self._kept) + 1):
            count = self._counts.get(length, 0)
            self._counts[length] = count + 1
            placeholder = _numbered(count % available, length)
            if placeholder not in self._kept:
                break
        return placeholder


def _numbered(count: int, length: int) -> str:
    digits = ""
    while count:
        count, digit = divmod(count, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits.rjust(length, _ALPHABET[0])


class Ranks:
    """A stand-in for each number: they keep their order, also against `anchors`, which stay as they are.

    A whole number becomes a whole number. All numbers have to be learnt before the first is asked for.
    """

    def __init__(self, anchors: Iterable[Fraction]) -> None:
        self._anchors = frozenset(anchors)
        self._learnt: set[Fraction] = set()
        self._stand_ins: dict[Fraction, Fraction] | None = None
        self._seen: set[float | Fraction] = set()
        self._given: dict[float | Fraction, Fraction] = {}
        """What was learnt and given, by the number as it came: the same ones come again and again."""

    def learn(self, number: float | Fraction) -> None:
        """Take note of a number."""
        if number not in self._seen:
            self._seen.add(number)
            self._learnt.add(Fraction(number))

    def of(self, number: float | Fraction) -> Fraction:
        """The stand-in of a number that was learnt."""
        found = self._given.get(number)
        if found is None:
            if self._stand_ins is None:
                self._stand_ins = self._computed()
            found = self._given[number] = self._stand_ins[Fraction(number)]
        return found

    def _computed(self) -> dict[Fraction, Fraction]:
        """Whole parts are counted up from the anchor below, so that they fit before the next; then the parts after the
        point are spread evenly between those of the anchors."""
        numbers = self._learnt | self._anchors
        wholes = _spread_wholes({math.floor(number) for number in numbers}, {math.floor(one) for one in self._anchors})
        by_whole: dict[int, set[Fraction]] = {}
        for number in numbers:
            by_whole.setdefault(math.floor(number), set()).add(number % 1)
        stand_ins = {}
        for whole, parts in by_whole.items():
            fixed = {one % 1 for one in self._anchors if math.floor(one) == whole} | {Fraction(0)}
            for part, stand_in in _spread_parts(parts, fixed).items():
                stand_ins[whole + part] = wholes[whole] + stand_in
        return stand_ins


def _spread_wholes(wholes: set[int], anchors: set[int]) -> dict[int, int]:
    fixed = sorted(anchors)
    stand_ins = {anchor: anchor for anchor in fixed}
    for gap, members in _by_gap(sorted(wholes - anchors), fixed).items():
        if gap == 0 and fixed:
            first = fixed[0] - len(members)
        else:
            first = fixed[gap - 1] + 1 if fixed else 1
        stand_ins.update(zip(members, range(first, first + len(members)), strict=True))
    return stand_ins


def _spread_parts(parts: set[Fraction], anchors: set[Fraction]) -> dict[Fraction, Fraction]:
    fixed = sorted(anchors)
    stand_ins = {anchor: anchor for anchor in fixed}
    for gap, members in _by_gap(sorted(parts - anchors), fixed).items():
        low, high = fixed[gap - 1], fixed[gap] if gap < len(fixed) else Fraction(1)
        step = (high - low) / (len(members) + 1)
        stand_ins.update((member, low + step * rank) for rank, member in enumerate(members, 1))
    return stand_ins


def _by_gap(numbers: list[_Number], fixed: list[_Number]) -> dict[int, list[_Number]]:
    """The numbers by how many of `fixed` lie below them."""
    gaps: dict[int, list[_Number]] = {}
    for number in numbers:
        gaps.setdefault(bisect_left(fixed, number), []).append(number)
    return gaps


def seconds_in(text: str) -> Fraction | None:
    """The seconds since 1970 that a timestamp (RFC 3339, with T and offset) means; None for any other text."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    try:
        whole = datetime.fromisoformat(f"{match[1]}{match[3].replace('Z', '+00:00')}").timestamp()
    except (ValueError, OverflowError):
        return None
    return Fraction(int(whole)) + Fraction(match[2] or 0)


def timestamp_like(text: str, seconds: Fraction) -> str | None:
    """The timestamp of `seconds` with the offset and the digits of `text`; None beyond the years 1 to 9999."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    zone = UTC if match[3] == "Z" else datetime.fromisoformat(f"2000-01-01T00:00:00{match[3]}").tzinfo
    try:
        moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(seconds))).astimezone(zone)
    except OverflowError:
        return None
    digits = len(match[2] or ".") - 1
    fraction = f".{math.floor(seconds % 1 * 10**digits):0{digits}d}" if digits else ""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}{fraction}{match[3]}"
