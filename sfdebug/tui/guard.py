"""The error boundary: what goes wrong in an action or a message handler becomes a message on the screen."""

from __future__ import annotations

import functools
import os
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sfdebug.errors import SfdebugError

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
        place = write_log(error)
    except OSError:
        return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on."
    return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on; details are in {place}"


def log_path() -> Path:
    """Where unexpected errors are written: `$XDG_STATE_HOME/sfdebug/errors.log`, or beside temporary files."""
    state = os.environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path.home() / ".local" / "state"
    return home / "sfdebug" / "errors.log"


def write_log(error: Exception) -> Path:
    """Append the traceback of `error` to the log; return where that is. Raises OSError when nothing can be written."""
    text = "".join(traceback.format_exception(error)) + "\n"
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(text)
    except (OSError, RuntimeError):
        path = Path(tempfile.gettempdir()) / "sfdebug-errors.log"
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(text)
    return path
