"""`sfdebug machines`: the state machines of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import show_problems, write_data
from sfdebug.cli.definitions import add_project_options, address_of, project_at
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug machines`."""
    parser.add_argument(
        "path", metavar="FILE", nargs="?", default=".", help="a template, CDK output, or a folder with one (default: .)"
    )
    parser.add_argument("--json", action="store_true", help="print one object, with functions, parameters and files")
    add_project_options(parser, names_machine=False)


def run(args: Namespace) -> ExitCode:
    """List the machines. INVALID_DEFINITION when one of them cannot be opened."""
    from sfdebug.reports.projects import project_dict, project_lines

    address = address_of(args.path, args)
    if address.name:
        fix = f"Write: sfdebug machines {address.path}"
        raise UsageError("all machines of a project are listed", where=args.path, fix=fix)
    project = project_at(address) or address.project()
    if project.problems:
        show_problems(project.problems)
    if args.json:
        import json

        write_data(json.dumps(project_dict(project), ensure_ascii=False, indent=2))
    else:
        write_data("\n".join(project_lines(project)))
    is_whole = all(machine.definition is not None for machine in project.machines)
    return ExitCode.SUCCEEDED if is_whole else ExitCode.INVALID_DEFINITION


COMMAND = Command(
    name="machines",
    summary="list the state machines of a project: a template, CDK output, a folder",
    usage="sfdebug machines [PATH] [options]",
    description="""\
List the state machines of a project, with their types, sizes, triggers and the files that their definitions
stand in, and every value that had to be assumed. A project is a SAM or CloudFormation template, CDK output,
serverless.yml, Terraform, or a folder in which one of these stands. Wherever a definition is taken, PATH#NAME
takes one of its machines. The exit code is 3 when one of them cannot be opened: why is said.""",
    epilog="""\
examples:
  sfdebug machines
      those of the project in this folder
  sfdebug machines template.yaml --parameter Stage=prod --account 210987654321
      resolved for another stage and account
  sfdebug machines cdk.out --json | jq -r '.machines[].name'
  sfdebug 'template.yaml#Orders'
      open one of them""",
    configure=configure,
    run=run,
)
