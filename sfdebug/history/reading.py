"""Reading recorded executions from files, in the forms that AWS's command line and consoles export.

Standard: `aws stepfunctions get-execution-history` (`{"events": [...]}`, pages one after another, a bare array).
Express: CloudWatch Logs events at level ALL, as filter-log-events and get-log-events print them, as the console and
Logs Insights export them (CSV, JSON), or as bare lines.
Source: AWS docs, "Using CloudWatch Logs to log execution history in Step Functions".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.files import MAX_HISTORY_BYTES, MAX_TEXT_BYTES, read_file
from sfdebug.history.documents import Reader
from sfdebug.history.event_shapes import LogRecord, event_of, moment_of, record_of
from sfdebug.history.facts import described, facts_of
from sfdebug.history.recording import Facts, RecordedEvent, Recording, RecordingError
from sfdebug.tasks.running import seldom_collected
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

DESCRIPTION: Final = "execution.json"
"""The file beside a history that holds DescribeExecution's answer, as `sfdebug fetch` writes it."""
_SAME_START_MS: Final = 2_000
"""AWS describes a start in milliseconds; other tools round to seconds."""
_SAVED: Final = ("history.json", "log.json")
"""The histories that `sfdebug fetch` writes into a folder: of a Standard execution, of an Express one."""
_MOST_DEPTH: Final = 6


def read_recordings(path: str | Path) -> tuple[Recording, ...]:
    """The executions in the file at `path`, in the order of their first events; of a folder, what fetch saved there.

    Raises RecordingError when it cannot be read, or has no event in it. What is wrong with single events is in each
    recording's `problems`.
    """
    path = _file_in(Path(path))
    name = str(path)
    try:
        data = read_file(path, MAX_HISTORY_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"the history cannot be read: {reason}", where=name, fix="Check the path.") from error
    recordings = parse_recordings(data, name)
    if len(recordings) == 1 and not recordings[0].facts.arn:
        facts = _description_beside(path, recordings[0])
        if facts is not None:
            return (replace(recordings[0], facts=facts_of(recordings[0].events, facts)),)
    return recordings


def read_recording(path: str | Path) -> Recording:
    """The one execution in the file at `path`. Raises RecordingError, also when there are several."""
    recordings = read_recordings(path)
    if len(recordings) > 1:
        labels = ", ".join(recording.label for recording in recordings[:5])
        raise RecordingError(
            f"the file holds {len(recordings)} executions, and one is needed",
            where=str(path),
            fix=f"Keep the events of one of them: {labels}{', ...' if len(recordings) > 5 else ''}.",
        )
    return recordings[0]


def parse_recordings(data: bytes | str, name: str = "<stdin>") -> tuple[Recording, ...]:
    """The executions in `data`; `name` is what problems call it. Raises RecordingError when there is no event."""
    reader = Reader(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data, name)
    gatherer = _Gatherer(reader)
    with seldom_collected():
        for piece in reader.pieces():
            gatherer.take(piece.value, piece.line)
    recordings = gatherer.recordings()
    if not recordings:
        what = reader.problems[0].what if reader.problems else "there is no history event in it"
        place = reader.problems[0].place if reader.problems else name
        fix = "A history is what `aws stepfunctions get-execution-history --output json` prints."
        raise RecordingError(what, where=place, fix=fix)
    return recordings


def _file_in(path: Path) -> Path:
    """The history in a folder that `sfdebug fetch` wrote; any other path as it is. Raises RecordingError."""
    try:
        if not path.is_dir():
            return path
    except (OSError, ValueError):
        return path
    for name in _SAVED:
        if (path / name).is_file():
            return path / name
    what = f"the history cannot be read: this folder holds no {' and no '.join(_SAVED)}"
    raise RecordingError(what, where=str(path), fix="Name the file of the history itself.")


