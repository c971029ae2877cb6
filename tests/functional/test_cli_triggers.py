"""What starts executions while `sfdebug exec` runs a program: boto3 puts events, objects and messages, as users do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import sfdebug_process
from tests.moto_server import missing

MACHINE = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
PUTS = {
    "StartAt": "Put",
    "States": {
        "Put": {
            "Type": "Task",
            "Resource": "arn:aws:states:::events:putEvents",
            "Parameters": {
                "Entries": [
                    {"Source": "shop", "DetailType": "FromTask", "Detail": {"n": 1}, "EventBusName": "shop-bus"}
                ]
            },
            "Next": "Call",
        },
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "putter"},
            "End": True,
        },
    },
}
HANDLER = """
import boto3

def handler(event, context):
    entry = {"Source": "shop", "DetailType": "FromHandler", "Detail": "{}", "EventBusName": "shop-bus"}
    return boto3.client("events").put_events(Entries=[entry])["FailedEntryCount"]
"""
TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: Orders
      Definition: {MACHINE}
      Events:
        Placed:
          Type: EventBridgeRule
          Properties: {{EventBusName: !Ref Bus, Pattern: {{source: [shop]}}}}
        Nightly: {{Type: Schedule, Properties: {{Schedule: rate(1 day)}}}}
  Photos:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: Photos
      Definition: {MACHINE}
      Events:
        Arrived:
          Type: EventBridgeRule
          Properties:
            Pattern: {{source: [aws.s3], detail: {{bucket: {{name: [photos]}}, object: {{key: [{{suffix: .png}}]}}}}}}
            InputPath: $.detail.object.key
  Messages:
    Type: AWS::Serverless::StateMachine
    Properties: {{Name: Messages, Definition: {MACHINE}}}
  Puts:
    Type: AWS::Serverless::StateMachine
    Properties: {{Name: Puts, Definition: {json.dumps(PUTS)}}}
  Putter:
    Type: AWS::Serverless::Function
    Properties: {{FunctionName: putter, CodeUri: src/, Handler: app.handler, Runtime: python3.12}}
  Bus: {{Type: AWS::Events::EventBus, Properties: {{Name: shop-bus}}}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: photos
      NotificationConfiguration: {{EventBridgeConfiguration: {{EventBridgeEnabled: true}}}}
  Queue: {{Type: AWS::SQS::Queue, Properties: {{QueueName: incoming}}}}
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Source: !GetAtt Queue.Arn
      SourceParameters:
        FilterCriteria: {{Filters: [{{Pattern: '{{"body": {{"kind": ["order"]}}}}'}}]}}
      Target: !Ref Messages
      TargetParameters:
        InputTemplate: "<$.body>"
        StepFunctionStateMachineParameters: {{InvocationType: FIRE_AND_FORGET}}
"""
CALLS = """
import boto3, json, os
events, states = boto3.client("events"), boto3.client("stepfunctions")
arns = {each["name"]: each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]}

def inputs(name, count=0):
    while True:
        found = states.list_executions(stateMachineArn=arns[name])["executions"]
        if len(found) >= count:
            return [json.loads(states.describe_execution(executionArn=one["executionArn"])["input"]) for one in found]

def entry(**more):
    return {"Source": "shop", "DetailType": "Placed", "Detail": "{}", "EventBusName": "shop-bus", **more}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(HANDLER)
    return tmp_path


def told(project: Path, program: str, *options: str) -> Any:
    """What a program prints that runs with the project served."""
    (project / "program.py").write_text(CALLS + program)
    argv = ("exec", str(project / "template.yaml"), *options, "--", sys.executable, str(project / "program.py"))
    outcome = sfdebug_process(*argv)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_put_events_at_the_served_address_starts_executions(project: Path) -> None:
    program = """
answer = events.put_events(Entries=[entry(), entry(Detail="[]"), entry(EventBusName="default")])
event = {"id": "1", "account": "1", "source": "shop", "time": "t", "region": "r", "detail-type": "d"}
def tested(pattern, **more):
    try:
        return events.test_event_pattern(EventPattern=pattern, Event=json.dumps({**event, **more}))["Result"]
    except events.exceptions.ClientError as error:
        return str(error).partition(": ")[2], error.response["Error"]["Code"]
del event["region"]
lacking = tested('{"source": ["shop"]}')
try:
    events.put_events(Entries=[entry()] * 11)
except events.exceptions.ClientError as error:
    many = error.response["Error"]["Message"][-100:]
try:
    events.put_events(Entries=[entry(Detail=json.dumps({"x": "y" * 1_048_576}))])
except events.exceptions.ClientError as error:
    large = error.response["Error"]["Message"]
try:
    events.list_rules()
except events.exceptions.ClientError as error:
    other = error.response["Error"]["Code"]
patterns = '{"source": ["shop"]}', '{"source": ["a"]}', '{"source": "shop"}'
results = [tested(pattern, region="r") for pattern in patterns]
print(json.dumps([answer["Entries"], inputs("Orders"), *results, lacking, many, large, other]))
"""
    entries, orders, fits, other, refused, lacking, many, large, code = told(project, program)
    assert [one.get("ErrorCode", "") for one in entries] == ["", "MalformedDetail", ""]
    ((event),) = orders
    assert (event["id"], event["source"]) == (entries[0]["EventId"], "shop")
    assert (fits, other) == (True, False)
    assert refused == [
        'Event pattern is not valid. Reason: "source" must be an object or an array',
        "InvalidEventPatternException",
    ]
    assert lacking == ["Parameter Event is not valid.", "ValidationException"]
    assert many.endswith("at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
    assert large == "Total size of the entries in the request is over the limit."
    assert code == "UnknownOperationException"


@pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")
def test_events_objects_and_messages_in_local_services_start_executions(project: Path) -> None:
    program = """
events.put_events(Entries=[entry()])
at_once = len(inputs("Orders"))
states.start_execution(stateMachineArn=arns["Puts"])
s3, sqs = boto3.client("s3"), boto3.client("sqs")
for key in ("a.gif", "b.png"):
    s3.put_object(Bucket="photos", Key=key, Body=b"x")
queue = sqs.get_queue_url(QueueName="incoming")["QueueUrl"]
for kind in ("other", "order"):
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"kind": kind}))
kinds = sorted(one["detail-type"] for one in inputs("Orders", 3))
found = inputs("Photos", 1), inputs("Messages", 1)
while True:
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    if told["ApproximateNumberOfMessages"] == told["ApproximateNumberOfMessagesNotVisible"] == "0":
        break
print(json.dumps([at_once, kinds, *found]))
"""
    at_once, kinds, photos, messages = told(project, program, "--real")
    assert at_once == 1
    assert kinds == ["FromHandler", "FromTask", "Placed"]
    assert photos == ["b.png"]
    assert messages == [[{"kind": "order"}]]
