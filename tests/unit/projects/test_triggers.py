"""What starts machines, read of templates, serverless.yml and Terraform: with places, and with what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug.projects.loading import load_project
from sfdebug.projects.model import MachineTrigger, TriggerSource
from sfdebug.projects.project import Project
from sfdebug.projects.triggers.making import DeclaredAt, rule_trigger, schedule_trigger
from sfdebug.reports.projects import project_dict, project_lines
from sfdebug.reports.triggers import project_triggers, trigger_lines, trigger_words
from tests.unit.projects.folders import line_of, write

PASS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:Orders"
RULES = "arn:aws:events:eu-west-1:123456789012:rule"
SCHEDULES = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:incoming"

SAM = f"""
Transform: AWS::Serverless-2016-10-31
Parameters:
  Team: {{Type: String}}
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: Orders
      Definition: {PASS}
      Events:
        Placed:
          Type: EventBridgeRule
          Properties:
            EventBusName: !Ref Bus
            Pattern: {{source: [shop], detail: {{total: [{{numeric: [">", 10]}}]}}}}
            InputTransformer: {{InputPathsMap: {{id: $.detail.id}}, InputTemplate: '{{"order": <id>}}'}}
        Old:
          Type: CloudWatchEvent
          Properties: {{Pattern: {{source: [!Ref Team]}}, InputPath: $.detail}}
        Nightly: {{Type: Schedule, Properties: {{Schedule: rate(1 day), Input: '{{"all": true}}', Enabled: false}}}}
        Weekly:
          Type: ScheduleV2
          Properties:
            {{ScheduleExpression: "cron(0 8 ? * MON *)", ScheduleExpressionTimezone: Europe/Rome, Name: weekly}}
        Post: {{Type: Api, Properties: {{Path: /orders, Method: post}}}}
        Wrong: {{Type: EventBridgeRule, Properties: {{Pattern: {{source: shop}}}}}}
        Strange: {{Type: Carrier, Properties: {{}}}}
  Bus:
    Type: AWS::Events::EventBus
    Properties: {{Name: shop-bus}}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: incoming}}
  Late:
    Type: AWS::Events::Rule
    Properties:
      Name: late
      EventPattern: {{detail-type: [Late]}}
      State: DISABLED
      Targets:
        - {{Id: elsewhere, Arn: !GetAtt Queue.Arn}}
        - {{Id: machine, Arn: !Sub "${{Orders}}:live", Input: '{{"late": true}}'}}
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: hourly
      ScheduleExpression: rate(1 hour)
      Target:
        Arn: arn:aws:scheduler:::aws-sdk:sfn:startExecution
        Input: !Sub '{{"StateMachineArn": "${{Orders}}", "Input": "{{\\"hour\\": 1}}"}}'
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Name: incoming-pipe
      Source: !GetAtt Queue.Arn
      SourceParameters:
        SqsQueueParameters: {{BatchSize: 5}}
        FilterCriteria: {{Filters: [{{Pattern: '{{"body": {{"kind": ["order"]}}}}'}}]}}
      Target: !Ref Orders
      TargetParameters:
        InputTemplate: '{{"order": <$.body.order>}}'
        StepFunctionStateMachineParameters: {{InvocationType: FIRE_AND_FORGET}}
