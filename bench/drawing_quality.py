"""How good drawings are: names and labels cut, size, crossings beside dot's, bends and detours, and the time they take.

    python -m bench.drawing_quality [FOLDER ...] [--dot] [--worst]

Draws every workflow of the folders, and 200 generated machines of many shapes, in a terminal of 120 columns, reads
each drawing back from its signs in all styles and widths, and prints a table in Markdown. `docs/drawing.md` has it.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import process_time
from typing import Final

from msgspec import Struct

from sfdebug.asl.definition import Scope, StateMachine
from sfdebug.asl.load import load_definition
from sfdebug.drawing import Zoom, build, containers
from sfdebug.drawing.painting.paint import paint
from sfdebug.errors import SfdebugError
from tests.graph_checks import declared, faults
from tests.graph_dot import dot_crossings, our_crossings
from tests.graph_machines import machine, shaped
from tests.graph_measures import Measures, measures
from tests.graph_tracer import misread

SHAPED: Final = 200
COLUMNS: Final = 118
"""What a terminal of 120 columns leaves for a drawing."""

_WIDTHS: Final = (58, 78, COLUMNS, 198)


class Drawn(Struct):
    """What came of one machine."""

    name: str
    states: int
    measures: Measures
    crossings: int
    dot: int
    seconds: float
    wrong: list[str]


def workflows(folders: Iterable[Path]) -> list[tuple[str, StateMachine]]:
    """The definitions in these folders that can be read."""
    found = []
    for path in sorted(each for folder in folders for each in folder.rglob("*.json")):
        try:
            found.append((path.stem, load_definition(str(path))))
        except SfdebugError:
            continue
    return found


def look_at(name: str, definition: StateMachine, *, with_dot: bool, is_read: bool) -> Drawn:
    """Draw a machine, measure the drawing, and read it back."""
    begun = process_time()
    layout = build(definition, max_width=COLUMNS)
    canvas = paint(layout)
    for row in range(min(50, canvas.height)):
        canvas.row(row)
    seconds = process_time() - begun
    wrong = misreadings(definition) if is_read else []
    dot = sum(map(dot_crossings, scopes(definition.scope))) if with_dot else 0
    states = sum(1 for _ in definition.walk())
    return Drawn(name, states, measures(definition, layout), our_crossings(layout), dot, seconds, wrong)


def scopes(scope: Scope) -> list[Scope]:
    """A scope and all inside it."""
    inner = [branch for state in scope.states.values() for branch in state.branches]
    return [scope, *(each for branch in inner for each in scopes(branch))]


def misreadings(definition: StateMachine) -> list[str]:
    """Where drawings of all styles and widths do not say what the definition does."""
    found = []
    shut = containers(definition)
    for zoom in Zoom:
        for width in _WIDTHS:
            for collapsed in (frozenset(), shut) if shut else (frozenset(),):
                layout = build(definition, collapsed=frozenset(collapsed), max_width=width, zoom=zoom)
                found += [f"{zoom} {width}: {fault}" for fault in faults(layout)]
                for ascii in (False, True):
                    canvas = paint(layout, ascii=ascii)
                    found += [
                        f"{zoom} {width} {ascii}: {each}" for each in misread(canvas, declared(definition, layout))
                    ]
    return found


def table(title: str, drawn: Sequence[Drawn], *, with_dot: bool) -> list[str]:
    """The sums, one row for each measure."""
    states = sum(each.states for each in drawn)
    edges = sum(each.measures.edges for each in drawn)
    labels = sum(each.measures.labels for each in drawn)
    times = sorted(each.seconds * 1e3 for each in drawn)
    slow = f"{times[len(times) // 2]:.1f}, {share(times, 0.95):.1f}, {times[-1]:.1f}"
    widths = sorted(each.measures.width for each in drawn)
    heights = sorted(each.measures.height for each in drawn)

    def total(name: str) -> int:
        return sum(getattr(each.measures, name) for each in drawn)

    crossings = f"{sum(each.crossings for each in drawn)}"
    if with_dot:
        crossings += f" (dot {sum(each.dot for each in drawn)})"
    return [
        f"| {title} | {len(drawn)} machines, {states} states |",
        "|---|---|",
        f"| names cut | {total('names_cut')} of {states} |",
        f"| labels cut | {total('labels_cut')} of {labels} |",
        f"| wider than {COLUMNS} columns | {sum(width > COLUMNS for width in widths)} |",
        f"| width, median, 90 %, most | {middle(widths)} |",
        f"| height, median, 90 %, most | {middle(heights)} |",
        f"| rows in all | {sum(heights)} |",
        f"| crossings | {crossings} |",
        f"| bends per edge | {total('bends') / edges:.2f} |",
        f"| cells of detour per edge | {total('detour') / edges:.2f} |",
        f"| milliseconds, median, 95 %, most | {slow} |",
        f"| drawings misread | {sum(bool(each.wrong) for each in drawn)} |",
        "",
    ]


def middle(values: Sequence[int]) -> str:
    """The median, what 90 of 100 do not exceed, the most."""
    return f"{statistics.median(values):.0f}, {share(values, 0.9)}, {values[-1]}"


def share(values: Sequence[float], part: float) -> float:
    """The least of the sorted `values` that so many of them do not exceed."""
    return values[min(len(values) - 1, int(part * len(values)))]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[Path("samples")])
    parser.add_argument("--dot", action="store_true", help="measure dot as well, which takes minutes")
    parser.add_argument("--worst", action="store_true", help="name the drawings that are worst by each measure")
    parser.add_argument("--unread", action="store_true", help="do not read the drawings back")
    args = parser.parse_args()
    real = workflows(args.folders)
    made = [(f"shaped {seed}", machine(shaped(seed))) for seed in range(SHAPED)]
    for title, each in (("real", real), ("generated", made)):
        drawn = [look_at(*one, with_dot=args.dot, is_read=not args.unread) for one in each]
        print("\n".join(table(title, drawn, with_dot=args.dot)))
        for one in drawn:
            for wrong in one.wrong:
                print(f"{one.name}: {wrong}")
        if args.worst:
            print("\n".join(worst(drawn)))


def worst(drawn: Sequence[Drawn]) -> list[str]:
    """The drawings that have most of each fault."""
    found = []
    for name in ("names_cut", "labels_cut", "width", "bends", "detour"):
        most = sorted(drawn, key=lambda each: -getattr(each.measures, name))[:8]
        found.append(f"{name}: " + ", ".join(f"{each.name} {getattr(each.measures, name)}" for each in most))
    crossed = sorted((each for each in drawn if each.crossings), key=lambda each: -each.crossings)[:12]
    found.append("crossings: " + ", ".join(f"{each.name} {each.crossings} (dot {each.dot})" for each in crossed))
    slow = sorted(drawn, key=lambda each: -each.seconds)[:6]
    found.append("slow: " + ", ".join(f"{each.name} {each.seconds * 1e3:.0f} ms" for each in slow))
    return found


if __name__ == "__main__":
    main()
