"""What CI systems read: annotations, code quality, summaries, the action, the hook; and JUnit by one of its readers."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sfdebug.reports.annotations import Annotation, AnnotationLevel, annotation_lines
from tests.asl_machines import pricing
from tests.command_line import sfdebug
from tests.history_runs import recorded
from tests.report_forms import check_cobertura, check_code_quality, check_junit, sarif_errors, schema_errors

MACHINE = pricing()
CHANGED = pricing(2)
FAULTY = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}, "B": {"Type": "Pass", "End": True}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    Path("price.asl.json").write_text(json.dumps(MACHINE, indent=2))
    Path("faulty.asl.json").write_text(json.dumps(FAULTY, indent=2))
    tests = [
        {"name": "wrong: 100%, sure", "input": {"n": 1}, "expect": {"output": {"price": 3}}},
        {"name": "right", "input": {"n": 1}, "expect": {"output": {"price": 2}}},
    ]
    Path("price.sfn.yaml").write_text(yaml.safe_dump({"machine": "price.asl.json", "tests": tests}, sort_keys=False))
    Path("recorded").mkdir()
    for number in range(3):
        made = CHANGED if number else MACHINE
        Path(f"recorded/{number}.json").write_text(json.dumps({"events": recorded(made, {"n": number})}))
    return tmp_path


def _commands(err: str) -> list[tuple[str, dict[str, str], str]]:
    """The annotations as GitHub's runner reads them: level, properties, message. Source: its `ActionCommand`."""
    found = []
    for level, properties, message in re.findall(r"^::(\w+) ([^\n]*?)::(.*)$", err, flags=re.MULTILINE):
        read = dict(one.split("=", 1) for one in properties.split(","))
        found.append((level, {name: _read(value) for name, value in read.items()}, _read(message)))
    return found


def _read(text: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def test_what_github_reads_is_escaped_and_the_worst_comes_first() -> None:
    title = "a: 100%, b\rc"
    found = [
        Annotation(AnnotationLevel.WARNING, f"a,b:{n}.json", n, 3, title, "one\ntwo 5%: x, y") for n in range(1, 15)
    ]
    found.append(Annotation(AnnotationLevel.ERROR, "", 0, 0, "t", "m"))
    lines = annotation_lines(found)
    assert len(lines) == 10
    assert lines[0] == "::error title=t::m"
    assert lines[1].startswith("::warning file=a%2Cb%3A1.json,line=1,col=3,title=a%3A 100%25%2C b")
    assert lines[1].endswith("::one%0Atwo 5%25: x, y")
    assert "\r" not in lines[1]
    ((level, properties, message),) = _commands(lines[1])
    assert (level, properties["line"], properties["col"], message) == ("warning", "1", "3", "one\ntwo 5%: x, y")


def test_lint_annotates_the_lines_that_people_edit(folder: Path) -> None:
    outcome = sfdebug("lint", "faulty.asl.json", "--json")
    json.loads(outcome.out)
    level, properties, message = _commands(outcome.err)[0]
    line = 1 + [text.strip() for text in Path("faulty.asl.json").read_text().splitlines()].index('"Next": "Nowhere"')
    assert (level, properties["file"], properties["line"]) == ("error", "faulty.asl.json", str(line))
    assert "Nowhere" in message
    assert "\nFix: " in message


def test_verify_annotates_the_state_that_diverges(folder: Path) -> None:
    outcome = sfdebug("verify", "price.asl.json", "recorded", "--json")
    assert json.loads(outcome.out)["diverges"] == 2
    ((level, properties, message),) = _commands(outcome.err)
    assert (level, properties["file"], properties["line"]) == ("error", "price.asl.json", "4")
    assert message.startswith("2 diverge at 'Price', output at /price: ")


def test_test_annotates_the_case(folder: Path) -> None:
    outcome = sfdebug("test", "--no-keep")
    ((level, properties, message),) = _commands(outcome.err)
    assert (level, properties["file"], properties["line"]) == ("error", "price.sfn.yaml", "3")
    assert message.startswith("wrong: 100%, sure\nthe output at /price differs\n")


def test_elsewhere_nothing_is_annotated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    for arguments in (["lint", "faulty.asl.json"], ["verify", "price.asl.json", "recorded"], ["test", "--no-keep"]):
        assert "::" not in sfdebug(*arguments).err


def test_summaries_are_appended(folder: Path) -> None:
    Path("summary.md").write_text("before\n")
    sfdebug("verify", "price.asl.json", "recorded", "--summary", "summary.md")
    sfdebug("test", "--no-keep", "--summary", "summary.md", "--cov")
    Path("part.json").write_text(sfdebug("test", "--no-keep", "--json").out)
    sfdebug("merge", "part.json", "--summary", "summary.md")
    sfdebug("coverage", "price.asl.json", "recorded", "--summary", "summary.md")
    text = Path("summary.md").read_text()
    assert text.startswith(
        "before\n## `price.asl.json` against recorded executions\n\n**1 of 3 identical, 2 diverge**\n"
    )
    assert re.search(
        r"^\| 2 \| diverge at 'Price', output at /price: .* \| `recorded/1.json` \|$", text, flags=re.MULTILINE
    )
    assert text.count("## Tests of state machines\n\n**1 failed, 1 passed**\n") == 2
    assert text.count("<summary>failed: wrong: 100%, sure (price.sfn.yaml:3)</summary>") == 2
    assert text.count("## Coverage of state machines") == 2
    assert (sfdebug("test", "--summary", "no/such/folder").code, sfdebug("test", "-k", "right").code) == (2, 0)


def test_code_quality_has_fingerprints_that_stay_when_lines_move(folder: Path) -> None:
    def issues() -> list[dict[str, Any]]:
        sfdebug("lint", "faulty.asl.json", "--severity", "INFO", "--code-quality", "quality.json")
        return check_code_quality(Path("quality.json").read_bytes())

    before = issues()
    assert {one["location"]["path"] for one in before} == {"faulty.asl.json"}
    Path("faulty.asl.json").write_text("\n\n\n" + Path("faulty.asl.json").read_text())
    after = issues()
    assert [one["fingerprint"] for one in after] == [one["fingerprint"] for one in before]
    assert [one["location"]["lines"]["begin"] - 3 for one in after] == [
        one["location"]["lines"]["begin"] for one in before
    ]


def test_a_reader_of_junit_reads_ours(folder: Path) -> None:
    sfdebug("verify", "price.asl.json", "recorded", "--junit", "verify.xml")
    sfdebug("test", "--no-keep", "--junit", "test.xml")
    for file, tests, failures in (("verify.xml", 3, 2), ("test.xml", 2, 1)):
        root = check_junit(Path(file).read_bytes())
        assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(tests), str(failures), "0")


