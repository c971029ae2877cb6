"""Data in Markdown stay data: what a Markdown parser makes of it is one code span or block, with the text in it."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from sfdebug.reports.markdown import code, fenced, folded, link, plain
from sfdebug.text import escaped

HOSTILE = (
    "plain",
    "a `tick` and ``two``",
    "`",
    "``",
    "`starts and ends`",
    " spaces ",
    "",
    "| a | table | **bold** _it_ # x @someone #123",
    "<script>alert(1)</script> &amp; <!-- -->",
    "[link](http://x) ![i](y) <http://z>",
    "~~~\n```\n````\n</details>",
    "line\r\nline\n\n# heading\n- item",
    "\x1b[31mred\x07 \u202eright \u2028 \x00",
    "\\` \\\\`",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_code_span_is_one_code_span(text: str) -> None:
    (_, inline, _) = MarkdownIt("commonmark").parse(f"- {code(text)}")[2:5]
    assert inline.children is not None
    (span,) = inline.children
    assert span.type == "code_inline"
    shown = text.replace("\r", "\\r").replace("\n", "\\n")
    for control, escape in (("\x1b", "\\u001b"), ("\x07", "\\u0007"), ("\u202e", "\\u202e"), ("\u2028", "\\u2028"),
                            ("\x00", "\\u0000")):  # fmt: skip
        shown = shown.replace(control, escape)
    assert span.content == (shown or " ")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_block_is_one_block(text: str) -> None:
    lines = ["before", "", *folded(f"A {text}", fenced(text, "json")), "", "after"]
    tokens = MarkdownIt("commonmark").parse("\n".join(lines))
    kinds = [one.type for one in tokens]
    assert [kind for kind in kinds if kind in ("fence", "html_block")] == ["html_block", "fence", "html_block"]
    assert kinds.count("paragraph_open") == 2, "before and after"
    block = next(one for one in tokens if one.type == "fence")
    assert block.info == "json"
    assert len(block.content.splitlines()) == len(text.replace("\r\n", "\n").split("\n"))
    assert "\x1b" not in block.content
    first, last = (one.content for one in tokens if one.type == "html_block")
    assert first.count("<") == 3, "nothing but <details><summary>…</summary>"
    assert last.strip() == "</details>"


def test_a_link_keeps_its_text_and_its_address() -> None:
    inline = MarkdownIt("commonmark").parse(link("a ](x) `b`", "https://h/#/x:y$3F?a=b"))[1]
    assert inline.children is not None
    opened, text, _ = inline.children
    assert (opened.attrs["href"], text.content) == ("https://h/#/x:y$3F?a=b", "a ](x) `b`")


@pytest.mark.parametrize("text", [*HOSTILE, "1. one", "12) two", "- three", "+ 4", "# five", "> six", "= 7", "$a$"])
def test_plain_text_is_text_alone(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(f"Before {plain(text)}")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    alone = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(plain(text))
    assert [token.type for token in alone] in ([], ["paragraph_open", "inline", "paragraph_close"])
    for token in alone[1:2]:
        assert {child.type for child in token.children or ()} <= {"text", "text_special"}
        assert "".join(child.content for child in token.children or ()) == escaped(text).strip()
