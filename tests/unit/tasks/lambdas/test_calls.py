"""Tasks that call Lambda functions: forms of Resources, results, failures, task tokens, and calling once."""

from __future__ import annotations

import base64
import http.server
import json
import random
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.debugger import Debugger, StopReason
from sfdebug.engine import ExecutionStatus, Settings
from sfdebug.errors import UsageError
from sfdebug.simulation import simulate
from sfdebug.tasks.functions import FunctionTasks
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.lambdas.calls import NO_CALLBACK, LambdaTasks
from sfdebug.tasks.lambdas.endpoint import EndpointError, LambdaEndpoint
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.lambdas.runtime_api import MAX_RESPONSE
from sfdebug.tasks.outside import OutsideCall
from sfdebug.tasks.state_machines import StateMachines

HANDLERS = Path(__file__).parent / "handlers.py"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:charge"
INVOKE = "arn:aws:states:::lambda:invoke"
SDK = "arn:aws:states:::aws-sdk:lambda:invoke"

Tasks = Callable[..., LambdaTasks]


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    """Makes a task handler for handlers of this folder, by the names of functions."""
    begun: list[LambdaTasks] = []

    def make(endpoint: str | None = None, **handlers: str) -> LambdaTasks:
        functions = [
            replace(function_from(f"{name}={HANDLERS}:{handler}"), interpreter=sys.executable, timeout=20)
            for name, handler in handlers.items()
        ]
        begun.append(LambdaTasks(functions, LambdaEndpoint(endpoint) if endpoint else None))
        return begun[-1]

    yield make
    for each in begun:
        each.close()


def machine(resource: str, parameters: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
    given = {} if parameters is None else {"Parameters": parameters}
    return {"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": resource, "End": True, **given, **others}}}


# forms


@pytest.mark.parametrize("name", ["charge", ARN, f"{ARN}:live", "123456789012:function:charge"])
def test_invoke_gives_the_result_with_what_lambda_says_of_the_call(tasks: Tasks, name: str) -> None:
    run = simulate(machine(INVOKE, {"FunctionName": name, "Payload.$": "$"}), {"n": 1}, tasks(charge="echo"))
    output: Any = run.output
    assert list(output) == ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert output["Payload"] == {"event": {"n": 1}, "name": "charge", "price": 1.5}
    assert output["StatusCode"] == output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert list(output["SdkHttpMetadata"]) == ["AllHttpHeaders", "HttpHeaders", "HttpStatusCode"]


def test_an_arn_as_the_resource_gives_the_result_alone(tasks: Tasks) -> None:
    assert simulate(machine(ARN), {"n": 1}, tasks(charge="echo")).output == {
        "event": {"n": 1}, "name": "charge", "price": 1.5
    }  # fmt: skip


def test_the_sdk_call_has_texts_as_payloads_and_does_not_fail_with_the_function(tasks: Tasks) -> None:
    run = simulate(machine(SDK, {"FunctionName": "charge", "Payload": '{"most": 2}'}), {}, tasks(charge="refuse"))
    output: Any = run.output
    assert list(output) == ["ExecutedVersion", "FunctionError", "Payload", "StatusCode"]
    assert json.loads(output["Payload"])["errorType"] == "TooMuchError"


@pytest.mark.parametrize(("kind", "status"), [("Event", 202), ("DryRun", 204)])
def test_other_types_of_invocation_give_no_payload(tasks: Tasks, kind: str, status: int) -> None:
    definition = machine(INVOKE, {"FunctionName": "charge", "InvocationType": kind})
    output: Any = simulate(definition, {}, tasks(charge="echo")).output
    assert output["StatusCode"] == status
    assert "Payload" not in output


def test_what_a_function_raises_fails_the_task_as_recorded(tasks: Tasks) -> None:
    run = simulate(machine(ARN), {"most": 2}, tasks(charge="refuse"))
    assert run.fault is not None
    assert run.fault.error == "TooMuchError"
    cause = json.loads(run.fault.cause or "")
    assert list(cause) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (run.fault.cause or "").startswith('{"errorMessage":"no more than 2","errorType":"TooMuchError",')


def test_the_time_that_a_call_took_passes(tasks: Tasks) -> None:
    handler = tasks(charge="echo")
    calls: list[OutsideCall] = []
    handler.on_call = lambda request, call: calls.append(call)
    run = simulate(machine(ARN), {}, handler)
    assert run.clock >= int(calls[0].milliseconds) > 0


def test_what_is_no_json_is_refused_in_words(tasks: Tasks) -> None:
    with pytest.raises(UsageError, match="what the function gave is not JSON: NaN"):
        simulate(machine(ARN), {}, tasks(charge="nan"))


def test_a_function_that_is_not_given_is_left_to_others(tasks: Tasks) -> None:
    debugger = Debugger(machine(INVOKE, {"FunctionName": "other"}), {}, tasks=tasks(charge="echo"))
    assert debugger.run().reason is StopReason.QUESTION


