"""Two runs beside one another, for a page: the pairs of visits that differ, and the first difference, named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.timeline_comparison import Contrast, ContrastField, compare_forks
from sfdebug.errors import SfdebugError
from sfdebug.history.reading.read import parse_recordings
from sfdebug.page.model import PageComparison, PageContrast, PagePair, PageSentence
from sfdebug.reports.contrasts import dataless_contrast, told_contrasts
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.timeline_comparison import TimelineComparison, VisitPair
    from sfdebug.page.values import ValueTable


def compared(left: Debugger, right: Debugger, values: ValueTable, *, redact: bool) -> PageComparison:
    """The forks in view of two debuggers, compared visit by visit, and what decided that they differ; with `redact` in
    words that quote no data."""
    mine, theirs = left.timeline, right.timeline
    found = compare_forks(theirs, mine.current.id, theirs.current.id, mine)
    pairs = tuple(_pair(pair, values) for pair in found.pairs)
    end = tuple(_contrast(one, values) for one in found.end)
    return PageComparison(tuple(_told(left, right, redact=redact)), _first(found), pairs, end)


def _told(left: Debugger, right: Debugger, *, redact: bool) -> Iterator[PageSentence]:
    """What decided, in the words of `sfdebug diff`; nothing where that cannot be found out."""
    try:
        found = contrast(_recorded(left), _recorded(right))
    except SfdebugError:
        return  # one of them has come to no state: its visits are compared all the same
    for one in [dataless_contrast(found)] if redact else told_contrasts(found):
        yield PageSentence(one.text, one.left_event or 0, one.right_event or 0)


def _recorded(debugger: Debugger) -> RecordedSession:
    """A run as a recording: what has been computed is read as if AWS had done it. Raises SfdebugError."""
    run = debugger.recorded
    if run is not None and debugger.timeline.is_on_recording:
        return run
    last = debugger.timeline.nodes[-1].execution
    (recording,) = parse_recordings(json.dumps({"events": last.history}).encode(), debugger.machine.name)
    return open_recording(recording, debugger.machine)


def _pair(pair: VisitPair, values: ValueTable) -> PagePair:
    return PagePair(
        pair.left.number if pair.left is not None else 0,
        pair.right.number if pair.right is not None else 0,
        tuple(_contrast(one, values) for one in pair.contrasts),
    )


def _contrast(one: Contrast, values: ValueTable) -> PageContrast:
    return PageContrast(one.field.value, one.pointer, values.add(one.left), values.add(one.right), one.is_path)


def _first(found: TimelineComparison) -> str:
    """The first difference, by the state, what of it differs and where; without the data, which stand beside it."""
    for pair in found.pairs:
        if not pair.contrasts:
            continue
        name, one = pair.any.state.name, pair.contrasts[0]
        if one.field is ContrastField.VISIT:
            side = "A" if is_present(one.left) else "B"
            return f"The first difference: only {side} enters {name}"
        where = f" at {one.pointer}" if one.pointer else ""
        return f"The first difference: the {one.field.value} of {name}{where}"
    if found.end:
        return f"The visits are alike in what was compared; the {found.end[0].field.value} at the end differs"
    return "No difference was found in what was compared: states, inputs, calls, results, errors, variables, outputs"
