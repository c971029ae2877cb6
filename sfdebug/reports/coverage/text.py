"""What executions took of a definition and what they never took, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.history.coverage.model import ERROR_PATHS, CoverageItem, CoverageKind, ItemCount, by_kind, share_of_all
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.asl.definition import StatePath
    from sfdebug.history.coverage.model import Coverage, CoverageShare
    from sfdebug.reports.coverage.places import CoveredDefinition

KIND_NAMES: Final = {
    CoverageKind.STATE: "states",
    CoverageKind.TRANSITION: "transitions",
    CoverageKind.RULE: "Choice rules",
    CoverageKind.RETRIER: "Retriers",
    CoverageKind.EXHAUSTED: "Retriers that ran out",
    CoverageKind.CATCHER: "Catchers",
    CoverageKind.TIMEOUT: "timeouts",
    CoverageKind.HEARTBEAT: "missed heartbeats",
    CoverageKind.ITEMS: "numbers of items (none, one, many)",
    CoverageKind.FAILED_ITEM: "Maps with a failed item",
    CoverageKind.FAILED_BRANCH: "Parallels with a failed branch",
}
_MOST_UNTESTED: Final = 10
_ITEMS: Final = {ItemCount.NONE: "no items", ItemCount.ONE: "one item", ItemCount.MANY: "several items"}
_HAPPENED: Final = {
    CoverageKind.RETRIER: "tries again",
    CoverageKind.EXHAUSTED: "runs out of attempts",
    CoverageKind.TIMEOUT: "times out",
    CoverageKind.HEARTBEAT: "misses its heartbeat",
    CoverageKind.FAILED_ITEM: "has an item that fails",
    CoverageKind.FAILED_BRANCH: "has a branch that fails",
}
_MOST: Final = 12
"""So many things that were never taken are named in the text."""


def coverage_lines(found: Coverage, *, all_items: bool = False) -> list[str]:
    """How much of a definition was taken, kind by kind, and what never was; with `all_items` everything, counted."""
    parts = []
    for kind, items in by_kind(found.counts):
        known = [count for item, count in items.items() if item not in found.unknown]
        parts.append(f"{sum(count > 0 for count in known)} of {len(known)} {KIND_NAMES[kind]}")
    lines = [f"taken by {counted(found.executions, 'execution')}: {', '.join(parts)}"]
    if all_items:
        return lines + [f"  {_times(found, item):>7}  {item_text(item)}" for item in found.counts]
    told = never_told(found)
    lines += [f"  never: {item_text(item)}" for item in told[:_MOST]]
    if len(told) > _MOST:
        lines.append(f"  and {len(told) - _MOST} more: --all shows them")
    return lines + [f"  {text}" for text in unseen_texts(found)]


def _times(found: Coverage, item: CoverageItem) -> str:
    return "?" if item in found.unknown else f"{found.counts[item]:,}"


def share_rows(found: Coverage) -> list[tuple[str, CoverageShare]]:
    """The share of each kind that there is something of; each thing counts once, so that they add up to the whole."""
    names = {**KIND_NAMES, CoverageKind.TRANSITION: "transitions by Next"}
    rows = [(names[kind], found.share((kind,))) for kind, _ in by_kind(found.counts)]
    return [(name, share) for name, share in rows if share.total]


def sum_rows(found: Coverage) -> list[tuple[str, CoverageShare]]:
    """The share of the error paths, where there are any, and of everything."""
    rows = [("error paths", found.share(ERROR_PATHS)), ("together", found.share())]
    return [(name, share) for name, share in rows if share.total or name == "together"]


def table_lines(found: Coverage) -> list[str]:
    """The kinds below one another, with the share of each, of the error paths, and of everything."""
    rows = [*share_rows(found), *sum_rows(found)]
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {share.taken:>5,} of {share.total:>5,}  {percent_text(share)}" for name, share in rows]


def shortfalls(coverages: Sequence[Coverage], least: float | None, least_of_errors: float | None) -> list[str]:
    """What was not reached of the shares in percent that are asked for, of all definitions together."""
    checks = (
        ("everything", least, share_of_all(coverages)),
        ("the error paths", least_of_errors, share_of_all(coverages, ERROR_PATHS)),
    )
    found = []
    for what, asked, share in checks:
        if asked and share is None:
            found.append(f"nothing is known of {what}, and {asked:g} % is asked for")
        elif asked is not None and share is not None and share.percent < asked:
            found.append(f"{int(share.percent * 10) / 10} % of {what} was taken, and {asked:g} % is asked for")
    return found


def untested_texts(machines: Sequence[str]) -> list[str]:
    """That nothing is said of machines which stand beside those that were tested, by their addresses."""
    if not machines:
        return []
    named = ", ".join(escaped(name) for name in machines[:_MOST_UNTESTED])
    more = f" and {len(machines) - _MOST_UNTESTED:,} more" if len(machines) > _MOST_UNTESTED else ""
    return [f"no test that was run is of {named}{more}: nothing is counted of {'it' if len(machines) == 1 else 'them'}"]


def percent_text(share: CoverageShare) -> str:
    """`92 %`, never rounded up to 100; a dash where there is nothing to take."""
    return f"{_floored(share.percent):>3} %" if share.total else "    -"


def _floored(percent: float) -> int:
    return int(percent + 1e-9)


def missing_lines(covered: CoveredDefinition, *, all_items: bool = False) -> list[str]:
    """What was never taken, each with its place in the file."""
    told = never_told(covered.coverage)
    shown = told if all_items else told[:_MOST]
    lines = [f"  {covered.place_text(item)}  {item_text(item)}" for item in shown]
    if len(told) > len(shown):
        lines.append(f"  and {len(told) - len(shown)} more: --all shows them")
    return lines


def never_told(found: Coverage) -> Sequence[CoverageItem]:
    """What was never taken: states, then error paths, which nobody tries by hand, then all else. What goes without
    saying is left out: all that belongs to a state that was never entered."""
    never = found.never()
    silent = {item.state for item in never if item.kind is CoverageKind.STATE}
    told = [item for item in never if item.kind is CoverageKind.STATE or not _goes_without_saying(item, silent)]
    return sorted(told, key=lambda item: (item.kind is not CoverageKind.STATE, item.kind not in ERROR_PATHS))


def _goes_without_saying(item: CoverageItem, never_entered: set[StatePath]) -> bool:
    return item.state in never_entered or item.target in never_entered or not item.counts_by_itself


def unseen_texts(found: Coverage) -> list[str]:
    """Of which Maps nobody saw the inside, and what else is not known, in words."""
    texts = [
        f"not known: what is in {path_text(path)}; the histories do not hold its child executions"
        for path in sorted(found.unseen, key=str)
        if any(item in found.unknown for item in found.counts if item.state[: len(path)] == path)
    ]
    why = "some of this was written by an older version, which did not look"
    return texts + [f"not known: whether {item_text(one)}; {why}" for one in found.uncounted & found.unknown]


def item_text(item: CoverageItem) -> str:
    """An item in words: `'Charge' > 'Ship' by Next`, `Catcher #1 of 'Charge'`, counted from 1 as a person does."""
    name = path_text(item.state)
    if item.kind is CoverageKind.STATE:
        return name
    if item.kind is CoverageKind.TRANSITION:
        if item.way == "start":
            return f"start of {name or 'the execution'} > {path_text(item.target)}"
        return f"{name} > {path_text(item.target)} by {item.way.capitalize()}"
    if item.kind is CoverageKind.RULE:
        return f"{'Default' if item.index is None else f'rule #{item.index + 1}'} of {name}"
    if item.kind is CoverageKind.ITEMS:
        return f"{name} with {_ITEMS[ItemCount(item.way)]}"
    if item.kind is CoverageKind.CATCHER:
        return f"Catcher #{(item.index or 0) + 1} of {name}"
    if item.kind in (CoverageKind.RETRIER, CoverageKind.EXHAUSTED):
        return f"Retrier #{(item.index or 0) + 1} of {name} {_HAPPENED[item.kind]}"
    return f"{name or 'the execution'} {_HAPPENED[item.kind]}"


def path_text(path: StatePath) -> str:
    """`'Fan out'[1] > 'Resize'`: names with, after a Parallel or Map, the index of the branch."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, str):
            parts.append(f"'{escaped(step)}'")
        else:
            parts[-1] += f"[{step}]"
    return "/".join(parts)
