"""Who has a port: what the system's tables say."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sfdebug.loopback.holders import PortHolder, holder_of

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F93 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0
   1: 0100007F:1F93 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 78 1 0 100 0 0 10 0
   2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 79 1 0 100 0 0 10 0
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Three processes: one has a connection at the port, one listens there, one may not be looked into."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(TABLE)
    for pid, inode in ((5, 78), (40, 77)):
        folder = tmp_path / str(pid) / "fd"
        folder.mkdir(parents=True)
        (folder / "3").symlink_to(f"socket:[{inode}]")
        (folder.parent / "cmdline").write_bytes(b"python\0-m\0x\xff\0" + b"y" * 500)
    (tmp_path / "6").mkdir()
    return tmp_path


def test_who_listens_is_named_and_not_who_is_connected(proc: Path) -> None:
    found = holder_of(8083, proc)
    assert found is not None
    assert (found.pid, found.command[:13], len(found.command)) == (40, "python -m x\ufffd ", 200)


def test_what_nobody_is_known_of_is_nobody(proc: Path) -> None:
    assert holder_of(8084, proc) is None
    assert holder_of(80, proc) is None, "it listens, and its process is another user's"
    assert holder_of(8083, proc / "nowhere") is None


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the system has no /proc")
def test_this_process_is_found_by_its_own_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = holder_of(listener.getsockname()[1])
    assert isinstance(found, PortHolder)
    assert found.pid == os.getpid()
