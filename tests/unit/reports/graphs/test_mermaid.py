"""Mermaid sources: what stands in them, and what Mermaid's own parser makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import examine_file
from sfdebug.drawing import build, containers
from sfdebug.drawing.elements import EdgeKind
from sfdebug.errors import DefinitionError
from sfdebug.reports.graphs.export import GraphExport, plain_names
from sfdebug.reports.graphs.mermaid import MAX_EDGES, MAX_TEXT, escape, render, too_large
from tests.graph_machines import Asl, generated, machine
from tests.graph_pictures import CHAIN, NEST, POLL, declined, picture, polled, task
from tests.mermaid_parser import parsed

NASTY = (
    'a "b" [c]', "end", "subgraph", "default", "style", "click", "1. first", "12. ", "- item", "# head", "`x`",
    "#35; &amp; <b>", "$$x$$ $$.y", "%%{init: {}}%%", "%% no comment", "*a* _b_ __c__ ~~d~~", "漢字 état", "a|b",
    "{x} (y) [/z/] >w]", "a;b:c", "---", "-->", "fa:fa-car", "", "\\n\\\\", "x@{shape: a}", "<script>alert(1)</script>",
    "two\nlines", "&quot;", "#quot;", "x_y_z", "$.a['b']", "@", "'", "o--o", "s_end", "A 2", "A", "A-", "A  2",
)  # fmt: skip


def nasty() -> Asl:
    states: Asl = {}
    for index, name in enumerate(NASTY):
        rule = {"Variable": "$.a", "StringEquals": name, "Next": NASTY[(index + 1) % len(NASTY)]}
        states[name] = {"Type": "Choice", "Choices": [rule], "Default": name}
    return {"StartAt": NASTY[0], "States": states}


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Charge card", "Charge card"),
        ("Paid in full? (yes/no), it's!", "Paid in full? (yes/no), it's!"),
        ('say "hi"', "say #34;hi#34;"),
        ("a < b & c > d", "a #60; b #38; c #62; d"),
        ("#quot;", "#35;quot#59;"),
        ("1. first, v1.2", "1#46; first, v1.2"),
        ("state_name _x_ - y-z", "state_name #95;x#95; #45; y-z"),
        ("$$.Execution", "#36;#36;.Execution"),
        ("%%{x}", "#37;#37;#123;x#125;"),
        ("写真 é ✓", "写真 é ✓"),
        ("C:\\new", "C#58;#92;#8288;new"),
        ("Map: Each order:", "Map: Each order:"),
        ("fa:fa-car", "fa#58;fa-car"),
        ("a`b*c|d[e]:;@\\", "a#96;b#42;c#124;d#91;e#93;#58;#59;#64;#92;"),
    ],
)
def test_escaping(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_chain() -> None:
    assert (
        render(picture(CHAIN))
        == """\
---
title: "machine.asl.json"
---
flowchart TB
    s_Reserve["Reserve<br/>Task ↻ Retry"]
    s_Charge_card["Charge card<br/>Task"]
    s_Ship["Ship<br/>Task ■"]
    s_Refused(["Refused<br/>Fail ✗"])
    start_s_Reserve(("start"))
    start_s_Reserve --> s_Reserve
    s_Reserve --> s_Charge_card
    s_Charge_card --> s_Ship
    s_Charge_card -.->|"!States.ALL"| s_Refused
    linkStyle 3 stroke:#c2622d
