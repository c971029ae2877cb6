"""`sfdebug test-state`: AWS's TestState on the command line, offline, with the flags of `aws stepfunctions`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.definitions import PROJECT_OPTIONS, add_project_options, address_of, load
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import InputError, UsageError
from sfdebug.files import MAX_TEXT_BYTES, read_file

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.asl.definition import StateMachine

_FILE: Final = "file://"
_STRUCTURES: Final = ("mock", "state_configuration")
_EXAMPLE: Final = 'Give an object, as in {"result": "{}"}; the texts in it are JSON texts themselves.'
_TEXTS: Final = ("input", "variables", "context")
_NAMES: Final = {
    "state_name": "stateName",
    "role_arn": "roleArn",
    "inspection_level": "inspectionLevel",
    "reveal_secrets": "revealSecrets",
    "state_configuration": "stateConfiguration",
}
"""Parameters whose flag is not simply their name."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug test-state`."""
    parser.add_argument(
        "--definition",
        metavar="JSON",
        required=True,
        help="the state, or with --state-name its state machine: JSON text, or file://PATH (JSON or YAML, or a "
        "project: file://PATH#NAME)",
    )
    parser.add_argument("--state-name", metavar="NAME", help="which state of the state machine to test")
    parser.add_argument(
        "--input", metavar="JSON", help="the input of the state: JSON text, or file://PATH (default: {})"
    )
    parser.add_argument("--variables", metavar="JSON", help="the variables that the state sees, as an object")
    parser.add_argument("--context", metavar="JSON", help="the Context object; only together with --mock")
    parser.add_argument(
        "--mock",
        metavar="JSON",
        help='what the state\'s work answers: {"result": "..."} or {"errorOutput": {"error": "...", "cause": "..."}}; '
        'a result is checked against the API of the Task, how strictly says "fieldValidationMode": '
        "STRICT, PRESENT or NONE",
    )
    parser.add_argument(
        "--state-configuration",
        metavar="JSON",
        help="retrierRetryCount, errorCausedByState, mapIterationFailureCount and mapItemReaderData, as an object",
    )
    parser.add_argument(
        "--inspection-level",
        metavar="LEVEL",
        help="INFO, or DEBUG or TRACE to see the data after each stage (default: INFO)",
    )
    parser.add_argument("--role-arn", metavar="ARN", help="the execution role, which AWS asks for without a mock")
    parser.add_argument("--reveal-secrets", action="store_true", default=None, help="show what a connection adds")
    parser.add_argument("--no-reveal-secrets", dest="reveal_secrets", action="store_false", help="do not show it")
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Test the state and print the response. EXECUTION_FAILED when the state fails, or would be tried again."""
    from sfdebug.cli.inputs import NOW, read_start_time
    from sfdebug.engine import Settings
    from sfdebug.state_testing import TestStateError, test_state
    from sfdebug.state_testing.request import INVALID_DEFINITION

    try:
        response = test_state(settings=Settings(start_time=read_start_time(NOW)), **_request(args))
    except TestStateError as error:
        say(str(error))
        is_definition = error.response["Error"]["Code"] == INVALID_DEFINITION
        return ExitCode.INVALID_DEFINITION if is_definition else ExitCode.USAGE
    write_data(json.dumps(response, indent=4, ensure_ascii=False))
    worked = response["status"] in ("SUCCEEDED", "CAUGHT_ERROR")
    return ExitCode.SUCCEEDED if worked else ExitCode.EXECUTION_FAILED


def _request(args: Namespace) -> dict[str, Any]:
    """The request that the flags make, without the parameters that were left out."""
    request: dict[str, Any] = {"definition": _definition(args)}
    for flag, value in vars(args).items():
        if flag in ("definition", *PROJECT_OPTIONS) or value is None:
            continue
        if flag in _STRUCTURES:
            value = _structure(flag, value)
        elif flag in _TEXTS:
            value = _text(flag, value)
        request[_NAMES.get(flag, flag)] = value
    return request


def _definition(args: Namespace) -> str | Path | StateMachine:
    given = args.definition
    if given.startswith(_FILE):
        path = given.removeprefix(_FILE)
        address = address_of(path, args)
        return load(path, args) if address.is_of_project or address.values else Path(path)
    if not given.lstrip().startswith("{") and _is_file(given):
        raise UsageError(
            f"'{given}' is a file name, not JSON", where="--definition", fix=f"To read the file: {_FILE}{given}"
        )
    # A text that is no JSON object is AWS's to refuse, not a path: with a line break it is taken for a text.
    return given if given.lstrip().startswith("{") else f"{given}\n"


def _text(flag: str, given: str) -> str:
    """A text parameter, read from its file when it names one."""
    if not given.startswith(_FILE):
        return given
    path = given.removeprefix(_FILE)
    try:
        return read_file(path, MAX_TEXT_BYTES).decode("utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a path with a NUL character
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{_flag(flag)} cannot be read: {reason}", where=path) from error


def _structure(flag: str, given: str) -> dict[str, Any]:
    text = _text(flag, given)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is not JSON: {error}", where=_flag(flag), fix=_EXAMPLE) from error
    if not isinstance(value, dict):
        raise InputError("this is JSON, and no object", where=_flag(flag), fix=_EXAMPLE)
    return value


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


COMMAND = Command(
    name="test-state",
    summary="run one state with a mock, as AWS's TestState does",
    usage="sfdebug test-state --definition JSON [options]",
    description="""\
Run a single state as AWS's TestState does, without AWS, and print its response. The flags are those of
`aws stepfunctions test-state`. A Task, Map or Parallel needs a mock. The exit code is 1 when the state
fails, or when one of its Retriers would try again.""",
    epilog=f"""\
examples:
  sfdebug test-state --definition '{{"Type": "Pass", "Result": 1, "End": true}}'
      print {{"output": "1", "status": "SUCCEEDED"}}
  sfdebug test-state --definition file://order.asl.json --state-name Charge --input file://order.json \\
      --mock '{{"errorOutput": {{"error": "Lambda.TooManyRequestsException"}}}}' --inspection-level DEBUG
      see which Retrier takes the error, and after how many seconds it tries again
  sfdebug test-state --definition file://order.asl.json --state-name Charge \\
      --mock '{{"result": "{{\\"StatusCode\\": 200}}"}}' --inspection-level DEBUG
      see what the state makes of a result, stage by stage

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
