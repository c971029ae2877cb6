"""Takes what a course.toml or lesson.toml says out of its tables, and notes all that is wrong with it, at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any, Final, TypeAlias, TypeVar

from sfdebug.configuration import ConfigurationError, places_of, toml_of
from sfdebug.errors import Problem
from sfdebug.files import is_file, is_folder, read_file
from sfdebug.lessons.model import COURSE, LessonError
from sfdebug.text import with_article
from sfdebug.values import MISSING, Value, why_not_json

MAX_BYTES: Final = 1 << 18
"""Largest file of a course that is read: fifty times a long lesson."""

MOST_PROBLEMS: Final = 50
"""So many mistakes of a file are told at once."""

_FIX: Final = 'A line is written: title = "States and data"; a step of a lesson begins with [[steps]].'
_FIRST: Final = (1, 1)
Place: TypeAlias = tuple[int, int]
"""A line and a column, from 1."""

_Word = TypeVar("_Word", bound=StrEnum)


class CourseTable:
    """A table of a file: the whole of it, or one within, whose `name` leads there."""

    def __init__(
        self, file: Path, places: Mapping[str, Place], table: Mapping[str, Any], name: tuple[str | int, ...] = ()
    ) -> None:
        """`places` are those of all settings of the file, by their names."""
        self.file = file
        self.problems: list[Problem] = []
        self._places = places
        self._table = table
        self._name = name

    @property
    def line(self) -> int:
        """The line that it begins in."""
        return self._place(self._name)[0]

    def _place(self, name: tuple[str | int, ...]) -> Place:
        return self._places.get(".".join(map(str, name)), _FIRST)

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys, in the order in which they are written."""
        return tuple(self._table)

    @property
    def lines(self) -> dict[str, int]:
        """The line of each of its keys."""
        return {key: place[0] for key in self._table if (place := self._place((*self._name, key))) != _FIRST}

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def wrong(self, key: str, what: str, fix: str) -> None:
        """Note what is wrong with the value of a key; with the table itself where it is ""."""
        if len(self.problems) == MOST_PROBLEMS:
            return
        name = (*self._name, key) if key else self._name
        place = self._place(name)
        while place == _FIRST and len(name) > 1:  # it is not there, or within something that is written in one line
            name = name[:-1]
            place = self._place(name)
        self.problems.append(Problem(str(self.file), *place, what, fix))

    def check_keys(self, known: Iterable[str]) -> None:
        """Only these keys can be there."""
        known = tuple(known)
        for key in self._table:
            if key not in known and len(self.problems) < MOST_PROBLEMS:
                near = get_close_matches(key, known, 1)
                fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
                self.wrong(key, f"there is no {_shown(key)} here", fix)

    def text(self, key: str, usual: str | None = None) -> str:
        """A text that says something; `usual` where the key is missing, which is wrong when there is no such."""
        value = self._table.get(key, usual)
        if isinstance(value, str) and (value.strip() or (key not in self._table)):
            return value.strip()
        if value is None:
            self.wrong(key, f"{key} is missing", f'Write: {key} = "…"')
        else:
            said = "not empty" if isinstance(value, str) else f"not {with_article(value)}"
            self.wrong(key, f"{key} is a text, {said}", f'Write: {key} = "…"')
        return ""

    def line_of_text(self, key: str) -> str:
        """A text that is shown in one line, however it is written."""
        return " ".join(self.text(key).split())

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Several texts; None where the key is missing."""
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
            return tuple(one.strip() for one in value)
        self.wrong(key, f"{key} is a list of texts", f'Write: {key} = ["…", "…"]')
        return ()

    def count(self, key: str, usual: int = 1, most: int = 1_000_000_000) -> int:
        """A whole number from 1."""
        value = self._table.get(key, usual)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.wrong(key, f"{key} is a whole number from 1", f"Write: {key} = {usual}")
        return usual

    def yes(self, key: str) -> bool:
        """Whether it says true."""
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"{key} is true or false", f"Write: {key} = true")
        return value is True

    def word(self, key: str, words: type[_Word] | tuple[_Word, ...], usual: _Word | None = None) -> _Word | None:
        """One of a few words; `usual` where the key is missing or says something else."""
        value = self._table.get(key, usual)
        if value is None:
            return usual
        for one in words:
            if one == value:
                return one
        self.wrong(key, f"{key} cannot be {_shown(value)}", _choices(value, list(words)))
        return usual

    def choice(self, key: str, texts: tuple[str, ...]) -> str:
        """One of a few texts; "" where the key is missing or says something else."""
        value = self._table.get(key)
        if value is None or value in texts:
            return value or ""
        near = get_close_matches(str(value), texts, 1)
        fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(texts)}."
        self.wrong(key, f"{key} cannot be {_shown(value)}", fix)
        return ""

    def words(self, key: str, words: type[_Word]) -> tuple[_Word, ...]:
        """Several of a few words; none where the key is missing."""
        found = []
        for value in self.texts(key) or ():
            if value in tuple(words):
                found.append(words(value))
            else:
                self.wrong(key, f"{key} cannot hold {_shown(value)}", _choices(value, list(words)))
        return tuple(found)

    def json(self, key: str) -> Value:
        """Any value that JSON has; MISSING where the key is missing."""
        value: Value = self._table.get(key, MISSING)
        why = None if value is MISSING else why_not_json(value)
        if why is None:
            return value
        self.wrong(key, f"{key} {why}", "Dates and infinite numbers are written as texts.")
        return MISSING

    def path(self, key: str, usual: Iterable[str] = (), *, is_there: Callable[[Path], bool] = is_file) -> Path | None:
        """A file beside this one, which is there; the first of `usual` that is there where the key is missing."""
        if key not in self._table:
            beside = (self.file.parent / name for name in usual)
            return next((path for path in beside if is_there(path) and self._is_within(path)), None)
        return self._path(key, self.text(key), is_there)

    def files(self, key: str) -> tuple[Path, ...]:
        """Several files beside this one; those that are there."""
        found = [self._path(key, name, is_file) for name in self.texts(key) or ()]
        return tuple(path for path in found if path is not None)

    def folder(self, key: str) -> Path | None:
        """A folder beside this file; None where the key is missing."""
        return self.path(key, is_there=is_folder)

    def paths(self, key: str) -> dict[str, Path]:
        """A table of files by names."""
        table = self._table.get(key, {})
        if not isinstance(table, dict) or not all(isinstance(name, str) for name in table.values()):
            self.wrong(key, f"{key} is a table of files", f'Write: {key} = {{ Name = "name.asl.json" }}')
            return {}
        found = {name: self._path(key, file, is_file) for name, file in table.items()}
        return {name: path for name, path in found.items() if path is not None}

    def _path(self, key: str, name: str, is_there: Callable[[Path], bool]) -> Path | None:
        if not name:
            return None
        path = self.file.parent / name
        if Path(name).is_absolute():
            self.wrong(key, f"{key} is named from the folder of this file", "Write a path that does not begin with /.")
        elif is_there(path) and not self._is_within(path):
            self.wrong(key, f"{name} lies outside of the course", "Copy it into the folder of the lesson.")
        elif is_there(path):
            return path
        else:
            beside = [one.name for one in sorted(self.file.parent.iterdir())] if is_folder(self.file.parent) else []
            kind = "folder" if is_there is is_folder else "file"
            near = _near_file(name, [one for one in beside if is_there(self.file.parent / one)])
            self.wrong(
                key,
                f"there is no {kind} {name}",
                f"Did you mean {near}?" if near else f"Add it, or leave {key} out.",
            )
        return None

    def _is_within(self, path: Path) -> bool:
        """Whether a file is one of the course, or of a lesson that is in none.

        A course may come from anybody: what it shows is its own, not what lies elsewhere on the machine.
        """
        folder = self.file.resolve().parent
        return path.resolve().is_relative_to(folder.parent if is_file(folder.parent / COURSE) else folder)

    def tables(self, key: str) -> list[CourseTable]:
        """The tables of a list of tables. They note their mistakes with this one."""
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(key, f"{key} is a list of tables", f"Write [[{key}]] before each.")
            return []
        return [self._within(one, (*self._name, key, index)) for index, one in enumerate(value)]

    def _within(self, table: Mapping[str, Any], name: tuple[str | int, ...]) -> CourseTable:
        found = CourseTable(self.file, self._places, table, name)
        found.problems = self.problems
        return found


def read_table(file: Path) -> CourseTable:
    """The table of a file. Raises LessonError when it cannot be read, or is no TOML."""
    try:
        text = read_file(file, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError([Problem(str(file), 0, 0, "the file is not UTF-8", "Save it as UTF-8.")]) from None
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
        raise LessonError([Problem(str(file), 0, 0, what, "docs/lessons.md says what it holds.")]) from None
    try:
        table = toml_of(file, text, fix=_FIX)
        return CourseTable(file, places_of(text), table)
    except ConfigurationError as error:
        raise LessonError(error.problems) from None


def _near_file(name: str, names: Sequence[str]) -> str | None:
    """A file that may be meant: what its name begins with is like that of the one that is not there."""
    kind = PurePath(name).suffix
    stems = {one.partition(".")[0]: one for one in names if get_close_matches(PurePath(one).suffix, [kind], 1)}
    near = get_close_matches(name.partition(".")[0], stems, 1)
    return stems[near[0]] if near else None


def _choices(value: Any, words: list[_Word]) -> str:
    near = get_close_matches(str(value), words, 1)
    listed = ", ".join(word or "an empty text" for word in words)
    return f"Did you mean {near[0]}?" if near else f"There are: {listed}."


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:60]}…") if isinstance(value, str) else with_article(value)
