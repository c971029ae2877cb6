"""JSON values as Java prints them: what States.Format puts into a string, and what error texts show.

AWS runs on Java: an object prints as `{Arg1=1, Arg2=[]}` (recorded: States.Format of an object).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from sfdebug.values import Json, compact

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<number>-?\d+(?:\.\d+(?:e[-+]\d+)?|e[-+]\d+))|-?\d+')
"""The strings and numbers of a JSON text, those numbers by name that are no whole ones."""


def number_text(number: int | float) -> str:
    """A number as Java's Double.toString and Long.toString print it: 1.1, 1.0, 1.0E7, 1.0E-4."""
    if isinstance(number, int):
        return str(number)
    if number != number or number in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(number)]
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return format(Decimal(repr(number)), "f") if "e" in repr(number) else repr(number)
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    assert isinstance(exponent, int)
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


def java_text(value: Json) -> str:
    """A value as Java's String.valueOf prints it: strings bare, objects as `{key=value}`, arrays as JSON.

    The last is how Jayway's default provider prints them; what AWS makes of an array in States.Format is not recorded.
    """
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return json_text(value)
    return number_text(value)


def json_text(value: Json) -> str:
    """A value as one line of JSON, its numbers as Java writes them: 1.0E20 for 1e20."""
    return _TOKEN.sub(_java_token, compact(value))


def _java_token(token: re.Match[str]) -> str:
    number = token["number"]
    return token[0] if number is None else number_text(float(number))


def class_name(value: Json) -> str:
    """The Java class of a value, as Jayway's error texts name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if isinstance(value, str):
        return "java.lang.String"
    if isinstance(value, int):
        size = value.bit_length()
        return "java.lang.Integer" if size < 32 else "java.lang.Long" if size < 64 else "java.math.BigInteger"
    if isinstance(value, float):
        return "java.lang.Double"
    return "java.util.LinkedHashMap" if isinstance(value, dict) else "net.minidev.json.JSONArray"
