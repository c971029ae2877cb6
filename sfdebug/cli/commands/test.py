"""`sfdebug test`: the test cases of state machines, without any other test runner."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import replacing_file, say, show_error, write_data
from sfdebug.cli.covered import (
    add_coverage_options,
    check_coverage_options,
    is_enough,
    print_coverage,
    summarize_coverage,
    write_coverage,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.mutated import (
    add_survivor_options,
    are_noticed,
    check_survivor_options,
    print_mutation,
    write_mutation,
)
from sfdebug.cli.progress import ProgressLine
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.cli.shards import Shard
    from sfdebug.reports.coverage.places import CoveredDefinition
    from sfdebug.testing.model import CaseOutcome, MachineCase
    from sfdebug.testing.mutation.model import MutationReport
    from sfdebug.testing.reading import CaseFileError

_EXPLAINED: Final = 30
"""So many that did not pass are explained; of the others there is a line."""
_KEPT: Final = 100
"""So many runs are kept."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug test`."""
    from sfdebug.cli.continuous import add_summary_option
    from sfdebug.cli.shards import add_shard_option

    parser.add_argument(
        "paths", metavar="FILE", nargs="*", default=[], help="files of test cases (*.sfn.yaml), folders with some below"
    )
    parser.add_argument("-k", metavar="TEXT", dest="keyword", help="run only cases with this in their file or name")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first case that does not pass")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each case")
    parser.add_argument("--json", action="store_true", help="print one object with all cases")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit XML report, which CI systems read")
    parser.add_argument("--no-keep", action="store_true", help="keep no session of what did not pass")
    parser.add_argument("--jobs", metavar="N", type=int, help="run cases by so many processes")
    add_summary_option(parser)
    add_shard_option(parser, "the cases")
    parser.add_argument("--cov", action="store_true", help="say what of the machines the cases took, and what never")
    parser.add_argument(
        "--mutate",
        action="store_true",
        help="change the machines in one place at a time, and name what no case notices",
    )
    parser.add_argument(
        "--budget", metavar="SECONDS", type=float, help="with --mutate: stop after so long (default: run all changes)"
    )
    add_survivor_options(parser)
    parser.add_argument(
        "--all", action="store_true", help="name all that was never taken, and all changes that were not noticed"
    )
    add_coverage_options(parser, "cov-")


def run(args: Namespace) -> ExitCode:
    """Run the cases. EXECUTION_FAILED when one did not pass, or less was taken than asked for; USAGE when one could not
    be run; INTERRUPTED by Ctrl+C, after what had been run by then is said."""
    from sfdebug.testing.together import find_cases

    shard = _check(args)
    found = find_cases(args.paths or ["."])
    errors = [error for error in found.errors if shard is None or shard.has(error.problems[0].file)]
    for error in errors:
        show_error(error)
    cases = [case for case in found.cases if args.keyword is None or args.keyword.casefold() in case.id.casefold()]
    if not cases and not found.errors:
        raise UsageError("no case is called like that", where="-k", fix="sfdebug test -v names all of them.")
    if shard is not None:
        cases, all_cases = shard.of(cases, lambda case: case.id), len(cases)
        if not cases and not errors:
            say(f"sfdebug: none of the {counted(all_cases, 'case')} is in shard {shard}: there is nothing to run")
    outcomes: list[CaseOutcome] = []
    try:
        return _judged(cases, outcomes, errors, shard, args)
    except KeyboardInterrupt:
        _say_interrupted(outcomes, len(cases), len(errors), args)
        return ExitCode.INTERRUPTED


def _say_interrupted(outcomes: Sequence[CaseOutcome], count: int, broken_files: int, args: Namespace) -> None:
    """What had been run when it was interrupted; on stderr with --json, whose object is printed whole or not at all."""
    from sfdebug.reports.testing import verdicts_line

    left = count - len(outcomes)
    text = f"{verdicts_line(outcomes, broken_files)}, interrupted" + (f": {left:,} were not run" if left else "")
    if args.json:
        say(f"sfdebug: {text}")
    else:
        write_data(text)


def _judged(
    cases: Sequence[MachineCase],
    outcomes: list[CaseOutcome],
    errors: Sequence[CaseFileError],
    shard: Shard | None,
    args: Namespace,
) -> ExitCode:
    """Run the cases, which adds to `outcomes`, and tell what came of them."""
    from sfdebug.reports.testing import verdicts_line

    sessions = _run_all(cases, outcomes, args)
    covered = _covered(outcomes) if _wants_coverage(args) else []
    if covered and args.keyword is None and shard is None:
        _say_untested(outcomes)
    mutated = _mutated(outcomes, args) if args.mutate else None
    if args.junit is not None:
        _write_junit(outcomes, sessions, errors, mutated, args)
    if args.json:
        _print_json(outcomes, sessions, errors, covered, shard, mutated)
    else:
        write_data(verdicts_line(outcomes, len(errors)))
        if args.cov:
            print_coverage(covered, all_items=args.all)
        if mutated is not None:
            print_mutation(mutated, all_changes=args.all)
            if shard is not None:
                say(f"sfdebug: that is of the cases of shard {shard} alone: sfdebug merge says what no case notices")
    write_coverage(covered, args)
    _tell_ci(outcomes, sessions, errors, args)
    summarize_coverage(covered, args)
    if mutated is not None and shard is None:
        write_mutation(mutated, args)
    if errors or any(one.verdict == "error" for one in outcomes):
        return ExitCode.USAGE
    is_good = all(one.is_good for one in outcomes) and is_enough(covered, args) and are_noticed(mutated, args)
    return ExitCode.SUCCEEDED if is_good else ExitCode.EXECUTION_FAILED


