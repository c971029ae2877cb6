"""Files, streams and compressed files are read within bounds, and nothing waits for a pipe."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from sfdebug import files
from sfdebug.engine.items.formats import ItemReaderError, unpacked
from sfdebug.errors import SfdebugError
from sfdebug.files import append_whole, has_too_many_values, read_file, read_stream, replaced
from sfdebug.history.reading import documents
from sfdebug.history.reading.documents import text_in
from sfdebug.history.reading.read import read_recordings
from tests.command_line import sfdebug

PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'


def test_a_file_is_read_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert read_file(tmp_path / "f", 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes, the most that is read"):
        read_file(tmp_path / "f", 4)
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path, 5)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "g", 5)
    with pytest.raises(OSError, match="larger than 2 MiB"):
        read_stream(io.BytesIO(b"x" * (2 << 20) + b"x"), 2 << 20)


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_what_is_no_file_is_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = {"pipe": "p", "device": "/dev/zero", "socket": "s"}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "socket":
            listening.bind(path)
        with pytest.raises(OSError, match=f"a {'named pipe' if kind == 'pipe' else kind}, not a file|No such device"):
            read_file(path, 10)


def test_what_a_shell_puts_in_the_place_of_a_command_is_read() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"{}")
    os.close(theirs)
    assert read_file(f"/dev/fd/{ours}", 10) == b"{}"
    os.close(ours)


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("[1,2,3]", 3, False),
        ("[1,2,3]", 2, True),
        ('["a,b,c,d,[[["]', 1, False),
        ('["\\",[[["]', 1, False),
        ('["a",["\\\\"],{"k":1}]', 4, True),
    ],
)
def test_values_are_counted_outside_of_texts(text: str, most: int, expected: bool) -> None:
    assert has_too_many_values(text, most) is expected
    assert has_too_many_values(text.encode(), most) is expected


@pytest.fixture
def pipes(tmp_path: Path) -> Path:
    """A folder with a definition, and named pipes that nobody writes to."""
    (tmp_path / "d.asl.json").write_text(PASS, encoding="utf-8")
    (tmp_path / "s3" / "b").mkdir(parents=True)
    for name in ("p", "h.json", "s3/b/k.json"):
        os.mkfifo(tmp_path / name)
    return tmp_path


READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "JSON"},
    "Parameters": {"Bucket": "b", "Key": "k.json"},
}
MAP = {
    "Type": "Map",
    "End": True,
    "ItemReader": READER,
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **json.loads(PASS)},
}


@pytest.mark.parametrize(
    "line",
    [
        "check p",
        "run p",
        "graph p",
        "run d.asl.json -i @p",
        "run d.asl.json -m p -c x",
        "run d.asl.json --nested N=p",
        "run map.asl.json --s3 s3",
        "graph d.asl.json --history p",
        "diff p p",
        "mocks p",
        "mocks .",
        "replay p",
        "verify d.asl.json p",
        "verify d.asl.json .",
        "test-state --definition file://p",
        "test-state --definition {} --input file://p",
    ],
)
def test_named_pipes_never_block(line: str, pipes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pipes)
    (pipes / "map.asl.json").write_text(json.dumps({"StartAt": "M", "States": {"M": MAP}}), encoding="utf-8")
    outcome = sfdebug(*line.split())
    assert outcome.code in (1, 2, 3)
    assert outcome.out + outcome.err


def test_inputs_above_awss_limit_are_refused_with_a_word(tmp_path: Path) -> None:
    definition = tmp_path / "d.asl.json"
    definition.write_text(PASS, encoding="utf-8")
    given = tmp_path / "i.json"
    given.write_text("[" + "1," * 300_000 + "1]", encoding="utf-8")
    outcome = sfdebug("run", str(definition), "-i", f"@{given}")
    assert outcome.code == 2
    assert "more than 262,144 values, and AWS accepts no more than so many bytes" in outcome.err
    outcome = sfdebug("run", str(definition), "-i", "-", stdin=" " * (files.MAX_TEXT_BYTES + 1))
    assert outcome.code == 2
    assert "larger than 4 MiB, the most that is read\n  AWS accepts no more than 262,144 bytes." in outcome.err


def test_a_compressed_file_counts_by_what_it_unpacks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "h.json.gz"
    told: list[str] = []
    text = text_in(gzip.compress(b"[]," * (1 << 20)), lambda what, line, fix: told.append(what), 2 << 20)
    assert (len(text), told) == (2 << 20, ["this has more than 2 MiB when it is unpacked"])
    packed.write_bytes(gzip.compress(b"[]," * 500)[:-12])
    with pytest.raises(SfdebugError):
        read_recordings(packed)
    monkeypatch.setattr("sfdebug.engine.items.formats.MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(ItemReaderError, match="more than 1000 bytes once unpacked"):
        unpacked(gzip.compress(b"x" * 2_000), "f")


def test_a_history_of_too_many_values_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "h.json").write_text('{"events":[' + "[]," * 5_000 + "0]}", encoding="utf-8")
    monkeypatch.setattr(documents, "has_too_many_values", lambda text: has_too_many_values(text, 1_000))
    with pytest.raises(SfdebugError, match="more than 3,000,000 values"):
        read_recordings(tmp_path / "h.json")


def test_two_that_replace_a_file_at_the_same_time_are_in_nobodys_way(tmp_path: Path) -> None:
    """Two containers, say, whose processes have the same number."""
    file = tmp_path / "report.xml"
    with replaced(file) as slow:
        slow.write(b"<a>")
        with replaced(file) as quick:
            quick.write(b"<b/>")
        assert file.read_bytes() == b"<b/>"
        slow.write(b"</a>")
    assert file.read_bytes() == b"<a></a>"
    assert [path.name for path in tmp_path.iterdir()] == ["report.xml"]


@pytest.mark.parametrize("stops", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_file_is_replaced_whole_or_not_at_all(stops: BaseException, tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_bytes(b"old")
    file.chmod(0o640)
    (tmp_path / "link.xml").symlink_to(file)

    def begin() -> None:
        with replaced(tmp_path / "link.xml") as stream:
            stream.write(b"half")
            stream.flush()
            raise stops

    with pytest.raises(type(stops)):
        begin()
    assert file.read_bytes() == b"old"
    with replaced(tmp_path / "link.xml") as stream:
        stream.write(b"new")
        assert file.read_bytes() == b"old"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    with replaced(file, is_private=True) as stream:
        stream.write(b"mine")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"mine", 0o600)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.xml", "report.xml"]
    with replaced(os.devnull) as stream:
        stream.write(b"gone")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no paths here")
def test_what_is_open_is_written_to_as_it_is(tmp_path: Path) -> None:
    """`-o /dev/stdout`, and what a shell puts in the place of `>(command)`."""
    reader, writer = os.pipe()
    with replaced(f"/dev/fd/{writer}") as stream:
        stream.write(b"a report")
    os.close(writer)
    with open(reader, "rb") as other:
        assert other.read() == b"a report"
    with (tmp_path / "out").open("wb") as opened:
        opened.write(b"before\n")
        opened.flush()
        with replaced(f"/proc/self/fd/{opened.fileno()}") as stream:
            assert stream.name != opened.name
        assert os.fstat(opened.fileno()).st_nlink == 1, "it is still the file of that name"


@pytest.mark.parametrize("refusal", [errno.EACCES, errno.EBUSY])
def test_a_file_that_nothing_can_be_put_in_the_place_of_is_written_to(
    refusal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder takes no new files, or it is mounted for itself, as files are into containers."""
    file = tmp_path / "report.xml"
    file.write_bytes(b"old, and longer")
    opens, puts = Path.open, Path.replace

    def opened(path: Path, *arguments: Any, **more: Any) -> Any:
        if refusal == errno.EACCES and path.name != file.name:
            raise OSError(refusal, os.strerror(refusal))
        return opens(path, *arguments, **more)

    def put(path: Path, target: Path) -> Path:
        if refusal == errno.EBUSY:
            raise OSError(refusal, os.strerror(refusal))
        return puts(path, target)

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "replace", put)
    with replaced(file) as stream:
        stream.write(b"new")
    assert file.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["report.xml"]
    if refusal == errno.EACCES:
        with pytest.raises(PermissionError), replaced(tmp_path / "other.xml"):
            pytest.fail("there is nothing to write to")


@pytest.mark.parametrize("stops", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_text_is_appended_whole_or_not_at_all(
    stops: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    append_whole(file, b"one\n")
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", stopped)
        return write(descriptor, data[:2])

    def stopped(descriptor: int, data: bytes) -> int:
        raise stops

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(type(stops)):
        append_whole(file, b"two\n")
    monkeypatch.undo()
    assert file.read_bytes() == b"one\n"
    append_whole(file, b"two\n")
    assert file.read_bytes() == b"one\ntwo\n"
    append_whole(os.devnull, b"gone")
