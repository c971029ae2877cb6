"""`sfdebug executions`: the list and the groups without a screen, of AWS and of folders."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.aws_fleet import DEFINITION, PREFIX, Fleet, add_express, machine_arn
from tests.aws_stub import READING, ApiError, Fields
from tests.command_line import Outcome, sfdebug


def listed(*argv: str) -> Outcome:
    outcome = sfdebug("executions", *argv)
    assert outcome.code == 0, outcome.err
    return outcome


def names(outcome: Outcome) -> list[str]:
    return [one["name"] for one in json.loads(outcome.out)["executions"]]


def test_the_newest_of_a_machine_with_the_errors_of_those_that_failed(fleet: Fleet) -> None:
    outcome = listed("--machine", "Orders", "--last", "8")
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["STATUS", "STARTED", "(UTC)", "TOOK", "NAME", "ERROR", "STATE", "RETRIES", "CAUSE"]
    assert [line.split()[0] for line in lines[1:]] == ["SUCCEEDED"] * 6 + ["FAILED"] + ["SUCCEEDED"]
    assert "run-00965  Throttled  Charge        1  rate exceeded, request" in lines[7]
    assert lines[1].startswith("SUCCEEDED  2024-12-31 23:59:55  750 ms  run-00995")
    assert outcome.err == "sfdebug: 8 executions: 1 FAILED, 7 SUCCEEDED; there are more: --last N looks at so many\n"
    assert fleet.asked == ["ListStateMachines", "ListExecutions", "GetExecutionHistory"]

    fleet.requests.clear()
    again = listed("--machine", machine_arn("Orders"), "--last", "8")
    assert (again.out, fleet.asked) == (outcome.out, ["ListExecutions"]), "what is known is kept"


def test_groups_of_all_machines_of_the_region(fleet: Fleet) -> None:
    outcome = listed("--groups")
    lines = outcome.out.splitlines()
    assert lines[0].split()[:4] == ["COUNT", "MACHINE", "STATUS", "ERROR"]
    assert len(lines) == 1 + 2 * 15
    assert lines[1].split() == [
        "7", "Reports", "FAILED", "Throttled", "Charge", "2024-12-31", "23:44:29", "2024-12-31", "23:59:29", "8338cb10",
        "rate", "exceeded,", "request", "‹id›",
    ]  # fmt: skip
    assert lines[2] == (
        "       run-00969, run-00819, run-00669 and 4 more; the first ran the definition of 2024-12-20 10:13:20"
    )
    assert outcome.err == "sfdebug: 100 executions: 100 FAILED in 15 groups\n"
    asked = Counter(fleet.asked)
    assert asked == {
        "ListStateMachines": 1,
        "ListExecutions": 15,
        "GetExecutionHistory": 100,
        "DescribeStateMachineForExecution": 15,
    }
    assert all(operation.startswith(READING) for operation in asked)

    found = json.loads(listed("--groups", "--json", "--machine", "Orders").out)
    assert found["isWhole"] is True
    assert [group["count"] for group in found["groups"]] == [7, 7, 6]
    assert found["groups"][0]["causeShape"] == "rate exceeded, request ‹id›"
    assert found["groups"][0]["executions"][0] == f"{PREFIX}:execution:Orders:run-00965"
    assert len(found["executions"]) == 20


def test_filters(fleet: Fleet) -> None:
    of = ("--machine", "Reports", "--json")
    assert names(listed(*of, "--status", "running")) == ["run-00999"]
    assert names(listed(*of, "--name", "0099", "--last", "2")) == ["run-00999", "run-00994"]
    assert names(listed(*of, "--name", "run-*90?", "--status", "SUCCEEDED")) == ["run-00909", "run-00904"]
    assert names(listed(*of, "--since", "2024-12-31T23:59:50Z")) == ["run-00999", "run-00994"]
    declined = listed(*of, "--error", "card*", "--last", "2")
    assert names(declined) == ["run-00919", "run-00769"]
    assert json.loads(declined.out)["isWhole"] is False
    assert names(listed(*of, "--error", "rate exceeded", "--since", "2024-12-31T23:57:00Z")) == ["run-00969"]
    none = listed("--machine", "Orders", "--status", "ABORTED")
    assert (none.out, none.err) == ("", "sfdebug: 0 executions\n")


def test_a_folder_has_the_same_list_and_groups_without_aws(fleet: Fleet) -> None:
    for machine in ("Orders", "Reports"):
        sfdebug("fetch", "--machine", machine, "--last", "60", "-o", "kept")
    fleet.requests.clear()
    in_aws, there = listed("--machine", "Orders", "--last", "60"), listed("kept", "--machine", "Orders")
    assert [line.split()[4] for line in there.out.splitlines()] == [line.split()[4] for line in in_aws.out.splitlines()]
    fleet.requests.clear()
    groups = listed("kept", "--groups", "--json")
    assert [(group["count"], group["error"]) for group in json.loads(groups.out)["groups"]] == [
        (2, "Throttled"), (2, "Throttled"), (2, "CardDeclined"), (2, "CardDeclined"),
        (2, "States.Runtime"), (2, "States.Runtime"),
    ]  # fmt: skip
    assert all(group["firstVersion"] for group in json.loads(groups.out)["groups"])
    assert len(names(listed("kept", "--json", "--last", "200"))) == 120
    assert len(names(listed("kept/Orders", "kept/Reports", "--json", "--last", "200"))) == 120
    assert fleet.asked == []
    Path("kept/cut.json").write_text('{"events": [', encoding="utf-8")
    partly = sfdebug("executions", "kept", "--groups")
    assert (partly.code, partly.out.count("Throttled")) == (2, 2)
    assert "not counted, for it cannot be read: kept/cut.json: the file ends in the middle" in partly.err
    Path("kept/cut.json").unlink()
    wide = listed("kept", "--local", "--last", "1").out
    assert "local, UTC" in wide


def test_express_executions_are_listed_from_their_log(fleet: Fleet) -> None:
    add_express(fleet, 12)
    outcome = listed("--machine", "Quick", "--since", "2025-01-01T00:00:00Z", "--groups")
    assert "the log group /aws/quick is searched" in outcome.err
    assert outcome.out.splitlines()[1].split()[:4] == ["4", "FAILED", "Late", "Bad"]
    everything = listed("--groups")
    assert "Quick is an Express state machine: --machine Quick reads its log" in everything.err


EXPIRED = ApiError("ExpiredTokenException", "The security token included in the request is expired")


@pytest.mark.parametrize(
    ("operation", "error", "what", "shown"),
    [
        ("GetExecutionHistory", EXPIRED, "the AWS credentials have expired", 20),
        ("ListExecutions", EXPIRED, "the AWS credentials have expired", 20),
        ("GetExecutionHistory", ApiError("ThrottlingException"), "because of too many requests", 20),
        ("GetExecutionHistory", ApiError("InternalFailure", status=500), "has a problem of its own", 20),
    ],
    ids=["expired", "expired-list", "throttled", "500"],
)
def test_what_ends_it_in_the_middle_leaves_what_was_read(
    fleet: Fleet, operation: str, error: ApiError, what: str, shown: int
) -> None:
    def before(asked: str) -> None:
        if asked == operation and fleet.asked.count(operation) > 4:
            raise error

    fleet.before = before
    outcome = sfdebug("executions", "--groups", "--json")
    assert outcome.code == 2
    found = json.loads(outcome.out)
    assert found["isWhole"] is False
    assert found["executions"]
    assert outcome.err.count(what) == 1, outcome.err
    assert "this is not all" in outcome.err
    fleet.before = lambda operation: None
    fleet.requests.clear()
    assert listed("--groups").err.endswith("100 executions: 100 FAILED in 15 groups\n")
    if operation == "GetExecutionHistory":
        assert fleet.asked.count(operation) < 100, "what was found out is kept"


def test_what_is_denied_or_deleted_is_said_once_and_the_rest_is_there(fleet: Fleet) -> None:
    gone = f"{PREFIX}:execution:Orders:run-00965"
    fleet.deleted.add(gone)
    outcome = sfdebug("executions", "--machine", "Orders", "--groups")
    assert outcome.code == 2
    assert "1 execution" not in outcome.out
    assert "(not read)" in outcome.out
    assert outcome.err.count("not known of 1 why it failed: it was deleted since") == 1
    fleet.deleted.clear()

    def before(operation: str) -> None:
        if operation in ("GetExecutionHistory", "DescribeExecution"):
            raise ApiError("AccessDeniedException", f"is not authorized to perform: states:{operation}")

    fleet.before = before
    denied = sfdebug("executions", "--machine", "Refunds", "--groups")
    assert denied.code == 2
    assert denied.err.count("may not states:DescribeExecution") == 1, denied.err
    assert len(denied.out.splitlines()) == 3, "they are one group of their own kind"


def test_a_machine_that_may_not_be_listed_does_not_hide_the_others(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = fleet._ListExecutions

    def denied(asked: Fields) -> Fields:
        if asked["stateMachineArn"] == machine_arn("Refunds"):
            raise ApiError("AccessDeniedException", "is not authorized to perform: states:ListExecutions")
        return listing(asked)

    monkeypatch.setattr(fleet, "_ListExecutions", denied)
    outcome = sfdebug("executions", "--groups", "--json")
    assert outcome.code == 2
    assert "sfdebug: not listed: Refunds: these credentials may not states:ListExecutions\n" in outcome.err
    assert json.loads(outcome.out)["isWhole"] is False
    assert len(names(outcome)) == 80
    alone = sfdebug("executions", "--machine", "Refunds")
    assert (alone.code, alone.out) == (2, "")


def test_what_another_endpoint_said_is_not_taken_for_this_ones(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where the endpoint is that of a profile, or of the environment."""
    listed("--machine", "Orders", "--last", "8")
    address = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", address.replace("127.0.0.1", "localhost"))
    fleet.requests.clear()
    listed("--machine", machine_arn("Orders"), "--last", "8")
    assert fleet.asked == ["ListExecutions", "GetExecutionHistory"]
    assert (
        sorted(path.name[:23] for path in (tmp_path / "cache").rglob("123456789012-*"))
        == ["123456789012-eu-west-1-"] * 2
    )


