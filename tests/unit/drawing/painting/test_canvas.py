"""The painted canvas: runs, patches over them, hit tests, and the ASCII set."""

from __future__ import annotations

from weakref import ref

from sfdebug.collection import without_collection
from sfdebug.drawing import Role, build
from sfdebug.drawing.painting.canvas import Canvas
from sfdebug.drawing.painting.paint import paint
from tests.graph_checks import declared
from tests.graph_machines import Asl, generated, machine
from tests.graph_tracer import misread

CHAIN: Asl = {
    "StartAt": "Charge card",
    "States": {
        "Charge card": {
            "Type": "Task",
            "Next": "Done",
            "Retry": [{"ErrorEquals": ["States.ALL"]}],
            "Catch": [{"ErrorEquals": ["Declined"], "Next": "Refused"}],
        },
        "Done": {"Type": "Succeed"},
        "Refused": {"Type": "Fail"},
    },
}


def canvas_of(definition: Asl, *, ascii: bool = False) -> Canvas:
    return paint(build(machine(definition)), ascii=ascii)


def test_runs_fill_the_row_and_name_their_owner() -> None:
    canvas = canvas_of(CHAIN)
    box = canvas.layout.boxes[0]
    for y in range(canvas.height):
        assert sum(len(run.text) for run in canvas.row(y)) == canvas.width
    title = [(run.text, run.role) for run in canvas.row(box.y) if run.owner == box.path]
    assert title == [
        ("╭─", Role.BORDER),
        ("Task", Role.TYPE),
        ("─", Role.BORDER),
        ("↻", Role.BADGE),
        ("──────────╮", Role.BORDER),
    ]
    assert canvas.row(box.y) is canvas.row(box.y)
    assert [run.role for run in canvas.row(canvas.height)] == [Role.BLANK]


def test_room_for_a_status_is_never_taken() -> None:
    for seed in range(5):
        canvas = canvas_of(generated(seed, 30))
        for box in canvas.layout.boxes:
            x, y = box.status_at
            cells = [canvas.cell(column, y) for column in range(x, x + box.status_width)]
            assert box.type == "Missing" or {cell.role for cell in cells} == {Role.BORDER}, box.path


def test_the_innermost_box_is_hit() -> None:
    nested: Asl = {
        "StartAt": "Map",
        "States": {
            "Map": {
                "Type": "Map",
                "End": True,
                "ItemProcessor": {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}},
            }
        },
    }
    canvas = canvas_of(nested)
    outer, inner = canvas.layout.boxes
    hits = [
        canvas.layout.box_at(*at) for at in ((inner.x, inner.y), (outer.x + 1, outer.y + 1), (outer.x - 1, outer.y))
    ]
    assert hits == [inner, outer, None]


def test_a_cell_of_a_line_names_its_edges() -> None:
    canvas = canvas_of(CHAIN)
    layout = canvas.layout
    index = layout.edge_index(("Charge card",), ("Done",), "next")
    assert index is not None
    edge = layout.edges[index]
    assert all(index in canvas.cell(*at).edges for at in edge.cells[:-1])
    assert canvas.cell(*edge.cells[-2]).role is Role.ARROW
    assert canvas.cell(*edge.cells[0]).owner == ("Charge card",)
    label = next(label for label in layout.labels if label.text == "!Declined")
    assert canvas.cell(label.x, label.y).edges == label.edges


def test_a_wide_character_fills_two_cells() -> None:
    canvas = canvas_of({"StartAt": "写真", "States": {"写真": {"Type": "Pass", "End": True}}})
    box = canvas.layout.boxes[0]
    assert [canvas.cell(box.x + 2 + step, box.y + 1).text for step in range(4)] == ["写", "", "真", ""]


def test_ascii_is_ascii_with_the_same_geometry() -> None:
    unicode, plain = canvas_of(CHAIN).lines(), canvas_of(CHAIN, ascii=True).lines()
    assert "".join(plain).isascii()
    assert [len(line) for line in plain] == [len(line) for line in unicode]
    for row, plain_row in zip(unicode, plain, strict=True):
        assert [char == " " for char in row] == [char == " " for char in plain_row]


def test_cut_names_and_labels_are_ascii_too() -> None:
    long: Asl = {"StartAt": "n" * 60, "States": {"n" * 60: {"Type": "Pass", "End": True}}}
    assert "".join(canvas_of(long, ascii=True).lines()).isascii()


def test_lines_that_cross_do_not_join() -> None:
    crossing: Asl = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Choice", "Choices": rules("C", "D"), "Default": "B"},
            "B": {"Type": "Choice", "Choices": rules("C", "D"), "Default": "E"},
            "C": {"Type": "Choice", "Choices": rules("D", "E"), "Default": "B"},
            "D": {"Type": "Choice", "Choices": rules("B", "E"), "Default": "A"},
            "E": {"Type": "Pass", "End": True},
        },
    }
    definition = machine(crossing)
    for ascii in (False, True):
        canvas = canvas_of(crossing, ascii=ascii)
        assert misread(canvas, declared(definition, canvas.layout)) == []


def rules(*targets: str) -> list[Asl]:
    return [{"Variable": "$.n", "NumericEquals": index, "Next": target} for index, target in enumerate(targets)]


@without_collection
def test_a_drawing_that_is_let_go_does_not_wait_for_the_collector() -> None:
    canvas = canvas_of(CHAIN)
    canvas.row(0)  # of the others nothing is painted
    gone = ref(canvas)
    del canvas
    assert gone() is None
