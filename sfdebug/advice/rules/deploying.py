"""Advice on how a machine is deployed: what its template says, or leaves out, beside the definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.advice.adviser import Adviser, arguments_of, is_callback, is_function
from sfdebug.advice.rule import BEST_PRACTICES, GUIDE, Example, Rule, RuleSubject, Severity
from sfdebug.asl.findings import NOWHERE, Finding, our_verdict
from sfdebug.asl.reader import members
from sfdebug.asl.text.placed import PlacedSource
from sfdebug.asl.text.problems import quote
from sfdebug.errors import Problem
from sfdebug.limits import ExecutionType
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import State
    from sfdebug.asl.text.source import Document
    from sfdebug.projects.model import ProjectMachine, ProjectResource
    from sfdebug.projects.project import Project

_MACHINE: Final = """\
Night:
  Type: AWS::Serverless::StateMachine
  Properties:
    DefinitionUri: night.asl.json"""
_LOGGING: Final = f"""{_MACHINE}
    Logging:
      Level: ERROR
      Destinations: [CloudWatchLogsLogGroup: {{LogGroupArn: !GetAtt Log.Arn}}]"""
_GROUP: Final = """\
Log:
  Type: AWS::Logs::LogGroup
  Properties:
    LogGroupName: /aws/vendedlogs/states/night"""


def _rule(id: str, severity: Severity, why: str, fix: str, source: str, before: str, after: str) -> Rule:
    return Rule(id, severity, why, fix, source, Example(before, after), RuleSubject.TEMPLATE)


def _sending(topic: str) -> str:
    return f"""\
Night:
  Type: AWS::Serverless::StateMachine
  Properties:
    Definition:
      StartAt: Send
      States:
        Send:
          Type: Task
          Resource: arn:aws:states:::sns:publish
          Parameters: {{TopicArn: '{topic}', Message: done}}
          End: true"""


def _charging(seconds: int) -> str:
    return f"""\
Night:
  Type: AWS::Serverless::StateMachine
  Properties:
    Definition:
      StartAt: Charge
      States:
        Charge: {{Type: Task, Resource: !GetAtt Charge.Arn, TimeoutSeconds: {seconds}, End: true}}
Charge:
  Type: AWS::Serverless::Function
  Properties: {{Runtime: python3.13, Handler: app.handler, CodeUri: ., Timeout: 300}}"""


NO_LOG: Final = _rule(
    "logging-off",
    Severity.INFO,
    "The history of an execution is gone after 90 days, and nothing can be searched across executions.",
    "set the level of its log to ERROR or ALL, with a log group as its destination",
    f"{GUIDE}cw-logs.html",
    _MACHINE,
    _LOGGING,
)
NO_EXPRESS_LOG: Final = _rule(
    "express-without-log",
    Severity.WARNING,
    "An Express execution has no history but its log: of one that fails nothing is left to look at.",
    "set the level of its log to ERROR or ALL, with a log group as its destination",
    f"{GUIDE}cw-logs.html",
    f"{_MACHINE}\n    Type: EXPRESS",
    f"{_LOGGING}\n    Type: EXPRESS",
)
NO_TRACING: Final = _rule(
    "tracing-off",
    Severity.INFO,
    "Without X-Ray nothing shows where the time of a request goes that passes through functions and machines.",
    "enable tracing",
    f"{GUIDE}concepts-xray-tracing.html",
    _MACHINE,
    f"{_MACHINE}\n    Tracing: {{Enabled: true}}",
)
NO_KEY: Final = _rule(
    "encryption-by-aws-key",
    Severity.INFO,
    "Data at rest are encrypted with a key of AWS: who may read them is not for a key policy of yours to say.",
    "where inputs and outputs are confidential: name a key of your own in EncryptionConfiguration",
    f"{GUIDE}encryption-at-rest.html",
    _MACHINE,
    f"{_MACHINE}\n    EncryptionConfiguration: {{Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !Ref Key}}",
)
NO_TAGS: Final = _rule(
    "machine-without-tags",
    Severity.INFO,
    "Costs are told apart by tags: without one, the machine's share of a bill is anybody's guess.",
    "tag the machine, or the whole stack when it is deployed",
    BEST_PRACTICES,
    _MACHINE,
    f"{_MACHINE}\n    Tags: {{team: billing}}",
)
NO_ALARM: Final = _rule(
    "machine-without-alarm",
    Severity.INFO,
    "Nobody is told when executions fail, time out or are throttled, unless an alarm elsewhere does it.",
    "add alarms on ExecutionsFailed, ExecutionsTimedOut and ExecutionThrottled, with Sum as the statistic",
    f"{GUIDE}procedure-cw-metrics.html",
    _MACHINE,
    f"""{_MACHINE}
