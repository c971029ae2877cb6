"""`sfdebug merge`: the results of jobs that each verified, covered or tested a part, as those of one job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import replacing_file, say, write_data
from sfdebug.cli.covered import (
    add_coverage_options,
    check_coverage_options,
    is_enough,
    print_coverage,
    summarize_coverage,
    write_coverage,
)
from sfdebug.cli.definitions import add_project_options, load_runnable
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.mutated import (
    add_survivor_options,
    are_noticed,
    check_survivor_options,
    print_mutation,
    write_mutation,
)
from sfdebug.errors import UsageError
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.reports.coverage.places import CoveredDefinition
    from sfdebug.reports.results import CaseResult, CoverageResult, FileResult, Result, TestResult, VerificationResult
    from sfdebug.testing.mutation.model import MutationReport
    from sfdebug.values import Json


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug merge`."""
    from sfdebug.cli.continuous import add_summary_option

    parser.add_argument("files", metavar="FILE", nargs="+", help="what the jobs wrote with --json, all of one command")
    parser.add_argument("--json", action="store_true", help="print one object, as that command does")
    parser.add_argument("--junit", metavar="FILE", help="of verify and test: write a JUnit XML report")
    parser.add_argument("--all", action="store_true", help="name all differences, groups, and what was never taken")
    parser.add_argument(
        "--allow-partial", action="store_true", help="of verify: exit with 0 also when some were recorded in part"
    )
    add_summary_option(parser)
    add_survivor_options(parser)
    add_coverage_options(parser, "cov-")
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Put the results together. Ends with what one job for everything would end with."""
    from sfdebug.reports.results import CoverageResult, TestResult, VerificationResult, of_all_parts, read_result

    check_coverage_options(args)
    check_survivor_options(args, is_part=False)
    if len(set(args.files)) < len(args.files):
        raise UsageError("a result is given twice", where=", ".join(args.files), fix="Give each once.")
    read = {path: read_result(path) for path in args.files}
    of_all_parts(read)
    mutated = _mutated(read)
    for name, value in (("--fail-on-survivors", args.fail_on_survivors), ("--code-quality", args.code_quality)):
        if value is not None and mutated is None:
            fix = "Give what `sfdebug test --mutate --json` wrote."
            raise UsageError("these results do not say which changes the cases notice", where=name, fix=fix)
    verified = {path: one for path, one in read.items() if isinstance(one, VerificationResult)}
    if verified:
        return _merge_verified(verified, args)
    tested = {path: one for path, one in read.items() if isinstance(one, TestResult)}
    if tested:
        return _merge_tested(tested, mutated, args)
    return _merge_coverage({path: one for path, one in read.items() if isinstance(one, CoverageResult)}, args)


def _merge_verified(results: Mapping[str, VerificationResult], args: Namespace) -> ExitCode:
    from sfdebug.cli.verified import VerifiedExecutions
    from sfdebug.history.verification.verdict import VerificationStatus
    from sfdebug.reports.coverage.data import coverage_from

    definitions = list(dict.fromkeys(one.definition for one in results.values()))
    if len(definitions) > 1:
        what = f"these are verdicts on different definitions: {', '.join(map(escaped, definitions))}"
        raise UsageError(what, fix="Merge the results of each alone.")
    good = {VerificationStatus.IDENTICAL, VerificationStatus.SAME_EFFECTS}
    covered = _covered_by_verifying(results, args)
    with VerifiedExecutions(definitions[0], args, covered) as found:
        for path, result in results.items():
            if covered is not None:
                found.add_coverage(coverage_from(result.coverage, covered[1], path))
            for one in result.verifications():
                found.add(one)
                if found.is_told and one.status not in good:
                    found.tell(one)
        if not found.tally.total:
            raise UsageError("nothing was verified in any of these", where=", ".join(results))
        return found.report()


def _covered_by_verifying(
    results: Mapping[str, VerificationResult], args: Namespace
) -> tuple[str, StateMachine] | None:
    """The machine of which the results say what would have come of executions, and where it is; None where they do
    not. Raises UsageError when some do."""
    titles = {one.covered_definition for one in results.values()}
    if titles == {None}:
        return None
    (title, *others) = titles
    if title is None or others:
        what = "these say different things: what would have come of executions, of one definition, or only verdicts"
        raise UsageError(what, where=", ".join(results), fix="Give all jobs the same DEFINITION and --outcomes.")
    return title, load_runnable(title, args)


def _merge_coverage(results: Mapping[str, CoverageResult], args: Namespace) -> ExitCode:
    if args.junit is not None:
        raise UsageError("coverage has no test cases", where="--junit", fix="Write --cov-cobertura, or leave it out.")
    objects: dict[str, list[tuple[str, Mapping[str, Json]]]] = {}
    for path, one in results.items():
        objects.setdefault(one.definition, []).append((path, one.coverage))
    covered = _covered(objects, args)
    if not any(one.coverage.executions for one in covered):
        raise UsageError("nothing was taken by any execution", where=", ".join(results))
    unread = sum(one.not_counted for one in results.values())
    if unread:
        say(f"sfdebug: not counted: {counted(unread, 'execution')} that the jobs could not read or follow")
    print_coverage(covered, as_json=args.json, all_items=args.all, facts={"notCounted": unread} if unread else {})
    write_coverage(covered, args)
    summarize_coverage(covered, args)
    return ExitCode.SUCCEEDED if is_enough(covered, args) and not unread else ExitCode.EXECUTION_FAILED


def _covered(
    objects: Mapping[str, Iterable[tuple[str, Mapping[str, Json]]]], args: Namespace
) -> list[CoveredDefinition]:
    """The coverage of each definition, added up. Raises UsageError for one that has changed since."""
    from sfdebug.history.coverage.items import merged
    from sfdebug.reports.coverage.data import coverage_from
    from sfdebug.reports.coverage.places import CoveredDefinition

    covered = []
    for title, parts in objects.items():
        machine = load_runnable(title, args)
        coverage = sum((coverage_from(one, machine, path) for path, one in parts), start=merged(machine, ()))
        covered.append(CoveredDefinition(title, machine, coverage))
    return covered


def _mutated(read: Mapping[str, Result]) -> MutationReport | None:
    """What the cases of all parts together say of changed machines; None where nobody asked for it. Raises UsageError
    where only some of the jobs did."""
    from sfdebug.reports.mutation import mutation_from
    from sfdebug.testing.mutation.adding import added

    parts = {path: getattr(one, "mutation", None) for path, one in read.items()}
    without = [path for path, one in parts.items() if one is None]
    if len(without) == len(parts):
        return None
    if without:
        what = "these do not say which changes their cases notice, and others do"
        raise UsageError(what, where=", ".join(without), fix="Run all jobs with --mutate.")
    return added({path: mutation_from(one, path) for path, one in parts.items()})


def _merge_tested(results: Mapping[str, TestResult], mutated: MutationReport | None, args: Namespace) -> ExitCode:
    from sfdebug.reports.testing import told_line
    from sfdebug.testing.model import CaseVerdict

    cases = [case for one in results.values() for case in one.cases]
    files = [file for one in results.values() for file in one.files]
    if not cases and not files:
        raise UsageError("no case was run in any of these", where=", ".join(results))
    if args.junit is not None:
        _write_junit(cases, files, mutated, args)
    objects: dict[str, list[tuple[str, Mapping[str, Json]]]] = {}
    for path, one in results.items():
        for coverage in one.coverage:
            objects.setdefault(str(coverage.get("definition")), []).append((path, coverage))
    covered = _covered(objects, args)
    if args.json:
        _print_json(cases, files, covered, mutated)
    else:
        for case in cases:
            if case.verdict is not CaseVerdict.PASSED:
                write_data("\n".join(told_line(case.told)))
        _print_tested(cases, files, covered, mutated, args)
    for file in files:
        say(f"sfdebug: {escaped(file.file)}: {escaped('; '.join(file.problems))}")
    _tell_ci(cases, files, covered, mutated, args)
    if files or any(case.verdict is CaseVerdict.ERROR for case in cases):
        return ExitCode.USAGE
    is_good = all(case.verdict is CaseVerdict.PASSED for case in cases)
    is_good = is_good and is_enough(covered, args) and are_noticed(mutated, args)
    return ExitCode.SUCCEEDED if is_good else ExitCode.EXECUTION_FAILED


def _write_junit(
    cases: Iterable[CaseResult], files: Iterable[FileResult], mutated: MutationReport | None, args: Namespace
) -> None:
    from sfdebug.reports.junit import JUnitReport
    from sfdebug.reports.mutation import mutation_case
    from sfdebug.reports.testing import broken_file_case, junit_case_of

    with JUnitReport("sfdebug test") as report:
        for case in cases:
            report.add(junit_case_of(case.told))
        for file in files:
            report.add(broken_file_case(file.file, file.problems))
        if mutated is not None and args.fail_on_survivors is not None:
            report.add(mutation_case(mutated, args.fail_on_survivors))
        with replacing_file(args.junit, "report") as stream:
            report.write(stream)


def _print_json(
    cases: Iterable[CaseResult],
    files: Iterable[FileResult],
    covered: list[CoveredDefinition],
    mutated: MutationReport | None,
) -> None:
    from sfdebug.reports.mutation import mutation_dict
    from sfdebug.reports.testing import cases_dict

    told = cases_dict([case.told for case in cases], [(file.file, file.problems) for file in files], covered)
    if mutated is not None:
        told["mutation"] = mutation_dict(mutated)
    write_data(json.dumps(told, ensure_ascii=False, indent=2))


def _print_tested(
    cases: list[CaseResult],
    files: list[FileResult],
    covered: list[CoveredDefinition],
    mutated: MutationReport | None,
    args: Namespace,
) -> None:
    from sfdebug.reports.testing import counts_line
    from sfdebug.testing.model import CaseVerdict

    counts = {verdict: sum(case.verdict is verdict for case in cases) for verdict in CaseVerdict}
    write_data(counts_line(counts, len(files)))
    print_coverage(covered, all_items=args.all)
    if mutated is not None:
        print_mutation(mutated, all_changes=args.all)


def _tell_ci(
    cases: Iterable[CaseResult],
    files: Iterable[FileResult],
    covered: list[CoveredDefinition],
    mutated: MutationReport | None,
    args: Namespace,
) -> None:
    from sfdebug.cli.continuous import append_summary
    from sfdebug.reports.job_summaries import cases_markdown

    write_coverage(covered, args)
    broken = [(file.file, file.problems) for file in files]
    append_summary(args.summary, cases_markdown([case.told for case in cases], broken))
    summarize_coverage(covered, args)
    if mutated is not None:
        write_mutation(mutated, args)


COMMAND = Command(
    name="merge",
    summary="put together what several jobs have verified, covered or tested",
    usage="sfdebug merge FILE... [options]",
    description="""\
Put the results of several jobs together: what `sfdebug verify`, `coverage` or `test` wrote with --json, each of
a part (--shard 3/8). The summary, the reports and the exit code are those that one job for everything would
have given. All parts have to be there, each once, and no execution or case in two of them: else it ends with 2,
for nothing can be said of what was not seen.

Of coverage, and of `verify --outcomes`, which has some, the definitions have to be where they were for the
jobs, and unchanged: lines are theirs.""",
    epilog=f"""\
examples:
  sfdebug verify order.asl.json recorded/ --shard "$JOB/8" --json > "verify-$JOB.json"
  sfdebug merge verify-*.json --junit verify.xml
      in eight jobs, then in one
  sfdebug merge coverage-*.json --cov-fail-under-errors 80 --cov-html coverage.html
  sfdebug merge test-*.json --json | jq .failed

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