def test_calls_of_aws_from_a_handler_go_nowhere(tasks: Tasks) -> None:
    """What refuses them does so in each service's own protocol."""
    handler = tasks(charge="table", reach="reach")
    calls = {"": "DynamoDB_20120810.ListTables", "s3": "s3", "sns": "sns"}
    for service, call in calls.items():
        run = simulate(machine(ARN), service, handler)
        assert run.fault is not None
        assert f"sfdebug has no local service for this call: {call}" in (run.fault.cause or "")
    run = simulate(machine(ARN.replace("charge", "reach")), {}, handler)
    assert run.fault is not None
    assert "sqs.us-east-1.amazonaws.com is not called, for handlers do not leave this mach" in (run.fault.cause or "")


# task tokens


def test_a_handler_answers_its_task_token_with_an_aws_client(tasks: Tasks) -> None:
    payload = {"token.$": "$$.Task.Token"}
    definition = machine(f"{INVOKE}.waitForTaskToken", {"FunctionName": "charge", "Payload": payload})
    assert simulate(definition, {}, tasks(charge="send")).output == {"paid": True}
    payload["error"] = "NoMoney"
    run = simulate(definition, {}, tasks(charge="send"))
    assert run.fault is not None
    assert (run.fault.error, run.fault.cause) == ("NoMoney", "because")


def test_a_token_that_nobody_answered_stays_a_question(tasks: Tasks) -> None:
    payload = {"token.$": "$$.Task.Token"}
    handler = tasks(charge="echo")
    definition = machine(f"{INVOKE}.waitForTaskToken", {"FunctionName": "charge", "Payload": payload})
    debugger = Debugger(definition, {}, tasks=handler)
    assert debugger.run().reason is StopReason.QUESTION
    assert debugger.question is not None
    call = handler.call_of(debugger.question)
    assert call is not None
    assert (call.answer, call.note) == (None, NO_CALLBACK)


