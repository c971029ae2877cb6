"""How near the data and the history are to what AWS allows: said where it matters, and coloured late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.engine.payload import size_from
from sfdebug.limits import MAX_PAYLOAD_BYTES, ExecutionType
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.view.model import View
    from sfdebug.values import Value

_SAID: Final = 0.5
_WARNED: Final = 0.8
_OVER: Final = 1.0
"""The shares of a quota from which it is said how much there is, in a colour that warns, and in that of failures."""


class PayloadMeter:
    """Measures the payload on the screen, each once: most keys show the one that was shown before."""

    def __init__(self) -> None:
        self._last: tuple[Value, tuple[str, str]] = (MISSING, ("", ""))

    def of(self, value: Value) -> tuple[str, str]:
        """What `payload_meter` says of a value."""
        if value is not self._last[0]:
            self._last = (value, payload_meter(value))
        return self._last[1]


def payload_meter(value: Value, most: int = MAX_PAYLOAD_BYTES) -> tuple[str, str]:
    """`180 of 256 KiB`, with its colour, for a payload that is large; nothing for others."""
    size = size_from(value, int(most * _SAID)) if is_present(value) else None
    if size is None:
        return "", ""
    return f"{size / 1024:,.0f} of {most / 1024:,.0f} KiB", _colour(size / most)


def event_meter(view: View) -> tuple[str, str]:
    """`20,512 of 25,000 events`, with its colour, for a long history of a Standard execution; nothing for others."""
    settings = view.execution.settings
    count, most = len(view.events), settings.max_history_events
    if settings.execution_type != ExecutionType.STANDARD or count < most * _SAID:
        return "", ""
    return f"{count:,} of {most:,} events", _colour(count / most)


def _colour(share: float) -> str:
    return "sf-failed" if share >= _OVER else "sf-waiting" if share >= _WARNED else ""
