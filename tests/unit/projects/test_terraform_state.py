"""What Terraform and Pulumi have written down: states, plans and exported stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.limits import ExecutionType
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import CodeKind, ProjectError, ProjectFormat
from sfdebug.projects.project import Project
from tests.unit.projects.folders import line_of

PREFIX = "eu-west-1:111122223333"
CHARGE = f"arn:aws:lambda:{PREFIX}:function:charge-prod"
SHOP = f"arn:aws:states:{PREFIX}:stateMachine:shop"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
TELL = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": QUEUE}, "End": True}
DEFINITION = json.dumps({
    "StartAt": "Charge",
    "States": {"Charge": {"Type": "Task", "Resource": CHARGE, "Next": "Tell"}, "Tell": TELL},
}, indent=2)  # fmt: skip
MACHINE = {
    "arn": SHOP, "id": SHOP, "name": "shop", "type": "EXPRESS", "role_arn": "arn:aws:iam::111122223333:role/r",
    "definition": DEFINITION, "tags": {"team": "shop"}, "logging_configuration": [{"level": "ERROR"}],
    "tracing_configuration": [{"enabled": True}],
}  # fmt: skip
EVERY = "rate(1 day)"
FUNCTION = {
    "arn": CHARGE, "id": "charge-prod", "function_name": "charge-prod", "handler": "app.handler",
    "runtime": "python3.12", "timeout": 9, "memory_size": 256, "filename": "build/charge.zip",
    "environment": [{"variables": {"LEVEL": "debug"}}], "layers": [], "architectures": ["arm64"],
}  # fmt: skip
RESOURCES: list[tuple[str, str, dict[str, Any]]] = [
    ("aws_lambda_function", "charge", FUNCTION),
    ("aws_sfn_state_machine", "this", MACHINE),
    ("aws_sqs_queue", "orders", {"id": QUEUE, "url": QUEUE, "name": "orders", "arn": f"arn:aws:sqs:{PREFIX}:orders"}),
    ("aws_cloudwatch_event_rule", "nightly", {"name": "nightly", "schedule_expression": "rate(1 day)"}),
    ("aws_cloudwatch_event_target", "start", {"rule": "nightly", "arn": SHOP}),
]


def state() -> dict[str, Any]:
    resources = [
        {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": values}],
         **({"module": "module.orders"} if name == "this" else {})}
        for kind, name, values in RESOURCES
    ]  # fmt: skip
    ignored = {"mode": "data", "type": "aws_sfn_state_machine", "name": "other", "instances": [{"attributes": MACHINE}]}
    return {"version": 4, "terraform_version": "1.9.0", "resources": [*resources, ignored]}


def shown(name: str = "values") -> dict[str, Any]:
    def in_module(prefix: str, wanted: bool) -> list[dict[str, Any]]:
        return [
            {"address": f"{prefix}{kind}.{each}", "mode": "managed", "type": kind, "name": each, "values": values}
            for kind, each, values in RESOURCES
            if (each == "this") is wanted
        ]

    child = {"address": "module.orders", "resources": in_module("module.orders.", True)}
    root = {"resources": in_module("", False), "child_modules": [child]}
    return {"format_version": "1.0", "terraform_version": "1.9.0", name: {"root_module": root}}


def pulumi() -> dict[str, Any]:
    def resource(kind: str, name: str, outputs: dict[str, Any], **inputs: Any) -> dict[str, Any]:
        return {"urn": f"urn:pulumi:dev::p::{kind}::{name}", "type": kind, "inputs": inputs, "outputs": outputs}

    function = {
        "arn": CHARGE, "name": "charge-prod", "handler": "app.handler", "runtime": "python3.12", "timeout": 9,
        "memorySize": 256, "environment": {"variables": {"LEVEL": "debug"}}, "architectures": ["arm64"],
    }  # fmt: skip
    machine = {
        "arn": SHOP, "name": "shop", "type": "EXPRESS", "roleArn": MACHINE["role_arn"], "definition": DEFINITION,
        "tags": {"team": "shop"}, "loggingConfiguration": {"level": "ERROR"}, "tracingConfiguration": {"enabled": True},
    }  # fmt: skip
    archive = {"assets": {".": {"path": "./build/charge.zip"}}}
    return {"version": 3, "deployment": {"resources": [
        {"urn": "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", "type": "pulumi:pulumi:Stack"},
        resource("aws:lambda/function:Function", "charge", function, code=archive),
        resource("aws:sfn/stateMachine:StateMachine", "orders/this", machine),
        resource("aws:sqs/queue:Queue", "orders", {"url": QUEUE, "name": "orders"}),
        resource("aws:cloudwatch/eventRule:EventRule", "nightly", {"name": "nightly", "scheduleExpression": EVERY}),
        resource("aws:cloudwatch/eventTarget:EventTarget", "start", {"rule": "nightly", "arn": SHOP}),
    ]}}  # fmt: skip


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
    return path


def check_shop(project: Project) -> None:
    (machine,) = project.machines
    assert (machine.name, machine.physical_name, machine.arn, machine.type, machine.states) == (
        "orders/this", "shop", SHOP, ExecutionType.EXPRESS, 2,
    )  # fmt: skip
    assert (machine.logging, machine.tracing, dict(machine.tags)) == ("ERROR", True, {"team": "shop"})
    assert [(each.kind, each.name, each.detail) for each in machine.triggers] == [
        ("EventBridgeRule", "nightly", "rate(1 day)")
    ]
    (function,) = project.functions
    assert (function.name, function.handler, function.runtime, function.timeout, function.memory) == (
        "charge", "app.handler", "python3.12", 9, 256,
    )  # fmt: skip
    assert (dict(function.environment), function.architecture, function.code) == (
        {"LEVEL": "debug"}, "arm64", CodeKind.ARCHIVE,
    )  # fmt: skip
    assert function.source == str(Path(project.root).absolute() / "build" / "charge.zip")
    charge, tell = (machine.checked().state((name,)) for name in ("Charge", "Tell"))
    target = project.target(charge.resource)
    assert target is not None
    assert target.function is function
    queue = project.target(tell.resource, tell.fields["Parameters"])
    assert queue is not None
    assert queue.name == "orders"
    assert (project.region, project.account, project.assumed) == ("eu-west-1", "111122223333", ())
    assert machine.is_generated
    assert machine.place_of(("States", "Charge")) == "orders/this#/States/Charge"
    assert machine.line == line_of(Path(project.path), '"definition"')


@pytest.mark.parametrize(
    ("name", "value", "format"),
    [
        ("terraform.tfstate", state(), ProjectFormat.TERRAFORM),
        ("show.json", shown(), ProjectFormat.TERRAFORM),
        ("plan.json", shown("planned_values"), ProjectFormat.TERRAFORM),
        ("stack.json", pulumi(), ProjectFormat.PULUMI),
    ],
)
def test_definitions_are_there_whole(tmp_path: Path, name: str, value: dict[str, Any], format: ProjectFormat) -> None:
    project = load_project(write_json(tmp_path / name, value))
    assert project.format is format
    check_shop(project)
    assert [machine.name for machine in load_project(tmp_path).machines] == ["orders/this"]


def test_what_is_wrong_in_a_definition_has_its_address_and_a_pointer(tmp_path: Path) -> None:
    path = write_json(tmp_path / "terraform.tfstate", state())
    path.write_text(path.read_text().replace('\\"Next\\": \\"Tell\\"', '\\"Next\\": \\"Gone\\"'))
    problem = load_project(path).machines[0].problems[0]
    assert (problem.where, problem.line) == ("orders/this#/States/Charge/Next", line_of(path, "Gone"))
    assert problem.column == path.read_text().splitlines()[problem.line - 1].index('\\"Gone') + 1


def test_several_of_one_resource_and_a_definition_that_is_not_known_yet(tmp_path: Path) -> None:
    value = state()
    twice = [{"index_key": key, "attributes": {**MACHINE, "name": str(key)}} for key in ("a.b", 1)]
    value["resources"][1] |= {"instances": twice, "module": 'module.shop["x.y"].module.inner'}
    project = load_project(write_json(tmp_path / "a.tfstate", value))
    assert [machine.name for machine in project.machines] == [
        'shop["x.y"]/inner/this["a.b"]',
        'shop["x.y"]/inner/this[1]',
    ]
    plan = shown("planned_values")
    del plan["planned_values"]["root_module"]["child_modules"][0]["resources"][0]["values"]["definition"]
    plan = json.loads(json.dumps(plan))
    (machine,) = load_project(write_json(tmp_path / "plan.json", plan)).machines
    assert "is not known before it is applied" in machine.problems[0].what
    assert machine.problems[0].line


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("a.tfstate", {"version": 4, "resources": []}, "no resource of type aws_sfn_state_machine"),
        ("a.tfstate", {"version": 4, "resources": [1, {"type": 3}, {"type": "x", "name": "y"}]}, "no resource of type"),
        ("plan.json", {"terraform_version": "1", "planned_values": {"root_module": []}}, "no resource of type"),
        ("stack.json", {"deployment": {"resources": [{"urn": 1}]}}, "no resource of type aws:sfn/stateMachine"),
        ("a.tfstate", [], "no resource of type"),
    ],
)
def test_what_has_no_state_machine_is_refused(tmp_path: Path, name: str, value: Any, what: str) -> None:
    with pytest.raises(ProjectError) as caught:
        load_project(write_json(tmp_path / name, value))
    assert what in caught.value.what
    assert caught.value.fix
