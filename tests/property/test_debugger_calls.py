"""Whatever the walk over a run whose Tasks are really done: no attempt is called twice.

A worker process and a service on loopback count what they are asked: not what sfdebug believes it has called. Each call
says of which attempt of which state it is, with what it was given.
"""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.aws.service_calls import ServiceClients, ServiceEndpoint
from sfdebug.debugger import Debugger, Verb
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.tasks.answerers import AnswererKind
from sfdebug.tasks.handler import FirstAnswer, TaskHandler
from sfdebug.tasks.lambdas.function import function_from
from sfdebug.tasks.state_machines import StateMachines
from sfdebug.tasks.surroundings import Surroundings
from tests.examples import STEADY, examples
from tests.session_runs import going_on, keeper_of

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:count"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
HANDLER = """
import json, os, urllib.request

def handle(event, context):
    with open(os.environ["LAMBDA_TASK_ROOT"] + "/calls", "a") as file:
        file.write(json.dumps(event, sort_keys=True) + "\\n")
    if "token" in event:
        body = json.dumps({"taskToken": event["token"], "output": json.dumps({"by": event["state"]})}).encode()
        headers = {"X-Amz-Target": "AWSStepFunctions.SendTaskSuccess"}
        urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL_SFN"], body, headers)).close()
    if event["state"] == "Try" and event["retry"] < 1:
        raise ConnectionError("not yet")
    return {"n": event["retry"], "of": event["state"]}
"""


def told(state: str, **more: str) -> dict[str, str]:
    """What a call says of itself."""
    return {"state": state, "retry.$": "$$.State.RetryCount", "given.$": "$", **more}


def job(state: str) -> dict[str, Any]:
    return {"JobName": "count", "Arguments": {"told.$": f"States.Format('{state} {{}}', States.JsonToString($))"}}


DEFINITION: dict[str, Any] = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Resource": ARN,
            "Parameters": told("Try"),
            "ResultPath": "$.tried",
            "Retry": [{"ErrorEquals": ["ConnectionError"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.tried", "Next": "Send"}],
            "Next": "Send",
        },
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": QUEUE, "MessageBody": told("Send")},
            "ResultPath": "$.sent",
            "Next": "Start",
        },
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "inner", "Input.$": "$"},
            "ResultSelector": {"out.$": "$.Output"},
            "ResultPath": "$.started",
            "Next": "Which",
        },
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.tried", "IsPresent": True, "Next": "Wait for it"}],
            "Default": "Each",
        },
        "Wait for it": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "count", "Payload": told("Wait for it", **{"token.$": "$$.Task.Token"})},
            "ResultPath": "$.waited",
            "Next": "Job",
        },
        "Job": {
            "Type": "Task",
            "Resource": "arn:aws:states:::glue:startJobRun.sync",
            "Parameters": job("Job"),
            "ResultPath": "$.job",
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "One",
                "States": {
                    "One": {
                        "Type": "Task",
                        "Resource": ARN,
                        "Parameters": told("One", **{"index.$": "$$.Map.Item.Index"}),
                        "End": True,
                    }
                },
            },
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "whole.$": "$"},
            "End": True,
        },
    },
}
INNER: dict[str, Any] = {
    "StartAt": "Ask inside",
    "States": {
        "Ask inside": {
            "Type": "Task",
            "Resource": ARN,
            "Parameters": told("Ask inside"),
            "ResultPath": "$.asked",
            "Next": "Send inside",
        },
        "Send inside": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": QUEUE, "MessageBody": told("Send inside")},
            "End": True,
        },
    },
}
"""What `Start` starts."""
MACHINE = definition_from(DEFINITION)

FORWARD = (Verb.RUN, Verb.RUN, Verb.STEP_OVER, Verb.STEP_INTO)
BACK = (Verb.BACK_OVER, Verb.BACK_OVER, Verb.STEP_BACK, Verb.RESTART)


