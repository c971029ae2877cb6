"""What becomes of a loop that goes on: the engine runs it on, each turn answered as the last whole one was.

So what is foretold is what a simulation with these answers then does: the turn in which the history is full, a payload
too large, the time over, or the loop left by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, RUNTIME, TIMEOUT
from sfdebug.errors import SfdebugError, UnansweredTaskError
from sfdebug.forecast.loops import RunLoop
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, ExecutionType
from sfdebug.simulation import EndlessExecutionError, simulate

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.asl.load import Definition
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.values import Value

MOST_STATES: Final = 200_000
"""So many states are entered, and no more: eight times what fits into a history."""


class LoopEnd(StrEnum):
    """What ends a loop that goes on as it did."""

    HISTORY_FULL = "history full"
    PAYLOAD_TOO_LARGE = "payload too large"
    TIME_OVER = "time over"
    FAILED = "failed"
    LEFT = "left"
    NONE = "none"
    NOT_KNOWN = "not known"


class LoopOutlook(Struct, frozen=True):
    """How a loop goes on: what ends it in which turn, from 1, and what the clock says there, in milliseconds.

    `is_run` says that the engine has run it; else it was reckoned from the last turns. `error` and `state` are of the
    failure that ended it. `why` says why nothing is known.
    """

    loop: RunLoop
    end: LoopEnd
    turn: int = 0
    milliseconds: int | None = None
    is_run: bool = False
    error: str | None = None
    state: str = ""
    why: str = ""


class RepeatedAnswers:
    """Answers as in a run up to the end of the last whole turn of a loop, then as in that turn, again and again."""

    def __init__(self, kept: Sequence[tuple[TaskRequest, Answer]], first_id: int, end_id: int) -> None:
        """`kept`: what was answered; the events of the turn have ids from `first_id` up to before `end_id`."""
        self._known: dict[tuple[StatePath, int], Answer] = {}
        self._turn: dict[StatePath, list[tuple[int, Answer]]] = {}
        for request, answer in kept:
            self._known[request.state.path, request.invocation] = answer
            if first_id <= request.scheduled_event_id < end_id:
                self._turn.setdefault(request.state.path, []).append((request.invocation, answer))

    def answer(self, request: TaskRequest) -> Answer | None:
        """The answer; None for a Task that was never asked."""
        turn = self._turn.get(request.state.path)
        if turn is None or request.invocation < turn[0][0]:
            return self._known.get((request.state.path, request.invocation))
        return turn[(request.invocation - turn[0][0]) % len(turn)][1]


def run_on(
    machine: Definition,
    given: Value,
    settings: Settings,
    execution: Execution,
    kept: Sequence[tuple[TaskRequest, Answer]],
    loop: RunLoop,
) -> LoopOutlook:
    """How a loop of `execution` goes on, found by running it; `given` and `settings` are what it began with, `kept` how
    its Tasks were answered."""
    if loop.branch:
        return reckoned(loop, settings.execution_type)
    events = execution.events
    tasks = RepeatedAnswers(kept, events[loop.last.first].id, events[loop.last.end].id)
    try:
        ended = simulate(machine, given, tasks, settings, max_transitions=MOST_STATES, keep_visits=False)
    except EndlessExecutionError as endless:
        turn = _entries(endless.execution, loop)
        return LoopOutlook(loop, LoopEnd.NONE, turn, endless.execution.clock, is_run=True)
    except UnansweredTaskError:
        why = "after the loop a Task asks that the run never came to"
        return LoopOutlook(loop, LoopEnd.NOT_KNOWN, why=why)
    except SfdebugError as error:
        return LoopOutlook(loop, LoopEnd.NOT_KNOWN, why=error.what)
    return _ended(ended, loop)


def _entries(execution: Execution, loop: RunLoop) -> int:
    """In which turn it is: how often the head was entered."""
    return sum(1 for event in execution.events if _enters(event.type, event.state, event.branch == (), loop))


def _enters(event_type: str, state: str, is_top: bool, loop: RunLoop) -> bool:
    return is_top and state == loop.head and event_type.endswith("StateEntered")


def _ended(execution: Execution, loop: RunLoop) -> LoopOutlook:
    last = next((visit.state.name for visit in reversed(execution.visits) if not visit.branch), "")
    error = execution.error
    end = LoopEnd.FAILED
    is_full = error == RUNTIME and len(execution.events) >= execution.settings.max_history_events
    if is_full and execution.settings.execution_type == ExecutionType.STANDARD:
        end = LoopEnd.HISTORY_FULL
    elif error == DATA_LIMIT_EXCEEDED:
        end = LoopEnd.PAYLOAD_TOO_LARGE
    elif execution.status is ExecutionStatus.TIMED_OUT or (error == TIMEOUT and last in loop.states):
        end = LoopEnd.TIME_OVER
    if (end in (LoopEnd.FAILED, LoopEnd.TIME_OVER) and last not in loop.states) or error is None:
        end = LoopEnd.LEFT
    turn = _entries(execution, loop)
    return LoopOutlook(loop, end, turn, execution.clock, is_run=True, error=error, state=last)


def reckoned(loop: RunLoop, execution_type: str = ExecutionType.STANDARD) -> LoopOutlook:
    """In which turn a loop breaks a limit if each turn is as the last was: reckoned, where it cannot be run on.

    What runs beside a loop in a branch adds to the same history: its events count as in the last turn, too.
    """
    turns: list[tuple[int, LoopEnd]] = []
    count, last = len(loop.turns), loop.last
    if execution_type == ExecutionType.STANDARD:
        room, events = MAX_HISTORY_EVENTS - 1 - last.end, last.end - last.first
        turns.append((count + max(1, -(-room // events)), LoopEnd.HISTORY_FULL))
    growth = loop.peak_growth
    if growth > 0:
        room = MAX_PAYLOAD_BYTES - last.peak
        turns.append((count + max(1, room // growth + 1), LoopEnd.PAYLOAD_TOO_LARGE))
    if not turns:
        return LoopOutlook(loop, LoopEnd.NONE)
    turn, end = min(turns)
    elapsed = sum(one.milliseconds for one in loop.turns) + (turn - count) * last.milliseconds
    return LoopOutlook(loop, end, turn, elapsed)
