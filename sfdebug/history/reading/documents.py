"""From a file's bytes to the values in it, whatever holds them: JSON documents in a row, lines of a log, CSV, YAML.

What can be read is kept: after a place that is no JSON the next object is looked for, and the place is reported.

CloudWatch Logs sends each subscriber gzip in base64 (`awslogs.data`, Kinesis records); Firehose writes such gzip files
one after another, compressed again when it is told to. CSV exports have a row for each log event, with its message, or
with the fields that a query selected. Source: CloudWatch Logs User Guide, "Using subscription filters", "Export query
results"; CloudWatch console, "Download (CSV)".
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Final, NoReturn

from msgspec import Struct

from sfdebug.errors import Problem
from sfdebug.files import MAX_HISTORY_BYTES, MAX_VALUES, has_too_many_values
from sfdebug.history.fast_json import fast_value
from sfdebug.values import MISSING, Json

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
_SEPARATORS: Final = (",", ";", "\t")
_MESSAGES: Final = ("message", "@message")
_BEFORE_A_TABLE: Final = "\ufeff \r\n"
_YAML_KEYS: Final = (
    "events|execution|results|history|logEvents|records|nextToken|searchedLogStreams|queryLanguage|statistics|status|"
    "timestamp|type|id|previousEventId|messageType|owner|logGroup|logStream|subscriptionFilters|message|@message|"
    "@timestamp|executionArn|execution_arn|event_timestamp|previous_event_id|field|value|details|next_token|"
    "previous_event_id|nextForwardToken|nextBackwardToken|ResultMetadata|ResponseMetadata|awslogs|redrive_count"
)
_FIRST_KEY: Final = re.compile(rf"[ ]*(?:-[ ]+)*[\"']?(?:{_YAML_KEYS})[\"']?[ ]*:(?:\s|$)", re.I)
_YAML_HEAD: Final = 1 << 14
"""In so many characters the first key is found, after comments perhaps."""

MOST_PACKED: Final = 1 << 26
"""No more than this is unpacked of what stands in a field: a subscription delivers a megabyte of gzip at a time."""
_MOST_LAYERS: Final = 4
_CHUNK: Final = 1 << 14
"""So much is unpacked at a time: gzip makes at most a thousand times as much of it."""
_GZIP: Final = b"\x1f\x8b"
_GZIP_IN_BASE64: Final = "H4sI"
"""What gzip begins with, written in base64."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_-]+")
_ZIP: Final = b"PK\x03\x04"

ReportProblem = Callable[[str, int, str], None]
"""Takes what is wrong, the line that it is on (0: none), and how to fix it."""


class DocumentValue(Struct, frozen=True, gc=False):
    """One value of a file, and the line that it starts on. `is_row`: it is a row of a table."""

    value: Json
    line: int
    is_row: bool = False


class DocumentReader:
    """Reads one file; `problems` grows as its pieces are taken."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.text = text_in(data, self.report)
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._line, self._counted = 1, 0

    def report(self, what: str, line: int = 0, fix: str = "", where: str = "") -> None:
        """Note what is wrong; after the first few only that there is more."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, line, 1 if line else 0, what, fix, where, severity="warning"))
        elif len(self.problems) == _MOST_PROBLEMS:
            self.problems.append(Problem(self.name, 0, 0, "there is more that cannot be read", "", severity="warning"))

    def inside(self, data: bytes, line: int) -> DocumentReader:
        """A reader of what is packed in the file on this line; it reports the same problems."""
        inner = DocumentReader(b"", self.name)
        inner.problems = self.problems
        inner.text = text_in(data, lambda what, _, fix: self.report(what, line, fix), MOST_PACKED)
        return inner

    def pieces(self) -> Iterator[DocumentValue]:
        """The values in the file, in order."""
        if has_too_many_values(self.text):
            self.report(f"there are more than {MAX_VALUES:,} values in it, the most that is read")
            return
        columns = _columns(self.text)
        if columns is not None:
            yield from _table_rows(self.text, columns, self.report)
            return
        if is_yaml(self.text):
            yield from self._yaml_values()
            return
        if self._is_other_output():
            return
        text, position = self.text, _next_start(self.text, 0)
        if position == 0 and text[:1] in ("{", "[") and (whole := fast_value(text)) is not MISSING:
            self.text = text = ""  # one document, and nothing wrong with it: the text would be in the way
            yield DocumentValue(whole, 1)
            return
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
            yield DocumentValue(value, line)
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
        self.report("this is no history event, and no JSON", line)
        return _next_start(self.text, end)

    def _salvage(self, position: int, error: Exception) -> Generator[DocumentValue, None, int]:
        """After a document that is not JSON: the objects inside it, one by one; where to go on."""
        text = self.text
        broken_at = self._line_at(getattr(error, "pos", position))
        self.report(self._what_is_wrong(error), broken_at, "What could be read around it is kept.")
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
                    yield DocumentValue(value, self._line_at(start))
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
            self.report("this is what --output text prints, which does not say what its columns are", 1, _JSON_WANTED)
        elif _TABLE_OUTPUT.match(start):
            self.report("this is what --output table prints, with its texts cut into lines", 1, _JSON_WANTED)
        elif _PYTHON.match(start):
            fix = "Write it as JSON: json.dumps(answer, default=str)."
            self.report("this is how Python prints an answer, not JSON", 1, fix)
        elif _SDK_TEXT.match(start):
            self.report("this is how an SDK prints an answer for people, not JSON", 1, "Write the answer as JSON.")
        else:
            return False
        return True

    def _yaml_values(self) -> Iterator[DocumentValue]:
        from sfdebug.history.reading.yaml_values import YamlEndedError, yaml_values  # few histories are YAML

        try:
            for value, line in yaml_values(self.text):
                yield DocumentValue(value, line)
        except YamlEndedError as error:
            self.report(f"this is not YAML: {error.what}", error.line, "What could be read before it is kept.")

    def parsed(self, text: str, line: int) -> Json:
        """The object that a log message holds; None when it holds none, which is reported."""
        brace = text.find("{")
        try:
            if brace >= 0:
                return self._decoder.raw_decode(text, brace)[0]  # type: ignore[no-any-return]
        except (ValueError, RecursionError) as error:
            self.report(f"this message is not JSON: {_reason(error)}", line)
            return None
        self.report("this message is not JSON", line)
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


