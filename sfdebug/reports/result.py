"""What came of a headless run: as text (output, or error and cause), as one JSON object, as its events, as its log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from msgspec import Struct, field

from sfdebug.asl.text.problems import quote
from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.events import LastPayload, details_key
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.reports.map_runs import MOST_FAILURES, MapRun, map_runs
from sfdebug.text import escaped
from sfdebug.values import Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.events import Event
    from sfdebug.values import Json

_LARGE: Final = 1_000
_MOST_CAUGHT: Final = 5
_NAMELESS: Final = "an error without a name"
_CONTROL: Final = bytes(range(32))


class TextSink(Protocol):
    """Where text can be written: a file, or the command line's stdout."""

    @property
    def encoding(self) -> str | None:
        """The encoding of what is written; None when it stays text."""

    def write(self, text: str, /) -> int:
        """Write `text`; return its length."""


class CaughtError(Struct, frozen=True):
    """An error that a Catch of a state took, so many times, and the state that it led to. `cause` is the last one's."""

    state: str
    error: str | None
    cause: str | None
    next: str
    count: int

    @property
    def text(self) -> str:
        """The error, its state and where that led, in one line without control characters."""
        times = f", {self.count:,} times" if self.count > 1 else ""
        cause = f": {escaped(' '.join(self.cause.split()))}" if self.cause else ""
        error = _NAMELESS if self.error is None else escaped(self.error)
        return f"{error} in {escaped(quote(self.state))}{times}, then {escaped(quote(self.next))}{cause}"

    def as_dict(self) -> dict[str, Json]:
        """As `sfdebug run --json` has it."""
        return {"state": self.state, "error": self.error, "cause": self.cause, "next": self.next, "times": self.count}


class RunResult(Struct, frozen=True):
    """A finished execution in a few words. `failed_state` is where the error that ended it came from, `caught` what
    Catchers took before, in the order in which each came first.

    `variables` are those of the top level at the end, `map_runs` the Map Runs in the order in which they started.
    """

    definition: str
    execution_type: str
    status: str
    input: Json
    output: Value
    error: str | None
    cause: str | None
    failed_state: str
    transitions: int
    events: int
    virtual_seconds: float
    variables: Mapping[str, Json] = field(default_factory=dict)
    map_runs: tuple[MapRun, ...] = ()
    caught: tuple[CaughtError, ...] = ()

    @classmethod
    def from_execution(cls, execution: Execution) -> RunResult:
        """The result of `execution`. A transition is a state being entered; retries are not counted again."""
        return cls(
            definition=execution.machine.name,
            execution_type=execution.settings.execution_type,
            status=str(execution.status),
            input=execution.input,
            output=execution.output,
            error=execution.error,
            cause=execution.cause,
            failed_state=_failed_state(execution),
            transitions=_transitions(execution),
            events=len(execution.events),
            virtual_seconds=execution.clock / 1000,
            variables=_variables(execution),
            map_runs=map_runs(execution),
            caught=_caught(execution),
        )

    def as_dict(self) -> dict[str, Json]:
        """The object that `sfdebug run --json` prints. `output` is there only when the execution succeeded."""
        result: dict[str, Json] = {"status": self.status}
        if is_present(self.output):
            result["output"] = self.output
        if self.status != "SUCCEEDED":
            result |= {"error": self.error, "cause": self.cause, "failedState": self.failed_state or None}
        if self.caught:
            result["caught"] = [one.as_dict() for one in self.caught]
        if self.variables:
            result["variables"] = dict(self.variables)
        if self.map_runs:
            result["mapRuns"] = [run.as_dict() for run in self.map_runs]
        return result | {
            "definition": self.definition,
            "type": self.execution_type,
            "input": self.input,
            "transitions": self.transitions,
            "events": self.events,
            "virtualSeconds": self.virtual_seconds,
        }


def _transitions(execution: Execution) -> int:
    if execution.events.first:  # of one that has forgotten its first events, which is no parent of child executions
        return execution.visit_count
    return sum(1 for event in execution.events if event.type.endswith("StateEntered"))


def _variables(execution: Execution) -> Mapping[str, Json]:
    """The variables of the top level at the end of the execution."""
    root = execution.branches.get(())
    if root is not None:
        return root.variables
    last = next((visit for visit in reversed(execution.visits) if not visit.branch), None)
    return {**last.variables, **(last.assigned or {})} if last is not None else {}


def _failed_state(execution: Execution) -> str:
    """The state whose visit failed first among those that the error went through: the innermost."""
    if execution.fault is None:
        return ""
    for visit in execution.visits:
        if visit.status is VisitStatus.FAILED and visit.fault == execution.fault:
            return visit.state.name
    return ""


def _caught(execution: Execution) -> tuple[CaughtError, ...]:
    """The errors that Catchers took, alike ones together."""
    found: dict[tuple[str, str | None, str], CaughtError] = {}
    for visit in execution.visits:
        if visit.status is not VisitStatus.CAUGHT or visit.fault is None:
            continue
        key = (visit.state.name, visit.fault.error, visit.next or "")
        count = found[key].count + 1 if key in found else 1
        found[key] = CaughtError(key[0], key[1], visit.fault.cause, key[2], count)
    return tuple(found.values())


