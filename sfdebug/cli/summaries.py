"""`sfdebug replay … --summary`: how one execution went, as text or as one object: what the screen's summary says."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from sfdebug.cli.console import write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.progress import ProgressLine
from sfdebug.cli.recordings import access_of, is_arn, log_search_of, recording_at
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.history.redrive import RedriveOutlook
    from sfdebug.values import Json


def print_summary(args: Namespace, definition: Callable[[], StateMachine | None]) -> ExitCode:
    """The summary of the execution that was named; `definition` loads the one to look at it with, where there is one.
    EXECUTION_FAILED when it ended without success."""
    from sfdebug.debugger.recorded.summary import summary_lines
    from sfdebug.history.partings import UNSUCCESSFUL
    from sfdebug.text import escaped

    run = _from_aws(args, definition) if is_arn(args.history) else _from_file(args, definition)
    now = int(time.time() * 1000)
    lines = summary_lines(run, now)
    if args.json:
        import json

        write_data(json.dumps(_summary_dict(run, lines, now), ensure_ascii=False, indent=2))
    else:
        width = max(len(heading) for heading, _ in lines)
        shown = ("" if at and lines[at - 1][0] == heading else heading for at, (heading, _) in enumerate(lines))
        write_data("\n".join(f"{head:<{width}}  {escaped(text)}" for head, (_, text) in zip(shown, lines, strict=True)))
    return ExitCode.EXECUTION_FAILED if run.recording.status in UNSUCCESSFUL else ExitCode.SUCCEEDED


def _from_file(args: Namespace, definition: Callable[[], StateMachine | None]) -> RecordedSession:
    from sfdebug.debugger.recorded.session import open_recording

    return open_recording(recording_at(args.history, args, args.execution), definition())


def _from_aws(args: Namespace, definition: Callable[[], StateMachine | None]) -> RecordedSession:
    from sfdebug.aws.arns import ArnKind, read_arn
    from sfdebug.aws.opening import open_execution
    from sfdebug.aws.session import AwsReader
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.history.reading.read import definition_of, recording_of

    arn = read_arn(args.history)
    if arn.kind in (ArnKind.STATE_MACHINE, ArnKind.MAP_RUN):
        fix = f"Choose one of its executions: sfdebug replay {arn.text}"
        raise UsageError(f"this names a {arn.kind}, and an execution is needed", where=arn.text, fix=fix)
    machine = definition() if args.definition is not None else None
    line = ProgressLine(sys.stderr)
    reader = AwsReader(access_of(args).at(arn), on_wait=line.waits, on_pace=line.paces)
    try:
        opened = open_execution(reader, arn, line.begin, log_search_of(args), with_definition=machine is None)
    finally:
        line.clear()
    recorded = None if machine is not None else definition_of(opened)
    return open_recording(recording_of(opened, opened.events), machine or recorded, recorded_definition=recorded)


def _summary_dict(run: RecordedSession, lines: list[tuple[str, str]], now: int) -> dict[str, Json]:
    from sfdebug.history.redrive import redrive_outlook

    recording = run.recording
    outlook = redrive_outlook(run.alignment)
    return {
        "arn": recording.facts.arn,
        "name": recording.facts.name,
        "status": str(recording.status),
        "summary": [{"heading": heading, "text": text} for heading, text in lines],
        "redrive": _redrive_dict(outlook, now) if outlook is not None else None,
    }


def _redrive_dict(outlook: RedriveOutlook, now: int) -> dict[str, Json]:
    return {
        "status": outlook.status,
        "isPossibleNow": outlook.is_possible and not outlook.is_late(now),
        "toldByAws": outlook.is_told,
        "reason": outlook.reason,
        "since": outlook.ended_at,
        "until": outlook.until,
        "again": [
            {
                "state": one.visit.state,
                "branch": [[name, index] for name, index in one.visit.branch],
                "how": str(one.again),
                "finished": one.finished,
                "total": one.total,
                "mapRun": one.map_run,
            }
            for one in outlook.again
        ],
        "kept": outlook.kept,
    }
