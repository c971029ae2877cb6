"""`sfdebug graph`: draws a definition, as text or into a file, a run laid over it, or two that differ."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.console import STDIN, has_colour, replacing_file, say, show_problems, writing_stdout
from sfdebug.cli.definitions import FILE, add_project_options, address_beside, address_of, open_definition, tell_assumed
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.recordings import add_aws_options, add_log_options, recording_at
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.comparison import MachineComparison
    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.drawing.elements import Layout
    from sfdebug.reports.graphs.export import GraphExport
    from sfdebug.reports.graphs.overlay import RecordingOverlay

TEXT: Final = "text"
FORMATS: Final = (TEXT, "svg", "mermaid", "dot", "json")
_BY_SUFFIX: Final = {
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".json": "json",
}
_THEMES: Final = ("auto", "light", "dark")
_ZOOMS: Final = ("full", "lines", "dots")
_WIDTH: Final = 120
_SVG_WIDTH: Final = 140
_LEAST_WIDTH: Final = 20
ALL: Final = "all"
_LONG: Final = 500
"""From so many transitions on, drawing may take long enough for a word about it."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug graph`."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help=f"{FILE}; two: what has changed from one to the other",
    )
    parser.add_argument(
        "-f", "--format", choices=FORMATS, help="what to write (default: what OUT's name ends in says, else text)"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of stdout")
    parser.add_argument("--ascii", action="store_true", help="draw the text with ASCII characters")
    parser.add_argument(
        "--width",
        metavar="N",
        type=int,
        help=f"columns to keep within where that can be done (default: {_SVG_WIDTH} for SVG, else the terminal's, "
        f"or {_WIDTH})",
    )
    parser.add_argument(
        "--collapse",
        metavar="NAME",
        action="append",
        default=[],
        help=f"draw this Parallel or Map shut, by name or id; {ALL} shuts every one (may be given several times)",
    )
    parser.add_argument(
        "--zoom",
        choices=_ZOOMS,
        default=_ZOOMS[0],
        help="how much of each state: a full box, one line, a dot and a name",
    )
    parser.add_argument(
        "--theme",
        choices=_THEMES,
        default=_THEMES[0],
        help="the colours of an SVG (default: auto, as the reader's system)",
    )
    _add_signs(parser)
    add_project_options(parser, has_region=True)


def _add_signs(parser: ArgumentParser) -> None:
    """What lies over the drawing, and what it means."""
    parser.add_argument(
        "--legend",
        action="store_true",
        help="say what every sign means, beside the drawing; without a FILE, only that",
    )
    parser.add_argument(
        "--history",
        metavar="FILE",
        help="lay this execution over the graph: what aws stepfunctions get-execution-history prints, an ARN, or - for "
        "stdin",
    )
    parser.add_argument("--execution", metavar="NAME", help="which execution, for a history that holds several")
    add_aws_options(parser)
    add_log_options(parser)


def run(args: Namespace) -> ExitCode:
    """Draw the definition, or two of them.

    INVALID_DEFINITION when one has errors: it is drawn as far as it can be read. Of two, EXECUTION_FAILED when
    something differs, as `sfdebug diff` has it.
    """
    _check(args)
    if not args.files:
        _write(_legend(args), args)
        return ExitCode.SUCCEEDED
    from sfdebug.reports.graphs.export import GraphExport

    if len(args.files) == 2:
        return _compare(args)
    machine, code = _machine(args.files[0], args)
    layout = _layout(machine, args)
    _write(_rendered(GraphExport(layout, Path(machine.name).name, _overlay(machine, args)), args), args)
    return code


def _check(args: Namespace) -> None:
    """Raise UsageError for what does not go together."""
    if args.width is not None and args.width < _LEAST_WIDTH:
        raise UsageError(f"--width {args.width} is too narrow", fix=f"Give at least {_LEAST_WIDTH} columns.")
    if not args.files and not args.legend:
        raise UsageError("there is nothing to draw", fix="Name a definition, or two: sfdebug graph FILE.")
    if len(args.files) > 2:
        raise UsageError(f"{len(args.files)} definitions cannot be compared", fix="Give one, or two.")
    if len(args.files) == 2 and (args.history is not None or args.execution is not None):
        raise UsageError(
            "a history cannot be laid over what changed", where="--history", fix="Draw one of the definitions with it."
        )
    if [*args.files, args.history].count(STDIN) > 1:
        both = "both the definition and the history" if len(args.files) == 1 else "both definitions"
        raise UsageError(f"stdin cannot hold {both}", fix="Give one of them as a file.")
    if args.legend and _format(args) == "json":
        raise UsageError("JSON has no signs to explain", where="--legend", fix="docs/GRAPH_JSON.md says what it has.")
    if not args.files and _format(args) != TEXT:
        raise UsageError("the legend alone is text", where="--legend", fix="Name a definition to draw beside it.")


def _legend(args: Namespace) -> str:
    from sfdebug.reports.graphs.key import key_lines

    return "\n".join([*key_lines(ascii=args.ascii or not _can_draw(args), width=_columns(args)), ""])


def _compare(args: Namespace) -> ExitCode:
    """Draw both definitions in one, with what differs."""
    from sfdebug.asl.comparison import compare_machines
    from sfdebug.drawing.union import union_containers
    from sfdebug.reports.graphs.changes import DrawnChanges
    from sfdebug.reports.graphs.export import GraphExport

    before, code = _machine(args.files[0], args)
    after, other = _machine(args.files[1], args)
    comparison = compare_machines(before, after)
    names = dict.fromkeys(_short(machine) for machine in (before, after))
    layout = _built(comparison, _collapsed(union_containers(comparison), args.collapse), args)
    changes = DrawnChanges(comparison, " → ".join(names))
    _write(_rendered(GraphExport(layout, changes.title, None, changes), args), args)
    if ExitCode.INVALID_DEFINITION in (code, other):
        return ExitCode.INVALID_DEFINITION
    return ExitCode.SUCCEEDED if comparison.is_same else ExitCode.EXECUTION_FAILED


def _short(machine: StateMachine) -> str:
    return "nothing" if machine.name == os.devnull else Path(machine.name).name


def _machine(file: str, args: Namespace) -> tuple[StateMachine, ExitCode]:
    """The definition; what is wrong with it is reported on stderr. Raises DefinitionError when nothing can be drawn.

    git names no file where there is none in one of two commits: all of the other one came, or went.
    """
    from sfdebug.asl.text.problems import ordered
    from sfdebug.errors import DefinitionError

    if file == os.devnull and len({os.devnull, *args.files}) == 2 == len(args.files):
        from sfdebug.asl.comparison import nothing

        return nothing(file), ExitCode.SUCCEEDED
    opened = open_definition(address_of(file, args) if len(args.files) == 1 else address_beside(file, args))
    examination = opened.examined()
    machine, errors = examination.machine, ordered(examination.errors)
    if machine is None or (errors and not machine.scope.states):
        raise DefinitionError(errors)
    if errors or machine.warnings:
        show_problems(errors or machine.warnings)
    tell_assumed(opened)
    return machine, ExitCode.INVALID_DEFINITION if errors else ExitCode.SUCCEEDED


def _layout(machine: StateMachine, args: Namespace) -> Layout:
    from sfdebug.drawing import containers

    collapsed = _collapsed(containers(machine), args.collapse)
    count = sum(1 + len(state.choices) + len(state.catchers) for state in machine.walk())
    if count > _LONG and sys.stderr is not None and sys.stderr.isatty():
        say(f"Drawing {count:,} transitions...")
    return _built(machine, collapsed, args)


def _built(drawn: StateMachine | MachineComparison, collapsed: frozenset[StatePath], args: Namespace) -> Layout:
    from sfdebug.drawing import Zoom, build
    from sfdebug.drawing.layout.build import MAX_NAME
    from sfdebug.reports.graphs.svg import NAME_CELLS

    names = NAME_CELLS if _format(args) == "svg" else MAX_NAME
    return build(drawn, collapsed, names, _columns(args), Zoom(args.zoom))


def _columns(args: Namespace) -> int:
    if args.width is not None:
        return int(args.width)
    if _format(args) == "svg":
        return _SVG_WIDTH
    return max(shutil.get_terminal_size().columns, _LEAST_WIDTH) if _is_terminal(args) else _WIDTH


def _is_terminal(args: Namespace) -> bool:
    return args.output in (None, STDIN) and sys.stdout is not None and sys.stdout.isatty()


def _collapsed(every: frozenset[StatePath], names: list[str]) -> frozenset[StatePath]:
    """Those of `every` container that are drawn shut. Raises UsageError for a name that no Parallel or Map has."""
    from sfdebug.reports.graphs.export import state_id

    found: set[StatePath] = set()
    for name in names:
        # a container may be called "all" itself: then the name is meant
        named = {path for path in every if name in (path[-1], state_id(path))}
        if not named and name != ALL:
            from sfdebug.text import escaped

            listed = ", ".join(sorted(str(path[-1]) for path in every)) or "none"
            fix = f"The Parallels and Maps here: {escaped(listed)}."
            raise UsageError(f"there is no Parallel and no Map called '{escaped(name)}'", where="--collapse", fix=fix)
        found |= named or every
    return frozenset(found)


def _overlay(machine: StateMachine, args: Namespace) -> RecordingOverlay | None:
    if args.history is None:
        if args.execution is not None:
            raise UsageError("--execution needs --history", fix="Name the file that has it: --history FILE.")
        return None
    from sfdebug.reports.graphs.overlay import follow

    recording = recording_at(args.history, args, args.execution)
    for problem in recording.problems:
        say(f"{problem.location}: {problem.severity}: {problem.what}")
    overlay = follow(machine, recording)
    for text in overlay.problems:
        say(f"{recording.title}: warning: {text}")
    return overlay


def _format(args: Namespace) -> str:
    if args.format is not None:
        return str(args.format)
    return _BY_SUFFIX.get(Path(args.output).suffix.lower(), TEXT) if args.output else TEXT


def _write(text: str, args: Namespace) -> None:
    if args.output in (None, STDIN):
        with writing_stdout() as output:
            if _format(args) == TEXT:
                output.write_coloured(text)
            else:
                output.write(text)
        return
    with replacing_file(args.output, "graph") as stream:
        stream.write(text.replace("\n", os.linesep).encode("utf-8", "backslashreplace"))


def _rendered(export: GraphExport, args: Namespace) -> str:
    kind = _format(args)
    if kind == "svg":
        from sfdebug.reports.graphs import svg

        return svg.render(export, args.theme, key=args.legend)
    if kind == "json":
        from sfdebug.reports.graphs import json_text

        return json_text.render(export)
    if kind == "dot":
        from sfdebug.reports.graphs import dot

        return dot.render(export, key=args.legend)
    if kind == "mermaid":
        from sfdebug.reports.graphs import mermaid

        source = mermaid.render(export, key=args.legend)
        why = mermaid.too_large(source, export)
        if why:
            say(f"sfdebug: warning: {why}\n  Draw less of it: --collapse {ALL}.")
        return source
    from sfdebug.reports.graphs import text

    is_ascii = args.ascii or not _can_draw(args)
    return text.render(export, ascii=is_ascii, colour=_has_colour(args), width=_columns(args), key=args.legend)


def _has_colour(args: Namespace) -> bool:
    return args.output in (None, STDIN) and has_colour()


def _can_draw(args: Namespace) -> bool:
    """Whether stdout's encoding has the characters that lines are made of."""
    if args.output not in (None, STDIN):
        return True
    try:
        "╭┄▼↻✓".encode((sys.stdout and sys.stdout.encoding) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


COMMAND = Command(
    name="graph",
    summary="draw a definition, or what two differ in, as text, SVG, Mermaid, DOT, JSON; with a run over it",
    usage="sfdebug graph FILE [FILE] [options]",
    description="""\
Draw the state graph. As text it is what the debugger's screen shows; labels that were cut have a letter, and
their whole text stands below. SVG is drawn from the same layout and needs nothing else; Mermaid and DOT leave
the layout to Mermaid and Graphviz. JSON gives the boxes and the cells of every line.

With --history, the states that the execution visited are marked with how they ended and how often they were
entered, and the transitions that it took are drawn heavy, with how often beside them.

Two definitions are drawn in one: what only the second has is added (+), what only the first has is removed (-),
and a state or transition of both whose fields differ is changed (~). Every field is compared as JSON; the order
of keys and of states does not count. States are the same by their name in the same scope; one that is gone and
one that is new are the same one, renamed, where nothing else of them differs and no third one is like them. The
exit code is 1 when something differs, else 0.

A definition with errors is drawn as far as it can be read, with unknown targets and unreachable states flagged;
what is wrong is reported on stderr, and the exit code is 3.""",
    epilog="""\
examples:
  sfdebug graph order.asl.json
  sfdebug graph order.asl.json --collapse all --zoom lines
  sfdebug graph order.asl.json -o order.svg
  sfdebug graph order.asl.json --history failed.json -o incident.mmd
  sfdebug run order.asl.json -i @order.json --history - | sfdebug graph order.asl.json --history -
  sfdebug graph order.asl.json -f json | jq '.edges[] | select(.kind == "catch")'
  sfdebug graph --legend
  git show main:order.asl.json | sfdebug graph - order.asl.json
      what changed, on the terminal
  sfdebug graph old.asl.json new.asl.json -f mermaid
      the same for a comment on a pull request

JSON:
  docs/GRAPH_JSON.md describes every field.

ids in JSON:
  A state's id is its name; inside a Parallel or Map, the container's id, the number of the branch (0 for a Map)
  and the name: "Fan out/1/Resize". A / in a name is written ~1, a ~ is written ~0.""",
    configure=configure,
    run=run,
)
