"""Advice on what Tasks call: services that are gone, functions without a version, executions that know no parent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of, given, is_function
from sfdebug.advice.rule import GUIDE, Example, Rule, Severity
from sfdebug.asl.reader import has_placeholder, is_jsonata
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK
from sfdebug.aws.catalogue.retired import RETIRED

if TYPE_CHECKING:
    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State

_ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:charge"
_RETRY: Final[list[dict[str, Any]]] = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]


def _invoking(name: str) -> dict[str, Any]:
    parameters = {"FunctionName": name, "Payload.$": "$"}
    resource = "arn:aws:states:::lambda:invoke"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "Retry": _RETRY, "End": True}


def _starting(value: dict[str, Any]) -> dict[str, Any]:
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:bill"
    parameters = {"StateMachineArn": machine, "Name.$": "$$.Execution.Name", "Input": value}
    resource = "arn:aws:states:::states:startExecution"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def _harness(seconds: int) -> dict[str, Any]:
    messages = [{"Role": "user", "Content": [{"Text": "Where is my order?"}]}]
    arguments = {"HarnessArn": "${Harness}", "Messages": messages, "TimeoutSeconds": seconds}
    resource = "arn:aws:states:::bedrockagentcore:invokeHarness"
    return {"Type": "Task", "Resource": resource, "QueryLanguage": "JSONata", "Arguments": arguments, "End": True}


RETIRED_SERVICE: Final = Rule(
    id="retired-service",
    severity=Severity.WARNING,
    why="AWS has ended the service or taken it out of the integrations: a definition that calls it no longer works.",
    fix="take the Task out, or call what has taken its place",
    source=f"{GUIDE}supported-services-awssdk.html, its release history; botocore's list of models",
    example=Example(
        {"See": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:lookoutvision:detectAnomalies",
                 "Parameters": {"ProjectName": "p", "ModelVersion": "1"}, "End": True}},
        {"See": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:rekognition:detectCustomLabels",
                 "Parameters": {"ProjectVersionArn": "arn:aws:rekognition:…", "Image": {}}, "End": True}},
    ),
)  # fmt: skip
HARNESS: Final = Rule(
    id="harness-outlives-task",
    severity=Severity.ADVICE,
    why="The Task ends after 900 s, and stopping it does not stop the harness: it goes on, and is paid for.",
    fix='give the harness "TimeoutSeconds" of 900 or less, and no more than the Task has',
    source=f"{GUIDE}connect-bedrockagentcore.html",
    example=Example({"Ask": _harness(3600)}, {"Ask": _harness(600)}),
)
UNQUALIFIED: Final = Rule(
    id="function-without-version",
    severity=Severity.INFO,
    why="An execution that lasts may begin with one version of the function and end with another.",
    fix="name a version or an alias: FUNCTION:live",
    source=f"{GUIDE}concepts-cd-aliasing-versioning.html; Lambda, “Versions” and “Aliases”",
    example=Example({"Charge": _invoking("charge")}, {"Charge": _invoking("charge:live")}),
)
BY_ARN: Final = Rule(
    id="function-as-resource",
    severity=Severity.INFO,
    why="A function's own ARN as the Resource is the older way: no callback, no headers, and metrics of another name.",
    fix='call arn:aws:states:::lambda:invoke, with "FunctionName" and "Payload"; its result is then under Payload',
    source=f"{GUIDE}connect-lambda.html",
    example=Example(
        {"Charge": {"Type": "Task", "Resource": f"{_ARN}:live", "Retry": _RETRY, "End": True}},
        {"Charge": {**_invoking("charge:live"), "OutputPath": "$.Payload"}},
    ),
)
ORPHAN: Final = Rule(
    id="nested-without-parent-id",
    severity=Severity.INFO,
    why="The console and the tools link an execution with what started it only by an id in its input.",
    fix='add to its Input: "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"',
    source=f"{GUIDE}connect-stepfunctions.html",
    example=Example(
        {"Bill": _starting({"order.$": "$.id"})},
        {"Bill": _starting({"order.$": "$.id", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"})},
    ),
)

RULES: Final = (RETIRED_SERVICE, HARNESS, UNQUALIFIED, BY_ARN, ORPHAN)

_QUALIFIED: Final = re.compile(
    r"(?:arn:[^:]*:lambda:[^:]*:[^:]*:function:)?(?P<name>[\w.-]+)(?P<qualifier>:[\w$.-]+)?$"
)
_HARNESS_SECONDS: Final = 900
_PARENT: Final = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"


def check_calling(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    for state in adviser.tasks:
        if is_function(state):
            _check_function(adviser, state)
        call = call_of(state)
        if call is None:
            continue
        service = call.service.removeprefix(SDK)
        gone = RETIRED.get(service) if call.is_sdk else None
        if gone is not None:
            what = f"{quote(state.name)} calls {gone.name}, which {gone.end}"
            adviser.note(RETIRED_SERVICE, (*state.pointer, "Resource"), what, gone.instead)
        if call.action == "invokeHarness" and not call.is_sdk:
            _check_harness(adviser, state)
        if service in ("states", "sfn") and split_pattern(call.action)[0] == "startExecution":
            _check_parent(adviser, state)


def _check_function(adviser: Adviser, state: State) -> None:
    by_arn = call_of(state) is None
    name = state.resource if by_arn else arguments_of(state).get("FunctionName")
    if by_arn:
        adviser.note(BY_ARN, (*state.pointer, "Resource"), f"{quote(state.name)} calls a function by its own ARN")
    if not isinstance(name, str) or has_placeholder(name) or is_jsonata(name):
        return
    match = _QUALIFIED.match(name)
    if match is not None and match["qualifier"] in (None, ":$LATEST"):
        what = f"{quote(state.name)} calls {quote(match['name'])} without a version or an alias"
        adviser.note(UNQUALIFIED, state.pointer, what)


def _check_harness(adviser: Adviser, state: State) -> None:
    own, given_to_it = state.fields.get("TimeoutSeconds"), arguments_of(state).get("TimeoutSeconds")
    limit = min(own, _HARNESS_SECONDS) if isinstance(own, int) else _HARNESS_SECONDS
    if isinstance(given_to_it, int) and given_to_it > limit:
        what = f"{quote(state.name)} ends after {limit} s, and its harness may run for {given_to_it} s"
        adviser.note(HARNESS, (*state.pointer, state.arguments_field, "TimeoutSeconds"), what)


def _check_parent(adviser: Adviser, state: State) -> None:
    value = given(arguments_of(state), "Input")
    if isinstance(value, dict) and _PARENT not in json.dumps(value) and "$states.context" not in json.dumps(value):
        what = f"what {quote(state.name)} starts is not told which execution it belongs to"
        adviser.note(ORPHAN, state.pointer, what)
