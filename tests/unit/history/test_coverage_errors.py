"""What goes wrong is counted as well: limits, Retriers that run out, items and branches that fail, numbers of items."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

import sfdebug
from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.decisions import Answer, Provenance, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import UsageError
from sfdebug.history.coverage.items import coverage_items, merged
from sfdebug.history.coverage.model import ERROR_PATHS, Coverage, CoverageKind
from sfdebug.history.coverage.taking import taken_in
from sfdebug.reports.coverage.text import item_text
from tests.engine_runs import run
from tests.history_runs import recorded

TASK = "arn:aws:states:::lambda:invoke"
CALL: dict[str, Any] = {"Type": "Task", "Resource": TASK, "End": True}


def machine(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state}}


def taken(definition: dict[str, Any], given: Any, *answers: Answer) -> dict[str, int]:
    """What a run took whose Tasks are answered one after the other, in words; what it did not is left out."""
    said = iter(answers)
    found = merged(definition_from(definition), [taken_in(run(definition, given, lambda request: next(said)))])
    return {item_text(item): count for item, count in found.counts.items() if count}


def test_limits_that_were_passed() -> None:
    task = machine({**CALL, "TimeoutSeconds": 5, "HeartbeatSeconds": 2, "Catch": [
        {"ErrorEquals": ["States.ALL"], "Next": "B"}]})  # fmt: skip
    task["States"]["B"] = {"Type": "Succeed"}
    assert "'A' misses its heartbeat" in taken(task, {}, TaskSilence())
    late = taken(task, {}, TaskFailure("States.Timeout"))
    assert "'A' times out" in late
    assert "'A' misses its heartbeat" not in late
    assert "'A' misses its heartbeat" in taken(task, {}, TaskFailure("States.HeartbeatTimeout"))
    plain = machine(CALL)
    assert not [item for item in coverage_items(definition_from(plain)) if item.kind is CoverageKind.TIMEOUT]
    assert taken(plain, {}, TaskFailure("States.Timeout")) == {"start of the execution > 'A'": 1, "'A'": 1}


def test_the_time_of_the_whole_execution_can_be_over() -> None:
    slow = {"TimeoutSeconds": 60, **machine({"Type": "Wait", "SecondsPath": "$.for", "End": True})}
    first = coverage_items(definition_from(slow))[0]
    assert (item_text(first), first.state, first.kind in ERROR_PATHS) == ("the execution times out", (), True)
    assert "the execution times out" not in taken(slow, {"for": 59})
    assert taken(slow, {"for": 61})["the execution times out"] == 1
    execution = run(definition_from(slow), {"for": 61})
    end = execution.events[-1].id
    assert first in taken_in(execution, end + 1).counts
    assert first not in taken_in(execution, end).counts, "it was recorded that it went on"
    never = machine({"Type": "Wait", "SecondsPath": "$.for", "End": True})
    assert not [item for item in coverage_items(definition_from(never)) if item.kind is CoverageKind.TIMEOUT]
    assert "the execution times out" not in taken(never, {"for": 99_999_999}), "AWS's own limit is no item"
    longer = {**slow, "TimeoutSeconds": 99_000_000}
    assert "the execution times out" not in taken(longer, {"for": 99_999_999}), "it ended by AWS's before that"


def test_a_retrier_tries_again_and_runs_out() -> None:
    definition = machine({**CALL, "Retry": [
        {"ErrorEquals": ["Never"], "MaxAttempts": 0}, {"ErrorEquals": ["Busy"], "MaxAttempts": 1}]})  # fmt: skip
    names = [item_text(item) for item in coverage_items(definition_from(definition)) if item.kind in ERROR_PATHS]
    assert names == [
        "Retrier #1 of 'A' runs out of attempts",  # it has none: nothing is tried again by it
        "Retrier #2 of 'A' tries again",
        "Retrier #2 of 'A' runs out of attempts",
    ]
    once = taken(definition, {}, TaskFailure("Busy"), TaskResult(1))
    assert (once.get(names[1]), once.get(names[2])) == (1, None)
    out = taken(definition, {}, TaskFailure("Busy"), TaskFailure("Busy"))
    assert (out.get(names[1]), out.get(names[2])) == (1, 1)
    assert names[0] in taken(definition, {}, TaskFailure("Never"))


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
@pytest.mark.parametrize(("count", "words"), [(0, "no items"), (1, "one item"), (3, "several items")])
def test_how_many_items_a_map_had(mode: str, count: int, words: str) -> None:
    processor = {"ProcessorConfig": {"Mode": mode, "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": CALL}}
    if mode == "INLINE":
        processor["ProcessorConfig"] = {"Mode": mode}
    definition = machine({"Type": "Map", "ItemProcessor": processor, "End": True})
    found = merged(definition_from(definition), [taken_in(run(definition, [0] * count))])
    sizes = [item_text(item) for item, times in found.of(CoverageKind.ITEMS).items() if times]
    assert sizes == [f"'A' with {words}"]


class Whole(Struct, frozen=True):
    """Answers whatever is asked, a whole Map Run too."""

    said: Answer

    def answer(self, request: TaskRequest) -> Answer | None:
        """The same always."""
        return self.said


def test_items_and_branches_that_fail() -> None:
    each = machine({"Type": "Map", "ItemProcessor": {"StartAt": "B", "States": {"B": CALL}}, "End": True})
    assert "'A' has an item that fails" in taken(each, [1], TaskFailure("X"))
    both = machine({"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "B", "States": {"B": CALL}},
        {"StartAt": "C", "States": {"C": {"Type": "Pass", "End": True}}}]})  # fmt: skip
    assert "'A' has a branch that fails" in taken(both, {}, TaskFailure("X"))
    assert "'A' has a branch that fails" not in taken(both, {}, TaskResult(1))
    calm = machine({"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "C", "States": {"C": {"Type": "Pass", "End": True}}}]})  # fmt: skip
    assert not [item for item in coverage_items(definition_from(calm)) if item.kind in ERROR_PATHS]


def test_a_map_run_that_a_recording_answers_whole_was_not_seen_into() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B",
                 "States": {"B": CALL}}  # fmt: skip
    definition = machine({"Type": "Map", "ItemProcessor": processor, "End": True})

    def found(provenance: Provenance) -> Coverage:
        execution = sfdebug.simulate(definition, [1, 2], Whole(TaskResult([1, 1], provenance=provenance)))
        return merged(definition_from(definition), [taken_in(execution)])

    seen = found(Provenance.RECORDED)
    assert seen.unseen == {("A",)}
    assert {item_text(item) for item in seen.unknown} == {
        "start of 'A' > 'A'[0]/'B'", "'A'[0]/'B'", "'A' has an item that fails",
    }  # fmt: skip
    assert (seen.share((CoverageKind.STATE,)).taken, seen.share((CoverageKind.STATE,)).total) == (1, 1)
    mocked = found(Provenance.MOCKED)  # nobody but the mock kept it from being run
    assert not mocked.unknown
    assert (mocked.share((CoverageKind.STATE,)).taken, mocked.share((CoverageKind.STATE,)).total) == (1, 2)


def test_a_recording_of_another_version_counts_up_to_where_it_parts() -> None:
    def version(limit: int) -> dict[str, Any]:
        return {"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Next": "Large?"},
            "Large?": {"Type": "Choice", "Default": "Small",
                       "Choices": [{"Variable": "$.n", "NumericGreaterThan": limit, "Next": "Large"}]},
            "Small": {"Type": "Succeed"}, "Large": {"Type": "Succeed"}}}  # fmt: skip

    events = recorded(version(10), {"n": 5})  # went to Small
    same = sfdebug.coverage(version(10), [events])
    assert [item_text(item) for item in same.never()] == [
        "rule #1 of 'Large?'", "'Large?' > 'Large' by Choice", "'Large'"]  # fmt: skip
    other = sfdebug.coverage(version(1), [events])  # would go to Large
    counts = {item_text(item): count for item, count in other.counts.items()}
    assert (counts["'A'"], counts["'Large?'"]) == (1, 1)
    assert not any(counts[name] for name in ("'Large'", "'Small'", "rule #1 of 'Large?'", "Default of 'Large?'"))


def test_coverage_of_runs_and_recordings_together() -> None:
    definition = machine({"Type": "Pass", "End": True})
    found = sfdebug.coverage(definition, [sfdebug.simulate(definition, {}), recorded(definition, {})])
    assert (found.executions, found.share().percent) == (2, 100.0)
    assert (found + found).executions == 4
    assert set((found + found).counts.values()) == {4}
    with pytest.raises(UsageError, match="another definition"):
        sfdebug.coverage(machine({"Type": "Succeed"}), [sfdebug.simulate(definition, {})])
    with pytest.raises(UsageError, match="in several"):
        sfdebug.coverage(definition, sfdebug.simulate(definition, {}))  # type: ignore[arg-type]
