"""`sfdebug serve --store` as a program: what it says of what it goes on with, and of files that it cannot use."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sfdebug.hosting.store.database import FORMAT, StoreDatabase
from tests.api_calls import PASS, WAIT
from tests.command_line import sfdebug
from tests.functional.test_cli_serve import serving
from tests.killed_servers import RawClient


def client_of(lines: list[str]) -> RawClient:
    """A client of the server that has printed these lines."""
    port = int(lines[0].rpartition(":")[2])
    return RawClient(lambda: port)


def test_serve_goes_on_from_what_it_has_kept(tmp_path: Path) -> None:
    store, definition = tmp_path / "kept.db", tmp_path / "one.asl.json"
    definition.write_text(WAIT)
    argv = str(definition), "--port", "0", "--store", str(store), "--time", "real"
    with serving(*argv, "--region", "eu-west-3") as (process, lines):
        client = client_of(lines)
        arn = "arn:aws:states:eu-west-3:123456789012:stateMachine:one"
        started: Any = client("StartExecution", stateMachineArn=arn, name="n")[1]
        process.kill()
        assert process.stderr is not None
        assert process.stderr.read().endswith(
            f"sfdebug: Ctrl+C ends it; executions that run go on the next time, with --store {store}\n"
        )
    definition.write_text(PASS)
    with serving(*argv[1:], str(definition), "--region", "eu-west-3") as (process, lines):
        client = client_of(lines)
        status, told = client("DescribeExecution", executionArn=started["executionArn"])
        assert (status, told["status"], told["startDate"]) == (200, "RUNNING", started["startDate"])
        status, told = client("DescribeStateMachine", stateMachineArn=arn)
        assert json.loads(told["definition"]) == json.loads(PASS)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
    assert f"sfdebug: {store}: 1 execution that ran goes on\n" in said
    assert f"sfdebug: {arn} was kept otherwise: it is updated, and starts as the file says now\n" in said
    with serving("--port", "0", "--store", str(store), "--time", "real") as (process, lines):
        assert lines[4] == "export AWS_REGION=eu-west-3", "that of what is kept"
        status, told = client_of(lines)("ListExecutions", stateMachineArn=arn)
        assert [one["status"] for one in told["executions"]] == ["RUNNING"], "Ctrl+C has not ended it"


def test_a_type_does_not_change(tmp_path: Path) -> None:
    store, definition = tmp_path / "kept.db", tmp_path / "one.asl.json"
    definition.write_text(PASS)
    argv = "exec", str(definition), "--store", str(store)
    command = "--", "true"
    assert sfdebug(*argv, *command).code == 0
    done = sfdebug(*argv, "--type", "EXPRESS", *command)
    assert (done.code, "was kept as a state machine of the type STANDARD" in done.err) == (2, True)


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    other, later, held, text = (tmp_path / name for name in ("other.db", "later.db", "held.db", "notes.txt"))
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    StoreDatabase.open(str(later)).close()
    connection = sqlite3.connect(later)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    text.write_text("a shopping list\n" * 100)
    damaged = tmp_path / "damaged.db"
    StoreDatabase.open(str(damaged)).close()
    damaged.write_bytes(damaged.read_bytes()[:4096] + b"\xff" * 8192)
    foreign = {path: path.read_bytes() for path in (other, later, text, damaged)}
    database = StoreDatabase.open(str(held))
    for path, what in (
        (other, "it is a database of something else"),
        (later, "a later version of sfdebug wrote it"),
        (held, f"another sfdebug (process {os.getpid()}) has it open"),
        (text, "it is no store: it is no database"),
        (damaged, "it cannot be read: database disk image is malformed"),
        (tmp_path, "it is no file"),
        (tmp_path / "no" / "where", "No such file or directory"),
    ):
        done = sfdebug("serve", "--port", "0", "--store", str(path))
        assert (done.code, done.out) == (2, "")
        assert f"{path}: " in done.err
        assert what in done.err
        assert "Traceback" not in done.err
    database.close()
    assert {path: path.read_bytes() for path in foreign} == foreign, "nothing is written over"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    store = tmp_path / "kept.db"
    StoreDatabase.open(str(store)).close()
    store.chmod(0o400)
    assert "it cannot be used" in sfdebug("serve", "--port", "0", "--store", str(store)).err
