"""Finds definitions, projects and recorded histories below a folder: quickly, within bounds, without running any."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

MOST_ENTRIES: Final = 20_000
MOST_FOUND: Final = 300
DEEPEST: Final = 8
"""So many files and folders are looked at, so many files are found, so deep below the folder."""

_MAX_BYTES: Final = 4 << 20
_HEAD: Final = 1 << 16
_SKIPPED: Final = frozenset({"node_modules", "venv", "env", "__pycache__", "site-packages", "dist", "build", "target"})
_JSON: Final = (".json", ".asl")
_YAML: Final = (".yaml", ".yml")
_CDK_OUTPUT: Final = "cdk.out"
_MANIFEST: Final = "manifest.json"
_MACHINE: Final = re.compile(rb"AWS::(?:StepFunctions|Serverless)::StateMachine\b|^stepFunctions\s*:", re.MULTILINE)
_TEMPLATE: Final = (b"AWSTemplateFormatVersion", b"AWS::", b"Resources", b"stepFunctions")
_TERRAFORM: Final = ".tf"
_TERRAFORM_MACHINE: Final = b'"aws_sfn_state_machine"'
_TOP_LEVEL: Final = (re.compile(rb"^StartAt\s*:", re.MULTILINE), re.compile(rb"^States\s*:", re.MULTILINE))


class FoundFile(Struct, frozen=True):
    """A file that can be opened: a definition, a project with state machines, or a recorded history."""

    path: Path
    is_recording: bool = False
    is_project: bool = False


def files_below(folder: Path, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[FoundFile]:
    """What is found, the nearest first. Hidden folders and those of packages are left out, and links to folders."""
    folders: deque[tuple[str, int]] = deque([(str(folder), 0)])
    looked_at = found = 0
    while folders:
        name, depth = folders.popleft()
        for entry in _entries(name):
            looked_at += 1
            if looked_at > MOST_ENTRIES or found >= MOST_FOUND or is_stopped():
                return
            if _is_folder(entry):
                if entry.name == _CDK_OUTPUT:  # what lies in it belongs to its manifest
                    manifest = Path(entry.path, _MANIFEST)
                    if manifest.is_file():
                        found += 1
                        yield FoundFile(manifest.parent, is_project=True)
                elif depth < DEEPEST and not entry.name.startswith(".") and entry.name not in _SKIPPED:
                    folders.append((entry.path, depth + 1))
                continue
            file = found_file(Path(entry.path))
            if file is not None:
                found += 1
                yield file


def _entries(name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(name) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def found_file(path: Path) -> FoundFile | None:
    """What a file is by its name and its text; None for what is neither."""
    name = path.name.lower()
    if not name.endswith((*_JSON, *_YAML, _TERRAFORM)):
        return None
    try:
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return None
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if name.endswith(_TERRAFORM):
                is_machine = _TERRAFORM_MACHINE in head + file.read(_MAX_BYTES)
                return FoundFile(path, is_project=True) if is_machine else None
            if any(word in head for word in _TEMPLATE):
                data = head + file.read(_MAX_BYTES)
                if _MACHINE.search(data) and _is_project(path):
                    return FoundFile(path, is_project=True)
                file.seek(len(head))
            if b"StartAt" in head:
                data = head + file.read(_MAX_BYTES)
                return FoundFile(path, is_recording=False) if _is_definition(name, data) else None
    except (OSError, ValueError):
        return None
    is_history = b'"ExecutionStarted"' in head and b'"id"' in head and name.endswith(_JSON)
    return FoundFile(path, is_recording=True) if is_history else None


def _is_project(path: Path) -> bool:
    from sfdebug.projects.finding import is_project

    return is_project(path)


def _is_definition(name: str, data: bytes) -> bool:
    """Whether StartAt and States stand at the top level. What is called a definition may be broken: it says why when
    it is opened."""
    if ".asl" in name or ".sfn." in name:
        return True
    if name.endswith(_YAML):
        return all(pattern.search(data) for pattern in _TOP_LEVEL)
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "StartAt" in value and isinstance(value.get("States"), dict)
