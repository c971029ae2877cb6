"""The door for definitions: what a command names, as a file or as a machine of a project, is opened here.

It is said what is unusual about it, what was assumed, and whether it can be run.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import STDIN, say, show_problems
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.errors import Problem
    from sfdebug.projects.addresses import DefinitionAddress, OpenedDefinition, ProjectValues
    from sfdebug.projects.model import ProjectMachine
    from sfdebug.projects.project import Project


FILE: Final = "a definition in JSON or YAML, a project (a template, CDK output, a folder with one), or - for stdin"
FILES: Final = "definitions in JSON or YAML, or projects, of which every state machine counts; - reads one from stdin"
"""What the help says of a FILE, and of several."""

PROJECT_OPTIONS: Final = ("machine", "parameters", "substitutions", "region", "account", "values")
"""What `add_project_options` adds to the arguments."""


def add_type_option(parser: ArgumentParser) -> None:
    """`--type`, for the commands that judge or run a definition."""
    parser.add_argument(
        "--type",
        choices=tuple(ExecutionType),
        help="the workflow's type (default: that of the project's machine, else STANDARD)",
    )


def add_project_options(parser: ArgumentParser, *, names_machine: bool = True, has_region: bool = False) -> None:
    """Which machine of a project is meant, and the values for what it leaves open.

    `has_region`: the command has a --region of its own, which is the project's too.
    """
    group = parser.add_argument_group("of a project (a template, CDK output, a folder with one)")
    if names_machine:
        group.add_argument(
            "--machine",
            metavar="NAME",
            help="which of its state machines; PATH#NAME says the same",
        )
    group.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        dest="parameters",
        action="append",
        default=[],
        help="the value of a parameter of the template (may be given several times)",
    )
    group.add_argument(
        "--substitute",
        metavar="NAME=VALUE",
        dest="substitutions",
        action="append",
        default=[],
        help="what stands for the placeholder NAME of a definition (may be given several times)",
    )
    if not has_region:
        group.add_argument("--region", metavar="NAME", help="what AWS::Region is (default: what the project says)")
    group.add_argument("--account", metavar="NUMBER", help="what AWS::AccountId is")
    group.add_argument(
        "--values",
        metavar="FILE",
        help="a file with all of these: parameters, substitutions, region, account, in YAML or JSON; or what "
        "aws cloudformation takes as --parameters",
    )


def address_of(file: str, args: Namespace | None = None) -> DefinitionAddress:
    """What a FILE and the options of `add_project_options` lead to. Raises UsageError for values that are none."""
    from sfdebug.projects.addresses import DefinitionAddress

    if args is None:
        return DefinitionAddress.read(file)
    return DefinitionAddress.read(file, getattr(args, "machine", None), _values(args))


def definition_title(file: str, args: Namespace, machine: StateMachine) -> str:
    """What reports call the definition that `file` leads to: of a project `PATH#NAME`, whichever way it was named."""
    address = address_of(file, args)
    return address.text if address.is_of_project else machine.name


def address_beside(file: str, args: Namespace) -> DefinitionAddress:
    """What another FILE than the one that a command is about leads to: of a project, with the same values."""
    from msgspec.structs import replace

    from sfdebug.projects.addresses import DefinitionAddress

    address = DefinitionAddress.read(file)
    return replace(address, values=_values(args)) if address.is_of_project else address


def is_definition(path: str) -> bool:
    """Whether a path leads to a definition, faulty as it may be, or into a project. Standard input is not read."""
    from sfdebug.asl.load import holds_definition
    from sfdebug.projects.finding import is_project

    return path != STDIN and (is_project(path) or holds_definition(path))


def open_definition(address: DefinitionAddress, project: Project | None = None) -> OpenedDefinition:
    """What an address leads to, one machine; `project` is the one at it where that was read already.

    Raises ProjectError for a project that cannot be read, UsageError when there is nothing, or when there are several
    machines and none is named: it lists them.
    """
    _refuse_unreadable(address)
    with _usage_told(address):
        return address.opened(project)


@contextmanager
def _usage_told(address: DefinitionAddress) -> Iterator[None]:
    """Errors in what was named, in the words of a command line."""
    try:
        yield
    except UsageError as error:
        machines = getattr(error, "machines", ())
        if not machines:
            raise
        raise machine_not_chosen(address, error, machines) from error
    except DefinitionError as error:
        first = error.problems[0]
        if len(error.problems) > 1 or first.line or os.path.normpath(address.path) != first.file:
            raise
        raise UsageError(first.what, where=first.file, fix=f"{first.fix[:1].upper()}{first.fix[1:]}.") from error


def project_at(address: DefinitionAddress) -> Project | None:
    """The project that an address leads into; None for a definition of its own.

    Raises what `open_definition` raises.
    """
    _refuse_unreadable(address)
    with _usage_told(address):
        return address.project() if address.is_of_project else None


def open_for_recorded(address: DefinitionAddress, state_machine: str) -> OpenedDefinition:
    """What an address leads to, for an execution of a state machine with this name ("" where that is not known): of
    several machines of a project the one that is called so. Raises what `open_definition` raises.
    """
    project = project_at(address)
    if project is not None and not address.name and len(project.machines) > 1:
        found = [machine for machine in project.machines if state_machine and _is_called(machine, state_machine)]
        if len(found) == 1:
            from msgspec.structs import replace

            say(f"sfdebug: the execution is of {state_machine}: that is {found[0].name} of the project")
            return open_definition(replace(address, name=found[0].name), project)
    return open_definition(address, project)


def _is_called(machine: ProjectMachine, name: str) -> bool:
    """Whether a deployed machine has this name: one that CloudFormation makes begins with the logical id."""
    return machine.physical_name == name or (
        machine.physical_name == machine.logical_id and name.startswith(f"{machine.logical_id}-")
    )


def machine_not_chosen(address: DefinitionAddress, error: UsageError, machines: Sequence[ProjectMachine]) -> UsageError:
    """The error of a command that takes one machine, with the machines that there are."""
    from sfdebug.reports.projects import machine_lines
    from sfdebug.text import escaped

    example = f"{address.path}#{machines[0].name}"
    how = error.fix if address.name else f"Name one, as {escaped(example)} or with --machine:"
    listed = "\n".join(f"  {escaped(line)}" for line in machine_lines(machines))
    return UsageError(error.what, where=escaped(address.path), fix=f"{how}\n{listed}")


def opened_machines(address: DefinitionAddress) -> tuple[OpenedDefinition, ...]:
    """Every machine that an address leads to, for what judges them all. Raises what `open_definition` raises."""
    _refuse_unreadable(address)
    with _usage_told(address):
        return address.machines()


def load(file: str, args: Namespace | None = None) -> StateMachine:
    """The definition that `file` leads to, for looking at; its warnings and what was assumed go to stderr.

    Raises DefinitionError for its errors, and what `open_definition` raises.
    """
    return looked_at(open_definition(address_of(file, args)))


def looked_at(opened: OpenedDefinition, told: set[str] | None = None) -> StateMachine:
    """The definition, for looking at; its warnings and what was assumed go to stderr, but not what is in `told`.

    Raises DefinitionError.
    """
    machine = opened.definition
    _warn(machine)
    tell_assumed(opened, told)
    return machine


def type_of(opened: OpenedDefinition, given: str | None = None) -> str:
    """The type to judge or run it as: what was given, else what the project says, else STANDARD."""
    if given is not None:
        return given
    return opened.machine.type if opened.machine is not None else ExecutionType.STANDARD


def load_runnable(file: str, args: Namespace, execution_type: str | None = None) -> StateMachine:
    """The definition that `file` leads to, for running; its warnings and what was assumed go to stderr.

    Raises DefinitionError when it has errors, or cannot be run as it stands: with all that is wrong, in order; and what
    `open_definition` raises.
    """
    return runnable(open_definition(address_of(file, args)), execution_type)


def runnable(opened: OpenedDefinition, execution_type: str | None = None) -> StateMachine:
    """The definition, for running; its warnings and what was assumed go to stderr. Raises DefinitionError."""
    problems = obstacles_of(opened, execution_type)
    if problems:
        from sfdebug.asl.text.problems import ordered

        raise DefinitionError(ordered((*opened.definition.warnings, *problems)))
    _warn(opened.definition)
    tell_assumed(opened)
    return opened.definition


def load_checked(opened: OpenedDefinition, execution_type: str | None = None) -> StateMachine:
    """The definition, as `runnable` gives it, warned of all that AWS does not take.

    For that the models of the services that its Tasks call are read. Raises DefinitionError as `runnable` does, but
    always with the warnings.
    """
    from msgspec.structs import replace

    from sfdebug.asl.examination import parse
    from sfdebug.asl.rules.integrations import integration_findings
    from sfdebug.asl.text.problems import ordered

    examination = opened.examined()
    machine = examination.machine
    found: tuple[Problem, ...] = opened.warnings
    if machine is not None:
        problems = (finding.problem for finding in integration_findings(machine))
        found = (*found, *machine.warnings, *(problem for problem in problems if problem is not None))
    if machine is None or examination.errors:
        raise DefinitionError(ordered((*examination.errors, *found)))
    machine = parse(examination.document)
    machine = replace(machine, warnings=ordered((*machine.warnings, *found)))
    why_not = obstacles_of(opened, execution_type)
    if why_not:
        raise DefinitionError(ordered((*machine.warnings, *why_not)))
    _warn(machine)
    return machine


def tell_assumed(opened: OpenedDefinition, told: set[str] | None = None) -> None:
    """Say once what was assumed for a machine of a project; not what is in `told` already."""
    told = set() if told is None else told
    if opened.machine is not None:
        from sfdebug.reports.projects import assumed_line

        line = assumed_line(opened.machine)
        lines = [line] if line else []
        if opened.outside:
            from sfdebug.reports.projects import outside_line

            lines.append(outside_line(opened.outside))
        for each in lines:
            if each not in told:
                told.add(each)
                say(f"sfdebug: {each}")


def obstacles_of(opened: OpenedDefinition, execution_type: str | None = None) -> tuple[Problem, ...]:
    """Why what was opened cannot be run; where a value of the project is missing, with what gives it."""
    from msgspec.structs import replace

    problems = obstacles(opened.definition, type_of(opened, execution_type))
    assumed = opened.machine.assumed if opened.machine is not None else ()
    options = [one.option for one in assumed if one.option and one.value == f"${{{one.name}}}"]
    if not options:
        return problems
    return tuple(replace(each, fix="; ".join([*filter(None, [each.fix]), *options])) for each in problems)


def obstacles(machine: StateMachine, execution_type: str = ExecutionType.STANDARD) -> tuple[Problem, ...]:
    """Why a definition without errors cannot be run as this type; empty when it can."""
    from sfdebug.asl.rules.resources import express_problems

    express = express_problems(machine) if execution_type == ExecutionType.EXPRESS else ()
    return (*express, *machine.unresolved)


def _refuse_unreadable(address: DefinitionAddress) -> None:
    why, fix = _why_unreadable(address.path)
    if why:
        from sfdebug.text import escaped

        raise UsageError(why, where=escaped(address.path), fix=fix)


def _why_unreadable(file: str) -> tuple[str, str]:
    """Why there is nothing to read in `file`, and how to fix it. It is not opened: a named pipe opens only once."""
    if file == STDIN:
        return "", ""
    try:
        path = Path(file)
        if not path.exists():
            from sfdebug.asl.load import no_such_file

            what, fix = no_such_file(file)
            if not fix.startswith("sfdebug "):
                fix = f"{fix[:1].upper()}{fix[1:]}" + ("" if fix.endswith(file) else ".")
            return what, fix
        if not os.access(path, os.R_OK):
            return "you are not allowed to read it", "Check its permissions."
    except (OSError, ValueError) as error:
        return f"it cannot be read: {getattr(error, 'strerror', None) or error}", "Check the path."
    return "", ""


def _warn(machine: StateMachine) -> None:
    if machine.warnings:
        show_problems(machine.warnings)


# values


def _values(args: Namespace) -> ProjectValues:
    """What the options of `add_project_options` say; what is written on the command line counts before a file."""
    from msgspec.structs import replace

    from sfdebug.projects.addresses import ProjectValues

    parameters, substitutions = getattr(args, "parameters", []), getattr(args, "substitutions", [])
    file = getattr(args, "values", None)
    found = ProjectValues()
    if file is not None:
        from sfdebug.cli.values_file import read_values_file

        found = read_values_file(file)
    account = getattr(args, "account", None) or found.account
    if account and not (len(account) == 12 and account.isascii() and account.isdecimal()):
        from sfdebug.text import escaped

        where = "--account" if getattr(args, "account", None) else "--values"
        raise UsageError(f"'{escaped(account)}' is no account", where=where, fix="Its number has twelve digits.")
    return replace(
        found,
        parameters={**found.parameters, **_pairs(parameters, "--parameter")},
        substitutions={**found.substitutions, **_pairs(substitutions, "--substitute")},
        region=getattr(args, "region", None) or found.region,
        account=account,
    )


def _pairs(given: list[str], option: str) -> dict[str, str]:
    pairs = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not name or not sign:
            from sfdebug.text import escaped

            what = f"'{escaped(one)}' does not say which name has which value"
            raise UsageError(what, where=option, fix=f"Write: {option} NAME=VALUE")
        pairs[name] = value
    return pairs
