"""`--debug-handlers`: a handler waits until a debugger attaches, each call stops in it, and no timeout counts."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.errors import UsageError
from sfdebug.simulation import simulate
from sfdebug.tasks.lambdas import debugging
from sfdebug.tasks.lambdas.calls import UNDER_DEBUGGER, LambdaTasks
from sfdebug.tasks.lambdas.debugging import debug_ports, launch_file
from sfdebug.tasks.lambdas.function import LambdaFunction, function_from, interpreter_of
from sfdebug.tasks.lambdas.worker import Invocation, Worker
from sfdebug.tasks.outside import CallCancelledError, OutsideCall, awaited
from tests.programs import LONGEST, free_port
from tests.unit.tasks.lambdas.attaching import NodeClient, PythonClient

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:charge", "End": True}
PYTHON_HANDLER = "import time\n\n\ndef handler(event, context):\n    first = event['n']\n    return first + 1\n"
NODE_HANDLER = "// ours\nexport const handler = async (event) => {\n  const first = event.n;\n  return first + 1;\n};\n"

Makes = Callable[..., LambdaFunction]


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is free."""
    with free_port() as found:
        yield found


@pytest.fixture
def made(tmp_path: Path) -> Makes:
    """Makes a function with a handler in Python, or in Node.js."""

    def make(name: str = "app.py", **others: Any) -> LambdaFunction:
        (tmp_path / name).write_text(PYTHON_HANDLER if name.endswith(".py") else NODE_HANDLER)
        function = replace(function_from(f"charge={tmp_path / name}:handler"), **others)
        return replace(function, interpreter=function.interpreter or sys.executable) if name == "app.py" else function

    return make