def _description_beside(path: Path, recording: Recording) -> Facts | None:
    """What the description in the same folder says, unless it is that of an execution which started at another time."""
    try:
        value = json.loads(read_file(path.parent / DESCRIPTION, MAX_TEXT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    started, began = moment_of(value.get("startDate")), recording.start_time
    if started is not None and began is not None and recording.events[0].id == 1:
        return described(value) if abs(started - began) < _SAME_START_MS else None
    return described(value)


class _Gatherer:
    """Sorts what a file holds into executions."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._standard: list[list[RecordedEvent]] = []
        self._express: dict[str, list[RecordedEvent]] = {}
        self._first: RecordedEvent | None = None

    def take(self, value: Json, line: int, depth: int = 0) -> None:
        """Take in whatever events `value` holds."""
        if depth > _MOST_DEPTH:
            self._reader.tell("this is nested too deeply for a history", line)
        elif isinstance(value, list):
            self._take_list(value, line, depth)
        elif isinstance(value, dict):
            self._take_object(value, line, depth)
        else:
            self._reader.tell("this is no event", line)

    def _take_list(self, values: Sequence[Json], line: int, depth: int) -> None:
        fields = {
            str(cell["field"]): cell.get("value") for cell in values if isinstance(cell, dict) and "field" in cell
        }
        if fields:  # a row of aws logs get-query-results
            self._take_object(fields, line, depth)
            return
        for item in values:
            self.take(item, line, depth + 1)

    def _take_object(self, value: Mapping[str, Json], line: int, depth: int) -> None:
        for key in ("events", "results", "history"):
            inner = value.get(key)
            if isinstance(inner, list | dict) and "type" not in value:
                self.take(inner, line, depth + 1)
                return
        message = value.get("message", value.get("@message"))
        if message is not None and "type" not in value:
            parsed = self._reader.parsed(message, line) if isinstance(message, str) else message
            if parsed is not None:
                self.take(parsed, line, depth + 1)
            return
        self._take_event(value, line)

    def _take_event(self, value: Mapping[str, Json], line: int) -> None:
        if "execution_arn" in value or "event_timestamp" in value:
            record = record_of(value, line, self._reader.tell)
            if record is not None:
                self._add_record(record)
            return
        event = event_of(value, line, self._reader.tell)
        if event is not None:
            self._add_event(event)

    def _add_event(self, event: RecordedEvent) -> None:
        """A second, other ExecutionStarted begins another execution."""
        if not self._standard or (event.type == "ExecutionStarted" and self._has_another(event)):
            self._standard.append([])
            self._first = None
        if event.type == "ExecutionStarted" and self._first is None:
            self._first = event
        self._standard[-1].append(event)

    def _has_another(self, event: RecordedEvent) -> bool:
        first = self._first
        return first is not None and first._replace(line=0) != event._replace(line=0)

    def _add_record(self, record: LogRecord) -> None:
        self._express.setdefault(record.execution_arn, []).append(record.event)

    def recordings(self) -> tuple[Recording, ...]:
        """What was gathered, with what is missing told."""
        several = len(self._standard) + len(self._express) > 1
        groups: list[tuple[str, list[RecordedEvent]]] = [
            (str(number) if several else "", events) for number, events in enumerate(self._standard, 1)
        ]
        made = [self._recording(events, label, Facts()) for label, events in groups]
        for arn, events in self._express.items():
            kind = "EXPRESS" if ":express:" in arn else "STANDARD"
            label = arn.rpartition(":")[2] if several else ""
            made.append(self._recording(events, label, Facts(arn=arn, execution_type=kind)))
        return tuple(made)

    def _recording(self, events: list[RecordedEvent], label: str, facts: Facts) -> Recording:
        reader = self._reader
        known: dict[int, RecordedEvent] = {}
        for event in events:
            other = known.setdefault(event.id, event)
            if other is not event and (other.type, other.details) != (event.type, event.details):
                reader.tell(f"event {event.id} is there twice, and not the same", event.line, "The first one counts.")
        ordered = tuple(known[number] for number in sorted(known))
        recording = Recording(ordered, reader.name, facts_of(ordered, facts), label=label)
        for problem in _gaps(recording):
            reader.tell(problem)
        return replace(recording, problems=tuple(reader.problems))


def _gaps(recording: Recording) -> Iterator[str]:
    missing = recording.missing_ids
    if missing:
        shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        yield f"the events {shown} are missing" if len(missing) > 1 else f"the event {shown} is missing"
    if not recording.has_data:
        yield "the history was recorded without execution data: there are no inputs and outputs in it"
    elif recording.truncated:
        shown = ", ".join(map(str, recording.truncated[:5])) + (", ..." if len(recording.truncated) > 5 else "")
        yield f"AWS cut off the data of event {shown}"
