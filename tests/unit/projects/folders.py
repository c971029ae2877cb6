"""Projects written into folders for tests."""

from __future__ import annotations

import textwrap
from pathlib import Path

PASS = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'


def write(folder: Path, **files: str) -> Path:
    """Write files whose names have `__` for `/` and `_dot_` for `.`; the folder they are in."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def line_of(path: Path, part: str) -> int:
    """The line of a file on which `part` stands first."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)
