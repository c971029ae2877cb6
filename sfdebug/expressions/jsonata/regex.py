"""Regular expressions in JSONata: literals, the functions they are, and matching with a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import apply
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import Array, JsonataFunction, Object, is_function
from sfdebug.expressions.pattern_size import too_large
from sfdebug.values import MISSING


class BadPatternError(Exception):
    """A regular expression that cannot be read."""


class Match(Struct, frozen=True, gc=False):
    """One match: its text, where it starts and ends, and its groups (MISSING: not taken part)."""

    text: str
    start: int
    end: int
    groups: list[Any]


class RegexLiteral:
    """A compiled regular expression literal; it is what the library's parser keeps in the syntax tree.

    The parser wants the methods of a pattern only to be there; matching goes through `matches`.
    """

    __slots__ = ("compiled", "text")

    def __init__(self, text: str, ignore_case: bool, multiline: bool) -> None:
        self.text = text
        self.compiled = compiled_pattern(text, ignore_case, multiline)

    def matches(self, subject: str, run: JsonataRun, start: int = 0) -> Iterator[Match]:
        """The matches one after the other. Raises JsonataFault D1004 for one of no characters, U1001 out of time."""
        run.tick(len(subject) >> 6)
        while start <= len(subject):
            try:
                found = self.compiled.search(subject, start, timeout=run.search_seconds())
            except TimeoutError:
                run.out_of_time()
            if found is None:
                return
            if found.start() == found.end():
                raise JsonataFault("D1004", value=self.text)
            run.tick(4 + len(found.groups()))
            groups = [MISSING if group is None else group for group in found.groups()]
            yield Match(found.group(), found.start(), found.end(), groups)
            start = found.end()


@lru_cache(maxsize=256)
def compiled_pattern(text: str, ignore_case: bool, multiline: bool) -> Any:
    """The pattern that `text` writes. Raises BadPatternError."""
    why = too_large(text)
    if why:
        raise BadPatternError(why)
    regex = import_module("regex")
    flags = regex.ASCII | (regex.IGNORECASE if ignore_case else 0) | (regex.MULTILINE if multiline else 0)
    try:
        return regex.compile(text, flags)
    except (regex.error, ValueError, OverflowError, RecursionError, IndexError, MemoryError) as error:
        raise BadPatternError(str(error) or "it is too large") from None


def engine(text: str, flags: Any) -> RegexLiteral:
    """What the library's parser calls for a literal. Raises BadPatternError."""
    return RegexLiteral(text, bool(flags.case_insensitive), bool(flags.multiline))


class Matcher(JsonataFunction):
    """A regular expression as a function: it gives the first match as an object, whose `next` gives the next."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: RegexLiteral) -> None:
        super().__init__("regex", 2, self._first)
        self.pattern = pattern

    def _first(self, run: JsonataRun, arguments: list[Any], input: Any) -> Any:
        subject = arguments[0] if arguments else MISSING
        return MISSING if not isinstance(subject, str) else _chained(self.pattern.matches(subject, run))


def matcher(pattern: RegexLiteral) -> Matcher:
    """The function that a regular expression literal is."""
    return Matcher(pattern)


def _chained(matches: Iterator[Match]) -> Any:
    match = next(matches, None)
    if match is None:
        return MISSING
    following = JsonataFunction("next", 0, lambda run, arguments, input: _chained(matches))
    return Object(
        {"match": match.text, "start": match.start, "end": match.end, "groups": Array(match.groups), "next": following}
    )


def matches_of(run: JsonataRun, function: JsonataFunction, subject: str, name: str) -> Iterator[Match]:
    """The matches of a regular expression, or of a matcher function of the expression's own, in `subject`.

    Raises JsonataFault T1010 when the function does not give what a matcher gives.
    """
    if isinstance(function, Matcher):
        yield from function.pattern.matches(subject, run)
        return
    found = apply(run, function, [subject])
    while found is not MISSING and found is not None:
        if not (
            isinstance(found, dict)
            and isinstance(found.get("start"), (int, float))
            and isinstance(found.get("end"), (int, float))
            and isinstance(found.get("groups"), list)
            and is_function(found.get("next"))
        ):
            raise JsonataFault("T1010", token=name)
        yield Match(str(found.get("match", "")), int(found["start"]), int(found["end"]), found["groups"])
        found = apply(run, found["next"], [])
