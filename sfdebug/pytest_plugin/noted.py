"""What a test has run, for what is said of it when it fails, and who counts what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pytest

if TYPE_CHECKING:
    from sfdebug.pytest_plugin.runs import CaseRun


class RunCounter(Protocol):
    """Counts what runs took of their machines."""

    def add(self, run: CaseRun) -> None:
        """Count one."""


COUNTER: pytest.StashKey[RunCounter] = pytest.StashKey()
"""In the stash of the configuration: who counts, where that is wanted."""
RUNS: pytest.StashKey[list[CaseRun]] = pytest.StashKey()
"""In the stash of a test: its runs."""
SNAPSHOT_FOLDER: Final = "__sfn_snapshots__"
SNAPSHOTS: pytest.StashKey[set[str]] = pytest.StashKey()
"""In the stash of the configuration: the snapshots that runs were held against, or written to."""
LOST_WORKER: pytest.StashKey[bool] = pytest.StashKey()
"""In the stash of the configuration: whether a worker of xdist ended before it said what it had noted."""
SNAPSHOTS_OUTPUT: Final = "sfdebug_snapshots"
"""Under this name a worker of xdist says what it noted of snapshots."""


def name_of(item: pytest.Item) -> str:
    """What a test is called within its file, by its classes and its own name: `TestDeclined::test_told[Visa]`."""
    chain = item.listchain()
    return "::".join(node.name for node in chain if isinstance(node, pytest.Class | pytest.Item))


def note_run(item: pytest.Item, run: CaseRun) -> None:
    """Remember a run of a test, and count what it took where coverage is wanted: one that came to no end is no run."""
    item.stash.setdefault(RUNS, []).append(run)
    counter = item.config.stash.get(COUNTER, None)
    if counter is not None and run.is_over:
        counter.add(run)
