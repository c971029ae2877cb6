"""Handlers in their processes: results, errors under AWS's names, output, time-outs, and what is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug.errors import UsageError
from sfdebug.tasks.lambdas.function import LambdaFunction, function_from, interpreter_of, version_note
from sfdebug.tasks.lambdas.memory import EVERY, MemoryWatch
from sfdebug.tasks.lambdas.output import MOST_LINES, WorkerOutput
from sfdebug.tasks.lambdas.worker import Invocation, Worker
from sfdebug.tasks.outside import CallCancelledError
from tests.programs import LONGEST, running, until

HERE = Path(__file__).parent
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:charge"
LISTS_PROCESSES = Path("/proc/self/environ").exists()
NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")

Workers = Callable[..., Worker]


@pytest.fixture
def worker() -> Iterator[Workers]:
    """Makes workers for handlers of this folder, and ends them."""
    begun: list[Worker] = []

    def make(handler: str, file: str = "handlers.py", **others: Any) -> Worker:
        function = function_from(f"charge={HERE / file}:{handler}")
        if file.endswith(".py"):
            others.setdefault("interpreter", sys.executable)
        others.setdefault("timeout", LONGEST)
        begun.append(Worker(replace(function, **others), {"AWS_REGION": "eu-west-1"}))
        return begun[-1]

    yield make
    for each in begun:
        each.close()


def error_of(found: Invocation) -> tuple[str, str]:
    assert found.is_error
    value = json.loads(found.text)
    return value["errorType"], value["errorMessage"].replace(found.request_id, "ID")


def gone(*processes: int) -> None:
    """Wait until none of these is left."""
    until(lambda: not any(map(exists, processes)))


def exists(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        stat = Path(f"/proc/{process}/stat")
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


# results


def test_a_result_and_what_was_printed_with_it(worker: Workers) -> None:
    found = worker("echo").invoke('{"n": 1}', ARN)
    assert json.loads(found.text) == {"event": {"n": 1}, "name": "charge", "price": 1.5}
    assert sorted((line.is_error, line.text) for line in found.lines) == [(False, "got {'n': 1}"), (True, "to stderr")]
    assert not found.is_error


def test_a_worker_stays_warm_and_starts_again_when_its_code_changes(worker: Workers, tmp_path: Path) -> None:
    code = tmp_path / "app.py"
    code.write_text("calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n    return calls\n")
    warm = worker("handler", str(code))
    assert [warm.invoke("{}", ARN).text for _ in range(3)] == ["1", "2", "3"]
    code.write_text("def handler(event, context):\n    return 'changed'\n")
    assert warm.invoke("{}", ARN).text == '"changed"'


def test_code_that_changes_during_a_call_counts_for_the_next(worker: Workers, tmp_path: Path) -> None:
    code = tmp_path / "app.py"
    text = "def handler(event, context):\n    open(__file__, 'a').write('#' * event)\n    return {}\n"
    code.write_text(text.format(1))
    warm = worker("handler", str(code))
    assert warm.invoke("1", ARN).text == "1"
    code.write_text(text.format(2))
    assert [warm.invoke("0", ARN).text for _ in range(2)] == ["2", "2"]


def test_what_a_handler_is_told(worker: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("USER_SECRET", "of the user")
    told = json.loads(worker("about", environment={"TABLE": "orders"}, timeout=9, memory=512).invoke("{}", ARN).text)
    assert 0 < told["left"] <= 9_000
    assert told["arn"] == ARN
    assert (told["version"], told["memory"], told["folder"], told["stdin"]) == ("$LATEST", "512", str(HERE), "")
    assert told["log"][0] == "/aws/lambda/charge"
    assert (told["table"], told["user"]) == ("orders", None)
    variables = told["environment"]
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "charge"
    assert variables["AWS_REGION"] == "eu-west-1"
    assert variables["AWS_SECRET_ACCESS_KEY"] is None  # never the user's own
    assert len(told["request"]) == 36


def test_what_is_logged_stands_as_lambda_writes_it(worker: Workers) -> None:
    found = worker("logs").invoke("{}", ARN)
    words = [line.text.split("\t") for line in found.lines]
    assert [(word[0], word[2], word[3]) for word in words] == [
        ("[INFO]", found.request_id, "told"), ("[WARNING]", found.request_id, "warned")
    ]  # fmt: skip
    assert words[0][1].endswith("Z")


def test_packages_of_layers(worker: Workers, tmp_path: Path) -> None:
    inside = f"python/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    for name, folder in (("near", "python"), ("far", inside)):
        place = tmp_path / "layer" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.py").write_text(f"found = {name!r}\n")
    (tmp_path / "app.py").write_text("import near, far\ndef handler(event, context): return [near.found, far.found]\n")
    layered = worker("handler", str(tmp_path / "app.py"), layers=(str(tmp_path / "layer"),))
    assert json.loads(layered.invoke("{}", ARN).text) == ["near", "far"]


def test_boto3_is_there_as_in_lambdas_runtime(worker: Workers, tmp_path: Path) -> None:
    """The interpreter has none: it is a bare one. What it has itself comes first."""
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    interpreter = str(bare / "bin" / "python")
    text = "def handler(event, context):\n    import boto3\n    return boto3.__file__\n"
    (tmp_path / "app.py").write_text(text + "def lacking(event, context):\n    import msgspec\n")
    path = str(tmp_path / "app.py")
    found = worker("handler", path, interpreter=interpreter, timeout=30).invoke("{}", ARN)
    assert "boto3" in json.loads(found.text)
    lacking = worker("lacking", path, interpreter=interpreter).invoke("{}", ARN)
    assert error_of(lacking) == ("ModuleNotFoundError", "No module named 'msgspec'")
    (tmp_path / "boto3.py").write_text("")
    own = worker("handler", path, interpreter=interpreter).invoke("{}", ARN)
    assert json.loads(own.text) == str(tmp_path / "boto3.py")


def test_queues_are_called_where_the_services_are(worker: Workers) -> None:
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    given = {"TABLE": f"{queue}, {queue}.fifo", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}
    told = json.loads(worker("about", environment=given).invoke("{}", ARN).text)
    there = "http://127.0.0.1:4566/123456789012/orders"
    assert told["table"] == f"{there}, {there}.fifo"


def test_long_output_is_cut_and_counted(worker: Workers) -> None:
    found = worker("chatty").invoke("{}", ARN)
    assert found.text == "null"
    assert len(found.lines) == MOST_LINES
    assert found.lost + len(found.lines) == 5_000 + 3 + 1  # a line of 10,000 bytes is three
    assert found.lines[-1].text == "no end of line"


# errors


@pytest.mark.parametrize(
    ("handler", "event", "error"),
    [
        ("refuse", '{"most": 3}', ("TooMuchError", "no more than 3")),
        ("refuse", "{}", ("KeyError", "'most'")),
        ("unserializable", "{}", ("Runtime.MarshalError", None)),
        ("too_large", "{}", ("Function.ResponseSizeTooLarge", None)),
        ("leave", "3", ("Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit status 3")),
        ("leave", "0", ("Runtime.ExitError", "RequestId: ID Error: Runtime exited without providing a reason")),
        ("exits", "2", ("Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit status 2")),
        ("absent", "{}", ("Runtime.HandlerNotFound", "Handler 'absent' missing on module 'handlers'")),
    ],
)
def test_errors_have_the_names_that_aws_gives_them(
    worker: Workers, handler: str, event: str, error: tuple[str, str | None]
) -> None:
    kind, message = error_of(worker(handler).invoke(event, ARN))
    assert kind == error[0]
    assert error[1] is None or message == error[1]


def test_what_handlers_do_to_their_process_stays_in_it(worker: Workers) -> None:
    """Each is called twice: what it did to the first does not reach what runs it."""
    forking = worker("forks")
    ids = {forking.invoke("{}", ARN).text for _ in range(3)}
    assert len(ids) == 1  # the parent's, always
    closing, forgetting = worker("closes"), worker("forgets")
    assert closing.invoke("{}", ARN).text == '"closed"'
    assert [forgetting.invoke("{}", ARN).text for _ in range(2)] == ['"charge"', "null"]
    found = worker("binary").invoke("{}", ARN)
    assert "".join(line.text for line in found.lines).count("\\x") == 128


@pytest.mark.skipif(not LISTS_PROCESSES, reason="no list of what processes hold")
def test_a_handler_that_fills_memory_is_ended(worker: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.lambdas.memory.LEEWAY", 0)
    found = worker("fill", timeout=60).invoke("{}", ARN)
    message = "RequestId: ID Error: Runtime exited with error: signal: killed"
    assert error_of(found) == ("Runtime.ExitError", message)
    assert "its MemorySize is 128" in found.notes[0]


def test_how_much_a_process_holds_is_looked_at_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now, held = [10.0], [1_000]
    monkeypatch.setattr("sfdebug.tasks.lambdas.memory.held_by", lambda process: held[0])
    watch = MemoryWatch(1, 128, lambda: now[0])
    assert watch.is_over()
    held[0] = 600
    assert watch.is_over()  # as it was seen last
    now[0] += 2 * EVERY
    assert not watch.is_over()


def test_an_exception_has_the_lines_of_the_handler_alone(worker: Workers) -> None:
    found = json.loads(worker("refuse").invoke('{"most": 3}', ARN).text)
    assert list(found) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert len(found["stackTrace"]) == 1
    assert found["stackTrace"][0].startswith(f'  File "{HERE / "handlers.py"}", line ')
    assert 'raise TooMuchError(f"no more than' in found["stackTrace"][0]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("import nowhere_at_all", "Runtime.ImportModuleError", "Unable to import module 'app': No module named"),
        ("def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
    ],
)
def test_a_module_that_does_not_load(worker: Workers, tmp_path: Path, text: str, kind: str, message: str) -> None:
    (tmp_path / "app.py").write_text(text)
    broken = worker("handler", str(tmp_path / "app.py"))
    for _ in range(2):  # it is tried anew
        found = error_of(broken.invoke("{}", ARN))
        assert found[0] == kind
        assert found[1].startswith(message)


def test_a_time_out_ends_the_worker_with_its_children_and_the_next_call_begins_anew(
    worker: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = worker("never", timeout=2.5)
    has_written = threading.Event()
    take_in = WorkerOutput._take_in

    def noted(output: WorkerOutput, data: bytes, descriptor: int) -> None:
        take_in(output, data, descriptor)
        has_written.set()

    monkeypatch.setattr(WorkerOutput, "_take_in", noted)
    monkeypatch.setattr("sfdebug.tasks.lambdas.worker.WakingClock", lambda _: lambda: 2.5 * has_written.is_set())
    found = slow.invoke("{}", ARN)
    assert error_of(found) == ("Sandbox.Timedout", "RequestId: ID Error: Task timed out after 2.50 seconds")
    assert [line.text for line in found.lines] == ["waiting"]
    assert not slow.is_warm


@pytest.mark.skipif(not LISTS_PROCESSES, reason="no list of the environments of processes")
def test_what_started_a_session_of_its_own_ends_with_the_worker(worker: Workers) -> None:
    one, other = worker("detached"), worker("detached")
    ended, left = (int(json.loads(each.invoke("{}", ARN).text)) for each in (one, other))
    assert exists(ended)
    one.close()
    gone(ended)
    assert exists(left)


def test_a_call_is_cancelled_from_another_thread(worker: Workers) -> None:
    slow = worker("never", timeout=60)
    done: list[Exception] = []

    def call() -> None:
        try:
            slow.invoke("{}", ARN)
        except CallCancelledError as error:
            done.append(error)

    begun = threading.Thread(target=call, daemon=True)
    begun.start()
    until(lambda: slow.is_warm)
    slow.cancel()
    begun.join(LONGEST)
    assert [str(error) for error in done] == ["the call of charge was cancelled"]
    assert not slow.is_warm


def test_one_that_is_closed_begins_no_call(worker: Workers) -> None:
    """Also not one that was about to begin, which would have nobody any more to end it."""
    closed = worker("echo")
    closed.invoke("{}", ARN)
    closed.close()
    with pytest.raises(CallCancelledError, match="the call of charge was cancelled"):
        closed.invoke("{}", ARN)
    assert not closed.is_warm


def test_who_wakes_what_is_closed_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of its descriptor may be another's by then: a process was waited for, or an answer came, too late."""
    (stdout, to_stdout), (stderr, to_stderr) = os.pipe(), os.pipe()
    output = WorkerOutput(stdout, stderr)
    for descriptor in (to_stdout, to_stderr):
        os.close(descriptor)
    written: list[int] = []
    monkeypatch.setattr(os, "write", lambda descriptor, data: written.append(descriptor))
    output.wake()
    assert written == [output._wake_write]
    output.close()
    output.wake()
    assert len(written) == 1


