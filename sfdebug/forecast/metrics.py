"""What CloudWatch shows of runs, by metric and dimension, and what an alarm on it does not see.

Source: AWS docs, "Monitoring Step Functions metrics using Amazon CloudWatch". An execution emits at its start and at
its end; Tasks emit when they are scheduled, started and over; what waits emits nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct

from sfdebug.engine.execution.events import Event, EventType
from sfdebug.forecast.costs import billed_memory, billed_milliseconds
from sfdebug.forecast.meter import RunMeter, raw_details
from sfdebug.history.recording import ENDINGS, TASK_FAMILIES
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.rates import RateTable

STATES: Final = "AWS/States"
COUNT: Final = "Count"
MILLISECONDS_UNIT: Final = "Milliseconds"
MEGABYTES: Final = "Megabytes"

_FAMILIES: Final = {
    "Activity": ("Activities", "Activity", "ActivityArn"),
    "LambdaFunction": ("LambdaFunctions", "LambdaFunction", "LambdaFunctionArn"),
    "Task": ("ServiceIntegrations", "ServiceIntegration", "ServiceIntegrationResourceArn"),
}
"""By the prefix of the events: that of the counts, that of the times, and the dimension."""
_ENDS: Final = ("Succeeded", "Failed", "TimedOut")
_NOT_COUNTED: Final = ("ScheduleFailed", "StartFailed", "SubmitFailed")
_END_METRICS: Final = {
    EventType.EXECUTION_SUCCEEDED: "ExecutionsSucceeded",
    EventType.EXECUTION_FAILED: "ExecutionsFailed",
    EventType.EXECUTION_TIMED_OUT: "ExecutionsTimedOut",
    EventType.EXECUTION_ABORTED: "ExecutionsAborted",
}


METRIC_NAMES: Final = (
    "ExecutionsStarted",
    *_END_METRICS.values(),
    "ExecutionTime",
    "ExecutionsRedriven",
    *(f"Redriven{name}" for name in _END_METRICS.values()),
    *(f"{plural}{what}" for plural, _, _ in _FAMILIES.values() for what in ("Scheduled", "Started", *_ENDS)),
    *(f"{one}{what}" for _, one, _ in _FAMILIES.values() for what in ("ScheduleTime", "RunTime", "Time")),
)
"""The metrics of runs and of what they call that can be told from events, in AWS's names."""


class MetricKey(Struct, frozen=True, order=True):
    """Which metric of which dimensions, each with its name and value."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str


class MetricValues(Struct, frozen=True):
    """What was emitted of a metric: the statistics that CloudWatch has. `is_estimate`: reckoned, not told by events."""

    samples: int
    total: float
    least: float
    most: float
    is_estimate: bool = False

    def with_one(self, value: float) -> MetricValues:
        """The same with one more sample."""
        return MetricValues(
            self.samples + 1, self.total + value, min(self.least, value), max(self.most, value), self.is_estimate
        )

    def with_others(self, other: MetricValues) -> MetricValues:
        """Both together."""
        return MetricValues(
            self.samples + other.samples,
            self.total + other.total,
            min(self.least, other.least),
            max(self.most, other.most),
            self.is_estimate or other.is_estimate,
        )


class AlarmGapKind(StrEnum):
    """What an alarm does not see."""

    STILL_RUNS = "still runs"
    """An execution that waits emits nothing: neither a failure nor its time."""
    INCOMPLETE = "incomplete"
    """Events are missing in a history: what they would emit is not counted, nor is it known whether it still runs."""
    STARTED_TWICE = "started twice"
    """ExecutionsStarted is emitted with 1 at the start and with 0 at the end: its SampleCount is twice its Sum."""
    NOT_FAILED = "not failed"
    """ExecutionsFailed does not count what timed out or was aborted."""
    RETRIED = "retried"
    """Attempts that failed and were tried again are no failures of the execution."""
    CAUGHT = "caught"
    """Failures that were caught are no failures of the execution."""
    OTHER_FAMILY = "other family"
    """Functions called by lambda:invoke are counted as service integrations, not as Lambda functions."""
    NO_METRIC = "no metric"
    """A Task that could not be scheduled, started or submitted: no metric is documented for it."""
    PERHAPS_HEARTBEAT = "perhaps a heartbeat"
    """An attempt with a heartbeat's limit timed out: a history has a missed heartbeat as the same event."""
    UNNAMED = "unnamed"
    """Names with other characters than those of ASCII are not in metrics."""


class AlarmGap(Struct, frozen=True, order=True):
    """Something that an alarm does not see, in how many cases; of which state, where it is of one."""

    kind: AlarmGapKind
    state: str = ""
    count: int = 1


