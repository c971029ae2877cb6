"""Task tokens: which attempt each one belongs to, as long as it is waited for; each is answered once.

Source: AWS API, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Protocol

from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.tasks.callbacks import TaskCallback
    from sfdebug.values import Json

MOST_ENDED: Final = 10_000
"""So many tokens of attempts that are over are still told from those that never were, without asking for more."""


class TokenWaiter(Protocol):
    """The attempt that waits for what is sent for its token."""

    def take_answer(self, answer: TaskResult | TaskFailure) -> bool:
        """Whether it still waited, and has the answer now."""

    def take_heartbeat(self) -> bool:
        """Whether it still waited, and its heartbeat counts from now."""


class TokenKeeping(Protocol):
    """Knows of tokens beyond memory, in whoever keeps the host."""

    def commit(self) -> None:
        """Wait until all that was told before is kept. Raises HostRefusalError (NOT_KEPT)."""

    def token_ended(self, token: str, reason: RefusalReason) -> None:
        """Nobody waits for a token any more."""

    def why_token_ended(self, token: str) -> RefusalReason | None:
        """Why not, None for a token that is not known. Raises HostRefusalError (UNREADABLE)."""


class TokenBook:
    """The tokens of all hosted executions."""

    def __init__(self, keeping: TokenKeeping, catch_up: Callable[[str], None] = lambda token: None) -> None:
        """`keeping` knows of tokens beyond memory, and has kept what a handler has sent before it is told so;
        `catch_up` has a token be waited for that stands in a history already: who reads that may be quicker."""
        self._keeping = keeping
        self._catch_up = catch_up
        self._lock = threading.Lock()
        self._waiting: dict[str, TokenWaiter] = {}
        self._ended: OrderedDict[str, RefusalReason] = OrderedDict()

    def __len__(self) -> int:
        """How many are waited for."""
        return len(self._waiting)

    def expect(self, token: str, waiter: TokenWaiter) -> None:
        """From now on, somebody waits for what is sent for a token."""
        with self._lock:
            self._ended.pop(token, None)
            self._waiting[token] = waiter

    def drop(self, token: str, *, is_gone: bool) -> None:
        """Nobody waits for a token any more; `is_gone`: its execution is over."""
        with self._lock:
            if self._waiting.pop(token, None) is not None:
                self._end(token, RefusalReason.TASK_GONE if is_gone else RefusalReason.TOKEN_TIMED_OUT)

    def succeed(self, token: str, output: str) -> None:
        """The task has succeeded, with an output as JSON text.

        Raises HostRefusalError (OUTPUT_INVALID, TOKEN_INVALID, TOKEN_TIMED_OUT, TASK_GONE).
        """
        self._look_for(token)
        with self._lock:
            self._waiter(token)  # recorded: it is asked first whether there is such a token
        try:
            value: Json = json.loads(output, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise HostRefusalError(RefusalReason.OUTPUT_INVALID, token, str(error)) from None
        self._send(token, TaskResult(value))

    def fail(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """The task has failed. Raises HostRefusalError (TOKEN_INVALID, TOKEN_TIMED_OUT, TASK_GONE)."""
        self._look_for(token)
        self._send(token, TaskFailure(error, cause))

    def heartbeat(self, token: str) -> None:
        """The task is under way. Raises as `fail`."""
        self._look_for(token)
        with self._lock:
            waiter = self._waiter(token)
        if not waiter.take_heartbeat():
            raise HostRefusalError(RefusalReason.TOKEN_TIMED_OUT, token)

    def take_callback(self, token: str, sent: TaskCallback | None) -> bool | None:
        """What a handler has sent for a token, None for a heartbeat; whether it was waited for, None where there is no
        such token here. Raises HostRefusalError (NOT_KEPT)."""
        self._look_for(token)
        with self._lock:
            if token not in self._waiting and self._why_ended(token) is None:
                return None
        try:
            if sent is None:
                self.heartbeat(token)
            else:
                answer = sent.answer(0.0, Provenance.FUNCTION)
                assert isinstance(answer, TaskResult | TaskFailure)
                self._send(token, answer)
        except HostRefusalError:
            return False
        self._keeping.commit()
        return True

    def _look_for(self, token: str) -> None:
        """Have one that is known nowhere be waited for, if it is about to be."""
        with self._lock:
            is_known = token in self._waiting or self._why_ended(token) is not None
        if not is_known:
            self._catch_up(token)

    def _send(self, token: str, answer: TaskResult | TaskFailure) -> None:
        with self._lock:
            waiter = self._waiter(token)
            del self._waiting[token]
            self._end(token, RefusalReason.TOKEN_TIMED_OUT)
        if not waiter.take_answer(answer):
            raise HostRefusalError(RefusalReason.TOKEN_TIMED_OUT, token)

    def _waiter(self, token: str) -> TokenWaiter:
        waiter = self._waiting.get(token)
        if waiter is None:
            raise HostRefusalError(self._why_ended(token) or RefusalReason.TOKEN_INVALID, token)
        return waiter

    def _why_ended(self, token: str) -> RefusalReason | None:
        return self._ended.get(token) or self._keeping.why_token_ended(token)

    def _end(self, token: str, reason: RefusalReason) -> None:
        self._keeping.token_ended(token, reason)
        self._ended[token] = reason
        if len(self._ended) > MOST_ENDED:
            self._ended.popitem(last=False)


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")
