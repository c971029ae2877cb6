"""Advice from a template: each example, what lies in the template's lines, and what is not said."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from sfdebug.advice.registry import RULES, rule_id
from sfdebug.advice.rule import Rule, RuleSubject
from sfdebug.advice.rules.deploying import deployment_advice
from sfdebug.asl.findings import Finding
from sfdebug.projects.addresses import DefinitionAddress

RULES_OF_TEMPLATES = [rule for rule in RULES.values() if rule.subject is RuleSubject.TEMPLATE]
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n"


def advised(folder: Path, resources: Any, definition: Any = PASS) -> list[Finding]:
    """What is said of the machine of a template with these resources."""
    (folder / "night.asl.json").write_text(json.dumps(definition))
    (folder / "app.py").write_text("def handler(event, context): ...\n")
    (folder / "template.yaml").write_text(HEAD + textwrap.indent(str(resources), "  ") + "\n")
    opened = DefinitionAddress(str(folder / "template.yaml")).opened()
    assert opened.project is not None
    assert opened.machine is not None
    return list(deployment_advice(opened.project, opened.machine))


def of(found: list[Finding], id: str) -> list[Finding]:
    return [finding for finding in found if rule_id(finding) == id]


@pytest.mark.parametrize("rule", RULES_OF_TEMPLATES, ids=lambda rule: rule.id)
def test_the_example_shows_it_and_what_is_advised_is_silent(rule: Rule, tmp_path: Path) -> None:
    assert rule.example is not None
    found = of(advised(tmp_path, rule.example.before), rule.id)
    assert found
    for finding in found:
        assert finding.verdict is not None
        assert finding.problem is not None
        assert finding.verdict.severity == rule.severity
        assert finding.problem.file.endswith("template.yaml")
        assert finding.problem.line > 2
    assert of(advised(tmp_path, rule.example.after), rule.id) == []


SEND = "arn:aws:states:::sns:publish"
TOPIC = "arn:aws:sns:us-east-1:210987654321:orders"


def sending(topic: str) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": SEND, "Parameters": {"TopicArn": topic, "Message": "m"}, "End": True}
    return {"StartAt": "Send", "States": {"Send": state}}


def test_what_is_written_out_is_told_in_the_file_that_people_edit(tmp_path: Path) -> None:
    machine = "Night:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    DefinitionUri: night.asl.json"
    (finding,) = of(advised(tmp_path, machine, sending(TOPIC)), "resource-written-out")
    assert finding.problem is not None
    assert finding.problem.file.endswith("night.asl.json")
    assert finding.problem.excerpt[finding.problem.column - 1 :].startswith(f'"{TOPIC}"')
    given = machine + f"\n    DefinitionSubstitutions: {{Topic: '{TOPIC}'}}"
    assert of(advised(tmp_path, given, sending("${Topic}")), "resource-written-out") == []


def test_a_template_without_a_machine_s_log_group_says_nothing_of_groups(tmp_path: Path) -> None:
    rules = RULES["log-group-without-retention"]
    assert rules.example is not None
    text = str(rules.example.before)
    assert of(advised(tmp_path, text.replace("Log.Arn", "Other.Arn")), rules.id) == []
    assert of(advised(tmp_path, text.replace("Level: ERROR", "Level: 'OFF'")), rules.id) == []


@pytest.mark.parametrize(("limit", "told"), [(29, True), (30, False)])
def test_a_task_and_its_function(limit: int, told: bool, tmp_path: Path) -> None:
    rule = RULES["function-outlives-task"]
    assert rule.example is not None
    text = str(rule.example.before).replace("TimeoutSeconds: 30", f"TimeoutSeconds: {limit}")
    found = of(advised(tmp_path, text.replace("Timeout: 300}", "Timeout: 30}")), rule.id)
    assert bool(found) is told


def test_terraform_s_words_are_known(tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text(json.dumps(PASS))
    (tmp_path / "main.tf").write_text(
        textwrap.dedent(
            """
            resource "aws_cloudwatch_log_group" "log" {
              name = "night"
            }
            resource "aws_cloudwatch_metric_alarm" "failed" {
              alarm_name  = "night-failed"
              namespace   = "AWS/States"
              metric_name = "ExecutionsFailed"
            }
            resource "aws_sfn_state_machine" "night" {
              name       = "night"
              role_arn   = "arn:aws:iam::123456789012:role/night"
              definition = file("night.json")
              tags       = { team = "billing" }
              logging_configuration {
                level           = "ALL"
                log_destination = "${aws_cloudwatch_log_group.log.arn}:*"
              }
              encryption_configuration {
                type = "CUSTOMER_MANAGED_KMS_KEY"
              }
            }
            """
        )
    )
    opened = DefinitionAddress(str(tmp_path)).opened()
    assert opened.project is not None
    assert opened.machine is not None
    found = {rule_id(each) for each in deployment_advice(opened.project, opened.machine)}
    assert found == {"log-group-without-retention", "log-group-without-vendedlogs", "tracing-off"}
