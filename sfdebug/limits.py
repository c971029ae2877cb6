"""AWS's limits and defaults as named constants, each with its source, and the workflow types by which they differ.

What differs by Region, or can be raised for an account, is in the table of `rates`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ExecutionType(StrEnum):
    """The two types of workflows. Source: AWS API, CreateStateMachine, `type`."""

    STANDARD = "STANDARD"
    EXPRESS = "EXPRESS"


MAX_PAYLOAD_BYTES: Final = 262_144
"""Largest input, output or result of a state, in UTF-8 bytes. AWS docs: Step Functions service quotas."""

MAX_VARIABLES_BYTES: Final = 10_485_760
"""Largest size of all variables of an execution together. AWS docs: Step Functions service quotas."""

MAX_HISTORY_EVENTS: Final = 25_000
"""Largest history of a Standard execution. AWS docs: Step Functions service quotas."""

MAX_DEFINITION_BYTES: Final = 1_048_576
"""Largest definition. AWS API: CreateStateMachine `definition`, max length."""

MAX_STATE_NAME_LENGTH: Final = 80
"""Longest state name, in characters. States Language specification, "States"."""

MAX_INLINE_MAP_CONCURRENCY: Final = 40
"""Most iterations of an inline Map that run side by side. AWS docs: "Using Map state in Inline mode"."""

MAX_DISTRIBUTED_MAP_CONCURRENCY: Final = 10_000
"""Most child executions of a Map Run that run side by side. AWS docs: "Using Map state in Distributed mode"."""

DEFAULT_RETRY_INTERVAL_SECONDS: Final = 1
DEFAULT_RETRY_MAX_ATTEMPTS: Final = 3
DEFAULT_RETRY_BACKOFF_RATE: Final = 2.0
"""States Language specification, "Retrying after error"."""

MAX_RETRY_INTERVAL_SECONDS: Final = 99_999_999
MAX_RETRY_ATTEMPTS: Final = 99_999_999
MAX_RETRY_MAX_DELAY_SECONDS: Final = 31_622_400
"""AWS docs: "Retrying after an error", the fields' ranges."""

MAX_TIMEOUT_SECONDS: Final = 99_999_999
"""Longest TimeoutSeconds, HeartbeatSeconds and Wait Seconds. States Language specification, "Timeouts"."""

MAX_WAIT_SECONDS: Final = 2_147_483_647
"""Longest wait until a timestamp. Recorded: 24,855 days are taken, 24,856 are "too long", so 2^31 - 1 seconds."""

EXPRESS_MAX_SECONDS: Final = 300
"""Longest Express execution. AWS docs: Step Functions service quotas."""

MAX_REDRIVE_WAIT_SECONDS: Final = 14 * 86_400
"""How long after its end an execution can be redriven. AWS API: RedriveExecution."""

STANDARD_MAX_SECONDS: Final = 31_536_000
"""Longest Standard execution, one year. AWS docs: Step Functions service quotas."""

MAX_OPEN_EXECUTIONS: Final = 1_000_000
"""Most Standard executions that run at once in an account and Region. AWS docs: Step Functions service quotas."""

MAX_OPEN_MAP_RUNS: Final = 1_000
"""Most Map Runs that run at once in an account and Region; later ones wait. AWS docs: Step Functions service quotas."""

CHILDREN_STARTED_A_SECOND: Final = {ExecutionType.STANDARD: 100, ExecutionType.EXPRESS: 1_000}
"""Most child executions that a Map Run starts in a second, by their type. AWS docs: Step Functions service quotas."""
