"""Whole drawings, compared by eye and kept: what they look like, and what a consumer finds in them."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from sfdebug.drawing import EdgeKind, Legend, Zoom, build
from sfdebug.drawing.elements import MISSING_TYPE
from sfdebug.drawing.layout import scopes
from sfdebug.drawing.painting.paint import paint
from tests.graph_checks import faults
from tests.graph_machines import Asl, generated, machine

RETRY = [{"ErrorEquals": ["States.ALL"]}]


def task(following: str | None, **fields: object) -> Asl:
    return {"Type": "Task", **({"Next": following} if following else {"End": True}), **fields}


def catch(*to: tuple[str, str]) -> list[Asl]:
    return [{"ErrorEquals": [error], "Next": target} for error, target in to]


POLL: Asl = {
    "StartAt": "Start job",
    "States": {
        "Start job": task("Wait 30 s"),
        "Wait 30 s": {"Type": "Wait", "Next": "Get status"},
        "Get status": task("Finished?", Retry=RETRY),
        "Finished?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.status", "StringEquals": "FAILED", "Next": "Job failed"},
                {"Variable": "$.status", "StringEquals": "SUCCEEDED", "Next": "Use result"},
            ],
            "Default": "Wait 30 s",
        },
        "Job failed": {"Type": "Fail"},
        "Use result": task(None),
    },
}

SAGA: Asl = {
    "StartAt": "Reserve stock",
    "States": {
        "Reserve stock": task("Charge card", Catch=catch(("OutOfStock", "Cancel order"))),
        "Charge card": task("Ship", Catch=catch(("CardDeclined", "Cancel order"), ("States.ALL", "Cancel order"))),
        "Ship": {"Type": "Succeed"},
        "Cancel order": {"Type": "Fail"},
    },
}

ALBUMS: Asl = {
    "StartAt": "Each album",
    "States": {
        "Each album": {
            "Type": "Map",
            "End": True,
            "ItemProcessor": {
                "StartAt": "Fan out",
                "States": {
                    "Fan out": {
                        "Type": "Parallel",
                        "End": True,
                        "Branches": [
                            {
                                "StartAt": "Each photo",
                                "States": {
                                    "Each photo": {
                                        "Type": "Map",
                                        "End": True,
                                        "Iterator": {"StartAt": "Resize", "States": {"Resize": task(None)}},
                                    }
                                },
                            },
                            {"StartAt": "Count", "States": {"Count": {"Type": "Pass", "End": True}}},
                        ],
                    }
                },
            },
        }
    },
}


def drawn(definition: Asl, **options: object) -> str:
    layout = build(machine(definition), **options)  # type: ignore[arg-type]
    assert faults(layout) == []
    return paint(layout).text()


def picture(lines: str) -> str:
    return dedent(lines).removeprefix("\n")


def test_a_polling_loop() -> None:
    assert drawn(POLL) == picture("""
                                       ●
                                       ▼
                              ╭─Task────────────╮
                              │ Start job       │
                              ╰────────┬────────╯
                                       ├───────────╮
                                       ▼           │
                              ╭─Wait────────────╮  │
                              │ Wait 30 s       │  ▲
                              ╰────────┬────────╯  │
                                       ▼           │
                              ╭─Task─↻──────────╮  │
                              │ Get status      │  ▲
                              ╰────────┬────────╯  │
                                       ▼           │
                              ╭─Choice──────────╮  │
                              │ Finished?       │  ▲ Default
                              ╰─┬──────┬──────┬─╯  │
                 ╭──────────────╯      │      ╰────╯
                 ▼ status = "FAILED"   ▼ status = "SUCCEEDED"
        ╭─Fail────────────╮   ╭─Task────────────╮
        │ Job failed      │   │ Use result      │
        ╰───────────────✗─╯   ╰───────────────■─╯
    """)


def test_catches_run_together_into_one_bundle() -> None:
    assert drawn(SAGA) == picture("""
                 ●
                 ▼
        ╭─Task────────────╮
        │ Reserve stock   │
        ╰────────┬──────┬─╯
                 │      ╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╮
                 ▼                                ╎ !OutOfStock
        ╭─Task────────────╮                       ╎
        │ Charge card     │                       ╎
        ╰────────┬──┬─────╯                       ╎
                 │  ╎ !CardDeclined, !States.ALL  ╎
                 │  ╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
                 ▼                                ▽
        ╭─Succeed─────────╮              ╭─Fail────────────╮
        │ Ship            │              │ Cancel order    │
        ╰───────────────✓─╯              ╰───────────────✗─╯
    """)


def test_a_cut_label_is_numbered_and_the_legend_says_it_all() -> None:
    layout = build(machine(SAGA), max_width=50)
    index = layout.edge_index(("Charge card",), ("Cancel order",), EdgeKind.CATCH)
    assert index is not None
    assert layout.legend == (Legend(1, "!CardDeclined or !States.ALL", (index,)),)
    assert [label.number for label in layout.labels] == [0, 1]
    assert layout.edges[index].labels == ("!CardDeclined", "!States.ALL")


def test_boxes_of_one_row() -> None:
    assert drawn(SAGA, zoom=Zoom.LINES) == picture("""
                 ●
                 ▼
        [ Reserve stock   ]
                 │       ╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╮
                 ▼                                ╎ !OutOfStock
         [ Charge card   ]                        ╎
                 │  ╎ !CardDeclined, !States.ALL  ╎
                 │  ╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌┤
                 ▼                                ▽
            [ Ship ✓  ]                  [ Cancel order ✗  ]
    """)


def test_dots_with_names() -> None:
    assert dedent(drawn(SAGA, zoom=Zoom.DOTS)) == picture("""
        ●
        ▼
        ○ Reserve stock
        ▼            ╰╌╮ !OutOfStock
        ○ Charge card  ╎
        │          ╰╌╌╌┤
        ▼              ▽
        ○ Ship ✓       ○ Cancel order ✗
    """)
    layout = build(machine(SAGA), zoom=Zoom.DOTS)
    assert [entry.text for entry in layout.legend] == ["!CardDeclined or !States.ALL"]


def test_a_catch_shows_its_dashes_among_dots() -> None:
    alone: Asl = {"StartAt": "A", "States": {"A": task(None, Catch=catch(("E", "B"))), "B": {"Type": "Fail"}}}
    assert dedent(drawn(alone, zoom=Zoom.DOTS)) == picture("""
        ●
        ▼
        ○ A ■
        ╎
        ▽ !E
        ○ B ✗
    """)


def test_the_rows_that_a_status_or_an_edge_takes() -> None:
    layout = build(machine(SAGA))
    box = layout.box(("Charge card",))
    assert box is not None
    assert layout.rows(box.path) == range(box.y, box.y + 3)
    assert layout.rows(("No such state",)) == range(0)
    index = layout.edge_index(("Reserve stock",), ("Cancel order",), EdgeKind.CATCH)
    assert index is not None
    cells = layout.edges[index].cells
    assert layout.edge_rows(index) == tuple(range(cells[0][1], cells[-1][1] + 1))


def test_containers_stand_in_one_another() -> None:
    assert drawn(ALBUMS) == picture("""
                                     ●
                                     ▼
        ╭┄Map: Each album┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮
        ┆ ╭┄Parallel: Fan out┄┄┄┄┄┄┄┄┄┄┄┄┄┄branch 2┄┄┄┄┄┄┄┄┄┄┄┄┄╮ ┆
        ┆ ┆ ╭┄Map: Each photo┄┄┄┄┄┄┄┄┄┄┄╮ ┊ ╭─Pass────────────╮ ┆ ┆
        ┆ ┆ ┆    ╭─Task────────────╮    ┆ ┊ │ Count           │ ┆ ┆
        ┆ ┆ ┆    │ Resize          │    ┆ ┊ ╰───────────────■─╯ ┆ ┆
        ┆ ┆ ┆    ╰───────────────■─╯    ┆ ┊                     ┆ ┆
        ┆ ┆ ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄■┄╯ ┊                     ┆ ┆
        ┆ ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄■┄╯ ┆
        ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄■┄╯
    """)


def test_a_collapsed_container_says_how_much_is_in_it() -> None:
    assert drawn(ALBUMS, collapsed=frozenset([("Each album", 0, "Fan out")])) == picture("""
                         ●
                         ▼
        ╭┄Map: Each album┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮
        ┆ ╭┄Parallel: 3 states┄┄┄┄┄┄┄┄┄┄╮ ┆
        ┆ ┆ Fan out                     ┆ ┆
        ┆ ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄■┄╯ ┆
        ╰┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄■┄╯
    """)


def test_a_state_can_lead_to_itself_in_both_ways() -> None:
    again: Asl = {"StartAt": "A", "States": {"A": task("A", Catch=catch(("States.ALL", "A")))}}
    assert [drawn(again).count(sign) for sign in "▼▽"] == [1, 1]
    assert "▲" in drawn(again)
    assert "△" in drawn(again)


def test_what_is_wrong_is_drawn_and_said() -> None:
    faulty: Asl = {
        "StartAt": "A",
        "States": {
            "A": task("Nowhere"),
            "B": task("A"),
            "P": {"Type": "Parallel", "End": True, "Branches": [{"StartAt": "gone", "States": {}}]},
        },
    }
    layout = build(machine(faulty))
    assert faults(layout) == []
    assert layout.notes == (
        "B: no transition leads here from StartAt",
        "P: no transition leads here from StartAt",
        "gone: StartAt leads to it, but there is no such state in its scope",
        "Nowhere: Next of A leads to it, but there is no such state in its scope",
    )
    assert [box.path for box in layout.boxes if box.type == MISSING_TYPE] == [("P", 0, "gone"), ("Nowhere",)]
    picture_of_it = paint(layout).text()
    assert picture_of_it.count("unreachable") == 2
    assert picture_of_it.count("Missing") == 2


def test_a_machine_without_states_draws() -> None:
    assert "Missing" in drawn({"StartAt": "A", "States": {}})


def test_names_are_cut_and_cannot_command_the_terminal() -> None:
    names = ["a\x1b[31mred", "写真を処理する関数のとても長い名前", "plain " * 20]
    states = {name: task(following) for name, following in zip(names, [*names[1:], None], strict=True)}
    shown = drawn({"StartAt": names[0], "States": states}, max_name=11)
    assert "\x1b" not in shown
    assert "写真を処理…" in shown
    assert "plain plai…" in shown


def test_wide_branches_go_below_one_another() -> None:
    branches = [{"StartAt": f"B{index}", "States": {f"B{index}": task(None)}} for index in range(6)]
    wide: Asl = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": True, "Branches": branches}}}
    layout = build(machine(wide), max_width=80)
    assert faults(layout) == []
    assert layout.width <= 80
    assert len({box.y for box in layout.boxes if box.parent}) == 2
    assert {divider.is_vertical for divider in layout.dividers} == {True, False}


def test_rules_to_one_target_are_one_edge_and_one_line() -> None:
    routing: Asl = {
        "StartAt": "Which?",
        "States": {
            "Which?": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.a", "NumericEquals": 1, "Next": "X"},
                    {"Variable": "$.a", "NumericEquals": 2, "Next": "Y"},
                    {"Variable": "$.a", "NumericEquals": 3, "Next": "X"},
                ],
                "Default": "X",
            },
            "X": task(None),
            "Y": task(None),
        },
    }
    layout = build(machine(routing))
    both = [edge for edge in layout.edges if (edge.source, edge.target) == (("Which?",), ("X",))]
    assert [(edge.kind, edge.rules, edge.label) for edge in both] == [
        (EdgeKind.CHOICE, (0, 2), "a = 1 or a = 3"),
        (EdgeKind.DEFAULT, (), "Default"),
    ]
    assert both[0].cells == both[1].cells
    assert "a = 1, a = 3, Default" in paint(layout).text()


def test_edges_are_found_by_their_ends() -> None:
    layout = build(machine(SAGA))
    index = layout.edge_index(("Charge card",), ("Cancel order",), "catch")
    assert index is not None
    assert layout.edges[index].rules == (0, 1)
    assert layout.edge_index(("Charge card",), ("Ship",), EdgeKind.CATCH) is None
    start = layout.edge_index((), ("Reserve stock",), EdgeKind.START)
    assert start is not None
    assert layout.edges[start].cells[0] == layout.start[0]
    assert [layout.edges[each].kind for each in layout.edges_from(("Reserve stock",))] == ["next", "catch"]
    assert len(layout.edges_to(("Cancel order",))) == 2


def test_a_branch_without_a_marker_has_a_start_all_the_same() -> None:
    layout = build(machine(ALBUMS))
    index = layout.edge_index(("Each album",), ("Each album", 0, "Fan out"), EdgeKind.START)
    assert index is not None
    assert layout.edges[index].cells == ()


def test_what_is_hidden_is_shown_by_its_container() -> None:
    layout = build(machine(ALBUMS), collapsed=frozenset([("Each album",)]))
    inner = ("Each album", 0, "Fan out", 1, "Count")
    assert layout.box(inner) is None
    shown = layout.shown(inner)
    assert shown is not None
    assert (shown.path, shown.collapsed, shown.is_open, shown.content) == (("Each album",), True, False, 4)


def test_a_graph_too_dense_to_be_drawn_is_thinned() -> None:
    states: dict[str, Any] = {
        f"S{number}": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.a", "NumericEquals": rule, "Next": f"S{(number * 7 + rule * 13 + 1) % 150}"}
                for rule in range(12)
            ],
            "Default": "E",
        }
        for number in range(150)
    }
    dense = build(machine({"StartAt": "S0", "States": {**states, "E": {"Type": "Succeed"}}}))
    assert len(dense.boxes) == 151
    assert len(dense.edges) == 151  # the start, and one to each other state
    assert all(dense.edges_to(box.path) for box in dense.boxes)
    assert dense.notes == (
        "151 of 1,951 lines are drawn, those by which each state is reached first: all of them would take too long",
    )


def test_one_whose_lines_take_more_columns_than_was_thought_is_drawn_tighter(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = machine(generated(21, 50))
    usual = build(definition, max_width=118)
    assert 112 < usual.width <= 118
    extent = scopes._extent

    def wider(*of: Any) -> tuple[int, int]:
        left, right = extent(*of)
        return left, right + 6

    monkeypatch.setattr(scopes, "_extent", wider)
    tighter = build(definition, max_width=118)
    assert tighter.width <= 118
    assert sum(len(box.name) for box in tighter.boxes) < sum(len(box.name) for box in usual.boxes)
