"""The SVG: parsed as XML, every state and every line is where the layout has it; hostile names stay text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from sfdebug.asl.load import examine_file
from sfdebug.drawing import Zoom, build
from sfdebug.drawing.elements import EdgeKind
from sfdebug.errors import DefinitionError
from sfdebug.reports.graphs import svg
from sfdebug.reports.graphs.export import GraphExport, state_id
from sfdebug.reports.graphs.svg_lines import (
    CELL_HEIGHT,
    CELL_WIDTH,
    CORNER,
    HEAD,
    name_width,
    stretches,
    upright,
    x_of,
    y_of,
)
from tests.graph_machines import Asl, generated
from tests.graph_pictures import CHAIN, NEST, POLL, catching, declined, picture, polled, task

NS = "{http://www.w3.org/2000/svg}"
Place = tuple[float, float]

JOIN: Asl = {
    "StartAt": "Which?",
    "States": {
        "Which?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "NumericEquals": n, "Next": f"Way {n}"} for n in range(4)],
            "Default": "Reject",
        },
        **{f"Way {n}": task("Join", Catch=catching("Reject")) for n in range(4)},
        "Join": {"Type": "Wait", "Seconds": 3, "Next": "Which?"},
        "Reject": {"Type": "Fail"},
    },
}


def tree(drawn: GraphExport, theme: str = "auto") -> ET.Element:
    return ET.fromstring(svg.render(drawn, theme))


def places(data: str) -> list[Place]:
    """The points of a path's data, in order; hops and rounded turns by their ends."""
    found: list[Place] = []
    for sign, rest in re.findall(r"([MHVQa])([^MHVQa]*)", data):
        numbers = [float(each) for each in rest.split()]
        x, y = found[-1] if found else (0.0, 0.0)
        if sign == "M":
            found.append((numbers[0], numbers[1]))
        elif sign == "H":
            found.append((numbers[0], y))
        elif sign == "V":
            found.append((x, numbers[0]))
        elif sign == "Q":
            found += [(numbers[0], numbers[1]), (numbers[2], numbers[3])]
        else:
            found.append((x + numbers[5], y + numbers[6]))
    return found


def check(drawn: GraphExport) -> None:
    """Boxes, lines and labels of the document are those of the layout, inside of its viewBox."""
    root = tree(drawn)
    width, height = (float(each) for each in root.attrib["viewBox"].split()[2:])
    assert (root.attrib["width"], root.attrib["height"]) == (f"{width:g}", f"{height:g}")
    groups = {group.attrib["data-id"]: group for group in root.iter(f"{NS}g") if "data-id" in group.attrib}
    assert len(groups) == len(drawn.layout.boxes)
    for box in drawn.layout.boxes:
        group = groups[state_id(box.path)]
        frame = group.find(f"{NS}rect")
        assert frame is not None
        left, top, wide, high = (float(frame.attrib[key]) for key in ("x", "y", "width", "height"))
        assert left == pytest.approx(x_of(box.x), abs=0.06)
        assert wide == pytest.approx((box.width - 1) * CELL_WIDTH, abs=0.06)
        middle = y_of(box.y) + (box.height - 1) * CELL_HEIGHT / 2
        assert top + high / 2 == pytest.approx(middle, abs=0.06)
        assert left >= 0
        assert top >= 0
        assert left + wide <= width
        assert top + high <= height
        assert drawn.name(box) in ["".join(text.itertext()) for text in group.iter(f"{NS}text")] or box.is_open
        assert drawn.name(box) in "".join(group.itertext())  # never cut
    _check_lines(drawn, root, width, height)
    texts = [text for text in root.iter(f"{NS}text") if text.attrib["class"].startswith("label")]
    assert sorted(label.text for label in drawn.layout.labels) == sorted(
        "".join(part for part in [text.text or "", *(child.tail or "" for child in text)]) for text in texts
    )


def _check_lines(drawn: GraphExport, root: ET.Element, width: float, height: float) -> None:
    layout = drawn.layout
    by_edge: dict[int, list[list[Place]]] = {}
    dashed: dict[int, bool] = {}
    for path in root.iter(f"{NS}path"):
        if path.attrib["class"].startswith("line"):
            points = places(path.attrib["d"])
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
            for index in map(int, path.attrib["data-edges"].split()):
                by_edge.setdefault(index, []).append(points)
                dashed[index] = "catch" in path.attrib["class"].split()
    for index, edge in enumerate(layout.edges):
        if not edge.corners:
            continue
        parts = by_edge[index]
        assert dashed[index] == (edge.kind is EdgeKind.CATCH)
        (x, y), (to_x, to_y) = edge.cells[0], edge.cells[-1]
        flat = 0.45 * CELL_HEIGHT if layout.zoom is not Zoom.FULL else 0
        begins = [part for part in parts if _near(part[0], (x_of(x), y_of(y)), flat)]
        ends = [part for part in parts if _near(part[-1], (x_of(to_x), y_of(to_y) - HEAD + 1), flat)]
        assert len(begins) == len(ends) == 1, edge
        # The parts follow one another, each from about where the one before has ended.
        part, seen = begins[0], 1
        while part is not ends[0]:
            following = [other for other in parts if other is not part and _near(part[-1], other[0], 2 * CORNER)]
            assert following, edge
            part, seen = following[0], seen + 1
            assert seen <= len(parts)