def test_what_is_shown_of_ci_has_the_form_that_ci_systems_ask_for(root: Path) -> None:
    assert schema_errors("github-actions", yaml.safe_load((root / "action.yml").read_text())) == []
    blocks = re.findall(r"```yaml\n(.*?)```", (root / "docs/ci.md").read_text(), flags=re.DOTALL)
    found = [yaml.safe_load(block) for block in blocks]
    workflows = [{"on": "push", **one} for one in found if "jobs" in one]
    pipelines = [one for one in found if not {"jobs", "repos"} & set(one)]
    assert (len(workflows), len(pipelines)) == (2, 1)
    assert [error for one in workflows for error in schema_errors("github-workflows", one)] == []
    assert [error for one in pipelines for error in schema_errors("gitlab-ci", one)] == []


def test_beside_the_definitions_paths_are_those_of_the_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".git").mkdir()
    Path("checks").mkdir()
    monkeypatch.chdir("checks")
    linted = sfdebug("lint", "../faulty.asl.json", "--sarif", "--code-quality", "quality.json")
    log = json.loads(linted.out)
    assert sarif_errors(log) == []
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in log["runs"][0]["results"]]
    assert set(places) == {"faulty.asl.json"}
    assert {one["location"]["path"] for one in check_code_quality(Path("quality.json").read_bytes())} == set(places)
    assert {properties["file"] for _, properties, _ in _commands(linted.err)} == set(places)
    Path("x.sfn.yaml").write_text("machine: ../price.asl.json\ntests: [{name: a, input: {n: 1}}]\n")
    outputs = ["--cov-lcov", "l.info", "--cov-cobertura", "c.xml", "--json"]
    assert json.loads(sfdebug("test", *outputs).out)["cases"][0]["machine"] == "../price.asl.json"
    assert f"SF:{folder / 'price.asl.json'}\n" in Path("l.info").read_text()
    read = check_cobertura(Path("c.xml").read_bytes())
    assert (read.files(), read.xml.findtext("./sources/source")) == (["price.asl.json"], folder.as_posix())
    monkeypatch.chdir(folder)
    sfdebug("test", "checks", "--no-keep", *outputs)
    assert "SF:price.asl.json\n" in Path("l.info").read_text(), "not checks/../price.asl.json"


