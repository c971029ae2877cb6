"""Roles of projects, held against what their machines need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.permissions.granted import Grant, granted_to
from sfdebug.permissions.model import NeededPermissions, Permission
from sfdebug.permissions.review import review
from sfdebug.projects.loading import load_project
from tests.command_line import ROOT, sfdebug
from tests.unit.projects.folders import write

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:mail"
DEFINITION = {
    "StartAt": "Mail",
    "States": {
        "Mail": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/mail", "MessageBody": "x"},
            "End": True,
        }
    },
}


def template(folder: Path, *statements: dict[str, Any], role: dict[str, Any] | None = None, **others: Any) -> Path:
    policies = [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]
    resources = {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"Definition": DEFINITION, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies, **(role or {})}},
        **others,
    }
    file = folder / "template.json"
    file.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), encoding="utf-8")
    return file


def allow(action: Any, resource: Any = QUEUE) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def checked(file: Path) -> tuple[int, dict[str, Any]]:
    outcome = sfdebug("policy", str(file), "--check", "--json", "--region", "eu-central-1")
    (found,) = json.loads(outcome.out)
    return outcome.code, found


def test_a_role_that_allows_just_that(tmp_path: Path) -> None:
    file = template(tmp_path, allow("SQS:sendmessage"))  # IAM does not mind how an action is written
    code, found = checked(file)
    assert code == ExitCode.SUCCEEDED
    assert (found["missing"], found["tooMuch"], found["unread"]) == ([], [], [])
    assert "it allows what is needed, and nothing else" in sfdebug("policy", str(file), "--check").out


def test_what_is_missing_and_which_state_fails(tmp_path: Path) -> None:
    code, found = checked(template(tmp_path, allow("sqs:SendMessage", f"{QUEUE}2")))
    assert code == ExitCode.EXECUTION_FAILED
    assert found["missing"] == [{"action": "sqs:SendMessage", "resource": QUEUE, "states": ["Mail"]}]
    assert [one["action"] for one in found["tooMuch"]] == ["sqs:SendMessage"], "and that of another queue is too much"


@pytest.mark.parametrize(
    ("statement", "needed"),
    [
        (allow("sqs:*"), ["sqs:SendMessage"]),
        (allow("sqs:SendMessage", "*"), ["sqs:SendMessage"]),
        (allow("sqs:SendMessage", "arn:aws:sqs:*:*:*"), ["sqs:SendMessage"]),
        (allow("*", "*"), ["sqs:SendMessage"]),
        (allow(["sqs:SendMessage", "sqs:DeleteQueue"]), []),
    ],
)
def test_what_is_too_much(tmp_path: Path, statement: dict[str, Any], needed: list[str]) -> None:
    code, found = checked(template(tmp_path, statement))
    assert code == ExitCode.EXECUTION_FAILED
    assert found["missing"] == []
    (one,) = found["tooMuch"]
    assert one["needed"] == needed


def test_policies_beside_the_role_count_and_managed_ones_are_not_known(tmp_path: Path) -> None:
    beside = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "p",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {"Statement": allow("sqs:SendMessage")},
        },
    }
    _, found = checked(template(tmp_path, Policy=beside))
    assert found["missing"] == []
    managed = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]}
    code, found = checked(template(tmp_path, role=managed))
    assert code == ExitCode.EXECUTION_FAILED
    assert found["unread"] == ["the managed policy arn:aws:iam::aws:policy/AmazonSQSFullAccess"]
    said = sfdebug("policy", str(tmp_path / "template.json"), "--check", "--region", "eu-central-1").out
    assert "would fail, unless what could not be read allows it" in said


def test_what_is_no_plain_allow_is_not_judged(tmp_path: Path) -> None:
    deny = {**allow("sqs:SendMessage"), "Effect": "Deny"}
    inverted = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    _, found = checked(template(tmp_path, allow("sqs:SendMessage"), deny, inverted))
    assert found["unread"] == [
        "a statement with Deny in own",
        "a statement with NotAction or NotResource in own",
    ]
    said = sfdebug("policy", str(tmp_path / "template.json"), "--check", "--region", "eu-central-1").out
    assert "nothing else" not in said


def test_a_role_from_elsewhere_is_no_green(tmp_path: Path) -> None:
    file = template(tmp_path)
    text = file.read_text(encoding="utf-8").replace(
        '{"Fn::GetAtt": ["Role", "Arn"]}', '"arn:aws:iam::123456789012:role/x"'
    )
    file.write_text(text, encoding="utf-8")
    code, found = checked(file)
    assert code == ExitCode.EXECUTION_FAILED
    assert not found["known"]


def test_policies_of_sam(tmp_path: Path) -> None:
    write(
        tmp_path,
        template_dot_yaml="""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Mail: {Type: AWS::SQS::Queue, Properties: {QueueName: mail}}
          Machine:
            Type: AWS::Serverless::StateMachine
            Properties:
              Definition:
                StartAt: Send
                States:
                  Send:
                    Type: Task
                    Resource: arn:aws:states:::sqs:sendMessage
                    Parameters: {QueueUrl: !Ref Mail, MessageBody: x}
                    End: true
              Policies:
                - SQSSendMessagePolicy: {QueueName: !GetAtt Mail.QueueName}
                - DynamoDBReadPolicy: {TableName: orders}
                - SomeNewPolicy: {}
                - AmazonS3ReadOnlyAccess
        """,
    )
    project = load_project(str(tmp_path / "template.yaml"))
    (machine,) = project.machines
    granted = granted_to(project, machine)
    assert granted.unread == ("SAM's SomeNewPolicy", "the managed policy AmazonS3ReadOnlyAccess")
    arn = next(one.arn for one in project.resources if one.logical_id == "Mail")
    found = review(granted, NeededPermissions((Permission(("sqs:SendMessage",), (arn,), states=("Send",)),)))
    assert found.missing == ()
    assert found.broader == ("SQSSendMessagePolicy",)
    assert {one.source for one in found.too_much} == {"DynamoDBReadPolicy"}, "nothing of it is needed"


def test_a_star_that_is_needed_is_covered_by_a_star_only() -> None:
    grant = Grant(("s3:Get*",), ("arn:aws:s3:::in/*",), "p")
    assert grant.allows("s3:GetObject", "arn:aws:s3:::in/*")
    assert grant.allows("s3:GetObject", "arn:aws:s3:::in/a")
    assert not grant.allows("s3:GetObject", "arn:aws:s3:::*")
    assert not grant.allows("s3:PutObject", "arn:aws:s3:::in/a")


def test_the_roles_of_the_samples_allow_what_is_needed() -> None:
    for name in ("order-sam", "photos-cdk"):
        outcome = sfdebug("policy", str(ROOT / "samples" / name), "--check", "--json", "-q")
        for found in json.loads(outcome.out):
            assert found["known"]
            assert found["missing"] == []


def test_a_definition_alone_has_no_role(tmp_path: Path) -> None:
    file = tmp_path / "mail.asl.json"
    file.write_text(json.dumps(DEFINITION), encoding="utf-8")
    outcome = sfdebug("policy", str(file), "--check")
    assert outcome.code == ExitCode.USAGE
    assert "says nothing of its role" in outcome.err
    printed = json.loads(sfdebug("policy", str(file)).out)
    assert printed["Statement"][0]["Resource"] == QUEUE
    why = sfdebug("policy", str(file), "--why").out
    assert "sqs:SendMessage  Mail" in why
