"""Many executions as text: how they stand, what failed how often, what a search of a log is about to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.text import size_text
from sfdebug.times import moment_text

if TYPE_CHECKING:
    from sfdebug.aws.express import LogSurvey


def survey_lines(survey: LogSurvey) -> list[str]:
    """What a search of the log of an Express state machine reads, and what it costs, before it is made."""
    size = f" It holds {size_text(survey.stored_bytes)} in all" if survey.stored_bytes is not None else ""
    kept = f", kept for {survey.retention_days} days" if size and survey.retention_days is not None else ""
    times = f"from {moment_text(survey.since)} UTC on" if survey.since is not None else "from its beginning on"
    lines = [
        f"AWS keeps no list of Express executions: the log group {survey.log_group} is searched {times}.",
        f"{size}{kept}.".lstrip() if size else "",
        "CloudWatch Logs charges nothing for this search; it takes longer the further back it goes.",
    ]
    if survey.level not in ("ALL", ""):
        lines.append(f"Its level is {survey.level}: not all executions and events are in it.")
    return [line for line in lines if line]
