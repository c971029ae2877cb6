"""What is said of two executions that are compared: where they part, the data that decided it, what took longer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.model import UnknownOrigin
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.partings import Parting, Partings


class DatumSource(StrEnum):
    """Where the two values of a datum first differ."""

    INPUT = "input"
    """In the inputs of the executions."""
    RESULT = "result"
    """In what a Task, or a Map Run, gave."""
    DATASET = "dataset"
    """In what an ItemReader read."""
    ERROR = "error"
    """In the error that a state failed with."""
    CONTEXT = "context"
    """In the Context object, or on the clock: AWS makes it up anew for each execution."""
    DEFINITION = "definition"
    """In what the two definitions have written there."""
    COMPUTED = "computed"
    """In what an expression computed; what it computed that from are its `sources`."""
    WAYS = "ways"
    """They were written by different states: the way to here was another one."""
    LOST = "lost"
    """Further back both are alike: a state on the way made something else of them."""
    SHOWN = "shown"
    """Nothing was computed: it is where the recordings first show them."""


class CallContrast(StrEnum):
    """How what two Tasks were called with differs."""

    SAME = "same"
    MADE_UP = "made up"
    """Only in what looks like ids, times and tokens."""
    OTHER = "other"
    NOT_RECORDED = "not recorded"


class DecisiveDatum(Struct, frozen=True):
    """A value that two executions do not have in common, and where it comes from.

    `text` is how the definition reads it, `left` and `right` are its values there. It is from `source`: that of the
    state `state`, at `pointer` in what that was given or gave, where `left_there` and `right_there` stand. `sources`
    are what the two were made of: what a Task was called with, what an expression read.
    """

    text: str
    left: Value
    right: Value
    source: DatumSource
    state: str = ""
    branch: BranchId = ()
    pointer: str = ""
    left_there: Value = MISSING
    right_there: Value = MISSING
    left_event: int | None = None
    right_event: int | None = None
    writers: tuple[str, str] = ("", "")
    """Of `WAYS`: who wrote the one and the other, in words."""
    sources: tuple[DecisiveDatum, ...] = ()
    call: CallContrast = CallContrast.NOT_RECORDED
    """Of `RESULT`: whether the Task was called with the same."""
    made_up: tuple[str, ...] = ()
    """Where what it was called with differs in what looks made up."""
    why: UnknownOrigin | None = None
    """Of `SHOWN`: why it could not be followed."""


class DecidingKind(StrEnum):
    """What decided how an execution went on."""

    RULE = "rule"
    """A rule of a Choice matched in one, and not in the other."""
    ERROR = "error"
    """A Task, a Map or a Parallel failed."""
    EXPRESSION = "expression"
    """A field of the state could not be evaluated."""
    DEFINITION = "definition"
    """The definitions say otherwise."""
    TIME = "time"
    """It took so long that it was cut short."""
    ITEMS = "items"
    """The Map was given other items."""
    RECORDED = "recorded"
    """Nothing was computed: the data are all that is known."""


class RecordedFault(Struct, frozen=True, gc=False):
    """The error of a visit: its name, its cause, the event that has it, and what it started that failed, if it did.

    `started` is the ARN of an execution or a Map Run, "" where none is named.
    """

    error: str
    cause: str
    event: int
    started: str = ""


class Deciding(Struct, frozen=True):
    """What decided that two executions parted.

    `rules` are the indices of the rules that were taken (None: the Default, or no rule); `rule` is the one on which it
    hung, `whys` why it matched or did not, in words. `field` is the field that could not be evaluated. `faults` are
    the errors of both, None where there was none. `data` are the values that decided it, the most telling first.
    """

    kind: DecidingKind
    data: tuple[DecisiveDatum, ...] = ()
    rule: int | None = None
    rules: tuple[int | None, int | None] = (None, None)
    whys: tuple[str, str] = ("", "")
    field: str = ""
    faults: tuple[RecordedFault | None, RecordedFault | None] = (None, None)
    call: CallContrast = CallContrast.NOT_RECORDED
    """Of a failed Task: whether both were called with the same."""
    made_up: tuple[str, ...] = ()
    """Where what it was called with differs in what looks made up."""
    counts: tuple[int | None, int | None] = (None, None)
    """Of `ITEMS`: how many there were."""


class DurationContrast(Struct, frozen=True, gc=False):
    """Two visits of which one took much longer, in milliseconds."""

    left_visit: RecordedVisit
    right_visit: RecordedVisit
    number: int
    left: int
    right: int

    @property
    def gap(self) -> int:
        """How much longer the one took."""
        return abs(self.left - self.right)


class InputContrast(Struct, frozen=True, gc=False):
    """A place where the inputs differ; `is_made_up` for what looks like an id, a time or a token."""

    pointer: str
    left: Value
    right: Value
    is_made_up: bool


class DecidedLoopEnd(Struct, frozen=True, gc=False):
    """The last visits of a state of which earlier ones parted, and what decided how they were left; `numbers` are how
    often each side was there."""

    parting: Parting
    deciding: Deciding
    numbers: tuple[int, int]


class ExecutionContrast(Struct, frozen=True):
    """Two executions of one machine, compared: what a person asks for first stands first.

    `deciding` is about `partings.leading`; None where they do not part. `has_other_definition` says whether they ran
    different definitions; None where that is not known.
    """

    left: RecordedSession
    right: RecordedSession
    partings: Partings
    deciding: Deciding | None
    slower: tuple[DurationContrast, ...] = ()
    inputs: tuple[InputContrast, ...] = ()
    results: tuple[DecisiveDatum, ...] = ()
    """Where they do not part: the first results of Tasks that differ in more than what is made up."""
    has_other_definition: bool | None = None
    left_loop: DecidedLoopEnd | None = None
    """How both left a loop for good, where they parted in it first: one went round more often."""

    @property
    def leading(self) -> Parting | None:
        """The parting to name first."""
        return self.partings.leading
