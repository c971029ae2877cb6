"""What `sfdebug serve` and `sfdebug exec` share: the environment of clients, who could answer, what is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.cli.served import who_could_answer
from sfdebug.hosting.refusals import HostRefusalError
from sfdebug.server.clients import undisturbed
from tests.hosted_runs import HandHost


@pytest.mark.parametrize(
    ("around", "more"),
    [
        ({"PATH": "/bin", "NO_PROXY": "example.com"}, {}),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}),
        ({"HTTP_PROXY": "http://p"}, {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}),
        (
            {"all_proxy": "http://p", "NO_PROXY": "example.com, localhost"},
            {"NO_PROXY": "example.com,localhost,127.0.0.1", "no_proxy": "example.com,localhost,127.0.0.1"},
        ),
    ],
)
def test_variables_that_lead_clients_elsewhere_are_taken_back(around: dict[str, str], more: dict[str, str]) -> None:
    assert undisturbed(around) == more


@pytest.mark.parametrize(
    ("resource", "parameters", "told"),
    [
        ("arn:aws:states:::lambda:invoke", {"FunctionName": "f"}, "--function NAME=FILE:HANDLER, --real or"),
        ("arn:aws:states:::http:invoke", {}, "or --url URL=ADDRESS."),
        ("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "b"}, "--services WHERE or --real."),
    ],
)
def test_a_task_that_nobody_answers_names_the_options_that_would(
    resource: str, parameters: dict[str, str], told: str
) -> None:
    task: dict[str, Any] = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    host = HandHost(unanswered=who_could_answer)
    ended = host.run(host.make({"StartAt": "T", "States": {"T": task}}))
    assert ended.error == "States.Runtime"
    assert f"(its Resource is {resource}). What would: a test case of --mocks" in str(ended.cause)
    assert told in str(ended.cause)


def test_a_distributed_map_that_has_no_items_names_the_options_that_would() -> None:
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    work: dict[str, Any] = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "b", "Key": "k"},
        },
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **inner},
        "End": True,
    }
    host = HandHost(unanswered=who_could_answer)
    ended = host.run(host.make({"StartAt": "M", "States": {"M": work}}))
    assert str(ended.cause).endswith("or files of --s3 DIR.")


def test_that_executions_are_forgotten_is_told_once() -> None:
    told: list[str] = []
    host = HandHost(keep=2)
    host.on_forgotten = lambda: told.append("forgotten")
    machine = host.make({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    first, *_ = [host.run(machine).arn, host.run(machine).arn]
    assert told == []
    host.run(machine)
    host.run(machine)
    with pytest.raises(HostRefusalError):
        host.execution(first)
    assert told == ["forgotten"]


def test_a_test_case_without_a_mock_file_is_refused_with_why() -> None:
    host = HandHost()
    machine = host.make({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    with pytest.raises(HostRefusalError) as refused:
        host.run(f"{machine}#Happy")
    assert refused.value.details == "there is no test case 'Happy': no mock file is given"
