"""Where what is copied goes: through the terminal, to this machine's clipboard, or into a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from sfdebug.configuration import Clipboard
from sfdebug.errors import UsageError

_SECONDS: Final = 2
"""A clipboard that takes longer is none."""


def copied(text: str, clipboard: Clipboard, through_terminal: Callable[[str], None]) -> str:
    """Copy `text`; in words, where it is now. Raises UsageError when it cannot be copied there."""
    if clipboard is Clipboard.SYSTEM:
        return _to_system(text)
    if clipboard is Clipboard.FILE:
        return f"to {_to_file(text)}"
    through_terminal(text)
    return "to the terminal's clipboard (OSC 52)"


def _to_system(text: str) -> str:
    programs = [*_programs()]
    for program, *options in programs:
        path = shutil.which(program)
        if path is None:
            continue
        try:
            done = subprocess.run(
                [path, *options],
                input=text.encode("utf-8", "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return f"to this machine's clipboard ({program})"
    names = ", ".join(program for program, *_ in programs)
    raise UsageError(f"not copied: no program for this machine's clipboard works ({names})", fix=_OTHERS)


_OTHERS: Final = 'Set clipboard = "osc52" or "file": sfdebug config --path names the file of settings.'


def _programs() -> Iterator[tuple[str, ...]]:
    """The programs that may have the clipboard here, the likeliest first."""
    if sys.platform == "darwin":
        yield ("pbcopy",)
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        yield ("wl-copy",)
    yield ("xclip", "-selection", "clipboard")
    yield ("xsel", "--clipboard", "--input")
    yield ("clip.exe",)  # from within WSL, and on Windows


def _to_file(text: str) -> Path:
    """Write `text` for its owner alone."""
    from platformdirs import user_state_path

    path = user_state_path("sfdebug", appauthor=False) / "copied.txt"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"not copied: {path} cannot be written ({error.strerror})", fix=_OTHERS) from None
    return path
