"""The page as HTML: its frame, its style, its program, and the run as packed data. It asks for nothing from elsewhere.

Nothing of a run is ever read as markup: the program sets texts, the data are base64, and the policy of the page lets no
other script run and nothing be loaded. What stands in the HTML itself is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug import __version__
from sfdebug.aws.redacting import Redactor
from sfdebug.debugger import Debugger
from sfdebug.page.comparing import compared
from sfdebug.page.family import FamilyGathering, StartedRun
from sfdebug.page.gathering import Gathering, visits_within
from sfdebug.page.packing import Laying, Pieces, comparison_piece, embedded, run_pieces, value_pieces
from sfdebug.page.printing import printed_comparison, printed_run
from sfdebug.page.values import ValueTable
from sfdebug.reports.graphs import svg
from sfdebug.reports.graphs.signs import PALETTES, STATUS_SIGNS
from sfdebug.reports.graphs.svg_lines import style
from sfdebug.text import counted, escaped
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sfdebug.page.model import PageComparison, PageRun

_POLICY: Final = (
    "default-src 'none'; script-src 'sha256-{}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_PROGRAM: Final = ("data.js", "tree.js", "lists.js", "panes.js", "print.js", "page.js")
_STYLE_OF_GRAPH: Final = re.compile(r"<style>.*?</style>", re.DOTALL)
_COLOURS: Final = {
    "light": {
        "edge": "#dcdad3", "chosen": "#fdf0dc", "hover": "#f6f4ee", "mark": "#ffe08a", "string": "#1a6b3c",
        "number": "#0a5fb4",
    },
    "dark": {
        "edge": "#303845", "chosen": "#3a3020", "hover": "#242b36", "mark": "#7a5b00", "string": "#8fd3a6",
        "number": "#8ec5ff",
    },
}  # fmt: skip
"""What the page has beyond the colours of a drawing."""

_SELECTORS: Final = re.compile(r"(?:(?<=^)|(?<=\} ))[^{}\n]+(?=\{)", re.MULTILINE)
"""What stands before each rule of a drawing's style: one or more rules a line, none within another."""

_STATE_OF_GRAPH: Final = re.compile(r"""(<g class="state[^"]*" data-id=)("[^"]*"|'[^']*')""")
_OPEN_FACTS: Final = ("Started", "Took")
"""The facts of a run that say nothing of its data."""

_WHY_REDACTED: Final = "its steps are not in this page"
_UNSHOWN_REDACTED: Final = "Not all that it started is named in this page."
"""In place of reasons, which can name executions and files."""


class NamedRun(Struct, frozen=True):
    """A run for a page: the fork that is in view of a debugger, and what it is called."""

    debugger: Debugger
    title: str
    started: tuple[StartedRun, ...] | None = None
    """What a recorded run started, as it was found around it; None where nobody looked for it."""
    unshown: str = ""


def run_page(runs: Sequence[NamedRun], *, redact: bool = False) -> str:
    """The page of a run, or of two that are compared.

    Args:
        runs: One run, or two.
        redact: Leave the values of the data out: stand-ins of their shape take their place, as `sfdebug fetch --redact`
            has it, and what is told in sentences is left out, since it quotes them.
    """
    making = PageMaking(runs, redact=redact)
    for _ in making.steps():
        pass
    return making.text


