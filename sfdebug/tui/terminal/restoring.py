"""The terminal as it was, however the screen ends: Textual puts it back when it leaves in order, and only then."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

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
