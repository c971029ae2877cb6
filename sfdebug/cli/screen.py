"""Opens the terminal screen of the debugger, once it is certain that there is a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.console import say, show_problems, write_data
from sfdebug.cli.definitions import obstacles
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError
from sfdebug.values import is_present

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.definition import StateMachine
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.settings import ScreenSettings
    from sfdebug.values import Value

THEMES: Final = ("dark", "light", "contrast", "terminal")
"""Those of `configuration.Theme`, which the help does without."""


def add_screen_options(parser: ArgumentParser) -> None:
    """`--theme`, `--ascii` and `--no-mouse`, for the commands that open the screen."""
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
    from sfdebug.configuration import Theme, read_configuration
    from sfdebug.tui.keymap import keymap
    from sfdebug.tui.settings import ScreenSettings

    file = read_configuration()
    configuration = file.configuration
    if args.theme is not None:
        configuration = replace(configuration, theme=Theme(args.theme))
    if args.no_mouse:
        configuration = replace(configuration, mouse=False)
    return ScreenSettings(args.ascii, configuration, keymap(file) if configuration.keys else {})


def is_on_terminal() -> bool:
    """Whether the debugger can be shown."""
    try:
        check_terminal()
    except UsageError:
        return False
    return True


def check_terminal() -> None:
    """Raises UsageError when the debugger could not be shown: its output does not go to a terminal."""
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        if stream is None or not stream.isatty():
            raise UsageError(
                f"the debugger needs a terminal, and {name} is not one",
                fix="Run it without a pipe or a redirection. To run without a screen: sfdebug run FILE",
            )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "the debugger cannot draw on a terminal of type 'dumb'",
            fix="Set TERM to what your terminal is (xterm-256color, for example), or use: sfdebug run FILE",
        )


def open_debugger(
    machine: StateMachine, execution_input: Value, tasks: TaskHandler | None, start_time: int, args: Namespace
) -> ExitCode:
    """Show the debugger until the user leaves it; a definition that cannot be run is drawn, with the reasons.

    Raises UsageError when the keyboard cannot be read.
    """
    problems = obstacles(machine)
    chosen = screen_settings(args) if not problems else None
    if problems:
        _draw(machine, ascii=args.ascii)
        show_problems(problems)
        say(f"{machine.name} is drawn, but cannot be run as it stands.")
        return ExitCode.INVALID_DEFINITION
    keyboard_on_stdin()
    from sfdebug.debugger import Debugger
    from sfdebug.engine import Settings
    from sfdebug.tui import run

    settings = Settings(start_time=start_time)
    debugger = Debugger(machine, execution_input if is_present(execution_input) else {}, tasks=tasks, settings=settings)
    return ExitCode(run(debugger, settings=chosen))


def _draw(machine: StateMachine, *, ascii: bool) -> None:
    from sfdebug.drawing import build
    from sfdebug.drawing.painting.paint import paint

    write_data(paint(build(machine), ascii=ascii).text())


def keyboard_on_stdin() -> None:
    """After a file came through a pipe: read the keys from the terminal itself. Raises UsageError without one."""
    if sys.stdin is not None and sys.stdin.isatty():
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
