"""The family of an execution: what it started, what that started, and what started it, as one tree.

Executions that ended without success are looked into, failed ones of a Map Run first, up to bounds; what went well is
named, no more. What cannot be had of one of them is said at its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.errors import CancelledError, DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError
from sfdebug.aws.listing import CHILDREN_FAILED_FIRST, Wanted
from sfdebug.errors import SfdebugError
from sfdebug.executions.outcome import SUCCEEDED, UNSUCCESSFUL, ExecutionOutcome, outcome_of
from sfdebug.history.alignment.alignment import align
from sfdebug.history.recording import RecordingError
from sfdebug.history.started import (
    STARTED_BY,
    Started,
    StartedKind,
    Unnamed,
    map_run_of,
    started_by,
    started_in,
    unnamed_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.executions.source import ExecutionSource, MapRunFacts
    from sfdebug.history.recording import Recording

_OF_ONE: Final = (DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError, RecordingError)
"""What is wrong with one execution, and need not be with the next."""
_HIGHEST: Final = 12
"""So many executions are gone up: more than anybody nests."""


class FamilyBounds(Struct, frozen=True, gc=False):
    """How much of a family is looked at: `histories` that are read in all, levels below the first, children of a Map
    Run that are named, and that are looked into."""

    histories: int = 60
    levels: int = 12
    named: int = 20
    looked_into: int = 3


class FamilyNode(Struct, frozen=True):
    """An execution or a Map Run in its family.

    `started` is how the one above names it, None for the highest. `outcome` is what became of an execution, `facts`
    what is known of a Map Run. `refusal` is why nothing more is known of it; `unnamed` are its states that started
    something which its history does not name; `left_out` is how many below it are not shown, `is_looked_into` whether
    anything was looked for below it.
    """

    arn: str
    kind: StartedKind
    started: Started | None = None
    outcome: ExecutionOutcome | None = None
    facts: MapRunFacts | None = None
    children: tuple[FamilyNode, ...] = ()
    unnamed: tuple[Unnamed, ...] = ()
    refusal: str = ""
    left_out: int = 0
    is_counted: bool = True
    """Whether no more than `left_out` are left out: else nobody has counted them."""
    is_looked_into: bool = False
    is_asked: bool = False
    """Whether it is the one that the tree was asked for."""

    @property
    def status(self) -> str:
        """How it stands, by AWS's words; "" where that is not known."""
        if self.facts is not None and self.facts.status:
            return self.facts.status
        if self.outcome is not None and self.outcome.status:
            return self.outcome.status
        return self.started.status if self.started is not None else ""

    @property
    def is_unsuccessful(self) -> bool:
        """Whether it failed, timed out or was aborted, or what started it did because of it."""
        if self.status:
            return self.status in UNSUCCESSFUL
        return self.started is not None and self.started.failed is True and self.started.is_waited_for


class ExecutionFamily(Struct, frozen=True):
    """A whole family. `why_no_parent` says why nothing stands above `root`; `cut` why not all was looked at, ""."""

    root: FamilyNode
    why_no_parent: str = ""
    cut: str = ""
    histories: int = 0


