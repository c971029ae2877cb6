"""YAML's plain scalars as JSON values, by the core schema of YAML 1.2: `yes` and `012:34` are text, `1e5` is a number.

Source: YAML specification 1.2.2, section 10.3.2 (tag resolution of the core schema).
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.json_tokens import MAX_NUMBER_LENGTH

if TYPE_CHECKING:
    from sfdebug.values import Json

_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER_STARTS: Final = frozenset("+-.0123456789")


class NotJsonError(ValueError):
    """A scalar that YAML takes for a number and JSON cannot hold."""


def resolve(text: str) -> Json:
    """The value of the plain scalar `text`. Raises NotJsonError for infinities, NaN and overlong numbers."""
    if not text or text[0] not in _NUMBER_STARTS:
        if text in _NULLS:
            return None
        return _BOOLEANS.get(text, text)
    if len(text) > MAX_NUMBER_LENGTH:
        if _INTEGER.fullmatch(text) or _BASED.fullmatch(text) or _FLOAT.fullmatch(text):
            raise NotJsonError(f"a number of {len(text)} characters")
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _NO_NUMBER.fullmatch(text):
        raise NotJsonError(f"JSON has no {text}")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise NotJsonError(f"{text} is larger than any number a computer's double can hold")
        return value
    return text


def has_leading_zeros(text: str) -> bool:
    """Whether the plain scalar is an integer that loses zeros when it is read as a number (an account id does)."""
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and bool(_INTEGER.fullmatch(text))
