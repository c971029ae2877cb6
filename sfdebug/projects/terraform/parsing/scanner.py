"""The characters of one file: what stands next, and going past it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.problems import ProblemList
from sfdebug.projects.model import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Source

MAX_NESTING: Final = 100

_BLANK: Final = re.compile(r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_SPACE: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d][\w-]*")


class HclScanner:
    """Goes through one file from left to right. `at` is where it stands.

    A line break ends an argument and an item of an object; between brackets, and in what is put into a text, it means
    nothing.
    """

    def __init__(self, source: Source, *, lines_count: bool = True) -> None:
        self.text = source.text
        self.end = len(self.text)
        self.at = 0
        self.lines_count = lines_count
        self._source = source
        self._depth = 0

    def error(self, at: int, what: str, fix: str) -> ProjectError:
        """An error at a place of the file."""
        problem = ProblemList(self._source).add(at, at + 1, what, fix)
        return ProjectError([problem])

    # blanks

    def skip(self) -> None:
        """Go past blanks and comments, and past line breaks where they mean nothing."""
        self.matches(_BLANK if self.lines_count else _SPACE)

    def skip_lines(self) -> None:
        """Go past blanks, comments and line breaks."""
        self.matches(_SPACE)

    # signs and words

    @property
    def is_at_end(self) -> bool:
        """Whether nothing stands here any more."""
        return self.at >= self.end

    def sees(self, *signs: str) -> bool:
        """Whether one of the signs stands here."""
        return self.text.startswith(signs, self.at)

    def sees_ahead(self, *signs: str) -> bool:
        """Whether one of the signs stands here or behind blanks. Goes to it; stays where it is if there is none."""
        at = self.at
        self.skip()
        found = self.sees(*signs)
        if not found:
            self.at = at
        return found

    def takes(self, sign: str) -> bool:
        """Go past a sign if it stands here, or behind blanks."""
        self.skip()
        if not self.sees(sign):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str, after: str) -> None:
        """Go past a sign that has to stand here."""
        if not self.takes(sign):
            raise self.error(self.at, f"{sign} is missing {after}", f"write {sign}")

    def matches(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what a pattern finds here, if it finds something."""
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return match

    def word(self) -> str:
        """Go past the name that stands here, "" when none does."""
        match = self.matches(_WORD)
        return "" if match is None else match[0]

    def loop_names(self) -> tuple[str, str]:
        """Go past the names of a `for` and its `in`: the key, "" when it has none, and the value."""
        self.skip()
        key, value = "", self.word()
        if self.takes(","):
            self.skip()
            key, value = value, self.word()
        self.skip()
        if not value or self.word() != "in":
            raise self.error(self.at, "in is missing behind the name", "write: for item in list")
        return key, value

    # surroundings

    @contextmanager
    def nested(self, start: int) -> Iterator[None]:
        """Count what is read in the block as one level deeper; what is too deep is an error at `start`."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.error(start, f"this is nested more than {MAX_NESTING} deep", "make it flatter")
        yield
        self._depth -= 1

    @contextmanager
    def lines(self, *, count: bool) -> Iterator[None]:
        """Read the block with line breaks that count, or that mean nothing."""
        before, self.lines_count = self.lines_count, count
        yield
        self.lines_count = before
