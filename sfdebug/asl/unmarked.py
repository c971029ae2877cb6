"""Strings that look like JSONata and are not marked as it: `"${foo = 2}"`, `"$foo = 2"` for `"{% $foo = 2 %}"`."""

from __future__ import annotations

import re
from typing import Final

_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
"""A `${Placeholder}` that a deployment fills in. AWS docs: CloudFormation, DefinitionSubstitutions."""

_BRACED: Final = re.compile(r"\s*\$\{(?P<inner>.*)\}\s*", re.DOTALL)
_MARKED: Final = re.compile(r"\s*(?:\{%|%\{|\{\{|<%)(?P<inner>.*?)(?:%\}|\}%|\}\}|%>|\})\s*", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:states\b|[A-Za-z]\w*)(?=\s*(?:[.\[(~&=!<>+\-*/%?]|and\b|or\b|in\b|$))")
_FIRST_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_WORDS: Final = ("and", "or", "in", "true", "false", "null", "function")


def as_expression(text: str) -> str | None:
    """The expression that an unmarked string was most likely meant to be, None when it looks like plain text.

    `${Placeholder}` alone is one that a deployment fills in, and so is no such expression.
    """
    if _SUBSTITUTION.fullmatch(text.strip()):
        return None
    braced = _BRACED.fullmatch(text)
    if braced and not _SUBSTITUTION.match(text.strip()):
        inner = braced["inner"].strip()
        name = _FIRST_NAME.match(inner)
        inner = f"${inner}" if name is not None and name[0] not in _WORDS else inner
        return inner if _reads(inner) else None
    marked = _MARKED.fullmatch(text)
    if marked and not text.startswith("{%"):
        inner = marked["inner"].strip()
        return inner if _VARIABLE.match(inner) and _reads(inner) else None
    stripped = text.strip()
    if _VARIABLE.match(stripped) and not _SUBSTITUTION.search(text) and _reads(stripped):
        return stripped
    return None


def _reads(text: str) -> bool:
    from sfdebug.expressions.errors import ExpressionSyntaxError
    from sfdebug.expressions.jsonata import compile_jsonata

    try:
        compile_jsonata(text)
    except ExpressionSyntaxError:
        return False
    return True
