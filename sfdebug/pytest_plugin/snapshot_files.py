"""Where snapshots of histories are: one file each, in a folder of its own for each file of tests."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from sfdebug.pytest_plugin.noted import SNAPSHOT_FOLDER

SUFFIX: Final = ".json"
_PLAIN: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST: Final = 80


def folder_of(tests: Path) -> Path:
    """The snapshots of a file of tests."""
    return tests.parent / SNAPSHOT_FOLDER / tests.stem


def file_name(test: str, name: str) -> str:
    """What the file of a test's snapshot is called; `test` is its name within its file, `name` is "" for its first."""
    whole = f"{test} {name}".strip()
    plain = _plain(whole) or "run"
    if plain != whole:  # another test may come to the same
        plain += "-" + sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}{SUFFIX}"


def can_be_of(file: str, test: str) -> bool:
    """Whether a file can be a snapshot of a test, by its name: that says so of all that are, and of some others."""
    return file.startswith(_plain(test))


def _plain(text: str) -> str:
    return _PLAIN.sub("-", text).strip("-.")[:_LONGEST]
