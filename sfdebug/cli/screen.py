"""Opens the terminal screen of the debugger, once it is certain that there is a terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.console import say, show_problems, write_data
from sfdebug.cli.definitions import address_of, looked_at, obstacles_of, open_definition
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.sessions import (
    SessionPlan,
    last_session,
    new_path_of,
    recorded_again,
    screen_session,
    session_path,
    watched_in,
)
from sfdebug.cli.web.options import add_web_options
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.debugger.sessions.opening import Continued
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.rates import RateTable
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.commands.host import FindRelatives, Guide
    from sfdebug.tui.sessions.session import CaseList, ScreenSession
    from sfdebug.tui.settings import ScreenSettings
    from sfdebug.values import Value

THEMES: Final = ("dark", "light", "contrast", "terminal")
"""Those of `configuration.Theme`, which the help does without."""


def add_screen_options(parser: ArgumentParser) -> None:
    """How the screen looks, and whether it is shown in a browser, for the commands that open it."""
    add_look_options(parser)
    add_web_options(parser)


def add_look_options(parser: ArgumentParser) -> None:
    """`--theme`, `--ascii` and `--no-mouse`."""
    parser.add_argument(
        "--theme", choices=THEMES, help="the colours to begin with (key T changes them; NO_COLOR=1 uses none)"
    )
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII characters only")
    parser.add_argument(
        "--no-mouse", action="store_true", help="leave the mouse to the terminal, for its own selection of text"
    )


def screen_settings(args: Namespace) -> ScreenSettings:
    """How the screen is to be: as the file of settings says, and over it the options of this command line.

    Raises ConfigurationError for what is wrong in the file.
    """
    from sfdebug.cli.settings import read_settings
    from sfdebug.configuration import Theme
    from sfdebug.tui.keymap import keymap
    from sfdebug.tui.settings import ScreenSettings

    file = read_settings()
    configuration = file.configuration
    if args.theme is not None:
        configuration = replace(configuration, theme=Theme(args.theme))
    if args.no_mouse:
        configuration = replace(configuration, mouse=False)
    from sfdebug.cli.lessons import lessons_screen
    from sfdebug.cli.new_sessions import tour_screen

    settings = ScreenSettings(
        args.ascii,
        configuration,
        keymap(file) if configuration.keys else {},
        watches_file=getattr(args, "watch", False),
        read_rates=_read_rates,
    )
    return replace(settings, open_tour=lambda: tour_screen(settings), open_lessons=lessons_screen)


def _read_rates() -> RateTable:
    """The table of prices and quotas that the settings name, read when somebody asks for a price."""
    from sfdebug.cli.rates import rates_in_settings

    return rates_in_settings()


def is_on_terminal() -> bool:
    """Whether the debugger can be shown."""
    try:
        check_terminal()
    except UsageError:
        return False
    return True


def is_in_browser() -> bool:
    """Whether a browser is the terminal: then a server has begun the program (`sfdebug.cli.web`)."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def check_terminal(instead: str = "sfdebug run FILE") -> None:
    """Raises UsageError when the debugger could not be shown: its output does not go to a terminal. `instead` is the
    command that needs none."""
    if is_in_browser():
        return
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        if stream is None or not stream.isatty():
            raise UsageError(
                f"the debugger needs a terminal, and {name} is not one",
                fix=f"Run it without a pipe or a redirection. Without a screen: {instead}",
            )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "the debugger cannot draw on a terminal of type 'dumb'",
            fix=f"Set TERM to what your terminal is (xterm-256color, for example), or use: {instead}",
        )


def list_folder(
    path: Path,
    args: Namespace,
    machine: StateMachine | None = None,
    tasks: TaskHandler | None = None,
    wanted: str | None = None,
) -> ExitCode:
    """Show the list of the executions in a folder, from which one after the other can be opened. `machine` takes the
    place of the definition that they ran, `tasks` answer for it; `wanted` is the one state machine whose executions
    are meant, of several. Raises UsageError without a terminal or a history."""
    from sfdebug.cli.archives import folder_screen
    from sfdebug.cli.progress import ProgressLine
    from sfdebug.tui import run_home

    if not is_on_terminal():
        what = "the list of these executions needs a terminal"
        raise UsageError(what, where=str(path), fix=f"Without a screen: sfdebug executions {path}")
    line = ProgressLine(sys.stderr)
    line.tell(f"Looking through {path}")
    try:
        screen = folder_screen(path, machine, tasks, wanted)
    finally:
        line.clear()
    return ExitCode(run_home(lambda: screen, settings=screen_settings(args)))


