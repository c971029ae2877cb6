"""`sfdebug test` on a bundled sample: what passes, what does not, what is kept and written, how it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import pytest

from sfdebug.reports.junit import JUnitReport
from sfdebug.testing.model import CaseOutcome, MachineCase
from sfdebug.testing.running import forget_machines, run_case
from tests.command_line import ROOT, sfdebug

FILE = """\
machine: order.asl.json
mocks: MockConfigFile.json
input: "@input.json"
tests:
  - {name: paid at once, case: HappyPath, expect: {output: {status: SHIPPED}}}
  - {name: "lost [/] parcel", case: HappyPath, expect: {output: {status: LOST}}}
  - {name: missing, case: ItemMissing, expect: {visited: [Order on hold]}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    forget_machines()
    monkeypatch.chdir(tmp_path)
    for name in ("order.asl.json", "MockConfigFile.json", "input.json"):
        shutil.copy(ROOT / "samples" / "order" / name, name)
    Path("order.sfn.yaml").write_text(FILE)
    return tmp_path


def test_what_does_not_pass_is_told_kept_and_opens_again(folder: Path) -> None:
    outcome = sfdebug("test")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[0] == "FAILED  order.sfn.yaml:6  lost [/] parcel"
    assert lines[-1] == "1 failed, 2 passed"
    (kept,) = Path(".sfdebug/tests").iterdir()
    assert f"open this run: sfdebug --session {kept}" in outcome.out
    Path("order.sfn.yaml").write_text(FILE.replace("LOST", "SHIPPED"))
    assert sfdebug("test", "-v").out.splitlines()[1] == "passed  order.sfn.yaml:6  lost [/] parcel"
    assert not kept.exists(), "it passes now"


def test_reports_and_choices(folder: Path) -> None:
    assert sfdebug("test", "-k", "MISSING").out == "1 passed\n"
    assert sfdebug("test", "-k", "nothing").code == 2
    first = sfdebug("test", "-x", "--no-keep")
    assert (first.code, "stopped at the first that did not pass: 1 were not run" in first.err) == (1, True)
    told = sfdebug("test", "--json", "--junit", "t.xml", "--cov", "--no-keep")
    found = json.loads(told.out)
    assert (found["passed"], found["failed"], found["errors"]) == (2, 1, 0)
    assert (
        found["cases"][1]["mismatches"][0]["from"] == "'Order shipped': written in the definition: Parameters /status"
    )
    assert found["coverage"][0]["executions"] == 3
    suite = ElementTree.parse("t.xml").getroot().find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "0"]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "the output at /status differs"
    assert not Path(".sfdebug").exists()


def test_what_was_run_is_told_when_it_is_interrupted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfdebug.testing import together

    def interrupted(cases: Sequence[MachineCase], *_: object, **given: bool) -> Iterator[CaseOutcome]:
        yield from map(run_case, cases[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(together, "run_cases", interrupted)
    Path("t.xml").write_text("as it was")
    outcome = sfdebug("test", "--junit", "t.xml", "--no-keep")
    assert outcome.code == 130
    assert outcome.out.endswith("\n1 failed, 1 passed, interrupted: 1 were not run\n")
    outcome = sfdebug("test", "--json", "--no-keep")
    assert (outcome.code, outcome.out) == (130, "")
    assert "1 failed, 1 passed, interrupted: 1 were not run" in outcome.err
    monkeypatch.undo()
    monkeypatch.chdir(folder)

    def half(report: JUnitReport, stream: BinaryIO) -> None:
        stream.write(b"<half")
        raise KeyboardInterrupt

    monkeypatch.setattr(JUnitReport, "write", half)
    outcome = sfdebug("test", "--junit", "t.xml", "--no-keep")
    assert (outcome.code, outcome.out.splitlines()[-1]) == (130, "1 failed, 2 passed, interrupted")
    assert Path("t.xml").read_text() == "as it was"
    assert not [path for path in folder.iterdir() if path.name.endswith(".new")]


TWO = """\
Resources:
  Tested:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}
  Other:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: B, States: {B: {Type: Fail, Error: Boom}}}}
Transform: AWS::Serverless-2016-10-31
"""


def test_machines_without_a_case_are_named_beside_the_coverage_of_the_others(folder: Path) -> None:
    Path("order.sfn.yaml").unlink()
    Path("template.yaml").write_text(TWO)
    Path("one.sfn.yaml").write_text("machine: template.yaml#Tested\ntests: [{name: a}]\n")
    outcome = sfdebug("test", "--cov-fail-under", "100")
    told = "sfdebug: no test that was run is of template.yaml#Other: nothing is counted of it\n"
    assert (outcome.code, outcome.err) == (0, told)
    assert "no test" not in sfdebug("test").err, "nobody asked for a share"
    assert "no test" not in sfdebug("test", "--cov", "-k", "one").err, "others may be left out"
    Path("two.sfn.yaml").write_text("machine: template.yaml#Other\ntests: [{name: a, expect: {error: Boom}}]\n")
    assert sfdebug("test", "--cov").err == ""


def test_a_place_without_cases_is_an_error_beside_others_too(folder: Path) -> None:
    Path("empty").mkdir()
    outcome = sfdebug("test", "order.sfn.yaml", "empty", "--no-keep")
    assert (outcome.code, outcome.out) == (2, "")
    assert "sfdebug: empty: there is no file of test cases" in outcome.err


def test_thresholds_and_broken_files(folder: Path) -> None:
    Path("order.sfn.yaml").write_text(FILE.replace("LOST", "SHIPPED"))
    assert sfdebug("test", "--cov-fail-under-errors", "10").code == 1
    assert "0.0 % of the error paths was taken" in sfdebug("test", "--cov-fail-under-errors", "10").err
    assert sfdebug("test", "--cov-fail-under", "10", "--cov-lcov", "l.info").code == 0
    assert Path("l.info").read_text().startswith("TN:\nSF:order.asl.json\n")
    Path("broken.sfn.yaml").write_text("machine: x\ntests: 5\n")
    outcome = sfdebug("test", "--junit", "t.xml")
    assert outcome.code == 2
    assert "broken.sfn.yaml:2:8: error: there are no tests" in outcome.err
    assert outcome.out.endswith("3 passed, 1 error\n")
    assert "the file" in Path("t.xml").read_text()
    assert sfdebug("test", "nowhere").code == 2
    Path("empty").mkdir()
    assert "there is no file of test cases" in sfdebug("test", "empty").err
