"""Where moto answers otherwise than AWS, as far as that is recorded: what AWS refuses, and what it says besides.

Source of each rule: recorded executions; of encryption also Amazon S3 User Guide, "Setting default server-side
encryption behavior", and of task tokens AWS API, SendTaskSuccess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from msgspec.structs import replace

from sfdebug.aws.service_calls import ServiceAnswer, ServiceFaultError

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceClients
    from sfdebug.values import Json

_SECRET_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
_ENCRYPTED: Final = frozenset({"putobject", "getobject", "headobject"})


def call_moto(
    clients: ServiceClients, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool
) -> ServiceAnswer:
    """What moto answers, as AWS would; see `ServiceClients.call`.

    Raises ServiceFaultError also where moto takes what AWS refuses, and what `ServiceClients.call` raises.
    """
    name = (service, call.lower())
    _check_as_aws(name, arguments)
    if name == ("events", "putevents"):
        return _put_events(clients, arguments, is_sdk=is_sdk)
    try:
        answer = clients.call(service, call, arguments, is_sdk=is_sdk)
    except ServiceFaultError as fault:
        raise _worded(name, fault) from fault
    return _completed(name, answer)


def _check_as_aws(name: tuple[str, str], arguments: Mapping[str, Json]) -> None:
    """Refuse what AWS refuses."""
    secret = arguments.get("Name")
    if name == ("secretsmanager", "createsecret") and isinstance(secret, str) and not _SECRET_NAME.fullmatch(secret):
        said = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        raise ServiceFaultError("ValidationException", said, 400, str(uuid4()))
    if name[0] == "stepfunctions" and name[1].startswith("sendtask"):  # those of Tasks here do not come so far
        raise ServiceFaultError("InvalidToken", "Invalid Token: 'Invalid token'", 400, str(uuid4()), "InvalidToken")


def _worded(name: tuple[str, str], fault: ServiceFaultError) -> ServiceFaultError:
    """A refusal in AWS's words."""
    if name == ("sns", "publish") and fault.code == "NotFound":
        words = "Topic does not exist"
        return ServiceFaultError(fault.code, words, fault.status, fault.request_id, fault.shape, fault.newer_shape)
    return fault


def _completed(name: tuple[str, str], answer: ServiceAnswer) -> ServiceAnswer:
    """An answer with what AWS says besides: every object is encrypted, and has a checksum of all of it."""
    if name[0] != "s3" or name[1] not in _ENCRYPTED:
        return answer
    output: dict[str, Json] = {"ServerSideEncryption": "AES256", **answer.output}
    if any(field.startswith("Checksum") for field in output):
        output.setdefault("ChecksumType", "FULL_OBJECT")
    return replace(answer, output=output)


def _put_events(clients: ServiceClients, arguments: Mapping[str, Json], *, is_sdk: bool) -> ServiceAnswer:
    """Events whose Detail is no JSON object are refused one by one; the bus takes the others."""
    given = arguments.get("Entries")
    entries: list[Json] = given if isinstance(given, list) else []
    malformed = {index for index, entry in enumerate(entries) if _is_malformed(entry)}
    taken: list[Json] = [entry for index, entry in enumerate(entries) if index not in malformed]
    if not malformed:
        return clients.call("events", "PutEvents", arguments, is_sdk=is_sdk)
    answer = ServiceAnswer({}, request_id=str(uuid4()))
    if taken:
        answer = clients.call("events", "PutEvents", {**arguments, "Entries": taken}, is_sdk=is_sdk)
    told = answer.output.get("Entries")
    others = iter(told if isinstance(told, list) else [])
    refused: Json = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    answers: list[Json] = [refused if index in malformed else next(others) for index in range(len(entries))]
    failed = sum(isinstance(one, dict) and "ErrorCode" in one for one in answers)
    return replace(answer, output={"Entries": answers, "FailedEntryCount": failed})


def _is_malformed(entry: Json) -> bool:
    detail = entry.get("Detail") if isinstance(entry, dict) else None
    if not isinstance(detail, str):
        return False
    try:
        return not isinstance(json.loads(detail), dict)
    except (ValueError, RecursionError):
        return True