@pytest.mark.parametrize(
    ("argv", "what"),
    [
        (["gone"], "there is no such file or folder"),
        (["--machine", "Oders"], "There are: Orders"),
        (["--status", "LOST"], "no execution has the status 'LOST'"),
        (["--last", "0"], "not a number from 1"),
        (["--since", "now"], "is no time"),
        ([".", "--region", "eu-west-1"], "a folder is looked through without AWS"),
        (["."], "there is no history in this folder"),
    ],
)
def test_what_cannot_be_listed(fleet: Fleet, argv: list[str], what: str) -> None:
    outcome = sfdebug("executions", *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err


def test_nothing_of_an_execution_reaches_the_terminal_as_an_order(fleet: Fleet) -> None:
    add_express(fleet, 1)
    (log,) = fleet.log_groups.values()
    log[-1]["message"] = log[-1]["message"].replace("order 0 is late", "\\u001b[31mred\\u202e[b]bold[/b]")
    sfdebug("fetch", "--machine", "Quick", "--since", "2025-01-01T00:00:00Z", "-o", "hostile")
    assert Path("hostile/Quick").is_dir()
    text = listed("hostile").out + listed("hostile", "--groups").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[b]bold[/b]" in text


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (EXPIRED, "the AWS credentials have expired"),
        (ApiError("ThrottlingException"), "because of too many requests, after several attempts"),
        (ApiError("InternalFailure", status=500), "has a problem of its own"),
        (ApiError("InvalidSignatureException", "Signature not yet current"), "AWS refuses the time in the request"),
    ],
    ids=["expired", "throttled", "500", "clock"],
)
def test_verifying_a_machine_ends_with_what_was_read_and_goes_on_there(
    fleet: Fleet, error: ApiError, what: str
) -> None:
    def before(asked: str) -> None:
        if asked == "GetExecutionHistory" and fleet.asked.count(asked) > 8:
            raise error

    fleet.before = before
    Path("definition.asl.json").write_text(DEFINITION)
    argv = ("verify", "definition.asl.json", "--machine", "Orders", "--status", "SUCCEEDED", "--last", "20")
    outcome = sfdebug(*argv)
    assert outcome.code == 1, "nothing is green that was not read"
    assert outcome.out.endswith("8 of 20 executions proved to succeed (succeeds as recorded: 8, not verified: 12)\n")
    assert what in outcome.out
    assert "12 of 20 were not read, for a reason that held for all of them" in outcome.err
    assert fleet.asked.count("GetExecutionHistory") < 60, "nothing more is asked then"
    fleet.before = lambda operation: None
    fleet.requests.clear()
    again = sfdebug(*argv)
    assert (again.code, again.err) == (0, "")
    assert again.out.endswith("20 of 20 executions proved to succeed (succeeds as recorded: 20)\n"), again.out
    assert fleet.asked.count("GetExecutionHistory") == 12, "what was read is kept"


def test_why_many_were_not_verified_is_said_once(fleet: Fleet) -> None:
    def before(asked: str) -> None:
        if asked == "GetExecutionHistory":
            raise EXPIRED

    fleet.before = before
    Path("definition.asl.json").write_text(DEFINITION)
    outcome = sfdebug("verify", "definition.asl.json", "--machine", "Orders", "--last", "5")
    told, group = outcome.out.splitlines()[1], outcome.out.splitlines()[-2]
    assert "the AWS credentials have expired" in told
    assert group.startswith("5 not verified: the AWS credentials have expired")
    assert outcome.out.count("the AWS credentials have expired") == 2, "told with the first, and counted in the end"
    assert outcome.out.count("for the same reason") == 4
    assert outcome.out.endswith("5 not verified\n")
