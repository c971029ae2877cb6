"""What a redrive would do: by AWS's words and rules, until when, and which states; held against redrives that were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from sfdebug.debugger.recorded.redrive_words import redrive_lines
from sfdebug.engine.execution.decisions import Answer, Redrive, TaskFailure, TaskResult
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.stepping import step
from sfdebug.history.alignment.alignment import align
from sfdebug.history.partings import UNSUCCESSFUL
from sfdebug.history.recording import ExecutionInfo, Recording
from sfdebug.history.redrive import RedriveOutlook, RunAgain, redrive_outlook
from tests.command_line import sfdebug
from tests.compared_pairs import (
    CHILD_FAILED,
    FIELD,
    MAP_ITEM,
    MAP_RUN,
    NO_MATCH_INSIDE,
    PAIRS,
    PARALLEL,
    PAYLOAD,
    TASK_ERROR,
    Pair,
    Run,
    in_folder,
    record,
)
from tests.debugger_runs import machine, passing, task
from tests.engine_runs import begin, finish
from tests.history_runs import read_back

DAY = 86_400_000


def outlook(recording: Recording) -> RedriveOutlook:
    found = redrive_outlook(align(recording))
    assert found is not None
    return found


def failed(pair: Pair) -> Recording:
    return record(pair.definition, pair.failed, "run-failed")


FAILED = [pair for pair in PAIRS if failed(pair).status in UNSUCCESSFUL]


@pytest.mark.parametrize("pair", FAILED, ids=lambda pair: pair.name)
def test_what_it_says_would_run_again_is_what_goes_on_after_a_redrive(pair: Pair) -> None:
    definition = pair.failed.definition or pair.definition
    before = outlook(record(definition, replace_redriven(pair.failed, redriven=False), "x"))
    recording = record(definition, replace_redriven(pair.failed, redriven=True), "x")
    after = align(recording)
    (redriven,) = after.redrives
    gone_on = [(one.state, one.branch) for one in after.visits if recording.events[redriven].id in one.redriven]
    # A Map Run's children have histories of their own.
    assert sorted((one.visit.state, one.visit.branch) for one in before.again) == sorted(gone_on)
    assert before.kept == sum(one.exited is not None for one in align(failed(pair)).visits)


def replace_redriven(run: Run, *, redriven: bool) -> Run:
    return Run(run.input, run.answers, run.definition, run.start_time, redriven, run.settings)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (TASK_ERROR, "Charge; retries are counted anew"),
        (FIELD, "Reject, a Fail state, which fails again"),
        (MAP_ITEM, "2 of 3 iterations of Each; Pick in Each #1; Pick in Each #2; retries are counted anew"),
        (
            PARALLEL,
            "1 of 2 branches of Both; Poor in Both #1, a Fail state, which fails again; retries are counted anew",
        ),
        (NO_MATCH_INSIDE, "1 of 2 branches of Both; Route in Both #1"),
        (MAP_RUN, "of Rows the child executions that did not succeed (Map Run "),
        (CHILD_FAILED, "Sub; retries are counted anew"),
        (PAYLOAD, "Export"),
    ],
    ids=lambda one: one.name if isinstance(one, Pair) else "",
)
def test_it_is_told_in_words(pair: Pair, said: str) -> None:
    found = outlook(failed(pair))
    ended = found.ended_at
    assert ended is not None
    when, again, kept = redrive_lines(found, ended + DAY)
    assert when.startswith("possible since 2025-01-01 00:00:")
    assert when.endswith("14 days after it ended; by AWS's rules, it was not asked")
    assert f"under the definition that it ran: {said}" in again
    assert kept.startswith("would not run again: ")
    assert found.until == ended + 14 * DAY
    (late,) = redrive_lines(found, ended + 14 * DAY + 1)
    assert late.startswith("not possible any more since 2025-01-15 00:00:")


def test_a_map_that_was_tried_again_and_one_whose_data_were_too_large() -> None:
    each = MAP_ITEM.definition["States"]["Each"]
    retried = machine(Each={**each, "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]}, Done=passing())
    recording = record(retried, MAP_ITEM.failed, "x")
    found = outlook(recording)
    assert [(one.again, one.visit.state) for one in found.again] == [
        (RunAgain.PARTS, "Each"), (RunAgain.STATE, "Pick"), (RunAgain.STATE, "Pick"),
    ]  # fmt: skip
    starts = [event.id for event in recording.events if event.type == "MapStateStarted"]
    assert all(one.visit.entered.id > starts[-1] for one in found.again[1:]), "those of the last try alone"
    too_large = machine(Each={**each}, Done=passing())
    big = Run({"lines": [{"sku": "a", "n": 1}] * 3}, {"Pick": {"data": "x" * 100_000}})
    whole = outlook(record(too_large, big, "x"))
    assert [one.again for one in whole.again] == [RunAgain.WHOLE]
    assert "Each with all that is in it, for its data were too large" in redrive_lines(whole)[1]


def test_aws_s_word_comes_first_and_its_rules_where_it_was_not_asked() -> None:
    recording = failed(TASK_ERROR)

    def told(**facts: object) -> list[str]:
        found = replace(recording, facts=replace(recording.facts, **facts))
        return redrive_lines(outlook(found))

    no = told(redrive_status="NOT_REDRIVABLE", redrive_status_reason="State machine is in DELETING status")
    assert no == ["not possible: State machine is in DELETING status; AWS said NOT_REDRIVABLE when it was asked"]
    assert told(redrive_status="REDRIVABLE")[0].endswith("; AWS said REDRIVABLE when it was asked")
    arn = "arn:aws:states:us-east-1:123456789012:express:Orders/Lines:a:b"
    child = told(**{name: getattr(ExecutionInfo.of_arn(arn), name) for name in ("arn", "execution_type")})
    assert child[0].startswith("possible by a redrive of its Map Run, since")
    assert "all of it, from the first state on" in child[1]
    express = "arn:aws:states:us-east-1:123456789012:express:Orders:a:b"
    alone = told(**{name: getattr(ExecutionInfo.of_arn(express), name) for name in ("arn", "execution_type")})
    assert alone[0].startswith("not possible: an Express execution cannot be redriven")
    early = record(TASK_ERROR.definition, Run(**{**vars(TASK_ERROR.failed), "start_time": 1_600_000_000_000}), "x")
    assert "started before the launch of RedriveExecution" in redrive_lines(outlook(early))[0]
    end = recording.events[-1]
    full = replace(recording, events=(*recording.events[:-1], *([recording.events[-2]] * 24_993), end))
    assert len(full.events) == 24_999
    assert redrive_lines(outlook(full))[0].startswith("not possible: Execution history event limit exceeded")


def test_of_one_that_went_well_runs_or_is_not_whole_nothing_is_said() -> None:
    good = record(TASK_ERROR.definition, TASK_ERROR.good, "x")
    assert good.status is ExecutionStatus.SUCCEEDED
    bad = failed(TASK_ERROR)
    for recording in (good, replace(bad, events=bad.events[:-1])):
        assert redrive_outlook(align(recording)) is None


def test_after_a_second_failure_it_is_the_last_end_that_counts() -> None:
    definition = machine(A=task("B"), B=task())
    answers: dict[str, Answer] = {"A": TaskResult(1), "B": TaskFailure("No", "no")}
    execution = finish(begin(definition, {}), lambda request: answers[request.state.name])
    execution = finish(step(execution, Redrive(at=execution.clock + DAY)), lambda request: answers[request.state.name])
    found = outlook(read_back(execution.history))
    assert [(one.visit.state, one.again) for one in found.again] == [("B", RunAgain.STATE)]
    assert found.ended_at == execution.settings.start_time + execution.clock


# the command line


def test_the_summary_as_text_and_as_an_object(tmp_path: Path) -> None:
    folder = in_folder(MAP_ITEM, tmp_path)
    outcome = sfdebug("replay", str(folder / "run-failed"), "--summary")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0].startswith("Status      FAILED after ")
    assert "Failed in   Pick in Each #1, event 21" in lines
    assert any(line.startswith("Redrive     not possible any more since 2025-01-15") for line in lines)
    found = json.loads(sfdebug("replay", str(folder / "run-failed"), "--summary", "--json").out)
    assert found["redrive"]["isPossibleNow"] is False
    assert found["redrive"]["again"][0] == {
        "state": "Each", "branch": [], "how": "parts", "finished": 1, "total": 3, "mapRun": "",
    }  # fmt: skip
    good = sfdebug("replay", str(folder / "run-good"), "--summary")
    assert good.code == 0
    assert "Redrive" not in good.out
    both = sfdebug("replay", str(folder / "run-good"), "--summary", "--tree")
    assert "print different things" in both.err
    assert "--summary is of one execution" in sfdebug("replay", "--summary").err
    assert "--json is the form of" in sfdebug("replay", str(folder / "run-good"), "--json").err