"""


def load(folder: Path) -> Project:
    return load_project(folder, region="eu-west-1", account="123456789012", environment={})


def of(project: Project) -> dict[str, MachineTrigger]:
    (machine,) = project.machines
    return {trigger.name: trigger for trigger in machine.triggers}


def test_what_a_template_of_sam_declares(tmp_path: Path) -> None:
    project = load(write(tmp_path, template_dot_yaml=SAM))
    found = of(project)
    assert list(found) == ["Placed", "Old", "Nightly", "Weekly", "Post", "Wrong", "Strange", "Late", "Hourly", "Pipe"]
    template = tmp_path / "template.yaml"
    for name, part in (
        ("Placed", "        Placed:"),
        ("Nightly", "Nightly:"),
        ("Pipe", "  Pipe:"),
        ("Late", "  Late:"),
    ):
        assert (found[name].file, found[name].line) == (str(template), line_of(template, part))
    placed = found["Placed"]
    assert (placed.source, placed.arn) == (TriggerSource.EVENTS, f"{RULES}/shop-bus/OrdersPlaced")
    assert placed.settings == {
        "EventBusName": "shop-bus",
        "EventPattern": {"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}},
        "InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'},
    }
    assert found["Old"].settings["InputPath"] == "$.detail"
    assert "${Team}" in found["Old"].problem
    nightly = found["Nightly"]
    assert (nightly.source, nightly.is_enabled, nightly.settings["Input"]) == (
        TriggerSource.SCHEDULE,
        False,
        '{"all": true}',
    )
    assert (found["Weekly"].arn, found["Weekly"].settings) == (
        f"{SCHEDULES}/weekly",
        {"ScheduleExpression": "cron(0 8 ? * MON *)", "ScheduleExpressionTimezone": "Europe/Rome"},
    )
    assert (found["Post"].source, found["Post"].detail) == (TriggerSource.REQUEST, "POST /orders")
    late = found["Late"]  # of two targets, the one that is an alias of the machine
    assert (late.arn, late.is_enabled, late.settings["Input"]) == (f"{RULES}/late", False, '{"late": true}')
    assert found["Hourly"].settings["Input"] == '{"hour": 1}'
    pipe = found["Pipe"]
    assert (pipe.source, pipe.problem) == (TriggerSource.PIPE, "")
    assert pipe.settings == {
        "Source": QUEUE,
        "Filters": [{"body": {"kind": ["order"]}}],
        "InvocationType": "FIRE_AND_FORGET",
        "InputTemplate": '{"order": <$.body.order>}',
        "BatchSize": 5,
    }


def test_what_cannot_be_read_is_said_at_its_place(tmp_path: Path) -> None:
    project = load(write(tmp_path, template_dot_yaml=SAM))
    found = of(project)
    assert found["Wrong"].problem == 'Event pattern is not valid. Reason: "source" must be an object or an array'
    assert "Carrier" in found["Strange"].problem
    (problem,) = [one for one in project.problems if "Event pattern" in one.what]
    assert (problem.line, problem.severity) == (line_of(tmp_path / "template.yaml", "Wrong:"), "warning")


def test_a_schedule_that_is_never_due_says_why() -> None:
    def problem(expression: str, **more: str) -> str:
        properties = {"ScheduleExpression": expression, **more}
        scheduled = schedule_trigger("Schedule", "S", SCHEDULES, properties, {}, DeclaredAt())
        assert scheduled.settings == properties
        return scheduled.problem

    assert problem("rate(1 days)", StartDate="2026-03-05T08:00:00Z", EndDate="2026-03-06") == ""
    assert problem("cron(0 8 * * *)").startswith("its schedule cannot be read: cron(…) has six fields")
    assert problem("rate(${Often})") == "its schedule has ${Often}, which is known at deployment only"
    ruled = rule_trigger("Schedule", "R", "arn", {"ScheduleExpression": "rate(1 days)"}, {}, DeclaredAt())
    assert ruled.problem == "its schedule cannot be read: a rule takes rate(1 day), and refuses rate(1 days)"


def test_they_are_told_in_words(tmp_path: Path) -> None:
    project = load(write(tmp_path, template_dot_yaml=SAM))
    words = {name: trigger_words(trigger) for name, trigger in of(project).items()}
    assert words["Placed"] == "source is shop, detail.total > 10 (on the bus shop-bus)"
    assert words["Weekly"] == "at 08:00 on MON (Europe/Rome)"
    assert words["Pipe"] == "messages of incoming, where body.kind is order"
    lines = trigger_lines(project_triggers(project.machines))
    assert any(line.endswith(f"template.yaml:{line_of(tmp_path / 'template.yaml', '  Late:')}") for line in lines)
    assert any("(is disabled)" in line for line in lines)
    assert not any("requests of an API" in line for line in lines)
    told = project_lines(project)
    assert told[told.index("started by:") + 1 :][: len(lines)] == [f"  {line}" for line in lines]
    found: Any = project_dict(project)
    assert json.loads(json.dumps(found))["machines"][0]["triggers"][0]["settings"]["EventBusName"] == "shop-bus"


SERVERLESS = f"""
service: shop
provider: {{name: aws, region: eu-west-1}}
plugins: [serverless-step-functions]
custom: {{team: shop}}
stepFunctions:
  stateMachines:
    orders:
      name: Orders
      events:
        - http: {{path: orders, method: post}}
        - http: GET orders/all
        - schedule: rate(10 minutes)
        - schedule:
            rate: [rate(1 day), cron(0 8 * * ? *)]
            input: {{all: true}}
            enabled: false
        - eventBridge:
            eventBusName: !Ref Bus
            event: {{source: ["${{self:custom.team}}"]}}
            inputPath: $.detail
        - cloudwatchEvent:
            event: {{source: [x], detail: {{state: {{}}}}}}
        - alexaSkill: {{}}
      definition: {PASS}
