"""What stands on which shelf."""

from __future__ import annotations

import pytest

from sfdebug.drawing.layout.shelves import on_shelves


@pytest.mark.parametrize(
    ("widths", "limit", "shelves"),
    [
        ([], 10, []),
        ([4, 4], 11, [[0, 1]]),
        ([4, 4], 10, [[0], [1]]),
        ([40, 4, 4], 10, [[0], [1, 2]]),
        ([5, 5, 5, 5], 26, [[0, 1], [2, 3]]),
        ([1, 1, 1, 9, 1], 17, [[0, 1, 2], [3, 4]]),
    ],
)
def test_shelves_are_few_and_about_as_long(widths: list[int], limit: int, shelves: list[list[int]]) -> None:
    assert on_shelves(widths, limit, 3) == shelves
