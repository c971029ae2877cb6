"""Calls that leave the program: what was called, what it said, and what the rest of the program may ask of who calls.

Side effects do not step back. So a call is made once: who asks the same question again is answered from what is known.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import urlsplit

from msgspec import Struct

from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sfdebug.engine.execution.decisions import Answer, Submission
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Json


class CallCancelledError(SfdebugError):
    """A call that somebody cancelled before it had an answer."""


class CallLine(Struct, frozen=True, gc=False):
    """A line that what was called wrote; `is_error` for one on stderr."""

    text: str
    is_error: bool = False


class OutsideCall(Struct, frozen=True):
    """One call: of `callee`, found at `place`; the answer, how long it took, and the lines that it wrote.

    `answer` is None while nothing has come that the Task could go on with; `submission` is then what the call itself
    gave. `lost` counts lines that were not kept.
    """

    callee: str
    place: str
    answer: Answer | None
    milliseconds: float
    lines: tuple[CallLine, ...] = ()
    lost: int = 0
    note: str = ""
    submission: Submission | None = None


@runtime_checkable
class CallingHandler(Protocol):
    """A task handler that calls what lies outside of the program, and knows what it called.

    `on_call` is told of each call when it is over.
    """

    on_call: Callable[[TaskRequest, OutsideCall], None] | None

    @property
    def can_call(self) -> bool:
        """Whether there is anything that it would call."""

    def answer(self, request: TaskRequest) -> Answer | None:
        """The answer of what is called; for the same request, that of the call that was made."""

    def knows(self, request: TaskRequest) -> bool:
        """Whether what a request asks for is called by this one."""

    def why_not(self, request: TaskRequest) -> str:
        """Why what a request asks for is not called, though it could be expected; "" where nothing is to be said."""

    def call_of(self, request: TaskRequest) -> OutsideCall | None:
        """The call that a request led to, if it did."""

    def forget(self, request: TaskRequest) -> bool:
        """Have the next asking call anew; whether there was a call to forget."""

    def cancel(self) -> None:
        """End the call that is under way, from another thread: it raises CallCancelledError there."""

    def close(self) -> None:
        """End all that was started for it. What was called stays known, and the next call starts anew what it needs."""


def is_http_address(url: str) -> bool:
    """Whether that is an address that http can be spoken with."""
    try:  # a port that is none, a bracket that is not closed
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def calling_handlers(tasks: TaskHandler | None) -> Iterator[CallingHandler]:
    """Those among the handlers of `tasks` that call what lies outside."""
    if isinstance(tasks, CallingHandler):
        yield tasks
    for each in getattr(tasks, "handlers", ()):
        yield from calling_handlers(each)


@runtime_checkable
class AskingHandler(Protocol):
    """A task handler whose calls have to be allowed, each action once. `wanted` is what was not allowed yet."""

    wanted: object | None

    def question(self) -> str:
        """What would be called, where, and as whom."""

    def allow(self) -> None:
        """Allow what is wanted, from now on."""


@runtime_checkable
class CalledBackHandler(Protocol):
    """A task handler whose calls may be answered later on, under their task tokens."""

    def heartbeat(self, token: str) -> float:
        """When the last heartbeat for a token came that is waited for, by the monotonic clock; 0 where none did."""


@runtime_checkable
class WaitingHandler(Protocol):
    """A task handler whose calls may wait for somebody: `waits_for` says for whom, "" where nothing is waited for."""

    @property
    def waits_for(self) -> str:
        """What the call that is under way waits for, in words."""


@runtime_checkable
class BeginningHandler(Protocol):
    """A task handler that starts something when the first Task calls; `on_begin` is told what, in words."""

    on_begin: Callable[[tuple[str, ...]], None] | None
    notes: tuple[str, ...]
    is_beginning: bool
    resets: int
    """How often what was there at the beginning was had again, and all calls were forgotten."""

    def take_notes(self) -> tuple[str, ...]:
        """What was made since this was asked, in words."""

    @property
    def has_services(self) -> bool:
        """Whether Tasks can call services."""

    @property
    def has_local_data(self) -> bool:
        """Whether services on this machine run, which hold something that ends with them."""

    @property
    def can_be_reset(self) -> bool:
        """Whether what services hold can be as at the beginning again."""

    def contents(self) -> tuple[dict[str, Json] | None, dict[str, Json]]:
        """What services held before the last call, None where none was made since somebody looked, and what they
        hold now."""

    def reset(self) -> None:
        """Have services be as at the beginning, and forget all calls."""

    def close(self) -> None:
        """End all that was started."""


@contextmanager
def ended_after(tasks: TaskHandler | None) -> Iterator[None]:
    """End what the handlers of `tasks` have started, however the work with them ends."""
    try:
        yield
    finally:
        end_all(tasks)


def end_all(tasks: TaskHandler | None, used_by: Iterable[TaskHandler | None] = ()) -> None:
    """End what the handlers of `tasks` have started: processes, servers, threads. Those go on that others, `used_by`
    whom, have too."""
    kept = {id(each) for other in used_by for each in _enders(other)}
    for each in _enders(tasks):
        if id(each) not in kept:
            each.close()


def _enders(tasks: TaskHandler | None) -> Iterator[BeginningHandler | CallingHandler]:
    """Surroundings first: what they end is not begun again by the handlers in them."""
    yield from surroundings_in(tasks)
    yield from calling_handlers(tasks)


def surroundings_in(tasks: TaskHandler | None) -> Iterator[BeginningHandler]:
    """Those among the handlers of `tasks` that start something."""
    found: object = tasks
    if isinstance(found, BeginningHandler):
        yield found
    for each in getattr(tasks, "handlers", ()):
        yield from surroundings_in(each)


def last_heartbeat(tasks: TaskHandler | None, token: str) -> float:
    """When the last heartbeat for a token came, by the monotonic clock; 0 where none did."""
    callbacks = (each for each in calling_handlers(tasks) if isinstance(each, CalledBackHandler))
    return max((each.heartbeat(token) for each in callbacks), default=0.0)


def awaited(tasks: TaskHandler | None) -> str:
    """What the call that is under way waits for, in words; "" where it does its work, or none is."""
    found = (each.waits_for for each in calling_handlers(tasks) if isinstance(each, WaitingHandler))
    return next(filter(None, found), "")


def why_not_called(tasks: TaskHandler | None, request: TaskRequest) -> str:
    """Why nothing is called for a request, though it could be expected; "" where nothing is to be said."""
    return next((why for each in calling_handlers(tasks) if (why := each.why_not(request))), "")


def call_of(tasks: TaskHandler | None, request: TaskRequest) -> OutsideCall | None:
    """The call that a request led to, by whichever handler; None where nothing was called."""
    return next((call for each in calling_handlers(tasks) if (call := each.call_of(request)) is not None), None)


def called_back(tasks: TaskHandler | None, request: TaskRequest) -> bool:
    """Whether the task token of a call that waited for its answer has it now."""
    if request.task_token is None:
        return False
    calls = ((each, each.call_of(request)) for each in calling_handlers(tasks))
    waiting = (each for each, call in calls if call is not None and call.answer is None)
    return any(each.answer(request) is not None for each in waiting)
