"""Many executions as text and as objects: a row for each, what failed how often, what a search of a log reads."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.text import cell_width, counted, escaped, fit, size_text
from sfdebug.times import duration_text, moment_text, zone_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

    from sfdebug.aws.express import LogSurvey
    from sfdebug.executions.groups import FailureGroup
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.values import Json

_GAP: Final = "  "
_MOST_NAMED: Final = 3
_LONGEST_CAUSE: Final = 300
"""Cells of a cause where nothing bounds the width."""
_VERSION_DIGITS: Final = 8
_ORDER: Final = ("FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE", "RUNNING", "SUCCEEDED", "")


class _Column(NamedTuple):
    """A column: its title, and the most cells that it takes where the width is bounded (None: what is left)."""

    title: str
    most: int | None = 0
    is_right: bool = False


_EXECUTIONS: Final = (
    _Column("STATUS", 15),
    _Column("STARTED", 19),
    _Column("TOOK", 12, is_right=True),
    _Column("MACHINE", 24),
    _Column("NAME", 40),
    _Column("ERROR", 32),
    _Column("STATE", 32),
    _Column("RETRIES", 7, is_right=True),
    _Column("CAUSE", None),
)
_GROUPS: Final = (
    _Column("COUNT", 9, is_right=True),
    _Column("MACHINE", 24),
    _Column("STATUS", 15),
    _Column("ERROR", 32),
    _Column("STATE", 32),
    _Column("FIRST SEEN", 19),
    _Column("LAST SEEN", 19),
    _Column("VERSION", 20),
    _Column("CAUSE", None),
)


class ExecutionTable(NamedTuple):
    """How tables are written: in how many cells (None: as many as it takes), and in which time zone times are (None:
    that of this machine)."""

    width: int | None = None
    zone: tzinfo | None = UTC

    def execution_lines(self, outcomes: Sequence[ExecutionOutcome]) -> list[str]:
        """A row for each execution below the titles. Nothing for none."""
        rows = [self._row(one) for one in outcomes]
        return self._table(_EXECUTIONS, rows, self._zone(outcomes[0].newest_time if outcomes else None))

    def group_lines(
        self, groups: Sequence[FailureGroup], member: Callable[[str], ExecutionOutcome | None]
    ) -> list[str]:
        """A row for each group of failures, and the newest of its executions below. Nothing for none.

        `member` gives the execution with a key.
        """
        rows = [self._group_row(one) for one in groups]
        table = self._table(_GROUPS, rows, self._zone(groups[0].last_seen if groups else None))
        lines = table[:1]
        for group, line in zip(groups, table[1:], strict=True):
            found = [outcome for key in group.members[:_MOST_NAMED] if (outcome := member(key)) is not None]
            names = ", ".join(escaped(one.name or one.label or one.place) for one in found)
            more = group.count - len(found)
            indent = " " * (len(table[0]) - len(table[0].lstrip()) + len(_GROUPS[0].title) + len(_GAP))
            first = member(group.members[-1])
            at = moment_text(first.definition_at, self.zone) if first is not None else ""
            since = f"; the first ran the definition of {at}" if at else ""
            lines += [line, f"{indent}{names}{f' and {more:,} more' if more else ''}{since}"]
        return lines

    def _zone(self, moment: int | None) -> str:
        return zone_text(moment, self.zone) if moment is not None else ""

    def _row(self, one: ExecutionOutcome) -> list[str]:
        failed = one.failed_state
        error = one.error or ("" if one.known or not one.is_unsuccessful else f"({one.refusal or 'not read'})")
        return [
            one.status or "?",
            moment_text(one.started_at, self.zone),
            duration_text(one.milliseconds) or ("running" if one.is_running else ""),
            one.state_machine_name,
            one.name or one.label or one.place,
            error,
            failed.path if failed is not None else "",
            f"{one.retries:,}" if one.retries else "",
            _one_line(one.cause or ("" if one.error else one.refusal)),
        ]

    def _group_row(self, group: FailureGroup) -> list[str]:
        known = group.is_state_known or group.state
        return [
            f"{group.count:,}",
            _machine_name(group.state_machine_arn),
            group.status,
            group.error or ("" if known else "(not read)"),
            group.state,
            moment_text(group.first_seen, self.zone),
            moment_text(group.last_seen, self.zone),
            version_text(group.first_version),
            group.shape,
        ]

    def _table(self, columns: Sequence[_Column], rows: Sequence[Sequence[str]], zone: str) -> list[str]:
        if not rows:
            return []
        cells = [[escaped(text) for text in row] for row in rows]
        shown = [index for index in range(len(columns)) if any(row[index] for row in cells)]
        if "MACHINE" in (columns[index].title for index in shown):  # of one state machine alone it says nothing
            where = next(index for index in shown if columns[index].title == "MACHINE")
            if len({row[where] for row in cells}) == 1:
                shown.remove(where)
        titles = [one.title for one in columns]
        for index in shown:
            if columns[index].title in ("STARTED", "LAST SEEN") and zone:
                titles[index] = f"{columns[index].title} ({zone})"
        widths = self._widths(columns, shown, [titles, *cells])
        return [self._line(columns, shown, row, widths) for row in [titles, *cells]]

    def _widths(
        self, columns: Sequence[_Column], shown: Sequence[int], rows: Sequence[Sequence[str]]
    ) -> dict[int, int]:
        widths = {index: max(cell_width(row[index]) for row in rows) for index in shown}
        last = shown[-1]
        if self.width is None:
            if columns[last].most is None:
                widths[last] = min(widths[last], _LONGEST_CAUSE)
            return widths
        for index in shown:
            most = columns[index].most
            if most is not None:
                widths[index] = min(widths[index], max(most, cell_width(rows[0][index])))
        over = sum(widths.values()) + len(_GAP) * (len(shown) - 1) - self.width
        # What is longest gives way first, but keeps enough to be told apart.
        for index in sorted(shown, key=lambda index: (columns[index].most is not None, -widths[index])):
            if over <= 0:
                break
            less = min(over, max(0, widths[index] - _LEAST))
            widths[index] -= less
            over -= less
        return widths

    def _line(
        self, columns: Sequence[_Column], shown: Sequence[int], row: Sequence[str], widths: dict[int, int]
    ) -> str:
        texts = []
        for index in shown:
            text = fit(row[index], widths[index])
            blanks = " " * (widths[index] - cell_width(text))
            texts.append(blanks + text if columns[index].is_right else text + blanks)
        line = _GAP.join(texts).rstrip()
        return line if self.width is None else fit(line, self.width) if cell_width(line) > self.width else line


_LEAST: Final = 12
"""Cells that a column keeps where there is no room for all."""


def counts_text(outcomes: Iterable[ExecutionOutcome]) -> str:
    """How many stand how: "1,200 executions: 12 FAILED, 3 RUNNING, 1,185 SUCCEEDED"."""
    counts = Counter(one.status for one in outcomes)
    parts = [f"{counts[status]:,} {status or 'of unknown status'}" for status in _ORDER if counts[status]]
    parts += [f"{count:,} {status}" for status, count in counts.items() if status not in _ORDER]
    return counted(counts.total(), "execution") + (f": {', '.join(parts)}" if parts else "")


def version_text(version: str) -> str:
    """A version of a definition: its number, or the first digits of the hash of its text; "" where it is not known."""
    return version.rpartition(":")[2] if version.startswith("arn:") else version[:_VERSION_DIGITS]


def _machine_name(arn: str) -> str:
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def _one_line(text: str) -> str:
    return " ".join(text.split())


# as objects


def execution_dict(one: ExecutionOutcome) -> dict[str, Json]:
    """An execution by the names that AWS gives its facts; what is not known is left out."""
    failed = one.failed_state
    found: dict[str, Json] = {
        "executionArn": one.arn,
        "name": one.name,
        "stateMachineArn": one.state_machine_arn,
        "status": one.status,
        "startDate": _iso(one.started_at),
        "stopDate": _iso(one.stopped_at),
        "milliseconds": one.milliseconds,
        "error": one.error,
        "cause": one.cause,
        "failedState": failed.path if failed is not None else None,
        "whyNoState": one.why_no_state,
        "retries": one.retries,
        "redriveCount": one.redrive_count,
        "redriveStatus": one.redrive_status,
        "version": one.version,
        "definitionDate": _iso(one.definition_at),
        "events": one.events,
        "file": one.place,
        "label": one.label,
        "refusal": one.refusal,
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def group_dict(group: FailureGroup) -> dict[str, Json]:
    """A group of failures; its executions are named by their keys, newest first."""
    found: dict[str, Json] = {
        "count": group.count,
        "stateMachineArn": group.state_machine_arn,
        "status": group.status,
        "error": group.error,
        "state": group.state,
        "isStateKnown": group.is_state_known,
        "causeShape": group.shape,
        "exampleCause": group.example_cause,
        "firstSeen": _iso(group.first_seen),
        "lastSeen": _iso(group.last_seen),
        "firstVersion": group.first_version,
        "versions": list(group.versions),
        "executions": list(group.members),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _iso(moment: int | None) -> str | None:
    return None if moment is None else f"{moment_text(moment).replace(' ', 'T')}.{moment % 1000:03}Z"


# a log


def survey_lines(survey: LogSurvey) -> list[str]:
    """What a search of the log of an Express state machine reads, and what it costs, before it is made."""
    size = f"It holds {size_text(survey.stored_bytes)} in all" if survey.stored_bytes is not None else ""
    kept = f", kept for {survey.retention_days} days" if size and survey.retention_days is not None else ""
    times = f"from {moment_text(survey.since)} UTC on" if survey.since is not None else "from its beginning on"
    lines = [
        f"AWS keeps no list of Express executions: the log group {survey.log_group} is searched {times}.",
        f"{size}{kept}." if size else "",
        "CloudWatch Logs charges nothing for this search; it takes longer the further back it goes.",
    ]
    if survey.level not in ("ALL", ""):
        lines.append(f"Its level is {survey.level}: not all executions and events are in it.")
    return [line for line in lines if line]
