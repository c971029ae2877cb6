"""What is different between two executions, in the words that a person would choose: the same in every report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.decisive_data.model import CallContrast, DatumSource, DecidingKind
from sfdebug.debugger.recorded.summary import cause_text
from sfdebug.debugger.wording.values import named
from sfdebug.history.alignment.visits import told_cause
from sfdebug.history.partings import PartingKind
from sfdebug.history.recording import parse_payload
from sfdebug.history.replay.explain import dotted, shown, shown_pair
from sfdebug.reports.differences import gaps_of, value_json
from sfdebug.text import counted, escaped
from sfdebug.times import duration_text
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.decisive_data.model import (
        DecidedLoopEnd,
        Deciding,
        DecisiveDatum,
        DurationContrast,
        ExecutionContrast,
        RecordedFault,
    )
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.partings import Parting
    from sfdebug.values import Json, Value

INPUTS_HEADING: Final = "where the inputs differ"
_WIDTH: Final = 60
_CAUSE: Final = 160
_MOST: Final = 8
_MOST_NAMED: Final = 3
_NAMES: Final = ("A", "B")


def lead_sentence(found: ExecutionContrast) -> str:
    """The first difference, in one sentence."""
    parting = found.leading
    if parting is not None and found.deciding is not None:
        return _parting(parting, found.deciding)
    if found.slower:
        return f"the paths are the same; {slow_text(found.slower[0])}"
    if found.results:
        return f"the paths are the same; {_result(found.results[0])}"
    told = [one for one in found.inputs if not one.is_made_up]
    if told:
        one = told[0]
        place = f" at {dotted(one.pointer)}" if one.pointer else ""
        left, right = _sides(one.left, one.right)
        return f"the paths are the same; the inputs differ{place}: A {left}, B {right}"
    return "the paths are the same, and nothing that was compared took much longer"


class ToldContrast(Struct, frozen=True, gc=False):
    """A sentence on what is different, and the event of each execution that shows it; None where none does."""

    text: str
    left_event: int | None = None
    right_event: int | None = None


def contrast_sentences(found: ExecutionContrast) -> list[str]:
    """What is different, the first thing first, a line for each: without what took longer, and without the inputs."""
    return [one.text for one in told_contrasts(found)]


def told_contrasts(found: ExecutionContrast) -> list[ToldContrast]:
    """The same, each with the events to look at."""
    parting, decided = found.leading, found.deciding
    if parting is None or decided is None:
        slow = found.slower[0] if found.slower else None
        rest = found.results if slow is not None else found.results[1:]
        first = (
            ToldContrast(lead_sentence(found), slow.left_visit.last.id, slow.right_visit.last.id)
            if slow is not None
            else ToldContrast(lead_sentence(found), *(_datum_events(found.results[0]) if found.results else ()))
        )
        told = [first, *(ToldContrast(_result(one), *_datum_events(one)) for one in rest)]
    else:
        told = [ToldContrast(text, *_events(parting)) for text in (lead_sentence(found), *_why(decided, parting))]
        told += [ToldContrast(text, *_datum_events(one)) for one in decided.data for text in datum_lines(one)]
        if found.left_loop is not None:
            told += [ToldContrast(text, *_events(found.left_loop.parting)) for text in _loop_lines(found)]
    if found.has_other_definition:
        told.append(ToldContrast("they ran different definitions"))
    return told


def dataless_contrast(found: ExecutionContrast) -> ToldContrast:
    """Where the paths part, in words that quote no data."""
    if found.leading is None:
        return ToldContrast("the paths are the same")
    return ToldContrast(_plain_parting(found.leading), *_events(found.leading))


def _events(parting: Parting) -> tuple[int | None, int | None]:
    """The events of both with which a visit was left, or the last ones it has."""
    left, right = ((one.exited or one.last).id if one is not None else None for one in _visits(parting))
    return left, right


def _datum_events(datum: DecisiveDatum) -> tuple[int | None, int | None]:
    return datum.left_event, datum.right_event


def _loop_lines(found: ExecutionContrast) -> Iterator[str]:
    """How a loop was left for good, where the first parting is only that one side went round once more."""
    end = found.left_loop
    if end is None:
        return
    where, ways = named(end.parting.state), _ways(end.parting)
    counts = [f"after {counted(count, 'visit')} in {name}" for count, name in zip(end.numbers, _NAMES, strict=True)]
    values = ""
    if end.deciding.data:
        datum = end.deciding.data[0]
        left, right = _sides(datum.left, datum.right)
        values = f", when {datum.text} was {left} in A, {right} in B"
    yield f"{where} was left for good {', '.join(counts)}{values}: {ways}"


def earlier_sentences(found: ExecutionContrast) -> list[str]:
    """Where the paths parted before that, and met again."""
    return [f"{_plain_parting(one)}{_meets(one)}" for one in found.partings.before[:_MOST]]


def slower_sentences(found: ExecutionContrast) -> list[str]:
    """What took much longer, the largest gap first; not what the first sentence says already."""
    said = 1 if found.leading is None else 0
    lines = [slow_text(one) for one in found.slower[said : said + _MOST]]
    left = len(found.slower) - said - _MOST
    return [*lines, f"and {left} more"] if left > 0 else lines


def input_sentences(found: ExecutionContrast) -> list[str]:
    """Where the inputs differ; of what looks made up only where."""
    told = [one for one in found.inputs if not one.is_made_up]
    lines = []
    for one in told[:_MOST]:
        left, right = _sides(one.left, one.right)
        lines.append(f"{one.pointer or 'all of it'}: A {left}, B {right}")
    if len(told) > _MOST:
        lines.append(f"and {len(told) - _MOST} more")
    folded = [one.pointer or "all of it" for one in found.inputs if one.is_made_up]
    if folded:
        more = f" and {len(folded) - _MOST} more" if len(folded) > _MOST else ""
        lines.append(f"like ids, times and tokens: {', '.join(folded[:_MOST])}{more}")
    return lines


def contrast_blocks(found: ExecutionContrast) -> list[tuple[str, list[str]]]:
    """All of it: a heading and its lines, the most important first; headings without lines are left out."""
    blocks = [
        ("what is different", contrast_sentences(found)),
        ("before that, their paths parted and met again", earlier_sentences(found)),
        ("what took much longer", slower_sentences(found)),
        (INPUTS_HEADING, input_sentences(found)),
        ("not known", unknown_sentences(found)),
    ]
    return [(heading, [escaped(line) for line in lines]) for heading, lines in blocks if lines]


def unknown_sentences(found: ExecutionContrast) -> list[str]:
    """What could not be compared, so that nobody takes silence for equality."""
    lines = []
    for name, run in zip(_NAMES, (found.left, found.right), strict=True):
        if run.replay is None:
            lines.append(f"{name}: {run.why_not_replayed}: what its states did with their data is not known")
        elif run.replay.divergence is not None:
            event = run.replay.divergence.event_id
            lines.append(f"{name}: what its definition computes leaves the recording at event {event}")
        lines += [f"{name} {gap}" for gap in gaps_of(run.recording)]
    return lines


def contrast_text(found: ExecutionContrast) -> list[str]:
    """The text of `sfdebug diff`, without the list of all differences."""
    lines: list[str] = []
    for heading, block in contrast_blocks(found):
        lines += ["", f"{heading}:", *(f"  {line}" for line in block)]
    return lines[1:]


def contrast_dict(found: ExecutionContrast) -> dict[str, Json]:
    """The same as an object: what is said in words, and where it is."""
    parting = found.leading
    return {
        "sentence": lead_sentence(found),
        "parting": _parting_dict(parting) if parting is not None else None,
        "deciding": _deciding_dict(found.deciding) if found.deciding is not None else None,
        "before": [_parting_dict(one) for one in found.partings.before],
        "slower": [
            {
                "state": one.left_visit.state,
                "branch": _branch_json(one.left_visit.branch),
                "visit": one.number,
                "a": one.left,
                "b": one.right,
            }
            for one in found.slower
        ],
        "inputs": [
            {"pointer": one.pointer, **_ab(one.left, one.right), "looksMadeUp": one.is_made_up} for one in found.inputs
        ],
        "results": [_datum_dict(one) for one in found.results],
        "otherDefinition": found.has_other_definition,
        "leftLoop": _loop_dict(found.left_loop) if found.left_loop is not None else None,
    }


def _loop_dict(end: DecidedLoopEnd) -> dict[str, Json]:
    return {
        **_parting_dict(end.parting),
        "visitsA": end.numbers[0],
        "visitsB": end.numbers[1],
        "deciding": _deciding_dict(end.deciding),
    }


def _parting_dict(parting: Parting) -> dict[str, Json]:
    left, right = parting.left, parting.right
    return {
        "kind": str(parting.kind),
        "state": parting.state,
        "branch": _branch_json(parting.branch),
        "visit": parting.number,
        "statusA": left.status if left is not None else None,
        "statusB": right.status if right is not None else None,
        "nextA": parting.left_next,
        "nextB": parting.right_next,
        "eventA": _events(parting)[0],
        "eventB": _events(parting)[1],
        "meetsAt": parting.meets_at,
    }


def _deciding_dict(decided: Deciding) -> dict[str, Json]:
    faults: list[Json] = [
        None
        if fault is None
        else {"error": fault.error, "cause": fault.cause, "event": fault.event, "started": fault.started}
        for fault in decided.faults
    ]
    return {
        "kind": str(decided.kind),
        "rule": decided.rule,
        "whyA": decided.whys[0],
        "whyB": decided.whys[1],
        "field": decided.field,
        "errorA": faults[0],
        "errorB": faults[1],
        "call": str(decided.call),
        "madeUp": [*decided.made_up],
        "data": [_datum_dict(datum) for datum in decided.data],
    }


def _datum_dict(datum: DecisiveDatum) -> dict[str, Json]:
    return {
        "text": datum.text,
        **_ab(datum.left, datum.right),
        "source": str(datum.source),
        "state": datum.state,
        "branch": _branch_json(datum.branch),
        "pointer": datum.pointer,
        "eventA": datum.left_event,
        "eventB": datum.right_event,
        "call": str(datum.call),
        "madeUp": [*datum.made_up],
        "sources": [_datum_dict(one) for one in datum.sources],
    }


def _branch_json(branch: BranchId) -> list[Json]:
    return [[name, index] for name, index in branch]


def _ab(left: Value, right: Value) -> dict[str, Json]:
    """Two values; one that is not there is left out."""
    sides = (("a", left), ("b", right))
    return {name: value_json(value) for name, value in sides if is_present(value)}


# a parting


def _parting(parting: Parting, decided: Deciding) -> str:
    where = _where(parting)
    if parting.kind is PartingKind.FAILED or (parting.kind is PartingKind.NEXT and any(decided.faults)):
        return _failed(parting, decided, where)
    if parting.kind is PartingKind.STOPPED:
        return _stopped(parting, where)
    if parting.kind is PartingKind.ITEMS:
        return f"{where} had {_count(decided.counts[0])} in A, {_count(decided.counts[1])} in B"
    if parting.kind in (PartingKind.ATTEMPTS, PartingKind.REDRIVEN):
        return _tried(parting, decided, where)
    if decided.kind is DecidingKind.RULE and len(decided.data) >= 1:
        datum = decided.data[0]
        left, right = _sides(datum.left, datum.right)
        values = f"{datum.text} was {left} in A, {right} in B"
        return f"at {where}, {values}: {_ways(parting)}"
    return _plain_parting(parting)


def _plain_parting(parting: Parting) -> str:
    where = _where(parting)
    if parting.kind is PartingKind.START:
        left, right = (named(one.state) if one is not None else "nothing" for one in (parting.left, parting.right))
        return f"A begins with {left}, B with {right}{_in(parting.branch)}"
    if parting.kind is PartingKind.FAILED:
        sides = [_status(one) for one in (parting.left, parting.right)]
        return f"{where} {sides[0]} in A, {sides[1]} in B"
    if parting.kind is PartingKind.STOPPED:
        return _stopped(parting, where)
    if parting.kind is PartingKind.ITEMS:
        return f"{where} had another number of items"
    if parting.kind in (PartingKind.ATTEMPTS, PartingKind.REDRIVEN):
        counts = [counted(len(one.attempts), "attempt") if one is not None else "none" for one in _visits(parting)]
        return f"{where} took {counts[0]} in A, {counts[1]} in B"
    return f"after {where}, {_ways(parting)}"


def _ways(parting: Parting) -> str:
    left, right = (f"went on to {named(name)}" if name else "ended" for name in (parting.left_next, parting.right_next))
    return f"A {left}, B {right}"


def _meets(parting: Parting) -> str:
    if not parting.meets_at or parting.left_next == parting.right_next:
        return ""
    return f", and they meet again at {named(parting.meets_at)}"


def _failed(parting: Parting, decided: Deciding, where: str) -> str:
    faults = decided.faults
    if faults[0] is not None and faults[1] is not None:
        return f"{where} failed in both: in A with {fault_text(faults[0])}, in B with {fault_text(faults[1])}"
    failing = _failing_side(parting, decided)
    fault = faults[failing]
    other = _visits(parting)[1 - failing]
    if decided.kind is DecidingKind.RULE and decided.data and fault is not None:
        return _no_match(parting, decided, where, failing)
    if decided.kind is DecidingKind.EXPRESSION and decided.data and fault is not None:
        return _missing(decided, where, failing, fault)
    mine, theirs = _NAMES[failing], _NAMES[1 - failing]
    what = f"{where} failed in {mine} with {fault_text(fault)}" if fault is not None else f"{where} failed in {mine}"
    taken = (parting.left_next, parting.right_next)[failing]
    caught = f", and went on to {named(taken)}" if taken else ""
    if other is None:
        return f"{what}{caught}; {theirs} has no such iteration{_counts(decided)}"
    return f"{what}{caught}; in {theirs} it {_status(other)}"


def _failing_side(parting: Parting, decided: Deciding) -> int:
    """The side that failed: by its error, or where none is known, by how its visit ended."""
    if any(decided.faults):
        return 0 if decided.faults[0] is not None else 1
    statuses = [visit.status if visit is not None else "" for visit in _visits(parting)]
    return 0 if statuses[0] in ("failed", "caught") or statuses[1] not in ("failed", "caught") else 1


def _no_match(parting: Parting, decided: Deciding, where: str, failing: int) -> str:
    """A Choice without a Default of which no rule matched."""
    fault = decided.faults[failing]
    name = fault.error if fault is not None and fault.error else "an error without a name"
    datum = decided.data[0]
    left, right = _sides(datum.left, datum.right)
    taken = (parting.left_next, parting.right_next)[1 - failing]
    return (
        f"at {where}, {datum.text} was {left} in A, {right} in B: in {_NAMES[failing]} no rule matched, and it failed "
        f"with {name}; {_NAMES[1 - failing]} went on to {named(taken)}"
    )


def _missing(decided: Deciding, where: str, failing: int, fault: RecordedFault) -> str:
    """A field that could not be evaluated, by the first value that it read and that the other has otherwise."""
    datum = decided.data[0]
    values = _sides(datum.left, datum.right)
    mine, theirs = _NAMES[failing], _NAMES[1 - failing]
    is_gone = not is_present((datum.left, datum.right)[failing])
    what = f"{datum.text} is {values[failing]} in {mine}, {values[1 - failing]} in {theirs}"
    name = fault.error or "an error without a name"
    if is_gone:
        return f"{where} failed in {mine} with {name}: {what}"
    reads = f"it reads {datum.text}, which is {values[failing]} in {mine}, {values[1 - failing]} in {theirs}"
    return f"{where} failed in {mine} with {name}: {reads}"


def _counts(decided: Deciding) -> str:
    if None in decided.counts:
        return ""
    return f": A had {_count(decided.counts[0])}, B {_count(decided.counts[1])}"


def _stopped(parting: Parting, where: str) -> str:
    words = []
    for name, visit in zip(_NAMES, _visits(parting), strict=True):
        took = duration_text(visit.milliseconds) if visit is not None else ""
        is_cut = visit is not None and visit.exited is None
        words.append(f"{name} was cut short in it after {took}" if is_cut else f"{name} left it after {took}")
    return f"{where}: {', '.join(words)}"


def _tried(parting: Parting, decided: Deciding, where: str) -> str:
    left, right = _visits(parting)
    side = 0 if left is not None and right is not None and len(left.attempts) >= len(right.attempts) else 1
    visit = (left, right)[side]
    fault = decided.faults[side]
    errors = f", after {fault_text(fault)}" if fault is not None else ""
    count = counted(len(visit.attempts), "attempt") if visit is not None else ""
    other = (left, right)[1 - side]
    others = f"{len(other.attempts)}" if other is not None else "none"
    if parting.kind is PartingKind.REDRIVEN:
        error = f" with {fault_text(fault)}" if fault is not None else ""
        mine, theirs = _NAMES[side], _NAMES[1 - side]
        return f"{where} failed in {mine}{error}, and went on after a redrive; in {theirs} it {_status(other)} without"
    return f"{where} took {count} in {_NAMES[side]}{errors}; {others} in {_NAMES[1 - side]}"


def _visits(parting: Parting) -> tuple[RecordedVisit | None, RecordedVisit | None]:
    return parting.left, parting.right


def _status(visit: RecordedVisit | None) -> str:
    if visit is None:
        return "was not entered"
    if visit.status == "caught":
        return "failed and was caught"
    if visit.status == "succeeded" and len(visit.attempts) > 1:
        return f"succeeded at attempt {len(visit.attempts)}"
    return {"succeeded": "succeeded", "failed": "failed", "aborted": "was cut short"}.get(visit.status, "did not end")


def fault_text(fault: RecordedFault) -> str:
    """An error and its cause: `Refused (card declined)`."""
    cause = _of_started(fault) or told_cause(cause_text(fault.cause))
    cause = cause if len(cause) <= _CAUSE else f"{cause[: _CAUSE - 1]}…"
    name = fault.error or "an error without a name"
    return f"{name} ({cause})" if cause else name


def _of_started(fault: RecordedFault) -> str:
    """What the execution failed with that a Task started, where the cause describes it: `Negative: n is -1`."""
    found = parse_payload(fault.cause) if fault.started and fault.cause.startswith("{") else MISSING
    if not isinstance(found, dict) or "Status" not in found:
        return ""
    said = [str(found[name]) for name in ("Error", "Cause") if found.get(name)]
    return f"the execution that it started {found['Status']}" + (f": {': '.join(said)}" if said else "")


# why


def _why(decided: Deciding, parting: Parting) -> Iterator[str]:
    for fault in decided.faults:
        if fault is not None and fault.started:
            yield f"what it started: {fault.started}"
    if decided.field:
        yield f"its {decided.field} could not be evaluated"
    if decided.kind is DecidingKind.RULE:
        yield f"rule {(decided.rule or 0) + 1}: in A {decided.whys[0]}; in B {decided.whys[1]}"
    elif decided.kind is DecidingKind.DEFINITION and any(decided.whys):
        yield f"rule {(decided.rule or 0) + 1} is written otherwise: in A {decided.whys[0]}; in B {decided.whys[1]}"
    elif decided.kind is DecidingKind.DEFINITION:
        yield "no data decided it: the definitions say otherwise here"
    elif decided.kind is DecidingKind.RECORDED:
        yield "without the definition it is not known what decided it" + (
            "; it was given other data:" if decided.data else ""
        )
    elif decided.kind is DecidingKind.ERROR and None not in decided.counts:
        if decided.data:
            yield "it was given another list:"
    elif decided.kind in (DecidingKind.ERROR, DecidingKind.TIME):
        how = "called with" if parting.any.type == "Task" else "given"
        yield from _call_text("it", decided.call, decided.made_up, is_other=bool(decided.data), how=how)


def _call_text(
    what: str, call: CallContrast, made_up: tuple[str, ...], *, is_other: bool, how: str = "called with"
) -> Iterator[str]:
    if is_other:
        yield f"{what} was {how} other data:"
    elif call is CallContrast.SAME:
        yield f"{what} was {how} the same in both"
    elif call is CallContrast.MADE_UP:
        more = f" and {len(made_up) - _MOST_NAMED} more" if len(made_up) > _MOST_NAMED else ""
        names = ", ".join(escaped(pointer or "all of it") for pointer in made_up[:_MOST_NAMED])
        yield f"{what} was {how} the same in both, but for {names}{more}: like an id, a time or a token"
    else:
        yield f"what {what} was {how} was not recorded in both"


def datum_lines(datum: DecisiveDatum, depth: int = 1) -> list[str]:
    """A datum, and what it was made of: `  $.total: A 1200, B 90, from the result of Quote at /total`."""
    space = "  " * depth
    left, right = _sides(datum.left, datum.right)
    text = f"{space}{datum.text}: A {left}, B {right}{_from(datum)}"
    lines = [text]
    if datum.source is DatumSource.RESULT:
        call = _call_text(named(datum.state), datum.call, datum.made_up, is_other=bool(datum.sources))
        lines += [f"{space}  {line}" for line in call]
    for source in datum.sources:
        lines += datum_lines(source, depth + (2 if datum.source is DatumSource.RESULT else 1))
    return lines


def _from(datum: DecisiveDatum) -> str:
    at = f" at {datum.pointer}" if datum.pointer else ""
    state = f"{named(datum.state)}{_in(datum.branch)}"
    if datum.source is DatumSource.INPUT:
        return f", from the input{at}"
    if datum.source is DatumSource.RESULT:
        return f", from the result of {state}{at}"
    if datum.source is DatumSource.DATASET:
        return f", from what the ItemReader of {state} read{at}"
    if datum.source is DatumSource.ERROR:
        return f", from the error of {state}"
    if datum.source is DatumSource.CONTEXT:
        return ", from the Context object or the clock"
    if datum.source is DatumSource.DEFINITION:
        return f", as the definitions have it in {state}"
    if datum.source is DatumSource.COMPUTED:
        return f", computed in {state}" if datum.state else ", computed by the expression"
    if datum.source is DatumSource.WAYS:
        return f"; in A {datum.writers[0]}, in B {datum.writers[1]}"
    if datum.source is DatumSource.LOST:
        return f", which {state} made of what is alike" if datum.state else ""
    there = f"the result of {state}{at}" if datum.state else f"the input{at}"
    return f"; the same two stand in {there}" if is_present(datum.left_there) or is_present(datum.right_there) else ""


def _result(datum: DecisiveDatum) -> str:
    at = f" at {datum.pointer}" if datum.pointer else ""
    left, right = _sides(datum.left, datum.right)
    return f"{named(datum.state)}{_in(datum.branch)} gave {left} in A, {right} in B{at}"


def slow_text(one: DurationContrast) -> str:
    """`Charge took 58 s in A, 2 s in B`."""
    visit = one.left_visit
    nth = f", visit {one.number}," if one.number > 1 else ""
    name = f"{named(visit.state)}{_in(visit.branch)}{nth}"
    return f"{name} took {duration_text(one.left)} in A, {duration_text(one.right)} in B"


# small


def _where(parting: Parting) -> str:
    nth = f", visit {parting.number}" if parting.number > 1 else ""
    return f"{named(parting.state)}{_in(parting.branch)}{nth}"


def _in(branch: BranchId) -> str:
    return " in " + ", ".join(f"{name} #{index}" for name, index in branch) if branch else ""


def _count(count: int | None) -> str:
    return "an unknown number of items" if count is None else counted(count, "item")


def _sides(left: Value, right: Value) -> tuple[str, str]:
    """Two values in few words: of lists that are long or of other lengths, how many items they have."""
    if isinstance(left, list) and isinstance(right, list) and len(left) != len(right):
        return counted(len(left), "item"), counted(len(right), "item")
    if is_present(left) and is_present(right):
        mine, theirs = shown_pair(left, right, _WIDTH)
        return escaped(mine), escaped(theirs)
    words = ("missing" if value is MISSING else escaped(shown(value, _WIDTH)) for value in (left, right))
    return next(words), next(words)
