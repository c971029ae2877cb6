"""Mutations of definitions over recorded executions: what AWS would run differently is found, and nothing else."""

from __future__ import annotations

import functools

import pytest

from sfdebug.history.recording import Recording
from tests import mutations_of_values, mutations_of_ways
from tests.mutations import Row, recording_of, told, verdict

STORIES = {**mutations_of_values.STORIES, **mutations_of_ways.STORIES}
ROWS = (*mutations_of_values.ROWS, *mutations_of_ways.ROWS)


@functools.cache
def recorded(story: str) -> Recording:
    return recording_of(STORIES[story])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_mutation_has_its_verdict(row: Row) -> None:
    found = verdict(STORIES[row.story], recorded(row.story), row)
    explanation = found.first.explanation if found.first is not None else ""
    assert (found.status, told(found)) == (row.status, row.where), (found.reasons, explanation)
    assert row.words in " ".join((*found.reasons, explanation))


def test_the_table_has_enough_of_each_kind() -> None:
    counts = {status: sum(row.status == status for row in ROWS) for status in ("diverges", "identical")}
    assert counts["diverges"] > 60
    assert counts["identical"] > 30