def test_a_killed_program_leaves_nothing(tmp_path: Path) -> None:
    """The program is killed with SIGKILL while a handler that has started children runs, one in its own session."""
    (tmp_path / "app.py").write_text(
        "import os, subprocess, sys, time\n"
        "def handler(event, context):\n"
        "    sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "    child, far = subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=event)\n"
        f"    open({str(tmp_path / 'pids')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} {{far.pid}} ')\n"
        "    time.sleep(600)\n"
    )
    script = (
        "from sfdebug.tasks.lambdas.function import function_from\n"
        "from sfdebug.tasks.lambdas.worker import Worker\n"
        "from msgspec.structs import replace\n"
        f"function = replace(function_from('f={tmp_path / 'app.py'}:handler'), timeout=600)\n"
        f"Worker(function, {{}}).invoke('{'true' if LISTS_PROCESSES else 'false'}', 'arn')\n"
    )
    pids = tmp_path / "pids"
    with running([sys.executable, "-c", script]) as program:
        while not pids.exists() or not pids.read_text().endswith(" "):
            assert program.poll() is None
        processes = [int(pid) for pid in pids.read_text().split()]
        assert all(map(exists, processes))
        program.send_signal(signal.SIGKILL)
        program.wait()
    gone(*processes)


# Node.js


