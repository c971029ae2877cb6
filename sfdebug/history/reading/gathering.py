"""Sorting what a file holds into executions: pages, log events, rows of a query, what a subscription delivers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from sfdebug.engine.execution.events import EventType
from sfdebug.errors import Problem
from sfdebug.history.reading.documents import DocumentReader, bytes_in
from sfdebug.history.reading.event_shapes import SharedTexts, arn_of, canonical, event_of, nested, plain_event
from sfdebug.history.recording import ExecutionInfo, RecordedEvent, Recording
from sfdebug.text import clean, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.values import Json

_MOST_DEPTH: Final = 12
_MOST_KEYS: Final = 6
_MOST_OF_KEY: Final = 24
"""So many keys of what is no event are told, and so many cells of each."""
_MOST_PROBLEMS: Final = 20
_LISTS: Final = ("events", "results", "history", "logEvents", "records", "pages")
"""Fields of answers that hold events, or what holds them."""
_WRAPPERS: Final = ("awslogs", "kinesis", "logRecord")
"""What a subscription's event has its data in, and what GetLogRecord answers. Source: CloudWatch Logs User Guide,
"Using subscription filters"."""
_CELL_KEYS: Final = frozenset({"field", "value", "Field", "Value"})
"""The cells of a row of GetQueryResults."""
_MESSAGES: Final = ("message", "@message")
_UNFINISHED: Final = ("Running", "Scheduled")
"""How a query stands whose results are not all there. Source: CloudWatch Logs API Reference, `GetQueryResults`."""
_OTHERS: Final = (
    (("startAt", "states"), "this is a definition, not the history of an execution", ""),
    (("stateMachineArn", "definition"), "this describes a state machine, not an execution", ""),
    (
        ("executionArn", "startDate"),
        "this describes an execution, without its events",
        "Get them: sfdebug fetch ARN, or aws stepfunctions get-execution-history --execution-arn ARN",
    ),
    (
        ("detailType", "detail"),
        "this is an event of EventBridge: it says how an execution stands, not what happened",
        "Get its events: sfdebug fetch ARN",
    ),
)
"""What is given for a history by mistake: the fields that show it, what it is, what to do."""


class _Page(NamedTuple):
    """A page after which AWS has another: the ids of its first and its last event, as they are written."""

    first: int
    last: int


class _Execution(Struct):
    """An execution as it is gathered: its events as they come, what else is known of it, its pages with a token."""

    facts: ExecutionInfo = field(default_factory=ExecutionInfo)
    events: list[RecordedEvent] = field(default_factory=list)
    start: RecordedEvent | None = None
    open_pages: list[_Page] = field(default_factory=list)

    def is_begun_by_other(self, event: RecordedEvent) -> bool:
        """Whether an ExecutionStarted is not the one that began this."""
        return self.start is not None and self.start._replace(line=0) != event._replace(line=0)

    @property
    def has_more(self) -> bool:
        """Whether AWS has events beyond those here: after a page with a token, which no other page follows."""
        least, greatest = min(event.id for event in self.events), max(event.id for event in self.events)
        ends = ((page.last, least if page.first > page.last else greatest) for page in self.open_pages)
        return any(last == end != 1 for last, end in ends)


class Gatherer:
    """Takes in the values of a file, then gives the executions in it."""

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader
        self._executions: list[_Execution] = []
        self._logged: dict[str, _Execution] = {}
        self._texts = SharedTexts()
        self._has_more_logs = False
        self._order_is_guessed = False
        self._fields: set[str] | None = None
        self._columns: tuple[str, ...] = ()
        self._of_the_file: tuple[Problem, ...] = ()

    def take_all(self) -> None:
        """Take in the whole file."""
        for piece in self._reader.pieces():
            if piece.is_row and isinstance(piece.value, dict):
                self._take_row(piece.value, piece.line, 0)
            else:
                self.take(piece.value, piece.line)

    def take(self, value: Json, line: int, depth: int = 0) -> None:
        """Take in whatever events `value` holds."""
        if depth > _MOST_DEPTH:
            self._reader.report("this is nested too deeply for a history", line)
        elif isinstance(value, list):
            self._take_list(value, line, depth)
        elif isinstance(value, dict):
            if not self._take_object(canonical(value), line, depth):
                self._take_named(value, line, depth)
        else:
            self._reader.report("this is no event", line)

    def _take_list(self, values: Sequence[Json], line: int, depth: int) -> None:
        cells = [canonical(cell) for cell in values if isinstance(cell, dict) and not cell.keys() - _CELL_KEYS]
        if cells and len(cells) == len(values):  # a row of aws logs get-query-results
            row = {str(cell.get("field")): cell.get("value") for cell in cells}
            self._take_row({name: value for name, value in row.items() if name != "@ptr"}, line, depth)
            return
        for item in values:
            event = plain_event(item, line, self._texts) if depth < _MOST_DEPTH else None
            if event is not None:
                self._add_event(event)
            else:
                self.take(item, line, depth + 1)

    def _take_object(self, value: Mapping[str, Json], line: int, depth: int) -> bool:
        """An event, or what holds events; False when it is neither."""
        if "type" in value:
            if any(name.startswith("details.") for name in value) or "@timestamp" in value:
                self._take_row(value, line, depth)
            else:
                self._take_event(value, line)
            return True
        if value.get("messageType") == "CONTROL_MESSAGE":
            return True
        for name in (*_LISTS, *_WRAPPERS):
            inner = value.get(name)
            if isinstance(inner, list | dict):
                self._take_page(value, inner, line, depth)
                return True
        if isinstance(value.get("data"), str):
            self._take_packed(value["data"], line, depth)
            return True
        message = next((value[name] for name in _MESSAGES if value.get(name) is not None), None)
        if message is None:
            return False
        parsed = self._reader.parsed(message, line) if isinstance(message, str) else message
        if parsed is not None:
            self.take(parsed, line, depth + 1)
        return True

    def _take_named(self, value: Mapping[str, Json], line: int, depth: int) -> None:
        """Executions by their names, as scripts keep several of them; else what is no event, which is reported."""
        held = {name: inner for name, inner in value.items() if _holds_events(inner)}
        if not held and not self._told_what(value, line):
            self._take_event(canonical(value), line)
        for name, inner in held.items():
            self._begin(ExecutionInfo(name=name))
            self.take(inner, line, depth + 1)

    def _told_what(self, value: Mapping[str, Json], line: int) -> bool:
        """Say what an object is that is no event and holds none where one is looked for; False for what may be one."""
        place, keys = place_of_history(dict(value)), canonical(value)
        if place:
            what = f"a history stands at {place}: it is looked for in {', '.join(_LISTS)}, or in one more key around"
            is_plain = all(map(str.isidentifier, place.split(".")))
            fix = f"Take it out: jq '.{place}' FILE > history.json" if is_plain else "Take it out, into another file."
            self._reader.report(clean(what), line, fix)
            return True
        may_be_one = keys.keys() & {"id", "type"} or any(key.endswith("EventDetails") for key in keys)
        if not keys or may_be_one or any(keys.keys() >= set(names) for names, _, _ in _OTHERS):
            return False
        shown = ", ".join(fit(clean(key), _MOST_OF_KEY) for key in islice(value, _MOST_KEYS))
        more = ", …" if len(value) > _MOST_KEYS else ""
        self._reader.report(f"this object is no history event: it has {shown}{more}, and no type", line)
        return True

    def _begin(self, facts: ExecutionInfo | None = None) -> None:
        """The next events are of another execution than those before; what is known of it, if anything."""
        self._executions.append(_Execution(facts or ExecutionInfo()))

    def _take_page(self, page: Mapping[str, Json], inner: Json, line: int, depth: int) -> None:
        """What an answer holds; a token in it says that AWS has more after it."""
        about = page if "executionArn" in page else page.get("execution")
        if isinstance(about, Mapping):
            facts = ExecutionInfo.of_description(canonical(about)).completed()
            if facts.arn and (not self._executions or facts.arn != self._executions[-1].facts.arn):
                self._begin(facts)
        elif isinstance(inner, list) and self._is_another_backwards(inner):
            self._begin()
        count, before = len(self._executions), len(self._executions[-1].events) if self._executions else 0
        self.take(inner, line, depth + 1)
        last = self._executions[-1] if self._executions else _Execution()
        fresh = last.events[before:] if len(self._executions) == count else last.events
        has_token = bool(page.get("nextToken"))
        if fresh and has_token:
            last.open_pages.append(_Page(fresh[0].id, fresh[-1].id))
        elif not fresh:
            self._has_more_logs = has_token or page.get("status") in _UNFINISHED

    def _take_packed(self, text: Json, line: int, depth: int) -> None:
        """What a subscription delivers: gzip in base64."""
        data = bytes_in(text)
        if data is None:
            self._reader.report("this data is not base64", line, "CloudWatch Logs sends gzip in base64.")
            return
        for piece in self._reader.inside(data, line).pieces():
            self.take(piece.value, line, depth + 1)

    def _take_row(self, row: Mapping[str, Json], line: int, depth: int) -> None:
        """A row of a query's results, or of a table: the message of a log event, or the fields that were selected."""
        if any(row.get(name) for name in _MESSAGES):
            self._take_object({name: row[name] for name in _MESSAGES if row.get(name)}, line, depth)
            return
        row = canonical(row)
        columns = tuple(row)
        if columns != self._columns:
            self._columns = columns
            self._note_columns(columns)
        self._take_event(nested(row), line)

    def _note_columns(self, columns: tuple[str, ...]) -> None:
        """The fields that a query selected, unless it selected the details as a whole."""
        if "type" in columns and "details" not in columns:
            names = {name.split(".")[1] if name.startswith("details.") else name for name in columns}
            self._fields = (self._fields or set()) | {name for name in names if not name.startswith("@")}

    def _take_event(self, value: Mapping[str, Json], line: int) -> None:
        if "id" not in value:
            for names, what, fix in _OTHERS:
                if all(name in value for name in names):
                    self._reader.report(what, line, fix)
                    return
        arn = arn_of(value)
        event = event_of(value, line, self._reader.report)
        if event is None:
            return
        self._order_is_guessed |= event.id > 1 and value.get("previousEventId") is None
        if arn:
            self._logged.setdefault(arn, _Execution()).events.append(event)
        else:
            self._add_event(event)

    def _add_event(self, event: RecordedEvent) -> None:
        """A second, other ExecutionStarted begins another execution."""
        is_start = event.type == EventType.EXECUTION_STARTED
        if not self._executions or (is_start and self._executions[-1].is_begun_by_other(event)):
            self._begin()
        execution = self._executions[-1]
        execution.events.append(event)
        if is_start and execution.start is None:
            execution.start = event

    def _is_another_backwards(self, values: Sequence[Json]) -> bool:
        """Whether a page, newest event first, ends with the start of another execution than the one at hand."""
        last = canonical(values[-1]) if len(values) > 1 and isinstance(values[-1], dict) else {}
        if not self._executions or last.get("type") != EventType.EXECUTION_STARTED:
            return False
        event = event_of(last, 0, lambda what, line: None)
        return event is not None and self._executions[-1].is_begun_by_other(event)

    # What came of it

    def recordings(self) -> tuple[Recording, ...]:
        """What was gathered, with what is missing reported."""
        if self._order_is_guessed:
            self._reader.report(
                "not all events say which one was before them (previousEventId): they are taken one after the other",
                fix="Branches that ran at the same time cannot be told apart then.",
            )
        self._of_the_file = tuple(self._reader.problems)
        standard = [execution for execution in self._executions if execution.events]
        several = len(standard) + len(self._logged) > 1
        made = []
        for number, one in enumerate(standard, 1):
            label = (one.facts.name or str(number)) if several else ""
            made.append(self._recording(one.events, label, one.facts, one.has_more))
        labels = _labels(list(self._logged))
        for arn, one in self._logged.items():
            facts = ExecutionInfo.of_arn(arn)
            made.append(self._recording(one.events, labels[arn] if several else "", facts, has_more=False))
            if self._has_more_logs and (made[-1].end is None or made[-1].missing_ids):
                made[-1] = self._recording(one.events, labels[arn] if several else "", facts, has_more=True)
        return tuple(made)

    def _recording(self, events: list[RecordedEvent], label: str, facts: ExecutionInfo, has_more: bool) -> Recording:
        reader = self._reader
        known: dict[int, RecordedEvent] = {}
        problems = list(self._of_the_file)
        for event in events:
            other = known.setdefault(event.id, event)
            if other is not event and (other.type, other.details) != (event.type, event.details):
                what = f"event {event.id} is there twice, and not the same"
                if len(problems) < _MOST_PROBLEMS:
                    problems.append(_warning(reader.name, what, "The first one counts.", event.line))
        ordered = tuple(known[number] for number in sorted(known))
        fields = frozenset(self._fields) if self._fields is not None else None
        facts = facts.completed(ordered)
        recording = Recording(ordered, reader.name, facts, label=label, has_more=has_more, fields=fields)
        problems += [_warning(reader.name, what, fix) for what, fix in _lacks(recording)]
        return replace(recording, problems=tuple(problems))


