"""What stands in a journal: the beginning of a session, and then one record for each thing that was done in it.

A record holds all that one key did, so that wherever a journal is cut, it stands where some key had left it.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct, field

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.projects.addresses import DefinitionAddress, ProjectValues

FORMAT: Final = 1


class TaskSources(Struct, frozen=True, gc=False):
    """What answers the Tasks of a session, by the names of its files: they are read again when it goes on. `test` is a
    test case in the file `tests`, whose own answers come first."""

    mocks: str = ""
    case: str = ""
    s3: str = ""
    nested: tuple[tuple[str, str], ...] = ()
    functions: tuple[str, ...] = ()
    lambda_endpoint: str = ""
    real: bool = False
    services: str = ""
    seed: str = ""
    tests: str = ""
    test: str = ""

    def __bool__(self) -> bool:
        return self != TaskSources()


class RecordingSource(Struct, frozen=True, gc=False):
    """The recorded execution that a session is of: the file that held it, its checksum, which of the file's it is."""

    path: str
    sha256: str
    execution: str = ""


class Beginning(Struct, frozen=True, gc=False, tag="session", tag_field="is"):
    """The first record: what the session is of. `began` is in seconds since 1970.

    `definition` is the path of the definition's file ("" without one), or `PATH#NAME` for a machine of a project, which
    was opened with these `values`; `name` is what its source is called; the text
    follows in the second record, the input in the third, whose checksum is `given`.
    """

    format: int
    program: str
    began: float
    name: str
    definition: str
    sha256: str
    settings: dict[str, Any]
    sources: TaskSources = TaskSources()
    recording: RecordingSource | None = None
    given: str = ""
    is_redacted: bool = False
    values: ProjectValues = field(default_factory=ProjectValues)

    @property
    def address(self) -> DefinitionAddress | None:
        """Where its definition is; None where it is in no file."""
        return DefinitionAddress.read(self.definition, None, self.values) if self.definition else None


class Text(Struct, frozen=True, gc=False, tag="text", tag_field="is"):
    """The text of the definition."""

    v: str


class Input(Struct, frozen=True, gc=False, tag="input", tag_field="is"):
    """The execution's input."""

    v: Any


class Kept(Struct, frozen=True, gc=False, tag="data", tag_field="is"):
    """Long data that decisions refer to, numbered in the order in which they come."""

    v: Any


class Forked(Struct, frozen=True, gc=False, tag="fork"):
    """A fork was made of another one at the node with an index; `undoes` is the index of the decision that it takes
    back."""

    of: int
    at: int
    why: str
    undoes: int | None = None


class Walked(Struct, frozen=True, gc=False, tag="walk"):
    """A fork has grown by these decisions. A number stands for so many times `Proceed()`, else it is the decision, the
    user's reason ("" where it is not the user's), and the branch to go on with."""

    on: int
    by: list[Any]


class Stood(Struct, frozen=True, gc=False, tag="stand"):
    """The cursor of a fork is there: the index of the node, the place in it, the branch in focus. `events` have
    happened by then: what shows whether it was computed again as it was."""

    on: int
    at: int
    place: int
    focus: Any
    events: int


class Unanswered(Struct, frozen=True, gc=False, tag="unanswered", omit_defaults=True):
    """The task handler did not know the answer to the question of a branch at a node; with `is_over` it is to be asked
    again."""

    on: int
    at: int
    branch: Any
    is_over: bool = False


class ChosenOnce(Struct, frozen=True, gc=False, omit_defaults=True):
    """Who was chosen to answer a state's Task: the kind, on which fork, of how many; `attempt` is the branch and the
    number of the call, where only that is meant."""

    path: list[Any]
    kind: str
    on: int
    forks: int
    attempt: list[Any] | None = None


class UndoneOnce(Struct, frozen=True, gc=False):
    """One undo that can be done again: where it was called, and where it went to."""

    on: int
    at: int
    place: int
    focus: Any
    went_to: int
    decided: int
    what: str


class CalledInside(Struct, frozen=True, gc=False, omit_defaults=True):
    """A call that was made in an execution which a Task started: the kind of what was called, the checksum of what
    tells the attempt, and the answer, None where that waits for its task token. Where it was made, and what was called,
    is told as in `InsideCall`."""

    by: str
    attempt: str
    answer: Any = None
    scope: str = ""
    state: str = ""
    callee: str = ""


Move: TypeAlias = "Forked | Walked | Stood | Unanswered"


class Stops(Struct, frozen=True, gc=False):
    """The breakpoints and the watches, as they are written."""

    breakpoints: list[str] = field(default_factory=list)
    watches: list[str] = field(default_factory=list)


class Summary(Struct, frozen=True, gc=False):
    """Where a session stands, for lists of sessions: the state, the number of forks beside the main timeline."""

    state: str = ""
    event: int = 0
    forks: int = 0
    is_over: bool = False


class Done(Struct, frozen=True, gc=False, tag="done", tag_field="is"):
    """What one key did. `time` is in seconds since 1970; what is None has not changed. `on` is the current fork."""

    time: float
    on: int
    summary: Summary
    moves: list[Forked | Walked | Stood | Unanswered] = field(default_factory=list)
    undone: list[UndoneOnce] | None = None
    stops: Stops | None = None
    chosen: list[ChosenOnce] | None = None
    called: list[CalledInside] | None = None
    is_cut: bool | None = None
    """Whether more was called inside than is kept."""
    seen: dict[str, Any] | None = None
    """How it is looked at: what a face wants to find again."""


Record: TypeAlias = "Beginning | Text | Input | Kept | Done"
_ANY: Final = Beginning | Text | Input | Kept | Done


def record_of(value: Any) -> Record:
    """The record that a JSON value stands for. Raises SessionError for what is none."""
    try:
        record: Record = msgspec.convert(value, type=_ANY)
    except (msgspec.ValidationError, ValueError) as error:  # half a character is refused otherwise
        raise SessionError(f"it holds a record that this version does not know: {error}") from None
    return record


def plain(record: Record) -> Any:
    """A record as a JSON value; of what was done, without what has not changed."""
    value = msgspec.to_builtins(record)
    return {name: inner for name, inner in value.items() if inner is not None} if isinstance(record, Done) else value
