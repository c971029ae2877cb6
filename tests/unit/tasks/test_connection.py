"""An HTTP connection that can be ended, also while it is made: who connects is a stand-in that never gets there."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sfdebug.tasks.apis.exchange import Exchange, NotReachedError
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
        slowly.has_begun.wait()
        exchange.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(CallCancelledError, match="was cancelled; nothing was sent"):
        exchange.send(REQUEST, api.url, 60)
    other.join()
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
