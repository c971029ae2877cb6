"""`sfdebug metrics` on recordings, and on a definition that is simulated."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import sfdebug

SAMPLES = Path(__file__).parents[2] / "samples"
HISTORY = str(SAMPLES / "recorded-order/history.json")


def test_a_recorded_run_as_text() -> None:
    done = sfdebug("metrics", HISTORY)
    assert done.code == 0
    assert "what CloudWatch shows of 1 run, in AWS/States" in done.out
    assert "ServiceIntegrationResourceArn arn:aws:states:::lambda:invoke" in done.out
    assert "  ServiceIntegrationsFailed       5\n" in done.out
    assert "  ExecutionsStarted               1 of 2 samples\n" in done.out
    assert "  2 × an attempt in 'Charge card' failed and was tried again" in done.out


def test_several_runs_as_json(tmp_path: Path) -> None:
    for name in ("one.json", "other.json"):
        (tmp_path / name).write_bytes(Path(HISTORY).read_bytes())
    found = json.loads(sfdebug("metrics", str(tmp_path), "--json").out)
    assert found["runs"] == 2
    failed = next(one for one in found["metrics"] if one["name"] == "ExecutionsFailed")
    assert (failed["sum"], failed["sampleCount"], failed["namespace"]) == (2, 2, "AWS/States")
    assert {"kind": "started twice", "state": None, "count": 2} in found["notSeen"]


def test_a_first_page_is_not_taken_for_an_execution_that_still_runs(tmp_path: Path) -> None:
    events = json.loads(Path(HISTORY).read_text(encoding="utf-8"))["events"][:10]
    for token, said, unsaid in (
        ({"nextToken": "x"}, "1 × events are missing in a history: what they emit is not counted here", "still runs"),
        ({}, "1 × still runs in 'Charge card'", "events are missing"),
    ):
        (tmp_path / "page.json").write_text(json.dumps({"events": events, **token}), encoding="utf-8")
        done = sfdebug("metrics", str(tmp_path / "page.json"))
        assert (done.code, said in done.out, unsaid in done.out) == (0, True, False)


def test_a_simulated_run() -> None:
    folder = SAMPLES / "approval"
    done = sfdebug(
        "metrics",
        str(folder / "approval.asl.json"),
        *("--input", f"@{folder / 'input.json'}", "--mocks", str(folder / "MockConfigFile.json"), "--case", "Approved"),
    )
    assert done.code == 0
    assert "ExecutionsSucceeded" in done.out
    assert "ServiceIntegrationsScheduled" in done.out


def test_a_definition_without_input_is_no_run() -> None:
    done = sfdebug("metrics", str(SAMPLES / "approval/approval.asl.json"))
    assert (done.code, done.out) == (2, "")
    assert "this is a definition, not the history of an execution" in done.err
    assert "To simulate a definition, give its input" in done.err
    assert sfdebug("metrics", HISTORY, HISTORY, "--input", "{}").code == 2


def test_how_to_simulate_is_said_of_definitions_and_projects_alone(tmp_path: Path) -> None:
    faulty, other, empty = tmp_path / "faulty.json", tmp_path / "other.json", tmp_path / "empty"
    faulty.write_text('{"StartAt": "Nowhere", "States": {}}', encoding="utf-8")
    other.write_text('{"StartedBy": 1}', encoding="utf-8")
    empty.mkdir()
    said = "To simulate a definition, give its input: --input '{}'"
    for given, is_said in (
        (faulty, True),
        (SAMPLES / "order-sam/template.yaml", True),
        (SAMPLES / "order-sam", True),
        (other, False),
        (SAMPLES / "recorded-order/README.md", False),
        (tmp_path / "nowhere.json", False),
        (empty, False),
    ):
        done = sfdebug("metrics", str(given))
        assert (done.code, done.out, said in done.err) == (2, "", is_said), given
