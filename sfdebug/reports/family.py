"""The family of an execution as rows: a tree of what started what, each with how it stands and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.debugger.recorded.summary import branch_text, cause_text
from sfdebug.history.started import StartedKind
from sfdebug.text import counted, escaped
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.executions.family import ExecutionFamily, FamilyNode
    from sfdebug.values import Json

_CAUSE: Final = 120
_COUNTS: Final = (
    ("failed", "failed"),
    ("timedOut", "timed out"),
    ("aborted", "aborted"),
    ("pendingRedrive", "to be redriven"),
    ("running", "running"),
    ("pending", "pending"),
    ("succeeded", "succeeded"),
)
"""Source of the names: AWS API, `MapRunExecutionCounts`."""


class FamilyRow(Struct, frozen=True, gc=False):
    """One row: `stem` draws the tree, `how` says what started it, `status` how it stands, `name` what it is, `why` what
    went wrong. `node` is the execution or Map Run, None for a remark; `of` is the one that it is about."""

    stem: str
    how: str
    status: str
    name: str
    why: str
    node: FamilyNode | None = None
    of: FamilyNode | None = None

    @property
    def text(self) -> str:
        """All of it but the stem, on one line."""
        parts = (f"{self.how}: " if self.how else "", f"{self.status}  " if self.status else "", self.name)
        return "".join(parts).rstrip() + (f"  {self.why}" if self.why else "")


def family_rows(family: ExecutionFamily, *, is_ascii: bool = False) -> list[FamilyRow]:
    """A whole family, the highest execution first."""
    signs = ("|- ", "`- ", "|  ", "   ") if is_ascii else ("├─ ", "└─ ", "│  ", "   ")
    why = family.why_no_parent
    rows = [FamilyRow("", "", "", f"above it nothing is known: {why}", "")] if why else []
    rows += _rows(family.root, "", "", signs)
    if family.cut:
        rows.append(FamilyRow("", "", "", "", f"not all was looked at: {family.cut}"))
    return rows


def family_lines(family: ExecutionFamily, *, is_ascii: bool = False) -> list[str]:
    """The same as text."""
    return [f"{row.stem}{escaped(row.text)}" for row in family_rows(family, is_ascii=is_ascii)]


def _rows(node: FamilyNode, stem: str, below: str, signs: tuple[str, str, str, str]) -> Iterator[FamilyRow]:
    yield FamilyRow(stem, _how(node), node.status or "not known", _name(node), _why(node), node, node)
    remarks = [
        FamilyRow("", f"{one.state}{branch_text(one.branch)}", "", "an execution that is not named", one.why, of=node)
        for one in node.unnamed
    ]
    if node.left_out or not node.is_counted:
        more = f"{node.left_out:,} more" if node.is_counted else "more, which are not counted"
        remarks.append(FamilyRow("", "", "", f"and {more}", "", of=node))
    last = len(node.children) + len(remarks) - 1
    for at, child in enumerate(node.children):
        branch, trunk = (signs[1], signs[3]) if at == last else (signs[0], signs[2])
        yield from _rows(child, below + branch, below + trunk, signs)
    for at, remark in enumerate(remarks, len(node.children)):
        sign = signs[1] if at == last else signs[0]
        yield FamilyRow(below + sign, remark.how, "", remark.name, remark.why, of=node)


def _how(node: FamilyNode) -> str:
    started = node.started
    if started is None:
        return ""
    tries = f", attempt {started.attempt}" if started.attempt > 1 else ""
    return f"{started.state}{branch_text(started.branch)}{tries}"


def _name(node: FamilyNode) -> str:
    if node.kind is StartedKind.MAP_RUN:
        return f"Map Run {node.arn.rsplit(':', 1)[-1][:8]}{_counts(node)}"
    outcome = node.outcome
    fields = node.arn.split(":")
    machine = fields[6] if len(fields) > 7 else (outcome.state_machine_name if outcome is not None else "")
    name = fields[7] if len(fields) > 7 else (outcome.name or outcome.key if outcome is not None else node.arn)
    took = outcome.milliseconds if outcome is not None else None
    count = outcome.redrive_count if outcome is not None else 0
    redriven = f"redriven {counted(count, 'time')}" if count else ""
    parts = (machine, name, duration_text(took) if took is not None else "", redriven)
    return " ".join(part for part in parts if part)


def _counts(node: FamilyNode) -> str:
    counts: Mapping[str, int] = node.facts.counts if node.facts is not None else {}
    if "total" not in counts:
        return ""
    told = [f"{counts[key]:,} {words}" for key, words in _COUNTS if counts.get(key)]
    return f", {counted(counts['total'], 'child execution')}" + (f": {', '.join(told)}" if told else "")


def _why(node: FamilyNode) -> str:
    parts: list[str] = []
    outcome = node.outcome
    if outcome is not None and outcome.is_unsuccessful:
        state, error, cause = outcome.failed_state, outcome.error, outcome.cause
        if state is not None:
            where = f"{'in' if state.is_fault else 'stood in'} {state.path}"
            parts.append(f"{where}:" if state.error or error else where)
            error, cause = state.error or error, state.cause or cause
        parts += [error] if error else []
        if cause and not node.children:  # what is below tells it better
            text = cause_text(cause)
            parts.append(f"({text if len(text) <= _CAUSE else text[: _CAUSE - 1] + '…'})")
    if node.refusal:
        parts.append(f"not readable: {node.refusal}")
    if node.is_asked:
        parts.append("(this one)")
    return " ".join(parts)


def family_dict(family: ExecutionFamily) -> dict[str, Json]:
    """The same as an object."""
    return {
        "root": _node_dict(family.root),
        "whyNoParent": family.why_no_parent,
        "cut": family.cut,
        "histories": family.histories,
    }


def _node_dict(node: FamilyNode) -> dict[str, Json]:
    outcome, started = node.outcome, node.started
    found: dict[str, Json] = {
        "arn": node.arn,
        "kind": str(node.kind),
        "status": node.status,
        "asked": node.is_asked,
        "lookedInto": node.is_looked_into,
    }
    if started is not None:
        found["startedBy"] = {
            "state": started.state,
            "branch": [[name, index] for name, index in started.branch],
            "event": started.event_id,
            "attempt": started.attempt,
        }
    if outcome is not None:
        state = outcome.failed_state
        found |= {"error": outcome.error, "cause": outcome.cause, "failedState": state.path if state else None}
    if node.facts is not None:
        counts: dict[str, Json] = {**node.facts.counts}
        found["counts"] = counts
    return found | {
        "refusal": node.refusal,
        "leftOut": node.left_out,
        "leftOutIsCounted": node.is_counted,
        "unnamed": [{"state": one.state, "why": one.why} for one in node.unnamed],
        "children": [_node_dict(child) for child in node.children],
    }
