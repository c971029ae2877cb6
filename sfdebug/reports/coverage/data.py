"""Coverage as JSON, written and read back: what several runs took is added up that way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import UsageError
from sfdebug.history.coverage.items import coverage_items, own_items
from sfdebug.history.coverage.model import ERROR_PATHS, Coverage, CoverageItem, CoverageKind, CoverageShare

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.values import Json

MOST_BYTES: Final = 32 * 1024 * 1024
"""So long a file of coverage can be."""

_KEYS: Final = {
    CoverageKind.STATE: "states",
    CoverageKind.TRANSITION: "transitions",
    CoverageKind.RULE: "rules",
    CoverageKind.RETRIER: "retriers",
    CoverageKind.EXHAUSTED: "exhaustedRetriers",
    CoverageKind.CATCHER: "catchers",
    CoverageKind.TIMEOUT: "timeouts",
    CoverageKind.HEARTBEAT: "missedHeartbeats",
    CoverageKind.ITEMS: "itemCounts",
    CoverageKind.FAILED_ITEM: "failedItems",
    CoverageKind.FAILED_BRANCH: "failedBranches",
}
_INDEXED: Final = (CoverageKind.RULE, CoverageKind.RETRIER, CoverageKind.EXHAUSTED, CoverageKind.CATCHER)


def coverage_dict(found: Coverage) -> dict[str, Json]:
    """Coverage as an object: for each kind how many there are, how many were taken, and each with its count.

    A count is null where it is not known. `together` and `errorPaths` are the sums that thresholds are held against.
    """
    return {
        "executions": found.executions,
        "together": _share(found.share()),
        "errorPaths": _share(found.share(ERROR_PATHS)),
        "unseen": [list(path) for path in sorted(found.unseen, key=str)],
        **{key: _kind(found, kind) for kind, key in _KEYS.items()},
    }


def _share(share: CoverageShare) -> dict[str, Json]:
    return {"taken": share.taken, "total": share.total, "percent": round(share.percent, 2)}


def _kind(found: Coverage, kind: CoverageKind) -> dict[str, Json]:
    items = found.of(kind)
    known = [count for item, count in items.items() if item not in found.unknown]
    taken = sum(count > 0 for count in known)
    return {"total": len(known), "taken": taken, "items": list(_items(items, found))}


def _items(items: Mapping[CoverageItem, int], found: Coverage) -> Iterator[dict[str, Json]]:
    for item, count in items.items():
        one: dict[str, Json] = {"state": list(item.state)}
        if item.kind is CoverageKind.TRANSITION:
            one |= {"target": list(item.target), "by": item.way}
        elif item.kind is CoverageKind.ITEMS:
            one["items"] = item.way
        elif item.kind in _INDEXED:
            one["index"] = item.index
        yield {**one, "count": None if item in found.unknown else count}


def not_counted_in(value: Mapping[str, Any], where: str) -> int:
    """How many executions a job left out of the coverage that it wrote, since it could not read or follow them. Raises
    UsageError for something else."""
    count = value.get("notCounted", 0)
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    raise UsageError("notCounted is no number of executions", where=where, fix="Write it anew: sfdebug coverage --json")


def coverage_from(value: Any, machine: StateMachine, where: str) -> Coverage:
    """Coverage of a definition, read back from what `coverage_dict` has made.

    Raises UsageError for something else, and for that of a definition which has other states, rules, Retriers,
    Catchers: their counts cannot be added.
    """
    fix = "Give what `sfdebug coverage --json` wrote for this very definition."
    try:
        read = {item: count for kind, key in _KEYS.items() for item, count in _read(kind, value[key]["items"])}
        unseen = frozenset(tuple(path) for path in value["unseen"])
        executions = int(value["executions"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError("this is no coverage that sfdebug wrote", where=where, fix=fix) from error
    wanted = coverage_items(machine)
    uncounted = frozenset(item for item in own_items(machine) if read.get(item) is None)  # no part of older ones
    if set(read) | uncounted != set(wanted):
        raise UsageError("this is the coverage of a definition that has other states or ways", where=where, fix=fix)
    return Coverage(executions, {item: read.get(item) or 0 for item in wanted}, unseen, uncounted)


def _read(kind: CoverageKind, items: Any) -> Iterator[tuple[CoverageItem, int | None]]:
    for one in items:
        way = one["by"] if kind is CoverageKind.TRANSITION else one["items"] if kind is CoverageKind.ITEMS else ""
        target = tuple(one["target"]) if kind is CoverageKind.TRANSITION else ()
        item = CoverageItem(kind, tuple(one["state"]), one.get("index"), target, way)
        count = one["count"]
        if count is not None and (not isinstance(count, int) or count < 0):
            raise ValueError(count)
        yield item, count
