"""Advice on what waits: callbacks, activities, jobs and whole machines without an end to their patience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.adviser import call_of, has_field, is_activity, is_callback, pattern_of
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, Severity
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.integrations import split_pattern

if TYPE_CHECKING:
    from sfdebug.advice.adviser import Adviser
    from sfdebug.asl.definition import State

_ASK: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "https://…", "MessageBody": {"token.$": "$$.Task.Token"}},
}
_WORK: Final[dict[str, Any]] = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:Pack"}
_JOB: Final[dict[str, Any]] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::ecs:runTask.sync",
    "Parameters": {"Cluster": "jobs", "TaskDefinition": "nightly"},
}

CALLBACK: Final = Rule(
    id="callback-without-timeout",
    severity=Severity.WARNING,
    why="When nobody sends the token back, the execution waits for a year, and nothing fails, so no alarm goes off.",
    fix='add "TimeoutSeconds" to the state, and "HeartbeatSeconds" where the worker can send heartbeats',
    source=f"{GUIDE}connect-to-resource.html#connect-wait-token; seen in "
    "aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws issue 755",
    example=Example({"Ask": {**_ASK, "End": True}}, {"Ask": {**_ASK, "TimeoutSeconds": 86400, "End": True}}),
)
ACTIVITY: Final = Rule(
    id="activity-without-timeout",
    severity=Severity.WARNING,
    why="When no worker takes the task, or one takes it and dies, the execution waits for a year.",
    fix='add "TimeoutSeconds", and "HeartbeatSeconds" for a worker that dies in between',
    source=BEST_PRACTICES,
    example=Example(
        {"Pack": {**_WORK, "End": True}},
        {"Pack": {**_WORK, "TimeoutSeconds": 3600, "HeartbeatSeconds": 60, "End": True}},
    ),
)
HEARTBEAT: Final = Rule(
    id="callback-without-heartbeat",
    severity=Severity.INFO,
    why="A worker that dies in the first minute is noticed when the whole timeout of more than an hour is over.",
    fix='where a program answers, not a person: add "HeartbeatSeconds" and send heartbeats',
    source=f"{GUIDE}connect-to-resource.html#wait-token-hearbeat",
    example=Example(
        {"Ask": {**_ASK, "TimeoutSeconds": 86400, "End": True}},
        {"Ask": {**_ASK, "TimeoutSeconds": 86400, "HeartbeatSeconds": 600, "End": True}},
    ),
)
JOB: Final = Rule(
    id="job-without-timeout",
    severity=Severity.ADVICE,
    why="A job that hangs keeps its Task, and the execution, for up to a year: nothing fails, so nothing is told.",
    fix='add "TimeoutSeconds" to the state, above the longest that the job may take',
    source=BEST_PRACTICES,
    example=Example({"Run": {**_JOB, "End": True}}, {"Run": {**_JOB, "TimeoutSeconds": 7200, "End": True}}),
)
MACHINE: Final = Rule(
    id="machine-without-timeout",
    severity=Severity.INFO,
    why="Whatever hangs in an execution without a TimeoutSeconds of its own keeps it open for up to a year.",
    fix='add "TimeoutSeconds" to the definition, above the longest that an execution may take',
    source=BEST_PRACTICES,
    example=Example(
        {"StartAt": "Run", "States": {"Run": {**_JOB, "End": True}}},
        {"StartAt": "Run", "TimeoutSeconds": 14400, "States": {"Run": {**_JOB, "End": True}}},
    ),
)
POLLS: Final = Rule(
    id="activity-polls",
    severity=Severity.INFO,
    why="GetActivityTask holds its connection for up to 60 s: with few polls open, tasks wait for the next one.",
    fix="keep about 100 polls open for the activity, from threads of their own",
    source=BEST_PRACTICES,
    example=Example({"Pack": {**_WORK, "TimeoutSeconds": 3600, "End": True}}, {"Pack": {"Type": "Pass", "End": True}}),
)
LONG_TIMEOUT: Final = Rule(
    id="timeout-above-service-limit",
    severity=Severity.ADVICE,
    why="The service itself ends the call earlier, so this limit says something that never happens.",
    fix="write a limit that the service can reach, or split the work",
    source=f"{GUIDE}service-quotas.html",
    example=Example(
        {
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::http:invoke",
                "Parameters": {"ApiEndpoint": "https://…", "Method": "GET"},
                "TimeoutSeconds": 300,
                "End": True,
            }
        },
        {
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::http:invoke",
                "Parameters": {"ApiEndpoint": "https://…", "Method": "GET"},
                "TimeoutSeconds": 60,
                "End": True,
            }
        },
    ),
)

RULES: Final = (CALLBACK, ACTIVITY, HEARTBEAT, JOB, MACHINE, POLLS, LONG_TIMEOUT)

_ENDING: Final = frozenset(
    {
        ("athena", "startQueryExecution"),
        ("codebuild", "startBuild"),
        ("codebuild", "startBuildBatch"),
        ("databrew", "startJobRun"),
        ("emr-serverless", "startJobRun"),
        ("glue", "startJobRun"),
        ("sagemaker", "createHyperParameterTuningJob"),
        ("sagemaker", "createProcessingJob"),
        ("sagemaker", "createTrainingJob"),
    }
)
"""Jobs that their own service ends when they take too long, unless it was told otherwise. Sources: Athena quotas (DML
query timeout), and the API references of the others: `timeoutInMinutes`, `Timeout`, `executionTimeoutMinutes`,
`StoppingCondition`."""

_HOUR: Final = 3600
_LONGEST: Final = {
    ("http", "invoke"): (60, "an HTTP Task ends after 60 s"),
    ("lambda", "invoke"): (900, "a function runs for 900 s at most"),
    ("bedrockagentcore", "invokeHarness"): (900, "invokeHarness ends after 900 s"),
    ("bedrock-agentcore", "invokeHarness"): (900, "invokeHarness ends after 900 s"),
}
"""Sources: the Developer Guide's quotas of HTTP Tasks and its page of invokeHarness; Lambda quotas."""


