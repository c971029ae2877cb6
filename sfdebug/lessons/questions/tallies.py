"""What a whole run comes to: visits, transitions, events, iterations, child executions, metrics and costs."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.debugger.explaining.templates import retries as retries_text
from sfdebug.engine.execution.children import root_identity
from sfdebug.engine.execution.work import MapRunWork, MapWork
from sfdebug.forecast.costs import express_cost, money_text, standard_cost
from sfdebug.forecast.estimate import RunMix, express_prices
from sfdebug.forecast.metrics import METRIC_NAMES, RunFacts, metrics_of
from sfdebug.forecast.runs import MeasuredRun
from sfdebug.forecast.usage import usage_of_simulated
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.model import CannotAskError
from sfdebug.limits import ExecutionType
from sfdebug.rates import default_rates
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.execution import Branch, Execution
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.forecast.usage import RunUsage
    from sfdebug.lessons.model import Asked
    from sfdebug.lessons.questions.ahead import Ahead

SAME: Final = "the same"
_MAP_IS_MEANT: Final = "iterations"


class Tally(Struct, frozen=True):
    """A number or a word, how it came about in a sentence, and the run that it is of."""

    value: int | float | str
    told: str
    end: Execution


def tally(ahead: Ahead, asked: Asked, state: State | None) -> Tally:
    """What is asked of the run. Raises CannotAskError where its end is not known, or the question makes no sense."""
    if asked.kind is PredictKind.COUNT and asked.of == _MAP_IS_MEANT:
        return _iterations(ahead, state)
    end = ahead.end()
    if asked.kind is PredictKind.VISITS:
        return _visits(end, state)
    if asked.kind is PredictKind.METRIC:
        if asked.name not in METRIC_NAMES:
            near = get_close_matches(asked.name, METRIC_NAMES, 1)
            fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(METRIC_NAMES)}."
            raise CannotAskError(f"no metric '{asked.name}' is known of a run", fix=fix)
        value = metric_of(end, asked.name)
        return Tally(value, f"{asked.name} comes to {value:,} in this run.", end)
    return _cost(end, asked) if asked.kind is PredictKind.COST else _count(end, asked)


def visits_of(end: Execution, name: str) -> list[Visit]:
    """The visits of the states with that name."""
    return [visit for visit in end.visits if visit.state.name == name]


def _visits(end: Execution, state: State | None) -> Tally:
    if state is None:
        raise CannotAskError("the visits of a state are asked for, and none is named", fix="Name the state.")
    count = len(visits_of(end, state.name))
    times = {0: "not entered", 1: "entered once"}.get(count, f"entered {count:,} times")
    return Tally(count, f"{state.name} is {times}.", end)


def transitions_of(usage: RunUsage) -> int:
    """The transitions that Standard is billed for."""
    return usage.total.transitions + usage.child_transitions


def _count(end: Execution, asked: Asked) -> Tally:
    usage = usage_of_simulated(end, "")
    if asked.of == "transitions":
        entered, retries = usage.total.entered, usage.total.retries
        parts = f"{counted(entered, 'state')} {_are(entered)} entered"
        parts += f", and {retries_text(retries)} {'counts' if retries == 1 else 'count'} too" if retries else ""
        children = f"; child executions have {usage.child_transitions:,} more" if usage.child_transitions else ""
        return Tally(transitions_of(usage), f"{parts}{children}.", end)
    if asked.of == "events":
        return Tally(len(end.events), f"The history has {len(end.events):,} events.", end)
    if asked.of == "executions":
        count = len(end.ended_children) + len(end.children)
        return Tally(count, f"{counted(count, 'child execution')} {_are(count)} started.", end)
    fix = "Say transitions, events, iterations or executions."
    raise CannotAskError(f"'{asked.of}' cannot be counted", fix=fix)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _iterations(ahead: Ahead, state: State | None) -> Tally:
    if state is None or state.type is not StateType.MAP:
        raise CannotAskError("iterations are those of a Map, and none is named", fix="Name the Map.")
    for execution in ahead:
        for branch in _moved(execution):
            is_it = branch.visit is not None and branch.visit.state.path == state.path
            if is_it and isinstance(branch.work, MapWork | MapRunWork):
                count = branch.work.count
                what = "child execution" if state.is_distributed else "iteration"
                return Tally(count, f"{state.name} runs {counted(count, what)}.", execution)
    raise CannotAskError(f"'{state.name}' starts no iterations any more")


def _moved(execution: Execution) -> Iterable[Branch]:
    branch = execution.branches.get(execution.moved)
    return () if branch is None else (branch,)


def metric_of(end: Execution, name: str) -> int | float:
    """The sum of what a run emits of a metric: of the state machine, or of all that it has called."""
    settings = end.settings
    arn = root_identity(settings, end.input).state_machine_arn
    size = end.machine.document.source.byte_count
    facts = RunFacts(arn, ExecutionType(settings.execution_type), settings.region, definition_bytes=size)
    emitted = metrics_of(end.events, facts, default_rates()).metrics
    total = sum(values.total for key, values in emitted.items() if key.name == name)
    return int(total) if float(total).is_integer() else total


# costs


class Bill(Struct, frozen=True):
    """What so many runs like one come to, by type."""

    usage: RunUsage
    runs: int
    standard: Decimal
    express: Decimal

    def of(self, type: ExecutionType) -> Decimal:
        """That of a type."""
        return self.standard if type is ExecutionType.STANDARD else self.express


def bill_of(end: Execution, runs: int) -> Bill:
    """What a number of runs like this one cost. Raises CannotAskError where the table has no price for the Region."""
    rates, region = default_rates(), end.settings.region
    usage = usage_of_simulated(end, "")
    mix = RunMix.of([MeasuredRun(usage, ())], [Decimal(1)], end.machine.document.source.byte_count)
    standard = mix.standard(rates, region, runs)
    if standard is None:
        raise CannotAskError(f"what a run costs in {region} is not in the table of prices")
    return Bill(usage, runs, standard.low, mix.express(rates, region, runs).low)


def per_transition(end: Execution, count: int) -> Decimal:
    """What so many transitions cost."""
    return standard_cost(default_rates(), end.settings.region, Decimal(count)) or Decimal(0)


def per_request(end: Execution, count: int) -> Decimal:
    """What so many requests cost, without the time that they take."""
    return express_cost(express_prices(default_rates(), end.settings.region)[0], Decimal(count), Decimal(0))


def _cost(end: Execution, asked: Asked) -> Tally:
    bill = bill_of(end, asked.runs)
    transitions = transitions_of(bill.usage)
    told = (
        f"{counted(asked.runs, 'run')} of {counted(transitions, 'transition')} "
        f"{'costs' if asked.runs == 1 else 'cost'} {money_text(bill.standard)} as Standard, and "
        f"{money_text(bill.express)} as Express, for requests, time and memory."
    )
    if len(asked.types) == 1:
        return Tally(money_text(bill.of(asked.types[0])), told, end)
    if bill.standard == bill.express:
        return Tally(SAME, told, end)
    cheaper = ExecutionType.STANDARD if bill.standard < bill.express else ExecutionType.EXPRESS
    return Tally(str(cheaper), told, end)
