"""What boto3's errors are in words: each names what is wrong and what to do, none is left as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.parsers
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sfdebug.aws.errors import (
    _BY_CLASS,
    _BY_CODE,
    AwsCall,
    AwsError,
    CancelledError,
    CredentialsError,
    DeniedError,
    InvalidArnError,
    NotFoundError,
    RegionError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
    code_of,
    explained,
    is_throttling,
    is_transient,
    shown,
)

CALL = AwsCall("states", "DescribeExecution", "arn:x", region="eu-west-1")
WORDS = {
    "error": "oops",
    "error_msg": "oops",
    "endpoint_url": "http://127.0.0.1:1",
    "proxy_url": "http://127.0.0.1:2",
    "provider": "sso",
    "cred_var": "key",
    "profile": "p",
    "profile_name": "p",
    "path": "/x",
    "region_name": "nowhere!",
    "report": "bad",
    "value": "v",
    "param": "p",
    "type_name": "t",
    "config_var": "c",
}


def client_error(code: str, message: str = "", status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DescribeExecution")


def boto_error(name: str) -> Exception:
    """An error of the class of that name, with something in each of its fields."""
    cls = getattr(botocore.exceptions, name, None) or getattr(botocore.parsers, name)
    error: Exception = cls(**WORDS) if issubclass(cls, BotoCoreError) else cls("oops")
    return error


@pytest.mark.parametrize("name", sorted(_BY_CLASS))
def test_each_class_of_errors_is_put_into_words(name: str) -> None:
    found = explained(boto_error(name), CALL)
    assert type(found) is not AwsError
    assert found.what
    assert found.fix or isinstance(found, UnexpectedAnswerError)


@pytest.mark.parametrize("code", sorted(_BY_CODE))
def test_each_code_of_aws_is_put_into_words(code: str) -> None:
    found = explained(client_error(code, "AWS's own words."), CALL)
    assert type(found) is not AwsError
    assert found.what
    assert found.fix or isinstance(found, UnexpectedAnswerError)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("NoCredentialsError", CredentialsError),
        ("PartialCredentialsError", CredentialsError),
        ("SSOTokenLoadError", CredentialsError),
        ("UnauthorizedSSOTokenError", CredentialsError),
        ("TokenRetrievalError", CredentialsError),
        ("LoginRefreshRequired", CredentialsError),
        ("ProfileNotFound", CredentialsError),
        ("NoRegionError", RegionError),
        ("EndpointConnectionError", UnreachableError),
        ("ConnectTimeoutError", UnreachableError),
        ("SSLError", UnreachableError),
    ],
)
def test_classes_and_what_they_are(name: str, kind: type[AwsError]) -> None:
    assert type(explained(boto_error(name), CALL)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", CredentialsError),
        ("AccessDeniedException", DeniedError),
        ("ExecutionDoesNotExist", NotFoundError),
        ("com.amazonaws.swf#ExecutionDoesNotExist", NotFoundError),
        ("InvalidArn", InvalidArnError),
        ("ThrottlingException", ThrottledError),
        ("WhatIsThis", UnexpectedAnswerError),
    ],
)
def test_codes_and_what_they_are(code: str, kind: type[AwsError]) -> None:
    assert type(explained(client_error(code), CALL)) is kind


def test_a_login_names_the_profile() -> None:
    call = AwsCall("states", "DescribeExecution", profile="production")
    assert "aws sso login --profile production" in explained(boto_error("SSOTokenLoadError"), call).fix
    assert "aws sso login)" in explained(client_error("ExpiredToken"), CALL).fix


def test_what_is_worth_another_try() -> None:
    assert is_transient(client_error("InternalFailure", status=500))
    assert is_transient(client_error("Odd", status=503))
    assert is_transient(boto_error("ReadTimeoutError"))
    assert is_transient(client_error("ThrottlingException"))
    assert not is_transient(client_error("AccessDeniedException"))
    assert not is_transient(boto_error("EndpointConnectionError"))
    assert not is_transient(ValueError("x"))
    assert is_throttling(client_error("x#TooManyRequestsException"))
    assert is_throttling(client_error("Odd", status=429))
    assert not is_throttling(client_error("InternalFailure", status=500))
    assert code_of(ValueError("x")) == ""


def test_the_page_of_a_proxy_is_not_passed_on() -> None:
    found = explained(client_error("502", "<!doctype html><p>Bad gateway", status=502), CALL)
    assert "HTTP status 502" in found.what
    assert "<" not in found.what


def test_long_words_are_cut_and_control_characters_shown() -> None:
    found = explained(client_error("Odd", "\x1b[31m" + "a" * 5000), CALL)
    assert len(found.what) < 1200
    assert "\x1b" not in str(found)
    assert shown("a\x07b\nc") == "a\\x07b\nc"


def test_our_own_errors_pass_as_they_are() -> None:
    ours = CancelledError("cancelled")
    assert explained(ours, CALL) is ours


def test_an_error_that_nobody_foresaw_is_said() -> None:
    found = explained(KeyError("surprise"), CALL)
    assert isinstance(found, UnexpectedAnswerError)
    assert "DescribeExecution failed: 'surprise'" in found.what


def test_importing_the_whole_room_loads_no_client(root: Path) -> None:
    names = [f"sfdebug.aws.{path.stem}" for path in (root / "sfdebug" / "aws").glob("*.py") if path.stem != "__init__"]
    code = f"import sys, {', '.join(names)}; print('boto3' in sys.modules, 'botocore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.split() == ["False", "False"]
    assert len(names) > 9


def test_a_sessions_token_is_cut_out_of_awss_words() -> None:
    message = (
        "The request signature we calculated does not match. The Canonical String for this request should have been\n"
        "'POST\n/\n\ncontent-type:application/x-amz-json-1.0\nx-amz-security-token:IQoJb3JpZ2luSECRET//x==\n\nhost'\n"
        "https://h/?X-Amz-Security-Token=SECRET%2F&X-Amz-Signature=SECRET&a=b Signature=SECRET <Token>SECRET</Token>"
    )
    for code in ("SignatureDoesNotMatch", "InvalidSignatureException", "Whatever"):
        said = str(explained(ClientError({"Error": {"Code": code, "Message": message}}, "DescribeExecution"), CALL))
        assert "SECRET" not in said
        assert "security-token" in said.lower()