def check_waiting(adviser: Adviser) -> None:
    """What the rules of this module say of a machine."""
    is_limited = adviser.machine.timeout_seconds is not None or adviser.is_express
    for state in adviser.tasks:
        if not is_limited and not has_field(state, "TimeoutSeconds", "HeartbeatSeconds"):
            _check_unlimited(adviser, state)
        _check_heartbeat(adviser, state)
        _check_longest(adviser, state)
        if is_activity(state):
            what = f"the activity of {quote(state.name)} is quick only while enough polls are open for it"
            adviser.note(POLLS, state.pointer, what)
    if not is_limited and any(_may_hang(state) for state in adviser.tasks):
        what = "neither the machine nor each of its Tasks has a 'TimeoutSeconds': an execution may last for a year"
        adviser.note(MACHINE, (), what, key=False)


def _check_unlimited(adviser: Adviser, state: State) -> None:
    name = quote(state.name)
    if is_callback(state):
        adviser.note(CALLBACK, state.pointer, f"{name} waits for its token without any limit: for a year")
    elif is_activity(state):
        adviser.note(ACTIVITY, state.pointer, f"{name} waits for a worker without any limit: for a year")
    elif pattern_of(state).startswith(".sync") and not _ends_by_itself(state) and not _is_execution(state):
        adviser.note(JOB, state.pointer, f"{name} waits for its job without any limit: for a year")


def _ends_by_itself(state: State) -> bool:
    call = call_of(state)
    return call is not None and (call.service, split_pattern(call.action)[0]) in _ENDING


def _is_execution(state: State) -> bool:
    """Whether a Task waits for another execution, whose own definition says how long it may take, and is looked at."""
    call = call_of(state)
    return call is not None and (call.service, split_pattern(call.action)[0]) == ("states", "startExecution")


def _check_heartbeat(adviser: Adviser, state: State) -> None:
    timeout = state.fields.get("TimeoutSeconds")
    waits = is_callback(state) or is_activity(state)
    if waits and isinstance(timeout, int) and timeout > _HOUR and not has_field(state, "HeartbeatSeconds"):
        what = f"{quote(state.name)} waits {timeout} s for a worker, whether it lives or not"
        adviser.note(HEARTBEAT, state.pointer, what)


def _check_longest(adviser: Adviser, state: State) -> None:
    call, timeout = call_of(state), state.fields.get("TimeoutSeconds")
    if call is None or not isinstance(timeout, int):
        return
    name, pattern = split_pattern(call.action)
    longest = _LONGEST.get((call.service, name))
    if longest is not None and not pattern and timeout > longest[0]:
        what = f"{quote(state.name)} is given {timeout} s, and {longest[1]}"
        adviser.note(LONG_TIMEOUT, (*state.pointer, "TimeoutSeconds"), what)


def _may_hang(state: State) -> bool:
    """Whether a Task has no end to its patience of its own."""
    waits_for_a_job = pattern_of(state).startswith(".sync") and not _ends_by_itself(state)
    is_long = is_callback(state) or is_activity(state) or waits_for_a_job
    return is_long and not has_field(state, "TimeoutSeconds", "HeartbeatSeconds")
