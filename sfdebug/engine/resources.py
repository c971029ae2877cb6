"""What a Task's Resource names: which family of events AWS records for it, and the words in them.

Source: AWS API `TaskScheduledEventDetails` (resourceType, resource), `LambdaFunctionScheduledEventDetails`,
`ActivityScheduledEventDetails`; the recorded executions show which resource gives which.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct


class Family(StrEnum):
    """The prefix of the events that a Task's attempt leaves in the history."""

    LAMBDA = "LambdaFunction"
    ACTIVITY = "Activity"
    SERVICE = "Task"


class IntegrationPattern(StrEnum):
    """How Step Functions calls an integrated service."""

    REQUEST_RESPONSE = ""
    SYNC = ".sync"
    CALLBACK = ".waitForTaskToken"


class Resource(Struct, frozen=True):
    """A Resource taken apart. `type` and `action` are the resourceType and resource of a TaskScheduled event."""

    arn: str
    family: Family
    type: str = ""
    action: str = ""
    pattern: IntegrationPattern = IntegrationPattern.REQUEST_RESPONSE

    @property
    def label(self) -> str:
        """What AWS calls the task in "The state/task '…' returned a result with a size exceeding …"."""
        return self.type if self.family is Family.SERVICE else self.arn


_INTEGRATION: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:((?:aws-sdk:)?[^:]+):(.+)", re.DOTALL)


@lru_cache(maxsize=1024)
def parse_resource(arn: str) -> Resource:
    """The parts of a Resource. A text that is no known ARN (a `${Substitution}`) is taken for a Lambda function."""
    match = _INTEGRATION.fullmatch(arn)
    if match is None:
        return Resource(arn, Family.LAMBDA)
    service, action = match.groups()
    if service == "activity":
        return Resource(arn, Family.ACTIVITY)
    pattern = IntegrationPattern.REQUEST_RESPONSE
    if action.endswith(IntegrationPattern.CALLBACK):
        pattern = IntegrationPattern.CALLBACK
    elif action.endswith((".sync", ".sync:2")):
        pattern = IntegrationPattern.SYNC
    return Resource(arn, Family.SERVICE, service, action, pattern)
