"""Advice on Retry: what is worth another attempt and gets none, and attempts that do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import arguments_of, call_of, given, is_function
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, Severity
from sfdebug.asl.definition import StateType
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern
from sfdebug.aws.catalogue.models import MissingModelsError, input_shape
from sfdebug.aws.catalogue.names import api_of, field_names
from sfdebug.limits import EXPRESS_MAX_SECONDS, MAX_HISTORY_EVENTS
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import Retrier, Scope, State
    from sfdebug.asl.text.source import Pointer

_SERVICE_ERRORS: Final = ("Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException")
_THROTTLED: Final = "Lambda.TooManyRequestsException"
"""Source: the Developer Guide's best practices, "Handle transient Lambda service exceptions"."""

_INVOKE: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "charge:live", "Payload.$": "$"},
    "OutputPath": "$.Payload",
}
_BOTH: Final = [*_SERVICE_ERRORS, _THROTTLED]
_RETRY: Final[dict[str, Any]] = {"IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 2, "JitterStrategy": "FULL"}
_RUN: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution",
    "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:bill", "Input.$": "$"},
    "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
    "End": True,
}


def _invoking(retry: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_INVOKE, "Retry": retry, "End": True}


def _mapped(retrier: dict[str, Any]) -> dict[str, Any]:
    inner = {"StartAt": "Charge", "States": {"Charge": _invoking([{"ErrorEquals": _BOTH, **retrier}])}}
    return {"Each": {"Type": "Map", "MaxConcurrency": 20, "ItemProcessor": inner, "End": True}}


LAMBDA: Final = Rule(
    id="lambda-without-service-retry",
    severity=Severity.ADVICE,
    why="Lambda itself fails now and then without the function's fault, and each such moment fails the Task.",
    fix=f'add a "Retry" on {", ".join(_BOTH)}',
    source=BEST_PRACTICES,
    example=Example({"Charge": {**_INVOKE, "End": True}}, {"Charge": _invoking([{"ErrorEquals": _BOTH, **_RETRY}])}),
)
THROTTLED: Final = Rule(
    id="lambda-throttling-not-retried",
    severity=Severity.INFO,
    why="When the account's functions are all busy, Lambda turns the call away at once: waiting is what helps.",
    fix=f"name {_THROTTLED} in that Retrier too",
    source=BEST_PRACTICES,
    example=Example(
        {"Charge": _invoking([{"ErrorEquals": [*_SERVICE_ERRORS], **_RETRY}])},
        {"Charge": _invoking([{"ErrorEquals": _BOTH, **_RETRY}])},
    ),
)
JITTER: Final = Rule(
    id="retry-without-jitter-in-map",
    severity=Severity.INFO,
    why="Items that were turned away together come back together, to the second, and are turned away again.",
    fix='add "JitterStrategy": "FULL" to the Retrier',
    source=f"{GUIDE}concepts-error-handling.html#error-handling-retrying-after-an-error",
    example=Example(
        _mapped({"IntervalSeconds": 2, "MaxAttempts": 3}),
        _mapped({"IntervalSeconds": 2, "MaxAttempts": 3, "JitterStrategy": "FULL"}),
    ),
)
START: Final = Rule(
    id="retried-start-without-token",
    severity=Severity.ADVICE,
    why="An attempt whose answer was lost may have started its work: the next one then starts it a second time.",
    fix="give the call what tells its attempts from other calls, made of the execution's id",
    source=f"{GUIDE}choosing-workflow-type.html; API reference of the call, its idempotency token",
    example=Example(
        {"Bill": _RUN},
        {
            "Bill": {
                **_RUN,
                "Parameters": {**_RUN["Parameters"], "Name.$": "$$.Execution.Name"},
            }
        },
    ),
)
EVERYTHING: Final = Rule(
    id="retry-of-everything",
    severity=Severity.INFO,
    why="An error that will come again at every attempt, such as a refused order, is retried like one that passes.",
    fix="name the errors that pass in the Retrier, and leave the others to a Catcher",
    source=f"{GUIDE}concepts-error-handling.html",
    example=Example(
        {"Charge": _invoking([{"ErrorEquals": ["States.ALL"], **_RETRY}])},
        {"Charge": _invoking([{"ErrorEquals": [*_BOTH, "CardServiceBusy"], **_RETRY}])},
    ),
)
TOO_LATE: Final = Rule(
    id="retry-beyond-timeout",
    severity=Severity.WARNING,
    why="The waits between the attempts add up to more than an execution may last: the last attempts never happen.",
    fix='lower "MaxAttempts", "IntervalSeconds" or "BackoffRate", or set "MaxDelaySeconds"',
    source=f"{GUIDE}concepts-error-handling.html#error-handling-retrying-after-an-error",
    example=Example(
        {
            "StartAt": "Charge",
            "TimeoutSeconds": 300,
            "States": {
                "Charge": _invoking([{"ErrorEquals": _BOTH, "IntervalSeconds": 60, "MaxAttempts": 4, "BackoffRate": 2}])
            },
        },
        {
            "StartAt": "Charge",
            "TimeoutSeconds": 300,
            "States": {
                "Charge": _invoking([{"ErrorEquals": _BOTH, "IntervalSeconds": 5, "MaxAttempts": 4, "BackoffRate": 2}])
            },
        },
    ),
)
ENDLESS: Final = Rule(
    id="retry-fills-history",
    severity=Severity.WARNING,
    why="Each attempt writes three events and is paid for: a history has room for 25,000, and then the execution ends.",
    fix='lower "MaxAttempts", or wait in a loop of its own that starts a new execution now and then',
    source=f"{GUIDE}service-quotas.html",
    example=Example(
        {
            "Charge": _invoking(
                [{"ErrorEquals": _BOTH, "IntervalSeconds": 60, "MaxAttempts": 99999999, "BackoffRate": 1}]
            )
        },
        {"Charge": _invoking([{"ErrorEquals": _BOTH, "IntervalSeconds": 60, "MaxAttempts": 60, "BackoffRate": 1}])},
    ),
)

