"""Helpers for tests of sessions: a debugger whose session is kept in a folder, and what it comes back as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.opening import Continued, continued
from sfdebug.debugger.sessions.restoring import beginning_of
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tasks.handler import TaskHandler


def keeper_of(debugger: Debugger, path: Path, definition: str = "/work/order.asl.json") -> SessionKeeper:
    """What keeps a debugger's session in the file `path`."""
    address = DefinitionAddress(definition)
    return SessionKeeper(debugger, lambda: beginning_of(debugger, 1.0, "1.0", address), lambda: path, now=lambda: 2.0)


def going_on(path: Path, machine: Any = None, tasks: TaskHandler | None = None) -> Continued:
    """The session in `path` gone on with; where it needs a new file, `path` with `.again` behind it."""
    return continued(path, lambda: path.with_name(f"{path.name}.again"), machine, lambda *_: tasks)


def place(debugger: Debugger) -> tuple[Any, ...]:
    """Where a debugger stands, in short."""
    view = debugger.view()
    return view.fork_name, view.state_path, view.event_index, view.sentence, len(view.forks)