def open_debugger(
    in_use: DefinitionInUse,
    execution_input: Value,
    tasks: TaskHandler | None,
    start_time: int,
    args: Namespace,
    breakpoints: Sequence[Breakpoint] = (),
    *,
    asks: bool = True,
    inputs: Mapping[str, Path] | None = None,
    guide: Guide | None = None,
) -> ExitCode:
    """Show the debugger until the user leaves it; a definition that cannot be run is drawn, with the reasons.

    The last session of it is gone on with, or offered if it `asks`. `inputs` are
    those of a sample's test cases, `guide` leads through it. Raises UsageError when the keyboard cannot be read.
    """
    opened = in_use.opened
    assert opened is not None, "the command has read it"
    machine = opened.definition
    problems = obstacles_of(opened)
    if problems:
        _draw(machine, ascii=args.ascii)
        show_problems(problems)
        say(f"{machine.name} is drawn, but cannot be run as it stands.")
        return ExitCode.INVALID_DEFINITION
    chosen = screen_settings(args)
    keyboard_on_stdin()
    from sfdebug.cli.new_sessions import NewSession

    new = NewSession.of(in_use, execution_input, tasks, start_time, args, inputs or {}, tuple(breakpoints))
    debugger = new.debugger()
    plan, cases = new.plan(debugger, chosen), new.cases(chosen)
    try:
        return show_session(
            debugger, args, plan, chosen, asks=asks and bool(new.definition), title=new.title, cases=cases, guide=guide
        )
    finally:
        if new.definition and not inputs and new_path_of(args, chosen) is not None:
            new.remember()


def show_session(
    debugger: Debugger,
    args: Namespace,
    plan: SessionPlan,
    settings: ScreenSettings,
    *,
    asks: bool = True,
    title: str = "",
    cases: CaseList | None = None,
    guide: Guide | None = None,
    relatives: FindRelatives | None = None,
) -> ExitCode:
    """Show a new session, or with --continue the last one of the same."""
    if args.goes_on:
        entry = last_session(plan.is_it)
        if entry is not None:
            return show_continued(plan.resume(entry.path), settings, title, cases, relatives, plan.in_use)
        say(f"sfdebug: there is no session of {debugger.machine.name} to continue: this one is new")
        asks = False
    new_path = new_path_of(args, settings)
    session = screen_session(debugger, args, plan, new_path, asks=asks, cases=cases)
    return _show(debugger, settings, session, title, guide, relatives)


def _show(
    debugger: Debugger,
    settings: ScreenSettings,
    session: ScreenSession,
    title: str,
    guide: Guide | None = None,
    relatives: FindRelatives | None = None,
) -> ExitCode:
    from sfdebug.tui import run

    shown = run(debugger, title=title, settings=settings, session=session, guide=guide, relatives=relatives)
    return ExitCode(shown)


def show_continued(
    continued: Continued,
    settings: ScreenSettings,
    title: str = "",
    cases: CaseList | None = None,
    relatives: FindRelatives | None = None,
    in_use: DefinitionInUse | None = None,
) -> ExitCode:
    """Show a session that goes on."""
    from sfdebug.tui.sessions.session import session_continued

    session = session_continued(continued, cases, in_use, watched_in(in_use.address.path if in_use is not None else ""))
    return _show(continued.debugger, settings, session, title, relatives=relatives)


def open_saved(args: Namespace) -> ExitCode:
    """Show the session that `--session` names. Raises UsageError and SessionError when it cannot be opened."""
    from sfdebug.debugger.sessions.opening import continued
    from sfdebug.debugger.sessions.restoring import read_session
    from sfdebug.projects.in_use import DefinitionInUse

    path = session_path(args.session)
    session = read_session(path)
    machine, in_use = None, None
    if args.file is not None:
        opened = open_definition(address_of(args.file, args))
        machine, in_use = looked_at(opened), DefinitionInUse.of(opened)
    elif session.beginning.address is not None:
        in_use = DefinitionInUse(session.beginning.address)
    check_terminal()
    settings = screen_settings(args)
    keyboard_on_stdin()
    from sfdebug.cli.around import around_file
    from sfdebug.cli.new_sessions import resumed

    if session.beginning.recording is None:
        return show_continued(resumed(path, machine, args, settings, in_use), settings, in_use=in_use)
    run = recorded_again(session, machine)
    around = around_file(run.recording.source, run.recording, machine, None)
    found = continued(path, new_path_of(args, settings), run.machine, run=run)
    return show_continued(found, settings, relatives=around, in_use=in_use)


def _draw(machine: StateMachine, *, ascii: bool) -> None:
    from sfdebug.drawing import build
    from sfdebug.drawing.painting.paint import paint

    write_data(paint(build(machine), ascii=ascii).text())


def keyboard_on_stdin() -> None:
    """After a file came through a pipe: read the keys from the terminal itself. Raises UsageError without one."""
    if is_in_browser() or (sys.stdin is not None and sys.stdin.isatty()):
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError(
            "the debugger reads keys, and neither stdin nor /dev/tty is a terminal",
            fix="Give the definition and the input as files, or use: sfdebug run FILE",
        ) from error
    os.dup2(terminal, 0 if sys.stdin is None else sys.stdin.fileno())
    os.close(terminal)
