"""Coverage on the command line: where it is written, in which forms, and how much of it is asked for."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from sfdebug.cli.console import has_colour, replacing_file, say, write_data, writing_stdout
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from sfdebug.reports.coverage.places import CoveredDefinition
    from sfdebug.values import Json

_FILES = {
    "lcov": "an lcov tracefile: editors' gutters, Codecov, Coveralls, genhtml",
    "cobertura": "Cobertura XML: GitLab, Jenkins, Azure DevOps",
    "html": "one page: shares, graphs, and the file with what was taken beside each line",
    "markdown": "Markdown, for the summary of a job or a comment on a pull request",
    "svg": "the graph, with what was never taken faint",
    "mermaid": "the same as a Mermaid flowchart",
}


def add_coverage_options(parser: ArgumentParser, prefix: str = "") -> None:
    """Where coverage is written, and below which shares the command ends with 1; options begin with `prefix`."""
    parser.set_defaults(coverage_prefix=prefix)
    for name, what in _FILES.items():
        parser.add_argument(f"--{prefix}{name}", metavar="FILE", dest=f"cov_{name}", help=f"write {what}")
    parser.add_argument(
        f"--{prefix}fail-under",
        metavar="PERCENT",
        dest="cov_fail_under",
        type=float,
        help="end with 1 when less than this share of everything was taken",
    )
    parser.add_argument(
        f"--{prefix}fail-under-errors",
        metavar="PERCENT",
        dest="cov_fail_under_errors",
        type=float,
        help="end with 1 when less than this share of the error paths was taken: Retriers, Catchers, limits, "
        "failed items and branches",
    )


def check_coverage_options(args: Namespace) -> None:
    """Raises UsageError for a share that there cannot be."""
    for name in ("cov_fail_under", "cov_fail_under_errors"):
        value = getattr(args, name)
        if value is not None and not 0 <= value <= 100:
            where = f"--{args.coverage_prefix}" + name.removeprefix("cov_").replace("_", "-")
            raise UsageError(f"{value:g} is no share", where=where, fix="Give percent, from 0 to 100.")


def write_coverage(definitions: Sequence[CoveredDefinition], args: Namespace) -> None:
    """Write the files that were asked for. Raises UsageError for one that cannot be written."""
    if args.cov_lcov is not None:
        from sfdebug.reports.coverage.lcov import lcov

        _write(args.cov_lcov, lcov(definitions).encode("utf-8", "replace"))
    if args.cov_cobertura is not None:
        from sfdebug import __version__
        from sfdebug.reports.coverage.cobertura import cobertura

        _write(args.cov_cobertura, cobertura(definitions, int(time.time() * 1000), __version__))
    if args.cov_html is not None:
        from sfdebug.reports.coverage.html import coverage_page

        _write(args.cov_html, coverage_page(definitions).encode("utf-8", "replace"))
    if args.cov_markdown is not None:
        from sfdebug.reports.coverage.markdown import coverage_markdown

        _write(args.cov_markdown, coverage_markdown(definitions).encode("utf-8", "replace"))
    _write_graphs(definitions, args)


def summarize_coverage(definitions: Sequence[CoveredDefinition], args: Namespace) -> None:
    """Append it to the summary of the job, where one was asked for. Raises UsageError when that cannot be written."""
    if args.summary is not None and definitions:
        from sfdebug.cli.continuous import append_summary
        from sfdebug.reports.coverage.markdown import coverage_markdown

        append_summary(args.summary, coverage_markdown(definitions))


def _write_graphs(definitions: Sequence[CoveredDefinition], args: Namespace) -> None:
    if args.cov_svg is None and args.cov_mermaid is None:
        return
    if len(definitions) != 1:
        where = f"--{args.coverage_prefix}{'svg' if args.cov_svg is not None else 'mermaid'}"
        what = f"one graph is drawn, and {len(definitions)} state machines were covered"
        fix = f"Name one of them, or write --{args.coverage_prefix}html, which has the graphs of all."
        raise UsageError(what, where=where, fix=fix)
    from sfdebug.drawing import build
    from sfdebug.reports.coverage.drawn import drawn
    from sfdebug.reports.graphs import mermaid, svg

    (one,) = definitions
    if args.cov_svg is not None:
        layout = build(one.machine, max_name=svg.NAME_CELLS, max_width=svg.PAGE_CELLS)
        _write(args.cov_svg, svg.render(drawn(one, layout)).encode("utf-8", "replace"))
    if args.cov_mermaid is not None:
        export = drawn(one, build(one.machine))
        source = mermaid.render(export)
        why = mermaid.too_large(source, export)
        if why:
            say(f"sfdebug: warning: {why}")
        _write(args.cov_mermaid, source.encode("utf-8", "replace"))


def _write(path: str, data: bytes) -> None:
    with replacing_file(path, "coverage") as stream:
        stream.write(data)


def print_coverage(
    definitions: Sequence[CoveredDefinition],
    *,
    as_json: bool = False,
    all_items: bool = False,
    width: int | None = None,
    facts: Mapping[str, Json] | None = None,
) -> None:
    """Print the table of each definition and what was never taken, or all as one object, with some `facts` before;
    with a `width` the graphs."""
    if as_json:
        from sfdebug.reports.coverage.data import coverage_dict

        objects = [
            {"definition": one.title, "file": one.file, **(facts or {}), **coverage_dict(one.coverage)}
            for one in definitions
        ]
        write_data(json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=2))
        return
    for one in definitions:
        write_data("\n".join(_lines(one, all_items=all_items)))
        if width is not None:
            from sfdebug.drawing import build
            from sfdebug.reports.coverage.drawn import drawn
            from sfdebug.reports.graphs import text

            layout = build(one.machine, max_width=width)
            with writing_stdout() as output:
                output.write_coloured("\n" + text.render(drawn(one, layout), colour=has_colour(), width=width))


def _lines(one: CoveredDefinition, *, all_items: bool) -> list[str]:
    from sfdebug.reports.coverage.text import missing_lines, table_lines, unseen_texts
    from sfdebug.text import counted, escaped

    found = one.coverage
    lines = [f"{escaped(one.title)}: taken by {counted(found.executions, 'execution')}", *table_lines(found)]
    missing = missing_lines(one, all_items=all_items)
    lines += ["never taken:", *missing] if missing else []
    return lines + unseen_texts(found)


def is_enough(definitions: Sequence[CoveredDefinition], args: Namespace) -> bool:
    """Whether the shares that were asked for were reached, all definitions together; which were not is said."""
    from sfdebug.reports.coverage.text import shortfalls

    coverages = [one.coverage for one in definitions]
    found = shortfalls(coverages, args.cov_fail_under, args.cov_fail_under_errors)
    for text in found:
        say("sfdebug: " + text)
    return not found
