"""The bundled samples do what their READMEs say: every case, run by `sfdebug run`, gives the documented result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sfdebug.cli.samples import Sample, all_samples, find_sample
from sfdebug.errors import UsageError
from sfdebug.files import samples_folder
from tests.command_line import ROOT, sfdebug

SAMPLES = {sample.name: sample for sample in all_samples()}


def expected(name: str) -> list[dict[str, Any]]:
    """The documented results of a sample."""
    cases: list[dict[str, Any]] = json.loads((SAMPLES[name].folder / "expected.json").read_text(encoding="utf-8"))
    return cases


def nested(sample: Sample) -> list[Path]:
    """The definitions of the state machines that a sample's Tasks start."""
    return sorted((sample.folder / "nested").glob("*.asl.json"))


def around(sample: Sample) -> list[str]:
    """The options that say where a sample's buckets and nested definitions are."""
    options = ["--s3", "s3"] if (sample.folder / "s3").is_dir() else []
    for path in nested(sample):
        options += ["--nested", f"{path.name.partition('.')[0]}=nested/{path.name}"]
    return options


def named(sample: Sample) -> str:
    """What a sample's definition is called in its folder."""
    return f"{sample.definition.name}#{sample.machine}" if sample.machine else sample.definition.name


CASES = [(name, index) for name in SAMPLES for index in range(len(expected(name)))]


@pytest.mark.parametrize(("name", "index"), CASES, ids=lambda value: str(value))
def test_documented_result(name: str, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = expected(name)[index]
    sample = SAMPLES[name]
    monkeypatch.chdir(sample.folder)
    argv = ["run", named(sample), "-i", f"@{case['input']}", "-m", "MockConfigFile.json", "-c", case["case"]]
    argv += around(sample)
    outcome = sfdebug(*argv, "--json")
    result = json.loads(outcome.out)
    assert {key: result[key] for key in case if key not in ("case", "input")} == {
        key: value for key, value in case.items() if key not in ("case", "input")
    }
    assert re.sub(r"sfdebug: [^\n]* assumed: AWS::AccountId = 123456789012[^\n]*\n", "", outcome.err) == ""
    succeeded = case["status"] == "SUCCEEDED"
    assert outcome.code == (0 if succeeded else 1)
    assert ("output" in case) == succeeded
    plain = sfdebug(*argv)
    assert (json.loads(plain.out) == case["output"]) if succeeded else (plain.out == "")


@pytest.mark.parametrize("name", SAMPLES)
def test_lint_has_no_advice_for_a_sample(name: str) -> None:
    sample = SAMPLES[name]
    address = sample.folder if sample.machine else sample.definition
    outcome = sfdebug("lint", "-q", str(address), *map(str, nested(sample)))
    assert (outcome.code, outcome.out) == (0, "")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_case_is_documented(name: str) -> None:
    sample = SAMPLES[name]
    mocks = json.loads(sample.mocks.read_text(encoding="utf-8"))
    in_file = {case for machine in mocks["StateMachines"].values() for case in machine["TestCases"]}
    assert {case["case"] for case in expected(name)} == in_file
    assert sample.case in in_file
    readme = (sample.folder / "README.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \| `([\w.-]+)` \| `([\w.]+)` \|", readme, flags=re.MULTILINE))
    assert rows == {
        (case["case"], case["input"], case["error"] if case["status"] == "FAILED" else case["status"])
        for case in expected(name)
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_every_mocked_response_is_used(name: str) -> None:
    mocks = json.loads(SAMPLES[name].mocks.read_text(encoding="utf-8"))
    used = {
        response
        for machine in mocks["StateMachines"].values()
        for case in machine["TestCases"].values()
        for response in case.values()
    }
    assert used == set(mocks["MockedResponses"])


@pytest.mark.parametrize("name", SAMPLES)
def test_readme_says_what_to_watch(name: str) -> None:
    text = (SAMPLES[name].folder / "README.md").read_text(encoding="utf-8")
    assert f"sfdebug demo {name}" in text
    watch = [line for line in text.splitlines() if line.startswith("- ")]
    assert len(watch) >= 4
    for file in re.findall(r"`([\w-]+\.(?:json|asl\.json|asl\.yaml))`", text):
        assert (SAMPLES[name].folder / file).exists()


def test_all_folders_are_in_the_index() -> None:
    folder = samples_folder()
    assert folder == ROOT / "samples"
    folders = {path.name for path in folder.iterdir() if path.is_dir()}
    recorded = {name for name in folders if (folder / name / "history.json").is_file()}
    assert folders - recorded == set(SAMPLES)
    assert recorded == {"recorded-order"}


def test_finding_a_sample() -> None:
    assert find_sample("saga").definition == Path(ROOT / "samples/saga/saga.asl.yaml")
    with pytest.raises(UsageError, match="Did you mean 'polling'"):
        find_sample("poling")
    with pytest.raises(UsageError, match="There are: order, "):
        find_sample("zzz")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_dataset_is_used(name: str) -> None:
    """A sample with buckets says so, and each object in them is the one that some input names."""
    folder = SAMPLES[name].folder
    objects = {path.relative_to(folder / "s3").as_posix() for path in (folder / "s3").rglob("*") if path.is_file()}
    inputs = " ".join(path.read_text(encoding="utf-8") for path in folder.glob("input*.json"))
    assert [key for key in objects if key.partition("/")[2] not in inputs] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_readme_names_the_options_that_a_sample_needs(name: str) -> None:
    readme = (SAMPLES[name].folder / "README.md").read_text(encoding="utf-8")
    options = " ".join(around(SAMPLES[name]))
    assert options in readme
    assert ("--s3 " in readme, "--nested " in readme) == ("--s3 " in options, "--nested " in options)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_input_is_documented(name: str) -> None:
    assert {case["input"] for case in expected(name)} == {
        path.name for path in SAMPLES[name].folder.glob("input*.json")
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_check_finds_nothing_wrong(name: str) -> None:
    outcome = sfdebug("check", str(SAMPLES[name].definition), *map(str, nested(SAMPLES[name])))
    assert (outcome.code, outcome.out) == (0, "")
    assert "no problems" in outcome.err
