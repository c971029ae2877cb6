"""What recorded calls of services are made in again: moto's server, handlers and state machines, with what the
recording says was there: a table that was not found is not made, an object that was read is."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.aws.service_calls import ServiceAnswer, ServiceClients
from sfdebug.errors import SfdebugError
from sfdebug.simulation import simulate
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.handler import FirstAnswer
from sfdebug.tasks.lambdas.calls import LambdaTasks
from sfdebug.tasks.lambdas.function import LambdaFunction, function_from
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.tasks.services.local import LocalServices, local_endpoint
from sfdebug.tasks.services.mentioned import create_mentioned
from sfdebug.tasks.services.moto_gaps import call_moto
from sfdebug.tasks.state_machines import StateMachines
from tests.conformance.service_calls import FUNCTION, Outcome, RecordedCall

REGION: Final = "us-east-1"
ACCOUNT: Final = "111111111111"
_NEEDED: Final = ("moto", "flask", "flask_cors", "boto3")
_NOT_THERE: Final = ("ResourceNotFoundException", "NoSuchBucketException", "NotFoundException")
_HANDLERS: Final = {
    "answers": 'import json, os\ndef handler(event, context):\n    return json.load(open(os.environ["ANSWER"]))\n',
    "raises": 'def handler(event, context):\n    raise Exception("Some exception was raised.")\n',
}
_PLACEHOLDER: Final = re.compile(r"<([A-Za-z0-9_:-]+)>")


def lacking() -> list[str]:
    """What is not installed here of what is needed."""
    return [name for name in _NEEDED if find_spec(name) is None]


class ServiceWorld:
    """All that answers, started once; each call finds it as its recording did."""

    def __init__(self, local: LocalServices, folder: Path) -> None:
        self._local = local
        self._clients = ServiceClients(local_endpoint(local))
        self._folder = folder
        functions = [self._function(name, text) for name, text in _HANDLERS.items()]
        self._functions = LambdaTasks(functions, environment={"AWS_REGION": REGION})

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[ServiceWorld]:
        """One that is there as long as the context lasts."""
        local = LocalServices(REGION, ACCOUNT)
        local.start()
        with tempfile.TemporaryDirectory() as folder:
            world = cls(local, Path(folder))
            try:
                yield world
            finally:
                world._functions.close()
                local.close()

    def outcome(self, call: RecordedCall) -> Outcome:
        """What a call gives here."""
        self._local.reset()
        machine = self._machine(call)
        if not any(name in (call.error or "") for name in _NOT_THERE):
            create_mentioned(definition_from(machine), self._clients)
        self._fill(call, machine["States"]["Call"].get("Parameters"))
        callbacks = Callbacks()
        services = ServiceTasks(_Answering(self._clients, callbacks, call), callbacks, "here", follows_arns=False)
        (self._folder / "answer.json").write_text(json.dumps(_payload(call)), encoding="utf-8")
        tasks = FirstAnswer(self._functions, StateMachines(_nested(call, machine), services), services)
        self._functions.forget_all()
        try:
            return _outcome(simulate(machine, call.parameters if call.resource == FUNCTION else {}, tasks).history)
        except SfdebugError as error:
            return Outcome(error=str(error))

    def _machine(self, call: RecordedCall) -> dict[str, Any]:
        """A machine with the Task alone, its arguments written out."""
        text = re.sub(
            r'"TaskToken": ?"<task_token:\d+>"', '"TaskToken.$": "$$.Task.Token"', json.dumps(call.parameters)
        )
        parameters = json.loads(_PLACEHOLDER.sub(lambda found: re.sub("[^A-Za-z0-9]", "-", found[1]), text))
        name = "raises" if call.is_failure else "answers"
        state = {"Type": "Task", "Resource": call.resource, "Parameters": parameters, "End": True}
        if call.resource == FUNCTION:
            state = {"Type": "Task", "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}", "End": True}
        elif call.action.startswith("lambda:"):
            parameters["FunctionName"] = name
        return {"StartAt": "Call", "States": {"Call": state}}

    def _fill(self, call: RecordedCall, parameters: Any) -> None:
        """Put in what the call found: the object, the item, the state machine."""
        if call.action == "aws-sdk:s3:getObject":
            where = {"Bucket": parameters["Bucket"], "Key": parameters["Key"]}
            self._clients.client("s3").put_object(**where, Body=call.output["Body"].encode())
        elif call.action.endswith("dynamodb:getItem"):
            self._clients.client("dynamodb").put_item(TableName=parameters["TableName"], Item=call.output["Item"])

    def _function(self, name: str, text: str) -> LambdaFunction:
        path = self._folder / name / "handler.py"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        function = function_from(f"{name}={path}:handler")
        answer = {"ANSWER": str(self._folder / "answer.json")}
        return replace(function, interpreter=sys.executable, environment=answer, timeout=30)


class _Answering:
    """Makes the calls, and sends what was recorded for their task token."""

    def __init__(self, clients: ServiceClients, callbacks: Callbacks, recorded: RecordedCall) -> None:
        self._clients = clients
        self._callbacks = callbacks
        self._recorded = recorded

    def call(
        self, service: str, call: str, arguments: Mapping[str, Any], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        answer = call_moto(self._clients, service, call, arguments, is_sdk=is_sdk)
        token = re.search(r'"TaskToken": "([^"]+)"', json.dumps(arguments))
        if token is not None:
            action, body = _sent(self._recorded)
            self._callbacks.take(action, {"taskToken": token[1], **body})
        return answer


def _sent(call: RecordedCall) -> tuple[str, dict[str, Any]]:
    if call.is_failure:
        return "SendTaskFailure", {"error": call.error, "cause": call.cause}
    return "SendTaskSuccess", {"output": json.dumps(call.output)}


def _payload(call: RecordedCall) -> Any:
    """What the function gave."""
    if call.is_failure or call.resource == FUNCTION or not isinstance(call.output, dict):
        return call.output
    return call.output.get("Payload")


def _nested(call: RecordedCall, machine: Mapping[str, Any]) -> dict[str, Any]:
    """The state machine that a call starts: it ends as recorded."""
    arn = machine["States"]["Call"].get("Parameters", {}).get("StateMachineArn")
    if not arn:
        return {}
    ended: Any = json.loads(call.cause or "{}") if call.is_failure else call.output
    if call.is_failure:
        last = {"Type": "Fail", "Error": ended.get("Error")}
    else:
        output = ended.get("Output") if isinstance(ended, dict) else None
        last = {"Type": "Pass", "Result": json.loads(output) if isinstance(output, str) else output or {}, "End": True}
    return {arn: {"StartAt": "End", "States": {"End": last}}}


def _outcome(events: list[dict[str, Any]]) -> Outcome:
    """What the events of the Task say."""
    found: dict[str, Any] = {}
    for event in events:
        if event["type"] == "TaskSubmitted":
            found["submitted"] = json.loads(event["taskSubmittedEventDetails"].get("output", "null"))
        elif event["type"] in ("TaskSucceeded", "LambdaFunctionSucceeded"):
            details = next(value for name, value in event.items() if name.endswith("EventDetails"))
            found["output"] = json.loads(details["output"])
        elif event["type"] in ("TaskFailed", "LambdaFunctionFailed"):
            details = next(value for name, value in event.items() if name.endswith("EventDetails"))
            found |= {"error": details.get("error"), "cause": details.get("cause")}
    return Outcome(**found)
