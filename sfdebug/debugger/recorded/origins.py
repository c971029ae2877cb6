"""Where the value of each stage of a recorded visit comes from: AWS's recording, the engine, or both, and do they
agree."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.view.model import StageLine
from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.visit import StageName
from sfdebug.history.leaves import leaves
from sfdebug.history.replay.explain import shown
from sfdebug.json_pointer import keys_in
from sfdebug.values import Value, compact, is_present, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.recorded.main_line import RecordedTimeline
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.recording import RecordedEvent
    from sfdebug.history.replay.event_comparison import Difference

    Path = tuple[str | int, ...]


class Origin(StrEnum):
    """Where a value comes from."""

    COMPUTED = "computed"
    RECORDED = "recorded"
    BOTH = "computed, as recorded"
    DIFFERS = "computed, recorded otherwise"
    UNKNOWN = "not recorded"


_CALL: Final = (StageName.PARAMETERS, StageName.ARGUMENTS)
_WORK: Final = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)


def marked_on(timeline: Timeline, lines: tuple[StageLine, ...], visit: Visit | None) -> tuple[StageLine, ...]:
    """The lines of a visit with their origins, as far as they are done; as they are on no recording."""
    from sfdebug.debugger.recorded.main_line import recorded_line

    record = recorded_line(timeline)
    return marked(lines, visit, record, timeline.fork) if record is not None else lines


def marked(
    lines: Sequence[StageLine], visit: Visit | None, record: RecordedTimeline, fork: Fork
) -> tuple[StageLine, ...]:
    """The lines with their origins, as far as they are done."""
    if visit is None:
        return tuple(lines)
    recorded = record.visit_of(visit, fork)
    return tuple(line if line.is_pending else _marked(line, recorded, record) for line in lines)


def _marked(line: StageLine, visit: RecordedVisit | None, record: RecordedTimeline) -> StageLine:
    stage = line.stage
    assert stage is not None
    if stage.provenance is Provenance.RECORDED:
        is_known = is_present(stage.after) or stage.fault is not None or line.name in _WORK
        return replace(line, origin=Origin.RECORDED if is_known else Origin.UNKNOWN)
    if stage.provenance is not Provenance.COMPUTED:
        return replace(line, origin=str(stage.provenance))
    event, field = _event_of(line, visit) if visit is not None else (None, "")
    if event is None or field not in event.details or event.is_truncated(field):
        return replace(line, origin=Origin.COMPUTED)
    return _compared(line, event, field, record)


def _event_of(line: StageLine, visit: RecordedVisit) -> tuple[RecordedEvent | None, str]:
    """The recorded event, and its field, that holds what the stage gave."""
    if line.name is StageName.INPUT:
        return visit.entered, "input"
    if line.name is StageName.OUTPUT:
        return visit.exited, "output"
    if line.name is StageName.ASSIGN:
        return visit.exited, "assignedVariables"
    if line.name in _CALL and visit.attempts:
        event = visit.attempts[0].began
        return event, "parameters" if "parameters" in event.details else "input"
    return None, ""


def _compared(line: StageLine, event: RecordedEvent, field: str, record: RecordedTimeline) -> StageLine:
    if record.is_accepted(event, field):
        return replace(line, origin=Origin.RECORDED)
    found = record.differences_at(event, field)
    recorded = event.assigned if field == "assignedVariables" else event.payload(field)
    computed = line.after
    is_alike = is_present(recorded) and is_present(computed) and same(recorded, computed)
    if found or (is_present(recorded) and not is_alike):
        if line.name is StageName.INPUT and is_alike:
            # The state was given its recorded input, so that one difference does not hide the others.
            return replace(line, origin=Origin.RECORDED, explanations=_explanations(found))
        return replace(
            line, origin=Origin.DIFFERS, explanations=_explanations(found), recorded=recorded,
            places=_notes(recorded, line.after),
        )  # fmt: skip
    return replace(line, origin=Origin.BOTH)


def _explanations(found: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.explanation for one in found if one.explanation))


def _notes(recorded: Value, computed: Value) -> Mapping[Path, str]:
    """What stands beside each place of the computed value that was recorded otherwise."""
    notes: dict[Path, str] = {}
    for leaf in leaves(recorded, computed):
        text = "not recorded" if not is_present(leaf.recorded) else f"recorded {shown(leaf.recorded)}"
        path = keys_in(computed, leaf.pointer)
        if is_present(leaf.computed):
            notes[path] = text
        else:
            name = leaf.pointer.rsplit("/", 1)[-1]
            notes[path[:-1]] = f"recorded {name} {compact(leaf.recorded)[:60] if is_present(leaf.recorded) else ''}"
    return notes
