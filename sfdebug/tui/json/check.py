"""Checking JSON that somebody types: whether it is JSON, how large it is, and where and what the first mistake is."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final

from sfdebug.asl.text.json import parse_json
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError
from sfdebug.limits import MAX_PAYLOAD_BYTES
from sfdebug.tui.json.text import count_text
from sfdebug.values import MISSING, Json, Value, compact, is_present


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a text: the value that it holds, or the place (from 1) and the words of its first mistake."""

    value: Value
    size: int = 0
    line: int = 0
    column: int = 0
    what: str = ""
    fix: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the text is JSON."""
        return is_present(self.value)

    @property
    def is_too_large(self) -> bool:
        """Whether AWS would refuse the value for its size."""
        return self.size > MAX_PAYLOAD_BYTES

    @property
    def text(self) -> str:
        """The check in one line."""
        if not is_present(self.value):
            place = f"line {self.line}, column {self.column}: " if self.line else ""
            return f"{place}{self.what}"
        count = count_text(self.value)
        size = f"{self.size:,} of {MAX_PAYLOAD_BYTES:,} bytes"
        if self.is_too_large:
            return f"valid JSON, but {size}: AWS fails the state with States.DataLimitExceeded"
        return f"valid JSON, {count}, {size}" if count else f"valid JSON, {size}"


class _Refused(ValueError):
    """JSON that Python would take and AWS would not."""


def check_json(text: str) -> Check:
    """Check a text. Never raises."""
    if not text.strip():
        return Check(
            MISSING, line=1, column=1, what="there is nothing here", fix="an empty object is {}, no value is null"
        )
    try:
        value = _load(text)
        size = len(compact(value).encode("utf-8", "surrogatepass"))
    except json.JSONDecodeError as error:
        return _explained(text, Check(MISSING, line=error.lineno, column=error.colno, what=_plain(error.msg)))
    except _Refused as error:
        return _explained(text, Check(MISSING, what=str(error)))
    except RecursionError:
        return Check(MISSING, what="this is nested too deep")
    except ValueError:
        return _explained(text, Check(MISSING, what="a number has too many digits"))
    return Check(value, size)


def _load(text: str) -> Json:
    value: Json = json.loads(
        text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_duplicates
    )
    return value


def _no_constant(name: str) -> Json:
    raise _Refused(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"the number {text[:20]} is too large")
    return number


def _without_duplicates(pairs: list[tuple[str, Json]]) -> Json:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f'the key "{key}" stands here twice')
            seen.add(key)
    return made


def _explained(text: str, check: Check) -> Check:
    """The mistake in the words of sfdebug's own JSON reader, which knows the usual ones, if it finds one too."""
    try:
        parse_json(Source("", text))
    except DefinitionError as error:
        first = error.problems[0]
        return Check(MISSING, line=first.line, column=first.column, what=first.what, fix=first.fix)
    return check


_PLAIN: Final = {
    "Expecting value": "a value is missing here",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here",
    "Expecting ':' delimiter": "a colon is missing after the key",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Extra data": "there is more after the end of the value",
    "Illegal trailing comma before end of object": "a comma stands before the closing }",
    "Illegal trailing comma before end of array": "a comma stands before the closing ]",
    "Invalid control character at": "a line break or another control character stands inside a string",
    "Invalid \\escape": "a backslash is followed by something that it cannot escape",
    "Unterminated string starting at": "the string that begins here has no closing quote",
}


def _plain(message: str) -> str:
    return _PLAIN.get(message.removesuffix(": "), message)
