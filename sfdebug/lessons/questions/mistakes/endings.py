"""Mistakes about how a state or an execution ends: its status, and the name of its error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.wording.values import fault_name, listed, named
from sfdebug.engine.execution.visit import VisitStatus
from sfdebug.engine.execution.work import MapRunWork
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, QUERY_EVALUATION_ERROR, RUNTIME, THRESHOLD_EXCEEDED, TIMEOUT
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.lessons.questions.mistakes.handlers import (
    OF_ONE_CHILD,
    error_of_child,
    has_failed_inside,
    last_fault,
    taken_retries,
)
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import Fault, Visit

STATUS: Final = frozenset({PredictKind.STATUS})
ERROR: Final = frozenset({PredictKind.ERROR})
_SUCCEEDED: Final = "SUCCEEDED"
_FAILED: Final = "FAILED"
_RUNNING: Final = "RUNNING"
_CAUGHT: Final = "CAUGHT"


def _is_whole(case: Case) -> bool:
    """Whether the execution is asked about."""
    return case.visit is None


def _failed(case: Case) -> Visit | None:
    """The visit that has made the execution fail: the last that failed."""
    failed = (visit for visit in case.visits if visit.status is VisitStatus.FAILED)
    return min(failed, key=lambda visit: len(visit.branch), default=None)


def _handled(case: Case) -> Iterator[Visit]:
    """Visits in which something failed, and that went well in the end."""
    for visit in case.visits:
        is_over = visit.status in (VisitStatus.SUCCEEDED, VisitStatus.CAUGHT)
        if is_over and last_fault(visit) is not None:
            yield visit


def _how_handled(visit: Visit) -> str:
    """How the error of a visit was handled, as a sentence without its full stop."""
    name, error = named(visit.state.name), fault_name(last_fault(visit))
    if visit.status is VisitStatus.CAUGHT:
        return f"a Catcher of {name} takes {error}, and leads to {named(visit.next or '')}"
    retries = len(taken_retries(visit))
    if not retries:  # it was redriven
        return f"{name} fails with {error} at first, and succeeds in the end"
    times = "once" if retries == 1 else f"{retries} times"
    return f"{name} is tried again {times} after {error}, and succeeds"


# status


def _handled_fails(case: Case) -> Iterator[Wrong]:
    """A failure that was retried or caught taken for one of the execution, or of the state."""
    if case.found.value not in (_SUCCEEDED, _CAUGHT):
        return
    for visit in (case.visit,) if case.visit is not None else _handled(case):
        if last_fault(visit) is not None:
            whose = "the execution" if _is_whole(case) else "the state"
            yield Wrong(_FAILED, f"{_handling(visit)}: {whose} does not fail by that.")


def _handling(visit: Visit) -> str:
    """How the error of a visit was handled, as the beginning of a sentence: a state's name stays as it is written."""
    how = _how_handled(visit)
    return f"{how[:1].upper()}{how[1:]}" if visit.status is VisitStatus.CAUGHT else how


def _caught_succeeds(case: Case) -> Iterator[Wrong]:
    """A state whose error is caught taken for one with a result, and what it is called for the execution's status."""
    if _is_whole(case) and case.found.value == _SUCCEEDED:
        for visit in _handled(case):
            if visit.status is VisitStatus.CAUGHT:
                name = named(visit.state.name)
                yield Wrong(_CAUGHT, f"{name} is caught; an execution goes on from there, and has no such status.")
                return
    if case.found.value == _CAUGHT and case.visit is not None:
        yield Wrong(_SUCCEEDED, f"{named(case.visit.state.name)} has no result: {_how_handled(case.visit)}.")


