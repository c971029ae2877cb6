"""State machines, versions, aliases, activities and tags in the file: each as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sfdebug.debugger.sessions.lines import text_of
from sfdebug.hosting.changes import (
    ActivityCreated,
    ActivityDeleted,
    AliasChanged,
    AliasDeleted,
    MachineChanged,
    MachineGone,
    ResourceChange,
    TagsChanged,
    VersionDeleted,
    VersionPublished,
)
from sfdebug.hosting.records import ActivityRecord, AliasRecord, AliasRoute, VersionRecord
from sfdebug.hosting.store.errors import StoreError
from sfdebug.hosting.store.tables import column, text_in
from sfdebug.hosting.store.texts import made, plain_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sfdebug.hosting.store.database import StoreDatabase
    from sfdebug.hosting.store.texts import TextReader, TextWriter


def write_change(connection: sqlite3.Connection, texts: TextWriter, change: ResourceChange) -> None:
    """Have the file say what has changed."""
    _WRITERS[type(change)](connection, texts, change)


def _write_machine(connection: sqlite3.Connection, texts: TextWriter, change: MachineChanged) -> None:
    made_of = [texts.number(connection, change.made_of[0]), *change.made_of[1:]]
    connection.execute(
        f"INSERT INTO machines (arn, place, record, revision, made_of) VALUES (?, {_next('machines')}, ?, ?, ?) "
        "ON CONFLICT (arn) DO UPDATE SET record = excluded.record, revision = excluded.revision, "
        "made_of = excluded.made_of",
        (column(change.record.arn), texts.machine(connection, change.record), change.revision, text_of(made_of)),
    )


def _delete_machine(connection: sqlite3.Connection, texts: TextWriter, change: MachineGone) -> None:
    arn = column(change.arn)
    for table in ("versions", "aliases"):
        connection.execute(f"DELETE FROM {table} WHERE machine_arn = ?", (arn,))
    for table in ("machines", "tags"):
        connection.execute(f"DELETE FROM {table} WHERE arn = ?", (arn,))


def _write_version(connection: sqlite3.Connection, texts: TextWriter, change: VersionPublished) -> None:
    version = change.version
    connection.execute(
        "INSERT INTO versions (arn, machine_arn, place, version, record, revision, is_deleted) "
        f"VALUES (?, ?, {_next('versions')}, ?, ?, ?, 0)",
        (
            column(version.arn),
            column(version.machine_arn),
            _coded(version),
            texts.machine(connection, change.record),
            change.revision,
        ),
    )


def _delete_version(connection: sqlite3.Connection, texts: TextWriter, change: VersionDeleted) -> None:
    # It stays there: its number is never used again.
    connection.execute("UPDATE versions SET is_deleted = 1 WHERE arn = ?", (column(change.arn),))


def _write_alias(connection: sqlite3.Connection, texts: TextWriter, change: AliasChanged) -> None:
    alias = change.alias
    connection.execute(
        f"INSERT INTO aliases (arn, machine_arn, place, alias) VALUES (?, ?, {_next('aliases')}, ?) "
        "ON CONFLICT (arn) DO UPDATE SET alias = excluded.alias",
        (column(alias.arn), column(alias.machine_arn), _coded(alias)),
    )


def _delete_alias(connection: sqlite3.Connection, texts: TextWriter, change: AliasDeleted) -> None:
    connection.execute("DELETE FROM aliases WHERE arn = ?", (column(change.arn),))


def _write_activity(connection: sqlite3.Connection, texts: TextWriter, change: ActivityCreated) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO activities (arn, place, record) VALUES (?, {_next('activities')}, ?)",
        (column(change.record.arn), _coded(change.record)),
    )


def _delete_activity(connection: sqlite3.Connection, texts: TextWriter, change: ActivityDeleted) -> None:
    for table in ("activities", "tags"):
        connection.execute(f"DELETE FROM {table} WHERE arn = ?", (column(change.arn),))


def _write_tags(connection: sqlite3.Connection, texts: TextWriter, change: TagsChanged) -> None:
    tags = column(change.arn), text_of(change.tags)
    connection.execute("INSERT OR REPLACE INTO tags (arn, tags) VALUES (?, ?)", tags)


_WRITERS: Final[dict[type[ResourceChange], Callable[[sqlite3.Connection, TextWriter, Any], None]]] = {
    MachineChanged: _write_machine,
    MachineGone: _delete_machine,
    VersionPublished: _write_version,
    VersionDeleted: _delete_version,
    AliasChanged: _write_alias,
    AliasDeleted: _delete_alias,
    ActivityCreated: _write_activity,
    ActivityDeleted: _delete_activity,
    TagsChanged: _write_tags,
}


def kept_resources(database: StoreDatabase, texts: TextReader) -> Iterator[ResourceChange]:
    """What the file holds, as changes that lead there. Raises StoreError for what cannot be read."""
    for record, revision, made_of in database.rows("SELECT record, revision, made_of FROM machines ORDER BY place"):
        plain = _list_in(made_of)
        yield MachineChanged(texts.machine(record), revision, (texts.text(plain[0]), *plain[1:]))
    found = database.rows("SELECT version, record, revision, is_deleted FROM versions ORDER BY place")
    for version, record, revision, is_deleted in found:
        published = VersionPublished(made(VersionRecord, plain_in(version)), texts.machine(record), revision)
        yield published
        if is_deleted:
            yield VersionDeleted(published.version.arn)
    for (alias,) in database.rows("SELECT alias FROM aliases ORDER BY place"):
        members = plain_in(alias)
        routes = tuple(made(AliasRoute, route) for route in members.pop("routes", ()))
        yield AliasChanged(made(AliasRecord, {**members, "routes": routes}))
    for (record,) in database.rows("SELECT record FROM activities ORDER BY place"):
        yield ActivityCreated(made(ActivityRecord, plain_in(record)))
    for arn, tags in database.rows("SELECT arn, tags FROM tags"):
        yield TagsChanged(text_in(arn), plain_in(tags))


def _next(table: str) -> str:
    return f"(SELECT COALESCE(MAX(place), 0) + 1 FROM {table})"


def _coded(record: msgspec.Struct) -> str:
    return text_of(msgspec.to_builtins(record))


def _list_in(text: str) -> list[Any]:
    value = plain_in(f'{{"v":{text}}}')["v"]
    if not isinstance(value, list) or not value:
        raise StoreError("it has something else where a list belongs")
    return value
