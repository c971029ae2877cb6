"""What can go wrong with JSONata: text that cannot be read, and the faults of an evaluation with their codes.

The codes are JSONata's own (S: syntax, T: type, D: dynamic); their texts come from the library's catalogue.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError
from sfdebug.expressions.jsonata.library import library
from sfdebug.values import MISSING, Json

QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"

_TOO_FAR: Final = "U1001"
_TOO_LARGE: Final = "D2014"
INTERNAL: Final = "INTERNAL"
"""The code of a fault that AWS says nothing of, since it is not JSONata's."""

_OWN_TEXTS: Final = {
    _TOO_FAR: "{{{message}}}",
    INTERNAL: "{{{message}}}",
    _TOO_LARGE: "Expression evaluation memory limit exceeded: Check for excessive memory usage",
    "T0411": "Context value is not a compatible type with argument {{index}} of function {{token}}",
    "D3140": "Malformed URL passed to ${{{token}}}(): {{value}}",
}
_PLACEHOLDER: Final = re.compile(r"\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}")


class JsonataSyntaxError(ExpressionSyntaxError):
    """JSONata text that cannot be read; `code` is JSONata's own code for it ("S0202"), "" when the fault is AWS's."""

    def __init__(self, text: str, offset: int, message: str, *, code: str = "", fix: str = "") -> None:
        super().__init__(text, offset, message, fix=fix)
        self.code = code


class JsonataFault(Exception):
    """A fault of an evaluation: JSONata's code, the offset in the text (-1: not known) and what the message names."""

    def __init__(self, code: str, offset: int = -1, **named: Any) -> None:
        super().__init__(code)
        self.code = code
        self.offset = offset
        self.named = named

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def is_bound(self) -> bool:
        """Whether the evaluation went beyond a bound; AWS names no code for these."""
        return self.code in (_TOO_FAR, _TOO_LARGE)

    @property
    def is_internal(self) -> bool:
        """Whether AWS says no more than that there was an error; the message is then sfdebug's."""
        return self.code == INTERNAL

    @property
    def message(self) -> str:
        """The fault in words, as the JSONata reference or AWS words it."""
        return describe(self.code, self.named)


class Bare(str):
    """A text that messages show without quotes."""

    __slots__ = ()


def too_deep(bound: str) -> JsonataFault:
    """The fault of an evaluation that nests deeper than `bound` ("100 levels"). Measured in AWS: the text."""
    message = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
    return JsonataFault(_TOO_FAR, message=message, bound=bound)


def too_long(bound: str) -> JsonataFault:
    """The fault of an evaluation that goes on for more than `bound` ("2,000,000 steps").

    AWS docs: "Handling expression errors", "Expression evaluation timeout" after a second; the rest is as JSONata's
    own time box words it.
    """
    return JsonataFault(_TOO_FAR, message="Expression evaluation timeout: Check for infinite loop", bound=bound)


def too_large(limit: int, what: str) -> JsonataFault:
    """The fault of an evaluation that makes a value of more than `limit` `what` ("items", "characters").

    Measured in AWS: the text; AWS docs, "Handling expression errors", names it.
    """
    return JsonataFault(_TOO_LARGE, bound=f"{limit:,} {what}")


def out_of_memory() -> JsonataFault:
    """The fault of an evaluation for which this machine's memory, or a library's, is too small."""
    return JsonataFault(_TOO_LARGE, bound="the memory there is")


class QueryEvaluationError(ExpressionError):
    """A JSONata expression that AWS fails with States.QueryEvaluationError.

    `cause` is AWS's text without the sentence that names the state; `expression` the text between `{%` and `%}`;
    `location` where it stands ("Output/result"), as the event EvaluationFailed has it (recorded: the field's path);
    `fault` is what the evaluation ended with, if it did not end well.
    """

    def __init__(self, cause: str, *, expression: str, location: str, fault: JsonataFault | None = None) -> None:
        super().__init__(cause, error=QUERY_EVALUATION_ERROR)
        self.cause = cause
        self.expression = expression
        self.location = self.field = location
        self.fault = fault


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, str]:
    """Texts by code. The library writes "Object" where the JSONata reference writes "function"."""
    texts: dict[str, str] = library("jsonata.jexception").JException.error_codes
    return {code: text.replace(" Object", " function") for code, text in texts.items()} | _OWN_TEXTS


def describe(code: str, named: dict[str, Any]) -> str:
    """The text for `code`; `{{name}}` in it shows the named value as JSON, `{{{name}}}` as it is."""
    text = _catalogue().get(code, "the expression cannot be evaluated")

    def fill(match: re.Match[str]) -> str:
        raw, shown = match.groups()
        return str(named.get(raw, "")) if raw else _shown(named.get(shown, MISSING))

    return _PLACEHOLDER.sub(fill, text)


def _shown(value: Json | object) -> str:
    if value is MISSING:
        return ""
    if isinstance(value, Bare):
        return str(value)
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda other: "", separators=(",", ":"))
    except (ValueError, RecursionError):
        return str(type(value).__name__)
    return text if len(text) <= 200 else text[:200] + "…"
