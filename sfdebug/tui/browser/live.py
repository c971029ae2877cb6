"""How a list goes on by itself: whether it asks what is new, in how long, and whether a new failure rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.tui.browser.pacing import NewsPace
from sfdebug.tui.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from sfdebug.tui.browser.reading_lists import ReadingListScreen
    from sfdebug.tui.painting.paint import Piece


class NewsClock:
    """Has a list ask what is new when it is time to; less often while nothing is, or something else is looked at.

    `ask` is called on the screen's own thread, and comes back to `ask_later` when it has its answer.
    """

    def __init__(self, screen: ReadingListScreen[Any], ask: Callable[[], None], *, is_on: bool) -> None:
        self._screen = screen
        self._ask = ask
        self._pace = NewsPace()
        self._timer: Timer | None = None
        self._rings: bool | None = None
        """Whether it rings, once somebody has said so here; else as the settings say."""
        self.is_on = is_on

    @property
    def is_set(self) -> bool:
        """Whether it has begun to ask, and has not been turned off since."""
        return self._timer is not None

    @property
    def is_slowed(self) -> bool:
        """Whether AWS has asked for fewer requests the last time."""
        return self._pace.is_slowed

    @property
    def words(self) -> Piece:
        """How often it asks: `every 5 s`."""
        paint = "waiting" if self._pace.is_slowed else "muted"
        if not self.is_on:
            return "not live", paint
        return "stopped" if self._screen.trouble else self._pace.words(self._screen.slowdown), paint

    def ask_later(self) -> None:
        """Ask in a while."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = None
        if self.is_on and not self._screen.trouble and self._screen.is_mounted:
            seconds = self._pace.seconds(is_looked_at=self._screen.is_active)
            self._timer = self._screen.set_timer(seconds, self._ask)

    def answered(self, *, has_news: bool, failed: int) -> None:
        """It has asked: of what is new so many have failed."""
        if failed and self.rings:
            self._screen.app.bell()
        self._pace.asked(changed=has_news)
        self.ask_later()

    def throttled(self) -> None:
        """AWS asks for fewer requests."""
        self._pace.throttled()

    def turn(self) -> None:
        """On, or off."""
        self.is_on = not self.is_on
        self.ask_later()

    @property
    def rings(self) -> bool:
        """Whether a new failure rings."""
        return settings_of(self._screen.app).configuration.bell if self._rings is None else self._rings

    def turn_bell(self) -> None:
        """Ring at a new failure from now on, or do not."""
        self._rings = not self.rings
