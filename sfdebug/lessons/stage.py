"""The run of a lesson: one debugger, which its steps take to where they stand, and beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.lessons.model import DoStep, PredictStep
from sfdebug.lessons.places import PlaceError, go_to
from sfdebug.lessons.revealing import reveal
from sfdebug.lessons.setups import begin
from sfdebug.lessons.tasks import decided_for, solve, strayed

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Lesson, LessonPlace, LessonSetup, Step


class LessonRun:
    """The run that the steps of a lesson stand in.

    `debugger` is another one after a step that begins anew: whoever shows it looks again after `enter`.
    """

    def __init__(self, lesson: Lesson) -> None:
        """Begin the run. Raises what `begin` raises for files that cannot be used."""
        self.lesson = lesson
        self._start(lesson.setup)

    def _start(self, setup: LessonSetup) -> None:
        self.setup: LessonSetup = setup
        self.debugger: Debugger = begin(setup)
        self._last: Step | None = None
        self._decided: frozenset[int] = frozenset()
        """The decisions that do steps have asked for, by the ids of their nodes."""
        self._lacks_decision = False

    def go_to(self, place: LessonPlace) -> None:
        """Put the cursor at a place. Raises PlaceError when the run does not come there."""
        go_to(self.debugger, place)

    def enter(self, step: Step) -> None:
        """Take the run to where a step stands, from where the last one left it.

        What a learner has decided besides, or has skipped, is no part of the lesson: a step that says where it stands
        stands there as if all before had gone as it is written. Raises PlaceError when the run does not come there, and
        what `begin` raises.
        """
        self._take_stock()
        is_elsewhere = self._lacks_decision or strayed(self.debugger, self._decided)
        if step.setup is None and step.at is not None and is_elsewhere and step in self.lesson.steps:
            self._begin_again(step)
            return
        try:
            self._enter(step)
        except PlaceError:
            if step not in self.lesson.steps:
                raise
            self._begin_again(step)

    def _take_stock(self) -> None:
        """Look at what became of the last do step."""
        if isinstance(self._last, DoStep):
            found = decided_for(self.debugger, self._last)
            self._decided |= found or frozenset()
            self._lacks_decision = self._lacks_decision or (found is not None and not found)
        self._last = None

    def _begin_again(self, step: Step) -> None:
        """Come to a step anew; breakpoints stay."""
        before = self.debugger.breakpoints.all
        self.stand_at(self.lesson.steps.index(step))
        for point in before:
            self.debugger.breakpoints.add(point)

    def _enter(self, step: Step) -> None:
        if step.setup is not None:
            self._start(step.setup)
        self._last = step
        if step.at is None:
            return
        self.go_to(step.at)
        if isinstance(step, PredictStep) and self._tells_what_comes(step.at):
            self._start(self.setup)
            self._last = step
            self.go_to(step.at)

    def _tells_what_comes(self, place: LessonPlace) -> bool:
        """Whether the timeline holds what comes after a place, from a step before, which gives the answer away. A run
        in which something was decided stays as it is."""
        debugger, timeline = self.debugger, self.debugger.timeline
        is_touched = (
            len(timeline.lines) > 1 or debugger.breakpoints.states or any(map(timeline.decided, timeline.nodes))
        )
        if is_touched or debugger.recorded is not None:
            return False
        known = timeline.fork.after(timeline.cursor.node)
        if known is not None and place.stage is not None:  # the step that makes this stage makes more
            known = timeline.fork.after(known)
        return known is not None

    def leave(self, step: Step) -> None:
        """Take the run from where a step stands to behind it: a prediction is revealed, a task is done.

        Raises TaskError or PlaceError for a task that cannot be done.
        """
        if isinstance(step, PredictStep):
            reveal(self.debugger, step.asked)
        elif isinstance(step, DoStep):
            solve(self.debugger, step)

    def stand_at(self, index: int) -> None:
        """Begin anew, and come to where the step with that index (from 0) stands, with all before it done.

        Raises IndexError when there is none, else what `enter` and `leave` raise.
        """
        steps = self.lesson.steps
        wanted = steps[index]
        begun = max((at for at, step in enumerate(steps[: index + 1]) if step.setup is not None), default=0)
        if steps[begun].setup is None:
            self._start(self.lesson.setup)
        for step in steps[begun:index]:
            self._enter(step)
            self.leave(step)
            self._take_stock()
        self._enter(wanted)
