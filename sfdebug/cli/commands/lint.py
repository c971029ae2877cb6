"""`sfdebug lint`: what AWS would say of definitions, and what most likely is not meant in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, show_error, write_data
from sfdebug.cli.definitions import (
    FILES,
    add_project_options,
    add_type_option,
    address_of,
    opened_machines,
    tell_assumed,
    type_of,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import DefinitionError, SfdebugError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.findings import Finding
    from sfdebug.errors import Problem
    from sfdebug.projects.addresses import OpenedDefinition

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"
_SHOWN: Final = 1_000
"""How many findings of a file are shown before the rest is only counted."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug lint`."""
    parser.add_argument("files", metavar="FILE", nargs="+", help=FILES)
    add_type_option(parser)
    parser.add_argument(
        "--severity",
        choices=(ERROR, WARNING),
        default=WARNING,
        help="the least to report: ERROR, or WARNING for both (default: WARNING)",
    )
    parser.add_argument("--json", action="store_true", help="print AWS's response shape, one line for each file")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing about files without findings")
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Lint each file. INVALID_DEFINITION when one of them has an error, else USAGE when one was not there."""
    worst = ExitCode.SUCCEEDED
    for file in args.files:
        try:
            opened = opened_machines(address_of(file, args))
        except SfdebugError as error:
            show_error(error)
            worst = max(worst, ExitCode.USAGE)
            continue
        for one in opened:
            worst = max(worst, _lint(one, args))
    return worst


def _lint(opened: OpenedDefinition, args: Namespace) -> ExitCode:
    try:
        found = _findings(opened, type_of(opened, args.type))
    except DefinitionError as error:  # there is no text to point into
        show_error(error)
        return ExitCode.USAGE if opened.machine is None else ExitCode.INVALID_DEFINITION
    reported = [finding for finding in found if args.severity == WARNING or severity_of(finding) == ERROR]
    if not args.quiet:
        tell_assumed(opened)
    if args.json:
        _print_json(reported)
    elif reported:
        _print_text(reported)
    elif not args.quiet:
        say(f"{opened.address.text}: no findings")
    return ExitCode.INVALID_DEFINITION if any(severity_of(one) == ERROR for one in found) else ExitCode.SUCCEEDED


def _findings(opened: OpenedDefinition, type: str) -> list[Finding]:
    """What is to be reported of a file. Raises DefinitionError when it is not there, or no text."""
    from sfdebug.asl.findings import NOWHERE, AwsVerdict, Finding, in_order
    from sfdebug.validation import findings_of

    try:
        examination = opened.examined()
    except DefinitionError as error:
        if not any(problem.line for problem in error.problems):
            raise
        code = "INVALID_JSON_DESCRIPTION"
        return [Finding(problem, AwsVerdict(problem.what, code), NOWHERE) for problem in error.problems]
    found = [finding for finding in findings_of(examination, type) if finding.problem is not None]
    reported = [finding for finding in found if not finding.pending]
    # Errors that AWS tells with another one come last; the text sorts them by place again.
    ranked = in_order(reported, examination.document)
    about = [Finding(problem, None, NOWHERE) for problem in opened.warnings]
    return [*ranked, *(finding for finding in reported if finding not in ranked), *about]


def severity_of(finding: Finding) -> str:
    """ERROR when AWS rejects the definition for it, or it is certain to fail; else WARNING."""
    if finding.verdict is not None:
        return finding.verdict.severity
    assert finding.problem is not None, "the caller looked"
    return finding.problem.severity.upper()


def _print_text(findings: list[Finding]) -> None:
    from sfdebug.asl.text.problems import render

    write_data(render([_shown(finding) for finding in findings], limit=_SHOWN).rstrip("\n"))


def _shown(finding: Finding) -> Problem:
    assert finding.problem is not None, "the caller looked"
    return replace(finding.problem, severity=severity_of(finding).lower())


def _print_json(findings: list[Finding]) -> None:
    import json

    from sfdebug.validation import response

    write_data(json.dumps(response(findings, WARNING), ensure_ascii=False, separators=(",", ":")))


COMMAND = Command(
    name="lint",
    summary="say what AWS would reject in definitions, and what most likely is not meant",
    usage="sfdebug lint FILE... [options]",
    description="""\
Read definitions and report all about them, on standard output: what AWS rejects when a state machine is created
(as ValidateStateMachineDefinition does, without an account), what it warns of, and what people stumble over:
unknown variables and functions, JSONata without its {% %}, paths in fields that take none. Each finding has
its file, line and column, the line itself, what is wrong, and how to fix it. The exit code is 3 when there
is an error, 0 when there are warnings at most. Whether sfdebug can run a definition: sfdebug check.""",
    epilog="""\
examples:
  sfdebug lint order.asl.json
  sfdebug lint --type EXPRESS --severity ERROR workflows/*.asl.json
  sfdebug lint --json order.asl.json | jq .result
  sfdebug lint template.yaml
      every state machine of a template, with its lines""",
    configure=configure,
    run=run,
)