@NODE
@pytest.mark.parametrize(
    ("handler", "result"),
    [
        ("echo", {"event": {"n": 1}, "name": "charge", "left": True}),
        ("callback", {"called": "back"}),
        ("plain", None),
        ("succeed", {"old": "style"}),
        ("silent", None),
        ("never", None),
        ("waits", {"timers": 1}),
        ("hasty", {"timers": 0}),
        ("streaming", {"a": {"b": 1}}),
        ("nested.deep", "deep"),
        ("ended", "ended"),
    ],
)
def test_the_styles_of_handlers_in_node(worker: Workers, handler: str, result: Any) -> None:
    found = worker(handler, "handlers.mjs").invoke('{"n": 1}', ARN)
    assert json.loads(found.text) == result
    if handler == "echo":
        assert [line.text for line in found.lines if not line.is_error] == ["got 1"]


@NODE
@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("refuse", "TooMuch", "no more"),
        ("text", "string", "a text"),
        ("callbackError", "TypeError", "not so"),
        ("plainText", "string", "a text"),
        ("silenced", "Error", "quiet"),
        ("later", "RangeError", "afterwards"),
        ("leave", "Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit status 4"),
        ("unfinished", "string", "Response stream is not finished."),
        ("circular", "Error", "Unable to stringify response body"),
        ("lost", "Runtime.UnhandledPromiseRejection", "Error: nobody waits"),
        ("absent", "Runtime.HandlerNotFound", "handlers.absent is undefined or not exported"),
        ("number", "Runtime.HandlerNotFound", "handlers.number is not a function"),
    ],
)
def test_errors_in_node(worker: Workers, handler: str, kind: str, message: str) -> None:
    found = worker(handler, "handlers.mjs").invoke("{}", ARN)
    assert error_of(found) == (kind, message)
    assert list(json.loads(found.text))[:2] == ["errorType", "errorMessage"]
    assert handler == "leave" or isinstance(json.loads(found.text)["trace"], list)


