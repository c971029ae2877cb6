"""A small AWS on loopback for what moto cannot do: real pages, throttling, refusals, slowness, child executions.

It speaks the JSON protocol of Step Functions and CloudWatch Logs over HTTP, answers only operations that read, and
notes every request.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, TypeVar

Fields = dict[str, Any]
Found = TypeVar("Found")

READING = ("Describe", "List", "GetExecutionHistory", "FilterLogEvents")
REGION = "eu-west-1"
_PREFIX = f"arn:aws:states:{REGION}:123456789012"
MACHINE = f"{_PREFIX}:stateMachine:Orders"
EXECUTION = f"{_PREFIX}:execution:Orders:run-1"
MAP_RUN = f"{_PREFIX}:mapRun:Orders/Lines:0f1e2d3c"
EXPRESS = f"{_PREFIX}:express:Quick:run-9:8d7c6b5a"
START = 1_735_689_600.0
"""2025-01-01T00:00:00Z, in AWS's form of a time: seconds."""


def child_arn(name: str, kind: str = "execution") -> str:
    return f"{_PREFIX}:{kind}:Orders/Lines:{name}"


class ApiError(Exception):
    """An error answer: its code, its words, its HTTP status."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status


class Silence(Exception):
    """No answer at all, until the server is told to let go."""


class StubAws:
    """What the account has, and what it was asked. `troubles` come before answers, one for each request."""

    def __init__(self) -> None:
        self.released = Event()
        self.reset()

    def reset(self) -> None:
        self.machines: list[Fields] = []
        self.descriptions: dict[str, Fields] = {}
        self.definitions: dict[str, str] = {}
        self.histories: dict[str, list[Fields]] = {}
        self.listed: dict[str, list[Fields]] = {}
        self.map_runs: dict[str, Fields] = {}
        self.log_groups: dict[str, list[Fields]] = {}
        self.page = 1000
        self.troubles: deque[Exception] = deque()
        self.requests: list[tuple[str, Fields]] = []
        self.refused: list[str] = []
        self.before: Callable[[str], None] = lambda operation: None

    @property
    def asked(self) -> list[str]:
        """The operations of all requests, in order."""
        return [operation for operation, _ in self.requests]

    # What a test puts in

    def add_execution(self, arn: str, events: list[Fields], definition: str = "{}", **description: Any) -> None:
        name = arn.split(":")[-1]
        self.descriptions[arn] = {
            "executionArn": arn,
            "stateMachineArn": MACHINE,
            "name": name,
            "status": "SUCCEEDED",
            "startDate": START,
            "stopDate": START + 9,
            "input": "{}",
            "inputDetails": {"included": True},
            "redriveCount": 0,
            **description,
        }
        self.histories[arn] = events
        self.definitions[arn] = definition
        shown = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "mapRunArn")
        entry = {field: self.descriptions[arn][field] for field in shown if field in self.descriptions[arn]}
        self.listed.setdefault(description.get("mapRunArn", MACHINE), []).append(entry)

    # What the API answers

    def answer(self, operation: str, asked: Fields) -> Fields:
        self.requests.append((operation, asked))
        if not operation.startswith(READING):
            self.refused.append(operation)
            raise ApiError("AccessDeniedException", "this account can only be read")
        self.before(operation)
        if self.troubles:
            raise self.troubles.popleft()
        answer: Fields = getattr(self, f"_{operation}")(asked)
        return answer

    def _DescribeExecution(self, asked: Fields) -> Fields:
        return self._known(self.descriptions, asked["executionArn"], "ExecutionDoesNotExist")

    def _DescribeStateMachineForExecution(self, asked: Fields) -> Fields:
        definition = self._known(self.definitions, asked["executionArn"], "ExecutionDoesNotExist")
        return {
            "stateMachineArn": MACHINE,
            "name": "Orders",
            "definition": definition,
            "roleArn": "r",
            "updateDate": START,
        }

    def _DescribeStateMachine(self, asked: Fields) -> Fields:
        found = [machine for machine in self.machines if machine["stateMachineArn"] == asked["stateMachineArn"]]
        if not found:
            raise ApiError("StateMachineDoesNotExist", "State Machine Does Not Exist")
        return found[0]

    def _DescribeMapRun(self, asked: Fields) -> Fields:
        return self._known(self.map_runs, asked["mapRunArn"], "ResourceNotFound")

    def _GetExecutionHistory(self, asked: Fields) -> Fields:
        events = self._known(self.histories, asked["executionArn"], "ExecutionDoesNotExist")
        ordered = list(reversed(events)) if asked.get("reverseOrder") else events
        return self._paged("events", ordered, asked)

    def _ListStateMachines(self, asked: Fields) -> Fields:
        return self._paged("stateMachines", self.machines, asked)

    def _ListExecutions(self, asked: Fields) -> Fields:
        entries = self.listed.get(asked.get("mapRunArn") or asked["stateMachineArn"], [])
        wanted = asked.get("statusFilter")
        return self._paged("executions", [one for one in entries if wanted in (None, one["status"])], asked)

    def _FilterLogEvents(self, asked: Fields) -> Fields:
        events = self._known(self.log_groups, asked["logGroupName"], "ResourceNotFoundException")
        first, last, pattern = asked.get("startTime", 0), asked.get("endTime", 2**63), asked.get("filterPattern", "")
        fields = dict(re.findall(r'\$\.(\w+) = "([^"]*)"', pattern))
        kept = [event for event in events if first <= event["timestamp"] < last and _is_filtered(event, fields)]
        return self._paged("events", kept, asked)

    def _DescribeLogGroups(self, asked: Fields) -> Fields:
        names = [name for name in self.log_groups if name.startswith(asked["logGroupNamePrefix"])]
        return {"logGroups": [{"logGroupName": name, "storedBytes": 3_200_000_000} for name in names]}

    def _known(self, things: dict[str, Found], name: str, code: str) -> Found:
        if name not in things:
            raise ApiError(code, f"Does not exist: '{name}'")
        return things[name]

    def _paged(self, field: str, entries: list[Fields], asked: Fields) -> Fields:
        """A page, and a token for the next one that says where this one ends."""
        first = int(asked.get("nextToken", "from-0").removeprefix("from-"))
        size = min(self.page, asked.get("maxResults") or 100)
        rest = {} if first + size >= len(entries) else {"nextToken": f"from-{first + size}"}
        return {field: entries[first : first + size], **rest}


def _is_filtered(event: Fields, fields: Fields) -> bool:
    """Whether a log event has these in its fields, * at the end for any text. CloudWatch Logs, filter patterns."""
    try:
        message = json.loads(event["message"])
    except ValueError:
        return not fields
    return all(
        str(message.get(name, "")).startswith(value[:-1]) if value.endswith("*") else message.get(name) == value
        for name, value in fields.items()
    )


def _handler(stub: StubAws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body in one packet: otherwise each answer waits for an acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            try:
                self._send(200, stub.answer(operation, json.loads(body)))
            except ApiError as error:
                self._send(error.status, {"__type": error.code, "message": error.message})
            except Silence:
                stub.released.wait(10)
                self.close_connection = True

        def _send(self, status: int, answer: Fields) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on stderr."""

    return Handler


@contextmanager
def serving(stub: StubAws) -> Iterator[str]:
    """The address under which `stub` answers, as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stub))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def isolated_environment(folder: str) -> dict[str, str | None]:
    """Environment variables with which boto3 finds credentials for nobody, and nothing else: no files, no network."""
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": None,
        "AWS_PROFILE": None,
        "AWS_DEFAULT_PROFILE": None,
        "AWS_REGION": None,
        "AWS_DEFAULT_REGION": None,
        "AWS_ENDPOINT_URL": None,
        "AWS_CONFIG_FILE": f"{folder}/config",
        "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/credentials",
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_CACHE_HOME": f"{folder}/cache",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def event(number: int, type: str = "PassStateEntered", **details: Any) -> Fields:
    """An event as the API gives it."""
    shown: Fields = {"timestamp": START + number / 1000, "type": type, "id": number, "previousEventId": number - 1}
    return shown | details


def history(length: int, end: str = "ExecutionSucceeded") -> list[Fields]:
    """So many events, the last of them of type `end` ("": it still runs)."""
    events = [event(1, "ExecutionStarted"), *(event(number) for number in range(2, length + 1))]
    if end:
        events[-1] = event(length, end)
    return events
