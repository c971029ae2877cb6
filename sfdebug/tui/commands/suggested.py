"""The moment: which few verbs are the most useful ones now. The footer shows them, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import View

_FAILING: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)
MOST: Final = 6


def useful(view: View) -> tuple[str, ...]:
    """Ids of commands, the most useful first; at most six, help not counted."""
    return tuple(dict.fromkeys(_wanted(view)))[:MOST]


def _wanted(view: View) -> list[str]:
    if view.mode in ("recording", "live"):
        return _of_a_recording(view)
    if view.is_finished:
        others = ["time.forks"] if len(view.forks) > 1 else []
        return ["back.over", "back.into", "back.continue", "step.restart", *others, "look.search"]
    if view.question is not None:
        return ["impose.answer", "impose.inject", "back.over", "impose.edit", *_branches(view), "back.into"]
    wanted = ["step.over", "step.into", "step.continue", "back.over"]
    special: list[str] = []
    if view.state is not None and view.state.type is StateType.CHOICE:
        special.append("impose.force")
    if view.state is not None and view.state.type in _FAILING:
        special.append("impose.inject")
    if view.branch:
        special.append("step.out")
    special += _branches(view)
    special += ["impose.edit", "break.state"]
    return wanted + special


def _of_a_recording(view: View) -> list[str]:
    """What one does with a recording: find the failure, look around, leave it."""
    inside = ["impose.branch"] if view.branch or len(view.branches) > 1 else []
    if view.is_finished and view.is_at_tip:  # else it was redriven
        return ["time.failure", "back.over", "back.into", "look.summary", "look.durations", "look.find"]
    return ["time.failure", "step.over", "step.into", *inside, "impose.edit", "time.fork", "look.summary"]


def _branches(view: View) -> list[str]:
    return ["impose.branch"] if len(view.branches) > 1 else []
