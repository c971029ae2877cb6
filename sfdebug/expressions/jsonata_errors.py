"""What can go wrong with JSONata: text that cannot be read, and the faults of an evaluation with their codes.

The codes are JSONata's own (S: syntax, T: type, D: dynamic); their texts come from the library's catalogue.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError
from sfdebug.values import MISSING, Json

QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"

TOO_DEEP: Final = "D1011"
TOO_LONG: Final = "D1012"
TOO_LARGE: Final = "D2014"

_OWN_TEXTS: Final = {
    TOO_DEEP: "Stack overflow: more than {{value}} function calls inside one another",
    TOO_LONG: "The evaluation took more than {{{message}}}: check for an endless loop",
    TOO_LARGE: "The expression makes a value of more than {{value}} {{{message}}}",
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
    def message(self) -> str:
        """The fault in words, as the JSONata reference words it."""
        return describe(self.code, self.named)


class QueryEvaluationError(ExpressionError):
    """A JSONata expression that AWS fails with States.QueryEvaluationError.

    `cause` is AWS's text without the sentence that names the state; `expression` the text between `{%` and `%}`, and
    `field_path` where it stands ("Output/result"); `fault` is what the evaluation ended with, if it did not end well.
    """

    def __init__(self, cause: str, *, expression: str, field_path: str, fault: JsonataFault | None = None) -> None:
        super().__init__(cause, error=QUERY_EVALUATION_ERROR)
        self.cause = cause
        self.expression = expression
        self.field_path = field_path
        self.field = field_path
        self.fault = fault


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, str]:
    """Texts by code. The library writes "Object" where the JSONata reference writes "function"."""
    texts: dict[str, str] = import_module("jsonata.jexception").JException.error_codes
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
    try:
        text = json.dumps(value, ensure_ascii=False, default=lambda other: "", separators=(",", ":"))
    except (ValueError, RecursionError):
        return str(type(value).__name__)
    return text if len(text) <= 200 else text[:200] + "…"
