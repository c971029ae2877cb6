"""A part of many files for each of several jobs: disjoint, together everything, and the same on every machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Sequence

_T = TypeVar("_T")


class Shard(Struct, frozen=True):
    """One of `count` parts, counted from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has(self, path: Path | str) -> bool:
        """Whether a file is in this part. That hangs on its path below the folder of work, and on nothing else: where
        that folder is, in which order files are found, and which others there are make no difference."""
        import hashlib  # not for --help

        name = os.path.relpath(path)
        if name.startswith(os.pardir):
            name = os.path.abspath(path)
        name = Path(name).as_posix()
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1

    def of(self, things: Sequence[_T], path: Callable[[_T], Path | str]) -> list[_T]:
        """Those of some things whose files are in this part, in their order."""
        return [one for one in things if self.has(path(one))]


def add_shard_option(parser: ArgumentParser, what: str) -> None:
    """The option that takes a part of the files."""
    parser.add_argument(
        "--shard",
        metavar="K/N",
        help=f"only the K-th of N parts of {what}, divided by their paths: for N jobs, whose --json results "
        "`sfdebug merge` puts together",
    )


def shard_of(text: str | None) -> Shard | None:
    """The part that was asked for, None for everything. Raises UsageError for one that there is not."""
    if text is None:
        return None
    number, mark, count = text.partition("/")
    is_number = number.isascii() and number.isdecimal() and count.isascii() and count.isdecimal()
    if not mark or not is_number or len(text) > 20 or not 1 <= int(number) <= int(count):
        fix = "Write: --shard 3/8 for the third of eight parts."
        raise UsageError("this is no part of a number of parts", where="--shard", fix=fix)
    return Shard(int(number), int(count))
