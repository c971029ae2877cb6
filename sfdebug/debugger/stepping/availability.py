"""What is possible at the cursor: for each verb, None or the reason why not, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.wording.values import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.debugger import Debugger
    from sfdebug.debugger.stepping.interventions import Interventions

    Check = Callable[[Debugger, Interventions], str | None]


def why_unavailable(
    debugger: Debugger, interventions: Interventions, verb: str, path: StatePath | None = None
) -> str | None:
    """Why `verb` (a method name of Debugger) is not possible; None when it is. Raises KeyError for no verb."""
    if verb in _IMPOSING and debugger.recorded is not None and debugger.recorded.replay is None:
        return debugger.timeline.record.why_not_fork(debugger.cursor.node, debugger.timeline.lane)  # type: ignore[union-attr]
    if verb == "inject_failure":
        return interventions.why_not_inject(path)
    return _CHECKS[verb](debugger, interventions)


def _forward(debugger: Debugger, _: Interventions) -> str | None:
    spot = position_at(debugger.cursor)
    if spot.is_over and debugger.timeline.next is None:
        return "the execution is over: step back, or restart"
    question, focus = debugger.question, spot.request
    if question is not None and focus is not None:
        return f"{named(question.state.name)} waits for an answer: give a result, or let it fail"
    return None


def _back(debugger: Debugger, _: Interventions) -> str | None:
    cursor = debugger.cursor
    return "this is the start" if cursor.node.parent is None and cursor.place == 0 else None


def _always(debugger: Debugger, _: Interventions) -> str | None:
    return None


def _scrub(debugger: Debugger, _: Interventions) -> str | None:
    return None if debugger.timeline.tip.index else "nothing is explored yet: step first"


def _switch(debugger: Debugger, _: Interventions) -> str | None:
    return None if len(debugger.timeline.forks) > 1 else "there is only one timeline: force, inject or edit makes more"


def _recording(debugger: Debugger, _: Interventions) -> str | None:
    return None if debugger.recorded is not None else "this is a simulation, not a recorded execution"


def _branch(debugger: Debugger, _: Interventions) -> str | None:
    return None if len(debugger.branches()) > 1 else "no Parallel or Map is running here"


_IMPOSING: Final = ("inject_failure", "force_choice", "edit_input", "answer_task", "edit_result", "fork_here")
"""What needs an engine that can go on from the cursor."""

_CHECKS: Final[dict[str, Check]] = {
    "step_into": _forward,
    "step_over": _forward,
    "step_out": _forward,
    "run": _forward,
    "step_back": _back,
    "back_over": _back,
    "back_out": _back,
    "run_back": _back,
    "restart": _always,
    "scrub": _scrub,
    "goto_event": _scrub,
    "goto_child": _scrub,
    "goto_node": _scrub,
    "goto_visit": _scrub,
    "switch_fork": _switch,
    "goto_failure": _always,
    "goto_place": _recording,
    "fork_here": lambda _, interventions: interventions.why_not_fork_here(),
    "leave_fork": lambda _, interventions: interventions.why_not_leave(),
    "focus_branch": _branch,
    "force_choice": lambda _, interventions: interventions.why_not_force(),
    "edit_input": lambda _, interventions: interventions.why_not_edit_input(),
    "answer_task": lambda _, interventions: interventions.why_not_answer(),
    "edit_result": lambda _, interventions: interventions.why_not_edit_result(),
}
