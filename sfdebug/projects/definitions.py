"""The definition of a machine as a text with places: written out of a template, substituted, then parsed.

As AWS does it, intrinsic functions come first, then DefinitionSubstitutions as text, then the parsing. Source: AWS
docs, AWS::StepFunctions::StateMachine, `DefinitionSubstitutions`; a value may stand without quotes, and one value may
become several.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.load import parse_source
from sfdebug.asl.text.placed import PlacedBuilder, PlacedText, fixed, scalar
from sfdebug.asl.text.problems import labelled
from sfdebug.errors import DefinitionError
from sfdebug.json_pointer import format_pointer
from sfdebug.projects.intrinsics.conditions import branch
from sfdebug.projects.intrinsics.resolver import MAX_TEXT
from sfdebug.projects.intrinsics.texts import SUB_NAME, sub_parts, sub_value
from sfdebug.projects.intrinsics.values import function_in, text_of
from sfdebug.projects.model import Substitution
from sfdebug.projects.reading import problem_at
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.text.placed import PlacedSource
    from sfdebug.asl.text.source import Document, Pointer, Source, Span
    from sfdebug.errors import Problem
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Json

PLACEHOLDER: Final = re.compile(r"\$\{([^{}\"\n\r]{1,255})\}")


class WrittenDefinition(Struct, frozen=True):
    """The text of a definition and the file that its places are in."""

    placed: PlacedText
    origin: Source
    format: str = ""


class Parsed(Struct, frozen=True):
    """What became of a definition: its source, and the machine or the problems."""

    source: PlacedSource
    machine: StateMachine | None
    problems: tuple[Problem, ...] = ()


def parse(written: WrittenDefinition, label: str = "") -> Parsed:
    """Parse a definition whose placeholders are filled in. `label` is what it is called where a program wrote it."""
    source = written.placed.source(written.origin, written.format, label)
    if len(source.text) > MAX_TEXT:
        document = _empty(written.origin)
        what = f"the definition becomes longer than {MAX_TEXT >> 20} MiB once it is filled in: AWS takes 1 MiB"
        return Parsed(source, None, (problem_at(document, (), what, "substitute less"),))
    try:
        return Parsed(source, parse_source(source))
    except DefinitionError as error:
        return Parsed(source, None, error.problems)


def with_pointers(problems: tuple[Problem, ...], text: str, owner: str) -> tuple[Problem, ...]:
    """Problems of a text that nobody edits: each says the machine and a JSON Pointer into its definition."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return tuple(
        labelled(each, f"{owner}#{format_pointer(_steps(each.where, value))}") if each.where else each
        for each in problems
    )


def _steps(where: str, value: Json) -> list[str | int]:
    """The keys and indices in `States.Charge.Retry[0]`; the value says which dots belong to a name."""
    steps: list[str | int] = []
    while where:
        if isinstance(value, dict):
            name = max((key for key in value if _begins(where, key)), key=len, default=None)
            name = re.split(r"[.\[]", where, maxsplit=1)[0] if name is None else name
            steps.append(name)
            value, where = value.get(name), where[len(name) :]
        else:
            match = re.match(r"\[(\d+)\]|([^.\[]+)", where)
            if match is None:
                break
            index = int(match[1]) if match[1] else match[2]
            is_there = isinstance(value, list) and isinstance(index, int) and index < len(value)
            steps.append(index)
            value, where = value[index] if is_there else None, where[match.end() :]  # type: ignore[index]
        where = where.removeprefix(".")
    return steps


def _begins(where: str, key: str) -> bool:
    return where.startswith(key) and where[len(key) : len(key) + 1] in ("", ".", "[")


def _empty(origin: Source) -> Document:
    from sfdebug.asl.text.source import Document

    return Document(None, origin, (0, 0))


