"""Rows of numbers in one integer, beside the same rows as lists."""

from __future__ import annotations

from random import Random

import pytest

from sfdebug.drawing.layout.packed import least, ones, value_at, values, without


def packed(row: list[int]) -> int:
    """A row in one integer."""
    return sum(each * (ones(at + 1) - ones(at)) for at, each in enumerate(row))


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_rows_are_weighed_as_lists_are(count: int) -> None:
    random = Random(count)
    one, other = ([random.choice((0, 1, 5, random.getrandbits(62))) for _ in range(count)] for _ in range(2))
    row, at = packed(one), random.randrange(count)
    assert values(row, count) == tuple(one)
    assert [value_at(row, index) for index in range(count)] == one
    assert values(least(row, packed(other), ones(count)), count) == tuple(map(min, one, other))
    assert values(without(row, at), count - 1) == tuple(one[:at] + one[at + 1 :])
    assert values(row + 3 * ones(at), count) == tuple(each + 3 * (index < at) for index, each in enumerate(one))
