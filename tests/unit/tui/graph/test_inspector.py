"""How the lines below the graph are put into the rows that there are."""

from __future__ import annotations

import pytest

from sfdebug.tui.graph.inspector import _in_rows

LONG = [(" Charge card", "strong"), ("  Task, which calls the service here", "muted")]
SHORT = [("   to Ship", "")]


@pytest.mark.parametrize(
    ("lines", "rows", "shown"),
    [
        ([LONG, SHORT], 4, [" Charge card  Task,", "     which calls the", "     service here", "   to Ship"]),
        ([LONG, SHORT], 3, [" Charge card  Task,", "     which calls the service here", "   to Ship"]),
        ([LONG, SHORT], 2, [" Charge card  Task, which calls the service here", "   to Ship"]),
        ([LONG, LONG], 3, [" Charge card  Task,", "     which calls the service here",
                           " Charge card  Task, which calls the service here"]),
        ([SHORT, LONG, SHORT], 4, ["   to Ship", " Charge card  Task,", "     which calls the service here",
                                   "   to Ship"]),
        ([], 2, []),
    ],
)  # fmt: skip
def test_each_line_has_a_row_and_the_first_long_ones_get_the_rest(
    lines: list[list[tuple[str, str]]], rows: int, shown: list[str]
) -> None:
    found = _in_rows(lines, rows, 20)
    assert ["".join(text for text, _ in row).rstrip() for row in found] == shown
