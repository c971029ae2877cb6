"""A project as a whole: which resource one of its machines is."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from sfdebug.advice.registry import rule_id
from sfdebug.advice.rules.deploying import deployment_advice
from sfdebug.permissions.granted import granted_to
from sfdebug.projects.loading import load_project

DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_machines_of_one_logical_id_in_two_stacks_are_resources_of_their_own(tmp_path: Path) -> None:
    """Both are called by it, and so is their ARN, as long as deployment makes the name."""
    allowed = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    properties = {"Definition": DEFINITION, "Policies": [allowed], "EncryptionConfiguration": {"Type": "AWS_OWNED_KEY"}}
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    file = tmp_path / "template.json"
    text = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Machine": machine}}
    file.write_text(json.dumps(text), encoding="utf-8")
    project = load_project(str(file))
    (one,), (resource,) = project.machines, [each for each in project.resources if each.logical_id == "Machine"]
    assert project.resource_of(one) is resource
    bare = replace(resource, construct_path="Test/Machine", properties={"Definition": DEFINITION, "Policies": []})
    first, second = replace(one, construct_path="Test/Machine"), replace(one, construct_path="Live/Machine")
    live = replace(resource, construct_path="Live/Machine")
    both = replace(project, machines=(first, second), resources=(bare, live))
    assert [both.resource_of(each) for each in both.machines] == [bare, live]
    assert [len(granted_to(both, each).grants) for each in both.machines] == [0, 1]
    keyless = [{rule_id(found) for found in deployment_advice(both, each)} for each in both.machines]
    assert ["encryption-by-aws-key" in ids for ids in keyless] == [True, False]
    assert replace(project, resources=()).resource_of(one) is None
