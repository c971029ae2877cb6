"""The key has every sign that a drawing holds: of all real definitions, and of machines with what those do not have."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import load_definition
from sfdebug.drawing import Layout, Zoom, build, containers
from sfdebug.drawing.elements import Role
from sfdebug.drawing.painting.paint import paint
from sfdebug.errors import DefinitionError
from sfdebug.reports.graphs import dot, mermaid, svg
from sfdebug.reports.graphs.export import GraphExport
from sfdebug.reports.graphs.key import drawing_signs, signs
from tests.graph_machines import Asl, machine
from tests.graph_pictures import POLL, picture, polled, task

WORKFLOWS: Final = sorted((Path(__file__).parents[3] / "shared" / "workflows").glob("*.asl.*"))
WAYS: Final = [(zoom, shut) for zoom in Zoom for shut in (False, True)]
DRAWN: Final = (Role.BORDER, Role.BADGE, Role.EDGE, Role.ARROW, Role.START, Role.STATUS)
"""What is drawn with signs; names, types and labels are words."""

CUT: Final = "a text that is much too long to stand beside a line, and a name that no box of any width can have whole"
EVERYTHING: Asl = {
    "StartAt": "Many",
    "States": {
        "Many": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "StringEquals": CUT, "Next": f"K{number}"} for number in range(9)],
            "Default": "K0",
        },
        "K0": task("Done", Retry=[{"ErrorEquals": ["E"]}], Catch=[{"ErrorEquals": ["E"], "Next": "Many"}]),
        **{f"K{number}": task("Done" if number % 2 else "Many") for number in range(1, 8)},
        "K8": {"Type": "Wait", "Seconds": 1, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "Branches": [{"StartAt": name, "States": {name: task()}} for name in ("B1", CUT * 2)],
            "Catch": [{"ErrorEquals": ["E"], "Next": "Failed"}],
            "Next": "Nowhere",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail"},
        "Left": task("Done"),
    },
}


@lru_cache(maxsize=1)
def drawings() -> list[Layout]:
    machines: list[StateMachine] = [machine(EVERYTHING)]
    for path in WORKFLOWS:
        try:
            machines.append(load_definition(path))
        except DefinitionError:
            continue
    return [
        build(each, collapsed=containers(each) if shut else frozenset(), zoom=zoom, max_width=100)
        for each in machines
        for zoom, shut in WAYS
    ]


def turned(sign: str) -> str:
    """A corner, or a junction, whichever way it is turned, is one sign."""
    for forms in ("╭╮╯╰│─", "├┤┬┴┼", "╎╌", "┆┄", "╭╮╯╰┆┄", ".'", "┏┓┛┗┃━"):
        if sign in forms:
            return forms[0]
    return sign


@pytest.mark.parametrize("ascii", [False, True], ids=["unicode", "ascii"])
def test_the_key_has_every_sign_of_every_drawing(ascii: bool) -> None:
    keyed = {turned(sign) for each in drawing_signs(ascii=ascii) for sign in each.sign}
    found: dict[str, str] = {}
    for layout in drawings():
        canvas = paint(layout, ascii=ascii)
        for y in range(canvas.height):
            for run in canvas.row(y):
                if run.role in DRAWN:
                    text = re.sub(r"[a-z]{2,}|\d", "", run.text)
                    found.update((turned(sign), run.text) for sign in text if sign != " ")
        for label in layout.labels:
            if label.number:
                assert label.text.endswith("]")
    assert len(found) > 15
    assert {sign: text for sign, text in found.items() if sign not in keyed} == {}


def test_signs_that_need_more_than_one_cell_have_a_row() -> None:
    """What a single character does not tell: the rail, the rule above lost states, lines that join or cross."""
    for ascii, shown in ((False, ("┬─┬", "┈┈┈┈", "├─", "─│─", "[a]")), (True, (".-.", "____", "+-", "-|-", "[a]"))):
        keyed = [each.sign for _, group in signs(ascii=ascii) for each in group]
        assert set(shown) <= set(keyed)
        lines = "\n".join(paint(build(machine(EVERYTHING), max_width=100), ascii=ascii).lines())
        for sign in shown:
            assert re.search(re.escape(sign).replace("─", "─+", 1).replace("\\-", "-+", 1), lines), sign


WORDS: Final = ("name", "type", "label", "note", "branch", "beside", "paper", "state", "key", "status", "wrong")
"""Classes of an SVG's texts, and of what is around others; a label says by itself what it is."""


def classes(source: str) -> set[tuple[str, ...]]:
    found = {tuple(each.split()) for each in re.findall(r'class="([^"]*)"', source)}
    return {each for each in found if each[0] not in WORDS}


def test_the_key_of_an_svg_has_every_look_of_every_drawing() -> None:
    for layout in drawings()[::3]:
        export = GraphExport(layout, "drawn")
        without = svg.render(export)
        keyed = classes(svg.render(export, key=True).removeprefix(without.removesuffix("</svg>\n")))
        assert classes(without) <= keyed
    of_a_run = picture(POLL, polled(3))
    without = svg.render(of_a_run)
    rows = svg.render(of_a_run, key=True).rpartition('class="key"')[0]
    for look in ("line taken", "line untaken", "line catch taken"):
        assert f'class="{look}"' in rows
    assert 'class="line taken"' in without


def looks(source: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, source))


def test_the_keys_of_mermaid_and_dot_have_every_form_of_every_drawing() -> None:
    node = r'^ +\w+([\[({]+)"'
    for layout in drawings()[::3]:
        export = GraphExport(layout, "drawn")
        without, source = mermaid.render(export), mermaid.render(export, key=True)
        key = source[source.index("subgraph key") :]
        for pattern in (r"(?m)" + node, r"-->|-\.->", "[↻■✓✗]", "unreachable|no such state"):
            assert looks(without, pattern) <= looks(key, pattern)
        without, source = dot.render(export), dot.render(export, key=True)
        key = source[source.index("subgraph cluster_key") :]
        pattern = r'\b(?:shape|style|arrowhead|color)=(?:"[^"]*"|\w+)'
        assert looks(without, pattern) <= looks(key, pattern) | {"style=rounded", "shape=box", "color=black"}
