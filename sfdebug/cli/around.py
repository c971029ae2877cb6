"""What is around a recorded execution that a command line names: its account in AWS, or the folder that it is in."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sfdebug.cli.console import STDIN, say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import access_of, is_arn
from sfdebug.errors import SfdebugError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from sfdebug.asl.definition import StateMachine
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.recording import Recording
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.tui.browser.around import Around
    from sfdebug.tui.commands.host import FindRelatives


@contextmanager
def source_around(given: str, args: Namespace, looking_for: str) -> Iterator[ExecutionSource]:
    """AWS, where an ARN was given; else the folder that a file is in, with all that is beside it.

    `looking_for` is said while AWS is asked. Raises UsageError for stdin, which has nothing around it.
    """
    from sfdebug.executions.account import AccountSource
    from sfdebug.executions.folder import FolderSource

    if not is_arn(given):
        if given == STDIN:
            raise UsageError("stdin has nothing around it", where=STDIN, fix="Give a file, a folder or an ARN.")
        yield FolderSource(folder_around(given))
        return
    from sfdebug.aws.arns import read_arn
    from sfdebug.aws.session import AwsReader

    line = ProgressLine(sys.stderr)
    line.tell(f"Looking for {looking_for}")
    try:
        yield AccountSource(AwsReader(access_of(args).at(read_arn(given)), on_wait=line.waits))
    finally:
        line.clear()


def folder_around(given: str) -> Path:
    """The folder that has what is around a file, or around a folder that fetch wrote."""
    from sfdebug.history.reading.read import DESCRIPTION

    path = Path(given)
    folder = (path if path.is_dir() else path.parent).absolute()
    return folder.parent if (folder / DESCRIPTION).is_file() else folder


def around_file(
    given: str, recording: Recording, machine: StateMachine | None, tasks: TaskHandler | None
) -> FindRelatives:
    """What is around a recorded execution of a file, for the screen. `machine` takes the place of the definitions that
    the others ran."""

    def find() -> Around:
        from sfdebug.executions.outcome import outcome_of
        from sfdebug.tui.browser.around import Around, FolderPlace
        from sfdebug.tui.browser.executions import children_screen

        path = str(Path(recording.source).absolute())
        outcome = replace(outcome_of(recording), place=path, label=recording.label)
        place = FolderPlace(str(folder_around(given)), outcome.state_machine_arn, machine, tasks)
        return Around(place, outcome, children_screen)

    return find


def asked_in(source: ExecutionSource, given: str, execution: str | None) -> ExecutionOutcome:
    """The execution that an argument names, as its source knows it: by its ARN, or by its file. Of a Map Run, the
    execution that started it. Raises SfdebugError."""
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.history.reading.read import chosen, read_recordings

    if is_arn(given):
        arn = read_arn(given)
        if arn.kind is ArnKind.STATE_MACHINE:
            fix = f"Choose one of its executions: sfdebug replay {arn.text}"
            raise UsageError("this names a state machine, and an execution is needed", where=given, fix=fix)
        if arn.kind is ArnKind.MAP_RUN:
            return source.find(source.map_run(arn.text).execution_arn)
        return source.find(arn.text)
    recording = chosen(read_recordings(given), execution, given, "--execution NAME")
    wanted = (recording.facts.arn, str(Path(recording.source).absolute()), recording.label)
    for page in source.executions(""):
        for outcome in page:
            is_it = outcome.arn == wanted[0] if wanted[0] else (outcome.place, outcome.label) == wanted[1:]
            if is_it:
                return outcome
    raise UsageError("it is not among the executions in its folder", where=given, fix="Give the file of its history.")


def last_that_succeeded(
    failed: Recording, given: str, args: Namespace, name: str
) -> tuple[Recording, StateMachine | None]:
    """The last execution of the same state machine that succeeded, from AWS or from the folder around, with the
    definition that it ran. `name` is what messages call it. Raises SfdebugError when there is none, or it is not known
    of which machine it is."""
    from sfdebug.asl.load import parse_definition
    from sfdebug.executions.lately import last_succeeded
    from sfdebug.text import escaped
    from sfdebug.times import moment_text

    machine = failed.facts.state_machine_arn
    if not machine:
        fix = f"Give {name}. (A history alone does not name its state machine; what sfdebug fetch saves does.)"
        raise UsageError("it is not known of which state machine it is", where=given, fix=fix)
    with source_around(given, args, "the last execution that succeeded") as source:
        found = last_succeeded(source, machine, besides=failed.facts.arn)
        if found is None:
            what = f"no other execution of {machine} that succeeded is there"
            raise UsageError(what, where=source.title, fix=f"Give {name}.")
        text = source.definition(found)
        recording = source.recording(found)
    say(f"sfdebug: {name} is {escaped(found.name or found.key)}, which succeeded {moment_text(found.stopped_at)} UTC")
    definition = None
    if text:
        try:
            definition = parse_definition(text, found.name or "definition", "json")
        except SfdebugError as error:
            say(f"sfdebug: {name} is compared without its definition: {error}")
    return recording, definition


def print_family(args: Namespace) -> ExitCode:
    """`sfdebug replay … --tree`: the family of an execution, as text or as one object. EXECUTION_FAILED when the one
    that was asked for ended without success."""
    from sfdebug.executions.family import family_of, members
    from sfdebug.reports.family import family_dict, family_lines

    line = ProgressLine(sys.stderr)
    with source_around(args.history, args, "what it started, and what started it") as source:
        progress = line.begin("histories") if is_arn(args.history) else None
        family = family_of(source, asked_in(source, args.history, args.execution), progress=progress)
    line.clear()
    if args.json:
        import json

        write_data(json.dumps(family_dict(family), ensure_ascii=False, indent=2))
    else:
        write_data("\n".join(family_lines(family)))
    asked = next((node for _, node in members(family.root) if node.is_asked), family.root)
    return ExitCode.EXECUTION_FAILED if asked.is_unsuccessful else ExitCode.SUCCEEDED