# endpoints


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """An address that serves Invoke, and what came there."""
    came: list[tuple[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = self.path.split("/")[3]
            came.append((self.path, body))
            status = 404 if name == "absent" else 500 if name == "broken" else 200
            self.send_response(status)
            if name == "refusing":
                self.send_header("X-Amz-Function-Error", "Unhandled")
            if name == "logging" and self.headers["X-Amz-Log-Type"] == "Tail":
                self.send_header("X-Amz-Log-Result", base64.b64encode(b"START\ntold\n").decode())
            error = b'{"errorType":"Boom","errorMessage":"no"}'
            text = error if name == "refusing" else json.dumps([name, body]).encode()
            text = b'"' + b"x" * MAX_RESPONSE if name == "large" else text
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", came
    server.shutdown()
    server.server_close()


def test_functions_behind_an_address(tasks: Tasks, endpoint: tuple[str, list[tuple[str, Any]]]) -> None:
    url, came = endpoint
    assert simulate(machine(ARN), {"n": 1}, tasks(url)).output == ["charge", {"n": 1}]
    assert came == [("/2015-03-31/functions/charge/invocations", {"n": 1})]
    refused = simulate(machine(ARN.replace("charge", "refusing")), {}, tasks(url))
    assert refused.fault is not None
    assert (refused.fault.error, refused.fault.cause) == ("Boom", '{"errorType":"Boom","errorMessage":"no"}')
    absent = simulate(machine(ARN.replace("charge", "absent")), {}, tasks(url))
    assert absent.fault is not None
    assert absent.fault.error == "Lambda.ResourceNotFoundException"
    with pytest.raises(EndpointError, match="answers 500 for broken"):
        simulate(machine(ARN.replace("charge", "broken")), {}, tasks(url))


def test_the_log_of_a_function_behind_an_address_and_what_is_too_large(
    tasks: Tasks, endpoint: tuple[str, list[tuple[str, Any]]]
) -> None:
    handler = tasks(endpoint[0])
    calls: list[OutsideCall] = []
    handler.on_call = lambda request, call: calls.append(call)
    simulate(machine(ARN.replace("charge", "logging")), {}, handler)
    assert [line.text for line in calls[0].lines] == ["START", "told"]
    with pytest.raises(EndpointError, match=r"answers with more than the 6,291,556 bytes that Lambda lets"):
        simulate(machine(ARN.replace("charge", "large")), {}, handler)


def test_nobody_at_the_address_is_told(tasks: Tasks) -> None:
    debugger = Debugger(machine(ARN), {}, tasks=tasks("http://127.0.0.1:9"))
    debugger.step_over()
    stop = debugger.run()
    assert stop.is_refused
    assert "nothing answers at http://127.0.0.1:9: Connection refused" in stop.text


@pytest.mark.parametrize("url", ["localhost:3001", "ftp://here", "http://", "http://x:port", "http://[::1"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="is no http address"):
        LambdaEndpoint(url)


# once


def test_a_random_walk_over_a_run_never_calls_an_attempt_twice(tasks: Tasks, tmp_path: Path) -> None:
    """Forward, back, forks: the number of calls is that of different questions, whatever is done."""
    log = tmp_path / "calls"
    definition = {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "Iterator": {"StartAt": "Count", "States": {"Count": {"Type": "Task", "Resource": ARN, "End": True}}},
                "Next": "Again",
            },
            "Again": {"Type": "Pass", "Result": {"file": str(log)}, "Next": "Last"},
            "Last": {"Type": "Task", "Resource": ARN, "End": True},
        },
    }
    chance = random.Random(7)
    debugger = Debugger(definition, [{"file": str(log)}] * 3, tasks=FirstAnswer(tasks(charge="count")))
    verbs = [
        debugger.step_into, debugger.step_over, debugger.run, debugger.step_back, debugger.back_over, debugger.restart
    ]  # fmt: skip
    for _ in range(150):
        chance.choice(verbs)()
        state = debugger.view().state
        if state is not None and state.name in ("Count", "Last") and chance.random() < 0.2:
            debugger.edit_input({"file": str(log)})  # a fork that asks the same
    debugger.run()
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED
    assert len(debugger.timeline.forks) > 3
    assert log.read_text().count("called") == 4


def test_calling_again_is_a_verb_and_makes_a_fork(tasks: Tasks, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    debugger = Debugger(machine(ARN), {"file": str(log)}, tasks=tasks(charge="count"))
    assert debugger.call_again().text == "nothing outside of the program was called here"
    debugger.run()
    assert debugger.execution.output == 1
    debugger.back_over()
    debugger.run()
    assert (debugger.execution.output, log.read_text().count("called")) == (1, 1)
    stop = debugger.call_again()
    assert stop.forked is not None
    debugger.run()
    assert (debugger.execution.output, log.read_text().count("called")) == (2, 2)
    debugger.restart()
    assert debugger.call_again().forked is not None, "also where one has stepped back over it"
    debugger.run()
    assert (debugger.execution.output, log.read_text().count("called")) == (3, 3)
    visit = debugger.view().visit
    assert visit is not None
    call = debugger.calls.last_of(visit)
    assert call is not None
    assert call.callee == "charge"


def test_a_call_from_before_the_session_was_left_is_made_again(tasks: Tasks, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    debugger = Debugger(machine(ARN), {"file": str(log)}, tasks=tasks(charge="count"))
    debugger.step_over()
    debugger.tasks.forget_all()  # type: ignore[union-attr]  # nobody knows of it any more, as in another process
    debugger.back_over()
    debugger.step_over()
    assert (debugger.execution.output, log.read_text().count("called")) == (1, 1)
    debugger.call_again()
    debugger.run()
    assert (debugger.execution.output, log.read_text().count("called")) == (2, 2)


def test_what_a_mock_answers_is_not_called_again(tasks: Tasks, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    mock = FunctionTasks({"Pay": lambda _value, _request: "mocked"})
    debugger = Debugger(machine(ARN), {"file": str(log)}, tasks=FirstAnswer(mock, tasks(charge="count")))
    debugger.step_over()
    assert debugger.execution.output == "mocked"
    assert debugger.call_again().text.endswith("is answered otherwise, by a mock for example")
    assert not log.exists()


def test_without_a_handler_that_calls_there_is_nothing_to_call_again() -> None:
    debugger = Debugger(machine(ARN), {})
    assert debugger.call_again().text == "no Task of this session calls anything outside of the program"
    assert not debugger.calls.can_be_made


def test_each_nested_execution_calls_for_itself(tasks: Tasks, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:Pay", "Input.$": "$"},
        "ResultPath": None,
    }
    twice = {"StartAt": "One", "States": {"One": {**start, "Next": "Two"}, "Two": {**start, "End": True}}}
    functions = tasks(charge="count")
    handler = FirstAnswer(StateMachines({"Pay": machine(ARN)}, functions), functions)
    debugger = Debugger(twice, {"file": str(log)}, tasks=handler)
    debugger.run()
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED
    assert log.read_text().count("called") == 2
    debugger.restart()
    debugger.step_over()
    debugger.edit_input({"file": str(log)})  # a fork: the nested execution runs again, on known answers
    debugger.run()
    assert log.read_text().count("called") == 2


def test_a_function_that_waits_for_a_call_of_itself_goes_on(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.lambdas.calls.PATIENCE", 0.0)
    called = tasks(charge="visit")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            output = json.dumps(simulate(machine(ARN), {"url": ""}, called).output).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(output)))
            self.end_headers()
            self.wfile.write(output)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        assert simulate(machine(ARN), {"url": url}, called, Settings(name="outer")).output == "inside"
    finally:
        server.shutdown()
        server.server_close()
