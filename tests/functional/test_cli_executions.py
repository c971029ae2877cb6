"""Executions wherever they are, on the command line: in AWS, on stdin, one of several in a file; what is denied."""

from __future__ import annotations

import gc
import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.concurrency import Cancellation, read_together
from sfdebug.aws.errors import CredentialsError, NotFoundError
from sfdebug.history.reading.read import read_recordings
from sfdebug.reports.result import log_record
from tests.aws_stub import (
    EXECUTION,
    MACHINE,
    MAP_RUN,
    START,
    ApiError,
    StubAws,
    child_arn,
)
from tests.command_line import ROOT, Outcome, sfdebug
from tests.compared_pairs import THRESHOLD, Run, record
from tests.history_runs import run_in_any_order
from tests.programs import LONGEST

SAMPLE = ROOT / "samples" / "recorded-order"
EVENTS: list[dict[str, Any]] = json.loads((SAMPLE / "history.json").read_text(encoding="utf-8"))["events"]
TIMED = [{**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()} for event in EVENTS]
DEFINITION = str(SAMPLE / "definition.asl.json")
QUICK: dict[str, Any] = {
    "StartAt": "Call",
    "States": {
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "Keep"},
        "Keep": {"Type": "Pass", "End": True},
    },
}
DENIED = "is not authorized to perform: states:DescribeStateMachineForExecution on resource: x"


