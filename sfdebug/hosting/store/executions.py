"""Executions in the file: how each was started, where it stands, and row by row what it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.debugger.sessions.lines import text_of
from sfdebug.debugger.sessions.session import plain_settings
from sfdebug.engine import Execution, ExecutionStatus, Settings
from sfdebug.hosting.changes import ResourceChange
from sfdebug.hosting.records import StartFacts
from sfdebug.hosting.refusals import RefusalReason
from sfdebug.hosting.store.records import KeptRecord, RecordWriter
from sfdebug.hosting.store.resources import write_change
from sfdebug.hosting.store.tables import column
from sfdebug.hosting.store.texts import TextWriter
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    import sqlite3

    from sfdebug.hosting.hosted import HostedExecution


class KeptExecution:
    """An execution that is being written: its number in the file, and what makes its rows."""

    def __init__(self, number: int, records: RecordWriter) -> None:
        self.number = number
        self.records = records
        self.has_children = False
        """Whether child executions ran after the last step."""


# What is queued


class ExecutionBegan(Struct, frozen=True):
    """An execution was started."""

    kept: KeptExecution
    facts: StartFacts
    settings: Settings
    since: float


class RecordMade(Struct, frozen=True, gc=False):
    """It was decided something, or waits for something; so many events had happened by then, and its clock was that."""

    kept: KeptExecution
    record: KeptRecord
    events: int
    clock: tuple[float, float]


class ExecutionStood(Struct, frozen=True):
    """It is over, or goes on again. As long as that is queued, it is in memory."""

    kept: KeptExecution
    hosted: HostedExecution
    execution: Execution
    since: float
    client_token: str | None


class FoundWithin(Struct, frozen=True):
    """It has a Map Run or a child execution with this ARN."""

    kept: KeptExecution
    arn: str


class TokenEnded(Struct, frozen=True):
    """Nobody waits for a task token any more."""

    token: str
    reason: RefusalReason


StoreEntry = TokenEnded | ExecutionBegan | RecordMade | ExecutionStood | FoundWithin | ResourceChange


class StoreWriter:
    """Writes entries as rows, within transactions that somebody else makes."""

    def __init__(self) -> None:
        self._texts = TextWriter()
        self._touched: list[KeptExecution] = []

    def write(self, connection: sqlite3.Connection, entries: Sequence[StoreEntry]) -> None:
        """Write entries: all that one execution has of them with as few rows as can be."""
        made: dict[KeptExecution, list[RecordMade]] = {}
        begun: dict[KeptExecution, ExecutionBegan] = {}
        stood: dict[KeptExecution, ExecutionStood] = {}
        for entry in entries:
            if type(entry) is RecordMade:  # nearly all of them
                records = made.get(entry.kept)
                if records is None:
                    records = made[entry.kept] = []
                records.append(entry)
            elif isinstance(entry, ExecutionBegan):
                begun[entry.kept] = entry
            elif isinstance(entry, ExecutionStood):
                stood[entry.kept] = entry
            elif isinstance(entry, FoundWithin):
                within = column(entry.arn), entry.kept.number
                connection.execute("INSERT OR REPLACE INTO within (arn, execution) VALUES (?, ?)", within)
            elif isinstance(entry, TokenEnded):
                ended = column(entry.token), entry.reason.name
                connection.execute("INSERT OR REPLACE INTO tokens (token, reason) VALUES (?, ?)", ended)
            elif not isinstance(entry, RecordMade):
                write_change(connection, self._texts, entry)
        self._touched = list(dict.fromkeys((*begun, *made)))
        for kept, began in begun.items():
            values = (*self._start(connection, began), *_standing(began, stood.pop(kept, None)))
            connection.execute(_INSERT, (kept.number, *values))
        for kept, last in stood.items():
            connection.execute(_UPDATE, (*_standing(None, last), kept.number))
        rows = [
            (kept.number, row.number, row.text, last.events, *last.clock, row.checksum)
            for kept, records in made.items()
            for row, last in kept.records.rows(records)
        ]
        connection.executemany("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _start(self, connection: sqlite3.Connection, began: ExecutionBegan) -> tuple[Any, ...]:
        facts, machine = began.facts, began.facts.machine
        return (
            column(facts.arn),
            column(facts.name),
            self._texts.number(connection, machine.arn),
            column(machine.version_arn),
            column(facts.alias_arn),
            self._texts.machine(connection, machine),
            text_of(plain_settings(began.settings)),
            column(facts.input_text),
            column(facts.trace_header),
            facts.depth,
            column(facts.test_case),
            column(facts.started_by),
            began.settings.start_time,
        )

    def settle(self, *, is_written: bool) -> None:
        """The transaction is in the file, or is not."""
        self._texts.settle(is_written=is_written)
        for kept in self._touched:
            if is_written:
                kept.records.written()
            else:
                kept.records.not_written()
        self._touched = []


_START: Final = (
    "arn, name, machine, version_arn, alias_arn, record, settings, input, trace_header, depth, test_case, "
    "started_by, started"
)
_STANDING: Final = "since, status, stopped, output, error, cause, redrives, redriven, client_token, events"
_INSERT: Final = (
    f"INSERT INTO executions (id, {_START}, {_STANDING}) "
    f"VALUES ({', '.join('?' * (1 + len(_START.split(', ')) + len(_STANDING.split(', '))))})"
)
_UPDATE: Final = f"UPDATE executions SET ({_STANDING}) = ({', '.join('?' * len(_STANDING.split(', ')))}) WHERE id = ?"


def _standing(began: ExecutionBegan | None, stood: ExecutionStood | None) -> tuple[Any, ...]:
    if stood is None:
        assert began is not None
        return began.since, ExecutionStatus.RUNNING.value, None, None, None, None, 0, None, None, 0
    execution, started = stood.execution, stood.execution.settings.start_time
    is_over = execution.status is not ExecutionStatus.RUNNING
    return (
        stood.since,
        execution.status.value,
        started + execution.clock if is_over else None,
        column(compact(execution.output)) if is_present(execution.output) else None,
        column(execution.error),
        column(execution.cause),
        execution.redrive_count,
        None if execution.redriven_at is None else started + execution.redriven_at,
        column(stood.client_token),
        len(execution.events),
    )
