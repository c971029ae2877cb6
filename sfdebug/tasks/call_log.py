"""The calls that were made: of each attempt its answer, so that nothing is called twice, and what the call wrote."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.tasks.inside_calls import CalleeKind, InsideCalls
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.outside import OutsideCall

AttemptKey: TypeAlias = "tuple[object, ...]"
MOST_LINES: Final = 50_000
"""So many lines that calls wrote are kept in all; of older calls it is known how many there were."""


def attempt_key(request: TaskRequest) -> AttemptKey:
    """What tells an attempt: the branch, the state, the number of the call in the execution, and what is asked."""
    asked = hashlib.sha256(compact(request.input).encode("utf-8", "surrogatepass")).digest()
    where = request.nested_in, request.branch, request.state.path  # in this order: see `InsideCalls`
    of = () if request.nested_in else (request.execution_arn,)  # many may run at once on the same handlers
    return *where, request.invocation, request.task_token, request.resource, asked, *of


class CallLog:
    """The calls of one run and of all its forks, by their attempts; as long as the timeline that it belongs to."""

    def __init__(self, kind: CalleeKind) -> None:
        """`kind` is what is called."""
        self.inside = InsideCalls(kind, self.call)
        self._answers: dict[AttemptKey, Answer | None] = {}
        self._calls: dict[AttemptKey, OutsideCall] = {}
        self._lines = 0

    def __contains__(self, key: AttemptKey) -> bool:
        """Whether an attempt was called."""
        return key in self._answers or self.inside.is_of_before(key)

    def answer(self, key: AttemptKey, scope: str = "") -> Answer | None:
        """What a call was answered; None while that is still to come. `scope` is `TaskRequest.started_by`."""
        self.inside.use(key, scope)
        return self.inside.answer(key) if self.inside.is_of_before(key) else self._answers.get(key)

    def call(self, key: AttemptKey) -> OutsideCall | None:
        """The call of an attempt; None where there was none."""
        return self._calls.get(key)

    def add(self, key: AttemptKey, call: OutsideCall, scope: str = "") -> OutsideCall:
        """Take a call in, or what is known of it now. `scope` is `TaskRequest.started_by`."""
        before = self._calls.pop(key, None)
        if before is None or before.answer is not call.answer:
            self.inside.tell(key, call, scope)
        self._answers[key], self._calls[key] = call.answer, call
        self._lines += len(call.lines) - (len(before.lines) if before is not None else 0)
        if self._lines > MOST_LINES:
            self._shorten()
        return call

    def forget(self, key: AttemptKey) -> bool:
        """Have an attempt be called anew; whether it was called."""
        call = self._calls.pop(key, None)
        self._lines -= len(call.lines) if call is not None else 0
        was_inside = self.inside.forget(key)
        return (key in self._answers and (self._answers.pop(key), True)[1]) or was_inside

    def clear(self) -> None:
        """Have everything be called anew."""
        self._answers.clear()
        self._calls.clear()
        self.inside.clear()
        self._lines = 0

    def _shorten(self) -> None:
        """Let go of the lines of the oldest calls, down to half of what is kept."""
        for key, call in list(self._calls.items()):  # others may call meanwhile
            if self._lines <= MOST_LINES // 2:
                return
            if call.lines:
                self._lines -= len(call.lines)
                self._calls[key] = replace(call, lines=(), lost=call.lost + len(call.lines))
