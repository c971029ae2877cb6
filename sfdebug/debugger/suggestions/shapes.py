"""What AWS's services answer: the shape of the result of each Step Functions integration, with plausible content.

Sources: AWS Step Functions Developer Guide, "Integrating optimized services", and the API reference of each service
(the response elements of the action). Only the fields that workflows read are here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, TypeAlias

from sfdebug.engine.resources import Family, IntegrationPattern, Resource
from sfdebug.values import Json, compact

_UUID: Final = "11111111-2222-3333-4444-555555555555"
_ARN: Final = "arn:aws:{}:us-east-1:123456789012:{}"
_TIME: Final = "2025-01-01T00:00:00.000Z"
_EPOCH_MILLIS: Final = 1_735_689_600_000

_Shape: TypeAlias = "Json | Callable[[Json], Json]"
"""The result, or what makes it from the parameters of the call."""


def service_shape(resource: Resource, parameters: Json) -> Json:
    """The result that the resource would give for these parameters, {} where only the function's author knows it."""
    if resource.family is not Family.SERVICE or resource.pattern is IntegrationPattern.CALLBACK:
        return {}
    action = resource.action
    shape = _SHAPES.get(f"{resource.type}:{action}") or _SHAPES.get(f"{resource.type}:{action.split('.')[0]}")
    if shape is None and resource.type.startswith("aws-sdk:"):
        shape = _SDK_SHAPES.get(f"{resource.type.removeprefix('aws-sdk:')}:{action}")
    return shape(parameters) if callable(shape) else shape if shape is not None else {}


def _field(parameters: Json, name: str) -> Json:
    return parameters.get(name) if isinstance(parameters, dict) else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)


def _send_message(parameters: Json) -> Json:
    body = _text(_field(parameters, "MessageBody"))
    digest = hashlib.md5(body.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return {"MD5OfMessageBody": digest, "MessageId": _UUID}


def _get_item(parameters: Json) -> Json:
    key = _field(parameters, "Key")
    return {"Item": dict(key) if isinstance(key, dict) else {}}


def _update_item(parameters: Json) -> Json:
    wanted = _field(parameters, "ReturnValues")
    return {} if wanted in (None, "NONE") else {"Attributes": {}}


def _put_events(parameters: Json) -> Json:
    entries = _field(parameters, "Entries")
    count = len(entries) if isinstance(entries, list) else 1
    sent: list[Json] = [{"EventId": _UUID} for _ in range(count)]
    return {"Entries": sent, "FailedEntryCount": 0}


def _run_execution(parameters: Json) -> dict[str, Json]:
    machine = _field(parameters, "StateMachineArn")
    return {
        "ExecutionArn": _ARN.format("states", f"execution:Child:{_UUID}"),
        "Input": compact(_field(parameters, "Input") or {}),
        "Name": _UUID,
        "Output": "{}",
        "StartDate": _EPOCH_MILLIS,
        "StateMachineArn": machine if isinstance(machine, str) else _ARN.format("states", "stateMachine:Child"),
        "Status": "SUCCEEDED",
        "StopDate": _EPOCH_MILLIS + 1000,
    }


def _run_execution_2(parameters: Json) -> Json:
    return {**_run_execution(parameters), "Input": _field(parameters, "Input") or {}, "Output": {}}


def _batch(parameters: Json) -> Json:
    name = _field(parameters, "JobName") or "job"
    return {"JobArn": _ARN.format("batch", f"job/{_UUID}"), "JobId": _UUID, "JobName": name}


def _batch_sync(parameters: Json) -> Json:
    return {"JobId": _UUID, "JobName": _field(parameters, "JobName") or "job", "Status": "SUCCEEDED"}


def _run_task_sync(parameters: Json) -> Json:
    container: Json = {"ExitCode": 0, "Name": "main"}
    return {"Containers": [container], "LastStatus": "STOPPED", "TaskArn": _ARN.format("ecs", f"task/{_UUID}")}


def _job_run_sync(parameters: Json) -> Json:
    return {"Id": "jr_1", "JobName": _field(parameters, "JobName") or "job", "JobRunState": "SUCCEEDED"}


def _list_objects(parameters: Json) -> Json:
    found: Json = {"Key": "object.json", "LastModified": _TIME, "Size": 0}
    return {"Contents": [found], "IsTruncated": False, "KeyCount": 1}


_PUBLISH: Final[Json] = {"MessageId": _UUID}
_START_EXECUTION: Final[Json] = {
    "ExecutionArn": _ARN.format("states", f"execution:Child:{_UUID}"),
    "StartDate": _EPOCH_MILLIS,
}
_HTTP: Final[Json] = {"Headers": {}, "ResponseBody": {}, "StatusCode": 200, "StatusText": "OK"}
_GET_OBJECT: Final[Json] = {"Body": "", "ContentLength": 0, "ContentType": "application/json", "ETag": '"0"'}
_PUT_OBJECT: Final[Json] = {"ETag": '"0"'}
_SCAN: Final[Json] = {"Count": 0, "Items": [], "ScannedCount": 0}
_NOTHING: Final[Json] = {}

_SHAPES: Final[dict[str, _Shape]] = {
    "lambda:invoke": {"ExecutedVersion": "$LATEST", "Payload": {}, "StatusCode": 200},
    "sqs:sendMessage": _send_message,
    "sns:publish": _PUBLISH,
    "dynamodb:getItem": _get_item,
    "dynamodb:putItem": _NOTHING,
    "dynamodb:updateItem": _update_item,
    "dynamodb:deleteItem": _NOTHING,
    "events:putEvents": _put_events,
    "states:startExecution": _START_EXECUTION,
    "states:startExecution.sync": _run_execution,
    "states:startExecution.sync:2": _run_execution_2,
    "apigateway:invoke": _HTTP,
    "http:invoke": _HTTP,
    "batch:submitJob": _batch,
    "batch:submitJob.sync": _batch_sync,
    "ecs:runTask": {
        "Failures": [],
        "Tasks": [{"LastStatus": "PROVISIONING", "TaskArn": _ARN.format("ecs", f"task/{_UUID}")}],
    },
    "ecs:runTask.sync": _run_task_sync,
    "glue:startJobRun": {"JobRunId": "jr_1"},
    "glue:startJobRun.sync": _job_run_sync,
    "athena:startQueryExecution": {"QueryExecutionId": _UUID},
    "athena:startQueryExecution.sync": {
        "QueryExecution": {"QueryExecutionId": _UUID, "Status": {"State": "SUCCEEDED"}}
    },
    "athena:getQueryResults": {
        "ResultSet": {"Rows": [{"Data": [{"VarCharValue": "column"}]}, {"Data": [{"VarCharValue": "value"}]}]}
    },
    "bedrock:invokeModel": {"Body": {}, "ContentType": "application/json"},
    "s3:getObject": _GET_OBJECT,
    "s3:putObject": _PUT_OBJECT,
}

_SDK_SHAPES: Final[dict[str, _Shape]] = {
    "s3:getObject": _GET_OBJECT,
    "s3:putObject": _PUT_OBJECT,
    "s3:listObjectsV2": _list_objects,
    "dynamodb:getItem": _get_item,
    "dynamodb:updateItem": _update_item,
    "dynamodb:scan": _SCAN,
    "dynamodb:query": _SCAN,
    "sqs:sendMessage": _send_message,
    "sns:publish": _PUBLISH,
    "eventbridge:putEvents": _put_events,
    "sfn:startExecution": _START_EXECUTION,
}
