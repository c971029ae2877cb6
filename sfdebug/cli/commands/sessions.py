"""`sfdebug sessions`: lists the sessions that are kept, saves one elsewhere, deletes them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.sessions import place_text, recorded_again
from sfdebug.errors import UsageError
from sfdebug.text import counted

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.debugger.sessions.folder import SessionEntry, SessionFolder


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug sessions`."""
    parser.add_argument("session", metavar="SESSION", nargs="*", help="its name in the list, or how that begins")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--save", metavar="FILE", help="save the session as FILE, to pass it on")
    doing.add_argument("--delete", action="store_true", help="delete these sessions")
    doing.add_argument("--clear", action="store_true", help="delete all sessions that are not open")
    parser.add_argument(
        "--redact",
        action="store_true",
        help="with --save: without its data, so that it still goes the same way (see sfdebug fetch --redact)",
    )


def run(args: Namespace) -> ExitCode:
    """List the sessions, or do what was asked with them."""
    from sfdebug.debugger.sessions.folder import sessions_folder

    folder = sessions_folder()
    if args.redact and args.save is None:
        raise UsageError("--redact is for --save", fix="Write: sfdebug sessions SESSION --save FILE --redact")
    if args.save is not None:
        _save(folder, args)
    elif args.delete:
        if not args.session:
            raise UsageError("--delete needs a session", fix="Name it as the list does; --clear deletes all.")
        for path in [folder.named(name) for name in args.session]:
            _delete(path)
    elif args.clear:
        _clear(folder)
    else:
        _list(folder, args.session)
    return ExitCode.SUCCEEDED


def _list(folder: SessionFolder, names: list[str]) -> None:
    wanted = {folder.named(name) for name in names}
    entries = [entry for entry in folder.entries() if not wanted or entry.path in wanted]
    if not entries:
        say(f"no sessions are kept; they would be in {folder.path}")
        return
    now = time.time()
    rows = [_row(entry, now) for entry in entries]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        write_data("  ".join([*cells, row[-1]]).rstrip())


def _row(entry: SessionEntry, now: float) -> tuple[str, ...]:
    from sfdebug.times import wall_text

    of = entry.beginning.recording
    what = Path(of.path if of is not None else entry.beginning.definition or entry.beginning.name).name
    size = f"{max(1, entry.size >> 10):,} KB"
    is_open = ", open now" if entry.is_open else ""
    place = f"{place_text(entry)} ({counted(entry.summary.forks, 'fork')}{is_open})"
    return entry.id, wall_text(entry.time, now), what, size, place


def _delete(path: Path) -> None:
    from sfdebug.debugger.sessions.journal import is_in_use

    if is_in_use(path):
        raise UsageError("another sfdebug has this session open", where=path.name, fix="Leave it there first.")
    path.unlink(missing_ok=True)


def _clear(folder: SessionFolder) -> None:
    from sfdebug.debugger.sessions.journal import is_in_use

    files = [path for path in folder.files() if not is_in_use(path)]
    for path in files:
        path.unlink(missing_ok=True)
    say(f"{counted(len(files), 'session')} deleted")


def _save(folder: SessionFolder, args: Namespace) -> None:
    from sfdebug.cli.console import writing_file
    from sfdebug.cli.sessions import session_path
    from sfdebug.debugger.sessions.keeper import SessionKeeper
    from sfdebug.debugger.sessions.restoring import read_session, restored

    if len(args.session) != 1:
        raise UsageError("--save saves one session", fix="Write: sfdebug sessions SESSION --save FILE")
    session = read_session(session_path(args.session[0]))
    run = recorded_again(session) if session.beginning.recording is not None else None
    found = restored(session, run.machine if run is not None else None, run=run)
    for note in found.notes:
        say(note)
    keeper = SessionKeeper(found.debugger, lambda: session.beginning, None)
    with writing_file(args.save, "session"):
        keeper.save_as(Path(args.save), session.seen, is_redacted=args.redact)


COMMAND = Command(
    name="sessions",
    summary="list the sessions that are kept; save one to pass it on, or delete them",
    usage="sfdebug sessions [SESSION ...] [--save FILE [--redact] | --delete | --clear]",
    description="""\
What is done in the debugger is kept as it happens, in a file for each session that only you can read: the
definition and its text, the input, all decisions and answers, forks, breakpoints, and where one stood. Opening
the same definition offers to go on. The newest 100 sessions are kept, each for 90 days after it was last used.""",
    epilog="""\
examples:
  sfdebug sessions
      when each was used last, of which definition, where it stands
  sfdebug order.asl.json --continue
      go on with the last session of a definition
  sfdebug --session 20261129-1402
      go on with a session in the list; how its name begins is enough
  sfdebug sessions 20261129-1402 --save bug.sfdebug-session --redact
      a file to pass on, without the data""",
    configure=configure,
    run=run,
)
