"""What is measured, as figures: with a unit, what they are built for, a baseline of the same run, and earlier runs.

A figure's cost is its ratio to a baseline of the same run, which says more about the program than seconds do: those say
as much about the machine. Costs are kept in `bench/history.jsonl`, so that a slowdown is seen.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

HISTORY: Final = Path(__file__).with_name("history.jsonl")
_COMPARED: Final = 5
"""How many earlier runs a figure is compared with: with their median."""
_SLOWER: Final = 1.25
"""From this ratio to earlier runs on, a figure is pointed at: below it, the machine may be to blame."""


class Unit(StrEnum):
    """What a figure counts."""

    MICROSECONDS = "µs"
    MILLISECONDS = "ms"
    PER_SECOND = "/s"
    KILOBYTES = "KB"
    MEGABYTES = "MB"
    TIMES = "×"
    """So many times its baseline."""
    COUNT = ""


_SCALES: Final = {Unit.MICROSECONDS: 1e6, Unit.MILLISECONDS: 1e3, Unit.KILOBYTES: 1 / 1024, Unit.MEGABYTES: 1 / 2**20}
_DIGITS: Final = {Unit.MICROSECONDS: 1, Unit.KILOBYTES: 1, Unit.MEGABYTES: 1, Unit.TIMES: 1}


class Figure(Struct, frozen=True):
    """One figure. `measured` and `built_for` are seconds, bytes, a rate or a ratio, as the unit says.

    `baseline` is what the same run took for something that never changes, in seconds: 0 where nothing compares.
    """

    key: str
    what: str
    unit: Unit
    measured: float
    built_for: float | None = None
    baseline: float = 0.0

    @property
    def cost(self) -> float:
        """What is compared with earlier runs; the more, the worse."""
        seconds = 1 / self.measured if self.unit is Unit.PER_SECOND else self.measured
        return seconds / self.baseline if self.baseline else seconds

    @property
    def is_met(self) -> bool | None:
        """Whether it is what it is built for; None when nothing is said of that."""
        if self.built_for is None:
            return None
        is_rate = self.unit is Unit.PER_SECOND
        return self.measured >= self.built_for if is_rate else self.measured <= self.built_for

    def text(self, number: float | None) -> str:
        """A number in its unit; nothing for none."""
        if number is None:
            return ""
        scaled = number * _SCALES.get(self.unit, 1)
        space = "" if self.unit in (Unit.TIMES, Unit.PER_SECOND, Unit.COUNT) else " "
        return f"{scaled:,.{_DIGITS.get(self.unit, 0)}f}{space}{self.unit}"


class Run(Struct, frozen=True):
    """One earlier run: when, of which commit, on what, and the costs by the figures' keys."""

    date: str
    commit: str
    python: str
    machine: str
    costs: dict[str, float]


def table(figures: Sequence[Figure], before: Sequence[Run] = ()) -> str:
    """The figures in columns, below a heading."""
    rows = [("what", "measured", "built for", "", "baselines", "to earlier runs")]
    rows += [_row(figure, before) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for what, *others in rows:
        cells = [f"{what:<{widths[0]}}", *(f"{text:>{width}}" for text, width in zip(others, widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _row(figure: Figure, before: Sequence[Run]) -> tuple[str, str, str, str, str, str]:
    sign = {None: "", True: "✓", False: "✗"}[figure.is_met]
    ratio = f"{figure.cost:,.1f}" if figure.baseline and figure.unit is not Unit.TIMES else ""
    built_for = figure.text(figure.built_for)
    change = to_earlier(figure, before)
    said = "" if change is None else f"{change:.2f}" + (" slower" if change >= _SLOWER else "")
    return figure.what, figure.text(figure.measured), built_for, sign, ratio, said


def to_earlier(figure: Figure, before: Sequence[Run]) -> float | None:
    """The cost in units of what it was in the last runs; None for a figure that is new."""
    known = [run.costs[figure.key] for run in before if run.costs.get(figure.key)]
    return figure.cost / statistics.median(known[-_COMPARED:]) if known else None


def earlier(history: Path = HISTORY) -> list[Run]:
    """The runs that are kept of this Python on this kind of machine."""
    if not history.exists():
        return []
    runs = [Run(**json.loads(line)) for line in history.read_text(encoding="utf-8").splitlines() if line]
    return [run for run in runs if (run.python, run.machine) == (_python(), platform.machine())]


def keep(figures: Iterable[Figure], history: Path = HISTORY) -> None:
    """Write the costs of this run behind those of the earlier ones."""
    costs = {figure.key: float(f"{figure.cost:.4g}") for figure in figures}
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    run = Run(now, _commit(), _python(), platform.machine(), costs)
    text = json.dumps({name: getattr(run, name) for name in Run.__struct_fields__})
    with history.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _commit() -> str:
    """The commit that is measured, with a + where files differ from it; nothing outside of a repository."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=8"]
    try:
        done = subprocess.run(command, cwd=HISTORY.parent, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
