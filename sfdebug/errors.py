"""The error tree: every error a user can cause says what is wrong, where, and how to fix it.

All of them can be pickled and copied, with all that they say: they come back whole from a pool of processes.
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence


class Problem(Struct, frozen=True):
    """One thing wrong with a file.

    `line` and `column` count from 1 (0: the whole file); `excerpt` is the source line they point into ("" when
    there is none); `where` says in words where in the document ("States.Charge.Next").
    """

    file: str
    line: int
    column: int
    what: str
    fix: str
    where: str = ""
    excerpt: str = ""
    length: int = 1
    severity: str = "error"

    @property
    def location(self) -> str:
        """`file:line:col`, the form that editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.location}: {self.what}"


class SfdebugError(Exception):
    """What went wrong, where (a `file:line:col`, or a state and field), and how to fix it.

    Attributes:
        what: What is wrong, in a sentence.
        where: Where, "" when that is not known.
        fix: What can be done about it, "" when nothing is known.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again without its `__init__`, whose parameters differ from class to class."""
        return (copyreg.__newobj__, (type(self), *self.args), self.__dict__)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  {self.fix}" if self.fix else text


class UsageError(SfdebugError):
    """The command line or an API call was given something it cannot take."""


class InputError(SfdebugError):
    """The execution input (or another JSON text given by the user) cannot be read."""


class DefinitionError(SfdebugError):
    """A definition that cannot be run; `problems` lists all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.what, where=first.location, fix=first.fix)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class UnsupportedError(SfdebugError):
    """Something that cannot be run as it stands, such as a `${Placeholder}` for a value: never a guess in its place."""


class NestingError(SfdebugError):
    """Data that are nested deeper than sfdebug follows; where AWS's own bound lies is not known."""

    def __init__(self, where: str = "") -> None:
        super().__init__(
            "the data are nested deeper than sfdebug follows",
            where=where,
            fix="A loop that puts its data into themselves does this: keep only what is needed of them.",
        )


class MockConfigError(SfdebugError):
    """A MockConfigFile.json that does not have the form that Step Functions Local documents."""


class UnansweredTaskError(SfdebugError):
    """A Task asked for a result and nobody answers: no mock, no function, no user."""


class DecisionError(SfdebugError):
    """A decision that does not fit the execution it was given to (an answer to a task that did not ask, …)."""
