"""A served store that is killed and served again: in processes made by fork from one that has everything imported.

Run as a program it is that one: for each line on stdin it forks a server of the store at its argument, prints its
process and its port, and waits for it to end.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.command_line import ROOT
from tests.programs import limited, running


class LostCall(Exception):
    """A call was not answered: whether it was done is not known."""


class ServedStore:
    """The server that runs now. `kill` ends it as nothing else does, `start` begins the next."""

    def __init__(self, forker: subprocess.Popen[str]) -> None:
        self._forker = forker
        self._process = 0
        self.port = 0

    def start(self) -> None:
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        with limited(self._forker):
            self._forker.stdin.write("serve\n")
            self._forker.stdin.flush()
            said = self._forker.stdout.readline()
        assert said, "the server has ended before it served: stderr says why"
        self._process, self.port = (int(part) for part in said.split())

    def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)


class RawClient:
    """Calls the API of whichever server runs, on a connection of its own."""

    def __init__(self, port: Callable[[], int]) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None

    def __call__(self, operation: str, /, **members: Any) -> tuple[int, dict[str, Any]]:
        """The status and the members of the answer. Raises LostCall."""
        headers = {
            "X-Amz-Target": f"AWSStepFunctions.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port(), timeout=60)
                self._connection.connect()
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.request("POST", "/", json.dumps(members), headers)
            answer = self._connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection = None
            raise LostCall from error
        return answer.status, body


@contextmanager
def served_store(path: Path) -> Iterator[ServedStore]:
    """What serves a store, as long as a test lasts."""
    command = [sys.executable, "-m", "tests.killed_servers", str(path)]
    pipe = subprocess.PIPE
    with running(command, None, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, start_new_session=True) as forker:
        store = ServedStore(forker)
        store.start()
        yield store


def _serve(path: str) -> None:
    from sfdebug.hosting.clock import SystemClock
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.scheduling import ThreadScheduler
    from sfdebug.hosting.store.store import HostStore
    from sfdebug.server.api import StepFunctionsApi
    from sfdebug.server.wire import ApiServer

    store, clock = HostStore.open(path), SystemClock()
    host = ExecutionHost(keeping=store, scheduler=store.scheduler(ThreadScheduler(clock)), clock=clock)
    store.reopen(host)
    server = ApiServer(StepFunctionsApi(host))
    server.start()
    sys.stdout.write(f"{os.getpid()} {server.port}\n")
    sys.stdout.flush()
    signal.pause()


def main(path: str) -> None:
    """Fork servers, one after the other."""
    for each in ("sfdebug.hosting.store.store", "sfdebug.server.operations.table", "sfdebug.server.wire"):
        import_module(each)
    from sfdebug.server.requests import read_request

    read_request("ListStateMachines", b"{}")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _serve(path)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit("it was not killed, and serves no longer")


if __name__ == "__main__":
    main(sys.argv[1])
