"""The calls inside of executions that Tasks started, in short: what a session keeps of them, and knows when it goes on.

The answers of a session's own Tasks stand on its timeline, which is kept. What a nested execution called stands on
none, for it is run again where somebody steps into it: without this, its calls would be made once more. Which Task
outside has led to a call is told by its scope.
"""

from __future__ import annotations

import re
from ast import literal_eval
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.errors import SfdebugError
from sfdebug.tasks.outside import calling_handlers
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.outside import OutsideCall

MOST_INSIDE: Final = 10_000
"""So many calls are told, of each kind."""
_NUMBERS: Final = count()
"""In which order calls were made, whoever made them."""


class CalleeKind(StrEnum):
    """What is called, as a journal names it: for each the one task handler that calls it."""

    FUNCTION = "function"
    SERVICE = "service"
    API = "api"


class InsideCall(Struct, frozen=True, gc=False):
    """One call: the checksum of what tells its attempt, and the answer; None where that waits for a task token.

    `scope` is that of the Task that started the execution in which it was made, `state` the name of the one that
    called, and `callee` what was called.
    """

    attempt: str
    answer: Answer | None
    scope: str = ""
    state: str = ""
    callee: str = ""


class MadeInside(Struct, frozen=True):
    """A call as it is found by its scope: `number` tells the order among all calls, and `made` is what is known of it,
    None where that is nothing any more: it was made before the session went on, or before services were reset."""

    call: InsideCall
    number: int
    made: OutsideCall | None

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that led to it: of each Task that started an execution, the one that called last."""
        return (*(name for _, name in _scopes(self.call.scope)), self.call.state)


class CallNotKeptError(SfdebugError):
    """It is not known any more whether something was called before the session went on."""


class InsideCalls:
    """The calls of one task handler that were made inside. Attempts are told as in its call log."""

    def __init__(self, kind: CalleeKind, known: Callable[[tuple[object, ...]], OutsideCall | None]) -> None:
        """`kind` is what is called, `known` gives what the call log has of an attempt."""
        self.kind = kind
        self._known = known
        self.told: list[InsideCall] = []
        """All of them, in their order: of an attempt the last counts. It only grows."""
        self.is_cut = False
        """Whether there were more than are told."""
        self._before: dict[str, Answer | None] = {}
        self._is_cut_before = False
        self._forgotten: set[str] = set()
        self._attempts: dict[str, tuple[object, ...]] = {}
        """By their checksums those of calls that were made since the session went on."""
        self._last: dict[str, InsideCall] = {}
        self._in_scope: dict[str, dict[str, tuple[int, InsideCall]]] = {}
        """By the scope of a Task all calls in what it started, and in what that started, with their numbers."""

    def tell(self, attempt: tuple[object, ...], call: OutsideCall, scope: str) -> None:
        """A call was made, or its task token was answered. What was called outside of nested executions is left out."""
        if _is_inside(attempt):
            checksum, path = _checksum(attempt), attempt[2]
            state = str(path[-1]) if isinstance(path, tuple) and path else ""
            self._before.pop(checksum, None)
            self._attempts[checksum] = attempt
            self._take(InsideCall(checksum, call.answer, scope, state, call.callee))

    def use(self, attempt: tuple[object, ...], scope: str) -> None:
        """What was called under another scope, or before, answers an attempt in this one, too."""
        if scope and (checksum := _checksum(attempt)) not in self._in_scope.get(scope, {}) and checksum in self._last:
            self._take(replace(self._last[checksum], scope=scope))

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
        self._last[call.attempt] = call
        number = next(_NUMBERS)
        for scope, _ in _scopes(call.scope):
            calls = self._in_scope.setdefault(scope, {})
            calls[call.attempt] = (calls[call.attempt][0] if call.attempt in calls else number, call)

    def made_in(self, scope: str) -> Iterator[MadeInside]:
        """The calls that were made in what the Task of a scope has started, directly or through another."""
        for checksum, (number, call) in self._in_scope.get(scope, {}).items():
            attempt = self._attempts.get(checksum)
            yield MadeInside(call, number, self._known(attempt) if attempt is not None else None)

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


def made_in(tasks: TaskHandler | None, request: TaskRequest) -> tuple[MadeInside, ...]:
    """The calls of all handlers of `tasks` that were made in what a Task has started, in their order."""
    scope = scope_of(request)
    made = (made for one in inside_calls(tasks) for made in one.made_in(scope))
    return tuple(sorted(made, key=lambda one: one.number))


def scope_of(request: TaskRequest) -> str:
    """What tells what a Task starts from all else: the attempts that led there, from the outermost on, each by its
    branch, its state, the number of its call and a checksum of what it asks."""
    from hashlib import sha256

    asked = sha256(compact(request.input).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{request.started_by}/{request.branch!r}{request.state.path!r}{request.invocation}#{asked}"


_SCOPE_PART: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\)\d+#[0-9a-f]+(?=/|$)""")
"""What of a scope is looked for: texts, in which anything may stand, and the end of what tells one attempt."""


def _scopes(scope: str) -> Iterator[tuple[str, str]]:
    """A scope and those around it, the outermost first, each with the name of the state whose Task it is of."""
    name = ""
    for found in _SCOPE_PART.finditer(scope):
        if found[0][0] == ")":
            yield scope[: found.end()], name
        else:
            name = literal_eval(found[0])


def _is_inside(attempt: tuple[object, ...]) -> bool:
    """Whether it is of a nested execution: the first of what tells it says in which."""
    return bool(attempt[0])


def _checksum(attempt: tuple[object, ...]) -> str:
    from hashlib import sha256  # here: it loads OpenSSL, which most sessions do without

    return sha256(repr(attempt).encode("utf-8", "surrogatepass")).hexdigest()
