"""`sfdebug fetch`: an execution or a Map Run from AWS as files, for working on it offline."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import printable, say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import TextIO

    from sfdebug.aws.arns import Arn
    from sfdebug.aws.fetching import FetchedExecution
    from sfdebug.aws.saving import Fetched
    from sfdebug.aws.session import Access
    from sfdebug.aws.waiting import Progress

_CHILDREN: Final = 20
_HOURS: Final = 24.0


def add_aws_options(parser: ArgumentParser) -> None:
    """Who asks AWS, and where: the same for every command that reads from it."""
    parser.add_argument("--profile", metavar="NAME", help="the profile of the AWS configuration to use")
    parser.add_argument("--region", metavar="NAME", help="the AWS region (default: the one in the ARN)")
    parser.add_argument("--endpoint-url", metavar="URL", help="ask this address in place of AWS's own")


def access_of(args: Namespace) -> Access:
    """What the options of `add_aws_options` say."""
    from sfdebug.aws.session import Access

    return Access(args.profile, args.region, args.endpoint_url)


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug fetch`."""
    parser.add_argument(
        "arn", metavar="ARN", help="the ARN of an execution or a Map Run, or its address in the console"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="the folder to write to (default: one named after the execution)"
    )
    add_aws_options(parser)
    parser.add_argument(
        "--redact",
        action="store_true",
        help="replace the values in the data, and account numbers; keys, lengths, order and equality stay, and so do "
        "values that the definition names",
    )
    parser.add_argument(
        "--children",
        metavar="N",
        type=int,
        default=_CHILDREN,
        help=f"how many children of a Map Run to fetch, failed ones first (default: {_CHILDREN})",
    )
    parser.add_argument(
        "--hours",
        metavar="N",
        type=float,
        default=_HOURS,
        help=f"how far back to search the log of an Express execution (default: {_HOURS:g})",
    )
    parser.add_argument("-f", "--force", action="store_true", help="overwrite files that are there already")


def run(args: Namespace) -> ExitCode:
    """Fetch what the ARN names, write its files, and print their paths on stdout."""
    from sfdebug.aws.arns import read_arn
    from sfdebug.aws.fetching import Steps, fetch
    from sfdebug.aws.saving import check_folder, files_of, save
    from sfdebug.aws.session import Reader

    _check(args)
    arn = read_arn(args.arn)
    folder = Path(args.output) if args.output is not None else Path(_folder_name(arn))
    if not args.force:
        check_folder(folder, _expected(arn))  # before AWS is asked for anything
    line = ProgressLine(sys.stderr)
    reader = Reader(access_of(args).at(arn), on_wait=line.waits)
    since = int((time.time() - args.hours * 3600) * 1000)
    try:
        fetched = fetch(reader, arn, args.children, Steps(line.begin), since)
    finally:
        line.clear()
    paths = save(files_of(fetched, redact=args.redact), folder, force=args.force)
    write_data("\n".join(map(str, paths)))
    for sentence in _summary(fetched):
        say(sentence)
    return ExitCode.SUCCEEDED


def _check(args: Namespace) -> None:
    if args.children < 0:
        raise UsageError(
            "this cannot be less than 0", where="--children", fix="0 fetches the Map Run without children."
        )
    if not 0 < args.hours <= 24 * 365 * 10:
        raise UsageError(
            "this is not a number of hours between 0 and ten years", where="--hours", fix="Write: --hours 48"
        )


def _folder_name(arn: Arn) -> str:
    from sfdebug.aws.saving import file_name

    return file_name(arn.name or arn.state_machine)


def _expected(arn: Arn) -> Sequence[str]:
    """The files that will be written whatever comes."""
    from sfdebug.aws.arns import ArnKind
    from sfdebug.aws.saving import CHILDREN, DEFINITION, LOG, MAP_RUN, OF_EXECUTION

    if arn.kind is ArnKind.MAP_RUN:
        return (*OF_EXECUTION, MAP_RUN, CHILDREN)
    return (DEFINITION, LOG) if arn.kind is ArnKind.EXPRESS_EXECUTION else OF_EXECUTION


