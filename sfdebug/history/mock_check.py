"""Whether a run with the mocks made of a recording does what was recorded: it is run, and the two ends are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine import start
from sfdebug.errors import SfdebugError, UnansweredTaskError
from sfdebug.history.leaves import leaves
from sfdebug.history.replay.explain import shown
from sfdebug.history.replay.replay import settings_of
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.tasks.running import run_to_end
from sfdebug.values import is_present

if TYPE_CHECKING:
    from sfdebug.engine import Execution, Program
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.recording import Recording
    from sfdebug.values import Value

_MOST_VISITS: Final = 100_000


def why_another_end(program: Program, recording: Recording, mocks: str, state_machine: str, case: str) -> str:
    """How a run of the definition with a test case of the mock file `mocks` (its text) ends otherwise than recorded;
    "" when it ends alike, as far as that was recorded."""
    if not is_present(recording.input):
        return (
            f"its input {recording.events[0].lack_of('input')}, so that nobody knows what a run with the mocks comes to"
        )
    try:
        tasks = MockConfig.parse(mocks).handler(state_machine, case)
        begun = start(program, recording.input, settings_of(recording))
        ended = run_to_end(begun, tasks, _unanswered, _endless)
    except SfdebugError as error:
        return f"a run with the mocks stops: {error.what}"
    return _difference(recording, ended)


def _unanswered(request: TaskRequest, execution: Execution) -> SfdebugError:
    visits = execution.visit_count
    return UnansweredTaskError(f"nothing answers '{request.state.name}', the state it enters as number {visits}")


def _endless(execution: Execution) -> SfdebugError | None:
    return SfdebugError(f"it has entered {_MOST_VISITS:,} states") if execution.visit_count > _MOST_VISITS else None


def _difference(recording: Recording, ended: Execution) -> str:
    if recording.end is None:
        return f"a run with the mocks ends {ended.status}; how the execution ended is not recorded"
    if recording.status is not ended.status:
        error = f" with {ended.error}" if ended.error else ""
        return f"a run with the mocks ends {ended.status}{error}, and the execution ended {recording.status}"
    pairs: tuple[tuple[str, Value, Value], ...] = (
        ("error", recording.error, ended.error),
        ("cause", recording.cause, ended.cause),
        ("output", recording.output, ended.output),
    )
    for name, recorded, computed in pairs:
        if not is_present(recorded):
            continue  # not recorded, or cut off
        leaf = next(iter(leaves(recorded, computed)), None)
        if leaf is not None:
            place = f" at $.{leaf.pointer[1:].replace('/', '.')}" if leaf.pointer else ""
            return (
                f"a run with the mocks has the {name} {shown(leaf.computed)}{place}, recorded is {shown(leaf.recorded)}"
            )
    return ""
