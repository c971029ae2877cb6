"""What of a run is printed: the facts that somebody would hand over on paper, chosen so that no run prints a book.

It lies in the page unpacked, since nothing can be waited for once somebody prints.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sfdebug.debugger.view.json_diff import diff
from sfdebug.page.values import LEFT_OUT, NOTHING
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.debugger.view.json_diff import Change
    from sfdebug.page.model import PageComparison, PageContrast, PageFault, PageRun, PageVisit
    from sfdebug.page.values import ValueTable

_FIRST: Final = 60
_LAST: Final = 40
_FAULTY: Final = 20
"""So many visits are printed: the first, the last, and between them those with faults."""

_MOST_FAULTS: Final = 60
_MOST_KIN: Final = 60
_MOST_PAIRS: Final = 60
_MOST_CONTRASTS: Final = 6
_MOST_CHANGES: Final = 10
_MOST_COMPARED: Final = 300_000
"""Longer texts are not compared to tell what a step has changed."""

_OF_STEP: Final = 600
_OF_CHANGE: Final = 250
_OF_RUN: Final = 1500
_OF_CAUSE: Final = 300
_OF_CONTRAST: Final = 200
"""So many characters of a value are printed; how many more there are is said."""


def printed_run(run: PageRun, values: ValueTable) -> dict[str, Any]:
    """What is printed of a run."""
    steps = _Steps(run, values)
    return {
        "input": _text(values, run.input, _OF_RUN),
        "output": _text(values, run.output, _OF_RUN),
        "visits": len(run.visits),
        "steps": [steps.at(place) for place in _chosen(run)],
        "allFaults": len(run.faults),
        "allKin": len(run.kin),
        "kin": [
            [kin.name, kin.state, kin.status, kin.error, kin.took]
            for kin in sorted(run.kin, key=lambda kin: kin.status == "SUCCEEDED")[:_MOST_KIN]
        ],
        "faults": [
            [run.events[fault.event - 1].id, fault.state, fault.error, _cause(fault, values), fault.became]
            for fault in run.faults[:_MOST_FAULTS]
        ],
    }


def _chosen(run: PageRun) -> Sequence[int]:
    """The places of the visits that are printed."""
    count = len(run.visits)
    if count <= _FIRST + _LAST + _FAULTY:
        return range(count)
    faulty = {fault.visit for fault in run.faults}
    between = [at for at in range(_FIRST, count - _LAST) if run.visits[at].number in faulty]
    return [*range(_FIRST), *between[:_FAULTY], *range(count - _LAST, count)]


class _Steps:
    """The steps that are printed: data that were printed before are named, not printed again."""

    def __init__(self, run: PageRun, values: ValueTable) -> None:
        self._run = run
        self._values = values
        self._faults = {fault.visit: fault for fault in run.faults}
        self._printed = {run.input: "the input of the run"}

    def at(self, place: int) -> dict[str, Any]:
        run, visit = self._run, self._run.visits[place]
        state = run.states[visit.state]
        given = self._printed.get(visit.input) or _text(self._values, visit.input, _OF_STEP)
        gave, changes, more = self._output(visit)
        if visit.output >= 0:
            self._printed[visit.output] = f"what step {place + 1:,} gave"
        fault = self._faults.get(visit.number)
        return {
            "at": place + 1,
            "event": run.events[visit.first - 1].id if visit.first else 0,
            "state": state.name,
            "type": state.type,
            "branch": visit.branch,
            "status": visit.status,
            "begin": visit.begin,
            "took": visit.end - visit.begin,
            "attempts": visit.attempts,
            "next": visit.next,
            "input": given,
            "output": gave,
            "changes": changes,
            "more": more,
            "error": _fault_text(fault, self._values) if fault is not None else "",
        }

    def _output(self, visit: PageVisit) -> tuple[str, list[str], int]:
        """What a visit gave: in words or as a text; or else what it changed, and how many changes more there are."""
        if visit.output == visit.input:
            return ("as it came in" if visit.output >= 0 else _text(self._values, visit.output, _OF_STEP)), [], 0
        if min(visit.input, visit.output) < 0:
            return _text(self._values, visit.output, _OF_STEP), [], 0
        texts = [self._values.texts[number] for number in (visit.input, visit.output)]
        if max(map(len, texts)) <= _MOST_COMPARED and all(text.startswith("{") for text in texts):
            changes = diff(json.loads(texts[0]), json.loads(texts[1]))
            if len(changes) <= _MOST_CHANGES or len(texts[1]) > _OF_STEP:
                told = [_change_text(one) for one in changes[:_MOST_CHANGES]]
                if sum(map(len, told)) < len(texts[1]):
                    return "", told, max(0, len(changes) - _MOST_CHANGES)
        return _clipped(texts[1], _OF_STEP), [], 0


def _change_text(change: Change) -> str:
    where = change.pointer or "(everything)"
    if change.kind == "-":
        return f"− {where}"
    sign = "+" if change.kind == "+" else "~"
    after = _clipped(compact(change.after), _OF_CHANGE) if is_present(change.after) else ""
    return f"{sign} {where}: {after}"


def _fault_text(fault: PageFault, values: ValueTable) -> str:
    cause = _cause(fault, values)
    return ": ".join(filter(None, (fault.error or "an error without a name", cause)))


def _cause(fault: PageFault, values: ValueTable) -> str:
    """A cause as the text that it is, not as JSON."""
    if fault.cause < 0:
        return _text(values, fault.cause, _OF_CAUSE)
    cause = json.loads(values.texts[fault.cause])
    return _clipped(cause if isinstance(cause, str) else values.texts[fault.cause], _OF_CAUSE)


def printed_comparison(comparison: PageComparison, runs: Sequence[PageRun], values: ValueTable) -> dict[str, Any]:
    """What is printed of a comparison: the pairs that differ, and the ends."""
    differing = [pair for pair in comparison.pairs if pair.contrasts and pair.left and pair.right]
    lonely = [[pair for pair in comparison.pairs if not (pair.left, pair.right)[1 - side]] for side in (0, 1)]
    visits: list[dict[int, PageVisit]] = [{visit.number: visit for visit in run.visits} for run in runs[:2]]

    def name(side: int, number: int) -> str:
        return runs[side].states[visits[side][number].state].name if number else ""

    return {
        "pairs": [[name(0, pair.left), *_contrasts(pair.contrasts, values)] for pair in differing[:_MOST_PAIRS]],
        "only": [
            [[name(side, (pair.left, pair.right)[side]) for pair in lonely[side][:_MOST_PAIRS]], len(lonely[side])]
            for side in (0, 1)
        ],
        "differing": len(differing),
        "end": _contrasts(comparison.end, values),
    }


def _contrasts(contrasts: Sequence[PageContrast], values: ValueTable) -> tuple[list[list[str]], int]:
    """The contrasts that are printed, and how many more there are."""
    shown = [
        [
            f"{one.field} {one.pointer}".rstrip(),
            _text(values, one.left, _OF_CONTRAST) or "nothing",
            _text(values, one.right, _OF_CONTRAST) or "nothing",
        ]
        for one in contrasts[:_MOST_CONTRASTS]
    ]
    return shown, max(0, len(contrasts) - _MOST_CONTRASTS)


def _text(values: ValueTable, number: int, most: int) -> str:
    """A value as JSON text, as long as it may be; "" where there is none."""
    if number == NOTHING:
        return ""
    if number == LEFT_OUT:
        return "(left out: the page would have become too large)"
    return _clipped(values.texts[number], most)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} … and {len(text) - most:,} more characters"
