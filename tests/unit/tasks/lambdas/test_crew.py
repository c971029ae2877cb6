"""The workers of one function: one as long as that is enough, more where a call would wait for ever, none left over."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sfdebug.tasks.lambdas.crew import WorkerCrew
from sfdebug.tasks.outside import CallCancelledError

LONG = 30.0
"""Seconds that nothing here takes."""


class Process:
    """What a crew knows of a worker."""

    def __init__(self, made: list[Any]) -> None:
        self.is_closed = False
        made.append(self)

    def close(self) -> None:
        self.is_closed = True


def crew(**more: Any) -> tuple[WorkerCrew, list[Any]]:
    made: list[Any] = []
    return WorkerCrew(lambda: Process(made), **more), made  # type: ignore[arg-type, return-value]


def test_calls_one_after_the_other_have_one_worker() -> None:
    workers, made = crew(patience=0.0)
    for _ in range(3):
        with workers.worker() as worker:
            assert worker is made[0]
    assert not made[0].is_closed
    workers.close()
    assert made[0].is_closed


def test_a_call_inside_of_a_call_has_a_worker_of_its_own_which_ends_with_it() -> None:
    workers, made = crew(patience=0.0)
    with workers.worker() as outer, workers.worker() as inner:
        assert (outer, inner) == (made[0], made[1])
    assert [one.is_closed for one in made] == [True, False], "one of them is kept for the next call"
    with workers.worker() as worker:
        assert worker is inner


def _on_a_thread(workers: WorkerCrew, order: list[str]) -> threading.Thread:
    """One that calls, and says what came of it."""
    began = threading.Event()

    def call() -> None:
        began.set()
        try:
            with workers.worker():
                order.append("called")
        except CallCancelledError:
            order.append("cancelled")

    thread = threading.Thread(name="sfdebug-test-calls", target=call)
    thread.start()
    assert began.wait(LONG)
    return thread


def test_a_call_waits_where_there_may_be_no_more() -> None:
    workers, made = crew(most=1, patience=0.0)
    order: list[str] = []
    with workers.worker():
        thread = _on_a_thread(workers, order)
        order.append("first")
    thread.join(LONG)
    assert order == ["first", "called"]
    assert len(made) == 1


def test_calls_are_cancelled_at_the_end_and_no_worker_is_left() -> None:
    workers, made = crew(most=1, patience=0.0)
    order: list[str] = []
    with workers.worker():
        thread = _on_a_thread(workers, order)
        workers.close()
        thread.join(LONG)
        assert order == ["cancelled"]
    assert [one.is_closed for one in made] == [True]
    with pytest.raises(CallCancelledError), workers.worker():
        pass
