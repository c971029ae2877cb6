"""What makes methods of the debugger its verbs: the check that stands before each, and the stop that each ends with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeAlias

from sfdebug.debugger.availability import S
from sfdebug.debugger.stepping.travel import without_errors
from sfdebug.debugger.verbs import Verb

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.verbs import Stop

_P = ParamSpec("_P")

Check: TypeAlias = "Callable[[S, StatePath | None], Stop | None]"
"""Gives the refusal with which a verb would end at the cursor; None where it is possible."""


class VerbTable(Generic[S]):
    """The verbs of a class, as far as its methods are marked."""

    def __init__(self, ended: Callable[[S, Stop, Cursor], Stop]) -> None:
        """`ended` is told what a verb ended with, and the cursor from which it began; it gives the stop to return."""
        self._ended = ended
        self._checks: dict[Verb, Check[S]] = {}

    def verb(
        self, check: Check[S], *, is_asked_first: bool = False
    ) -> Callable[[Callable[Concatenate[S, _P], Stop]], Callable[Concatenate[S, _P], Stop]]:
        """Makes a method the verb of its name: `check` is its availability, and no error of a user leaves it.

        `is_asked_first` is for methods that would go on where the check refuses.
        """

        def verb_of(method: Callable[Concatenate[S, _P], Stop]) -> Callable[Concatenate[S, _P], Stop]:
            self._checks[Verb(method.__name__)] = check

            @wraps(method)
            def verb(debugger: S, /, *args: _P.args, **kwargs: _P.kwargs) -> Stop:
                refusal = check(debugger, None) if is_asked_first else None
                before = debugger.timeline.cursor
                stop = refusal or without_errors(lambda: method(debugger, *args, **kwargs))
                return self._ended(debugger, stop, before)

            return verb

        return verb_of

    def why_unavailable(self, debugger: S, verb: Verb, path: StatePath | None) -> Stop | None:
        """The refusal of a verb at the cursor; None where it is possible. Raises ValueError for what is no verb."""
        return self._checks[Verb(verb)](debugger, path)
