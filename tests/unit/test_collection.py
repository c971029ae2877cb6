"""The collector of cycles: put off while a program begins, and only put off."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator

import pytest

from sfdebug.collection import begin_without_collection, keep_for_good, steadily_collected


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    gc.unfreeze()  # a program that another test has begun leaves out what there was
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


def test_who_runs_for_days_lets_go_of_what_is_old() -> None:
    """Under the command line's own settings, by which garbage waits for the end of a short program."""

    class Old:
        """One that is in a circle, as a hosted execution is."""

        def __init__(self) -> None:
            self.parts: list[object] = [self, *([] for _ in range(50))]

    def most_alive() -> int:
        """Of 12,000 of them, of which a thousand are kept at a time."""
        kept: deque[Old] = deque(maxlen=1_000)
        found = 0
        for number in range(12_000):
            kept.append(Old())
            if number % 1_000 == 999:
                found = max(found, sum(isinstance(each, Old) for each in gc.get_objects()))
        return found

    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        with steadily_collected():
            assert most_alive() < 4_000
        assert gc.get_threshold() == (50_000, 20, 20)
        assert gc.get_freeze_count() == 0
    finally:
        gc.set_threshold(*before)
