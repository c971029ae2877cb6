"""Textual parses the style sheets of a program anew in each program: here once for all that a process of tests opens.

Parsed rules are not changed by who applies them, and what they are parsed from is all in the key. An eighth of what
opening the screen costs.
"""

from __future__ import annotations

from typing import Any, Final

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSED: Final[dict[tuple[object, ...], list[RuleSet]]] = {}
_NUMBERS: Final[dict[tuple[object, ...], int]] = {}
_parse_rules: Final = Stylesheet._parse_rules


def install() -> None:
    """Let every style sheet look among what others have parsed."""
    Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign,assignment]
    # A rule is looked up by what it is, not by what is in it: by Textual too, in Python. A style sheet looks all of its
    # rules up for each widget.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]


def _parsed_once(sheet: Stylesheet, css: str, read_from: Any, *rest: Any, **named: Any) -> list[RuleSet]:
    key = (css, read_from, rest, *sorted(named.items()), _number_of_variables(sheet))
    found = _PARSED.get(key)
    if found is None:
        found = _parse_rules(sheet, css, read_from, *rest, **named)
        if not any(rule.errors for rule in found):
            _PARSED[key] = found
    return found


def _number_of_variables(sheet: Stylesheet) -> int:
    """Which values a style sheet has for variables: hundreds of them, for dozens of texts that are parsed."""
    known: tuple[object, int] | None = getattr(sheet, "_known_variables", None)
    if known is None or known[0] is not sheet._variables:
        known = sheet._variables, _NUMBERS.setdefault(tuple(sheet._variables.items()), len(_NUMBERS))
        sheet._known_variables = known  # type: ignore[attr-defined]
    return known[1]
