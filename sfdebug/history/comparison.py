"""Comparing two recorded executions: aligned by branch, state and attempt; where their paths, data and times differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.history.alignment.alignment import align
from sfdebug.history.leaves import leaves
from sfdebug.history.recording import PAYLOADS
from sfdebug.history.replay.event_comparison import TIMESTAMPS, Rules
from sfdebug.values import MISSING, Value

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit
    from sfdebug.history.recording import RecordedEvent, Recording

_DATA: Final = frozenset({*PAYLOADS, "assignedVariables", "error", "cause"})
_COMPARED: Final = _DATA | {"length"}
_ANSWER: Final = frozenset({"error", "cause", "result"})
_T = TypeVar("_T")
_Ids: TypeAlias = "tuple[int | None, int | None]"
_LOOK_AHEAD: Final = 60
"""How many visits are looked through for the place where two paths meet again."""


class ExecutionDifference(Struct, frozen=True, gc=False):
    """One difference between two recorded executions, the left and the right one.

    `kind` is "path", "data" or "timing"; `visit` counts the visits of the state in its branch from 1; `attempt` is 0
    where it is not about one; the event ids are None where one side has nothing of the kind.
    """

    kind: str
    branch: BranchId
    state: str
    visit: int
    attempt: int
    field: str
    pointer: str
    left: Value
    right: Value
    left_event: int | None
    right_event: int | None


class Pairing(Struct, frozen=True, gc=False):
    """A visit of the left execution and its like of the right one; one of them is None when there is none."""

    left: RecordedVisit | None
    right: RecordedVisit | None
    number: int

    @property
    def any(self) -> RecordedVisit:
        """One of the two that there is."""
        one = self.left or self.right
        assert one is not None, "a pairing has at least one side"
        return one


def compare_recordings(left: Recording, right: Recording, rules: Rules | None = None) -> list[ExecutionDifference]:
    """All differences, in the order of the left execution's events (the right one's, where it has none).

    What one of them is known not to have is not compared: fields that an export did not select, data that was not
    recorded, or that AWS cut off, and what happened after the pages in its file.
    """
    rules = rules or Rules()
    lacking = [_COMPARED - one.fields for one in (left, right) if one.fields is not None]
    lacking += [_DATA for one in (left, right) if not one.has_data]
    rules = replace(rules, ignore=rules.ignore.union(*lacking))
    found = [*_executions(left, right, rules)]
    for _, of_branch in groupby(pair_visits(left, right), key=lambda pairing: pairing.any.branch):
        for pairing in _up_to_the_cut(list(of_branch), left, right):
            found.extend(_pairing(pairing, rules, is_open=_is_open(pairing, left, right)))
    found.sort(key=lambda one: (one.left_event or one.right_event or 0, one.right_event or 0))
    return found


def pair_visits(left: Recording, right: Recording) -> Iterator[Pairing]:
    """The visits of two executions, paired: branch by branch, by the names of the states in their order."""
    yield from pair_aligned(align(left), align(right))


def pair_aligned(left: Alignment, right: Alignment) -> Iterator[Pairing]:
    """The same of two that are followed already."""
    lefts, rights = _by_branch(left), _by_branch(right)
    for branch in (*lefts, *(branch for branch in rights if branch not in lefts)):
        yield from _pair_branch(lefts.get(branch, []), rights.get(branch, []))


def _up_to_the_cut(pairings: list[Pairing], left: Recording, right: Recording) -> list[Pairing]:
    """The pairings of a branch without those at its end that a file without the further pages does not have."""

    def is_unknown(pairing: Pairing) -> bool:
        return (pairing.left is None and left.has_more) or (pairing.right is None and right.has_more)

    while pairings and is_unknown(pairings[-1]):
        pairings.pop()
    return pairings


def _is_open(pairing: Pairing, left: Recording, right: Recording) -> bool:
    """Whether how a visit went on is on a page that its file does not have."""
    sides = ((pairing.left, left), (pairing.right, right))
    return any(visit is not None and visit.status == "running" and whole.has_more for visit, whole in sides)


def _by_branch(alignment: Alignment) -> dict[BranchId, list[RecordedVisit]]:
    visits: dict[BranchId, list[RecordedVisit]] = {}
    for visit in alignment.visits:
        visits.setdefault(visit.branch, []).append(visit)
    return visits


def _pair_branch(lefts: Sequence[RecordedVisit], rights: Sequence[RecordedVisit]) -> Iterator[Pairing]:
    counts: dict[str, int] = {}
    for left, right in paired(lefts, rights, lambda visit: visit.state):
        one = left or right
        assert one is not None
        counts[one.state] = counts.get(one.state, 0) + 1
        yield Pairing(left, right, counts[one.state])


def paired(
    lefts: Sequence[_T], rights: Sequence[_T], name_of: Callable[[_T], str]
) -> Iterator[tuple[_T | None, _T | None]]:
    """Two rows of things, those of the same name beside one another in their order; None stands where one has none."""
    names, others = [name_of(one) for one in lefts], [name_of(one) for one in rights]
    i = j = 0
    while i < len(lefts) or j < len(rights):
        if i < len(lefts) and j < len(rights) and names[i] == others[j]:
            yield lefts[i], rights[j]
            i, j = i + 1, j + 1
            continue
        skip_left, skip_right = _meeting(names, i, others, j)
        for one in lefts[i : i + skip_left]:
            yield one, None
        for one in rights[j : j + skip_right]:
            yield None, one
        i, j = i + skip_left, j + skip_right


def _meeting(lefts: Sequence[str], i: int, rights: Sequence[str], j: int) -> tuple[int, int]:
    """How many names of each side to pass over until both are the same; all that is left when never."""
    if i >= len(lefts) or j >= len(rights):
        return len(lefts) - i, len(rights) - j
    for total in range(1, 2 * _LOOK_AHEAD):
        for skip_left in range(min(total, _LOOK_AHEAD) + 1):
            skip_right = total - skip_left
            if skip_right > _LOOK_AHEAD or i + skip_left >= len(lefts) or j + skip_right >= len(rights):
                continue
            if lefts[i + skip_left] == rights[j + skip_right]:
                return skip_left, skip_right
    return len(lefts) - i, len(rights) - j


class _Subject(NamedTuple):
    """What is compared: an attempt of a visit (0: the visit as a whole), or, without a state, the two executions."""

    branch: BranchId = ()
    state: str = ""
    visit: int = 1
    attempt: int = 0

    def difference(
        self, kind: str, field: str, left: Value, right: Value, ids: _Ids, pointer: str = ""
    ) -> ExecutionDifference:
        """One difference in it, at two events."""
        return ExecutionDifference(kind, *self, field, pointer, left, right, *ids)

    def values(self, field: str, left: Value, right: Value, rules: Rules, ids: _Ids) -> Iterator[ExecutionDifference]:
        """Where two values of a field differ."""
        if ("output" if field == "result" else field) in rules.ignore:
            return
        for leaf in leaves(left, right, rules.equal):
            if not rules.has_pointer(leaf.pointer):
                yield self.difference("data", field, leaf.recorded, leaf.computed, ids, leaf.pointer)

    def times(self, left: int | None, right: int | None, rules: Rules, ids: _Ids) -> Iterator[ExecutionDifference]:
        """How long the two took, where that differs by more than the tolerance."""
        if left is None or right is None or TIMESTAMPS in rules.ignore:
            return
        if abs(left - right) > rules.tolerance_seconds * 1000:
            yield self.difference("timing", "milliseconds", left, right, ids)


def _executions(left: Recording, right: Recording, rules: Rules) -> Iterator[ExecutionDifference]:
    """How the two began and ended."""
    subject, last = _Subject(), (left.events[-1].id, right.events[-1].id)
    if not _is_cut("input", left.events[0], right.events[0]):
        yield from subject.values("input", left.input, right.input, rules, (left.events[0].id, right.events[0].id))
    if left.has_more or right.has_more:
        return
    if left.status is not right.status:
        yield subject.difference("path", "status", str(left.status), str(right.status), last)
    is_cut = _is_cut("output", left.events[-1], right.events[-1])
    for field, mine, theirs in (
        ("output", MISSING if is_cut else left.output, MISSING if is_cut else right.output),
        ("error", _text(left.error), _text(right.error)),
        ("cause", _text(left.cause), _text(right.cause)),
    ):
        yield from subject.values(field, mine, theirs, rules, last)
    yield from subject.times(_total(left), _total(right), rules, last)


def _pairing(pairing: Pairing, rules: Rules, *, is_open: bool) -> Iterator[ExecutionDifference]:
    """Where two visits part; when `is_open`, it is not known how one of them went on."""
    left, right, one = pairing.left, pairing.right, pairing.any
    subject = _Subject(one.branch, one.state, pairing.number)
    if left is None or right is None:
        mine: Value = one.state if left is not None else MISSING
        theirs: Value = one.state if right is not None else MISSING
        ids = (left.entered.id if left else None, right.entered.id if right else None)
        yield subject.difference("path", "visit", mine, theirs, ids)
        return
    entered, ended = (left.entered.id, right.entered.id), (left.last.id, right.last.id)
    if not _is_cut("input", left.entered, right.entered):
        mine, theirs = (_or_text(visit.input, visit.entered, "input") for visit in (left, right))
        yield from subject.values("input", mine, theirs, rules, entered)
    yield from _attempts(left, right, subject, rules, is_open=is_open)
    if is_open:
        return
    if left.status != right.status:
        yield subject.difference("path", "status", left.status, right.status, ended)
    yield from subject.values("assignedVariables", _variables(left), _variables(right), rules, ended)
    if not _is_cut("output", left.exited, right.exited):
        mine, theirs = (_or_text(visit.output, visit.exited, "output") for visit in (left, right))
        yield from subject.values("output", mine, theirs, rules, ended)
    yield from subject.times(left.milliseconds, right.milliseconds, rules, entered)


def _attempts(
    left: RecordedVisit, right: RecordedVisit, subject: _Subject, rules: Rules, *, is_open: bool
) -> Iterator[ExecutionDifference]:
    for mine, theirs in zip(left.attempts, right.attempts, strict=False):
        began, ended = (mine.began.id, theirs.began.id), (_end(mine).id, _end(theirs).id)
        results = [_or_text(one.result, one.ended, "output") for one in (mine, theirs)]
        values = (
            ("parameters", mine.input, theirs.input, began),
            ("length", mine.began.details.get("length", MISSING), theirs.began.details.get("length", MISSING), began),
            ("error", _text(mine.error), _text(theirs.error), ended),
            ("cause", _text(mine.cause), _text(theirs.cause), ended),
            ("result", results[0], results[1], ended),
        )
        cut = {
            "parameters": any(_is_cut(name, mine.began, theirs.began) for name in ("parameters", "input")),
            "result": _is_cut("output", mine.ended, theirs.ended),
        }
        is_unanswered = is_open and (mine.ended is None or theirs.ended is None)
        for field, a, b, ids in values:
            if not cut.get(field) and not (is_unanswered and field in _ANSWER):
                yield from subject._replace(attempt=mine.number).values(field, a, b, rules, ids)
    if len(left.attempts) != len(right.attempts) and not is_open:
        counts = (len(left.attempts), len(right.attempts))
        yield subject.difference("path", "attempts", *counts, (left.last.id, right.last.id))


def _variables(visit: RecordedVisit) -> Value:
    return visit.exited.assigned if visit.exited is not None else MISSING


def _or_text(value: Value, event: RecordedEvent | None, field: str) -> Value:
    """A payload's value; its text when that is no JSON, or nested too deep: two of them are not equal for that."""
    if value is not MISSING or event is None or event.is_truncated(field):
        return value
    return event.details.get(field, MISSING)


def _is_cut(field: str, *events: RecordedEvent | None) -> bool:
    """Whether AWS cut a payload off, on one side or both: what it was is not known."""
    return any(event is not None and event.is_truncated(field) for event in events)


def _end(attempt: Attempt) -> RecordedEvent:
    return attempt.ended or attempt.events[-1]


def _text(text: str | None) -> Value:
    return MISSING if text is None else text


def _total(recording: Recording) -> int | None:
    first, last = recording.events[0].time, recording.events[-1].time
    return None if first is None or last is None else last - first
