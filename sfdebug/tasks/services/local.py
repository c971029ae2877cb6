"""AWS services on this machine: moto's server in a process of its own, which ends with this one.

In a process of its own, for moto in this one would replace every client of AWS, also those that read recordings.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING, Any, Final

from sfdebug.errors import SfdebugError
from sfdebug.tasks.reaper import REAPER, kill_group
from sfdebug.text import escaped

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceEndpoint

_NEEDED: Final = ("moto", "flask", "flask_cors", "boto3")
INSTALL: Final = "pip install 'sfdebug[local]'"
LONGEST_START: Final = 60.0
"""Seconds that it may take to start."""
_MOST_ERRORS: Final = 1 << 16
_SERVER: Final = """
import collections, itertools, json, logging, os, sys, threading
MOST = 100
PATIENCE = 20
logging.getLogger("werkzeug").setLevel(logging.ERROR)
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
from flask import Flask, Response, request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer
def failed(app, error):
    said = f"{type(error).__name__}: {error}".encode("ascii", "replace").decode()
    return Response("", 500, {"x-sfdebug-failed": " ".join(said.split())[:300]})
class NotServedError(Exception):
    pass
Flask.handle_exception = failed
served = DomainDispatcherApplication.__call__
def backend(service):
    models = sys.modules.get(f"moto.{service}.models")
    place = os.environ["MOTO_ACCOUNT_ID"], os.environ["AWS_DEFAULT_REGION"]
    return getattr(models, f"{service}_backends")[place[0]][place[1]] if models else None
def held():
    queues, topics = {}, {}
    if (sqs := backend("sqs")) is not None:
        queues = {name: [(one.id, one.body) for one in queue._messages] for name, queue in list(sqs.queues.items())}
    if (sns := backend("sns")) is not None:
        topics = {topic.name: [one[:2] for one in topic.sent_notifications] for topic in list(sns.topics.values())}
    return {"queues": bounded(queues), "topics": bounded(topics)}
def bounded(found):
    return {name: [len(sent), sent[:MOST]] for name, sent in list(found.items())[:MOST]}
told, news, numbers = collections.deque(maxlen=10_000), threading.Condition(), itertools.count(1)
def tell(kind, **what):
    with news:
        told.append({"number": next(numbers), "kind": kind, **what})
        news.notify_all()
def happened(after):
    with news:
        news.wait_for(lambda: told and told[-1]["number"] > after, PATIENCE)
        return [one for one in told if one["number"] > after]
def listen():
    from moto.events.models import EventsBackend
    from moto.s3 import notifications
    from moto.sqs.models import Queue
    put_events, add_message = EventsBackend.put_events, Queue.add_message
    send_object = notifications._send_event_bridge_message
    def putting_events(self, events):
        results = put_events(self, events)
        for entry, result in zip(events, results):
            if "EventId" in result:
                tell("entry", id=result["EventId"], fields=entry)
        return results
    def sending_object(account, bucket, event_name, key):
        send_object(account, bucket, event_name, key)
        name = str(getattr(event_name, "value", event_name))
        for part, asked in (("ObjectTagging", "tagging"), ("ObjectAcl", "acl")):
            if part in name and asked not in request.args:  # putting an object does both
                return
        fields = {"event": name, "bucket": bucket.name, "key": key.name}
        fields |= {"size": key.size, "etag": key.etag.strip('"')}
        if bucket.is_versioned:
            fields["version"] = key.version_id
        tell("object", fields=fields)
    def adding_message(self, message):
        add_message(self, message)
        tell("message", name=self.name)
    EventsBackend.put_events, Queue.add_message = putting_events, adding_message
    notifications._send_event_bridge_message = sending_object
if os.environ.get("SFDEBUG_LISTENS"):
    listen()
def serve(self, environ, start_response):
    if environ["PATH_INFO"] == "/sfdebug/held":
        return Response(json.dumps(held()))(environ, start_response)
    if environ["PATH_INFO"] == "/sfdebug/happened":
        found = happened(int(environ["QUERY_STRING"].partition("=")[2] or 0))
        return Response(json.dumps(found, default=str))(environ, start_response)
    try:
        return served(self, environ, start_response)
    except ModuleNotFoundError as error:
        return failed(self, error)(environ, start_response)
    except AttributeError as error:  # no service has this name: so the dispatcher fails
        return failed(self, NotServedError(error))(environ, start_response)
