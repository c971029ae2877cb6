"""Problems: gathered while a text is read, sorted by position, rendered with the source line and a caret."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.text.source import Document
from sfdebug.errors import DefinitionError, Problem
from sfdebug.text import cell_width, char_width, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfdebug.asl.text.source import Members, Pointer, Source
    from sfdebug.values import Json

MAX_PROBLEMS: Final = 100
"""Scanning stops here: what follows so many errors is noise."""

MAX_SHOWN: Final = 20
"""How many problems `render` shows before it only counts."""

_TAB: Final = 4
_QUOTE_LIMIT: Final = 60


class Scan(Struct, frozen=True, gc=False):
    """What a scanner made of a text.

    `document` is None when nothing could be read. `trusted` says that the problems, if any, did not damage the
    structure of the value, so that looking for more problems in it makes sense.
    """

    document: Document | None
    problems: tuple[Problem, ...]
    trusted: bool

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop loading."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def checked(self) -> Document:
        """The document. Raises DefinitionError when the text has errors."""
        if self.errors or self.document is None:
            raise DefinitionError(self.errors)
        return self.document


class ScanEndedError(Exception):
    """Reading cannot usefully go on: the text ends too early, or there is too much wrong with it."""


class ProblemList:
    """Problems of one source as they are found, in any order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.items: list[Problem] = []
        self._lines: dict[int, str] = {}

    def add(self, start: int, end: int, what: str, fix: str, *, where: str = "", severity: str = "error") -> Problem:
        """Note a problem with `text[start:end]`; a stretch over several lines is marked on its first."""
        limit = len(self.source.text)
        start = max(0, min(start, limit))
        span = self.source.span(start, max(start, min(end, limit)))
        line = self._line(span.line)
        length = max(1, min(span.end - span.start, len(line) - span.column + 1))
        problem = Problem(
            self.source.name, span.line, span.column, what, fix, where, line, length=length, severity=severity
        )
        self.items.append(problem)
        return problem

    def _line(self, number: int) -> str:
        if number not in self._lines:
            self._lines[number] = self.source.line(number)
        return self._lines[number]


class Scanner:
    """What reads one text and goes on after errors. `trusted` turns False once structure had to be guessed.

    `forgives_repeats` makes a key that stands twice in an object a warning, as CloudFormation takes the last.
    """

    forgives_repeats = False

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.problems = ProblemList(source)
        self.trusted = True
        self.errors = 0

    def note(self, start: int, end: int, what: str, fix: str, *, harmless: bool = False) -> None:
        """Note an error. A harmless one leaves no doubt about what was meant. Raises ScanEndedError at too many."""
        self.problems.add(start, end, what, fix)
        self.trusted = self.trusted and harmless
        self.errors += 1
        if self.errors >= MAX_PROBLEMS:
            self.trusted = False
            raise ScanEndedError

    def stop(self, start: int, end: int, what: str, fix: str) -> NoReturn:
        """Note an error after which nothing more can be read."""
        self.note(start, end, what, fix)
        raise ScanEndedError

    def note_repeated(self, key: str, first: tuple[int, int], start: int, end: int) -> None:
        """Note a key that its object has already."""
        what = f"the key {quote(key)} stands here again: it is already on line {self.source.span(*first).line}"
        if self.forgives_repeats:
            if len(self.problems.items) < MAX_PROBLEMS:
                what += ", and this one counts"
                self.problems.add(start, end, what, "rename it or take one of them out", severity="warning")
            return
        self.note(start, end, what, "rename it or take one of them out", harmless=True)

    def scanned(self, values: list[Json], extents: Members) -> Scan:
        """What was read: the first of `values`, if there is one, and every problem."""
        problems = ordered(self.problems.items)
        if not values:
            return Scan(None, problems, trusted=False)
        warnings = tuple(problem for problem in problems if problem.severity == "warning")
        return Scan(Document(values[0], self.source, extents.values[0], warnings), problems, self.trusted)


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """`problems` in file order, errors before warnings at the same position, each only once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.file, p.line, p.column, p.severity != "error")))


def labelled(problem: Problem, place: str) -> Problem:
    """A problem of a text that nobody edits, which says its place in words first."""
    return replace(problem, what=f"{place}: {problem.what}", where=place)


def file_problem(name: str, what: str, fix: str) -> Problem:
    """A problem of a file as a whole: it has no line."""
    return Problem(name, 0, 0, what, fix)


def dotted(pointer: Pointer) -> str:
    """A pointer in words: `States.Charge.Retry[0].ErrorEquals`."""
    text = ""
    for step in pointer:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return escaped(text)


def quote(text: str, limit: int = _QUOTE_LIMIT) -> str:
    """`text` in single quotes, fit to stand in a sentence: one line, no control characters, not too long."""
    text = escaped(text)
    return f"'{text[: limit - 1]}…'" if len(text) > limit else f"'{text}'"


def render(problems: Sequence[Problem], width: int = 100, limit: int = MAX_SHOWN) -> str:
    """The problems as plain text in file order: `file:line:col: error: what`, the line, a caret, the fix.

    `width` is how many columns an excerpt may take. Beyond `limit` problems the rest is only counted.
    """
    found = ordered(problems)
    blocks = ["\n".join(_block(problem, width)) for problem in found[:limit]]
    if len(found) > limit:
        blocks.append(f"and {len(found) - limit} more")
    return "\n".join(blocks)


def _block(problem: Problem, width: int) -> list[str]:
    lines = [f"{escaped(problem.location)}: {problem.severity}: {escaped(problem.what)}"]
    if problem.excerpt:
        number = str(problem.line)
        text, caret = _excerpt(problem, max(20, width - len(number) - 5))
        lines += [f"  {number} | {text}", f"  {' ' * len(number)} | {caret}"]
    if problem.fix:
        lines.append(f"  fix: {escaped(problem.fix)}")
    return lines


def _excerpt(problem: Problem, width: int) -> tuple[str, str]:
    """The source line, clipped around the problem to `width` columns, and the caret line under it."""
    line = problem.excerpt.rstrip()
    at = min(problem.column - 1, len(problem.excerpt))
    first = _first_shown(line, at, width)
    shown, caret, used = ("…", " ", 1) if first else ("", "", 0)
    for index in range(first, max(len(line), at + 1)):
        cell = _cell(line[index]) if index < len(line) else " "
        if used + cell_width(cell) > width - 1:
            shown += "…"
            break
        shown += cell
        used += cell_width(cell)
        if index == at:
            caret += "^" + "~" * (cell_width(cell) - 1)
        elif at < index < at + problem.length:
            caret += "~" * cell_width(cell)
        elif index < at:
            caret += " " * cell_width(cell)
    return shown.rstrip(), caret if "^" in caret else caret + "^"


def _first_shown(line: str, at: int, width: int) -> int:
    """The index of the first character to show so that the one at `at` is in view with some of its left side."""
    if len(line) < width and sum(cell_width(_cell(char)) for char in line) < width:
        return 0
    room = width * 2 // 3
    first = at
    used = 0
    while first > 0 and used < room:
        first -= 1
        used += cell_width(_cell(line[first])) if first < len(line) else 1
    return first if used >= room else 0


def _cell(char: str) -> str:
    """What is printed for one character of source text."""
    if char == "\t":
        return " " * _TAB
    if unicodedata.category(char) == "Zs":
        return " " * char_width(char)
    return char if char.isprintable() else "\N{REPLACEMENT CHARACTER}"
