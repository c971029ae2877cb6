"""What an expression can see: the input, the Context object, the variables, and a source of randomness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import force_setattr

from sfdebug.values import Json

_NO_VARIABLES: Final[Mapping[str, Json]] = MappingProxyType({})


class Entropy(Protocol):
    """Where random numbers come from: seeded by the execution, so that a replay draws the same ones."""

    def uniform(self) -> float:
        """A number in [0, 1)."""

    def uuid(self) -> str:
        """A version 4 UUID as text."""


class Environment(Struct, frozen=True):
    """The names that one stage's expressions resolve against.

    `input` is what `$` means. The Context object (`$$`) is made on first use: most states never read it.
    """

    input: Json
    make_context: Callable[[], dict[str, Json]] | None = None
    variables: Mapping[str, Json] = _NO_VARIABLES
    entropy: Entropy | None = None
    _context: dict[str, Json] | None = None

    @property
    def context(self) -> dict[str, Json]:
        """The Context object, `$$` in JSONPath."""
        if self._context is None:
            made = self.make_context() if self.make_context else {}
            force_setattr(self, "_context", made)  # what follows from the other fields, kept
            return made
        return self._context