DomainDispatcherApplication.__call__ = serve
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
os.environ["MOTO_PORT"] = str(port)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
print(port, flush=True)
sys.stdin.read()
"""


class LocalServicesError(SfdebugError):
    """Services on this machine that do not start, or have ended."""


class LocalServices:
    """moto's server. `region` and `account` are those of everything in it."""

    def __init__(self, region: str, account: str) -> None:
        """Start nothing yet. Raises LocalServicesError when moto is not there."""
        lacking = [name for name in _NEEDED if find_spec(name) is None]
        if lacking:
            what = f"services on this machine need moto, and {', '.join(lacking)} is not installed"
            raise LocalServicesError(what, where="--services local", fix=f"Install it: {INSTALL}")
        self.region = region
        self.account = account
        self.tells = False
        """Whether it tells what happens in it, from its next start on."""
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self._errors: IO[bytes] | None = None
        """What it writes on stderr until it is there."""

    @property
    def is_running(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def end_text(self) -> str:
        """How it ended, in words; "" while it runs."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return ""
        return f"was killed by signal {-code}" if code < 0 else f"ended with {code}"

    def start(self) -> None:
        """Start it, and wait until it answers. Raises LocalServicesError when it does not start."""
        environment = {**_plain_environment(), "MOTO_ACCOUNT_ID": self.account, "AWS_DEFAULT_REGION": self.region}
        if self.tells:
            environment["SFDEBUG_LISTENS"] = "1"
        errors = self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- it ends with the server
        process = self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        REAPER.add(process.pid)
        port = _port_told(process)
        if not port.isdecimal():
            why, told = self.end_text or "was ended", _last_line(errors)
            self.close()
            what = f"moto's server does not start: it {why}{f': {told}' if told else ''}"
            raise LocalServicesError(what, where="--services local", fix=f"Try it: {sys.executable} -m moto.server")
        self.url = f"http://127.0.0.1:{port}"

    def reset(self) -> None:
        """Have it forget all that it has. Raises LocalServicesError when it has ended."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", b"", method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(request, timeout=30).close()
        except (OSError, urllib.error.URLError) as error:
            raise LocalServicesError(f"moto's server {self.end_text or 'does not answer'}: {error}") from error

    def messages(self) -> dict[str, dict[str, tuple[int, dict[str, str]]]]:
        """Of each queue, and of each topic what was published there: how many messages there are, and the bodies of the
        first by their ids.

        They are looked at where they are: who receives them counts as one more delivery, and sends them to the dead
        letters when there were too many. Raises LocalServicesError when the server has ended.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/sfdebug/held", timeout=30) as answer:
                found = json.loads(answer.read())
        except (OSError, ValueError) as error:
            raise LocalServicesError(f"moto's server {self.end_text or 'does not answer'}: {error}") from error
        return {
            kind: {name: (count, dict(sent)) for name, (count, sent) in each.items()} for kind, each in found.items()
        }

    def happened(self, after: int) -> list[dict[str, Any]]:
        """What has happened since the one of this number, where it `tells`; waits for it for a while. Raises
        LocalServicesError when the server has ended."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/sfdebug/happened?after={after}", timeout=60) as answer:
                found: list[dict[str, Any]] = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            what = f"moto's server {self.end_text or 'does not answer'}: {error}"
            raise LocalServicesError(what, where="" if self.is_running else "closed") from error
        return found

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        kill_group(process.pid)
        process.wait()
        REAPER.remove(process.pid)
        for stream in (process.stdin, process.stdout, self._errors):
            if stream is not None:
                stream.close()


def _port_told(process: subprocess.Popen[str]) -> str:
    """The port that a server tells, "" when it ends, or does not tell it in time."""
    assert process.stdout is not None
    late = threading.Timer(LONGEST_START, kill_group, (process.pid,))
    late.name = "sfdebug-local-services-start"
    late.start()
    try:
        port = process.stdout.readline().strip()
    except ValueError:  # somebody has closed it meanwhile
        port = ""
    finally:
        late.cancel()
    if not port:
        process.wait()
    return port


def _last_line(errors: IO[bytes]) -> str:
    """The last line that a server wrote on stderr before it was there; "" where somebody has closed it meanwhile."""
    try:
        errors.seek(0)
        lines = errors.read(_MOST_ERRORS).decode("utf-8", "replace").split("\n")
    except ValueError:
        return ""
    return escaped(next((line.strip() for line in reversed(lines) if line.strip()), ""))


def _plain_environment() -> dict[str, str]:
    """The environment without what AWS's clients would take from it."""
    import os

    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}


def local_endpoint(services: LocalServices) -> ServiceEndpoint:
    """Where its services are called."""
    from sfdebug.aws.service_calls import ServiceEndpoint

    return ServiceEndpoint(services.url, services.region)
