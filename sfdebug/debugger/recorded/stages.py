"""The stages of a visit that recorded events tell of: attempts that begin and end, variables, nothing computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import Fault, Stage, StageName, StageStatus
from sfdebug.history.recording import parse_payload
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import RecordedEvent

_RECORDED: Final = Provenance.RECORDED
WORK: Final = {"Parallel": StageName.BRANCHES, "Map": StageName.ITERATIONS}
"""The stage of the work of a container; that of a Task is Task."""


def of_its_run(visit: RecordedVisit, attempt: Attempt) -> int:
    """Which attempt it is, counted anew after a redrive."""
    return attempt.number - sum(one.redrives < attempt.redrives for one in visit.attempts)


def begun(visit: RecordedVisit, attempt: Attempt) -> list[Stage]:
    """The stages with which an attempt begins; before another one than the first of a run, that of its Retry."""
    stages: list[Stage] = []
    number = of_its_run(visit, attempt)
    if attempt.number > 1 and attempt.redrives == visit.attempts[attempt.number - 2].redrives:
        before = visit.attempts[attempt.number - 2]
        fault = Fault(before.error, before.cause)
        stages.append(
            Stage(
                StageName.RETRY, fault.output, MISSING, status=StageStatus.MATCHED, attempt=number - 1,
                provenance=_RECORDED, fault=fault,
            )
        )  # fmt: skip
    stages.append(
        Stage(
            WORK.get(visit.type, StageName.TASK), attempt.input, MISSING, attempt.began.text("resource") or MISSING,
            StageStatus.WAITING, attempt=number, provenance=_RECORDED,
        )
    )  # fmt: skip
    return stages


def ended(visit: RecordedVisit, attempt: Attempt | None, event: RecordedEvent) -> Stage:
    """The stage of an attempt that has ended, or of what failed outside of any."""
    name = WORK.get(visit.type, StageName.TASK) if attempt is not None else StageName.ERROR
    has_failed = event.type.endswith(("Failed", "TimedOut")) or attempt is None
    error = event.text("error") or (attempt.error if attempt is not None else None)
    return Stage(
        name,
        attempt.input if attempt is not None else MISSING,
        MISSING if has_failed else event.payload("output"),
        attempt.began.text("resource") or MISSING if attempt is not None else MISSING,
        StageStatus.FAILED if has_failed else StageStatus.DONE,
        attempt=of_its_run(visit, attempt) if attempt is not None else 1,
        provenance=_RECORDED,
        fault=Fault(error, event.text("cause")) if has_failed else None,
    )


def assigned_in(event: RecordedEvent) -> dict[str, Json]:
    """The variables that a state assigned, as its exit tells them."""
    found = event.details.get("assignedVariables")
    if not isinstance(found, dict):
        return {}
    values: dict[str, Value] = {
        name: parse_payload(text) if isinstance(text, str) else text for name, text in found.items()
    }
    return {name: value for name, value in values.items() if is_present(value)}
