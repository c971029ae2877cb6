"""What expressions mention: the paths in a payload template, a path, or JSONata, each with a value that would fit it.

This is a guess from the definition's text, for offering values; the engine never uses it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.values import MISSING, Json, Value

Steps: TypeAlias = "tuple[str | int, ...]"

INPUT: Final = ""
RESULT: Final = "$result"
ITEM: Final = "$item"
"""Roots that paths start from, besides the names of variables: the state's input (for JSONPath whatever `$` is), the
result of its work, the item of a Map."""


class Mention(Struct, frozen=True, gc=False):
    """A path that an expression reads. `hint` is a value that would fit there, MISSING when unknown; `is_all` says
    that the expression is nothing but this path."""

    root: str
    steps: Steps
    hint: Value = MISSING
    is_all: bool = False


def mentions(template: Json, *, jsonata: bool) -> Iterator[Mention]:
    """All paths in a template of either language."""
    for _, expression in _expressions(template, (), jsonata=jsonata):
        yield from (_jsonata_mentions(expression) if jsonata else path_mentions(expression))


def copies(template: Json, *, jsonata: bool) -> Iterator[tuple[Steps, Mention]]:
    """The places of a template that are filled with what a path finds, and nothing else."""
    for under, expression in _expressions(template, (), jsonata=jsonata):
        for mention in _jsonata_mentions(expression) if jsonata else path_mentions(expression):
            if mention.is_all:
                yield under, mention


def _expressions(template: Json, under: Steps, *, jsonata: bool) -> Iterator[tuple[Steps, str]]:
    if isinstance(template, str):
        if jsonata and is_jsonata_string(template):
            yield under, jsonata_text(template)
    elif isinstance(template, dict):
        for key, value in template.items():
            if jsonata or not key.endswith(".$"):
                yield from _expressions(value, (*under, key), jsonata=jsonata)
            elif isinstance(value, str):
                yield (*under, key[:-2]), value
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from _expressions(value, (*under, index), jsonata=jsonata)


# JSONPath

_QUOTED: Final = re.compile(r"'(?:\\.|[^'\\])*'")
_PATH_IN_CALL: Final = re.compile(r"(?<![\w$])\$(?:\$(?=\.Map\.Item\.Value))?[^\s,()]*")
_ARRAY_FUNCTIONS: Final = ("States.ArrayLength", "States.ArrayContains", "States.ArrayPartition", "States.ArrayUnique")
_STEP: Final = re.compile(r"\.([^.\[\]()*?@'\"\s]+)|\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]|\[\s*(\d+)\s*\]|\[\*\]")
_ITEM_PATH: Final = "$$.Map.Item.Value"
_VARIABLE: Final = re.compile(r"\$([A-Za-z_]\w*)(?=$|[.\[])")


def path_mentions(expression: str, hint: Value = MISSING) -> Iterator[Mention]:
    """The paths in a path or an intrinsic function."""
    if not expression.startswith("States."):
        mention = _path_mention(expression, hint)
        if mention is not None:
            yield Mention(mention.root, mention.steps, mention.hint, is_all=True)
        return
    if expression.startswith(_ARRAY_FUNCTIONS):
        hint = []
    elif expression.startswith(("States.MathAdd", "States.MathRandom")):
        hint = 1
    elif expression.startswith("States.StringToJson"):
        hint = "{}"
    for path in _PATH_IN_CALL.findall(_QUOTED.sub("''", expression)):
        mention = _path_mention(path, hint)
        if mention is not None:
            yield mention


def _path_mention(path: str, hint: Value = MISSING) -> Mention | None:
    """What one path reads; None for the Context object, and for what is no path."""
    if path.startswith(_ITEM_PATH):
        steps = path_steps(f"${path.removeprefix(_ITEM_PATH)}")
        return Mention(ITEM, steps, hint) if steps is not None else None
    variable = _VARIABLE.match(path)
    if variable is not None:
        steps = path_steps(f"${path[variable.end() :]}")
        return Mention(variable.group(1), steps, hint) if steps is not None else None
    steps = path_steps(path)
    return Mention(INPUT, steps, hint) if steps is not None else None


def path_steps(path: str) -> Steps | None:
    """The steps of a path from `$`, up to the first that is no key or index; None for other paths (`$$`, `$x`)."""
    if path[:1] != "$" or path[1:2] not in ("", ".", "["):
        return None
    steps: list[str | int] = []
    position = 1
    while match := _STEP.match(path, position):
        position = match.end()
        dotted, single, double, index = match.groups()
        if index is not None:
            steps.append(int(index) if int(index) < 10 else 0)
        else:
            name = next((name for name in (dotted, single, double) if name is not None), None)
            steps.append(name if name is not None else 0)
        if path[position : position + 1] == "(":  # a function, as in `$.items.length()`
            return tuple(steps[:-1])
    return tuple(steps)


# JSONata

_JSONATA_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'|/\*.*?\*/", re.DOTALL)
_ROOT: Final = re.compile(
    r"(?<![\w$.])\$(?:(?P<states>states\s*\.\s*(?:input|result|context\s*\.\s*Map\s*\.\s*Item\s*\.\s*Value))(?!\w)"
    r"|(?P<name>(?!states\b)[A-Za-z_]\w*)(?!\w|\s*\(|\s*:=))"
)
_JSONATA_STEP: Final = re.compile(r"\s*\.\s*(?:([A-Za-z_]\w*)|`([^`]*)`)(?!\s*\()|\[\s*(\d)\s*\]")
_COMPARED: Final = re.compile(
    r"\s*(?P<operator>=|!=|>=|<=|>|<)\s*(?P<literal>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|-?\d+(?:\.\d+)?|true|false|null)"
)
_OF_A_LIST: Final = re.compile(
    r"\$(?:count|sum|average|max|min|map|filter|reduce|sort|reverse|append|distinct)\s*\(\s*$"
)
_ARITHMETIC: Final = re.compile(r"\s*[-+*/%](?!\})")


def _jsonata_mentions(expression: str) -> Iterator[Mention]:
    """The paths in a JSONata expression that start from `$states` or from a variable."""
    bare = _JSONATA_QUOTED.sub(
        lambda found: found.group()[0] + "_" * (len(found.group()) - 2) + found.group()[-1], expression
    )
    for match in _ROOT.finditer(bare):
        position, steps = match.end(), list[str | int]()
        while step := _JSONATA_STEP.match(bare, position):
            name, quoted, index = step.groups()
            steps.append(int(index) if index is not None else name if name is not None else quoted)
            position = step.end()
        is_all = match.start() == 0 and not bare[position:].strip()
        yield Mention(_root(match), tuple(steps), _hint(expression, bare, match.start(), position), is_all)


def _root(match: re.Match[str]) -> str:
    states = match.group("states")
    if states is None:
        return match.group("name")
    return INPUT if states.endswith("input") else RESULT if states.endswith("result") else ITEM


def _hint(expression: str, bare: str, start: int, end: int) -> Value:
    """A value that fits what is around the path, and makes a comparison true."""
    compared = _COMPARED.match(expression, end)
    if compared is not None:
        literal = compared.group("literal")
        value = literal[1:-1] if literal[0] in "'\"" else json.loads(literal)
        step = {">": 1, "<": -1}.get(compared.group("operator"), 0)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value + step
        return MISSING if compared.group("operator") == "!=" else value
    if _OF_A_LIST.search(bare[:start]) or bare[end:].lstrip()[:1] == "[":
        return []
    return 1 if _ARITHMETIC.match(bare, end) else MISSING
