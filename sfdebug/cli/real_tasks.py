"""What the command line says of Tasks that are really done: handlers of functions, services, where they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import say
from sfdebug.errors import UsageError
from sfdebug.text import escaped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ArgumentGroup
    from collections.abc import Collection, Mapping, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.projects.project import Project
    from sfdebug.tasks.apis.url_map import UrlMap
    from sfdebug.tasks.lambdas.function import LambdaFunction
    from sfdebug.tasks.surroundings import ServicesAt, Surroundings

LOCAL: Final = "local"
AWS: Final = "aws"
_MOST_LISTED: Final = 12
_DEBUG_FIX: Final = "Give --function NAME=FILE:HANDLER, or --real for those of a project, as sfdebug dev does."


def add_real_options(parser: ArgumentParser) -> None:
    """`--real` and its parts, for every command that runs something."""
    group = parser.add_argument_group("to really call what Tasks call")
    _add_handler_options(group)
    group.add_argument(
        "--services",
        metavar="WHERE",
        help="call SQS, SNS, DynamoDB, S3, EventBridge and the like: local, on this machine (moto); the URL of "
        "LocalStack or another endpoint; or aws, your account, which asks first",
    )
    group.add_argument(
        "--url",
        dest="urls",
        metavar="URL=ADDRESS",
        action="append",
        default=[],
        help="send what HTTP Tasks and API Gateway call at URL to ADDRESS: "
        "https://api.example.com=http://127.0.0.1:3000, API_ID=ADDRESS or API_ID/STAGE=ADDRESS; URL alone is really "
        "called (may be given several times)",
    )
    group.add_argument(
        "--callback-port",
        metavar="PORT",
        type=int,
        default=0,
        help="take SendTaskSuccess and SendTaskFailure at this port of 127.0.0.1, for programs that you start: "
        "AWS_ENDPOINT_URL_SFN=http://127.0.0.1:PORT",
    )
    group.add_argument(
        "--yes-call-aws",
        action="store_true",
        help="with --services aws: call whatever the Tasks call, without asking",
    )
    group.add_argument(
        "--seed-data",
        metavar="FOLDER",
        help="what local services hold at first: tables/NAME.json, buckets/NAME/..., queues/NAME.json",
    )


def _add_handler_options(group: _ArgumentGroup) -> None:
    group.add_argument(
        "--real",
        action="store_true",
        help="run the Lambda handlers of the project, and the services that its Tasks call on this machine",
    )
    group.add_argument(
        "--function",
        dest="functions",
        metavar="NAME=FILE:HANDLER",
        action="append",
        default=[],
        help="run this handler, in Python or Node.js, when a Task calls the Lambda function NAME, its name or its ARN: "
        "charge=src/charge/app.py:handler (may be given several times)",
    )
    group.add_argument(
        "--lambda-endpoint",
        metavar="URL",
        help="invoke the other Lambda functions here: http://127.0.0.1:3001 of sam local start-lambda, for example",
    )
    group.add_argument(
        "--debug-handlers",
        metavar="PORT",
        nargs="?",
        const="",
        help="start handlers under debugpy or Node's inspector: the first call of each function waits until a debugger "
        "attaches, at PORT (default: 5678) for the first function, PORT+1 for the next, and no timeout counts",
    )


def sources_given(args: Namespace) -> bool:
    """Whether something is to be really called."""
    lists = any(getattr(args, name, ()) for name in ("functions", "urls"))
    places = any(getattr(args, name, None) is not None for name in ("lambda_endpoint", "services"))
    return lists or places or bool(getattr(args, "real", False))


def read_real_tasks(
    args: Namespace, machine: StateMachine | Sequence[StateMachine], project: Project | None
) -> Surroundings | None:
    """The task handler for the options of `add_real_options`, for one machine or several; None without any.

    Which functions that it calls cannot be run here is said on stderr. Nothing is started. Raises UsageError,
    LocalServicesError.
    """
    if not sources_given(args):
        if getattr(args, "seed_data", None) is not None:
            raise UsageError("there are no services to put it into", where="--seed-data", fix="Add: --services local")
        if getattr(args, "debug_handlers", None) is not None:
            raise UsageError("there are no handlers to debug", where="--debug-handlers", fix=_DEBUG_FIX)
        return None
    from sfdebug.asl.definition import StateMachine
    from sfdebug.tasks.lambdas.endpoint import LambdaEndpoint
    from sfdebug.tasks.services.local import LocalServicesError
    from sfdebug.tasks.surroundings import ServicesAt, Surroundings

    is_real, given = getattr(args, "real", False), getattr(args, "lambda_endpoint", None)
    endpoint = LambdaEndpoint(given) if given is not None else None
    only = machine if isinstance(machine, StateMachine) else None
    functions, left_out = _functions(args, only, project, has_endpoint=endpoint is not None)
    services = _services(getattr(args, "services", None))
    seeds = Path(args.seed_data).expanduser() if getattr(args, "seed_data", None) else None
    if seeds is not None and not seeds.is_dir():
        raise UsageError(f"there is no folder {args.seed_data}", where="--seed-data")
    urls, port = _urls(args), getattr(args, "callback_port", 0)
    if not 0 <= port < 65_536:
        raise UsageError(f"{port} is no port", where="--callback-port", fix="Ports go from 1 to 65535.")
    is_left_open = services is None and is_real
    at, profile = ServicesAt.LOCAL if is_left_open else services, getattr(args, "profile", None)
    try:
        found = Surroundings(machine, project, functions, endpoint, at, seeds, profile, urls, port)
    except LocalServicesError as error:
        if not is_left_open:
            raise
        say(f"sfdebug: {error}")
        found = Surroundings(machine, project, functions, endpoint, None, seeds, profile, urls, port)
    found.functions.left_out = left_out
    if getattr(args, "debug_handlers", None) is not None:
        found.functions.debug_ports = _debug_ports(args, only, project, functions)
    if getattr(args, "yes_call_aws", False) and found.services is not None:
        found.services.allow_all()
    return found


def _urls(args: Namespace) -> UrlMap:
    """What `--url` maps; of those that lead to the real API it is said."""
    from sfdebug.tasks.apis.url_map import UrlMap, mapped_url

    entries = [mapped_url(text) for text in getattr(args, "urls", ())]
    for entry in entries:
        if entry.is_real:
            say(f"sfdebug: {escaped(entry.source)} is really called, without the credentials that AWS would add")
    return UrlMap(entries)


def _debug_ports(
    args: Namespace, machine: StateMachine | None, project: Project | None, functions: tuple[LambdaFunction, ...]
) -> Mapping[str, int]:
    """The ports of the functions that the machine calls, of all where it does not tell; how to attach is said."""
    from sfdebug.tasks.lambdas.debugging import FIRST_PORT, debug_ports, launch_file

    given = args.debug_handlers
    if given and not given.isdecimal():
        fix = "Give a number, or no more than the option itself, behind the file: sfdebug dev PATH --debug-handlers"
        raise UsageError(f"'{escaped(given)}' is no port", where="--debug-handlers", fix=fix)
    if project is not None and machine is not None and not getattr(args, "nested", None):
        from sfdebug.tasks.lambdas.from_project import called_functions

        called = called_functions(machine, project)
        functions = tuple(one for one in functions if called is None or one.name in called)
    if not functions:
        raise UsageError("no handler can be run here", where="--debug-handlers", fix=_DEBUG_FIX)
    ports = debug_ports(functions, int(given) if given else FIRST_PORT)
    say("sfdebug: handlers wait for a debugger; for VS Code, .vscode/launch.json:")
    say(json.dumps(launch_file(functions, ports), indent=2))
    return ports


def _services(given: str | None) -> ServicesAt | str | None:
    from sfdebug.tasks.outside import is_http_address
    from sfdebug.tasks.surroundings import ServicesAt

    if given is None or given in (LOCAL, AWS):
        return ServicesAt(given) if given is not None else None
    if is_http_address(given):
        return given.rstrip("/")
    fix = "Write local, aws, or an address such as http://127.0.0.1:4566"
    raise UsageError(f"'{escaped(given)}' is neither a place nor an address", where="--services", fix=fix)


def _functions(
    args: Namespace, machine: StateMachine | None, project: Project | None, *, has_endpoint: bool
) -> tuple[tuple[LambdaFunction, ...], Mapping[str, str]]:
    """Those that are run here; and by the names of others of the project why they are not, which is said of those that
    the machine calls."""
    from sfdebug.tasks.lambdas.from_project import called_functions, functions_of
    from sfdebug.tasks.lambdas.function import function_from

    functions: dict[str, LambdaFunction] = {}
    left_out: dict[str, str] = {}
    for function in map(function_from, getattr(args, "functions", ())):
        if function.name in functions:
            raise UsageError(f"'{function.name}' is given twice", where="--function", fix="Give each function once.")
        functions[function.name] = function
    called = None if machine is None or getattr(args, "nested", None) else called_functions(machine, project)
    if called is not None:
        _tell_uncalled([name for name in functions if name not in called], called, args)
    if getattr(args, "real", False) and project is not None:
        found, lacking = functions_of(project)
        functions = {**{function.name: function for function in found}, **functions}
        for one in project.functions:
            why = lacking.get(one.name)
            if why is not None and not has_endpoint and one.physical_name not in functions:
                left_out[one.physical_name] = f"{one.name} {why}"
                if called is None or one.physical_name in called:
                    _say_once(f"{one.name} {why}", args)
    return tuple(functions.values()), left_out


def _tell_uncalled(names: Sequence[str], called: Collection[str], args: Namespace) -> None:
    """Say which handlers no Task comes to: most often a name is written otherwise than in the definition."""
    listed = ", ".join(sorted(called)[:_MOST_LISTED]) + (", …" if len(called) > _MOST_LISTED else "")
    why = f"no Task calls it; Tasks call {escaped(listed)}" if called else "no Task calls a Lambda function"
    for name in names:
        _say_once(f"--function {escaped(name)}: {why}", args)


def _say_once(text: str, args: Namespace) -> None:
    """Say it on stderr; where the same is read for several test cases (`told`), for the first of them."""
    told: set[str] | None = getattr(args, "told", None)
    if told is None or text not in told:
        say(f"sfdebug: {text}")
    if told is not None:
        told.add(text)
