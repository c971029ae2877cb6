"""What a command is, and how its help is laid out."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from msgspec import Struct

from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import SupportsWrite

EXIT_CODES: Final = """\
exit codes:
  0    it worked; the execution succeeded
  1    the execution failed, timed out or did not end
  2    the command line, a file or the input cannot be used, output cannot be written, a Task had no answer, or
       sfdebug itself failed
  3    the definition has errors, or placeholders where values are needed
  129  the terminal was closed
  130  interrupted with Ctrl+C
  141  of verify, coverage, merge and diff: their output was not read to its end, so that nothing is said
  143  ended by SIGTERM"""


class Command(Struct, frozen=True):
    """One command: its name ("" for the debugger itself), what `sfdebug --help` says of it, and what it does.

    `run` gives the exit code. With `takes_command`, what stands behind `--` is a command line of its own, and comes to
    `run` as `command`.
    """

    name: str
    summary: str
    usage: str
    description: str
    epilog: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    takes_command: bool = False

    def parser(self) -> Parser:
        """The parser of this command's arguments."""
        parser = Parser(
            prog=f"sfdebug {self.name}".strip(),
            usage=self.usage,
            description=self.description,
            epilog=self.epilog,
            formatter_class=HelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )
        parser.add_argument("-h", "--help", action="help", help="show this help")
        self.configure(parser)
        return parser


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help with the texts as they are written, and room for the options' names."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors say what is wrong and where the manual is."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # argparse itself keeps silent when the manual or the version cannot be written.
        if file is sys.stderr and file is not None:
            say(message.rstrip("\n"))
        else:
            write_data(message.rstrip("\n"))

    def error(self, message: str) -> NoReturn:
        """Say `message` and end with the exit code for usage."""
        say(f"sfdebug: {message}\n  For help: {self.prog} --help")
        raise SystemExit(int(ExitCode.USAGE))
