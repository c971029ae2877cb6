"""`sfdebug verify` as somebody asks it at night: would the mend have held in the executions that failed?"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.aws_stub import EXECUTION, MACHINE, START, ApiError, StubAws
from tests.command_line import Outcome, sfdebug
from tests.history_runs import recorded
from tests.unit.history.verification.test_mending import CATCH, DONE, ORDER, answers, changed

BROKEN = changed(DONE)
MEND = changed({**DONE, "Put/Catch": CATCH})


@pytest.fixture(autouse=True)
def environment(isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, definition in (("broken", BROKEN), ("mend", MEND), ("order", ORDER)):
        Path(f"{name}.asl.json").write_text(json.dumps(definition), encoding="utf-8")


@pytest.fixture
def aws(served: tuple[StubAws, str]) -> StubAws:
    served[0].reset()
    return served[0]


@pytest.fixture
def asked(served: tuple[StubAws, str], aws: StubAws) -> Any:
    def ask(*argv: str) -> Outcome:
        return sfdebug(*argv, "--endpoint-url", served[1])

    return ask


def named(number: int) -> str:
    return EXECUTION.replace("run-1", f"run-{number}")


def add(aws: StubAws, *numbers: int, x: str = "bad", definition: dict[str, Any] = BROKEN, age: float = 0) -> None:
    """Executions that were started so many seconds before `START`, the newest first."""
    for number in numbers:
        events = recorded(definition, {"x": x}, answers, name=f"run-{number}", start_time=int(START * 1000))
        timed = [{**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()} for event in events]
        status = "FAILED" if timed[-1]["type"] == "ExecutionFailed" else "SUCCEEDED"
        aws.add_execution(
            named(number), timed, json.dumps(definition), status=status, startDate=START - age, stopDate=START + 9 - age
        )


def test_only_those_that_failed_are_asked_for_and_grouped_by_what_would_have_come_of_them(
    aws: StubAws, asked: Any
) -> None:
    add(aws, 9, x="good")
    add(aws, 8, 7, 6)
    add(aws, 5, definition=ORDER)
    outcome = asked("verify", "mend.asl.json", "--machine", MACHINE, "--status", "failed", "--last", "4")
    assert outcome.code == 1, outcome.err
    lists = [given for operation, given in aws.requests if operation == "ListExecutions"]
    assert [given["statusFilter"] for given in lists] == ["FAILED"]
    lines = outcome.out.splitlines()
    assert lines[0].split("  ")[0] == "now succeeds"
    assert lines[0].endswith("3  it goes another way from 'Put' on")
    assert lines[1] == "    compared up to event 14, computed from there on"
    assert lines[2] == f"      {named(8)}, {named(7)}, {named(6)}"
    assert "goes on where it failed" in lines[3], "the recording of it never asked Put"
    assert "'Put' is called" in lines[3]
    assert "by what they were recorded to fail with:" in lines
    assert "      3  Broken in 'Put': order ‹n› is broken" in lines
    assert "      1  States.Runtime in 'Pick': " in outcome.out
    assert "taken by 4 executions: " in outcome.out
    assert "  never: rule #1 of 'Enough?'" in lines
    assert lines[-1] == "3 of 4 executions proved to succeed (now succeeds: 3, goes on where it failed: 1)"
    assert not aws.refused


def test_a_second_look_reads_no_history_again(aws: StubAws, asked: Any) -> None:
    add(aws, 3, 2)
    argv = ("verify", "mend.asl.json", "--machine", MACHINE, "--status", "FAILED")
    first = asked(*argv)
    assert [operation for operation, _ in aws.requests].count("GetExecutionHistory") == 2
    del aws.requests[:]
    assert asked(*argv).out == first.out
    assert {operation for operation, _ in aws.requests} == {"ListExecutions"}


def test_all_proved_is_the_only_success(aws: StubAws, asked: Any) -> None:
    add(aws, 3, 2)
    add(aws, 1, x="good")
    argv = ("verify", "mend.asl.json", "--machine", MACHINE)
    assert asked(*argv, "--status", "FAILED,SUCCEEDED").code == 0
    assert asked(*argv, "--status", "FAILED", "--status", "SUCCEEDED", "--last", "1").code == 0
    broken = asked("verify", "broken.asl.json", "--machine", MACHINE, "--outcomes")
    assert broken.code == 1
    assert "same failure again" in broken.out
    assert "1 of 3 executions proved to succeed (succeeds as recorded: 1, same failure again: 2)" in broken.out


def test_as_json_and_junit(aws: StubAws, asked: Any) -> None:
    add(aws, 2, 1)
    add(aws, 0, definition=ORDER)
    outcome = asked("verify", "mend.asl.json", "--machine", MACHINE, "--outcomes", "--json", "--junit", "r.xml")
    found = json.loads(outcome.out)
    assert found["outcomes"]["counts"]["nowSucceeds"] == 2
    assert found["outcomes"]["groups"][0]["executions"] == [named(2), named(1)]
    assert found["outcomes"]["failures"][0] == {
        "state": "Put", "error": "Broken", "causeShape": "order ‹n› is broken", "total": 2,
        "outcomes": {"nowSucceeds": 2},
    }  # fmt: skip
    mending = found["histories"][0]["mending"]
    assert (mending["outcome"], mending["recorded"], mending["comparedTo"]) == ("nowSucceeds", "FAILED", 14)
    assert found["histories"][0]["status"] == "diverges", "the verdict is what it is"
    coverage = found["coverage"]
    assert (coverage["executions"], coverage["catchers"]["taken"], coverage["catchers"]["total"]) == (3, 1, 1)
    report = Path("r.xml").read_text(encoding="utf-8")
    assert 'tests="3" failures="0" errors="1"' in report, "what nobody knows is no success"
    assert "'Put' is called" in report


def test_since_when(aws: StubAws, asked: Any) -> None:
    add(aws, 3, age=60)
    add(aws, 2, age=4000)
    argv = ("verify", "mend.asl.json", "--machine", MACHINE)
    outcome = asked(*argv, "--since", "2024-12-31T23:30:00Z")
    assert (outcome.code, "1 of 1 execution proved" in outcome.out) == (0, True), outcome.out
    none = asked(*argv, "--since", "2h", "--status", "FAILED")
    assert none.code == 2
    assert "it has no execution that ended FAILED and was started since 20" in none.err


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (("--status", "BROKEN"), "no execution ends with the status 'BROKEN'"),
        (("--status", "RUNNING"), "no execution ends with the status 'RUNNING'"),
        (("--since", "yesterday"), "'yesterday' is no time"),
        (("--since", "1d", "--same-effects"), "not only its effects"),
    ],
)
def test_what_cannot_be_asked(asked: Any, argv: tuple[str, ...], what: str) -> None:
    outcome = asked("verify", "mend.asl.json", "--machine", MACHINE, *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err
    alone = sfdebug("verify", "mend.asl.json", "x.json", "--status", "FAILED")
    assert "Say which: --machine ARN" in alone.err


def test_what_is_denied_in_the_middle_is_not_verified_and_hides_nothing(aws: StubAws, asked: Any) -> None:
    add(aws, 4, 3, 2, 1)
    asked_so_far: list[str] = []

    def before(operation: str) -> None:
        if operation == "GetExecutionHistory":
            asked_so_far.append(operation)
            if len(asked_so_far) > 2:
                raise ApiError("AccessDeniedException", "not authorized to perform: states:GetExecutionHistory")

    aws.before = before
    outcome = asked("verify", "mend.asl.json", "--machine", MACHINE, "--status", "FAILED")
    assert outcome.code == 1
    assert "2 of 4 executions proved to succeed (now succeeds: 2, not verified: 2)" in outcome.out
    assert "states:GetExecutionHistory" in outcome.err + outcome.out
    assert "taken by 2 executions" in outcome.out, "what was not computed took nothing"


def test_files_by_several_processes_give_the_same_groups(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for number in range(8):
        events = recorded(BROKEN if number % 2 else ORDER, {"x": "bad"}, answers)
        (folder / f"{number}.json").write_text(json.dumps({"events": events}), encoding="utf-8")
    (folder / "cut.json").write_text('{"events": [', encoding="utf-8")
    found = [sfdebug("verify", "mend.asl.json", "kept", "--outcomes", "--jobs", str(jobs)) for jobs in (1, 2)]
    assert found[0].out == found[1].out
    assert "4 of 9 executions proved to succeed" in found[0].out
    assert "not verified" in found[0].out