def write_text(result: RunResult, data: TextSink | None, diagnostics: TextIO) -> None:
    """The output as JSON to `data`, or error, cause and what was caught before to `diagnostics`; there also how each
    Map Run went in which a child execution failed."""
    for run in result.map_runs:
        if run.failed:
            _write_map_run(run, result.definition, diagnostics)
    if is_present(result.output):
        if data is not None:
            data.write(pretty(result.output, data))
        return
    where = f" in '{result.failed_state}'" if result.failed_state else ""
    diagnostics.write(f"{result.definition}: execution {result.status}{where}\n")
    for label, text in (("error", result.error), ("cause", result.cause)):
        if text is not None:
            lines = [escaped(line) for line in text.splitlines()] or [""]
            diagnostics.write(f"  {label}: " + "\n         ".join(lines) + "\n")
    for one in result.caught[-_MOST_CAUGHT:]:
        diagnostics.write(f"  caught: {one.text}\n")
    if len(result.caught) > _MOST_CAUGHT:
        diagnostics.write(f"  and {len(result.caught) - _MOST_CAUGHT:,} others before (--json lists them all)\n")


def _write_map_run(run: MapRun, definition: str, diagnostics: TextIO) -> None:
    diagnostics.write(f"{definition}: Map Run of '{run.state}': {run.text}\n")
    for child in run.failures[:MOST_FAILURES]:
        where = f" in '{child.state}'" if child.state else ""
        cause = f": {escaped(' '.join(child.cause.split()))}" if child.cause else ""
        diagnostics.write(f"  child {child.number:,}{where}: {child.error or _NAMELESS}{cause}\n")
    if len(run.failures) > MOST_FAILURES:
        diagnostics.write(f"  and {len(run.failures) - MOST_FAILURES:,} more (--json lists them all)\n")


def write_json(result: RunResult, stream: TextSink, more: Mapping[str, Json] | None = None) -> None:
    """The result as one JSON object, with `more` behind its own entries."""
    stream.write(pretty({**result.as_dict(), **(more or {})}, stream))


def write_history(execution: Execution, stream: TextSink) -> None:
    """The events in the shape that `aws stepfunctions get-execution-history` prints, one event per line."""
    writer = HistoryWriter(stream)
    writer.write(execution)
    writer.end()


class HistoryWriter:
    """Writes the events of an execution as they come: all of them together may not fit into memory."""

    def __init__(self, stream: TextSink) -> None:
        self._stream = stream
        self._count = 0
        self._last = LastPayload()
        self._text = self._quoted = ""

    def write(self, execution: Execution) -> None:
        """Write the events that have come since."""
        for event in execution.events[self._count :]:
            self._stream.write(",\n    " if self._count else '{\n  "events": [\n    ')
            self._write_object(event.as_dict(self._last))
            self._count += 1

    def _write_object(self, fields: Mapping[str, Json]) -> None:
        """Write an object as JSON. The text of a large payload is quoted once for all events in a row that have it."""
        stream, before = self._stream, "{"
        for name, value in fields.items():
            stream.write(f"{before}{_encoded(name, stream, indent=None)}: ")
            before = ", "
            if isinstance(value, dict):
                self._write_object(value)
            elif isinstance(value, str) and len(value) > _LARGE:
                if value is not self._text:
                    self._text, self._quoted = value, self._quote(value)
                stream.write(self._quoted)
            else:
                stream.write(_encoded(value, stream, indent=None))
        stream.write("}" if fields else "{}")

    def _quote(self, text: str) -> str:
        """A text as JSON. One without control characters, such as JSON itself, needs but two escapes."""
        if text.isascii() and len(text.encode().translate(None, _CONTROL)) == len(text):
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return _encoded(text, self._stream, indent=None)

    def end(self) -> None:
        """Write what comes after the last event."""
        self._stream.write("\n  ]\n}\n")


def pretty(value: Json, stream: TextSink) -> str:
    """`value` as indented JSON with a line break at its end."""
    return f"{_encoded(value, stream, indent=2)}\n"


def _encoded(value: Json, stream: TextSink, indent: int | None) -> str:
    """`value` as JSON that `stream` can take: what its encoding lacks is written as JSON's own escapes."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isascii():
        return text
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent)
    return text


def log_record(event: Event, execution_arn: str) -> dict[str, Json]:
    """One event as a log record, at level ALL and with execution data. Ids and times are text there."""
    shown = event.as_dict()
    record: dict[str, Json] = {"id": str(event.id), "type": event.type}
    key = details_key(event.type)
    record["details"] = shown.get(key, {}) if key else {}
    record["redrive_count"] = "0"
    record["previous_event_id"] = str(event.previous_event_id)
    record["event_timestamp"] = str(event.time)
    record["execution_arn"] = execution_arn
    return record


class LogWriter:
    """Writes the log records of an execution as they come."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._count = 0

    def write(self, execution: Execution) -> None:
        """Write the records that have come since."""
        arn = root_identity(execution.settings, execution.input).arn
        for event in execution.events[self._count :]:
            self._stream.write(json.dumps(log_record(event, arn), separators=(",", ":")) + "\n")
            self._count += 1

    def end(self) -> None:
        """Nothing comes after the last record."""
