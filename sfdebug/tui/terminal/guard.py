"""The error boundary: what goes wrong in an action or a message handler becomes a message on the screen."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sfdebug.errors import SfdebugError
from sfdebug.reports.crash import write_report

if TYPE_CHECKING:
    from textual.dom import DOMNode

P = ParamSpec("P")
NodeT = TypeVar("NodeT", bound="DOMNode")


def guarded(handler: Callable[Concatenate[NodeT, P], None]) -> Callable[Concatenate[NodeT, P], None]:
    """A message handler that tells the user what went wrong instead of ending the program."""

    def guarding(node: NodeT, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            handler(node, *args, **kwargs)
        except Exception as error:
            report(node.app, error)

    return functools.update_wrapper(guarding, handler)


def report(app: Any, error: Exception) -> None:
    """Show `error` on the screen of `app`; what is not the user's doing also goes to a log file."""
    app.show_trouble(trouble_text(error))


def trouble_text(error: Exception) -> str:
    """What the user is told. The traceback of an unexpected error is written to a file, whose name is told."""
    if isinstance(error, SfdebugError):
        return str(error)
    kind = type(error).__name__
    try:
        place = write_report(error)
    except OSError:
        return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on."
    return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on; details are in {place}"
