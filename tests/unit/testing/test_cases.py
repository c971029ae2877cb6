"""Test cases from a file to a verdict: what can stand in one, what is wrong in one, what is expected and what came."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.new_sessions import plain_args
from sfdebug.cli.sessions import tasks_again
from sfdebug.debugger.sessions.opening import Continued, continued, reopened
from sfdebug.debugger.sessions.restoring import read_session, restored
from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.reports.testing import explanation, note_lines, outcome_dict
from sfdebug.testing.comparing import differences, first_off
from sfdebug.testing.keeping import forget_run, keep_run, kept_path
from sfdebug.testing.model import CaseOutcome, CaseVerdict, MismatchKind
from sfdebug.testing.reading import CaseFileError, mock_cases, parse_cases
from sfdebug.testing.running import forget_machines, run_case
from sfdebug.testing.together import find_cases, run_cases
from sfdebug.values import MISSING

TASK = "arn:aws:states:::lambda:invoke"
MACHINE = {
    "StartAt": "Pay",
    "States": {
        "Pay": {"Type": "Task", "Resource": TASK, "ResultPath": "$.payment", "Next": "Large?", "TimeoutSeconds": 5,
                "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["Declined", "States.Timeout"], "ResultPath": "$.problem", "Next": "Tell"}]},
        "Large?": {"Type": "Choice", "Default": "Done",
                   "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Check"}]},
        "Check": {"Type": "Task", "Resource": TASK, "ResultPath": "$.check", "Next": "Done"},
        "Tell": {"Type": "Fail", "Error": "NotPaid", "Cause": "no money"},
        "Done": {"Type": "Pass", "Parameters": {"paid.$": "$.payment.id", "status": "OK"}, "End": True},
    },
}  # fmt: skip
MOCKS = {
    "StateMachines": {"Shop": {"TestCases": {"Paid": {"Pay": "paid"}, "Declined": {"Pay": "declined"}}}},
    "MockedResponses": {"paid": {"0": {"Return": {"id": "p1"}}}, "declined": {"0": {"Throw": {"Error": "Declined"}}}},
}

HEAD = "machine: shop.asl.json\nmocks: MockConfigFile.json\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    forget_machines()
    monkeypatch.chdir(tmp_path)
    Path("shop.asl.json").write_text(json.dumps(MACHINE))
    Path("MockConfigFile.json").write_text(json.dumps(MOCKS))
    return tmp_path


def outcome(test: str, head: str = "input: {total: 5}") -> CaseOutcome:
    (case,) = parse_cases(
        f"machine: shop.asl.json\nmocks: MockConfigFile.json\n{head}\ntests:\n- {test}", "shop.sfn.yaml"
    )
    return run_case(case, keeps_run=True)


def kinds(found: CaseOutcome) -> list[MismatchKind]:
    return [one.kind for one in found.mismatches]


@pytest.mark.parametrize(
    "test",
    [
        "{case: Paid}",
        "{case: Paid, expect: {output: {status: OK}}}",
        "{case: Paid, expect: {output_exactly: {status: OK, paid: p1}}}",
        "{case: Paid, expect: {path: [Pay, 'Large?', Done]}}",
        "{case: Paid, expect: {path: [..., Done], not_visited: [Check, Tell], visited: [Done]}}",
        "{case: Declined, expect: {error: NotPaid, cause: money, path: [Pay, ...]}}",
        "{name: a, answers: {Pay: [{fail: Busy, times: 2}, {return: {id: x}}]}, expect: {attempts: {Pay: 3}}}",
        "{name: a, answers: {Pay: {silent: true}}, expect: {status: FAILED}}",
        "{name: a, input: {total: 500}, answers: {Pay: {return: {id: 1}}, Check: {return: 2}}}",
        "{case: Paid, inject: [{state: Pay, error: Declined, cause: tried}], expect: {error: NotPaid}}",
        "{case: Paid, type: EXPRESS, start_time: '2026-01-01T00:00:00Z'}",
    ],
)
def test_a_case_that_is_as_expected_passes(folder: Path, test: str) -> None:
    found = outcome(test)
    assert (found.verdict, found.mismatches, found.run) == (CaseVerdict.PASSED, (), None), found
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize(
    ("test", "wanted", "told"),
    [
        ("{case: Declined}", [MismatchKind.STATUS], "it ended FAILED (NotPaid: no money); SUCCEEDED is expected"),
        ("{case: Paid, expect: {error: NotPaid}}", [MismatchKind.ERROR], 'the error is nothing; "NotPaid" is expected'),
        ("{case: Declined, expect: {error: NotPaid, cause: gold}}", [MismatchKind.CAUSE],
         'the cause is "no money"; "gold" is expected in it'),
        ("{case: Paid, expect: {output: {paid: p2}}}", [MismatchKind.OUTPUT], "the output at /paid differs"),
        ("{case: Paid, expect: {output_exactly: {status: OK}}}", [MismatchKind.OUTPUT], "the output at /paid differs"),
        ("{case: Paid, expect: {path: [Pay, Done]}}", [MismatchKind.PATH],
         'state 2 is "Large?"; "Done" is expected there'),
        ("{case: Paid, expect: {path: [Pay, 'Large?']}}", [MismatchKind.PATH],
         'state 3 is "Done"; the path is expected to end before it'),
        ("{case: Paid, expect: {path: [Pay, ..., Done, Tell]}}", [MismatchKind.PATH],
         'the path ends; "Tell" is expected there'),
        ("{case: Paid, expect: {visited: [Tell], not_visited: [Pay]}}",
         [MismatchKind.VISITED, MismatchKind.NOT_VISITED],
         "'Tell' was not visited"),
        ("{case: Paid, expect: {attempts: {Pay: 2}}}", [MismatchKind.ATTEMPTS], "'Pay' was tried once; 2 is expected"),
    ],
)  # fmt: skip
def test_what_is_not_as_expected_is_told(folder: Path, test: str, wanted: list[MismatchKind], told: str) -> None:
    found = outcome(test)
    assert found.verdict is CaseVerdict.FAILED
    assert kinds(found) == wanted
    assert explanation(found)[0] == told
    assert any("Pay" in line for line in explanation(found)), "the path is shown"


def test_a_failure_that_never_came_is_told(folder: Path) -> None:
    found = outcome("{case: Paid, inject: [{state: Check, error: Boom}]}")  # the way does not lead there
    assert kinds(found) == [MismatchKind.NOT_INJECTED]
    assert explanation(found)[0] == "'Check' was never tried: the failure \"Boom\" that is injected there never came"
    came = outcome("{case: Paid, inject: [{state: Pay, error: Declined, attempts: 9}], expect: {error: NotPaid}}")
    assert came.verdict is CaseVerdict.PASSED, "it came, if not nine times"


def test_an_answer_that_no_call_was_given_is_told(folder: Path) -> None:
    found = outcome("{name: a, answers: {Pay: [{return: {id: 1}}, {fail: Busy, times: 2}], Check: {return: 2}}}")
    assert kinds(found) == [MismatchKind.NOT_GIVEN, MismatchKind.NOT_GIVEN]
    assert explanation(found)[:2] == [
        "'Pay' was called once: of its 3 answers (shop.sfn.yaml:5:23) 2 were never given",
        "'Check' was never called: its answer (shop.sfn.yaml:5:73) was never given",
    ]
    inject = "inject: [{state: Pay, error: Busy}]"
    assert outcome(f"{{name: a, answers: {{Pay: [{{return: {{id: 1}}}}]}}, {inject}}}").is_good, "it asks nobody"
    wrong = outcome("{name: a, answers: {Pay: {fail: Declined}, Check: [{return: 1}]}}")
    assert kinds(wrong) == [MismatchKind.STATUS, MismatchKind.NOT_GIVEN], "what went wrong comes first"


def test_of_a_mock_file_it_is_a_note(folder: Path) -> None:
    busy = {"0-1": {"Throw": {"Error": "Busy"}}, "2-9": {"Return": {"id": "p1"}}}
    cases = {"Paid": {"Pay": "busy", "Check": "busy"}}
    mocks = {"StateMachines": {"Shop": {"TestCases": cases}}, "MockedResponses": {"busy": busy}}
    Path("MockConfigFile.json").write_text(json.dumps(mocks))
    found = outcome("{case: Paid}")
    assert found.is_good
    assert found.notes == (
        "'Pay' was called 3 times, and 'busy' in case 'Paid' answers 0-1, 2-9: the others were not asked for",
    )
    assert note_lines(found) == [f"    note: {found.notes[0]}"]
    assert outcome_dict(found)["notes"] == [*found.notes]


def test_a_state_of_a_mock_file_that_the_machine_has_not_is_told(folder: Path) -> None:
    cases = {"Paid": {"Pay": "paid", "Chekc": "paid", "Done": "paid"}}
    Path("MockConfigFile.json").write_text(json.dumps({**MOCKS, "StateMachines": {"Shop": {"TestCases": cases}}}))
    found = outcome("{case: Paid}")
    assert found.is_good
    assert found.notes == (
        "MockConfigFile.json:1:67: the definition shop.asl.json has no state 'Chekc'. Did you mean 'Check'?",
        "MockConfigFile.json:1:84: 'Done' is a Pass: only Tasks and distributed Maps are mocked. "
        "Take it out of the test case.",
    ), found.notes
    asked = outcome("{case: Paid, input: {total: 500}}")
    assert asked.verdict is CaseVerdict.ERROR
    assert "nobody answers 'Check'" in asked.error
    assert "\n  MockConfigFile.json:1:67: the definition shop.asl.json has no state 'Chekc'. Did" in asked.error


def test_a_wrong_value_is_told_with_where_it_is_from(folder: Path) -> None:
    found = outcome("{case: Paid, expect: {output: {paid: p2, status: KO}}}")
    assert [one.origin for one in found.mismatches] == [
        "'Done': Parameters takes $.payment.id", "'Done': written in the definition: Parameters /status"]  # fmt: skip
    assert "  from:     'Done': Parameters takes $.payment.id" in explanation(found)


def test_nobody_makes_up_an_answer(folder: Path) -> None:
    found = outcome("{case: Paid, input: {total: 500}}")
    assert found.verdict is CaseVerdict.ERROR
    assert found.error.startswith("shop.sfn.yaml:5:3: nobody answers 'Check' (arn:aws:states:::lambda:invoke)")
    again = outcome("{name: a, answers: {Pay: [{fail: Busy}]}}")
    assert "'Pay' is called for the 2nd time, and its mock has 1 answer" in again.error


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("{name: a, answers: {Pya: {return: 1}}}", "shop.asl.json has no state 'Pya'\n  Did you mean 'Pay'?"),
        ("{case: Paid, expect: {not_visited: [Tel]}}", "has no state 'Tel'\n  Did you mean 'Tell'?"),
        ("{case: Paid, expect: {not_visited: [Tell, Tel]}}", "shop.sfn.yaml:5:45: the definition shop.asl.json has no"),
        ("{case: Paid, expect: {path: [Pay, ..., Doen]}}", "shop.sfn.yaml:5:42: the definition shop.asl.json has no"),
        ("{case: Paid, expect: {attempts: {Pya: 1}}}", "shop.sfn.yaml:5:36: the definition shop.asl.json has no"),
        ("{case: Paid, expect: {not_visited: [...]}}", "5:39: the definition shop.asl.json has no state '...'"),
        ("{case: Paid, expect: {attempts: {...: 0}}}", "5:36: the definition shop.asl.json has no state '...'"),
        ("{case: Paid, expect: {visited: [P]}}", "shop.sfn.yaml:5:35: the definition shop.asl.json has no"),
        ("{case: Gone}", "there is no test case 'Gone'"),
        ("{case: Gone}", "asked for at shop.sfn.yaml:5:3"),
        ("{name: a, machine: gone.asl.json}", "gone.asl.json"),
        ("{name: a, machine: gone.asl.json}", "asked for at shop.sfn.yaml:5:3"),
        ("{case: Paid, inject: [{state: Nope, error: X}]}", "shop.sfn.yaml:5:26: the definition shop.asl.json has no"),
        ("{case: Paid, inject: [{error: X, state: Nope}]}", "shop.sfn.yaml:5:36: the definition shop.asl.json has no"),
        ("{case: Paid, inject: [{state: Done, error: X}]}", "shop.sfn.yaml:5:26: 'Done' is a Pass: failures can be"),
        ("{case: Paid, answers: {Done: {return: 1}}}", "shop.sfn.yaml:5:26: 'Done' is a Pass, which asks nobody"),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_run_is_an_error(folder: Path, test: str, told: str) -> None:
    found = outcome(test)
    assert found.verdict is CaseVerdict.ERROR
    assert told in found.error


def test_everything_wrong_in_a_file_is_told_at_once() -> None:
    text = """\
