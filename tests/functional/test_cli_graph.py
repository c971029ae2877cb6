"""`sfdebug graph`: formats, files, an execution over the drawing, faulty definitions, bad input."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.samples import all_samples
from tests.command_line import ROOT, sfdebug, sfdebug_process
from tests.graph_pictures import CHAIN, NEST, declined
from tests.programs import LONGEST, read_all, running

ORDER = str(ROOT / "samples" / "order" / "order.asl.json")
FAULTY = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Pass", "Next": "Nope"},
        "Lost": {"Type": "Parallel", "Branches": [], "End": True},
    },
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(content: Any, name: str = "chain.asl.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return written


def test_text_is_the_default(write: Any) -> None:
    outcome = sfdebug("graph", write(CHAIN))
    assert (outcome.code, outcome.err) == (ExitCode.SUCCEEDED, "")
    assert "│ Charge card     │" in outcome.out
    assert "\x1b" not in outcome.out


def test_stdin_and_ascii() -> None:
    outcome = sfdebug("graph", "-", "--ascii", stdin=json.dumps(CHAIN))
    assert outcome.code == ExitCode.SUCCEEDED
    assert outcome.out.isascii()
    assert "| Charge card     |" in outcome.out


def test_an_encoding_without_line_characters_gets_ascii(write: Any) -> None:
    outcome = sfdebug_process("graph", write(CHAIN), PYTHONIOENCODING="ascii")
    assert outcome.code == ExitCode.SUCCEEDED
    assert "| Charge card     |" in outcome.out
    assert "\\u" not in outcome.out


def test_each_format_on_stdout(write: Any) -> None:
    file = write(CHAIN)
    svg = sfdebug("graph", file, "--format", "svg").out
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert len(json.loads(sfdebug("graph", file, "--format", "json").out)["nodes"]) == 4
    assert sfdebug("graph", file, "--format", "dot").out.startswith('digraph "chain.asl.json" {\n')
    assert "\nflowchart TB\n" in sfdebug("graph", file, "--format", "mermaid").out


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("g.svg", "<svg "), ("g.SVG", "<svg "), ("g.mmd", "---\ntitle"), ("g.mermaid", "---\ntitle"),
        ("g.dot", "digraph"), ("g.gv", "digraph"), ("g.json", '{\n  "title"'), ("g.txt", " "), ("g", " "),
    ],
)  # fmt: skip
def test_the_name_of_the_file_says_the_format(write: Any, tmp_path: Path, name: str, begins: str) -> None:
    outcome = sfdebug("graph", write(CHAIN), "-o", str(tmp_path / name))
    assert (outcome.code, outcome.out, outcome.err) == (ExitCode.SUCCEEDED, "", "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_a_format_that_is_asked_for_wins(write: Any, tmp_path: Path) -> None:
    sfdebug("graph", write(CHAIN), "-o", str(tmp_path / "g.svg"), "-f", "json")
    assert json.loads((tmp_path / "g.svg").read_text(encoding="utf-8"))["title"] == "chain.asl.json"


@pytest.mark.parametrize("format", ["text", "svg", "mermaid", "dot", "json"])
def test_a_history_is_laid_over_every_format(write: Any, format: str) -> None:
    history = write(declined().text(), "run.json")
    outcome = sfdebug("graph", write(CHAIN), "--history", history, "-f", format)
    assert (outcome.code, outcome.err) == (ExitCode.SUCCEEDED, "")
    for word in ("caught", "failed", "done"):
        assert word in outcome.out
    assert "FAILED" in outcome.out


def test_the_history_of_a_run_through_a_pipe() -> None:
    sample = next(sample for sample in all_samples() if sample.name == "polling")
    folder = ROOT / "samples" / "polling"
    definition = next(folder.glob("*.asl.*"))
    arguments = [
        "-i",
        f"@{folder / 'input.json'}",
        "-m",
        str(folder / "MockConfigFile.json"),
        "-c",
        "ReadyAtFourthLook",
    ]
    ran = sfdebug("run", str(definition), *arguments, "--history", "-")
    assert sample is not None
    drawn = sfdebug("graph", str(definition), "--history", "-", stdin=ran.out)
    assert drawn.code == ExitCode.SUCCEEDED
    assert "✓ done×4" in drawn.out
    assert "<stdin>: SUCCEEDED after" in drawn.out


def test_a_history_of_another_definition_is_told(write: Any) -> None:
    outcome = sfdebug("graph", write(NEST), "--history", write(declined().text(), "run.json"))
    assert outcome.code == ExitCode.SUCCEEDED
    assert "run.json: warning: event 2 enters Reserve, which is no state of the definition" in outcome.err


def test_collapse_one_by_name_or_id_or_all(write: Any) -> None:
    file = write(NEST)

    def shut(*names: str) -> dict[str, bool]:
        options = [part for name in names for part in ("--collapse", name)]
        nodes = json.loads(sfdebug("graph", file, "-f", "json", *options).out)["nodes"]
        return {node["id"]: node["collapsed"] for node in nodes if node["container"]}

    assert shut() == {"Each order": False, "Each order/0/Fan out": False}
    assert shut("Fan out") == {"Each order": False, "Each order/0/Fan out": True}
    assert shut("Each order/0/Fan out") == {"Each order": False, "Each order/0/Fan out": True}
    assert shut("all") == shut("Fan out", "Each order") == {"Each order": True}


def test_zoom_and_width(write: Any) -> None:
    file = write(NEST)
    heights = [len(sfdebug("graph", file, "--zoom", zoom).out.splitlines()) for zoom in ("full", "lines", "dots")]
    assert heights[0] > heights[1]
    assert "○ Resize" in sfdebug("graph", file, "--zoom", "dots").out
    wide = {
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": f"S{n}", "States": {f"S{n}": {"Type": "Pass", "End": True}}} for n in range(6)
                ],
                "End": True,
            }
        },
    }
    narrow, broad = (sfdebug("graph", write(wide), "--width", width, "-f", "json").out for width in ("80", "200"))
    assert json.loads(narrow)["width"] <= 80 < json.loads(broad)["width"]


def test_themes_of_the_svg(write: Any) -> None:
    file = write(CHAIN)
    texts = [sfdebug("graph", file, "-f", "svg", "--theme", theme).out for theme in ("auto", "light", "dark")]
    assert len(set(texts)) == 3
    assert ["prefers-color-scheme" in text for text in texts] == [True, False, False]


def test_a_faulty_definition_is_drawn_and_told(write: Any) -> None:
    outcome = sfdebug("graph", write(FAULTY))
    assert outcome.code == ExitCode.INVALID_DEFINITION
    assert "Missing" in outcome.out
    assert "Lost: no transition leads here from StartAt" in outcome.out
    assert "error: there is no state 'Nope'" in outcome.err
    assert "error: 'Branches' is empty" in outcome.err


def test_a_faulty_definition_can_be_exported(write: Any) -> None:
    for format in ("svg", "mermaid", "dot", "json"):
        outcome = sfdebug("graph", write(FAULTY), "-f", format)
        assert outcome.code == ExitCode.INVALID_DEFINITION
        assert "Nope" in outcome.out


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"StartAt": "A"}', '"text"', "\x00\xff", '{"StartAt": 3, "States": 4}']
)
def test_what_is_no_definition_is_not_drawn(write: Any, text: str) -> None:
    outcome = sfdebug("graph", write(text))
    assert (outcome.code, outcome.out) == (ExitCode.INVALID_DEFINITION, "")
    assert ": error: " in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["/nowhere.asl.json"], "there is no such file"),
        ([ORDER, "--width", "5"], "--width 5 is too narrow"),
        ([ORDER, "--width", "many"], "invalid int value"),
        ([ORDER, "--collapse", "Nothing"], "there is no Parallel and no Map called 'Nothing'"),
        ([ORDER, "--history", "/nowhere.json"], "the history cannot be read"),
        ([ORDER, "--history", ORDER], "this is a definition, not the history"),
        ([ORDER, "-o", "/nowhere/graph.svg"], "the graph cannot be written"),
        ([ORDER, "-f", "png"], "invalid choice"),
        (["-", "--history", "-"], "stdin cannot hold both"),
        ([], "there is nothing to draw"),
        ([ORDER, ORDER, ORDER], "3 definitions cannot be compared"),
        ([ORDER, ORDER, "--history", "run.json"], "a history cannot be laid over what changed"),
        (["-", "-"], "stdin cannot hold both definitions"),
        ([ORDER, "--legend", "-f", "json"], "--legend: JSON has no signs to explain"),
        (["--legend", "-f", "svg"], "the legend alone is text"),
    ],
)
def test_bad_arguments(arguments: list[str], told: str) -> None:
    outcome = sfdebug("graph", *arguments)
    assert outcome.code == ExitCode.USAGE
    assert outcome.out == ""
    assert told in outcome.err
    assert "Traceback" not in outcome.err


def test_two_definitions_end_as_a_comparison_does(write: Any) -> None:
    old, new = write(CHAIN), write(NEST, "nest.asl.json")
    same = sfdebug("graph", old, old)
    assert (same.code, same.err) == (ExitCode.SUCCEEDED, "")
    assert "nothing has changed" in same.out
    for format in ("text", "svg", "mermaid", "dot", "json"):
        outcome = sfdebug("graph", old, new, "-f", format)
        assert (outcome.code, outcome.err) == (ExitCode.EXECUTION_FAILED, "")
        assert "added" in outcome.out
        assert "removed" in outcome.out
    came = sfdebug("graph", os.devnull, new)  # as git names what a commit does not have
    assert (came.code, came.err) == (ExitCode.EXECUTION_FAILED, "")
    assert "nothing → nest.asl.json: " in came.out
    assert "removed" not in came.out
    assert sfdebug("graph", os.devnull, os.devnull).code == ExitCode.INVALID_DEFINITION
    assert sfdebug("graph", "-", new, stdin=json.dumps(CHAIN)).out.count("\n- ") >= 4
    assert sfdebug("graph", old, write(FAULTY, "faulty.json")).code == ExitCode.INVALID_DEFINITION
    shut = json.loads(sfdebug("graph", old, new, "-f", "json", "--collapse", "Each order").out)["nodes"]
    assert [node["id"] for node in shut if node["collapsed"]] == ["Each order"]


def test_the_legend(write: Any) -> None:
    alone = sfdebug("graph", "--legend")
    assert (alone.code, alone.err) == (ExitCode.SUCCEEDED, "")
    assert alone.out in sfdebug("graph", write(CHAIN), "--legend").out
    assert sfdebug("graph", "--legend", "--ascii").out.isascii()
    drawn = sfdebug("graph", write(CHAIN), "--legend", "-f", "svg").out
    assert ET.fromstring(drawn) is not None
    assert "Catch: dashed, with an open arrow" in drawn
    for format in ("mermaid", "dot"):
        source = sfdebug("graph", write(CHAIN), "--legend", "-f", format).out
        assert "what the signs mean" in source
        assert "! and errors: Catch" in source


def test_several_executions_in_one_history_are_refused(write: Any) -> None:
    other = [{**event, "timestamp": "2025-02-02T00:00:00+00:00"} for event in declined().events]
    both = json.dumps({"events": [*declined().events, *other]})
    for outcome in (
        sfdebug("graph", write(CHAIN), "--history", write(both, "both.json")),
        sfdebug("graph", write(CHAIN), "--history", "-", stdin=both),
    ):
        assert outcome.code == ExitCode.USAGE
        assert "2 executions" in outcome.err


def test_every_sample_can_be_drawn() -> None:
    for sample in all_samples():
        for format in ("text", "svg", "mermaid", "dot", "json"):
            assert sfdebug("graph", sample.address.text, "-f", format).code == ExitCode.SUCCEEDED


def test_the_same_text_in_every_run(write: Any) -> None:
    file = write(NEST)
    history = write(declined().text(), "run.json")
    for format in ("text", "svg"):
        arguments = ("graph", file, "--history", history, "-f", format)
        outs = {sfdebug_process(*arguments, PYTHONHASHSEED=seed, PYTHONIOENCODING="utf-8").out for seed in ("0", "1")}
        assert len(outs) == 1


def test_a_drawing_loads_neither_screen_nor_engine(write: Any) -> None:
    script = (
        "import sys; from sfdebug.cli.main import main; main(['graph', sys.argv[1]]);"
        "print(sorted({'textual', 'rich', 'boto3', 'sfdebug.engine'} & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, write(CHAIN)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=True, timeout=LONGEST)
    assert done.stderr == "[]\n"


# On a terminal


def on_terminal(arguments: list[str], **environment: str) -> str:
    """What the command writes on a terminal of its own."""
    ours, theirs = pty.openpty()
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM", "COLUMNS")}
    with running(
        [sys.executable, "-m", "sfdebug", *arguments], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, cwd=ROOT,
        env={**clean, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        data = read_all(ours)
        assert process.wait() == 0
    return data.decode()


def test_colours_on_a_terminal_unless_they_are_not_wanted(write: Any, tmp_path: Path) -> None:
    arguments = ["graph", write(CHAIN), "--history", write(declined().text(), "run.json")]
    coloured = on_terminal(arguments)
    assert "\x1b[1;31m" in coloured
    assert "✗ failed" in coloured
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        plain = on_terminal(arguments, **environment)
        assert "\x1b" not in plain
        assert "✗ failed" in plain
    assert "\x1b" not in on_terminal([*arguments, "-o", str(tmp_path / "graph.txt")])
    assert "\x1b" not in (tmp_path / "graph.txt").read_text(encoding="utf-8")
