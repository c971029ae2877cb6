"""Rules, schedules and pipes of Terraform's AWS provider in CloudFormation's words; Pulumi's is made of it.

Source: Terraform AWS provider, aws_cloudwatch_event_rule and _target, aws_scheduler_schedule, aws_pipes_pipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdebug.values import Json


def provider_rule(rule: Mapping[str, Json], target: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """A rule and a target of Terraform's AWS provider in CloudFormation's words."""
    is_off = rule.get("state") == "DISABLED" or rule.get("is_enabled") is False
    properties: dict[str, Json] = {
        "EventBusName": rule.get("event_bus_name"),
        "EventPattern": rule.get("event_pattern") or None,
        "ScheduleExpression": rule.get("schedule_expression") or None,
        "State": "DISABLED" if is_off else "ENABLED",
    }
    given: dict[str, Json] = {"Input": target.get("input") or None, "InputPath": target.get("input_path") or None}
    transformer = _block(target.get("input_transformer"))
    if transformer:
        given["InputTransformer"] = {
            "InputPathsMap": transformer.get("input_paths") or {},
            "InputTemplate": transformer.get("input_template"),
        }
    return properties, given


def provider_schedule(schedule: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """A schedule of Terraform's AWS provider, and its target, in CloudFormation's words."""
    target = _block(schedule.get("target"))
    properties: dict[str, Json] = {
        "ScheduleExpression": schedule.get("schedule_expression"),
        "ScheduleExpressionTimezone": schedule.get("schedule_expression_timezone"),
        "StartDate": schedule.get("start_date"),
        "EndDate": schedule.get("end_date"),
        "State": schedule.get("state"),
    }
    return properties, {"Arn": target.get("arn"), "Input": target.get("input")}


def provider_pipe(pipe: Mapping[str, Json]) -> dict[str, Json]:
    """A pipe of Terraform's AWS provider in CloudFormation's words."""
    source, target = _block(pipe.get("source_parameters")), _block(pipe.get("target_parameters"))
    listed = _block(source.get("filter_criteria")).get("filter")
    filters = listed if isinstance(listed, list) else [listed]
    patterns: list[Json] = [{"Pattern": each.get("pattern")} for each in filters if isinstance(each, dict)]
    parameters: dict[str, Json] = {"FilterCriteria": {"Filters": patterns}}
    for name, value in source.items():
        if "batch_size" in _block(value):
            parameters[name] = {"BatchSize": _block(value)["batch_size"]}
    machine = _block(target.get("step_function_state_machine_parameters"))
    return {
        "Source": pipe.get("source"),
        "Target": pipe.get("target"),
        "Enrichment": pipe.get("enrichment"),
        "DesiredState": pipe.get("desired_state"),
        "SourceParameters": parameters,
        "TargetParameters": {
            "InputTemplate": target.get("input_template") or None,
            "StepFunctionStateMachineParameters": {"InvocationType": machine.get("invocation_type")},
        },
    }


def _block(value: Json) -> dict[str, Json]:
    """A nested block: states write it as a list of one."""
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}
