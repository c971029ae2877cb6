"""Rules, schedules and pipes of a template, and the Events of which SAM makes such.

Source: AWS docs, the event sources of AWS::Serverless::StateMachine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.projects.intrinsics.pseudo import account
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.triggers.making import (
    DeclaredAt,
    DeploymentNames,
    object_in,
    pipe_trigger,
    request_trigger,
    rule_trigger,
    schedule_trigger,
    started_machine,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.projects.model import MachineTrigger, ProjectResource
    from sfdebug.values import Json

RULE: Final = "AWS::Events::Rule"
SCHEDULE: Final = "AWS::Scheduler::Schedule"
PIPE: Final = "AWS::Pipes::Pipe"


def resource_triggers(resolver: Resolver, resources: Sequence[ProjectResource]) -> Iterator[tuple[str, MachineTrigger]]:
    """What the rules, schedules and pipes of a template start, by the ARN of the machine."""
    for resource in resources:
        properties = resource.properties
        if resource.type not in (RULE, SCHEDULE, PIPE):
            continue
        at = declared_at(resolver, ("Resources", resource.logical_id), ("Properties",))
        name = resource.shown
        if resource.type == PIPE:
            arn = text_of(properties.get("Target")) or ""
            yield arn, pipe_trigger(name, resource.arn, properties, at)
        elif resource.type == SCHEDULE:
            target = object_in(properties.get("Target"))
            yield started_machine(target), schedule_trigger("ScheduleV2", name, resource.arn, properties, target, at)
        else:
            names = DeploymentNames(resolver.place.region, account(resolver))
            rule_arn = names.rule_arn(resource.name, properties.get("EventBusName"))
            listed = properties.get("Targets")
            targets = [each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)]
            for target in targets:
                if ":states:" in started_machine(target):
                    yield (
                        started_machine(target),
                        rule_trigger("EventBridgeRule", name, rule_arn, properties, target, at),
                    )


def declared_at(resolver: Resolver, at: Pointer, inside: Pointer = ()) -> DeclaredAt:
    """Where something of a template is declared; what is noted of it stands within `inside`."""
    document, here = resolver.template.placed(at)
    span = document.key_span(here)

    def note(keys: tuple[str | int, ...], what: str, fix: str) -> None:
        resolver.template.note((*at, *inside, *keys), what, fix)

    return DeclaredAt(document.source.name, span.line, span.column, note)


def sam_triggers(
    resolver: Resolver, machine: str, properties: Mapping[str, Json], at: Pointer
) -> tuple[MachineTrigger, ...]:
    """The Events of a machine of SAM, of which SAM makes rules and schedules, and paths of an API."""
    events = properties.get("Events")
    return tuple(
        _sam_trigger(resolver, machine, name, event, (*at, "Events", name))
        for name, event in (events if isinstance(events, dict) else {}).items()
    )


def _sam_trigger(resolver: Resolver, machine: str, name: str, event: Json, at: Pointer) -> MachineTrigger:
    kind = event.get("Type") if isinstance(event, dict) else None
    kind = kind if isinstance(kind, str) else ""
    found = resolver.resolve(object_in(event).get("Properties", {}), (*at, "Properties"))
    given = found if isinstance(found, dict) else {}
    place = declared_at(resolver, at, ("Properties",))
    names = DeploymentNames(resolver.place.region, account(resolver))
    physical = text_of(given.get("RuleName") or given.get("Name")) or f"{resolver.place.name_prefix}{machine}{name}"
    state = "DISABLED" if given.get("Enabled") in (False, "false") else given.get("State", "ENABLED")
    if kind in ("EventBridgeRule", "CloudWatchEvent", "Schedule"):
        rule: dict[str, Json] = {"EventBusName": given.get("EventBusName"), "State": state}
        if kind == "Schedule":
            rule["ScheduleExpression"] = given.get("Schedule")
        else:
            rule["EventPattern"] = given.get("Pattern", given.get("EventPattern"))
        arn = names.rule_arn(physical, given.get("EventBusName"))
        return rule_trigger(kind, name, arn, rule, given, place, ("Pattern",))
    if kind == "ScheduleV2":
        group = text_of(given.get("GroupName")) or "default"
        arn = names.arn("scheduler", f"schedule/{group}/{physical}")
        return schedule_trigger(kind, name, arn, {**given, "State": state}, given, place)
    if kind in ("Api", "HttpApi"):
        method, path = text_of(given.get("Method")) or "", text_of(given.get("Path")) or ""
        return request_trigger(kind, name, f"{method.upper()} {path}".strip(), place)
    problem = f"sfdebug does not know events of the type {kind}" if kind else "it says no Type"
    return request_trigger(kind, name, "", place, problem)
