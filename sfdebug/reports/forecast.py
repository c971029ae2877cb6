"""What an estimate of costs and limits says, as lines of text and as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.forecast.costs import billed_milliseconds, cost_text, money_text, standard_cost
from sfdebug.forecast.estimate import (
    STANDIN_REGION,
    LoadEstimate,
    RunMix,
    WeightedRun,
    express_prices,
    least_seconds_of_map_run,
)
from sfdebug.forecast.going_on import LoopEnd, LoopOutlook
from sfdebug.forecast.usage import RunSource
from sfdebug.limits import (
    MAX_HISTORY_EVENTS,
    MAX_OPEN_EXECUTIONS,
    MAX_OPEN_MAP_RUNS,
    MAX_PAYLOAD_BYTES,
    ExecutionType,
)
from sfdebug.rates import RateTable
from sfdebug.text import cell_width, counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from sfdebug.forecast.buckets import BucketLoad
    from sfdebug.forecast.children import ChildrenUsage
    from sfdebug.forecast.costs import CostRange
    from sfdebug.forecast.usage import MapUsage, RunUsage
    from sfdebug.values import Json

A_MILLION: Final = 1_000_000
_KIB: Final = 1_024
_MOST_LOOPS: Final = 10
_MOST_STATES: Final = 20
_OPEN_START: Final = "one more each if the step out of Start counts, which is not settled"


class Forecast(Struct, frozen=True):
    """All that an estimate says of one definition. `monthly` is None where no number was given; `load` where no rate
    was."""

    definition: str
    type: str
    region: str
    rates: RateTable
    mix: RunMix
    not_express: tuple[str, ...]
    monthly: int | None = None
    load: LoadEstimate | None = None

    @property
    def counts(self) -> tuple[tuple[int, bool], ...]:
        """The numbers of executions that costs are told of, and whether they are all of a month."""
        always = ((1, False), (A_MILLION, False))
        return always if self.monthly is None else (*always, (self.monthly, True))

    def standard(self, executions: int, *, is_month: bool) -> CostRange | None:
        """What so many cost as Standard; those of a month with its free transitions."""
        return self.mix.standard(self.rates, self.region, executions, has_free=is_month)

    def express(self, executions: int) -> CostRange:
        """What so many cost as Express."""
        return self.mix.express(self.rates, self.region, executions)


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """The whole estimate as text."""
    table = forecast.rates.source or "the built-in table"
    dated = f"with the prices of {forecast.rates.date} ({table})"
    yield f"{forecast.definition}: estimates for {forecast.region}, {dated}"
    yield ""
    yield from _run_lines(forecast.mix)
    yield ""
    yield from _cost_lines(forecast)
    for run, outlook in _told_once(forecast.mix):
        yield ""
        yield from loop_lines(outlook, forecast.rates, forecast.region, _named(run, forecast.mix))
    for one in _largest_maps(forecast.mix):
        yield ""
        yield from _map_lines(one, forecast)
    for run in forecast.mix.runs:
        for children in run.usage.children:
            yield ""
            yield from _children_lines(children)
    if forecast.load is not None:
        yield ""
        yield from _load_lines(forecast.load)
    yield ""
    yield from _state_lines(forecast.mix)


def _told_once(mix: RunMix) -> list[tuple[WeightedRun, LoopOutlook]]:
    """The loops: of those that several runs have and that end alike, that with the most turns."""
    found: dict[tuple[object, ...], tuple[WeightedRun, LoopOutlook]] = {}
    for run in mix.runs:
        for outlook in run.outlooks:
            key = (outlook.loop.states, outlook.end, outlook.turn)
            if key not in found or len(found[key][1].loop.turns) < len(outlook.loop.turns):
                found[key] = (run, outlook)
    return [*found.values()][:_MOST_LOOPS]


def _largest_maps(mix: RunMix) -> list[MapUsage]:
    """The Maps, each from the run in which its items used the most."""
    found: dict[str, MapUsage] = {}
    for run in mix.runs:
        for one in run.usage.maps:
            if one.state not in found or (found[one.state].events, found[one.state].items) < (one.events, one.items):
                found[one.state] = one
    return [*found.values()]


def _named(run: WeightedRun, mix: RunMix) -> str:
    return f" of {run.usage.name}" if len(mix.runs) > 1 else ""


# runs


def _run_lines(mix: RunMix) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("run", "share", "transitions", "retries", "events", "largest payload", "ends")]
    for run in mix.runs:
        usage = run.usage
        peak = bytes_text(usage.peak.size) if usage.peak is not None else "not known"
        transitions = f"{usage.total.transitions + usage.child_transitions:,}"
        name = f"{usage.name}, {usage.source}"
        share = f"{run.share * 100:.0f}%"
        rows.append(
            (name, share, transitions, f"{usage.total.retries:,}", f"{usage.total.events:,}", peak, _end(usage))
        )
    if len(mix.runs) > 1:
        counts = (mix.transitions, mix.retries, mix.events)
        rows.append(("expected of each", "", *(f"{count:,.1f}" for count in counts), "", ""))
    yield from _table(rows)
    yield f"  transitions are states entered and retries; {_OPEN_START}"
    largest = max(mix.runs, key=lambda run: run.usage.peak.size if run.usage.peak is not None else 0)
    top = largest.usage.peak
    if top is not None:
        of = f" of '{top.state}'" if top.state else ""
        share = f"{bytes_text(top.size)} of {MAX_PAYLOAD_BYTES // _KIB} KiB"
        yield f"  largest payload: {share}, the {top.field}{of}{_named(largest, mix)} (event {top.event_id:,})"
    yield f"  duration: {_duration(mix)}"
    for run in mix.runs:
        for what in run.usage.unknown:
            yield f"  not known{_named(run, mix)}: {what}"


def _end(usage: RunUsage) -> str:
    return f"{usage.status} {usage.error}" if usage.error else usage.status


def _duration(mix: RunMix) -> str:
    lasts = duration_text(int(mix.milliseconds))
    expected = "expected " if len(mix.runs) > 1 else ""
    if mix.is_duration_known:
        return f"{expected}{lasts}"
    unknown = [run.usage for run in mix.runs if not run.usage.is_duration_known]
    if all(usage.source is RunSource.RECORDED for usage in unknown):
        return f"not known; {expected}{lasts} as far as recorded"
    alone = f"Waits and Retries alone take {lasts}" + (" on average" if expected else "")
    return f"not known; {alone} (Tasks were answered at once: --takes says how long they take)"


# costs


def _cost_lines(forecast: Forecast) -> Iterator[str]:
    heads = ["one run", "a million runs"]
    if forecast.monthly is not None:
        heads.append(f"{forecast.monthly:,} a month")
    standard = [forecast.standard(count, is_month=is_month) for count, is_month in forecast.counts]
    rows = [("cost", *heads)]
    rows.append(("Standard", *(cost_text(one) if one is not None else "not known" for one in standard)))
    if forecast.not_express:
        rows.append(("Express", *("not possible" for _ in heads)))
    else:
        rows.append(("Express", *(cost_text(forecast.express(count)) for count, _ in forecast.counts)))
    yield from _table(rows, left=(0,))
    if None in standard:
        yield f"  the table has no Standard price for {forecast.region}: give one with --prices FILE"
    if forecast.mix.has_express_children:
        yield f"  {_children_text(forecast)}"
    for why in forecast.not_express:
        yield f"  not as Express: {why}"
    if not forecast.not_express:
        memory, billed = forecast.mix.memory(forecast.rates), _billed(forecast)
        yield f"  as Express: billed for {memory} MB and {billed}, a request each"
        if forecast.rates.express(forecast.region) is None:
            yield f"  the table has no Express prices for {forecast.region}: those are of {STANDIN_REGION}"
    if forecast.monthly is not None:
        free = f"{forecast.rates.free_transitions:,} transitions free"
        yield f"  a month as Standard has {free}, for all machines of the account together"
    yield "  not in it: what Tasks call, logs, data transfer"


def _children_text(forecast: Forecast) -> str:
    """How the Express child executions of Map Runs stand in the costs."""
    rates, region = forecast.rates, forecast.region
    if rates.express(region) is not None:
        return "with its Express child executions, as long as the clock says"
    if rates.currency(region) != express_prices(rates, region)[1]:
        return f"without its Express child executions: the table has no Express prices for {region}"
    return f"with its Express child executions, at the prices of {STANDIN_REGION}: the table has none for {region}"


def _billed(forecast: Forecast) -> str:
    milliseconds = billed_milliseconds(forecast.rates, forecast.mix.milliseconds)
    least = "" if forecast.mix.is_duration_known else "at least "
    return f"{least}{duration_text(milliseconds)}"


# loops, Maps, child executions


def loop_lines(outlook: LoopOutlook, rates: RateTable, region: str, of_run: str = "") -> Iterator[str]:
    """A loop, what a turn of it uses and costs, and how it goes on."""
    loop = outlook.loop
    turns = counted(len(loop.turns), "whole turn")
    yield f"loop {' → '.join(loop.states)} → … ({turns}{of_run})"
    yield f"  {turn_text(outlook, rates, region)}"
    yield f"  going on: {outlook_text(outlook)}"


def turn_text(outlook: LoopOutlook, rates: RateTable, region: str) -> str:
    """`a turn: 3 transitions ($0.000075), 9 events, +1.2 KiB of input`."""
    loop = outlook.loop
    last = loop.last
    cost = standard_cost(rates, region, Decimal(last.transitions))
    price = f" ({money_text(cost, rates.currency(region))})" if cost is not None else ""
    uneven = "" if loop.is_even else ", the last; others differ"
    grows = f"{'+' if loop.growth >= 0 else ''}{bytes_text(loop.growth)} of input"
    return f"a turn: {counted(last.transitions, 'transition')}{price}, {counted(last.events, 'event')}, {grows}{uneven}"


def outlook_text(outlook: LoopOutlook) -> str:
    """How a loop ends that goes on as in its last turn, in a sentence."""
    turn = f"in turn {outlook.turn:,}"
    after = f", after {duration_text(outlook.milliseconds)} on the clock" if outlook.milliseconds else ""
    found = "run on by the engine, each turn answered as the last" if outlook.is_run else "if each turn is as the last"
    said = {
        LoopEnd.HISTORY_FULL: f"the history of {MAX_HISTORY_EVENTS:,} events is full {turn}{after}",
        LoopEnd.PAYLOAD_TOO_LARGE: f"a payload is larger than {MAX_PAYLOAD_BYTES // _KIB} KiB {turn}{after}",
        LoopEnd.TIME_OVER: f"its time is over {turn}{after}",
        LoopEnd.FAILED: f"'{outlook.state}' fails with {outlook.error} {turn}{after}",
        LoopEnd.LEFT: f"it is left {turn}{after}",
        LoopEnd.NONE: f"no limit is reached in {outlook.turn:,} turns" if outlook.turn else "no limit is reached",
        LoopEnd.NOT_KNOWN: f"how it goes on is not known: {outlook.why}",
    }[outlook.end]
    return said if outlook.end is LoopEnd.NOT_KNOWN else f"{said} ({found})"


def _map_lines(usage: MapUsage, forecast: Forecast) -> Iterator[str]:
    cost = standard_cost(forecast.rates, forecast.region, Decimal(usage.transitions))
    price = f" ({money_text(cost, forecast.rates.currency(forecast.region))})" if cost is not None else ""
    each = f"{counted(usage.transitions, 'transition')}{price}, {counted(usage.events, 'event')}"
    yield f"Map '{usage.state}' ({counted(usage.items, 'item')})"
    yield f"  an item: {each}, {bytes_text(usage.output // usage.items if usage.items else 0)} of output"
    if forecast.type == ExecutionType.STANDARD:
        full = f"{usage.items_until_full:,} items like the longest"
        yield f"  the history of {MAX_HISTORY_EVENTS:,} events is full with {full}"
    if usage.items_until_large is not None:
        yield f"  its output is larger than {MAX_PAYLOAD_BYTES // _KIB} KiB with {usage.items_until_large:,} such items"


def _children_lines(usage: ChildrenUsage) -> Iterator[str]:
    least = duration_text(int(least_seconds_of_map_run(usage) * 1_000))
    yield f"distributed Map '{usage.state}' ({counted(usage.count, 'child execution')}, {usage.type})"
    longest = counted(usage.most_events, "event")
    yield f"  together: {counted(usage.transitions, 'transition')}; the longest history has {longest}"
    yield f"  starting them takes {least} or more; {MAX_OPEN_MAP_RUNS:,} Map Runs of an account are open at once"


# load


def _load_lines(load: LoadEstimate) -> Iterator[str]:
    lasts = duration_text(int(load.seconds * 1_000))
    yield f"at {_number(load.rate)} starts a second for {lasts}, in {load.region}"
    rows = [("", "demand", "quota", "")]
    rows.append(("StartExecution", *_bucket(load.starts, refused=True)))
    if load.transitions is not None:
        rows.append(("StateTransition", *_bucket(load.transitions, refused=False)))
    yield from _table(rows, left=(0, 3))
    if load.open is None:
        yield (
            f"  open executions: not known without durations; {MAX_OPEN_EXECUTIONS:,} are reached when each takes "
            f"{duration_text(int(load.longest * 1_000))}"
        )
    else:
        over = ", more than AWS allows" if load.is_open_too_many else ""
        yield f"  open executions: {load.open:,} of {MAX_OPEN_EXECUTIONS:,}{over}"
    if load.map_runs:
        over = "; later ones wait" if load.is_map_runs_too_many else ""
        yield f"  open Map Runs: {load.map_runs:,} of {MAX_OPEN_MAP_RUNS:,}{over}"
    yield f"  DescribeExecution: {load.pollers} clients of the account can ask once a second"
    yield "  quotas are those that AWS gives by default; new accounts begin with fewer, and many are raised"


def _bucket(load: BucketLoad, *, refused: bool) -> tuple[str, str, str]:
    demand = f"{_number(load.demand)}/s"
    quota = f"{load.size:,}, then {_number(load.refill)}/s"
    if not load.is_throttled:
        return demand, quota, "not throttled"
    begins = duration_text(int((load.throttled_from or 0) * 1_000))
    share = f"{float(load.steady_share):.0%}"
    if refused:
        return demand, quota, f"throttled after {begins}: {share} is too much, {load.refused:,} are refused"
    drained = f"{load.backlog:,} wait at the end, {duration_text(int(load.drained_after * 1_000))} more"
    return demand, quota, f"throttled after {begins}: {share} is too much, {drained}"


# states


def _state_lines(mix: RunMix) -> Iterator[str]:
    totals: dict[str, list[Decimal]] = {}
    for run in mix.runs:
        for one in run.usage.states:
            counts = totals.setdefault(one.state, [Decimal(0)] * 3)
            for at, count in enumerate((one.entered, one.retries, one.events)):
                counts[at] += run.share * count
    rows: list[tuple[str, ...]] = [("state", "entered", "retries", "events")]
    busiest = sorted(totals.items(), key=lambda item: -item[1][2])
    for state, counts in busiest[:_MOST_STATES]:
        rows.append((state or "(the execution)", *(f"{count:,.1f}".removesuffix(".0") for count in counts)))
    yield from _table(rows)
    if len(busiest) > _MOST_STATES:
        yield f"  and {counted(len(busiest) - _MOST_STATES, 'more state')} (--json has all)"


# words


def bytes_text(size: int) -> str:
    """`812 bytes`, `12.3 KiB`: as AWS counts payloads."""
    return f"{size / _KIB:,.1f} KiB" if abs(size) >= _KIB else f"{size:,} bytes"


def _number(value: Fraction) -> str:
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")


def _table(rows: Sequence[tuple[str, ...]], left: tuple[int, ...] | None = None) -> Iterator[str]:
    """Rows, indented under a heading: the columns in `left` (the first and the last one) to the left."""
    widths = [max(cell_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    texts = (0, len(widths) - 1) if left is None else left
    for number, row in enumerate(rows):
        cells = []
        for at, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cell_width(cell))
            cells.append(f"{cell}{space}" if at in texts else f"{space}{cell}")
        if number == 0:
            cells[0] += "  "
        yield f"{'  ' if number else ''}{'  '.join(cells)}".rstrip()


# JSON


def forecast_object(forecast: Forecast) -> dict[str, Json]:
    """What `sfdebug forecast --json` prints. Amounts are texts, so that none is rounded."""
    mix = forecast.mix
    costs: list[Json] = [
        {
            "executions": count,
            "standard": _cost_object(forecast.standard(count, is_month=is_month)),
            "express": None if forecast.not_express else _cost_object(forecast.express(count)),
        }
        for count, is_month in forecast.counts
    ]
    return {
        "definition": forecast.definition,
        "type": forecast.type,
        "isEstimate": True,
        "prices": {
            "date": forecast.rates.date.isoformat(),
            "source": forecast.rates.source or None,
            "region": forecast.region,
            "expressRegion": forecast.region if forecast.rates.express(forecast.region) else STANDIN_REGION,
            "currency": forecast.rates.currency(forecast.region),
        },
        "expected": {
            "transitions": [float(mix.transitions), float(mix.transitions + mix.starts)],
            "retries": float(mix.retries),
            "events": float(mix.events),
            "milliseconds": float(mix.milliseconds),
            "isDurationKnown": mix.is_duration_known,
        },
        "costs": costs,
        "notExpress": list(forecast.not_express),
        "expressMemoryMB": mix.memory(forecast.rates),
        "runs": [_run_object(run) for run in mix.runs],
        "load": _load_object(forecast.load) if forecast.load is not None else None,
    }


def _cost_object(cost: CostRange | None) -> Json:
    if cost is None:
        return None
    high = None if cost.high is None else f"{cost.high:f}"
    return {"low": f"{cost.low:f}", "high": high, "currency": cost.currency}


def _run_object(run: WeightedRun) -> Json:
    usage, peak = run.usage, run.usage.peak
    return {
        "name": usage.name,
        "source": str(usage.source),
        "share": float(run.share),
        "status": usage.status,
        "error": usage.error,
        "transitions": usage.total.transitions,
        "childTransitions": usage.child_transitions,
        "retries": usage.total.retries,
        "events": usage.total.events,
        "milliseconds": usage.milliseconds,
        "isDurationKnown": usage.is_duration_known,
        "largestPayload": None
        if peak is None
        else {"bytes": peak.size, "field": peak.field, "state": peak.state or None, "eventId": peak.event_id},
        "states": [
            {"state": one.state or None, "entered": one.entered, "retries": one.retries, "events": one.events}
            for one in usage.states
        ],
        "loops": [loop_object(outlook) for outlook in run.outlooks],
        "maps": [_map_object(one) for one in usage.maps],
        "childExecutions": [_children_object(one) for one in usage.children],
        "notKnown": list(usage.unknown),
    }


def loop_object(outlook: LoopOutlook) -> Json:
    """A loop and how it goes on."""
    loop = outlook.loop
    return {
        "states": list(loop.states),
        "turns": len(loop.turns),
        "transitionsOfATurn": loop.last.transitions,
        "eventsOfATurn": loop.last.events,
        "bytesOfATurn": loop.growth,
        "isEven": loop.is_even,
        "end": str(outlook.end),
        "inTurn": outlook.turn or None,
        "afterMilliseconds": outlook.milliseconds,
        "isRunByEngine": outlook.is_run,
        "error": outlook.error,
        "why": outlook.why or None,
    }


def _map_object(usage: MapUsage) -> Json:
    return {
        "state": usage.state,
        "items": usage.items,
        "transitionsOfAnItem": usage.transitions,
        "eventsOfAnItem": usage.events,
        "outputBytes": usage.output,
        "itemsUntilHistoryIsFull": usage.items_until_full,
        "itemsUntilOutputIsTooLarge": usage.items_until_large,
    }


def _children_object(usage: ChildrenUsage) -> Json:
    return {
        "state": usage.state,
        "type": str(usage.type),
        "count": usage.count,
        "transitions": usage.transitions,
        "mostEvents": usage.most_events,
        "leastSecondsToStart": float(least_seconds_of_map_run(usage)),
    }


def _load_object(load: LoadEstimate) -> Json:
    return {
        "startsPerSecond": float(load.rate),
        "seconds": float(load.seconds),
        "starts": _bucket_object(load.starts),
        "transitions": _bucket_object(load.transitions) if load.transitions is not None else None,
        "openExecutions": load.open,
        "openMapRuns": load.map_runs,
    }


def _bucket_object(load: BucketLoad) -> Json:
    begins = load.throttled_from if load.is_throttled else None
    return {
        "bucket": load.size,
        "refillPerSecond": float(load.refill),
        "perSecond": float(load.demand),
        "throttledAfterSeconds": None if begins is None else float(begins),
        "shareAbove": float(load.steady_share),
        "refused": load.refused,
        "backlog": load.backlog,
        "drainedAfterSeconds": float(load.drained_after),
    }