def _near(one: Place, other: Place, reach: float) -> bool:
    return abs(one[0] - other[0]) <= reach + 0.11 and abs(one[1] - other[1]) <= reach + 0.11


@pytest.mark.parametrize("zoom", list(Zoom))
@pytest.mark.parametrize("definition", [CHAIN, POLL, NEST, JOIN], ids=["chain", "poll", "nest", "join"])
def test_everything_is_where_the_layout_has_it(definition: Asl, zoom: Zoom) -> None:
    check(picture(definition, zoom=zoom))


def test_a_collapsed_container_is_one_box() -> None:
    drawn = picture(NEST, collapsed=frozenset({("Each order",)}))
    check(drawn)
    assert "Map: 4 states" in "".join(tree(drawn).itertext())


def test_branches_have_their_numbers_above_their_dividers() -> None:
    branches = [{"StartAt": name, "States": {name: task()}} for name in ("One", "Two", "Three")]
    states: Asl = {"All": {"Type": "Parallel", "Branches": branches, "End": True}}
    drawn = tree(picture({"StartAt": "All", "States": states}))
    found = {text.text: text for text in drawn.iter(f"{NS}text") if text.get("class") == "branch"}
    assert list(found) == ["branch 2", "branch 3"]
    lines = [float(line.get("x1", "0")) for line in drawn.iter(f"{NS}line")]
    assert len(lines) == 2
    for text, line in zip(found.values(), lines, strict=True):
        assert 0 < float(text.get("x", "0")) - line < 8


@pytest.mark.parametrize("seed", range(3))
def test_generated_machines(seed: int) -> None:
    check(picture(generated(seed, 80)))


def test_all_real_workflows(shared: Path) -> None:
    seen = 0
    for file in sorted((shared / "workflows").iterdir()):
        try:
            machine = examine_file(file).machine
        except DefinitionError:
            continue
        if machine is not None:
            check(GraphExport(build(machine), file.name))
            seen += 1
    assert seen > 100


def test_no_cell_of_a_net_is_drawn_twice() -> None:
    layout = picture(JOIN).layout
    found = stretches(layout)
    steps: dict[int, list[tuple[Place, Place]]] = {}
    for stretch in found:
        steps.setdefault(stretch.net, []).extend(pairwise(stretch.corners))
    for each in steps.values():
        assert len(set(each)) == len(each)
    joined = [stretch for stretch in found if len(stretch.edges) == 4]
    assert {stretch.is_catch for stretch in joined} == {False, True}  # to Join, and to Reject


def test_a_line_hops_over_those_that_it_crosses() -> None:
    drawn = picture(JOIN)
    nets = upright(stretches(drawn.layout))
    hops = sum(path.attrib["d"].count("a3.5") for path in tree(drawn).iter(f"{NS}path"))
    level = [
        (stretch.net, (x, y))
        for stretch in stretches(drawn.layout)
        for (start, y), (end, to_y) in pairwise(stretch.corners)
        if y == to_y
        for x in range(min(start, end) + 1, max(start, end))
    ]
    assert hops == sum(bool(nets.get(cell, frozenset()) - {net}) for net, cell in level) > 0


def test_an_arrow_head_for_each_way_into_a_box() -> None:
    drawn = picture(JOIN)
    ends = {(edge.corners[-1], edge.kind is EdgeKind.CATCH) for edge in drawn.layout.edges}
    tops = [path.attrib["d"] for path in tree(drawn).iter(f"{NS}path") if "head" in path.attrib["class"].split()]
    down = [data for data in tops if "l-4 -7" in data]
    assert len(down) == len(ends)
    assert len(tops) == len(down) + 1  # the loop back to Which? climbs


