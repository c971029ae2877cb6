"""What a do step asks for: whether it is done, read off the timeline, and doing it by the debugger's own verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.timeline.nodes import state_path
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import StopReason
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    EditInput,
    ForceChoice,
    InjectFailure,
    TaskFailure,
    TaskResult,
)
from sfdebug.engine.execution.visit import StageName
from sfdebug.errors import SfdebugError
from sfdebug.lessons.model import DoStep, LessonPlace, TaskKind
from sfdebug.lessons.places import go_to
from sfdebug.values import is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Debugger, Stop
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.execution import Execution

_STOPPED: Final = (StopReason.END, StopReason.EDGE, StopReason.BREAKPOINT, StopReason.QUESTION, StopReason.FAULT)


class TaskError(SfdebugError):
    """A task of a lesson that cannot be done where it is asked."""


class TaskMark(Struct, frozen=True, eq=False):
    """How a debugger stood when a task was set: only what comes after it counts."""

    fork: int
    forks: int
    place: tuple[int, int]
    depth: int
    execution: Execution
    decided: frozenset[int]
    breakpoints: frozenset[StatePath]


class LookedAt(Struct, frozen=True):
    """The stage that a screen shows, wherever its cursor stands."""

    state: str
    stage: StageName


def mark(debugger: Debugger) -> TaskMark:
    """How a debugger stands, for `is_done`."""
    timeline = debugger.timeline
    return TaskMark(
        timeline.fork.id,
        len(timeline.lines),
        _place(debugger),
        len(position_at(debugger.cursor).focus),
        debugger.cursor.node.execution,
        frozenset(node.id for node in _decided(debugger)),
        debugger.breakpoints.states,
    )


def is_done(debugger: Debugger, step: DoStep, since: TaskMark, looked: LookedAt | None = None) -> bool:
    """Whether what a step asks for is done, in whatever way.

    Args:
        debugger: The run of the lesson.
        step: What it asks for.
        since: How the debugger stood when it was asked, as `mark` gave it.
        looked: The stage that a screen shows.
    """
    if step.task in _DECISIONS:
        return any(_is_decided(step, node) for node in _decided(debugger) if node.id not in since.decided)
    if step.task is TaskKind.BREAKPOINT:
        return any(path[-1] == step.state for path in debugger.breakpoints.states - since.breakpoints)
    if step.task is TaskKind.FORK:
        return len(debugger.timeline.lines) > since.forks and debugger.timeline.fork.id != since.fork
    if step.task is TaskKind.LOOK and looked is not None:
        return looked.stage is step.stage and step.state in ("", looked.state)
    has_moved = debugger.timeline.fork.id != since.fork or _place(debugger) != since.place
    return has_moved and _MOVEMENTS[step.task](debugger, step, since)


def has_gone_past(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    """Whether the run has gone over more than the one state that a step asks for, or back over more than one."""
    now, then = debugger.cursor.node.execution, since.execution
    if step.task is TaskKind.STEP_OVER:
        return _states_between(then, now, since.depth) > 1
    return step.task is TaskKind.BACK_OVER and _states_between(now, then, since.depth) > 1


def _states_between(earlier: Execution, later: Execution, depth: int) -> int:
    """How many states were entered and left from one instant to another, at that depth or further out."""
    visits = takewhile(lambda visit: visit.number > earlier.visit_count, reversed(later.visits))
    return sum(len(visit.branch) <= depth for visit in visits)


def decided_for(debugger: Debugger, step: DoStep) -> frozenset[int] | None:
    """The decisions of the user, on the current fork, that are what a step asks for, by the ids of their nodes: empty
    where it asks for one and has it not; None where it asks for no decision."""
    decided, timeline = _decided(debugger), debugger.timeline
    if step.task is TaskKind.FORK:
        return frozenset(node.id for node in decided)
    if step.task not in _DECISIONS:
        return None
    reasons = {timeline.decided(node) for node in decided if _is_decided(step, node)}
    return frozenset(node.id for node in decided if timeline.decided(node) in reasons)


def strayed(debugger: Debugger, known: frozenset[int]) -> bool:
    """Whether the current fork has decisions of the user besides those that are known."""
    return any(node.id not in known for node in _decided(debugger))


def solve(debugger: Debugger, step: DoStep) -> None:
    """Do what a step asks for.

    Raises TaskError when it cannot be done where the debugger stands, and PlaceError when the run does not come there.
    """
    stop = _SOLUTIONS[step.task](debugger, step)
    if stop is not None and stop.is_refused:
        raise TaskError(f"{step.task} cannot be done here: {stop.text}", where=debugger.machine.name)


# what is seen of it


def _place(debugger: Debugger) -> tuple[int, int]:
    return debugger.cursor.node.index, debugger.cursor.stage_offset


def _decided(debugger: Debugger) -> list[TimelineNode]:
    """The decisions of the user on the current fork."""
    return [node for node in debugger.timeline.nodes if debugger.timeline.decided(node)]


def _is_decided(step: DoStep, node: TimelineNode) -> bool:
    """Whether a decision of the user is the one that a step asks for."""
    decision = node.decision
    if step.task is TaskKind.INJECT:
        is_there = isinstance(decision, InjectFailure) and decision.state[-1] == (step.state or decision.state[-1])
        return is_there and isinstance(decision, InjectFailure) and decision.error == step.error
    if step.task is TaskKind.FORCE and isinstance(decision, ForceChoice):
        wanted = step.rule - 1 if step.rule is not None else None
        return decision.rule == wanted and _is_of(step, state_path(node.execution.branches[decision.branch]))
    if step.task is TaskKind.EDIT_INPUT and isinstance(decision, EditInput):
        is_wanted = not is_present(step.output) or same(decision.input, step.output)
        return is_wanted and _is_of(step, state_path(node.execution.branches[decision.branch]))
    if step.task is TaskKind.ANSWER and isinstance(decision, AnswerTask) and node.parent is not None:
        return _is_of(step, state_path(node.parent.execution.branches[decision.branch])) and _is_answer(step, decision)
    return False


def _is_of(step: DoStep, path: StatePath) -> bool:
    return step.state in ("", path[-1])


def _is_answer(step: DoStep, decision: AnswerTask) -> bool:
    answer = decision.answer
    if step.error:
        return isinstance(answer, TaskFailure) and answer.error == step.error
    return not is_present(step.output) or (isinstance(answer, TaskResult) and same(answer.output, step.output))


_DECISIONS: Final = (TaskKind.INJECT, TaskKind.FORCE, TaskKind.EDIT_INPUT, TaskKind.ANSWER)


def _went_over(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    position = position_at(debugger.cursor)
    is_between = position.is_over or (position.is_ready and len(position.focus) <= since.depth)
    return _place(debugger) > since.place and is_between and not has_gone_past(debugger, step, since)


def _went_into(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    is_there = (not step.state and step.stage is None) or _shows(debugger, step)
    return _place(debugger) > since.place and is_there


def _went_back_over(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    is_back = _place(debugger) < since.place and position_at(debugger.cursor).is_ready
    return is_back and not has_gone_past(debugger, step, since)


def _ran(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    position = position_at(debugger.cursor)
    has_stopped = position.is_over or debugger.stop.reason in _STOPPED
    is_there = not step.state or (position.state is not None and position.state.name == step.state)
    return _place(debugger) > since.place and has_stopped and is_there


def _came_to(debugger: Debugger, step: DoStep, since: TaskMark) -> bool:
    position = position_at(debugger.cursor)
    return position.is_ready and position.state is not None and position.state.name == step.state


def _shows(debugger: Debugger, step: DoStep) -> bool:
    position = position_at(debugger.cursor)
    if position.visit is None or step.state not in ("", position.visit.state.name):
        return False
    return step.stage is None or (position.stage is not None and position.stage.name is step.stage)


_MOVEMENTS: Final[Mapping[TaskKind, Callable[[Debugger, DoStep, TaskMark], bool]]] = {
    TaskKind.STEP_OVER: _went_over,
    TaskKind.STEP_INTO: _went_into,
    TaskKind.STEP_BACK: lambda debugger, step, since: _place(debugger) < since.place,
    TaskKind.BACK_OVER: _went_back_over,
    TaskKind.RUN: _ran,
    TaskKind.RUN_TO: _came_to,
    TaskKind.LOOK: lambda debugger, step, since: _shows(debugger, step),
}


# doing it


def _path(debugger: Debugger, step: DoStep) -> StatePath:
    """The path of the state that a step names, or of the one at hand. Raises TaskError when there is none."""
    position = position_at(debugger.cursor)
    if not step.state and position.state is not None:
        return position.state.path
    for state in debugger.machine.walk():
        if state.name == step.state:
            return state.path
    named = f"there is no state '{step.state}'" if step.state else f"{step.task} needs a state, and none is at hand"
    raise TaskError(named, where=debugger.machine.name, fix="Name one: state = …")


def _stand_before(debugger: Debugger, step: DoStep) -> None:
    """Go to the state that a step names, unless it is at hand."""
    position, path = position_at(debugger.cursor), _path(debugger, step)
    if position.state is not None and position.state.path == path:
        return
    here = debugger.cursor
    if debugger.run_to_state(path).is_refused or not _stands_before(debugger, path):
        debugger.timeline.put_cursor(here.node, here.stage_offset, here.focus)
        go_to(debugger, LessonPlace(str(path[-1])))


def _stands_before(debugger: Debugger, path: StatePath) -> bool:
    position = position_at(debugger.cursor)
    return position.is_ready and position.state is not None and position.state.path == path


def _inject(debugger: Debugger, step: DoStep) -> Stop | None:
    path = _path(debugger, step)
    stop = debugger.inject_failure(path, step.error)
    if stop.is_refused:  # the run is past it
        go_to(debugger, LessonPlace(str(path[-1])))
        stop = debugger.inject_failure(path, step.error)
    return stop


def _force(debugger: Debugger, step: DoStep) -> Stop | None:
    _stand_before(debugger, step)
    return debugger.force_choice(step.rule - 1 if step.rule is not None else None)


def _edit_input(debugger: Debugger, step: DoStep) -> Stop | None:
    _stand_before(debugger, step)
    position = position_at(debugger.cursor)
    if is_present(step.output):
        return debugger.edit_input(step.output)
    has_input = position.visit or position.branch
    return debugger.edit_input(has_input.input if has_input is not None else {})


def _answer(debugger: Debugger, step: DoStep) -> Stop | None:
    if debugger.asking is None or step.state not in ("", debugger.asking.state.name):
        _stand_before(debugger, step)
        while debugger.asking is None and not debugger.step_into().is_refused:
            if position_at(debugger.cursor).is_over:
                break
    if step.error:
        return debugger.answer_task(TaskFailure(step.error))
    return debugger.answer_task(TaskResult(step.output if is_present(step.output) else {}))


def _into(debugger: Debugger, step: DoStep) -> Stop | None:
    if step.stage is not None:
        return _look(debugger, step)
    if step.state:
        _stand_before(debugger, step)
    return debugger.step_into()


def _look(debugger: Debugger, step: DoStep) -> Stop | None:
    go_to(debugger, LessonPlace(str(_path(debugger, step)[-1]), step.stage))
    return debugger.step_into()


def _run(debugger: Debugger, step: DoStep) -> Stop | None:
    stop = debugger.run()
    while step.state and stop.reason is StopReason.BREAKPOINT and not _came_to(debugger, step, mark(debugger)):
        stop = debugger.run()
    return stop


def _run_to(debugger: Debugger, step: DoStep) -> Stop | None:
    path = _path(debugger, step)
    stop = debugger.run_to_state(path)
    return stop if _stands_before(debugger, path) else debugger.run_back_to_state(path)


def _breakpoint(debugger: Debugger, step: DoStep) -> Stop | None:
    debugger.breakpoints.toggle(_path(debugger, step))
    return None


def _fork(debugger: Debugger, step: DoStep) -> Stop | None:
    """Something is decided in the past: what the step names, or else an input is left as it is."""
    if debugger.recorded is not None:
        return debugger.fork_here()
    if step.error:
        return _inject(debugger, step)
    if step.rule is not None:
        return _force(debugger, step)
    _stand_before(debugger, step)
    here = debugger.cursor
    debugger.step_over()  # so that it is the past
    debugger.timeline.put_cursor(here.node, here.stage_offset, here.focus)
    return _edit_input(debugger, step)


_SOLUTIONS: Final[Mapping[TaskKind, Callable[[Debugger, DoStep], Stop | None]]] = {
    TaskKind.INJECT: _inject,
    TaskKind.FORCE: _force,
    TaskKind.EDIT_INPUT: _edit_input,
    TaskKind.ANSWER: _answer,
    TaskKind.STEP_OVER: lambda debugger, step: debugger.step_over(),
    TaskKind.STEP_INTO: _into,
    TaskKind.STEP_BACK: lambda debugger, step: debugger.step_back(),
    TaskKind.BACK_OVER: lambda debugger, step: debugger.back_over(),
    TaskKind.RUN: _run,
    TaskKind.RUN_TO: _run_to,
    TaskKind.BREAKPOINT: _breakpoint,
    TaskKind.FORK: _fork,
    TaskKind.LOOK: _look,
}
