"""`sfdebug verify`, `sfdebug diff` and `sfdebug mocks`: what they print, write, and end with."""

from __future__ import annotations

import copy
import gzip
import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sfdebug.cli.samples import all_samples
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from tests.command_line import sfdebug
from tests.history_runs import ORDER, changed, recorded


def answers(request: TaskRequest) -> Answer:
    if request.attempt == 1:
        return TaskFailure("Busy", "again")
    return TaskResult({"Payload": {"n": request.input["Payload"]["n"]}}, after_seconds=1)  # type: ignore[call-overload,index]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A definition, a changed one, and two histories in a folder, one gzipped."""
    (tmp_path / "order.asl.json").write_text(json.dumps(ORDER), encoding="utf-8")
    other = changed("Big?/Choices/0/NumericGreaterThan", 10)
    (tmp_path / "changed.asl.json").write_text(json.dumps(other), encoding="utf-8")
    histories = tmp_path / "histories" / "deeper"
    histories.mkdir(parents=True)
    small, large = (json.dumps({"events": recorded(ORDER, {"n": n}, answers)}) for n in (3, 7))
    (histories.parent / "small.json").write_text(small, encoding="utf-8")
    (histories / "large.json.gz").write_bytes(gzip.compress(large.encode()))
    (histories / "input.json").write_text("{}", encoding="utf-8")
    return tmp_path


def test_verify_says_identical(folder: Path) -> None:
    outcome = sfdebug("verify", str(folder / "order.asl.json"), str(folder / "histories"))
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert [line.split()[0] for line in lines] == ["identical", "identical", "2"]
    assert lines[-1] == "2 of 2 identical"


def test_verify_tells_the_first_divergence(folder: Path) -> None:
    outcome = sfdebug("verify", str(folder / "changed.asl.json"), str(folder / "histories/**/*"), "--quiet")
    assert outcome.code == 1
    assert outcome.out.splitlines()[1:] == [
        "    event 12, WaitStateEntered of 'Nap'",
        "      recorded: WaitStateEntered Nap",
        "      computed: PassStateEntered Sum",
        "      no rule of 'Big?' matches, so its Default is taken: 7 > 10 is false",
        "1 of 2 identical, 1 diverges",
    ]


def test_verify_as_json_and_junit(folder: Path) -> None:
    report = folder / "junit.xml"
    arguments = [str(folder / "changed.asl.json"), str(folder / "histories"), "--json", "--junit", str(report)]
    outcome = sfdebug("verify", *arguments)
    found = json.loads(outcome.out)
    assert (outcome.code, found["identical"], found["diverges"], found["notVerified"], found["total"]) == (
        1,
        1,
        1,
        0,
        2,
    )
    by_status = {one["status"]: one for one in found["histories"]}
    (difference,) = by_status["diverges"]["differences"]
    assert (difference["event"], difference["kind"], difference["recorded"], difference["computed"]) == (
        12,
        "path",
        "WaitStateEntered Nap",
        "PassStateEntered Sum",
    )
    suite = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert [case.find("failure") is not None for case in suite.iter("testcase")] == [False, True]


def test_verify_options(folder: Path) -> None:
    slower = changed("Nap/Seconds", 60)
    definition = folder / "slower.asl.json"
    definition.write_text(json.dumps(slower), encoding="utf-8")
    given = ["verify", str(definition), str(folder / "histories")]
    assert sfdebug(*given).code == 1
    assert sfdebug(*given, "--ignore", "cause,timestamps").code == 0
    assert sfdebug(*given, "--tolerance", "60").code == 0
    for tolerance in ("-1", "inf", "nan"):
        outcome = sfdebug(*given, f"--tolerance={tolerance}")
        assert (outcome.code, outcome.out) == (2, "")
        assert f"--tolerance: {tolerance} is no number of seconds" in outcome.err
    outcome = sfdebug(*given, "--ignore", "timestamp")
    assert outcome.code == 2
    assert "--ignore: 'timestamp' is nothing that can be ignored" in outcome.err


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("Fetch/Retry", [], "'Fetch' fails with Busy: again; Catcher 1 matches: goes on to Sum"),
        ("Fetch/Next", "Sum", "'Fetch' leads to 'Sum'"),
    ],
)
def test_verify_says_why_a_task_goes_another_way(folder: Path, path: str, value: Any, why: str) -> None:
    (folder / "other.asl.json").write_text(json.dumps(changed(path, value)), encoding="utf-8")
    outcome = sfdebug("verify", str(folder / "other.asl.json"), str(folder / "histories/small.json"))
    assert outcome.code == 1
    assert f"      {why}\n" in outcome.out


def test_verify_names_the_retrier_that_the_recording_did_not_have(folder: Path) -> None:
    without = changed("Fetch/Retry", [])
    history = folder / "failed.json"
    history.write_text(json.dumps(recorded(without, {"n": 3}, answers)), encoding="utf-8")
    outcome = sfdebug("verify", str(folder / "order.asl.json"), str(history))
    assert "      'Fetch' fails with Busy: again; Retrier 1 matches: retry 1 of 3\n" in outcome.out


