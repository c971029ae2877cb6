"""What looks like the case of a rule and is none, beside what is: each was a false alarm on a real definition."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sfdebug.advice.advising import advice_on
from sfdebug.advice.registry import RULES, rule_id
from sfdebug.advice.rules import retrying
from sfdebug.asl.load import definition_from
from sfdebug.limits import ExecutionType

INVOKE: Final = "arn:aws:states:::lambda:invoke"
SERVICE_ERRORS: Final = ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"]


def task(resource: str, then: str = "") -> dict[str, Any]:
    way: dict[str, Any] = {"Next": then} if then else {"End": True}
    return {"Type": "Task", "Resource": resource, "Parameters": {}, **way}


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def told(definition: dict[str, Any]) -> set[str]:
    found = advice_on(definition_from(definition), ExecutionType.STANDARD)
    assert all(each.problem is not None and each.problem.line for each in found)
    return {rule_id(each) for each in found}


def invoking_in(container: str, errors: list[str], **fields: Any) -> dict[str, Any]:
    inner = machine(Do=task(INVOKE))
    content: dict[str, Any] = {"Branches": [inner]} if container == "Parallel" else {"ItemProcessor": inner}
    retry = [{"ErrorEquals": errors, "MaxAttempts": 3}]
    return machine(All={"Type": container, **content, "Retry": retry, "End": True, **fields})


CONFIG: Final = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
DISTRIBUTED: Final = {"ProcessorConfig": CONFIG, **machine(Do=task(INVOKE))}
READER: Final = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}


def over(**fields: Any) -> dict[str, Any]:
    return machine(Each={"Type": "Map", "ItemProcessor": DISTRIBUTED, "End": True, **fields})


def polling(start: str, ask: str) -> dict[str, Any]:
    rules = [{"Variable": "$.State", "StringEquals": "DONE", "Next": "Over"}]
    return machine(
        Start=task(start, "Wait"),
        Wait={"Type": "Wait", "Seconds": 20, "Next": "Ask"},
        Ask=task(ask, "Done?"),
        **{"Done?": {"Type": "Choice", "Choices": rules, "Default": "Wait"}},
        Over={"Type": "Succeed"},
    )


SDK: Final = "arn:aws:states:::aws-sdk:"
EMR_START: Final = f"{SDK}emrserverless:startJobRun"
EMR_ASK: Final = f"{SDK}emrserverless:getJobRun"


@pytest.mark.parametrize(
    ("rule", "silent", "telling"),
    [
        ("lambda-without-service-retry", invoking_in("Parallel", ["States.ALL"]), invoking_in("Parallel", ["Mine"])),
        ("lambda-without-service-retry", invoking_in("Map", SERVICE_ERRORS), invoking_in("Map", SERVICE_ERRORS[:2])),
        (
            "lambda-without-service-retry",
            over(Retry=[], ItemProcessor={**DISTRIBUTED, **invoking_in("Map", SERVICE_ERRORS)}),
            over(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}]),
        ),
        ("distributed-map-without-result-writer", over(ItemsPath="$.rows"), over(ItemReader=READER)),
        (
            "job-without-timeout",
            machine(Do=task("arn:aws:states:::states:startExecution.sync:2")),
            machine(Do=task("arn:aws:states:::ecs:runTask.sync")),
        ),
        (
            "machine-without-timeout",
            machine(Do=task("arn:aws:states:::athena:startQueryExecution.sync")),
            machine(Do=task("arn:aws:states:::ecs:runTask.sync")),
        ),
        ("poll-instead-of-sync", polling(f"{SDK}sns:publish", EMR_ASK), polling(EMR_START, EMR_ASK)),
        ("polling-loop-fills-history", polling(EMR_START, EMR_ASK), polling(f"{SDK}sns:publish", EMR_ASK)),
        (
            "page-larger-than-payload",
            machine(Do={**task(f"{SDK}dynamodb:query"), "Parameters": {"ProjectionExpression": "id"}}),
            machine(Do={**task(f"{SDK}dynamodb:query"), "Parameters": {"TableName": "t"}}),
        ),
        ("standard-could-be-express", machine(Do=task("${Activity}")), machine(Do=task(INVOKE))),
        (
            "result-not-trimmed",
            machine(Do=task(f"{SDK}glue:startCrawler", "A"), A={"Type": "Succeed"}),
            machine(Do=task(f"{SDK}glue:getCrawler", "A"), A={"Type": "Succeed"}),
        ),
    ],
)
def test_what_is_let_be_and_what_is_told(rule: str, silent: dict[str, Any], telling: dict[str, Any]) -> None:
    assert rule in RULES
    assert rule not in told(silent)
    assert rule in told(telling)


def asking(value: str, *, is_jsonata: bool = False) -> dict[str, Any]:
    sent = {"QueueUrl": "https://q", "MessageBody": value} if is_jsonata else {"QueueUrl": "https://q", "M.$": value}
    fields = {"QueryLanguage": "JSONata", "Arguments": sent} if is_jsonata else {"Parameters": sent}
    asks = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", **fields, "End": True}
    return machine(Ask=asks)


@pytest.mark.parametrize(
    ("value", "is_passed"),
    [
        ("$$.Task.Token", True),
        ("$$['Task']['Token']", True),
        ("$$.Task['Token']", True),
        ("$$", True),
        ("$$.Task", True),
        ("$$['Task']", True),
        ("$$.*", True),
        ("$$..Token", True),
        ("States.JsonToString($$)", True),
        ("States.JsonToString($$.Task)", True),
        ("States.Format('{} {}', $.id, $$['Task'])", True),
        ("$$.Execution.Id", False),
        ("$$['Execution']['Id']", False),
        ("States.JsonToString($$.Execution)", False),
        ("$.Task", False),
        ("{% $states.context.Task.Token %}", True),
        ("{% $states.context.'Task'.'Token' %}", True),
        ("{% $states %}", True),
        ("{% $string($states) %}", True),
        ("{% $states.context %}", True),
        ("{% $lookup($states.context, 'Task') %}", True),
        ("{% $states.context.Task %}", True),
        ("{% $states.context.* %}", True),
        ("{% $states.context.Execution.Id %}", False),
        ("{% $states.input %}", False),
    ],
)
def test_whatever_holds_the_token_passes_it(value: str, is_passed: bool) -> None:
    found = told(asking(value, is_jsonata=value.startswith("{%")))
    assert ("callback-without-token" not in found) is is_passed


def test_no_api_model_is_read_where_that_was_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def found(service: str, call: str) -> None:
        asked.append(f"{service}:{call}")

    monkeypatch.setattr(retrying, "api_of", found)
    retry = [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]
    starting = definition_from(machine(Do={**task(f"{SDK}emrserverless:startJobRun"), "Retry": retry}))
    advice_on(starting, reads_models=False)
    assert asked == []
    advice_on(starting)
    assert asked == ["aws-sdk:emrserverless:startJobRun"]