class Calling(threading.Thread):
    """Calls on a thread, as the screen does."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.found: Any = None
        self.start()

    def run(self) -> None:
        try:
            self.found = self._call()
        except Exception as error:
            self.found = error

    def result(self) -> Any:
        self.join(LONGEST)
        assert not self.is_alive(), "the call has not come to its end"
        return self.found

    def is_over(self) -> bool:
        return not self.is_alive()


@pytest.fixture
def worker(port: int) -> Iterator[Callable[[LambdaFunction], Worker]]:
    begun: list[Worker] = []

    def make(function: LambdaFunction) -> Worker:
        begun.append(Worker(function, {}, debug_port=port))
        return begun[-1]

    yield make
    for each in begun:
        each.close()


def test_each_call_stops_in_the_handler_in_python(
    made: Makes, worker: Callable[[LambdaFunction], Worker], port: int
) -> None:
    """Our own files are not skipped by the debugger here, which is the harder case."""
    pytest.importorskip("debugpy")
    called = worker(made(timeout=0.001))
    first = Calling(lambda: called.invoke('{"n": 1}', "arn"))
    client = PythonClient(port, first.is_over, justMyCode=False)
    name, line, function = client.stop()
    assert (name, function) == ("app.py", "handler")
    assert line in (4, 5)  # from Python 3.12 on, the first line of its body
    assert not called.waits_for_debugger
    client.go_on()
    found: Invocation = first.result()
    assert (found.text, found.lines) == ("2", ())
    second = Calling(lambda: called.invoke('{"n": 2}', "arn"))
    assert client.stop() == (name, line, function)
    client.go_on()
    assert second.result().text == "3"
    client.close()


@NODE
def test_each_call_stops_in_the_handler_in_node(
    made: Makes, worker: Callable[[LambdaFunction], Worker], port: int
) -> None:
    called = worker(made("app.mjs", timeout=0.001))
    first = Calling(lambda: called.invoke('{"n": 1}', "arn"))
    client = NodeClient(port, first.is_over)
    assert client.stop() == ("app.mjs", 3, "handler")
    client.go_on()
    assert first.result().text == "2"
    second = Calling(lambda: called.invoke('{"n": 2}', "arn"))
    assert client.stop() == ("app.mjs", 3, "handler")
    client.go_on()
    assert second.result().text == "3"
    client.close()


@NODE
@pytest.mark.parametrize("name", ["app.py", "app.mjs"])
def test_a_call_that_waits_for_a_debugger_is_cancelled(made: Makes, port: int, name: str) -> None:
    if name == "app.py":
        pytest.importorskip("debugpy")
    tasks = LambdaTasks([made(name)])
    tasks.debug_ports = {"charge": port}
    told: list[str] = []
    tasks.on_wait = told.append
    calling = Calling(lambda: simulate({"StartAt": "Pay", "States": {"Pay": TASK}}, {"n": 1}, tasks))
    while not told:
        assert calling.is_alive()
    assert told == [awaited(tasks)] == [f"charge waits for a debugger at 127.0.0.1:{port}"]
    tasks.cancel()
    assert isinstance(calling.result(), CallCancelledError)
    assert awaited(tasks) == ""
    tasks.close()
    with socket.socket() as free:  # nobody listens there any more
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


@NODE
def test_no_time_passes_for_a_task_whose_handler_is_debugged(made: Makes, port: int) -> None:
    tasks = LambdaTasks([made("app.mjs")])
    tasks.debug_ports = {"charge": port}
    calls: list[OutsideCall] = []
    tasks.on_call = lambda request, call: calls.append(call)
    definition = {"StartAt": "Pay", "States": {"Pay": {**TASK, "TimeoutSeconds": 1}}}
    calling = Calling(lambda: simulate(definition, {"n": 1}, tasks))
    client = NodeClient(port, calling.is_over)
    client.stop()
    client.go_on()
    assert calling.result().output == 2
    assert calling.result().clock == 0
    assert calls[0].note == UNDER_DEBUGGER
    client.close()
    tasks.close()


# what cannot be


def test_a_python_without_debugpy_says_how_it_is_installed(
    made: Makes, worker: Callable[[LambdaFunction], Worker], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    with pytest.raises(UsageError) as error:
        worker(made(interpreter=bare)).invoke("{}", "arn")
    assert error.value.what == "debugpy is not installed in the Python that runs charge"
    assert error.value.fix == f"Install it there: {bare} -m pip install debugpy"


def test_a_port_that_is_taken_is_told(made: Makes, worker: Callable[[LambdaFunction], Worker], port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(UsageError, match=f"the port {port}, at which charge would wait for a debugger, cannot be"):
            worker(made()).invoke("{}", "arn")


def test_no_node_is_told(made: Makes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="there is no node on the PATH"):
        interpreter_of(made("app.mjs"))


@pytest.mark.parametrize(
    ("version", "option"),
    [("20.14", "brk"), ("20.15", "wait"), ("21.7", "brk"), ("22.1", "brk"), ("22.2", "wait"), ("", "brk")],
)
def test_how_node_waits_goes_by_its_version(
    made: Makes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, option: str, port: int
) -> None:
    monkeypatch.setattr(debugging, "version_of", lambda interpreter: version)
    command = debugging.debugged_command(made("app.mjs"), "node", tmp_path, port)
    assert command == ["node", f"--inspect-{option}=127.0.0.1:{port}", str(tmp_path)]


# which ports


def test_each_function_has_a_port_of_its_own(made: Makes) -> None:
    functions = [replace(made(), name=name) for name in ("one", "two", "three")]
    assert debug_ports(functions, 6000) == {"one": 6000, "two": 6001, "three": 6002}
    assert debug_ports(functions, 65_533)["three"] == 65_535
    for first in (0, 65_534):
        with pytest.raises(UsageError, match="is no port, or there are not enough above it for 3 functions"):
            debug_ports(functions, first)


def test_how_vs_code_attaches(made: Makes) -> None:
    functions = [made(), replace(made("app.mjs"), name="ship")]
    found = json.loads(json.dumps(launch_file(functions, debug_ports(functions, 6000))))
    python, node = found["configurations"]
    assert python == {
        "name": "sfdebug: charge", "type": "debugpy", "request": "attach",
        "connect": {"host": "127.0.0.1", "port": 6000},
    }  # fmt: skip
    assert (node["type"], node["request"], node["address"], node["port"]) == ("node", "attach", "127.0.0.1", 6001)
