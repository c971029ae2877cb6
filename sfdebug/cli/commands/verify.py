"""`sfdebug verify`: whether a definition still does what recorded executions did."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import STDIN, say
from sfdebug.cli.definitions import (
    add_project_options,
    address_beside,
    address_of,
    definition_title,
    load_runnable,
    looked_at,
    open_definition,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import (
    LAST,
    FoundRecording,
    add_aws_options,
    add_log_options,
    add_recorded_arguments,
    check_stdin,
    files_in,
    is_arn,
    last_of_machine,
    recordings_elsewhere,
    since_of,
    statuses_of,
)
from sfdebug.errors import UsageError
from sfdebug.text import counted

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from sfdebug.cli.shards import Shard
    from sfdebug.history.replay.event_comparison import Rules
    from sfdebug.history.verification.together import Question
    from sfdebug.history.verification.verdict import Verification
    from sfdebug.history.verification.verify import FolderFile


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug verify`."""
    from sfdebug.cli.continuous import add_summary_option
    from sfdebug.cli.shards import add_shard_option

    add_recorded_arguments(parser)
    _add_machine_options(parser)
    add_rule_options(parser)
    parser.add_argument("--all", action="store_true", help="show all differences of each execution, not the first one")
    parser.add_argument("--json", action="store_true", help="print one object with all verdicts and differences")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit XML report, which CI systems read")
    add_summary_option(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing of executions that are identical")
    parser.add_argument(
        "--same-effects",
        action="store_true",
        help="compare only what Tasks call, and how the execution ends: states may be renamed, split and joined",
    )
    parser.add_argument(
        "--allow-partial",
        action="store_true",
        help="exit with 0 also when an execution is only partly recorded, and all that could be compared is identical",
    )
    parser.add_argument(
        "--recorded-definition",
        metavar="FILE",
        help="the definition that the executions ran (default: definition.asl.json beside each, as fetch writes it); "
        "what a history does not hold is verified where nothing that matters changed",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=int,
        help="verify files by so many processes (default: as many as there are cores, where that is worth it)",
    )
    add_shard_option(parser, "the files")
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, names_machine=False, has_region=True)


def _add_machine_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--machine",
        metavar="ARN",
        dest="machines",
        action="append",
        default=[],
        help="verify the last executions of this state machine (ARN or name), from AWS; where DEFINITION is a project "
        "that was given without #NAME, a name says which of its state machines is meant (both may be given)",
    )
    parser.add_argument("--last", metavar="N", type=int, help=f"how many of them (default: {LAST})")
    parser.add_argument(
        "--status",
        metavar="STATUS",
        action="append",
        default=[],
        help="of the state machine's executions only those that ended so: FAILED, TIMED_OUT, ABORTED, SUCCEEDED; "
        "several with commas (groups the outcomes)",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="of the state machine's executions only those started since: 90m, 12h, 7d, or 2026-11-28T03:00Z "
        "(groups the outcomes)",
    )
    parser.add_argument(
        "--outcomes",
        action="store_true",
        help="find out what would have come of each execution (the same failure again, success, ...), and group them; "
        "with what of the definition they took",
    )


