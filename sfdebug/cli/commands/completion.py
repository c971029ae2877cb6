"""`sfdebug completion`: prints a completion script for a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import write_data
from sfdebug.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_SHELLS = ("bash", "zsh", "fish")


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug completion`."""
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help="bash, zsh or fish")


def run(args: Namespace) -> ExitCode:
    """Print the script for the shell."""
    from sfdebug.cli.completions import script

    write_data(script(args.shell).rstrip("\n"))
    return ExitCode.SUCCEEDED


COMMAND = Command(
    name="completion",
    summary="print a completion script for bash, zsh or fish",
    usage="sfdebug completion SHELL",
    description="Print a script that lets a shell complete sfdebug's commands, options and files.",
    epilog="""\
to use it from now on:
  bash   echo 'source <(sfdebug completion bash)' >> ~/.bashrc
  zsh    echo 'source <(sfdebug completion zsh)' >> ~/.zshrc      (after compinit)
  fish   sfdebug completion fish > ~/.config/fish/completions/sfdebug.fish""",
    configure=configure,
    run=run,
)
