"""`sfdebug forecast` as a user meets it: samples, recordings, tables of prices, and what it does not take."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command_line import sfdebug

SAMPLES = Path(__file__).parents[2] / "samples"
POLLING = (
    str(SAMPLES / "polling/polling.asl.json"),
    "--input",
    f"@{SAMPLES / 'polling/input.json'}",
    "--mocks",
    str(SAMPLES / "polling/MockConfigFile.json"),
)
RECORDED = SAMPLES / "recorded-order"


def test_a_case_its_costs_and_its_loop() -> None:
    done = sfdebug("forecast", *POLLING, "--case", "TooSlow", "--monthly", "50000")
    assert done.code == 0
    assert "estimates for us-east-1, with the prices of 20" in done.out
    assert "TooSlow, simulated   100%           21        0      61        130 bytes  FAILED QueryTooSlow" in done.out
    assert "  Standard  $0.000525 to $0.00055  $525.00 to $550.00  $26.15 to $27.40" in done.out
    assert "duration: not known; Waits and Retries alone take 1 min 15 s" in done.out
    assert "a turn: 4 transitions ($0.0001), 11 events, +0 bytes of input" in done.out
    assert "going on: it is left in turn 5, after 1 min 15 s on the clock (run on by the engine" in done.out


def test_all_cases_and_a_mix_of_them() -> None:
    every = json.loads(sfdebug("forecast", *POLLING, "--json").out)
    assert [run["share"] for run in every["runs"]] == [0.25] * 4
    mixed = json.loads(
        sfdebug(
            "forecast", *POLLING, "-c", "ReadyAtOnce=9", "-c", "TooSlow", "--takes", "1", "--rate", "400", "--json"
        ).out
    )
    assert [run["name"] for run in mixed["runs"]] == ["ReadyAtOnce", "TooSlow"]
    assert mixed["expected"]["transitions"] == [0.9 * 6 + 0.1 * 21, 0.9 * 6 + 0.1 * 21 + 1]
    assert mixed["expected"]["isDurationKnown"]
    assert mixed["costs"][1]["executions"] == 1_000_000
    assert mixed["load"]["starts"]["throttledAfterSeconds"] == pytest.approx(13.0, abs=0.02)
    assert mixed["load"]["openExecutions"] == int(400 * mixed["expected"]["milliseconds"] / 1_000)


def test_recorded_executions_have_durations() -> None:
    done = sfdebug("forecast", str(RECORDED / "definition.asl.json"), "--history", str(RECORDED / "history.json"))
    assert done.code == 0
    assert "recorded   100%           10        4      40        610 bytes  FAILED AddressIncomplete" in done.out
    assert "  duration: 2 min 12 s" in done.out


def test_a_recording_that_is_of_another_definition_or_not_over_is_told(tmp_path: Path) -> None:
    history = json.loads((RECORDED / "history.json").read_text(encoding="utf-8"))
    part = tmp_path / "part.json"
    part.write_text(json.dumps({"events": history["events"][:20]}), encoding="utf-8")
    done = sfdebug("forecast", POLLING[0], "--history", str(part))
    assert "not known: whether it ran this definition, which has no state 'Tell: order received' and 2 more" in done.out
    assert "duration: not known; 9 s as far as recorded" in done.out
    own = sfdebug("forecast", str(RECORDED / "definition.asl.json"), "--history", str(part))
    assert "this definition" not in own.out


def test_a_table_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text("date = 2026-11-01\n[standard.prices]\nus-east-1 = 1\n", encoding="utf-8")
    done = sfdebug("forecast", *POLLING, "--case", "ReadyAtOnce", "--prices", str(ours))
    assert f"with the prices of 2026-11-01 ({ours})" in done.out
    assert re.search(r"^  Standard +\$0\.006 to \$0\.007  ", done.out, re.MULTILINE)
    (tmp_path / "config.toml").write_text('prices = "ours.toml"\n', encoding="utf-8")
    monkeypatch.setenv("SFDEBUG_CONFIG", str(tmp_path / "config.toml"))
    assert sfdebug("forecast", *POLLING, "--case", "ReadyAtOnce").out == done.out
    ours.write_text("date = 2026-11-01\n[standard.prices]\nus-east-1 = 'x'\n", encoding="utf-8")
    wrong = sfdebug("forecast", *POLLING, "--case", "ReadyAtOnce")
    assert (wrong.code, wrong.out) == (2, "")
    assert f"{ours}:3:1: error: standard.prices.us-east-1 is a number from 0, not 'x'" in wrong.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate", "many"], "'many' is no number of starts a second"),
        (["--rate", "0"], "'0' is no number of starts a second"),
        (["--rate", "1", "--for", "soon"], "'soon' is no time up to a year"),
        (["--rate", "1e-400"], "'1e-400' is no number of starts a second"),
        (["--monthly", "0"], "'0' is no number of executions"),
        (["--monthly", "1.5"], "'1.5' is no number of executions"),
        (["--monthly", "nan"], "'nan' is no number of executions"),
        (["--takes", "Look=long"], "'Look=long' does not say how many seconds a Task takes"),
        (["--case", "ReadyAtOnce=0"], "'0' is no weight"),
        (["--case", "Nobody"], "there is no test case 'Nobody'"),
        (["--prices", "none.toml"], "the prices cannot be read"),
        (["--history", "none.json"], "none.json"),
        (["--history", "-", "--mocks", "-"], "stdin can hold only one of them"),
    ],
)
def test_what_it_does_not_take(options: list[str], said: str) -> None:
    done = sfdebug("forecast", *POLLING, *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_month_alone_has_the_free_transitions() -> None:
    done = sfdebug("forecast", *POLLING, "--case", "TooSlow", "--monthly", "1e6")
    assert re.search(r"1,000,000 a month$", done.out, re.MULTILINE)
    assert re.search(r"^  Standard .+  \$525\.00 to \$550\.00  \$524\.90 to \$549\.90$", done.out, re.MULTILINE)


def test_a_run_that_fails_without_an_input_says_so() -> None:
    given = str(SAMPLES / "order/order.asl.json")
    failed = sfdebug("forecast", given)
    assert failed.code == 0
    assert "'the run' failed with States.Runtime, having begun with {}: --input gives what it begins with" in failed.err
    assert "having begun" not in sfdebug("forecast", given, "--input", "{}").err


def test_express_child_executions_stand_in_the_costs_or_do_not(tmp_path: Path) -> None:
    inner = {"StartAt": "In", "States": {"In": {"Type": "Wait", "Seconds": 1, "End": True}}}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **inner}
    definition = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}}
    path = tmp_path / "each.asl.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    said = {
        region: sfdebug("forecast", str(path), "--input", "[1, 2]", "--region", region).out
        for region in ("us-east-1", "eu-west-1", "cn-north-1")
    }
    assert "with its Express child executions, as long as the clock says" in said["us-east-1"]
    assert "at the prices of us-east-1: the table has none for eu-west-1" in said["eu-west-1"]
    assert "without its Express child executions: the table has no Express prices for cn-north-1" in said["cn-north-1"]
    assert "  Standard  0.000189 CNY to 0.000378 CNY" in said["cn-north-1"], "dollars are not added to yuan"


def test_a_case_without_an_answer_is_named(tmp_path: Path) -> None:
    mocks = tmp_path / "mocks.json"
    mocks.write_text(
        json.dumps({"StateMachines": {"M": {"TestCases": {"Bare": {}}}}, "MockedResponses": {}}), encoding="utf-8"
    )
    done = sfdebug("forecast", POLLING[0], "--input", POLLING[2], "--mocks", str(mocks))
    assert done.code == 2
    assert "case Bare" in done.err
    assert "asks for a result and nothing answers it" in done.err
    assert "Or count what was recorded: --history" in done.err
    order = SAMPLES / "order"
    some = sfdebug(
        "forecast",
        str(order / "order.asl.json"),
        *("--input", f"@{order / 'input.json'}", "--mocks", str(order / "MockConfigFile.json")),
    )
    assert some.code == 0, "of all cases of a file, those are left out that another input is meant for"
    assert "left out:" in some.err
    assert "case CustomerDoesNotWait: the Task 'Put on hold' asks for a result" in some.err
    assert "HappyPath, simulated" in some.out
    assert "CustomerDoesNotWait" not in some.out
