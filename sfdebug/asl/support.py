"""What a definition may hold that cannot be run as it stands: told before it starts, never guessed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.text.problems import ordered

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.errors import Problem


def unsupported(machine: StateMachine) -> tuple[Problem, ...]:
    """Everything in `machine` that the engine cannot run, each with its place; empty when it runs the machine.

    That is `${Placeholders}` where a value is needed.
    """
    return ordered(machine.unresolved)
