"""Which address stands for which URL of a definition: nothing is called that is not named here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sfdebug.errors import UsageError
from sfdebug.tasks.outside import is_http_address
from sfdebug.text import escaped

_URL: Final = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?([^/?#]*)([^#]*)")
_USUAL_PORTS: Final = {"https": ":443", "http": ":80"}
_GATEWAY: Final = ".execute-api."
OPTION: Final = "--url"


class MappedUrl(Struct, frozen=True):
    """URLs that begin with `source` are called at `target` instead, or, where both are one, as they are.

    A `source` without a scheme is a host, or the ID of an API of API Gateway, perhaps with the beginning of a path.
    """

    source: str
    target: str

    @property
    def is_real(self) -> bool:
        """Whether the URL itself is called."""
        return self.source == self.target


class _Parts(Struct, frozen=True):
    scheme: str
    host: str
    path: str

    @staticmethod
    def of(url: str) -> _Parts:
        match = _URL.match(url)
        assert match is not None  # each of its parts may be empty
        scheme, host = (match[1] or "").lower(), match[2].lower()
        return _Parts(scheme, host.removesuffix(_USUAL_PORTS.get(scheme, " ")), match[3])


def mapped_url(text: str) -> MappedUrl:
    """What `FROM=TO` maps, or `URL`, which is to be called as it is. Raises UsageError."""
    source, is_mapped, target = text.partition("=")
    source, target = source.strip().rstrip("/"), (target if is_mapped else source).strip().rstrip("/")
    if source and is_http_address(target) and not re.search(r"[?#@\s]", target):
        return MappedUrl(source, target)
    what = f"'{escaped(text)}' does not say what is called where"
    fix = "Write it as https://api.example.com=http://127.0.0.1:3000, or API_ID=http://127.0.0.1:3000"
    raise UsageError(what, where=OPTION, fix=fix)


class UrlMap:
    """What is mapped. The entry that says most of a URL holds."""

    def __init__(self, entries: Sequence[MappedUrl] = ()) -> None:
        """Raises UsageError when one is mapped to two addresses."""
        self._entries = tuple((_Parts.of(entry.source), entry) for entry in entries)
        twice = {parts for parts, _ in self._entries if [each for each, _ in self._entries].count(parts) > 1}
        if twice:
            source = next(entry.source for parts, entry in self._entries if parts in twice)
            raise UsageError(f"'{escaped(source)}' is given twice", where=OPTION, fix="Give each URL once.")

    def __bool__(self) -> bool:
        return bool(self._entries)

    def address_of(self, url: str) -> str | None:
        """Where a URL is called; None where that is not said."""
        parts = _Parts.of(url)
        held = [(entry, said) for said, entry in self._entries if _is_beginning(said, parts)]
        if not held:
            return None
        entry, said = max(held, key=lambda each: (len(each[1].path), bool(each[1].scheme), len(each[1].host)))
        return entry.target + parts.path[len(said.path) :]


def _is_beginning(said: _Parts, url: _Parts) -> bool:
    api_id = url.host.partition(_GATEWAY)[0] if _GATEWAY in url.host else None
    is_of_host = said.host == url.host or (not said.scheme and said.host == api_id)
    if not is_of_host or said.scheme not in ("", url.scheme) or not url.path.startswith(said.path):
        return False
    return url.path[len(said.path) :][:1] in ("", "/", "?")
