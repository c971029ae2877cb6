"""Executions as they are read from the file: one, those that run, and lists that read no more than is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from msgspec import Struct

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.session import settings_of
from sfdebug.engine import ExecutionStatus, Settings
from sfdebug.hosting.describing import redrive_status
from sfdebug.hosting.records import EarlierExecution, ExecutionRecord, MachineRecord, StartFacts
from sfdebug.hosting.refusals import RefusalReason
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.records import KeptRecords, records_in
from sfdebug.hosting.store.tables import column, text_in, text_or_none
from sfdebug.hosting.store.texts import plain_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.hosting.store.database import StoreDatabase
    from sfdebug.hosting.store.texts import TextReader

_COLUMNS: Final = (
    "id, arn, name, alias_arn, record, settings, input, trace_header, depth, test_case, started_by, since, status, "
    "started, stopped, output, error, cause, redrives, redriven, client_token, events"
)
_LISTED: Final = "arn, name, alias_arn, record, status, started, stopped, redrives, redriven"


_NEWEST: Final = 1 << 62
"""Above the number of each."""


class ExecutionColumns(Struct, frozen=True):
    """An execution as its row says; `number` is that of the row."""

    number: int
    facts: StartFacts
    settings: Settings
    since: float
    status: ExecutionStatus
    stopped: int | None
    output: str | None
    error: str | None
    cause: str | None
    redrives: int
    redriven: int | None
    client_token: str | None
    events: int

    def record(self, wall: float) -> ExecutionRecord:
        """As it is described at that time."""
        facts, machine, status = self.facts, self.facts.machine, self.status
        is_told = status is not ExecutionStatus.TIMED_OUT  # as `describing` has it
        redrivable, reason = redrive_status(status, self.settings, self.events, int(wall - self.since))
        return ExecutionRecord(
            facts.arn,
            facts.name,
            machine.arn,
            machine.type,
            status,
            self.settings.start_time,
            facts.input_text,
            version_arn=machine.version_arn,
            alias_arn=facts.alias_arn,
            stopped=self.stopped,
            output=self.output,
            error=self.error if is_told else None,
            cause=self.cause if is_told else None,
            redrive_count=self.redrives,
            redriven=self.redriven,
            redrive_status=redrivable,
            redrive_reason=reason,
            trace_header=facts.trace_header,
        )


class DecisionColumns(Struct, frozen=True):
    """What an execution was decided: the texts of its rows, what they hold, and how its clock went on from there."""

    texts: tuple[str, ...]
    checksum: int
    events: int
    clock: tuple[float, float] | None
    records: KeptRecords


class ExecutionReader:
    """Reads executions."""

    def __init__(self, database: StoreDatabase, texts: TextReader) -> None:
        self._database = database
        self._texts = texts

    def get(self, arn: str) -> ExecutionColumns | None:
        """One of them. Raises StoreError."""
        found = self._database.rows(f"SELECT {_COLUMNS} FROM executions WHERE arn = ?", (column(arn),))
        return self._columns(found[0]) if found else None

    def has(self, arn: str) -> bool:
        """Whether there is such an execution. Raises StoreError."""
        return bool(self._database.rows("SELECT 1 FROM executions WHERE arn = ?", (column(arn),)))

    def running(self) -> Iterator[ExecutionColumns]:
        """Those that run, in the order in which they were started. Raises StoreError."""
        question = f"SELECT {_COLUMNS} FROM executions WHERE status = 'RUNNING' ORDER BY id"
        for row in self._database.rows(question):
            yield self._columns(row)

    def inside(self, started_by: str) -> str | None:
        """The ARN of the execution that an attempt has started. Raises StoreError."""
        found = self._database.rows("SELECT arn FROM executions WHERE started_by = ?", (column(started_by),))
        return text_in(found[0][0]) if found else None

    def owner(self, arn: str) -> str | None:
        """The ARN of the execution that has a Map Run or a child execution. Raises StoreError."""
        question = "SELECT arn FROM executions WHERE id = (SELECT execution FROM within WHERE arn = ?)"
        found = self._database.rows(question, (column(arn),))
        return text_in(found[0][0]) if found else None

    def last_number(self) -> int:
        """That of the newest one, 0 where there is none. Raises StoreError."""
        return int(self._database.rows("SELECT COALESCE(MAX(id), 0) FROM executions")[0][0])

    def decisions(self, number: int) -> DecisionColumns:
        """What an execution was decided. Raises StoreError where that is damaged."""
        rows = self._database.rows(
            "SELECT number, records, checksum, events, anchor, wall FROM decisions WHERE execution = ? ORDER BY number",
            (number,),
        )
        records = records_in([row[:3] for row in rows])
        texts = tuple(row[1] for row in rows)
        if not rows:
            return DecisionColumns((), 0, 0, None, records)
        _, _, checksum, events, anchor, wall = rows[-1]
        return DecisionColumns(texts, checksum, events, (anchor, wall), records)

    def listed(
        self, machine_arn: str | None, qualified: str | None, status: str | None, redriven: bool | None
    ) -> Sequence[ExecutionRecord]:
        """Those of a machine, or of all; `qualified` is a version or an alias of it. The newest first."""
        conditions: dict[str, tuple[Any, ...]] = {}
        if machine_arn is not None:
            conditions["machine = ?"] = (self._texts.number(machine_arn),)
        if status is not None:
            conditions["status = ?"] = (status,)
        if qualified is not None:
            conditions["(version_arn = ? OR alias_arn = ?)"] = (column(qualified),) * 2
        if redriven is not None:
            conditions["redrives > 0" if redriven else "redrives = 0"] = ()
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        values = tuple(value for each in conditions.values() for value in each)
        return ListedExecutions(self._database, self._texts, where, values)

    def earlier(self, before: int | None, count: int) -> list[EarlierExecution]:
        """So many of those that are over, with a number below `before`, the newest first. Raises StoreError."""
        question = (
            "SELECT id, arn, name, record, status, started, stopped, error, cause, test_case FROM executions "
            "WHERE id < ? AND status != 'RUNNING' ORDER BY id DESC LIMIT ?"
        )
        return [self._earlier(row) for row in self._database.rows(question, (before or _NEWEST, count))]

    def count_earlier(self) -> int:
        """How many there are of them. Raises StoreError."""
        question = "SELECT COUNT(*) FROM executions INDEXED BY executions_of WHERE status != 'RUNNING'"
        return int(self._database.rows(question)[0][0])

    def _earlier(self, row: tuple[Any, ...]) -> EarlierExecution:
        number, arn, name, record, status, started, stopped, error, cause, case = row
        return EarlierExecution(
            number,
            text_in(arn),
            text_in(name),
            self._texts.machine(record).name,
            ExecutionStatus(status),
            started,
            started if stopped is None else stopped,
            text_or_none(error),
            text_or_none(cause),
            text_in(case),
        )

    def why_token_ended(self, token: str) -> RefusalReason | None:
        """Why nobody waits for a token any more; None for one that is not known. Raises StoreError."""
        found = self._database.rows("SELECT reason FROM tokens WHERE token = ?", (column(token),))
        try:
            return RefusalReason[found[0][0]] if found else None
        except KeyError as error:
            raise StoreError(f"no version writes {error} of a task token") from None

    def _columns(self, row: tuple[Any, ...]) -> ExecutionColumns:
        number, arn, name, alias_arn, record, settings, given, trace_header, depth, case, started_by, *standing = row
        since, status, _, stopped, output, error, cause, redrives, redriven, client_token, events = standing
        try:
            facts = StartFacts(
                text_in(arn),
                text_in(name),
                self._texts.machine(record),
                text_in(given),
                text_or_none(alias_arn),
                text_or_none(trace_header),
                depth,
                text_in(case),
                text_in(started_by),
            )
            return ExecutionColumns(
                number,
                facts,
                settings_of(plain_in(settings)),
                since,
                ExecutionStatus(status),
                stopped,
                text_or_none(output),
                text_or_none(error),
                text_or_none(cause),
                redrives,
                redriven,
                text_or_none(client_token),
                events,
            )
        except (SessionError, ValueError) as error:
            raise StoreError(f"the execution {text_in(arn)} cannot be read: {error}") from error


class ListedExecutions(Sequence[ExecutionRecord]):
    """A list of executions, of which only what is looked at is read."""

    def __init__(self, database: StoreDatabase, texts: TextReader, where: str, values: tuple[Any, ...]) -> None:
        self._database = database
        self._texts = texts
        self._where = where
        self._values = values
        self._length: int | None = None

    def __len__(self) -> int:
        if self._length is None:
            question = f"SELECT COUNT(*) FROM executions {self._where}"
            self._length = int(self._database.rows(question, self._values)[0][0])
        return self._length

    @overload
    def __getitem__(self, index: int) -> ExecutionRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[ExecutionRecord]: ...
    def __getitem__(self, index: int | slice) -> ExecutionRecord | list[ExecutionRecord]:
        if isinstance(index, int):
            return self._read(range(len(self))[index], 1)[0]
        places = range(len(self))[index]
        if not places:
            return []
        first, last = min(places[0], places[-1]), max(places[0], places[-1])
        read = self._read(first, last - first + 1)
        return [read[place - first] for place in places if place - first < len(read)]

    def _read(self, offset: int, count: int) -> list[ExecutionRecord]:
        # What is passed over is passed over in the index.
        order = "ORDER BY since DESC, id DESC"
        page = f"SELECT id FROM executions {self._where} {order} LIMIT ? OFFSET ?"
        question = f"SELECT {_LISTED} FROM executions WHERE id IN ({page}) {order}"
        return [self._record(row) for row in self._database.rows(question, (*self._values, count, offset))]

    def _record(self, row: tuple[Any, ...]) -> ExecutionRecord:
        arn, name, alias_arn, record, status, started, stopped, redrives, redriven = row
        machine: MachineRecord = self._texts.machine(record)
        return ExecutionRecord(
            text_in(arn),
            text_in(name),
            machine.arn,
            machine.type,
            ExecutionStatus(status),
            started,
            "",
            version_arn=machine.version_arn,
            alias_arn=text_or_none(alias_arn),
            stopped=stopped,
            redrive_count=redrives,
            redriven=redriven,
        )
