"""The file: made for its owner alone, had by one process at a time; what is no store is refused, and left as it is."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sfdebug.hosting.store.database import FORMAT, StoreDatabase
from sfdebug.hosting.store.errors import StoreError


def refused(path: Path | str) -> str:
    with pytest.raises(StoreError) as caught:
        StoreDatabase.open(str(path))
    assert caught.value.fix
    assert caught.value.where
    return caught.value.what


def test_a_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "store"
    database = StoreDatabase.open(str(path))
    with database.transaction() as transaction:
        transaction.execute("INSERT INTO facts VALUES ('region', 'eu-west-3')")
    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    assert database.rows("SELECT value FROM facts WHERE name = ?", ("region",)) == [("eu-west-3",)]
    database.close()
    again = StoreDatabase.open(str(path))
    assert again.rows("SELECT * FROM facts") == [("region", "eu-west-3")]
    again.close()


def test_a_transaction_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    database = StoreDatabase.open(str(tmp_path / "store"))
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as transaction:
        transaction.executemany("INSERT INTO facts VALUES ('region', ?)", [(1,), (2,)])
    assert database.rows("SELECT * FROM facts") == []
    with pytest.raises(StoreError, match="it cannot be used: no such table: nowhere"):
        database.rows("SELECT * FROM nowhere")
    with pytest.raises(StoreError, match="readonly"):
        database.rows("DELETE FROM facts")
    database.close()


def test_one_process_has_it_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "store"
    database = StoreDatabase.open(str(path))
    link = tmp_path / "link"
    link.symlink_to(path)
    for each in (path, link):
        assert refused(each) == f"another sfdebug (process {os.getpid()}) has it open"
    database.close()
    StoreDatabase.open(str(link)).close()


def test_a_process_that_was_killed_has_it_no_more(tmp_path: Path) -> None:
    path = tmp_path / "store"
    script = (
        "import os, signal, sys\n"
        "from sfdebug.hosting.store.database import StoreDatabase\n"
        "with StoreDatabase.open(sys.argv[1]).transaction() as transaction:\n"
        "    transaction.execute(\"INSERT INTO facts VALUES ('a', 1)\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    database = StoreDatabase.open(str(path))
    assert database.rows("SELECT * FROM facts") == [("a", 1)]
    database.close()


def test_what_is_no_store_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_bytes(b"what I must not forget\n" * 500)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    for path, what in (
        (text, "it is no store: it is no database"),
        (other, "it is a database of something else"),
    ):
        before = path.read_bytes()
        assert refused(path) == what
        assert path.read_bytes() == before
    assert refused(tmp_path) == "it is no file"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["notes.txt", "other.db"], "nothing is left beside them"
    assert not tmp_path.with_name(f"{tmp_path.name}-lock").exists()
    assert refused(tmp_path / "nowhere" / "store") == "it cannot be used: No such file or directory"
    assert refused(text / "store") == "it cannot be used: Not a directory"
    assert refused("a\0b").startswith("it cannot be used")


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store"
    StoreDatabase.open(str(path)).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    assert refused(path) == f"a later version of sfdebug wrote it (format {FORMAT + 1})"
    assert Path(f"{path}-lock").exists(), "it is of the one that wrote the file"


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "store"
    database = StoreDatabase.open(str(path))
    with database.transaction() as transaction:
        for number in range(2_000):
            transaction.execute("INSERT INTO facts VALUES (?, ?)", (f"n{number}", "x" * 100))
    database.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 :] = b"\x55" * (len(data) - 4096 * 3)
    path.write_bytes(data)
    database = StoreDatabase.open(str(path))
    with pytest.raises(StoreError, match="it cannot be read: database disk image is malformed"):
        database.rows("SELECT * FROM facts")
    database.close()


def test_a_file_that_was_moved_is_known(tmp_path: Path) -> None:
    path = tmp_path / "store"
    database = StoreDatabase.open(str(path))
    found = [database.is_in_place]
    path.rename(tmp_path / "elsewhere")
    found.append(database.is_in_place)
    path.write_bytes(b"")
    found.append(database.is_in_place)
    assert found == [True, False, False]
    database.close()
