"""The pytest plugin in a project of its own: what fixtures give, what fails and how it is told, coverage, snapshots."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfdebug.debugger.sessions.folder import SUFFIX
from sfdebug.debugger.sessions.restoring import read_session, restored
from sfdebug.tasks.services.local import LocalServices
from sfdebug.testing.running import forget_machines
from tests.command_line import ROOT

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.service_calls import ServiceClients

pytest_plugins = "pytester"

# pytester forgets what was imported inside; modules that hold libraries' classes must stay the same ones.
for _name in ("collecting", "covering", "endpoint", "failing", "services", "snapshots", "unused"):
    import_module(f"sfdebug.pytest_plugin.{_name}")

INPUT = json.loads((ROOT / "samples/order/input.json").read_text(encoding="utf-8"))
CASES = """\
machine: ../order.asl.json
mocks: ../MockConfigFile.json
input: "@../input.json"
tests:
  - {name: paid at once, case: HappyPath, expect: {output: {status: SHIPPED}}}
  - {name: "lost [/] parcel", case: HappyPath, expect: {output: {status: LOST}}}
  - {name: nobody answers}
"""
HEAD = f"""\
import json, pytest
INPUT = json.loads({json.dumps(json.dumps(INPUT))})
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    forget_machines()
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("order.asl.json", "MockConfigFile.json", "input.json"):
        shutil.copy(ROOT / "samples/order" / name, pytester.path / name)
    pytester.makeini("[pytest]\nsfn_machine = order.asl.json\n")
    return pytester


def run(project: pytest.Pytester, *argv: str) -> pytest.RunResult:
    """pytest in this process, with the plugin, however it is installed, and no other: ours are at work outside."""
    plugins = ["xdist.plugin"] if "-n" in argv else []
    named = [part for name in ("sfdebug.pytest_plugin.hooks", *plugins) for part in ("-p", name)]
    return project.runpytest_inprocess(*named, "-p", "no:cacheprovider", *argv)


def kept(project: pytest.Pytester) -> list[str]:
    return sorted(path.name for path in (project.path / ".sfdebug/tests").glob(f"*{SUFFIX}"))


def test_files_of_cases_collect_themselves(project: pytest.Pytester) -> None:
    (project.mkdir("flows") / "order.sfn.yaml").write_text(CASES)
    result = run(project, "-q")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "the output at /status differs",
            "  from:     'Order shipped': written in the definition: Parameters /status",
            "open this run: sfdebug --session .sfdebug*lost-parcel-*",
            "*flows?order.sfn.yaml:7:5: nobody answers 'Tell: order received'*",
            '*(answers: {"Tell: order received": {return: ...}})*',
        ],
        consecutive=False,
    )
    assert "Traceback" not in result.stdout.str()
    assert len(kept(project)) == 2, "the one that stopped at a Task is there, too"


def test_each_case_is_found_by_its_node_id(project: pytest.Pytester) -> None:
    names = ["a::b [x]", "a: :b (x)", "a::b (x)", "Prüfung 检查 [1] - x", "with\x1b"]
    tests = [{"name": name, "case": "HappyPath"} for name in names]
    head = {"machine": "order.asl.json", "mocks": "MockConfigFile.json", "input": "@input.json"}
    (project.path / "a.sfn.yaml").write_text(json.dumps({**head, "tests": tests}))
    items = [line for line in run(project, "-q", "--collect-only").stdout.lines if "::" in line]
    assert len(set(items)) == len(names)
    assert "a.sfn.yaml::Prüfung 检查 (1) - x" in items
    run(project, "-q", *items[:-1]).assert_outcomes(passed=len(names) - 1)
    run(project, "-q", items[-1]).assert_outcomes(passed=1)


def test_a_broken_file_of_cases_is_told_with_its_places(project: pytest.Pytester) -> None:
    (project.path / "a.sfn.yaml").write_text("machine: order.asl.json\ntests: [{name: x, expct: {}}]\n")
    result = run(project, "-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a.sfn.yaml:2:19: 'expct' means nothing here", "*Did you mean 'expect'?"])


