"""Several executions that run, followed at once: where each of them is, asked again and again no faster than AWS's
quotas allow to somebody who is not alone in the account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.aws.concurrency import Cancellation, read_together
from sfdebug.aws.errors import AwsError, DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError
from sfdebug.executions.account import AccountSource
from sfdebug.tui.browser.reading import Once, ReadingDone, ReadingFailed

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.errors import SfdebugError
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.executions.trail import Trail, Whereabouts

MOST_FOLLOWED: Final = 40
"""So many are followed, those in view first."""
_LEAST_SECONDS: Final = 2.0
_A_SECOND: Final = 5.0
"""So many requests a second it makes at most: a quarter of the quota of GetExecutionHistory, the rest is for what is
opened and looked into."""


class _Round(Struct, frozen=True):
    """What one look at all of them found, by their keys; `denied` is why they may not be looked at."""

    found: dict[str, Whereabouts]
    denied: DeniedError | None = None


class RunningFollower:
    """Asks in rounds, and posts to the screen when one is over. `source` is asked for anew after each trouble."""

    def __init__(self, screen: Screen[Any], source: Callable[[], ExecutionSource]) -> None:
        self._screen = screen
        self._source = source
        self._trails: dict[str, Trail] = {}
        self._round: Once | None = None
        self._due = 0.0
        self._slower = 1.0
        self.count = 0
        """How many were followed in the last round."""
        self.denied: DeniedError | None = None

    @property
    def seconds(self) -> float:
        """So long after a round the next one begins."""
        return max(_LEAST_SECONDS, self.count / _A_SECOND) * self._slower

    def follow(self, running: Sequence[ExecutionOutcome], now: float) -> None:
        """Look at these when it is time to, `now` being in seconds of some clock; no more than `MOST_FOLLOWED`."""
        if self._round is not None or self.denied is not None or now < self._due or not running:
            return
        chosen = running[:MOST_FOLLOWED]
        self.count = len(chosen)
        self._due = now + self.seconds
        kept = {one.key: self._trails[one.key] for one in chosen if one.key in self._trails}
        self._trails = kept
        self._round = Once(self._screen, lambda: self._read(chosen))

    def _read(self, chosen: Sequence[ExecutionOutcome]) -> _Round:
        source = self._source()
        assert isinstance(source, AccountSource)
        found: dict[str, Whereabouts] = {}

        def look(one: ExecutionOutcome) -> Trail:
            return source.trail(one, self._trails.get(one.key))

        for asked, answer in read_together(look, chosen, Cancellation()):
            if isinstance(answer, DeniedError):
                return _Round(found, answer)
            if isinstance(answer, (NotFoundError, NotSupportedError, UnexpectedAnswerError)):
                continue  # it was deleted, is an Express child, or has no event yet
            if isinstance(answer, AwsError):
                raise answer
            self._trails[asked.key] = answer
            found[asked.key] = answer.whereabouts
        return _Round(found)

    def take(self, event: ReadingDone | ReadingFailed) -> dict[str, Whereabouts] | SfdebugError | None:
        """What a round found, by the keys, or why it could not be asked; None where the event is not of this one."""
        if event.reader is not self._round:
            return None
        self._round = None
        if isinstance(event, ReadingFailed):
            return event.error
        found: _Round = event.result
        self.denied = found.denied
        return found.found

    def slow_down(self) -> None:
        """AWS asks for fewer requests."""
        self._slower = min(8.0, self._slower * 2)

    def speed_up(self) -> None:
        """It has not for a while."""
        self._slower = max(1.0, self._slower / 2)

    def stop(self) -> None:
        """Nothing that is under way is taken any more; what is known of them stays."""
        if self._round is not None:
            self._round.stop()
        self._round, self._due, self.denied = None, 0.0, None
