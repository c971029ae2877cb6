"""Strings that look like JSONata and are not marked as it: `"${foo = 2}"`, `"$foo = 2"` for `"{% $foo = 2 %}"`."""

from __future__ import annotations

import re
from typing import Final

_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
"""A `${Placeholder}` that a deployment fills in. AWS docs: CloudFormation, DefinitionSubstitutions."""

_BRACES: Final = re.compile(r"\$\{(?P<inner>[^{}]*)\}")
_STATES: Final = re.compile(r"\$?states\.(?:input|result|context|errorOutput)\b")
_OPERATOR: Final = re.compile(r"[=<>&()\[\]?+*/]|\s-\s|!=|\b(?:and|or|in)\b")
_PIECES: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|\$\w*|\.\s*\w+|\d[\w.]*|(?P<name>[A-Za-z_]\w*)(?!\s*:[^=])|.", re.DOTALL
)
"""The pieces of an expression: texts, variables, steps of a path, numbers, names, and single characters."""

_MARKED: Final = re.compile(r"\s*(?:\{%|%\{|\{\{|<%)(?P<inner>.*?)(?:%\}|\}%|\}\}|%>|\})\s*", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:states\b|[A-Za-z]\w*)(?=\s*(?:[.\[(~&=!<>+\-*/%?]|and\b|or\b|in\b|$))")
_WORDS: Final = ("and", "or", "in", "true", "false", "null", "function")


def as_expression(text: str) -> str | None:
    """The expression that an unmarked string was most likely meant to be, None when it looks like plain text."""
    braced = in_braces(text)
    if braced is not None or _SUBSTITUTION.fullmatch(text.strip()):
        return braced
    marked = _MARKED.fullmatch(text)
    if marked and not text.startswith("{%"):
        inner = marked["inner"].strip()
        return inner if _VARIABLE.match(inner) and _reads(inner) else None
    stripped = text.strip()
    if _VARIABLE.match(stripped) and not _SUBSTITUTION.search(text) and _reads(stripped):
        return stripped
    return None


def in_braces(text: str) -> str | None:
    """The expression that a string with `${…}` was most likely meant to be: `Hello ${states.input.name}` is one.

    None for text around placeholders that a deployment fills in (`${Name}`), and for text without braces.
    """
    parts: list[str] = []
    at = 0
    is_meant = False
    for braces in _BRACES.finditer(text):
        inner = braces["inner"].strip()
        if _SUBSTITUTION.fullmatch(braces[0]) and not _STATES.match(inner):
            return None
        inner = with_dollars(inner)
        is_meant = is_meant or (_VARIABLE.match(inner) is not None or _OPERATOR.search(inner) is not None)
        if not _reads(inner):
            return None
        if text[at : braces.start()].strip():
            parts.append(_literal(text[at : braces.start()]))
        parts.append(inner)
        at = braces.end()
    if not is_meant:
        return None
    if text[at:].strip():
        parts.append(_literal(text[at:]))
    alone = len(parts) == 1
    return parts[0] if alone else " & ".join(part if _is_simple(part) else f"({part})" for part in parts)


def with_dollars(text: str) -> str:
    """An expression with a $ before each variable and function that lacks it."""
    return "".join(
        f"${piece[0]}" if piece["name"] is not None and piece[0] not in _WORDS else piece[0]
        for piece in _PIECES.finditer(text.removeprefix("!"))
    )


def _literal(text: str) -> str:
    quote = "'" if "'" not in text else '"'
    return f"{quote}{text}{quote}"


def _is_simple(part: str) -> bool:
    return _OPERATOR.search(part) is None or part[0] in "'\""


def _reads(text: str) -> bool:
    from sfdebug.expressions.errors import ExpressionSyntaxError
    from sfdebug.expressions.jsonata.expression import compile_jsonata

    try:
        compile_jsonata(text)
    except ExpressionSyntaxError:
        return False
    return True