def test_what_fixtures_give(project: pytest.Pytester) -> None:
    project.makepyfile(
        HEAD
        + """
def test_run(sfn_run):
    run = sfn_run(INPUT, case="PaymentBusy", start_time="2026-01-01T00:00:00Z")
    assert (run.status, run.error, run.output["status"], run.transitions) == ("SUCCEEDED", None, "SHIPPED", 8)
    assert run.attempts("Charge card") == 3
    assert run.history[0]["timestamp"].startswith("2026-01-01")
    assert "Refund payment" not in run.visited
    assert run.expect(path=["Tell: order received", "...", "Order shipped"], attempts={"Charge card": 3}) is run

def test_tasks(sfn_run):
    def charge(given):
        raise KeyError("card")
    answers = {"Tell: order received": {"MessageId": "a"}, "Charge card": charge, "Tell: payment problem": {}}
    sfn_run(INPUT, tasks=answers).expect(error="PaymentFailed", cause="card")

def test_state(sfn_state):
    assert sfn_state("Check stock", INPUT, mock={"errorOutput": {"error": "Busy", "cause": "x"}})["error"] == "Busy"

@pytest.mark.sfn_cases("MockConfigFile.json", input=INPUT)
def test_cases(sfn_case):
    if sfn_case.case.name == "CardDeclined":
        assert sfn_case.error == "PaymentFailed"

@pytest.mark.sfn_machine("order.asl.json")
@pytest.mark.sfn_mocks("MockConfigFile.json")
def test_endpoint(sfn_endpoint):
    import boto3
    client = boto3.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=sfn_endpoint.machine_arn + "#HappyPath", input=json.dumps(INPUT))
    told = sfn_endpoint.host.wait_until_ended(arn["executionArn"])
    assert client.describe_execution(executionArn=arn["executionArn"])["status"] == "SUCCEEDED"
"""
    )
    result = run(project, "-q", "-k", "not CustomerDoesNotWait")
    result.assert_outcomes(passed=9, deselected=1)
    assert not kept(project)


def test_a_failing_test_says_where_its_run_went(project: pytest.Pytester) -> None:
    project.makepyfile(
        HEAD
        + """
def test_plain(sfn_run):
    assert sfn_run(INPUT, case="CardDeclined").status == "SUCCEEDED"

def test_expect(sfn_run):
    sfn_run(INPUT, case="HappyPath").expect(output={"status": "LOST"}, not_visited=["Ship order"])

def test_unanswered(sfn_run):
    sfn_run(INPUT)
"""
    )
    result = run(project, "-q")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(
        [
            "order.asl.json ended FAILED (PaymentFailed)",
            "*2 ! Charge card*CardDeclined",
            "open this run: sfdebug --session .sfdebug*test-plain-*",
            "E*'Ship order' was visited",
            "*nobody answers 'Tell: order received'*",
            "order.asl.json came to no end",
            "*1 · Tell: order received",
            "open this run: sfdebug --session .sfdebug*test-unanswered-*",
        ]
    )
    assert len(kept(project)) == 3


def test_what_could_never_fail_is_an_error(project: pytest.Pytester) -> None:
    project.makepyfile(
        HEAD
        + """
@pytest.mark.parametrize("wrong", [
    lambda run: run.expect(not_visited=["Refund"]),
    lambda run: run.expect(not_visited="Refund payment"),
    lambda run: run.expect(attempts={"Chrage card": 0}),
    lambda run: run.attempts("Chrage card"),
    lambda run: "Chrage card" not in run.visited,
    lambda run: "Chrage card" not in run.path,
    lambda run: run.path.count("Chrage card"),
    lambda run: run.visited.isdisjoint({"Chrage card"}),
    lambda run: run.visited & {"Chrage card"},
    lambda run: {"Chrage card"} & run.visited,
    lambda run: run.visited.intersection(["Chrage card"]),
    lambda run: run.expect(path=["..."]),
    lambda run: run.expect(not_visited=["..."]),
    lambda run: run.expect(cause=""),
    lambda run: run.expect(cause=5),
    lambda run: run.expect(error=["PaymentFailed"]),
    lambda run: run.expect(attempts={"Charge card": True}),
    lambda run: run.expect(output={"status": ("SHIPPED",)}),
    lambda run: run.expect(variables={"x": {1}}),
])
def test_name(sfn_run, wrong):
    wrong(sfn_run(INPUT, case="HappyPath"))

def test_no_run(sfn_run, sfn_snapshot):
    sfn_snapshot(sfn_run(INPUT, case="HappyPath").history)

@pytest.mark.parametrize("name", ["Chrage card", "Order shipped"])
def test_task(sfn_run, name):
    sfn_run(INPUT, case="HappyPath", tasks={name: 1})
"""
    )
    result = run(project, "-q")
    result.assert_outcomes(failed=22)
    assert len(re.findall(r"^E +sfdebug\.errors\.UsageError", result.stdout.str(), re.MULTILINE)) == 22
    assert result.stdout.str().count("has no state") >= 11
    assert not re.search("(running|names).py", result.stdout.str()), "what is wrong is told at the line of the test"


