"""Runs to estimate from: one that is simulated here, or one that was recorded, each with how its loops go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sfdebug.asl.rules.resources import express_problems
from sfdebug.engine import Settings
from sfdebug.errors import SfdebugError
from sfdebug.forecast.going_on import MOST_STATES, LoopOutlook, reckoned, run_on
from sfdebug.forecast.usage import AnswerKeeper, RunUsage, usage_of_recorded, usage_of_simulated
from sfdebug.history.alignment.recorded_tasks import RecordedTasks
from sfdebug.limits import ExecutionType
from sfdebug.simulation import EndlessExecutionError, simulate
from sfdebug.values import is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Value

MOST_LOOPS: Final = 5
"""So many loops of a run are run on, those with the most turns."""


class MeasuredRun(NamedTuple):
    """What a run used, how its loops go on, and the Region that it was recorded in, "" where that is not known."""

    usage: RunUsage
    outlooks: tuple[LoopOutlook, ...]
    region: str = ""


def measured(
    machine: StateMachine,
    given: Value,
    settings: Settings,
    tasks: TaskHandler | None,
    name: str,
    takes: Mapping[str, float] | None = None,
    watch: Callable[[Execution], None] | None = None,
) -> MeasuredRun:
    """What a simulated run uses, and how its loops go on.

    Args:
        machine: The definition.
        given: The execution's input; MISSING for `{}`.
        settings: What it begins with.
        tasks: What answers its Tasks.
        name: What the run is called.
        takes: How many seconds an attempt of a Task takes, by its state's name.
        watch: Called before each step, as by `simulate`.

    Raises:
        SfdebugError: What `simulate` raises; but one that does not end is counted as far as it came.
    """
    keeper = AnswerKeeper(tasks, takes)
    unknown: tuple[str, ...] = ()
    try:
        execution = simulate(machine, given, keeper, settings, max_transitions=MOST_STATES, watch=watch)
    except EndlessExecutionError as endless:
        execution = endless.execution
        unknown = (f"how it ends: it has entered {execution.visit_count:,} states and is not over",)
    usage = usage_of_simulated(execution, name)
    usage = replace(usage, unknown=unknown)
    loops = usage.loops[:MOST_LOOPS]
    return MeasuredRun(usage, tuple(run_on(machine, given, settings, execution, keeper.kept, loop) for loop in loops))


def measured_recording(recording: Recording, machine: StateMachine | None = None) -> MeasuredRun:
    """What a recorded run used, and how its loops go on: run on by the engine where it goes the recorded way with the
    recorded answers, else reckoned from the last turns."""
    usage = usage_of_recorded(recording, machine)
    unknown = _of_another(usage, machine)
    if unknown:  # then nothing of the definition says how it goes on
        usage, machine = replace(usage, unknown=(*usage.unknown, unknown)), None
    loops = usage.loops[:MOST_LOOPS]
    region = recording.facts.region
    if not loops:
        return MeasuredRun(usage, (), region)
    kind = recording.facts.execution_type
    simulated = _simulated(recording, machine) if machine is not None else None
    if simulated is None or machine is None:
        return MeasuredRun(usage, tuple(reckoned(loop, kind) for loop in loops), region)
    execution, keeper, settings = simulated
    again = usage_of_simulated(execution, usage.name).loops
    found = []
    for loop in loops:
        same = next((one for one in again if (one.states, len(one.turns)) == (loop.states, len(loop.turns))), None)
        if same is None:
            found.append(reckoned(loop, kind))
        else:
            found.append(run_on(machine, recording.input, settings, execution, keeper.kept, same))
    return MeasuredRun(usage, tuple(found), region)


def _of_another(usage: RunUsage, machine: StateMachine | None) -> str:
    """What says that a run was of another definition, "" where nothing does."""
    known = {state.name for state in machine.walk()} if machine is not None else None
    others = [one.state for one in usage.states if one.state and known is not None and one.state not in known]
    if not others:
        return ""
    more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    return f"whether it ran this definition, which has no state '{others[0]}'{more}"


def _simulated(recording: Recording, machine: StateMachine) -> tuple[Execution, AnswerKeeper, Settings] | None:
    """The recorded run simulated; None where it does not go the recorded way, event for event by type."""
    if not is_present(recording.input) or recording.end is None or machine.unresolved:
        return None
    kind = recording.facts.execution_type
    if kind is ExecutionType.EXPRESS and express_problems(machine):
        return None
    settings = Settings(execution_type=kind)
    if recording.start_time is not None:
        settings = replace(settings, start_time=recording.start_time)
    try:
        keeper = AnswerKeeper(RecordedTasks(recording.history))
        execution = simulate(machine, recording.input, keeper, settings, max_transitions=MOST_STATES)
    except SfdebugError:
        return None
    is_alike = [event.type for event in execution.events] == [event.type for event in recording.events]
    return (execution, keeper, settings) if is_alike else None
