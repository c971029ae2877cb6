"""How a run lies in its page: in packed pieces that a browser unpacks when they are looked at.

Each piece is JSON, compressed (gzip, RFC 1952) and written in base64, where no character means anything in HTML. Only
the short table of contents is plain JSON, with all signs escaped that could end its element.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from sfdebug.page.model import PageComparison, PageEvent, PageRun, PageVisit
    from sfdebug.page.values import ValueTable

EVENTS_IN_PIECE: Final = 512
VISITS_IN_PIECE: Final = 128
_VALUES_CHARACTERS: Final = 400_000
"""About so much text of values is in a piece: what unpacks within the blink of an eye."""

_GZIP: Final = 31
"""zlib's sign for a gzip frame with the largest window."""

Pieces = dict[str, str]
"""What lies in the page, by the name of each piece."""

Laid = TypeVar("Laid")
Laying: TypeAlias = "Generator[None, None, Laid]"
"""One piece at a step; at the end what is to be known of all."""


def packed(value: Any) -> str:
    """A JSON value as a piece. The same value gives the same text: no time is written down."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    data = compressor.compress(msgspec.json.encode(value)) + compressor.flush()
    return base64.b64encode(data).decode("ascii")


def embedded(value: Any) -> str:
    """A JSON value as text within a `<script type="application/json">`: nothing in it ends the element, or a line."""
    text = json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")  # all else is ASCII that can be seen
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def run_pieces(number: int, run: PageRun, pieces: Pieces) -> Laying[dict[str, Any]]:
    """Lay the pieces of a run; what the table of contents says of it. `number` tells runs apart, from 0."""
    for at, piece in enumerate(_event_pieces(run.events)):
        pieces[f"e{number}-{at}"] = packed(piece)
        yield
    for at in range(0, len(run.visits), VISITS_IN_PIECE):
        some = run.visits[at : at + VISITS_IN_PIECE]
        pieces[f"v{number}-{at // VISITS_IN_PIECE}"] = packed([_visit(visit) for visit in some])
        yield
    if run.kin:
        pieces[f"k{number}"] = packed([[*msgspec.structs.astuple(kin)] for kin in run.kin])
    pieces[f"f{number}"] = packed([[*msgspec.structs.astuple(fault)] for fault in run.faults])
    return {
        "title": run.title,
        "status": run.status,
        "mode": run.mode,
        "facts": run.facts,
        "end": run.end,
        "drawing": run.drawing,
        "states": [[state.name, state.type] for state in run.states] if run.drawing == number else [],
        "parent": msgspec.structs.astuple(run.parent) if run.parent is not None else None,
        "kin": len(run.kin),
        "unshown": run.unshown,
        "taken": run.taken,
        "events": len(run.events),
        "ids": [event.id for event in run.events[::EVENTS_IN_PIECE]],
        "visits": [visit.number for visit in run.visits],
        "faults": len(run.faults),
        "faultEvents": sorted({fault.event for fault in run.faults}),
        "took": run.events[-1].time if run.events else 0,
        "input": run.input,
        "output": run.output,
    }


def _event_pieces(events: Sequence[PageEvent]) -> Iterator[dict[str, Any]]:
    """Events in pieces, each with how all states stand before its first one."""
    shown: dict[int, tuple[str, int]] = {}
    for at in range(0, len(events), EVENTS_IN_PIECE):
        before = [(place, *mark) for place, mark in shown.items()]
        rows = []
        for event in events[at : at + EVENTS_IN_PIECE]:
            rows.append(
                [
                    event.id, event.type, event.time, event.state, event.visit, event.revealed,
                    int(event.is_waiting), event.details, event.error, event.marks,
                ]
            )  # fmt: skip
            for place, status, visits in event.marks:
                shown[place] = status, visits
        yield {"before": before, "rows": rows}


def _visit(visit: PageVisit) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(visit)
    return found


def comparison_piece(comparison: PageComparison, pieces: Pieces) -> dict[str, Any]:
    """Lay the piece of a comparison; what the table of contents says of it."""
    pieces["c"] = packed(msgspec.to_builtins(comparison.pairs))
    return {
        "told": msgspec.to_builtins(comparison.told),
        "first": comparison.first,
        "pairs": len(comparison.pairs),
        "differing": [at for at, pair in enumerate(comparison.pairs) if pair.contrasts],
        "end": msgspec.to_builtins(comparison.end),
    }


def value_pieces(values: ValueTable, pieces: Pieces) -> Laying[list[int]]:
    """Lay the pieces of the values; the number of the first value in each."""
    starts: list[int] = []
    some: list[str] = []
    size = 0
    for number, text in enumerate(values.texts):
        if not some:
            starts.append(number)
        some.append(text)
        size += len(text)
        if size >= _VALUES_CHARACTERS:
            pieces[f"x{len(starts) - 1}"] = packed(some)
            some, size = [], 0
            yield
    if some:
        pieces[f"x{len(starts) - 1}"] = packed(some)
    return starts
