"""What CloudWatch shows of runs, by family and dimension, and what an alarm on it does not see.

Source: AWS docs, "Monitoring Step Functions metrics using Amazon CloudWatch"; a stuck callback that no alarm saw:
aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#755.
"""

from __future__ import annotations

import json
from typing import Any

from sfdebug import simulate
from sfdebug.debugger.recorded.events import PastEvents
from sfdebug.engine import Settings, step
from sfdebug.engine.execution.decisions import Redrive, TaskFailure, TaskResult, TaskSilence
from sfdebug.forecast.costs import billed_memory
from sfdebug.forecast.metrics import AlarmGap, AlarmGapKind, MetricReport, MetricValues, RunFacts, metrics_of
from sfdebug.forecast.usage import usage_of_simulated
from sfdebug.history.alignment.alignment import align
from sfdebug.history.reading.read import parse_recordings
from sfdebug.limits import ExecutionType
from sfdebug.rates import default_rates
from sfdebug.tasks.running import run_to_end
from sfdebug.values import Json
from tests.unit.forecast.loop_definitions import FUNCTION, machine

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
OPTIMIZED = "arn:aws:states:::lambda:invoke"
FACTS = RunFacts(ARN, region="us-east-1")
STANDARD = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}


class Answers:
    """What each state is answered, call by call; the last answer again and again."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def answer(self, request: Any) -> Any:
        given = self._answers[request.state.name]
        return given[min(request.invocation, len(given) - 1)] if isinstance(given, list) else given


def report(states: dict[str, Any], facts: RunFacts = FACTS, tasks: Any = None, **settings: Any) -> MetricReport:
    execution = simulate(machine(states), {}, tasks, Settings(**settings))
    return metrics_of(execution.events, facts, default_rates())


def values(found: MetricReport) -> dict[tuple[str, str], MetricValues]:
    """By the name of the metric, and the value of its last dimension."""
    return {(key.name, key.dimensions[-1][1]): one for key, one in found.metrics.items()}


def sums(found: MetricReport, of: str) -> dict[str, float]:
    return {name: one.total for (name, dimension), one in values(found).items() if dimension == of}


def kinds(found: MetricReport) -> set[AlarmGapKind]:
    return {gap.kind for gap in found.gaps}


def test_a_bare_arn_and_lambda_invoke_are_different_families() -> None:
    states = {
        "Bare": {"Type": "Task", "Resource": FUNCTION, "Next": "Optimized"},
        "Optimized": {
            "Type": "Task", "Resource": OPTIMIZED, "Parameters": {"FunctionName": "f"}, "Next": "Work",
        },
        "Work": {"Type": "Task", "Resource": ACTIVITY, "End": True},
    }  # fmt: skip
    tasks = Answers(
        Bare=TaskResult(1, after_seconds=0.5), Optimized=TaskResult({}), Work=TaskResult(2, after_seconds=3)
    )
    found = report(states, tasks=tasks)
    assert sums(found, FUNCTION) == {
        "LambdaFunctionsScheduled": 1, "LambdaFunctionsStarted": 1, "LambdaFunctionsSucceeded": 1,
        "LambdaFunctionScheduleTime": 0, "LambdaFunctionRunTime": 500, "LambdaFunctionTime": 500,
    }  # fmt: skip
    assert sums(found, OPTIMIZED)["ServiceIntegrationsSucceeded"] == 1
    assert sums(found, ACTIVITY)["ActivitiesSucceeded"] == 1
    assert sums(found, ACTIVITY)["ActivityTime"] == 3_000
    dimensions = {key.dimensions[0][0] for key in found.metrics}
    assert dimensions == {
        "StateMachineArn", "LambdaFunctionArn", "ServiceIntegrationResourceArn", "ActivityArn", "ServiceMetric",
    }  # fmt: skip
    assert AlarmGap(AlarmGapKind.OTHER_FAMILY, "Optimized") in found.gaps


def test_started_is_emitted_twice_and_its_sum_is_one() -> None:
    found = report(STANDARD["States"])  # type: ignore[arg-type]
    started = values(found)["ExecutionsStarted", ARN]
    assert (started.samples, started.total, started.least, started.most) == (2, 1, 0, 1)
    assert kinds(found) == {AlarmGapKind.STARTED_TWICE}


def test_what_is_retried_or_caught_is_no_failure_of_the_execution() -> None:
    handled = {
        "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done"}],
    }
    states = {"Work": {"Type": "Task", "Resource": FUNCTION, **handled, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    saved = report(states, tasks=Answers(Work=[TaskFailure("Busy"), TaskResult(1)]))
    assert AlarmGap(AlarmGapKind.RETRIED, "Work") in saved.gaps
    assert AlarmGapKind.CAUGHT not in kinds(saved)
    caught = report(states, tasks=Answers(Work=TaskFailure("Busy")))
    assert AlarmGap(AlarmGapKind.RETRIED, "Work", 2) in caught.gaps
    assert AlarmGap(AlarmGapKind.CAUGHT, "Work") in caught.gaps
    assert sums(caught, FUNCTION)["LambdaFunctionsFailed"] == 3
    assert "ExecutionsFailed" not in sums(caught, ARN)
    assert sums(caught, ARN)["ExecutionsSucceeded"] == 1


def test_a_stuck_execution_emits_nothing_but_its_start() -> None:
    """As far as it was recorded: a callback that nobody gives."""
    states = {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}}
    execution = simulate(machine(states), {}, Answers(Ask=TaskSilence()))
    assert str(execution.status) == "TIMED_OUT", "after a year"
    (recording,) = parse_recordings(json.dumps({"events": execution.history[:-1]}).encode(), "stuck")
    found = metrics_of(PastEvents(align(recording)), FACTS, default_rates())
    assert sums(found, ARN) == {"ExecutionsStarted": 1}
    assert AlarmGap(AlarmGapKind.STILL_RUNS, "Ask") in found.gaps
    whole = metrics_of(execution.events, FACTS, default_rates())
    assert sums(whole, ARN)["ExecutionsTimedOut"] == 1
    assert kinds(whole) == {AlarmGapKind.NOT_FAILED, AlarmGapKind.STARTED_TWICE}


def test_a_redriven_execution_counts_both_ends() -> None:
    states = {"Work": {"Type": "Task", "Resource": FUNCTION, "End": True}}
    failed = simulate(machine(states), {}, Answers(Work=TaskFailure("Down")))

    def never(*_: Any) -> Any:
        raise AssertionError

    ended = run_to_end(
        step(failed, Redrive()), Answers(Work=[TaskFailure("Down"), TaskResult(1)]), never, lambda _: None
    )
    found = sums(metrics_of(ended.events, FACTS, default_rates()), ARN)
    expected = ("ExecutionsFailed", "ExecutionsRedriven", "ExecutionsSucceeded", "RedrivenExecutionsSucceeded")
    assert {name: found[name] for name in expected} == dict.fromkeys(expected, 1)
    assert "RedrivenExecutionsFailed" not in found


def test_express_executions_have_memory_and_duration() -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}
    facts = RunFacts(ARN, ExecutionType.EXPRESS, "us-east-1", definition_bytes=1_000_000)
    found = values(report(states, facts, execution_type="EXPRESS"))
    assert found["ExpressExecutionBilledMemory", ARN].total == 64
    assert 51 < found["ExpressExecutionMemory", ARN].total < 51.1
    assert found["ExpressExecutionBilledDuration", ARN].total == 1_000
    assert all(found[f"ExpressExecution{name}", ARN].is_estimate for name in ("Memory", "BilledDuration"))
    assert ("ConsumedCapacity", "StateTransition") not in found


def test_express_memory_is_what_a_forecast_says() -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    states = {"Each": {"Type": "Map", "ItemProcessor": inner, "End": True}}
    given: list[Json] = ["x" * 100_000] * 200
    execution = simulate(machine(states), given, None, Settings(execution_type="EXPRESS", max_payload_bytes=10**9))
    usage = usage_of_simulated(execution, "run")
    rates = default_rates()
    found = values(metrics_of(execution.events, RunFacts(ARN, ExecutionType.EXPRESS, "us-east-1"), rates))
    assert usage.total.payload_bytes > 20_000_000
    assert found["ExpressExecutionBilledMemory", ARN].total == billed_memory(rates, 0, usage.total.payload_bytes) == 128


def test_a_time_out_may_be_a_missed_heartbeat() -> None:
    waiting = {"Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 60, "End": True}
    for more, is_said in (({"HeartbeatSeconds": 5}, True), ({}, False)):
        found = report({"Work": {**waiting, **more}}, tasks=Answers(Work=TaskSilence()))
        assert sums(found, ACTIVITY)["ActivitiesTimedOut"] == 1
        assert (AlarmGap(AlarmGapKind.PERHAPS_HEARTBEAT, "Work") in found.gaps) is is_said


def test_integrations_are_of_the_machines_partition() -> None:
    waiting = {
        "Type": "Task",
        "Resource": "arn:aws-cn:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    facts = RunFacts(ARN.replace("aws:", "aws-cn:", 1).replace("us-east-1", "cn-north-1"), region="cn-north-1")
    found = report({"Ask": waiting}, facts, Answers(Ask=TaskResult({})))
    assert sums(found, "arn:aws-cn:states:::lambda:invoke.waitForTaskToken")["ServiceIntegrationsSucceeded"] == 1
    assert AlarmGap(AlarmGapKind.OTHER_FAMILY, "Ask") in found.gaps


def test_versions_and_names_in_dimensions() -> None:
    facts = RunFacts("arn:aws:states:us-east-1:123456789012:stateMachine:Größe", version="7", alias="live")
    found = report(STANDARD["States"], facts)  # type: ignore[arg-type]
    succeeded = [key.dimensions[1:] for key in found.metrics if key.name == "ExecutionsSucceeded"]
    assert succeeded == [(), (("Alias", "live"),), (("Version", "7"),)]
    assert AlarmGapKind.UNNAMED in kinds(found)


def test_several_runs_are_added_up() -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 2, "End": True}}
    one = report(states)
    both = one.merged(one.merged(report({"Wait": {"Type": "Wait", "Seconds": 5, "End": True}})))
    assert both.runs == 3
    times = values(both)["ExecutionTime", ARN]
    assert (times.samples, times.total, times.least, times.most) == (3, 9_000, 2_000, 5_000)
    assert values(both)["ConsumedCapacity", "StateTransition"].total == 3
    assert both.gaps == (AlarmGap(AlarmGapKind.STARTED_TWICE, "", 3),)