def is_yaml(text: str) -> bool:
    """Whether `text` begins as YAML of a history or a log does: with a key that such a file has."""
    for line in text[:_YAML_HEAD].splitlines():
        written = line.removeprefix("---").strip()
        if written and not written.startswith(("#", "%")):
            return _FIRST_KEY.match(line.removeprefix("---")) is not None
    return False


# tables


def _table_rows(text: str, columns: tuple[list[str], str], report: ReportProblem) -> Iterator[DocumentValue]:
    """The rows of a table as objects, by the names of its columns, each with the line that it ends on, up to where the
    text stops being CSV."""
    names, separator = columns
    csv.field_size_limit(MAX_HISTORY_BYTES)
    body = text.lstrip(_BEFORE_A_TABLE)
    rows = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    shift = text[: len(text) - len(body)].count("\n")
    try:
        next(rows, None)
        for row in rows:
            if row:
                yield DocumentValue(dict(zip(names, row, strict=False)), rows.line_num + shift, is_row=True)
    except csv.Error as error:
        report(f"this is not CSV: {error}", rows.line_num + shift, "")


def _columns(text: str) -> tuple[list[str], str] | None:
    """The names of the columns of a table with one for messages, or with those for an event's id and type, and what
    stands between them; None when this is no such table."""
    if text[:1] in ("{", "["):  # nearly always, and then nothing of it is copied
        return None
    head = text.lstrip(_BEFORE_A_TABLE).partition("\n")[0].rstrip("\r")
    if head[:1] in ("{", "[", "") or len(head) > 10_000:
        return None
    for separator in _SEPARATORS:
        names = [name.strip().strip('"') for name in head.split(separator)]
        known = [name.lower() for name in names]
        if (separator in head and any(name in known for name in _MESSAGES)) or {"id", "type"} <= set(known):
            return [name.lower() if name.lower() in _MESSAGES else name for name in names], separator
    return None


# packed data


def text_in(data: bytes | bytearray, report: ReportProblem, most: int = MAX_HISTORY_BYTES) -> str:
    """The text in `data`, unpacked as often as it is packed, up to `most` bytes.

    What is damaged or too much is given to `report`; the rest is kept.
    """
    for _ in range(_MOST_LAYERS):
        if data.startswith(_GZIP):
            data = _unzipped(data, report, most)
        elif (decoded := _from_base64(data)) is not None:
            data = decoded
        else:
            break
    if data.startswith(_ZIP):
        report("this is a zip archive (Excel files are such), not a history", 0, "Unpack it, or export JSON or CSV.")
        return ""
    return _decoded(data, report)


def bytes_in(text: Json) -> bytes | None:
    """What a field holds that is written in base64; None when it is no base64."""
    if not isinstance(text, str) or not _BASE64.fullmatch(packed := "".join(text.split())):
        return None
    try:
        return base64.b64decode(packed.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_base64(data: bytes | bytearray) -> bytes | None:
    """The gzip in a file that is written in base64: all of it, or line by line; None for another file."""
    if not data[:200].lstrip().startswith(_GZIP_IN_BASE64.encode()):
        return None
    text = data.decode("ascii", "replace").strip()
    lines = text.split()
    if len(lines) > 1 and all(line.startswith(_GZIP_IN_BASE64) for line in lines):
        parts = [bytes_in(line) for line in lines]
        return b"".join(part for part in parts if part is not None)
    return bytes_in(text)


def _unzipped(data: bytes | bytearray, report: ReportProblem, most: int) -> bytes | bytearray:
    """All gzip files in a row in `data`; when it is damaged or too large, as much as can be had."""
    unpacked = bytearray()
    rest = memoryview(data)
    while bytes(rest[:2]) == _GZIP:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            for start in range(0, len(rest), _CHUNK):
                unpacked += unpacker.decompress(rest[start : start + _CHUNK])
                if unpacker.eof or len(unpacked) > most:
                    break
        except zlib.error as error:
            report(f"the compressed file is damaged: {error}", 0, "What could be unpacked is kept.")
            return unpacked
        if len(unpacked) > most:
            report(f"this has more than {most >> 20} MiB when it is unpacked", 0, "Export a shorter time.")
            del unpacked[most:]
            return unpacked
        if not unpacker.eof:
            report("the compressed file is damaged: its end is missing", 0, "What could be unpacked is kept.")
            return unpacked
        used = min(start + _CHUNK, len(rest)) - len(unpacker.unused_data)
        rest = rest[used:]
    return unpacked


def _decoded(data: bytes | bytearray, report: ReportProblem) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"  # PowerShell writes UTF-16
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report(f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}", line, "")
        return data.decode(encoding, errors="replace")
