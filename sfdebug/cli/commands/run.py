"""`sfdebug run`: a whole execution without a screen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import say, writing_stdout
from sfdebug.cli.definitions import add_type_option, load_runnable
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import STDIN, add_input_options, add_start_option, read_input, read_start_time, read_tasks
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from sfdebug.engine import Execution

MAX_TRANSITIONS: Final = 1_000_000


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug run`."""
    parser.add_argument("file", metavar="FILE", help="a definition in JSON or YAML, or - to read it from stdin")
    add_input_options(parser)
    add_start_option(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one object: status, output, error, cause, transitions, ..."
    )
    parser.add_argument(
        "--history",
        metavar="OUT",
        help="write the events to this file, in the shape of GetExecutionHistory (-: to stdout, instead of the output)",
    )
    parser.add_argument(
        "--log",
        metavar="OUT",
        help="write the events to this file as CloudWatch Logs gets those of an Express workflow, one a line",
    )
    add_type_option(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=int,
        default=0,
        help="where States.Random, States.UUID and Retry jitter begin; the same seed gives the same run (default: 0)",
    )
    parser.add_argument(
        "--max-transitions",
        metavar="N",
        type=int,
        default=MAX_TRANSITIONS,
        help=f"give up after entering so many states (default: {MAX_TRANSITIONS:,})",
    )


def run(args: Namespace) -> ExitCode:
    """Run the definition to its end and print what came of it."""
    if args.history == STDIN and args.json:
        raise UsageError("--json and --history - would both print to stdout", fix="Write the history to a file.")
    from sfdebug.engine import ExecutionStatus, Settings
    from sfdebug.simulation import EndlessExecutionError, simulate

    start_time = read_start_time(args.start_time)
    machine = load_runnable(args.file, args.type)
    execution_input = read_input(args.input, args.file)
    tasks = read_tasks(args, machine, start_time)
    settings = Settings(execution_type=args.type, seed=args.seed, start_time=start_time)
    try:
        execution = simulate(machine, execution_input, tasks, settings, max_transitions=args.max_transitions)
    except EndlessExecutionError as endless:
        if args.json or args.history is not None:
            _report(endless.execution, args)
        raise
    _report(execution, args)
    return ExitCode.SUCCEEDED if execution.status is ExecutionStatus.SUCCEEDED else ExitCode.EXECUTION_FAILED


def _report(execution: Execution, args: Namespace) -> None:
    from sfdebug.reports.express_log import write_log
    from sfdebug.reports.result import RunResult, write_history, write_json, write_text

    result = RunResult.from_execution(execution)
    if args.history not in (None, STDIN):
        _write_file("history", args.history, lambda file: write_history(execution, file))
    if args.log is not None:
        _write_file("log", args.log, lambda file: write_log(execution, file))
    diagnostics = io.StringIO()
    with writing_stdout() as output:
        if args.json:
            write_json(result, output)
        elif args.history == STDIN:
            write_history(execution, output)
        else:
            write_text(result, output, diagnostics)
    if args.history == STDIN:
        write_text(result, None, diagnostics)
    if diagnostics.getvalue():
        say(diagnostics.getvalue().rstrip("\n"))


def _write_file(what: str, path: str, write: Callable[[TextIO], None]) -> None:
    try:
        with Path(path).open("w", encoding="utf-8") as file:
            write(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"the {what} cannot be written: {reason}", where=path) from error


COMMAND = Command(
    name="run",
    summary="run a definition to its end, without a screen",
    usage="sfdebug run FILE [options]",
    description="""\
Run a definition to its end and print the execution's output, as JSON, on stdout. Time is virtual: a Wait of a
day takes no time. When the execution fails, its error and cause are printed on stderr and the exit code is 1.

Every Task needs an answer: give a mock file, in the format of Step Functions Local's MockConfigFile.json, and
the name of one of its test cases. A Task that starts another state machine can run its definition, and a
distributed Map can read its items from files.""",
    epilog=f"""\
examples:
  sfdebug run order.asl.json --input @order.json --mocks MockConfigFile.json --case HappyPath
      print the output of that test case
  sfdebug run order.asl.json -i @order.json -m mocks.json -c CardDeclined --json | jq .error
      look at one field of the result
  sfdebug run orders.asl.json --s3 testdata -i '{{"Bucket": "in", "Key": "orders.csv"}}'
      a distributed Map reads testdata/in/orders.csv where it would read the object orders.csv of the bucket in
  sfdebug run parent.asl.json --nested Billing=billing.asl.json
      a Task that starts the state machine Billing runs that definition
  sfdebug run loop.asl.yaml --history events.json
      keep the events, as GetExecutionHistory would give them
  sfdebug run order.asl.json --start-time 2025-01-01T00:00:00Z --history -
      the same timestamps every time
  generate | sfdebug run - --type EXPRESS --log events.log
      read the definition from a pipe, run it as an Express workflow, and keep its log

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
