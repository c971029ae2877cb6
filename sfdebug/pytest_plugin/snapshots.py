"""The history of a run, held against the one that was written when it was right."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any, Final

from sfdebug.errors import UsageError
from sfdebug.pytest_plugin.noted import SNAPSHOTS, name_of
from sfdebug.pytest_plugin.runs import CaseRun
from sfdebug.pytest_plugin.snapshot_files import file_name, folder_of
from sfdebug.text import counted, escaped

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_MOST_LINES: Final = 60
_MOST_COMPARED: Final = 2_000
_WIDEST: Final = 200


def normalised(run: CaseRun) -> list[dict[str, Any]]:
    """The events without what changes from run to run and says nothing of the machine: times. All else that a run makes
    up (names, ids, tokens) is the same each time."""
    return [{name: value for name, value in event.items() if name != "timestamp"} for event in run.history]


class HistorySnapshot:
    """Compares histories with those in `__sfn_snapshots__` beside the test's file; `--sfn-update` writes them."""

    def __init__(self, node: pytest.Item) -> None:
        self._node = node
        self._count = 0
        self._held: set[Path] = set()

    def __call__(self, run: CaseRun | object, name: str = "") -> None:
        """Hold the history of a run against its snapshot.

        Args:
            run: The run.
            name: What the snapshot is called, for a test that has several; they are numbered otherwise.

        Raises AssertionError with the lines that differ, or when there is no snapshot; UsageError for a name that
        another snapshot of the test has.
        """
        __tracebackhide__ = True
        if not isinstance(run, CaseRun):
            what = f"a snapshot is of the history of a run, not of {type(run).__name__}"
            raise UsageError(what, where=self._node.nodeid, fix="Write: sfn_snapshot(sfn_run(...))")
        self._count += 1
        path = self._path(name or (str(self._count) if self._count > 1 else ""))
        if path in self._held:
            what = f"the test has two snapshots of one name ({path.name}): the second would replace the first"
            raise UsageError(what, where=self._node.nodeid, fix="Give each a name of its own.")
        self._held.add(path)
        self._node.config.stash.setdefault(SNAPSHOTS, set()).add(str(path))
        text = json.dumps(normalised(run), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        if self._node.config.option.sfn_update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="\n")
            return
        try:
            known = path.read_text(encoding="utf-8", errors="surrogatepass")
        except FileNotFoundError:
            raise AssertionError(f"there is no snapshot {path}: pytest --sfn-update writes it") from None
        if known != text:
            raise AssertionError(
                f"the history is not that of {path}; --sfn-update writes it anew\n{_lines(known, text)}"
            )

    def _path(self, name: str) -> Path:
        return folder_of(self._node.path) / file_name(name_of(self._node), name)


def _lines(known: str, text: str) -> str:
    """The lines that differ. What is alike before and behind them is left out first, and of very long histories no more
    than the beginning is compared: difflib takes the square of what it is given."""
    old, new = known.splitlines(), text.splitlines()
    alike = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    first = max(0, alike - 3)
    compared = slice(first, first + _MOST_COMPARED)
    lines = list(difflib.unified_diff(old[compared], new[compared], "snapshot", "run", lineterm=""))
    shown = [_cut(escaped(line)) for line in lines[:_MOST_LINES]]
    more = [f"... {counted(len(lines) - _MOST_LINES, 'line')} more"] if len(lines) > _MOST_LINES else []
    return "\n".join([f"from line {first + 1} of {len(old):,} on, of {len(new):,} that came", *shown, *more])


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
