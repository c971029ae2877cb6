"""The fidelity table in the README is the one that the recordings and the listed misses give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sfdebug import simulate
from tests.conformance import fidelity
from tests.conformance.fidelity import FOLDERS, README, Case, Tally, feature_of, table, table_in, with_table
from tests.conformance.known_misses import KNOWN_MISSES
from tests.measured.statements import statements


def test_the_table_in_the_readme_is_up_to_date(shared: Path) -> None:
    """Every other test here says that a case passes unless it is listed, so nothing has to run for this one."""
    assert (shared / "conformance").is_dir()
    found = table_in(README.read_text(encoding="utf-8"))
    assert found == table(fidelity.expected()), "run: make fidelity WRITE=1"


def test_every_folder_of_recordings_is_counted(shared: Path) -> None:
    folders = {path.name for path in (shared / "conformance").iterdir() if path.is_dir()}
    assert folders == set(FOLDERS)
    counted = sum(tally.cases for tally in fidelity.expected())
    files = sum(len(list((shared / "conformance" / name).glob("*.json"))) for name in folders)
    told = sum(len(found) for _, found in statements())
    assert counted == files - 2 + 80 + 1613 + told, "two of the files hold many answers"


def test_what_is_listed_as_a_miss_is_a_case(shared: Path) -> None:
    stems = {path.stem for path in (shared / "conformance").glob("*/*.json")}
    assert KNOWN_MISSES.keys() <= stems
    assert len(KNOWN_MISSES) <= 0.02 * len(stems)


@pytest.mark.parametrize(
    ("folder", "case_id", "feature"),
    [
        ("executions", "scenarios/test_base_scenarios.py::T::test_x[a/b]#y", "scenarios"),
        ("executions", "test_sfn_api.py::T::test_x#y", "sfn api"),
        ("test_state", "test_state/test_field_validation_mode.py::T::test_x", "field validation mode"),
        ("test_state", "test_state/test_test_state_mock_scenarios.py::T::test_x", "mock scenarios"),
        ("express", "express/test_express_sync.py::T::test_base[X]#y", "express sync"),
        ("create", "express/test_express_sync.py::T::test_base[X]#y", "express"),
    ],
)
def test_features_are_derived_from_the_ids(folder: str, case_id: str, feature: str) -> None:
    assert feature_of(folder, case_id) == feature


def test_a_table_says_what_failed() -> None:
    tallies = [Tally("a", 3, {"x": "differs", "y": "differs"}, frozenset({"x", "other"})), Tally("b", 2)]
    assert table(tallies).splitlines() == [
        "| Feature | Cases | Passed | Known misses |",
        "| --- | ---: | ---: | ---: |",
        "| a | 3 | 1 | 1 |",
        "| b | 2 | 2 | – |",
        "| **all** | 5 | 3 | 1 |",
    ]
    assert tallies[0].unexpected == {"y": "differs"}


def _fails() -> str | None:
    return "differs"


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of three cases, of which one fails and is listed, and one fails and is not."""
    cases = [Case("good", "a", lambda: None), Case("listed", "a", _fails), Case("bad", "b", _fails)]
    monkeypatch.setattr(fidelity, "FOLDERS", {"made up": ("Made up", lambda _: iter(cases))})
    monkeypatch.setattr(fidelity, "KNOWN", {"listed": "lost"})
    monkeypatch.setattr(fidelity, "CONFORMANCE", tmp_path)
    monkeypatch.setattr(fidelity, "statements", lambda: iter(()))


@pytest.mark.usefixtures("made_up")
def test_a_failed_case_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert fidelity.main() == 1
    printed = capsys.readouterr()
    assert "| Made up: a | 2 | 1 | 1 |\n| Made up: b | 1 | 0 | – |\n| **all** | 3 | 1 | 1 |" in printed.out
    assert printed.err == "\nbad\n    differs\n"
    assert [tally.passed for tally in fidelity.expected()] == [1, 1], "nothing is run for what the README should say"


