"""Loads the definition that a command names, says what is unusual about it, and whether it can be run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug.cli.console import STDIN, show_problems
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sfdebug.asl.definition import StateMachine
    from sfdebug.asl.examination import Examination
    from sfdebug.errors import Problem


def add_type_option(parser: ArgumentParser) -> None:
    """`--type`, for the commands that judge or run a definition."""
    parser.add_argument(
        "--type",
        choices=tuple(ExecutionType),
        default=ExecutionType.STANDARD,
        help="the workflow's type (default: STANDARD)",
    )


def load(file: str) -> StateMachine:
    """The definition in `file`, for looking at; its warnings go to stderr.

    Raises DefinitionError for its errors, UsageError when there is no such file.
    """
    machine = _loaded(file)
    _warn(machine)
    return machine


def load_runnable(file: str, execution_type: str = ExecutionType.STANDARD) -> StateMachine:
    """The definition in `file`, for running; its warnings go to stderr.

    Raises DefinitionError when it has errors, or cannot be run as it stands: with all that is wrong, in order;
    UsageError when there is no such file.
    """
    return _runnable(_loaded(file), execution_type)


def load_checked(file: str, execution_type: str) -> StateMachine:
    """The definition in `file`, as `load_runnable` gives it, warned of all that AWS does not take.

    For that the models of the services that its Tasks call are read. Raises DefinitionError as `load_runnable` does,
    but always with the warnings; UsageError when there is no such file.
    """
    from msgspec.structs import replace

    from sfdebug.asl.examination import parse
    from sfdebug.asl.rules.integrations import integration_findings
    from sfdebug.asl.text.problems import ordered

    examination = examined(file)
    machine = examination.machine
    found: tuple[Problem, ...] = ()
    if machine is not None:
        problems = (finding.problem for finding in integration_findings(machine))
        found = (*machine.warnings, *(problem for problem in problems if problem is not None))
    if machine is None or examination.errors:
        raise DefinitionError(ordered((*examination.errors, *found)))
    machine = parse(examination.document)
    return _runnable(replace(machine, warnings=ordered((*machine.warnings, *found))), execution_type)


def _runnable(machine: StateMachine, execution_type: str) -> StateMachine:
    problems = obstacles(machine, execution_type)
    if problems:
        from sfdebug.asl.text.problems import ordered

        raise DefinitionError(ordered((*machine.warnings, *problems)))
    _warn(machine)
    return machine


def examined(file: str) -> Examination:
    """All that can be said of the definition in `file`, for looking at it even when it has errors.

    Raises DefinitionError when its text cannot be read, UsageError when there is no such file.
    """
    from sfdebug.asl.load import examine_file

    _refuse_unreadable(file)
    return examine_file(file)


def obstacles(machine: StateMachine, execution_type: str = ExecutionType.STANDARD) -> tuple[Problem, ...]:
    """Why a definition without errors cannot be run as this type; empty when it can."""
    from sfdebug.asl.rules.resources import express_problems

    express = express_problems(machine) if execution_type == ExecutionType.EXPRESS else ()
    return (*express, *machine.unresolved)


def _loaded(file: str) -> StateMachine:
    from sfdebug.asl.load import load_definition

    _refuse_unreadable(file)
    return load_definition(file)


def _refuse_unreadable(file: str) -> None:
    why, fix = _why_unreadable(file)
    if why:
        from sfdebug.text import escaped

        raise UsageError(why, where=escaped(file), fix=fix)


def _why_unreadable(file: str) -> tuple[str, str]:
    """Why there is nothing to read in `file`, and how to fix it. It is not opened: a named pipe opens only once."""
    if file == STDIN:
        return "", ""
    try:
        path = Path(file)
        if path.is_dir():
            return "this is a directory", "Give the file inside it that holds the definition."
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
