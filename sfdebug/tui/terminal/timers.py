"""A timer that rings once rings however late it begins.

Textual leaves out each ringing whose moment has passed, and begins to wait only after it has looked at the clock twice.
For a timer that rings again and again that is right; one that rings once was never heard of again when the processor
was busy elsewhere between the two looks for as long as the timer is: what was to go on some milliseconds later, a
replay or a page that is written, stood still for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.message_pump import MessagePump as _Pump
    from textual.timer import Timer, TimerCallback
else:
    _Pump = object  # in front of a screen or a widget, whose style sheet must stay the first


class RingsLate(_Pump):
    """Put in front of a class of Textual's that sets timers: each of them rings, and be it late."""

    def set_timer(
        self, delay: float, callback: TimerCallback | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        """Call back once after so many seconds."""
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False  # it has not begun yet: its task has not had a turn
        return timer