def test_an_argument_that_would_change_nothing_is_an_error(project: pytest.Pytester) -> None:
    mocks = json.loads((project.path / "MockConfigFile.json").read_text())
    (about,) = mocks["StateMachines"].values()
    about["TestCases"] = {"HappyPath": about["TestCases"]["HappyPath"]}
    (project.path / "one.json").write_text(json.dumps(mocks))
    project.makepyfile(
        HEAD
        + """
def test_only_case(sfn_run):
    assert sfn_run(INPUT, mocks="one.json").status == "SUCCEEDED"

def test_which_case(sfn_run): sfn_run(INPUT, mocks="MockConfigFile.json")
def test_no_case(sfn_run): sfn_run(INPUT, case="", mocks="one.json")
def test_s3(sfn_run): sfn_run(INPUT, case="HappyPath", s3=".")
def test_no_folder(sfn_run): sfn_run(INPUT, case="HappyPath", s3="gone")
def test_tasks(sfn_run): sfn_run(INPUT, case="HappyPath", tasks={"Charge card": 1})
def test_names(sfn_run, sfn_snapshot):
    run = sfn_run(INPUT, case="HappyPath")
    sfn_snapshot(run, "2")
    sfn_snapshot(run)
"""
    )
    result = run(project, "-q", "--sfn-update")
    result.assert_outcomes(passed=1, failed=6)
    told = result.stdout.str()
    assert "MockConfigFile.json: it is not said which test case of the mock file is meant" in told
    assert "There are HappyPath, " in told
    for wanted in (
        "test_no_case: the test case has no name", "order.asl.json reads from S3: s3 would", "there is no folder",
        "case HappyPath answers 'Charge card' itself", "the test has two snapshots of one name (test_names-2-",
    ):  # fmt: skip
        assert wanted in told
    assert "runs.py" not in told


def test_an_assertion_in_a_function_fails_the_test_and_not_its_task(project: pytest.Pytester) -> None:
    project.makepyfile(handlers="def charge(given):\n    assert not given, 'in the handler'\n")
    project.makepyfile(
        HEAD
        + """
from handlers import charge
def run(sfn_run, function):
    told = {"Tell: order received": {"MessageId": "a"}, "Tell: payment problem": {}}
    return sfn_run(INPUT, tasks={**told, "Charge card": function})

def test_own(sfn_run):
    def own(given, request):
        assert request.attempt == 7, "in the test"
    run(sfn_run, own)

def test_handler(sfn_run):
    run(sfn_run, charge).expect(error="PaymentFailed", cause="in the handler")

def test_raising(sfn_run):
    def own(given):
        raise KeyError("card")
    run(sfn_run, own).expect(error="PaymentFailed")
"""
    )
    result = run(project, "-q", "-p", "no:randomly")
    result.assert_outcomes(failed=1, passed=2)
    result.stdout.fnmatch_lines(["E*AssertionError: in the test"])
    assert "asserting.py" not in result.stdout.str()


def test_a_machine_is_found_from_the_folder_of_the_test(project: pytest.Pytester) -> None:
    folder = project.mkdir("flows")
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}})
    (folder / "a.asl.json").write_text(text)
    (folder / "test_it.py").write_text(
        """
from pathlib import Path
def test_it(sfn_run, sfn_state):
    assert sfn_run({}, machine="a.asl.json").output == 1
    assert sfn_state("A", {}, machine="a.asl.json")["output"] == "1"
    path = Path(__file__).with_name("a.asl.json")
    path.write_text(path.read_text().replace("1", "2"))
    assert sfn_run({}, machine="a.asl.json").output == 2
    path.unlink()
"""
    )
    result = run(project, "-q", "--sfn-cov")
    result.assert_outcomes(passed=1)
    assert result.stdout.str().count("flows/a.asl.json: 1 run") == 2, "each text is a machine of its own"


