"""What is said of a value: the places where it stood, what each stage did to it, and what reads it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from sfdebug.engine.execution.decisions import BranchId, Provenance
from sfdebug.engine.execution.visit import StageName
from sfdebug.values import MISSING, Value

Keys: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in a document: names and indices from its root."""


class DataSide(StrEnum):
    """Which of the values at a stage: the one it was given, the one it gave, or a variable as the state sees it."""

    BEFORE = "before"
    AFTER = "after"
    VARIABLE = "variable"


class DataPlace(Struct, frozen=True, gc=False):
    """One place in the data of a run: a stage of a visit, one of its sides, and what leads to the value in it.

    `stage` is the index in the visit's stages; of a variable it is the stage that sees it. `name` is the variable's.
    """

    visit: int
    stage: int
    side: DataSide = DataSide.AFTER
    keys: tuple[str | int, ...] = ()
    name: str = ""


class OriginKind(StrEnum):
    """What happened to a value at one step on its way."""

    KEPT = "kept"
    """Passed on as it was, at the same place."""
    SELECTED = "selected"
    """A path narrowed the data to a part that holds it: InputPath, OutputPath, ItemsPath, Items."""
    TAKEN = "taken"
    """An expression took it as it was, from another place."""
    PLACED = "placed"
    """ResultPath put the result that holds it there."""
    ASSIGNED = "assigned"
    """It became a variable's."""
    STARTED = "started"
    """A branch, an iteration or a child execution was started with it."""
    GATHERED = "gathered"
    """It is what a branch, an iteration or a child execution gave."""
    BATCHED = "batched"
    """ItemBatcher put it into a batch."""
    BUILT = "built"
    """An object or array was put together here, of parts with origins of their own."""
    COMPUTED = "computed"
    """An expression computed it from what it read."""
    LITERAL = "literal"
    """It is written in the definition."""
    RESULT = "result"
    """It came from outside: a Task's result, or that of a Map Run."""
    DATASET = "dataset"
    """An ItemReader read it from its dataset."""
    FAILED = "failed"
    """It is an error's name or cause."""
    CONTEXT = "context"
    """It is of the Context object."""
    INPUT = "input"
    """It is of the input of the execution."""
    EDITED = "edited"
    """Somebody put it there in place of what was computed: the user, or what was recorded."""
    UNKNOWN = "unknown"
    """Nobody can know: `why` says why."""


class UnknownOrigin(StrEnum):
    """Why it cannot be known where a value is from."""

    NOT_RECORDED = "not recorded"
    """AWS records what goes into a state and what comes out of it, not what it did in between."""
    NOT_COMPUTED = "not computed"
    """The recorded execution did otherwise than the definition, or a part of it is missing."""
    RESULT_WRITER = "result writer"
    """What a ResultWriter makes of the outputs is not followed."""
    SEVERAL = "several"
    """The definition does not say which of several it was."""
    NOT_THERE = "not there"
    """There is no such value at the place."""


class OriginStep(Struct, frozen=True, gc=False):
    """One step on the way of a value, seen backwards: what made it stand at `place`.

    `expression` is the path or expression that did it, as written; `field` where that stands in the stage's field;
    of the input of the execution, `field` is where in it the value is.
    `states` are, of values that were kept, the states that passed them on, the last first; `count` says how many
    visits that were. `sources` are the places that it was made of: one where it was passed on, several where it was
    computed or built.
    """

    kind: OriginKind
    place: DataPlace
    value: Value = MISSING
    expression: str = ""
    field: tuple[str | int, ...] = ()
    sources: tuple[DataPlace, ...] = ()
    provenance: Provenance = Provenance.COMPUTED
    states: tuple[str, ...] = ()
    count: int = 1
    branch: BranchId = ()
    why: UnknownOrigin | None = None

    @property
    def is_end(self) -> bool:
        """Whether the way back ends here, or parts."""
        return len(self.sources) != 1 or self.kind in ENDS


ENDS = frozenset(
    {
        OriginKind.BUILT,
        OriginKind.COMPUTED,
        OriginKind.LITERAL,
        OriginKind.RESULT,
        OriginKind.DATASET,
        OriginKind.FAILED,
        OriginKind.CONTEXT,
        OriginKind.INPUT,
        OriginKind.UNKNOWN,
    }
)
"""What a way back ends with. An edit ends it too, but where it left the value as it was."""


class ReadKind(StrEnum):
    """How a value was read, and where its way ends."""

    TAKEN = "taken"
    """An expression took it on as it is, perhaps in what is around it."""
    PART = "part"
    """An expression took a part of it."""
    COMPUTED = "computed"
    """An expression computed something from it."""
    TESTED = "tested"
    """A Choice rule looked at it."""
    CALLED = "called"
    """A Task was called with it."""
    OUTPUT = "output"
    """It ended in the output of the execution, or of a child execution."""
    UNKNOWN = "unknown"
    """A state was given it, and nobody recorded what that did with it: from there on nothing is known."""


class DataRead(Struct, frozen=True, gc=False):
    """One reading of a value, later on: where it stood then, and by what. `rule` is the index of a Choice rule.

    What reads it again and again, alike, is one: `place` is where it did first, `count` how often.
    """

    kind: ReadKind
    place: DataPlace
    stage_name: StageName
    state: str
    expression: str = ""
    rule: int | None = None
    count: int = 1


class WriteKind(StrEnum):
    """What became of a place."""

    WRITTEN = "written"
    """Another value was put there."""
    DROPPED = "dropped"
    """The data went on without it."""
    UNKNOWN = "unknown"
    """Nobody recorded what the state did with it."""


class NextWrite(Struct, frozen=True, gc=False):
    """When the place of a value gets another one: the stage that does it."""

    kind: WriteKind
    place: DataPlace
    state: str


class DataOrigin(Struct, frozen=True, gc=False):
    """All that is known of one value: `steps` lead back from `place`, the newest first; `reads` on, the earliest first.

    `next_write` is None when the place keeps its value as far as the timeline is explored, and for what has no place in
    the data that states hand on (`is_lasting`): the parameters of a call, a result on its way. `more_reads` says that
    there are more than `reads` tells.
    """

    place: DataPlace
    value: Value
    steps: tuple[OriginStep, ...]
    next_write: NextWrite | None = None
    reads: tuple[DataRead, ...] = ()
    more_reads: bool = False
    is_lasting: bool = True

    @property
    def writer(self) -> OriginStep | None:
        """The step that last wrote it: the first that did not just keep it."""
        return next((step for step in self.steps if step.kind is not OriginKind.KEPT), None)
