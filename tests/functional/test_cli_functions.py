"""`--function` and `--lambda-endpoint` on the command line: run, and sessions that go on with the same handlers."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.cli.new_sessions import definition_screen, plain_args
from sfdebug.cli.real_tasks import read_real_tasks
from sfdebug.cli.sessions import sources_of
from sfdebug.debugger import StopReason
from sfdebug.errors import UsageError
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tui.settings import ScreenSettings
from tests.command_line import sfdebug

PASS = definition_from({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
HANDLERS = Path(__file__).parents[1] / "unit" / "tasks" / "lambdas" / "handlers.py"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:charge"


@pytest.fixture
def definition(tmp_path: Path) -> str:
    path = tmp_path / "pay.asl.json"
    states = {"Pay": {"Type": "Task", "Resource": ARN, "End": True}}
    path.write_text(json.dumps({"StartAt": "Pay", "States": states}))
    return str(path)


def test_run_calls_the_handler_and_tells_on_stderr_what_it_wrote(definition: str) -> None:
    ran = sfdebug("run", definition, "-i", '{"n": 1}', "--function", f"charge={HANDLERS}:echo")
    assert ran.code == 0
    assert json.loads(ran.out) == {"event": {"n": 1}, "name": "charge", "price": 1.5}
    assert sorted(ran.err.splitlines()) == ["Pay | got {'n': 1}", "Pay | to stderr"]


def test_a_handler_that_no_task_calls_is_told_with_those_that_are(definition: str, tmp_path: Path) -> None:
    """Once, also where several test cases are read."""
    said = "sfdebug: --function chargee: no Task calls it; Tasks call charge\n"
    mocks = tmp_path / "mocks.json"
    cases = {"One": {"Pay": "Paid"}, "Two": {"Pay": "Paid"}}
    answers = {"Paid": {"0": {"Return": {"paid": True}}}}
    machines = {"pay": {"TestCases": cases}}
    mocks.write_text(json.dumps({"StateMachines": machines, "MockedResponses": answers}), encoding="utf-8")
    given = ("--function", f"chargee={HANDLERS}:echo", "--mocks", str(mocks))
    ran = sfdebug("run", definition, *given, "--case", "One")
    assert (ran.code, ran.err) == (0, said)
    assert sfdebug("forecast", definition, "-i", "{}", *given).err.count(said) == 1
    computed = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "$.f"}}
    for states, told in (
        ({"Pay": {**computed, "End": True}}, ""),
        ({"Pay": {"Type": "Pass", "End": True}}, "--function chargee: no Task calls a Lambda function"),
    ):
        Path(definition).write_text(json.dumps({"StartAt": "Pay", "States": states}), encoding="utf-8")
        ran = sfdebug("run", definition, "-i", '{"f": "chargee"}', "--function", f"chargee={HANDLERS}:echo")
        assert ran.code == 0
        assert ("--function" in ran.err) is bool(told)
        assert told in ran.err


def test_what_a_handler_raises_fails_the_run(definition: str) -> None:
    ran = sfdebug("run", definition, "-i", '{"most": 1}', "--function", f"{ARN}={HANDLERS}:refuse")
    assert ran.code == 1
    assert "error: TooMuchError" in ran.err
    assert "Pay | [ERROR] TooMuchError: no more than 1" in ran.err


def test_escapes_of_a_handler_do_not_reach_the_terminal(definition: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    print('\\x1b[31mred [/x] [bold]')\n")
    ran = sfdebug("run", definition, "--function", f"charge={tmp_path / 'app.py'}:handler")
    assert "Pay | \\u001b[31mred [/x] [bold]" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--function", "charge"], "it does not say which function and which handler"),
        (["--function", "charge=nowhere.py:handler"], "there is no file nowhere.py"),
        (["--debug-handlers"], "there are no handlers to debug"),
        (["--debug-handlers", "x", "--function", f"charge={HANDLERS}:echo"], "'x' is no port"),
        (["--debug-handlers", "0", "--function", f"charge={HANDLERS}:echo"], "0 is no port"),
        (["--lambda-endpoint", "nowhere"], "'nowhere' is no http address"),
        (["--lambda-endpoint", "http://127.0.0.1:9"], "nothing answers at http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_called_is_said(definition: str, options: list[str], said: str) -> None:
    ran = sfdebug("run", definition, *options)
    assert ran.code not in (0, 1)
    assert said in ran.err


def test_how_to_attach_to_handlers_is_said_at_the_beginning(definition: str) -> None:
    """The Task is mocked, so that nothing waits."""
    mocks = Path(definition).with_name("mocks.json")
    case = {"TestCases": {"Paid": {"Pay": "Paid"}}}
    returned = {"Paid": {"0": {"Return": 1}}}
    mocks.write_text(json.dumps({"StateMachines": {"pay": case}, "MockedResponses": returned}))
    handler = ["--function", f"charge={HANDLERS}:echo", "--debug-handlers", "6001"]
    ran = sfdebug("run", definition, "-m", str(mocks), *handler)
    assert (ran.code, ran.out) == (0, "1\n")
    said, _, launch = ran.err.partition("\n")
    assert said == "sfdebug: handlers wait for a debugger; for VS Code, .vscode/launch.json:"
    assert json.loads(launch)["configurations"][0]["connect"] == {"host": "127.0.0.1", "port": 6001}


def test_a_function_is_given_once() -> None:
    with pytest.raises(UsageError, match="'charge' is given twice"):
        read_real_tasks(Namespace(functions=[f"charge={HANDLERS}:echo", f"{ARN}={HANDLERS}:echo"]), PASS, None)


def test_a_session_remembers_what_answers_its_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HANDLERS.parent)
    args = plain_args()
    args.functions, args.lambda_endpoint = ["charge=handlers.py:echo"], "http://127.0.0.1:3001"
    sources = sources_of(args)
    assert sources.functions == (f"charge={HANDLERS}:echo",)
    assert sources.lambda_endpoint == "http://127.0.0.1:3001"
    assert sources


def test_a_task_can_be_asked_for_though_a_handler_answers_it(definition: str) -> None:
    args = plain_args(is_kept=False)
    args.functions, args.asks = [f"charge={HANDLERS}:echo"], ["Pay"]
    debugger = definition_screen(DefinitionAddress(definition), "{}", args, ScreenSettings()).debugger
    assert debugger.run().reason is StopReason.QUESTION
    refused = sfdebug(definition, "--ask", "Pya")
    assert refused.code == 2
    assert "--ask: there is no Task 'Pya'" in refused.err
    assert "Did you mean 'Pay'?" in refused.err
