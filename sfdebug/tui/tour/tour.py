"""What the tour asks for, step by step, and when it has happened: read off the run, not off the keys."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, auto
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.wording.values import named
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from sfdebug.debugger import View


class TourStep(IntEnum):
    """The steps, in their order."""

    STEP = auto()
    BACK = auto()
    LOOK = auto()
    FORCE = auto()
    FORK = auto()
    OVER = auto()


class Tour:
    """One tour. `ended` is called once, when it is over or was left."""

    def __init__(self, ended: Callable[[], None] | None = None) -> None:
        self.step = TourStep.STEP
        self.is_shown = True
        self._ended = ended
        self._event: int | None = None

    def follow(self, view: View) -> None:
        """See what has happened to the run; go on where it is what was asked for."""
        before, self._event = self._event, view.event_index
        if before is None or not self.is_shown:
            return
        if self._has_happened(view, before):
            self._go_on()
            if self.step is TourStep.FORK and len(view.forks) > 1:
                self._go_on()

    def _has_happened(self, view: View, before: int) -> bool:
        """Whether what this step asks for has happened since the event `before` was the last."""
        match self.step:
            case TourStep.STEP:
                return view.event_index > before
            case TourStep.BACK:
                return view.event_index < before
            case TourStep.LOOK:
                return False  # `looked` says so
            case TourStep.FORCE:
                return len(view.forks) > 1 or any(mark.forced for mark in view.marks.values())
            case TourStep.FORK:
                return len(view.forks) > 1
            case TourStep.OVER:
                return True

    def looked(self, *, has_data: bool) -> None:
        """The user has gone to a stage; `has_data` says that there were data to look at."""
        if self.is_shown and self.step is TourStep.LOOK and has_data:
            self._go_on()

    def _go_on(self) -> None:
        if self.step is TourStep.OVER:
            self.end()
        else:
            self.step = TourStep(self.step + 1)

    def end(self) -> None:
        """Leave it."""
        if not self.is_shown:
            return
        self.is_shown = False
        if self._ended is not None:
            self._ended()

    def text(self, view: View) -> tuple[str, str, str]:
        """What to press now, what it does, and a remark."""
        is_at_choice = view.state is not None and view.state.type is StateType.CHOICE and view.is_about_to_run
        over, back = key_of("step.over"), key_of("back.over")
        if self.step is TourStep.STEP:
            return over, "runs the state to its end: one step over", "The graph shows where the run stands."
        if self.step is TourStep.BACK:
            return back, "goes back to before it", "Nothing is lost: every step can be taken back, at any time."
        if self.step is TourStep.LOOK:
            return self._look_text(view)
        if self.step is TourStep.FORCE:
            if is_at_choice:
                return (
                    key_of("impose.force"),
                    "forces the Choice: pick another way, Enter",
                    "The data stay as they are.",
                )
            choice, was_there = _first_choice(view)
            if was_there:
                return key_of("back.over"), f"until the run stands before {choice}", "There you decide where it goes."
            return over, f"again, until the run stands at {choice}", "There you decide where it goes."
        if self.step is TourStep.FORK:
            return self._fork_text(view, is_at_choice=is_at_choice)
        lists, helps, learns = key_of("time.forks"), key_of("program.help"), key_of("program.learn")
        return lists, f"lists the timelines; {helps} lists all keys", f"That was the tour: {learns} has the lessons."

    def _look_text(self, view: View) -> tuple[str, str, str]:
        into, stages = key_of("step.into"), key_of("look.stages")
        if view.stage_index < 1:
            return (
                into,
                "takes one stage at a time: press it three times",
                "Each has its data, before and after.",
            )
        return stages, "goes to the stages; Up shows an earlier one, and its data", f"{into} takes the next."

    def _fork_text(self, view: View, *, is_at_choice: bool) -> tuple[str, str, str]:
        if not is_at_choice:
            return key_of("back.over"), "goes back to before the Choice", "What was run stays: you will see."
        if view.is_at_tip or (view.pending is not None and not _is_explored(view)):
            return key_of("step.over"), "takes the way that you forced", "Then we come back, and take another one."
        return key_of("impose.force"), "forces it another way", "What has happened stays beside it, as a fork."


def _is_explored(view: View) -> bool:
    """Whether the run has gone on behind what was decided here."""
    return len(view.events) > view.event_index


def _first_choice(view: View) -> tuple[str, bool]:
    """The name of the first Choice, and whether the run has been there."""
    for state in view.execution.machine.walk():
        if state.type is StateType.CHOICE:
            mark = view.marks.get(state.path)
            return named(state.name), mark is not None and mark.visits > 0
    return "a Choice", False
