"""Error names to suggest when a failure is injected: those the state handles first, then those AWS raises there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.engine.faults import ALL
from sfdebug.engine.resources import Family, parse_resource

if TYPE_CHECKING:
    from sfdebug.asl.definition import State


@dataclass(frozen=True, slots=True)
class ErrorName:
    """An error name, and where it comes from: "Retry 1, Catch 2", or what it means."""

    name: str
    note: str


_COMMON: Final = (
    ErrorName("States.TaskFailed", "the task failed"),
    ErrorName("States.Timeout", "TimeoutSeconds or HeartbeatSeconds ran out"),
    ErrorName("States.HeartbeatTimeout", "no heartbeat in HeartbeatSeconds"),
    ErrorName("States.Permissions", "the role may not do this"),
)
_LAMBDA: Final = (
    ErrorName("Lambda.TooManyRequestsException", "throttled"),
    ErrorName("Lambda.ServiceException", "Lambda itself failed"),
    ErrorName("Lambda.SdkClientException", "the call did not get through"),
    ErrorName("Lambda.AWSLambdaException", "Lambda itself failed"),
    ErrorName("Lambda.Unknown", "the function died or ran out of memory"),
)
_SERVICES: Final[dict[str, tuple[ErrorName, ...]]] = {
    "dynamodb": (
        ErrorName("DynamoDB.ConditionalCheckFailedException", "the condition did not hold"),
        ErrorName("DynamoDB.ProvisionedThroughputExceededException", "throttled"),
    ),
    "sqs": (ErrorName("SQS.SdkClientException", "the call did not get through"),),
    "sns": (ErrorName("SNS.SdkClientException", "the call did not get through"),),
    "states": (ErrorName("StepFunctions.ExecutionLimitExceededException", "too many executions"),),
}
_LAST: Final = (
    ErrorName("States.DataLimitExceeded", "more than 256 KiB; States.ALL does not cover it"),
    ErrorName("States.Runtime", "can be neither retried nor caught"),
)
_BRANCH_FAILED: Final = (ErrorName("States.BranchFailed", "a branch failed"),)
_WILDCARDS: Final = (ALL,)


def error_names(state: State) -> list[ErrorName]:
    """Names to suggest for a failure of `state`: none of them twice, wildcards left out."""
    handled: dict[str, list[str]] = {}
    for kind, entries in (("Retry", state.retriers), ("Catch", state.catchers)):
        for entry in entries:
            for name in entry.error_equals:
                if name not in _WILDCARDS:
                    handled.setdefault(name, []).append(f"{kind} {entry.index + 1}")
    names = [ErrorName(name, ", ".join(places)) for name, places in handled.items()]
    return names + [entry for entry in _raised_in(state) if entry.name not in handled]


def _raised_in(state: State) -> tuple[ErrorName, ...]:
    if state.type is StateType.PARALLEL:
        return (*_BRANCH_FAILED, *_COMMON[:2], *_LAST)
    if state.type is StateType.MAP:
        return (*_COMMON[:2], *_LAST)
    resource = parse_resource(state.resource)
    if resource.family is Family.LAMBDA or resource.type == "lambda":
        return (*_LAMBDA, *_COMMON, *_LAST)
    return (*_SERVICES.get(resource.type.removeprefix("aws-sdk:"), ()), *_COMMON, *_LAST)
