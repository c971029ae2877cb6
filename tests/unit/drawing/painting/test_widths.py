"""What is drawn has the widths that terminals give it: pyte is one, which measures by wcwidth; Textual has Rich."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from sfdebug.drawing import Zoom, build
from sfdebug.drawing.painting.paint import ASCII, UNICODE, paint
from sfdebug.text import cell_width, clean, stripped
from tests.graph_machines import Asl, machine

NAMES = (
    "Sun ☀️ and star ⭐️", "Wave 👋🏽 to 👩🏾‍🚀", "Beware ⚠️", "写真を処理する", "ハンカク ﾊﾝｶｸ",
    "e\u0301te\u0301 d'hiver",
    "\u1112\u1161\u11ab\u1100\u1173\u11af", "Key 1️⃣ or #️⃣", "Flag 🇩🇪", "Zero\u200bwidth\u2060s", "Plain",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_all_measure_a_name_alike(name: str) -> None:
    wcwidth = pytest.importorskip(
        "wcwidth", reason="wcwidth, with which terminals' widths are compared, is not installed"
    )
    for shown in (stripped(name), clean(name)):
        assert cell_width(shown) == wcwidth.wcswidth(shown) == cell_len(shown)


def test_all_signs_take_one_cell() -> None:
    wcwidth = pytest.importorskip(
        "wcwidth", reason="wcwidth, with which terminals' widths are compared, is not installed"
    )
    for glyphs in (UNICODE, ASCII):
        for text in (
            each for each in (getattr(glyphs, name) for name in glyphs.__struct_fields__) if isinstance(each, str)
        ):
            assert [wcwidth.wcwidth(sign) for sign in text] == [1] * len(text)


@pytest.mark.parametrize("zoom", list(Zoom))
def test_every_box_is_closed_where_a_terminal_shows_it(zoom: Zoom) -> None:
    pyte = pytest.importorskip("pyte", reason="pyte, the terminal of this test, is not installed")
    states: Asl = {
        name: {"Type": "Pass", "Next": after} for name, after in zip(NAMES, [*NAMES[1:], "End"], strict=True)
    }
    layout = build(machine({"StartAt": NAMES[0], "States": {**states, "End": {"Type": "Succeed"}}}), zoom=zoom)
    screen = pyte.Screen(layout.width + 4, layout.height + 1)
    pyte.Stream(screen).feed("\r\n".join(paint(layout).lines()))
    for box in layout.boxes:
        y = box.y + (box.height > 1)
        row = screen.buffer[y]
        if zoom is not Zoom.DOTS:
            assert row[box.right].data in "│]"
            assert all(row[x].data.strip() == "" for x in range(box.right + 1, screen.columns))
        shown = "".join(row[x].data for x in range(box.x, box.right + 1))
        assert box.name in shown
