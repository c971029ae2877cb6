"""What answers the Tasks of an execution from within this program: a test case first, then what is really called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.faults import RUNTIME
from sfdebug.errors import SfdebugError
from sfdebug.tasks.handler import checked_answer
from sfdebug.tasks.outside import calling_handlers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.tokens import TokenBook
    from sfdebug.tasks.callbacks import Callbacks
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.outside import OutsideCall

NOT_BEGUN: Final = Submission(begun=False)


class Called(NamedTuple):
    """What came of asking: the answer, None where none came; and the call that was made for it, if there was one."""

    answer: Answer | None
    call: OutsideCall | None


class SharedHandlers:
    """The handlers that all executions of a host share, and ask at the same time.

    `unanswered` says of a question that nobody answers what could. What handlers send for task tokens, to a server of
    their own, reaches `tokens`.
    """

    def __init__(
        self,
        tasks: TaskHandler | None,
        callbacks: Callbacks | None,
        tokens: TokenBook,
        unanswered: Callable[[TaskRequest], str],
    ) -> None:
        self._tasks = tasks
        self._calling = tuple(calling_handlers(tasks))
        self._callbacks = callbacks
        self._tokens = tokens
        if callbacks is not None:
            callbacks.elsewhere = tokens
        self._unanswered = unanswered

    @property
    def has_any(self) -> bool:
        """Whether there is anybody to ask."""
        return self._tasks is not None

    def called(self, request: TaskRequest) -> Called:
        """Ask, on a thread that may wait. What goes wrong fails the Task, and with it the execution."""
        if self._tasks is None:
            return Called(None, None)
        try:
            answer = self._tasks.answer(request)
            if answer is not None:
                answer = checked_answer(answer, request)
        except SfdebugError as error:
            answer = broken(str(error))
        except Exception as error:  # a function of the user's
            answer = broken(f"what answers this Task has failed: {type(error).__name__}: {error}")
        calls = (handler.call_of(request) for handler in self._calling)
        return Called(answer, next((call for call in calls if call is not None), None))

    def forget(self, request: TaskRequest) -> None:
        """What a request led to is not asked for again."""
        for handler in self._calling:
            handler.forget(request)
        if self._callbacks is not None and request.task_token is not None:
            self._callbacks.drop(request.task_token)

    def unanswered(self, request: TaskRequest) -> TaskFailure:
        """What becomes of a question that nobody answers."""
        return broken(self._unanswered(request))

    def close(self) -> None:
        """End the calls that are under way, and all that was started for them."""
        for handler in self._calling:
            handler.cancel()
            handler.close()
        if self._callbacks is not None and self._callbacks.elsewhere is self._tokens:
            self._callbacks.elsewhere = None


def broken(cause: str) -> TaskFailure:
    """What fails an execution that cannot go on here: nothing retries or catches it."""
    return TaskFailure(RUNTIME, cause, provenance=Provenance.COMPUTED, submission=NOT_BEGUN)


def nobody_answers(request: TaskRequest) -> str:
    """Which question nobody answers, and what could."""
    name, resource = request.state.name, request.resource or "empty"
    if request.kind is RequestKind.MAP_RUN:
        return (
            f"The Map '{name}' asks for its items and nothing answers it (its ItemReader's Resource is {resource}). "
            "A test case of a mock file, local files or a task handler would."
        )
    return (
        f"The Task '{name}' asks for a result and nothing answers it (its Resource is {resource}). A test case of a "
        "mock file, or a handler of the function or service that it calls would."
    )
