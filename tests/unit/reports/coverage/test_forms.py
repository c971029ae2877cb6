"""Coverage in the forms that tools read: each says the same, data stay data, and what was written is read back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sfdebug.asl.load import definition_from, parse_definition
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult, TaskSilence
from sfdebug.errors import UsageError
from sfdebug.history.coverage.items import merged
from sfdebug.history.coverage.model import Coverage, CoverageItem, CoverageKind
from sfdebug.history.coverage.taking import taken_in
from sfdebug.reports.coverage.cobertura import cobertura
from sfdebug.reports.coverage.data import coverage_dict, coverage_from
from sfdebug.reports.coverage.html import coverage_page
from sfdebug.reports.coverage.lcov import lcov
from sfdebug.reports.coverage.markdown import coverage_markdown
from sfdebug.reports.coverage.places import CoveredDefinition
from sfdebug.reports.coverage.text import missing_lines, shortfalls, table_lines, unseen_texts
from tests.engine_runs import run
from tests.report_forms import check_cobertura

TEXT = """\
{
  "StartAt": "Pay",
  "States": {
    "Pay": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "TimeoutSeconds": 3,
      "Retry": [
        {"ErrorEquals": ["Busy"], "IntervalSeconds": 1}
      ],
      "Catch": [
        {"ErrorEquals": ["Declined"], "Next": "Tell"},
        {"ErrorEquals": ["States.ALL"], "Next": "Stop"}
      ],
      "Next": "Paid?"
    },
    "Paid?": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.paid", "BooleanEquals": true, "Next": "Done"}
      ],
      "Default": "Stop"
    },
    "Tell": {"Type": "Pass", "Next": "Stop"},
    "Stop": {"Type": "Fail"},
    "Done": {"Type": "Succeed"}
  }
}
"""


def covered(text: str = TEXT, title: str = "pay") -> CoveredDefinition:
    """Two runs: one is declined, one is paid at the second try."""
    machine = parse_definition(text, "flows/pay.asl.json")
    definition = machine.document.value
    answers: Iterator[Answer] = iter([TaskFailure("Declined"), TaskFailure("Busy"), TaskResult({"paid": True})])
    runs = [run(definition, {}, lambda request: next(answers)) for _ in range(2)]
    return CoveredDefinition(title, machine, merged(machine, map(taken_in, runs)))


def test_the_table_and_what_is_missing_with_its_line() -> None:
    one = covered()
    assert [line.split("  ")[-1].strip() for line in table_lines(one.coverage)][-2:] == ["40 %", "71 %"]
    assert missing_lines(one) == [
        "  flows/pay.asl.json:6  'Pay' times out",
        "  flows/pay.asl.json:8  Retrier #1 of 'Pay' runs out of attempts",
        "  flows/pay.asl.json:12  Catcher #2 of 'Pay'",
        "  flows/pay.asl.json:21  Default of 'Paid?'",
    ]


def test_lcov_has_states_as_functions_and_ways_as_branches() -> None:
    lines = lcov([covered()]).splitlines()
    assert lines[:2] == ["TN:", "SF:flows/pay.asl.json"]
    assert "FN:4,pay:Pay" in lines
    assert "FNDA:2,pay:Pay" in lines
    assert ("FNF:5" in lines, "FNH:5" in lines, lines[-1]) == (True, True, "end_of_record")
    data = dict(line.removeprefix("DA:").split(",") for line in lines if line.startswith("DA:"))
    assert (data["4"], data["6"], data["8"], data["11"], data["12"], data["19"], data["21"]) == (
        "2", "0", "1", "1", "0", "1", "0")  # fmt: skip
    branches = [line for line in lines if line.startswith("BRDA:")]
    assert "BRDA:8,0,1,1" in branches, "the Retrier tried again"
    assert "BRDA:8,0,2,0" in branches, "and did not run out"
    assert (f"BRF:{len(branches)}" in lines, "BRH:3" in lines) == (True, True)


def test_a_line_of_a_page_that_was_taken_in_part_is_not_shown_as_taken() -> None:
    page = coverage_page([covered()])
    shown = dict(re.findall(r'<span id="f1-(\d+)" class="(\w+)">', page))
    assert (shown["4"], shown["8"], shown["11"], shown["12"]) == ("hit", "partly", "hit", "missed")
    assert '<a href="#f1-8">8</a><b>◑ 1×</b>' in page, "it is told without colours too"
    assert '<a href="#f1-12">flows/pay.asl.json:12</a>' in page


def test_names_cannot_break_a_tracefile_or_a_page() -> None:
    evil = "</pre><script>alert(1)</script>,\nend_of_record\nSF:/etc/passwd [/] `x`"
    text = TEXT.replace('"Tell"', json.dumps(evil))
    one = covered(text, evil)
    assert [line for line in lcov([one]).splitlines() if line.startswith("SF:")] == ["SF:flows/pay.asl.json"]
    assert lcov([one]).splitlines().count("end_of_record") == 1
    page = coverage_page([one])
    assert "<script" not in page
    assert page.count("<svg") == 1
    lines = coverage_markdown([one]).splitlines()
    assert [line for line in lines if line.startswith(("SF:", "end_of_record", "</pre>"))] == []
    check_cobertura(cobertura([one], 0, "1"))


def test_cobertura_counts_the_same() -> None:
    written = cobertura([covered()], 1_700_000_000_000, "9.9")
    read = check_cobertura(written)
    assert read.files() == ["flows/pay.asl.json"]
    assert read.total_misses() == len(read.missed_statements("flows/pay.asl.json")) > 1
    root = ElementTree.fromstring(written)
    assert (root.get("timestamp"), root.get("version")) == ("1700000000000", "sfdebug 9.9")
    lines = {line.get("number"): line for line in root.findall("./packages/package/classes/class/lines/line")}
    assert lines["12"].get("hits") == "0"
    assert lines["8"].get("condition-coverage") == "50% (1/2)"
    assert root.get("lines-valid") == str(len(lines))
    assert root.find("./packages/package/classes/class").get("filename") == "flows/pay.asl.json"  # type: ignore[union-attr]


def test_what_was_written_is_read_back_and_added() -> None:
    one = covered()
    found = coverage_from(json.loads(json.dumps(coverage_dict(one.coverage))), one.machine, "x")
    assert found == one.coverage
    assert (found + one.coverage).of(CoverageKind.STATE) == {
        item: 2 * count for item, count in one.coverage.of(CoverageKind.STATE).items()
    }


@pytest.mark.parametrize("value", [None, [], {"executions": 1}, "text", {"executions": "x", "unseen": [], "states": 1}])
def test_something_else_is_no_coverage(value: Any) -> None:
    with pytest.raises(UsageError, match="no coverage that sfdebug wrote"):
        coverage_from(value, covered().machine, "x.json")


def test_coverage_of_another_definition_is_refused() -> None:
    other = definition_from({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    with pytest.raises(UsageError, match="other states or ways"):
        coverage_from(coverage_dict(covered().coverage), other, "x.json")


def test_markdown_names_the_error_paths() -> None:
    text = coverage_markdown([covered()])
    assert "| **error paths** | 2 | 5 | 40 % |" in text
    assert "`flows/pay.asl.json:12` Catcher \\#2" in text.replace("Catcher #2", "Catcher \\#2")
    assert "```mermaid" in text


@pytest.mark.skipif(shutil.which("genhtml") is None, reason="lcov's genhtml is not installed")
def test_genhtml_reads_the_tracefile(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/pay.asl.json").write_text(TEXT)
    (tmp_path / "lcov.info").write_text(lcov([covered()]))
    done = subprocess.run(
        ["genhtml", "lcov.info", "-o", "html", "--branch-coverage"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "functions..: 100.0% (5 of 5 functions)" in done.stdout


def test_a_share_that_was_not_reached_is_never_said_in_a_number_that_reaches_it() -> None:
    rules = [CoverageItem(CoverageKind.STATE, (f"S{number}",)) for number in range(2_500)]
    coverage = Coverage(1, {item: int(number < 1_499) for number, item in enumerate(rules)})  # 59.96 %
    assert shortfalls([coverage], 60, None) == ["59.9 % of everything was taken, and 60 % is asked for"]
    assert shortfalls([coverage], 59.96, None) == []


def test_of_what_nobody_saw_no_share_is_reached() -> None:
    inside = CoverageItem(CoverageKind.RETRIER, ("M", "T"))
    coverage = Coverage(1, {inside: 0}, unseen=frozenset({("M",)}))
    assert shortfalls([coverage], None, 80) == ["nothing is known of the error paths, and 80 % is asked for"]
    assert shortfalls([coverage], None, 0) == []
    seen = Coverage(1, {inside: 1}, unseen=frozenset({("M",)}))
    assert shortfalls([coverage, seen], None, 100) == []


def test_the_timeout_of_the_machine_itself_is_in_all_forms() -> None:
    text = TEXT.replace('{\n  "StartAt"', '{\n  "TimeoutSeconds": 60,\n  "StartAt"', 1)
    machine = parse_definition(text, "shop.asl.json")
    found = merged(machine, [taken_in(run(machine, {"paid": True}, lambda request: TaskResult({"paid": True})))])
    covered = CoveredDefinition("shop", machine, found)
    assert "  shop.asl.json:2  the execution times out" in missing_lines(covered, all_items=True)
    for written in (coverage_markdown([covered]), coverage_page([covered])):
        assert "the execution times out" in written
        assert "shop.asl.json:2" in written
    assert "FN:2,shop\n" in lcov([covered])
    assert "BRDA:2,0,0,-\n" in lcov([covered])
    assert "DA:2,0\n" in lcov([covered])
    written_xml = cobertura([covered], 0, "1")
    check_cobertura(written_xml)
    root = ElementTree.fromstring(written_xml)
    assert [line.get("hits") for line in root.iterfind(".//class/lines/line[@number='2']")] == ["0"]
    told: Any = json.loads(json.dumps(coverage_dict(found)))
    own = told["timeouts"]["items"][0]
    assert own == {"state": [], "count": 0}
    assert coverage_from(told, machine, "x") == found
    told["timeouts"]["items"].remove(own)  # as versions wrote it that did not count it
    old = coverage_from(told, machine, "x")
    both = old + found
    for one in (old, both, coverage_from(json.loads(json.dumps(coverage_dict(both))), machine, "x")):
        assert [item.state for item in one.unknown] == [()], "it may have happened in those"
        assert one.share().total == found.share().total - 1
        assert any(line.startswith("not known: whether the execution times out; ") for line in unseen_texts(one))
        assert "\nDA:2," not in lcov([CoveredDefinition("shop", machine, one)])
    late = merged(machine, [taken_in(run(machine, {"paid": True}, lambda request: TaskSilence()))])
    assert coverage_from(told, machine, "x") + late == late + old
