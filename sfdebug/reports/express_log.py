"""The log of an execution as CloudWatch Logs gets it: what an Express workflow has in place of GetExecutionHistory.

Source: AWS docs, "Using CloudWatch Logs to log execution history in Step Functions": one JSON object for each event.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.events import details_key

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.events import Event
    from sfdebug.values import Json


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


def write_log(execution: Execution, stream: TextIO) -> None:
    """The log records of `execution`, one a line."""
    LogWriter(stream).write(execution)


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