Failed:
  Type: AWS::CloudWatch::Alarm
  Properties:
    Namespace: AWS/States
    MetricName: ExecutionsFailed
    Statistic: Sum
    Dimensions: [{{Name: StateMachineArn, Value: !Ref Night}}]""",
)
NOT_VENDED: Final = _rule(
    "log-group-without-vendedlogs",
    Severity.INFO,
    "Each such log group adds to one resource policy of 5,120 characters: when it is full, no further log can be made.",
    "begin its name with /aws/vendedlogs/",
    f"{BEST_PRACTICES}; {GUIDE}cw-logs.html",
    f"{_LOGGING}\n{_GROUP.replace('/aws/vendedlogs/states/night', 'night')}\n    RetentionInDays: 30",
    f"{_LOGGING}\n{_GROUP}\n    RetentionInDays: 30",
)
KEPT: Final = _rule(
    "log-group-without-retention",
    Severity.ADVICE,
    "Its events are kept, and paid for, forever.",
    "say for how many days they are kept",
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    f"{_LOGGING}\n{_GROUP}",
    f"{_LOGGING}\n{_GROUP}\n    RetentionInDays: 30",
)
WRITTEN_OUT: Final = _rule(
    "resource-written-out",
    Severity.ADVICE,
    "The account is written into the definition: a stack in another one calls what is here, or fails.",
    "put it in with a substitution, a reference or a parameter of the template",
    f"{GUIDE}concepts-sam-sfn.html",
    _sending("arn:aws:sns:us-east-1:210987654321:orders"),
    f"{_sending('${Topic}')}\n    DefinitionSubstitutions: {{Topic: !Ref Orders}}",
)
OUTLIVES: Final = _rule(
    "function-outlives-task",
    Severity.ADVICE,
    "The Task gives up while the function still works: a Retry then runs a second one beside it.",
    "let the Task wait longer than the function may run",
    BEST_PRACTICES,
    _charging(30),
    _charging(310),
)

RULES: Final = (
    NO_EXPRESS_LOG,
    NO_LOG,
    KEPT,
    NOT_VENDED,
    NO_TRACING,
    NO_ALARM,
    NO_TAGS,
    NO_KEY,
    WRITTEN_OUT,
    OUTLIVES,
)

_METRICS: Final = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionThrottled", "ExecutionsAborted")
_ALARMS: Final = ("AWS::CloudWatch::Alarm", "aws_cloudwatch_metric_alarm", "aws:cloudwatch/metricAlarm:MetricAlarm")
_LOG_GROUPS: Final = ("AWS::Logs::LogGroup", "aws_cloudwatch_log_group", "aws:cloudwatch/logGroup:LogGroup")
"""As CloudFormation, Terraform and Pulumi call them."""

_VENDED: Final = "/aws/vendedlogs/"
_OWNED: Final = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:\d{12}:.|https://sqs\.[\w.-]+/\d{12}/")
"""An ARN or an address with an account in it."""

_OFF: Final = ("", "OFF")
_ENCRYPTION: Final = frozenset({"EncryptionConfiguration", "encryption_configuration", "encryptionConfiguration"})


def deployment_advice(project: Project, machine: ProjectMachine) -> tuple[Finding, ...]:
    """What the rules of this module say of a machine of a project."""
    found = [*_on_machine(project, machine), *_on_log_groups(project, machine)]
    definition = machine.definition
    if definition is not None:
        adviser = Adviser(definition, machine.type)
        if not machine.is_generated:
            _check_written_out(adviser)
        _check_functions(adviser, project)
        found += adviser.findings
    return tuple(found)


def _on_machine(project: Project, machine: ProjectMachine) -> Iterator[Finding]:
    name = quote(machine.name)
    resource = project.resource_of(machine)
    file, line = (machine.file, machine.line) if resource is None else (resource.file, resource.line)
    if machine.logging in _OFF:
        rule = NO_EXPRESS_LOG if machine.type is ExecutionType.EXPRESS else NO_LOG
        yield _noted(rule, file, line, f"{name} writes no log")
    if not machine.tracing:
        yield _noted(NO_TRACING, file, line, f"{name} is not traced")
    if not machine.tags:
        yield _noted(NO_TAGS, file, line, f"{name} has no tags")
    if resource is not None and not _ENCRYPTION & resource.properties.keys():
        yield _noted(NO_KEY, file, line, f"{name} is encrypted with a key of AWS")
    if not any(_watches(each) for each in project.resources):
        what = f"no alarm of this project is on executions of {name} that fail, time out or are throttled"
        yield _noted(NO_ALARM, file, line, what)


def _watches(resource: ProjectResource) -> bool:
    properties = resource.properties
    metric = next(
        (properties[name] for name in ("MetricName", "metric_name", "metricName") if name in properties), None
    )
    return resource.type in _ALARMS and (metric is None or metric in _METRICS)


def _on_log_groups(project: Project, machine: ProjectMachine) -> Iterator[Finding]:
    if machine.logging in _OFF:
        return
    own = project.resource_of(machine)
    said = _texts(dict(own.properties)) if own is not None else set()
    for resource in project.resources:
        if resource.type not in _LOG_GROUPS or not any(_names(resource, text) for text in said):
            continue
        name = quote(resource.name)
        if not {"RetentionInDays", "retention_in_days", "retentionInDays"} & resource.properties.keys():
            yield _noted(KEPT, resource.file, resource.line, f"the log group {name} keeps its events forever")
        if not resource.name.startswith(_VENDED) and "${" not in resource.name:
            what = f"the log group {name} does not begin with {_VENDED}"
            yield _noted(NOT_VENDED, resource.file, resource.line, what)


def _names(resource: ProjectResource, text: str) -> bool:
    """Whether a text is the ARN of a log group, with or without the `:*` at its end."""
    arn = resource.arn.partition(":*")[0]
    return bool(arn) and text.partition(":*")[0] == arn


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {text for key, item in value.items() if key not in _WHOLE for text in _texts(item)}
    return {text for item in value for text in _texts(item)} if isinstance(value, list) else set()


_WHOLE: Final = ("Definition", "DefinitionString", "definition")
"""Definitions may be large, and no log group of the machine stands in one."""


def _noted(rule: Rule, file: str, line: int, what: str) -> Finding:
    problem = Problem(file, line, 1 if line else 0, what, rule.fix, severity="warning")
    return Finding(problem, our_verdict(what, rule.code, rule.severity), NOWHERE)


# in the definition, as its file has it


def _check_written_out(adviser: Adviser) -> None:
    for state in adviser.tasks:
        fields: dict[str, Json] = {
            name: state.fields[name] for name in ("Resource", "Parameters", "Arguments") if name in state.fields
        }
        for pointer, _, value in members(state.pointer, fields):
            if isinstance(value, str) and _OWNED.match(value) and _is_literal(adviser.machine.document, pointer, value):
                what = f"{quote(state.name)} names what it calls with its account: {quote(value)}"
                adviser.note(WRITTEN_OUT, pointer, what, key=False)


def _is_literal(document: Document, pointer: tuple[str | int, ...], value: str) -> bool:
    """Whether a text stands in the file as it is, and was not put there by a substitution or a reference."""
    source = document.source
    if not isinstance(source, PlacedSource):
        return True
    span = document.span(pointer)
    start = source.text.find(value, span.start, span.end)
    place = source.placed.place(max(start, span.start))
    return start >= 0 and source.origin.text[place : place + len(value)] == value


def _check_functions(adviser: Adviser, project: Project) -> None:
    for state in adviser.tasks:
        limit = state.fields.get("TimeoutSeconds")
        if not isinstance(limit, int) or not is_function(state) or is_callback(state):
            continue
        longest = _longest(project, state)
        if longest > limit:
            what = f"{quote(state.name)} gives up after {limit} s, and its function may run for {longest} s"
            adviser.note(OUTLIVES, (*state.pointer, "TimeoutSeconds"), what)


def _longest(project: Project, state: State) -> int:
    """How long the function of a Task may run, in seconds; 0 when it is none of the project."""
    target = project.target(state.resource, dict(arguments_of(state)))
    return target.function.timeout if target is not None and target.function is not None else 0
