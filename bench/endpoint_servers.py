"""Servers of the Step Functions API, each in a process of its own: sfdebug's, one of a fixed answer, of others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from bench.processes import ROOT

LOCALSTACK: Final = "SFDEBUG_LOCALSTACK"
"""The Python, 3.13 at least, of a virtual environment with LocalStack's interpreter: `pip install
'localstack-core[runtime]<2026' 'cryptography<46' 'pyopenssl<25.2' service_identity 'twisted<25' 'cbor2<5.7'`."""

_FIXED: Final = """
import socket, sys
body = sys.argv[1].encode()
head = "HTTP/1.1 200 OK\\r\\nContent-Type: application/x-amz-json-1.0\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)
listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    client, _ = listener.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while part := client.recv(65536):
        data += part
        while (end := data.find(b"\\r\\n\\r\\n")) >= 0:
            at = data.lower().find(b"content-length: ") + 16
            whole = end + 4 + int(data[at : data.find(b"\\r", at)])
            if len(data) < whole:
                break
            data = data[whole:]
            client.sendall(head.encode() + body)
"""
"""A server that reads a call no further than to know where it ends."""

_SLOWEST_START: Final = 120.0
_FAREWELL: Final = 5.0


class Served:
    """A server: where it is, and its process."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

    @property
    def memory(self) -> float:
        """Bytes that its process holds. Known on Linux."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return float(line.split()[1]) * 1024
        raise OSError("the system does not say how much memory a process holds")


@contextmanager
def sfdebug_server(*options: str) -> Iterator[Served]:
    """`sfdebug serve` with these options."""
    command = [sys.executable, "-m", "sfdebug", "serve", "--port", "0", *options]
    with _process(command) as process:
        assert process.stdout is not None
        yield Served(process.stdout.readline().partition("=")[2].strip(), process.pid)


@contextmanager
def fixed_server(body: str) -> Iterator[Served]:
    """One that answers every call with the same text: what a round trip to it takes is the client's own cost."""
    with _process([sys.executable, "-c", _FIXED, body]) as process:
        assert process.stdout is not None
        yield Served(process.stdout.readline().strip(), process.pid)


@contextmanager
def localstack_server(python: str) -> Iterator[Served]:
    """LocalStack's, with nothing but Step Functions. Raises OSError where it does not start."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": "stepfunctions",
        "EAGER_SERVICE_LOADING": "1",
        "DISABLE_EVENTS": "1",
        "SKIP_INFRA_DOWNLOADS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    }
    with _process([python, "-m", "localstack.runtime.main"], settings) as process:
        url = f"http://127.0.0.1:{port}"
        end = monotonic() + _SLOWEST_START
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            try:
                opener.open(f"{url}/_localstack/health", timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or monotonic() > end:
                    raise
        yield Served(url, process.pid)


@contextmanager
def _process(command: Sequence[str], settings: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **(settings or {})}
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=nothing, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_FAREWELL)
            except subprocess.TimeoutExpired:
                process.kill()
