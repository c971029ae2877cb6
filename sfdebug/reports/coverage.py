"""What executions took of a definition and what they never took, as a short table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.history.coverage import Coverage, CoverageItem, CoverageKind
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.asl.definition import StatePath
    from sfdebug.values import Json

_NAMES: Final = {
    CoverageKind.STATE: "states",
    CoverageKind.TRANSITION: "transitions",
    CoverageKind.RULE: "Choice rules",
    CoverageKind.RETRIER: "Retriers",
    CoverageKind.CATCHER: "Catchers",
}
_MOST: Final = 12
"""So many things that were never taken are named in the text."""


def coverage_lines(found: Coverage, *, all_items: bool = False) -> list[str]:
    """How much of a definition was taken, kind by kind, and what never was; with `all_items` everything, counted."""
    parts = []
    for kind, name in _NAMES.items():
        items = found.of(kind)
        if items:
            parts.append(f"{sum(count > 0 for count in items.values())} of {len(items)} {name}")
    lines = [f"taken by {counted(found.executions, 'execution')}: {', '.join(parts)}"]
    never = [item for item, count in found.counts.items() if not count]
    if all_items:
        return lines + [f"  {count:>7,}  {item_text(item)}" for item, count in found.counts.items()]
    # A transition out of a state that was never entered, and what else belongs to it, goes without saying.
    silent = {item.state for item in never if item.kind is CoverageKind.STATE}
    told = [item for item in never if item.kind is CoverageKind.STATE or not _goes_without_saying(item, silent)]
    lines += [f"  never: {item_text(item)}" for item in told[:_MOST]]
    if len(told) > _MOST:
        lines.append(f"  and {len(told) - _MOST} more: --all shows them")
    return lines


def _goes_without_saying(item: CoverageItem, never_entered: set[StatePath]) -> bool:
    return item.state in never_entered or (item.kind is CoverageKind.TRANSITION and item.way in ("choice", "default"))


def item_text(item: CoverageItem) -> str:
    """An item in words: `'Charge' > 'Ship' by Next`, `Retrier #1 of 'Charge'`, counted from 1 as a person does."""
    name = _path_text(item.state)
    if item.kind is CoverageKind.STATE:
        return name
    if item.kind is CoverageKind.TRANSITION:
        if item.way == "start":
            return f"start of {name or 'the execution'} > {_path_text(item.target)}"
        return f"{name} > {_path_text(item.target)} by {item.way.capitalize()}"
    if item.kind is CoverageKind.RULE:
        return f"{'Default' if item.index is None else f'rule #{item.index + 1}'} of {name}"
    return f"{item.kind.capitalize()} #{(item.index or 0) + 1} of {name}"


def _path_text(path: StatePath) -> str:
    """`'Fan out'[1] > 'Resize'`: names with, after a Parallel or Map, the index of the branch."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, str):
            parts.append(f"'{escaped(step)}'")
        else:
            parts[-1] += f"[{step}]"
    return "/".join(parts)


def coverage_dict(found: Coverage) -> dict[str, Json]:
    """The same as an object: for each kind how many there are, how many were taken, and each with its count."""
    return {
        "executions": found.executions,
        **{
            f"{kind}s": {
                "total": len(items),
                "taken": sum(count > 0 for count in items.values()),
                "items": list(_items(items)),
            }
            for kind in CoverageKind
            for items in (found.of(kind),)
        },
    }


def _items(items: Mapping[CoverageItem, int]) -> Iterator[dict[str, Json]]:
    for item, count in items.items():
        one: dict[str, Json] = {"state": list(item.state)}
        if item.kind is CoverageKind.TRANSITION:
            one |= {"target": list(item.target), "by": item.way}
        elif item.kind is not CoverageKind.STATE:
            one["index"] = item.index
        yield {**one, "count": count}
