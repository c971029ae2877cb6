"""`sfdebug serve`: the Step Functions API on this machine, for tests and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_break_option
from sfdebug.cli.screen import add_look_options, check_terminal, is_on_terminal, screen_settings
from sfdebug.cli.served import add_serving_options, read_pace, serving, tell_served
from sfdebug.errors import UsageError
from sfdebug.text import escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.cli.served import Served

USUAL_PORT: Final = 8083
"""Step Functions Local's, so that what was written for it finds this."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug serve`."""
    parser.add_argument(
        "paths",
        metavar="FILE",
        nargs="*",
        default=[],
        help="what is there when clients come: projects, of which every state machine counts, definitions, folders "
        "with definitions (*.asl.json, *.asl.yaml); nothing, where the clients create their state machines",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=int,
        default=USUAL_PORT,
        help=f"where clients come, on this machine alone (default: {USUAL_PORT}; 0: any that is free)",
    )
    parser.add_argument(
        "--schedules",
        dest="fires_schedules",
        action="store_true",
        help="fire the schedules that the project declares, by this machine's clock and whatever --time says; without "
        "it they fire by hand",
    )
    parser.add_argument(
        "--watch",
        dest="is_watched",
        action="store_true",
        help="show the executions on the terminal as clients start them; each opens in the debugger",
    )
    parser.add_argument(
        "--hold",
        dest="holds_starts",
        action="store_true",
        help="with --watch, hold every execution before its first state: to its client it is RUNNING",
    )
    add_break_option(parser, "with --watch, hold executions there")
    add_serving_options(parser)
    add_look_options(parser)


def run(args: Namespace) -> ExitCode:
    """Serve until Ctrl+C."""
    if not 0 <= args.port < 65_536:
        raise UsageError(f"{args.port} is no port", where="--port", fix="Ports go from 1 to 65535; 0 is any.")
    if args.is_watched:
        return _watch(args)
    if args.holds_starts or args.breaks:
        option = "--hold" if args.holds_starts else "--break"
        raise UsageError("nobody would let a held execution go on", where=option, fix="Add --watch.")
    with serving(args.paths, args.port, args) as served:
        tell_served(served)
        write_data("\n".join(_exports(served)))
        if args.store is None:
            say("sfdebug: Ctrl+C ends it, with all executions")
        else:
            say(f"sfdebug: Ctrl+C ends it; executions that run go on the next time, with --store {escaped(args.store)}")
        if is_on_terminal():
            say("sfdebug: --watch would show them here, live; each opens in the debugger")
        from sfdebug.cli.signals import SignalWait

        with SignalWait() as wait:
            while True:
                wait.wait()


def _watch(args: Namespace) -> ExitCode:
    """Serve until the user leaves the list of executions. Raises UsageError without a terminal."""
    from sfdebug.hosting.breakpoint_holding import BreakpointHolder
    from sfdebug.hosting.decision_log import DecisionLog
    from sfdebug.tui import run_home

    check_terminal("sfdebug serve FILE, without --watch")
    settings, log = screen_settings(args), DecisionLog()
    with serving(args.paths, args.port, args, observers=[log]) as served:
        from sfdebug.tui.served.executions import ServedExecutionsScreen
        from sfdebug.tui.served.server import WatchedServer
        from sfdebug.tui.served.triggers import trigger_pages

        holder = served.host.holder
        assert isinstance(holder, BreakpointHolder), "as serving has made it"
        pace = read_pace(args.time)
        exports, is_kept = _exports(served), args.store is not None
        watched = WatchedServer(served.host, log, holder, served.server.url, pace, exports, is_kept=is_kept)
        pages = trigger_pages(served.triggers, watched)
        return ExitCode(run_home(lambda: ServedExecutionsScreen(watched, pages=pages), settings=settings))


def _exports(served: Served) -> list[str]:
    """The lines that bring clients here."""
    from shlex import quote

    return [f"export {name}={quote(value)}" for name, value in served.variables().items()]


COMMAND = Command(
    name="serve",
    summary="AWS's Step Functions API on this machine, for tests and programs",
    usage="sfdebug serve [FILE...] [--port PORT] [--watch] [options]",
    description="""\
Serve the Step Functions API on this machine: boto3, the AWS CLI, AWS's SDKs and Terraform call it as they
call AWS, and every operation is answered as AWS answers it. The lines that bring clients here are printed on
stdout. It listens on 127.0.0.1 alone, takes no calls from pages in a browser, and calls nothing outside but
what the options name.

Executions run at once, many at a time. Who answers their Tasks is asked in this order: the test case of
--mocks that the execution was started with (stateMachineArn#NAME), the handlers and services of the options
below; a Task that starts a state machine starts one that is served. Where nobody answers, the execution fails
with a cause that says who could. Time is virtual: a Wait takes none; --time says otherwise. Tasks with a task
token, and activities, wait for your clients. What the project declares as starting its state machines is
listed: rules fire on PutEvents at the same address, and with local services on what happens there, as do
pipes; schedules fire by hand, or with --schedules by the clock. All of it is in memory, and ends with the
command; with --store FILE it is in that file, and the next sfdebug serve with it goes on from there, whatever
has ended this one. --watch shows the executions on this terminal, live; each opens in the debugger. --hold and
--break hold them there: to their clients they are RUNNING until somebody steps them, or lets them go on.""",
    epilog=f"""\
examples:
  sfdebug serve template.yaml
      the state machines of a project, at port {USUAL_PORT}
  sfdebug serve orders.asl.json --mocks MockConfigFile.json --port 0
      a definition, with test cases, at any port that is free
  sfdebug serve template.yaml --watch
      the same, with a live list of what clients start
  sfdebug serve template.yaml --watch --break 'ChargeCard if $.total > 100'
      executions are held where they come to that
  sfdebug serve . --real --time 0.1
      with the project's handlers and local services; Waits take a tenth of their time
  sfdebug serve . --store orders.db --time real
      the same again and again: executions go on where they stood
  aws stepfunctions start-execution --state-machine-arn ARN#HappyPath
      in another terminal, after the lines that were printed
  sfdebug exec . -- pytest
      the same for the time of one command

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
