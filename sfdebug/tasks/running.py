"""A run to its end without a person: every question goes to a task handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.collection import seldom_collected
from sfdebug.engine import ExecutionStatus, readiness, step
from sfdebug.engine.execution.decisions import AnswerTask, Proceed
from sfdebug.engine.readiness import next_to_move
from sfdebug.errors import NestingError
from sfdebug.tasks.handler import checked_answer, checked_handler

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.errors import SfdebugError
    from sfdebug.tasks.handler import TaskHandler

_FORGOTTEN_AT_ONCE: Final = 4_000
_KEPT: Final = 1_000
_WHOLE_VISIT: Final = Proceed(whole_visit=True)


def run_to_end(
    execution: Execution,
    tasks: TaskHandler | None,
    unanswered: Callable[[TaskRequest, Execution], SfdebugError],
    endless: Callable[[Execution], SfdebugError | None],
    seen: Callable[[Execution], None] | None = None,
    *,
    keep_visits: bool = True,
) -> Execution:
    """`execution` run until it is over, its questions answered by `tasks`.

    A handler with a method `decide(execution)` is asked before each step whether something else happens now.

    `seen` is given the execution each time that so many events have come, which are forgotten then: memory stays
    bounded, however long it runs. It is not given the last ones, which are in the result. Without `keep_visits`, events
    are kept, but visits and decisions are forgotten in the same way.

    Raises what `unanswered` makes of a Task that `tasks` does not answer, what `endless` makes of the execution when
    it has gone on for too long (None: it may go on), what `tasks` raises, UsageError when `tasks` is no task handler,
    or gives what is no answer, and NestingError when the data nest too deep.
    """
    checked_handler(tasks)
    try:
        with seldom_collected():
            return _run(execution, tasks, unanswered, endless, seen, keep_visits=keep_visits)
    except RecursionError:
        raise NestingError(execution.machine.name) from None


def _run(
    execution: Execution,
    tasks: TaskHandler | None,
    unanswered: Callable[[TaskRequest, Execution], SfdebugError],
    endless: Callable[[Execution], SfdebugError | None],
    seen: Callable[[Execution], None] | None,
    *,
    keep_visits: bool,
) -> Execution:
    decide = getattr(tasks, "decide", None)
    forgets = seen is not None or not keep_visits
    while execution.status is ExecutionStatus.RUNNING:
        error = endless(execution)
        if error is not None:
            raise error
        decision: Decision | None = decide(execution) if decide is not None else None
        if decision is None:
            decision = _next(execution, tasks, unanswered, by_phases=decide is not None)
        execution = step(execution, decision)
        if forgets and len(execution.decisions) - execution.decisions.first >= _FORGOTTEN_AT_ONCE:
            if seen is not None:
                seen(execution)
                execution = execution.forgetting(_KEPT)
            else:
                execution = execution.forgetting_visits(_KEPT)
    return execution


def _next(
    execution: Execution,
    tasks: TaskHandler | None,
    unanswered: Callable[[TaskRequest, Execution], SfdebugError],
    *,
    by_phases: bool,
) -> Decision:
    """The next decision. A branch that is alone may move by whole visits, for nothing else could come between."""
    mover = next_to_move(execution)
    if mover is not None:
        return _WHOLE_VISIT if len(execution.branches) == 1 and not by_phases else Proceed(mover)
    possible = readiness(execution)
    question = possible.question
    if question is None:
        return Proceed(possible.ready[0] if possible.ready else None)
    answer = tasks.answer(question) if tasks is not None else None
    if answer is not None:
        return AnswerTask(question.branch, checked_answer(answer, question))
    if question.is_optional:
        return Proceed(question.branch)
    raise unanswered(question, execution)
