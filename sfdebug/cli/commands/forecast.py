"""`sfdebug forecast`: what a workflow costs, where it breaks, and when AWS throttles it, from its runs."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.cli.command import Command
from sfdebug.cli.console import STDIN, say, write_data
from sfdebug.cli.definitions import (
    FILE,
    add_project_options,
    add_type_option,
    address_of,
    obstacles_of,
    open_definition,
    runnable,
    type_of,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_input_options, read_input, read_start_time, read_tasks
from sfdebug.cli.progress import ProgressLine, RunWatch
from sfdebug.cli.rates import add_prices_option, read_rates_of
from sfdebug.cli.recordings import check_stdin, readable_in
from sfdebug.errors import UnansweredTaskError, UsageError
from sfdebug.text import escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from sfdebug.forecast.runs import MeasuredRun
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.reports.forecast import Forecast

    _Weighted: TypeAlias = tuple[MeasuredRun, Decimal]

_FOR: Final = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d)?", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST: Final = 366 * 86_400
_MOST_WEIGHT: Final = Decimal(10) ** 9
_LEAST_RATE: Final = Decimal("0.000001")
_MOST_A_MONTH: Final = Decimal(10) ** 12
_ONLY: Final = "the run"
DEFAULT_REGION: Final = "us-east-1"
_START: Final = "2025-01-01T00:00:00Z"
_RECORDED: Final = "  Or count what was recorded: --history FILE, a folder of them, or an execution's ARN"


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug forecast`."""
    parser.add_argument("file", metavar="FILE", help=FILE)
    add_input_options(parser, many_cases=True)
    parser.add_argument(
        "--history",
        metavar="HISTORY",
        action="append",
        default=[],
        help="a recorded execution of it, a file or a folder with several: counted as it went (may be given again)",
    )
    parser.add_argument(
        "--takes",
        metavar="[STATE=]SECONDS",
        action="append",
        default=[],
        help="how long an attempt of a Task takes, of all Tasks or of one state: durations are not known otherwise",
    )
    parser.add_argument("--rate", metavar="N", help="executions that are started each second: what AWS throttles then")
    parser.add_argument(
        "--for",
        dest="lasting",
        metavar="TIME",
        default="10m",
        help="how long that goes on: 90s, 10m, 2h (default: 10m)",
    )
    parser.add_argument("--monthly", metavar="N", help="tell the costs of so many executions a month, too")
    add_prices_option(parser)
    parser.add_argument("--json", action="store_true", help="print one object")
    add_type_option(parser)
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Count the runs, and print what they come to."""
    from sfdebug.reports.forecast import forecast_lines, forecast_object

    forecast = _forecast(args)
    if args.json:
        import json

        write_data(json.dumps(forecast_object(forecast), ensure_ascii=False, indent=2))
    else:
        write_data("\n".join(forecast_lines(forecast)))
    return ExitCode.SUCCEEDED


def _forecast(args: Namespace) -> Forecast:
    from sfdebug.forecast.estimate import RunMix, load_of
    from sfdebug.forecast.express import why_not_express
    from sfdebug.reports.forecast import Forecast

    rate, seconds = _rate(args.rate), _seconds(args.lasting)
    monthly, takes = _monthly(args.monthly), _takes(args.takes)
    check_stdin(args.file, args.input or "", args.mocks or "", *args.history)
    rates = read_rates_of(args)
    opened = open_definition(address_of(args.file, args))
    type = type_of(opened, args.type)
    if args.type is not None:
        runnable(opened, args.type)
    runs = [*_recorded(args, opened), *_simulated(args, opened, type, takes)]
    machine = opened.definition
    mix = RunMix.of([run for run, _ in runs], [weight for _, weight in runs], machine.document.source.byte_count)
    project = opened.project.region if opened.project is not None else ""
    region = args.region or project or next(filter(None, (run.region for run, _ in runs)), DEFAULT_REGION)
    return Forecast(
        definition=opened.address.text,
        type=type,
        region=region,
        rates=rates,
        mix=mix,
        not_express=why_not_express(machine, [run.usage for run in mix.runs]),
        monthly=monthly,
        load=load_of(mix, rates, region, rate, seconds, type) if rate is not None else None,
    )


# runs


def _simulated(args: Namespace, opened: OpenedDefinition, type: str, takes: dict[str, float]) -> Iterator[_Weighted]:
    """A run for each case. Where recorded executions are given and nothing else, there is none."""
    from sfdebug.simulation import run_settings

    if args.history and not args.case and args.mocks is None and args.input is None:
        return
    from msgspec.structs import replace

    from sfdebug.forecast.runs import measured
    from sfdebug.projects.in_use import DefinitionInUse
    from sfdebug.tasks.outside import ended_after

    machine, start_time = runnable(opened, type), read_start_time(_START)
    given = read_input(args.input, args.file)
    settings = replace(run_settings(opened, start_time), execution_type=type)
    cases, left_out, told = _cases(args), [], set[str]()
    for case, weight in cases:
        asked = Namespace(**{**vars(args), "case": case, "told": told})
        tasks = read_tasks(asked, machine, start_time, DefinitionInUse.of(opened), has_user=False)
        with ended_after(tasks), RunWatch(ProgressLine(sys.stderr)) as watch:
            try:
                found = measured(machine, given, settings, tasks, case or _ONLY, takes, watch)
            except UnansweredTaskError as error:
                where = f"{error.where}, case {case}" if case is not None else error.where
                left_out.append(UnansweredTaskError(error.what, where=where, fix=error.fix))
                if args.case or len(left_out) == len(cases):
                    raise UnansweredTaskError(error.what, where=where, fix=f"{error.fix}\n{_RECORDED}") from None
                continue
        if found.usage.error is not None and args.input is None:
            failed = f"'{escaped(found.usage.name)}' failed with {escaped(found.usage.error)}"
            say(f"sfdebug: {failed}, having begun with {{}}: --input gives what it begins with")
        yield found, weight
    for one in left_out:  # of a file of which every case was taken
        say(f"sfdebug: left out: {one.where}: {escaped(one.what)}")


def _recorded(args: Namespace, opened: OpenedDefinition) -> Iterator[_Weighted]:
    """A run for each recorded execution. Raises the error of one that was named and cannot be read."""
    if not args.history:
        return
    from sfdebug.forecast.runs import measured_recording

    machine = None if obstacles_of(opened) else opened.definition
    for recording in readable_in(args.history, args):
        yield measured_recording(recording, machine), Decimal(1)


# what the options say


def _cases(args: Namespace) -> list[tuple[str | None, Decimal]]:
    """The cases with their weights: those of `--case`, else all of the mock file. Raises UsageError."""
    given = [_case(text) for text in args.case]
    if given or args.mocks in (None, STDIN):
        return [*given] or [(None, Decimal(1))]
    from sfdebug.tasks.mock_config import MockConfig

    config = MockConfig.load(args.mocks)
    if len(config.state_machines) > 1:
        return [(None, Decimal(1))]  # which says what there is to choose from
    return [(case, Decimal(1)) for case in config.cases()] or [(None, Decimal(1))]


def _case(text: str) -> tuple[str, Decimal]:
    """`NAME`, or `NAME=WEIGHT`. A name can have a = in it, when no number follows."""
    name, sign, weight = text.rpartition("=")
    number = _decimal(weight) if sign and name else None
    if number is None:
        return text, Decimal(1)
    if not 0 < number < _MOST_WEIGHT:
        raise UsageError(f"'{escaped(weight)}' is no weight", where="--case", fix=f"Write: --case {escaped(name)}=0.2")
    return name, number


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _takes(given: Sequence[str]) -> dict[str, float]:
    """The seconds that Tasks take, by state; "" for all. Raises UsageError."""
    found: dict[str, float] = {}
    for text in given:
        state, _, seconds = text.rpartition("=")
        number = _decimal(seconds)
        if number is None or not 0 <= number < _LONGEST:
            what = f"'{escaped(text)}' does not say how many seconds a Task takes"
            raise UsageError(what, where="--takes", fix="Write: --takes 0.4, or: --takes 'Charge card=2.5'")
        found[state] = float(number)
    return found


def _rate(given: str | None) -> Fraction | None:
    if given is None:
        return None
    number = _decimal(given.removesuffix("/s"))
    if number is None or not _LEAST_RATE <= number < _MOST_WEIGHT:
        raise UsageError(f"'{escaped(given)}' is no number of starts a second", where="--rate", fix="Write: --rate 50")
    from fractions import Fraction

    return Fraction(number)


def _monthly(given: str | None) -> int | None:
    if given is None:
        return None
    number = _decimal(given.replace(",", ""))
    if number is None or not 0 < number <= _MOST_A_MONTH or number != int(number):
        what = f"'{escaped(given)}' is no number of executions"
        raise UsageError(what, where="--monthly", fix="Write: --monthly 50000, or: --monthly 2e6")
    return int(number)


def _seconds(given: str) -> Fraction:
    from fractions import Fraction

    match = _FOR.fullmatch(given.strip())
    seconds = Fraction(match[1]) * _UNITS[match[2] or "s"] if match is not None else Fraction(0)
    if not 0 < seconds <= _LONGEST:
        raise UsageError(f"'{escaped(given)}' is no time up to a year", where="--for", fix="Write: --for 90s, 10m, 2h")
    return seconds


COMMAND = Command(
    name="forecast",
    summary="estimate what a workflow costs, where it breaks, and when AWS throttles it",
    usage="sfdebug forecast FILE [options]",
    description="""\
