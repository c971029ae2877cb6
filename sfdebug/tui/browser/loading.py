"""Reading pages from AWS on a thread of its own; what it finds is posted to a screen as messages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.message import Message

from sfdebug.aws.concurrency import Cancellation
from sfdebug.aws.errors import CancelledError
from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.tui.browser.opening import Ready

T = TypeVar("T")


class PageLoaded(Message):
    """A page has come. `is_last` says that there is no other after it."""

    def __init__(self, loader: object, entries: Sequence[object], *, is_last: bool) -> None:
        super().__init__()
        self.loader = loader
        self.entries = entries
        self.is_last = is_last


class LoadFailed(Message):
    """Nothing more comes: `text` says what went wrong and what to do."""

    def __init__(self, loader: object, text: str) -> None:
        super().__init__()
        self.loader = loader
        self.text = text


class Progressed(Message):
    """How far the reading of one execution is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Opened(Message):
    """An execution has been read."""

    def __init__(self, loader: object, ready: Ready) -> None:
        super().__init__()
        self.loader = loader
        self.ready = ready


class Pages(Generic[T]):
    """Reads the pages that `begin` gives, each when `more` asks for it. It posts to `screen` until `stop`."""

    def __init__(self, screen: Screen[None], begin: Callable[[Cancellation], Iterator[list[T]]]) -> None:
        self._screen = screen
        self._begin = begin
        self._wanted = threading.Semaphore(0)
        self._cancellation = Cancellation()
        self.is_loading = False
        self.is_over = False
        self._thread = threading.Thread(target=self._read, name="sfdebug-pages", daemon=True)
        self._thread.start()

    def more(self) -> None:
        """Read the next page, unless one is on its way."""
        if not self.is_loading and not self.is_over:
            self.is_loading = True
            self._wanted.release()

    def stop(self) -> None:
        """Read nothing more, and post nothing."""
        self.is_over = True
        self._cancellation.cancel()
        self._wanted.release()

    def _read(self) -> None:
        try:
            pages = self._begin(self._cancellation)
            while True:
                self._wanted.acquire()
                if self._cancellation.is_cancelled:
                    return
                page = next(pages, None)
                self._post(PageLoaded(self, page or [], is_last=page is None))
                if page is None:
                    return
        except CancelledError:
            return
        except SfdebugError as error:
            self._post(LoadFailed(self, str(error)))

    def _post(self, message: Message) -> None:
        if not self._cancellation.is_cancelled:
            self._screen.post_message(message)


class Once:
    """Does one thing on a thread, and posts what came of it to `screen` until `stop`."""

    def __init__(self, screen: Screen[None], read: Callable[[Cancellation], Ready]) -> None:
        self._screen = screen
        self._read = read
        self.cancellation = Cancellation()
        self._thread = threading.Thread(target=self._do, name="sfdebug-open", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up."""
        self.cancellation.cancel()

    def _do(self) -> None:
        try:
            message: Message = Opened(self, self._read(self.cancellation))
        except CancelledError:
            return
        except SfdebugError as error:
            message = LoadFailed(self, str(error))
        if not self.cancellation.is_cancelled:
            self._screen.post_message(message)
