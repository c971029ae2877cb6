"""The executions of an Express state machine, on the command line: what the search of its log means is said first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.console import say

if TYPE_CHECKING:
    from sfdebug.aws.arns import Arn
    from sfdebug.aws.express import LogSearch, MachineLog
    from sfdebug.aws.session import AwsReader
    from sfdebug.cli.progress import ProgressLine
    from sfdebug.executions.outcome import ExecutionOutcome


def logged_executions(
    reader: AwsReader, machine: Arn, search: LogSearch, line: ProgressLine
) -> tuple[dict[str, ExecutionOutcome], MachineLog]:
    """The executions that began in that time, by their ARNs, and where they are logged. Raises AwsError."""
    from sfdebug.aws.express import log_of_machine, survey_log
    from sfdebug.aws.listing import Wanted
    from sfdebug.executions.log import logged_pages
    from sfdebug.reports.executions import survey_lines

    log = log_of_machine(reader, machine, search)
    line.clear()
    for text in survey_lines(survey_log(reader, machine, search, log)):
        say(f"sfdebug: {text}")
    progress = line.begin(f"the log group {log.group}")
    found: dict[str, ExecutionOutcome] = {}
    for page in logged_pages(reader, machine.text, Wanted(since=search.since), log=log):
        found |= {one.arn: one for one in page}
        progress(len(found), None)
    line.clear()
    return found, log
