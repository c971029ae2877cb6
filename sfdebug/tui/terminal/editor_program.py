"""The user's own editor, in this terminal: $VISUAL or $EDITOR on a file, at a line, until it is left."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from textual.app import App

_USUAL: Final = ("vi", "nano", "emacs") if sys.platform != "win32" else ("notepad",)
"""What is taken where the user has said nothing, the first that is there."""

_FIX: Final = "Set VISUAL or EDITOR to your editor, for example: export EDITOR=nano"

_LINE_FIRST: Final = frozenset(
    {
        "vi", "vim", "nvim", "view", "gvim", "nano", "pico", "emacs", "emacsclient", "mg", "jed", "joe", "ne", "micro",
        "kak", "gedit",
    }
)  # fmt: skip
"""Editors that take `+12 FILE`."""

_AFTER_FILE: Final[Mapping[str, tuple[str, ...]]] = {
    "hx": (),
    "helix": (),
    "subl": ("--wait",),
    "zed": ("--wait",),
    "code": ("--wait", "--goto"),
    "code-insiders": ("--wait", "--goto"),
    "codium": ("--wait", "--goto"),
    "cursor": ("--wait", "--goto"),
}
"""Editors that take `FILE:12`, with the options that make them wait, and go there."""

_LINE_OPTION: Final = frozenset(["idea", "pycharm", "webstorm", "mate", "kate"])
"""Editors that take `--line 12 FILE`."""


def editor_command(path: Path, line: int, environment: Mapping[str, str]) -> list[str]:
    """The command that opens a file at a line (from 1; 0 for none) in the user's editor.

    Raises UsageError when there is no editor, or what the variable says cannot be read.
    """
    import shlex

    given = environment.get("VISUAL") or environment.get("EDITOR") or ""
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise UsageError(f"the editor {given!r} cannot be read: {error}", fix=_FIX) from None
    if not words:
        words = [next((name for name in _USUAL if shutil.which(name, path=environment.get("PATH"))), "")]
    if not words[0] or shutil.which(words[0], path=environment.get("PATH")) is None:
        what = f"there is no program {words[0]!r} to edit with" if words[0] else "there is no editor here"
        raise UsageError(what, fix=_FIX)
    name = Path(words[0]).name.removesuffix(".exe")
    if not line:
        return [*words, str(path)]
    if name in _LINE_FIRST:
        return [*words, f"+{line}", str(path)]
    if name in _AFTER_FILE:
        options = [option for option in _AFTER_FILE[name] if option not in words]
        return [*words, *options, f"{path}:{line}"]
    if name in _LINE_OPTION:
        return [*words, "--line", str(line), str(path)]
    return [*words, str(path)]


def has_editor(environment: Mapping[str, str]) -> bool:
    """Whether the user has said which editor is theirs."""
    return bool(environment.get("VISUAL") or environment.get("EDITOR"))


def edit_file(app: App[object], path: Path, line: int = 0) -> None:
    """Give the terminal to the user's editor, on a file at a line, until it is left.

    Raises UsageError when there is no editor, the terminal cannot be given away, or the editor failed.
    """
    import subprocess

    command = editor_command(path, line, os.environ)
    try:
        with app.suspend():
            done = subprocess.run(command, check=False)
    except SuspendNotSupported:
        raise UsageError("this terminal cannot be given to an editor", fix=f"Edit {path} elsewhere.") from None
    except OSError as error:
        raise UsageError(f"{command[0]} could not be started: {error.strerror}", fix=_FIX) from None
    if done.returncode:
        raise UsageError(f"{command[0]} ended with {done.returncode}: what it has written is not taken")


def edit_text(text: str, suffix: str, edit: Callable[[Path], None]) -> str:
    """What `edit` makes of a text in a file of its own, which nobody else can read and which is gone afterwards.

    Raises UsageError when there is no place for it, or what was saved is no text; and what `edit` raises.
    """
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="sfdebug-") as folder:
            path = Path(folder) / f"value{suffix}"
            path.write_text(text, encoding="utf-8")
            edit(path)
            return path.read_text(encoding="utf-8")
    except UnicodeError:
        raise UsageError("what was saved is not UTF-8") from None
    except OSError as error:
        raise UsageError(f"the value cannot be edited in a file: {error.strerror}") from None
