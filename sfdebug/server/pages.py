"""Lists that are given page by page: how large a page is, and the tokens that lead on.

A token is opaque, and belongs to the list that it was given for. Source: AWS API, `maxResults` (0 is the default, 100)
and `nextToken` of each operation. Recorded: a token that is none is an InvalidToken.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from sfdebug.server.errors import invalid_token

T = TypeVar("T")

_USUAL: Final = 100
_SIGNED: Final = 12
"""Characters of the digest by which a token is told from one of another list."""


def page_of(items: Sequence[T], request: Mapping[str, Any], *about: object) -> tuple[Sequence[T], str | None]:
    """The page of `items` that a request asks for, and the token of the next one; None behind the last.

    Args:
        items: The whole list, or as much of it as there is by now.
        request: Has maxResults and nextToken.
        about: What the list is about: a token of another list is refused.

    Raises:
        ApiRefusalError: InvalidToken.
    """
    size = request.get("maxResults") or _USUAL
    token = request.get("nextToken")
    start = 0 if token is None else _read(token, about)
    end = start + size
    return items[start:end], _written(end, about) if end < len(items) else None


def newest_page_of(items: Sequence[T], request: Mapping[str, Any], *about: object) -> tuple[Sequence[T], str | None]:
    """As `page_of`, from the end of the list on: what is added meanwhile moves no page.

    Raises ApiRefusalError (InvalidToken).
    """
    size = request.get("maxResults") or _USUAL
    token = request.get("nextToken")
    end = len(items) if token is None else min(_read(token, about), len(items))
    start = max(0, end - size)
    return items[start:end][::-1], _written(start, about) if start else None


def _written(offset: int, about: tuple[object, ...]) -> str:
    data = json.dumps([offset, _digest(offset, about)], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode()


def _read(token: str, about: tuple[object, ...]) -> int:
    try:
        offset, digest = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
    except (ValueError, TypeError):
        raise invalid_token() from None
    if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0 or digest != _digest(offset, about):
        raise invalid_token()
    return offset


def _digest(offset: int, about: tuple[object, ...]) -> str:
    return hashlib.sha256(repr((offset, about)).encode("utf-8", "surrogatepass")).hexdigest()[:_SIGNED]
