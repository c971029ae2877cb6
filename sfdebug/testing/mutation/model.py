"""What a mutant is, and what came of it: frozen, and fit to be sent to other processes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from sfdebug.asl.definition import StatePath
from sfdebug.asl.text.source import Pointer
from sfdebug.values import Value


class DefinitionChange(Struct, frozen=True):
    """One change of a definition: what stands at a place is another value, or MISSING. `renamed` is what the key at
    the place is called then, where only that changes. `what` says it in words."""

    state: StatePath
    pointer: Pointer
    value: Value
    what: str
    renamed: str = ""
    is_equivalent: bool = False
    """Whether it means the very same: a field that says what holds without it."""


class Mutant(Struct, frozen=True):
    """One change of one machine, with its place in the file that its author edits, and which of the machine's cases
    enter the state that it is in: the others cannot notice it."""

    machine: str
    file: str
    line: int
    change: DefinitionChange
    cases: tuple[int, ...]


class MutantVerdict(StrEnum):
    """What came of a mutant."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    """Every case that enters the changed state passed, or none enters it."""
    INVALID = "invalid"
    """It is no definition that can be run: nobody would deploy it."""
    EQUIVALENT = "equivalent"
    """It means the very same: it was left out."""
    NOT_RUN = "not run"
    """The time was not enough for it: nothing is said of it."""


class MutantOutcome(Struct, frozen=True):
    """What came of a mutant; `noticed_by` is the id of the first case that did not pass, `ran` how many were run."""

    mutant: Mutant
    verdict: MutantVerdict
    ran: int = 0
    noticed_by: str = ""


class MutationReport(Struct, frozen=True):
    """What came of all mutants, each once, in the order of the files."""

    outcomes: Sequence[MutantOutcome]

    def of(self, verdict: MutantVerdict) -> list[MutantOutcome]:
        """Those of one verdict, in their order."""
        return [one for one in self.outcomes if one.verdict is verdict]

    def count(self, verdict: MutantVerdict) -> int:
        """How many have a verdict."""
        return sum(one.verdict is verdict for one in self.outcomes)
