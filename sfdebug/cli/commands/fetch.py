"""`sfdebug fetch`: an execution or a Map Run from AWS as files, for working on it offline."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import STDIN, say, show_error, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import LAST, access_of, add_aws_options, add_log_options, log_search_of, read_stdin
from sfdebug.errors import SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.errors import AwsError
    from sfdebug.aws.express import LogSearch
    from sfdebug.aws.fetching import FetchedExecution
    from sfdebug.aws.saving import Fetched, SavedFile

_CHILDREN: Final = 20
_ARCHIVE: Final = "executions"
"""The folder of an archive where none is named."""
_DEFINITION: Final = "definition.asl.json"


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug fetch`."""
    parser.add_argument(
        "arns",
        metavar="ARN",
        nargs="*",
        help="the ARN of an execution or a Map Run, or its address in the console; - reads ARNs from stdin, one a line "
        "or as aws stepfunctions list-executions prints them",
    )
    _add_machine_options(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="the folder to write to, of several the folder for their folders (default: named after the execution); "
        "with --case, the folder for the cases (default: the current one); with --machine, the archive "
        f"(default: {_ARCHIVE})",
    )
    add_aws_options(parser)
    parser.add_argument(
        "--redact",
        action="store_true",
        help="replace the values in the data, and account numbers; keys, lengths, order and equality stay, and so do "
        "values that the definition names",
    )
    parser.add_argument(
        "--case",
        action="store_true",
        help="write one file for each execution, MACHINE-NAME.json: a recorded case, to hold the engine against",
    )
    parser.add_argument(
        "--children",
        metavar="N",
        type=int,
        default=_CHILDREN,
        help=f"how many children of a Map Run to fetch, failed ones first (default: {_CHILDREN})",
    )
    add_log_options(parser)
    parser.add_argument("-f", "--force", action="store_true", help="overwrite files that are there already")


def _add_machine_options(parser: ArgumentParser) -> None:
    """Which executions of a state machine."""
    parser.add_argument(
        "--machine", metavar="ARN", help="fetch executions of this state machine (its ARN or name) into an archive"
    )
    parser.add_argument(
        "--status",
        metavar="STATUS",
        action="append",
        default=[],
        help="of those only the ones that ended so: FAILED, TIMED_OUT, ABORTED, SUCCEEDED; several with commas",
    )
    parser.add_argument(
        "--since",
        metavar="TIME",
        help="of those only the ones that were started since then: 90m, 12h, 7d ago, or 2026-11-28T03:00:00Z (UTC)",
    )
    parser.add_argument(
        "--last", metavar="N", type=int, help=f"how many of them, the newest (default: {LAST}; all with --since)"
    )


def run(args: Namespace) -> ExitCode:
    """Fetch what the ARNs name, write the files, and print their paths on stdout.

    One that cannot be had does not stop the others: it is reported, and the exit code is that of its error.
    """
    from sfdebug.aws.arns import read_arn
    from sfdebug.aws.errors import CredentialsError

    if args.machine is not None:
        from sfdebug.cli.archiving import fetch_machine

        _check_machine(args)
        return fetch_machine(args, args.output or _ARCHIVE)
    for name in ("status", "since", "last"):
        if getattr(args, name) not in (None, []):
            what = f"--{name} is about the executions of a state machine"
            raise UsageError(what, fix="Say which: --machine ARN")
    if not args.arns:
        fix = "Give an ARN, or --machine ARN. For help: sfdebug fetch --help"
        raise UsageError("nothing is named that could be fetched", fix=fix)
    if args.children < 0:
        raise UsageError(
            "this cannot be less than 0", where="--children", fix="0 fetches the Map Run without children."
        )
    search = log_search_of(args)
    arns = [read_arn(one) for one in _given(args.arns)]
    places = _places(arns, args)
    if len(arns) == 1:
        _fetch(arns[0], places[0], search, args)
        return ExitCode.SUCCEEDED
    failed = 0
    for arn, place in zip(arns, places, strict=True):
        try:
            _fetch(arn, place, search, args)
        except CredentialsError:
            raise  # it would be the same for all others
        except SfdebugError as error:
            failed += 1
            show_error(error)
    if failed:
        say(f"{failed} of {len(arns)} could not be fetched")
    return ExitCode.USAGE if failed else ExitCode.SUCCEEDED


def _check_machine(args: Namespace) -> None:
    """Raises UsageError for what is not about an archive."""
    if args.arns:
        what = "executions are named, and a state machine, whose executions go into an archive"
        raise UsageError(what, where="--machine", fix="Fetch them with two commands.")
    if args.case:
        what = "--case writes one execution, and --machine an archive of many"
        raise UsageError(what, where="--case", fix="Leave it out; or name executions in place of --machine.")


