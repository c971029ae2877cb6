"""`sfdebug metrics`: what CloudWatch shows of runs, and what an alarm on it does not see."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.definitions import (
    add_project_options,
    add_type_option,
    address_of,
    is_definition,
    open_definition,
    runnable,
    type_of,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_input_options, add_start_option, read_input, read_start_time, read_tasks
from sfdebug.cli.progress import ProgressLine, RunWatch
from sfdebug.cli.rates import add_prices_option, read_rates_of
from sfdebug.cli.recordings import add_aws_options, add_log_options, check_stdin, readable_in
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from sfdebug.forecast.metrics import MetricReport
    from sfdebug.rates import RateTable

_MOST: Final = 200_000
"""So many states of a simulated run are entered before it is taken as it stands."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug metrics`."""
    parser.add_argument(
        "runs",
        metavar="RUN",
        nargs="+",
        help="recorded executions: files, folders, ARNs, - for stdin; or, with --input or --mocks, one definition",
    )
    parser.add_argument("--json", action="store_true", help="print one object")
    add_input_options(parser)
    add_start_option(parser)
    add_type_option(parser)
    add_prices_option(parser)
    add_aws_options(parser)
    add_log_options(parser)
    add_project_options(parser, has_region=True)


def run(args: Namespace) -> ExitCode:
    """Take the runs, and print what they emit together."""
    from functools import reduce

    from sfdebug.reports.metrics import metric_lines, metrics_object

    rates = read_rates_of(args)
    simulates = args.mocks is not None or args.input is not None
    found = list(_simulated(args, rates) if simulates else _recorded(args, rates))
    report = reduce(lambda one, other: one.merged(other), found)
    if args.json:
        import json

        write_data(json.dumps(metrics_object(report), ensure_ascii=False, indent=2))
    else:
        write_data("\n".join(metric_lines(report)))
    return ExitCode.SUCCEEDED


def _simulated(args: Namespace, rates: RateTable) -> Iterator[MetricReport]:
    """What a simulated run emits. Raises UsageError for more than one definition, and what simulating raises."""
    from sfdebug.simulation import run_settings

    if len(args.runs) > 1:
        raise UsageError("with --input or --mocks there is one definition to run", where=args.runs[1])
    from msgspec.structs import replace

    from sfdebug.engine.execution.children import root_identity
    from sfdebug.forecast.metrics import RunFacts, metrics_of
    from sfdebug.limits import ExecutionType
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.simulation import EndlessExecutionError, simulate
    from sfdebug.tasks.outside import ended_after

    opened = open_definition(address_of(args.runs[0], args))
    type = type_of(opened, args.type)
    machine, start_time = runnable(opened, type), read_start_time(args.start_time)
    settings = replace(run_settings(opened, start_time), execution_type=type)
    if args.region:
        settings = replace(settings, region=args.region)
    given = read_input(args.input, args.runs[0])
    tasks = read_tasks(args, machine, start_time, DefinitionInUse.of(opened), has_user=False)
    with ended_after(tasks), RunWatch(ProgressLine(sys.stderr)) as watch:
        try:
            execution = simulate(machine, given, tasks, settings, max_transitions=_MOST, watch=watch)
        except EndlessExecutionError as endless:
            execution = endless.execution
            say(f"sfdebug: it has entered {execution.visit_count:,} states and is not over: taken as it stands")
    arn = root_identity(settings, execution.input).state_machine_arn
    facts = RunFacts(arn, ExecutionType(type), settings.region, definition_bytes=machine.document.source.byte_count)
    yield metrics_of(execution.events, facts, rates)


def _recorded(args: Namespace, rates: RateTable) -> Iterator[MetricReport]:
    """What each recorded run has emitted. Raises the error of one that was named and cannot be read."""
    from sfdebug.debugger.recorded.events import PastEvents
    from sfdebug.forecast.metrics import RunFacts, metrics_of
    from sfdebug.history.alignment.alignment import align

    check_stdin(*args.runs)
    for recording in readable_in(args.runs, args, _how_to_simulate):
        known = recording.facts
        facts = RunFacts(
            known.state_machine_arn or known.state_machine_name,
            known.execution_type,
            args.region or known.region,
            known.version_arn.rpartition(":")[2],
            known.alias_arn.rpartition(":")[2],
            is_complete=not (recording.has_more or recording.missing_ids),
        )
        yield metrics_of(PastEvents(align(recording)), facts, rates)


def _how_to_simulate(given: str) -> str:
    """What a definition or a project lacks to be run; "" for anything else, which that would not mend."""
    return "To simulate a definition, give its input: --input '{}'" if is_definition(given) else ""


COMMAND = Command(
    name="metrics",
    summary="say what CloudWatch shows of runs, and what an alarm does not see",
    usage="sfdebug metrics RUN... [options]",
    description="""\
Take recorded executions, or simulate one, and print what CloudWatch has of them in AWS/States: by metric and
dimension, with sums and samples. Executions, activities, Lambda functions called by their ARN, and service
integrations are families of their own: a function called by lambda:invoke is one of the last. Then, what an
alarm on these does not see: above all, that an execution which waits emits nothing at all.""",
    epilog="""\
examples:
  sfdebug metrics recorded/ --json | jq '.metrics[] | select(.name == "ExecutionsFailed")'
  sfdebug metrics arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c
  sfdebug metrics order.asl.json -i @order.json -m mocks.json -c CardDeclined
      what a run with this test case would emit""",
    configure=configure,
    run=run,
)