class PageMaking:
    """A page that is being made, in steps, so that a screen can go on meanwhile; `text` is there when all are done, and
    `how_far` says in a word or two where it is."""

    text: str
    how_far = "0%"

    def __init__(self, runs: Sequence[NamedRun], *, redact: bool = False) -> None:
        self._runs = runs
        self._redact = redact
        self._values = ValueTable()
        self._gatherings = [
            Gathering(
                run.debugger,
                _title(run) if redact else run.title,
                self._values,
                visits_within(run.debugger.timeline.nodes[-1].execution)[()] if len(runs) == 1 else None,
            )
            for run in runs
        ]
        self._size = sum(gathering.size for gathering in self._gatherings)

    @property
    def is_in_view(self) -> bool:
        """Whether the forks that the page is of are still in view."""
        return all(gathering.is_in_view for gathering in self._gatherings)

    def steps(self) -> Iterator[None]:
        """Make it: one event or visit at a step."""
        gathered = (step for gathering in self._gatherings for step in gathering.steps())
        yield from self._counted("", self._size, gathered)
        found = [gathering.run for gathering in self._gatherings]
        comparison = None
        if len(self._runs) > 1:
            yield from self._begun("comparing")
            comparison = compared(self._runs[0].debugger, self._runs[1].debugger, self._values, redact=self._redact)
        if len(self._runs) == 1:
            named, family = self._runs[0], FamilyGathering(self._gatherings, self._values, has_names=not self._redact)
            yield from self._begun("what it started")
            yield from family.steps(0, self._gatherings[0], named.started, named.unshown)
            found = family.runs
        found = _drawn_once(found, len(self._runs))
        if self._redact:
            redactor = _redactor(self._runs)
            steps = 2 * len(self._values.texts)
            yield from self._counted("leaving the data out, ", steps, self._values.redacting(redactor))
            found = [_without_data(run, redactor) for run in found]
        yield from self._begun("packing")
        self.text = yield from _document(found, comparison, self._values, is_redacted=self._redact)

    def _begun(self, what: str) -> Iterator[None]:
        self.how_far = what
        yield

    def _counted(self, what: str, size: int, steps: Iterable[None]) -> Iterator[None]:
        for count, _ in enumerate(steps):
            self.how_far = f"{what}{min(100, 100 * count // max(1, size))}%"
            yield


def _title(run: NamedRun) -> str:
    """What a run is called without the name of its execution, which can say something of the data."""
    recorded = run.debugger.recorded
    if recorded is None:
        return Path(run.debugger.machine.name).name
    return f"an execution of {recorded.recording.facts.state_machine_name or 'a state machine'}"


def _drawn_once(runs: Sequence[PageRun], tops: int) -> list[PageRun]:
    """Runs of which those that others started stand on the drawing of the first of their machine."""
    first: dict[str, int] = {}
    found: list[PageRun] = []
    for place, run in enumerate(runs):
        owner = first.setdefault(run.machine, place)
        drawing = place if place < tops else owner
        found.append(replace(run, drawing=drawing, graph=run.graph if drawing == place else ""))
    return found


def _redactor(runs: Sequence[NamedRun]) -> Redactor:
    """What leaves data out, and keeps what the definitions name; a definition made of a recording names its data."""
    known = [
        debugger.machine.document.value
        for debugger in _debuggers(runs)
        if debugger.recorded is None or not debugger.recorded.is_reconstructed
    ]
    return Redactor(compact(known))


def _debuggers(runs: Sequence[NamedRun | StartedRun]) -> Iterator[Debugger]:
    for run in runs:
        if run.debugger is not None:
            yield run.debugger
        yield from _debuggers(run.started or ())


def _without_data(run: PageRun, redactor: Redactor) -> PageRun:
    """A run without what quotes data: sentences, causes; and without account numbers."""
    bare = redactor.without_accounts
    visits = [replace(visit, stages=tuple(replace(stage, told=()) for stage in visit.stages)) for visit in run.visits]
    return replace(
        run,
        title=bare(run.title),
        facts=tuple((heading, text) for heading, text in run.facts if heading in _OPEN_FACTS),
        end="",
        visits=visits,
        graph=bare(run.graph),
        kin=tuple(replace(kin, why=_WHY_REDACTED if kin.why else "") for kin in run.kin),
        unshown=_UNSHOWN_REDACTED if run.unshown else "",
    )


