"""Coverage as one page that needs nothing else: shares, graphs, and the files with what was taken beside each line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.placed import PlacedSource
from sfdebug.drawing import build
from sfdebug.history.coverage.model import ERROR_PATHS
from sfdebug.reports.coverage.drawn import drawn
from sfdebug.reports.coverage.places import covered_files
from sfdebug.reports.coverage.text import (
    item_text,
    never_told,
    percent_text,
    share_rows,
    sum_rows,
    unseen_texts,
)
from sfdebug.reports.graphs import svg
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from sfdebug.history.coverage.model import CoverageShare
    from sfdebug.reports.coverage.places import CoveredDefinition, CoveredFile

_LINES: Final = re.compile(r"\r\n?|\n")
_PARTLY: Final = "◑"
_STYLE: Final = """\
:root { color-scheme: light dark; --ink: #1f2328; --faint: #656d76; --line: #d0d7de; --bad: #fff0ee; --good: #eef9f0;
  --part: #fff8db; --bad-ink: #b42318; --ground: #ffffff; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #8b949e; --line: #30363d;
  --bad: #3a1d1d; --good: #16301f; --part: #37300f; --bad-ink: #ff8f80; --ground: #0d1117; } }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: var(--ink); background: var(--ground);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
table { border-collapse: collapse; } td, th { padding: .15rem .8rem .15rem 0; text-align: left; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.sum td { border-top: 1px solid var(--line); font-weight: 600; }
.bar { display: inline-block; width: 10rem; height: .55rem; border-radius: .3rem; background: var(--bad); }
.bar i { display: block; height: 100%; border-radius: .3rem; background: #2da44e; }
.graph { overflow-x: auto; } .graph svg { max-width: none; } .faint { color: var(--faint); }
.error { color: var(--bad-ink); }
ul { padding-left: 1.2rem; } li code, li a { color: var(--faint); }
pre { border: 1px solid var(--line); border-radius: .4rem; overflow-x: auto; padding: .5rem 0; margin: .5rem 0;
  font: 12.5px/1.45 ui-monospace, monospace; }
pre span { display: block; padding: 0 .8rem; white-space: pre; } pre b { display: inline-block; width: 4.5rem;
  text-align: right; margin-right: 1rem; font-weight: 400; color: var(--faint); user-select: none; }
pre .hit { background: var(--good); } pre .missed { background: var(--bad); } pre .partly { background: var(--part); }
pre a { display: inline-block; width: 3rem; text-align: right; color: var(--faint); text-decoration: none;
  user-select: none; } pre span:target { outline: 2px solid var(--bad-ink); outline-offset: -2px; }
li a { text-decoration: none; } li a:hover, li a:focus { text-decoration: underline; }
@media print { pre, .graph { overflow: visible; } body { margin: 0; max-width: none; font-size: 10pt; }
  h2, h3 { break-after: avoid; } li, tr { break-inside: avoid; } pre { font-size: 8pt; }
  pre span { white-space: pre-wrap; overflow-wrap: anywhere; padding-left: 9.3rem; text-indent: -8.5rem; }
  pre b, pre a { text-indent: 0; }
  pre span, .bar, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .graph { break-inside: avoid; } .graph svg { max-width: 100%; max-height: 230mm; width: auto; height: auto; } }"""


def coverage_page(definitions: Sequence[CoveredDefinition]) -> str:
    """The page, as HTML. Whatever stands in a definition is text in it, never markup."""
    files = covered_files(definitions)
    numbers = {file.path: number for number, file in enumerate(files, 1)}
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Coverage of state machines</title>",
        f"<style>\n{_STYLE}\n</style></head><body>",
        "<h1>Coverage of state machines</h1>",
        *(line for one in definitions for line in _section(one, numbers[one.file])),
        *_files(definitions, files),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _section(covered: CoveredDefinition, number: int) -> Iterator[str]:
    """What was taken of one definition; `number` is that of its file on the page."""
    found = covered.coverage
    yield f"<h2>{_text(covered.title)}</h2>"
    yield f'<p class="faint">by {counted(found.executions, "execution")}</p>'
    yield "<table>"
    for name, share in share_rows(found):
        yield _row(name, share)
    for name, share in sum_rows(found):
        yield _row(name, share, "sum")
    yield "</table>"
    never = never_told(found)
    for title, css, chosen in (
        ("Error paths that were never taken", "error", [item for item in never if item.kind in ERROR_PATHS]),
        ("Never taken", "", [item for item in never if item.kind not in ERROR_PATHS]),
    ):
        if chosen:
            yield f'<h3 class="{css}">{title}</h3><ul>'
            for item in chosen:
                place = f'<a href="#{_anchor(number, covered.line(item))}">{_text(covered.place_text(item))}</a>'
                yield f"<li>{_text(item_text(item))} <code>{place}</code></li>"
            yield "</ul>"
    for text in unseen_texts(found):
        yield f'<p class="faint">{_text(text)}</p>'
    drawing = svg.render(drawn(covered, build(covered.machine, max_name=svg.NAME_CELLS, max_width=svg.PAGE_CELLS)))
    yield f'<div class="graph">{drawing}</div>'


def _row(name: str, share: CoverageShare, css: str = "") -> str:
    width = f"{share.percent:.1f}%"
    bar = f'<span class="bar"><i style="width:{width}"></i></span>' if share.total else ""
    return (
        f'<tr class="{css}"><td>{_text(name)}</td><td class="n">{share.taken} of {share.total}</td>'
        f'<td class="n">{percent_text(share).strip()}</td><td>{bar}</td></tr>'
    )


def _anchor(file: int, line: int) -> str:
    return f"f{file}-{line}"


def _files(definitions: Sequence[CoveredDefinition], files: Sequence[CoveredFile]) -> Iterator[str]:
    texts = {one.file: _source(one) for one in definitions}
    for number, file in enumerate(files, 1):
        yield f"<h2>{_text(file.path)}</h2>"
        if file.partly():
            yield f'<p class="faint">{_PARTLY} Of such a line something was taken, and something else never.</p>'
        yield f"<pre>{''.join(_lines(file, texts[file.path], number))}</pre>"


def _source(covered: CoveredDefinition) -> str:
    """The text of the file: of a template the template, not the definition that was made of it."""
    source = covered.machine.document.source
    return source.origin.text if isinstance(source, PlacedSource) else source.text


def _lines(file: CoveredFile, text: str, of: int) -> Iterator[str]:
    counts, partly = file.lines(), file.partly()
    for number, line in enumerate(_LINES.split(text), 1):
        count = counts.get(number)
        css = "" if count is None else "missed" if not count else "partly" if number in partly else "hit"
        times = "" if count is None else f"{_PARTLY if css == 'partly' else ''} {count:,}×"
        place = _anchor(of, number)
        written = _text(line.expandtabs(4)) or " "
        yield f'<span id="{place}" class="{css}"><a href="#{place}">{number}</a><b>{times}</b>{written}</span>'


def _text(text: str) -> str:
    return escape(escaped(text))
