"""`sfdebug lint`: what AWS would say of definitions, what most likely is not meant in them, and advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.console import replacing_file, say, show_error, write_data
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
from sfdebug.errors import DefinitionError, SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Collection, Sequence

    from sfdebug.asl.findings import AwsVerdict, Finding
    from sfdebug.projects.addresses import OpenedDefinition

_SEVERITIES: Final = ("ERROR", "WARNING", "ADVICE", "INFO")
_FORMATS: Final = ("text", "json", "sarif")
_SHOWN: Final = 1_000
"""How many findings of a file are shown before the rest is only counted."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug lint`."""
    parser.add_argument("files", metavar="FILE", nargs="*", help=FILES)
    add_type_option(parser)
    parser.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default="ADVICE",
        help="the least to report: INFO for everything (default: ADVICE)",
    )
    parser.add_argument(
        "--fail-on",
        choices=_SEVERITIES,
        default="ERROR",
        help="the least that the command ends with 3 for, which is reported too (default: ERROR)",
    )
    parser.add_argument(
        "--ignore",
        metavar="RULE",
        action="append",
        default=[],
        help="leave out what this rule says, several with commas between (may be given several times)",
    )
    parser.add_argument("--format", choices=_FORMATS, help="what to print (default: text)")
    parser.add_argument("--json", action="store_true", help="print AWS's response shape, one line for each file")
    parser.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0, for code scanning")
    parser.add_argument(
        "--code-quality", metavar="FILE", help="write GitLab's code quality report too, which merge requests show"
    )
    parser.add_argument("--explain", metavar="RULE", help="say why there is a rule, with an example, and nothing else")
    parser.add_argument("--rules", action="store_true", help="list all rules, and nothing else")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing about files without findings")
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Lint each file. INVALID_DEFINITION when one has what --fail-on says, else USAGE when one was not there."""
    if args.rules or args.explain:
        _print_rules(args)
        return ExitCode.SUCCEEDED
    if not args.files:
        raise UsageError("there is nothing to lint", where="FILE", fix="Name a definition or a project.")
    ignored = _ignored(args.ignore) | _ignored_always()
    form = _format(args)
    worst = ExitCode.SUCCEEDED
    kept: list[Finding] = []
    for file in args.files:
        try:
            opened = opened_machines(address_of(file, args))
        except SfdebugError as error:
            show_error(error)
            worst = max(worst, ExitCode.USAGE)
            continue
        for one in opened:
            code, reported = _lint(one, args, ignored)
            worst = max(worst, code)
            if reported is not None:
                _report(one, reported, form, quiet=args.quiet)
                kept += reported
    if form == "sarif":
        _print_sarif(kept)
    if args.code_quality is not None:
        _write_code_quality(kept, args.code_quality)
    _annotate(kept)
    return worst


def _format(args: Namespace) -> str:
    named = [name for name in ("json", "sarif") if getattr(args, name)] + ([args.format] if args.format else [])
    if len(set(named)) > 1:
        raise UsageError(
            "only one form can be printed", where=f"--{named[0]}", fix=f"Choose one of {' and '.join(named)}."
        )
    return named[0] if named else "text"


def _ignored(given: Sequence[str]) -> frozenset[str]:
    """The rules that are not to be reported. Raises UsageError for one that there is not, or that is of errors."""
    from sfdebug.advice.registry import never_ignored

    ids = [id.strip() for one in given for id in one.split(",") if id.strip()]
    for what, fix in never_ignored(ids):
        raise UsageError(what, where="--ignore", fix=fix)
    return frozenset(ids)


def _ignored_always() -> frozenset[str]:
    """The rules that the file of settings leaves out. Raises ConfigurationError for what is wrong in it."""
    from sfdebug.cli.settings import read_settings

    return frozenset(read_settings().configuration.ignore)


def _lint(opened: OpenedDefinition, args: Namespace, ignored: Collection[str]) -> tuple[ExitCode, list[Finding] | None]:
    """What is to be reported of one definition, None when it has no text, and what to end with for it."""
    try:
        found = _findings(opened, type_of(opened, args.type), ignored)
    except DefinitionError as error:  # there is no text to point into
        show_error(error)
        return (ExitCode.USAGE if opened.machine is None else ExitCode.INVALID_DEFINITION), None
    from sfdebug.advice.advising import severity_of
    from sfdebug.advice.rule import Severity

    least, failing = Severity(args.severity), Severity(args.fail_on)
    is_failing = any(severity_of(one).is_at_least(failing) for one in found)
    # What the command ends with 3 for is shown, whatever else is not.
    reported = [one for one in found if severity_of(one).is_at_least(least) or severity_of(one).is_at_least(failing)]
    return (ExitCode.INVALID_DEFINITION if is_failing else ExitCode.SUCCEEDED), reported


def _report(opened: OpenedDefinition, reported: list[Finding], form: str, *, quiet: bool) -> None:
    if not quiet:
        tell_assumed(opened)
    if form == "json":
        _print_json(reported)
    elif form == "text":
        if reported:
            _print_text(reported)
        elif not quiet:
            say(f"{opened.address.text}: no findings")


def _findings(opened: OpenedDefinition, type: str, ignored: Collection[str]) -> list[Finding]:
    """What is to be reported of a file. Raises DefinitionError when it is not there, or no text."""
    from sfdebug.advice.advising import advice_on
    from sfdebug.advice.rules.deploying import deployment_advice
    from sfdebug.advice.silencing import silenced
    from sfdebug.asl.findings import NOWHERE, Finding, in_order
    from sfdebug.limits import ExecutionType
    from sfdebug.validation import findings_of

    try:
        examination = opened.examined()
    except DefinitionError as error:
        if not any(problem.line for problem in error.problems):
            raise
        return [Finding(problem, _unread(error, problem.what), NOWHERE) for problem in error.problems]
    reported = [
        finding for finding in findings_of(examination, type) if finding.problem is not None and not finding.pending
    ]
    # What cannot be loaded is mended first: advice on half of a definition is noise.
    if examination.machine is not None and not examination.errors:
        reported += advice_on(examination.machine, ExecutionType(type))
        if opened.project is not None and opened.machine is not None:
            reported += deployment_advice(opened.project, opened.machine)
    reported = silenced(reported, examination.document, ignored)
    # Errors that AWS tells with another one come last; the text sorts them by place again.
    ranked = in_order(reported, examination.document)
    about = [Finding(problem, None, NOWHERE) for problem in opened.warnings]
    return [*ranked, *(finding for finding in reported if finding not in ranked), *about]


def _unread(error: DefinitionError, what: str) -> AwsVerdict:
    """What to say of a definition that cannot be looked into: its template has no text of it, or the text is none."""
    from sfdebug.asl.findings import ERROR, AwsVerdict, our_verdict
    from sfdebug.projects.model import ProjectError

    if isinstance(error, ProjectError):
        return our_verdict(what, "DEFINITION_NOT_READ", ERROR)
    return AwsVerdict(what, "INVALID_JSON_DESCRIPTION")


def _print_text(findings: list[Finding]) -> None:
    from sfdebug.advice.registry import shown_problem
    from sfdebug.asl.text.problems import render

    write_data(render([shown_problem(finding) for finding in findings], limit=_SHOWN).rstrip("\n"))


def _print_json(findings: list[Finding]) -> None:
    """AWS's shape, and beside it what AWS does not say: the rule, the place in the file, the fix."""
    import json

    from sfdebug.advice.registry import rule_id
    from sfdebug.validation import diagnostic

    told = []
    for finding in findings:
        problem = finding.problem
        if finding.verdict is None or problem is None:
            continue
        more = {"rule": rule_id(finding), "file": problem.file, "line": problem.line, "column": problem.column}
        told.append({**diagnostic(finding), **more, "fix": problem.fix})
    result = "FAIL" if any(each["severity"] == "ERROR" for each in told) else "OK"
    answer = {"result": result, "diagnostics": told, "truncated": False}
    write_data(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def _print_sarif(findings: list[Finding]) -> None:
    import json

    from sfdebug.reports.sarif import sarif

    write_data(json.dumps(sarif(findings), ensure_ascii=False, indent=2))


def _write_code_quality(findings: list[Finding], path: str) -> None:
    import json

    from sfdebug.reports.code_quality import code_quality

    text = json.dumps(code_quality(findings), ensure_ascii=False, indent=2)
    with replacing_file(path, "report") as stream:
        stream.write(f"{text}\n".encode("utf-8", "replace"))


def _annotate(findings: list[Finding]) -> None:
    """Where GitHub runs this, have it show the worst findings beside their lines."""
    from sfdebug.cli.continuous import annotate, is_on_github

    if not is_on_github():
        return
    from sfdebug.advice.advising import severity_of
    from sfdebug.advice.registry import rule_id
    from sfdebug.advice.rule import Severity
    from sfdebug.reports.annotations import Annotation, AnnotationLevel

    levels = {Severity.ERROR: AnnotationLevel.ERROR, Severity.WARNING: AnnotationLevel.WARNING}
    annotate(
        Annotation(
            levels.get(severity_of(one), AnnotationLevel.NOTICE),
            one.problem.file,
            one.problem.line,
            one.problem.column,
            rule_id(one) or "sfdebug lint",
            f"{one.problem.what}\nFix: {one.problem.fix}" if one.problem.fix else one.problem.what,
        )
        for one in findings
        if one.problem is not None
    )


def _print_rules(args: Namespace) -> None:
    import json
    import shutil
    import sys

    from sfdebug.advice.registry import RULES, rule_named
    from sfdebug.reports.rules import list_lines, rule_json, rule_lines

    rules = [rule_named(args.explain)] if args.explain else list(RULES.values())
    if args.json:
        for rule in rules:
            write_data(json.dumps(rule_json(rule), ensure_ascii=False, separators=(",", ":")))
    elif args.explain:
        write_data("\n".join(rule_lines(rules[0])))
    else:
        # One line for each where a program reads them, and where all of them fit.
        widest = max(map(len, list_lines(rules)))
        columns = shutil.get_terminal_size().columns
        is_narrow = sys.stdout is not None and sys.stdout.isatty() and columns <= widest
        write_data("\n".join(list_lines(rules, columns if is_narrow else None)))


COMMAND = Command(
    name="lint",
    summary="say what AWS would reject in definitions, what most likely is not meant, and what to do better",
    usage="sfdebug lint FILE... [options] | --rules | --explain RULE",
    description="""\
Read definitions and report all about them, on standard output: what AWS rejects when a state machine is created
(as ValidateStateMachineDefinition does, without an account), what it warns of, and what people stumble over:
unknown variables and functions, JSONata without its {% %}, paths in fields that take none; and what works
and will break, cost or hide something: callbacks that nobody times out, loops that fill the history. Each
finding has its file, line and column, the line itself, what is wrong, how to fix it, and the rule that it
is of. A rule is silenced in a Comment of a state or of the definition ("sfdebug: ignore RULE, RULE"), with
--ignore, or with ignore = ["RULE"] in the file of settings (sfdebug config). The exit code is 3 when there
is an error (--fail-on: or less than that), else 0. Whether sfdebug can run a definition: sfdebug check.""",
    epilog="""\
examples:
  sfdebug lint order.asl.json
  sfdebug lint --type EXPRESS --severity ERROR workflows/*.asl.json
  sfdebug lint --json order.asl.json | jq .result
  sfdebug lint --severity INFO --ignore machine-without-timeout order.asl.json
  sfdebug lint --explain callback-without-timeout
  sfdebug lint --sarif workflows/*.asl.json > lint.sarif
  sfdebug lint template.yaml
      every state machine of a template, with its lines""",
    configure=configure,
    run=run,
)
