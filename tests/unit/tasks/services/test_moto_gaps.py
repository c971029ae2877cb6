"""What AWS refuses and moto takes, and what AWS says besides: on clients that take everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sfdebug.aws.service_calls import ServiceAnswer, ServiceClients, ServiceFaultError
from sfdebug.tasks.services.moto_gaps import call_moto
from sfdebug.values import Json


class Clients(ServiceClients):
    """Answers every call with what it was given, and notes the calls."""

    def __init__(self, answer: ServiceAnswer | ServiceFaultError) -> None:
        self.answer = answer
        self.calls: list[tuple[str, str, Mapping[str, Json]]] = []

    def call(self, service: str, call: str, arguments: Mapping[str, Json], **others: Any) -> ServiceAnswer:
        self.calls.append((service, call, arguments))
        if isinstance(self.answer, ServiceFaultError):
            raise self.answer
        return self.answer


def test_events_without_an_object_as_detail_are_refused_one_by_one() -> None:
    clients = Clients(ServiceAnswer({"Entries": [{"EventId": "1"}, {"ErrorCode": "X"}], "FailedEntryCount": 1}))
    details: list[Json] = ['"text"', "{}", "{", {"a": 1}, "[]"]
    entries: list[Json] = [{"Detail": detail} for detail in details]
    answer = call_moto(clients, "events", "putEvents", {"Entries": entries, "EndpointId": "e"}, is_sdk=False)
    assert clients.calls == [("events", "PutEvents", {"Entries": [entries[1], entries[3]], "EndpointId": "e"})]
    refused = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    assert answer.output["Entries"] == [refused, {"EventId": "1"}, refused, {"ErrorCode": "X"}, refused]
    assert answer.output["FailedEntryCount"] == 4


def test_a_call_with_malformed_events_alone_is_not_made() -> None:
    clients = Clients(ServiceAnswer({}))
    answer = call_moto(clients, "events", "putEvents", {"Entries": [{"Detail": "1"}]}, is_sdk=True)
    assert (clients.calls, answer.output["FailedEntryCount"]) == ([], 1)


@pytest.mark.parametrize(
    ("service", "call", "arguments", "code"),
    [
        ("secretsmanager", "createSecret", {"Name": "two words"}, "ValidationException"),
        ("stepfunctions", "sendTaskFailure", {"TaskToken": "x"}, "InvalidToken"),
    ],
)
def test_what_aws_refuses_is_refused(service: str, call: str, arguments: dict[str, Json], code: str) -> None:
    clients = Clients(ServiceAnswer({}))
    with pytest.raises(ServiceFaultError) as fault:
        call_moto(clients, service, call, arguments, is_sdk=True)
    assert (fault.value.code, clients.calls) == (code, [])


def test_a_topic_that_is_not_there_is_said_in_the_words_of_aws() -> None:
    clients = Clients(ServiceFaultError("NotFound", "Endpoint does not exist", 404, "r", "NotFoundException"))
    with pytest.raises(ServiceFaultError, match="NotFound: Topic does not exist"):
        call_moto(clients, "sns", "publish", {}, is_sdk=False)


def test_objects_are_encrypted_unless_the_answer_says_how() -> None:
    answer = ServiceAnswer({"ChecksumCRC32": "x"})
    told = call_moto(Clients(answer), "s3", "putObject", {}, is_sdk=True).output
    assert told == {"ServerSideEncryption": "AES256", "ChecksumCRC32": "x", "ChecksumType": "FULL_OBJECT"}
    answer = ServiceAnswer({"ServerSideEncryption": "aws:kms"})
    assert call_moto(Clients(answer), "s3", "getObject", {}, is_sdk=True).output == answer.output
    assert call_moto(Clients(ServiceAnswer({})), "s3", "listObjects", {}, is_sdk=True).output == {}
