"""Numbers that a field of a Map finds with a path (MaxConcurrencyPath, ToleratedFailureCountPath, …).

Recorded: a text that spells the number is taken ("2" in a variable), anything else fails the state with
States.Runtime. AWS's integers have 64 bits.
"""

from __future__ import annotations

import math
import re
from typing import Final

from sfdebug.engine.faults import runtime_failure
from sfdebug.values import Json, compact

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?\s*")
_LARGEST: Final = 2**63 - 1


def integer_at(value: Json, field: str, path: str) -> int:
    """The whole number that `field` (such as "MaxItemsPath") finds at `path`.

    Raises StateError States.Runtime with AWS's cause when it is none.
    """
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
    if number is None or not -_LARGEST - 1 <= number <= _LARGEST:
        raise runtime_failure(_refers(value, field, path, "integer"))
    return number


def float_at(value: Json, field: str, path: str) -> float:
    """The number that `field` (such as "ToleratedFailurePercentagePath") finds at `path`.

    Raises StateError States.Runtime with AWS's cause when it is none.
    """
    number = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = _as_float(value)
    elif isinstance(value, str) and _DECIMAL.fullmatch(value):
        number = float(value)
    if math.isnan(number):
        raise runtime_failure(_refers(value, field, path, "float"))
    return number


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _refers(value: Json, field: str, path: str, kind: str) -> str:
    text = value if isinstance(value, str) else compact(value)
    return f'The {field} field refers to value "{text}" which is not a valid {kind}: {path}'
