"""Advice on loops: those that ask again and again, those that only failing leads around, and what grows in them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import call_of, is_activity, is_callback
from sfdebug.advice.cycles import items_until_full, loops, turns_until_full
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, Severity
from sfdebug.advice.rules.examples import SEND
from sfdebug.asl.definition import StateType
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import OPTIMIZED, split_pattern
from sfdebug.aws.catalogue.names import SDK, Api, api_of, sdk_service
from sfdebug.text import counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sfdebug.advice.adviser import Adviser
    from sfdebug.advice.cycles import Loop
    from sfdebug.asl.definition import Scope, State
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_DONE: Final[dict[str, Any]] = {"Type": "Succeed"}


def _asking(resource: str, **parameters: str) -> dict[str, Any]:
    answer = {"ResultPath": "$.job", "Next": "Done?"}
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **answer}


def _loop(ask: dict[str, Any], status: str, running: str) -> dict[str, Any]:
    again = {"Variable": f"$.job.{status}", "StringEquals": running, "Next": "Pause"}
    return {
        "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Ask"},
        "Ask": ask,
        "Done?": {
            "Type": "Choice",
            "Choices": [again],
            "Default": "Done",
        },
        "Done": _DONE,
    }


def _pages(mode: str) -> dict[str, Any]:
    config = {"Mode": mode} | ({"ExecutionType": "EXPRESS"} if mode == "DISTRIBUTED" else {})
    work = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    work["Parameters"] = {"QueueUrl": "https://…", "MessageBody.$": "$"}
    return {
        "List": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
            "Parameters": {"Bucket": "b", "ContinuationToken.$": "$.NextContinuationToken"},
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.Contents",
            "MaxConcurrency": 10,
            "ItemProcessor": {"ProcessorConfig": config, "StartAt": "Send", "States": {"Send": work}},
            "ResultPath": None,
            "Next": "More?",
        },
        "More?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.NextContinuationToken", "IsPresent": True, "Next": "List"}],
            "Default": "Done",
        },
        "Done": _DONE,
    }


def _gathering(assigned: dict[str, str]) -> dict[str, Any]:
    more = {"Condition": "{% $states.input.more %}", "Next": "Pause"}
    return {
        "Pause": {"Type": "Wait", "Seconds": 60, "Next": "More?"},
        "More?": {
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [{**more, "Assign": assigned}],
            "Default": "Done",
        },
        "Done": _DONE,
    }


_STACK: Final = _asking("arn:aws:states:::aws-sdk:cloudformation:describeStacks", StackName="shop")
_QUERY: Final = _asking("arn:aws:states:::aws-sdk:athena:getQueryExecution", **{"QueryExecutionId.$": "$.Id"})
_STACK_LOOP: Final = _loop(_STACK, "Stacks[0].StackStatus", "CREATE_IN_PROGRESS")
_QUERY_LOOP: Final = _loop(_QUERY, "QueryExecution.Status.State", "RUNNING")
_BEGIN: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:athena:startQueryExecution",
    "Parameters": {"QueryString": "SELECT 1"},
    "ResultSelector": {"Id.$": "$.QueryExecutionId"},
    "Next": "Pause",
}
_SYNC: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
    "Parameters": {"QueryString": "SELECT 1"},
    "TimeoutSeconds": 900,
    "Next": "Done",
}

POLLING: Final = Rule(
    id="polling-loop-fills-history",
    severity=Severity.ADVICE,
    why="Each turn writes its events, and the execution fails with the 25,000th, whatever it was waiting for.",
    fix='end it in time, by a "TimeoutSeconds" of the machine or a count of turns; wait longer; or be called back',
    source=f"{BEST_PRACTICES}; seen in aws-solutions/distributed-load-testing-on-aws issue 335",
    example=Example(
        {"StartAt": "Pause", "States": _STACK_LOOP},
        {"StartAt": "Pause", "TimeoutSeconds": 21600, "States": _STACK_LOOP},
    ),
)
SYNC: Final = Rule(
    id="poll-instead-of-sync",
    severity=Severity.ADVICE,
    why="Step Functions waits for such a job itself (.sync): one state in place of a loop that is paid for each turn.",
    fix="start the job with .sync and take the loop out",
    source=f"{GUIDE}connect-to-resource.html#connect-sync",
    example=Example(
        {"StartAt": "Start", "States": {"Start": _BEGIN, **_QUERY_LOOP}},
        {"StartAt": "Query", "States": {"Query": _SYNC, "Done": _DONE}},
    ),
)
FILLING: Final = Rule(
    id="loop-fills-history",
    severity=Severity.INFO,
    why="Nothing in sight ends the loop by itself, and a history has room for 25,000 events.",
    fix="count the turns, and start a new execution before the history is full",
    source=BEST_PRACTICES,
    example=Example(
        {"StartAt": "Ask", "States": {k: v for k, v in _STACK_LOOP.items() if k != "Pause"}
         | {"Done?": {"Type": "Choice", "Choices": [{"Variable": "$.job.NextToken", "IsPresent": True, "Next": "Ask"}],
                      "Default": "Done"}}},
        {"StartAt": "Ask", "States": {"Ask": {**_STACK, "Next": "Done"}, "Done": _DONE}},
    ),
)  # fmt: skip
MAP: Final = Rule(
    id="inline-map-in-loop",
    severity=Severity.ADVICE,
    why="The items of all turns write into one history: a page more of them each turn, and it is full before the end.",
    fix="make it a distributed Map, or start an execution for each page",
    source=f"{BEST_PRACTICES}; seen in aws-samples/aws-organizations-tag-inventory issues 15 and 16",
    example=Example(
        {"StartAt": "List", "States": _pages("INLINE")},
        {"StartAt": "List", "States": _pages("DISTRIBUTED")},
    ),
)
CATCH: Final = Rule(
    id="endless-catch",
    severity=Severity.WARNING,
    why="What fails each time is tried forever, without a limit and paid for each turn: nothing on the way counts.",
    fix='use "Retry" with "MaxAttempts", or count the turns and leave by a Choice',
    source=f"{GUIDE}concepts-error-handling.html",
    example=Example(
        {"Send": {**SEND, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Send"}]}},
        {"Send": {**SEND, "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5}]}},
    ),
)
GROWS: Final = Rule(
    id="payload-grows-in-loop",
    severity=Severity.WARNING,
    why="A value that each turn adds to reaches 256 KiB some day, and the execution fails with all it has gathered.",
    fix="write what is gathered to S3 or a table, and keep only where it is",
    source=f"{BEST_PRACTICES}; {GUIDE}service-quotas.html",
    example=Example(
        {"StartAt": "Pause", "States": _gathering({"seen": "{% $append($seen, $states.input.event) %}"})},
        {"StartAt": "Pause", "States": _gathering({"last": "{% $states.input.event %}"})},
    ),
)

RULES: Final = (POLLING, SYNC, MAP, FILLING, CATCH, GROWS)

_LONGEST_OF_INTEREST: Final = 7 * 86_400
"""In seconds: a loop that can go on for a week is let be, for what is polled has ended long before."""


def check_looping(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    for loop in loops(adviser.machine.scope):
        _check_growth(adviser, loop)
        if not adviser.is_express:
            _check_history(adviser, loop)
    for scope in _scopes(adviser.machine.scope):
        paced = {name for name, state in scope.states.items() if _has_a_pace(state)}
        for state in scope.states.values():
            _check_catchers(adviser, scope, state, paced)


def _check_history(adviser: Adviser, loop: Loop) -> None:
    if any(is_callback(state) or is_activity(state) for state in loop.states):
        return  # somebody outside sets the pace
    inline = [state for state in loop.of_type(StateType.MAP) if not state.is_distributed]
    if inline and not loop.is_counted:
        most = items_until_full(inline[0])
        what = f"the items of {quote(inline[0].name)} share a history in all turns: {most:,} of them, or fewer, fill it"
        adviser.note(MAP, inline[0].pointer, what)
        return
    asking = next((each for each in map(_job_asked, loop.states) if each and _is_started(adviser, each[1])), None)
    waits = loop.of_type(StateType.WAIT)
    if asking is not None and waits and loop.of_type(StateType.CHOICE):
        state, start = asking
        what = f"{quote(state.name)} asks again and again for a job that {start}.sync would wait for"
        adviser.note(SYNC, state.pointer, what, f"start the job with {start}.sync and take the loop out")
    elif not loop.is_counted and loop.of_type(StateType.TASK):
        first = waits[0] if waits else loop.of_type(StateType.TASK)[0]
        turns = turns_until_full(loop.turn(first))
        if waits:
            _check_polling(adviser, loop, first, turns)
        elif loop.of_type(StateType.CHOICE):
            what = f"the loop through {quote(first.name)} fills the history in turn {turns:,} at the latest"
            adviser.note(FILLING, first.pointer, what)


def _check_polling(adviser: Adviser, loop: Loop, wait: State, turns: int) -> None:
    seconds = wait.fields.get("Seconds")
    when = f"the loop through {quote(wait.name)} fills the history in turn {turns:,} at the latest"
    if isinstance(seconds, int):
        lasts = turns * seconds
        limit = adviser.machine.timeout_seconds
        if lasts > _LONGEST_OF_INTEREST or (limit is not None and limit <= lasts):
            return
        when += f", after some {duration_text(lasts * 1000)}"
    adviser.note(POLLING, wait.pointer, when)


@lru_cache(maxsize=1)
def _jobs() -> Mapping[tuple[str, str], str]:
    """By the operation that asks after a job: what starts it and can wait for it."""
    found: dict[tuple[str, str], str] = {("codebuild", "batchgetbuilds"): "codebuild:startBuild"}
    for service, calls in OPTIMIZED.items():
        for call, patterns in calls.items():
            api = api_of(service, f"{call}.sync") if ".sync" in patterns else None
            if api is not None and call.startswith(("start", "submit", "run", "create", "add")):
                found.setdefault(_operation(api), f"{service}:{call}")
    del found["codebuild", "startbuild"], found["codebuild", "startbuildbatch"]
    return found


def _operation(api: Api) -> tuple[str, str]:
    """An operation as a key: SDK integrations write their services without hyphens, and begin with a small letter."""
    return api.service.replace("-", ""), api.operation.lower()


def _called(state: State) -> tuple[str, str] | None:
    """The operation that a Task calls and does not wait for."""
    call = call_of(state)
    if call is None or split_pattern(call.action)[1]:
        return None
    api = Api(sdk_service(call.service.removeprefix(SDK)), call.action) if call.is_sdk else api_of(*call)
    return None if api is None else _operation(api)


def _job_asked(state: State) -> tuple[State, str] | None:
    """A Task that asks how a job is, with what could have waited for it."""
    called = _called(state)
    start = None if called is None else _jobs().get(called)
    return None if start is None else (state, start)


def _is_started(adviser: Adviser, start: str) -> bool:
    """Whether the machine starts such a job itself: what somebody else has started cannot be waited for by .sync."""
    service, _, call = start.partition(":")
    api = api_of(service, call)
    return api is not None and any(_called(task) == _operation(api) for task in adviser.tasks)


def _scopes(scope: Scope) -> Iterator[Scope]:
    yield scope
    for state in scope.states.values():
        for branch in state.branches:
            yield from _scopes(branch)


def _check_catchers(adviser: Adviser, scope: Scope, state: State, paced: Collection[str]) -> None:
    for catcher in state.catchers:
        way = _way_back(scope, catcher.next, state.name)
        if way is None or any(each.name in paced for each in way):
            continue
        through = f", through {counted(len(way), 'state')}" if way else ""
        what = f"when {quote(state.name)} fails it comes back to itself{through}, however often it fails"
        adviser.note(CATCH, (*catcher.pointer, "Next"), what)


def _has_a_pace(state: State) -> bool:
    """Whether somebody, or the time, has a say before it goes on. What waits in a loop is looked at there."""
    return state.type is StateType.WAIT or is_callback(state) or is_activity(state)


def _way_back(scope: Scope, name: str, goal: str) -> list[State] | None:
    """The states on the way by Next alone; None when it does not lead to `goal`."""
    way: list[State] = []
    while name != goal:
        state = scope.states.get(name)
        if state is None or state.next is None or len(way) > len(scope.states):
            return None
        way.append(state)
        name = state.next
    return way


# what grows


_HOLDERS: Final = ("Assign", "Parameters", "ResultSelector", "Output", "Result")


def _check_growth(adviser: Adviser, loop: Loop) -> None:
    for state in loop.states:
        owners = [(state.pointer, state.fields), *((rule.pointer, rule.fields) for rule in state.choices)]
        for owner, fields in (*owners, *((catcher.pointer, catcher.fields) for catcher in state.catchers)):
            for field in _HOLDERS:
                for pointer, name, text in _computed((*owner, field), fields.get(field)):
                    if _adds_to_itself(name, text, is_variable=field == "Assign"):
                        what = f"{quote(name)} grows in each turn of its loop, by what {quote(state.name)} adds to it"
                        adviser.note(GROWS, pointer, what)


def _computed(pointer: Pointer, value: Json) -> Iterator[tuple[Pointer, str, str]]:
    """The expressions directly under a field, with the name that each gives its value to."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and (key.endswith(".$") or item.startswith("{%")):
                yield (*pointer, key), key.removesuffix(".$"), item
    elif isinstance(value, str) and value.startswith("{%"):
        yield pointer, "", value


def _adds_to_itself(name: str, text: str, *, is_variable: bool) -> bool:
    """Whether an expression gives a value that holds all of what `name` was, and more. Known by how it is written:
    `$append($x, …)`, `[$x, …]`, `$x & …`, `$merge([$x, …])`, `States.Array($.x, …)`, `States.JsonMerge($.x, …)`."""
    if not name:
        return False
    old = rf"\${re.escape(name)}\b" if is_variable else rf"(?:\$\.|\$states\.input\.){re.escape(name)}\b"
    whole = rf"{old}(?![.\[(\w])"
    forms = (
        rf"\$append\(\s*{whole}",
        rf"\$append\([^()]*,\s*{whole}\s*\)",
        rf"(?:^|[^\w$.\])])\[\s*{whole}\s*,",
        rf"\$merge\(\s*\[\s*{whole}\s*,",
        rf"{whole}\s*&\s*\S",
        rf"States\.Array\(\s*{whole}\s*,",
        rf"States\.JsonMerge\(\s*{whole}\s*,",
        rf"States\.Format\(\s*'[^']*\{{\}}[^']*'\s*,\s*{whole}\s*,",
    )
    return any(re.search(form, text) for form in forms)
