"""The `sfdebug` command: finds the command, runs it, and turns every error into a message and an exit code."""

from __future__ import annotations

import gc
import signal
import sys
import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sfdebug.cli.console import give_up_stdout, prepare_streams, say, show_error, show_unexpected
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import DefinitionError, NestingError, SfdebugError, UnsupportedError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from sfdebug.cli.command import Command

COMMANDS: Final = (
    "demo",
    "learn",
    "dev",
    "run",
    "replay",
    "lint",
    "check",
    "graph",
    "machines",
    "test",
    "test-state",
    "serve",
    "exec",
    "verify",
    "coverage",
    "merge",
    "report",
    "diff",
    "forecast",
    "metrics",
    "mocks",
    "policy",
    "fetch",
    "executions",
    "sessions",
    "config",
    "completion",
)
"""The commands, in the order in which the help lists them."""

_COLLECT_AFTER: Final = 50_000
_STACK: Final = 10_000
"""Python frames: room for whatever walks data that are nested as deep as is followed."""

_LOST: Final = 0.2
"""Seconds after which it is looked whether the end that was raised is on its way."""


_VERDICTS: Final = ("verify", "coverage", "merge", "diff", "test", "lint", "check", "policy")
"""Commands whose exit code says whether all is well."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name) and return its exit code."""
    # Imports and executions make many values that stay and form no cycles: looking through them often costs a third
    # of the time to the first paint.
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    prepare_streams()
    given = list(sys.argv[1:] if argv is None else argv)
    with _with_room(), _ended_in_order():
        try:
            return int(_dispatch(given))
        except SfdebugError as error:
            show_error(error)
            return int(exit_code_for(error))
        except KeyboardInterrupt:
            say("sfdebug: interrupted")
            return int(ExitCode.INTERRUPTED)
        except Ended as end:
            say("sfdebug: ended from outside")
            return int(end.exit_code)
        except BrokenPipeError:
            # The reader of a pipe (`head`) has had enough: no error of ours. But what gives a verdict has not given it.
            give_up_stdout()
            is_verdict = bool(given) and given[0] in _VERDICTS
            return int(ExitCode.BROKEN_PIPE if is_verdict else ExitCode.SUCCEEDED)
        except Exception as error:  # the last resort
            show_unexpected(error, given[0] if given and given[0] in COMMANDS else "debug")
            return int(ExitCode.USAGE)


class Ended(SystemExit):
    """A signal asks the program to end. A SystemExit, since nothing on the way holds that for an error of its own."""

    def __init__(self, number: int) -> None:
        self.exit_code = ExitCode(128 + number)
        super().__init__(int(self.exit_code))


@contextmanager
def _with_room() -> Iterator[None]:
    """Room on Python's stack, and no warnings of libraries, which are for whoever calls them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _STACK))
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            yield
    finally:
        sys.setrecursionlimit(before)


class _Ending:
    """The end that a signal asks for: raised once more where that was lost. What is written in C and imports something
    when it is loaded may take any error for one of the import, and go on without it."""

    def __init__(self) -> None:
        self._end: Ended | KeyboardInterrupt | None = None
        self._before: tuple[Any, tuple[float, float]] | None = None

    def begin(self, number: int, frame: FrameType | None) -> None:
        """The handler of a signal that asks for it."""
        end = self._end = KeyboardInterrupt() if number == signal.SIGINT else Ended(number)
        if hasattr(signal, "setitimer"):
            before = signal.signal(signal.SIGALRM, self._look), signal.setitimer(signal.ITIMER_REAL, _LOST)
            self._before = self._before or before
        raise end

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Raise it again, unless what is done now is done for it."""
        handled = sys.exc_info()[1]
        while handled is not None and handled is not self._end:
            handled = handled.__context__
        if handled is None and self._end is not None:
            signal.setitimer(signal.ITIMER_REAL, _LOST)
            raise self._end

    def is_over(self) -> None:
        """Look no more."""
        if self._before is not None:
            handler, timer = self._before
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, *timer)


_ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_USUAL: Final = (signal.SIG_DFL, signal.default_int_handler)
"""What Python does about signals that end a program, SIGINT among them."""


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end what is inside as Ctrl+C does: what is open is closed, and the terminal put back.
    None of the three is lost."""
    ending = _Ending()
    before = {}
    for name in _ENDING:
        number = getattr(signal, name, None)
        # One that is ignored stays so (nohup).
        if number is not None and signal.getsignal(number) in _USUAL:
            try:
                before[number] = signal.signal(number, ending.begin)
            except ValueError:  # not on the main thread
                break
    try:
        yield
    finally:
        ending.is_over()
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code_for(error: SfdebugError) -> ExitCode:
    """The exit code that an error ends the program with."""
    if isinstance(error, (DefinitionError, UnsupportedError)):
        return ExitCode.INVALID_DEFINITION
    from sfdebug.simulation import EndlessExecutionError

    if isinstance(error, (EndlessExecutionError, NestingError)):
        return ExitCode.EXECUTION_FAILED
    return ExitCode.USAGE


def load_command(name: str) -> Command:
    """The command called `name`; "" is the debugger itself, whose help lists the others."""
    command: Command = import_module(f"sfdebug.cli.commands.{(name or 'debug').replace('-', '_')}").COMMAND
    if name:
        return command
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {other:<{width}}   {load_command(other).summary}" for other in COMMANDS)
    return replace(command, epilog=command.epilog.replace("{commands}", listed))


def _dispatch(argv: list[str]) -> int:
    if not argv and not _has_terminal():
        say("sfdebug: no definition was given\n\n  sfdebug FILE      open the debugger on a definition")
        say("  sfdebug demo      open it on a bundled sample\n  sfdebug --help    the manual")
        return ExitCode.USAGE
    name = argv[0] if argv and argv[0] in COMMANDS else ""
    command = load_command(name)
    given, rest = argv[1:] if name else argv, None
    if command.takes_command:
        end = given.index("--") if "--" in given else len(given)
        given, rest = given[:end], given[end + 1 :]
    try:
        # Options may stand before, between and after the arguments.
        args = command.parser().parse_intermixed_args(given)
    except Ended:
        raise
    except SystemExit as end:
        return ExitCode(end.code if isinstance(end.code, int) else ExitCode.USAGE)
    if not name and args.file is not None:
        _check_file(args.file)
    if rest is not None:
        args.command = rest
    if getattr(args, "web", False) or getattr(args, "web_at", None) is not None:
        return _in_browser(args, argv)
    return command.run(args)


def _in_browser(args: Namespace, argv: list[str]) -> ExitCode:
    """Serve what the command line opens. Raises UsageError where that is not possible."""
    from sfdebug.cli.web.options import address_wanted, without_web

    address = address_wanted(args)
    try:
        from sfdebug.cli.web.serving import serve
    except ImportError as error:
        what = f"a screen in a browser needs textual-serve, which is not installed ({error.name})"
        raise UsageError(what, where="--web", fix="pip install 'sfdebug[web]'") from error
    if address is not None:
        serve(without_web(argv), address)
    return ExitCode.SUCCEEDED


def _has_terminal() -> bool:
    from sfdebug.cli.screen import is_on_terminal

    return is_on_terminal()


def _check_file(file: str) -> None:
    """Raises UsageError for a FILE that is a command given too late, or a misspelt one."""
    from pathlib import Path

    from sfdebug.text import escaped

    try:
        if file == "-" or Path(file).exists() or Path(file.rpartition("#")[0] or file).exists():
            return
    except (OSError, ValueError):
        return
    if file in COMMANDS:
        raise UsageError(f"there is no file '{file}'", fix=f"The command comes first: sfdebug {file} ...")
    if "." not in file and "/" not in file and not file.startswith("arn:"):
        from difflib import get_close_matches

        match = get_close_matches(file, COMMANDS, n=1)
        fix = f"Did you mean: sfdebug {match[0]} ...?" if match else f"The commands are: {', '.join(COMMANDS)}."
        raise UsageError(f"there is no file and no command '{escaped(file)}'", fix=fix)
