"""What the tour asks for, step by step, and when it has happened: read off the run, not off the keys."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, auto
from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.timeline.position import pending_interventions
from sfdebug.debugger.wording.values import named
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger, View


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
        self._has_looked = False

    def follow(self, debugger: Debugger, view: View) -> None:
        """See what has happened to the run; go on where it is what was asked for."""
        before, self._event = self._event, view.event_index
        if before is None or not self.is_shown:
            return
        happened = {
            TourStep.STEP: view.event_index > before,
            TourStep.BACK: view.event_index < before,
            TourStep.LOOK: False,
            TourStep.FORCE: len(view.forks) > 1 or bool(pending_interventions(debugger.timeline)[0]),
            TourStep.FORK: len(view.forks) > 1,
            TourStep.OVER: True,
        }[self.step]
        if happened:
            self._go_on()
            if self.step is TourStep.FORK and len(view.forks) > 1:
                self._go_on()

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
            return over, f"again, until the run stands at {_first_choice(view)}", "There you decide where it goes."
        if self.step is TourStep.FORK:
            return self._fork_text(view, is_at_choice=is_at_choice)
        lists, helps = key_of("time.forks"), key_of("program.help")
        return lists, f"lists the timelines; {helps} lists all keys", "That was the tour: the rest is yours."

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


def _first_choice(view: View) -> str:
    states = view.execution.machine.walk()
    return next((named(state.name) for state in states if state.type is StateType.CHOICE), "a Choice")
