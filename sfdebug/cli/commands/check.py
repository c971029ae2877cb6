"""`sfdebug check`: says what is wrong with definitions, without running them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, show_error
from sfdebug.cli.definitions import (
    FILES,
    add_project_options,
    add_type_option,
    address_of,
    load_checked,
    opened_machines,
    tell_assumed,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.text import counted

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.projects.addresses import OpenedDefinition


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug check`."""
    parser.add_argument("files", metavar="FILE", nargs="+", help=FILES)
    add_type_option(parser)
    add_project_options(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing about files without problems")


def run(args: Namespace) -> ExitCode:
    """Check each file. INVALID_DEFINITION when one of them could not be run, else USAGE when one was not there."""
    worst = ExitCode.SUCCEEDED
    for file in args.files:
        try:
            found = opened_machines(address_of(file, args))
        except (DefinitionError, UsageError) as error:
            show_error(error)
            worst = max(worst, ExitCode.INVALID_DEFINITION if isinstance(error, DefinitionError) else ExitCode.USAGE)
            continue
        worst = max(worst, *(_check(opened, args) for opened in found))
    return worst


def _check(opened: OpenedDefinition, args: Namespace) -> ExitCode:
    try:
        machine = load_checked(opened, args.type)
    except DefinitionError as error:
        show_error(error)
        return ExitCode.INVALID_DEFINITION
    except UsageError as error:
        show_error(error)
        return ExitCode.USAGE
    if not args.quiet:
        tell_assumed(opened)
        if not machine.warnings:
            name = opened.address.text if opened.machine is not None else machine.name
            say(f"{name}: {counted(sum(1 for _ in machine.walk()), 'state')}, no problems")
    return ExitCode.SUCCEEDED


COMMAND = Command(
    name="check",
    summary="say whether definitions can be run here, without running them",
    usage="sfdebug check FILE... [options]",
    description="""\
Read definitions and report what keeps sfdebug from running them: what is wrong in them, and placeholders that
are still to be filled in; and, as warnings, what AWS does not take although it runs here. It tells the file,
line and column, the line itself, what is wrong, and how to fix it. The exit code is 3 when something keeps a
definition from running. For all that AWS would say of a definition, and for advice: sfdebug lint.""",
    epilog="""\
examples:
  sfdebug check order.asl.json
  sfdebug check --quiet workflows/*.asl.json
  sfdebug check .
      every state machine of the project in this folder""",
    configure=configure,
    run=run,
)
