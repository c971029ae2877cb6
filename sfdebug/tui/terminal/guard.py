"""What keeps the program going and the terminal whole: an error becomes a message on the screen, a screen is closed
once, and however the program ends, the terminal is as it was.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, cast

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from sfdebug.errors import SfdebugError
from sfdebug.tui.terminal.timers import RingsLate

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
    from sfdebug.reports.crash import write_report

    kind = type(error).__name__
    try:
        where = write_report(error)
    except OSError:
        return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on."
    return f"{kind}: {error}\nThis is a fault of sfdebug, not yours. The session goes on; details are in {where}"


class ClosesOnce(RingsLate):
    """Put in front of `Screen`: one that is painted when all of it is there, is dismissed while it is on top, and else
    stays as it is.

    Not a screen itself: Textual takes the style sheet of the first of its bases that is one.
    """

    _is_beginning = True
    _is_held = False

    async def on_event(self, event: events.Event) -> None:
        """Leave out the beginning of a screen that is over before it has begun: not all of it is composed.

        Of one that begins, Textual looks up the styles of all widgets that have just got theirs, and paints all of it
        when it comes on top, when it has a size, and for good: a third of what opening a dialog took.
        """
        screen = cast("Screen[Any]", self)
        if isinstance(event, events.ScreenResume) and self._is_beginning:
            event.refresh_styles = False
        is_over = screen not in screen.app.screen_stack
        if isinstance(event, (events.Mount, events.Resize)) and (is_over or not screen.children):
            return
        self._is_held = self._is_beginning and isinstance(event, (events.ScreenResume, events.Resize))
        try:
            await Screen.on_event(screen, event)
        finally:
            if self._is_held:
                self._is_held = False
                screen.refresh()

    def _compositor_refresh(self) -> None:
        """Paint what has changed; not as long as all of it is to be painted as soon as it is laid out."""
        screen = cast("Screen[Any]", self)
        if not (self._is_held or (screen._layout_required and screen._repaint_required)):
            self._is_beginning = False
            Screen._compositor_refresh(screen)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close it, with a result. Textual would close whatever is on top."""
        screen = cast("Screen[Any]", self)
        return Screen.dismiss(screen, result) if screen.is_active else AwaitComplete()


if sys.platform != "win32":
    import termios

_AS_BEFORE: Final = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # the mouse belongs to the terminal
    b"\x1b[?2004l\x1b[?1004l\x1b[<u"  # pastes, focus and keys are told plainly
    b"\x1b[?1049l\x1b[?25h\x1b[0m"  # what stood there before, with its cursor
)


@contextmanager
def restored() -> Iterator[None]:
    """Put the terminal back when what is inside ends with an exception."""
    before = _settings()
    try:
        yield
    except BaseException:
        with suppress(OSError, ValueError, AttributeError):
            os.write(sys.__stderr__.fileno(), _AS_BEFORE)  # type: ignore[union-attr]
        _put_back(before)
        raise


def _settings() -> list[Any] | None:
    if sys.platform == "win32":
        return None
    try:
        return termios.tcgetattr(sys.__stdin__.fileno())  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError, termios.error):
        return None


def _put_back(settings: list[Any] | None) -> None:
    if sys.platform != "win32" and settings is not None:
        with suppress(OSError, ValueError, AttributeError, termios.error):
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSADRAIN, settings)  # type: ignore[union-attr]