resources:
  Resources:
    Bus: {{Type: "AWS::Events::EventBus", Properties: {{Name: shop-bus}}}}
"""


def test_what_serverless_yml_declares(tmp_path: Path) -> None:
    project = load(write(tmp_path, serverless_dot_yml=SERVERLESS))
    found = of(project)
    assert [(name, one.source, one.is_enabled) for name, one in found.items()] == [
        ("http 1", TriggerSource.REQUEST, True),
        ("http 2", TriggerSource.REQUEST, True),
        ("schedule 3", TriggerSource.SCHEDULE, True),
        ("schedule 4.1", TriggerSource.SCHEDULE, False),
        ("schedule 4.2", TriggerSource.SCHEDULE, False),
        ("eventBridge 5", TriggerSource.EVENTS, True),
        ("cloudwatchEvent 6", TriggerSource.EVENTS, True),
        ("alexaSkill 7", TriggerSource.OTHER, True),
    ]
    assert found["http 2"].detail == "GET orders/all"
    assert found["schedule 4.2"].settings == {
        "EventBusName": "default",
        "ScheduleExpression": "cron(0 8 * * ? *)",
        "Input": '{"all":true}',
    }
    rule = found["eventBridge 5"]
    assert rule.settings == {
        "EventBusName": "shop-bus",
        "EventPattern": {"source": ["shop"]},
        "InputPath": "$.detail",
    }
    assert (rule.file, rule.line) == (
        str(tmp_path / "serverless.yml"),
        line_of(tmp_path / "serverless.yml", "eventBridge:"),
    )
    assert "Empty objects are not allowed" in found["cloudwatchEvent 6"].problem
    (problem,) = [one for one in project.problems if "Event pattern" in one.what]
    assert problem.line == line_of(tmp_path / "serverless.yml", "event: {source: [x]")


TERRAFORM = (
    """
