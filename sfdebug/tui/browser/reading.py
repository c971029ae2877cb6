"""Reading on threads of their own: pages of a list, one thing at a time, and what many entries lack. Each posts what it
found to one screen, and nothing any more once it was stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec import Struct
from textual.message import Message

from sfdebug.aws.errors import CancelledError
from sfdebug.errors import SfdebugError
from sfdebug.tui.terminal.guard import trouble_text

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.aws.concurrency import Cancellation
    from sfdebug.executions.source import ExecutionSource

T = TypeVar("T")
Q = TypeVar("Q")

_BATCH: Final = 12
"""So many are asked about at once: what is scrolled to comes next after these."""
_PAUSE: Final = 0.1
"""Seconds between two messages of one batch: the screen is painted no more often for them."""


class ReadingMessage(Message):
    """Something from `reader`, one of the classes of this module."""

    def __init__(self, reader: object) -> None:
        super().__init__()
        self.reader = reader


class PageLoaded(ReadingMessage):
    """A page has come. `is_last` says that there is no other after it."""

    def __init__(self, reader: object, entries: Sequence[Any], *, is_last: bool) -> None:
        super().__init__(reader)
        self.entries = entries
        self.is_last = is_last


class ReadingDone(ReadingMessage):
    """What was to be read once is there."""

    def __init__(self, reader: object, result: Any) -> None:
        super().__init__(reader)
        self.result = result


class Filled(ReadingMessage):
    """Answers about entries, each of which was asked for."""

    def __init__(self, reader: object, answers: Sequence[Any]) -> None:
        super().__init__(reader)
        self.answers = answers


class ReadingFailed(ReadingMessage):
    """Nothing more comes from there until it is asked again: why, and what to do."""

    def __init__(self, reader: object, error: SfdebugError) -> None:
        super().__init__(reader)
        self.error = error


class Progressed(Message):
    """How far a reading is, or why it waits."""

    def __init__(self, text: str, *, is_throttled: bool = False) -> None:
        super().__init__()
        self.text = text
        self.is_throttled = is_throttled

    @classmethod
    def waits(cls, seconds: float, *, is_throttled: bool) -> Progressed:
        """Why AWS has not answered yet, and when it is asked again."""
        why = "AWS asks for fewer requests" if is_throttled else "no good answer from AWS"
        return cls(f"{why}: once more in {seconds:.0f} s", is_throttled=is_throttled)


class UnforeseenError(SfdebugError):
    """A fault of the program's own on a thread: its traceback is in a file, whose name is told."""


class BackgroundReader:
    """What all of them share: a thread, the screen that is told, the end of it."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self.is_stopped = False

    def stop(self) -> None:
        """Read nothing more, and post nothing."""
        self.is_stopped = True

    def _start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except CancelledError:
                return
            except SfdebugError as error:
                self._post(ReadingFailed(self, error))
            except Exception as error:
                self._post(ReadingFailed(self, UnforeseenError(trouble_text(error))))

        threading.Thread(target=run, name="reading", daemon=True).start()

    def _post(self, message: Message) -> None:
        if not self.is_stopped:
            self._screen.post_message(message)


class Pages(BackgroundReader, Generic[T]):
    """Reads the pages that `begin` gives, each when `more` asks for it."""

    def __init__(self, screen: Screen[Any], begin: Callable[[], Iterator[list[T]]]) -> None:
        super().__init__(screen)
        self._begin = begin
        self._pages: Iterator[list[T]] | None = None
        self.is_loading = False
        self.is_over = False

    def more(self) -> None:
        """Read the next page, unless one is on its way."""
        if not self.is_loading and not self.is_over and not self.is_stopped:
            self.is_loading = True
            self._start(self._read)

    def _read(self) -> None:
        try:
            if self._pages is None:
                self._pages = self._begin()
            page = next(self._pages, None)
        except BaseException:
            self.is_over = True  # what has raised gives no more pages, and its end would look like that of the list
            raise
        self._post(PageLoaded(self, page or [], is_last=page is None))


class Work(Struct, frozen=True):
    """What one piece of work on a thread reads from and tells; Esc ends it."""

    source: ExecutionSource
    cancellation: Cancellation
    tell: Callable[[str], None]
    """Shows how far it is, beside what is under way."""

    def check(self) -> None:
        """Raises CancelledError when nobody waits for it any more."""
        self.cancellation.check()


class Once(BackgroundReader):
    """Does one thing."""

    def __init__(self, screen: Screen[Any], read: Callable[[], object]) -> None:
        super().__init__(screen)
        self._start(lambda: self._post(ReadingDone(self, read())))


class Filler(BackgroundReader, Generic[Q, T]):
    """Asks about what is wanted, a few at a time; what is wanted can change in between."""

    def __init__(self, screen: Screen[Any], ask: Callable[[Sequence[Q]], Iterable[T]]) -> None:
        super().__init__(screen)
        self._ask = ask
        self._lock = threading.Lock()
        self._wanted: list[tuple[str, Q]] = []
        self._handed_out: set[str] = set()
        """The keys of what is or was asked: nothing is asked twice."""
        self.is_at_work = False

    def want(self, questions: Mapping[str, Q]) -> None:
        """Ask about these, by their keys and in this order, in place of what was wanted before."""
        with self._lock:
            self._wanted = [(key, one) for key, one in questions.items() if key not in self._handed_out]
            if self.is_at_work or not self._wanted or self.is_stopped:
                return
            self.is_at_work = True
        self._start(self._fill)

    def _fill(self) -> None:
        try:
            while batch := self._next():
                self._answer(batch)
        except BaseException:
            self.is_at_work = False
            raise

    def forget(self, key: str) -> None:
        """What was asked about this one holds no more."""
        with self._lock:
            self._handed_out.discard(key)

    def _next(self) -> list[Q]:
        with self._lock:
            batch, self._wanted = self._wanted[:_BATCH], self._wanted[_BATCH:]
            if not batch or self.is_stopped:
                self.is_at_work = False
                return []
            self._handed_out.update(key for key, _ in batch)
            return [one for _, one in batch]

    def _answer(self, batch: Sequence[Q]) -> None:
        answers: list[T] = []
        told = monotonic()
        for answer in self._ask(batch):
            answers.append(answer)
            if monotonic() - told > _PAUSE:
                self._post(Filled(self, answers))
                answers, told = [], monotonic()
            if self.is_stopped:
                return
        self._post(Filled(self, answers))
