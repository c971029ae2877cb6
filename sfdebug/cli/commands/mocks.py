"""`sfdebug mocks`: recorded executions as test cases of a mock file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data, writing_file
from sfdebug.cli.definitions import add_project_options, load
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.recordings import (
    add_aws_options,
    add_execution_option,
    add_log_options,
    check_stdin,
    recordings_in,
    selected,
)
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.files import replaced

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

    from sfdebug.history.mocks import Mocks
    from sfdebug.history.recording import Recording

BESIDE: Final = "definition.asl.json"
"""The definition that `sfdebug fetch` writes into the folder of a history."""


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug mocks`."""
    parser.add_argument(
        "histories",
        metavar="HISTORY",
        nargs="+",
        help="recorded executions: files, folders, quoted globs, ARNs, or - for stdin",
    )
    add_execution_option(parser, "only this execution of a file that holds several (may be given several times)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the mock file there (default: stdout)")
    parser.add_argument("--force", action="store_true", help="replace the file when it is there")
    parser.add_argument(
        "--state-machine", metavar="NAME", help="the state machine's name in the file (default: as recorded)"
    )
    parser.add_argument(
        "--definition",
        metavar="FILE",
        help="a definition or a project: run it with the mocks, and say where that ends otherwise (default: "
        f"{BESIDE} beside a history)",
    )
    parser.add_argument("-c", "--case", metavar="NAME", help="the test case's name, for a single execution")
    add_aws_options(parser)
    add_project_options(parser, has_region=True)
    add_log_options(parser)


def run(args: Namespace) -> ExitCode:
    """Write the mock file."""
    import json

    from sfdebug.history.mocks import mock_config
    from sfdebug.text import counted, escaped

    check_stdin(*args.histories)
    recordings = _recordings(args)
    _tell_problems(recordings)
    if args.case is not None and len(recordings) > 1:
        raise UsageError(f"--case names one test case, and there are {len(recordings)} executions")
    cases: dict[str, Recording] = {}
    for recording in recordings:
        cases[args.case or _free_name(recording, cases)] = recording
    names = [recording.facts.state_machine_name for recording in recordings if recording.facts.state_machine_name]
    machine_name = args.state_machine or (names[0] if names else "StateMachine")
    mocks = mock_config(cases, machine_name)
    text = json.dumps(mocks.config, ensure_ascii=False, indent=2)
    for note in (*mocks.notes, *_checked(cases, mocks, text, machine_name, args)):
        say(f"sfdebug: {escaped(note)}")
    if args.output is None:
        write_data(text)
        return ExitCode.SUCCEEDED
    _write(args.output, text, force=args.force)
    say(f"{escaped(args.output)}: {counted(len(cases), 'test case')}: {escaped(', '.join(cases))}")
    return ExitCode.SUCCEEDED


def _checked(
    cases: Mapping[str, Recording], mocks: Mocks, text: str, machine_name: str, args: Namespace
) -> Iterator[str]:
    """Where a run with the mocks does not end as recorded; where no definition is known to try it, what could be."""
    from sfdebug.engine import Program
    from sfdebug.history.mocks import why_another_end

    given = args.definition
    programs: dict[str, Program] = {}
    for name, recording in cases.items():
        source = Path(recording.source)
        has_beside = source.is_file() and (source.parent / BESIDE).is_file()  # what AWS gave stands beside nothing
        file = given or (str(source.parent / BESIDE) if has_beside else None)
        if file is None:
            yield from mocks.doubts[name]
            continue
        if file not in programs:
            programs[file] = Program(load(file, args if given else None))
        why = why_another_end(programs[file], recording, text, machine_name, name)
        if why:
            yield f"{recording.title}: {why}"


def _tell_problems(recordings: list[Recording]) -> None:
    """What a mock file made of these will lack: a run with it then stops at a Task that nobody answers."""
    from sfdebug.text import escaped

    reported: set[str] = set()
    for recording in recordings:
        problems = list(map(str, recording.problems))
        if recording.end is None:
            problems.append(f"{recording.title}: the events do not go to the end of the execution")
        for problem in problems:
            if problem not in reported:
                reported.add(problem)
                say(f"sfdebug: {escaped(problem)}")


def _recordings(args: Namespace) -> list[Recording]:
    """All executions that were named. Raises the error of one that cannot be read; one of a folder is passed over."""
    found: list[Recording] = []
    for one in selected(recordings_in(args.histories, args), args.execution):
        if not isinstance(one.found, SfdebugError):
            found.append(one.found)
        elif one.is_named:
            raise one.found
    if not found:
        raise UsageError("there is no history in what was given", where=", ".join(args.histories))
    return found


def _free_name(recording: Recording, taken: dict[str, Recording]) -> str:
    """A name for the test case: that of the execution, or of its file."""
    path = Path(recording.source)
    stem = path.name.split(".")[0] or "case"
    if stem in ("history", "events", "execution") and path.parent.name:
        stem = path.parent.name
    base = recording.facts.name or (f"{stem}-{recording.label}" if recording.label else stem)
    base = re.sub(r"[#\s]+", "-", base)
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _write(file: str, text: str, *, force: bool) -> None:
    with writing_file(file, "mock file"):
        if not force and Path(file).exists():
            raise UsageError("the file is there already", where=file, fix="To replace it: --force.")
        with replaced(file) as stream:
            stream.write(f"{text}\n".encode())


COMMAND = Command(
    name="mocks",
    summary="make test cases of recorded executions: a MockConfigFile.json with their results",
    usage="sfdebug mocks HISTORY... [options]",
    description="""\
Write what the Tasks of recorded executions returned and failed with, attempt by attempt, as a mock file in the
format of Step Functions Local: one test case for each execution. With the same input it then drives a run to
the same end. What cannot be mocked (a Map Run's child executions, a result that was not recorded) is reported
on stderr. Of an execution that was redriven the answers are those after the last redrive of each state. With
the definition the run is tried, and an end other than the recorded one is reported.""",
    epilog="""\
examples:
  sfdebug mocks history.json -o MockConfigFile.json --case Failed
  sfdebug run order.asl.json -i @input.json --mocks MockConfigFile.json --case Failed
  sfdebug mocks arn:aws:states:eu-west-1:123456789012:execution:Orders:5f2c -o MockConfigFile.json
      of an execution in AWS
  sfdebug mocks history.json --definition order.asl.json -o MockConfigFile.json
  sfdebug mocks recorded/ --state-machine Order -o MockConfigFile.json
      a test case for each history in the folder""",
    configure=configure,
    run=run,
)