provider "aws" { region = "eu-west-1" }
resource "aws_sfn_state_machine" "orders" {
  name       = "Orders"
  definition = jsonencode("""
    + PASS
    + """)
}
resource "aws_sqs_queue" "incoming" { name = "incoming" }
resource "aws_cloudwatch_event_bus" "shop" { name = "shop-bus" }
resource "aws_cloudwatch_event_rule" "placed" {
  name           = "placed"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  state          = "DISABLED"
  event_pattern  = jsonencode({ source = ["shop"], detail = { state = [{ exists = true }] } })
}
resource "aws_cloudwatch_event_target" "start" {
  rule           = aws_cloudwatch_event_rule.placed.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  arn            = aws_sfn_state_machine.orders.arn
  input_transformer {
    input_paths    = { id = "$.detail.id" }
    input_template = "{\\"order\\": <id>}"
  }
}
resource "aws_scheduler_schedule" "hourly" {
  name                = "hourly"
  schedule_expression = "rate(1 hour)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_sfn_state_machine.orders.arn
    role_arn = "arn:aws:iam::123456789012:role/r"
    input    = jsonencode({ hour = 1 })
  }
}
resource "aws_pipes_pipe" "incoming" {
  name   = "incoming-pipe"
  source = aws_sqs_queue.incoming.arn
  target = aws_sfn_state_machine.orders.arn
  source_parameters {
    filter_criteria {
      filter { pattern = jsonencode({ body = { kind = ["order"] } }) }
    }
    sqs_queue_parameters { batch_size = 5 }
  }
  target_parameters {
    input_template = "<$.body>"
    step_function_state_machine_parameters { invocation_type = "FIRE_AND_FORGET" }
  }
}
"""
)


def test_what_terraform_declares(tmp_path: Path) -> None:
    found = of(load(write(tmp_path, main_dot_tf=TERRAFORM)))
    assert list(found) == ["placed", "hourly", "incoming"]
    placed = found["placed"]
    assert (placed.is_enabled, placed.line) == (False, line_of(tmp_path / "main.tf", '"placed"'))
    assert placed.settings == {
        "EventBusName": "shop-bus",
        "EventPattern": {"source": ["shop"], "detail": {"state": [{"exists": True}]}},
        "InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'},
    }
    assert found["hourly"].settings == {"ScheduleExpression": "rate(1 hour)", "Input": '{"hour":1}'}
    assert found["incoming"].settings == {
        "Source": QUEUE,
        "Filters": [{"body": {"kind": ["order"]}}],
        "InvocationType": "FIRE_AND_FORGET",
        "InputTemplate": "<$.body>",
        "BatchSize": 5,
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"Properties": "nonsense"}, "neither its pattern nor its schedule"),
        ({"Properties": {"EventPattern": "{"}}, "no JSON"),
        ({"Properties": {"EventPattern": {"Ref": "AWS::NoSuchThing"}}}, "known at deployment only"),
        ({"Properties": {"EventPattern": {}}}, "Empty objects"),
    ],
)
def test_a_rule_that_says_nothing(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    event = {"Type": "EventBridgeRule", **given}
    if isinstance(event["Properties"], dict):
        event["Properties"] = {"Pattern": event["Properties"]["EventPattern"]}
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Definition": json.loads(PASS), "Events": {"It": event}},
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Orders": machine}}
    (trigger,) = of(load(write(tmp_path, template_dot_json=json.dumps(template)))).values()
    assert told in trigger.problem


@pytest.mark.parametrize(
    ("notification", "extra", "is_quiet"),
    [
        ("", {}, True),
        ("NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}", {}, False),
        ("NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: false}}", {}, True),
        ("", {"BucketName": "photos", "NotificationConfiguration": {"EventBridgeConfiguration": {}}}, False),
    ],
)
def test_a_rule_that_waits_for_a_bucket_which_tells_nobody_says_so(
    tmp_path: Path, notification: str, extra: dict[str, Any], is_quiet: bool
) -> None:
    template = f"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: photos
      {notification}
  Beside: {{Type: "Custom::S3BucketNotifications", Properties: {json.dumps(extra)}}}
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {PASS}
      Events:
        Photo:
          Type: EventBridgeRule
          Properties: {{Pattern: {{source: [aws.s3], detail: {{bucket: {{name: [photos]}}}}}}}}
        Other:
          Type: EventBridgeRule
          Properties: {{Pattern: {{source: [aws.s3], detail: {{bucket: {{name: [films]}}}}}}}}
"""
    found = of(load(write(tmp_path, template_dot_yaml=template)))
    assert ("the bucket photos tells EventBridge of nothing" in found["Photo"].problem) is is_quiet
    assert found["Other"].problem == ""
