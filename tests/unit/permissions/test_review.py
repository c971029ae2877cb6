"""Roles of projects, held against what their machines need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import Problem
from sfdebug.permissions.granted import Grant, GrantedPermissions, granted_to
from sfdebug.permissions.model import NeededPermissions, Permission
from sfdebug.permissions.review import review
from sfdebug.projects.loading import load_project
from sfdebug.reports.permissions import review_lines
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
    assert found["missing"] == [{"action": "sqs:SendMessage", "resource": QUEUE, "states": ["Mail"], "deniedBy": None}]
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


FN = "arn:aws:lambda:eu-central-1:123456789012:function:abc"


def call(action: str, *resources: str, is_open: bool = False, **fields: Any) -> NeededPermissions:
    ends = (Problem("m", 0, 0, "a name is only known when it runs", ""),) if is_open else ()
    return NeededPermissions((Permission((action,), resources, states=("Call",), is_open=is_open, **fields),), ends)


def lines(needed: NeededPermissions, *grants: Grant) -> list[str]:
    """What is said of a role with these statements, without its name."""
    return [" ".join(one.split()) for one in review_lines("m", review(GrantedPermissions("r", grants), needed))[1:]]


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ((FN,), ["it allows what is needed, and nothing else"]),
        ((FN, f"{FN}d"), [f"too much lambda:InvokeFunction on {FN}d (p)", f"needed: lambda:InvokeFunction on {FN}"]),
        ((f"{FN[:-2]}*",), [f"too much lambda:InvokeFunction on {FN[:-2]}* (p)"]),
        ((f"{FN}*",), [f"too much lambda:InvokeFunction on {FN}* (p)"]),
        ((FN, "*"), ["too much lambda:InvokeFunction on * (p)"]),
        (
            (FN, f"{FN}:*"),
            [
                f"more lambda:InvokeFunction on {FN}:* (p)",
                f"needed: lambda:InvokeFunction on {FN}",
                "it allows what is needed, and more by p",
            ],
        ),
    ],
)
def test_each_name_of_a_statement_is_held_against_what_is_needed(resources: tuple[str, ...], said: list[str]) -> None:
    found = lines(call("lambda:InvokeFunction", FN), Grant(("lambda:InvokeFunction",), resources, "p"))
    assert found[: len(said)] == said
    assert ("nothing else" in found[-1]) is (resources == (FN,))


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            "arn:aws:sqs:eu-central-1:1:*",
            ["open a name is only known", "it allows what is known to be needed; whether"],
        ),
        ("*", ["too much sqs:SendMessage on * (p)", "needed: sqs:SendMessage on arn:aws:sqs:eu-central-1:1:*"]),
        (
            "arn:aws:sqs:eu-central-1:1:mail",
            [
                "open a name is only known when it runs",
                "open sqs:SendMessage on arn:aws:sqs:eu-central-1:1:*: allowed on arn:aws:sqs:eu-central-1:1:mail, and",
            ],
        ),
        (
            "arn:aws:sqs:eu-west-1:1:mail",
            [
                "missing sqs:SendMessage on arn:aws:sqs:eu-central-1:1:*",
                "Call would fail",
                "too much sqs:SendMessage on arn:aws:sqs:eu-west-1:1:mail (p)",
                "no state needs it",
            ],
        ),
    ],
)
def test_a_name_that_is_only_known_when_it_runs(resource: str, said: list[str]) -> None:
    needed = call("sqs:SendMessage", "arn:aws:sqs:eu-central-1:1:*", is_open=True)
    found = lines(needed, Grant(("sqs:SendMessage",), (resource,), "p"))
    for one, begun in zip(found, said, strict=False):
        assert one.startswith(begun)
    assert "nothing else" not in found[-1]


def test_what_the_definition_does_not_say_is_open(tmp_path: Path) -> None:
    """No state is said to need nothing more where one calls what is not known."""
    definition = json.loads(json.dumps(DEFINITION))
    definition["States"]["Mail"]["Parameters"] = {"QueueUrl.$": "$.queue", "MessageBody": "x"}
    file = template(tmp_path, allow("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:*"))
    machine = json.loads(file.read_text(encoding="utf-8"))
    machine["Resources"]["Machine"]["Properties"]["Definition"] = definition
    file.write_text(json.dumps(machine), encoding="utf-8")
    code, found = checked(file)
    assert (code, found["missing"], found["tooMuch"]) == (ExitCode.SUCCEEDED, [], [])
    (one,) = found["open"]
    assert "QueueUrl of 'Mail' is only known when it runs ($.queue): * stands in its place" in one
    said = sfdebug("policy", str(file), "--check", "--region", "eu-central-1").out
    assert f"  open      {one}" in said
    assert "  it allows what is known to be needed; whether that is all, and no more, is open" in said
    unplaced = NeededPermissions(call("x:Do", "*", is_open=True).permissions, unplaced=("x:Do",))
    assert (
        lines(unplaced, Grant(("x:Do",), ("*",), "p"))[0]
        == "open no resources are known here of x:Do: * stands for them"
    )


def test_a_statement_without_the_condition_allows_more() -> None:
    held: dict[str, dict[str, Any]] = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    needed = call("iam:PassRole", "arn:aws:iam::1:role/x", condition=held)
    grant = Grant(("iam:PassRole",), ("arn:aws:iam::1:role/x",), "p")
    assert lines(needed, grant)[-1] == "it allows what is needed, and more by p"
    assert lines(needed, grant)[1].endswith(
        'with the condition {"StringEquals":{"iam:PassedToService":"glue.amazonaws.com"}}'
    )
    assert lines(needed, Grant(grant.actions, grant.resources, "p", condition=held))[-1].endswith("and nothing else")


def test_a_statement_for_two_services_is_not_too_much_of_either() -> None:
    topic, queue = "arn:aws:sns:eu-central-1:1:t", "arn:aws:sqs:eu-central-1:1:q"
    needed = NeededPermissions((Permission(("sns:Publish",), (topic,)), Permission(("sqs:SendMessage",), (queue,))))
    both = Grant(("sns:Publish", "sqs:SendMessage"), (topic, queue), "p")
    assert lines(needed, both) == ["it allows what is needed, and nothing else"]
    two = NeededPermissions(
        (Permission(("sqs:SendMessage",), (queue,)), Permission(("sqs:ReceiveMessage",), (f"{queue}2",)))
    )
    crossed = Grant(("sqs:SendMessage", "sqs:ReceiveMessage"), (queue, f"{queue}2"), "p")
    assert [one for one in lines(two, crossed) if one.startswith("too much")] == [
        f"too much sqs:SendMessage on {queue}2 (p)",
        f"too much sqs:ReceiveMessage on {queue} (p)",
    ]


def test_the_check_in_the_readme_is_what_the_program_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    shown = (ROOT / "README.md").read_text(encoding="utf-8").split("$ sfdebug policy samples/photos-cdk --check\n")[1]
    printed = sfdebug("policy", "samples/photos-cdk", "--check").out
    assert shown.split("```")[0] == printed


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
    inverted = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    unsure = {**allow("sqs:SendMessage"), "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    bounded = {"PermissionsBoundary": "arn:aws:iam::123456789012:policy/edge"}
    _, found = checked(template(tmp_path, allow("sqs:SendMessage"), unsure, inverted, role=bounded))
    assert found["unread"] == [
        "a statement with Deny and a Condition in own",
        "a statement with NotAction or NotResource in own",
        "the permissions boundary arn:aws:iam::123456789012:policy/edge, which may take some of it away",
    ]
    said = sfdebug("policy", str(tmp_path / "template.json"), "--check", "--region", "eu-central-1").out
    assert "nothing else" not in said


@pytest.mark.parametrize(
    ("denied", "is_missing", "is_unread"),
    [
        (allow("sqs:SendMessage"), True, False),
        (allow("sqs:*", "*"), True, False),
        (allow("sqs:SendMessage", f"{QUEUE}2"), False, False),
        (allow("sqs:DeleteQueue", "*"), False, False),
        (allow("sqs:SendMessage", {"Fn::ImportValue": "elsewhere"}), False, True),
    ],
)
def test_what_is_denied_is_missing_whatever_allows_it(
    tmp_path: Path, denied: dict[str, Any], is_missing: bool, is_unread: bool
) -> None:
    file = template(tmp_path, allow("sqs:SendMessage"), {**denied, "Effect": "Deny"})
    code, found = checked(file)
    assert (code == ExitCode.EXECUTION_FAILED) is is_missing
    assert [one["deniedBy"] for one in found["missing"]] == (["own"] if is_missing else [])
    assert bool(found["unread"]) is is_unread
    if is_missing:
        said = sfdebug("policy", str(file), "--check", "--region", "eu-central-1").out
        assert "own denies it: Mail would fail" in said


def test_an_action_that_only_the_deployment_knows_is_not_too_much(tmp_path: Path) -> None:
    unknown = allow({"Fn::ImportValue": "action"}, "*")
    _, found = checked(template(tmp_path, allow("sqs:SendMessage"), unknown))
    assert (found["missing"], found["tooMuch"]) == ([], [])
    assert found["unread"] == ["${ImportValue:action} in own"]


def test_a_machine_that_needs_nothing_has_no_policy(tmp_path: Path) -> None:
    file = tmp_path / "pass.asl.json"
    file.write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', encoding="utf-8")
    outcome = sfdebug("policy", str(file))
    assert json.loads(outcome.out)["Statement"] == []
    assert "it needs no permission; IAM takes no policy without a statement" in outcome.err


def test_a_condition_that_nobody_can_know_is_told(tmp_path: Path) -> None:
    held = {**allow("sqs:SendMessage"), "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}
    code, found = checked(template(tmp_path, held))
    assert (code, found["missing"]) == (ExitCode.SUCCEEDED, [])
    assert found["unread"] == ["the Condition of what allows sqs:SendMessage in own: whether it holds is not known"]
    _, found = checked(template(tmp_path, held, allow("sqs:SendMessage")))
    assert found["unread"] == [], "the other statement allows it, whatever this one hangs on"


def test_a_role_is_passed_to_the_service_that_the_condition_names() -> None:
    to_glue: dict[str, dict[str, Any]] = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    to_any: dict[str, dict[str, Any]] = {"StringLike": {"iam:PassedToService": ["x", "*.amazonaws.com"]}}
    assert Grant(("iam:PassRole",), ("*",), "p", condition=to_glue).holds(to_glue)
    assert Grant(("iam:PassRole",), ("*",), "p", condition=to_any).holds(to_glue)
    to_batch: dict[str, dict[str, Any]] = {"StringEquals": {"iam:PassedToService": "batch.amazonaws.com"}}
    grant = Grant(("iam:PassRole",), ("*",), "p", condition=to_batch)
    assert grant.holds(to_glue) is False
    assert grant.holds(None) is None
    needed = NeededPermissions((Permission(("iam:PassRole",), ("arn:aws:iam::1:role/x",), to_glue, ("Job",)),))
    assert [one.states for one in review(GrantedPermissions("r", (grant,)), needed).missing] == [("Job",)]


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ({"Fn::GetAtt": ["Key", "Arn"]}, "arn:aws:kms:eu-central-1:123456789012:key/Key"),
        ({"Ref": "Key"}, "arn:aws:kms:eu-central-1:123456789012:key/Key"),
        ("alias/mail", "arn:aws:kms:eu-central-1:123456789012:key/Key"),
        ("alias/other", "arn:aws:kms:eu-central-1:123456789012:key/*"),
        ("alias/aws/sqs", None),
    ],
)
def test_the_key_of_an_encrypted_queue_is_needed(tmp_path: Path, key: Any, resource: str | None) -> None:
    others = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/mail", "TargetKeyId": {"Ref": "Key"}},
        },
        "Mail": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "mail", "KmsMasterKeyId": key}},
    }
    file = template(tmp_path, allow("sqs:SendMessage"), **others)
    code, found = checked(file)
    assert code == (ExitCode.SUCCEEDED if resource is None else ExitCode.EXECUTION_FAILED)
    wanted = [] if resource is None else [("kms:Decrypt", resource), ("kms:GenerateDataKey", resource)]
    assert [(one["action"], one["resource"]) for one in found["missing"]] == wanted
    outcome = sfdebug("policy", str(file), "--region", "eu-central-1")
    assert ("kms:GenerateDataKey" in outcome.out) is bool(wanted)
    assert ("which key 'alias/other' of 'Mail' is, is not known" in outcome.err) is (key == "alias/other")


def test_keys_of_tables_buckets_and_of_the_machine_itself(tmp_path: Path) -> None:
    table = {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "table-key"}}
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "bucket-key"}
    bucket = {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_default}]}
    }
    states = {
        "Save": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "orders", "Item": {}},
            "Next": "Keep",
        },
        "Keep": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
            "Parameters": {"Bucket": "kept", "Key": "a", "Body": "x"},
            "End": True,
        },
    }
    resources = {
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "Definition": {"StartAt": "Save", "States": states},
                "RoleArn": "arn:aws:iam::123456789012:role/x",
                "EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": "own-key"},
            },
        },
        "Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders", **table}},
        "Kept": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept", **bucket}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    said = sfdebug("policy", str(file), "--why", "--region", "eu-central-1").out.splitlines()
    rows = {
        (one.split()[0], one.split(maxsplit=1)[1], where.split("/")[-1])
        for one, where in zip(said[::2], said[1::2], strict=True)
    }
    assert {row for row in rows if row[0].startswith("kms:")} == {
        ("kms:Decrypt", "Save", "table-key"),
        ("kms:GenerateDataKey", "Keep", "bucket-key"),
        ("kms:Decrypt", "its own key", "own-key"),
        ("kms:GenerateDataKey", "its own key", "own-key"),
    }


TERRAFORM = """
resource "aws_sqs_queue" "mail" {
  name              = "mail"
  kms_master_key_id = aws_kms_key.mail.arn
}
resource "aws_kms_key" "mail" {}
resource "aws_sfn_state_machine" "orders" {
  name     = "orders"
  role_arn = aws_iam_role.orders.arn
  definition = jsonencode({
    StartAt = "Mail"
    States = {
      Mail = {
        Type       = "Task"
        Resource   = "arn:aws:states:::sqs:sendMessage"
        Parameters = { QueueUrl = aws_sqs_queue.mail.url, MessageBody = "x" }
        End        = true
      }
    }
  })
}
resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = "{}"
  INLINE
}
data "aws_iam_policy_document" "keys" {
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.mail.arn]
  }
}
resource "aws_iam_policy" "keys" {
  name   = "keys"
  policy = data.aws_iam_policy_document.keys.json
}
resource "aws_iam_role_policy_attachment" "keys" {
  role       = aws_iam_role.orders.name
  policy_arn = aws_iam_policy.keys.arn
}
BESIDE
"""
SEND = 'jsonencode({Statement = [{Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.mail.arn}]})'


@pytest.mark.parametrize(
    ("inline", "beside", "missing", "unread"),
    [
        ("", "", ["sqs:SendMessage"], []),
        (f'inline_policy {{\n name = "send"\n policy = {SEND}\n }}', "", [], []),
        (
            "",
            f'resource "aws_iam_role_policy" "send" {{\n role = aws_iam_role.orders.id\n policy = {SEND}\n}}',
            [],
            [],
        ),
        (
            'managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]',
            "",
            ["sqs:SendMessage"],
            ["the managed policy arn:aws:iam::aws:policy/AmazonSQSFullAccess"],
        ),
        (
            "",
            'resource "aws_iam_role_policy" "send" {\n role = aws_iam_role.orders.id\n policy = file("none.json")\n}',
            ["sqs:SendMessage"],
            ["the policy of aws_iam_role_policy.send, which is not known"],
        ),
    ],
)
def test_roles_of_terraform(tmp_path: Path, inline: str, beside: str, missing: list[str], unread: list[str]) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM.replace("INLINE", inline).replace("BESIDE", beside), encoding="utf-8")
    _, found = checked(tmp_path)
    assert found["known"]
    assert [one["action"] for one in found["missing"]] == missing
    assert found["tooMuch"] == []
    assert found["unread"] == unread


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
    for name in ("order-sam", "online-shop", "order-two-ways", "photos-cdk"):
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