def test_a_marker_without_its_fixture_is_told(project: pytest.Pytester) -> None:
    project.makepyfile(HEAD + '@pytest.mark.sfn_cases("MockConfigFile.json")\ndef test_no_case():\n    pass\n')
    result = run(project, "-q")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*test_no_case is marked with sfn_cases and takes no sfn_case*"])
    project.makepyfile(HEAD + '@pytest.mark.sfn_mocks("MockConfigFile.json")\ndef test_no_endpoint():\n    pass\n')
    run(project, "-q").stdout.fnmatch_lines(["*test_no_endpoint is marked with sfn_mocks and takes no sfn_endpoint*"])


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('@pytest.mark.sfn_cases("none.json")', "*test_it: there is no test case in none.json"),
        ('@pytest.mark.sfn_cases("MockConfigFile.json", state_machine="x")', "*no test cases for a state machine 'x'*"),
        ('@pytest.mark.sfn_cases("MockConfigFile.json", inptu=1)', "*test_it: write @pytest.mark.sfn_cases(FILE, *"),
        ('@pytest.mark.sfn_cases("gone.json")', "*the mock file cannot be read*"),
        ("", "*test_it takes sfn_case, and no marker says which cases*"),
        ("@pytest.mark.sfn_cases('MockConfigFile.json', input=INPUT)", "*nobody answers 'Tell: order received'*"),
    ],
)
def test_cases_that_are_none_are_no_success(project: pytest.Pytester, marker: str, told: str) -> None:
    (project.path / "none.json").write_text('{"StateMachines": {"order": {"TestCases": {}}}, "MockedResponses": {}}')
    if "nobody" in told:
        mocks = '{"StateMachines": {"order": {"TestCases": {"Empty": {}}}}, "MockedResponses": {}}'
        (project.path / "MockConfigFile.json").write_text(mocks)
    project.makepyfile(HEAD + f"{marker}\ndef test_it(sfn_case):\n    pass\n")
    result = run(project, "-q")
    assert result.ret not in (0, 5)
    result.stdout.fnmatch_lines([told])
    assert "hooks.py" not in result.stdout.str(), "no way through sfdebug is told"
    assert "another exception" not in result.stdout.str()


@pytest.mark.parametrize("share", ["nan", "-1", "101", "inf"])
@pytest.mark.parametrize("option", ["--sfn-cov-fail-under", "--sfn-cov-fail-under-errors"])
def test_a_share_that_there_cannot_be(project: pytest.Pytester, option: str, share: str) -> None:
    project.makepyfile("def test_it():\n    pass\n")
    result = run(project, "-q", f"{option}={share}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option}: {share} is no share*"])


NOT_ALONE = {"distributed-csv", "nested-payment"}
"""Samples whose Tasks are answered by files or by other machines, which cases do not have."""


def sample_cases(sample: str, about: dict[str, Any]) -> str:
    """A file of cases of a sample, of what it says that its runs come to."""
    folder = ROOT / "samples" / sample
    tests = []
    for number, told in enumerate(json.loads((folder / "expected.json").read_text(encoding="utf-8"))):
        expected = {name: told[name] for name in ("status", "error", "cause") if told.get(name)}
        if "output" in told:
            expected["output_exactly"] = told["output"]
        test = {"name": f"{number} {told['case']}", "case": told["case"], "input": f"@{folder / told['input']}"}
        name = told.get("machine", about.get("machine"))
        machine = {"machine": f"{folder / about['definition']}#{name}"} if name else {}
        type = {"type": told["type"]} if "type" in told else {}
        tests.append({**test, **machine, **type, "expect": expected})
    head = {"machine": str(folder / about["definition"]), "mocks": str(folder / "MockConfigFile.json")}
    return json.dumps({**head, "tests": tests})


