"""Advice on the type of a workflow: what an Express one cannot wait for or must bear twice, and what needs no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of, given, is_activity, is_callback, is_function, pattern_of
from sfdebug.advice.cycles import loops
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, Severity
from sfdebug.advice.rules.examples import PUT
from sfdebug.asl.definition import StateType
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.names import SDK
from sfdebug.limits import EXPRESS_MAX_SECONDS

if TYPE_CHECKING:
    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State

_TYPES: Final = f"{GUIDE}choosing-workflow-type.html"
_ADD: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:updateItem",
    "Parameters": {
        "TableName": "stock",
        "Key": {"id": {"S.$": "$.id"}},
        "UpdateExpression": "SET reserved = reserved + :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    },
    "End": True,
}

_ADD_ONCE: Final[dict[str, Any]] = {
    **_ADD,
    "Parameters": {
        "TableName": "stock",
        "Key": {"id": {"S.$": "$.id"}},
        "UpdateExpression": "SET reserved = reserved + :n, lastOrder = :order",
        "ConditionExpression": "lastOrder <> :order",
        "ExpressionAttributeValues": {":n": {"N": "1"}, ":order": {"S.$": "$.order"}},
    },
}

WAIT: Final = Rule(
    id="express-waits-too-long",
    severity=Severity.WARNING,
    why="An Express execution lasts five minutes at most: it times out in this Wait.",
    fix="make the workflow STANDARD, or wait outside of it, with a queue's delay or a schedule",
    source=_TYPES,
    example=Example(
        {"Pause": {"Type": "Wait", "Seconds": 600, "End": True}},
        {"Pause": {"Type": "Wait", "Seconds": 30, "End": True}},
    ),
    is_for_express=True,
)
TWICE: Final = Rule(
    id="express-task-not-idempotent",
    severity=Severity.ADVICE,
    why="An Express execution that was started asynchronously may run more than once, and does this again then.",
    fix="give the call a token or a condition by which the second one is known, or make the workflow STANDARD",
    source=_TYPES,
    example=Example({"Reserve": _ADD}, {"Reserve": _ADD_ONCE}),
    is_for_express=True,
)
CHEAPER: Final = Rule(
    id="standard-could-be-express",
    severity=Severity.INFO,
    why="It has nothing that needs a Standard workflow: as Express, short and frequent runs cost a fraction.",
    fix='where its runs are short, many and may happen twice: "Type": "EXPRESS"; else leave it',
    source=BEST_PRACTICES,
    example=Example(
        {"Save": PUT},
        {"Pause": {"Type": "Wait", "Seconds": 600, "Next": "Save"}, "Save": PUT},
    ),
)

RULES: Final = (WAIT, TWICE, CHEAPER)

_DOING: Final = {
    ("states", "startExecution"): ("Name",),
    ("sfn", "startExecution"): ("Name",),
    ("batch", "submitJob"): (),
    ("ecs", "runTask"): ("ClientToken",),
    ("glue", "startJobRun"): (),
    ("athena", "startQueryExecution"): ("ClientRequestToken",),
    ("codebuild", "startBuild"): ("IdempotencyToken",),
    ("ses", "sendEmail"): (),
    ("sesv2", "sendEmail"): (),
}
"""Calls that do something again when they are made again, and the arguments by which a second one is known. Source:
their API references. Messages and events are left out: they may come twice from their own services, so that who reads
them has to bear it anyway."""

_ADDING: Final = re.compile(r"\bADD\b|\blist_append\b|[-+]\s*:")
"""An UpdateExpression that makes something of what stands in the item. Source: DynamoDB, "Update expressions"."""


def check_type(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    if not adviser.is_express:
        _check_standard(adviser)
        return
    for state in adviser.states:
        seconds = state.fields.get("Seconds")
        if state.type is StateType.WAIT and isinstance(seconds, int) and seconds >= EXPRESS_MAX_SECONDS:
            what = f"{quote(state.name)} waits {seconds} s, and an Express execution lasts {EXPRESS_MAX_SECONDS} s"
            adviser.note(WAIT, (*state.pointer, "Seconds"), what)
        why = _not_idempotent(state)
        if why:
            adviser.note(TWICE, state.pointer, f"{quote(state.name)} {why}: twice, when the execution runs twice")


def _not_idempotent(state: State) -> str:
    """What a Task does again when it is called again; "" when nothing is known of that."""
    call = call_of(state)
    if call is None:
        return ""
    name = split_pattern(call.action)[0]
    service = call.service.removeprefix(SDK)
    arguments = arguments_of(state)
    if (service, name) == ("dynamodb", "updateItem"):
        update = given(arguments, "UpdateExpression")
        is_bound = given(arguments, "ConditionExpression") is not None
        adds = isinstance(update, str) and _ADDING.search(update) is not None and not is_bound
        return "adds to what is in the item" if adds else ""
    tokens = _DOING.get((service, name))
    if tokens is None or any(given(arguments, token) is not None for token in tokens):
        return ""
    return f"calls {service}:{name}"


def _is_unknown(state: State) -> bool:
    """Whether a Task calls what is still a placeholder: it may be an activity, or a pattern that waits."""
    return state.type is StateType.TASK and call_of(state) is None and not is_function(state)


def _check_standard(adviser: Adviser) -> None:
    needs_standard = any(
        is_callback(state) or is_activity(state) or pattern_of(state) or state.is_distributed or _is_unknown(state)
        for state in adviser.states
    )
    waits = [state for state in adviser.states if state.type is StateType.WAIT]
    seconds = [state.fields.get("Seconds") for state in waits]
    total = sum(each for each in seconds if isinstance(each, int))
    is_short = all(isinstance(each, int) for each in seconds) and total < EXPRESS_MAX_SECONDS
    if needs_standard or not is_short or not adviser.tasks or any(True for _ in loops(adviser.machine.scope)):
        return
    adviser.note(CHEAPER, (), "nothing in the definition needs a Standard workflow", key=False)