@pytest.fixture(autouse=True)
def environment(isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def aws(served: tuple[StubAws, str]) -> StubAws:
    served[0].reset()
    return served[0]


@pytest.fixture
def asked(served: tuple[StubAws, str], aws: StubAws) -> Any:
    def ask(*argv: str, stdin: str | bytes = "") -> Outcome:
        return sfdebug(*argv, "--endpoint-url", served[1], stdin=stdin)

    return ask


def named(name: str) -> str:
    return EXECUTION.replace("run-1", name)


def add(aws: StubAws, *names: str, status: str = "FAILED") -> None:
    text = Path(DEFINITION).read_text(encoding="utf-8")
    for name in names:
        aws.add_execution(named(name), TIMED, definition=text, status=status, startDate=TIMED[0]["timestamp"])


def deny(aws: StubAws, *operations: str, error: ApiError | None = None) -> None:
    def before(operation: str) -> None:
        if operation in operations:
            raise error or ApiError("AccessDeniedException", DENIED)

    aws.before = before


def express_log(*names: str) -> list[dict[str, Any]]:
    def logged(name: str) -> list[dict[str, Any]]:
        arn = f"arn:aws:states:eu-west-1:123456789012:express:Quick:{name}:0b1c"
        execution = run_in_any_order(QUICK, {"n": name}, execution_type="EXPRESS")
        return [log_record(event, arn) for event in execution.events]

    return [record for name in names for record in logged(name)]


# verify


def test_verify_takes_arns_and_goes_on_after_one_that_cannot_be_read(aws: StubAws, asked: Any) -> None:
    add(aws, "run-1", "run-2")
    outcome = asked("verify", DEFINITION, named("run-1"), named("gone"), named("run-2"))
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == f"identical     {named('run-1')} (40 events)"
    assert lines[1] == f"not verified  {named('gone')}"
    assert "AWS knows no such thing" in lines[2]
    assert lines[3] == f"identical     {named('run-2')} (40 events)"
    assert outcome.err.startswith("sfdebug: Check the account"), (
        "how to mend it is said once; progress is for terminals"
    )
    assert set(aws.asked) == {"GetExecutionHistory"}, "one permission is enough"


def test_verify_takes_the_last_executions_of_a_machine(aws: StubAws, asked: Any) -> None:
    add(aws, "run-5", status="RUNNING")
    add(aws, "run-4", "run-3", "run-2", "run-1")
    aws.page = 2
    outcome = asked("verify", DEFINITION, "--machine", MACHINE, "--last", "3")
    assert outcome.code == 0, outcome.err
    assert [line.split()[1] for line in outcome.out.splitlines()[:-1]] == [named(f"run-{n}") for n in (4, 3, 2)]
    assert outcome.out.endswith("3 of 3 identical\n")
    assert "1 that still runs left out" in outcome.err
    both = asked("verify", DEFINITION, str(SAMPLE / "history.json"), "--machine", MACHINE, "--last", "1")
    assert both.out.endswith("2 of 2 identical\n")


def test_verify_takes_the_last_executions_of_an_express_machine_from_its_log(aws: StubAws, asked: Any) -> None:
    Path("quick.asl.json").write_text(json.dumps(QUICK), encoding="utf-8")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/quick:*"}}
    machine = MACHINE.replace("Orders", "Quick")
    aws.machines = [
        {"stateMachineArn": machine, "name": "Quick", "definition": json.dumps(QUICK), "roleArn": "r",
         "type": "EXPRESS", "loggingConfiguration": {"level": "ALL", "destinations": [group]}}
    ]  # fmt: skip
    records = [*express_log("cut")[3:], *express_log("one", "two")]
    aws.log_groups["/quick"] = [
        {"eventId": str(n), "message": json.dumps(record), "timestamp": 4_000_000_000_000}
        for n, record in enumerate(records)
    ]
    deny(aws, "ListExecutions", error=ApiError("StateMachineTypeNotSupported", "no"))
    outcome = asked("verify", "quick.asl.json", "--machine", machine)
    assert outcome.code == 0, outcome.err
    assert outcome.out.endswith("2 of 2 identical\n")
    assert ":express:Quick:one:0b1c (" in outcome.out
    pattern = next(fields for name, fields in aws.requests if name == "FilterLogEvents")["filterPattern"]
    assert pattern == '{ $.execution_arn = "arn:aws:states:eu-west-1:123456789012:express:Quick:*" }'


def test_an_express_execution_whose_machine_is_denied_is_read_from_a_log_group_that_is_named(
    aws: StubAws, asked: Any
) -> None:
    Path("quick.asl.json").write_text(json.dumps(QUICK), encoding="utf-8")
    arn = "arn:aws:states:eu-west-1:123456789012:express:Quick:one:0b1c"
    aws.log_groups["/quick"] = [
        {"eventId": str(n), "message": json.dumps(record), "timestamp": 4_000_000_000_000}
        for n, record in enumerate(express_log("one"))
    ]
    deny(aws, "DescribeStateMachine")
    for argv in (["fetch", arn], ["diff", arn, "quick.asl.json"]):
        outcome = asked(*argv)
        assert outcome.code == 2
        assert "--log-group NAME" in outcome.err
    assert asked("verify", "quick.asl.json", arn, "--log-group", "/quick").out.startswith(
        f"identical     {arn} (9 events)"
    )
    saved = asked("fetch", arn, "--log-group", "/quick", "--redact")
    assert saved.code == 0, saved.err
    assert [path.name for path in Path("one").iterdir()] == ["log.json"]
    assert "There is no definition.asl.json" in saved.err


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        ([], "no recorded execution was given"),
        (["--last", "3", "x.json"], "--machine ARN"),
        (["--machine", EXECUTION], "names not a state machine but: execution"),
        (["--machine", MACHINE, "--last", "0"], "not a number from 1"),
        (["--machine", MACHINE], "it has no execution"),
        (["--machine", "arn:nonsense"], "is not an ARN"),
        (["--machine", "nonsense"], "no AWS region is known"),
        ([MACHINE], f"--machine {MACHINE} --last 100"),
        ([MAP_RUN], f"sfdebug replay {MAP_RUN}"),
        (["-", "-"], "stdin can hold only one"),
        ([EXECUTION, "--hours", "0"], "number of hours"),
        ([EXECUTION, "--region", "us-east-1"], "is in eu-west-1, not in us-east-1"),
        (["arn:aws:s3:::bucket"], "is not an ARN of Step Functions"),
    ],
)
def test_verify_says_what_is_wrong(asked: Any, argv: list[str], what: str) -> None:
    outcome = asked("verify", DEFINITION, *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err


def test_verify_when_all_still_run(aws: StubAws, asked: Any) -> None:
    add(aws, "run-1", status="RUNNING")
    outcome = asked("verify", DEFINITION, "--machine", MACHINE)
    assert outcome.code == 2
    assert "all of its executions still run (1)" in outcome.err


def test_histories_come_through_stdin() -> None:
    text = (SAMPLE / "history.json").read_text(encoding="utf-8")
    outcome = sfdebug("verify", DEFINITION, "-", stdin=text)
    assert outcome.out == "identical     <stdin> (40 events)\n1 of 1 identical\n"
    assert sfdebug("verify", "-", "-", stdin=text).code == 2
    assert sfdebug("diff", str(SAMPLE), "-", stdin=text).out.endswith("no differences\n")
    assert "stdin can hold only one" in sfdebug("diff", "-", "-", stdin=text).err
    assert json.loads(sfdebug("mocks", "-", stdin=text).out)["StateMachines"]
    assert sfdebug("graph", DEFINITION, "--history", "-", stdin=text).code == 0
    assert "needs a terminal" in sfdebug("replay", "-", stdin=text).err
    empty = sfdebug("verify", DEFINITION, "-", stdin="")
    assert empty.out.startswith("not verified  <stdin>")


def test_mocks_come_through_stdin() -> None:
    order = ROOT / "samples" / "order"
    text = (order / "MockConfigFile.json").read_text(encoding="utf-8")
    machine, given = str(order / "order.asl.json"), f"@{order / 'input.json'}"
    ran = sfdebug("run", machine, "-i", given, "-m", "-", "-c", "HappyPath", stdin=text)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["status"] == "SHIPPED"
    assert "both the input and the mocks" in sfdebug("run", machine, "-i", "-", "-m", "-", "-c", "A", stdin="{}").err
    both = sfdebug("run", "-", "-m", "-", "-c", "A", stdin=(order / "order.asl.json").read_text(encoding="utf-8"))
    assert "both the definition and the mocks" in both.err


def test_mocks_on_stdin_are_bounded_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = str(ROOT / "samples" / "order" / "order.asl.json")
    case = ("run", machine, "-m", "-", "-c", "A")
    assert "<stdin>: byte 1 is not UTF-8" in sfdebug(*case, stdin=b"{\xfe}").err
    assert "'StateMachines'" in sfdebug(*case, stdin=b"\xef\xbb\xbf{}").err, "a byte order mark is no mistake"
    monkeypatch.setattr("sfdebug.cli.inputs.MAX_MOCK_FILE_BYTES", 10)
    outcome = sfdebug(*case, stdin=" " * 11)
    assert (outcome.code, outcome.out) == (2, "")
    assert "<stdin>: the mock file cannot be read: " in outcome.err


def test_other_commands_take_arns(aws: StubAws, asked: Any) -> None:
    add(aws, "run-1")
    assert asked("diff", EXECUTION, str(SAMPLE)).out.endswith("no differences\n")
    mocks = json.loads(asked("mocks", EXECUTION).out)["StateMachines"]["Orders"]["TestCases"]
    assert list(mocks) == ["run-1"]
    drawn = asked("graph", DEFINITION, "--history", EXECUTION)
    assert drawn.code == 0
    assert "failed" in drawn.out
    for argv in (
        ["diff", EXECUTION, named("gone")],
        ["mocks", named("gone")],
        ["graph", DEFINITION, "--history", MACHINE],
    ):
        outcome = asked(*argv)
        assert (outcome.code, outcome.out) == (2, "")


@pytest.mark.parametrize("argv", [["graph"], ["check"], ["lint"], ["run"], []], ids=lambda argv: "".join(argv))
def test_a_definition_that_is_an_arn_points_to_fetch(argv: list[str]) -> None:
    outcome = sfdebug(*argv, EXECUTION)
    assert outcome.code in (2, 3)
    assert "sfdebug fetch ARN" in outcome.err
    assert "describe-state-machine" in sfdebug(*argv, MACHINE).err


# Several in one file


@pytest.fixture
def log(tmp_path: Path) -> str:
    file = tmp_path / "log.json"
    file.write_text("\n".join(map(json.dumps, express_log("one", "two"))), encoding="utf-8")
    return str(file)


def test_one_of_several_executions_is_chosen(log: str) -> None:
    Path("quick.asl.json").write_text(json.dumps(QUICK), encoding="utf-8")
    parted = sfdebug("diff", log, log, "--execution", "one", "--execution", "two")
    assert parted.out.startswith(f"A {log}#one (SUCCEEDED), B {log}#two (SUCCEEDED)")
    assert parted.code == 1
    assert sfdebug("diff", log, log, "--execution", "two").code == 0
    single = Path("single.json")
    single.write_text("\n".join(map(json.dumps, express_log("two"))), encoding="utf-8")
    assert sfdebug("diff", log, str(single), "--execution", "two").code == 0
    assert list(json.loads(sfdebug("mocks", log, "--execution", "two").out)["StateMachines"]["Quick"]["TestCases"]) == [
        "two"
    ]
    assert sfdebug("graph", "quick.asl.json", "--history", log, "--execution", "one").code == 0


@pytest.mark.parametrize(
    "argv",
    [["replay", "LOG"], ["diff", "LOG", "LOG"], ["graph", DEFINITION, "--history", "LOG"],
     ["replay", "LOG", "--execution", "three"], ["diff", "LOG", "LOG", "--execution", "one", "--execution", "three"],
     ["mocks", "LOG", "--execution", "three"], ["graph", DEFINITION, "--history", "LOG", "--execution", "three"]],
    ids=lambda argv: " ".join(argv[:1] + argv[-1:]),
)  # fmt: skip
def test_without_a_terminal_an_error_lists_them(log: str, argv: list[str]) -> None:
    outcome = sfdebug(*(log if arg == "LOG" else arg for arg in argv))
    assert (outcome.code, outcome.out) == (2, "")
    assert "--execution" in outcome.err
    assert "one" in outcome.err
    assert "two" in outcome.err


def test_execution_without_what_it_chooses_from(log: str) -> None:
    assert "--execution needs --history" in sfdebug("graph", DEFINITION, "--execution", "one").err
    three = ("--execution", "one") * 3
    assert "once or twice" in sfdebug("diff", log, log, *three).err


def test_diff_claims_no_more_than_both_have(tmp_path: Path) -> None:
    rows = [{"id": r["id"], "type": r["type"], "previous_event_id": r["previous_event_id"],
             "details.name": r.get("details", {}).get("name", "")} for r in express_log("one")]  # fmt: skip
    selected, whole = tmp_path / "selected.json", tmp_path / "whole.json"
    selected.write_text(json.dumps(rows), encoding="utf-8")
    whole.write_text("\n".join(map(json.dumps, express_log("one"))), encoding="utf-8")
    outcome = sfdebug("diff", str(whole), str(selected))
    assert outcome.out.endswith("\nno differences in what both have: B has only selected fields, B has no data\n")
    found = json.loads(sfdebug("diff", str(whole), str(selected), "--json").out)
    assert (found["a"]["gaps"], found["b"]["gaps"]) == ([], ["has only selected fields", "has no data"])
    cut = json.loads(json.dumps(EVENTS))
    for event in cut:
        for details in event.values():
            for name in ("input", "output", "parameters") if isinstance(details, dict) else ():
                if name in details and event["id"] not in (1, 40):
                    details |= {name: details[name][:9], f"{name}Details": {"truncated": True}}
    Path("cut.json").write_text(json.dumps(cut), encoding="utf-8")
    short = sfdebug("diff", "cut.json", str(SAMPLE))
    assert short.out.endswith("no differences in what both have: A has data that AWS cut off\n"), short.out


def test_diff_with_the_last_that_succeeded_in_the_folder_around(tmp_path: Path) -> None:
    machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"
    runs = {"failed": THRESHOLD.failed, "old": Run({"quantity": 1}, {"Quote": {"total": 5}}), "good": THRESHOLD.good}
    for day, (name, run) in enumerate(runs.items()):
        found = record(
            THRESHOLD.definition, Run(run.input, run.answers, start_time=run.start_time + day * 86_400_000), name
        )
        folder = tmp_path / "archive" / name
        folder.mkdir(parents=True)
        (folder / "history.json").write_text(json.dumps({"events": found.history}), encoding="utf-8")
        (folder / "definition.asl.json").write_text(json.dumps(THRESHOLD.definition), encoding="utf-8")
        described = {
            "executionArn": found.facts.arn, "name": name, "stateMachineArn": machine_arn,
            "status": str(found.status), "startDate": (found.start_time or 0) / 1000,
            "stopDate": (found.events[-1].time or 0) / 1000,
        }  # fmt: skip
        (folder / "execution.json").write_text(json.dumps(described), encoding="utf-8")
    outcome = sfdebug("diff", str(tmp_path / "archive" / "failed"), "--last-succeeded")
    assert "B is good, which succeeded 2025-01-03" in outcome.err
    assert f"\nwhat is different:\n  {THRESHOLD.lead}\n" in outcome.out
    assert "/n: A 100, B 2, from the input at /quantity" in outcome.out
    found_json = json.loads(sfdebug("diff", str(tmp_path / "archive/failed"), "--last-succeeded", "--json").out)
    assert found_json["first"]["sentence"] == THRESHOLD.lead
    assert found_json["first"]["deciding"]["data"][0]["state"] == "Quote"
    only = tmp_path / "archive" / "failed"
    (only / "execution.json").unlink()
    assert "not known of which state machine" in sfdebug("diff", str(only), "--last-succeeded").err
    assert "finds B" in sfdebug("diff", str(only), str(only), "--last-succeeded").err
    assert "compared with another execution" in sfdebug("diff", str(only)).err


# fetch


def test_fetch_takes_several_and_goes_on(aws: StubAws, asked: Any) -> None:
    add(aws, "run-1", "run-2")
    other = named("run-2").replace(":Orders:", ":Others:")
    aws.add_execution(other, TIMED, definition="{}")
    outcome = asked("fetch", named("run-1"), named("gone"), named("run-2"), other, "-o", "all")
    assert outcome.code == 2
    assert sorted(path.name for path in Path("all").iterdir()) == ["run-1", "run-2", "run-2-2"]
    assert "AWS knows no such thing" in outcome.err
    assert outcome.err.endswith("1 of 4 could not be fetched\n")
    assert len(outcome.out.splitlines()) == 12
    assert sfdebug("verify", DEFINITION, "all/run-1", "all/run-2").code == 0


@pytest.mark.parametrize(
    "text",
    [
        f"# failed ones\n{named('run-1')}\n\n{named('run-2')}\n{named('run-1')}\n",
        json.dumps(
            {"executions": [{"executionArn": named("run-1"), "status": "FAILED"}, {"executionArn": named("run-2")}]}
        ),
        json.dumps([named("run-1"), named("run-2")]),
    ],
    ids=["lines", "list-executions", "array"],
)
def test_fetch_reads_arns_from_stdin(aws: StubAws, asked: Any, text: str) -> None:
    add(aws, "run-1", "run-2")
    outcome = asked("fetch", "-", stdin=text)
    assert outcome.code == 0, outcome.err
    assert [recording.facts.name for name in ("run-1", "run-2") for recording in read_recordings(name)] == [
        "run-1",
        "run-2",
    ]


@pytest.mark.parametrize(("text", "what"), [("", "no ARN"), ("{", "neither ARNs nor JSON"), ('{"a": 1}', "no list")])
def test_fetch_says_what_is_wrong_with_stdin(asked: Any, text: str, what: str) -> None:
    outcome = asked("fetch", "-", stdin=text)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err


def test_fetch_ends_when_the_credentials_are_not_taken(aws: StubAws, asked: Any) -> None:
    deny(aws, "DescribeExecution", error=ApiError("ExpiredTokenException", "expired"))
    outcome = asked("fetch", named("run-1"), named("run-2"))
    assert outcome.code == 2
    assert aws.asked == ["DescribeExecution"]


# What is denied


@pytest.mark.parametrize(
    ("operations", "files"),
    [
        (["DescribeStateMachineForExecution"], ["history.json", "execution.json", "input.json"]),
        (["DescribeExecution"], ["history.json", "execution.json", "input.json", "definition.asl.json"]),
        (["DescribeStateMachineForExecution", "DescribeExecution"], ["history.json", "execution.json", "input.json"]),
    ],
)
def test_fetch_saves_what_is_allowed(aws: StubAws, asked: Any, operations: list[str], files: list[str]) -> None:
    add(aws, "run-1")
    deny(aws, *operations)
    outcome = asked("fetch", EXECUTION)
    assert outcome.code == 0, outcome.err
    assert sorted(path.name for path in Path("run-1").iterdir()) == sorted(files)
    assert "these credentials may not" in outcome.err
    assert ("There is no definition.asl.json" in outcome.err) is ("definition.asl.json" not in files)
    assert outcome.err.startswith("execution FAILED, 40 events\n")
    (recording,) = read_recordings("run-1")
    assert (recording.facts.name, recording.facts.state_machine_arn) == ("run-1", MACHINE)
    assert sfdebug("verify", DEFINITION, "run-1").code == 0


@pytest.mark.parametrize(
    "error",
    [
        ApiError("KmsAccessDeniedException", "no"),
        ApiError("StateMachineDoesNotExist", "gone"),
        ApiError("ValidationException"),
    ],
    ids=["key", "gone", "refused"],
)
def test_any_refusal_of_the_definition_leaves_the_history(aws: StubAws, asked: Any, error: ApiError) -> None:
    add(aws, "run-1")
    deny(aws, "DescribeStateMachineForExecution", error=error)
    outcome = asked("fetch", EXECUTION)
    assert outcome.code == 0
    assert "There is no definition.asl.json" in outcome.err


def test_fetch_of_a_map_run_whose_definition_is_denied(aws: StubAws, asked: Any) -> None:
    add(aws, "run-1")
    aws.map_runs[MAP_RUN] = {"mapRunArn": MAP_RUN, "executionArn": EXECUTION, "status": "FAILED", "startDate": START}
    aws.add_execution(child_arn("c0"), TIMED, mapRunArn=MAP_RUN, status="FAILED")
    deny(aws, "DescribeStateMachineForExecution")
    outcome = asked("fetch", MAP_RUN, "-o", "run")
    assert outcome.code == 0, outcome.err
    assert "There is no definition.asl.json" in outcome.err
    assert Path("run/children/c0/history.json").is_file()


# Several at once


def test_answers_come_in_the_order_of_the_questions() -> None:
    busy, most, lock = 0, 0, threading.Lock()
    gate = threading.Barrier(2, timeout=LONGEST)

    def ask(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy, most = busy + 1, max(most, busy + 1)
        if number < 2:
            gate.wait()  # two are under way together
        with lock:
            busy -= 1
        if number == 5:
            raise NotFoundError("gone")
        return number * 10

    found = list(read_together(ask, range(20), Cancellation(), workers=3))
    assert [question for question, _ in found] == list(range(20))
    assert [answer for _, answer in found if isinstance(answer, int)] == [n * 10 for n in range(20) if n != 5]
    assert isinstance(found[5][1], NotFoundError)
    assert 2 <= most <= 3


def test_after_refused_credentials_nothing_more_is_asked() -> None:
    asked: list[int] = []

    def ask(number: int) -> int:
        asked.append(number)
        raise CredentialsError("expired")

    found = list(read_together(ask, range(50), Cancellation(), workers=2))
    assert len(found) == 50
    assert all(isinstance(answer, CredentialsError) for _, answer in found)
    assert len(asked) <= 2


def test_whoever_takes_no_more_cancels_the_rest() -> None:
    cancellation = Cancellation()
    for answer in read_together(lambda number: number, range(100), cancellation, workers=2):
        assert answer == (0, 0)
        break
    gc.collect()
    assert cancellation.is_cancelled
