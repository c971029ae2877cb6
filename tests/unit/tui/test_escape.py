"""Esc is known at once where the rest of a key would be there already."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.message import Message

from sfdebug.tui.terminal.escape import EscapeWatch, escape_delay


@pytest.fixture
def keys() -> list[str]:
    return []


@pytest.fixture
def watch(keys: list[str]) -> EscapeWatch:
    def tell(message: Message) -> None:
        assert isinstance(message, Key)
        keys.append(message.key)

    return EscapeWatch(XTermParser(False).feed, tell)


def test_an_escape_is_one_when_nothing_follows(watch: EscapeWatch, keys: list[str]) -> None:
    watch.take("\x1b")
    assert (keys, watch.is_waiting) == ([], True)
    watch.nothing_follows()
    watch.nothing_follows()
    assert (keys, watch.is_waiting) == (["escape"], False)


@pytest.mark.parametrize("parts", [["\x1b[A"], ["\x1b", "[A"], ["\x1b", "O", "A"]])
def test_an_arrow_is_an_arrow_however_it_comes(parts: list[str], watch: EscapeWatch, keys: list[str]) -> None:
    for part in parts:
        watch.take(part)
    watch.nothing_follows()
    assert keys == ["up"]


def test_what_is_typed_before_an_escape_does_not_wait_for_it(watch: EscapeWatch, keys: list[str]) -> None:
    watch.take("ab\x1b")
    assert keys == ["a", "b"]
    watch.nothing_follows()
    watch.take("c")
    assert keys == ["a", "b", "escape", "c"]


@pytest.mark.parametrize(
    ("environment", "delay"),
    [
        ({}, 0.025),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, 0.1),
        ({"SSH_TTY": "/dev/pts/1"}, 0.1),
        ({"ESCDELAY": "60", "SSH_TTY": "/dev/pts/1"}, 0.06),
        ({"ESCDELAY": "0"}, 0.025),
        ({"ESCDELAY": "soon"}, 0.025),
    ],
)
def test_how_long_the_rest_of_a_key_may_take(environment: dict[str, str], delay: float) -> None:
    assert escape_delay(environment) == delay
