"""The values in a file, whatever holds them: JSON documents in a row, lines of a log, a CSV export, YAML.

What can be read is kept: after a place that is no JSON the next object is looked for, and the place is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from sfdebug.errors import Problem
from sfdebug.files import MAX_VALUES, has_too_many_values
from sfdebug.history.reading.tables import CsvEndedError, is_table, table_rows
from sfdebug.history.reading.unpacking import MOST_PACKED, text_in
from sfdebug.history.reading.yaml_values import YamlEndedError, is_yaml, yaml_values
from sfdebug.values import Json

_MOST_PROBLEMS: Final = 20
_OBJECT: Final = re.compile(r'\{\s*"')
_BLANK: Final = re.compile(r"[\s,]*")
_PATIENCE: Final = 1_000_000
"""How many characters may be looked at in vain when the objects of a damaged file are looked for."""
_MARKS: Final = frozenset({"id", "Id", "message", "@message", "execution_arn"})
"""An object inside a damaged file is taken for an event when it has one of these."""
_TEXT_OUTPUT: Final = re.compile(r"(?:EVENTS\t\d+\t\d+\t[^{\n]*|[A-Z]+EVENTDETAILS\t.*|NEXTTOKEN\t.*)(?:\n|$)")
_TABLE_OUTPUT: Final = re.compile(r"-{20,}\r?\n\|")
_PYTHON: Final = re.compile(r"[{\[]\s*[{\[]?\s*'\w+'\s*:")
_SDK_TEXT: Final = re.compile(r"\w*(?:HistoryResponse|HistoryResult|HistoryOutput|HistoryEvent)\s*[({]")
_JSON_WANTED: Final = "Write it as JSON: aws stepfunctions get-execution-history --output json (or --output yaml)."


@dataclass(frozen=True, slots=True)
class FoundValue:
    """One value of a file, and the line that it starts on. `is_row`: it is a row of a table."""

    value: Json
    line: int
    is_row: bool = False


class DocumentReader:
    """Reads one file; `problems` grows as its pieces are taken."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.text = text_in(data, self.tell)
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._line, self._counted = 1, 0

    def tell(self, what: str, line: int = 0, fix: str = "", where: str = "") -> None:
        """Note what is wrong; after the first few only that there is more."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, line, 1 if line else 0, what, fix, where, severity="warning"))
        elif len(self.problems) == _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, 0, 0, "there is more that cannot be read", "", severity="warning"))

    def inside(self, data: bytes, line: int) -> DocumentReader:
        """A reader of what is packed in the file on this line; it tells the same problems."""
        inner = DocumentReader(b"", self.name)
        inner.problems = self.problems
        inner.text = text_in(data, lambda what, _, fix: self.tell(what, line, fix), MOST_PACKED)
        return inner

    def pieces(self) -> Iterator[FoundValue]:
        """The values in the file, in order."""
        if has_too_many_values(self.text):
            self.tell(f"there are more than {MAX_VALUES:,} values in it, the most that is read")
            return
        if is_table(self.text):
            yield from self._table_rows()
            return
        if is_yaml(self.text):
            yield from self._yaml_values()
            return
        if self._is_other_output():
            return
        text, position = self.text, _next_start(self.text, 0)
        while position < len(text):
            line = self._line_at(position)
            if text[position] not in "{[":
                position = self._skip_prefix(position, line)
                continue
            try:
                value, end = self._decoder.raw_decode(text, position)
            except (ValueError, RecursionError) as error:
                position = yield from self._salvage(position, error)
                continue
            yield FoundValue(value, line)
            if text[end : end + 1] == "\t":  # more columns of a log event, as --output text prints it
                end = line_end if (line_end := text.find("\n", end)) >= 0 else len(text)
            position = _next_start(text, end)

    def _skip_prefix(self, position: int, line: int) -> int:
        """What stands before the JSON of a log line; where that starts, or the next line when it has none."""
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        brace = self.text.find("{", position, end)
        if brace >= 0:
            return brace
        self.tell("this is no history event, and no JSON", line)
        return _next_start(self.text, end)

    def _salvage(self, position: int, error: Exception) -> Generator[FoundValue, None, int]:
        """After a document that is not JSON: the objects inside it, one by one; where to go on."""
        text = self.text
        broken_at = self._line_at(getattr(error, "pos", position))
        self.tell(self._what_is_wrong(error), broken_at, "What could be read around it is kept.")
        events = re.compile(r'"events"\s*:\s*\[').search(text, position)
        inner = _OBJECT.search(text, events.end() if events else position + 1)
        patience = _PATIENCE + 4 * len(text)
        while inner is not None and patience > 0:
            start = inner.start()
            try:
                value, end = self._decoder.raw_decode(text, start)
            except (ValueError, RecursionError) as failure:
                end = start + 1
                patience -= getattr(failure, "pos", start + 1_000) - start
            else:
                if isinstance(value, dict) and not _MARKS.isdisjoint(value):
                    yield FoundValue(value, self._line_at(start))
            inner = _OBJECT.search(text, end)
        return len(text)

    def _what_is_wrong(self, error: Exception) -> str:
        """A document that only lacks its end was cut off: a download that broke, a disk that was full."""
        if isinstance(error, json.JSONDecodeError):
            in_text = error.msg.startswith("Unterminated string")
            if in_text or not self.text[error.pos :].strip():
                return "the file ends in the middle of its JSON: it was cut off here"
        return f"this is not JSON: {_reason(error)}"

    def _is_other_output(self) -> bool:
        """Whether the file is what a tool prints for people: it lacks what a history needs, or cannot be told apart."""
        start = self.text[:4096].lstrip("\ufeff \r\n")
        if _TEXT_OUTPUT.match(start):
            self.tell("this is what --output text prints, which does not say what its columns are", 1, _JSON_WANTED)
        elif _TABLE_OUTPUT.match(start):
            self.tell("this is what --output table prints, with its texts cut into lines", 1, _JSON_WANTED)
        elif _PYTHON.match(start):
            fix = "Write it as JSON: json.dumps(answer, default=str)."
            self.tell("this is how Python prints an answer, not JSON", 1, fix)
        elif _SDK_TEXT.match(start):
            self.tell("this is how an SDK prints an answer for people, not JSON", 1, "Write the answer as JSON.")
        else:
            return False
        return True

    def _table_rows(self) -> Iterator[FoundValue]:
        try:
            for row, line in table_rows(self.text):
                yield FoundValue(row, line, is_row=True)
        except CsvEndedError as error:
            self.tell(error.what, error.line)

    def _yaml_values(self) -> Iterator[FoundValue]:
        try:
            for value, line in yaml_values(self.text):
                yield FoundValue(value, line)
        except YamlEndedError as error:
            self.tell(f"this is not YAML: {error.what}", error.line, "What could be read before it is kept.")

    def parsed(self, text: str, line: int) -> Json:
        """The object that a log message holds; None when it holds none, which is told."""
        brace = text.find("{")
        try:
            if brace >= 0:
                return self._decoder.raw_decode(text, brace)[0]  # type: ignore[no-any-return]
        except (ValueError, RecursionError) as error:
            self.tell(f"this message is not JSON: {_reason(error)}", line)
            return None
        self.tell("this message is not JSON", line)
        return None

    def _line_at(self, position: int) -> int:
        """The line of a position; quick as long as positions grow."""
        if position < self._counted:
            return self.text.count("\n", 0, position) + 1
        self._line += self.text.count("\n", self._counted, position)
        self._counted = position
        return self._line


def _next_start(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else len(text)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(getattr(error, "msg", None) or error)[:120]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
