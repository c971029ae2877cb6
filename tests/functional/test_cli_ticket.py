"""`sfdebug replay … --ticket`: an execution for a ticket, from AWS, a folder, a file, stdin."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.aws_fleet import PREFIX, Fleet
from tests.aws_stub import EXPRESS, REGION, START, ApiError, StubAws, serving
from tests.command_line import ROOT, Outcome, sfdebug
from tests.functional.test_tui_browser import logged

SAMPLE = ROOT / "samples" / "recorded-order"
FAILED = f"{PREFIX}:execution:Orders:run-00065"


@pytest.fixture(scope="module")
def fleet() -> Iterator[tuple[Fleet, str]]:
    stub = Fleet(200)
    with serving(stub) as address:
        yield stub, address


@pytest.fixture(autouse=True)
def environment(isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def asked(fleet: tuple[Fleet, str]) -> Any:
    fleet[0].reset()

    def ask(*argv: str) -> Outcome:
        return sfdebug("replay", *argv, "--endpoint-url", fleet[1])

    return ask


def deny(fleet: tuple[Fleet, str], *operations: str) -> None:
    def before(operation: str) -> None:
        if operation in operations:
            raise ApiError("AccessDeniedException", f"not authorized to perform: states:{operation} on resource: x")

    fleet[0].before = before


def test_from_aws_with_how_often_it_failed_like_that(fleet: tuple[Fleet, str], asked: Any) -> None:
    outcome = asked(FAILED, "--ticket")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0] == "## `Orders`: `Throttled` in `Charge`"
    assert lines[2].endswith(", in `Charge`, attempt 2 (event 10).")
    assert any(one.startswith("- **How often**: once among 4 failures that were looked into (") for one in lines)
    late = "not possible any more since 2025-01-14 23:57:45 UTC, 14 days after it ended; AWS said `REDRIVABLE` when it"
    assert any(one.startswith(f"- **Redrive**: {late}") for one in lines)
    assert '  "order": 4776' in lines
    assert "[`run-00065`](<https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/" in outcome.out
    assert not fleet[0].refused
    before = len(fleet[0].requests)
    again = asked(FAILED, "--ticket")
    assert again.out == outcome.out
    asked_again = {operation for operation, _ in fleet[0].requests[before:]}
    assert asked_again == {"DescribeExecution", "ListExecutions"}, "what was read is kept"


def test_what_is_denied_is_said_and_the_rest_is_told(fleet: tuple[Fleet, str], asked: Any) -> None:
    deny(fleet, "ListExecutions")
    lines = asked(FAILED, "--ticket").out.splitlines()
    assert lines[0] == "## `Orders`: `Throttled` in `Charge`"
    denied = "- **How often**: not known: these credentials may not states:ListExecutions "
    assert any(one.startswith(denied) for one in lines)
    deny(fleet, "GetExecutionHistory")
    other = FAILED.replace("00065", "00115")
    outcome = asked(other, "--ticket")
    lines = outcome.out.splitlines()
    assert lines[0] == "## `Orders`: `States.Runtime`"
    assert any(one.startswith("- **Not known**: its history could not be read: ") for one in lines)


def test_with_the_last_that_succeeded_it_tells_what_is_different(asked: Any) -> None:
    outcome = asked(FAILED, "--ticket", "--last-succeeded")
    assert outcome.code == 0
    assert "sfdebug: B is run-00195, which succeeded" in outcome.err
    at = outcome.out.index("### What is different")
    assert "Charge failed in A with Throttled" in outcome.out[at:]
    alone = sfdebug("replay", str(SAMPLE), "--ticket", "--last-succeeded")
    assert alone.code == 0
    assert "what is different is not told: no other execution of" in alone.err
    assert "### What is different" not in alone.out


def test_a_saved_folder_and_one_of_several_in_a_file(asked: Any, tmp_path: Path) -> None:
    outcome = sfdebug("replay", str(SAMPLE), "--ticket")
    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == "## `Order`: `AddressIncomplete` in `Ship order`"
    assert (
        "- **Computed again**: under the definition that it ran: `every recorded value is computed alike`"
        in outcome.out
    )
    assert "Ada Ferrand" in outcome.out
    redacted = sfdebug("replay", str(SAMPLE), "--ticket", "--redact")
    assert "Ada Ferrand" not in redacted.out
    other = tmp_path / "other.asl.json"
    other.write_text(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), encoding="utf-8")
    under = sfdebug("replay", str(SAMPLE), str(other), "--ticket")
    assert "- **Computed again**: under `other.asl.json`: `" in under.out, "no path of this machine"


def test_from_stdin_without_a_definition() -> None:
    text = (SAMPLE / "history.json").read_text(encoding="utf-8")
    outcome = sfdebug("replay", "-", "--ticket", stdin=text)
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].endswith(": `AddressIncomplete` in `Ship order`")
    assert "by which rule is not known: no definition was run." in outcome.out
    assert "- Execution in the console" not in outcome.out, "its ARN is not in a history"


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (("--ticket",), "--ticket is of one execution"),
        ((str(SAMPLE), "--redact"), "--redact is about what --ticket prints"),
        ((str(SAMPLE), "--last-succeeded"), "--last-succeeded is about what --ticket prints"),
        ((str(SAMPLE), "--ticket", "--tree"), "--ticket and --tree print different things"),
        (("nowhere.json", "--ticket"), "the history cannot be read"),
        ((f"{PREFIX}:stateMachine:Orders", "--ticket"), "this names a state machine"),
        ((str(SAMPLE), "a.json", "-d", "b.json", "--ticket"), "two definitions are given"),
    ],
)
def test_what_cannot_be_is_refused_in_words(given: tuple[str, ...], what: str) -> None:
    outcome = sfdebug("replay", *given)
    assert outcome.code == 2
    assert what in outcome.err
    assert not outcome.out


def test_an_express_execution_from_its_log_with_its_page_and_its_log_group(served: tuple[StubAws, str]) -> None:
    aws, address = served
    aws.reset()
    machine = EXPRESS.replace(":express:", ":stateMachine:").rsplit(":", 2)[0]
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:123456789012:log-group:/aws/quick:*"}}
    aws.machines = [
        {
            "stateMachineArn": machine,
            "name": "Quick",
            "type": "EXPRESS",
            "creationDate": START,
            "definition": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "Boom"}}}),
            "roleArn": "r",
            "loggingConfiguration": {"level": "ALL", "destinations": [group]},
        }
    ]
    data = {"truncated": False}
    aws.log_groups["/aws/quick"] = [
        logged(1, "ExecutionStarted", {"input": '{"n": 1}', "inputDetails": data, "roleArn": "r"}),
        logged(2, "FailStateEntered", {"name": "A", "input": '{"n": 1}', "inputDetails": data}),
        logged(3, "ExecutionFailed", {"error": "Boom"}),
    ]
    since = f"--hours={(time.time() - START) / 3600 + 1}"
    outcome = sfdebug("replay", EXPRESS, "--ticket", since, "--endpoint-url", address)
    assert outcome.code == 0, outcome.err
    assert "**FAILED** at 2025-01-01 00:00:00 UTC" in outcome.out
    start = int(START * 1000) + 1
    assert f"#/express-executions/details/{EXPRESS}?startDate={start}>)" in outcome.out
    assert "- Its entries in the log group: [`/aws/quick`](<https://eu-west-1.console.aws.amazon.com/" in outcome.out
    assert "- **How often**: not known: AWS lists no Express executions" in outcome.out
    assert "an Express execution cannot be redriven" in outcome.out


def test_credentials_that_have_expired_are_said(fleet: tuple[Fleet, str], asked: Any) -> None:
    def before(operation: str) -> None:
        raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

    fleet[0].before = before
    outcome = asked(FAILED, "--ticket")
    assert (outcome.code, outcome.out) == (2, "")
    assert "expired" in outcome.err


def test_one_that_still_runs(asked: Any) -> None:
    outcome = asked(f"{PREFIX}:execution:Reports:run-00199", "--ticket")
    assert outcome.code == 0, outcome.err
    assert outcome.out.splitlines()[0] == "## `Reports`: RUNNING"
    assert "Redrive" not in outcome.out
