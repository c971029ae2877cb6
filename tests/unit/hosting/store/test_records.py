"""What an execution was decided, as rows: all of it comes back, and what was changed is seen."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from msgspec import Struct

from sfdebug.engine.execution.decisions import (
    AnswerTask,
    BeginTask,
    Dataset,
    Proceed,
    Redrive,
    StopExecution,
    Submission,
    TaskFailure,
    TaskResult,
)
from sfdebug.hosting.resuming import KeptAttempt
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.records import Cut, KeptRecord, RecordWriter, records_in
from sfdebug.values import Json

LONG: Json = {"text": "x" * 2_000}
BRANCH = (("Each", 3),)
STEP = Proceed((), whole_visit=True)
RECORDS: list[KeptRecord] = [
    *[STEP] * 5,
    KeptAttempt(BRANCH, 4, 1, "call", 10, 10, 10),
    BeginTask(BRANCH, Submission({"Id": 1}), 20),
    KeptAttempt(BRANCH, 4, 1, "token", 10, 20, 700, TaskResult(LONG)),
    AnswerTask(BRANCH, TaskResult(LONG), 700),
    AnswerTask((), TaskFailure(None, "half a character: \ud800"), None),
    AnswerTask((), Dataset(content=b"\x00\xff", source="s3://b/k")),
    *[Proceed(BRANCH)] * 2,
    *[STEP] * 3,
    StopExecution("E", at=9),
    Redrive(30),
]


class Queued(Struct, frozen=True):
    record: KeptRecord


Rows = list[tuple[int, str, int]]


def written(writer: RecordWriter, records: Sequence[KeptRecord]) -> Rows:
    rows = [(row.number, row.text, row.checksum) for row, _ in writer.rows(map(Queued, records))]
    writer.written()
    return rows


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_all_comes_back_however_much_was_written_at_once(at_once: int) -> None:
    writer, rows = RecordWriter(), list[tuple[int, str, int]]()
    for start in range(0, len(RECORDS), at_once):
        rows += written(writer, RECORDS[start : start + at_once])
    found = records_in(rows)
    assert found.decisions == [record for record in RECORDS if not isinstance(record, KeptAttempt)]
    assert found.attempts == {BRANCH: RECORDS[7]}
    assert sum(text.count('"x') + text.count("xxx") > 0 for _, text, _ in rows) == 1, "long data are kept once"


def test_steps_that_are_alike_are_counted() -> None:
    ((_, text, _),) = written(RecordWriter(), [STEP] * 1_000)
    assert text == '[["proceed",{"branch":[],"whole_visit":true}],999]'
    assert records_in(written(RecordWriter(), [STEP] * 1_000)).decisions == [STEP] * 1_000


def test_what_could_not_be_written_is_made_again() -> None:
    writer = RecordWriter()
    rows = written(writer, RECORDS[:6])
    first = [row.text for row, _ in writer.rows(map(Queued, RECORDS[6:]))]
    writer.not_written()
    again = written(writer, RECORDS[6:])
    assert [text for _, text, _ in again] == first
    assert records_in(rows + again).decisions[-1] == RECORDS[-1]


def test_a_writer_goes_on_behind_what_is_there() -> None:
    rows = written(RecordWriter(), RECORDS[:9])
    writer = RecordWriter.behind([text for _, text, _ in rows], rows[-1][2])
    more = written(writer, [*RECORDS[9:], AnswerTask((), TaskResult(LONG))])
    assert "xxx" not in more[0][1], "long data that are there are not written again"
    assert records_in(rows + more).decisions[-1] == AnswerTask((), TaskResult(LONG))


def test_large_rows_are_parted() -> None:
    records = [AnswerTask((), TaskResult(str(number) * 300_000)) for number in range(8)]
    rows = written(RecordWriter(), records)
    assert len(rows) == 2
    assert records_in(rows).decisions == records


def test_a_cut_takes_back_what_no_longer_counts() -> None:
    records: list[KeptRecord] = [STEP, STEP, Redrive(1), Cut(1), StopExecution(at=2)]
    assert records_in(written(RecordWriter(), records)).decisions == [STEP, StopExecution(at=2)]


def damaged(rows: Rows) -> list[Rows]:
    number, text, checksum = rows[1]
    return [
        rows[1:],
        [rows[0], rows[2]],
        [rows[0], (number, text.replace("proceed", "proceeD"), checksum), rows[2]],
        [rows[0], (number, "é" + text, checksum), rows[2]],
        [rows[0], rows[2], rows[1]],
    ]


def test_what_was_changed_is_told() -> None:
    writer, rows = RecordWriter(), list[tuple[int, str, int]]()
    parts: list[list[KeptRecord]] = [[STEP], [STEP, Redrive(1)], [STEP]]
    for part in parts:
        rows += written(writer, part)
    for each in damaged(rows):
        with pytest.raises(StoreError, match="damaged"):
            records_in(each)


@pytest.mark.parametrize(
    "text", ["{}", "[", "[3]", "[[1,2]]", '[{"is":"no"}]', '[{"is":"attempt"}]', '[{"is":"cut"}]', "[true]", "[null]"]
)
def test_what_no_version_writes_is_told(text: str) -> None:
    from zlib import crc32

    with pytest.raises(StoreError, match="cannot be read"):
        records_in([(0, text, crc32(text.encode()))])


def test_data_that_nest_too_deeply_are_told_when_they_are_read() -> None:
    value: Json = []
    for _ in range(sys.getrecursionlimit() * 2):
        value = [value]
    rows = written(RecordWriter(), [STEP, AnswerTask((), TaskResult(value)), STEP])
    with pytest.raises(StoreError, match="nested too deeply to be saved"):
        records_in(rows)
