"""What happened in a recorded execution that no Task's answer tells: it was stopped, a Task could not be scheduled, a
Wait ended after more time than this execution may take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.decisions import Proceed, RefuseTask, StopExecution
from sfdebug.engine.execution.execution import Phase
from sfdebug.history.alignment.event_fields import details_of, text_of
from sfdebug.limits import STANDARD_MAX_SECONDS

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.execution import Branch
    from sfdebug.values import Json

_STATE_FAILED: Final = re.compile(
    r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. (.*)", re.DOTALL
)


class OutsideEvents:
    """Says, for an execution that has as many events as the recorded one had, what came next from outside."""

    def __init__(self, events: Sequence[Mapping[str, Json]]) -> None:
        self._events = events

    def decide(self, execution: Execution) -> Decision | None:
        """The decision that the next recorded event tells of; None when it needs none."""
        place = len(execution.events)
        if place >= len(self._events):
            return None
        event = self._events[place]
        if event["type"] == "ExecutionAborted":
            fields = details_of(event)
            return StopExecution(text_of(fields.get("error")), text_of(fields.get("cause")))
        if len(execution.branches) != 1:
            return None
        (branch,) = execution.branches.values()
        if event["type"] == "ExecutionFailed":
            fields = details_of(event)
            return refused_task(branch, text_of(fields.get("error")), text_of(fields.get("cause")))
        return _waited(branch, event, execution)


def refused_task(branch: Branch, error: str | None, cause: str | None) -> RefuseTask | None:
    """What befell a Task about to be scheduled when its execution failed next, with `error` and `cause`.

    Recorded: its activity does not exist. None when the branch stands elsewhere.
    """
    visit = branch.visit
    if branch.phase is not Phase.WORK or visit is None or visit.state.type is not StateType.TASK:
        return None
    reason = _STATE_FAILED.fullmatch(cause or "")
    return RefuseTask(branch.id, error, reason[1]) if error is not None and reason is not None else None


def _waited(branch: Branch, event: Mapping[str, Json], execution: Execution) -> Decision | None:
    """A Wait until a date that is too far from when this execution starts: it was not when it was recorded."""
    if event["type"] != "WaitStateExited" or branch.phase is not Phase.SLEEPING or branch.wake_at is None:
        return None
    if branch.wake_at < STANDARD_MAX_SECONDS * 1000:
        return None
    return Proceed(branch.id, at=execution.clock)