def test_a_run_is_told_by_class_sign_and_word() -> None:
    root = tree(picture(POLL, polled(3)))
    groups = {group.attrib["data-id"]: group for group in root.iter(f"{NS}g") if "data-id" in group.attrib}
    assert groups["Wait"].attrib["class"] == "state done"
    assert "✓ done ×3" in "".join(groups["Wait"].itertext())
    root = tree(picture(CHAIN, declined()))
    groups = {group.attrib["data-id"]: group for group in root.iter(f"{NS}g") if "data-id" in group.attrib}
    assert groups["Charge card"].attrib["class"] == "state caught"
    assert "! caught" in "".join(groups["Charge card"].itertext())
    assert groups["Ship"].attrib["class"] == "state unvisited"
    lines = [path.attrib["class"].split() for path in root.iter(f"{NS}path") if "data-edges" in path.attrib]
    assert sorted(words[-1] for words in lines) == ["taken", "taken", "taken", "untaken"]
    notes = [text.text for text in root.iter(f"{NS}text") if text.attrib["class"] == "note"]
    text = " ".join(filter(None, notes)).replace("\N{NO-BREAK SPACE}", " ")
    assert "run.json: FAILED after 16 events: ✗ failed 1, ! caught 1, ✓ done 1, · not visited 1" in text


def test_title_and_description() -> None:
    root = tree(picture(CHAIN))
    title, described = root.find(f"{NS}title"), root.find(f"{NS}desc")
    assert title is not None
    assert described is not None
    assert title.text == "machine.asl.json"
    assert described.text == "A state machine with 4 states and 3 transitions"
    assert root.attrib["role"] == "img"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_themes(theme: str) -> None:
    text = svg.render(picture(CHAIN), theme)
    assert ("prefers-color-scheme: dark" in text) == (theme == "auto")
    assert ("#fbfaf7" in text) == (theme != "dark")  # the paper of the light one
    assert ("#13161b" in text) == (theme != "light")
    assert "@" not in text.replace("@media", "")


def test_a_document_is_self_contained_and_small() -> None:
    for text in (svg.render(picture(JOIN, zoom=zoom)) for zoom in Zoom):
        assert not re.search(r"<script|<image|<foreignObject|href|url\(|@import|@font-face|on\w+=", text)
        assert len(text) < 10_000


def test_hostile_names_stay_text() -> None:
    names = ["</text><script>alert(1)</script>", 'a" onload="x', "&amp;", "x\x00y\x1b[31m", "\ud800", "]]>", "<!--"]
    states = {name: task(after) for name, after in zip(names, [*names[1:], None], strict=True)}
    drawn = picture({"StartAt": names[0], "States": states})
    root = tree(drawn)
    assert root.find(f".//{NS}script") is None
    shown = ["".join(text.itertext()) for text in root.iter(f"{NS}text") if text.attrib["class"] == "name"]
    assert "&amp;" in shown
    assert any(text.startswith("</text><script>") for text in shown)
    assert all("onload" not in element.attrib for element in root.iter())


def test_what_is_wrong_with_a_machine_is_drawn_and_said() -> None:
    root = tree(picture({"StartAt": "A", "States": {"A": task("Nope"), "Lost": task()}}))
    assert [rect.attrib["class"] for rect in root.iter(f"{NS}rect")].count("missing") == 1
    wrong = ["".join(text.itertext()) for text in root.iter(f"{NS}text") if "wrong" in text.attrib["class"]]
    assert " ".join(wrong) == (
        "! Lost: no transition leads here from StartAt "
        "! Nope: Next of A leads to it, but there is no such state in its scope"
    )


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Tell everyone about the order that was shipped", ["Tell everyone about the ", "order that was shipped"]),
        ("UpdateProductCatalogueEntriesAndAllPrices", ["UpdateProductCatalogue", "EntriesAndAllPrices"]),
        ("MMMMWWWWMMMMWWWWMMMMWWWWMMMMWWWW", ["MMMMWWWWMMMMWWWW", "MMMMWWWWMMMMWWWW"]),
    ],
)
def test_long_names_stand_in_two_lines_of_their_boxes(name: str, lines: list[str]) -> None:
    drawn = tree(picture({"StartAt": name, "States": {name: task()}}, max_name=27))
    [state] = [each for each in drawn.iter(f"{NS}g") if each.attrib.get("data-id") == name]
    [text] = [text for text in state.iter(f"{NS}text") if text.attrib["class"] == "name"]
    frame = state.find(f"{NS}rect")
    assert frame is not None
    assert [span.text for span in text] == lines
    size = float(text.attrib["style"].removeprefix("font-size:").removesuffix("px"))
    for span in text:
        width = float(span.attrib.get("textLength", name_width(span.text or "", size)))
        assert width <= float(frame.attrib["width"]) - 2 * 10


def test_a_catch_has_an_open_head_and_dashes() -> None:
    text = svg.render(picture(CHAIN), "light")
    assert ".head.catch { fill: #fbfaf7; stroke: #a8440c;" in text
    assert ".catch { stroke: #a8440c; stroke-dasharray: 4 3; }" in text


def test_containers_stand_below_their_content() -> None:
    order = [group.attrib["data-id"] for group in tree(picture(NEST)).iter(f"{NS}g") if "data-id" in group.attrib]
    assert (
        order.index("Each order") < order.index("Each order/0/Fan out") < order.index("Each order/0/Fan out/0/Resize")
    )