def test_verify_says_what_it_cannot_read(folder: Path) -> None:
    bad = folder / "bad\x1b.json"
    bad.write_text("hello", encoding="utf-8")
    outcome = sfdebug("verify", str(folder / "order.asl.json"), str(bad))
    assert outcome.code == 1
    assert "not verified" in outcome.out
    assert "\x1b" not in outcome.out + outcome.err
    cut = folder / "cut.json"
    cut.write_text((folder / "histories/small.json").read_text(encoding="utf-8")[:-500], encoding="utf-8")
    outcome = sfdebug("verify", str(folder / "order.asl.json"), str(cut))
    assert outcome.code == 1
    assert "not to the end of the execution" in outcome.out
    assert outcome.out.endswith("0 of 1 identical, 1 partial\n")
    allowed = sfdebug("verify", str(folder / "order.asl.json"), str(cut), "--allow-partial")
    assert (allowed.code, allowed.out) == (0, outcome.out)
    assert "cut.json:1:1: the file ends in the middle of its JSON: it was cut off here" in outcome.err
    mocks = sfdebug("mocks", str(cut))
    assert mocks.code == 0
    assert mocks.err.splitlines()[:2] == [
        f"sfdebug: {cut}:1:1: the file ends in the middle of its JSON: it was cut off here",
        f"sfdebug: {cut}: the events do not go to the end of the execution",
    ]
    for missing in ("none.json", "*.none", str(folder / "empty")):
        (folder / "empty").mkdir(exist_ok=True)
        outcome = sfdebug("verify", str(folder / "order.asl.json"), missing)
        assert (outcome.code, outcome.out) == (2, "")


def test_diff_finds_nothing_between_a_history_and_itself(folder: Path) -> None:
    small = str(folder / "histories/small.json")
    outcome = sfdebug("diff", small, small)
    assert outcome.code == 0
    assert outcome.out.endswith("no differences\n")


def test_diff_tells_the_first_difference_and_all_others(folder: Path) -> None:
    files = [str(folder / "histories/small.json"), str(folder / "histories/deeper/large.json.gz")]
    outcome = sfdebug("diff", *files)
    assert outcome.code == 1
    assert "events of A:\n\ndata: the execution, input at /n\n  A (event 1): 3\n  B (event 1): 7\n" in outcome.out
    assert "path: 'Nap', the state is entered\n  A: does not\n  B (event 12): enters it\n" in outcome.out
    assert "timing: the execution, how long it took\n  A (event 14): 3 s\n  B (event 16): 13 s\n" in outcome.out
    ignored = sfdebug("diff", *files, "--json", "--ignore", "timestamps,/n,/got,/total")
    found = [(one["kind"], one["state"], one["field"]) for one in json.loads(ignored.out)["differences"]]
    payload = ("data", "Fetch")
    assert found == [(*payload, "parameters"), (*payload, "parameters"), (*payload, "result"), ("path", "Nap", "visit")]


def test_diff_needs_one_execution_a_side(folder: Path) -> None:
    small = folder / "histories/small.json"
    both = folder / "both.json"
    other = json.dumps({"events": recorded(ORDER, {"n": 8}, answers)})
    both.write_text(small.read_text(encoding="utf-8") + other, encoding="utf-8")
    outcome = sfdebug("diff", str(small), str(both))
    assert outcome.code == 2
    assert "holds 2 executions" in outcome.err


def test_mocks_drive_a_run_to_the_same_end(folder: Path) -> None:
    mocks = folder / "MockConfigFile.json"
    outcome = sfdebug("mocks", str(folder / "histories"), "-o", str(mocks), "--state-machine", "Order")
    assert (outcome.code, outcome.out) == (0, "")
    assert "2 test cases: small, large" in outcome.err
    config = json.loads(mocks.read_text(encoding="utf-8"))
    assert config["MockedResponses"]["Fetch in large"] == {
        "0": {"Throw": {"Error": "Busy", "Cause": "again"}},
        "1": {"Return": {"Payload": {"n": 7}}},
    }
    for case, n in (("small", 3), ("large", 7)):
        run = sfdebug("run", str(folder / "order.asl.json"), "-i", json.dumps({"n": n}), "-m", str(mocks), "-c", case)
        assert run.code == 0
        assert json.loads(run.out)["got"] == {"n": n}
    again = sfdebug("mocks", str(folder / "histories"), "-o", str(mocks))
    assert (again.code, "--force" in again.err) == (2, True)
    assert sfdebug("mocks", str(folder / "histories"), "-o", str(mocks), "--force").code == 0


def test_mocks_count_invocations_in_ranges_and_name_their_case(folder: Path) -> None:
    definition = {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemProcessor": {
                    "StartAt": "Call",
                    "States": {"Call": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}},
                },
                "End": True,
            }
        },
    }

    def by_item(request: TaskRequest) -> Answer:
        return TaskResult("odd" if request.branch[-1][1] == 1 else "even")

    file = folder / "map.json"
    file.write_text(json.dumps(recorded(definition, [1, 2, 3, 4], by_item, order=4)), encoding="utf-8")
    outcome = sfdebug("mocks", str(file), "--case", "Items")
    config = json.loads(outcome.out)
    assert config["StateMachines"]["StateMachine"]["TestCases"] == {"Items": {"Call": "Call in Items"}}
    assert config["MockedResponses"]["Call in Items"] == {
        "0": {"Return": "even"},
        "1": {"Return": "odd"},
        "2-3": {"Return": "even"},
    }


