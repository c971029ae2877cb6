"""The `events` of a machine in serverless.yml, of which the plugin makes rules, schedules, and paths of an API.

Source: README of serverless-step-functions, "Events".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sfdebug.projects.intrinsics.pseudo import account
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.projects.triggers.making import (
    DeclaredAt,
    DeploymentNames,
    request_trigger,
    rule_trigger,
    schedule_trigger,
)
from sfdebug.projects.triggers.templates import declared_at
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.projects.model import MachineTrigger
    from sfdebug.values import Json, Value


def serverless_triggers(resolver: Resolver, machine: str, events: Json, at: Pointer) -> Iterator[MachineTrigger]:
    """What each of the events becomes. `at` leads to them."""
    for index, event in enumerate(events if isinstance(events, list) else ()):
        for kind, said in event.items() if isinstance(event, dict) else ():
            here = (*at, index, kind)
            found = resolver.resolve(said, here)
            given = found if isinstance(found, dict) else {}
            place = declared_at(resolver, here)
            name = f"{kind} {index + 1}"
            if kind == "schedule":
                yield from _serverless_schedules(resolver, machine, name, found, place)
            elif kind in ("cloudwatchEvent", "eventBridge"):
                yield _serverless_rule(resolver, machine, name, given, place)
            elif kind == "http":
                method, path = text_of(given.get("method")), text_of(given.get("path"))
                detail = (
                    f"{method.upper()} {path}"
                    if method and path
                    else text_of(found)
                    if isinstance(found, str)
                    else path
                )
                yield request_trigger(kind, name, detail or "", place)
            else:
                problem = f"sfdebug does not know events of the type {kind}"
                yield request_trigger(kind, name, "", place, problem)


def _serverless_rule(
    resolver: Resolver, machine: str, name: str, given: Mapping[str, Json], place: DeclaredAt
) -> MachineTrigger:
    kind, _, number = name.partition(" ")
    properties: dict[str, Json] = {
        "EventBusName": given.get("eventBusName", given.get("eventBus")),
        "EventPattern": given.get("event", given.get("pattern")),
        "State": "DISABLED" if given.get("enabled") is False else "ENABLED",
    }
    physical = text_of(given.get("name")) or f"{resolver.place.name_prefix}{machine}Event{number}"
    names = DeploymentNames(resolver.place.region, account(resolver))
    arn = names.rule_arn(physical, properties["EventBusName"])
    return rule_trigger(kind, name, arn, properties, _serverless_target(given), place, ("event",))


def _serverless_schedules(
    resolver: Resolver, machine: str, name: str, found: Value, place: DeclaredAt
) -> Iterator[MachineTrigger]:
    """One for each of its rates."""
    kind, _, number = name.partition(" ")
    given = found if isinstance(found, dict) else {}
    rate = given.get("rate") if given else found
    rates = rate if isinstance(rate, list) else [rate]
    names = DeploymentNames(resolver.place.region, account(resolver))
    for index, each in enumerate(rates):
        shown = name if len(rates) == 1 else f"{name}.{index + 1}"
        physical = text_of(given.get("name")) or f"{resolver.place.name_prefix}{machine}Schedule{number}"
        properties: dict[str, Json] = {
            "ScheduleExpression": text_of(each) if each is not MISSING else None,
            "ScheduleExpressionTimezone": text_of(given.get("timezone")),
            "State": "DISABLED" if given.get("enabled") is False else "ENABLED",
        }
        if given.get("method") == "scheduler":
            arn = names.arn("scheduler", f"schedule/default/{physical}")
            yield schedule_trigger(kind, shown, arn, properties, _serverless_target(given), place)
        else:
            arn = names.rule_arn(physical, None)
            yield rule_trigger(kind, shown, arn, properties, _serverless_target(given), place)


def _serverless_target(given: Mapping[str, Json]) -> dict[str, Json]:
    transformer = given.get("inputTransformer")
    found: dict[str, Json] = {"Input": given.get("input"), "InputPath": given.get("inputPath")}
    if isinstance(transformer, dict):
        found["InputTransformer"] = {
            "InputPathsMap": transformer.get("inputPathsMap") or {},
            "InputTemplate": transformer.get("inputTemplate"),
        }
    return found