def test_the_action_runs_a_command_with_its_arguments_as_data(root: Path, tmp_path: Path) -> None:
    action = yaml.safe_load((root / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts), "what a user gives is no part of a script"
    named = {name for step in action["runs"]["steps"] for name in re.findall(r"inputs\.([\w-]+)", json.dumps(step))}
    assert named == set(action["inputs"])
    if os.name != "posix":
        pytest.skip("the action's script is for bash")
    ran = tmp_path / "sfdebug"
    ran.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\nsys.exit(3)\n")
    ran.chmod(0o755)
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SFDEBUG_COMMAND": "test",
        "SFDEBUG_ARGS": "-k 'two words' \"$(touch x)\" *.json",
        "GITHUB_STEP_SUMMARY": "s.md",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", scripts[-1]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout) == ["test", "-k", "two words", "$(touch x)", "*.json", "--summary", "s.md"]


def test_the_hook_takes_definitions_and_nothing_else(root: Path) -> None:
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"].split()[:2] == ["sfdebug", "lint"]
    names = (
        "a/order.asl.json",
        "order.asl.yaml",
        "order.asl.yml",
        "order.asl",
        "package.json",
        "asl.json",
        "x.asl.json.bak",
    )
    assert [bool(re.search(hook["files"], name)) for name in names] == [True, True, True, True, False, False, False]


_DATA = frozenset(
    {"input", "output", "recorded", "computed", "substitutions", "dimensions", "settings", "counts", "coverage"}
)
"""Fields whose values are the users', named after what users have, or told elsewhere."""


def _fields(told: Any) -> set[str]:
    if isinstance(told, list):
        return {name for one in told for name in _fields(one)}
    inside = [_fields(value) for name, value in told.items() if name not in _DATA] if isinstance(told, dict) else []
    return set(told if isinstance(told, dict) else ()).union(*inside)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_no_report_is_ever_written_in_part(folder: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("verified.json").write_text(sfdebug("verify", "price.asl.json", "recorded", "--json").out)
    Path("tested.json").write_text(sfdebug("test", "--no-keep", "--cov", "--json").out)
    before = set(Path().rglob("*"))
    coverage = ("price.asl.json", "recorded")
    Path("out").write_text("old")
    write = os.write

    def stopped(*given: Any) -> int:
        raise error

    def full(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[:9]) if len(data) > 40 and data.startswith(b"## ") else stopped()

    for command, *arguments in (
        ("verify", *coverage, "--junit", "out"),
        ("merge", "verified.json", "--junit", "out"),
        ("merge", "tested.json", "--junit", "out"),
        ("merge", "tested.json", "--cov-lcov", "out"),
        ("test", "--no-keep", "--junit", "out"),
        ("test", "--no-keep", "--cov-cobertura", "out"),
        ("test", "--no-keep", "--mutate", "--code-quality", "out"),
        ("lint", "faulty.asl.json", "--code-quality", "out"),
        ("coverage", *coverage, "--lcov", "out"),
        ("coverage", *coverage, "--cobertura", "out"),
        ("coverage", *coverage, "--html", "out"),
        ("coverage", *coverage, "--markdown", "out"),
        ("report", "recorded/0.json", "-o", "out"),
        ("graph", "price.asl.json", "-o", "out", "-f", "svg"),
        ("verify", *coverage, "--summary", "out"),
        ("coverage", *coverage, "--summary", "out"),
        ("merge", "verified.json", "--summary", "out"),
        ("test", "--no-keep", "--summary", "out"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", stopped)
            patched.setattr(os, "write", full)
            outcome = sfdebug(command, *arguments)
        assert outcome.code == (130 if isinstance(error, KeyboardInterrupt) else 2), (command, arguments, outcome.err)
        assert Path("out").read_text() == "old", (command, arguments)
    assert set(Path().rglob("*")) - {Path("out")} == before


def test_what_json_has_is_documented(folder: Path, root: Path) -> None:
    text = (root / "docs/json.md").read_text()
    sections = {name: rest for name, _, rest in (one.partition(" ") for one in text.split("## `sfdebug ")[1:])}
    shop = str(root / "samples/order-sam")
    for command, *arguments in (
        ("run", "price.asl.json", "-i", '{"n": 1}'),
        ("run", "price.asl.json"),
        ("verify", "price.asl.json", "recorded", "--outcomes", "--shard", "1/1"),
        ("coverage", "price.asl.json", "recorded", "--shard", "1/1"),
        ("test", "--cov", "--mutate"),
        ("lint", "faulty.asl.json"),
        ("diff", "recorded/0.json", "recorded/1.json"),
        ("executions", "recorded", "--groups"),
        ("replay", "recorded/0.json", "--summary"),
        ("replay", "recorded/0.json", "--tree"),
        ("forecast", "price.asl.json", "-i", '{"n": 1}', "--rate", "9"),
        ("metrics", "recorded/0.json"),
        ("machines", shop),
        ("policy", f"{shop}#OrderMachine", "--check"),
        ("learn", str(root / "samples/course/choice"), "--check"),
    ):
        outcome = sfdebug(command, *arguments, "--json")
        told = [json.loads(line) for line in outcome.out.splitlines()] if command == "lint" else json.loads(outcome.out)
        named = set(re.findall(r"`(\w+)`", sections[command]))
        assert _fields(told) - named == set(), f"docs/json.md says nothing of these fields of sfdebug {command}"


def test_what_the_page_on_ci_shows_can_be_run(root: Path) -> None:
    text = (root / "docs" / "ci.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)]
    assert len(blocks) == 4
    shown = set(re.findall(r"`(--[\w-]+)", text)) | set(re.findall(r" (--[\w-]+)", text))
    known = "".join(sfdebug(command, "--help").out for command in ("lint", "test", "verify", "coverage", "merge"))
    assert {option for option in shown if option not in known} == set()