def add_rule_options(parser: ArgumentParser) -> None:
    """What counts as a difference."""
    parser.add_argument(
        "--ignore",
        metavar="NAMES",
        action="append",
        default=[],
        help="do not compare these, separated by commas: timestamps, fields of events (cause, output, ...), or places "
        "in payloads as JSON Pointers (/updatedAt)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="compare also what AWS makes up (UUIDs, random numbers, task tokens, the execution's name) and where it "
        "ran",
    )
    parser.add_argument(
        "--tolerance",
        metavar="SECONDS",
        type=float,
        help="by how much waits and retry delays may differ (default: end up to 2 later, and no earlier)",
    )


def rules_of(args: Namespace) -> Rules:
    """The rules that the options ask for. Raises UsageError for a name that nothing has."""
    from sfdebug.history.replay.event_comparison import Rules, why_no_tolerance

    why = why_no_tolerance(args.tolerance) if args.tolerance is not None else None
    if why is not None:
        fix = "Give 0 to compare exactly, or --ignore timestamps not to compare times."
        raise UsageError(why, where="--tolerance", fix=fix)
    names = [name.strip() for given in args.ignore for name in given.split(",")]
    try:
        ignored = frozenset(name for name in names if name)
        if args.tolerance is None:
            return Rules(ignored, args.strict)
        return Rules(ignored, args.strict, args.tolerance, args.tolerance)
    except UsageError as error:
        raise UsageError(error.what, where="--ignore", fix=error.fix) from error


def run(args: Namespace) -> ExitCode:
    """Verify each recorded execution. EXECUTION_FAILED when one is not identical (nor partial, if that is allowed)."""
    from sfdebug.cli.verified import VerifiedExecutions
    from sfdebug.history.verification.together import Question
    from sfdebug.history.verification.verdict import VerificationStatus
    from sfdebug.history.verification.verify import FolderFile

    rules = rules_of(args)
    _sort_machines(args)
    shard = _check(args)
    machine = load_runnable(args.file, args)
    recorded = None
    if args.recorded_definition is not None:
        recorded = looked_at(open_definition(address_beside(args.recorded_definition, args)))
    good = {VerificationStatus.IDENTICAL, VerificationStatus.SAME_EFFECTS}
    line = ProgressLine(sys.stderr)
    outcomes = _wants_outcomes(args)
    question = Question(machine, rules, recorded, args.same_effects, outcomes)
    files = files_in(args.histories)
    if shard is not None:
        files, all_files = shard.of(files, lambda file: file[0]), len(files)
        if not files:
            say(f"sfdebug: none of the {counted(all_files, 'file')} is in shard {shard}: there is nothing to verify")
    title = definition_title(args.file, args, machine)
    with VerifiedExecutions(title, args, (title, machine) if outcomes else None, machine) as found:
        with closing(_verdicts(question, files, args, line)) as verdicts:
            for one in verdicts:
                if isinstance(one, FolderFile):
                    found.pass_over(one.path)
                    continue
                found.add(one)
                if found.is_told and not (args.quiet and one.status in good):
                    line.clear()
                    found.tell(one)
        found.tell_passed_over()
        if not found.tally.total and shard is None:
            raise UsageError("there is no history in what was given", where=", ".join(args.histories))
        return found.report({} if shard is None else {"shard": str(shard)})


def _sort_machines(args: Namespace) -> None:
    """What --machine says: `args.arn` is whose executions in AWS, by ARN or name, `args.machine` which machine of the
    project. Raises UsageError when two say the same.
    """
    address = address_of(args.file)
    names_machine = address.is_of_project and not address.name
    of_project = [one for one in args.machines if names_machine and not is_arn(one)]
    of_aws = [one for one in args.machines if one not in of_project]
    for whose, given in (("in AWS", of_aws), ("of the project", of_project)):
        if len(given) > 1:
            fix = "An ARN says whose executions in AWS, a name which state machine of the project."
            what = f"two state machines {whose} are given: {given[0]} and {given[1]}"
            raise UsageError(what, where="--machine", fix=fix)
    args.arn, args.machine = of_aws[0] if of_aws else None, of_project[0] if of_project else None


def _check(args: Namespace) -> Shard | None:
    """Which part of the files is to be verified. Raises UsageError when it is not clear what is."""
    from sfdebug.cli.shards import shard_of

    if not args.histories and args.arn is None:
        name = " (a name says which state machine of the project is meant)" if args.machine is not None else ""
        fix = f"Give a HISTORY, or --machine ARN for a state machine's last executions{name}."
        raise UsageError("no recorded execution was given", fix=fix)
    if args.jobs is not None and args.jobs < 1:
        raise UsageError("this is no number of processes", where="--jobs", fix="Write: --jobs 2")
    for name in ("last", "status", "since"):
        if getattr(args, name) not in (None, []) and args.arn is None:
            what = f"--{name} is about the executions of a state machine"
            raise UsageError(what, fix="Say which: --machine ARN")
    if args.same_effects and _wants_outcomes(args):
        what = "what would have come of an execution is found by comparing all of it, not only its effects"
        raise UsageError(what, where="--same-effects", fix="Leave out this, or --outcomes, --status and --since.")
    statuses_of(args.status)
    since_of(args.since)
    check_stdin(args.file, *args.histories)
    shard = shard_of(args.shard)
    if shard is not None:
        elsewhere = [one for one in args.histories if one == STDIN or is_arn(one)]
        if args.arn is not None or elsewhere:
            what = "files are divided, and this is none"
            raise UsageError(what, where=args.arn or elsewhere[0], fix="Fetch the executions first: sfdebug fetch.")
    return shard


def _wants_outcomes(args: Namespace) -> bool:
    return bool(args.outcomes or args.status or args.since is not None)


def _verdicts(
    question: Question, files: Sequence[tuple[Path, bool]], args: Namespace, line: ProgressLine
) -> Generator[Verification | FolderFile, None, None]:
    """The verdicts on all that was given, as they come: files first."""
    from sfdebug.cli.verified import load_reports
    from sfdebug.history.verification.together import verify_files
    from sfdebug.history.verification.verify import verify_found

    progress = line.begin("histories", "Verifying")
    try:
        with closing(verify_files(question, files, args.jobs, progress, load_reports)) as verdicts:
            yield from verdicts
    finally:
        line.clear()
    yield from verify_found(
        question.machine,
        _recordings_elsewhere(args),
        question.rules,
        recorded_definition=question.recorded_definition,
        same_effects=question.same_effects,
        outcomes=question.outcomes,
    )


def _recordings_elsewhere(args: Namespace) -> Iterator[FoundRecording]:
    """What is to be verified and is in no file, as it is read."""
    yield from recordings_elsewhere(args.histories, args)
    if args.arn is not None:
        last = LAST if args.last is None else args.last
        yield from last_of_machine(args.arn, last, args, statuses_of(args.status), since_of(args.since))


COMMAND = Command(
    name="verify",
    summary="prove that a definition still does what recorded executions did",
    usage="sfdebug verify DEFINITION HISTORY... [options]\n"
    "       sfdebug verify DEFINITION --machine ARN [--last N] [--status FAILED] [--since 1d]",
    description="""\
Run recorded executions again under a definition, with the task results that AWS recorded, in the recorded
order, and compare every event: which state, with which input, output, parameters, variables, errors and causes,
and how long waits and retry delays took. What the definition changed is found before it is deployed.

A HISTORY is what `aws stepfunctions get-execution-history` prints, in JSON or YAML, with all its pages, gzipped
or not; a folder that `sfdebug fetch` wrote; the ARN of an execution; or, of Express workflows, an export of
CloudWatch Logs at log level ALL with execution data (filter-log-events, get-log-events, Logs Insights, a
subscription's payloads, the console's CSV), with one execution or several. --machine takes a state machine's
last executions from AWS, which is only read; what cannot be read of them is not verified, and does not stop
the others.

What AWS makes up anew in every run (UUIDs, random numbers, clocks, task tokens) cannot be computed. Each such
value is followed: only what it feeds may differ, it must be one that the definition can have given, and the
recorded one is taken over, unless --strict. Any other value that differs goes on as it was computed, as on AWS.

The verdict on each execution is one of
  identical     every recorded event came again, with every value
  same effects  with --same-effects: every task call was made again, and it ended alike
  partial       all that could be compared came again, but AWS cut data off, the file ends early, or a fact like
                the execution's name is not in it
  diverges      something else came of it: the first difference is reported
  not verified  it cannot be said: the history does not hold the child executions of a Map Run (unless the
                definition that ran is known, and there the same), a value hangs on chance in a way that cannot
                be followed, data was not recorded, or the file cannot be read
The exit code is 0 when all are identical, else 1; with --allow-partial also when some are partial. The last
lines count those that are not by state, field and cause, the most frequent first, with an example of each.

Would a mend have held? With --outcomes (or --status, --since) it is found out what would have come of each
execution; they are grouped by that, and by what they had failed with. Where the paths part, the execution goes
on by itself, as long as nobody has to be asked; a Task that was asked the very same when it was recorded is
answered as it was then.
  now succeeds             it did not, and every step to the end was computed
  succeeds as recorded     every recorded event came again, to the end
  goes on where it failed  it came to where it failed and goes on; there a Task is asked what was never recorded
  differs                  before that it does something else, and what comes of it is not known
  same failure again       the same error and cause in the same state
  fails otherwise          it fails with something else, or elsewhere
  now fails                it succeeded when it was recorded
  not verified             it cannot be said
The exit code is 0 when each now succeeds, or succeeds as recorded, else 1. What of the definition they took
(states, transitions, Choice rules, Retriers, Catchers), and what never, stands below.""",
    epilog="""\
examples:
  sfdebug verify order.asl.json recorded/
      all histories in a folder
  sfdebug verify order.asl.json 'recorded/2025-*/history.json' --junit verify.xml
      a report for CI
  sfdebug verify order.asl.json --machine arn:aws:states:eu-west-1:123456789012:stateMachine:Orders
      the hundred executions that ended last (of an Express workflow, those in its log of the last --hours)
  sfdebug verify mend.asl.json --status FAILED --machine arn:aws:states:eu-west-1:123456789012:stateMachine:Pay
      would the mend have held in the last hundred that failed?
  sfdebug verify order.asl.json recorded/ --shard 3/8 --json > verify-3.json
      one of eight jobs; `sfdebug merge verify-*.json` puts their results together
  sfdebug verify refactored.asl.json recorded/ --same-effects
      states may have other names: the same calls and the same end are wanted
  sfdebug verify order.asl.json history.json --ignore timestamps,cause,/updatedAt --all
      all differences, but for how long things took, causes, and one field of the data""",
    configure=configure,
    run=run,
)
