"""What a Task leads to in its project: a function, another machine, a queue, a table.

A function's or a machine's ARN may end with a version or an alias, a FunctionName may be the name or part of the ARN.
Source: Lambda API, Invoke, `FunctionName`; AWS docs, "Integrating optimized services", the parameters of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from sfdebug.projects.model import ResourceKind, TaskTarget
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.projects.model import ProjectFunction, ProjectMachine, ProjectResource


class Holder(Protocol):
    """What has functions, machines and resources: a project."""

    @property
    def functions(self) -> tuple[ProjectFunction, ...]:
        """Its functions."""

    @property
    def machines(self) -> tuple[ProjectMachine, ...]:
        """Its state machines."""

    @property
    def resources(self) -> tuple[ProjectResource, ...]:
        """All of its resources."""


_K: Final = ResourceKind
_ARGUMENTS: Final[tuple[tuple[tuple[str, ...], ResourceKind], ...]] = (
    (("FunctionName",), _K.FUNCTION),
    (("StateMachineArn",), _K.MACHINE),
    (("QueueUrl",), _K.QUEUE),
    (("TopicArn",), _K.TOPIC),
    (("TargetArn",), _K.TOPIC),
    (("TableName",), _K.TABLE),
    (("Bucket",), _K.BUCKET),
    (("Entries", "*", "EventBusName"), _K.BUS),
    (("EventBusName",), _K.BUS),
    (("TaskDefinition",), _K.JOB),
    (("JobQueue",), _K.JOB),
    (("JobDefinition",), _K.JOB),
    (("JobName",), _K.JOB),
    (("ProjectName",), _K.JOB),
    (("Cluster",), _K.CLUSTER),
    (("SecretId",), _K.SECRET),
    (("StreamName",), _K.STREAM),
    (("DeliveryStreamName",), _K.STREAM),
    (("Name",), _K.PARAMETER),
    (("ActivityArn",), _K.ACTIVITY),
    (("ApiEndpoint",), _K.API),
)
"""Where in a Task's arguments the name, ARN or URL of what it calls stands."""

_DIRECT: Final = (_K.FUNCTION, _K.ACTIVITY)


def target_of(project: Holder, resource: str, arguments: Json) -> TaskTarget | None:
    """What a Task leads to; None when that is not in the project or is only known when it runs."""
    for kind in _DIRECT:
        found = _named(project, kind, resource)
        if found is not None:
            return found
    if not resource.startswith("arn:") or ":states:" not in resource:
        return None
    for path, kind in _ARGUMENTS:
        if kind is _K.PARAMETER and ":ssm:" not in resource:  # "Name" is many things elsewhere
            continue
        for name in _values(arguments, path):
            found = _named(project, kind, name)
            if found is not None:
                return found
    return None


def _values(value: Value, path: tuple[str, ...]) -> Iterator[str]:
    """The texts at a path, `*` being each item of a list."""
    if not path:
        if isinstance(value, str):
            yield value
    elif path[0] == "*" and isinstance(value, list):
        for item in value:
            yield from _values(item, path[1:])
    elif isinstance(value, dict):
        yield from _values(value.get(path[0], MISSING), path[1:])


def _named(project: Holder, kind: ResourceKind, name: str) -> TaskTarget | None:
    if kind is _K.FUNCTION:
        function = _function(project.functions, name)
        return None if function is None else TaskTarget(kind, function.name, function=function)
    if kind is _K.MACHINE:
        arn = ":".join(name.split(":")[:7])
        for machine in project.machines:
            if arn == machine.arn:
                return TaskTarget(kind, machine.name, machine=machine)
        return None
    for resource in project.resources:
        if resource.kind is kind and name in (resource.name, resource.arn, resource.url):
            return TaskTarget(kind, resource.shown, resource=resource)
    return None


def _function(functions: tuple[ProjectFunction, ...], name: str) -> ProjectFunction | None:
    """The function of an ARN, else the first of that name: two stacks may have one each."""
    arn, wanted = ":".join(name.split(":")[:7]), _function_name(name)
    alike = [function for function in functions if wanted == function.physical_name]
    return next((function for function in alike if function.arn == arn), alike[0] if alike else None)


def _function_name(text: str) -> str:
    """The name of a function out of its name, ARN or partial ARN, without a version or an alias."""
    if text.startswith("arn:"):
        parts = text.split(":")
        return parts[6] if len(parts) > 6 and parts[2] == "lambda" and parts[5] == "function" else ""
    if ":function:" in text:
        text = text.partition(":function:")[2]
    return text.partition(":")[0]