def _check(args: Namespace) -> Shard | None:
    """Which part of the cases is to be run. Raises UsageError."""
    from sfdebug.cli.shards import shard_of

    if args.jobs is not None and args.jobs < 1:
        raise UsageError("this is no number of processes", where="--jobs", fix="Write: --jobs 2")
    for name, value in (
        ("--budget", args.budget),
        ("--fail-on-survivors", args.fail_on_survivors),
        ("--code-quality", args.code_quality),
    ):
        if value is not None and not args.mutate:
            raise UsageError(f"{name} is about --mutate", where=name, fix="Give --mutate too.")
    if args.budget is not None and not 0 <= args.budget < float("inf"):
        raise UsageError("this is no number from 0 on", where="--budget", fix="Write: --budget 60")
    check_coverage_options(args)
    shard = shard_of(args.shard)
    check_survivor_options(args, is_part=shard is not None)
    return shard


def _wants_coverage(args: Namespace) -> bool:
    return bool(args.cov) or any(value is not None for name, value in vars(args).items() if name.startswith("cov_"))


def _run_all(cases: Sequence[MachineCase], outcomes: list[CaseOutcome], args: Namespace) -> dict[str, str]:
    """Add what comes of the cases to `outcomes`; where the runs are kept that do not pass, by the ids of cases."""
    from sfdebug.reports.testing import explanation, note_lines, outcome_line
    from sfdebug.testing.together import run_cases

    sessions: dict[str, str] = {}
    failing = 0
    line = ProgressLine(sys.stderr)
    count = line.begin("cases", "Running")
    try:
        with closing(run_cases(cases, args.jobs, keeps_runs=not args.no_keep)) as found:
            for outcome in found:
                outcomes.append(outcome)
                count(len(outcomes), len(cases))
                if not args.no_keep and len(sessions) < _KEPT:
                    sessions |= _kept(outcome)
                if not args.json and (args.verbose or not outcome.is_good):
                    line.clear()
                    write_data("\n".join([outcome_line(outcome), *note_lines(outcome)]))
                    failing += not outcome.is_good
                    if not outcome.is_good and failing <= _EXPLAINED:
                        told = explanation(outcome, sessions.get(outcome.case.id, ""))
                        write_data("\n".join(f"    {text}" for text in told))
                if args.exitfirst and not outcome.is_good:
                    break
    finally:
        line.clear()
    if len(outcomes) < len(cases):
        say(f"sfdebug: stopped at the first that did not pass: {len(cases) - len(outcomes):,} were not run")
    return sessions


def _mutated(outcomes: Sequence[CaseOutcome], args: Namespace) -> MutationReport:
    """What came of the mutants of all machines; cases that did not pass have no part in it, which is said."""
    from sfdebug.testing.mutation.mutating import mutate

    left_out = sum(not one.is_good for one in outcomes)
    if left_out:
        say(f"sfdebug: {counted(left_out, 'case')} did not pass, and can notice no change")
    line = ProgressLine(sys.stderr)
    try:
        return mutate(outcomes, args.jobs, seconds=args.budget, progress=line.begin("changes", "Trying"))
    finally:
        line.clear()


def _kept(outcome: CaseOutcome) -> dict[str, str]:
    """Keep a run that was not as expected; forget the last one of a case that passes now."""
    from sfdebug import __version__
    from sfdebug.testing.keeping import forget_run, keep_run

    try:
        if outcome.run is not None:
            path = keep_run(outcome.run, outcome.case, __version__, time.time())
            return {outcome.case.id: str(path)}
        forget_run(outcome.case)
    except (OSError, SfdebugError) as error:
        say(f"sfdebug: the run of '{escaped(outcome.case.name)}' could not be kept: {error}")
    return {}


def _covered(outcomes: Sequence[CaseOutcome]) -> list[CoveredDefinition]:
    """What the cases took of each machine, by where it is."""
    from sfdebug.history.coverage.items import merged
    from sfdebug.reports.coverage.places import CoveredDefinition
    from sfdebug.testing.running import machine_at

    machines: dict[str, list[CaseOutcome]] = {}
    for outcome in outcomes:
        if outcome.taken is not None:
            machines.setdefault(outcome.case.machine.text, []).append(outcome)
    found = []
    for text, ran in machines.items():
        address = ran[0].case.machine
        machine = machine_at(address.path, address.name)[1].machine
        found.append(CoveredDefinition(text, machine, merged(machine, (one.taken for one in ran if one.taken))))
    return found


