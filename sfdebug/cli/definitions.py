"""Loads the definition that a command names, says what is odd about it, and whether it can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import show_problems
from sfdebug.errors import DefinitionError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sfdebug.asl.definition import StateMachine
    from sfdebug.errors import Problem

EXPRESS: Final = "EXPRESS"


def add_type_option(parser: ArgumentParser) -> None:
    """`--type`, for the commands that judge or run a definition."""
    parser.add_argument(
        "--type", choices=("STANDARD", EXPRESS), default="STANDARD", help="the workflow's type (default: STANDARD)"
    )


def load(file: str) -> StateMachine:
    """The definition in `file`, for looking at; its warnings go to stderr. Raises DefinitionError for its errors."""
    from sfdebug.asl.load import load_definition

    machine = load_definition(file)
    _warn(machine)
    return machine


def load_runnable(file: str, execution_type: str) -> StateMachine:
    """The definition in `file`, for running; its warnings go to stderr.

    Raises DefinitionError when it has errors, or something that sfdebug does not run yet: with all of it, in order.
    """
    from sfdebug.asl.load import load_definition

    machine = load_definition(file)
    problems = obstacles(machine, execution_type)
    if problems:
        from sfdebug.asl.problems import ordered

        raise DefinitionError(ordered((*machine.warnings, *problems)))
    _warn(machine)
    return machine


def obstacles(machine: StateMachine, execution_type: str) -> tuple[Problem, ...]:
    """Why a definition without errors cannot be run as this type; empty when it can."""
    from sfdebug.asl.express import express_problems
    from sfdebug.asl.support import unsupported

    express = express_problems(machine) if execution_type == EXPRESS else ()
    return (*express, *unsupported(machine))


def _warn(machine: StateMachine) -> None:
    if machine.warnings:
        show_problems(machine.warnings)
