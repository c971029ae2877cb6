"""How JSON looks on a line: escaping, keys, paths, previews, wrapping."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from sfdebug.tui.json.text import (
    count_text,
    cut,
    editable,
    escaped,
    key_text,
    path_text,
    pretty,
    preview,
    scalar,
    wrap,
)
from sfdebug.values import Json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("[/b] [red]x[/red]", "[/b] [red]x[/red]"),
        ('a "quote" \\', 'a \\"quote\\" \\\\'),
        ("two\nlines\tand", "two\\nlines\\tand"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\x9b31m", "\\u009b31m"),
        ("right\u202eleft", "right\\u202eleft"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("日本", "日本"),
        ("Zürich", "Zürich"),
    ],
)
def test_what_a_terminal_could_act_upon_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert json.loads(f'"{shown}"') == text


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("total", "total"),
        ("amount.$", "amount.$"),
        ("unit price", '"unit price"'),
        ("", '""'),
        ("1st", '"1st"'),
        (3, "3"),
    ],
)
def test_keys_are_quoted_only_where_it_would_be_unclear(key: str | int, shown: str) -> None:
    assert key_text(key) == shown


def test_a_path_is_jsonpath() -> None:
    assert path_text(()) == "$"
    assert path_text(("order", "items", 2, "sku")) == "$.order.items[2].sku"
    assert path_text(("unit price", "it's", "größe")) == "$['unit price']['it\\'s']['größe']"


def test_a_preview_holds_whole_members_only() -> None:
    value: Json = {"id": "c-1", "name": "Ann", "tags": ["a"], "address": {"city": "Rome"}}
    for width in range(3, 80):
        text = "".join(part for part, _ in preview(value, width))
        assert cell_len(text) <= width
        assert text.startswith("{")
        assert text.endswith("}")
    assert "".join(part for part, _ in preview(value, 30)) == '{id: "c-1", name: "Ann", …}'
    whole = "".join(part for part, _ in preview(value, 80))
    assert whole == '{id: "c-1", name: "Ann", tags: […], address: {…}}'


def test_a_preview_of_a_huge_array_looks_at_its_beginning_only() -> None:
    class Counting(list[Json]):
        asked = 0

        def __iter__(self) -> Iterator[Json]:
            for item in list.__iter__(self):
                Counting.asked += 1
                yield item

    preview(Counting(range(100_000)), 40)
    assert Counting.asked < 50


def test_scalars_and_counts() -> None:
    assert scalar("x" * 50, 10)[0] == '"' + "x" * 10 + "…"
    assert [scalar(value, 10)[0] for value in (None, True, 1.5, -0.0, 10**30)] == [
        "null",
        "true",
        "1.5",
        "-0.0",
        "1" + "0" * 30,
    ]
    assert scalar(10**5000, 10)[0] == "(an integer too long to show)"
    counted: list[Json] = [{}, {"a": 1}, [1, 2], "x"]
    assert [count_text(value) for value in counted] == ["0 keys", "1 key", "2 items", ""]


def test_cutting_counts_cells() -> None:
    assert cut(("日本語", ""), 6) == ("日本語", "")
    assert cut(("日本語", ""), 5) == ("日本…", "")
    assert cut(("日本語", ""), 4) == ("日…", "")


def test_wrapping_breaks_at_blanks_and_keeps_every_character() -> None:
    text = "The quick brown fox\njumps over a verylongwordthatcannotbebroken at once\n\nend"
    lines = wrap(text, 12, 100)
    assert all(cell_len(line) <= 12 for line in lines)
    assert "".join(lines) == text.replace("\n", "")
    assert lines[0] == "The quick "
    assert lines[-2:] == ["", "end"]


def test_wrapping_stops_in_time() -> None:
    lines = wrap("word " * 500_000, 40, 10)
    assert len(lines) == 11
    assert lines[-1].startswith("… 2,499,600 more characters")


def test_pretty_json_reads_back_and_can_be_encoded() -> None:
    value: Json = {"a": ["日本", "\ud800", "\u202e", "\x9b"]}
    assert json.loads(pretty(value)) == value
    assert "日本" in pretty(value)
    pretty(value).encode()
    assert json.loads(editable(value)) == value
    assert "\\u202e" in editable(value)
    assert "\\u009b" in editable(value)
