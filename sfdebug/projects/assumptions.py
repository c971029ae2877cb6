"""The values that a project does not say: noted once each, and which of them went into what was just resolved."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sfdebug.projects.model import AssumedBasis, AssumedValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Document, Pointer

_UNFIT: Final = re.compile(r"[\s\"'{}$\\]+")
_MOST_SHOWN: Final = 80


class Placeholder(str):
    """A text that stands for something nobody knows, or in which that stands."""

    __slots__ = ()


class Assumptions:
    """Notes assumed values. `used` collects the names of those that were touched since `watching` began."""

    def __init__(self) -> None:
        self.noted: dict[str, AssumedValue] = {}
        self._used: dict[str, None] = {}

    def note(
        self,
        name: str,
        value: str,
        basis: AssumedBasis,
        why: str,
        *,
        option: str = "",
        at: tuple[Document, Pointer] | None = None,
    ) -> str:
        """Note that `value` stands in for `name`, and give it back. `at` is where in a template that is said."""
        file, line, column = "", 0, 0
        if at is not None and name not in self.noted:
            span = at[0].key_span(at[1])
            file, line, column = at[0].source.name, span.line, span.column
        return self.assume(name, value, basis, why, file, line, column, option=option)

    def assume(
        self,
        name: str,
        value: str,
        basis: AssumedBasis,
        why: str,
        file: str = "",
        line: int = 0,
        column: int = 0,
        *,
        option: str = "",
    ) -> str:
        """Note a value as `note` does, at a line of a file."""
        self._used[name] = None
        self.noted.setdefault(name, AssumedValue(name, value, basis, why, option, file, line, column))
        return self.noted[name].value

    def unknown_in(
        self,
        name: str,
        why: str,
        file: str,
        line: int,
        column: int,
        *,
        option: str = "",
        basis: AssumedBasis = AssumedBasis.UNKNOWN,
    ) -> str:
        """Note a value as `unknown` does, at a line of a file."""
        shown = _shown(name)
        option = option or f"--substitute {shown}=…"
        return self.assume(shown, f"${{{shown}}}", basis, why, file, line, column, option=option)

    def unknown(self, name: str, why: str, at: tuple[Document, Pointer] | None = None, *, option: str = "") -> str:
        """Note a value that is only known at deployment; what stands for it reads like a placeholder."""
        shown = _shown(name)
        option = option or f"--substitute {shown}=…"
        return self.note(shown, f"${{{shown}}}", AssumedBasis.UNKNOWN, why, option=option, at=at)

    def touch(self, names: Iterator[str] | tuple[str, ...]) -> None:
        """These went into a value that was resolved before."""
        self._used.update(dict.fromkeys(names))

    @contextmanager
    def watching(self) -> Iterator[dict[str, None]]:
        """The names of what is touched in the block, which count for blocks around it too."""
        outer, self._used = self._used, {}
        try:
            yield self._used
        finally:
            outer.update(self._used)
            self._used = outer

    def named(self, names: dict[str, None]) -> tuple[AssumedValue, ...]:
        """The assumed values of these names."""
        return tuple(self.noted[name] for name in names if name in self.noted)


def _shown(name: str) -> str:
    """A name that can stand in a placeholder."""
    return _UNFIT.sub("-", name)[:_MOST_SHOWN].strip("-") or "Unknown"