def substituted(
    written: WrittenDefinition, values: Mapping[str, str]
) -> tuple[WrittenDefinition, frozenset[str], frozenset[str]]:
    """The definition with its placeholders replaced; the names that it uses, and those that nothing gives."""
    used: set[str] = set()
    unknown: set[str] = set()

    def value(match: re.Match[str]) -> str | None:
        name = match[1]
        if name not in values:
            unknown.add(name)
            return None
        used.add(name)
        return values[name]

    placed = written.placed.substituted(PLACEHOLDER, value)
    return WrittenDefinition(placed, written.origin, written.format), frozenset(used), frozenset(unknown)


def substitutions_of(
    resolver: Resolver, value: Json, at: Pointer, given: Mapping[str, str]
) -> tuple[tuple[Substitution, ...], dict[str, tuple[str, ...]]]:
    """The DefinitionSubstitutions of a machine, evaluated, and what was assumed for each.

    `given` ones count before them.
    """
    found = resolver.resolve(value, at) if function_in(value) else value
    declared = found if isinstance(found, dict) else {}
    substitutions = []
    assumed: dict[str, tuple[str, ...]] = {}
    for name, item in declared.items():
        if name in given:
            substitutions.append(Substitution(name, given[name], "given"))
            continue
        with resolver.assumptions.watching() as used:
            text = resolver.text(item, (*at, name))
        assumed[name] = tuple(used)
        substitutions.append(Substitution(name, text, expression(item), bool(used)))
    return tuple(substitutions), assumed


def expression(value: Json) -> str:
    """A value of a template as it is written in short: `!GetAtt Charge.Arn`, `12`."""
    name = function_in(value)
    if name is not None and isinstance(value, dict):
        argument = value[name]
        if isinstance(argument, list) and all(isinstance(part, str) for part in argument):
            argument = ".".join(map(str, argument)) if name == "Fn::GetAtt" else argument
        text = argument if isinstance(argument, str) else json.dumps(argument, ensure_ascii=False)
        return f"!{name.removeprefix('Fn::')} {text}"[:200]
    return text_of(value) or json.dumps(value, ensure_ascii=False)[:200]


class DefinitionFile(Struct, frozen=True):
    """The file that a definition is read from: the first `root` steps of its pointers lead to `base` there."""

    document: Document
    base: Pointer
    root: int

    @property
    def source(self) -> Source:
        """The text of the file."""
        return self.document.source

    def span(self, at: Pointer) -> Span:
        """The span of a value of the definition, or of what it was put in for."""
        return self.document.span((*self.base, *at[self.root :]))

    def key_span(self, at: Pointer) -> Span:
        """The span of a key of the definition."""
        return self.document.key_span((*self.base, *at[self.root :]))


def origin_of(resolver: Resolver, at: Pointer) -> DefinitionFile:
    """The file in which the definition at a pointer of a template stands."""
    return DefinitionFile(*resolver.template.placed(at), len(at))


# texts


def placed_text(resolver: Resolver, value: Json, at: Pointer, origin: DefinitionFile) -> PlacedText:
    """The text that a value of a template becomes: a string, Fn::Sub, Fn::Join, Fn::If, or whatever gives a text."""
    span = origin.span(at)
    if isinstance(value, str):
        return scalar(origin.source, span.start, span.end, value)
    name = function_in(value)
    if name is not None and isinstance(value, dict):
        argument = value[name]
        here = (*at, name)
        parts = sub_parts(argument, here) if name == "Fn::Sub" else None
        if parts is not None:
            text, names, where = parts
            span = origin.span(where)
            placed = scalar(origin.source, span.start, span.end, text)
            return placed.substituted(SUB_NAME, lambda match: sub_value(resolver, match, names, where))
        if name == "Fn::Join" and _is_join(argument):
            return _joined(resolver, argument, here, origin)
        chosen = branch(resolver, argument, here) if name == "Fn::If" else None
        if chosen is not None:
            return placed_text(resolver, *chosen, origin)
    return fixed(resolver.text(value, at), span.start)