class RunFacts(Struct, frozen=True):
    """What is known of an execution besides its events, for the dimensions of its metrics. `is_complete` says that no
    event is missing."""

    machine_arn: str
    type: ExecutionType = ExecutionType.STANDARD
    region: str = ""
    version: str = ""
    alias: str = ""
    definition_bytes: int = 0
    is_complete: bool = True

    @property
    def partition(self) -> str:
        """The part of AWS that it runs in, as ARNs have it."""
        return self.machine_arn.split(":")[1] if self.machine_arn.startswith("arn:") else "aws"


class MetricReport(Struct, frozen=True):
    """The metrics of some runs, and what an alarm on them does not see."""

    runs: int
    metrics: Mapping[MetricKey, MetricValues]
    gaps: tuple[AlarmGap, ...]

    def merged(self, other: MetricReport) -> MetricReport:
        """Both together."""
        metrics = dict(self.metrics)
        for key, values in other.metrics.items():
            metrics[key] = metrics[key].with_others(values) if key in metrics else values
        counts: dict[tuple[AlarmGapKind, str], int] = {}
        for gap in (*self.gaps, *other.gaps):
            counts[gap.kind, gap.state] = counts.get((gap.kind, gap.state), 0) + gap.count
        gaps = tuple(AlarmGap(kind, state, count) for (kind, state), count in counts.items())
        return MetricReport(self.runs + other.runs, metrics, gaps)


def metrics_of(events: Sequence[Event], facts: RunFacts, rates: RateTable) -> MetricReport:
    """What CloudWatch shows of one run."""
    return _Emitter(facts, rates).report(events)


class _OpenAttempt(NamedTuple):
    """An attempt of a Task: what it called, when it was scheduled and started, whether it sends heartbeats, and
    whether it has failed."""

    resource: str
    scheduled: int
    has_heartbeats: bool
    started: int | None = None
    has_failed: bool = False


