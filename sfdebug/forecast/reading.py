"""The meter read at one event of a run: what was used so far, what that costs, and how its loops go on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StateMachine
from sfdebug.forecast.children import ChildrenUsage
from sfdebug.forecast.costs import CostRange
from sfdebug.forecast.estimate import RunMix
from sfdebug.forecast.express import why_not_express
from sfdebug.forecast.going_on import LoopOutlook, reckoned
from sfdebug.forecast.meter import RunMeter, UsageSoFar
from sfdebug.forecast.runs import MeasuredRun
from sfdebug.forecast.usage import RunSource, RunUsage
from sfdebug.limits import ExecutionType
from sfdebug.rates import RateTable

if TYPE_CHECKING:
    from sfdebug.engine.execution.events import Event

A_MILLION: Final = 1_000_000


class MeterReading(Struct, frozen=True):
    """What a run has used so far. Costs are of one such run, and of a million in a month; `standard` is None where
    the table has no price, `express` where Express is not possible, for the reasons in `not_express`."""

    so_far: UsageSoFar
    source: RunSource
    type: ExecutionType
    region: str
    rates: RateTable
    milliseconds: int
    is_duration_known: bool
    outlooks: tuple[LoopOutlook, ...]
    standard: tuple[CostRange, CostRange] | None
    express: tuple[CostRange, CostRange] | None
    not_express: tuple[str, ...]
    children: tuple[ChildrenUsage, ...] = ()


class RunUnderWay(Struct, frozen=True):
    """A run that is looked at while it goes: where it is from, and what its costs hang on."""

    machine: StateMachine
    source: RunSource
    type: ExecutionType
    region: str
    rates: RateTable


def reading_at(
    run: RunUnderWay,
    meter: RunMeter,
    events: Sequence[Event],
    count: int,
    children: tuple[ChildrenUsage, ...] = (),
) -> MeterReading:
    """The meter at the first `count` events, all of which it has taken."""
    so_far = meter.at(count)
    milliseconds = events[count - 1].time - events[0].time if count else 0
    is_known = run.source is RunSource.RECORDED or not meter.has_instant_tasks(count)
    usage = RunUsage(
        name="",
        source=run.source,
        status="",
        error=None,
        total=so_far,
        states=(),
        loops=(),
        maps=(),
        children=children,
        milliseconds=max(0, milliseconds),
        is_duration_known=is_known,
    )
    mix = RunMix.of([MeasuredRun(usage, ())], [Decimal(1)], run.machine.document.source.byte_count)
    one, million = (mix.standard(run.rates, run.region, count) for count in (1, A_MILLION))
    why = why_not_express(run.machine, [])
    express = (mix.express(run.rates, run.region, 1), mix.express(run.rates, run.region, A_MILLION))
    return MeterReading(
        so_far=so_far,
        source=run.source,
        type=run.type,
        region=run.region,
        rates=run.rates,
        milliseconds=usage.milliseconds,
        is_duration_known=is_known,
        outlooks=tuple(reckoned(loop, run.type) for loop in meter.loops.found(count)),
        standard=(one, million) if one is not None and million is not None else None,
        express=None if why else express,
        not_express=why,
        children=children,
    )
