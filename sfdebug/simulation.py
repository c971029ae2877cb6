"""A whole run without a person: `simulate` answers Tasks from a handler and goes on until the execution ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sfdebug.asl.load import definition_from
from sfdebug.engine import Settings, start
from sfdebug.errors import SfdebugError, UnansweredTaskError
from sfdebug.tasks.running import run_to_end
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from pathlib import Path

    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.visit import TaskRequest
    from sfdebug.tasks.handler import TaskHandler


class EndlessExecutionError(SfdebugError):
    """An execution that went on for more transitions than the caller wanted to wait for.

    `execution` is as far as it came.
    """

    def __init__(self, execution: Execution) -> None:
        super().__init__(
            f"the execution has entered {execution.visit_count} states and is not over",
            where=execution.machine.name,
            fix="If it is no endless loop, allow more transitions.",
        )
        self.execution = execution


def simulate(
    definition: dict[str, Any] | str | Path | StateMachine,
    input: Value = MISSING,
    tasks: TaskHandler | None = None,
    settings: Settings | None = None,
    *,
    execution_type: str | None = None,
    max_transitions: int | None = None,
) -> Execution:
    """The finished execution of `definition`, whatever its status.

    Without `input` it starts with `{}`, as StartExecution does. `execution_type` ("STANDARD" or "EXPRESS") is a
    short form for settings that say so. `max_transitions` bounds an execution that might never end.
    Without a start_time in `settings` it starts at 2025-01-01T00:00:00Z, so that equal runs are equal.

    Raises DefinitionError or UnsupportedError when the definition cannot be run, UnansweredTaskError when a Task
    asks and `tasks` has no answer, EndlessExecutionError when `max_transitions` is reached, and what `tasks` raises.
    """
    settings = settings or Settings()
    if execution_type is not None:
        settings = replace(settings, execution_type=execution_type)
    execution_input: Json = input if is_present(input) else {}
    execution = start(definition_from(definition), execution_input, settings)

    def endless(execution: Execution) -> EndlessExecutionError | None:
        is_long = max_transitions is not None and execution.visit_count > max_transitions
        return EndlessExecutionError(execution) if is_long else None

    return run_to_end(execution, tasks, lambda request, at: unanswered(request, at.machine.name), endless)


def unanswered(request: TaskRequest, definition: str) -> UnansweredTaskError:
    """The error for a Task that nobody answers: which one, and the three ways to answer it."""
    name = request.state.name
    return UnansweredTaskError(
        f"the Task '{name}' asks for a result and nothing answers it (its Resource is {request.resource or 'empty'})",
        where=definition,
        fix=(
            "There are three ways to answer it:\n"
            f"    a mock file:       --mocks MockConfigFile.json --case NAME, with an entry for '{name}'\n"
            f"    a Python function: sfdebug.simulate(..., tasks=sfdebug.FunctionTasks({{{name!r}: function}}))\n"
            "    the debugger:      sfdebug FILE, which stops at the Task and asks you"
        ),
    )
