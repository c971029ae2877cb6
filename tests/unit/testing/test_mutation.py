"""Mutants: which changes there are, which of them cases notice, and that no more is claimed than was run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.errors import UsageError
from sfdebug.reports.junit import JUnitVerdict
from sfdebug.reports.mutation import (
    mutation_case,
    mutation_dict,
    mutation_from,
    mutation_lines,
    mutation_summary,
    why_not_noticed,
)
from sfdebug.testing.mutation.adding import added
from sfdebug.testing.mutation.changing import changes_of
from sfdebug.testing.mutation.model import DefinitionChange, MutantVerdict, MutationReport
from sfdebug.testing.mutation.mutating import changed_value, mutate
from sfdebug.testing.reading import parse_cases
from sfdebug.testing.running import forget_machines, run_case
from sfdebug.values import MISSING
from tests.command_line import sfdebug
from tests.report_forms import check_code_quality, check_junit

TASK = "arn:aws:states:::lambda:invoke"
MACHINE: dict[str, Any] = {
    "StartAt": "Pay",
    "States": {
        "Pay": {"Type": "Task", "Resource": TASK, "Parameters": {"a": 1}, "InputPath": "$", "ResultPath": "$.payment",
                "Next": "Large?", "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["Declined", "Gone"], "ResultPath": "$.problem", "Next": "Tell"}]},
        "Large?": {"Type": "Choice", "Default": "Done",
                   "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Check"}]},
        "Check": {"Type": "Pass", "Result": {"by": "hand"}, "ResultPath": "$.check", "Next": "Done"},
        "Tell": {"Type": "Fail", "Error": "NotPaid", "Cause": "no money"},
        "Done": {"Type": "Pass", "Parameters": {"paid.$": "$.payment.id", "status": "OK"}, "End": True},
    },
}  # fmt: skip
CASES = """
machine: shop.asl.json
tests:
- {name: small, input: {total: 100}, answers: {Pay: [{fail: Busy, times: 2}, {return: {id: p1}}]},
   expect: {output_exactly: {paid: p1, status: OK}, path: [Pay, 'Large?', Done]}}