def family_of(
    source: ExecutionSource,
    asked: ExecutionOutcome,
    bounds: FamilyBounds | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> ExecutionFamily:
    """The family of an execution, from the highest one above it that is known down to what failed first.

    Args:
        source: AWS, or a folder.
        asked: The execution.
        bounds: How much is looked at.
        progress: Called with the number of histories read.

    Raises:
        SfdebugError: When the execution itself cannot be read.
    """
    return _FamilyFinder(source, bounds or FamilyBounds(), progress).family(asked)


def asked_for(source: ExecutionSource, outcome: ExecutionOutcome) -> ExecutionOutcome:
    """An execution with what its source says of it, its Map Run above all; as it is where that cannot be had."""
    if not outcome.arn or outcome.map_run_arn:
        return outcome
    try:
        return source.find(outcome.arn)
    except (DeniedError, NotFoundError, NotSupportedError, RecordingError):
        return outcome


def parent_of(
    source: ExecutionSource, outcome: ExecutionOutcome, recording: Callable[[], Recording]
) -> tuple[ExecutionOutcome | None, str]:
    """The execution that started this one, by its Map Run or by its input; None with the reason where that is not
    known. Raises SfdebugError when it is known, and cannot be read."""
    if outcome.map_run_arn:
        facts = source.map_run(outcome.map_run_arn)
        if not facts.execution_arn:
            return None, f"it is a child of {facts.arn}, and what started that is not known"
        return source.find(facts.execution_arn), ""
    named = started_by(recording())
    if named:
        return source.find(named), ""
    if map_run_of(outcome.arn):
        return None, "it is the child of a Map Run that is not known"
    return None, f"its input does not say what started it ({STARTED_BY})"


class _FamilyFinder:
    def __init__(
        self, source: ExecutionSource, bounds: FamilyBounds, progress: Callable[[int, int | None], None] | None
    ) -> None:
        self._source = source
        self._bounds = bounds
        self._progress = progress
        self._read: dict[str, Recording] = {}
        self._seen: set[str] = set()
        self._asked = ""
        self._cut = ""
        self._way: set[str] = set()

    def family(self, asked: ExecutionOutcome) -> ExecutionFamily:
        self._asked = asked.key
        self._recording(asked)
        top, why = self._highest(asked)
        root = self._execution(top, None, 0)
        return ExecutionFamily(root, why, self._cut, len(self._read))

    # up

    def _highest(self, outcome: ExecutionOutcome) -> tuple[ExecutionOutcome, str]:
        """The highest execution above that is known, and why there is none above it."""
        self._way = {outcome.key}
        for _ in range(_HIGHEST):
            try:
                parent, why = self._parent(outcome)
            except CancelledError:
                raise
            except SfdebugError as error:
                return outcome, f"what started it cannot be read: {error.what}"
            if parent is None or parent.key in self._way:
                return outcome, why
            self._way.add(parent.key)
            outcome = parent
        return outcome, f"more than {_HIGHEST} executions above are not looked for"

    def _parent(self, outcome: ExecutionOutcome) -> tuple[ExecutionOutcome | None, str]:
        parent, why = parent_of(self._source, outcome, lambda: self._recording(outcome))
        if parent is not None and outcome.map_run_arn:
            self._way.add(outcome.map_run_arn)
        return parent, why

    # down

    def _execution(self, outcome: ExecutionOutcome, started: Started | None, level: int) -> FamilyNode:
        node = FamilyNode(outcome.arn, StartedKind.EXECUTION, started, outcome, is_asked=outcome.key == self._asked)
        is_on_way = outcome.key in self._way
        if outcome.key in self._seen or not (is_on_way or outcome.status not in (SUCCEEDED, "RUNNING")):
            return node
        self._seen.add(outcome.key)
        if level > self._bounds.levels or (len(self._read) >= self._bounds.histories and not is_on_way) or self._cut:
            return self._briefly(node)
        try:
            recording = self._recording(outcome)
        except CancelledError:
            raise
        except SfdebugError as error:
            return replace(self._briefly(node), refusal=self._refused(error))
        alignment = align(recording)
        outcome = outcome_of(recording, alignment, outcome) if recording.events else outcome
        return replace(
            node,
            outcome=outcome,
            children=tuple(self._started(one, level + 1) for one in started_in(alignment)),
            unnamed=unnamed_in(alignment),
            is_looked_into=True,
        )

    def _briefly(self, node: FamilyNode) -> FamilyNode:
        """Its error and failed state, where nothing below it is looked for."""
        if node.outcome is None or self._cut:
            return node
        try:
            return replace(node, outcome=self._source.outcome(node.outcome))
        except CancelledError:
            raise
        except SfdebugError as error:
            return replace(node, refusal=self._refused(error))

    def _started(self, started: Started, level: int) -> FamilyNode:
        if started.kind is StartedKind.MAP_RUN:
            return self._map_run(started, level)
        blank = FamilyNode(started.arn, StartedKind.EXECUTION, started)
        if self._cut:
            return replace(blank, refusal="not looked for any more")
        if started.status == SUCCEEDED and started.arn not in self._way:
            return replace(blank, outcome=ExecutionOutcome(arn=started.arn, status=SUCCEEDED))
        try:
            outcome = self._source.find(started.arn)
        except CancelledError:
            raise
        except SfdebugError as error:
            return replace(blank, refusal=self._refused(error))
        return self._execution(outcome, started, level)

    def _map_run(self, started: Started, level: int) -> FamilyNode:
        node = FamilyNode(started.arn, StartedKind.MAP_RUN, started)
        if self._cut:
            return replace(node, refusal="not looked for any more")
        try:
            node = replace(node, facts=self._source.map_run(started.arn))
        except CancelledError:
            raise
        except SfdebugError as error:
            node = replace(node, refusal=self._refused(error))
            if not isinstance(error, DeniedError):
                return node
        try:
            found, is_all = self._children(started.arn)
        except CancelledError:
            raise
        except SfdebugError as error:
            return replace(node, refusal=self._refused(error))
        shown = self._chosen(found)
        into = 0
        children = []
        for one in shown:
            is_deep = one.key in self._way or (one.is_unsuccessful and into < self._bounds.looked_into)
            into += 1 if is_deep else 0
            children.append(
                self._execution(one, None, level + 1)
                if is_deep
                else FamilyNode(one.arn, StartedKind.EXECUTION, None, one)
            )
        total = node.facts.counts.get("total") if node.facts is not None else None
        is_counted = is_all or total is not None
        count = total if total is not None else len(found)
        return replace(
            node,
            children=tuple(children),
            left_out=max(0, count - len(children)),
            is_counted=is_counted,
            is_looked_into=True,
        )

    def _children(self, map_run: str) -> tuple[list[ExecutionOutcome], bool]:
        """The first children of a Map Run, failed ones first, and whether those are all."""
        found: list[ExecutionOutcome] = []
        pages = self._source.executions(map_run, Wanted(statuses=CHILDREN_FAILED_FIRST))
        for page in pages:
            found += [replace(one, map_run_arn=map_run) for one in page]
            if len(found) >= self._bounds.named:
                return found, next(pages, None) is None
        return found, True

    def _chosen(self, found: list[ExecutionOutcome]) -> list[ExecutionOutcome]:
        """Those that are named: the failed ones first, and the one on the way to what was asked in any case."""
        shown = found[: self._bounds.named]
        return shown + [one for one in found[self._bounds.named :] if one.key in self._way]

    # reading

    def _recording(self, outcome: ExecutionOutcome) -> Recording:
        known = self._read.get(outcome.key)
        if known is None:
            known = self._read[outcome.key] = self._source.recording(outcome)
            if self._progress is not None:
                self._progress(len(self._read), None)
        return known

    def _refused(self, error: SfdebugError) -> str:
        """Why one of them is not known. What would be the same for all others ends the looking."""
        if not isinstance(error, _OF_ONE) and not self._cut:
            self._cut = error.what
        return error.what


def members(root: FamilyNode, depth: int = 0) -> list[tuple[int, FamilyNode]]:
    """All of a tree, each with how deep it stands, in the order in which they are shown."""
    found: list[tuple[int, FamilyNode]] = [(depth, root)]
    for child in root.children:
        found += members(child, depth + 1)
    return found


def failing(root: FamilyNode) -> list[FamilyNode]:
    """The way from the highest execution down to where a failure began: the unsuccessful ones below one another."""
    way = [root]
    while True:
        below = [child for child in way[-1].children if child.is_unsuccessful]
        if not below:
            return way
        # What a history names last made it fail; of the children of a Map Run the first is as good as any.
        way.append(below[0] if way[-1].kind is StartedKind.MAP_RUN else below[-1])
