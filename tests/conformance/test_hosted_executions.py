"""Executions recorded from AWS, hosted: what is read back of them is what the engine gives for the same answers."""

from __future__ import annotations

import pytest

from sfdebug.errors import DefinitionError, UnsupportedError
from sfdebug.hosting.records import MachineSettings
from tests.conformance.compare import first_difference
from tests.conformance.hosted_cases import ACCOUNT, HOSTED_CASES, HostedCase, RecordedMocks
from tests.hosted_runs import HandHost


@pytest.mark.skipif(not HOSTED_CASES, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("case", HOSTED_CASES, ids=lambda case: case.name)
def test_hosted_execution(case: HostedCase) -> None:
    if not case.is_of_its_tasks_alone:
        pytest.skip("not from the answers of its Tasks alone")
    settings = case.settings
    host = HandHost(mocks=RecordedMocks(case), account=ACCOUNT, settings=settings)
    host.hand_clock.wall = float(settings.start_time)
    try:
        machine = MachineSettings("StateMachine", case.definition, settings.role_arn, case.type)
        arn = host.machines.create(machine)[0].arn
    except (DefinitionError, UnsupportedError) as error:
        pytest.skip(f"not run by this version: {error.what.splitlines()[0][:120]}")
    for activity in case.activities:
        host.activities.create(activity)
    record = host.start_execution(f"{arn}#{case.name}", case.input)
    host.hands.work()
    difference = first_difference(case.events, [event.as_dict() for event in host.history(record.arn)])
    assert difference is None, str(difference)
    assert host.execution(record.arn).is_over
