"""The file for what nobody expected: tracebacks go there, and users are told where it is.

It is for its owner alone, and does not follow a link that somebody else has put in its place.
"""

from __future__ import annotations

import errno
import os
import platform
import stat
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Final

from sfdebug import __version__

_MOST_BYTES: Final = 1 << 20
"""A log that has grown beyond this is begun anew."""
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def log_path() -> Path:
    """Where unexpected errors are written: among the platform's files of state, `$XDG_STATE_HOME` where it is set.

    Raises RuntimeError when there is no home directory.
    """
    from platformdirs import user_state_path  # no run that ends well needs it

    folder = user_state_path("sfdebug", appauthor=False)
    if not folder.is_absolute():
        raise RuntimeError("there is no home directory")
    return folder / "errors.log"


def write_report(error: BaseException, doing: str = "") -> Path:
    """Append the traceback of `error` to the log, or when that cannot be, to a new file beside temporary ones.

    `doing` says what was under way, in words. Returns where it is. Raises OSError when nothing can be written.
    """
    about = f"sfdebug {__version__}, Python {platform.python_version()}, {sys.platform}{doing and f': {doing}'}"
    text = f"{about}\n{''.join(traceback.format_exception(error))}\n"
    try:
        path = log_path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, _FLAGS | os.O_APPEND, 0o600)
    except (OSError, RuntimeError):
        return _beside_temporary_files(text)
    try:
        _append(descriptor, text)
    except OSError:
        return _beside_temporary_files(text)
    return path


def _append(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as log:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        if found.st_size > _MOST_BYTES:
            os.ftruncate(descriptor, 0)
        log.write(text)


def _beside_temporary_files(text: str) -> Path:
    descriptor, name = tempfile.mkstemp(prefix="sfdebug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(text)
    return Path(name)
