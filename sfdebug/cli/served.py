"""What `sfdebug serve` and `sfdebug exec` share: the machines that are there, who answers, how clients come."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.cli.console import say, show_problems, show_unexpected
from sfdebug.cli.definitions import (
    add_project_options,
    add_type_option,
    address_of,
    opened_machines,
    runnable,
    type_of,
)
from sfdebug.cli.inputs import read_breaks, read_s3
from sfdebug.cli.real_tasks import add_real_options, read_real_tasks
from sfdebug.collection import steadily_collected
from sfdebug.errors import DefinitionError, UsageError
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Iterator, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.breakpoints.breakpoint import Breakpoint
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.breakpoint_holding import BreakpointHolder
    from sfdebug.hosting.clock import TimePace
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.observing import HostObserver
    from sfdebug.hosting.store.store import HostStore
    from sfdebug.hosting.triggers.book import TriggerBook
    from sfdebug.projects.addresses import OpenedDefinition
    from sfdebug.projects.project import Project
    from sfdebug.server.api import StepFunctionsApi
    from sfdebug.server.wire import ApiServer
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tasks.mock_config import MockConfig
    from sfdebug.tasks.surroundings import Surroundings

_PATTERNS: Final = ("*.asl.json", "*.asl.yaml", "*.asl.yml")
_UNNAMED: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 80
_TIMES: Final = ("real", "virtual")
_TIME_FIX: Final = "Write real, virtual, or how many seconds a second takes: 0.1 is ten times as fast."
_KEPT: Final = 1_000


class ServedMachine:
    """A state machine that is there when clients come: what it is called, and what it is made of."""

    def __init__(self, opened: OpenedDefinition, definition: StateMachine, type: str, name: str) -> None:
        self.definition = definition
        self.type = type
        self.name = name
        self.text = json.dumps(definition.document.value, ensure_ascii=False, indent=2)
        machine = self.machine = opened.machine
        role = machine.role if machine is not None else ""
        self.role = role if role.startswith("arn:") and "${" not in role else ""


def add_serving_options(parser: ArgumentParser) -> None:
    """What executions are answered by, and how time passes in them."""
    parser.add_argument(
        "-m",
        "--mocks",
        metavar="FILE",
        help="test cases, in the format of Step Functions Local's MockConfigFile.json: an execution that is started "
        "with stateMachineArn#NAME has its Tasks answered by the test case NAME",
    )
    parser.add_argument(
        "--time",
        metavar="HOW",
        default="virtual",
        help="real: Waits, back-off and timeouts take the time that they say; virtual: no time (the default); or how "
        "many seconds a second takes, 0.1 for example",
    )
    parser.add_argument(
        "--keep",
        metavar="N",
        type=int,
        default=_KEPT,
        help=f"executions that have ended and stay in memory (default: {_KEPT:,}); older ones are forgotten, or with "
        "--store read from the file when they are asked for",
    )
    parser.add_argument(
        "--store",
        metavar="FILE",
        help="keep state machines, activities and executions in this file, and go on from what is in it: whatever ends "
        "the command, nothing is lost that a client was told. It is made where there is none",
    )
    parser.add_argument(
        "--s3",
        metavar="DIR",
        help="read the datasets of distributed Maps from this folder: the object KEY of BUCKET is the file "
        "DIR/BUCKET/KEY",
    )
    add_real_options(parser)
    add_type_option(parser)
    add_project_options(parser, names_machine=False)


class Served(NamedTuple):
    """What is served: the API, the host behind it, what starts executions there, and where local services are, "" where
    clients are not led to any."""

    server: ApiServer
    host: ExecutionHost
    triggers: TriggerBook
    services_url: str = ""

    def variables(self) -> dict[str, str]:
        """The environment that brings clients here."""
        from sfdebug.server.clients import client_variables

        takes_events = any(trigger.pattern is not None for trigger in self.triggers.list)
        return client_variables(
            self.server.url, self.host.region, takes_events=takes_events, services_url=self.services_url
        )


@contextmanager
def serving(
    paths: Sequence[str], port: int, args: Namespace, *, observers: Sequence[HostObserver] = ()
) -> Iterator[Served]:
    """Serve inside: the API at a port, 0 for any, on a host with the machines of these projects, files and folders;
    `observers` are told what happens there.

    Raises UsageError for what cannot be served, DefinitionError for a definition that cannot be run.
    """
    from sfdebug.cli.served_triggers import clocked
    from sfdebug.cli.stored import opened_store
    from sfdebug.hosting.clock import SystemClock
    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.scheduling import ThreadScheduler
    from sfdebug.tasks.outside import ended_after

    pace = read_pace(args.time)
    if args.keep < 1:
        raise UsageError(f"{args.keep} executions cannot be kept", where="--keep", fix="Give a number from 1 on.")
    machines, project = read_machines(paths, args)
    mocks = _read_mocks(args.mocks)
    tasks, surroundings = _read_tasks(args, machines, project)
    callbacks = surroundings.callbacks if surroundings is not None else None
    with steadily_collected(), ended_after(tasks), opened_store(args.store) as store:
        region, account = _place(args, machines, project, store)
        clock = SystemClock()
        scheduler = ThreadScheduler(clock)
        with ExecutionHost(
            tasks,
            mocks,
            pace,
            region=region,
            account=account,
            keep=args.keep,
            callbacks=callbacks,
            unanswered=who_could_answer,
            observers=observers,
            holder=read_holder(args, machines),
            scheduler=store.scheduler(scheduler) if store is not None else scheduler,
            clock=clock,
            keeping=store,
        ) as host:
            fill = partial(_fill, host, machines, store, args.keep)
            with (
                _served_at(port, host, tasks, machines, surroundings, store, fill) as served,
                clocked(served.triggers, scheduler, clock, is_wanted=getattr(args, "fires_schedules", False)),
            ):
                yield served


def _fill(host: ExecutionHost, machines: Sequence[ServedMachine], store: HostStore | None, keep: int) -> None:
    """Have all be there before clients come: what is kept, and the machines of files."""
    from sfdebug.cli.stored import create_or_update, reopen

    if store is not None:
        reopen(store, host)
    else:
        host.on_forgotten = lambda: say(
            f"sfdebug: {counted(keep, 'execution')} that ended are kept; the first is forgotten now, and unknown to "
            "clients from here on. --keep N keeps more, and --store FILE all"
        )
    for machine in machines:
        role = machine.role or f"arn:aws:iam::{host.account}:role/{machine.name}"
        create_or_update(host, machine.name, machine.text, machine.type, role)


@contextmanager
def _served_at(
    port: int,
    host: ExecutionHost,
    tasks: TaskHandler | None,
    machines: Sequence[ServedMachine],
    surroundings: Surroundings | None,
    store: HostStore | None,
    fill: Callable[[], None],
) -> Iterator[Served]:
    """The API of a host at a port inside, and what starts executions there."""
    from sfdebug.cli.served_triggers import have_told, listening, trigger_book

    declared = [(machine.machine, machine.name) for machine in machines if machine.machine is not None]
    project_machines = [machine for machine, _ in declared]
    book = trigger_book(host, declared)
    have_told(surroundings, project_machines)
    with (
        _open_at(_api(host, tasks, book), port, store, fill) as server,
        listening(book, surroundings, project_machines),
    ):
        local = surroundings.local if surroundings is not None else None
        yield Served(server, host, book, local.url if local is not None and local.tells else "")


def _api(host: ExecutionHost, tasks: TaskHandler | None, triggers: TriggerBook) -> StepFunctionsApi:
    """What answers calls: those of EventBridge where something waits for events."""
    from sfdebug.projects.model import TriggerSource
    from sfdebug.server.api import StepFunctionsApi
    from sfdebug.server.event_bridge import EventBridgeApi

    waits = any(trigger.source is TriggerSource.EVENTS for trigger in triggers.list)
    events = EventBridgeApi(triggers.put_entries if waits else None)
    return StepFunctionsApi(host, tasks, lambda error: show_unexpected(error, "serve"), events)


@contextmanager
def _open_at(
    api: StepFunctionsApi, port: int, store: HostStore | None, fill: Callable[[], None]
) -> Iterator[ApiServer]:
    """Listen inside, at a port of this machine, under both of its addresses; `fill` is done when the port is there, and
    before the first call. What ends the host behind this is not kept any more. Raises UsageError."""
    from sfdebug.cli.stored import close_store
    from sfdebug.server.wire import ApiServer

    server = ApiServer(api, port)
    with ExitStack() as open_servers:
        if store is not None:
            open_servers.callback(close_store, store)
        open_servers.callback(server.close)
        fill()
        server.start()
        with suppress(UsageError):  # clients that take localhost for ::1; not every machine has it
            other = ApiServer(api, server.port, "::1")
            open_servers.callback(other.close)
            other.start()
        yield server


def read_holder(args: Namespace, machines: Sequence[ServedMachine]) -> BreakpointHolder:
    """What holds executions: all that start, with `--hold`, and the breakpoints of `--break`. Raises UsageError."""
    from sfdebug.hosting.breakpoint_holding import BreakpointHolder

    points: list[Breakpoint] = []
    for text in getattr(args, "breaks", ()):
        one = Namespace(breaks=[text])
        refusals: list[UsageError] = []
        for machine in machines:
            try:
                points += [point for point in read_breaks(one, machine.definition) if point not in points]
            except UsageError as error:
                refusals.append(error)
        if not machines:
            raise UsageError("no state machine is served that it could be about", where="--break")
        if len(refusals) == len(machines):
            raise refusals[0]
    return BreakpointHolder(
        points,
        holds_starts=getattr(args, "holds_starts", False),
        say=lambda facts, words: say(f"sfdebug: {escaped(facts.name)}: {escaped(words)}"),
    )


def read_pace(given: str) -> TimePace:
    """The value of `--time`. Raises UsageError."""
    from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace

    if given in _TIMES:
        return REAL if given == _TIMES[0] else VIRTUAL
    try:
        return TimePace(float(given))
    except ValueError:
        raise UsageError(f"'{escaped(given)}' is no way for time to pass", where="--time", fix=_TIME_FIX) from None
    except UsageError as error:
        raise UsageError(error.what, where="--time", fix=error.fix) from None


def read_machines(paths: Sequence[str], args: Namespace) -> tuple[list[ServedMachine], Project | None]:
    """The machines at these places, and the project of the first place that is one.

    What cannot be run of several is left out, with why. Raises UsageError, DefinitionError.
    """
    found: list[ServedMachine] = []
    project: Project | None = None
    opened = [one for path in paths for one in _opened(path, args)]
    for one in opened:
        try:
            type = type_of(one, args.type)
            definition = runnable(one, type)
        except DefinitionError as error:
            if len(opened) == 1:
                raise
            show_problems(error.problems)
            say(f"sfdebug: {escaped(one.address.text)} is left out: it cannot be run")
            continue
        if project is None:
            project = one.project
        elif one.project is not None and one.project.root != project.root:
            what = "two projects would need two accounts, with their functions and resources"
            raise UsageError(what, where=one.address.text, fix="Serve each of them, at ports of their own.")
        name = _name_of(one)
        if any(other.name == name for other in found):
            raise UsageError(
                f"two state machines are called {escaped(name)}", where=one.address.text, fix="Rename one file."
            )
        found.append(ServedMachine(one, definition, type, name))
    return found, project


def _opened(path: str, args: Namespace) -> Sequence[OpenedDefinition]:
    """What stands at a place: the machines of a project, a definition, or those in a folder."""
    address = address_of(path, args)
    if Path(address.path).is_dir() and not address.name:
        from sfdebug.projects.finding import is_project

        if not is_project(address.path):
            files = sorted({file for pattern in _PATTERNS for file in Path(address.path).glob(pattern)})
            if not files:
                fix = f"Give a project, or a folder with definitions: {', '.join(_PATTERNS)}."
                raise UsageError("there is no project and no definition in it", where=escaped(path), fix=fix)
            return [each for file in files for each in opened_machines(address_of(str(file), args))]
    return opened_machines(address)


def _name_of(opened: OpenedDefinition) -> str:
    """What a machine is called: its name at AWS, or that of its file."""
    if opened.machine is not None:
        name = opened.machine.physical_name
    else:
        name = Path(opened.address.path).name.partition(".")[0] or "stateMachine"
    return _UNNAMED.sub("-", name)[:_LONGEST_NAME].strip("-") or "stateMachine"


def _read_mocks(file: str | None) -> MockConfig | None:
    if file is None:
        return None
    from sfdebug.tasks.mock_config import MockConfig

    return MockConfig.load(file)


def _read_tasks(
    args: Namespace, machines: Sequence[ServedMachine], project: Project | None
) -> tuple[TaskHandler | None, Surroundings | None]:
    """What answers Tasks behind the test cases, and what of that is really called."""
    from sfdebug.tasks.handler import FirstAnswer

    handlers: list[TaskHandler] = []
    if args.s3 is not None:
        handlers.append(read_s3(args.s3))
    definitions = [machine.definition for machine in machines]
    surroundings = read_real_tasks(args, definitions[0] if len(definitions) == 1 else definitions, project)
    if surroundings is not None:
        surroundings.functions.on_wait = lambda words: say(f"sfdebug: {words}")
        if surroundings.services is not None:
            surroundings.services.on_slow = lambda words: say(f"sfdebug: {words}")
            surroundings.services.is_attended = False
        surroundings.on_begin = lambda notes: say("\n".join(f"sfdebug: {note}" for note in notes)) if notes else None
        handlers.append(surroundings)
    if len(handlers) < 2:
        return handlers[0] if handlers else None, surroundings
    return FirstAnswer(*handlers), surroundings


def who_could_answer(request: TaskRequest) -> str:
    """Which question nobody has answered, and which options have somebody do so."""
    from sfdebug.engine.execution.visit import RequestKind

    name, resource = request.state.name, request.resource or "empty"
    if request.kind is RequestKind.MAP_RUN:
        return (
            f"The Map '{name}' asks for its items and nothing answers it (its ItemReader's Resource is {resource}). "
            "What would: a test case of --mocks (stateMachineArn#NAME starts one), or files of --s3 DIR."
        )
    parts = resource.split(":")
    if "lambda" in parts:
        others = "--function NAME=FILE:HANDLER, --real or --lambda-endpoint URL"
    elif parts[5:6] in (["http"], ["apigateway"]):
        others = "or --url URL=ADDRESS"
    else:
        others = "--services WHERE or --real"
    return (
        f"The Task '{name}' asks for a result and nothing answers it (its Resource is {resource}). What would: a test "
        f"case of --mocks (stateMachineArn#NAME starts one), {others}."
    )


def _place(
    args: Namespace, machines: Sequence[ServedMachine], project: Project | None, store: HostStore | None
) -> tuple[str, str]:
    """The region and the account of all that is served: those of the project, or that definitions name, or, where
    clients create all machines, those of what is kept."""
    from sfdebug.tasks.services.mentioned import place_of

    if project is not None:
        region, account = project.region, project.account
    else:
        kept = store.place if store is not None and not machines else None
        region, account = kept or place_of(*(machine.definition for machine in machines))
        region, account = args.region or region, args.account or account
    if store is not None:
        store.keep_place(region, account)
    return region, account


def tell_served(served: Served) -> None:
    """Say on stderr what is served, where, and what starts it."""
    from sfdebug.cli.served_triggers import served_trigger_lines

    machines = served.host.machines.list()
    say(f"sfdebug: serves Step Functions at {served.server.url}, with {counted(len(machines), 'state machine')}")
    for machine in machines:
        say(f"  {escaped(machine.arn)}{'' if machine.type == 'STANDARD' else f' ({machine.type})'}")
    lines = served_trigger_lines(served.triggers)
    if lines:
        say("\n".join(["sfdebug: started by", *(f"  {line}" for line in lines)]))
