"""What rules, schedules and pipes make of their targets; all formats come here in CloudFormation's words.

Source: AWS docs, AWS::Events::Rule, AWS::Scheduler::Schedule, AWS::Pipes::Pipe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.eventbridge.events import bus_name
from sfdebug.projects.deployment import partition_of
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.model import MachineTrigger, TriggerSource
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.values import Json

START_EXECUTION: Final = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"
"""What a schedule calls whose target is the API itself."""

_TARGET_FIELDS: Final = ("Input", "InputPath", "InputTransformer")
_UNKNOWN: Final = re.compile(r"\$\{[^{}]+\}")
_NOT_SERVED: Final = "requests of an API are not served here: start it by StartExecution"
_PATTERN_FIX: Final = "mend it: AWS refuses the rule as it stands"


class DeclaredAt(Struct, frozen=True):
    """Where a trigger is declared, and how to note what is wrong with what stands behind given keys of it."""

    file: str = ""
    line: int = 0
    column: int = 0
    note: Callable[[tuple[str | int, ...], str, str], None] = lambda keys, what, fix: None


class DeploymentNames(Struct, frozen=True):
    """Region and account, by which rules and schedules have their ARNs."""

    region: str
    account: str

    def arn(self, service: str, path: str) -> str:
        """An ARN."""
        return f"arn:{partition_of(self.region)[0]}:{service}:{self.region}:{self.account}:{path}"

    def rule_arn(self, name: str, bus: Json) -> str:
        """The ARN of a rule: that of another bus than the default names the bus."""
        named = bus_name(text_of(bus))
        return self.arn("events", f"rule/{name}" if named == "default" else f"rule/{named}/{name}")


def rule_trigger(
    kind: str,
    name: str,
    arn: str,
    properties: Mapping[str, Json],
    target: Mapping[str, Json],
    at: DeclaredAt,
    pattern_keys: tuple[str | int, ...] = ("EventPattern",),
) -> MachineTrigger:
    """What a rule makes of a target; `properties` are those of AWS::Events::Rule."""
    pattern = as_json(properties.get("EventPattern"))
    schedule = text_of(properties.get("ScheduleExpression")) or ""
    settings: dict[str, Json] = {"EventBusName": bus_name(text_of(properties.get("EventBusName")))}
    problem = ""
    if schedule:
        settings["ScheduleExpression"] = schedule
        problem = _schedule_problem(settings, is_scheduler=False)
    if pattern is not None:
        settings["EventPattern"] = pattern
        problem = _pattern_problem(pattern, at, pattern_keys)
    elif not schedule:
        problem = "neither its pattern nor its schedule is known"
    settings |= {field: _as_text(target[field]) for field in _TARGET_FIELDS if target.get(field) is not None}
    detail = schedule or (sources_and_types(pattern) if isinstance(pattern, dict) else "")
    source = TriggerSource.EVENTS if pattern is not None else TriggerSource.SCHEDULE
    return MachineTrigger(
        kind,
        name,
        detail,
        source=source,
        arn=arn,
        settings=settings,
        is_enabled=properties.get("State") not in ("DISABLED", "disabled"),
        problem=problem,
        file=at.file,
        line=at.line,
        column=at.column,
    )


def schedule_trigger(
    kind: str, name: str, arn: str, properties: Mapping[str, Json], target: Mapping[str, Json], at: DeclaredAt
) -> MachineTrigger:
    """What a schedule of EventBridge Scheduler starts; `properties` are those of AWS::Scheduler::Schedule."""
    expression = text_of(properties.get("ScheduleExpression")) or ""
    settings: dict[str, Json] = {"ScheduleExpression": expression}
    for field in ("ScheduleExpressionTimezone", "StartDate", "EndDate"):
        text = text_of(properties.get(field))
        if text:
            settings[field] = text
    given = target.get("Input")
    if target.get("Arn") == START_EXECUTION:
        given = _member(as_json(given), "Input")
    if given is not None:
        settings["Input"] = _as_text(given)
    return MachineTrigger(
        kind,
        name,
        expression,
        source=TriggerSource.SCHEDULE,
        arn=arn,
        settings=settings,
        is_enabled=properties.get("State") != "DISABLED",
        problem=_schedule_problem(settings, is_scheduler=True) if expression else "its schedule is not known",
        file=at.file,
        line=at.line,
        column=at.column,
    )


def pipe_trigger(name: str, arn: str, properties: Mapping[str, Json], at: DeclaredAt) -> MachineTrigger:
    """What a pipe hands on; `properties` are those of AWS::Pipes::Pipe."""
    source = text_of(properties.get("Source")) or ""
    parameters = object_in(properties.get("SourceParameters"))
    criteria = object_in(parameters.get("FilterCriteria"))
    listed = criteria.get("Filters")
    filters = [as_json(_member(each, "Pattern")) for each in (listed if isinstance(listed, list) else [])]
    target = object_in(properties.get("TargetParameters"))
    machine = object_in(target.get("StepFunctionStateMachineParameters"))
    keys = ("SourceParameters", "FilterCriteria", "Filters")
    found = [_pattern_problem(each, at, (*keys, index, "Pattern")) for index, each in enumerate(filters)]
    problems = [each for each in found if each]
    settings: dict[str, Json] = {
        "Source": source,
        "Filters": [*filters],
        "InvocationType": text_of(machine.get("InvocationType")) or "REQUEST_RESPONSE",
    }
    if target.get("InputTemplate") is not None:
        settings["InputTemplate"] = _as_text(target["InputTemplate"])
    for each in parameters.values():
        size = object_in(each).get("BatchSize")
        if isinstance(size, int | str) and str(size).isdecimal():
            settings["BatchSize"] = int(size)
    if properties.get("Enrichment"):
        settings["Enrichment"] = properties["Enrichment"]
        problems.append("its enrichment is not called here")
    return MachineTrigger(
        "Pipe",
        name,
        source,
        source=TriggerSource.PIPE,
        arn=arn,
        settings=settings,
        is_enabled=properties.get("DesiredState") != "STOPPED",
        problem="; ".join(problems),
        file=at.file,
        line=at.line,
        column=at.column,
    )


def request_trigger(kind: str, name: str, detail: str, at: DeclaredAt, problem: str = _NOT_SERVED) -> MachineTrigger:
    """What starts a machine and is not done here: a request of an API, or what is not known."""
    source = TriggerSource.REQUEST if problem == _NOT_SERVED else TriggerSource.OTHER
    return MachineTrigger(
        kind, name, detail, source=source, problem=problem, file=at.file, line=at.line, column=at.column
    )


def started_machine(target: Mapping[str, Json]) -> str:
    """The ARN of the machine that a target starts, which may be that of one of its aliases; "" for none."""
    arn = text_of(target.get("Arn")) or ""
    if arn == START_EXECUTION:
        return text_of(_member(as_json(target.get("Input")), "StateMachineArn")) or ""
    return arn


def triggers_for(machine_arn: str, found: Mapping[str, Sequence[MachineTrigger]]) -> tuple[MachineTrigger, ...]:
    """The triggers of a machine, and of its versions and aliases, among those by what they start."""
    return tuple(
        trigger
        for arn, triggers in found.items()
        if machine_arn and (arn == machine_arn or arn.startswith(f"{machine_arn}:"))
        for trigger in triggers
    )


def sources_and_types(pattern: Mapping[str, Json]) -> str:
    """An event pattern in short: its sources and the types of its events."""
    words = []
    for name in ("source", "detail-type"):
        items = pattern.get(name)
        if isinstance(items, list):
            words += [item for item in items if isinstance(item, str)]
    return ", ".join(words)[:200]


# parts


def _pattern_problem(pattern: Json, at: DeclaredAt, keys: tuple[str | int, ...]) -> str:
    """Why a pattern lets nothing through, "" for one that may; what AWS refuses is noted where it stands."""
    from sfdebug.eventbridge.reading import EventPatternError, pattern_of, read_pattern  # few projects have any

    unknown = _UNKNOWN.search(compact(pattern))
    try:
        if isinstance(pattern, str):
            read_pattern(pattern)
        else:
            pattern_of(pattern)
    except EventPatternError as error:
        if unknown is None or not isinstance(pattern, str):
            at.note((*keys, *error.keys), error.what, _PATTERN_FIX)
            return error.what
    return f"its pattern has {unknown[0]}, which is known at deployment only" if unknown is not None else ""


def _schedule_problem(settings: Mapping[str, Json], *, is_scheduler: bool) -> str:
    """Why a schedule is never due, "" for one that may be."""
    from sfdebug.eventbridge.schedules import ScheduleExpressionError, read_schedule  # few projects have any

    unknown = _UNKNOWN.search(compact(dict(settings)))
    if unknown is not None:
        return f"its schedule has {unknown[0]}, which is known at deployment only"
    try:
        read_schedule(settings, is_scheduler=is_scheduler)
    except ScheduleExpressionError as error:
        return f"its schedule cannot be read: {error}"
    return ""


def as_json(value: Json) -> Json:
    """A pattern or an input, which may be written as JSON in a text."""
    if not isinstance(value, str):
        return value
    try:
        found: Json = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found


def _as_text(value: Json) -> Json:
    """An input as a text: templates may write it as an object; InputTransformer stays one."""
    if isinstance(value, dict) and "InputTemplate" in value:
        return {**value, "InputTemplate": _as_text(value["InputTemplate"])}
    return value if isinstance(value, str) else compact(value)


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def object_in(value: Json) -> dict[str, Json]:
    """The object that a value is, empty for all else."""
    return value if isinstance(value, dict) else {}
