"""Where a run would stop at breakpoints, and what these say on the way: as text, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.debugger.wording.positions import branch_label
from sfdebug.text import escaped
from sfdebug.times import clock_text
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger, Stop
    from sfdebug.debugger.timeline.nodes import Cursor

_WIDEST: Final = 160


class StopReport(Struct, frozen=True):
    """One place at which a run would stop. `visit` is the number of the state's visit, None before one."""

    text: str
    breakpoints: tuple[str, ...]
    state: str
    branch: str
    visit: int | None
    events: int
    clock_ms: int
    values: dict[str, Json]
    place: tuple[int, int]

    @classmethod
    def of(cls, debugger: Debugger, stop: Stop) -> StopReport:
        """What there is to say where the debugger stands."""
        visible = Visible(debugger.cursor)
        here = visible.position
        shown: dict[str, Value] = {
            "data": visible.data,
            "result": visible.result,
            "error": visible.error_output,
            "variables": dict(visible.variables) or None,
        }
        values = {name: value for name, value in shown.items() if is_present(value)}
        if not visible.variables:
            values.pop("variables")
        return cls(
            text=stop.text,
            breakpoints=stop.breakpoints,
            state=here.state.name if here.state is not None else "",
            branch=branch_label(here.execution, here.focus) if here.focus else "",
            visit=here.visit.number if here.visit is not None else None,
            events=len(here.execution.events),
            clock_ms=here.execution.clock,
            values=values,
            place=place_of(debugger.cursor),
        )

    def as_dict(self) -> dict[str, Json]:
        """The entry of `stops` in `sfdebug run --json`."""
        return {
            "breakpoints": list(self.breakpoints),
            "text": self.text,
            "state": self.state or None,
            "branch": self.branch or None,
            "visit": self.visit,
            "events": self.events,
            "virtualSeconds": self.clock_ms / 1000,
            **self.values,
        }

    def lines(self, number: int) -> list[str]:
        """The stop in lines of text."""
        visit = f"visit {self.visit}, " if self.visit is not None else ""
        branch = f"{self.branch}, " if self.branch else ""
        at = f"  {branch}{visit}after event {self.events:,}, at +{clock_text(self.clock_ms)}"
        values = [f"  {name}: {_cut(compact(value))}" for name, value in self.values.items()]
        return [f"stop {number}: {escaped(self.text)}", at, *values]


class SaidReport(Struct, frozen=True):
    """What a breakpoint said in place of stopping."""

    breakpoint: str
    text: str
    events: int
    place: tuple[int, int]

    def as_dict(self) -> dict[str, Json]:
        """The entry of `messages` in `sfdebug run --json`."""
        return {"breakpoint": self.breakpoint, "text": self.text, "events": self.events}


def said_by(debugger: Debugger) -> list[SaidReport]:
    """All that was said up to where the debugger stands."""
    return [
        SaidReport(
            breakpoint_text(line.breakpoint), line.text, len(line.cursor.node.execution.events), place_of(line.cursor)
        )
        for line in debugger.breakpoints.log(debugger.timeline)
    ]


def place_of(cursor: Cursor) -> tuple[int, int]:
    """By which stops and messages are put in the order of the run."""
    return cursor.node.index, cursor.stage_offset


def stop_lines(stops: list[StopReport], said: list[SaidReport]) -> list[str]:
    """Stops and messages in the order in which a run comes to them."""
    lines: list[tuple[tuple[int, int], list[str]]] = [(report.place, [escaped(report.text)]) for report in said]
    lines += [(report.place, report.lines(number)) for number, report in enumerate(stops, start=1)]
    return [line for _, group in sorted(lines, key=lambda pair: pair[0]) for line in group]


def _cut(text: str) -> str:
    return escaped(text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…")
