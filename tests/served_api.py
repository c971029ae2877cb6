"""The served API with real clients, in the process of the test."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sfdebug.hosting.host import ExecutionHost
from sfdebug.loopback.connection import HttpBounds
from sfdebug.server.api import StepFunctionsApi
from sfdebug.server.wire import BOUNDS, ApiServer


def client_environment(url: str) -> dict[str, str]:
    """The variables that lead a client to a server: all that programs get of it."""
    return {
        "AWS_ENDPOINT_URL_SFN": url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@contextmanager
def api_served(host: ExecutionHost, bounds: HttpBounds = BOUNDS) -> Iterator[ApiServer]:
    """Serve a host; what nobody expected is raised on the thread of its call, and so found."""
    server = ApiServer(StepFunctionsApi(host, on_fault=_fault), bounds=bounds)
    server.start()
    try:
        yield server
    finally:
        server.close()


def _fault(error: Exception) -> None:
    raise error


def boto3_client(server: ApiServer) -> Any:
    """As a program makes it, with nothing but the variables; it tries each call once."""
    return boto3_client_of(server.url)


def boto3_client_of(url: str) -> Any:
    """The same for a server that is somewhere."""
    import boto3
    from botocore.config import Config

    with patch.dict(os.environ, client_environment(url)):
        session = boto3.session.Session()
        return session.client("stepfunctions", config=Config(retries={"total_max_attempts": 1}))


class PlainClient:
    """Calls without an SDK, over one connection that is kept: what a client costs itself is nearly nothing."""

    def __init__(self, server: ApiServer) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def __enter__(self) -> PlainClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sent(self, operation: str, body: bytes) -> tuple[int, Any]:
        """The status and the members of the answer."""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AWSStepFunctions.{operation}"}
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def __call__(self, operation: str, /, **members: Any) -> Any:
        status, answer = self.sent(operation, json.dumps(members).encode())
        assert status == 200, answer
        return answer
