"""The bundled samples do what their READMEs say: every case, run by `sfdebug run`, gives the documented result."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from sfdebug import FirstAnswer, FunctionTasks, MockConfig, TaskSilence, VerificationStatus, simulate, verify
from sfdebug.cli.samples import (
    Sample,
    all_samples,
    case_inputs,
    find_sample,
    recorded_samples,
    sample_names,
    what_to_watch,
)
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


def named(sample: Sample, machine: str = "") -> str:
    """What a sample's definition is called in its folder, or that of another machine of its template."""
    machine = machine or sample.machine
    return f"{sample.definition.name}#{machine}" if machine else sample.definition.name


CASES = [(name, index) for name in SAMPLES for index in range(len(expected(name)))]


@pytest.mark.parametrize(("name", "index"), CASES, ids=lambda value: str(value))
def test_documented_result(name: str, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = expected(name)[index]
    sample = SAMPLES[name]
    monkeypatch.chdir(sample.folder)
    argv = ["run", named(sample, case.get("machine", "")), "-i", f"@{case['input']}"]
    argv += ["-m", "MockConfigFile.json", "-c", case["case"], *around(sample)]
    outcome = sfdebug(*argv, "--json")
    result = json.loads(outcome.out)
    about = ("case", "input", "machine")
    assert {key: result[key] for key in case if key not in about} == {
        key: value for key, value in case.items() if key not in about
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


def sample_folders() -> set[str]:
    """Those of samples; the course beside them is checked by itself."""
    return {path.name for path in samples_folder().iterdir() if path.is_dir() and path.name != "course"}


def test_each_says_in_a_few_short_sentences_what_to_watch() -> None:
    folder = samples_folder()
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert set(index) == sample_folders()
    for name in index:
        sentences = what_to_watch(str(folder / name))
        assert 1 <= len(sentences) <= 3, name
        for sentence in sentences:
            assert len(sentence) <= 70, sentence
            assert sentence.endswith("."), sentence
    assert what_to_watch(str(folder)) == what_to_watch(str(ROOT / "README.md")) == what_to_watch("new/x.json") == ()


@pytest.mark.parametrize(
    ("name", "case", "state", "seconds", "error"),
    [
        ("online-shop", "WarehouseSilent", "Pick the goods", 14_400 + 60 + 14_400, "CANCELLED"),
        ("activity-worker", "AllMissed", "Render video", 60 + 10 + 60 + 10 + 60, "WorkersDown"),
    ],
)
def test_silence_takes_as_long_as_the_task_allows(name: str, case: str, state: str, seconds: int, error: str) -> None:
    """What a mock file can only throw at once, with its time: nobody answers."""
    sample = SAMPLES[name]
    machine = sample.address.opened().definition
    mocks = MockConfig.load(sample.mocks).handler(None, case)
    silent = FunctionTasks({state: lambda *_: TaskSilence()})
    given = json.loads(case_inputs(sample)[case].read_text(encoding="utf-8"))
    run = simulate(machine, given, FirstAnswer(silent, mocks))
    assert run.fault is not None
    assert run.fault.error == error
    assert run.clock == 1000 * seconds
    assert verify(machine, run.history).status is VerificationStatus.IDENTICAL


CHOREOGRAPHY = {
    "shipped": ("SaysPaymentTaken", "SaysGoodsReserved", "SaysOrderShipped"),
    "out of stock": ("SaysPaymentTaken", "SaysGoodsMissing", "SaysMoneyReturned"),
}


@pytest.mark.parametrize("way", CHOREOGRAPHY)
def test_each_event_of_the_choreography_starts_the_next_machine(way: str) -> None:
    sample = SAMPLES["order-two-ways"]
    cases = {case["case"]: case for case in expected(sample.name)}
    put: Any = None
    for name in CHOREOGRAPHY[way]:
        case = cases[name]
        started = json.loads((sample.folder / case["input"]).read_text(encoding="utf-8"))
        if put is not None:
            assert {key: started[key] for key in ("source", "detail-type", "detail")} == put
        opened = replace(sample.address, name=case["machine"]).opened()
        assert opened.machine is not None
        assert [trigger.detail for trigger in opened.machine.triggers] == [started["detail-type"]]
        mocks = MockConfig.load(sample.mocks).handler(None, name)
        run = simulate(opened.definition, started, mocks)
        scheduled = [event for event in run.history if event["type"] == "TaskScheduled"][-1]
        entry = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Entries"][0]
        put = {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": entry["Detail"]}


def test_the_two_ways_are_compared_as_they_are_counted() -> None:
    folder = SAMPLES["order-two-ways"].folder
    cases = {case["case"]: case for case in expected("order-two-ways")}
    rows = []
    for way, orchestrated in (("shipped", "Shipped"), ("out of stock", "OutOfStock")):
        for how, names in (("orchestrated", (orchestrated,)), ("as a choreography", CHOREOGRAPHY[way])):
            counts = [sum(cases[name][count] for name in names) for count in ("transitions", "events")]
            on_bus = len(names) + 1 if how != "orchestrated" else 0
            rows.append(f"| {way}, {how} | {len(names)} | {counts[0]} | {counts[1]} | {on_bus} |")
    assert "\n".join(rows) in (folder / "README.md").read_text(encoding="utf-8")


def test_what_each_type_allows_and_costs_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = SAMPLES["express-or-standard"]
    monkeypatch.chdir(sample.folder)
    refused = sfdebug("check", ".#Recall", "--type", "EXPRESS")
    assert refused.code == 3
    assert "no .waitForTaskToken integrations: the state 'Ask the technician'" in refused.err
    assert "no .sync integrations: the state 'Correct the readings'" in refused.err
    readme = (sample.folder / "README.md").read_text(encoding="utf-8")
    command, _, shown = readme.partition("$ sfdebug forecast ")[2].partition("```")[0].partition("\n")
    told = sfdebug("forecast", *command.split()).out
    assert "Express" in shown
    assert shown in told


def test_the_worker_of_the_activity_does_what_its_machine_asks() -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    tasks = [
        {"taskToken": "t1", "input": json.dumps({"source": "s3://raw/harbour.mov", "format": "mp4"})},
        {"taskToken": "t2", "input": json.dumps({"source": "s3://raw/harbour.mov", "format": "av1"})},
        {},  # nobody had work for a minute
    ]
    client = SimpleNamespace(
        get_activity_task=lambda **_: tasks.pop(0),
        send_task_success=lambda **call: sent.append(("success", call)),
        send_task_failure=lambda **call: sent.append(("failure", call)),
    )
    work_once = runpy.run_path(str(SAMPLES["activity-worker"].folder / "worker.py"))["work_once"]
    assert [work_once(client) for _ in range(3)] == [True, True, False]
    (_, success), (_, failure) = sent
    assert (success["taskToken"], json.loads(success["output"])["target"]) == ("t1", "s3://ready/harbour.mp4")
    assert (failure["taskToken"], failure["error"]) == ("t2", "UnknownFormat")


def test_all_folders_are_in_the_index() -> None:
    folder = samples_folder()
    assert folder == ROOT / "samples"
    folders = sample_folders()
    recorded = {name for name in folders if (folder / name / "history.json").is_file()}
    assert folders - recorded == set(SAMPLES)
    assert recorded == set(recorded_samples()) == {"recorded-order"}
    assert sample_names() == (*SAMPLES, *recorded_samples())


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