def _is_join(argument: Json) -> bool:
    return (
        isinstance(argument, list)
        and len(argument) == 2
        and isinstance(argument[0], str)
        and isinstance(argument[1], list)
    )


def _joined(resolver: Resolver, argument: Json, at: Pointer, origin: DefinitionFile) -> PlacedText:
    assert isinstance(argument, list), "the caller looked"
    delimiter, items = argument
    assert isinstance(items, list), "the caller looked"
    builder = PlacedBuilder()
    for index, item in enumerate(items):
        part = placed_text(resolver, item, (*at, 1, index), origin)
        if index and isinstance(delimiter, str):
            builder.add(delimiter, part.place(0))
        builder.take(part, 0, len(part.text))
        if builder.size > MAX_TEXT:
            break
    return builder.built()


# objects


def written_object(resolver: Resolver, value: Json, at: Pointer, origin: DefinitionFile) -> PlacedText:
    """An object of a template written out as JSON; what is a text in it lies where it lies in the template."""
    writer = _Writer(resolver, origin)
    writer.write(value, at, "\n")
    return writer.builder.built()


class _Writer:
    def __init__(self, resolver: Resolver, origin: DefinitionFile) -> None:
        self.resolver = resolver
        self.origin = origin
        self.builder = PlacedBuilder()

    def write(self, value: Json, at: Pointer, line: str) -> None:
        """Write a value; `line` is the line break with the indentation of what it stands in."""
        name = function_in(value)
        place = self.origin.span(at).start
        if name == "Fn::If" and isinstance(value, dict):
            chosen = branch(self.resolver, value[name], (*at, name))
            if chosen is not None:
                self.write(*chosen, line)
                return
        if name is not None:
            found = self.resolver.resolve(value, at)
            self.builder.add(_json("" if found is MISSING else found), place)
        elif isinstance(value, dict):
            self._members(value, at, line)
        elif isinstance(value, list):
            self._items(value, at, line)
        elif isinstance(value, str):
            self._string(value, at)
        else:
            self.builder.add(_json(value), place)

    def _members(self, value: dict[str, Json], at: Pointer, line: str) -> None:
        place = self.origin.span(at).start
        self.builder.add("{", place, 1)
        inner = line + "  "
        count = 0
        for key, item in value.items():
            if self._is_left_out(item, (*at, key)):
                continue
            span = self.origin.key_span((*at, key))
            self.builder.add(("," if count else "") + inner, span.start)
            self.builder.add(_json(key), span.start)
            self.builder.add(": ", span.start)
            self.write(item, (*at, key), inner)
            count += 1
        self.builder.add((line if count else "") + "}", place)

    def _items(self, value: list[Json], at: Pointer, line: str) -> None:
        place = self.origin.span(at).start
        self.builder.add("[", place, 1)
        inner = line + "  "
        count = 0
        for index, item in enumerate(value):
            if self._is_left_out(item, (*at, index)):
                continue
            self.builder.add(("," if count else "") + inner, place)
            self.write(item, (*at, index), inner)
            count += 1
        self.builder.add((line if count else "") + "]", place)

    def _is_left_out(self, value: Json, at: Pointer) -> bool:
        """Whether a value is AWS::NoValue: the field is not there then."""
        name = function_in(value)
        return name in ("Ref", "Fn::If") and self.resolver.resolve(value, at) is MISSING

    def _string(self, value: str, at: Pointer) -> None:
        span = self.origin.span(at)
        text = self.resolver.resolve(value, at) if "{{resolve:" in value else value
        encoded = _json(text if isinstance(text, str) else value)
        self.builder.add('"', span.start)
        if encoded[1:-1] == value:
            placed = scalar(self.origin.source, span.start, span.end, value)
            self.builder.take(placed, 0, len(value))
        else:
            self.builder.add(encoded[1:-1], span.start)
        self.builder.add('"', max(span.start, span.end - 1))


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
