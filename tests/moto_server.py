"""moto's server mode in a process of its own: state machines really run there, and answer over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar

from tests.programs import LONGEST, limited

NEEDED = ("moto", "flask", "flask_cors", "antlr4")
"""What moto's server mode imports to run state machines."""

REGION = "eu-west-1"

_SERVER = """
import logging, os, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
os.environ["MOTO_PORT"] = str(port)  # where its own Tasks find the other services
print(port, flush=True)
sys.stdin.read()  # until whoever started it goes
"""

_ASKS = 2000
"""Requests without a wait in between, until a condition is given up."""

Found = TypeVar("Found")


def missing() -> list[str]:
    """What of moto's server mode is not installed here."""
    return [name for name in NEEDED if find_spec(name) is None]


class Moto:
    """The server, and clients that may write, for setting up what is then read."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.states = self.client("stepfunctions")
        self.queues = self.client("sqs")

    def client(self, service: str) -> Any:
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.address,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def machine(self, name: str, states: dict[str, Any]) -> str:
        """A state machine that starts with the first of `states`; its ARN."""
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        role = "arn:aws:iam::123456789012:role/runs"
        made = self.states.create_state_machine(name=name, definition=definition, roleArn=role)
        arn: str = made["stateMachineArn"]
        return arn

    def start(self, machine: str, name: str, input: str = "{}") -> str:
        """An execution that is running; its ARN."""
        arn: str = self.states.start_execution(stateMachineArn=machine, name=name, input=input)["executionArn"]
        return arn

    def finish(self, machine: str, name: str, input: str = "{}") -> str:
        """An execution that is over; its ARN."""
        arn = self.start(machine, name, input)
        self.until(lambda: self.states.describe_execution(executionArn=arn)["status"] != "RUNNING")
        return arn

    def until(self, condition: Callable[[], Found]) -> Found:
        """What `condition` gives as soon as it gives something; each try is a request, none waits."""
        for _ in range(_ASKS):
            found = condition()
            if found:
                return found
        raise AssertionError("the execution in moto does not come on")


@contextmanager
def running() -> Iterator[Moto]:
    """The server, as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with limited(process):
            port = process.stdout.readline().strip()
        assert port, "moto's server did not start"
        address = f"http://127.0.0.1:{port}"
        settings = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        header = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/moto-api/config", settings, header, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(request, timeout=LONGEST).close()
        yield Moto(address)
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()
