"""A worker: the process of one Lambda function, from its first call on, kept warm, and what its calls come to.

Source of the words of errors that no handler can raise (Sandbox.Timedout, Runtime.ExitError, …): AWS docs, "Handling
errors in Step Functions workflows" and "Troubleshoot invocation issues in Lambda"; seen in the logs of functions.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from sfdebug.errors import UsageError
from sfdebug.tasks.lambdas.code_watch import CodeWatch
from sfdebug.tasks.lambdas.debugging import DEBUGGED, debugged_command
from sfdebug.tasks.lambdas.function import Language, interpreter_of, version_note, version_of
from sfdebug.tasks.lambdas.memory import EVERY, MemoryWatch
from sfdebug.tasks.lambdas.output import WorkerOutput
from sfdebug.tasks.lambdas.packages import lacking_note, node_path, python_layers, python_packages
from sfdebug.tasks.lambdas.runtime_api import MAX_RESPONSE, Ending, InvocationEvent, Outcome, RuntimeApi, error_text
from sfdebug.tasks.lambdas.waking import WakingClock
from sfdebug.tasks.outside import CallCancelledError, CallLine
from sfdebug.tasks.reaper import MARK, REAPER, kill_group, kill_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sfdebug.tasks.lambdas.function import LambdaFunction

_INIT_LIMIT: Final = 60.0
"""Seconds to load the module. On AWS it is 10, then the function's timeout once more (AWS docs, "Understanding the
Lambda execution environment lifecycle"); here more, for a cold disk is no fault of the function."""
_ENDLESS: Final = 24 * 3_600.0
"""Seconds that a function has under a debugger, whose user thinks in peace."""

_HERE: Final = Path(__file__).parent
_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
CLOSED: Final = "http://127.0.0.1:9"
"""Nobody listens at the discard port: a handler's calls of AWS go nowhere, where no endpoint is given."""


class Invocation(Struct, frozen=True):
    """What came of one call: the result as JSON text or the error's text, and all that was written meanwhile.

    `is_error` says that the function failed, or what ran it. `notes` are what a person should know of it.
    """

    text: str
    is_error: bool
    request_id: str
    milliseconds: float
    lines: tuple[CallLine, ...] = ()
    lost: int = 0
    notes: tuple[str, ...] = ()