def _say_untested(outcomes: Sequence[CaseOutcome]) -> None:
    """Say which machines of the same projects have no case: a share is of those alone that have one."""
    from sfdebug.reports.coverage.text import untested_texts
    from sfdebug.testing.together import without_cases

    for text in untested_texts(without_cases(one.case.machine for one in outcomes)):
        say(f"sfdebug: {text}")


def _write_junit(
    outcomes: Sequence[CaseOutcome],
    sessions: dict[str, str],
    errors: Sequence[CaseFileError],
    mutated: MutationReport | None,
    args: Namespace,
) -> None:
    from sfdebug.reports.junit import JUnitReport
    from sfdebug.reports.mutation import mutation_case
    from sfdebug.reports.testing import broken_file_case, junit_case

    with JUnitReport("sfdebug test") as report:
        for one in outcomes:
            report.add(junit_case(one, sessions.get(one.case.id, "")))
        for error in errors:
            report.add(broken_file_case(error.problems[0].file, [str(one) for one in error.problems]))
        if mutated is not None and args.fail_on_survivors is not None:
            report.add(mutation_case(mutated, args.fail_on_survivors))
        with replacing_file(args.junit, "report") as stream:
            report.write(stream)


def _tell_ci(
    outcomes: Sequence[CaseOutcome], sessions: dict[str, str], errors: Sequence[CaseFileError], args: Namespace
) -> None:
    from sfdebug.cli.continuous import annotate, append_summary, is_on_github

    if args.summary is None and not is_on_github():
        return
    from sfdebug.reports.job_summaries import cases_markdown
    from sfdebug.reports.testing import case_annotations, outcome_dict

    cases = [outcome_dict(one, sessions.get(one.case.id, "")) for one in outcomes]
    broken = [(error.problems[0].file, [str(one) for one in error.problems]) for error in errors]
    annotate(case_annotations(cases, broken))
    append_summary(args.summary, cases_markdown(cases, broken))


def _print_json(
    outcomes: Sequence[CaseOutcome],
    sessions: dict[str, str],
    errors: Sequence[CaseFileError],
    covered: Sequence[CoveredDefinition],
    shard: Shard | None,
    mutated: MutationReport | None,
) -> None:
    from sfdebug.reports.testing import cases_dict, outcome_dict

    cases = [outcome_dict(one, sessions.get(one.case.id, "")) for one in outcomes]
    broken = [(error.problems[0].file, [str(one) for one in error.problems]) for error in errors]
    told = cases_dict(cases, broken, covered)
    if mutated is not None:
        from sfdebug.reports.mutation import mutation_dict

        told["mutation"] = mutation_dict(mutated)
    write_data(json.dumps(told if shard is None else {"shard": str(shard), **told}, ensure_ascii=False, indent=2))


COMMAND = Command(
    name="test",
    summary="run test cases of state machines, and say what they never took",
    usage="sfdebug test [FILE...] [options]",
    description="""\
Run the test cases in *.sfn.yaml files: a machine, an input, what its Tasks are answered, and what is
expected of the run: status, output or a part of it, error, path, states that are not visited, attempts,
variables. Time is virtual: a Wait of a day takes none. A Task that nobody answers is an error, never a
made-up answer.

What is not as it is expected is told with the path, and a wrong value with the state and stage it is from.
The run is kept below .sfdebug/tests, and `sfdebug --session FILE` opens it where it leaves what is expected.

--mutate changes the machines in one place at a time (a rule, a Retrier, a Catcher, a path, a comparison, a
constant, a limit) and runs the cases that enter the changed state: what none of them notices is named. Of
several jobs with a part of the cases each (--shard), `sfdebug merge` says what none of all notices.

--cov says what of the machines all cases together took, and what never: the error paths that no test takes.""",
    epilog=f"""\
a file of cases (docs/testing.md has all that can stand in one):
  machine: order.asl.json
  mocks: MockConfigFile.json
  tests:
    - name: paid at once
      case: HappyPath
      expect: {{output: {{status: SHIPPED}}}}
    - name: the card is declined
      answers:
        Charge card: {{fail: CardDeclined, cause: no money}}
        "Tell: card declined": {{return: {{MessageId: m1}}}}
      expect: {{error: PaymentFailed, not_visited: [Ship order]}}

examples:
  sfdebug test
      all cases below this folder
  sfdebug test flows/ -k declined -x
  sfdebug test --mutate --budget 120 --fail-on-survivors 10
  sfdebug test --cov --cov-fail-under-errors 80 --cov-html coverage.html --junit tests.xml

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
