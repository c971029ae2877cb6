"""Whether a verb is possible at the cursor, and why not: the checks that `Debugger` puts before its verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, Verb, refused
from sfdebug.debugger.wording.values import named

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.debugger.view.model import BranchLine
    from sfdebug.engine.execution.visit import TaskRequest


class VerbSubject(Protocol):
    """What a check looks at: a debugger."""

    timeline: Timeline

    @property
    def cursor(self) -> Cursor:
        """The place on the timeline."""

    @property
    def question(self) -> TaskRequest | None:
        """The question that waits for an answer."""

    @property
    def recorded(self) -> RecordedSession | None:
        """The recording that is debugged."""

    def branches(self) -> Sequence[BranchLine]:
        """The branches and iterations at the cursor."""


S = TypeVar("S", bound=VerbSubject)


def always(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Always possible."""
    return None


def forward(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible where the run can go on: it is not over, and no Task waits for the user."""
    position, question = position_at(debugger.cursor), debugger.question
    if position.is_over and debugger.timeline.next is None:
        return refused("the execution is over: step back, or restart", Verb.STEP_BACK, Verb.RESTART)
    if question is not None and position.request is not None:
        why = f"{named(question.state.name)} waits for an answer: give a result, or let it fail"
        return refused(why, Verb.ANSWER_TASK, Verb.INJECT_FAILURE)
    return None


def back(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible but at the start."""
    cursor = debugger.cursor
    return refused("this is the start") if cursor.node.parent is None and cursor.stage_offset == 0 else None


def explored(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible once something has run."""
    return None if debugger.timeline.tip.index else refused("nothing is explored yet: step first", Verb.STEP_INTO)


def forked(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible where there is another fork."""
    ways = (Verb.FORCE_CHOICE, Verb.INJECT_FAILURE, Verb.EDIT_INPUT)
    why = "there is only one fork: force, inject or edit makes more"
    return None if len(debugger.timeline.forks) > 1 else refused(why, *ways)


def recorded(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible in a recorded execution."""
    return None if debugger.recorded is not None else refused("this is a simulation, not a recorded execution")


def branched(debugger: VerbSubject, path: StatePath | None) -> Stop | None:
    """Possible where branches run side by side."""
    node = debugger.cursor.node
    is_branched = not node.is_over and (len(node.execution.branches) > 1 or len(debugger.branches()) > 1)
    return None if is_branched else refused("no Parallel or Map is running here")


def changing(check: Callable[[S, StatePath | None], Stop | None]) -> Callable[[S, StatePath | None], Stop | None]:
    """The check of what needs an engine that can go on from the cursor."""

    def checked(debugger: S, path: StatePath | None) -> Stop | None:
        record, run = debugger.timeline.record, debugger.recorded
        if record is not None and run is not None and run.replay is None:
            why = record.why_not_fork(debugger.cursor.node, debugger.timeline.fork)
            return refused(why) if why is not None else None
        return check(debugger, path)

    return checked
