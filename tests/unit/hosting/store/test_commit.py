"""Group commit: whoever needs an entry in the file writes all that are queued; while nothing can be written, none is
lost."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.hosting.store.commit import GroupCommit
from sfdebug.hosting.store.database import StoreDatabase


class Facts:
    """Writes texts as facts, and says what a test has said."""

    def __init__(self, path: Path) -> None:
        self.database = StoreDatabase.open(str(path))
        self.error: Exception | None = None
        self.transactions: list[int] = []
        self.settled: list[bool] = []
        self.said: list[str] = []
        self.commit = GroupCommit(
            self.database, self.write, self.settled.append, self.said.append, lambda: self.said.append("again")
        )

    def write(self, connection: sqlite3.Connection, entries: Sequence[str]) -> None:
        for entry in entries:
            connection.execute("INSERT INTO facts VALUES (?, 1)", (entry,))
        if self.error is not None:
            raise self.error
        self.transactions.append(len(entries))

    @property
    def there(self) -> set[str]:
        return {name for (name,) in self.database.rows("SELECT name FROM facts")}

    def refused(self) -> str:
        with pytest.raises(HostRefusalError) as caught:
            self.commit.commit()
        assert caught.value.reason is RefusalReason.NOT_KEPT
        return caught.value.details


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return Facts(tmp_path / "store")


def test_what_is_queued_is_written_together(facts: Facts) -> None:
    facts.commit.commit()
    facts.commit.add("a", "b")
    facts.commit.add("c")
    assert (facts.there, facts.commit.backlog) == (set(), 3)
    facts.commit.commit()
    facts.commit.commit()
    assert (facts.there, facts.transactions, facts.settled) == ({"a", "b", "c"}, [3], [True])


def test_nothing_is_lost_while_nothing_can_be_written(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.hosting.store.commit._AGAIN", 0.0)
    facts.error = sqlite3.OperationalError("database or disk is full")
    facts.commit.add("a")
    assert facts.refused() == "database or disk is full"
    facts.commit.add("b")
    assert facts.refused() == "database or disk is full"
    done: list[str] = []
    facts.commit.hold(lambda: done.append("held"))
    with pytest.raises(HostRefusalError):
        facts.commit.check()
    assert (facts.there, facts.settled, facts.said, done) == (set(), [False] * 3, ["database or disk is full"], [])
    facts.error = None
    facts.commit.check()
    assert (facts.there, facts.said[1:], done, facts.commit.trouble) == ({"a", "b"}, ["again"], ["held"], "")
    facts.commit.hold(lambda: done.append("at once"))
    assert done == ["held", "at once"]


def test_it_is_not_tried_again_at_once(facts: Facts) -> None:
    facts.error = sqlite3.OperationalError("database or disk is full")
    facts.commit.add("a")
    facts.refused()
    facts.error = None
    assert facts.refused() == "database or disk is full"
    assert len(facts.settled) == 1


def test_a_fault_of_the_program_is_told_as_well(facts: Facts) -> None:
    facts.error = KeyError("x")
    facts.commit.add("a")
    assert facts.refused() == "KeyError: 'x'"


def test_a_file_that_is_gone_keeps_nothing(facts: Facts) -> None:
    facts.database.path.unlink()
    facts.commit.add("a")
    assert facts.refused() == "the file was moved or deleted"


def test_what_nobody_waits_for_is_written_soon(facts: Facts) -> None:
    written = threading.Event()
    facts.commit = GroupCommit(
        facts.database, facts.write, lambda _: written.set(), facts.said.append, facts.said.clear
    )
    facts.commit.start()
    facts.commit.add("a")
    assert written.wait(30)
    assert facts.there == {"a"}
    assert facts.commit.close() == 0
    facts.commit.add("b")
    assert (facts.commit.backlog, facts.commit.is_closed) == (0, True)


def test_the_end_says_what_could_not_be_written(facts: Facts) -> None:
    facts.commit.start()
    facts.error = sqlite3.OperationalError("disk I/O error")
    facts.commit.add("a", "b")
    assert facts.commit.close() == 2


def test_its_thread_ends_also_when_it_is_closed_just_as_that_turns_to_new_work(facts: Facts) -> None:
    class ClosedMeanwhile(threading.Event):
        def clear(self) -> None:
            facts.commit._closing.set()  # as `close` does
            self.set()
            super().clear()

    facts.commit._has_more = ClosedMeanwhile()
    facts.commit.start()
    facts.commit.add("a")
    thread = facts.commit._thread
    assert thread is not None
    thread.join(30)
    assert not thread.is_alive()
    assert facts.commit.close() == 0
    assert facts.there == {"a"}


def test_many_threads_write_for_one_another(facts: Facts) -> None:
    def client(number: int) -> None:
        for each in range(50):
            name = f"{number}/{each}"
            facts.commit.add(name)
            facts.commit.commit()
            if facts.database.rows("SELECT 1 FROM facts WHERE name = ?", (name,)) != [(1,)]:
                missing.append(name)

    missing: list[str] = []
    threads = [threading.Thread(target=client, args=(number,), name=f"test-{number}") for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not missing
    assert sum(facts.transactions) == 400