def test_the_cases_of_the_bundled_samples_pass(project: pytest.Pytester) -> None:
    index = json.loads((ROOT / "samples/index.json").read_text(encoding="utf-8"))
    chosen = {name: about for name, about in index.items() if name not in NOT_ALONE}
    chosen = {name: about for name, about in chosen.items() if (ROOT / "samples" / name / "expected.json").exists()}
    for name, about in chosen.items():
        (project.path / f"{name}.sfn.yaml").write_text(sample_cases(name, about), encoding="utf-8")
    result = run(project, "-q")
    counts = result.parseoutcomes()
    assert counts.keys() <= {"passed", "warnings"}, result.stdout.str()
    assert counts["passed"] > 80


@pytest.mark.skipif(find_spec("moto") is None, reason="moto is not installed")
def test_services_have_what_the_machine_names_in_its_region(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
            "Parameters": {"QueueUrl": url, "MessageBody": "x"}}  # fmt: skip
    (project.path / "send.asl.json").write_text(json.dumps({"StartAt": "Send", "States": {"Send": send}}))
    made: list[tuple[str, str, str | None]] = []

    def create(machine: StateMachine, clients: ServiceClients) -> None:
        made.append((machine.name, clients.endpoint.region, clients.endpoint.url))

    monkeypatch.setattr("sfdebug.pytest_plugin.services.create_mentioned", create)
    monkeypatch.setattr(LocalServices, "start", lambda self: setattr(self, "url", "http://127.0.0.1:9"))
    project.makepyfile(
        """
import os, pytest
@pytest.mark.sfn_machine("send.asl.json")
def test_it(sfn_services, sfn_machine):
    assert os.environ["AWS_DEFAULT_REGION"] == sfn_services.region == "eu-west-1"
    assert os.environ["AWS_ENDPOINT_URL"] == sfn_services.url
    sfn_services.tasks(sfn_machine)

@pytest.mark.sfn_machine("gone.asl.json")
def test_no_machine(sfn_services):
    assert os.environ["AWS_DEFAULT_REGION"] == "us-east-1"
"""
    )
    run(project, "-q").assert_outcomes(passed=2)
    assert made == [(str(project.path / "send.asl.json"), "eu-west-1", "http://127.0.0.1:9")]


def test_a_failing_run_is_opened_in_the_debugger(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []
    answers = ["q", ""]
    monkeypatch.setattr(subprocess, "run", lambda command, **given: opened.append(command))
    monkeypatch.setattr("builtins.input", lambda prompt: answers.pop())
    project.makepyfile(
        HEAD
        + """
class TestA:
    def test_it(self, sfn_run): sfn_run(INPUT, case="HappyPath").expect(error="PaymentFailed")
class TestB:
    def test_it(self, sfn_run): sfn_run(INPUT, case="CardDeclined").expect(output={"status": "SHIPPED"})
def test_unanswered(sfn_run): sfn_run(INPUT)
"""
    )
    result = run(project, "-q", "--sfn-debug")
    result.assert_outcomes(failed=3)
    assert result.stdout.str().count("no debugger is opened: this is no terminal") == 3
    monkeypatch.setattr("sfdebug.pytest_plugin.failing.is_terminal", lambda: True)
    result = run(project, "-q", "--sfn-debug")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*>> *TestA::test_it >>*", "*the error is nothing*", "*Exit: the tests were ended*"])
    assert not answers
    assert [one[:-1] for one in opened] == [[sys.executable, "-m", "sfdebug", "--session"]] * 2
    statuses = [restored(read_session(project.path / one[-1])).debugger.execution.status for one in opened]
    assert statuses == ["SUCCEEDED", "FAILED"], "each test opens its own run"


def test_a_test_that_passes_again_keeps_nothing(project: pytest.Pytester) -> None:
    text = HEAD + "def test_it(sfn_run):\n    assert sfn_run(INPUT, case='HappyPath').status == 'FAILED'\n"
    project.makepyfile(text)
    run(project, "-q").assert_outcomes(failed=1)
    assert len(kept(project)) == 1
    project.makepyfile(text.replace("FAILED", "SUCCEEDED"))
    run(project, "-q").assert_outcomes(passed=1)
    assert not kept(project)


def test_snapshots_are_written_and_held(project: pytest.Pytester) -> None:
    project.makepyfile(
        HEAD
        + """
def test_it(sfn_run, sfn_snapshot): sfn_snapshot(sfn_run(INPUT, case="HappyPath"))
class TestDeclined:
    def test_it(self, sfn_run, sfn_snapshot): sfn_snapshot(sfn_run(INPUT, case="CardDeclined"))
"""
    )
    run(project, "-q").stdout.fnmatch_lines(["*there is no snapshot*--sfn-update writes it*"])
    run(project, "-q", "--sfn-update").assert_outcomes(passed=2)
    run(project, "-q").assert_outcomes(passed=2)
    (path,) = (project.path / "__sfn_snapshots__").rglob("test_it.json")
    path.write_text(path.read_text().replace('"SHIPPED\\"', '"LOST\\"').replace("SHIPPED", "LOST"))
    result = run(project, "-q")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["E*the history is not that of*", "E*from line*", "E*-*LOST*", "E*+*SHIPPED*"])
    path.write_text("[\n" + '"\\x9b' + "x" * 5_000 + '"\n' * 3_000 + "]\n")
    told = run(project, "-q").stdout.str()
    assert "lines more" in told
    assert "\x9b" not in told
    assert len(max(told.split("\n"), key=len)) < 300


