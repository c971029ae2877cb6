"""`--shard` and `sfdebug merge`: an empty part is success with a word, and all parts together are what one job says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.asl_machines import pricing
from tests.command_line import sfdebug
from tests.history_runs import recorded

MACHINE = pricing()
CHANGED = pricing(2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("price.asl.json").write_text(json.dumps(MACHINE, indent=2))
    Path("recorded").mkdir()
    for number in range(9):
        text = json.dumps({"events": recorded(CHANGED if number % 3 == 0 else MACHINE, {"n": number})})
        Path(f"recorded/{number}.json").write_text(text[:50] if number == 4 else text)
    return tmp_path


def test_the_summary_groups_what_diverges_and_broken_files_do_not_stop_the_others(folder: Path) -> None:
    outcome = sfdebug("verify", "price.asl.json", "recorded", "-q")
    assert outcome.code == 1
    *_, diverging, unread, summary = outcome.out.splitlines()
    assert diverging.startswith(
        "3 diverge at 'Price', output at /price: recorded output has 2 at $.price, computed has 1"
    )
    assert diverging.endswith(", e.g. recorded/0.json, event 3")
    assert unread.startswith("1 not verified: ")
    assert unread.endswith(", e.g. recorded/4.json")
    assert summary == "5 of 9 identical, 3 diverge, 1 not verified"


def test_one_that_was_told_is_not_told_again(folder: Path) -> None:
    outcome = sfdebug("verify", "price.asl.json", "recorded/0.json", "recorded/1.json")
    assert "e.g." not in outcome.out


def test_parts_are_disjoint_together_everything_and_an_empty_one_is_no_failure(folder: Path) -> None:
    whole = json.loads(sfdebug("verify", "price.asl.json", "recorded", "--json").out)
    seen: list[str] = []
    empty = 0
    for number in range(1, 31):
        outcome = sfdebug("verify", "price.asl.json", "recorded", "--json", "--shard", f"{number}/30")
        told = json.loads(outcome.out)
        assert told["shard"] == f"{number}/30"
        seen += [one["history"] for one in told["histories"]]
        if not told["total"]:
            empty += 1
            said = f"none of the 9 files is in shard {number}/30: there is nothing to verify"
            assert (outcome.code, outcome.err) == (0, f"sfdebug: {said}\n")
    assert empty >= 21
    assert sorted(seen) == sorted(one["history"] for one in whole["histories"])


def test_what_is_in_no_file_is_not_divided(folder: Path) -> None:
    for given in (["-"], ["--machine", "arn:aws:states:eu-west-1:123456789012:stateMachine:X"]):
        outcome = sfdebug("verify", "price.asl.json", *given, "--shard", "1/2")
        assert (outcome.code, "files are divided" in outcome.err) == (2, True)


def _parts(command: str, *arguments: str, count: int = 3, prefix: str = "part") -> list[str]:
    """What a command writes for each of some parts, in files."""
    names = []
    for number in range(1, count + 1):
        names.append(f"{prefix}-{number}.out")
        outcome = sfdebug(command, *arguments, "--json", "--shard", f"{number}/{count}")
        Path(names[-1]).write_text(outcome.out)
    return names


def _cases(file: str) -> list[bytes]:
    return sorted(ElementTree.tostring(one).strip() for one in ElementTree.parse(file).iter("testcase"))


def _sorted(told: dict[str, Any], key: str) -> dict[str, Any]:
    return {**told, key: sorted(told[key], key=str)}


def test_the_parts_of_verify_are_put_together_to_what_one_job_says(folder: Path) -> None:
    whole = sfdebug("verify", "price.asl.json", "recorded", "-q", "--junit", "whole.xml")
    names = _parts("verify", "price.asl.json", "recorded")
    outcome = sfdebug("merge", *names, "--junit", "merged.xml")
    assert outcome.code == whole.code == 1
    assert outcome.out.splitlines()[-1] == whole.out.splitlines()[-1]
    assert sorted(outcome.out.splitlines()[:-3]) == sorted(whole.out.splitlines()[:-3]), "each with its differences"
    assert _cases("whole.xml") == _cases("merged.xml")
    told = json.loads(sfdebug("merge", *names, "--json").out)
    said = json.loads(sfdebug("verify", "price.asl.json", "recorded", "--json").out)
    assert {one["count"] for one in told.pop("groups")} == {one["count"] for one in said.pop("groups")} == {1, 3}
    assert _sorted(told, "histories") == _sorted(said, "histories")


def test_the_parts_of_outcomes_are_put_together_with_what_was_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["verify", "price.asl.json", "recorded", "--outcomes"]
    whole, said = sfdebug(*asked, "--junit", "whole.xml"), json.loads(sfdebug(*asked, "--json").out)
    names = _parts(*asked)
    merged = sfdebug("merge", *names, "--junit", "merged.xml", "--summary", "merged.md")
    assert (merged.code, merged.err) == (whole.code, "") == (1, "")
    summary = Path("merged.md").read_text()
    assert "\n**5 of 9 executions proved to succeed (" in summary
    assert "| 3 | differs | " in summary
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "::warning file=price.asl.json,line=4,col=5,title=sfdebug verify::3 differs: " in sfdebug(*asked).err
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert merged.out.splitlines()[-1].startswith("5 of 9 executions proved to succeed (")
    assert merged.out.partition("taken by ")[2] == whole.out.partition("taken by ")[2] != "", "and the counts"
    assert _cases("whole.xml") == _cases("merged.xml")
    told = json.loads(sfdebug("merge", *names, "--json").out)
    assert (told["coverage"], told["outcomes"]["counts"]) == (said["coverage"], said["outcomes"]["counts"])
    assert (said["coverage"]["definition"], said["coverage"]["executions"]) == ("price.asl.json", 8)
    assert _sorted(told, "histories")["histories"] == _sorted(said, "histories")["histories"]
    plain = _parts("verify", "price.asl.json", "recorded", prefix="plain")
    mixed = sfdebug("merge", names[0], *plain[1:])
    assert (mixed.code, "these say different things" in mixed.err) == (2, True)
    Path("price.asl.json").write_text(json.dumps(MACHINE).replace("Done", "End"))
    changed = sfdebug("merge", *names)
    assert (changed.code, "other states or ways" in changed.err, changed.out) == (2, True, "")


def test_nothing_is_claimed_of_parts_that_are_not_there(folder: Path) -> None:
    first, second, third = _parts("verify", "price.asl.json", "recorded")
    for given, said in (
        ([first, third], "not all parts are here: 2/3"),
        ([first, second, third, first], "a result is given twice"),
        ([first, "price.asl.json"], "this is no result that sfdebug wrote"),
        ([first, "recorded/4.json"], "this cannot be read as JSON"),
    ):
        outcome = sfdebug("merge", *given)
        assert (outcome.code, said in outcome.err, outcome.out) == (2, True, ""), outcome.err
    Path("copy.out").write_text(Path(second).read_text())
    assert "shard 2/3 is given twice" in sfdebug("merge", first, second, third, "copy.out").err
    Path("copy.out").write_text(Path(second).read_text().replace('"shard"', '"x"'))
    assert "it would count twice" in sfdebug("merge", first, second, third, "copy.out").err
    Path("other.out").write_text(json.dumps({**json.loads(Path(second).read_text()), "definition": "other"}))
    assert "different definitions" in sfdebug("merge", first, "other.out", third).err


def test_the_parts_of_coverage_are_added_up(folder: Path) -> None:
    Path("recorded/4.json").unlink()
    whole = json.loads(sfdebug("coverage", "price.asl.json", "recorded", "--json").out)
    names = _parts("coverage", "price.asl.json", "recorded", count=30)
    outcome = sfdebug("merge", *names, "--json", "--cov-lcov", "merged.info", "--cov-fail-under", "100")
    assert (outcome.code, json.loads(outcome.out)) == (0, whole)
    assert whole["executions"] == 8
    assert "SF:price.asl.json" in Path("merged.info").read_text()
    Path("recorded/4.json").write_text("{")
    broken = sfdebug("merge", *_parts("coverage", "price.asl.json", "recorded", prefix="with-a-broken-one"))
    said = "sfdebug: not counted: 1 execution that the jobs could not read or follow\n"
    assert (broken.code, broken.err) == (1, said)
    Path("price.asl.json").write_text(json.dumps(MACHINE).replace("Done", "Over"))
    assert "has other states or ways" in sfdebug("merge", *names).err


def test_the_parts_of_test_are_put_together(folder: Path) -> None:
    tests = [
        {"name": f"n is {n}", "input": {"n": n}, "expect": {"output": {"price": n + n // 7}}} for n in range(1, 20)
    ]
    Path("price.sfn.yaml").write_text(json.dumps({"machine": "price.asl.json", "tests": tests}))
    Path("broken.sfn.yaml").write_text("machine: [")
    whole = json.loads(sfdebug("test", "--json", "--cov", "--no-keep").out)
    names = _parts("test", "--cov", "--no-keep", count=4)
    outcome = sfdebug("merge", *names, "--json", "--junit", "merged.xml")
    told = json.loads(outcome.out)
    assert outcome.code == 2, "a file cannot be read"
    assert _sorted(told, "cases") == _sorted(whole, "cases")
    assert (told["failed"], told["errors"]) == (12, 1)
    sfdebug("test", "--no-keep", "--junit", "whole.xml")
    assert _cases("merged.xml") == _cases("whole.xml")
    text = sfdebug("merge", *names).out
    assert "FAILED  price.sfn.yaml:1  n is 1\n    the output at /price differs\n" in text
    assert "12 failed, 7 passed, 1 error\n" in text
    assert "price.asl.json: taken by 19 executions" in text