"""
    )


def test_a_run_is_told_in_words_and_classes() -> None:
    source = render(picture(CHAIN, declined()))
    assert (
        "    %% run.json: FAILED after 16 events: ✗ failed 1, ! caught 1, ✓ done 1, · not visited 1\n"
        in source.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert 's_Charge_card["Charge card<br/>Task<br/>! caught"]' in source
    assert 's_Ship["Ship<br/>Task ■"]' in source
    for line in (
        "class s_Reserve done",
        "class s_Charge_card caught",
        "class s_Refused failed",
        "class s_Ship unvisited",
    ):
        assert f"    {line}\n" in source
    looks = dict(line.split()[1:] for line in source.splitlines() if "linkStyle" in line)
    assert list(looks) == ["0,1", "2", "3"]
    assert looks["2"] == "opacity:0.5", "what was never taken is faint, its line too"


def test_visits_and_transitions_are_counted() -> None:
    source = render(picture(POLL, polled(3)))
    assert 's_Look["Look<br/>Task<br/>✓ done ×4"]' in source
    assert 's_Ended -->|"Default ×3"| s_Wait' in source
    assert 's_Look -->|"×4"| s_Ended' in source
    assert 's_Ended -->|"state = #34;DONE#34;"| s_Report' in source  # once


def test_a_wait_is_unlike_a_succeed() -> None:
    source = render(picture(POLL))
    assert 's_Wait{{"Wait<br/>Wait"}}' in source
    assert 's_Report(["Report<br/>Succeed ✓"])' in source


def test_names_are_plain_and_unique() -> None:
    drawn = build(machine(nasty()))
    names = plain_names(drawn)
    assert len(set(names.values())) == len(NASTY)
    assert all(name.startswith("s_") and name.isascii() for name in names.values())
    assert names[("---",)] == "s_state"
    assert {names[("A",)], names[("A 2",)], names[("A-",)], names[("A  2",)]} == {"s_A", "s_A_2", "s_A_3", "s_A_2_2"}


def test_what_is_too_large_for_a_page_is_said() -> None:
    small = picture(CHAIN)
    assert too_large(render(small), small) == ""
    assert f"{MAX_TEXT:,}" in too_large("x" * (MAX_TEXT + 1), small)
    names = [f"S{number}" for number in range(MAX_EDGES + 2)]
    states = {name: task(after) for name, after in zip(names, [*names[1:], None], strict=True)}
    large = picture({"StartAt": "S0", "States": states})
    assert f"more than the {MAX_EDGES}" in too_large("", large)


# With Mermaid's own parser


def read(*pictures: GraphExport) -> list[dict[str, Any]]:
    results = parsed([render(each) for each in pictures])
    errors = [result["error"] for result in results if "error" in result]
    assert errors == []
    return results


def test_mermaid_reads_every_name_as_it_is() -> None:
    drawn = picture(nasty())
    [result] = read(drawn)
    texts = [node["text"] for node in result["nodes"] if node["text"] != "start"]
    names = [text.replace("\N{WORD JOINER}", "").removesuffix("<br/>Choice") for text in texts]
    assert names == [" ".join(name.split()) or "(no name)" for name in NASTY]
    assert not any("\\n" in text for text in texts)  # it would be a line break
    labels = {edge["text"] for edge in result["edges"]}
    assert 'a = "a \\"b\\" [c]"' in labels
    assert 'a = "$$x$$ $$.y"' in labels


def test_mermaid_reads_containers_and_kinds_of_edges() -> None:
    [result] = read(picture(NEST))
    groups = {group["id"]: group for group in result["groups"]}
    assert groups["s_Each_order"]["title"] == "Map: Each order"
    assert groups["s_Each_order"]["nodes"] == ["s_Fan_out"]
    assert sorted(groups["s_Fan_out"]["nodes"]) == ["s_Fan_out__0", "s_Fan_out__1"]
    assert groups["s_Fan_out__0"]["nodes"] == ["s_Resize", "s_Store"]
    edges = {(edge["source"], edge["target"], edge["stroke"], edge["text"]) for edge in result["edges"]}
    assert ("s_Each_order", "s_Failed", "dotted", "!States.ALL") in edges
    assert ("s_Each_order", "s_Done", "normal", "") in edges
    assert ("s_Resize", "s_Store", "normal", "") in edges


def test_mermaid_reads_the_run() -> None:
    [result] = read(picture(CHAIN, declined()))
    classes = {node["id"]: node["classes"] for node in result["nodes"]}
    assert classes["s_Charge_card"] == ["caught"]
    assert classes["s_Refused"] == ["failed"]
    faint = {(edge["source"], edge["target"]) for edge in result["edges"] if "opacity:0.5" in edge["style"]}
    fat = {(edge["source"], edge["target"]) for edge in result["edges"] if "stroke-width:3px" in edge["style"]}
    assert fat == {("start_s_Reserve", "s_Reserve"), ("s_Reserve", "s_Charge_card"), ("s_Charge_card", "s_Refused")}
    assert faint == {("s_Charge_card", "s_Ship")}, "it was never taken"


def test_mermaid_reads_faulty_and_generated_machines() -> None:
    faulty: Asl = {
        "StartAt": "A",
        "States": {
            "A": task("Nope"),
            "Empty": {"Type": "Parallel", "Branches": [], "Next": "A"},
            "Hollow": {"Type": "Map", "ItemProcessor": {"StartAt": "X", "States": {}}, "End": True},
        },
    }
    pictures = [picture(faulty), *(picture(generated(seed, 60)) for seed in range(4))]
    for drawn, result in zip(pictures, read(*pictures), strict=True):
        lines = [edge for edge in drawn.layout.edges if edge.kind is not EdgeKind.START or edge.corners]
        assert len(result["edges"]) == len(lines)


def test_mermaid_reads_all_real_workflows(shared: Path) -> None:
    pictures = []
    for file in sorted((shared / "workflows").iterdir()):
        try:
            found = examine_file(file).machine
        except DefinitionError:
            continue
        if found is not None:
            pictures += [GraphExport(build(found, shut), file.name) for shut in (frozenset(), containers(found))]
    assert len(pictures) > 200
    for drawn, result in zip(pictures, read(*pictures), strict=True):
        dotted = sum(edge["stroke"] == "dotted" for edge in result["edges"])
        assert dotted == sum(edge.kind is EdgeKind.CATCH for edge in drawn.layout.edges)
        states = {f"{drawn.name(box)}<br/>" for box in drawn.layout.boxes if not box.is_open or not box.content}
        states |= {f"{box.type}: {drawn.name(box)}" for box in drawn.layout.boxes if box.is_open and box.content}
        texts = [node["text"] for node in result["nodes"]] + [group["title"] for group in result["groups"]]
        assert all(any(text.startswith(state) for text in texts) for state in states)
