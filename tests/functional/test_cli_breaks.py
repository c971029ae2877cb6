"""`--break`: where a run would stop, what is said on the way, and that the run stays the same."""

from __future__ import annotations

import json

import pytest

from sfdebug.cli.exit_codes import ExitCode
from tests.command_line import ROOT, sfdebug

ORDER = (
    "samples/order/order.asl.json",
    *("--input", "@samples/order/input.json", "--mocks", "samples/order/MockConfigFile.json", "--case"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_it_tells_where_it_would_stop_and_goes_on() -> None:
    plain = sfdebug("run", *ORDER, "HappyPath")
    breaks = ("--break", "Ship order if $.total > 50", "--break", 'Charge card at Task log "try {$states.attempt}"')
    outcome = sfdebug("run", *ORDER, "HappyPath", *breaks)
    assert (outcome.code, outcome.out) == (plain.code, plain.out)
    said, stop, where, data = outcome.err.splitlines()
    assert said == "try 1"
    assert stop == "stop 1: breakpoint Ship order if $.total > 50: about to run Ship order"
    assert where == "  after event 23, at +00:00:00"
    assert data.startswith('  data: {"orderId":"A-1001"')


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("Tell: order received", "breakpoint: "),
        ("Tell: order received if $.total > 50", "breakpoint Tell: order received if $.total > 50: "),
        ("Tell: order received hit 1", "breakpoint Tell: order received hit 1 (hit 1): "),
        (
            "Tell: order received if $.nowhere > 1",
            "the condition of Tell: order received if $.nowhere > 1 cannot be told ",
        ),
    ],
)
def test_a_run_would_stop_where_it_begins(where: str, why: str) -> None:
    told = sfdebug("run", *ORDER, "HappyPath", "--break", where).err
    assert told.startswith(f"stop 1: {why}")
    assert 'about to run "Tell: order received"' in told


def test_json_has_the_stops_and_the_messages() -> None:
    breaks = ("--break", "error PaymentDeclined", "--break", 'Charge card log "{$.orderId}"')
    outcome = sfdebug("run", *ORDER, "CardDeclined", "--json", *breaks)
    result = json.loads(outcome.out)
    assert outcome.code == ExitCode.EXECUTION_FAILED
    assert outcome.err == ""
    assert [said["text"] for said in result["messages"]] == ["A-1001"]
    assert all(stop["state"] == "Charge card" for stop in result["stops"])
    assert "stops" not in json.loads(sfdebug("run", *ORDER, "CardDeclined", "--json").out)


def test_the_history_is_the_same() -> None:
    fixed = ("--history", "-", "--start-time", "2025-01-01T00:00:00Z")
    plain = sfdebug("run", *ORDER, "PaymentBusy", *fixed)
    watched = sfdebug("run", *ORDER, "PaymentBusy", *fixed, "--break", "fault")
    assert watched.out == plain.out
    assert "stop 1: Charge card failed with" in watched.err


@pytest.mark.parametrize("command", [("run",), ()])
def test_what_cannot_be_a_breakpoint_is_refused_with_its_place(command: tuple[str, ...]) -> None:
    outcome = sfdebug(*command, *ORDER, "HappyPath", "--break", "Shp order if $.total > 1")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert outcome.err.splitlines() == [
        "sfdebug: --break: there is no state Shp order",
        "    Shp order if $.total > 1",
        "    ^",
        "  Did you mean Ship order?",
    ]


def test_a_task_without_an_answer_ends_it_after_the_stops() -> None:
    outcome = sfdebug("run", *ORDER[:3], "--break", "Tell: order received at Parameters")
    assert outcome.code == ExitCode.USAGE
    assert "stop 1: breakpoint" in outcome.err
    assert "asks for a result and nothing answers it" in outcome.err