def _fetch(arn: Arn, place: Path, search: LogSearch, args: Namespace) -> None:
    """One execution or Map Run, into the folder `place`, or the file `place` of its case. Raises SfdebugError."""
    from sfdebug.aws.fetching import FetchedExecution, fetch
    from sfdebug.aws.saving import case_of, check_folder, files_of, save
    from sfdebug.aws.session import AwsReader

    if args.case:
        _check_has_case(arn)
    folder, expected = (place.parent, (place.name,)) if args.case else (place, _expected(arn))
    if not args.force:
        check_folder(folder, expected)  # before AWS is asked for anything
    line = ProgressLine(sys.stderr)
    reader = AwsReader(access_of(args).at(arn), on_wait=line.waits, on_pace=line.paces)
    try:
        fetched = fetch(reader, arn, args.children, line.begin, search)
    finally:
        line.clear()
    if args.case and isinstance(fetched, FetchedExecution):
        files: Sequence[SavedFile] = [case_of(fetched, place.name, redact=args.redact)]
    else:
        files = files_of(fetched, redact=args.redact)
    paths = save(files, folder, force=args.force)
    write_data("\n".join(map(str, paths)))
    for sentence in _summary(fetched):
        say(sentence)


def _check_has_case(arn: Arn) -> None:
    """Raises UsageError when what the ARN names is no execution that ran a whole definition and has a history."""
    from sfdebug.aws.arns import ArnKind

    if arn.is_child or arn.kind in (ArnKind.MAP_RUN, ArnKind.EXPRESS_EXECUTION):
        named = f"a child {ArnKind.EXECUTION}, which ran a part of a definition" if arn.is_child else f"this {arn.kind}"
        what = f"there is no case of {named}: a case is a whole Standard execution"
        raise UsageError(what, where=arn.text, fix="Leave --case out.")


def _given(arns: Sequence[str]) -> list[str]:
    """The ARNs, each once; for "-" those on standard input. Raises UsageError when there are none."""
    found: dict[str, None] = {}
    for one in arns:
        for arn in _on_stdin() if one == STDIN else (one,):
            found[arn] = None
    if not found:
        raise UsageError("there is no ARN on standard input", where=STDIN, fix="Give one on each line.")
    return list(found)


def _on_stdin() -> list[str]:
    """One ARN a line, or all that stand in an answer of ListExecutions."""
    import json

    text = read_stdin().decode("utf-8", "replace").strip().removeprefix("\ufeff")
    if text[:1] not in ("{", "["):
        return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"standard input is neither ARNs nor JSON: {error}", where=STDIN) from error
    entries = answer.get("executions") if isinstance(answer, dict) else answer
    if not isinstance(entries, list):
        raise UsageError("this JSON has no list of executions", where=STDIN, fix="Give what list-executions prints.")
    found = (one.get("executionArn") if isinstance(one, dict) else one for one in entries)
    return [arn for arn in found if isinstance(arn, str)]


def _places(arns: Sequence[Arn], args: Namespace) -> list[Path]:
    """Where each is written: a folder named after its execution, or the file of its case."""
    from sfdebug.aws.saving import free_name

    if len(arns) == 1 and args.output and not args.case:
        return [Path(args.output)]
    taken: set[str] = set()
    output = args.output or ""
    if args.case:
        return [Path(output, f"{free_name(f'{arn.state_machine}-{arn.name}', taken)}.json") for arn in arns]
    return [Path(output, free_name(arn.name or arn.state_machine, taken)) for arn in arns]


def _expected(arn: Arn) -> Sequence[str]:
    """The files that will be written whatever comes."""
    from sfdebug.aws.arns import ArnKind
    from sfdebug.aws.saving import CHILDREN, DEFINITION, LOG, MAP_RUN, OF_EXECUTION

    if arn.kind is ArnKind.MAP_RUN:
        return (*OF_EXECUTION, MAP_RUN, CHILDREN)
    return (DEFINITION, LOG) if arn.kind is ArnKind.EXPRESS_EXECUTION else OF_EXECUTION


def _summary(fetched: Fetched) -> list[str]:
    """What came of it, for a person, on stderr."""
    from sfdebug.aws.fetching import FetchedExpress, FetchedMapRun

    if isinstance(fetched, FetchedExpress):
        lines = [f"{len(fetched.log.events):,} log events"]
        if not fetched.log.is_complete:
            lines.append(f"  The log level is {fetched.log.level}: only some of the events were logged.")
        if fetched.log.machine is None:
            return [*lines, *_missing(fetched.log.refusals)]
        return [
            *lines,
            "  The definition is the state machine's present one; the execution may have run an earlier one.",
        ]
    if isinstance(fetched, FetchedMapRun):
        counts = fetched.description.execution_counts
        listed = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number and name != "total")
        lines = [f"Map Run {fetched.description.status}: {listed or 'no children'}; {len(fetched.children):,} fetched"]
        lines += _refusals(fetched.parent)
        if any(child.events is None for child in fetched.children):
            lines.append("  AWS keeps no history of Express children: inputs and outputs are in their execution.json.")
        return lines
    return _execution_summary(fetched)


