"""Mistakes about what is counted: visits, transitions, events, iterations, metrics and costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageName, StageStatus, VisitStatus
from sfdebug.forecast.costs import money_text
from sfdebug.forecast.usage import usage_of_simulated
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import attempts_of
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.lessons.questions.mistakes.handlers import last_fault
from sfdebug.lessons.questions.tallies import (
    SAME,
    Bill,
    bill_of,
    metric_of,
    per_request,
    per_transition,
    transitions_of,
    visits_of,
)
from sfdebug.limits import ExecutionType
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit

VISITS: Final = frozenset({PredictKind.VISITS})
COUNT: Final = frozenset({PredictKind.COUNT})
METRIC: Final = frozenset({PredictKind.METRIC})
COST: Final = frozenset({PredictKind.COST})


def _end(case: Case) -> Execution | None:
    return case.found.execution


def _number(case: Case) -> int:
    return case.found.value if isinstance(case.found.value, int) else 0


# visits


def _visits(case: Case) -> list[Visit]:
    end = _end(case)
    return visits_of(end, case.state.name) if end is not None and case.state is not None else []


def _attempts_for_visits(case: Case) -> Iterator[Wrong]:
    visits = _visits(case)
    attempts = sum(max(1, attempts_of(visit)) for visit in visits)
    if case.state is not None and attempts > len(visits):
        yield Wrong(
            attempts, f"A retry does not enter {named(case.state.name)} again: it is another attempt of the same visit."
        )


def _once_for_all(case: Case) -> Iterator[Wrong]:
    visits = _visits(case)
    if case.state is None or len(visits) < 2:
        return
    runs = {visit.branch for visit in visits}
    if len(runs) > 1:
        say = f"Each iteration or branch enters {named(case.state.name)} by itself: {len(runs):,} of them do."
    else:
        say = f"A loop leads to {named(case.state.name)} again, and each time counts."
    yield Wrong(1, say)


def _turns_miscounted(case: Case) -> Iterator[Wrong]:
    visits = _visits(case)
    if (
        case.state is None
        or {visit.branch for visit in visits} != {visits[0].branch if visits else ()}
        or len(visits) < 2
    ):
        return
    count = len(visits)
    say = f"{named(case.state.name)} is entered {count:,} times: the first time counts, and so does the last."
    yield Wrong(count - 1, say)
    yield Wrong(count + 1, say)


def _never_or_twice(case: Case) -> Iterator[Wrong]:
    visits = _visits(case)
    if case.state is None or len(visits) > 1:
        return
    name = named(case.state.name)
    if visits:
        yield Wrong(0, f"{name} is entered: the run comes by it once.")
        yield Wrong(2, f"{name} is entered once: nothing leads to it again.")
    else:
        yield Wrong(1, f"{name} is not entered: the run goes another way.")
        yield Wrong(2, f"{name} is not entered: the run goes another way.")


# transitions, events, iterations, child executions


def _events_for_transitions(case: Case) -> Iterator[Wrong]:
    end = _end(case)
    if end is not None and case.asked.of == "transitions":
        events = len(end.events)
        say = (
            f"A transition is a state that is entered, or a retry; the history has {events:,} events, several for each."
        )
        yield Wrong(events, say)


def _transitions_for_events(case: Case) -> Iterator[Wrong]:
    end = _end(case)
    if end is not None and case.asked.of == "events":
        count = transitions_of(usage_of_simulated(end, ""))
        say = (
            f"Each state leaves several events: at least that it is entered and exited, for {count:,} transitions here."
        )
        yield Wrong(count, say)


def _states_twice(case: Case) -> Iterator[Wrong]:
    """Entered and Exited alone."""
    end = _end(case)
    if end is not None and case.asked.of == "events":
        entered = usage_of_simulated(end, "").total.entered
        say = (
            "Besides Entered and Exited there are events of the execution's start and end, "
            "and of what Tasks, Maps and Parallels do."
        )
        yield Wrong(2 * entered, say)


def _retries_free(case: Case) -> Iterator[Wrong]:
    end = _end(case)
    if end is None or case.asked.of != "transitions":
        return
    usage = usage_of_simulated(end, "")
    if usage.total.retries:
        yield Wrong(
            transitions_of(usage) - usage.total.retries,
            f"A retry is a transition too, and is billed as one: there are {usage.total.retries:,} of them.",
        )


def _states_for_transitions(case: Case) -> Iterator[Wrong]:
    """The states of the definition."""
    end = _end(case)
    if end is None or case.asked.of != "transitions":
        return
    states = len(list(end.machine.walk()))
    say = f"What counts is how often states are entered in this run, not how many the definition has: {states:,}."
    yield Wrong(states, say)


def _start_counted(case: Case) -> Iterator[Wrong]:
    if case.asked.of == "transitions":
        say = "The states that are entered are counted: none of them stands for the start or the end of the execution."
        yield Wrong(_number(case) + 1, say)


def _concurrency_for_count(case: Case) -> Iterator[Wrong]:
    state = case.state
    if state is None or case.asked.of != "iterations":
        return
    most = state.fields.get("MaxConcurrency")
    if isinstance(most, int) and most:
        yield Wrong(most, f"MaxConcurrency {most} is how many run at once at most: all have their turn.")


def _items_for_batches(case: Case) -> Iterator[Wrong]:
    state, visit = case.state, None
    end = _end(case)
    if state is None or end is None or case.asked.of != "iterations":
        return
    branch = end.branches.get(end.moved)
    visit = branch.visit if branch is not None else None
    stage = next((s for s in visit.stages if s.name is StageName.ITEM_BATCHER), None) if visit is not None else None
    if stage is not None and isinstance(stage.before, list):
        count = len(stage.before)
        yield Wrong(count, f"ItemBatcher puts several of the {count:,} items into one child execution.")


def _one_run_for_all(case: Case) -> Iterator[Wrong]:
    state, count = case.state, _number(case)
    if case.asked.of not in ("iterations", "executions") or count <= 1:
        return
    if case.asked.of == "executions" or (state is not None and state.is_distributed):
        yield Wrong(1, f"No child execution does all of it: there are {count:,}.")
    else:
        yield Wrong(1, f"Each item has an iteration of its own: there are {count:,}.")


def _parent_counted(case: Case) -> Iterator[Wrong]:
    if case.asked.of == "executions":
        say = "The execution that starts them is not one of its child executions."
        yield Wrong(_number(case) + 1, say)


def _one_more_item(case: Case) -> Iterator[Wrong]:
    if case.asked.of in ("iterations", "events"):
        count = _number(case)
        what = f"There are {count:,}." if case.asked.of == "iterations" else f"The history has {count:,} events."
        yield Wrong(count + 1, what)
        if count:
            yield Wrong(count - 1, what)


# metrics


def _failed_attempts(case: Case) -> int:
    failed = (StageStatus.FAILED, StageStatus.INJECTED)
    return sum(s.status in failed and s.name is StageName.TASK for visit in case.visits for s in visit.stages)


def _attempts_counted(case: Case) -> Iterator[Wrong]:
    """Failures of Tasks taken for failures of the execution."""
    failed = _failed_attempts(case)
    if case.asked.name == "ExecutionsFailed" and failed:
        caught = sum(visit.status == "caught" for visit in case.visits)
        how = "is caught" if caught else "is tried again"
        yield Wrong(failed, f"ExecutionsFailed counts executions that end FAILED: an error that {how} is not in it.")
        if failed > 1:
            yield Wrong(1, f"ExecutionsFailed counts executions that end FAILED: an error that {how} is not in it.")


_CALLED: Final = ("LambdaFunctions", "ServiceIntegrations", "Activities")
"""What the names of the metrics begin with that count calls, not executions."""


def _calls_counted(case: Case) -> Iterator[Wrong]:
    """A metric on calls that failed taken for one of failures that nobody handled, or of all calls."""
    value, name = case.found.value, case.asked.name
    if not value or not isinstance(value, int) or not name.startswith(_CALLED) or not name.endswith("Failed"):
        return
    handled = [
        visit
        for visit in case.visits
        if visit.status in (VisitStatus.CAUGHT, VisitStatus.SUCCEEDED) and last_fault(visit) is not None
    ]
    if handled:
        how = "A Catcher takes the error" if handled[0].status is VisitStatus.CAUGHT else "A retry mends it"
        yield Wrong(0, f"{how}, but the call has failed all the same: {name} counts calls, and how each ends.")
    end = _end(case)
    well_ended = metric_of(end, f"{name.removesuffix('Failed')}Succeeded") if end is not None else 0
    made = value + well_ended if isinstance(well_ended, int) else value
    if made > value:
        well = "one ends well" if made - value == 1 else f"{made - value:,} end well"
        yield Wrong(made, f"Of {counted(made, 'call')} {well}: {name} counts the {value:,} that failed.")


def _timed_out_counted(case: Case) -> Iterator[Wrong]:
    end = _end(case)
    if end is not None and case.asked.name == "ExecutionsFailed" and end.status in ("TIMED_OUT", "ABORTED"):
        yield Wrong(1, f"An execution that is {end.status} is not in ExecutionsFailed: that has a metric of its own.")


def _started_twice(case: Case) -> Iterator[Wrong]:
    if case.asked.name == "ExecutionsStarted":
        say = "It is emitted at the start with 1 and at the end with 0: two samples, whose sum is 1."
        yield Wrong(2, say)


_LAMBDA: Final = "LambdaFunctions"
_SERVICE: Final = "ServiceIntegrations"


def _other_family(case: Case) -> Iterator[Wrong]:
    """Functions called by the integration taken for Lambda's own family, and the other way."""
    end, name = _end(case), case.asked.name
    for mine, other in ((_LAMBDA, _SERVICE), (_SERVICE, _LAMBDA)):
        if end is None or not name.startswith(mine):
            continue
        value = metric_of(end, name.replace(mine, other))
        say = (
            "A function that is called by lambda:invoke is counted as a service "
            "integration; only a Task whose Resource is the function's ARN is counted as a Lambda function."
        )
        if value:
            yield Wrong(value, say)


