"""What a test case of a state machine is, and what came of it: frozen, and fit to be sent to other processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from sfdebug.asl.definition import StatePath
from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
from sfdebug.engine.execution.settings import Settings
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.history.coverage.model import TakenItems
from sfdebug.limits import ExecutionType
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.values import MISSING, Json, Value


class CasePlace(Struct, frozen=True, gc=False):
    """Where a case, or a part of one, stands: `flows/order.sfn.yaml:12:5`. `line` and `column` count from 1; 0 for a
    case that stands in no line."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.in_line}:{self.column}" if self.column else self.in_line

    @property
    def in_line(self) -> str:
        """The same without the column."""
        return f"{self.file}:{self.line}" if self.line else self.file


class CaseAnswers(Struct, frozen=True, gc=False):
    """What the calls of one state are answered, one after the other; with `repeats` the last one again and again."""

    answers: tuple[Answer, ...]
    repeats: bool
    place: CasePlace


class CaseFailure(Struct, frozen=True, gc=False):
    """A failure that is injected into the next `attempts` attempts of a Task, Parallel or Map."""

    state: str
    error: str
    cause: str | None
    attempts: int
    place: CasePlace


ANYTHING = "..."
"""In a path that is expected: any states, or none, stand here."""
EVERY_PATH: Final = "a path with no state in it but '...' is every path: it could never fail"
"""What is wrong with one that says nothing."""


class Expected(Struct, frozen=True):
    """What is expected of a run; None, MISSING and empty for what nobody asks.

    `output` is a part of the output where `is_partial`: objects can have more fields. `cause` is a part of the cause.
    `path` are the names of states in the order in which they are entered. `variables` are those at the end. `places`
    are where names of states stand first; none in what Python expects.
    """

    status: ExecutionStatus | None = ExecutionStatus.SUCCEEDED
    output: Value = MISSING
    is_partial: bool = True
    error: str | None = None
    cause: str | None = None
    path: tuple[str, ...] | None = None
    visited: tuple[str, ...] = ()
    not_visited: tuple[str, ...] = ()
    attempts: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)
    places: Mapping[str, CasePlace] = field(default_factory=dict)


class MachineCase(Struct, frozen=True):
    """One test case. `answers` come before those of `mock_case`, a test case of the mock file `mocks`.

    `s3` is a folder in place of S3. `start_time` is in milliseconds since 1970; None for the one that all runs have.
    """

    name: str
    place: CasePlace
    machine: DefinitionAddress
    input: Json = field(default_factory=dict)
    answers: Mapping[str, CaseAnswers] = field(default_factory=dict)
    mocks: str = ""
    mock_case: str = ""
    failures: tuple[CaseFailure, ...] = ()
    expected: Expected = Expected()
    type: ExecutionType | None = None
    start_time: int | None = None
    s3: str = ""

    @property
    def id(self) -> str:
        """What tells it from all others: `flows/order.sfn.yaml::paid at once`."""
        return f"{self.place.file}::{self.name}"


class CaseVerdict(StrEnum):
    """What came of a case. An error is none of the machine: it could not be run."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


class MismatchKind(StrEnum):
    """What of a run is not as it is expected."""

    STATUS = "status"
    OUTPUT = "output"
    ERROR = "error"
    CAUSE = "cause"
    PATH = "path"
    VISITED = "visited"
    NOT_VISITED = "not visited"
    ATTEMPTS = "attempts"
    NOT_INJECTED = "not injected"
    """A failure that was to be injected never came: what a test says of it would be said of nothing."""
    NOT_GIVEN = "not given"
    """Answers of the case were never given: so many there are, and so often the state was called."""
    VARIABLE = "variable"


class Mismatch(Struct, frozen=True):
    """One thing that is not as it is expected; MISSING on a side where there is nothing.

    `where` is a place in the output or a variable, keys and indices from its root. `subject` is a state, a variable, a
    number of a state in the path; `origin` is the state, and the stage of it, that gave the value which differs.
    `shows` is the visit at which it shows first, by its number, and its stage, by its index; None at its end.
    """

    kind: MismatchKind
    wanted: Value
    got: Value
    where: tuple[str | int, ...] = ()
    subject: str = ""
    origin: str = ""
    shows: tuple[int, int] | None = None


class PathStep(Struct, frozen=True, gc=False):
    """A stay in a state, as a path shows it; `error` is what it failed with, or a Catcher took."""

    state: StatePath
    branch: BranchId
    status: str
    attempts: int
    error: str = ""

    @property
    def name(self) -> str:
        """The state's name."""
        return str(self.state[-1])


class KeptRun(Struct, frozen=True):
    """All that a run can be gone through again with: the definition as it was, the settings, what was decided.

    `opens_at` is the visit, by its number, and its stage, by its index, at which it is to be opened; None at the end.
    """

    title: str
    text: str
    format: str
    input: Json
    settings: Settings
    decisions: Sequence[Decision]
    opens_at: tuple[int, int] | None = None


class CaseOutcome(Struct, frozen=True):
    """What came of a case.

    `error` says why it could not be run, with where and how to mend it; then there is no run. `taken` is what it took
    of its machine, `run` what goes through it again, where it was asked for. `notes` are what is odd about it and no
    reason to fail.
    """

    case: MachineCase
    verdict: CaseVerdict
    status: ExecutionStatus | None = None
    output: Value = MISSING
    fault: tuple[str | None, str | None] = (None, None)
    path: tuple[PathStep, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    events: int = 0
    error: str = ""
    taken: TakenItems | None = None
    run: KeptRun | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it passed."""
        return self.verdict is CaseVerdict.PASSED