def _failure_goes_on(case: Case) -> Iterator[Wrong]:
    """A failure that nobody takes taken for one that does no harm."""
    if case.found.value != _FAILED:
        return
    visit = case.visit or _failed(case)
    if visit is None:
        return
    name, error = named(visit.state.name), fault_name(visit.fault)
    container = visit.state.is_container
    if container and visit.state.is_distributed:
        return  # what is tolerated is told beside
    if visit.state.type is StateType.FAIL:
        say = f"{name} is a Fail state: it ends what it is in as failed."
    elif container and has_failed_inside(visit):
        what = "branch" if visit.state.type is StateType.PARALLEL else "iteration"
        say = f"One {what} that fails with {error} is enough: {name} fails with it, and the others are stopped."
    else:
        say = f"{name} fails with {error}, and no Catcher takes that."
    yield Wrong(_SUCCEEDED, say)
    if not _is_whole(case):
        names = [error for catcher in visit.state.catchers for error in catcher.error_equals]
        none_takes = f"None of its Catchers takes {error}: they name {listed(names)}." if names else ""
        yield Wrong(_CAUGHT, none_takes or f"{name} has no Catcher: nothing takes {error} there.")


def _tolerance(case: Case) -> Iterator[Wrong]:
    """How many failures of a Map Run are tolerated."""
    if case.visit is not None and not case.visit.state.is_distributed:
        return
    work = _map_run_with_failures(case)
    if work is None:
        return
    is_too_many = work.tolerance.is_exceeded(work.failed, sum(work.counts))
    failed = f"{work.failed:,} of {counted(sum(work.counts), 'item')} {'has' if work.failed == 1 else 'have'} failed"
    if is_too_many:
        yield Wrong(_SUCCEEDED, f"{failed}, and {_tolerated(work)}: the Map Run fails.")
    else:
        yield Wrong(_FAILED, f"{failed}, and {_tolerated(work)}: the Map Run goes on and succeeds.")


def _map_run_with_failures(case: Case) -> MapRunWork | None:
    """The last Map Run ahead in which something has failed."""
    for execution in reversed(case.ahead.seen):
        for branch in execution.branches.values():
            if isinstance(branch.work, MapRunWork) and branch.work.failed:
                return branch.work
    return None


def _tolerated(work: MapRunWork) -> str:
    """What may fail, as a part of a sentence."""
    tolerance = work.tolerance
    parts = []
    if tolerance.count:
        parts.append(f"ToleratedFailureCount is {tolerance.count:,}")
    if tolerance.percentage:
        total = sum(work.counts)
        parts.append(
            f"ToleratedFailurePercentage {tolerance.percentage:g} of {total:,} is "
            f"{tolerance.percentage * total / 100:g}"
        )
    return " and ".join(parts) or "nothing is tolerated"


def _timed_out(case: Case) -> Iterator[Wrong]:
    """TIMED_OUT, where something on the way takes its time, or has a limit of it."""
    if not _is_whole(case):
        return
    visit, limit = _failed(case), case.debugger.machine.timeout_seconds
    if visit is not None and visit.fault is not None and visit.fault.error == TIMEOUT:
        say = (
            f"{named(visit.state.name)} times out, which is an error of a state: TIMED_OUT "
            "is for TimeoutSeconds of the whole execution."
        )
    elif limit is not None:
        say = f"TimeoutSeconds of the definition is {limit:,}, and the execution does not take that long."
    elif any(map(_takes_time, case.visits)):
        say = "The definition has no TimeoutSeconds: however long a state takes, the execution is not TIMED_OUT."
    else:
        return
    yield Wrong("TIMED_OUT", say)


def _takes_time(visit: Visit) -> bool:
    """Whether somebody may think of a limit of time: it waits, is tried again later, or has a limit of its own."""
    fields = visit.state.fields
    has_limit = any(name.startswith(("TimeoutSeconds", "HeartbeatSeconds")) for name in fields)
    return has_limit or visit.state.type is StateType.WAIT or bool(taken_retries(visit))


def _aborted(case: Case) -> Iterator[Wrong]:
    """ABORTED, where something is cut off: branches beside one that failed, or an execution that takes too long."""
    if case.found.value == "ABORTED":
        return
    cut_off = next((visit for visit in case.visits if visit.status is VisitStatus.ABORTED), None)
    if not _is_whole(case):
        if case.visit is not None and len(case.visit.state.path) > 1:
            say = "ABORTED is a state that is cut off when a branch beside it fails: this one ends by itself."
            yield Wrong("ABORTED", say)
    elif case.found.value == "TIMED_OUT":
        yield Wrong("ABORTED", "ABORTED is an execution that somebody has stopped: nobody does that here.")
    elif cut_off is not None:
        name = named(cut_off.state.name)
        yield Wrong("ABORTED", f"{name} is cut off, not the execution: ABORTED is one that somebody has stopped.")
    elif (failed := _failed(case)) is not None and failed.state.type is StateType.FAIL:
        name = named(failed.state.name)
        yield Wrong("ABORTED", f"{name} makes the execution fail: ABORTED is one that somebody has stopped.")


