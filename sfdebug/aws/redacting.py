"""Recorded data without its values, for passing on: shapes, lengths and order stay, so that it still replays.

What is replaced: every text, number and timestamp in inputs, outputs, parameters and variables; causes; worker names;
trace headers; account numbers. What stays: keys, true, false and null, empty texts, 0, error names, states, resources,
times of events. A value that the definition names stays too (nobody learns more from it), because Choice rules compare
with it: a text is replaced by another that no rule names, a number by one on the same side of every number in the
definition, a timestamp likewise. Equal values stay equal in all the files of one fetch, different ones stay different.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeGuard

from sfdebug.aws.placeholders import Ranks, Texts, seconds_in, timestamp_like
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
            self._numbers.learn(Fraction(value))
        elif isinstance(value, str) and value not in self._kept:
            seconds = seconds_in(value)
            if seconds is not None:
                self._times.learn(seconds)
        return value

    def _replaced(self, value: Json) -> Json:
        if isinstance(value, float) and not isfinite(value):
            return 0.0
        if _is_number(value):
            number = self._numbers.of(Fraction(value))
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
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
