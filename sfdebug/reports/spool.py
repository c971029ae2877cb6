"""Texts that are written before what stands above them is known: kept in a file that vanishes, not in memory."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Final

_IN_MEMORY: Final = 256 * 1024
_CHUNK: Final = 64 * 1024


class TextSpool:
    """Takes one text after the other, and gives all of them back in their order. To be closed, or used with `with`."""

    def __init__(self) -> None:
        import tempfile  # most that is written is not kept before

        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - it is closed with this
            _IN_MEMORY, "w+", encoding="utf-8", errors="surrogatepass", newline=""
        )
        self.count = 0

    def __enter__(self) -> TextSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, text: str) -> None:
        """Keep a text behind those that are there."""
        self._file.write(text)
        self.count += 1

    def chunks(self) -> Iterator[str]:
        """All that was kept, in pieces."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
