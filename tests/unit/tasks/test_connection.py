"""An HTTP connection that can be ended, also while it is made: who connects is a stand-in that never gets there."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from sfdebug.tasks.apis.exchange import Exchange, LateError, NotReachedError
from sfdebug.tasks.apis.requests import ApiRequest, ApiService
from sfdebug.tasks.connection import EndableConnection
from sfdebug.tasks.lambdas.endpoint import EndpointError, LambdaEndpoint
from sfdebug.tasks.outside import CallCancelledError
from tests.api_server import ApiServer, api_server

REQUEST = ApiRequest(ApiService.HTTP, "POST", "https://api.example.com", (), b"{}")


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with api_server() as server:
        yield server


class Slowly:
    """Connecting that begins, and gets there when it may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_begun, self.may_end, self.has_ended = threading.Event(), threading.Event(), threading.Event()
        self._connect = http.client.HTTPConnection.connect
        monkeypatch.setattr(http.client.HTTPConnection, "connect", lambda connection: self.connect(connection))
        close = http.client.HTTPConnection.close

        def closed(connection: http.client.HTTPConnection) -> None:
            close(connection)
            self.has_ended.set()

        monkeypatch.setattr(http.client.HTTPConnection, "close", closed)

    def connect(self, connection: http.client.HTTPConnection) -> None:
        self.has_begun.set()
        assert self.may_end.wait(60)
        self.has_ended.clear()
        self._connect(connection)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Slowly:
    return Slowly(monkeypatch)


def test_what_is_cancelled_while_it_connects_ends_at_once_and_sends_nothing(api: ApiServer, slowly: Slowly) -> None:
    exchange = Exchange()

    def cancel() -> None:
        assert slowly.has_begun.wait(60)
        exchange.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(CallCancelledError, match="was cancelled; nothing was sent"):
        exchange.send(REQUEST, api.url, 60)
    other.join(60)
    slowly.may_end.set()
    assert slowly.has_ended.wait(60), "who gets there late closes what nobody waits for"
    assert api.calls == []


def test_nobody_who_takes_the_connection_is_waited_for_for_long(
    api: ApiServer, slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfdebug.tasks.connection.SECONDS_TO_CONNECT", 0.01)
    with pytest.raises(NotReachedError, match=r"nobody took the connection within 0\.01 s"):
        Exchange().send(REQUEST, api.url, 60)
    with pytest.raises(EndpointError, match=r"nobody took the connection within 0\.01 s"):
        LambdaEndpoint(api.url).invoke("charge", "{}")
    slowly.may_end.set()
    assert api.calls == []


@pytest.fixture
def halved() -> Iterator[str]:
    """The address of a server that never says more of its answer than the head and the first half of the body."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\n{}")
                while client.recv(65_536):  # until the other side ends it
                    pass

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(60)
        assert not thread.is_alive(), "the connection stays open"


def at_the_body(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something when the head of an answer has come, and its body is about to be read."""
    read = http.client.HTTPResponse.read

    def acting(response: http.client.HTTPResponse, *given: Any) -> bytes:
        act()
        return read(response, *given)

    monkeypatch.setattr(http.client.HTTPResponse, "read", acting)


def test_the_body_of_an_answer_is_not_waited_for_when_it_is_cancelled(
    halved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Exchange()
    at_the_body(monkeypatch, exchange.cancel)
    with pytest.raises(CallCancelledError, match="what was asked for may still be done"):
        exchange.send(REQUEST, halved, 60)


def test_the_body_of_an_answer_is_waited_for_no_longer_than_there_is_time(
    halved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it trickles in: what counts is the time from the beginning on."""
    exchange = Exchange()
    at_the_body(monkeypatch, exchange._end_late)
    with pytest.raises(LateError, match="has not answered within 60 s"):
        exchange.send(REQUEST, halved, 60)


def test_one_that_is_closed_is_not_made_again(api: ApiServer) -> None:
    ended = EndableConnection()
    connection = ended.to(urlsplit(api.url), 60)
    assert connection.sock.gettimeout() == 60
    ended.close()
    with pytest.raises(http.client.NotConnected):
        connection.request("GET", "/")
    assert api.calls == []


def test_a_name_that_is_none_is_said() -> None:
    with pytest.raises(NotReachedError, match=r"nothing answers at http://a\.\.b/: a\.\.b is no name of a host"):
        Exchange().send(REQUEST, "http://a..b/", 60)