@pytest.mark.parametrize("sample", all_samples(), ids=lambda sample: sample.name)
def test_every_sample_is_identical_to_its_own_history(sample: Any, tmp_path: Path, root: Path) -> None:
    where = root / "samples" / sample.name
    history, definition = tmp_path / "history.json", sample.address.text
    arguments = json.loads((root / "samples/index.json").read_text(encoding="utf-8"))[sample.name]
    run = ["run", definition, "-i", f"@{where / arguments['input']}"]
    if (where / "MockConfigFile.json").exists():
        # A mock file throws at once what takes a minute of silence: that is no history that AWS could have written.
        case = "WorkerAnswers" if sample.name == "activity-worker" else arguments["case"]
        run += ["-m", str(where / "MockConfigFile.json"), "-c", case]
    if (where / "s3").is_dir():
        run += ["--s3", str(where / "s3")]
    sfdebug(*run, "--history", str(history))
    outcome = sfdebug("verify", definition, str(history))
    if (where / "s3").is_dir():  # a history holds nothing of the items that a distributed Map reads
        assert outcome.code == 1
        assert "not verified" in outcome.out
        assert "the history holds n" in outcome.out
        return
    if sample.name in ("polling", "nested-payment"):  # they call with $$.Execution, which a history does not name
        assert outcome.code == 1
        assert "hangs on the execution's name" in outcome.out
        outcome = sfdebug("verify", definition, str(history), "--allow-partial")
    assert outcome.code == 0, outcome.out


def test_an_express_log_that_run_wrote_is_verified(folder: Path) -> None:
    express = copy.deepcopy(ORDER)
    definition, log = folder / "express.asl.json", folder / "events.log"
    definition.write_text(json.dumps(express), encoding="utf-8")
    mocks = folder / "mocks.json"
    sfdebug("mocks", str(folder / "histories/small.json"), "-o", str(mocks), "-c", "A")
    run = ["run", str(definition), "--type", "EXPRESS", "-i", '{"n": 3}', "-m", str(mocks), "-c", "A"]
    assert sfdebug(*run, "--log", str(log)).code == 0
    outcome = sfdebug("verify", str(definition), str(log))
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize("depth", [150, 600, 900])
def test_deeply_nested_data(depth: int, tmp_path: Path) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    (tmp_path / "d.asl.json").write_text(json.dumps(definition), encoding="utf-8")
    events = recorded(definition, json.loads("[" * depth + "]" * depth))
    events[2]["stateExitedEventDetails"]["output"] = "[" * depth + "1" + "]" * depth
    (tmp_path / "h.json").write_text(json.dumps(events), encoding="utf-8")
    (tmp_path / "g.json").write_text(json.dumps(recorded(definition, 1)), encoding="utf-8")
    for arguments in (["verify", str(tmp_path / "d.asl.json"), str(tmp_path / "h.json")],
                      ["diff", str(tmp_path / "h.json"), str(tmp_path / "g.json")]):  # fmt: skip
        assert sfdebug(*arguments).code == 1
        assert json.loads(sfdebug(*arguments, "--json").out)
    assert f"nested {depth} levels deep" in sfdebug("diff", str(tmp_path / "h.json"), str(tmp_path / "g.json")).out


def test_a_first_page_is_compared_as_far_as_it_goes(folder: Path, root: Path) -> None:
    whole = json.loads((root / "samples/recorded-order/history.json").read_text(encoding="utf-8"))
    (folder / "whole.json").write_text(json.dumps(whole))
    (folder / "page.json").write_text(json.dumps({"events": whole["events"][:15], "nextToken": "more"}))
    outcome = sfdebug("diff", str(folder / "whole.json"), str(folder / "page.json"))
    assert outcome.code == 0
    assert "(how it ended is not in the file)" in outcome.out
    assert "no differences in what both have: B has more pages" in outcome.out
    whole["events"][10]["taskScheduledEventDetails"]["parameters"] = "{}"
    (folder / "whole.json").write_text(json.dumps(whole))
    outcome = sfdebug("diff", str(folder / "page.json"), str(folder / "whole.json"))
    assert outcome.code == 1
    assert "does not" not in outcome.out
    assert "'Charge card', attempt 2, parameters" in outcome.out


def test_what_a_folder_holds_and_cannot_be_a_history(folder: Path) -> None:
    histories = folder / "histories"
    os.mkfifo(histories / "pipe.json")
    (histories / "nothing.json").write_text("null")
    (histories / "input-2.json").write_text('{"total": 4}')
    outcome = sfdebug("verify", str(folder / "order.asl.json"), str(histories))
    assert outcome.code == 1
    assert "2 of 4 identical, 2 not verified" in outcome.out
    assert "it is a named pipe, not a file" in outcome.out
    assert "passed over" in outcome.err
