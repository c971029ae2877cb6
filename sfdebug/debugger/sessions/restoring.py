"""A debugger from a saved session: under the definition that it had, or under one that has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.asl.load import parse_definition
from sfdebug.collection import seldom_collected
from sfdebug.debugger.debugger import Debugger
from sfdebug.debugger.sessions.coding import answer_of
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.journal import read_lines
from sfdebug.debugger.sessions.playing import play, put_stops
from sfdebug.debugger.sessions.records import FORMAT, Beginning, Stops, TaskSources
from sfdebug.debugger.sessions.session import Session, checksum, input_checksum, plain_settings, session_in
from sfdebug.errors import SfdebugError
from sfdebug.projects.addresses import ProjectValues
from sfdebug.tasks.inside_calls import InsideCall, inside_calls

if TYPE_CHECKING:
    from pathlib import Path

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.sessions.records import RecordingSource
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.tasks.handler import TaskHandler


class Restored(Struct, frozen=True):
    """A session that goes on. `notes` say what is not as it was; `is_whole` whether all of it was done again."""

    session: Session
    debugger: Debugger
    notes: tuple[str, ...] = ()
    is_whole: bool = True


def read_session(path: Path) -> Session:
    """The session in a file. Raises SessionError when it cannot be read, or is none."""
    return session_in(path, read_lines(path))


def beginning_of(
    debugger: Debugger,
    began: float,
    program: str,
    address: DefinitionAddress | None = None,
    sources: TaskSources | None = None,
    recording: RecordingSource | None = None,
) -> Beginning:
    """The beginning of a debugger's session; `program` is the version of sfdebug, `address` where its definition is."""
    source = debugger.machine.document.source
    settings = debugger.timeline.main_nodes[0].execution.settings
    return Beginning(
        format=FORMAT,
        program=program,
        began=began,
        name=source.name,
        definition=address.text if address is not None else "",
        sha256=checksum(source.text),
        settings=plain_settings(settings) if recording is None else {},
        sources=sources or TaskSources(),
        recording=recording,
        given=input_checksum(debugger.timeline.main_nodes[0].execution.input),
        values=address.values if address is not None else ProjectValues(),
    )


def machine_of(session: Session) -> StateMachine:
    """The definition that a session holds. Raises SessionError when it cannot be read any more."""
    try:
        # What stands in a template is kept as what was made of it, which is JSON, under the template's name.
        is_json = "#" in session.beginning.definition and session.text.lstrip()[:1] == "{"
        return parse_definition(session.text, session.beginning.name, "json" if is_json else None)
    except SfdebugError as error:
        raise SessionError(f"its definition cannot be read: {error.what}", where=str(session.path)) from error


def restored(
    session: Session,
    machine: StateMachine | None = None,
    tasks: TaskHandler | None = None,
    run: RecordedSession | None = None,
) -> Restored:
    """A session, done again.

    Args:
        session: What was read.
        machine: The definition as it is now; without it the one that the session holds. Where that is another one,
            the session is carried over to it as far as it fits.
        tasks: Answers the Tasks from here on. What was answered is not asked again.
        run: The recorded execution, for a session of one.

    Raises:
        SessionError: When it is of something else, or nothing of it can be done again.
    """
    if (session.beginning.recording is not None) != (run is not None):
        what = "a recorded execution" if session.beginning.recording is not None else "a simulation"
        raise SessionError(f"it is a session of {what}", where=str(session.path))
    notes = _damage(session)
    definition = machine or machine_of(session)
    if checksum(definition.document.source.text) != session.beginning.sha256:
        return _carried(session, definition, tasks, run, notes)
    debugger = _fresh(session, definition, tasks, run)
    try:
        with seldom_collected():
            said = play(debugger, session.done, session.kept)
    except SessionError as error:
        return Restored(session, debugger, (*notes, error.what), is_whole=False)
    return Restored(session, debugger, (*notes, *said))


def _carried(
    session: Session,
    machine: StateMachine,
    tasks: TaskHandler | None,
    run: RecordedSession | None,
    notes: tuple[str, ...],
) -> Restored:
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.debugger.sessions.carrying import carry_over

    then = machine_of(session)
    before = _fresh(session, then, None, open_recording(run.recording, then) if run is not None else None)
    play(before, session.done, session.kept)
    after = _fresh(session, machine, tasks, run)
    carried = carry_over(before, after)
    after.answering.take_over(before.answering.choices)
    after.answering.remember()
    stops = next((one.stops for one in reversed(session.done) if one.stops is not None), Stops())
    return Restored(session, after, (*notes, *carried.notes, *put_stops(after, stops)), is_whole=False)


def _fresh(session: Session, machine: StateMachine, tasks: TaskHandler | None, run: RecordedSession | None) -> Debugger:
    _know_calls(session, tasks)
    if run is not None:
        return Debugger.on_recording(run, tasks=tasks)
    try:
        return Debugger(machine, session.input, tasks=tasks, settings=session.settings)
    except SessionError:
        raise
    except SfdebugError as error:
        raise SessionError(f"it cannot begin: {error.what}", where=str(session.path)) from error


def _know_calls(session: Session, tasks: TaskHandler | None) -> None:
    """Have the task handlers know what was called in executions that Tasks started: it is not called anew."""
    handlers = tuple(inside_calls(tasks))
    is_cut = any(one.is_cut for one in session.done)
    for handler in handlers:
        found = [
            InsideCall(call.attempt, answer_of(call.answer, session.kept), call.scope, call.state, call.callee)
            for one in session.done
            for call in one.called or ()
            if call.by == handler.kind.value
        ]
        handler.take_in(found, is_cut=is_cut)


def _damage(session: Session) -> tuple[str, ...]:
    if not session.damaged:
        return ()
    return (f"the session's file is damaged at line {session.damaged}: what was done after that is lost",)