@NODE
def test_after_a_rejection_that_nobody_caught_the_next_call_has_its_own_result(worker: Workers) -> None:
    """The process is on its way out, and what it still sends is of the call before."""
    lost = worker("lost", "handlers.mjs")
    assert error_of(lost.invoke('{"call": 1}', ARN))[0] == "Runtime.UnhandledPromiseRejection"
    assert lost.invoke('{"quiet": 2}', ARN).text == '{"quiet":2}'


@NODE
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.js", "export const handler = async () => 'common'"),
        ("app.cjs", "exports.handler = async () => 'common'"),
        ("app.js", "exports.handler = (event, context, done) => done(null, 'common')"),
        ("app.mjs", "export async function handler() { return 'common' }"),
    ],
)
def test_common_js_and_es_modules(worker: Workers, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    if "export const" in text:
        (tmp_path / "package.json").write_text('{"type": "module"}')
    assert worker("handler", str(tmp_path / name)).invoke("{}", ARN).text == '"common"'


@NODE
@pytest.mark.parametrize("text", ["import { found } from 'far'", "const { found } = require('far')"])
@pytest.mark.parametrize("folder", ["nodejs/node_modules", "nodejs/node20/node_modules"])
def test_packages_of_layers_in_node(worker: Workers, tmp_path: Path, text: str, folder: str) -> None:
    package = tmp_path / "layer" / folder / "far"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"exports": {"import": "./far.mjs", "require": "./far.cjs"}}')
    (package / "far.mjs").write_text("export const found = 'far'")
    (package / "far.cjs").write_text("exports.found = 'far'")
    is_module = text.startswith("import")
    code = tmp_path / f"app.{'mjs' if is_module else 'cjs'}"
    code.write_text(f"{text};\n{'export const ' if is_module else 'exports.'}handler = async () => found;\n")
    layered = worker("handler", str(code), layers=(str(tmp_path / "layer"),), runtime="nodejs20.x")
    assert layered.invoke("{}", ARN).text == '"far"'


