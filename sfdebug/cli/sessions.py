"""Sessions on the command line: which one is gone on with, where a new one is kept, what its Tasks are answered by."""

from __future__ import annotations

import time
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sfdebug import __version__
from sfdebug.cli.console import STDIN
from sfdebug.errors import UsageError
from sfdebug.files import path_typed
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.sessions.folder import SessionEntry
    from sfdebug.debugger.sessions.keeper import SessionKeeper
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.debugger.sessions.records import Beginning, RecordingSource, TaskSources
    from sfdebug.debugger.sessions.session import Session
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.sessions.session import CaseList, ScreenSession
    from sfdebug.tui.settings import ScreenSettings


def add_session_options(parser: ArgumentParser, *, takes_file: bool = False) -> None:
    """`--fresh`, `--continue`, `--no-autosave`, and with `takes_file` also `--session`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--fresh", action="store_true", help="begin afresh, without asking about an earlier session")
    which.add_argument(
        "--continue", dest="goes_on", action="store_true", help="go on with the last session of it, without asking"
    )
    if takes_file:
        which.add_argument(
            "--session",
            metavar="FILE",
            help="open a saved session and go on in its file: a file, or a name that sfdebug sessions lists",
        )
    parser.add_argument("--no-autosave", action="store_true", help="do not keep this session")


def sources_of(args: Namespace) -> TaskSources:
    """What answers Tasks, by the options of `add_input_options`, for a session that is kept."""
    from sfdebug.debugger.sessions.records import TaskSources

    nested = (option.partition("=")[::2] for option in getattr(args, "nested", ()))
    return TaskSources(
        mocks=_absolute(args.mocks),
        case=args.case or "",
        s3=_absolute(getattr(args, "s3", None)),
        nested=tuple((name, _absolute(file)) for name, file in nested),
        functions=tuple(map(_absolute_function, getattr(args, "functions", ()))),
        lambda_endpoint=getattr(args, "lambda_endpoint", None) or "",
        real=getattr(args, "real", False),
        services=getattr(args, "services", None) or "",
        seed=_absolute(getattr(args, "seed_data", None)),
    )


def _absolute_function(option: str) -> str:
    """`NAME=FILE:HANDLER` with the whole path of the file."""
    name, _, rest = option.partition("=")
    file, _, handler = rest.rpartition(":")
    return f"{name}={_absolute(file)}:{handler}"


def _absolute(file: str | None) -> str:
    return "" if not file or file == STDIN else str(Path(file).resolve())


class SessionPlan(NamedTuple):
    """What a session is to be of: where the definition is, what answers Tasks, the recorded execution if it is of
    one. `is_it` says whether an earlier session is one of the same, `resume` goes on with it."""

    in_use: DefinitionInUse | None
    sources: Callable[[], TaskSources]
    recording: Callable[[], RecordingSource | None]
    is_it: Callable[[Beginning], bool]
    resume: Callable[[Path], Continued]


def screen_session(
    debugger: Debugger,
    args: Namespace,
    plan: SessionPlan,
    new_path: Callable[[], Path] | None,
    *,
    asks: bool = True,
    cases: CaseList | None = None,
) -> ScreenSession:
    """What keeps a new session, and where it `asks`, offers to go on with the last one instead."""
    from sfdebug.tui.sessions.session import Offer, ScreenSession

    def begin() -> Beginning:
        from sfdebug.debugger.sessions.restoring import beginning_of

        address = plan.in_use.address if plan.in_use is not None else None
        return beginning_of(debugger, time.time(), __version__, address, plan.sources(), plan.recording())

    def make_keeper() -> SessionKeeper:
        from sfdebug.debugger.sessions.keeper import SessionKeeper

        return SessionKeeper(debugger, begin, new_path)

    def find_offer() -> Offer | None:
        from sfdebug.debugger.sessions.session import checksum

        entry = last_session(plan.is_it)
        if entry is None:
            return None
        text, note = offered(entry, checksum(debugger.machine.document.source.text), time.time())
        return Offer(text, note, lambda: plan.resume(entry.path))

    find_to_watch = watched_in(plan.in_use.address.path if plan.in_use is not None else getattr(args, "history", ""))
    find = find_offer if asks and not args.fresh else None
    return ScreenSession(make_keeper, find, cases=cases, in_use=plan.in_use, find_to_watch=find_to_watch)


def watched_in(path: str) -> Callable[[], tuple[str, ...]] | None:
    """What finds what to watch in the file at a path: something where it is of a bundled sample."""
    if not path:
        return None
    from sfdebug.cli.samples import what_to_watch

    return partial(what_to_watch, path)


def new_path_of(args: Namespace, settings: ScreenSettings) -> Callable[[], Path] | None:
    """What gives the place for a new session; None where it is not to be kept."""
    if args.no_autosave or not settings.configuration.autosave:
        return None

    def new_path() -> Path:
        from sfdebug.debugger.sessions.folder import sessions_folder

        return sessions_folder().new_path()

    return new_path


def offered(entry: SessionEntry, sha256: str, now: float) -> tuple[str, str]:
    """An earlier session in words, and what has changed since: `continue from 14:02, at Ship order (2 forks)`."""
    from sfdebug.times import wall_text

    summary = entry.summary
    forks = f" ({counted(summary.forks, 'fork')})" if summary.forks else ""
    text = f"Continue from {wall_text(entry.time, now)}, {place_text(entry)}{forks}?"
    if entry.beginning.sha256 != sha256:
        return text, "The definition has changed since: what was decided is done again as far as it fits."
    return text, "Beginning afresh keeps that session: sfdebug sessions lists it."


def place_text(entry: SessionEntry) -> str:
    """Where a session stands, in words."""
    summary = entry.summary
    if not summary.state:
        return "at the end" if summary.is_over else "at the start"
    return f"ended at {summary.state}" if summary.is_over else f"at {summary.state}"


def last_session(is_it: Callable[[Beginning], bool]) -> SessionEntry | None:
    """The newest session of what is asked for, if there is one."""
    from sfdebug.debugger.sessions.errors import SessionError
    from sfdebug.debugger.sessions.folder import sessions_folder

    try:
        return sessions_folder().latest(is_it)
    except (SessionError, OSError):
        return None


def session_path(given: str) -> Path:
    """The file that `--session` names. Raises UsageError when there is none."""
    from sfdebug.debugger.sessions.errors import SessionError
    from sfdebug.debugger.sessions.folder import sessions_folder

    path = path_typed(given)
    try:
        if path.exists():
            return path
        if "/" not in given:
            return sessions_folder().named(given)
    except (OSError, ValueError, SessionError):
        pass
    raise UsageError(
        f"there is no session '{escaped(given)}'", where="--session", fix="sfdebug sessions lists those that are kept."
    )


def tasks_again(
    args: Namespace, session: Session, machine: StateMachine, in_use: DefinitionInUse | None = None
) -> TaskHandler | None:
    """What answers the Tasks of a session that goes on: what the command line says, else what answered them before."""
    from sfdebug.cli.inputs import read_tasks
    from sfdebug.testing.keeping import answers_again

    if sources_of(args):
        return read_tasks(args, machine, session.settings.start_time, in_use)
    of = session.beginning.sources
    given = Namespace(
        input=None,
        mocks=of.mocks or None,
        case=of.case or None,
        s3=of.s3 or None,
        nested=[f"{name}={file}" for name, file in of.nested],
        functions=list(of.functions),
        lambda_endpoint=of.lambda_endpoint or None,
        real=of.real,
        services=of.services or None,
        seed_data=of.seed or None,
    )
    own = answers_again(of)
    return read_tasks(given, machine, session.settings.start_time, in_use, first=own)


def recorded_again(session: Session, machine: StateMachine | None = None) -> RecordedSession:
    """The recorded execution that a session is of, read again. Raises UsageError when it is not there, or another."""
    from sfdebug.cli.recordings import EXECUTION, recordings_at
    from sfdebug.debugger.recorded.session import NO_DEFINITION, open_recording
    from sfdebug.debugger.sessions.restoring import machine_of
    from sfdebug.history.reading.read import chosen

    of = session.beginning.recording
    assert of is not None
    found = recording_source(of.path, of.execution)
    if found is None or found.sha256 != of.sha256:
        gone = "is not there" if found is None else "has changed since"
        what = f"the recording of this session {gone}"
        raise UsageError(what, where=of.path, fix="Put it back, or open the recording: sfdebug replay HISTORY")
    nothing = Namespace(profile=None, region=None, endpoint_url=None, hours=24.0, log_group=None)
    recordings = recordings_at(of.path, nothing)
    recording = chosen(recordings, of.execution or None, of.path, EXECUTION)
    if machine is None:
        plain = open_recording(recording)
        if plain.why_not_replayed == NO_DEFINITION and plain.machine.document.source.text == session.text:
            return plain
    return open_recording(recording, machine or machine_of(session))


def recording_source(history: str, execution: str = "") -> RecordingSource | None:
    """How a session names a recorded execution; None for one that is in no file."""
    from hashlib import sha256

    from sfdebug.debugger.sessions.records import RecordingSource

    path = Path(history).resolve()
    digest = sha256()
    try:
        for file in sorted(filter(Path.is_file, path.rglob("*"))) if path.is_dir() else [path]:
            with file.open("rb") as stream:
                while data := stream.read(1 << 20):
                    digest.update(data)
    except (OSError, ValueError):
        return None
    return RecordingSource(str(path), digest.hexdigest(), execution)
