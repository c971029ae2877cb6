"""Why a Task, a Parallel or a Wait does what it does. Source: States Language specification, "Task State", "Parallel
State", "Wait State"; AWS docs, "Discover service integration patterns in Step Functions"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.faults import asked_next
from sfdebug.debugger.explaining.model import StageReasons
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.execution.visit import StageStatus
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, TIMEOUT
from sfdebug.engine.resources import Family, IntegrationPattern, parse_resource
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.limits import MAX_TIMEOUT_SECONDS, ExecutionType
from sfdebug.times import seconds_text

if TYPE_CHECKING:
    from sfdebug.debugger.explaining.model import StageFacts
    from sfdebug.engine.resources import Resource

_STARTS_A_JOB: Final = frozenset(
    {
        ("states", "startExecution"),
        ("batch", "submitJob"),
        ("ecs", "runTask"),
        ("glue", "startJobRun"),
        ("codebuild", "startBuild"),
        ("athena", "startQueryExecution"),
        ("emr-serverless", "startJobRun"),
        ("sagemaker", "createTrainingJob"),
        ("sagemaker", "createTransformJob"),
        ("databrew", "startJobRun"),
    }
)
"""Optimized integrations that start something that goes on, and that have a `.sync` to wait for its end."""

_OF_LAMBDA_INVOKE: Final = "ExecutedVersion"


def task(facts: StageFacts) -> StageReasons:
    """A Task: the call, and its answer."""
    if facts.stage is None or facts.status is StageStatus.WAITING:
        return _asking(facts)
    if facts.status is StageStatus.FAILED:
        return _failed(facts)
    follows = next(
        (name for name in ("ResultSelector", "ResultPath", "Assign", "Output", "OutputPath") if facts.has(name)), ""
    )
    if follows:
        why = f"The answer is the result of the Task, and {follows} is next to work on it."
    elif facts.is_jsonata:
        why = "The answer is the result of the Task, and without Output it is the output, too."
    else:
        why = "The answer is the result of the Task, and without ResultPath it takes the place of the input."
    return StageReasons(why, _wrapped(facts))


def _wrapped(facts: StageFacts) -> str:
    """What is said of the result of the Lambda integration, which is more than the function returned."""
    resource, answer = parse_resource(facts.state.resource), facts.after
    is_invoke = resource.type == "lambda" and resource.action.startswith("invoke")
    if not is_invoke or not isinstance(answer, dict) or "Payload" not in answer or _OF_LAMBDA_INVOKE not in answer:
        return ""
    return (
        "One might expect what the function returned to be the whole result. The integration lambda:invoke gives it "
        "under Payload, beside facts about the call."
    )


def _asking(facts: StageFacts) -> StageReasons:
    resource = parse_resource(facts.state.resource)
    is_waiting = facts.stage is not None
    what = f"{_pattern(resource)} {_limits(facts)}".strip()
    if is_waiting and facts.about_to_call:
        return StageReasons(what)
    return StageReasons(what, _not_awaited(resource))


def _pattern(resource: Resource) -> str:
    """What the Task waits for."""
    if resource.family is Family.LAMBDA:
        return "The Task waits until the function has returned."
    if resource.family is Family.ACTIVITY:
        return "The Task waits for a worker that polls the activity to take it and report back."
    if resource.pattern is IntegrationPattern.CALLBACK:
        return "`.waitForTaskToken`: the Task waits until SendTaskSuccess or SendTaskFailure brings its token back."
    if resource.pattern is IntegrationPattern.SYNC:
        return "`.sync`: the Task waits until what it has started is over."
    if resource.type == "lambda" and resource.action == "invoke":
        return "The Task waits until the function has returned."
    return "Request Response: the Task goes on as soon as the service has answered the call."


def _limits(facts: StageFacts) -> str:
    """How long it waits, as far as the definition says it in numbers."""
    timeout, heartbeat = facts.field("TimeoutSeconds"), facts.field("HeartbeatSeconds")
    parts = []
    if isinstance(timeout, int) and not isinstance(timeout, bool):
        parts.append(f"TimeoutSeconds gives it {seconds_text(timeout)} in all")
    if isinstance(heartbeat, int) and not isinstance(heartbeat, bool):
        gives = "" if parts else " gives it"
        parts.append(f"HeartbeatSeconds{gives} {seconds_text(heartbeat)} between two heartbeats")
    if parts:
        return f"{', '.join(parts)}."
    is_express = facts.execution.settings.execution_type is ExecutionType.EXPRESS  # whose own end comes first
    if is_express or facts.has("TimeoutSeconds") or facts.has("TimeoutSecondsPath"):
        return ""
    return f"Without TimeoutSeconds it may take up to {MAX_TIMEOUT_SECONDS:,} s."


def _not_awaited(resource: Resource) -> str:
    if resource.pattern is IntegrationPattern.CALLBACK:
        return (
            "One might expect the service's answer to be the result. The result is the output that comes with the task "
            "token."
        )
    if resource.pattern is IntegrationPattern.REQUEST_RESPONSE and (resource.type, resource.action) in _STARTS_A_JOB:
        return (
            f"One might expect it to wait for the end of what it starts. It goes on at once; "
            f"{resource.type}:{resource.action}.sync would wait."
        )
    return ""


def _failed(facts: StageFacts) -> StageReasons:
    fault = facts.stage.fault if facts.stage is not None else None
    asked = asked_next(facts.state, fault.error if fault is not None else None)
    if fault is not None and fault.error == TIMEOUT and fault.cause is None:
        if fault.aliases:
            return StageReasons(
                f"No heartbeat came within HeartbeatSeconds. {asked}",
                "One might expect States.HeartbeatTimeout. AWS reports States.Timeout; ErrorEquals may name either.",
            )
        if not facts.has("TimeoutSeconds") and not facts.has("TimeoutSecondsPath"):
            return StageReasons(f"The answer took longer than a Task may take. {asked}")
        is_job = parse_resource(facts.state.resource).pattern is IntegrationPattern.SYNC
        expected = (
            "One might expect the call to be stopped. The Task stops waiting; what it has called may still go on."
        )
        return StageReasons(f"No answer came within TimeoutSeconds. {asked}", "" if is_job else expected)
    if fault is not None and fault.error == DATA_LIMIT_EXCEEDED:
        return StageReasons(
            f"No result may have more than 256 KiB. {asked}",
            "One might expect ResultSelector to make it small enough. The limit holds for the result before it.",
        )
    return StageReasons(f"An error is no result: what the state does with its result is left out. {asked}")


# Parallel


def branches(facts: StageFacts) -> StageReasons:
    """The run of a Parallel's branches."""
    count = len(facts.state.branches)
    if facts.stage is None or facts.status is StageStatus.WAITING:
        why = (
            "All branches begin at once, each with a copy of the same input. The state ends when the last of them has."
        )
        if count < 2:
            return StageReasons("The branch begins with the input of the state, and the state ends when it has.")
        if facts.progress is not None and facts.progress.ended:
            return StageReasons(why)
        return StageReasons(
            why, "One might expect a branch to see what another one has done. None sees the data of another."
        )
    if facts.status is StageStatus.FAILED:
        fault = facts.stage.fault
        asked = asked_next(facts.state, fault.error if fault else None)
        lost = ", and what the others did is lost" if count > 1 else ""
        why = f"A failed branch fails the whole state{lost}. {asked}"
        expected = (
            "One might expect the other branches to run to their end. A Catch inside the branch would have let them."
            if count > 1
            else ""
        )
        return StageReasons(why, expected)
    if count < 2:
        return StageReasons(
            "The result is an array with the output of each branch, also where there is but one.",
            "One might expect the output of the branch itself. It is the first item of an array.",
        )
    first = named(facts.state.branches[0].start_at)
    return StageReasons(
        "The result is an array: the outputs in the order of Branches, whichever ended first.",
        f"One might expect one object with all outputs merged. Item 0 is the output of the branch that begins at "
        f"{first}.",
    )


# Wait


def wait(facts: StageFacts) -> StageReasons:
    """A Wait."""
    written = facts.expression if isinstance(facts.expression, dict) else {}
    field = next(iter(written), "Seconds")
    ways = {
        "Seconds": "Seconds is how long it waits, from the entry of the state.",
        "SecondsPath": "SecondsPath says where the number of seconds is.",
        "Timestamp": "Timestamp is the moment until which it waits.",
        "TimestampPath": "TimestampPath says where the moment is until which it waits.",
    }
    why = f"{ways.get(field, ways['Seconds'])} A Wait changes nothing of its input."
    until = parse_timestamp(facts.after) if isinstance(facts.after, str) else None
    if until is None or facts.visit is None or until > facts.visit.entered_at or not field.startswith("Timestamp"):
        return StageReasons(why)
    begun = utc_text(facts.visit.entered_at)
    return StageReasons(
        why, f"One might expect a moment in the past to be an error. It is not: it was {begun} already, so it goes on."
    )
