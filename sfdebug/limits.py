"""AWS's quotas and defaults as named constants, each with its source, and the workflow types by which they differ."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


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


class RequestQuota(Struct, frozen=True, gc=False):
    """How many requests of an operation AWS takes from an account in a Region: a bucket of `size`, and so many more
    each second."""

    size: int
    refill: float


_LARGE_REGIONS: Final = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
_REQUESTS: Final[dict[str, tuple[RequestQuota, RequestQuota]]] = {
    "DescribeExecution": (RequestQuota(300, 15), RequestQuota(250, 10)),
    "DescribeMapRun": (RequestQuota(200, 1), RequestQuota(200, 1)),
    "DescribeStateMachine": (RequestQuota(200, 20), RequestQuota(200, 20)),
    "DescribeStateMachineForExecution": (RequestQuota(200, 1), RequestQuota(200, 1)),
    "GetExecutionHistory": (RequestQuota(400, 20), RequestQuota(400, 20)),
    "ListExecutions": (RequestQuota(200, 5), RequestQuota(100, 2)),
    "ListStateMachines": (RequestQuota(100, 5), RequestQuota(100, 5)),
    "FilterLogEvents": (RequestQuota(5, 5), RequestQuota(5, 5)),
    "DescribeLogGroups": (RequestQuota(10, 10), RequestQuota(10, 10)),
}
"""By operation: in N. Virginia, Oregon and Ireland, and in all other Regions. They are shared by all who ask in the
account, and can be raised. AWS docs: Step Functions service quotas, "Quotas related to API action throttling" (of
DescribeMapRun, which that table does not have, what its neighbours have); CloudWatch Logs: 5 FilterLogEvents a second
(AWS re:Post, "How do I determine throttling in my CloudWatch logs?")."""


def request_quota(operation: str, region: str) -> RequestQuota | None:
    """AWS's default quota for an operation in a Region; None where there is none to be held to."""
    both = _REQUESTS.get(operation)
    return None if both is None else both[0] if region in _LARGE_REGIONS else both[1]
