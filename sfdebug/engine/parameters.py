"""The parameters of a Task, checked when it is about to start: what came with the data, which no definition shows.

Source: public reports of AWS ("The Parameters '…' could not be used to start the Task: […]"), and the recorded
execution of an API Gateway Task whose Headers hold a text (LocalStack, test_invoke_with_headers).
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping
from typing import Final

from sfdebug.asl.definition import QueryLanguage
from sfdebug.asl.reader import has_placeholder
from sfdebug.aws.catalogue.arguments import Mistake, argument_faults
from sfdebug.aws.catalogue.models import MissingModelsError
from sfdebug.aws.catalogue.names import SDK
from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.engine.resources import Family, Resource
from sfdebug.expressions.errors import ExpressionSyntaxError
from sfdebug.expressions.template import compile_expression
from sfdebug.values import Json, compact

COMPUTED: Final = ".$"
"""The end of a key whose value is a path or an intrinsic function."""

_LISTS_BY_NAME: Final = {
    ("apigateway", "invoke"): ("Headers", "QueryParameters"),
    ("eks", "call"): ("QueryParameters",),
}
"""Fields that are an object of arrays. AWS docs: "Create API Gateway APIs with Step Functions", "Request format";
"Create and manage Amazon EKS clusters with Step Functions"."""


_FAULTS: Final[Mapping[Mistake, str]] = {
    Mistake.UNKNOWN: 'The field "{}" is not supported by Step Functions',
    Mistake.MISSING: "The field '{}' is required but was missing",
}
"""Recorded: a value that is computed and of the wrong kind (a number as the Body of s3:putObject) is passed on."""


def check_parameters(
    resource: Resource, parameters: Json, language: QueryLanguage, *, checks_arguments: bool = True
) -> None:
    """Raise `StateError` (States.Runtime) when a service integration cannot be called with these parameters.

    A field of the wrong form, in a JSONPath state a key of the data that ends in `.$` as only those of a definition
    may, and with `checks_arguments` a field that the call of an AWS SDK integration has not, or lacks. Not recorded:
    what a JSONata state calls them.
    """
    if resource.family is not Family.SERVICE or not isinstance(parameters, dict):
        return
    computes_keys = language is QueryLanguage.JSONPATH
    problems = list(_malformed(resource, parameters))
    if computes_keys and _may_compute(parameters):
        problems += _misplaced(parameters)
    if not problems and checks_arguments and resource.type.startswith(SDK):
        problems += _not_taken(resource, parameters, computes_keys=computes_keys)
    if problems:
        raise _unusable(parameters, problems, "Parameters" if computes_keys else "Arguments")


def _unusable(parameters: Json, problems: list[str], name: str) -> StateError:
    return runtime_failure(
        f"The {name} '{compact(parameters)}' could not be used to start the Task: [{', '.join(problems)}]"
    )


def _malformed(resource: Resource, parameters: dict[str, Json]) -> Iterator[str]:
    for field in _LISTS_BY_NAME.get((resource.type, resource.action.partition(".")[0]), ()):
        value = parameters.get(field)
        if value is not None and not _is_lists_by_name(value):
            yield f"The value of the field '{field}' has an invalid format"


def _not_taken(resource: Resource, parameters: dict[str, Json], *, computes_keys: bool) -> Iterator[str]:
    """What the service's API does not take; nothing when botocore, which knows, is not installed.

    The words are those of a definition that is refused for the same: not recorded at a Task's start.
    """
    try:
        for fault in argument_faults(
            resource.type, resource.action, parameters, has_placeholder, computes_keys=computes_keys
        ):
            if fault.mistake in _FAULTS:
                yield _FAULTS[fault.mistake].format(fault.name)
    except MissingModelsError:
        return


def _is_lists_by_name(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(item, list) for item in value.values())


def _may_compute(parameters: Json) -> bool:
    """Whether any text of the parameters ends in `.$`: a quick look, as most payloads hold none."""
    try:
        return b".$" in marshal.dumps(parameters)
    except ValueError:  # nested too deep for it
        return True


def _misplaced(value: Json) -> Iterator[str]:
    """What is wrong with the keys of the data that end as those of a payload template do."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(reversed(each))
        elif isinstance(each, dict):
            for key, item in each.items():
                if key.endswith(COMPUTED) and not _is_expression(item):
                    yield (
                        f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
                    )
            waiting.extend(reversed(each.values()))


def _is_expression(value: Json) -> bool:
    if not isinstance(value, str):
        return False
    try:
        compile_expression(value)
    except ExpressionSyntaxError:
        return False
    return True
