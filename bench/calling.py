"""What a Task takes that is really called: a Lambda handler in Python and in Node.js, cold and warm, and a service.

These wait for other processes, so that they are measured on the clock: the least of several runs.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Final

from msgspec.structs import replace

from bench.figures import Figure, Unit
from sfdebug.aws.service_calls import ServiceClients
from sfdebug.tasks.lambdas.function import LambdaFunction, function_from
from sfdebug.tasks.lambdas.worker import Worker
from sfdebug.tasks.services.local import LocalServices, local_endpoint

_HANDLERS: Final = {
    "python": ("app.py", "def handler(event, context):\n    return event\n"),
    "node": ("app.mjs", "export const handler = async (event) => event;\n"),
}
_WARM: Final = 0.001
_CALL: Final = 0.010


def figures(baseline: float) -> Iterator[Figure]:
    """First and warm calls of both runtimes, the start of local services, and a call of one."""
    with tempfile.TemporaryDirectory() as folder:
        for name, (file, text) in _HANDLERS.items():
            if name == "node" and shutil.which("node") is None:
                continue
            path = Path(folder, file)
            path.write_text(text, encoding="utf-8")
            function = function_from(f"echo={path}:handler")
            if name == "python":
                function = replace(function, interpreter=sys.executable)
            cold, warm = _cold(function), _warm(Worker(function, {}))
            yield Figure(f"calling/{name}-first", f"first call of a {name} handler", Unit.MILLISECONDS, cold)
            yield Figure(f"calling/{name}-warm", f"warm call of a {name} handler", Unit.MICROSECONDS, warm, _WARM)
    if find_spec("moto") is not None:
        yield from _services()


def _cold(function: LambdaFunction) -> float:
    times = []
    for _ in range(3):
        worker = Worker(function, {})
        begun = perf_counter()
        worker.invoke("{}", "arn")
        times.append(perf_counter() - begun)
        worker.close()
    return min(times)


def _warm(worker: Worker) -> float:
    worker.invoke("{}", "arn")
    found = _least(lambda: worker.invoke("{}", "arn"), 500)
    worker.close()
    return found


def _services() -> Iterator[Figure]:
    services = LocalServices("us-east-1", "123456789012")
    begun = perf_counter()
    services.start()
    started = perf_counter() - begun
    clients = ServiceClients(local_endpoint(services))
    try:
        clients.client("sqs").create_queue(QueueName="orders")
        given = {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/orders", "MessageBody": "x"}
        call = _least(lambda: clients.call("sqs", "sendMessage", given, is_sdk=False), 100)
    finally:
        services.close()
    yield Figure("calling/services-start", "local services started", Unit.MILLISECONDS, started)
    yield Figure("calling/service-call", "call of a local service (SQS)", Unit.MILLISECONDS, call, _CALL)


def _least(call: Callable[[], object], times: int) -> float:
    """The median of the quicker half of so many calls: what one takes when nothing else runs."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        call()
        taken.append(perf_counter() - begun)
    return sorted(taken)[times // 4]
