"""The log of an Express execution, record by record."""

from __future__ import annotations

import io
import json

from sfdebug import simulate
from sfdebug.reports.result import LogWriter

MACHINE = {
    "StartAt": "Check",
    "States": {"Check": {"Type": "Pass", "Result": {"ok": True}, "End": True}},
}


def test_each_event_is_a_record_with_text_for_ids_and_times() -> None:
    stream = io.StringIO()
    run = simulate(MACHINE, {"a": 1}, execution_type="EXPRESS")
    LogWriter(stream).write(run)
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(record["id"], record["type"], record["previous_event_id"]) for record in records] == [
        ("1", "ExecutionStarted", "0"),
        ("2", "PassStateEntered", "0"),
        ("3", "PassStateExited", "2"),
        ("4", "ExecutionSucceeded", "3"),
    ]
    entered = records[1]
    assert entered["details"] == {"name": "Check", "input": '{"a":1}', "inputDetails": {"truncated": False}}
    assert entered["event_timestamp"] == "1735689600000"
    assert entered["execution_arn"].split(":")[5] == "express"
    assert entered["redrive_count"] == "0"
