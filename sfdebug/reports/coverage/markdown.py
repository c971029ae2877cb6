"""Coverage as Markdown: the summary of a job, a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sfdebug.drawing import build
from sfdebug.history.coverage.model import ERROR_PATHS
from sfdebug.reports.coverage.drawn import drawn
from sfdebug.reports.coverage.text import (
    item_text,
    never_told,
    percent_text,
    share_rows,
    sum_rows,
    unseen_texts,
)
from sfdebug.reports.graphs import mermaid
from sfdebug.reports.markdown import code, folded, plain
from sfdebug.text import counted

if TYPE_CHECKING:
    from sfdebug.history.coverage.model import CoverageShare
    from sfdebug.reports.coverage.places import CoveredDefinition

_SHOWN: Final = 15


def coverage_markdown(definitions: Sequence[CoveredDefinition], *, has_graph: bool = True) -> str:
    """A section for each definition: its shares, what was never taken, and the graph as Mermaid, folded away.

    GitHub and GitLab draw Mermaid; a graph that is too large for that is left out.
    """
    lines = ["## Coverage of state machines"]
    for one in definitions:
        lines += ["", *_section(one, has_graph=has_graph)]
    return "\n".join(lines) + "\n"


def _section(covered: CoveredDefinition, *, has_graph: bool) -> Iterator[str]:
    found = covered.coverage
    yield f"### {code(covered.title)}: {_percent(found.share())}, error paths {_percent(found.share(ERROR_PATHS))}"
    yield ""
    yield f"by {counted(found.executions, 'execution')}"
    yield ""
    yield "| | taken | of | |"
    yield "|---|---:|---:|---:|"
    for name, share in share_rows(found):
        yield _row(name, share)
    for name, share in sum_rows(found):
        yield _row(f"**{name}**", share)
    yield ""
    never = never_told(found)
    for title, chosen in (
        ("Error paths that were never taken", [item for item in never if item.kind in ERROR_PATHS]),
        ("Never taken", [item for item in never if item.kind not in ERROR_PATHS]),
    ):
        if chosen:
            texts = [f"- {code(covered.place_text(item))} {plain(item_text(item))}" for item in chosen]
            yield f"{title}:"
            yield ""
            yield from texts[:_SHOWN]
            if len(texts) > _SHOWN:
                yield ""
                yield from folded(f"{len(texts) - _SHOWN} more", texts[_SHOWN:])
            yield ""
    yield from (plain(text) for text in unseen_texts(found))
    if has_graph:
        yield from _graph(covered)


def _row(name: str, share: CoverageShare) -> str:
    return f"| {name} | {share.taken} | {share.total} | {percent_text(share).strip()} |"


def _percent(share: CoverageShare) -> str:
    return percent_text(share).strip() if share.total else "none there"


def _graph(covered: CoveredDefinition) -> list[str]:
    export = drawn(covered, build(covered.machine))
    source = mermaid.render(export)
    if mermaid.too_large(source, export):
        return []
    return folded("The graph: what was never taken is faint", ["```mermaid", *source.rstrip("\n").split("\n"), "```"])
