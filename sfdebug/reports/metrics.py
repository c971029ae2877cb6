"""What CloudWatch shows of runs, as lines of text and as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.forecast.metrics import COUNT, AlarmGap, AlarmGapKind, MetricKey, MetricReport, MetricValues
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.values import Json

_WORDS: Final = {
    AlarmGapKind.STILL_RUNS: "{times} still runs{states}: it emits nothing until it is over, no failure and no time: "
    "an alarm on failures never fires",
    AlarmGapKind.INCOMPLETE: "{times} events are missing in a history: what they emit is not counted here",
    AlarmGapKind.STARTED_TWICE: "ExecutionsStarted is emitted twice, 1 at the start and 0 at the end: use Sum, not "
    "SampleCount",
    AlarmGapKind.NOT_FAILED: "{times} timed out or was aborted: ExecutionsFailed does not count that",
    AlarmGapKind.RETRIED: "{times} an attempt{states} failed and was tried again: no failure of the execution",
    AlarmGapKind.CAUGHT: "{times} a failure{states} was caught: no failure of the execution",
    AlarmGapKind.OTHER_FAMILY: "{times} lambda:invoke{states}: a service integration, not in LambdaFunctionsFailed",
    AlarmGapKind.NO_METRIC: "{times} a Task{states} was not scheduled, started or submitted: no metric is documented "
    "for that",
    AlarmGapKind.PERHAPS_HEARTBEAT: "{times} an attempt{states} that sends heartbeats timed out: counted as TimedOut, "
    "though it may have missed one (of activities that is ActivitiesHeartbeatTimedOut): a history does not tell",
    AlarmGapKind.UNNAMED: "the state machine's name has characters that metrics do not take",
}
_MOST_NAMED: Final = 4


def metric_lines(report: MetricReport) -> Iterator[str]:
    """The metrics by their dimensions, and what an alarm does not see."""
    yield f"what CloudWatch shows of {counted(report.runs, 'run')}, in AWS/States"
    by_dimensions: dict[tuple[tuple[str, str], ...], list[tuple[MetricKey, MetricValues]]] = {}
    for key, values in report.metrics.items():
        by_dimensions.setdefault(key.dimensions, []).append((key, values))
    width = max((len(key.name) for key in report.metrics), default=0)
    for dimensions, metrics in by_dimensions.items():
        yield ""
        yield ", ".join(f"{name} {value or '(not known)'}" for name, value in dimensions)
        for key, values in metrics:
            yield f"  {key.name:<{width}}  {_values_text(key, values)}"
    yield ""
    yield "what an alarm does not see"
    for kind in AlarmGapKind:
        gaps = [gap for gap in report.gaps if gap.kind is kind]
        if gaps:
            yield f"  {gap_text(gaps)}"
    yield "  ExecutionThrottled, ThrottledEvents: no history tells them (sfdebug forecast --rate says when they begin)"
    yield "  OpenExecutionCount and the other Open… metrics: of the account, and below 10,000 they may read as 0"


def _values_text(key: MetricKey, values: MetricValues) -> str:
    estimate = " (estimate)" if values.is_estimate else ""
    if key.name.startswith("Provisioned"):  # a level, which is not added up
        return f"{_number(values.most)}{estimate}"
    if key.unit == COUNT:
        zeros = f" of {values.samples:,} samples" if values.least == 0 < values.most else ""
        return f"{values.total:,.0f}{zeros}{estimate}"
    unit = "ms" if key.unit == "Milliseconds" else "MB"
    if values.samples == 1:
        return f"{_number(values.total)} {unit}{estimate}"
    average = values.total / values.samples
    least, most = _number(values.least), _number(values.most)
    return f"{_number(average)} {unit} on average, {least} to {most} ({values.samples:,} samples){estimate}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.1f}".removesuffix(".0")


def gap_text(gaps: Sequence[AlarmGap]) -> str:
    """What an alarm does not see, of one kind, in a sentence."""
    named = [f"'{gap.state}'" for gap in gaps if gap.state]
    more = f" and {len(named) - _MOST_NAMED:,} more" if len(named) > _MOST_NAMED else ""
    states = f" in {', '.join(named[:_MOST_NAMED])}{more}" if named else ""
    return _WORDS[gaps[0].kind].format(times=f"{sum(gap.count for gap in gaps):,} ×", states=states)


def metrics_object(report: MetricReport) -> dict[str, Json]:
    """What `sfdebug metrics --json` prints."""
    return {
        "runs": report.runs,
        "metrics": [_metric_object(key, values) for key, values in report.metrics.items()],
        "notSeen": [{"kind": str(gap.kind), "state": gap.state or None, "count": gap.count} for gap in report.gaps],
    }


def _metric_object(key: MetricKey, values: MetricValues) -> Json:
    return {
        "namespace": key.namespace,
        "name": key.name,
        "dimensions": dict(key.dimensions),
        "unit": key.unit,
        "sampleCount": values.samples,
        "sum": values.total,
        "minimum": values.least,
        "maximum": values.most,
        "isEstimate": values.is_estimate,
    }
