"""Textual parses the style sheets of a program anew in each program: here once for all that a process of tests opens.

Parsed rules are not changed by who applies them, and what they are parsed from is all in the key. An eighth of what
opening the screen costs.
"""

from __future__ import annotations

from typing import Any, Final

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSED: Final[dict[tuple[object, ...], list[RuleSet]]] = {}
_parse_rules: Final = Stylesheet._parse_rules


def install() -> None:
    """Let every style sheet look among what others have parsed."""
    Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign,assignment]


def _parsed_once(sheet: Stylesheet, css: str, read_from: Any, *rest: Any, **named: Any) -> list[RuleSet]:
    key = (css, read_from, rest, *sorted(named.items()), *sheet._variables.items())
    found = _PARSED.get(key)
    if found is None:
        found = _parse_rules(sheet, css, read_from, *rest, **named)
        if not any(rule.errors for rule in found):
            _PARSED[key] = found
    return found