def _doing(verb: Verb) -> Callable[[Debugger], Any]:
    return lambda debugger: debugger.do(verb)


def _switching(kind: AnswererKind, *, every: bool) -> Callable[[Debugger], Any]:
    return lambda debugger: debugger.choose_answerer(kind, every=every)


def _inside(*verbs: Verb, is_left: bool) -> Callable[[Debugger], Any]:
    def move(debugger: Debugger) -> None:
        """Into the execution that a Task starts, if one is at hand or was started, and back with its end."""
        _back_to(debugger, lambda: bool(debugger.nested.at_hand))
        if debugger.nested.at_hand:
            inner = debugger.nested.enter()
            for verb in verbs:
                inner.do(verb)
            if is_left:
                debugger.nested.leave(inner)

    return move


def _back_to(debugger: Debugger, is_there: Callable[[], bool]) -> None:
    """Back to the first place that is one, if there is any."""
    while not is_there() and debugger.cursor.node.index:
        debugger.step_back()


def ask_again(debugger: Debugger) -> None:
    """Have the Task that was answered last be asked once more, on a fork."""
    _back_to(debugger, lambda: (who := debugger.answerers.who_has_answered()) is not None and who.kind in ASKED)
    who = debugger.answerers.who_has_answered()
    if who is not None and who.kind in ASKED:
        debugger.choose_answerer(who.kind)


ASKED = (AnswererKind.FUNCTION, AnswererKind.SERVICE, AnswererKind.MACHINE)
MOVES: dict[str, Callable[[Debugger], Any]] = {
    "undo": _doing(Verb.LEAVE_FORK),
    "redo": _doing(Verb.REDO),
    "edit": lambda debugger: debugger.edit_input({"items": [1], "edited": True}),
    "result": lambda debugger: debugger.edit_result(TaskResult({"by": "hand"})),
    "answer": lambda debugger: debugger.answer_task(TaskResult({"by": "hand"})),
    "force": lambda debugger: debugger.force_choice(0),
    "force default": lambda debugger: debugger.force_choice(None),
    "first fork": lambda debugger: debugger.switch_fork(0),
    "event": lambda debugger: debugger.goto_event(9),
    "you": _switching(AnswererKind.USER, every=False),
    "function": _switching(AnswererKind.FUNCTION, every=True),
    "service": _switching(AnswererKind.SERVICE, every=False),
    "ask again": ask_again,
    "a step inside": _inside(Verb.STEP_OVER, is_left=False),
    "all inside": _inside(Verb.RUN, Verb.BACK_OVER, Verb.RUN, is_left=True),
}
OPEN_AGAIN = "open again"


