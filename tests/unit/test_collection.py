"""The collector of cycles: put off while a program begins, and only put off."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sfdebug.collection import begin_without_collection, keep_for_good


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_it_begins_again_and_leaves_out_what_there_is() -> None:
    begun = begin_without_collection()
    assert not gc.isenabled()
    begun()
    assert gc.isenabled()
    kept = gc.get_freeze_count()
    assert kept > 0
    begun()  # at the end of the program too: nothing more is left out
    assert gc.get_freeze_count() == kept


def test_whoever_has_turned_it_off_finds_it_off() -> None:
    gc.disable()
    begin_without_collection()()
    keep_for_good()
    assert not gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_there_is_is_not_looked_through_again() -> None:
    keep_for_good()
    assert gc.get_freeze_count() > 0