class _Emitter:
    """Takes the events of one run, and notes what is emitted at each."""

    def __init__(self, facts: RunFacts, rates: RateTable) -> None:
        self._facts = facts
        self._rates = rates
        self._values: dict[MetricKey, MetricValues] = {}
        self._gaps: dict[tuple[AlarmGapKind, str], int] = {}
        self._attempts: dict[tuple[BranchId, str], _OpenAttempt] = {}
        self._inside: dict[tuple[BranchId, str], int] = {}
        self._failed: dict[tuple[BranchId, str], int] = {}
        self._started = 0
        self._redriven = 0

    def report(self, events: Sequence[Event]) -> MetricReport:
        """The metrics of all events."""
        for event in events:
            self._take(event)
        end = events[-1].type if events and events[-1].type in ENDINGS else None
        if not self._facts.is_complete:
            self._gap(AlarmGapKind.INCOMPLETE)
        elif end is None:
            for _, state in self._inside or {((), ""): 0}:
                self._gap(AlarmGapKind.STILL_RUNS, state)
        if end in (EventType.EXECUTION_TIMED_OUT, EventType.EXECUTION_ABORTED):
            self._gap(AlarmGapKind.NOT_FAILED)
        if not self._facts.machine_arn.isascii():
            self._gap(AlarmGapKind.UNNAMED)
        self._capacity(events)
        gaps = tuple(AlarmGap(kind, state, count) for (kind, state), count in self._gaps.items())
        return MetricReport(1, dict(sorted(self._values.items())), gaps)

    def _take(self, event: Event) -> None:
        if event.type == EventType.EXECUTION_STARTED:
            self._started = event.time
            self._of_execution("ExecutionsStarted", 1)
        elif event.type == EventType.EXECUTION_REDRIVEN:
            self._redriven += 1
            self._of_execution("ExecutionsRedriven", 1)
        elif event.type in ENDINGS:
            self._end(event)
        elif event.type.endswith("StateEntered"):
            self._inside[event.branch, event.state] = event.time
        elif event.type.endswith("StateExited"):
            self._leave(event)
        else:
            family = next((one for one in TASK_FAMILIES if event.type.startswith(one)), None)
            if family is not None and not event.type.startswith("TaskState"):
                self._of_task(family, event)

    def _leave(self, event: Event) -> None:
        """A state that is left in spite of failures was tried again, or caught the last of them."""
        key = (event.branch, event.state)
        self._inside.pop(key, None)
        failed, attempt = self._failed.pop(key, 0), self._attempts.pop(key, None)
        caught = int(bool(failed) and (attempt is None or attempt.has_failed))
        if failed > caught:
            self._gap(AlarmGapKind.RETRIED, event.state, failed - caught)
        if caught:
            self._gap(AlarmGapKind.CAUGHT, event.state)

    def _end(self, event: Event) -> None:
        """Started again with 0, how it ended, and how long it was; what ends after a redrive counts as that, too."""
        self._of_execution("ExecutionsStarted", 0)
        self._gap(AlarmGapKind.STARTED_TWICE)
        name = _END_METRICS[EventType(event.type)]
        self._of_execution(name, 1)
        if self._redriven:
            self._of_execution(f"Redriven{name}", 1)
        lasted = max(0, event.time - self._started)
        self._of_execution("ExecutionTime", lasted, MILLISECONDS_UNIT)

    def _of_execution(self, name: str, value: float, unit: str = COUNT, *, is_estimate: bool = False) -> None:
        facts, dimensions = self._facts, (("StateMachineArn", self._facts.machine_arn),)
        self._emit(name, dimensions, value, unit, is_estimate=is_estimate)
        for what, named in (("Version", facts.version), ("Alias", facts.alias)):
            if named:
                self._emit(name, (*dimensions, (what, named)), value, unit, is_estimate=is_estimate)

    def _of_task(self, family: str, event: Event) -> None:
        what, key = event.type.removeprefix(family), (event.branch, event.state)
        plural, singular, dimension = _FAMILIES[family]
        if what == "Scheduled":
            details = raw_details(event)
            resource = _resource(family, details, self._facts.partition)
            self._attempts[key] = _OpenAttempt(resource, event.time, "heartbeatInSeconds" in details)
            if family == "Task" and resource.split(":", 5)[5].startswith("lambda:invoke"):
                self._gap(AlarmGapKind.OTHER_FAMILY, event.state)
        elif what in _NOT_COUNTED:
            self._gap(AlarmGapKind.NO_METRIC, event.state)
            self._fail(key)
            return
        attempt = self._attempts.get(key)
        if attempt is None or what not in ("Scheduled", "Started", *_ENDS):
            return
        dimensions = ((dimension, attempt.resource),)
        self._emit(f"{plural}{what}", dimensions, 1)
        if what == "Started":
            self._attempts[key] = attempt._replace(started=event.time)
            self._emit(f"{singular}ScheduleTime", dimensions, event.time - attempt.scheduled, MILLISECONDS_UNIT)
        elif what in _ENDS:
            if attempt.started is not None:
                self._emit(f"{singular}RunTime", dimensions, event.time - attempt.started, MILLISECONDS_UNIT)
            self._emit(f"{singular}Time", dimensions, event.time - attempt.scheduled, MILLISECONDS_UNIT)
            if what != "Succeeded":
                self._fail(key)
            if what == "TimedOut" and attempt.has_heartbeats:
                self._gap(AlarmGapKind.PERHAPS_HEARTBEAT, event.state)

    def _fail(self, key: tuple[BranchId, str]) -> None:
        self._failed[key] = self._failed.get(key, 0) + 1
        if key in self._attempts:
            self._attempts[key] = self._attempts[key]._replace(has_failed=True)

    def _capacity(self, events: Sequence[Event]) -> None:
        """What the run took of the account's transitions, or is billed for as Express."""
        meter, facts = RunMeter(events), self._facts
        if facts.type is ExecutionType.STANDARD:
            quota = self._rates.quota("StateTransition", facts.region)
            dimensions = (("ServiceMetric", "StateTransition"),)
            self._emit("ConsumedCapacity", dimensions, meter.total.transitions, is_estimate=True)
            if quota is not None and facts.region:
                self._emit("ProvisionedBucketSize", dimensions, quota.size, is_estimate=True)
                self._emit("ProvisionedRefillRate", dimensions, quota.refill, is_estimate=True)
            return
        end = events[-1] if events and events[-1].type in ENDINGS else None
        if end is None:
            return
        held = meter.total.payload_bytes
        memory = billed_memory(self._rates, facts.definition_bytes, held)
        used = self._rates.memory_base + (facts.definition_bytes + held) / 1_000_000
        billed = billed_milliseconds(self._rates, Decimal(max(0, end.time - self._started)))
        for name, value, unit in (
            ("ExpressExecutionMemory", used, MEGABYTES),
            ("ExpressExecutionBilledMemory", memory, MEGABYTES),
            ("ExpressExecutionBilledDuration", billed, MILLISECONDS_UNIT),
        ):
            self._of_execution(name, value, unit, is_estimate=True)

    def _emit(
        self,
        name: str,
        dimensions: tuple[tuple[str, str], ...],
        value: float,
        unit: str = COUNT,
        *,
        is_estimate: bool = False,
    ) -> None:
        key = MetricKey(STATES, name, dimensions, unit)
        known = self._values.get(key)
        self._values[key] = (
            MetricValues(1, value, value, value, is_estimate) if known is None else known.with_one(value)
        )

    def _gap(self, kind: AlarmGapKind, state: str = "", count: int = 1) -> None:
        self._gaps[kind, state] = self._gaps.get((kind, state), 0) + count


def _resource(family: str, details: Mapping[str, Any], partition: str) -> str:
    """What the dimension of a Task's metrics names: an ARN of a function or an activity, or of an integration."""
    resource = details.get("resource")
    named = resource if isinstance(resource, str) else ""
    if family != "Task":
        return named
    service = details.get("resourceType")
    return f"arn:{partition}:states:::{service}:{named}"
