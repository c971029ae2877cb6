"""`sfdebug fetch --machine`: an archive of many executions, written whole, gone on with, asked for once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from sfdebug.aws import pacing
from sfdebug.aws.pacing import Pace
from sfdebug.aws.session import AwsReader
from sfdebug.executions.archive import MARK
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.groups import group_failures
from sfdebug.executions.index import INDEX
from sfdebug.executions.outcome import ExecutionOutcome, Known
from tests.aws_fleet import DEFINITION, Fleet, add_express, machine_arn
from tests.aws_stub import READING, START, ApiError, Fields, Silence
from tests.command_line import ROOT, Outcome, sfdebug
from tests.programs import LONGEST, running

FILES = {"definition.asl.json", "execution.json", "history.json", "input.json"}
LONG_AGO = "2020-01-01T00:00:00Z"
FAILED = 20
"""How many executions of each machine failed."""


def fetch(*more: str, machine: str = "Orders") -> Outcome:
    return sfdebug("fetch", "--machine", machine, "--status", "FAILED", "--since", LONG_AGO, "-o", "failed", *more)


def there() -> dict[str, ExecutionOutcome]:
    """What is in the archive, by name; each of its folders is whole."""
    for folder in Path("failed").glob("[!.]*/*"):
        assert {path.name for path in folder.iterdir()} == FILES
        for path in folder.iterdir():
            json.loads(path.read_text())
            assert path.stat().st_mode & 0o777 == 0o600
    return {one.name: one for page in FolderSource("failed").executions() for one in page}


def histories(fleet: Fleet) -> Counter[str]:
    """How often the history of each execution was asked for."""
    asked = (fields for operation, fields in fleet.requests if operation == "GetExecutionHistory")
    return Counter(fields["executionArn"].rpartition(":")[2] for fields in asked)


def after(fleet: Fleet, count: int, operation: str, error: Exception) -> None:
    """From so many requests of that operation on, AWS answers with an error."""

    def before(asked: str) -> None:
        if asked == operation and fleet.asked.count(operation) > count:
            raise error

    fleet.before = before


def test_an_archive_is_written_once_and_gone_on_with(fleet: Fleet) -> None:
    outcome = fetch()
    assert (outcome.code, outcome.out) == (0, "failed\n"), outcome.err
    assert "sfdebug: 20 of 20 executions are in failed, 20 of them new\n" in outcome.err
    found = there()
    assert len(found) == FAILED
    assert {one.known for one in found.values()} == {Known.WHOLE}
    assert sum(group.count for group in group_failures(found.values())) == FAILED
    assert json.loads(Path("failed/Orders/run-00015/definition.asl.json").read_text()) == json.loads(DEFINITION)
    assert {path.name for path in Path("failed").iterdir()} == {"Orders", MARK, INDEX}
    asked = Counter(fleet.asked)
    assert asked.pop("DescribeStateMachineForExecution") == 1, "the one definition that all of them ran"
    assert asked == {"ListStateMachines": 1, "ListExecutions": 1, "DescribeExecution": 20, "GetExecutionHistory": 20}
    assert all(operation.startswith(READING) for operation in asked)

    fleet.requests.clear()
    fleet.stop("arn:aws:states:eu-west-1:123456789012:execution:Reports:run-00999")
    again = fetch(machine=machine_arn("Orders"))
    assert again.code == 0
    assert "20 executions of Orders, 20 of them there already" in again.err
    assert fleet.asked == ["ListExecutions"]
    other = fetch(machine="Reports")
    assert "21 of 21 executions are in failed, 21 of them new" in other.err
    assert len(there()) == 2 * FAILED + 1
    assert [machine.name for page in FolderSource("failed").machines() for machine in page] == ["Orders", "Reports"]


def test_killed_in_the_middle_nothing_is_half_and_nothing_asked_twice(fleet: Fleet, tmp_path: Path) -> None:
    after(fleet, 12, "GetExecutionHistory", Silence())
    fleet.released.clear()
    with running(
        [sys.executable, "-m", "sfdebug", "fetch", "--machine", machine_arn("Orders"), "--status", "FAILED",
         "--since", LONG_AGO, "-o", "failed"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        while not Path("failed/Orders/run-00915").exists():  # the second of the newest: it goes on beyond the first
            assert process.poll() is None, process.stderr.read()
            os.sched_yield()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    kept = set(there())
    assert {"run-00965", "run-00915"} <= kept
    assert len(kept) < FAILED
    fleet.released.set()
    fleet.before = lambda operation: None
    fleet.requests.clear()
    outcome = fetch()
    assert outcome.code == 0, outcome.err
    assert len(there()) == FAILED
    assert set(histories(fleet)) == set(there()) - kept
    assert not list(Path("failed").glob(".sfdebug-part*"))


EXPIRED = ApiError("ExpiredTokenException", "The security token included in the request is expired")
CLOCK = ApiError(
    "InvalidSignatureException", "Signature expired: 20250101T000000Z is now earlier than 20250101T001000Z"
)
BROKEN = ApiError("InternalFailure", "oops", status=500)
RATE = ApiError("ThrottlingException", "Rate exceeded")


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (EXPIRED, "the AWS credentials have expired"),
        (CLOCK, "Set this machine's clock"),
        (BROKEN, "has a problem of its own, also after several attempts"),
        (RATE, "because of too many requests, after several attempts"),
        (Silence(), "cannot be reached"),
    ],
    ids=["expired", "clock", "500", "throttled", "gone"],
)
def test_what_ends_it_in_the_middle_is_said_once_and_gone_on_after(fleet: Fleet, error: Exception, what: str) -> None:
    fleet.released.set()  # who keeps silent closes the connection at once
    after(fleet, 9, "GetExecutionHistory", error)
    outcome = fetch()
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count(what) == 1, outcome.err
    assert "The same command goes on where this ended." in outcome.err
    for thread in threading.enumerate():  # what was under way when it ended
        if thread.name.startswith("sfdebug-read"):
            thread.join(LONGEST)
            assert not thread.is_alive()
    kept = set(there())
    assert f"{len(kept)} of 20 executions are in failed, {len(kept)} of them new" in outcome.err
    assert len(kept) == 9, "all that was read"
    fleet.before = lambda operation: None
    fleet.requests.clear()
    assert fetch().code == 0
    assert len(there()) == FAILED
    assert set(histories(fleet)) == set(there()) - kept
    assert set(histories(fleet).values()) == {1}


def test_throttled_for_a_while_it_goes_on_more_slowly(fleet: Fleet) -> None:
    throttled = iter([RATE] * 5)

    def before(operation: str) -> None:
        if operation == "DescribeExecution":
            for error in throttled:
                raise error

    fleet.before = before
    outcome = fetch()
    assert outcome.code == 0
    assert outcome.err.count("AWS asks for fewer requests: what follows is asked more slowly") == 1
    assert len(there()) == FAILED


def denied(operation: str, code: str = "AccessDeniedException") -> ApiError:
    return ApiError(code, f"User: x is not authorized to perform: states:{operation} on resource: y")


def test_a_permission_that_lacks_is_named_once(fleet: Fleet) -> None:
    after(fleet, 0, "GetExecutionHistory", denied("GetExecutionHistory"))
    outcome = fetch()
    assert outcome.code == 2
    assert outcome.err.count("may not states:GetExecutionHistory") == 1, outcome.err
    assert there() == {}
    after(fleet, 0, "ListExecutions", denied("ListExecutions"))
    assert "may not states:ListExecutions" in fetch().err


@pytest.mark.parametrize("operation", ["DescribeExecution", "DescribeStateMachineForExecution"])
def test_without_a_description_or_a_definition_the_rest_is_fetched(fleet: Fleet, operation: str) -> None:
    after(fleet, 0, operation, denied(operation))
    outcome = fetch()
    assert outcome.code == 0, outcome.err
    assert outcome.err.count(f"not given of 20 executions: these credentials may not states:{operation}") == 1
    found = FolderSource("failed")
    outcomes = [one for page in found.executions() for one in page]
    assert {(one.status, one.known) for one in outcomes} == {("FAILED", Known.WHOLE)}
    assert all(one.error and one.failed_state and one.started_at for one in outcomes)
    lacks = "definition.asl.json" if operation.startswith("DescribeState") else ""
    assert {path.name for path in Path("failed/Orders/run-00015").iterdir()} == FILES - {lacks}
    expected = FAILED if operation == "DescribeExecution" else 1
    assert fleet.asked.count(operation) == expected, "a definition that is denied is denied for all"


def test_one_that_is_deleted_while_the_list_is_read_does_not_stop_the_others(fleet: Fleet) -> None:
    gone = "arn:aws:states:eu-west-1:123456789012:execution:Orders:run-00515"
    fleet.deleted.add(gone)
    outcome = fetch()
    assert outcome.code == 2
    assert "1 execution could not be fetched: AWS knows no such thing" in outcome.err
    assert gone in outcome.err
    assert len(there()) == FAILED - 1
    assert "19 of 20 executions are in failed" in outcome.err
    assert "tries those again" in outcome.err


def test_pages_that_come_again(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    paged = fleet._paged

    def twice(field: str, entries: list[Fields], asked: Fields) -> Fields:
        """Every page once more, as another one."""
        if field != "executions" or "nextToken" in asked:
            return paged(field, entries, asked if field != "executions" else {})
        return {**paged(field, entries, asked), "nextToken": "from-0"}

    monkeypatch.setattr(fleet, "_paged", twice)
    assert fetch().code == 0
    assert set(histories(fleet).values()) == {1}
    monkeypatch.setattr(
        fleet, "_paged", lambda field, entries, asked: {**paged(field, entries, {}), "nextToken": "again"}
    )
    endless = fetch("--force", machine=machine_arn("Orders"))
    assert endless.code == 2
    assert "the same page comes again and again" in endless.err


def test_map_runs_are_named_whose_children_are_not_there(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    map_run = "arn:aws:states:eu-west-1:123456789012:mapRun:Orders/Lines:0f1e"
    started = {"id": 3, "previousEventId": 2, "timestamp": START, "type": "MapRunStarted",
               "mapRunStartedEventDetails": {"mapRunArn": map_run}}  # fmt: skip
    plain = fleet.events_of
    monkeypatch.setattr(fleet, "events_of", lambda number: [*plain(number)[:2], started, *plain(number)[3:]])
    outcome = fetch("--last", "2")
    assert outcome.code == 0, outcome.err
    assert "2 Map Runs were started; their children are not here" in outcome.err
    assert f"sfdebug fetch {map_run}\n" in outcome.err


def test_a_redriven_execution_is_fetched_again(fleet: Fleet) -> None:
    fetch()
    arn = "arn:aws:states:eu-west-1:123456789012:execution:Orders:run-00015"
    entries = fleet.listed[machine_arn("Orders")]
    entries[:] = [{**one, "redriveCount": 1} if one["executionArn"] == arn else one for one in entries]
    plain = fleet.entry
    fleet.requests.clear()

    def entry(number: int) -> Fields:
        return {**plain(number), "redriveCount": 1, "redriveDate": START} if number == 15 else plain(number)

    fleet.entry = entry  # type: ignore[method-assign]
    try:
        assert fetch().code == 0
        assert dict(histories(fleet)) == {"run-00015": 1}
        assert there()["run-00015"].redrive_count == 1
        fleet.requests.clear()
        assert fetch().code == 0
        assert not histories(fleet)
    finally:
        del fleet.entry


def test_what_takes_long_is_said_before(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwsReader, "endpoint_url", None)  # as if it were AWS's own
    monkeypatch.setattr(pacing, "_SHARE", 0.001)
    monkeypatch.setattr(Pace, "take", lambda pace, operation: 0.0)
    outcome = fetch()
    assert outcome.code == 0
    assert "20 executions of Orders; at AWS's quotas this takes at least 21 min 53 s\n" in outcome.err
    assert "at AWS's quotas" not in fetch().err


def test_bounds_and_what_is_left_out(fleet: Fleet) -> None:
    outcome = sfdebug("fetch", "--machine", "Reports", "--last", "7", "-o", "last")
    assert outcome.code == 0
    assert "there are more than 7: the newest are fetched" in outcome.err
    assert "1 that still runs left out" in outcome.err
    assert sorted(path.name for path in Path("last/Reports").iterdir())[-1] == "run-00994"
    assert len(list(Path("last/Reports").iterdir())) == 7
    none = sfdebug("fetch", "--machine", "Orders", "--since", "2026-01-01T00:00:00Z", "-o", "none")
    assert (none.code, none.out) == (0, "")
    assert "it has no execution that has ended and was started since 2026-01-01 00:00:00 UTC" in none.err
    assert not Path("none").exists()


def test_redacted_archives(fleet: Fleet) -> None:
    assert fetch("--redact").code == 0
    text = "".join(path.read_text() for path in Path("failed").rglob("*") if path.is_file())
    assert "123456789012" not in text
    assert "was declined" not in text
    assert "4726" not in text
    fleet.requests.clear()
    assert fetch("--redact").code == 0
    assert not histories(fleet)
    mixed = fetch()
    assert mixed.code == 2
    assert "this archive is redacted" in mixed.err
    groups = group_failures(there().values())
    assert {(group.error, group.state) for group in groups} == {
        ("CardDeclined", "Charge"), ("Throttled", "Charge"), ("States.Runtime", "Check"),
    }  # fmt: skip
    assert len(groups) == 3, "a cause that was replaced tells nothing apart"


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["--status", "FAILED", "arn"], "--status is about the executions of a state machine"),
        ([], "nothing is named that could be fetched"),
        (["--machine", "Orders", "--case"], "--case writes one execution"),
        (["--machine", "Orders", "x"], "Fetch them with two commands"),
        (["--machine", "Order"], "There are: Orders"),
        (["--machine", "Orders", "--status", "RUNNING"], "no execution ends with the status 'RUNNING'"),
        (["--machine", "Orders", "--since", "yesterday"], "is no time"),
        (["--machine", "Orders", "--last", "0"], "not a number from 1"),
        (["--machine", "Orders", "-o", "."], "this folder is no archive of executions"),
        (["--machine", "arn:aws:states:eu-west-1:123456789012:execution:Orders:x"], "names not a state machine but"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(fleet: Fleet, argv: list[str], what: str) -> None:
    Path("mine.txt").touch()
    outcome = sfdebug("fetch", *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err
    assert [path.name for path in Path().iterdir()] == ["mine.txt"]


def test_what_is_not_of_the_archive_is_never_overwritten(fleet: Fleet) -> None:
    own = Path("failed/Orders/run-00965")
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine")
    outcome = fetch("--force")
    assert outcome.code == 0, outcome.err
    assert (own / "notes.txt").read_text() == "mine"
    assert len(list(Path("failed/Orders").glob("run-00965-*/history.json"))) == 1
    assert len([one for page in FolderSource("failed").executions() for one in page]) == FAILED


def test_two_at_once_do_not_write_to_one_archive(fleet: Fleet) -> None:
    fcntl = pytest.importorskip("fcntl")
    fetch("--last", "1")
    descriptor = os.open("failed", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        outcome = fetch()
    finally:
        os.close(descriptor)
    assert outcome.code == 2
    assert "another sfdebug writes to this archive" in outcome.err


def test_express_executions_come_from_the_log_whose_search_is_told_first(fleet: Fleet) -> None:
    add_express(fleet, 30)
    outcome = sfdebug("fetch", "--machine", "Quick", "--status", "FAILED", "--since", "2025-01-01T00:00:00Z", "-o", "q")
    assert outcome.code == 0, outcome.err
    told = outcome.err.index("the log group /aws/quick is searched from 2025-01-01 00:00:00 UTC on")
    assert told < outcome.err.index("It holds 3.2 GB in all") < outcome.err.index("charges nothing")
    assert outcome.err.index("charges nothing") < outcome.err.index("10 executions of Quick")
    assert len(list(Path("q/Quick").iterdir())) == 10
    assert {path.name for path in Path("q/Quick/run-0-0b1c0000").iterdir()} == {"definition.asl.json", "log.json"}
    found = [one for page in FolderSource("q").executions() for one in page]
    assert {(one.status, one.error, one.known) for one in found} == {("FAILED", "Late", Known.WHOLE)}
    assert sorted(Counter(fleet.asked).items()) == [
        ("DescribeLogGroups", 1), ("DescribeStateMachine", 1), ("FilterLogEvents", 11), ("ListExecutions", 1),
        ("ListStateMachines", 1),
    ]  # fmt: skip
    one = next(fields for _, fields in fleet.requests if "run-27" in fields.get("filterPattern", ""))
    assert one["endTime"] - one["startTime"] < 300_000, "each is looked for in the time that it ran"
    fleet.requests.clear()
    again = sfdebug("fetch", "--machine", "Quick", "--since", "2025-01-01T00:00:00Z", "-o", "q", "--last", "20")
    assert "20 executions of Quick, 6 of them there already" in again.err
    assert "there are more than 20" in again.err
    assert fleet.asked.count("FilterLogEvents") == 1 + 14