class _Running(NamedTuple):
    """A process with what it talks to."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    output: WorkerOutput
    mark: str
    memory: MemoryWatch

    @property
    def has_ended(self) -> bool:
        return self.process.returncode is not None

    def wait(self) -> None:
        """Until it has ended, on a thread of its own."""
        self.process.wait()
        self.output.wake()


class Worker:
    """The process of a function. It is started by the first `invoke`, and again where it has ended or its code changed.

    `environment` is what every worker is told besides: endpoints, region, credentials that are none. With a
    `debug_port` the process waits there for a debugger, and no timeout counts; `on_wait` is told when it begins to.
    """

    def __init__(
        self,
        function: LambdaFunction,
        environment: Mapping[str, str],
        *,
        debug_port: int | None = None,
        on_wait: Callable[[], None] | None = None,
    ) -> None:
        self.function = function
        self.debug_port = debug_port
        self._on_wait = on_wait
        self._environment = environment
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._code = CodeWatch(function)
        self._interpreter = ""
        self._notes: tuple[str, ...] = ()
        self._is_cancelled = self._is_closed = False

    @property
    def is_warm(self) -> bool:
        """Whether the process is there, and waits for a call."""
        return self._running is not None and self._running.process.poll() is None

    @property
    def waits_for_debugger(self) -> bool:
        """Whether the process has not begun, for nobody has attached to it yet."""
        running = self._running
        return self.debug_port is not None and running is not None and not running.api.has_asked

    def invoke(self, event: str, arn: str) -> Invocation:
        """Call the handler with an event, as JSON text, and wait for what comes of it.

        Raises UsageError when there is no interpreter for it, CallCancelledError when `cancel` ended it, and after
        `close`.
        """
        with self._lock:
            self._is_cancelled = False
            if self._is_closed:  # looked at behind that: who closes it from here on cancels the call
                raise self._cancelled
            began = time.monotonic()
            request_id = str(uuid.uuid4())
            running = self._warm()
            was_warm = running.api.has_asked
            ending, text = self._outcome(running, event, arn, request_id)
            if was_warm and ending is Ending.GONE and not running.api.has_taken and not self._is_cancelled:
                self._stop()  # it was on its way out, after an error of the call before
                running = self._warm()
                ending, text = self._outcome(running, event, arn, request_id)
            if self._is_cancelled:
                self._stop()
                raise self._cancelled
            milliseconds = (time.monotonic() - began) * 1000
            lines, lost = running.output.take()
            notes, self._notes = self._notes, ()
            if ending in (Ending.ERROR, Ending.INIT_ERROR) and (
                note := lacking_note(self.function, self._interpreter, text)
            ):
                notes = (*notes, note)
            if ending in (Ending.GONE, Ending.INIT_ERROR):
                self._stop()
            return Invocation(text, ending is not Ending.RESULT, request_id, milliseconds, lines, lost, notes)

    def cancel(self) -> None:
        """End the call that is under way, with the process; from another thread."""
        self._is_cancelled = True
        running = self._running
        if running is not None:
            kill_group(running.process.pid)
            running.output.wake()

    def close(self) -> None:
        """End the process, for good: a call that was about to begin does not start it again."""
        self._is_closed = True
        self.cancel()
        with self._lock:
            self._stop()

    @property
    def _cancelled(self) -> CallCancelledError:
        return CallCancelledError(f"the call of {self.function.name} was cancelled")

    # one call

    def _outcome(self, running: _Running, event: str, arn: str, request_id: str) -> tuple[Ending, str]:
        is_debugged = self.debug_port is not None
        timeout, init_limit = (_ENDLESS, _ENDLESS) if is_debugged else (self.function.timeout, _INIT_LIMIT)
        if not running.api.has_asked:
            if is_debugged and self._on_wait is not None:
                self._on_wait()
            found = self._await(running, init_limit, is_start=True)
            if found is not None:
                return _ended(running, found, request_id)
            if not running.api.has_asked:
                return Ending.GONE, _timed_out(request_id, init_limit)
        deadline = int((time.time() + timeout) * 1000)
        running.api.put(InvocationEvent(request_id, event.encode("utf-8", "surrogatepass"), deadline, arn, _trace_id()))
        found = self._await(running, timeout)
        return _ended(running, found, request_id) if found else (Ending.GONE, _timed_out(request_id, timeout))

    def _await(self, running: _Running, seconds: float, *, is_start: bool = False) -> Outcome | None:
        """What the worker sends, or that it has ended; None when the time is up, or when it has started, if it is that
        which is waited for."""
        passed = WakingClock(EVERY)
        api, is_watched = running.api, self.debug_port is None

        def is_over() -> bool:
            has_come = bool(api.outcomes) or (is_start and api.has_asked)
            is_full = is_watched and running.memory.is_over()
            return has_come or running.has_ended or self._is_cancelled or is_full

        if not running.output.read_until(is_over, lambda: seconds - passed(), EVERY):
            return None
        if api.outcomes:
            return api.outcomes.popleft()
        if not running.has_ended and is_watched and running.memory.is_over():
            self._end_for_memory(running)
            return Outcome(Ending.GONE)
        return Outcome(Ending.GONE) if running.has_ended or self._is_cancelled else None

    def _end_for_memory(self, running: _Running) -> None:
        held, memory = running.memory.held, self.function.memory
        note = (
            f"it was ended when it held {held:,} MB: its MemorySize is {memory:,}, and {running.memory.limit:,} are let"
        )
        self._notes = (*self._notes, note)
        kill_group(running.process.pid)
        running.process.wait()

    # the process

    def _warm(self) -> _Running:
        """The process, started where there is none, or none with the code as it is now."""
        running = self._running
        if running is not None and self.is_warm and not self._code.has_changed():
            return running
        self._stop()
        function = self.function
        interpreter = self._interpreter = interpreter_of(function)
        note = version_note(function, version_of(interpreter) if function.runtime else "")
        self._notes = (note,) if note else ()
        self._code.remember()
        running = self._running = self._started(interpreter)
        threading.Thread(target=running.wait, name="sfdebug-serves-worker", daemon=True).start()
        return running

    def _started(self, interpreter: str) -> _Running:
        is_python = self.function.language is Language.PYTHON
        bootstrap = _HERE / ("bootstrap.py" if is_python else "bootstrap.mjs")
        command = [interpreter, *(["-u"] if is_python else []), str(bootstrap)]
        if self.debug_port is not None:
            command = debugged_command(self.function, interpreter, bootstrap, self.debug_port)
        (stdout, to_stdout), (stderr, to_stderr) = os.pipe(), os.pipe()
        output = WorkerOutput(stdout, stderr)
        api, mark = RuntimeApi(output.wake), REAPER.new_mark()
        try:
            process = subprocess.Popen(
                command,
                cwd=self.function.folder,
                env={**self._variables(api.address, interpreter), MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=to_stdout,
                stderr=to_stderr,
                start_new_session=True,
            )
        except OSError as error:
            api.close()
            output.close()
            what = f"{interpreter} cannot be started in {self.function.folder}: {error.strerror or error}"
            raise UsageError(what, where=self.function.name, fix="Is it an interpreter for this machine?") from error
        finally:
            os.close(to_stdout)
            os.close(to_stderr)
        REAPER.add(process.pid)
        return _Running(process, api, output, mark, MemoryWatch(process.pid, self.function.memory))

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        kill_group(running.process.pid)
        running.process.wait()
        kill_marked(running.mark)
        REAPER.remove(running.process.pid)
        running.api.close()
        running.output.close()

    def _own_variables(self) -> dict[str, str]:
        """What the function says, with the addresses of queues where services are: SDKs call a queue at the host of its
        address, whatever AWS_ENDPOINT_URL says."""
        own = self.function.environment
        services = {"AWS_ENDPOINT_URL": CLOSED, **self._environment, **own}
        place = services.get("AWS_ENDPOINT_URL_SQS", services["AWS_ENDPOINT_URL"]).rstrip("/") + "/"
        return {name: _QUEUE.sub(lambda _: place, value) for name, value in own.items()}

    def _variables(self, address: str, interpreter: str) -> dict[str, str]:
        """The environment of the process: nothing of the user's but what it takes to run, never credentials.

        Source: AWS docs, "Working with Lambda environment variables", the defined runtime variables.
        """
        function = self.function
        language = "python" if function.language is Language.PYTHON else "nodejs"
        runtime = function.runtime or f"{language}{'3.x' if language == 'python' else ''}"
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        layers = os.pathsep.join(python_layers(function))
        # pydevd warns of Python's own frozen modules, which are nobody's handlers.
        debugged = {DEBUGGED: "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"} if self.debug_port is not None else {}
        return {
            **inherited,
            **debugged,
            "TZ": ":UTC",
            "AWS_ENDPOINT_URL": CLOSED,
            **self._environment,
            **self._own_variables(),
            "_HANDLER": function.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}",
            "AWS_LAMBDA_RUNTIME_API": address,
            "LAMBDA_TASK_ROOT": function.folder,
            "LAMBDA_RUNTIME_DIR": str(_HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SFDEBUG_LAYERS": layers,
            "SFDEBUG_RUNTIME_PACKAGES": python_packages(),
            "NODE_PATH": os.pathsep.join(node_path(function, interpreter)),
        }


_QUEUE: Final = re.compile(r"https://(?:sqs\.[a-z0-9-]+|[a-z0-9-]+\.queue)\.amazonaws\.com(?:\.cn)?/(?=[0-9]{12}/)")
"""Source: AWS docs, "Amazon SQS endpoints and quotas", legacy endpoints included."""


def _ended(running: _Running, outcome: Outcome, request_id: str) -> tuple[Ending, str]:
    if outcome.ending is Ending.GONE:
        return outcome.ending, _exited(running.process.returncode, request_id)
    if outcome.ending is Ending.TOO_LARGE:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        return outcome.ending, error_text("Function.ResponseSizeTooLarge", message)
    return outcome.ending, outcome.text


def _exited(code: int | None, request_id: str) -> str:
    if not code:
        message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    elif code < 0:
        message = f"RequestId: {request_id} Error: Runtime exited with error: signal: {_signal_text(-code)}"
    else:
        message = f"RequestId: {request_id} Error: Runtime exited with error: exit status {code}"
    return error_text("Runtime.ExitError", message)


def _timed_out(request_id: str, seconds: float) -> str:
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return error_text("Sandbox.Timedout", message)


def _signal_text(number: int) -> str:
    """As Go names them, in which Lambda's own process is written."""
    names = {6: "aborted", 9: "killed", 11: "segmentation fault", 15: "terminated"}
    return names.get(number, str(number))


def _trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
