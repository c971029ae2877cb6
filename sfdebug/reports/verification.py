"""What `sfdebug verify` found: as text, as JSON, as JUnit XML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.history.verification.outcomes import FAILED_OUTCOMES, HELD
from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.reports.annotations import Annotation, AnnotationLevel
from sfdebug.reports.differences import difference_dict, difference_lines, where_text
from sfdebug.reports.junit import JUnitCase, JUnitVerdict
from sfdebug.reports.outcomes import mending_dict, told_of
from sfdebug.reports.spool import TextSpool
from sfdebug.text import counted, escaped, fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.verification.outcomes import OutcomeGroup
    from sfdebug.history.verification.tally import VerdictGroup, VerdictKind, VerificationTally
    from sfdebug.values import Json

_MOST_GROUPS: Final = 10
_WIDEST_CAUSE: Final = 160

_WIDTH = max(map(len, VerificationStatus))
_COUNTS: Final = {
    VerificationStatus.IDENTICAL: "identical",
    VerificationStatus.SAME_EFFECTS: "sameEffects",
    VerificationStatus.PARTIAL: "partial",
    VerificationStatus.DIVERGES: "diverges",
    VerificationStatus.NOT_VERIFIED: "notVerified",
}
"""How many have each verdict, by the names in the JSON object; together they are its `total`."""


def verification_lines(found: Verification, *, all_differences: bool = False) -> list[str]:
    """One recorded execution: the verdict, then the first difference, or all of them."""
    lines = [f"{found.status:<{_WIDTH}}  {escaped(found.history)}{_extent(found)}"]
    lines.extend(f"    {escaped(reason)}" for reason in found.reasons)
    shown = found.differences if all_differences else found.differences[:1]
    for difference in shown:
        lines.extend(f"    {line}" for line in difference_lines(difference))
    more = found.differences[len(shown) :]
    if more:
        carried = sum(1 for one in more if one.is_carried)
        note = f", {carried} of them carried on from state to state" if carried else ""
        lines.append(f"    and {counted(len(more), 'more difference')}{note}: --all shows them")
    return lines


def _extent(found: Verification) -> str:
    if found.status is VerificationStatus.NOT_VERIFIED:
        return ""
    text = f" ({found.events:,} events"
    if found.calls is not None:
        text += f", {counted(found.calls, 'task call')} made again"
    elif found.followed < found.events:
        text += f", followed for {found.followed:,}"
    if found.drawn:
        text += f", {counted(found.drawn, 'made-up value')} taken over"
    return f"{text}{'' if found.is_complete else ', not to the end of the execution'})"


def summary(tally: VerificationTally) -> str:
    """All verdicts in one line."""
    counts, total = tally.counts, tally.total
    if tally.compares_effects:
        parts = [f"{counts[VerificationStatus.SAME_EFFECTS]:,} of {total:,} with the same effects"]
    else:
        parts = [f"{counts[VerificationStatus.IDENTICAL]:,} of {total:,} identical"]
    diverging, others = counts[VerificationStatus.DIVERGES], counts[VerificationStatus.NOT_VERIFIED]
    if counts[VerificationStatus.PARTIAL]:
        parts.append(f"{counts[VerificationStatus.PARTIAL]:,} partial")
    if diverging:
        parts.append(f"{diverging:,} diverge{'s' if diverging == 1 else ''}")
    if others:
        parts.append(f"{others:,} not verified")
    return ", ".join(parts)


def group_lines(tally: VerificationTally, *, all_groups: bool = False) -> list[str]:
    """Where and why executions diverge, or were not verified, the most frequent first, with an example of each:
    `37 diverge at 'Charge card', output at /total: ..., e.g. recorded/4711.json`."""
    groups = tally.groups
    shown = groups if all_groups else groups[:_MOST_GROUPS]
    width = len(f"{max((one.count for one in groups), default=0):,}")
    lines = [f"{one.count:>{width},} {group_text(one)}{_example(one)}" for one in shown]
    rest = sum(one.count for one in groups[len(shown) :])
    if rest:
        lines.append(f"{rest:,} more in {counted(len(groups) - len(shown), 'other way')}: --all shows them")
    if tally.ungrouped:
        lines.append(f"{tally.ungrouped:,} more, each in a way of its own, are in no group")
    return lines


def group_text(group: VerdictGroup) -> str:
    """What is the same of the executions of a group: `diverge at 'Charge card', output at /total: ...`."""
    kind = group.kind
    said = {
        VerificationStatus.DIVERGES: "diverge" if group.count != 1 else "diverges",
        VerificationStatus.NOT_VERIFIED: "not verified",
        VerificationStatus.PARTIAL: "partial",
    }[kind.status]
    where = f" at {_place_text(kind)}" if kind.status is VerificationStatus.DIVERGES else ""
    cause = f": {fit(escaped(group.cause), _WIDEST_CAUSE)}" if group.cause else ""
    return f"{said}{where}{cause}"


def _example(group: VerdictGroup) -> str:
    event = f", event {group.event_id}" if group.event_id is not None else ""
    return f", e.g. {escaped(group.example)}{event}"


def _place_text(kind: VerdictKind) -> str:
    state = f"'{escaped(kind.state)}'" if kind.state else "the execution"
    if kind.field == "type":
        return f"{state}, {escaped(kind.event_type)}"
    return f"{state}, {escaped(kind.field)}{f' at {escaped(kind.pointer)}' if kind.pointer else ''}"


def verification_annotations(tally: VerificationTally, machine: StateMachine) -> Iterator[Annotation]:
    """What stands beside the states at which recorded executions diverge; what was not verified stands in no line."""
    places = {state.name: machine.document.key_span(state.pointer) for state in machine.walk()}
    for group in tally.groups:
        span = places.get(group.kind.state)
        level = AnnotationLevel.ERROR if group.kind.status is VerificationStatus.DIVERGES else AnnotationLevel.WARNING
        line, column = (span.line, span.column) if span is not None else (0, 0)
        message = f"{group.count:,} {group_text(group)}{_example(group)}"
        yield Annotation(level, machine.name, line, column, "sfdebug verify", message)


def outcome_annotations(groups: Iterable[OutcomeGroup], machine: StateMachine) -> Iterator[Annotation]:
    """What stands beside the states for what would have come of executions, but for those proved to succeed."""
    places = {state.name: machine.document.key_span(state.pointer) for state in machine.walk()}
    for group in groups:
        if group.outcome in HELD:
            continue
        span = places.get(group.state)
        level = AnnotationLevel.ERROR if group.outcome in FAILED_OUTCOMES else AnnotationLevel.WARNING
        line, column = (span.line, span.column) if span is not None else (0, 0)
        message = f"{len(group.executions):,} {group.outcome}: {told_of(group)}, e.g. {escaped(group.executions[0][0])}"
        yield Annotation(level, machine.name, line, column, "sfdebug verify", message)


class VerificationJson:
    """The object that `sfdebug verify --json` prints, made of one verdict after the other, which are not held in
    memory. To be used with `with`."""

    def __init__(self) -> None:
        self._spool = TextSpool()

    def __enter__(self) -> VerificationJson:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def add(self, found: Verification) -> None:
        """Take a verdict."""
        text = json.dumps(_one(found), ensure_ascii=False, indent=2).replace("\n", "\n    ")
        self._spool.add(f"{',' if self._spool.count else ''}\n    {text}")

    def texts(
        self, definition: str, tally: VerificationTally, before: Mapping[str, Json], behind: Mapping[str, Json]
    ) -> Iterator[str]:
        """The object, in pieces of text; `before` and `behind` the verdicts stands what else there is in it."""
        counts = {name: tally.counts[status] for status, name in _COUNTS.items()}
        groups: Json = [group_dict(one) for one in tally.groups]
        head: dict[str, Json] = {"definition": definition, **before, **counts, "total": tally.total}
        yield json.dumps({**head, "groups": groups}, ensure_ascii=False, indent=2).removesuffix("\n}")
        yield ',\n  "histories": ['
        yield from self._spool.chunks()
        yield "\n  ]" if self._spool.count else "]"
        for name, value in behind.items():
            text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
            yield f",\n  {json.dumps(name)}: {text}"
        yield "\n}"


def group_dict(group: VerdictGroup) -> dict[str, Json]:
    """A group as an object."""
    kind = group.kind
    where: dict[str, Json] = {}
    if kind.status is VerificationStatus.DIVERGES:
        where = {"state": kind.state, "type": kind.event_type, "field": kind.field, "pointer": kind.pointer}
    return {
        "status": str(kind.status),
        **where,
        "cause": group.cause,
        "count": group.count,
        "example": group.example,
        **({} if group.event_id is None else {"event": group.event_id}),
    }


def _one(found: Verification) -> dict[str, Json]:
    return {
        "history": found.history,
        "status": str(found.status),
        "events": found.events,
        "followed": found.followed,
        "complete": found.is_complete,
        "drawn": found.drawn,
        **({} if found.calls is None else {"calls": found.calls}),
        "reason": found.reason,
        "reasons": list(found.reasons),
        "notes": list(found.notes),
        "differences": [difference_dict(difference) for difference in found.differences],
        **({} if found.mending is None else {"mending": mending_dict(found.mending)}),
    }


def junit_suite_name(definition: str) -> str:
    """What the suite of a verification is called: one for the definition, a case for each recorded execution."""
    return f"sfdebug verify {definition}"


def verification_case(definition: str, found: Verification, *, allow_partial: bool = False) -> JUnitCase:
    """A recorded execution as JUnit has it.

    What was not verified, or only in part, is an error; with `allow_partial` the latter is a success. Where it was
    found out what would have come of the executions, a case is passed when that is proved to be a success, a failure
    when it fails, else an error.
    """
    return _case(definition, found, _judged(found, allow_partial=allow_partial))


def _judged(found: Verification, *, allow_partial: bool) -> JUnitVerdict:
    if found.mending is not None:
        if found.mending.outcome in HELD:
            return JUnitVerdict.PASSED
        return JUnitVerdict.FAILURE if found.mending.outcome in FAILED_OUTCOMES else JUnitVerdict.ERROR
    if found.status is VerificationStatus.DIVERGES:
        return JUnitVerdict.FAILURE
    is_doubtful = found.status is VerificationStatus.NOT_VERIFIED
    is_doubtful = is_doubtful or (found.status is VerificationStatus.PARTIAL and not allow_partial)
    return JUnitVerdict.ERROR if is_doubtful else JUnitVerdict.PASSED


def _case(definition: str, found: Verification, judgement: JUnitVerdict) -> JUnitCase:
    first, mending = found.first, found.mending
    texts = found.notes if judgement is JUnitVerdict.ERROR else (*found.reasons, *found.notes)
    case = JUnitCase(definition, found.history, judgement, output="\n".join(texts))
    if judgement is JUnitVerdict.PASSED:
        return case
    kind = str(mending.outcome) if mending is not None else first.kind if first is not None else str(found.status)
    said = (mending.what if mending is not None else "") or (where_text(first) if first is not None else found.reason)
    lines = [line for one in found.differences for line in difference_lines(one)] or list(found.reasons)
    text = "\n".join([*(mending.reasons if mending is not None else ()), *lines])
    return replace(case, message=said, kind=kind, text=text)