def _holds_events(value: Json) -> bool:
    """Whether a value in an object is an execution: an answer with events, or a list of them."""
    if isinstance(value, dict):
        return any(isinstance(inner, list) for name, inner in canonical(value).items() if name in _LISTS)
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and {"id", "type"} <= canonical(first).keys()


def place_of_history(value: Json, depth: int = 0) -> str:
    """The keys that lead to a history within an object, with dots in between; "" where none is found."""
    if depth > _MOST_DEPTH or not isinstance(value, dict):
        return ""
    for name, inner in value.items():
        further = place_of_history(inner, depth + 1)
        if further or _holds_events(inner):
            return f"{name}.{further}" if further else name
    return ""


def _warning(name: str, what: str, fix: str = "", line: int = 0) -> Problem:
    return Problem(name, line, 1 if line else 0, what, fix, severity="warning")


def _labels(arns: list[str]) -> dict[str, str]:
    """What to call the executions of one file by: their names, or the ids of Express ones, where these tell apart."""
    parts = {arn: arn.split(":") for arn in arns}
    ways = [{arn: part[7] if len(part) > 7 else arn for arn, part in parts.items()},
            {arn: part[-1] for arn, part in parts.items()}]  # fmt: skip
    counts = [Counter(way.values()) for way in ways]
    return {
        arn: next((way[arn] for way, count in zip(ways, counts, strict=True) if count[way[arn]] == 1), arn)
        for arn in arns
    }


def _lacks(recording: Recording) -> Iterator[tuple[str, str]]:
    """What is not in a recording, and what to do about it."""
    missing = recording.missing_ids
    if missing:
        shown = _listed(missing)
        yield (f"the events {shown} are missing" if len(missing) > 1 else f"the event {shown} is missing"), ""
    if recording.has_more:
        fix = "Get the other pages too: without --max-items and --no-paginate all are there."
        yield "AWS has more of this execution: the last page here has a token for another one", fix
    if recording.fields is not None:
        names = ", ".join(sorted(recording.fields)[:12])
        yield f"the events have only the fields that were selected: {names}", "Select the whole events: @message."
    if not recording.has_data:
        yield "the history was recorded without execution data: there are no inputs and outputs in it", ""
    elif recording.truncated:
        several = "s" if len(recording.truncated) > 1 else ""
        yield f"AWS cut off the data of event{several} {_listed(recording.truncated)}", ""


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
