"""Definitions and states without an execution: ValidateStateMachineDefinition and TestState.

Both are those of the library, with the requests that go over the wire.
"""

from __future__ import annotations

import uuid

from sfdebug.engine import Settings
from sfdebug.errors import SfdebugError, UnansweredTaskError
from sfdebug.server.call import ApiCall
from sfdebug.server.errors import ApiRefusalError, validation
from sfdebug.state_testing import TestStateError, test_state
from sfdebug.validation import MAX_RESULTS, validate_text
from sfdebug.values import Json


def validate_state_machine_definition(call: ApiCall) -> dict[str, Json]:
    """ValidateStateMachineDefinition."""
    given = call.members
    answer = validate_text(
        given["definition"],
        given.get("type", "STANDARD"),
        given.get("severity", "ERROR"),
        given.get("maxResults", MAX_RESULTS),
    )
    return {
        "result": answer["result"],
        "diagnostics": [{name: str(value) for name, value in each.items()} for each in answer["diagnostics"]],
        "truncated": answer["truncated"],
    }


def test_state_of_request(call: ApiCall) -> dict[str, Json]:
    """TestState: a Task without a mock is answered by what answers Tasks of executions."""
    request = dict(call.members)
    definition = request["definition"]
    if not definition.lstrip("\ufeff \t\r").startswith("{"):
        request["definition"] = f"{definition}\n"  # never a path
    try:
        return test_state(tasks=call.tasks, settings=_settings(call), **request)
    except TestStateError as error:
        told = error.response["Error"]
        raise ApiRefusalError(told["Code"], told["Message"]) from None
    except UnansweredTaskError as error:
        # AWS would call it; here nobody does.
        fix = "Give the request a mock, or have what the Task calls answer: sfdebug serve --help says which options do."
        raise validation(f"{error.what}. {fix}") from None
    except SfdebugError as error:
        raise validation(str(error)) from None


test_state_of_request.__test__ = False  # type: ignore[attr-defined]  # pytest takes its name for a test's


def _settings(call: ApiCall) -> Settings:
    """The execution that is made up for the test: it is one of this host, and starts now."""
    host = call.host
    return Settings(start_time=int(host.clock.now()), name=str(uuid.uuid4()), region=host.region, account=host.account)
