"""Going on with a saved session, in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.debugger.debugger import Debugger
from sfdebug.debugger.sessions.journal import Journal
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.restoring import machine_of, read_session, restored
from sfdebug.debugger.sessions.session import Session, checksum, session_in
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.tasks.handler import TaskHandler


def reopened(path: Path) -> tuple[Session, Journal]:
    """A session to go on with, and its journal. Nothing is written yet: `SessionKeeper.go_on` does.

    Raises SessionError when another process has it, or it is none, or cannot be read; OSError when it cannot be
    written.
    """
    journal, lines = Journal.reopen(path)
    try:
        return session_in(path, lines), journal
    except BaseException:
        journal.close()
        raise


class Continued(Struct, frozen=True):
    """A session that goes on: its debugger, what keeps it, how it was looked at, and what is to be said about it."""

    debugger: Debugger
    keeper: SessionKeeper
    seen: dict[str, Any]
    notes: tuple[str, ...]


def continued(
    path: Path,
    new_path: Callable[[], Path] | None,
    machine: StateMachine | None = None,
    tasks_of: Callable[[Session, StateMachine], TaskHandler | None] | None = None,
    run: RecordedSession | None = None,
    *,
    address: DefinitionAddress | None = None,
) -> Continued:
    """Go on with the session in a file, in that file.

    Where not all of it could be done again, or the file cannot be written, it goes on in a new one, which `new_path`
    gives the place of, and the old one stays as it is; `address` is where the definition is, where that is
    another one now. `tasks_of` gives what answers the Tasks. Raises SessionError
    when the session cannot be read, or another process has it open.
    """
    journal: Journal | None
    try:
        session, journal = reopened(path)
    except OSError:
        session, journal = read_session(path), None
    try:
        under = machine or machine_of(session)
        notes: tuple[str, ...] = ()
        tasks = None
        try:
            tasks = tasks_of(session, under) if tasks_of is not None else None
        except SfdebugError as error:  # a file that is not there any more
            notes = (f"Tasks are not answered as before: {error.what}",)
        found = restored(session, under, tasks, run)
        beginning = session.beginning
        if journal is None or not found.is_whole:
            source = under.document.source
            beginning = replace(beginning, name=source.name, sha256=checksum(source.text))
            if address is not None:
                beginning = replace(beginning, definition=address.text, values=address.values)
        keeper = SessionKeeper(found.debugger, lambda: beginning, new_path)
        if journal is not None and found.is_whole and new_path is not None:
            keeper.go_on(session, journal)
            journal = None
    finally:
        if journal is not None:
            journal.close()
    keeper.keep(session.seen)
    return Continued(found.debugger, keeper, session.seen, (*found.notes, *notes))
