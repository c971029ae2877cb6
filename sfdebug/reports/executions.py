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
_VERSION_DIGITS: Final = 8
_ORDER: Final = ("FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE", "RUNNING", "SUCCEEDED", "")


class _Column(NamedTuple):
    """A column: its title, the cells that it keeps where there is no room for all (0: what its texts take), and which
    go first where there is no room for even that (the highest rank; 0 stays)."""

    title: str
    least: int = 0
    rank: int = 0
    is_right: bool = False


_EXECUTIONS: Final = (
    _Column("STATUS"),
    _Column("STARTED", rank=2),
    _Column("TOOK", rank=4, is_right=True),
    _Column("MACHINE", 10, rank=1),
    _Column("NAME", 14),
    _Column("ERROR", 14),
    _Column("STATE", 10, rank=3),
    _Column("RETRIES", rank=6, is_right=True),
    _Column("CAUSE", 20, rank=5),
)
_GROUPS: Final = (
    _Column("COUNT", is_right=True),
    _Column("MACHINE", 10, rank=1),
    _Column("STATUS", rank=6),
    _Column("ERROR", 14),
    _Column("STATE", 10, rank=2),
    _Column("FIRST SEEN", rank=5),
    _Column("LAST SEEN", rank=4),
    _Column("VERSION", rank=7),
    _Column("CAUSE", 20, rank=3),
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
            names = ", ".join(escaped(one.title) for one in found)
            more = group.count - len(found)
            indent = " " * (len(table[0]) - len(table[0].lstrip()) + len(_GROUPS[0].title) + len(_GAP))
            first = member(group.members[-1])
            at = moment_text(first.definition_at, self.zone) if first is not None else ""
            since = f"; the first ran the definition of {at}" if at else ""
            named = f"{indent}{names}{f' and {more:,} more' if more else ''}"
            is_room = self.width is None or cell_width(named + since) <= self.width
            lines += [line, named + since if is_room else named]
        return lines

    def _zone(self, moment: int | None) -> str:
        return zone_text(moment, self.zone) if moment is not None else ""

    def _row(self, one: ExecutionOutcome) -> list[str]:
        failed = one.failed_state
        error = one.error or ("" if one.known or not one.is_unsuccessful else f"({one.refusal or 'not read'})")
        return [
            one.status or "?",
            self._moment(one.started_at),
            duration_text(one.milliseconds) or ("running" if one.is_running else ""),
            one.state_machine_name,
            one.title,
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
            self._moment(group.first_seen),
            self._moment(group.last_seen),
            version_text(group.first_version),
            group.shape,
        ]

    def _table(self, columns: Sequence[_Column], rows: Sequence[Sequence[str]], zone: str) -> list[str]:
        if not rows:
            return []
        cells = [[escaped(text) for text in row] for row in rows]
        shown = [index for index in range(len(columns)) if any(row[index] for row in cells)]
        # Of one state machine alone its name says nothing.
        shown = [one for one in shown if columns[one].title != "MACHINE" or len({row[one] for row in cells}) > 1]
        titles = [one.title for one in columns]
        for index in shown:
            if columns[index].title in ("STARTED", "LAST SEEN") and zone:
                titles[index] = f"{columns[index].title} ({zone})"
        widths = self._widths(columns, shown, [titles, *cells])
        return [_line(columns, row, widths) for row in [titles, *cells]]

    def _widths(
        self, columns: Sequence[_Column], shown: Sequence[int], rows: Sequence[Sequence[str]]
    ) -> dict[int, int]:
        """The cells of each column that is shown, in their order."""
        wide = {index: max(cell_width(row[index]) for row in rows) for index in shown}
        if self.width is None:
            return {index: min(width, _WIDEST) for index, width in wide.items()}
        least = {index: min(width, columns[index].least or width) for index, width in wide.items()}
        while _taken(least) > self.width and any(columns[index].rank for index in least):
            del least[max(least, key=lambda index: columns[index].rank)]
        for index in least:  # what is left goes to the first that can use it: names before causes
            least[index] += max(0, min(wide[index] - least[index], self.width - _taken(least)))
        return least

    def _moment(self, moment: int | None) -> str:
        """A time of the world; on a narrow terminal without its year."""
        text = moment_text(moment, self.zone)
        return text if self.width is None or self.width >= _ROOMY else text[5:]


_ROOMY: Final = 110
_WIDEST: Final = 300
"""Cells of a column where nothing bounds the width."""


def _taken(widths: dict[int, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def _line(columns: Sequence[_Column], row: Sequence[str], widths: dict[int, int]) -> str:
    texts = []
    for index, width in widths.items():
        text = fit(row[index], width)
        blanks = " " * (width - cell_width(text))
        texts.append(blanks + text if columns[index].is_right else text + blanks)
    return _GAP.join(texts).rstrip()


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
