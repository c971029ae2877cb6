"""A local Step Functions for a test: its API at an address that AWS's SDKs find by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from sfdebug.hosting.host import ExecutionHost
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.pytest_plugin.machines import machine_of
from sfdebug.server.api import StepFunctionsApi
from sfdebug.server.clients import client_variables
from sfdebug.server.operations.machines import preload
from sfdebug.server.wire import ApiServer
from sfdebug.simulation import run_settings
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.testing.running import machine_at

if TYPE_CHECKING:
    from collections.abc import Iterator


class ServedEndpoint:
    """A local Step Functions, which `boto3.client("stepfunctions")` finds by the environment.

    `host` is what runs the executions; `machine_arn` the test's machine, "" without one.
    """

    def __init__(self, server: ApiServer, host: ExecutionHost, machine_arn: str) -> None:
        self.url = server.url
        self.host = host
        self.machine_arn = machine_arn


@contextmanager
def served(node: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedEndpoint]:
    """Serve inside, in virtual time; the environment leads AWS's SDKs here. All executions end with it."""
    mocks = node.get_closest_marker("sfn_mocks")
    if mocks is not None and (len(mocks.args) != 1 or mocks.kwargs):
        raise pytest.UsageError(f"{node.nodeid}: the marker sfn_mocks takes one file")
    config = MockConfig.load(node.path.parent / str(mocks.args[0])) if mocks is not None else None
    faults: list[Exception] = []
    with ExecutionHost(mocks=config) as host:
        arn = _preloaded(node, host)
        server = ApiServer(StepFunctionsApi(host, None, faults.append), 0)
        try:
            server.start()
            for name, value in client_variables(server.url, host.region).items():
                monkeypatch.setenv(name, value)
            yield ServedEndpoint(server, host, arn)
        finally:
            server.close()
    if faults:
        raise faults[0]


def _preloaded(node: pytest.Item, host: ExecutionHost) -> str:
    """The ARN of the test's machine; "" where the test says none."""
    address = None
    with suppress(pytest.UsageError):
        address = DefinitionAddress.read(machine_of(node))
    if address is None:
        return ""
    opened, program = machine_at(address.path, address.name)
    settings = run_settings(opened)
    name = settings.state_machine_name if opened.machine is not None else node.path.stem
    text = json.dumps(program.machine.document.value, ensure_ascii=False)
    return preload(host, name, text, settings.execution_type, settings.role_arn)