def _document(
    runs: Sequence[PageRun], comparison: PageComparison | None, values: ValueTable, *, is_redacted: bool
) -> Laying[str]:
    pieces: Pieces = {}
    laid = []
    for number, run in enumerate(runs):
        laid.append((yield from run_pieces(number, run, pieces)))
    contents: dict[str, Any] = {
        "program": f"sfdebug {__version__}",
        "redacted": is_redacted,
        "leftOut": values.left_out,
        "signs": {status: [sign.sign, sign.word] for status, sign in STATUS_SIGNS.items()},
        "runs": laid,
        "compare": comparison_piece(comparison, pieces) if comparison is not None else None,
    }
    contents["values"] = yield from value_pieces(values, pieces)
    printed = {
        "runs": [printed_run(run, values) for run in runs if run.parent is None],
        "compare": printed_comparison(comparison, runs, values) if comparison is not None else None,
    }
    program = _program()
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    policy = _POLICY.format(digest)
    tops = [run for run in runs if run.parent is None]
    title = " / ".join(run.title for run in tops)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en" data-theme="light"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_text(title)}</title>",
            f"<style>\n{_asset('page.css')}\n{_theme_style()}</style></head><body>",
            _asset("frame.html")
            .replace("@TITLE@", _text(title))
            .replace("@LEAD@", _text(" / ".join(map(_lead, tops))))
            .replace("@PROGRAM@", _text(f"sfdebug {__version__}"))
            .replace("@GRAPHS@", _graphs(runs)),
            f'<script type="application/json" id="contents">{embedded(contents)}</script>',
            f'<script type="application/json" id="printed">{embedded(printed)}</script>',
            *(f'<script type="text/plain" id="{name}">{text}</script>' for name, text in pieces.items()),
            f"<script>{program}</script>",
            "</body></html>",
            "",
        ]
    )


def _lead(run: PageRun) -> str:
    return f"{run.status}, {counted(len(run.events), 'event')}, {run.mode}"


def _graphs(runs: Sequence[PageRun]) -> str:
    return "".join(
        f'<div class="drawing" id="drawing-{number}"{" hidden" if number else ""}>{_drawing(run, number)}</div>'
        for number, run in enumerate(runs)
        if run.drawing == number
    )


def _drawing(run: PageRun, number: int) -> str:
    """The drawing within the page: its style stands with that of the page, no two elements have one id, and a state is
    known by its place in the list of states."""
    graph = _STYLE_OF_GRAPH.sub("", run.graph, count=1)
    places = {svg.attribute(state.id): place for place, state in reversed([*enumerate(run.states)])}
    graph = _STATE_OF_GRAPH.sub(lambda found: f'{found[1]}"{places.get(found[2], "")}"', graph)
    graph = graph.replace("\u00a0", "&#160;")
    graph = "\n".join(escaped(line) for line in graph.split("\n"))  # nothing that a terminal would act upon
    for name in ("title", "desc"):
        graph = graph.replace(f'<{name} id="{name}">', f'<{name} id="{name}-{number}">', 1)
    return graph.replace('aria-labelledby="title desc"', f'aria-labelledby="title-{number} desc-{number}"', 1)


def _theme_style() -> str:
    """The colours of the page and the style of drawings, by theme: those of the screen and of `sfdebug graph`."""
    found = []
    for theme, colours in PALETTES.items():
        own = "".join(f" --{name}: {colour};" for name, colour in {**colours, **_COLOURS[theme]}.items())
        drawn = style(theme, with_run=True)
        found.append(f':root[data-theme="{theme}"] {{ color-scheme: {theme};{own} }}')
        found.append(_within(f':root[data-theme="{theme}"] .drawing', drawn))
        if theme == "light":  # on paper, whatever is chosen for the screen
            printed = f":root[data-theme] {{ color-scheme: light;{own} }}\n{_within('#print .drawing', drawn)}"
    return "\n".join((*found, f"@media print {{\n{printed}\n}}"))


def _within(place: str, rules: str) -> str:
    """Rules for what is within a place: each selector gets it in front, since not every browser nests rules."""
    return _SELECTORS.sub(lambda found: ", ".join(f"{place} {one.strip()}" for one in found[0].split(",")) + " ", rules)


def _program() -> str:
    text = "\n".join(_asset(name) for name in _PROGRAM)
    return f"\n'use strict';\n(() => {{\n{text}\n}})();\n"


@cache
def _asset(name: str) -> str:
    return (files("sfdebug.page") / "assets" / name).read_text(encoding="utf-8").rstrip("\n")


def _text(text: str) -> str:
    return escape(escaped(text))
