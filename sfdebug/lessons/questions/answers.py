"""Right answers: what is found ahead for each kind of question; ahead of altered machines it is a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus, VisitStatus
from sfdebug.expressions.timestamps import parse_timestamp
from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.lessons.questions.model import OF_RUN, CannotAskError
from sfdebug.lessons.questions.subjects import Subject, ended_visit, found_stage, sightings
from sfdebug.values import MISSING, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.lessons.questions.ahead import Ahead
    from sfdebug.values import Json

DEFAULT: Final = "Default"
WORK: Final = frozenset({StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN})
"""The stages of what a state does, of which each attempt has one."""


class Found(Struct, frozen=True):
    """An answer, and where it was found. Without a value, `error` is what it fails with, "" for no value at all.
    `told` says how it comes about, where no stage says it.
    """

    value: Value
    error: str = ""
    execution: Execution | None = None
    visit: Visit | None = None
    stage: Stage | None = None
    told: str = ""


def answer_in(ahead: Ahead, asked: Asked, subject: Subject, state: State | None) -> Found:
    """The answer to a question in what comes ahead. `state` is the one asked about, None for the whole execution.

    Raises CannotAskError where there is none.
    """
    if asked.kind in OF_RUN:
        from sfdebug.lessons.questions.tallies import tally  # here: most questions need nothing of the forecast

        found = tally(ahead, asked, state)
        return Found(found.value, "", found.end, told=found.told)
    if asked.is_of_execution or state is None:
        return _OF_EXECUTION[asked.kind](ahead)
    return _OF_STATE[asked.kind](ahead, asked, subject, state)


# of a state


def _output(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    if subject.stage is None:
        execution, visit = ended_visit(ahead, subject, state.name)
        return _left(execution, visit)
    execution, visit, stage = found_stage(ahead, subject, state.name)
    if is_present(stage.after):
        return Found(stage.after, "", execution, visit, stage)
    if stage.fault is None:
        raise CannotAskError(f"what {stage.name} of '{state.name}' gives was not recorded")
    return Found(MISSING, stage.fault.error or "", execution, visit, stage)


def _left(execution: Execution, visit: Visit) -> Found:
    """What a visit gives that is over."""
    if visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        if not is_present(visit.output):
            raise CannotAskError(f"what '{visit.state.name}' gives was not recorded")
        return Found(visit.output, "", execution, visit, visit.stages[-1] if visit.stages else None)
    return Found(MISSING, _failed_with(visit), execution, visit, _faulted(visit))


def _failed_with(visit: Visit) -> str:
    if visit.status is VisitStatus.ABORTED:
        raise CannotAskError(f"'{visit.state.name}' is cut off before its end")
    if visit.fault is None:
        raise CannotAskError(f"what '{visit.state.name}' fails with was not recorded")
    return visit.fault.error or ""


def _faulted(visit: Visit) -> Stage | None:
    return next((stage for stage in reversed(visit.stages) if stage.fault is not None), None)


def _input(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    """What a state gets: one that is named, or the one at hand, or, with none of both, what comes next."""
    if subject.is_at_hand and not asked.state:
        execution, visit = ended_visit(ahead, subject, state.name)
        after = Subject(subject.branch, visit.number + 1)
        for execution, following in sightings(ahead, after):
            return Found(following.input, "", execution, following)
        raise CannotAskError(f"nothing comes after '{state.name}'")
    for execution, visit in sightings(ahead, subject):
        return Found(visit.input, "", execution, visit)
    raise CannotAskError(f"'{state.name}' is not entered any more")


def _next(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    execution, visit = ended_visit(ahead, subject, state.name)
    if visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        return Found(visit.next, "", execution, visit, _leading(visit))
    return Found(MISSING, _failed_with(visit), execution, visit, _faulted(visit))


def _leading(visit: Visit) -> Stage | None:
    """The stage that says where a visit leads, where one does."""
    leading = (StageName.RULE, StageName.DEFAULT, StageName.CATCH)
    taken = (StageStatus.MATCHED, StageStatus.FORCED)
    return next((stage for stage in visit.stages if stage.name in leading and stage.status in taken), None)


def _rule(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    if state.type is not StateType.CHOICE:
        raise CannotAskError(f"'{state.name}' is a {state.type}: only a Choice has rules")
    execution, visit = ended_visit(ahead, subject, state.name)
    taken = _leading(visit)
    if taken is None:
        return Found(MISSING, _failed_with(visit), execution, visit, _faulted(visit))
    value: Json = DEFAULT if taken.name is StageName.DEFAULT else (taken.index or 0) + 1
    return Found(value, "", execution, visit, taken)


def _catcher(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    execution, visit = ended_visit(ahead, subject, state.name)
    fault = _faulted(visit)
    if fault is None:
        raise CannotAskError(f"nothing fails in '{state.name}' here: no Catcher is asked")
    taken = _leading(visit)
    if taken is not None and taken.name is StageName.CATCH:
        return Found((taken.index or 0) + 1, "", execution, visit, taken)
    return Found(None, "", execution, visit, fault)


def _delay(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    if state.type is StateType.WAIT:
        return _wait(ahead, subject, state)
    for execution, visit in sightings(ahead, subject):
        retries = [s for s in visit.stages if s.name is StageName.RETRY and s.status is StageStatus.MATCHED]
        if len(retries) >= asked.retry:
            stage = retries[asked.retry - 1]
            if any(one.index == stage.index and one.jitter_strategy == "FULL" for one in state.retriers):
                raise CannotAskError(f"how long '{state.name}' waits hangs on chance: its Retrier has jitter")
            return Found(plain(stage.after), "", execution, visit, stage)
    raise CannotAskError(f"there is no retry {asked.retry} of '{state.name}' here")


def _wait(ahead: Ahead, subject: Subject, state: State) -> Found:
    for execution, visit in sightings(ahead, subject):
        stage = next((stage for stage in visit.stages if stage.name is StageName.WAIT), None)
        if stage is None:
            continue
        if stage.fault is not None:
            return Found(MISSING, stage.fault.error or "", execution, visit, stage)
        until = parse_timestamp(stage.after) if isinstance(stage.after, str) else None
        if until is not None:
            seconds = max(0, until - visit.entered_at) / 1000
            return Found(plain(seconds), "", execution, visit, stage)
    raise CannotAskError(f"how long '{state.name}' waits is not known")


def plain(value: Value) -> Value:
    """A number, whole where it is; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _attempts(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    execution, visit = ended_visit(ahead, subject, state.name)
    return Found(attempts_of(visit), "", execution, visit, _faulted(visit))


def attempts_of(visit: Visit) -> int:
    """How often the work of a visit was begun."""
    return len({stage.attempt for stage in visit.stages if stage.name in WORK})


def _status(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    execution, visit = ended_visit(ahead, subject, state.name)
    return Found(_STATUSES[visit.status], "", execution, visit, _faulted(visit) or _leading(visit))


_STATUSES: Final = {
    VisitStatus.SUCCEEDED: "SUCCEEDED",
    VisitStatus.CAUGHT: "CAUGHT",
    VisitStatus.FAILED: "FAILED",
    VisitStatus.ABORTED: "ABORTED",
}


def _error(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    """The first fault of a visit that is not revealed yet."""
    past = subject.past
    last: tuple[Execution, Visit] | None = None
    for last in sightings(ahead, subject):
        faults = [stage for stage in last[1].stages if stage.fault is not None and not _is_verdict(stage)]
        if len(faults) > past and faults[past].fault is not None:
            fault = faults[past].fault
            return Found(fault.error if fault is not None else None, "", *last, faults[past])
    if last is None:
        raise CannotAskError(f"'{state.name}' is not entered any more")
    fault = last[1].fault if last[1].status is VisitStatus.FAILED else None  # raised behind all stages
    return Found(fault.error if fault is not None else None, "", *last)


def _is_verdict(stage: Stage) -> bool:
    return stage.name in (StageName.RETRY, StageName.CATCH) and stage.status is not StageStatus.FAILED


def _variable(ahead: Ahead, asked: Asked, subject: Subject, state: State) -> Found:
    if asked.when == "inside":
        for execution, visit in sightings(ahead, subject):
            return Found(visit.variables.get(asked.name, MISSING), "", execution, visit)
        raise CannotAskError(f"'{state.name}' is not entered any more")
    execution, visit = ended_visit(ahead, subject, state.name)
    if visit.status not in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT):
        raise CannotAskError(f"'{state.name}' fails: nothing after it sees its variables")
    after = {**visit.variables, **(visit.assigned or {})}
    assigned = next((stage for stage in reversed(visit.stages) if stage.name is StageName.ASSIGN), None)
    return Found(after.get(asked.name, MISSING), "", execution, visit, assigned)


# of the whole execution


def _execution_output(ahead: Ahead) -> Found:
    end = ahead.end()
    if end.status is ExecutionStatus.SUCCEEDED:
        if not is_present(end.output):
            raise CannotAskError("what the execution gives was not recorded")
        return Found(end.output, "", end)
    return Found(MISSING, ended_with(end), end)


def ended_with(end: Execution) -> str:
    """What an execution ended with that did not succeed: its error name, else its status."""
    return end.error or str(end.status)


def _execution_status(ahead: Ahead) -> Found:
    end = ahead.end()
    return Found(str(end.status), "", end)


def _execution_error(ahead: Ahead) -> Found:
    end = ahead.end()
    return Found(end.error, "", end)


def _no_state(ahead: Ahead) -> Found:
    raise CannotAskError("this is asked of a state, and none is named", fix="Name the state.")


_OF_EXECUTION: Final[Mapping[PredictKind, Callable[[Ahead], Found]]] = {
    **dict.fromkeys(PredictKind, _no_state),
    PredictKind.OUTPUT: _execution_output,
    PredictKind.STATUS: _execution_status,
    PredictKind.ERROR: _execution_error,
}
_OF_STATE: Final[Mapping[PredictKind, Callable[[Ahead, Asked, Subject, State], Found]]] = {
    PredictKind.OUTPUT: _output,
    PredictKind.INPUT: _input,
    PredictKind.NEXT: _next,
    PredictKind.RULE: _rule,
    PredictKind.CATCHER: _catcher,
    PredictKind.DELAY: _delay,
    PredictKind.ATTEMPTS: _attempts,
    PredictKind.STATUS: _status,
    PredictKind.ERROR: _error,
    PredictKind.VARIABLE: _variable,
}