def _waits_for_redrive(case: Case) -> Iterator[Wrong]:
    """An execution in which something has failed taken for one that stays where it is, until it is redriven."""
    if not _is_whole(case):
        return
    failed = _failed(case)
    if case.found.value == _FAILED and failed is not None:
        name = named(failed.state.name)
        yield Wrong(_RUNNING, f"Nothing waits at {name} to be mended: an execution that fails is over.")
    elif case.found.value == _SUCCEEDED and _map_run_with_failures(case) is not None:
        yield Wrong(_RUNNING, "What fails and is tolerated is not waited for: the Map Run ends, and the execution too.")


def _fails_of_itself(case: Case) -> Iterator[Wrong]:
    if case.found.value == _SUCCEEDED:
        seen = case.visits if case.visit is None else (case.visit,)
        has_failed = any(last_fault(visit) is not None for visit in seen)
        nothing = "What fails on the way is taken care of" if has_failed else "Nothing fails on the way"
        end = "the last state ends well" if case.visit is None else f"{named(case.visit.state.name)} succeeds"
        yield Wrong(_FAILED, f"{nothing}, and {end}.")
    if case.found.value == _SUCCEEDED and not _is_whole(case):
        is_retried = case.visit is not None and last_fault(case.visit) is not None
        why = "a retry has succeeded" if is_retried else "there is no error"
        yield Wrong(_CAUGHT, f"No Catcher is asked: {why}.")
    if case.found.value not in (_SUCCEEDED, _FAILED, _CAUGHT):
        yield Wrong(_FAILED, f"It does not fail by an error of a state: it ends {case.found.value}.")
        yield Wrong(_SUCCEEDED, f"It does not come to its end: it is {case.found.value}.")


# error


def _fault(case: Case) -> Fault | None:
    if case.found.stage is not None:
        return case.found.stage.fault
    return case.found.execution.fault if case.found.execution is not None else None


def _error(case: Case) -> str:
    return case.found.value if isinstance(case.found.value, str) else ""


def _wildcards(case: Case) -> Iterator[Wrong]:
    if not _error(case):
        return
    for name in ("States.ALL", "States.TaskFailed"):
        say = f"{name} stands in ErrorEquals and covers many errors: what fails keeps its own name, {_error(case)}."
        yield Wrong(name, say)


def _heartbeat(case: Case) -> Iterator[Wrong]:
    fault = _fault(case)
    if fault is not None and HEARTBEAT_TIMEOUT in fault.aliases:
        say = f"A missed heartbeat is reported as {TIMEOUT}; in ErrorEquals both names match it."
        yield Wrong(HEARTBEAT_TIMEOUT, say)


def _specification_names(case: Case) -> Iterator[Wrong]:
    """Names that the specification has, and AWS does not report."""
    visit, error = case.visit or _failed(case), _error(case)
    if visit is None or not error:
        return
    state = visit.state
    if state.type is StateType.CHOICE and error == RUNTIME and all(stage.fault is None for stage in visit.stages):
        yield Wrong("States.NoChoiceMatched", f"The specification has that name; what AWS reports is {RUNTIME}.")
    if has_failed_inside(visit) and state.type is StateType.PARALLEL:  # of a Map the specification has no such name
        name = named(state.name)
        say = f"The specification has that name; {name} fails with the error of the branch that failed, {error}."
        yield Wrong("States.BranchFailed", say)


def _last_state(case: Case) -> State | None:
    failed = _failed(case)
    return failed.state if failed is not None else None