Run a definition, or take recorded executions of it, and say what they come to: transitions, retries, events and
the largest payload; what one, a million or so many a month cost as Standard and as Express, or why Express is
not possible; what a turn of each loop and an item of each Map uses, and in which turn the history of 25,000
events or a payload of 256 KiB is full: found by running the loop on, each turn answered as its last one was. Of
several test cases or recordings it is what is to be expected, by their weights. All of it are estimates, with
the prices and quotas of one dated table. Durations are known of recordings, and where --takes says them.""",
    epilog="""\
examples:
  sfdebug forecast order.asl.json -i @order.json -m mocks.json -c HappyPath
  sfdebug forecast order.asl.json -i @order.json -m mocks.json -c HappyPath=97 -c CardDeclined=3
      three in a hundred are declined
  sfdebug forecast order.asl.json --history recorded/ --rate 120 --for 30m --region eu-central-1
      as recorded executions went; 120 starts a second, for half an hour
  sfdebug forecast polling.asl.json -m mocks.json -c StillRunning --takes 0.3 --json | jq .runs[0].loops
  sfdebug forecast order.asl.json -i @order.json -m mocks.json -c HappyPath --prices ours.toml
      a table of one's own, of which only what is otherwise is written:
        date = 2026-11-01
        [standard.prices]
        us-east-1 = 0.0213""",
    configure=configure,
    run=run,
)