class Service(http.server.BaseHTTPRequestHandler):
    """Answers what the machine calls, and counts what is more than a look."""

    counted: ClassVar[Counter[str]] = Counter()
    url: ClassVar[str] = ""
    clients: ClassVar[ServiceClients]

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = self.headers["X-Amz-Target"].rpartition(".")[2]
        if action != "GetJobRun":
            self.counted[f"{action} {text}"] += 1
        state = {"JobRunState": "SUCCEEDED", "Id": "r"}
        answer = {"SendMessage": {"MessageId": "m"}, "StartJobRun": {"JobRunId": "r"}, "GetJobRun": {"JobRun": state}}
        data = json.dumps(answer[action]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[type[Service]]:
    """The service, and what it was asked."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    Service.url = f"http://127.0.0.1:{server.server_port}"
    Service.clients = ServiceClients(ServiceEndpoint(Service.url, "eu-west-1"))
    yield Service
    server.shutdown()
    server.server_close()


@contextmanager
def counting(service: type[Service]) -> Iterator[tuple[Path, Callable[[], TaskHandler], Callable[[], Counter[str]]]]:
    """A folder, what makes task handlers, and what tells all calls so far, of workers and of the service."""
    service.counted.clear()
    begun: list[Surroundings] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "code").mkdir()
        (folder / "code" / "app.py").write_text(HANDLER)
        function = replace(function_from(f"count={folder}/code/app.py:handle"), interpreter=sys.executable, timeout=30)

        def make() -> TaskHandler:
            made = Surroundings(MACHINE, None, [function], services=service.url)
            made._clients = service.clients  # making them takes longer than all else here
            begun.append(made)
            return FirstAnswer(StateMachines({"inner": INNER}, made), made)

        def counts() -> Counter[str]:
            calls = folder / "code" / "calls"
            lines = calls.read_text().splitlines() if calls.exists() else ()
            return Counter(lines) + service.counted

        try:
            yield folder, make, counts
        finally:
            for each in begun:
                each.close()


SEGMENTS = st.tuples(
    st.lists(st.sampled_from(FORWARD), min_size=1, max_size=3),
    st.lists(st.sampled_from(BACK), max_size=4),
    st.lists(st.sampled_from(FORWARD), max_size=2),
    st.sampled_from((*MOVES, OPEN_AGAIN)),
)
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


AS_DRAWN = (Phase.explicit, Phase.generate)
"""To look for a shorter walk takes minutes: each begins a process."""


@settings(
    max_examples=examples(8),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=SLOW,
    database=None,
    phases=AS_DRAWN,
)
@given(st.lists(SEGMENTS, min_size=4, max_size=8))
def test_no_walk_calls_an_attempt_twice(service: type[Service], walk: list[tuple[Any, ...]]) -> None:
    with counting(service) as (folder, make, counts):
        path = folder / "session"
        debugger = Debugger(MACHINE, {"items": [1, 2]}, tasks=make())
        keeper = keeper_of(debugger, path)
        for number, (forward, back, on, move) in enumerate(walk):
            for verb in (*forward, *back, *on):
                debugger.do(verb)
            if move != OPEN_AGAIN:
                MOVES[move](debugger)
            if move == OPEN_AGAIN or number == len(walk) // 2:  # in the middle of each walk
                keeper.keep()
                keeper.close()
                found = going_on(path, MACHINE, make())  # handlers that know of no call
                debugger, keeper = found.debugger, found.keeper
                assert not found.notes
                ask_again(debugger)
        debugger.run()
        keeper.close()
        twice = [call for call, count in counts().items() if count > 1]
        assert not twice, twice


def test_the_counts_are_those_of_a_run(service: type[Service]) -> None:
    with counting(service) as (_, make, counts):
        debugger = Debugger(MACHINE, {"items": [1, 2]}, tasks=make())
        debugger.run()
        assert debugger.execution.status == "SUCCEEDED", debugger.execution.fault
        made = Counter(call.split(" ")[0] if call[0] != "{" else json.loads(call)["state"] for call in counts())
        assert made == {"Try": 2, "Ask inside": 1, "Wait for it": 1, "One": 2, "SendMessage": 2, "StartJobRun": 1}
        debugger.restart()
        debugger.step_over()
        debugger.step_into()
        debugger.step_into()
        debugger.step_into()
        before = counts()
        stop = debugger.call_again()
        assert not stop.is_refused, stop
        assert (counts() - before).total() == 1, "calling again calls"


def test_a_session_that_is_opened_again_calls_nothing_anew_on_any_fork(service: type[Service]) -> None:
    with counting(service) as (folder, make, counts):
        debugger = Debugger(MACHINE, {"items": [1]}, tasks=make())
        keeper = keeper_of(debugger, folder / "session")
        debugger.run()
        keeper.keep()
        keeper.close()
        before = counts()
        found = going_on(folder / "session", MACHINE, make())
        debugger = found.debugger
        debugger.restart()
        assert debugger.choose_answerer(AnswererKind.FUNCTION).forked == 1  # a fork on which all is asked again
        debugger.run()
        assert debugger.execution.status == "SUCCEEDED"
        assert debugger.timeline.tip.execution.output == debugger.timeline.main_nodes[-1].execution.output
        assert counts() == before
        found.keeper.close()