class ProgressLine:
    """One line on a terminal that is written over: what is being read, and how far. Elsewhere it says nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_shown = stream is not None and stream.isatty()
        self._what = ""

    def begin(self, what: str) -> Progress:
        """Say what is read from here on; the result is told how far it is."""
        self._what = what
        self._show("")
        return self._count

    def waits(self, seconds: float, throttled: bool) -> None:
        """Say that AWS has to be asked again."""
        why = "AWS asks for fewer requests" if throttled else "no good answer"
        self._show(f": {why}, once more in {seconds:.0f} s")

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._is_shown:
            self._write("\r\x1b[K")

    def _count(self, done: int, of: int | None) -> None:
        self._show(f": {done:,}" if of is None else f": {done:,} of {of:,}")

    def _show(self, how_far: str) -> None:
        if self._is_shown:
            self._write(f"\r\x1b[KReading {printable(self._what)}{how_far} ")

    def _write(self, text: str) -> None:
        assert self._stream is not None, "it is shown"
        self._stream.write(text)
        self._stream.flush()


def _summary(fetched: Fetched) -> list[str]:
    """What came of it, for a person, on stderr."""
    from sfdebug.aws.fetching import FetchedExpress, FetchedMapRun

    if isinstance(fetched, FetchedExpress):
        lines = [f"{len(fetched.log.events):,} log events"]
        if not fetched.log.is_complete:
            lines.append(f"  The log level is {fetched.log.machine.log_level}: only some of the events were logged.")
        return [
            *lines,
            "  The definition is the state machine's present one; the execution may have run an earlier one.",
        ]
    if isinstance(fetched, FetchedMapRun):
        counts = fetched.description.execution_counts
        listed = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number and name != "total")
        lines = [f"Map Run {fetched.description.status}: {listed or 'no children'}; {len(fetched.children):,} fetched"]
        if any(child.events is None for child in fetched.children):
            lines.append("  AWS keeps no history of Express children: inputs and outputs are in their execution.json.")
        return lines
    return _execution_summary(fetched)


def _execution_summary(fetched: FetchedExecution) -> list[str]:
    from sfdebug.aws.executions import redrives
    from sfdebug.aws.problems import shown

    description, events = fetched.description, fetched.events or ()
    lines = [f"execution {description.status}, {len(events):,} events"]
    if description.error is not None:
        lines.append(f"  error: {shown(description.error)}")
    if description.is_running:
        lines.append("  It still runs: these are the events until now.")
    if description.input is None:
        lines.append("  AWS gave no input, so there is no input.json.")
    lines += [f"  redriven at event {again.event_id} ({again.timestamp})" for again in redrives(events)]
    runs = [event.get("mapRunStartedEventDetails") for event in events]
    arns = [shown(str(run.get("mapRunArn"))) for run in runs if isinstance(run, dict)]
    return lines + [f"  Map Run: sfdebug fetch {arn}" for arn in arns]


COMMAND = Command(
    name="fetch",
    summary="save an execution from AWS as files",
    usage="sfdebug fetch ARN [options]",
    description="""\
Save an execution from AWS for working on it offline: definition.asl.json (as it was for this execution),
input.json, history.json (as aws stepfunctions get-execution-history prints it, all pages) and execution.json.
Of a Map Run, also map_run.json and a folder for each of some children. Of an Express execution, its log.

AWS is only read: sfdebug makes no request that could change anything. It needs the permissions
states:DescribeExecution, DescribeStateMachineForExecution and GetExecutionHistory; for a Map Run also
DescribeMapRun and ListExecutions; for an Express execution DescribeStateMachine and logs:FilterLogEvents.""",
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
  sfdebug fetch ARN --redact -o shared
      without the values, for a colleague or a bug report
  sfdebug fetch arn:aws:states:eu-west-1:123456789012:mapRun:Orders/Lines:2b9e --children 5
      a Map Run with five of its children, failed ones first

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
