"""What a screen has to know of its session: what keeps it, how it was looked at, which earlier one could go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.opening import Continued


class Offer(Struct, frozen=True):
    """An earlier session that could go on: what it is, in words, and what goes on with it.

    `resume` raises SfdebugError when it cannot be opened any more.
    """

    text: str
    note: str
    resume: Callable[[], Continued]


class ScreenSession(Struct, frozen=True):
    """The session of a screen. `seen` is how it was looked at, `greeting` what there is to say at first."""

    keeper: SessionKeeper
    offer: Offer | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    greeting: str = ""