- {name: declined, input: {total: 5}, answers: {Pay: {fail: Declined}}, expect: {error: NotPaid}}
"""
WANTED = {
    "'Pay' leads": False,
    "Retrier #1 of 'Pay' is left out": True,
    "Retrier #1 of 'Pay': MaxAttempts is 1, not 2": True,
    "Catcher #1 of 'Pay' is left out": True,
    "Catcher #1 of 'Pay' does not name Declined": True,
    "Catcher #1 of 'Pay' does not name Gone": False,
    "ResultPath of Catcher #1 of 'Pay' is left out": False,
    "ResultPath of 'Pay' is left out": True,
    "rule #1 of 'Large?' leads to 'Done', not 'Check'": False,
    "rule #1 of 'Large?': NumericGreaterThan is NumericGreaterThanEquals": True,
    "rule #1 of 'Large?': NumericGreaterThan is 101, not 100": False,
    "Default of 'Large?' is left out": True,
    "Default of 'Large?' is 'Check', not 'Done'": True,
    "Error of 'Tell' is left out": True,
    "Cause of 'Tell' is left out": False,
    "Parameters of 'Done' is left out": True,
    "Parameters of 'Done': /paid.$ is left out": True,
    "Parameters of 'Done': /status is left out": True,
    'Parameters of \'Done\': /status is "not OK", not "OK"': True,
}


def test_what_rules_and_catchers_make_of_the_data_is_changed_too() -> None:
    rule = {"Condition": "{% $states.input.x %}", "Assign": {"n": 1}, "Output": {"way": "rule"}, "Next": "Ask"}
    catcher = {"ErrorEquals": ["States.ALL"], "Assign": {"m": "{% 1 %}"}, "Output": {"way": "caught"}, "Next": "End"}
    states = {
        "Which": {"Type": "Choice", "Choices": [rule], "Default": "End", "Output": {"way": "default"}},
        "Ask": {"Type": "Task", "Resource": TASK, "Arguments": {"FunctionName": "f"}, "Catch": [catcher], "End": True},
        "End": {"Type": "Succeed"},
    }
    machine = definition_from({"QueryLanguage": "JSONata", "StartAt": "Which", "States": states})
    found = [change.what for change in changes_of(machine)]
    for whose in ("rule #1 of 'Which'", "Catcher #1 of 'Ask'"):
        assert f"Assign of {whose} is left out" in found
        assert f"Output of {whose} is left out" in found
    for what in (
        "Assign of rule #1 of 'Which': /n is 2, not 1",
        'Output of rule #1 of \'Which\': /way is "not rule", not "rule"',
        "Assign of Catcher #1 of 'Ask': /m is left out",
        'Output of Catcher #1 of \'Ask\': /way is "not caught", not "caught"',
        "Output of 'Which': /way is left out",
    ):
        assert what in found, (what, found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    forget_machines()
    monkeypatch.chdir(tmp_path)
    Path("shop.asl.json").write_text(json.dumps(MACHINE, indent=1))
    Path("shop.sfn.yaml").write_text(CASES)
    yield tmp_path
    forget_machines()


def _report(**more: Any) -> MutationReport:
    return mutate([run_case(case) for case in parse_cases(CASES, "shop.sfn.yaml")], 1, **more)


def test_what_cases_notice_is_told_from_what_they_do_not(folder: Path) -> None:
    report = _report()
    found = {one.mutant.change.what: one for one in report.outcomes}
    for what, is_noticed in WANTED.items():
        if what != "'Pay' leads":
            verdict = MutantVerdict.NOTICED if is_noticed else MutantVerdict.SURVIVED
            assert found[what].verdict is verdict, what
    assert not any("'Pay' leads" in what for what in found), "a Choice is not passed over"
    assert not any("Parameters of 'Pay'" in what for what in found), "no case could notice what a Task is asked"
    counts = (report.count(MutantVerdict.NOT_RUN), report.count(MutantVerdict.EQUIVALENT))
    assert counts == (0, 1), "InputPath of $ says what holds without it"
    assert found["Retrier #1 of 'Pay' is left out"].noticed_by == "shop.sfn.yaml::small"
    inside = [one for one in report.outcomes if one.mutant.change.state == ("Check",)]
    assert {(one.verdict, one.ran) for one in inside} == {(MutantVerdict.SURVIVED, 0)}


def test_each_has_the_line_of_what_it_changes(folder: Path) -> None:
    lines = Path("shop.asl.json").read_text().splitlines()
    for one in _report().outcomes:
        pointer = one.mutant.change.pointer
        key = next(step for step in reversed(pointer) if isinstance(step, str))
        text = "".join(lines[one.mutant.line - 1 : one.mutant.line + 1])
        assert one.mutant.file == "shop.asl.json"
        assert isinstance(pointer[-1], int) or f'"{key}"' in text


def test_words_name_what_no_test_noticed(folder: Path) -> None:
    lines = mutation_lines(_report())
    catch = next(line for line in lines if "Gone" in line)
    assert catch.startswith("not noticed  shop.asl.json:")
    assert catch.endswith("  Catcher #1 of 'Pay' does not name Gone: 2 cases passed all the same")
    never = [line for line in lines if line.startswith("not entered")]
    assert len(never) == 1
    assert "'Check': no case enters it, so that none notices" in never[0]
    assert lines[-1].endswith("; left out: 1 that mean the same")


def test_no_more_is_claimed_than_was_run(folder: Path) -> None:
    everything = _report()
    ticks = count()
    some = _report(seconds=5.0, clock=lambda: float(next(ticks)))
    not_run = some.count(MutantVerdict.NOT_RUN)
    was_run = [one for one in some.outcomes if one.verdict is not MutantVerdict.NOT_RUN]
    assert 0 < not_run < len(everything.outcomes) == len(some.outcomes)
    assert [one for one in everything.outcomes if one in was_run] == was_run, "the order is always the same"
    assert mutation_summary(some).endswith(f"; not run within the budget: {not_run}")
    nothing = _report(seconds=0.0, clock=lambda: 1.0)
    assert {one.verdict for one in nothing.outcomes} == {MutantVerdict.EQUIVALENT, MutantVerdict.NOT_RUN}
    assert mutation_summary(nothing).startswith("0 of 0 changes were noticed, 0 not; ")


def test_what_was_not_run_counts_against_what_may_be_left(folder: Path) -> None:
    ticks = count()
    some = _report(seconds=5.0, clock=lambda: float(next(ticks)))
    survived, not_run = some.count(MutantVerdict.SURVIVED), some.count(MutantVerdict.NOT_RUN)
    late = f"{not_run} changes were not run within the budget"
    most = survived + not_run
    assert why_not_noticed(some, most) == "", "even if none of them were noticed"
    for fewer in (most - 1, survived):
        why = why_not_noticed(some, fewer)
        assert why == f"{late}, {survived} not noticed, and {fewer} may be: whether there are more is not known"
    found = mutation_case(some, survived)
    assert (found.judgement, found.kind) == (JUnitVerdict.FAILURE, "not run")
    assert found.text.endswith(f"; not run within the budget: {not_run}")
    left = _of_verdicts(some, MutantVerdict.SURVIVED, MutantVerdict.NOT_RUN, MutantVerdict.NOTICED)
    assert why_not_noticed(left, 0) == "1 change not noticed, and 0 may be; 1 change was not run within the budget"
    assert mutation_case(left, 0).kind == "survived"
    assert mutation_case(left, 2).judgement is JUnitVerdict.PASSED
    parts = added({"a": left, "b": _of_verdicts(some, *[MutantVerdict.SURVIVED] * 3)})
    assert why_not_noticed(parts, 1) == why_not_noticed(left, 1) != "", "what one part did not run, nobody knows"


def _of_verdicts(report: MutationReport, *verdicts: MutantVerdict) -> MutationReport:
    return MutationReport([
        replace(one, verdict=verdict) for one, verdict in zip(report.outcomes, verdicts, strict=False)
    ])  # fmt: skip


def test_parts_of_the_cases_say_together_what_all_say(folder: Path) -> None:
    small, declined = [mutate([run_case(case)], 1) for case in parse_cases(CASES, "shop.sfn.yaml")]
    for found, wanted in zip(added({"a": small, "b": declined}).outcomes, _report().outcomes, strict=True):
        assert (found.mutant.change, found.verdict) == (wanted.mutant.change, wanted.verdict)
        assert found.verdict is not MutantVerdict.SURVIVED or found.ran == wanted.ran
    read = mutation_from(json.loads(json.dumps(mutation_dict(small))), "small.json")
    assert mutation_dict(read) == mutation_dict(small)
    late = MutationReport([replace(one, verdict=MutantVerdict.NOT_RUN, ran=0) for one in declined.outcomes])
    verdicts = {one.verdict for one in added({"a": small, "b": late}).outcomes}
    assert MutantVerdict.NOT_RUN in verdicts
    assert MutantVerdict.SURVIVED not in verdicts, "what a part did not run, nobody knows"
    with pytest.raises(UsageError, match="it is not the same definition"):
        added({"a": small, "b": MutationReport(declined.outcomes[1:])})
    with pytest.raises(UsageError, match="this is not what came of changes"):
        mutation_from({"mutants": [{"verdict": "great"}]}, "x.json")


def test_two_processes_find_what_one_finds(folder: Path) -> None:
    outcomes = [run_case(case) for case in parse_cases(CASES, "shop.sfn.yaml")]
    assert mutate(outcomes, 2) == mutate(outcomes, 1)


def test_a_case_that_does_not_pass_has_no_part_in_it(folder: Path) -> None:
    failing = CASES.replace("status: OK", "status: KO").replace("error: NotPaid", "error: Other")
    report = mutate([run_case(case) for case in parse_cases(failing, "shop.sfn.yaml")], 1)
    assert report.outcomes == ()


def test_what_cannot_be_run_is_counted_by_itself() -> None:
    machine = definition_from({
        "QueryLanguage": "JSONata", "StartAt": "A",
        "States": {"A": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 1 %}", "Next": "B"},
                                                      {"Condition": "{% false %}", "Next": "C"}]},
                   "B": {"Type": "Succeed", "Output": {"x": [1, "{% 2 %}", {"y": True}]}}, "C": {"Type": "Fail"}},
    })  # fmt: skip
    found = [one.what for one in changes_of(machine)]
    assert found == [
        "rule #1 of 'A' is left out",
        "rule #1 of 'A' leads to 'C', not 'B'",
        "the Condition of rule #1 of 'A' is negated",
        "rule #2 of 'A' is left out",
        "rule #2 of 'A' leads to 'B', not 'C'",
        "the Condition of rule #2 of 'A' is negated",
        "Output of 'B' is left out",
        "Output of 'B': /x is left out",
        "Output of 'B': /x/0 is 2, not 1",
        "Output of 'B': /x/2/y is left out",
        "Output of 'B': /x/2/y is false, not true",
    ]


def test_a_change_leaves_the_definition_as_it_was() -> None:
    before = json.dumps(MACHINE)
    pointer = ("States", "Large?", "Choices", 0, "NumericGreaterThan")
    changed = changed_value(MACHINE, pointer, DefinitionChange((), pointer, 100, "", renamed="NumericLessThan"))
    assert json.dumps(MACHINE) == before
    assert json.dumps(changed) == before.replace("NumericGreaterThan", "NumericLessThan")
    first = ("States", "Pay", "Catch", 0, "ErrorEquals", 0)
    gone = changed_value(MACHINE, first, DefinitionChange((), first, MISSING, ""))
    assert json.dumps(gone) == before.replace('"Declined", "Gone"', '"Gone"')


def test_on_the_command_line(folder: Path) -> None:
    outcome = sfdebug("test", "--mutate", "--no-keep")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "2 passed"
    assert lines[-1] == mutation_lines(_report())[-1]
    failing = sfdebug("test", "--mutate", "--no-keep", "--json", "--fail-on-survivors", "3")
    told = json.loads(failing.out)["mutation"]
    assert failing.code == 1
    assert failing.err == f"sfdebug: {told['survived']} changes not noticed, and 3 may be\n"
    counts = ("noticed", "survived", "invalid", "equivalent", "notRun")
    assert sum(told[name] for name in counts) == len(told["mutants"])
    assert (told["notRun"], told["equivalent"]) == (0, 1)
    assert sfdebug("test", "--mutate", "--no-keep", "--fail-on-survivors", "99").code == 0
    nothing = sfdebug("test", "--mutate", "--no-keep", "--budget", "0", "--fail-on-survivors", "99")
    assert (nothing.code, "the budget was not enough for any of" in nothing.err) == (1, True), "nothing was tried"
    part = ["--mutate", "--shard", "1/2"]
    wrongs = [["--budget", "5"], ["--mutate", "--budget", "-1"], ["--fail-on-survivors", "1"], ["--code-quality", "q"]]
    for wrong in [*wrongs, [*part, "--fail-on-survivors", "1"], [*part, "--code-quality", "q"]]:
        assert sfdebug("test", *wrong).code == 2


def test_ci_is_told_what_all_parts_together_do_not_notice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    outputs = ["--junit", "all.xml", "--code-quality", "all.json", "--summary", "all.md", "--fail-on-survivors", "1"]
    whole = sfdebug("test", "--mutate", "--no-keep", *outputs)
    names = []
    for number in range(1, 4):
        part = sfdebug("test", "--mutate", "--no-keep", "--json", "--shard", f"{number}/3")
        assert "::" not in part.err, "another part may notice it"
        names.append(f"part-{number}.json")
        Path(names[-1]).write_text(part.out)
    merged = sfdebug("merge", *names, *[one.replace("all", "merged") for one in outputs])
    assert (merged.code, merged.err) == (whole.code, whole.err) == (1, merged.err)
    assert merged.out.splitlines() == whole.out.splitlines()
    for name in ("all.json", "all.md"):
        assert Path(name).read_text() == Path(name.replace("all", "merged")).read_text()
    issues = check_code_quality(Path("merged.json").read_bytes())
    lines = Path("shop.asl.json").read_text().splitlines()
    (gone,) = [one for one in issues if "Gone" in one["description"]]
    assert "Gone" in lines[gone["location"]["lines"]["begin"] - 1]
    assert (gone["check_name"], gone["severity"]) == ("change-not-noticed", "minor")
    assert "state-not-entered" in {one["check_name"] for one in issues}
    assert f"::warning file=shop.asl.json,line={gone['location']['lines']['begin']}," in merged.err
    assert "| `shop.asl.json:" in Path("merged.md").read_text()
    root = check_junit(Path("merged.xml").read_bytes())
    assert (root.get("tests"), root.get("failures")) == ("3", "1"), "two cases, and that changes are noticed"
    assert sfdebug("merge", *names, "--fail-on-survivors", "99").code == 0
    Path(names[0]).write_text(sfdebug("test", "--no-keep", "--json", "--shard", "1/3").out)
    assert "Run all jobs with --mutate" in sfdebug("merge", *names).err