machin: x
mocks: 5
tests:
  - name: a
    expect: {status: DONE, paht: [a], attempts: {A: -1}, output: 1, output_exactly: 2, path: 3}
    answers: {A: {retrun: 1}, B: 5, C: [{fail: 3}, {return: 1, times: 0}], D: {return: 1, fail: X}, E: []}
    inject: [{state: A}, 5, {state: B, error: C}, {state: B, error: D}]
    s3: nowhere
    start_time: yesterday
  - 7
"""
    with pytest.raises(CaseFileError) as raised:
        parse_cases(text, "flows/a.sfn.yaml")
    told = [f"{one.location} {one.what}" for one in raised.value.problems]
    assert told[0] == "flows/a.sfn.yaml:1:1 'machin' means nothing here"
    for wanted in (
        "5:22", "'DONE' is no status", "5:28 'paht' means nothing here", "the output is expected twice",
        "an answer is an object, not a number", "'retrun' means nothing here", "fail is a text, not a number",
        "times is a whole number from 1 to 10,000", "an answer has one of return, fail and silent",
        "there is no answer in it", "a failure has a state and an error",
        "two failures are injected into 'B'", "there is no folder flows/nowhere",
        "'yesterday' is no time with an offset",
        "a test is an object, not a number", "here stands a list of names of states",
    ):  # fmt: skip
        assert any(wanted in one for one in told), (wanted, told)
    assert pickle.loads(pickle.dumps(raised.value)).problems == raised.value.problems


@pytest.mark.parametrize(
    "test", ["expect: ", "expect: {error: }", "expect: {path: null}", "answers: {A: {fail: }}", "inject: "]
)
def test_what_has_no_value_is_not_passed_over(test: str) -> None:
    with pytest.raises(CaseFileError, match="has no value"):
        parse_cases(f"machine: a.json\ntests: [{{name: x, {test}}}]", "x.sfn.yaml")


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("expect: {visited: []}", "4:14 'visited' has nothing in it"),
        ("expect: {not_visited: []}", "4:14 'not_visited' has nothing in it"),
        ("expect: {attempts: {}}", "4:14 'attempts' has nothing in it"),
        ("expect: {variables: {}}", "4:14 'variables' has nothing in it"),
        ("expect: {path: [..., ...]}", "4:14 a path with no state in it but '...' is every path: it could never fail"),
        ("expect: {path: []}", "4:14 'path' has no state in it, and a run begins with one"),
        ("answers: {A: {return: 1, cause: x}}", "4:30 'cause' says nothing beside return"),
        ("answers: {A: {silent: true, cause: x}}", "4:33 'cause' says nothing beside silent"),
        ("answers: {A: [{silent: true, after: 5}]}", "4:34 'after' says nothing beside silent"),
        ("answers: {A: {fail: X, times: 2}}", "4:28 an answer that stands in no list is given at each call"),
        ("inject: [{error: E, state: A}, {error: F, state: A}]", "4:47 two failures are injected into 'A'"),
        ("inject: [{error: E, stat: A}]", "4:14 a failure has a state and an error: there is no state in it"),
        ("inject: [{error: 5, state: A}]", "4:22 error is a text, not a number"),
        ("inject: [{error: E, state: A, cause: 5}]", "4:42 cause is a text, not a number"),
    ],
)
def test_what_says_nothing_is_told_where_it_stands(test: str, told: str) -> None:
    with pytest.raises(CaseFileError) as raised:
        parse_cases(f"machine: a.json\ntests:\n  - name: x\n    {test}\n", "x.sfn.yaml")
    assert any(f"{one.line}:{one.column} {one.what}".startswith(told) for one in raised.value.problems), [
        f"{one.line}:{one.column} {one.what}" for one in raised.value.problems
    ]


def test_null_can_be_a_value_of_the_machine() -> None:
    [case] = parse_cases("machine: a.json\ntests: [{name: x, input: null, expect: {output: null}}]", "x.sfn.yaml")
    assert (case.input, case.expected.output) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        json.dumps(MACHINE),
        "tests: [{name: a, expect: {cause: ''}}]",
        "tests: []",
        "tests: 5",
        "a: b: c",
        "tests: [{name: x}]",
        "\x00",
    ],
)
def test_what_is_no_file_of_cases_is_an_error(text: str) -> None:
    with pytest.raises(CaseFileError):
        parse_cases(text, "x.sfn.yaml")


@pytest.mark.parametrize(
    ("wanted", "names", "off"),
    [
        ("a b c", "a b c", None), ("a ... c", "a b b c", None), ("...", "", None), ("... c", "c", None),
        ("a ... b ... c", "a b x b c", None), ("... b", "b x b", None), ("a ...", "b", (0, 0)), ("a b", "a", (1, 1)),
        ("a", "a b", (1, 1)), ("a ... d", "a b c", (2, 3)), ("", "a", (0, 0)), ("a x c", "a b c", (1, 1)),
    ],
)  # fmt: skip
def test_where_a_path_leaves_the_one_that_is_wanted(wanted: str, names: str, off: Any) -> None:
    assert first_off(wanted.split(), names.split()) == off


def test_a_part_of_a_value_is_compared_by_what_it_names() -> None:
    got: Any = {"a": 1, "b": [{"c": 2, "d": 3}], "e": None}
    assert list(differences({"b": [{"c": 2}]}, got, is_partial=True)) == []
    assert list(differences({"b": [{"c": 2}]}, got, is_partial=False)) == [
        (("b", 0, "d"), MISSING, 3), (("a",), MISSING, 1), (("e",), MISSING, None)]  # fmt: skip
    assert list(differences({"e": 0, "f": None}, got, is_partial=True)) == [(("e",), 0, None), (("f",), None, MISSING)]
    assert list(differences([1, 2], [1], is_partial=True)) == [((), [1, 2], [1])]
    assert list(differences(1, True, is_partial=True)) == [((), 1, True)]


def test_a_run_that_was_not_as_expected_opens_as_a_session(folder: Path) -> None:
    found = outcome("{name: 'a/b: [/] x', case: Paid, inject: [{state: Pay, error: Busy}], expect: {status: FAILED}}")
    assert found.run is not None
    run = pickle.loads(pickle.dumps(found.run))
    path = keep_run(run, found.case, "1", 0.0)
    assert path == kept_path(found.case)
    assert path.parent == Path(".sfdebug/tests")
    session, journal = reopened(path)
    journal.close()
    again = restored(session)
    assert (again.is_whole, again.debugger.execution.status) == (True, ExecutionStatus.SUCCEEDED)
    assert [event.type for event in again.debugger.execution.events].count("TaskFailed") == 1, "what was injected"
    forget_run(found.case)
    assert not path.exists()


@pytest.mark.parametrize(
    ("test", "invocation", "kept_case"),
    [
        ("{case: Paid, input: {total: 500}}", 0, "Paid"),
        ("{case: Paid, answers: {Pay: [{fail: Busy}]}}", 1, "Paid"),
        ("{name: a, answers: {Pay: [{fail: Busy}]}}", 1, ""),
    ],
)
def test_a_run_that_stops_at_a_task_opens_there(folder: Path, test: str, invocation: int, kept_case: str) -> None:
    found = outcome(test)
    assert found.verdict is CaseVerdict.ERROR
    assert found.run is not None
    session = read_session(keep_run(found.run, found.case, "1", 0.0))
    again = restored(session)
    question = again.debugger.question
    assert again.is_whole
    assert question is not None
    assert (question.state.name, question.invocation) == ("Pay" if "answers" in test else "Check", invocation)
    sources = session.beginning.sources
    assert (sources.case, sources.mocks) == (kept_case, str(folder / "MockConfigFile.json") if kept_case else "")
    own = (str(folder / "shop.sfn.yaml"), found.case.name) if "answers" in test else ("", "")
    assert (sources.tests, sources.test) == own
    told = explanation(found, "x.sfdebug-session")
    assert told[-1] == "open this run: sfdebug --session x.sfdebug-session"
    assert outcome_dict(found, "x.sfdebug-session")["session"] == "x.sfdebug-session"


def test_a_kept_run_is_answered_as_the_case_is(folder: Path) -> None:
    text = (
        HEAD
        + """\
