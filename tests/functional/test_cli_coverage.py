"""`sfdebug coverage` on recorded executions: the table, the forms, thresholds, what does not count."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command_line import sfdebug
from tests.history_runs import recorded

MACHINE = {
    "StartAt": "Ask",
    "States": {
        "Ask": {"Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Yes"}]},
        "Yes": {"Type": "Succeed"},
        "No": {"Type": "Fail", "Error": "No"},
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("ask.asl.json").write_text(json.dumps(MACHINE, indent=2))
    Path("recorded").mkdir()
    for name, n in (("a", 20), ("b", 30)):
        Path(f"recorded/{name}.json").write_text(json.dumps({"events": recorded(MACHINE, {"n": n})}))
    return tmp_path


def test_what_never_happened_is_named_with_its_line(folder: Path) -> None:
    outcome = sfdebug("coverage", "ask.asl.json", "recorded")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == "ask.asl.json: taken by 2 executions"
    assert "  states            2 of     3   66 %" in outcome.out
    assert "  ask.asl.json:18  'No'\n" in outcome.out
    drawn = sfdebug("coverage", "ask.asl.json", "recorded", "--graph").out
    assert re.search(r"Yes.*\n.*", drawn)
    assert "✓ done×2" in drawn
    assert "· not visited 1" in drawn


def test_thresholds_end_with_one_and_say_why(folder: Path) -> None:
    assert sfdebug("coverage", "ask.asl.json", "recorded", "--fail-under", "60").code == 0
    outcome = sfdebug("coverage", "ask.asl.json", "recorded", "--fail-under", "90", "--fail-under-errors", "90")
    assert outcome.code == 1
    assert outcome.err == "sfdebug: 60.0 % of everything was taken, and 90 % is asked for\n"
    wrong = sfdebug("coverage", "ask.asl.json", "recorded", "--fail-under", "190")
    assert (wrong.code, "--fail-under" in wrong.err) == (2, True)


def test_a_share_of_what_nobody_saw_is_not_reached(folder: Path) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:lambda:x:1:function:t", "Retry": [{"ErrorEquals": ["X"]}], "End": True}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inside = {"ProcessorConfig": config, "StartAt": "T", "States": {"T": task}}
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inside, "End": True}}}
    Path("m.asl.json").write_text(json.dumps(machine))
    run = sfdebug("run", "m.asl.json", "-i", "[1]", "-m", str(mocks(folder)), "--history", "m.json")
    assert run.code == 0, run.err
    outcome = sfdebug("coverage", "m.asl.json", "m.json", "--fail-under-errors", "80")
    assert "not known: what is in 'M'" in outcome.out
    assert (outcome.code, outcome.err) == (
        1, "sfdebug: nothing is known of the error paths, and 80 % is asked for\n")  # fmt: skip


def mocks(folder: Path) -> Path:
    """A mock file with one case, in which the Map Run of `M` gives [1]."""
    responses = {"R": {"0": {"Return": [1]}}}
    cases = {"StateMachines": {"S": {"TestCases": {"C": {"M": "R"}}}}, "MockedResponses": responses}
    (folder / "mocks.json").write_text(json.dumps(cases))
    return folder / "mocks.json"


def test_all_forms_are_written_and_jobs_add_up(folder: Path) -> None:
    names = {"lcov": "l.info", "cobertura": "c.xml", "html": "h.html", "markdown": "m.md", "svg": "s.svg",
             "mermaid": "m.mmd"}  # fmt: skip
    options = [part for kind, name in names.items() for part in (f"--{kind}", name)]
    first = sfdebug("coverage", "ask.asl.json", "recorded/a.json", "--json", *options)
    assert all(Path(name).stat().st_size > 100 for name in names.values())
    Path("one.json").write_text(first.out)
    Path("two.json").write_text(sfdebug("coverage", "ask.asl.json", "recorded/b.json", "--json").out)
    together = sfdebug("coverage", "ask.asl.json", "--add", "one.json", "--add", "two.json", "--json")
    both = sfdebug("coverage", "ask.asl.json", "recorded", "--json", "--jobs", "2")
    assert json.loads(together.out) == json.loads(both.out)
    assert sfdebug("coverage", "ask.asl.json", "--add", "recorded/a.json").code == 2
    Path("cut.json").write_text(json.dumps({**json.loads(first.out), "notCounted": 3}))
    cut = sfdebug("coverage", "ask.asl.json", "recorded/b.json", "--add", "cut.json", "--json")
    assert (cut.code, json.loads(cut.out)["notCounted"]) == (1, 3)
    assert cut.err == "sfdebug: not counted: 3 executions that cut.json leaves out\n"


def test_what_does_not_count_is_said(folder: Path) -> None:
    other = MACHINE | {"StartAt": "Other", "States": {**MACHINE["States"], "Other": {"Type": "Pass", "Next": "Ask"}}}  # type: ignore[dict-item]
    Path("recorded/c.json").write_text(json.dumps({"events": recorded(other, {"n": 1})}))
    Path("recorded/d.json").write_text("{")
    outcome = sfdebug("coverage", "ask.asl.json", "recorded")
    assert outcome.code == 1, "not all that was given was counted"
    assert "not counted: recorded/d.json" in outcome.err
    assert "1 execution went another way than this definition does, and counts up to there" in outcome.err
    assert "taken by 3 executions" in outcome.out
    assert sfdebug("coverage", "ask.asl.json").code == 2
    assert "no such file" in sfdebug("coverage", "ask.asl.json", "nowhere").err
