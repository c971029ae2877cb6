"""What an Express state machine may not have: waiting for a callback, or for a job to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.asl.findings import AwsVerdict, Finding
from sfdebug.asl.reader import DefinitionReader
from sfdebug.asl.text.problems import ordered, quote

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.errors import Problem

_PATTERNS: Final = (".waitForTaskToken", ".sync:2", ".sync")


def express_problems(machine: StateMachine) -> tuple[Problem, ...]:
    """Why AWS would not make an Express state machine of `machine`, as problems; empty when it would."""
    return ordered(finding.problem for finding in express_findings(machine) if finding.problem)


def express_findings(machine: StateMachine) -> tuple[Finding, ...]:
    """Why AWS would not make an Express state machine of `machine`; empty when it would.

    Recorded: "Express state machine does not support '.waitForTaskToken' service integration ", with the blank at the
    end that '.sync' does not have; activities. Distributed Maps: reported; AWS docs, "Choosing workflow type".
    """
    reader = DefinitionReader(machine.document)
    for state in machine.walk():
        here = (*state.pointer, "Resource")
        pattern = next((pattern for pattern in _PATTERNS if state.resource.endswith(pattern)), None)
        if pattern is not None:
            what = f"an Express state machine has no {pattern} integrations: the state {quote(state.name)} has one"
            said = f"Express state machine does not support '{pattern.removesuffix(':2')}' service integration"
            said += " " if pattern == ".waitForTaskToken" else ""
            reader.error(here, what, "run it as STANDARD, or call the service without waiting", aws=AwsVerdict(said))
        elif ":activity:" in state.resource:
            what = f"an Express state machine has no activities: the state {quote(state.name)} is one"
            reader.error(
                here, what, "run it as STANDARD", aws=AwsVerdict("Express state machine does not support Activity ARN")
            )
        for scope in state.branches if state.type is StateType.MAP else ():
            config = scope.fields.get("ProcessorConfig")
            if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
                what = f"an Express state machine has no Distributed Maps: the state {quote(state.name)} is one"
                said = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
                at = (*scope.pointer, "ProcessorConfig", "Mode")
                reader.error(at, what, "run it as STANDARD", aws=AwsVerdict(said))
    return tuple(reader.findings)
