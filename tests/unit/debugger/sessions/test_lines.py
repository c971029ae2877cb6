"""The lines of a journal hold as far as nothing is torn off, changed, missing or moved."""

from __future__ import annotations

import json

import pytest

from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import line_of, lines_in, text_of, value_in

VALUES = [{"a": 1}, {"b": "é\ud800\n", "c": [1.0, 1e400, 10**40]}, {"d": None}]


def journal() -> list[bytes]:
    lines, chain = [], 0
    for value in VALUES:
        line, chain = line_of(text_of(value), chain)
        lines.append(line)
    return lines


def test_a_line_is_json_and_comes_back() -> None:
    whole = b"".join(journal())
    found = lines_in(whole)
    assert [value_in(text) for text in found.texts] == VALUES
    assert (found.size, found.damaged) == (len(whole), 0)
    assert [json.loads(line)[1] for line in whole.splitlines()] == VALUES
    assert whole.isascii()


def test_a_torn_tail_is_cut_off_and_is_no_damage() -> None:
    lines = journal()
    whole, kept = b"".join(lines), len(lines[0]) + len(lines[1])
    for cut in range(kept, len(whole)):
        found = lines_in(whole[:cut])
        assert (len(found.texts), found.size, found.damaged) == (2, kept, 0)


def test_every_changed_byte_is_seen() -> None:
    whole = b"".join(journal())
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        found = lines_in(bytes(changed))
        before = whole[:at].count(b"\n")
        assert len(found.texts) == before, at
        assert found.damaged == (before + 1 if at + 1 < len(whole) else 0)


@pytest.mark.parametrize("order", [(0, 2), (1, 0, 2), (0, 0, 1), (0, 2, 1)])
def test_a_line_that_is_missing_or_moved_is_seen(order: tuple[int, ...]) -> None:
    lines = journal()
    found = lines_in(b"".join(lines[number] for number in order) + lines[0])
    assert len(found.texts) == sum(number == at for at, number in enumerate(order[:1]))
    assert found.damaged == len(found.texts) + 1


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(SessionError, match="cannot be saved as JSON"):
        text_of({"a": object()})
    with pytest.raises(SessionError, match="no JSON"):
        value_in(b"{")