@pytest.mark.usefixtures("made_up")
def test_the_table_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"a\n{fidelity.BEGIN}\n{fidelity.END}\nz\n", encoding="utf-8")
    monkeypatch.setattr(fidelity, "README", readme)
    assert fidelity.main("--write") == 1
    assert table_in(readme.read_text(encoding="utf-8")) == table(fidelity.measured())


DEFINITION: dict[str, Any] = {
    "StartAt": "Double",
    "States": {"Double": {"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($.a, $.a)"}, "End": True}},
}
EXECUTION = {"executionArn": "arn:aws:states:eu-west-1:123456789012:execution:Sums:one", "name": "one"}


def test_cases_of_your_own_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each broken in one way, and each told; what is right without `execution` is compared as a recorder leaves it."""
    right: dict[str, Any] = {
        "definition": DEFINITION,
        "input": {"a": 2},
        "type": "STANDARD",
        "history": {"events": simulate(DEFINITION, {"a": 2}).history},
    }
    texts = {
        "a type": json.dumps(right | {"type": "FAST"}),
        "altered": json.dumps(right | {"execution": EXECUTION}).replace(r"\"twice\":4", r"\"twice\":5"),
        "as recorded": json.dumps(right),
        "cut": json.dumps(right | {"history": {"events": right["history"]["events"][:-1]}}),
        "express": json.dumps(right | {"type": "EXPRESS", "execution": EXECUTION}),
        "input": json.dumps(right | {"execution": EXECUTION, "input": {"a": 3}}),
        "lacking": json.dumps({"definition": DEFINITION, "history": {"events": []}}),
        "no case": "[]",
        "no events": json.dumps(right | {"history": {"events": []}, "execution": EXECUTION}),
        "no json": "{",
        "right": json.dumps(right | {"execution": EXECUTION, "id": "Sums|/one"}),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    (tmp_path / "folder.json").mkdir()
    assert fidelity.main("--recordings", str(tmp_path)) == 1
    printed = capsys.readouterr()
    assert "| Execution histories | 11 | 1 | – |\n| Execution histories: Sums\\| | 1 | 1 | – |" in printed.out
    assert [line for line in printed.err.splitlines() if line and not line.startswith(" ")] == [
        "a type",
        "altered",
        "cut",
        "express",
        "folder",
        "input",
        "lacking",
        "no case",
        "no events",
        "no json",
    ]
    assert "output at /twice" in printed.err
    assert "the input is not the one that the first event has" in printed.err
    assert "this is no recorded case: it lacks input, type" in printed.err
    assert "the history is not whole: its last event is PassStateExited" in printed.err


def test_the_readme_tells_of_the_projects_own_cases_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fidelity.main("--recordings", "cases", "--write")
    assert "the README's table is that of the project's recordings" in capsys.readouterr().err


def test_without_recordings_there_is_nothing_to_measure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fidelity, "CONFORMANCE", tmp_path / "none")
    assert fidelity.main() == 0
    assert "Skipped: there is no folder" in capsys.readouterr().err
    assert fidelity.main("--recordings", str(tmp_path / "none")) == 2
    assert f"There is no folder {tmp_path / 'none'}" in capsys.readouterr().err
    assert fidelity.main("--recordings", str(tmp_path)) == 2
    assert "There is no recorded case in" in capsys.readouterr().err


def test_what_a_test_says_is_the_difference(tmp_path: Path) -> None:
    def fails(path: Path) -> None:
        assert path.exists(), "not there"

    def is_skipped(_: Path) -> None:
        pytest.skip("not run")

    assert fidelity._outcome(fails, tmp_path) is None
    assert fidelity._outcome(fails, tmp_path / "gone") is not None
    assert fidelity._outcome(is_skipped, tmp_path) == "not run"


def test_a_table_is_found_again_where_it_was_put() -> None:
    text = f"before\n{fidelity.BEGIN}\nold\n{fidelity.END}\nafter\n"
    changed = with_table(text, "| new |")
    assert table_in(changed) == "| new |"
    assert changed.replace("| new |", "old") == text
    assert table_in("nothing") is None
    with pytest.raises(ValueError, match="are not there"):
        with_table("nothing", "| new |")