tests:
- name: a
  case: Paid
  input: {total: 500}
  answers: {Check: [{return: 1}, {return: 2}]}
  expect: {output: {paid: p2}}
"""
    )
    Path("shop.sfn.yaml").write_text(text)
    (case,) = parse_cases(text, "shop.sfn.yaml")
    run = run_case(case, keeps_run=True).run
    assert run is not None
    path = keep_run(run, case, "1", 0.0)

    def opened() -> Continued:
        return continued(path, None, None, lambda session, machine: tasks_again(plain_args(), session, machine))

    found = opened()
    debugger = found.debugger
    assert found.notes == ()
    debugger.goto_visit(1)
    debugger.edit_input({"total": 501})
    debugger.run()
    assert debugger.execution.status is ExecutionStatus.SUCCEEDED
    assert debugger.execution.output == {"paid": "p1", "status": "OK"}, "from the mock file"
    given = [visit.output for visit in debugger.execution.visits if visit.state.name == "Check"]
    assert given == [{"total": 501, "payment": {"id": "p1"}, "check": 1}], "from the case itself"
    found.keeper.close()
    for wrong, told in (("name: b", "there is no test 'a' in it any more"), ("nme: a", "'nme' means nothing here")):
        Path("shop.sfn.yaml").write_text(text.replace("name: a", wrong))
        again = opened()
        again.keeper.close()
        assert [f"Tasks are not answered as before: {told}"] == [*again.notes]


@pytest.mark.parametrize(
    ("expect", "state"),
    [
        ("{output: {paid: p2}}", "Done"),
        ("{output: {paid: p2}, path: [Pay, Done]}", "Large?"),
        ("{not_visited: [Pay]}", "Pay"),
        ("{attempts: {Pay: 2}, status: FAILED}", "Pay"),
        ("{status: FAILED}", "Done"),
        ("{path: [Pay, 'Large?', Done, Tell]}", "Done"),
    ],
)
def test_a_run_opens_where_it_first_leaves_what_is_expected(folder: Path, expect: str, state: str) -> None:
    found = outcome(f"{{case: Paid, expect: {expect}}}")
    assert found.run is not None
    again = restored(read_session(keep_run(found.run, found.case, "1", 0.0)))
    assert again.is_whole
    here = position_at(again.debugger.cursor).state
    assert here is not None
    assert here.name == state
    assert again.debugger.timeline.fork.nodes[-1].execution.status is ExecutionStatus.SUCCEEDED, "all of it is there"


def test_a_distributed_map_reads_its_items_from_a_folder(folder: Path) -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "rows.csv"},
              "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}  # fmt: skip
    inside = {"StartAt": "Row", "States": {"Row": {"Type": "Task", "Resource": TASK, "End": True}},
              "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}  # fmt: skip
    bulk = {"Type": "Map", "ItemReader": reader, "ItemProcessor": inside, "End": True}
    Path("bulk.asl.json").write_text(json.dumps({"StartAt": "Bulk", "States": {"Bulk": bulk}}))
    Path("data/b").mkdir(parents=True)
    Path("data/b/rows.csv").write_text("id\n1\n2\n")
    test = "name: a, machine: bulk.asl.json, expect: {output: [1, 2], attempts: {Row: 2}}"
    row = "answers: {Row: [{return: 1}, {return: 2}]}"
    assert outcome(f"{{{test}, {row}, s3: data}}").verdict is CaseVerdict.PASSED
    assert outcome(f"{{{test}, {row}}}", "s3: data").verdict is CaseVerdict.PASSED
    assert "as files (s3: FOLDER)" in outcome(f"{{{test}}}").error


def test_a_file_that_has_changed_is_read_again(folder: Path) -> None:
    assert outcome("{case: Paid}").output == {"paid": "p1", "status": "OK"}
    text = Path("shop.asl.json").read_text()
    Path("shop.asl.json").write_text(text.replace('"OK"', '"NO"'))  # as long as before, and in the same moment
    assert outcome("{case: Paid}").output == {"paid": "p1", "status": "NO"}
    Path("MockConfigFile.json").write_text(json.dumps(MOCKS).replace('"p1"', '"p2"'))
    assert outcome("{case: Paid}").output == {"paid": "p2", "status": "NO"}
    Path("other").mkdir()
    os.chdir("other")
    assert outcome("{case: Paid}").verdict is CaseVerdict.ERROR, "it is another path from here"


def test_the_cases_of_a_mock_file(folder: Path) -> None:
    cases = mock_cases("MockConfigFile.json", DefinitionAddress("shop.asl.json"), given={"total": 1})
    assert [case.name for case in cases] == ["Paid", "Declined"]
    assert [run_case(case).status for case in cases] == [ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED]


def test_many_cases_by_several_processes_come_out_alike(folder: Path) -> None:
    tests = "\n".join(f"- {{name: c{n}, case: Paid, input: {{total: {n}}}}}" for n in range(90, 110))
    Path("flows").mkdir()
    Path("flows/a.sfn.yaml").write_text(f"machine: ../shop.asl.json\nmocks: ../MockConfigFile.json\ntests:\n{tests}\n")
    Path("flows/b.sfn.yml").write_text("tests: 5")
    found = find_cases(["flows"])
    assert (len(found.cases), len(found.errors)) == (20, 1)
    again = ["flows", "./flows/a.sfn.yaml", os.path.abspath("flows"), "flows/../flows"]
    assert find_cases(again).cases == found.cases, "each once, however often it is named"
    alone = list(run_cases(found.cases, 1))
    assert list(run_cases(found.cases, 2)) == alone
    assert [one.verdict for one in alone] == [CaseVerdict.PASSED] * 11 + [CaseVerdict.ERROR] * 9