def test_snapshots_that_no_test_uses_are_told_and_deleted_by_a_whole_run_alone(project: pytest.Pytester) -> None:
    text = """
def test_it(sfn_run, sfn_snapshot): sfn_snapshot(sfn_run(INPUT, case="HappyPath"))
@pytest.mark.parametrize("case", ["CardDeclined", "ItemMissing"])
def test_case(sfn_run, sfn_snapshot, case): sfn_snapshot(sfn_run(INPUT, case=case), "end")
@pytest.mark.skipif("not config.option.sfn_update", reason="slow")
def test_slow(sfn_run, sfn_snapshot): sfn_snapshot(sfn_run(INPUT, case="PaymentBusy"))
"""
    names = {"test_a": HEAD + text, "test_gone": HEAD + text}
    project.makepyfile(**names)
    (project.path / "__sfn_snapshots__/test_a").mkdir(parents=True)
    assert "unused" not in run(project, "-q", "--sfn-update").stdout.str()
    folder = project.path / "__sfn_snapshots__"

    def there() -> int:
        return len(list(folder.rglob("*.json")))

    assert there() == 8
    (project.path / "test_gone.py").rename(project.path / "test_new.py")
    (project.path / "test_a.py").write_text(
        names["test_a"].replace(', "ItemMissing"', "").replace("test_it", "test_is")
    )
    (project.path / "test_new.py").write_text("def test_no_snapshot(): pass")
    assert "unused" not in run(project, "-q", "-x").stdout.str(), "the first test fails, and the others are not run"
    for part in (["-k", "case"], ["-m", "x or not x"], ["test_a.py::test_is"], ["--deselect", "test_a.py::test_is"]):
        assert "unused" not in run(project, "-q", "--sfn-update", *part).stdout.str(), part
    (folder / "test_a/test_is.json").unlink()
    one = run(project, "-q", "test_a.py").stdout
    one.fnmatch_lines(
        ["sfdebug: 2 snapshots unused; --sfn-update deletes them", "  __sfn_snapshots__?test_a?test_case-Item*"]
    )
    plain = run(project, "-q").stdout.str()
    assert "sfdebug: 6 snapshots unused; --sfn-update deletes them" in plain, "that of the test that is skipped is not"
    assert there() == 8
    assert "sfdebug: 6 snapshots unused and deleted" in run(project, "-q", "--sfn-update").stdout.str()
    assert there() == 3
    assert not (folder / "test_gone").exists()
    assert "unused" not in run(project, "-q").stdout.str()


def test_coverage_is_told_written_and_asked_for(project: pytest.Pytester) -> None:
    project.makepyfile(HEAD + "def test_it(sfn_run):\n    sfn_run(INPUT, case='HappyPath')\n")
    forms = ("lcov", "cobertura", "html", "markdown")
    result = run(project, "-q", "--sfn-cov", *(f"--sfn-cov-{form}=cov.{form}" for form in forms))
    result.stdout.fnmatch_lines(["order.asl.json: 1 run", "  error paths*0 of*11*0 %", "never taken:"])
    assert result.ret == 0
    assert (project.path / "cov.lcov").read_text().startswith("TN:\nSF:")
    assert all((project.path / f"cov.{form}").stat().st_size > 500 for form in forms)
    result = run(project, "-q", "--sfn-cov-fail-under-errors", "50")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["sfdebug: 0.0 % of the error paths was taken, and 50 % is asked for"])