def _refusals(fetched: FetchedExecution) -> list[str]:
    """What AWS did not give of an execution, and how to do without."""
    if fetched.machine is None:
        return _missing(fetched.refusals)
    return [f"  {error.what}" for error in fetched.refusals]


def _missing(refusals: Sequence[AwsError]) -> list[str]:
    """Why there is no definition, and how to do without; nothing when none was to be had."""
    lines = [f"  {error.what}" for error in refusals]
    offer = f"  There is no {_DEFINITION}: put the definition beside the history, or give it to replay."
    return [*lines, offer] if lines else []


def _execution_summary(fetched: FetchedExecution) -> list[str]:
    from sfdebug.aws.errors import shown

    description, events = fetched.description, fetched.events or ()
    lines = [f"execution {description.status}, {len(events):,} events"]
    lines += _refusals(fetched)
    if description.error is not None:
        lines.append(f"  error: {shown(description.error)}")
    if description.is_running:
        lines.append("  It still runs: these are the events until now.")
    if description.input is None:
        lines.append("  AWS gave no input, so there is no input.json.")
    again = [event for event in events if event.get("type") == "ExecutionRedriven"]
    lines += [f"  redriven at event {event.get('id')} ({event.get('timestamp', '')})" for event in again]
    runs = [event.get("mapRunStartedEventDetails") for event in events]
    arns = [shown(str(run.get("mapRunArn"))) for run in runs if isinstance(run, dict)]
    return lines + [f"  Map Run: sfdebug fetch {arn}" for arn in arns]


COMMAND = Command(
    name="fetch",
    summary="save executions from AWS as files",
    usage="sfdebug fetch ARN... [options]\n"
    "       sfdebug fetch --machine ARN [--since 1d] [--status FAILED] [--last N] [-o DIR]",
    description="""\
Save an execution from AWS for working on it offline: definition.asl.json (as it was for this execution),
input.json, history.json (as aws stepfunctions get-execution-history prints it, all pages) and execution.json.
Of several, a folder for each; one that cannot be had does not stop the others. Of a Map Run, also map_run.json
and a folder for each of some children. Of an Express execution, its log.

With --machine, executions of a state machine become an archive: a folder for each of them, below one for
the state machine, an index, and nothing that is half written, however it ends. The same command goes on with
it: what is there is not asked for again (but what was redriven since), and what is new is added. Requests keep
to AWS's quotas, and slow down when AWS asks for fewer. Of an Express state machine the log is searched, from
--since or --hours on; what that means is said first. sfdebug replay DIR opens the list of them, sfdebug verify
and sfdebug diff take them too; AWS is not asked for any of that.

AWS is only read: this makes no request that could change anything. It needs the permissions
states:DescribeExecution, DescribeStateMachineForExecution and GetExecutionHistory; for a Map Run also
DescribeMapRun and ListExecutions; for a state machine ListExecutions (by its name also ListStateMachines);
for Express executions DescribeStateMachine and logs:FilterLogEvents.
Where only the history is allowed, it saves that and says what is missing.""",
    epilog=f"""\
what --redact does:
  Replaced in inputs, outputs, parameters and variables: texts by others of the same length, numbers and
  timestamps by others in the same order. So are causes, and account numbers everywhere. What stays: keys,
  true, false, null, 0, names, ARNs, errors, times of events, the definition, and each value that the
  definition names, so that Choice rules decide as they did. Equal values stay equal in all the files.

examples:
  sfdebug fetch arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c
      save it in the folder 5f2c
  sfdebug fetch ARN -o failed --profile production
      choose the folder, and who asks
  aws stepfunctions list-executions --state-machine-arn ARN --status-filter FAILED | sfdebug fetch - -o failed
      all of them, in folders below failed
  sfdebug fetch --machine Orders --since 1d --status FAILED -o failed
      those of the last day that failed, as an archive; once more: what has failed since
  sfdebug fetch ARN --case -o cases
      a recorded case: definition, input and history in cases/Orders-5f2c.json (docs/RECORDED_CASES.md)
  sfdebug fetch ARN --redact -o shared
      without the values, for a colleague or a bug report
  sfdebug fetch arn:aws:states:eu-west-1:123456789012:mapRun:Orders/Lines:2b9e --children 5
      a Map Run with five of its children, failed ones first

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
