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
from sfdebug.expressions.pattern_size import soon_searched, takes_characters, too_large
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

    __slots__ = ("_never_empty", "_soon", "compiled", "text")

    def __init__(self, text: str, ignore_case: bool, multiline: bool) -> None:
        self.text = text
        self.compiled = compiled_pattern(text, ignore_case, multiline)
        self._soon = soon_searched(text)
        self._never_empty = self._soon > 0 and takes_characters(text) and not self.compiled.fullmatch("")

    def matches(self, subject: str, run: JsonataRun) -> Iterator[Match]:
        """The matches one after the other. Raises JsonataFault D1004 for one of no characters, U1001 out of time."""
        run.tick(len(subject) >> 6)
        # Looking at the clock takes five times as long as a search does that needs no watching.
        is_soon = len(subject) <= self._soon
        for found in self.compiled.finditer(subject) if is_soon else self._searched(subject, run):
            start, end = found.span()
            if start == end:
                raise JsonataFault("D1004", value=self.text)
            groups = list(found.groups(MISSING))
            run.steps += 4 + len(groups)
            if run.steps >= run.next_look:
                run.look()
            yield Match(subject[start:end], start, end, groups)

    def split(self, subject: str, run: JsonataRun) -> list[str] | None:
        """The text between the matches; None when only going from match to match can tell."""
        if not self._never_empty or len(subject) > self._soon or self.compiled.groups:
            return None
        parts: list[str] = self.compiled.split(subject)
        run.tick((len(subject) >> 6) + 4 * (len(parts) - 1))
        return parts

    def replaced(self, subject: str, by: str, run: JsonataRun) -> str | None:
        """The text with `by` in the place of each match; None when only going from match to match can tell."""
        if not self._never_empty or len(subject) > self._soon:
            return None
        text: str
        text, count = self.compiled.subn(by.replace("\\", r"\\"), subject)
        run.tick((len(subject) >> 6) + (4 + self.compiled.groups) * count)
        return text

    def _searched(self, subject: str, run: JsonataRun) -> Iterator[Any]:
        """What the library finds, each search with a limit of its own."""
        start = 0
        while start <= len(subject):
            try:
                found = self.compiled.search(subject, start, timeout=run.search_seconds())
            except TimeoutError:
                run.out_of_time()
            if found is None:
                return
            yield found
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
        return function.pattern.matches(subject, run)
    return _matches_by(run, function, subject, name)


def _matches_by(run: JsonataRun, function: JsonataFunction, subject: str, name: str) -> Iterator[Match]:
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
