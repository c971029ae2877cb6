"""What a value of a template is: which function, and which text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.values import Json


def function_in(value: Json) -> str | None:
    """The intrinsic function that an object is: its only key says so."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name = next(iter(value))
    return name if name == "Ref" or name.startswith("Fn::") else None


def text_of(value: Json) -> str | None:
    """A scalar as CloudFormation writes it into a text; None for lists and objects."""
    if isinstance(value, str):
        return value
    return None if isinstance(value, (dict, list)) or value is None else compact(value)