def _emitted_or_not(case: Case) -> Iterator[Wrong]:
    value, name = case.found.value, case.asked.name
    if value == 0:
        yield Wrong(1, f"This run leaves nothing in {name}.")
        yield Wrong(2, f"This run leaves nothing in {name}.")
    elif isinstance(value, int):
        yield Wrong(0, f"This run does leave something in {name}: {value:,}.")
        if name.endswith(("Time", "Duration")):
            return  # those measure, and count nothing
        yield Wrong(value + 1, f"Nothing is counted twice: {name} comes to {value:,} in this run.")


# costs


def _bill(case: Case) -> tuple[Execution, Bill] | None:
    end = _end(case)
    return (end, bill_of(end, case.asked.runs)) if end is not None else None


def _is_amount(case: Case, type: ExecutionType) -> bool:
    return case.asked.types == (type,)


def _events_billed(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is not None and _is_amount(case, ExecutionType.STANDARD):
        end, _ = found
        amount = per_transition(end, len(end.events) * case.asked.runs)
        yield Wrong(money_text(amount), "Standard is billed by transitions, not by the events of the history.")


def _retries_not_billed(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is None or not _is_amount(case, ExecutionType.STANDARD):
        return
    end, bill = found
    retries = bill.usage.total.retries
    if retries:
        amount = per_transition(end, (transitions_of(bill.usage) - retries) * case.asked.runs)
        yield Wrong(money_text(amount), f"Each retry is billed as a transition: {retries:,} in each run.")


def _once_a_run(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is not None and _is_amount(case, ExecutionType.STANDARD):
        end, bill = found
        count = transitions_of(bill.usage)
        amount = per_transition(end, case.asked.runs)
        yield Wrong(
            money_text(amount),
            f"Standard is billed for each transition, of which a run has {count:,}, not by the execution.",
        )


def _express_by_transitions(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is None or not _is_amount(case, ExecutionType.EXPRESS):
        return
    end, bill = found
    count = transitions_of(bill.usage) * case.asked.runs
    say = "Express is billed by requests, and by memory and time: how many transitions there are does not count."
    yield Wrong(money_text(per_transition(end, count)), say)
    yield Wrong(money_text(per_request(end, count)), say)


def _express_time_free(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is not None and _is_amount(case, ExecutionType.EXPRESS):
        amount = per_request(found[0], case.asked.runs)
        yield Wrong(
            money_text(amount),
            "Besides the requests, Express is billed for the time that they take, in 64 MB steps of memory.",
        )


def _other_type(case: Case) -> Iterator[Wrong]:
    found = _bill(case)
    if found is None:
        return
    bill = found[1]
    both = f"Standard comes to {money_text(bill.standard)}, Express to {money_text(bill.express)}."
    if len(case.asked.types) == 1:
        other = ExecutionType.EXPRESS if _is_amount(case, ExecutionType.STANDARD) else ExecutionType.STANDARD
        yield Wrong(money_text(bill.of(other)), f"That is what the other type costs: {both}")
        return
    for word in (str(ExecutionType.STANDARD), str(ExecutionType.EXPRESS), SAME):
        yield Wrong(word, f"{both} Standard counts transitions, Express requests, memory and time.")


COUNTING_MISTAKES: Final = (
    KnownMistake("attempts-for-visits", VISITS, "a retry enters the state again", _attempts_for_visits),
    KnownMistake(
        "entered-once-for-all",
        VISITS,
        "a state is entered once, whatever loops and iterations there are",
        _once_for_all,
    ),
    KnownMistake("turns-miscounted", VISITS, "the first or the last turn does not count", _turns_miscounted),
    KnownMistake("entered-or-not", VISITS, "a state is entered that is not, or twice that is once", _never_or_twice),
    KnownMistake("retries-free", COUNT, "retries are no transitions", _retries_free),
    KnownMistake("events-for-transitions", COUNT, "each event is a transition", _events_for_transitions),
    KnownMistake("transitions-for-events", COUNT, "each state leaves one event", _transitions_for_events),
    KnownMistake(
        "states-for-transitions",
        COUNT,
        "a run has as many transitions as the definition has states",
        _states_for_transitions,
    ),
    KnownMistake("two-events-a-state", COUNT, "a state leaves two events, and nothing else does", _states_twice),
    KnownMistake("start-is-transition", COUNT, "the start or the end is one more transition", _start_counted),
    KnownMistake("concurrency-for-count", COUNT, "MaxConcurrency is how many there are", _concurrency_for_count),
    KnownMistake(
        "items-for-batches", COUNT, "each item has a child execution, although they are batched", _items_for_batches
    ),
    KnownMistake("one-run-for-all", COUNT, "one run goes through all items", _one_run_for_all),
    KnownMistake("parent-counted", COUNT, "the parent is one of the child executions", _parent_counted),
    KnownMistake("count-off-by-one", COUNT, "there is one more, or one less", _one_more_item),
    KnownMistake(
        "handled-failures-counted", METRIC, "failures that were handled are in ExecutionsFailed", _attempts_counted
    ),
    KnownMistake(
        "calls-miscounted", METRIC, "a call that was handled has not failed, or all calls are counted", _calls_counted
    ),
    KnownMistake(
        "timed-out-is-failed", METRIC, "ExecutionsFailed counts what timed out or was aborted", _timed_out_counted
    ),
    KnownMistake("started-counted-twice", METRIC, "ExecutionsStarted counts two for each execution", _started_twice),
    KnownMistake(
        "other-metric-family", METRIC, "functions called by lambda:invoke are in Lambda's own metrics", _other_family
    ),
    KnownMistake(
        "metric-left-or-not",
        METRIC,
        "a run leaves something in a metric that it does not, or the other way",
        _emitted_or_not,
    ),
    KnownMistake("retries-not-billed", COST, "retries are free", _retries_not_billed),
    KnownMistake("events-billed", COST, "Standard is billed by events", _events_billed),
    KnownMistake("billed-by-execution", COST, "Standard is billed by executions", _once_a_run),
    KnownMistake("express-by-transitions", COST, "Express is billed by transitions", _express_by_transitions),
    KnownMistake("express-time-free", COST, "Express is billed by requests alone", _express_time_free),
    KnownMistake("other-type", COST, "the other type is billed so, or is cheaper", _other_type),
)
