"""AWS services on this machine for tests: one process of moto for all of them, emptied for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tasks.services.creating import create_resources
from sfdebug.tasks.services.local import LocalServices
from sfdebug.tasks.services.mentioned import create_mentioned, place_of
from sfdebug.tasks.surroundings import Surroundings
from sfdebug.testing.running import machine_at

if TYPE_CHECKING:
    from sfdebug.tasks.handler import TaskHandler

_REGION: Final = "us-east-1"
_ACCOUNT: Final = "123456789012"
_NO_KEY: Final = "testing"


class TestServices:
    """moto's server: `url` is where it is, and `boto3.client("sqs")` finds it by the environment."""

    __test__ = False  # pytest takes a class whose name begins with Test for tests

    def __init__(self) -> None:
        """Start nothing yet. Raises LocalServicesError where moto is not installed: a test is never skipped for it."""
        self._local = LocalServices(_REGION, _ACCOUNT)
        self.region = _REGION
        self._open: list[Surroundings] = []

    @property
    def url(self) -> str:
        """Its address."""
        return self._local.url

    def begin(self, monkeypatch: pytest.MonkeyPatch, region: str) -> None:
        """Have it be there, and empty; the environment leads AWS's SDKs to it for one test, in a region."""
        self.region = region
        if self._local.is_running:
            self._local.reset()
        else:
            self._local.start()
        variables = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": _NO_KEY,
            "AWS_SECRET_ACCESS_KEY": _NO_KEY,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    def tasks(self, machine: str) -> TaskHandler:
        """What has the Tasks of a machine call these services: `sfn_run(..., tasks=sfn_services.tasks(sfn_machine))`.

        What its project declares is made first, or without one what the machine names: queues, tables, topics, buckets.
        What is there already, as the test has made it, stays as it is.
        """
        address = DefinitionAddress.read(machine)
        opened, program = machine_at(address.path, address.name)
        surroundings = Surroundings(program.machine, opened.project, services=self.url)
        self._open.append(surroundings)
        if opened.project is not None:
            create_resources(opened.project, surroundings.clients)
        else:
            create_mentioned(program.machine, surroundings.clients)
        return surroundings

    def close(self) -> None:
        """End it, with all that was begun for it."""
        for surroundings in self._open:
            surroundings.close()
        self._local.close()


def region_of(request: pytest.FixtureRequest) -> str:
    """The region of the test's machine, in which its Tasks call: that of its project, else the first that it names."""
    try:
        address = DefinitionAddress.read(request.getfixturevalue("sfn_machine"))
        opened, program = machine_at(address.path, address.name)
    except (pytest.UsageError, SfdebugError):  # it has none, or one that cannot be read, which is told where it is run
        return _REGION
    return opened.project.region if opened.project is not None else place_of(program.machine)[0]
