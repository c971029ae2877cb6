"""What a page knows of a run: its states, events and visits with the stages of each, as the debugger shows them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

Marks = tuple[int, str, int]
"""A state by its place in the list, its status, how often it was entered."""


class PageStage(Struct, frozen=True, gc=False):
    """One stage of a visit. Values are numbers of the table; `changes` are a sign, a pointer, and the values there
    before and after; `told` is what is said of it, from the sentence on what happened to what one may have expected."""

    label: str
    status: str
    before: int
    after: int
    expression: int
    told: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, int, int], ...] = ()
    more_changes: int = 0
    origin: str = ""
    recorded: int = -1
    error: str = ""


class PageVisit(Struct, frozen=True, gc=False):
    """One visit. `first` and `last` are the places of its events, from 1; `begin` and `end` milliseconds since the
    start of the execution."""

    number: int
    state: int
    branch: str
    status: str
    first: int
    last: int
    begin: int
    end: int
    attempts: int
    input: int
    output: int
    variables: int
    next: str
    stages: tuple[PageStage, ...]


class PageEvent(Struct, frozen=True, gc=False):
    """One event. `visit` is the number of the visit that it belongs to (0: none), of which `revealed` stages have come
    about by then; `is_waiting` says that the last of these has no result yet. `marks` are those that have changed."""

    id: int
    type: str
    time: int
    state: str
    visit: int
    revealed: int
    is_waiting: bool
    details: int
    error: str
    marks: tuple[Marks, ...]


class PageFault(Struct, frozen=True, gc=False):
    """A fault: at which event, in which state, and what became of it."""

    event: int
    visit: int
    state: str
    error: str
    cause: int
    became: str


class PageState(Struct, frozen=True, gc=False):
    """A state of the definition; `id` is what the drawing calls it."""

    id: str
    name: str
    type: str


class PageKin(Struct, frozen=True, gc=False):
    """An execution that a run started. `run` is the place of its own steps among the runs of the page, -1 where they
    are not in it, and `why` says so; `event` is the place of the event that started it, 0 where none names it; `took`
    is in milliseconds, -1 where that is not known."""

    run: int
    event: int
    state: str
    name: str
    kind: str
    status: str
    error: str
    took: int
    input: int
    why: str


class PageParent(Struct, frozen=True, gc=False):
    """What started a run: the place of that run in the page, of the event there (0: not known), and the state."""

    run: int
    event: int
    state: str


class PageRun(Struct, frozen=True):
    """A run, as the page has it. `facts` are headings with a text each; `taken` says of each edge of the drawing at
    which event it was taken first; `machine` tells definitions apart, `drawing` is the run whose drawing it is
    shown on. `kin` are the executions that it
    started, `unshown` says which of them are not even named."""

    title: str
    status: str
    mode: str
    facts: tuple[tuple[str, str], ...]
    end: str
    graph: str
    machine: str
    states: tuple[PageState, ...]
    taken: tuple[tuple[int, int], ...]
    events: Sequence[PageEvent]
    visits: Sequence[PageVisit]
    faults: tuple[PageFault, ...]
    input: int
    output: int
    drawing: int = 0
    parent: PageParent | None = None
    kin: tuple[PageKin, ...] = ()
    unshown: str = ""


class PageContrast(Struct, frozen=True, gc=False):
    """One difference between two visits, or between two ends."""

    field: str
    pointer: str
    left: int
    right: int
    is_path: bool


class PagePair(Struct, frozen=True, gc=False):
    """Two visits beside one another, by number; 0 where one of the runs has none."""

    left: int
    right: int
    contrasts: tuple[PageContrast, ...]


class PageSentence(Struct, frozen=True, gc=False):
    """A sentence on what is different, and the event of each run that shows it, by id; 0 where none does."""

    text: str
    left: int = 0
    right: int = 0


class PageComparison(Struct, frozen=True):
    """Two runs beside one another: `told` says what decided that they went other ways, `first` names the first
    difference of their visits, which can be an earlier one."""

    told: tuple[PageSentence, ...]
    first: str
    pairs: tuple[PagePair, ...]
    end: tuple[PageContrast, ...]