def _inner_error(case: Case) -> Iterator[Wrong]:
    """The error of an item taken for that of the Map Run."""
    if _error(case) != THRESHOLD_EXCEEDED.error:
        return
    error = error_of_child(case)
    if error:
        yield Wrong(error, f"{error} {OF_ONE_CHILD}.")


def _languages(case: Case) -> Iterator[Wrong]:
    """The name that a wrong expression has in the other query language."""
    state = case.visit.state if case.visit is not None else _last_state(case)
    error = _error(case)
    if error == QUERY_EVALUATION_ERROR:
        say = f"A JSONata expression that fails is {error}, which can be caught; {RUNTIME} is what a path fails with."
        yield Wrong(RUNTIME, say)
    elif error == RUNTIME and state is not None and state.query_language is QueryLanguage.JSONPATH:
        yield Wrong(
            QUERY_EVALUATION_ERROR,
            f"That is for JSONata: a JSONPath state that cannot be worked out fails with {RUNTIME}.",
        )


def _no_error(case: Case) -> Iterator[Wrong]:
    if not _error(case):
        return
    visit = case.visit or _failed(case)
    where = f"{named(visit.state.name)} fails" if visit is not None else "It fails"
    after = ""
    if _is_whole(case):  # what becomes of a state's error is not asked
        after = ", which no Catcher can take" if _error(case) == RUNTIME else ", and no Catcher takes that"
    yield Wrong(None, f"{where} with {_error(case)}{after}.")


def _handled_error(case: Case) -> Iterator[Wrong]:
    """An error that was handled taken for that of the execution."""
    if not _is_whole(case):
        return
    for visit in _handled(case):
        say = f"{_handling(visit)}: that is not how the execution ends."
        yield Wrong(fault_name(last_fault(visit)), say)


def _timeout(case: Case) -> Iterator[Wrong]:
    seen = case.visits if case.visit is None else (case.visit,)
    faults = (stage.fault for visit in seen for stage in visit.stages)
    has_timed_out = any(fault is not None and fault.error == TIMEOUT for fault in faults)
    if _error(case) and _error(case) != TIMEOUT and not has_timed_out:
        yield Wrong(TIMEOUT, f"Nothing takes longer than its TimeoutSeconds: the error is {_error(case)}.")


ENDING_MISTAKES: Final = (
    KnownMistake(
        "handled-failure-fails", STATUS, "a failure that was retried or caught is one of the execution", _handled_fails
    ),
    KnownMistake("caught-is-success", STATUS, "a state whose error is caught has succeeded", _caught_succeeds),
    KnownMistake("failure-goes-on", STATUS, "a failure that nobody takes does no harm", _failure_goes_on),
    KnownMistake("tolerated-failures", STATUS, "one failed item is enough, or many are not", _tolerance),
    KnownMistake("task-timeout-ends-all", STATUS, "a Task that times out makes the execution TIMED_OUT", _timed_out),
    KnownMistake("aborted-by-itself", STATUS, "an execution becomes ABORTED by itself", _aborted),
    KnownMistake(
        "waits-for-redrive",
        STATUS,
        "an execution that fails is not over: it waits to be mended or redriven",
        _waits_for_redrive,
    ),
    KnownMistake(
        "fails-without-error", STATUS, "something fails that does not, or ends well that does not end", _fails_of_itself
    ),
    KnownMistake(
        "handled-error-reported", ERROR, "an error that was handled is how the execution ends", _handled_error
    ),
    KnownMistake(
        "heartbeat-by-its-name", ERROR, "a missed heartbeat is reported as States.HeartbeatTimeout", _heartbeat
    ),
    KnownMistake("item-error-reported", ERROR, "a Map Run fails with the error of an item", _inner_error),
    KnownMistake(
        "error-of-specification",
        ERROR,
        "errors have the names of the specification, whatever AWS reports",
        _specification_names,
    ),
    KnownMistake("error-of-other-language", ERROR, "errors have the name of the other query language", _languages),
    KnownMistake("wildcard-as-name", ERROR, "States.ALL or States.TaskFailed is the name of an error", _wildcards),
    KnownMistake("timeout-for-all", ERROR, "an error is a timeout", _timeout),
    KnownMistake("no-error", ERROR, "there is no error", _no_error),
)