RULES: Final = (LAMBDA, THROTTLED, JITTER, START, EVERYTHING, TOO_LATE, ENDLESS)

_EVENTS_OF_AN_ATTEMPT: Final = 3
_WIDE: Final = ("States.ALL", "States.TaskFailed")
_STARTING: Final = ("start", "run", "create", "submit", "send", "transact")
_TOKENS: Final = {("states", "startExecution"): "Name"}
"""What makes a start one of a kind where the API marks no idempotency token. Source: StartExecution, `name`."""


def check_retrying(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    crowded = {state.pointer for state in _crowded(adviser.machine.scope)}
    around = dict(_around(adviser.machine.scope, ()))
    for state in adviser.states:
        if is_function(state):
            _check_function(adviser, state, around[state.pointer])
        if state.type is StateType.TASK:
            _check_start(adviser, state)
        for retrier in state.retriers:
            if retrier.max_attempts:
                _check_retrier(adviser, state, retrier, is_crowded=state.pointer in crowded)


def covers(retriers: Iterable[Retrier], error: str) -> bool:
    """Whether one of these makes another attempt after `error`, which is no timeout."""
    return any(retrier.max_attempts and not {error, *_WIDE}.isdisjoint(retrier.error_equals) for retrier in retriers)


def _around(scope: Scope, outer: tuple[Retrier, ...]) -> Iterator[tuple[Pointer, tuple[Retrier, ...]]]:
    """By state, the Retriers of the containers that it is in: what fails inside fails them, by the same name. Only a
    Map Run fails by a name of its own."""
    for state in scope.states.values():
        yield state.pointer, outer
        inner = () if state.is_distributed else (*outer, *state.retriers)
        for branch in state.branches:
            yield from _around(branch, inner)


def _check_function(adviser: Adviser, state: State, around: tuple[Retrier, ...]) -> None:
    retriers = (*state.retriers, *around)
    lacking = [error for error in _SERVICE_ERRORS if not covers(retriers, error)]
    name = quote(state.name)
    where = (*state.pointer, "Retry") if state.retriers else state.pointer
    if len(lacking) == len(_SERVICE_ERRORS):
        adviser.note(LAMBDA, state.pointer, f"{name} does not retry when Lambda itself fails")
    elif lacking:
        what = f"{name} retries some errors of Lambda itself, and not {' nor '.join(lacking)}"
        adviser.note(LAMBDA, where, what)
    elif not covers(retriers, _THROTTLED):
        adviser.note(THROTTLED, where, f"{name} does not retry when Lambda is throttled")


def _check_start(adviser: Adviser, state: State) -> None:
    call = call_of(state)
    if call is None or not covers(state.retriers, "States.TaskFailed"):
        return
    name = split_pattern(call.action)[0]
    token = _TOKENS.get((call.service, name))
    if token is None and adviser.reads_models:
        token = _idempotency_token(call.service, name)
    arguments = arguments_of(state)
    if token and arguments and all(given(arguments, each) is None for each in field_names(token)):
        what = f"{quote(state.name)} retries {name} without a {quote(token)}: it may start twice"
        fix = f'add "{token}", made of the execution\'s name, so that a second start is known as the same'
        adviser.note(START, state.pointer, what, fix)


def _idempotency_token(service: str, call: str) -> str | None:
    """The field by which an API knows a repeated call; None when it has none, or no model says."""
    try:
        api = api_of(service, call)
        shape = None if api is None else input_shape(api.service, api.operation)
    except MissingModelsError:
        return None
    if shape is None or not call.startswith(_STARTING):
        return None
    tokens = (name for name, member in shape.members if member.is_idempotency_token)
    return next((field_names(name)[0] for name in tokens if name not in shape.required_members), None)


def _check_retrier(adviser: Adviser, state: State, retrier: Retrier, *, is_crowded: bool) -> None:
    name = quote(state.name)
    if is_crowded and retrier.jitter_strategy == "NONE":
        what = f"the items of a Map that fail together in {name} are tried again together"
        adviser.note(JITTER, retrier.pointer, what, key=False)
    if retrier.index == 0 and not set(_WIDE).isdisjoint(retrier.error_equals):
        what = f"{name} retries every error alike, those that will come again too"
        adviser.note(EVERYTHING, (*retrier.pointer, "ErrorEquals"), what)
    limit = EXPRESS_MAX_SECONDS if adviser.is_express else adviser.machine.timeout_seconds
    if limit is not None:
        attempt = _first_beyond(retrier, limit)
        if attempt:
            over = duration_text(limit * 1000)
            what = f"attempt {attempt} of {name} would begin after {over}, when the execution is over"
            adviser.note(TOO_LATE, retrier.pointer, what, key=False)
    elif retrier.max_attempts * _EVENTS_OF_AN_ATTEMPT >= MAX_HISTORY_EVENTS:
        what = f"{retrier.max_attempts} attempts of {name} are more than a history has room for"
        adviser.note(ENDLESS, (*retrier.pointer, "MaxAttempts"), what)


def _first_beyond(retrier: Retrier, limit: int) -> int:
    """Which attempt (the first is 1) begins only after `limit` seconds; 0 when none does. Jitter is left out: with
    FULL each wait may be shorter."""
    if retrier.jitter_strategy != "NONE":
        return 0
    passed, delay = 0.0, float(retrier.interval_seconds)
    for attempt in range(retrier.max_attempts):
        passed += delay if retrier.max_delay_seconds is None else min(delay, retrier.max_delay_seconds)
        if passed >= limit:
            return attempt + 2
        delay *= retrier.backoff_rate
        if not passed and attempt > limit:
            return 0
    return 0


def _crowded(scope: Scope, *, is_inside: bool = False) -> Iterable[State]:
    """The states of Maps that run more than one item at a time."""
    for state in scope.states.values():
        if is_inside:
            yield state
        is_map = state.type is StateType.MAP and state.fields.get("MaxConcurrency") != 1
        for branch in state.branches:
            yield from _crowded(branch, is_inside=is_inside or is_map)
