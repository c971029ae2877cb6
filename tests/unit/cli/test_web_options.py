"""Where a screen is served, and what of a command line each page gets."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from sfdebug.cli.web.options import WebAddress, add_web_options, address_wanted, without_web
from sfdebug.errors import UsageError


def _wanted(*argv: str) -> WebAddress | None:
    parser = ArgumentParser()
    add_web_options(parser)
    return address_wanted(parser.parse_args(argv))


@pytest.mark.parametrize(
    ("argv", "host", "port", "url"),
    [
        (["--web"], "127.0.0.1", 8000, "http://127.0.0.1:8000"),
        (["--web-at", "8001"], "127.0.0.1", 8001, "http://127.0.0.1:8001"),
        (["--web", "--web-at", "localhost:0"], "localhost", 0, "http://localhost:0"),
        (["--web-at", "[::1]:8002"], "::1", 8002, "http://[::1]:8002"),
    ],
)
def test_an_address_is_this_machine_alone(argv: list[str], host: str, port: int, url: str) -> None:
    address = _wanted(*argv)
    assert address == WebAddress(host, port)
    assert address.is_loopback
    assert address.url == url


def test_others_can_reach_it_only_where_that_was_said() -> None:
    assert _wanted() is None
    address = _wanted("--web-at", "0.0.0.0:8000")
    assert address is not None
    assert not address.is_loopback


@pytest.mark.parametrize(
    "given", ["", "x", "127.0.0.1:", ":8000", "127.0.0.1:70000", "8000:127.0.0.1", "²", "9" * 5000]
)
def test_what_is_no_address_is_told(given: str) -> None:
    with pytest.raises(UsageError, match="is no address to serve at") as told:
        _wanted("--web-at", given)
    assert told.value.where == "--web-at"


@pytest.mark.parametrize(
    ("argv", "page"),
    [
        (["learn", "--web", "retry"], ["learn", "retry"]),
        (["--web-at", "8001", "a.json", "--ascii"], ["a.json", "--ascii"]),
        (["a.json", "--web-at=8001"], ["a.json"]),
        (["a.json", "--web", "--", "--web"], ["a.json", "--", "--web"]),
    ],
)
def test_each_page_gets_the_command_line_without_the_options(argv: list[str], page: list[str]) -> None:
    assert without_web(argv) == page
