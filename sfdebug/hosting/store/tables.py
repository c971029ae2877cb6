"""The tables of the file, and how text stands in them.

What changes is a row that is replaced: machines, versions, aliases, activities, tags, and where an execution stands.
What an execution was decided is only ever added to, in `decisions`, and is all that its history is made from.
"""

from __future__ import annotations

from typing import Any, Final

TOKENS: Final = "CREATE TABLE IF NOT EXISTS tokens (token PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID"
"""Task tokens that nobody waits for any more, and why. Files of before have no such table, until they are opened."""
TABLES: Final = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # Texts that many rows have: definitions, and machines as executions were started of them.
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text NOT NULL)",
    "CREATE TABLE machines (arn PRIMARY KEY, place INTEGER NOT NULL, record INTEGER NOT NULL, revision TEXT NOT NULL, "
    "made_of TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE versions (arn PRIMARY KEY, machine_arn NOT NULL, place INTEGER NOT NULL, version TEXT NOT NULL, "
    "record INTEGER NOT NULL, revision TEXT NOT NULL, is_deleted INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE aliases (arn PRIMARY KEY, machine_arn NOT NULL, place INTEGER NOT NULL, alias TEXT NOT NULL) "
    "WITHOUT ROWID",
    "CREATE TABLE activities (arn PRIMARY KEY, place INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tags (arn PRIMARY KEY, tags TEXT NOT NULL) WITHOUT ROWID",
    # `machine` and `record` are texts: the ARN, and how it was when this was started. Times are in milliseconds since
    # 1970, payloads JSON text. `since` is what lists are ordered by.
    "CREATE TABLE executions (id INTEGER PRIMARY KEY, arn NOT NULL UNIQUE, name NOT NULL, machine INTEGER NOT NULL, "
    "version_arn, alias_arn, record INTEGER NOT NULL, settings TEXT NOT NULL, input NOT NULL, trace_header, "
    "depth INTEGER NOT NULL, test_case NOT NULL, started_by NOT NULL, since REAL NOT NULL, status TEXT NOT NULL, "
    "started INTEGER NOT NULL, stopped INTEGER, output, error, cause, redrives INTEGER NOT NULL, redriven INTEGER, "
    "client_token, events INTEGER NOT NULL)",
    "CREATE INDEX executions_of ON executions (machine, since, status, redrives)",
    "CREATE INDEX executions_running ON executions (id) WHERE status = 'RUNNING'",
    "CREATE INDEX executions_inside ON executions (started_by) WHERE started_by != ''",
    # `anchor` and `wall` are the clock of the execution: how late it was in it when the wall's showed that.
    "CREATE TABLE decisions (execution INTEGER NOT NULL, number INTEGER NOT NULL, records TEXT NOT NULL, "
    "events INTEGER NOT NULL, anchor REAL NOT NULL, wall REAL NOT NULL, checksum INTEGER NOT NULL, "
    "PRIMARY KEY (execution, number)) WITHOUT ROWID",
    TOKENS,
    # Map Runs, and their child executions, by the executions that have them.
    "CREATE TABLE within (arn PRIMARY KEY, execution INTEGER NOT NULL) WITHOUT ROWID",
)


def column(text: str | None) -> str | bytes | None:
    """A text as it stands in a column: half a character, which JSON may hold, is no text to SQLite."""
    if text is None or text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text_in(value: Any) -> str:
    """The text of a column."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def text_or_none(value: Any) -> str | None:
    """The text of a column that may be empty."""
    return None if value is None else text_in(value)
