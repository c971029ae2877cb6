"""Reading from AWS as a user does: `sfdebug fetch` and what it stands on, against servers on loopback.

moto runs state machines for real; what it has no answer for (pages, children of a Map Run, refusals) the stub has.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.errors import NotFoundError
from sfdebug.aws.executions import describe_execution, describe_machine_for_execution, follow, read_history
from sfdebug.aws.listing import (
    FAILED_FIRST,
    Wanted,
    describe_map_run,
    execution_pages,
    state_machine_pages,
)
from sfdebug.aws.session import Access, AwsReader
from sfdebug.cli.progress import ProgressLine
from tests import moto_server
from tests.aws_stub import (
    EXECUTION,
    EXPRESS,
    MACHINE,
    MAP_RUN,
    READING,
    START,
    ApiError,
    Fields,
    StubAws,
    child_arn,
    event,
    history,
    serving,
)
from tests.command_line import Outcome, sfdebug
from tests.conformance import fidelity
from tests.moto_server import Moto

DEFINITION = '{"StartAt": "Paid?", "States": {"Paid?": {"Type": "Pass", "Comment": "PAID", "End": true}}}'
PAYLOAD = '{"name":"Ada Lovelace","status":"PAID","total":42.5}'


@pytest.fixture(autouse=True)
def environment(isolated: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


# moto


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    missing = moto_server.missing()
    if missing:
        pytest.skip(f"moto's server mode is not installed here, it lacks: {', '.join(missing)}")
    with moto_server.running() as server:
        yield server


@pytest.fixture
def reader(moto: Moto) -> AwsReader:
    return AwsReader(Access(region=moto_server.REGION, endpoint_url=moto.address))


FAILING: dict[str, Any] = {
    "Keep": {"Type": "Pass", "ResultPath": "$.kept", "Result": [1, 2], "Next": "Refuse"},
    "Refuse": {"Type": "Fail", "Error": "Refused", "Cause": "the card of Ada"},
}
PASSING: dict[str, Any] = {"Keep": {"Type": "Pass", "ResultPath": "$.kept", "Result": [1, 2], "End": True}}


def test_state_machines_and_executions_are_found(moto: Moto, reader: AwsReader) -> None:
    failing, passing = moto.machine("ListFail", FAILING), moto.machine("ListPass", PASSING)
    executions = [moto.finish(failing, f"bad-{number}") for number in range(3)]
    moto.finish(passing, "good")
    found = [entry for page in state_machine_pages(reader, "list*") for entry in page]
    assert {entry.arn for entry in found} == {failing, passing}
    assert {entry.type for entry in found} == {"STANDARD"}
    pages = execution_pages(reader, failing, Wanted(statuses=FAILED_FIRST))
    assert sorted(entry.arn for page in pages for entry in page) == executions
    ok = [entry for page in execution_pages(reader, passing, Wanted(statuses=FAILED_FIRST)) for entry in page]
    assert [(entry.name, entry.status) for entry in ok] == [("good", "SUCCEEDED")]


def test_an_execution_is_read_with_its_definition_and_history(moto: Moto, reader: AwsReader) -> None:
    arn = moto.finish(moto.machine("Read", FAILING), "run", '{"a":1}')
    found = describe_execution(reader, arn)
    assert (found.status, found.error, found.input) == ("FAILED", "Refused", '{"a":1}')
    assert json.loads(describe_machine_for_execution(reader, arn).definition)["States"] == FAILING
    events = read_history(reader, arn)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events][:3] == ["ExecutionStarted", "PassStateEntered", "PassStateExited"]
    assert events[-1]["type"] == "ExecutionFailed"


def test_a_running_execution_is_followed_live(moto: Moto, reader: AwsReader) -> None:
    queue = moto.queues.create_queue(QueueName="approvals")["QueueUrl"]
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "Next": "Approved",
    }
    arn = moto.start(moto.machine("Live", {"Ask": ask, "Approved": {"Type": "Pass", "End": True}}), "run")

    def approve(_: float) -> None:
        """What happens while whoever follows waits: the first time, somebody approves."""
        for message in moto.queues.receive_message(QueueUrl=queue).get("Messages", ()):
            token = json.loads(message["Body"])["token"]
            moto.states.send_task_success(taskToken=token, output='{"by":"Ada"}')

    news = list(follow(reader, arn, sleep=approve))
    events = [event for one in news for event in one.events]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events == read_history(reader, arn)
    assert len([one for one in news if one.events]) > 1
    assert [one.is_over for one in news] == [False] * (len(news) - 1) + [True]
    assert events[-1]["type"] == "ExecutionSucceeded"


def test_a_map_run_is_read(moto: Moto, reader: AwsReader) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    arn = moto.finish(
        moto.machine("Mapped", {"M": {"Type": "Map", "Label": "Lines", "ItemProcessor": processor, "End": True}}),
        "run",
        "[1,2,3]",
    )
    details = [event.get("mapRunStartedEventDetails") for event in read_history(reader, arn)]
    (map_run_arn,) = [one["mapRunArn"] for one in details if isinstance(one, dict)]
    assert isinstance(map_run_arn, str)
    run = describe_map_run(reader, map_run_arn)
    assert (run.status, run.execution_arn) == ("SUCCEEDED", arn)
    outcome = sfdebug("fetch", map_run_arn, "--endpoint-url", moto.address, "-o", "map", "--children", "0")
    assert outcome.code == 0, outcome.err
    assert json.loads(Path("map/map_run.json").read_text())["itemCounts"]["succeeded"] == 3


def test_what_was_fetched_runs_offline(moto: Moto) -> None:
    arn = moto.finish(moto.machine("Offline", PASSING), "run", '{"who": "Ada"}')
    outcome = sfdebug("fetch", arn, "--endpoint-url", moto.address)
    assert outcome.code == 0, outcome.err
    assert outcome.out.split() == [f"run/{name}" for name in WHOLE]
    again = sfdebug("run", "run/definition.asl.json", "--input", "@run/input.json")
    assert again.code == 0, again.err
    assert json.loads(again.out) == {"who": "Ada", "kept": [1, 2]}
    assert json.loads(json.loads(Path("run/execution.json").read_text())["output"]) == json.loads(again.out)


def test_from_the_list_of_a_machine_to_the_proof_of_a_mend(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", moto_server.REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.address)
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    machine = moto.machine("OnCall", FAILING)
    for name in ("one", "two", "three"):
        moto.finish(machine, name, f'{{"who": "{name}"}}')
    listed = sfdebug("executions", "--machine", "OnCall", "--groups")
    assert listed.code == 0, listed.err
    assert listed.out.splitlines()[1].split()[:4] == ["3", "FAILED", "Refused", "Refuse"]
    fetched = sfdebug("fetch", "--machine", machine, "--status", "FAILED", "--last", "2", "-o", "kept")
    assert fetched.code == 0, fetched.err
    assert "2 of 2 executions are in kept, 2 of them new" in fetched.err
    again = sfdebug("fetch", "--machine", machine, "--status", "FAILED", "-o", "kept")
    assert "3 executions of OnCall, 2 of them there already" in again.err
    offline = sfdebug("executions", "kept", "--groups")
    assert offline.out.splitlines()[1].split()[:4] == ["3", "FAILED", "Refused", "Refuse"]
    Path("mend.asl.json").write_text(json.dumps({"StartAt": "Keep", "States": PASSING}))
    held = sfdebug("verify", "mend.asl.json", "kept", "--outcomes")
    assert (held.code, held.out.splitlines()[-1]) == (0, "3 of 3 executions proved to succeed (now succeeds: 3)")


CALCULATING: dict[str, Any] = {
    "Sum": {
        "Type": "Pass",
        "Parameters": {"sum.$": "States.MathAdd($.a, 2)", "run.$": "$$.Execution.Name"},
        "Next": "Big?",
    },
    "Big?": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.sum", "NumericGreaterThan": 10, "Next": "Refuse"}],
        "Default": "Keep",
    },
    "Keep": PASSING["Keep"],
    "Refuse": FAILING["Refuse"],
}


def fetch_cases(moto: Moto, name: str, *options: str) -> list[Path]:
    """Two executions, of which one fails, as cases in the folder `cases`."""
    machine = moto.machine(name, CALCULATING)
    arns = [moto.finish(machine, f"run-{number}", f'{{"a": {number}}}') for number in (9, 3)]
    outcome = sfdebug("fetch", *arns, "--case", "-o", "cases", "--endpoint-url", moto.address, *options)
    assert outcome.code == 0, outcome.err
    return [Path(line) for line in outcome.out.split()]


def test_a_fetched_case_is_held_against_the_engine(moto: Moto, capsys: pytest.CaptureFixture[str]) -> None:
    paths = fetch_cases(moto, "Cases")
    assert paths == [Path("cases/Cases-run-9.json"), Path("cases/Cases-run-3.json")]
    case = read(str(paths[1]))
    assert list(case) == ["id", "type", "execution", "definition", "input", "history"]
    assert (case["id"], case["type"], case["input"]) == ("Cases/run-3", "STANDARD", {"a": 3})
    assert case["definition"]["States"] == CALCULATING
    assert list(case["execution"]) == ["executionArn", "stateMachineArn", "name", "startDate"]
    assert fidelity.main("--recordings", "cases") == 0
    assert "| Execution histories: Cases | 2 | 2 | – |" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["cases", "cases/executions"])
def test_a_case_whose_recorded_output_is_altered_fails(
    moto: Moto, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    _, path = fetch_cases(moto, f"Altered-{folder.count('/')}")
    case = read(str(path))
    left = next(event for event in case["history"]["events"] if event["type"] == "PassStateExited")
    left["stateExitedEventDetails"]["output"] = left["stateExitedEventDetails"]["output"].replace("5", "6", 1)
    Path(folder).mkdir(exist_ok=True)
    path.unlink()
    Path(folder, path.name).write_text(json.dumps(case), encoding="utf-8")
    assert fidelity.main("--recordings", "cases") == 1
    printed = capsys.readouterr()
    assert "| **all** | 2 | 1 | – |" in printed.out
    assert f"{path.stem}\n    diverges" in printed.err
    assert "PassStateExited of 'Sum', output at /sum" in printed.err


def test_a_redacted_case_has_no_values(moto: Moto) -> None:
    failed, _ = fetch_cases(moto, "Redacted", "--redact")
    text = failed.read_text(encoding="utf-8")
    assert "123456789012" not in text
    assert json.loads(text)["input"] != {"a": 9}
    assert json.loads(text)["history"]["events"][-1]["executionFailedEventDetails"]["error"] == "Refused"


def test_an_execution_that_is_none(moto: Moto, reader: AwsReader) -> None:
    machine = moto.machine("Nothing", PASSING)
    arn = machine.replace("stateMachine", "execution") + ":never"
    with pytest.raises(NotFoundError, match="no such thing"):
        describe_execution(reader, arn)
    outcome = sfdebug("fetch", arn, "--endpoint-url", moto.address)
    assert (outcome.code, outcome.out) == (2, "")
    assert "AWS knows no such thing" in outcome.err
    assert not Path("never").exists()


# The stub


WHOLE = ("definition.asl.json", "input.json", "history.json", "execution.json")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[StubAws, str]]:
    stub = StubAws()
    with serving(stub) as address:
        yield stub, address


@pytest.fixture
def aws(server: tuple[StubAws, str]) -> StubAws:
    server[0].reset()
    return server[0]


@pytest.fixture
def address(server: tuple[StubAws, str]) -> str:
    return server[1]


def add_failed(aws: StubAws) -> None:
    events = [
        event(1, "ExecutionStarted", executionStartedEventDetails={"input": PAYLOAD, "roleArn": "r"}),
        event(2, "PassStateEntered", stateEnteredEventDetails={"name": "Paid?", "input": PAYLOAD}),
        event(3, "MapRunStarted", mapRunStartedEventDetails={"mapRunArn": MAP_RUN}),
        event(4, "ExecutionRedriven", executionRedrivenEventDetails={"redriveCount": 1}),
        event(5, "ExecutionFailed", executionFailedEventDetails={"error": "Refused", "cause": "the card of Ada"}),
    ]
    failed: Fields = {"status": "FAILED", "error": "Refused", "cause": "the card of Ada", "input": PAYLOAD}
    aws.add_execution(EXECUTION, events, definition=DEFINITION, **failed)


def fetch(address: str, *argv: str) -> Outcome:
    return sfdebug("fetch", *argv, "--endpoint-url", address)


def read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_fetch_saves_all_pages_and_says_what_happened(aws: StubAws, address: str) -> None:
    add_failed(aws)
    aws.page = 2
    outcome = fetch(address, EXECUTION)
    assert outcome.code == 0, outcome.err
    assert outcome.out.split() == [f"run-1/{name}" for name in WHOLE]
    assert Path("run-1/definition.asl.json").read_text() == DEFINITION + "\n"
    assert Path("run-1/input.json").read_text() == PAYLOAD + "\n"
    assert [event["id"] for event in read("run-1/history.json")["events"]] == [1, 2, 3, 4, 5]
    assert read("run-1/execution.json")["error"] == "Refused"
    assert outcome.err.splitlines() == [
        "execution FAILED, 5 events",
        "  error: Refused",
        "  redriven at event 4 (2025-01-01T00:00:00.004+00:00)",
        f"  Map Run: sfdebug fetch {MAP_RUN}",
    ]
    assert aws.asked[:2] == ["DescribeExecution", "DescribeStateMachineForExecution"]
    assert aws.asked[2:] == ["GetExecutionHistory"] * 3
    assert aws.refused == []


def test_fetch_redacted(aws: StubAws, address: str) -> None:
    add_failed(aws)
    outcome = fetch(address, EXECUTION, "--redact", "-o", "shared")
    assert outcome.code == 0, outcome.err
    assert read("shared/input.json") == {"name": "x" * 12, "status": "PAID", "total": 1.5}
    entered = read("shared/history.json")["events"][1]["stateEnteredEventDetails"]
    assert entered == {"name": "Paid?", "input": json.dumps(read("shared/input.json"), separators=(",", ":"))}
    everything = "".join(Path("shared", name).read_text() for name in WHOLE)
    assert "Ada" not in everything
    assert "123456789012" not in everything


def test_fetch_overwrites_only_when_told_to_and_asks_nothing_before(aws: StubAws, address: str) -> None:
    add_failed(aws)
    assert fetch(address, EXECUTION, "-o", "kept").code == 0
    Path("kept/input.json").write_text("mine")
    aws.requests.clear()
    outcome = fetch(address, EXECUTION, "-o", "kept")
    assert (outcome.code, outcome.out, aws.requests) == (2, "", [])
    assert "would be overwritten" in outcome.err
    assert "--force" in outcome.err
    assert Path("kept/input.json").read_text() == "mine"
    assert fetch(address, EXECUTION, "-o", "kept", "--force").code == 0
    assert Path("kept/input.json").read_text() == PAYLOAD + "\n"


def test_fetch_leaves_nothing_behind_when_the_last_page_is_denied(aws: StubAws, address: str) -> None:
    add_failed(aws)
    aws.page = 2
    denied = ApiError("AccessDeniedException", "not authorized to perform: states:GetExecutionHistory on resource: x")

    def deny(operation: str) -> None:
        if aws.asked.count("GetExecutionHistory") == 3:
            aws.troubles.append(denied)

    aws.before = deny
    outcome = fetch(address, EXECUTION)
    assert (outcome.code, outcome.out) == (2, "")
    assert "may not states:GetExecutionHistory" in outcome.err
    assert not Path("run-1").exists()


def add_map_run(aws: StubAws, kind: str = "execution") -> None:
    add_failed(aws)
    counts = {"total": 3, "failed": 1, "succeeded": 2, "pending": 0}
    aws.map_runs[MAP_RUN] = {
        "mapRunArn": MAP_RUN,
        "executionArn": EXECUTION,
        "status": "SUCCEEDED",
        "startDate": START,
        "itemCounts": counts,
        "executionCounts": counts,
    }
    for number, status in enumerate(["SUCCEEDED", "FAILED", "SUCCEEDED"]):
        arn = child_arn(f"c{number}", kind)
        aws.add_execution(arn, history(3), status=status, mapRunArn=MAP_RUN, input=f'{{"n":{number}}}')


def test_fetch_of_a_map_run_has_its_failed_children_first(aws: StubAws, address: str) -> None:
    add_map_run(aws)
    outcome = fetch(address, MAP_RUN, "-o", "run", "--children", "2")
    assert outcome.code == 0, outcome.err
    assert outcome.out.split()[:4] == [
        "run/definition.asl.json",
        "run/input.json",
        "run/execution.json",
        "run/map_run.json",
    ]
    assert sorted(path.name for path in Path("run/children").iterdir()) == ["c0", "c1"]
    assert read("run/children/c1/execution.json")["status"] == "FAILED"
    assert read("run/children/c1/input.json") == {"n": 1}
    assert len(read("run/children/c1/history.json")["events"]) == 3
    assert "Map Run SUCCEEDED: 2 succeeded, 1 failed; 2 fetched" in outcome.err


def test_express_children_have_no_history(aws: StubAws, address: str) -> None:
    add_map_run(aws, "express")
    outcome = fetch(address, MAP_RUN, "-o", "run")
    assert outcome.code == 0, outcome.err
    assert sorted(path.name for path in Path("run/children/c1").iterdir()) == ["execution.json", "input.json"]
    assert "no history of Express children" in outcome.err
    assert "GetExecutionHistory" not in aws.asked
    single = fetch(address, child_arn("c1", "express"), "-o", "single")
    assert single.code == 2
    assert f"sfdebug fetch {MAP_RUN}" in single.err


def test_fetch_of_an_express_execution_has_its_log(aws: StubAws, address: str) -> None:
    arn = MACHINE.replace("Orders", "Quick")
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/quick:*"}}
    aws.machines = [
        {
            "stateMachineArn": arn,
            "name": "Quick",
            "definition": DEFINITION,
            "roleArn": "r",
            "type": "EXPRESS",
            "creationDate": START,
            "loggingConfiguration": {"level": "ERROR", "destinations": [group]},
        }
    ]
    message = {"id": "1", "type": "PassStateEntered", "details": {"input": PAYLOAD}, "execution_arn": EXPRESS}
    aws.log_groups["/quick"] = [{"eventId": "1", "message": json.dumps(message), "timestamp": 4_000_000_000_000}]
    outcome = fetch(address, EXPRESS, "-o", "quick", "--redact")
    assert outcome.code == 0, outcome.err
    assert outcome.out.split() == ["quick/definition.asl.json", "quick/log.json"]
    kept = json.loads(read("quick/log.json")["events"][0]["message"])
    assert kept["id"] == "1"
    assert json.loads(kept["details"]["input"]) == {"name": "x" * 12, "status": "PAID", "total": 1.5}
    assert "The log level is ERROR" in outcome.err


@pytest.mark.parametrize(
    ("argv", "what", "fix"),
    [
        (["nonsense"], "is not an ARN", "arn:aws:states:"),
        ([MACHINE], "names a state machine", "sfdebug fetch --machine"),
        ([EXECUTION, "--region", "us-east-1"], "is in eu-west-1, not in us-east-1", "Leave --region out"),
        ([EXECUTION, "--profile", "nobody"], "no profile 'nobody'", "list-profiles"),
        ([EXECUTION, "--children", "-1"], "cannot be less than 0", ""),
        ([EXECUTION, "--hours", "nan"], "not a number of hours", "--hours 48"),
        ([EXECUTION], "no such thing", "90 days"),
        ([], "nothing is named", "sfdebug fetch --help"),
    ],
)
def test_fetch_says_what_is_wrong_and_what_to_do(
    aws: StubAws, address: str, argv: list[str], what: str, fix: str
) -> None:
    outcome = fetch(address, *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err
    assert fix in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arn", "what"),
    [
        (MAP_RUN, "there is no case of this Map Run"),
        (EXPRESS, "there is no case of this Express execution"),
        (child_arn("c1"), "there is no case of a child execution"),
        (MACHINE, "names a state machine"),
    ],
)
def test_a_case_is_of_a_whole_execution(aws: StubAws, address: str, arn: str, what: str) -> None:
    outcome = fetch(address, arn, "--case")
    assert (outcome.code, outcome.out) == (2, "")
    assert what in outcome.err
    assert aws.asked == []


def test_a_case_needs_an_end_and_a_definition(aws: StubAws, address: str) -> None:
    aws.add_execution(EXECUTION, history(3, end=""), status="RUNNING")
    running = fetch(address, EXECUTION, "--case")
    assert running.code == 2
    assert "it still runs, and a case has an end" in running.err
    add_failed(aws)
    del aws.definitions[EXECUTION]
    outcome = fetch(address, EXECUTION, "--case")
    assert outcome.code == 2
    assert "AWS did not give what a case needs: definition.asl.json" in outcome.err
    assert list(Path().glob("*.json")) == []


def test_a_case_is_overwritten_only_when_told_to(aws: StubAws, address: str) -> None:
    add_failed(aws)
    outcome = fetch(address, EXECUTION, "--case")
    assert (outcome.code, outcome.out) == (0, "Orders-run-1.json\n")
    assert read("Orders-run-1.json")["input"] == json.loads(PAYLOAD)
    aws.requests.clear()
    again = fetch(address, EXECUTION, "--case")
    assert "Orders-run-1.json would be overwritten" in again.err
    assert aws.asked == []
    assert fetch(address, EXECUTION, "--case", "--force").code == 0


def test_only_reading_is_ever_asked(aws: StubAws, address: str) -> None:
    """Everything that the command can do, in an account that refuses all that does not read."""
    add_map_run(aws)
    for number, arn in enumerate((EXECUTION, MAP_RUN, EXPRESS, MACHINE, child_arn("c1"))):
        fetch(address, arn, "-o", f"all-{number}", "--redact")
    assert aws.refused == []
    assert len(set(aws.asked)) >= 6
    assert all(operation.startswith(READING) for operation in aws.asked)


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_goes_away() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal)
    progress = line.begin("the history")
    progress(3000, None)
    line.waits(2.4, throttled=True)
    line.begin("children")(3, 20)
    line.clear()
    written = terminal.getvalue()
    shown = [part.strip() for part in written.split("\r\x1b[K")]
    assert shown == [
        "",
        "Reading the history",
        "Reading the history: 3,000",
        "Reading the history: AWS asks for fewer requests, once more in 2 s",
        "Reading children",
        "Reading children: 3 of 20",
        "",
    ]
    assert "\n" not in written


def test_no_progress_elsewhere() -> None:
    file = io.StringIO()
    line = ProgressLine(file)
    line.begin("the history")(3, None)
    line.waits(1.0, throttled=False)
    line.clear()
    assert file.getvalue() == ""