@NODE
@pytest.mark.parametrize(
    ("name", "text", "kind", "message"),
    [
        ("app.mjs", "import 'nowhere-at-all'", "Error", "Cannot find package 'nowhere-at-all' imported from"),
        ("app.cjs", "require('nowhere-at-all')", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere-at"),
        ("app.mjs", "export const = 1", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '='"),
        ("app.cjs", "throw new RangeError('at the start')", "RangeError", "at the start"),
        ("app.cjs", "Promise.reject('early')", "Runtime.UnhandledPromiseRejection", "early"),
        ("app.cjs", "process.exit(3)", "Runtime.ExitError", "RequestId: ID Error: Runtime exited with error: exit"),
    ],
)
def test_a_module_of_node_that_does_not_load(
    worker: Workers, tmp_path: Path, name: str, text: str, kind: str, message: str
) -> None:
    (tmp_path / name).write_text(f"{text};\n" + ("" if name == "app.mjs" else "exports.handler = async () => 1;\n"))
    found = error_of(worker("handler", str(tmp_path / name)).invoke("{}", ARN))
    assert found[0] == kind
    assert found[1].startswith(message)


# which function


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ("charge", "it does not say which function and which handler"),
        ("charge=app.py", "it does not say which function and which handler"),
        ("=app.py:handler", "it does not say which function and which handler"),
        ("ch arge=app.py:handler", "'ch arge' is no name or ARN of a Lambda function"),
        ("charge=nowhere.py:handler", "there is no file nowhere.py"),
        ("charge=main.ts:handler", "TypeScript is not run here"),
        ("charge=notes.txt:handler", "only Python and Node.js are run here (.py, .js, .mjs, .cjs)"),
    ],
)
def test_what_an_option_must_say(option: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("app.py", "main.ts", "notes.txt"):
        (tmp_path / name).write_text("")
    with pytest.raises(UsageError) as error:
        function_from(option)
    assert error.value.what == what
    assert error.value.fix


def test_a_file_that_lambda_would_not_load_is_refused(tmp_path: Path) -> None:
    for name in ("app.mjs", "app.cjs"):
        (tmp_path / name).write_text("")
    assert function_from(f"f={tmp_path / 'app.mjs'}:handler").handler == "app.handler"
    with pytest.raises(UsageError, match=r"Lambda would load app\.mjs, which lies beside app\.cjs"):
        function_from(f"f={tmp_path / 'app.cjs'}:handler")


OLD_SDK = """
exports.endpoint = undefined;
exports.Service = class { constructor() { this.at = exports.config.endpoint; } };
exports.config = { update(more) { Object.assign(this, more); } };
"""


@NODE
def test_version_2_of_the_sdk_calls_where_version_3_does(worker: Workers, tmp_path: Path) -> None:
    """Its files as they lie: `lib/node_loader.js` comes last and has the settings anew."""
    library = tmp_path / "node_modules" / "aws-sdk" / "lib"
    library.mkdir(parents=True)
    (library / "core.js").write_text(OLD_SDK)
    (library / "node_loader.js").write_text("require('./core').config.region = 'eu-west-1';")
    (library / "aws.js").write_text("require('./node_loader'); module.exports = require('./core');")
    (library.parent / "package.json").write_text('{"main": "lib/aws.js"}')
    called = "const { at } = new AWS.Service();\n  return [at, AWS.config.region, AWS.config.stepfunctions.endpoint];\n"
    (tmp_path / "one.cjs").write_text(
        f"const AWS = require('aws-sdk');\nexports.handler = async () => {{\n  {called}}};\n"
    )
    (tmp_path / "two.mjs").write_text(
        f"import AWS from 'aws-sdk';\nexport const handler = async () => {{\n  {called}}};\n"
    )
    variables = {"AWS_ENDPOINT_URL": "http://one", "AWS_ENDPOINT_URL_SFN": "http://two"}
    for name in ("one.cjs", "two.mjs"):
        found = worker("handler", str(tmp_path / name), environment=variables).invoke("{}", ARN)
        assert json.loads(found.text) == ["http://one", "eu-west-1", "http://two"]


@NODE
def test_handlers_in_node_do_not_reach_aws(worker: Workers, tmp_path: Path) -> None:
    code = "fetch('https://sqs.us-east-1.amazonaws.com/').catch((error) => error.cause.message)"
    (tmp_path / "app.mjs").write_text(f"export const handler = () => {code};\n")
    found = worker("handler", str(tmp_path / "app.mjs")).invoke("{}", ARN)
    assert found.text.startswith('"sfdebug: sqs.us-east-1.amazonaws.com is not called, for handlers do not leave')
    assert [line.text[:44] for line in found.lines] == ["sfdebug: sqs.us-east-1.amazonaws.com is not "]


def test_a_function_is_named_by_its_name_or_any_arn(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    for name in ("charge", ARN, f"{ARN}:live", "123456789012:function:charge", "charge:3"):
        assert function_from(f"{name}={tmp_path / 'app.py'}:handler").name == "charge"


@pytest.mark.parametrize(
    ("runtime", "version", "note"),
    [
        ("python3.12", "3.12", ""),
        ("python3.12", "3.11", "runs under Python 3.11, and its Runtime is python3.12"),
        ("", "3.11", ""),
        ("provided.al2023", "3.11", ""),
    ],
)
def test_another_version_of_the_interpreter_is_told(runtime: str, version: str, note: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    function: LambdaFunction = replace(function_from(f"f={tmp_path / 'app.py'}:handler"), runtime=runtime)
    assert version_note(function, version) == note


def test_an_interpreter_that_only_says_that_it_is_not_chosen_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("")
    (tmp_path / ".git").mkdir()  # no .venv above it counts
    monkeypatch.setenv("PATH", str(tmp_path))
    function: LambdaFunction = replace(function_from(f"f={tmp_path / 'app.py'}:handler"), runtime="python3.12")
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.12: command not found, there is 3.12.1' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert interpreter_of(function) == sys.executable
    (tmp_path / "python3").symlink_to(sys.executable)
    assert interpreter_of(function) == str(tmp_path / "python3")


def test_an_interpreter_that_cannot_be_started_is_told(worker: Workers) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        worker("echo", interpreter="/nowhere/python").invoke("{}", ARN)
