"""How an execution stands."""

from __future__ import annotations

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """AWS's execution statuses (DescribeExecution `status`)."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