def test_other_machines_of_a_project_are_named(project: pytest.Pytester) -> None:
    body = "Properties: {Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}}"
    machines = "".join(f"  {name}:\n    Type: AWS::Serverless::StateMachine\n    {body}\n" for name in ("One", "Two"))
    (project.path / "template.yaml").write_text(f"Transform: AWS::Serverless-2016-10-31\nResources:\n{machines}")
    project.makepyfile("def test_it(sfn_run): sfn_run(machine='template.yaml#One')")
    told = "sfdebug: no test that was run is of template.yaml#Two: nothing is counted of it"
    run(project, "-q", "--sfn-cov").stdout.fnmatch_lines([told])
    run(project, "-q", "--sfn-cov", "-k", "it").stdout.no_fnmatch_line("*no test that was run*")


def test_a_share_of_nothing_and_a_file_that_cannot_be_written_are_no_success(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it():\n    pass\n")
    result = run(project, "-q", "--sfn-cov-fail-under", "50")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["sfdebug: no test has run a state machine, and a share of it is asked for"])
    project.makepyfile(HEAD + "def test_it(sfn_run):\n    sfn_run(INPUT, case='HappyPath')\n")
    result = run(project, "-q", "--sfn-cov-html", "nowhere/cov.html")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["sfdebug: nowhere/cov.html cannot be written: No such file or directory"])
    assert "Traceback" not in result.stdout.str()


def test_what_reaches_the_terminal_has_no_control_bytes(project: pytest.Pytester) -> None:
    (project.path / "a.sfn.yaml").write_text(
        'machine: order.asl.json\ntests:\n- {name: "a\\e[31m", input: "\\e[2J", answers: {"No\\e[31m": {return: 1}}}\n'
    )
    result = run(project, "-q")
    assert "\x1b" not in result.stdout.str()
    assert "has no state 'No\\u001b[31m'" in result.stdout.str()


@pytest.mark.skipif(find_spec("xdist") is None, reason="xdist is not installed")
def test_workers_of_xdist_count_together(project: pytest.Pytester) -> None:
    (project.mkdir("flows") / "order.sfn.yaml").write_text(CASES)
    text = "def test_it(sfn_run, sfn_snapshot): sfn_snapshot(sfn_run(INPUT, case='CardDeclined'))\n"
    folder = project.makepyfile(HEAD + text).parent / "__sfn_snapshots__/test_gone"
    folder.mkdir(parents=True)
    (folder / "test_it.json").touch()
    result = run(project, "-q", "-n", "2", "--sfn-cov", "--sfn-update")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["sfdebug: 1 snapshot unused and deleted", "  __sfn_snapshots__?test_gone?test_it.json"]
    )
    assert [path.name for path in folder.parent.rglob("*.json")] == ["test_it.json"]
    result.stdout.fnmatch_lines(["order.asl.json: 3 runs", "  Catchers*1 of*2*"])


def test_nothing_heavy_is_imported_before_a_test_needs_it() -> None:
    code = "import sys, sfdebug.pytest_plugin.hooks; print(*sorted(n for n in sys.modules if n.startswith('sfdebug')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == [
        "sfdebug",
        "sfdebug.pytest_plugin",
        "sfdebug.pytest_plugin.hooks",
        "sfdebug.pytest_plugin.noted",
    ]


def test_debugging_takes_one_process(project: pytest.Pytester) -> None:
    if find_spec("xdist") is None:
        pytest.skip("xdist is not installed")
    for given in (["-n", "2"], ["-n", "2", "--dist", "loadfile"]):
        result = run(project, *given, "--sfn-debug")
        result.stderr.fnmatch_lines(["*--sfn-debug opens a debugger, which takes one process: leave out -n*"])


def test_the_entry_point_is_declared() -> None:
    text = Path(ROOT, "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\nsfdebug = "sfdebug.pytest_plugin.hooks"' in text
