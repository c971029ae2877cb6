"""What a mix of runs comes to: expected transitions, what one, a million or so many a month cost, and the load of a
rate of starts on AWS's quotas. All of it are estimates: what runs were given or did is taken for what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.forecast.buckets import BucketLoad
from sfdebug.forecast.children import ChildrenUsage
from sfdebug.forecast.costs import (
    CostRange,
    billed_memory,
    billed_milliseconds,
    express_cost,
    gb_seconds_of,
    standard_cost,
)
from sfdebug.forecast.going_on import LoopOutlook
from sfdebug.forecast.usage import RunUsage
from sfdebug.limits import CHILDREN_STARTED_A_SECOND, MAX_OPEN_EXECUTIONS, MAX_OPEN_MAP_RUNS, ExecutionType

if TYPE_CHECKING:
    from sfdebug.forecast.runs import MeasuredRun
    from sfdebug.rates import ExpressPrices, RateTable

STANDIN_REGION: Final = "us-east-1"
"""The Region whose Express prices stand in for those that the table does not have; it is said so."""


class WeightedRun(Struct, frozen=True):
    """A run of a mix: its share of all executions, and how its loops go on."""

    usage: RunUsage
    share: Decimal
    outlooks: tuple[LoopOutlook, ...] = ()


class RunMix(Struct, frozen=True):
    """Runs with their shares of all executions, and the bytes that their definition has."""

    runs: tuple[WeightedRun, ...]
    definition_bytes: int

    @classmethod
    def of(cls, measured: Sequence[MeasuredRun], weights: Sequence[Decimal], definition_bytes: int) -> RunMix:
        """The runs with weights, which need not add up to 1."""
        total = sum(weights, Decimal(0))
        runs = (
            WeightedRun(run.usage, weight / total, run.outlooks) for run, weight in zip(measured, weights, strict=True)
        )
        return cls(tuple(runs), definition_bytes)

    @property
    def transitions(self) -> Decimal:
        """The expected transitions of an execution with its Standard child executions, without steps out of Start."""
        return self._expected([run.usage.total.transitions + run.usage.child_transitions for run in self.runs])

    @property
    def starts(self) -> Decimal:
        """The expected executions for each that is started: itself, and its Standard child executions."""
        standard = ExecutionType.STANDARD
        return self._expected(
            [1 + sum(one.count for one in run.usage.children if one.type is standard) for run in self.runs]
        )

    @property
    def retries(self) -> Decimal:
        """The expected retries."""
        return self._expected([run.usage.total.retries for run in self.runs])

    @property
    def events(self) -> Decimal:
        """The expected events in the history."""
        return self._expected([run.usage.total.events for run in self.runs])

    @property
    def milliseconds(self) -> Decimal:
        """The expected time on the clock."""
        return self._expected([run.usage.milliseconds for run in self.runs])

    @property
    def is_duration_known(self) -> bool:
        """Whether that is how long executions take on AWS."""
        return all(run.usage.is_duration_known for run in self.runs)

    def _expected(self, values: Sequence[int]) -> Decimal:
        return sum((run.share * value for run, value in zip(self.runs, values, strict=True)), Decimal(0))

    # what it costs

    def standard(self, rates: RateTable, region: str, executions: int, *, has_free: bool = False) -> CostRange | None:
        """What so many executions cost as Standard: without and with the step out of Start as a transition. Express
        child executions are in it, unless their prices are known in another currency only. None where the table has
        no price for the Region."""
        count = Decimal(executions)
        low = standard_cost(rates, region, count * self.transitions, has_free=has_free)
        high = standard_cost(rates, region, count * (self.transitions + self.starts), has_free=has_free)
        if low is None or high is None:
            return None
        prices, currency = express_prices(rates, region)
        more = Decimal(0)
        if currency == rates.currency(region):  # else nobody knows what they cost there
            more = express_cost(prices, *self._children_express(rates, executions))
        return CostRange(low + more, high + more, rates.currency(region))

    @property
    def has_express_children(self) -> bool:
        """Whether a Map Run of it starts Express child executions."""
        return any(one.type is ExecutionType.EXPRESS for run in self.runs for one in run.usage.children)

    def _children_express(self, rates: RateTable, executions: int) -> tuple[Decimal, Decimal]:
        """The requests and GB-seconds of the Express child executions."""
        requests = gb_seconds = Decimal(0)
        for run in self.runs:
            for one in run.usage.children:
                if one.type is ExecutionType.EXPRESS:
                    requests += run.share * executions * one.count
                    gb_seconds += run.share * executions * _children_gb_seconds(rates, one, self.definition_bytes)
        return requests, gb_seconds

    def memory(self, rates: RateTable) -> int:
        """The MB that the largest of the runs is billed for as Express."""
        return max(billed_memory(rates, self.definition_bytes, run.usage.total.payload_bytes) for run in self.runs)

    def express(self, rates: RateTable, region: str, executions: int) -> CostRange:
        """What so many executions cost as Express: from what the clock says that they take at the least, where their
        durations are not known."""
        gb_seconds = Decimal(0)
        for run in self.runs:
            memory = billed_memory(rates, self.definition_bytes, run.usage.total.payload_bytes)
            billed = billed_milliseconds(rates, Decimal(run.usage.milliseconds))
            gb_seconds += run.share * executions * gb_seconds_of(memory, billed)
        cost = express_cost(express_prices(rates, region)[0], Decimal(executions), gb_seconds)
        return CostRange(cost, cost if self.is_duration_known else None, express_prices(rates, region)[1])


def _children_gb_seconds(rates: RateTable, children: ChildrenUsage, definition_bytes: int) -> Decimal:
    memory = billed_memory(rates, definition_bytes, children.payload)
    billed = (billed_milliseconds(rates, Decimal(one)) for one in children.milliseconds)
    return sum((gb_seconds_of(memory, one) for one in billed), Decimal(0))


def express_prices(rates: RateTable, region: str) -> tuple[ExpressPrices, str]:
    """The Express prices of a Region, with their currency; those of `STANDIN_REGION` where the table has none."""
    found = rates.express(region)
    if found is not None:
        return found, rates.currency(region)
    standin = rates.express(STANDIN_REGION)
    assert standin is not None, "the built-in table has it, and no file takes it away"
    return standin, rates.currency(STANDIN_REGION)


class LoadEstimate(Struct, frozen=True):
    """A rate of starts, for so many seconds, on the quotas of a Region.

    `transitions` is None for Express workflows, which have no quota of transitions. `open` are the executions that
    run at once, None where their duration is not known: then `longest` is how long one may take, in seconds, before
    the quota of open executions is reached.
    """

    rate: Fraction
    seconds: Fraction
    region: str
    starts: BucketLoad
    transitions: BucketLoad | None
    open: int | None
    longest: Fraction
    map_runs: int
    pollers: int
    """How many clients can ask DescribeExecution once a second."""

    @property
    def is_open_too_many(self) -> bool:
        """Whether more executions run at once than AWS allows."""
        return self.open is not None and self.open > MAX_OPEN_EXECUTIONS

    @property
    def is_map_runs_too_many(self) -> bool:
        """Whether more Map Runs are open at once than AWS runs; later ones wait."""
        return self.map_runs > MAX_OPEN_MAP_RUNS


def load_of(mix: RunMix, rates: RateTable, region: str, rate: Fraction, seconds: Fraction, type: str) -> LoadEstimate:
    """What `rate` starts a second for so long come to."""
    is_express = type == ExecutionType.EXPRESS
    start = rates.quota("StartExpressExecution" if is_express else "StartExecution", region)
    transition, describe = rates.quota("StateTransition", region), rates.quota("DescribeExecution", region)
    assert start is not None, "the built-in table has it"
    assert transition is not None, "the built-in table has it"
    assert describe is not None, "the built-in table has it"
    lasts = Fraction(mix.milliseconds) / 1_000
    map_runs = sum(run.share * len(run.usage.children) for run in mix.runs)
    return LoadEstimate(
        rate,
        seconds,
        region,
        BucketLoad.of(start, rate, seconds),
        None if is_express else BucketLoad.of(transition, rate * Fraction(mix.transitions), seconds),
        int(rate * lasts) if mix.is_duration_known else None,
        Fraction(MAX_OPEN_EXECUTIONS) / rate,
        int(rate * lasts * Fraction(map_runs)),
        int(describe.refill),
    )


def least_seconds_of_map_run(children: ChildrenUsage) -> Fraction:
    """The seconds that starting so many child executions takes at the least."""
    return Fraction(children.count, CHILDREN_STARTED_A_SECOND[children.type])
