"""The options `--web` and `--web-at`: where the screen is served, and the command line of each page that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

FLAG: Final = "--web"
ADDRESS: Final = "--web-at"
_HOST: Final = "127.0.0.1"
_PORT: Final = 8000
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class WebAddress(Struct, frozen=True):
    """Where the screen is served."""

    host: str = _HOST
    port: int = _PORT

    @property
    def is_loopback(self) -> bool:
        """Whether nothing but this machine can reach it."""
        return self.host in _LOOPBACK

    @property
    def url(self) -> str:
        """What is typed into a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def add_web_options(parser: ArgumentParser) -> None:
    """`--web` and `--web-at`, for the commands that open a screen."""
    parser.add_argument(FLAG, action="store_true", help="show it in a browser, served on this machine only")
    parser.add_argument(
        ADDRESS,
        metavar="[HOST:]PORT",
        help=f"serve it there instead of at {_HOST}:{_PORT}; a HOST that others can reach is open to them",
    )


def address_wanted(args: Namespace) -> WebAddress | None:
    """Where the screen is to be served; None where it belongs on the terminal. Raises UsageError for no address."""
    given: str | None = getattr(args, "web_at", None)
    if given is None:
        return WebAddress() if getattr(args, "web", False) else None
    host, colon, port = given.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdecimal() and len(port) < 6 and int(port) < 65_536
    if not is_port or (colon and not host):
        raise UsageError(
            f"'{given}' is no address to serve at", where=ADDRESS, fix=f"Write a port, or {_HOST}:{_PORT} for example."
        )
    return WebAddress(host or _HOST, int(port))


def without_web(argv: Sequence[str]) -> list[str]:
    """The command line of the program in a page: what was typed, without the options above.

    What stands behind `--` is no option.
    """
    kept: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word == "--":
            return [*kept, word, *rest]
        if word == ADDRESS:
            next(rest, None)
        elif word != FLAG and not word.startswith(f"{ADDRESS}="):
            kept.append(word)
    return kept
