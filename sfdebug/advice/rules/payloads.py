"""Advice on payloads: what may be larger than a state can hold, and what is passed on that nobody reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of, given
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, Severity
from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK

if TYPE_CHECKING:
    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State

_INNER: Final[dict[str, Any]] = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}}
_SCAN: Final[dict[str, Any]] = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:scan", "End": True}
_READ: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
    "Parameters": {"Bucket": "b", "Key": "k"},
    "End": True,
}
_CHARGE: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "charge:live", "Payload.$": "$.order"},
    "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
    "Next": "Done",
}
_DONE: Final[dict[str, Any]] = {"Type": "Succeed"}

PAGE: Final = Rule(
    id="page-larger-than-payload",
    severity=Severity.ADVICE,
    why="The answer may be larger than the 256 KiB that a state can hold: then the Task fails, on a full table only.",
    fix="ask for less: a smaller page, fewer fields; or have a function read it and keep it in S3",
    source=f"{BEST_PRACTICES}; {GUIDE}service-quotas.html; API reference of the call",
    example=Example(
        {"Read": {**_SCAN, "Parameters": {"TableName": "orders"}}},
        {"Read": {**_SCAN, "Parameters": {"TableName": "orders", "Limit": 50}}},
    ),
)
OBJECT: Final = Rule(
    id="object-body-in-payload",
    severity=Severity.ADVICE,
    why="An object of more than 256 KiB fails the Task: the payload is no place for the content of files.",
    fix="pass the object's bucket and key on, and have what needs the content read it; or ask for a Range",
    source=BEST_PRACTICES,
    example=Example(
        {"Read": _READ},
        {"Read": {**_READ, "Parameters": {"Bucket": "b", "Key": "k", "Range": "bytes=0-9999"}}},
    ),
)
WHOLE: Final = Rule(
    id="whole-input-for-each-item",
    severity=Severity.ADVICE,
    why="Each item is given all of the Map's input, the array that it is one of included: the data grow by its square.",
    fix="name the fields that an item needs",
    source=f"{GUIDE}input-output-itemselector.html",
    example=Example(
        {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.orders",
                "MaxConcurrency": 5,
                "ItemSelector": {"order.$": "$$.Map.Item.Value", "all.$": "$"},
                "ItemProcessor": _INNER,
                "End": True,
            }
        },
        {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.orders",
                "MaxConcurrency": 5,
                "ItemSelector": {"order.$": "$$.Map.Item.Value", "customer.$": "$.customer"},
                "ItemProcessor": _INNER,
                "End": True,
            }
        },
    ),
)
ENVELOPE: Final = Rule(
    id="lambda-envelope-passed-on",
    severity=Severity.INFO,
    why="What lambda:invoke answers is the function's result and a kilobyte of headers of the call around it.",
    fix='keep the result alone: "OutputPath": "$.Payload", a "ResultSelector", or an "Output" of it',
    source=f"{GUIDE}connect-lambda.html",
    example=Example(
        {"Charge": _CHARGE, "Done": _DONE},
        {"Charge": {**_CHARGE, "OutputPath": "$.Payload"}, "Done": _DONE},
    ),
)
UNTRIMMED: Final = Rule(
    id="result-not-trimmed",
    severity=Severity.INFO,
    why="All that the service answers goes on with the data, read or not, and counts against the 256 KiB.",
    fix='keep what is needed: "ResultSelector", "ResultPath": null, or "Output"',
    source=f"{GUIDE}concepts-input-output-filtering.html",
    example=Example(
        {
            "Save": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueAttributes",
                "Parameters": {"QueueUrl": "https://…"},
                "Next": "Done",
            },
            "Done": _DONE,
        },
        {
            "Save": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueAttributes",
                "Parameters": {"QueueUrl": "https://…"},
                "ResultSelector": {"count.$": "$.Attributes.ApproximateNumberOfMessages"},
                "Next": "Done",
            },
            "Done": _DONE,
        },
    ),
)

RULES: Final = (PAGE, OBJECT, WHOLE, ENVELOPE, UNTRIMMED)

_PAGES: Final = {
    ("dynamodb", "scan"): ("a page of up to 1 MB", ("Limit", "ProjectionExpression")),
    ("dynamodb", "query"): ("a page of up to 1 MB", ("Limit", "ProjectionExpression")),
    ("dynamodb", "executeStatement"): ("a page of up to 1 MB", ("Limit",)),
    ("dynamodb", "batchGetItem"): ("up to 16 MB", ()),
    ("cloudwatchlogs", "filterLogEvents"): ("a page of up to 1 MB", ("Limit",)),
    ("cloudwatchlogs", "getLogEvents"): ("a page of up to 1 MB", ("Limit",)),
    ("rdsdata", "executeStatement"): ("up to 1 MB", ()),
}
"""Calls whose answer may be larger than a payload, and the arguments that make it smaller. Sources: their API
references."""

_READING: Final = re.compile(
    r"(?:batchGet|get|list|describe|search|scan|query|select|filter|lookup|detect|recognize)[A-Z]|(?:scan|query)$"
)
"""Calls that answer with data. What others answer is an id, a state or nothing."""

_TRIMS: Final = ("ResultSelector", "OutputPath", "Output", "Assign")


def check_payloads(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    for state in adviser.states:
        if state.type is StateType.MAP:
            _check_items(adviser, state)
        call = call_of(state)
        if call is None:
            continue
        name, pattern = split_pattern(call.action)
        service = call.service.removeprefix(SDK)
        if not pattern:
            _check_size(adviser, state, service, name)
        if call.service == "lambda" and not pattern:
            if _passes_all_on(state):
                what = f"{quote(state.name)} passes on all of what lambda:invoke answers, and not the Payload alone"
                adviser.note(ENVELOPE, state.pointer, what)
        elif call.is_sdk and not pattern and _READING.match(name) and _passes_all_on(state):
            what = f"{quote(state.name)} passes on all that {service}:{name} answers"
            adviser.note(UNTRIMMED, state.pointer, what)


def _check_size(adviser: Adviser, state: State, service: str, call: str) -> None:
    arguments = arguments_of(state)
    name = quote(state.name)
    if (service, call) == ("s3", "getObject") and given(arguments, "Range") is None:
        adviser.note(OBJECT, state.pointer, f"{name} takes the whole content of an object into the payload")
    page = _PAGES.get((service, call))
    if page is not None and all(given(arguments, argument) is None for argument in page[1]):
        adviser.note(PAGE, state.pointer, f"{service}:{call} in {name} may answer {page[0]}: a state holds 256 KiB")


def _check_items(adviser: Adviser, state: State) -> None:
    for field in ("ItemSelector", "Parameters"):
        selector = state.fields.get(field)
        for key, value in selector.items() if isinstance(selector, dict) else ():
            is_whole = value == "$" if key.endswith(".$") else _is_input(value)
            if is_whole and state.fields.get("ItemsPath", "$.") != "$":
                what = f"each item of {quote(state.name)} is given the whole input in {quote(key.removesuffix('.$'))}"
                adviser.note(WHOLE, (*state.pointer, field, key), what)


def _is_input(value: object) -> bool:
    return isinstance(value, str) and value.removeprefix("{%").removesuffix("%}").strip() == "$states.input"


def _passes_all_on(state: State) -> bool:
    """Whether the whole result of a Task is among its output, and another state comes after it."""
    if state.next is None or any(field in state.fields for field in _TRIMS):
        return False
    if state.query_language is QueryLanguage.JSONATA:
        return True
    return state.fields.get("ResultPath", "$") is not None
