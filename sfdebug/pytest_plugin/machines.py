"""Which state machine a test is about, and what it does with one state of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.testing.reading import mock_cases
from sfdebug.testing.running import machine_at
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.testing.model import MachineCase
    from sfdebug.values import Json

_WAYS = 'Mark the test, @pytest.mark.sfn_machine("order.asl.json"), or set sfn_machine in the ini-file.'


def machine_of(node: pytest.Item) -> str:
    """The address of a test's machine, which can be relative to the folder of work. Raises UsageError of pytest."""
    marker = node.get_closest_marker("sfn_machine")
    if marker is not None:
        if len(marker.args) != 1 or marker.kwargs:
            raise pytest.UsageError(f"{node.nodeid}: the marker sfn_machine takes one address")
        return str(_from(node.path.parent, str(marker.args[0])))
    given = node.config.getini("sfn_machine")
    if given:
        root = node.config.inipath.parent if node.config.inipath is not None else node.config.rootpath
        return _from(root, given)
    raise pytest.UsageError(f"{node.nodeid}: it is not said which state machine is meant. {_WAYS}")


def address_from(node: pytest.Item, address: str) -> DefinitionAddress:
    """What an address in a test means: paths are from the folder of the test's file."""
    return DefinitionAddress.read(_from(node.path.parent, address))


def _from(folder: Path, address: str) -> str:
    read = DefinitionAddress.read(address)
    return replace(read, path=str(folder / read.path)).text


def marked_cases(node: pytest.Item, marker: pytest.Mark) -> list[MachineCase]:
    """The test cases that the marker `sfn_cases` names. Raises UsageError of pytest for a marker that is wrong, and
    MockConfigError for a mock file that is."""
    given: dict[str, Any] = {"machine": None, "state_machine": None, "input": MISSING, **marker.kwargs}
    unknown = sorted(set(given) - {"machine", "state_machine", "input"})
    if len(marker.args) != 1 or unknown:
        raise pytest.UsageError(
            f"{node.nodeid}: write @pytest.mark.sfn_cases(FILE, machine=..., state_machine=..., input=...)"
        )
    folder = node.path.parent
    machine = _from(folder, given["machine"]) if given["machine"] is not None else machine_of(node)
    value = {} if given["input"] is None else given["input"]
    cases = mock_cases(folder / str(marker.args[0]), DefinitionAddress.read(machine), given["state_machine"], value)
    return list(cases)


class MachineState:
    """One state of the test's machine, or of another, run alone as AWS's TestState does."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def __call__(self, state: str, input: Json = None, *, machine: str | None = None, **request: Any) -> dict[str, Any]:
        """TestState's answer.

        Args:
            state: The state's name.
            input: Its input; None for `{}`.
            machine: The machine, in place of the test's.
            request: Further fields of TestState's request: mock, context, inspectionLevel, stateConfiguration, ...

        Returns:
            The response, as boto3 gives it.

        Raises what `sfdebug.test_state` raises.
        """
        __tracebackhide__ = True
        from sfdebug.state_testing.calling import test_state

        given_machine = self._request.getfixturevalue("sfn_machine") if machine is None else machine
        address = address_from(self._request.node, given_machine)
        definition = machine_at(address.path, address.name)[1].machine
        given = {} if input is None else input
        return test_state(definition=definition, stateName=state, input=given, **request)
