"""The calls inside of executions that Tasks started, in short: what a session keeps of them, and knows when it goes on.

The answers of a session's own Tasks stand on its timeline, which is kept. What a nested execution called stands on
none, for it is run again where somebody steps into it: without this, its calls would be made once more.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.tasks.outside import calling_handlers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.tasks.handler import TaskHandler

MOST_INSIDE: Final = 10_000
"""So many calls are told, of each kind."""


class CalleeKind(StrEnum):
    """What is called, as a journal names it: for each the one task handler that calls it."""

    FUNCTION = "function"
    SERVICE = "service"
    API = "api"


class InsideCall(Struct, frozen=True, gc=False):
    """One call: the checksum of what tells its attempt, and the answer; None where that waits for a task token."""

    attempt: str
    answer: Answer | None


class CallNotKeptError(SfdebugError):
    """It is not known any more whether something was called before the session went on."""


class InsideCalls:
    """The calls of one task handler that were made inside. Attempts are told as in its call log."""

    def __init__(self, kind: CalleeKind) -> None:
        """`kind` is what is called."""
        self.kind = kind
        self.told: list[InsideCall] = []
        """All of them, in their order: of an attempt the last counts. It only grows."""
        self.is_cut = False
        """Whether there were more than are told."""
        self._before: dict[str, Answer | None] = {}
        self._is_cut_before = False
        self._forgotten: set[str] = set()

    def tell(self, attempt: tuple[object, ...], answer: Answer | None) -> None:
        """A call was made, or its task token was answered. What was called outside of nested executions is left out."""
        if _is_inside(attempt):
            self._before.pop(_checksum(attempt), None)
            self._take(InsideCall(_checksum(attempt), answer))

    def take_in(self, calls: Iterable[InsideCall], *, is_cut: bool) -> None:
        """Know what was called before the session went on; `is_cut`: not all of it is among these."""
        for call in calls:
            self._take(call)
            self._before[call.attempt] = call.answer
        self.is_cut = self.is_cut or is_cut
        self._is_cut_before = self._is_cut_before or is_cut

    def _take(self, call: InsideCall) -> None:
        if len(self.told) < MOST_INSIDE:
            self.told.append(call)
        else:
            self.is_cut = True

    def is_of_before(self, attempt: tuple[object, ...]) -> bool:
        """Whether an attempt was called before the session went on, and not since."""
        return bool(self._before) and _is_inside(attempt) and _checksum(attempt) in self._before

    def answer(self, attempt: tuple[object, ...]) -> Answer | None:
        """What was answered before the session went on."""
        return self._before.get(_checksum(attempt))

    def check_known(self, attempt: tuple[object, ...]) -> None:
        """Raises CallNotKeptError where it is not known whether an attempt was called before the session went on."""
        if self._is_cut_before and _is_inside(attempt) and _checksum(attempt) not in self._forgotten:
            raise CallNotKeptError(
                f"more than {MOST_INSIDE:,} calls were made in nested executions before this session went on, and this "
                "may have been one that is not kept: nothing is called",
                fix="Step into what the Task starts, and call again there.",
            )

    def forget(self, attempt: tuple[object, ...]) -> bool:
        """Have an attempt be called anew; whether it was called before the session went on."""
        if not _is_inside(attempt):
            return False
        was_called = self.is_of_before(attempt)
        self._before.pop(_checksum(attempt), None)
        self._forgotten.add(_checksum(attempt))
        return was_called

    def clear(self) -> None:
        """Have everything be called anew."""
        self._before.clear()
        self._is_cut_before = False


@runtime_checkable
class InsideCallingHandler(Protocol):
    """A task handler that tells what it called inside."""

    inside: InsideCalls


def inside_calls(tasks: TaskHandler | None) -> Iterator[InsideCalls]:
    """Those of all handlers of `tasks`, each once."""
    seen: set[int] = set()
    for handler in calling_handlers(tasks):
        if isinstance(handler, InsideCallingHandler) and id(handler) not in seen:
            seen.add(id(handler))
            yield handler.inside


def _is_inside(attempt: tuple[object, ...]) -> bool:
    """Whether it is of a nested execution: the first of what tells it says in which."""
    return bool(attempt[0])


def _checksum(attempt: tuple[object, ...]) -> str:
    from hashlib import sha256  # here: it loads OpenSSL, which most sessions do without

    return sha256(repr(attempt).encode("utf-8", "surrogatepass")).hexdigest()
