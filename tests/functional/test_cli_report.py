"""`sfdebug report`: pages of files, sessions and definitions, of two runs, of many; and what it refuses."""

from __future__ import annotations

import io
import json
import shutil
import stat
from pathlib import Path

import pytest

from sfdebug.cli.main import main
from tests.aws_stub import StubAws
from tests.command_line import ROOT, sfdebug
from tests.families import MAIL, PARENT, in_folder, made_family, on_stub
from tests.pages import contents_of, pieces_of, refused, values_of
from tests.session_runs import keeper_of

SAGA = ROOT / "samples" / "saga"
RECORDED = ROOT / "samples" / "recorded-order"
RUN = [str(SAGA / "saga.asl.yaml"), "-i", f"@{SAGA / 'input.json'}", "--mocks", str(SAGA / "MockConfigFile.json")]

pytestmark = pytest.mark.usefixtures("isolated")


def page(*args: str, folder: Path, code: int = 0) -> str:
    """The page that a command line writes."""
    out = folder / "run.html"
    done = sfdebug("report", *args, "-o", str(out))
    assert done.code == code, done.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    return out.read_text(encoding="utf-8")


def test_a_recorded_execution_has_the_definition_beside_it(tmp_path: Path) -> None:
    (run,) = contents_of(page(str(RECORDED / "history.json"), folder=tmp_path))["runs"]
    assert (run["status"], run["mode"]) == ("FAILED", "recording")
    assert run["events"] == len(json.loads((RECORDED / "history.json").read_text(encoding="utf-8"))["events"])
    assert dict(run["facts"])["Definition"]
    shutil.copy(RECORDED / "history.json", tmp_path / "alone.json")
    alone = page(str(tmp_path / "alone.json"), folder=tmp_path)
    assert contents_of(alone)["runs"][0]["events"] == run["events"]


def test_a_definition_is_run_with_its_mocks_and_a_failure_is_no_error(tmp_path: Path) -> None:
    (run,) = contents_of(page(*RUN, "--case", "HotelFull", folder=tmp_path))["runs"]
    assert (run["title"], run["status"], run["mode"]) == ("saga.asl.yaml HotelFull", "FAILED", "simulation")
    done = sfdebug("report", *RUN[:3], "-o", str(tmp_path / "none.html"))
    assert done.code == 2
    assert "Book flight" in done.err
    assert not (tmp_path / "none.html").exists()


def test_a_saved_session_shows_the_fork_that_it_stands_on(tmp_path: Path) -> None:
    debugger = refused()
    debugger.restart()
    debugger.edit_input({"order": {"total": 200}, "paid": "by hand"})
    debugger.run()
    assert len(debugger.timeline.forks) == 2
    keeper_of(debugger, tmp_path / "kept.sfdebug-session").save_as(tmp_path / "bug.sfdebug-session", {})
    text = page(str(tmp_path / "bug.sfdebug-session"), folder=tmp_path)
    (run,) = contents_of(text)["runs"]
    assert run["events"] == len(debugger.view().events)
    assert {"order": {"total": 200}, "paid": "by hand"} in values_of(text)


def test_two_runs_are_compared_and_of_more_it_is_the_coverage(tmp_path: Path) -> None:
    histories = []
    for case in ("HappyPath", "HotelFull", "NoCar"):
        histories.append(str(tmp_path / f"{case}.json"))
        sfdebug("run", *RUN, "--case", case, "--history", histories[-1])
    two = page(*histories[:2], "-d", RUN[0], folder=tmp_path)
    assert contents_of(two)["compare"]["first"] == "The first difference: the result of Book hotel"
    assert len(pieces_of(two)["c"]) == 7
    many = page(*histories, "-d", RUN[0], folder=tmp_path)
    assert "Coverage of state machines" in many
    assert "by 3 executions" in many
    done = sfdebug("report", *histories, "-o", str(tmp_path / "x.html"))
    assert done.code == 2
    assert "--definition" in done.err


def test_redacted_it_has_none_of_the_values(tmp_path: Path) -> None:
    given = json.loads((SAGA / "input.json").read_text(encoding="utf-8"))
    name = given["traveller"]["name"]
    plain = page(*RUN, "--case", "HotelFull", folder=tmp_path)
    assert name in str(pieces_of(plain))
    text = page(*RUN, "--case", "HotelFull", "--redact", folder=tmp_path)
    assert name not in text + str(pieces_of(text))


def test_on_stdout_it_is_the_page_alone_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    done = sfdebug("report", str(RECORDED / "history.json"), "-o", "-")
    assert done.code == 0
    assert done.out.startswith("<!doctype html>")
    assert done.out.endswith("</html>\n")
    for args, why in (
        ([str(RECORDED / "history.json")], "-o run.html"),
        (["no-such.json", "-o", "x.html"], "no-such.json"),
        (["-", "-", "-o", "x.html"], "stdin"),
        ([str(RECORDED / "history.json"), "-o", str(tmp_path / "file" / "x.html")], "x.html"),
        ([str(tmp_path), "--redact", "-o", "x.html"], "--redact"),
    ):
        (tmp_path / "file").write_text("", encoding="utf-8")
        done = sfdebug("report", *args)
        assert done.code == 2, args
        assert why in done.err
        assert "Traceback" not in done.err


FAMILY = made_family()


def titles(text: str) -> list[tuple[str, str]]:
    return [(run["title"], run["status"]) for run in contents_of(text)["runs"]]


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder", "AWS"])
def test_what_a_recorded_run_started_is_in_its_page(
    is_folder: bool, tmp_path: Path, served: tuple[StubAws, str]
) -> None:
    if is_folder:
        given = [str(in_folder(FAMILY, tmp_path / "kept") / "execution-Orders-run-1" / "history.json")]
    else:
        on_stub(FAMILY, served[0])
        given = [PARENT, "--endpoint-url", served[1]]
    text = page(*given, folder=tmp_path)
    top, mail, rows, *children = titles(text)
    assert (top, mail, rows) == (("run-1", "FAILED"), ("Notify: m-1", "SUCCEEDED"), ("Sub: c-1", "FAILED"))
    assert [status for _, status in children] == ["FAILED", "FAILED", "ABORTED", "ABORTED", "SUCCEEDED"]
    assert len({run["drawing"] for run in contents_of(text)["runs"]}) == 4  # the children have one machine
    pieces = pieces_of(text)
    assert [row[0] for row in pieces["k0"]] == [1, 2]
    assert [(row[5], row[6]) for row in pieces["k2"]][:2] == [("FAILED", "BadRow")] * 2
    few = pieces_of(page(*given, "--children", "1", folder=tmp_path))
    assert [(row[0], row[9]) for row in few["k0"]] == [(1, ""), (-1, "its steps are left out: --children 1")]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    kept = in_folder(FAMILY, tmp_path / "kept", without=(MAIL,))
    given = kept / "execution-Orders-run-1" / "history.json"
    rows = pieces_of(page(str(given), folder=tmp_path))["k0"]
    assert (rows[0][0], rows[0][3], rows[0][9]) == (-1, "m-1", "it is not in the folder")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(kept / "execution-Rows-c-1" / "history.json", alone / "history.json")
    (row,) = pieces_of(page(str(alone / "history.json"), folder=tmp_path))["k0"]
    assert (row[0], row[4], row[9]) == (-1, "Map Run", "none of its child executions was found")
    bare = page(str(given), "--redact", "--children", "1", folder=tmp_path)
    assert [(row[3], row[9]) for row in pieces_of(bare)["k0"]] == [
        ("execution 1", "its steps are not in this page"),
        ("execution 2", ""),
    ]
    assert not [
        name for name in ("run-1", "Rows-c-1", "Sub: c-1", "m-1", str(tmp_path)) if name in bare + str(pieces_of(bare))
    ]
    done = sfdebug("report", "-", "-o", "-", stdin=given.read_text(encoding="utf-8"))
    assert [row[9] for row in pieces_of(done.out)["k0"]] == ["its own history was not looked for"] * 2
    refused = sfdebug("report", str(given), "-o", "-", "--children", "-1")
    assert refused.code == 2
    assert "--children: this is no count" in refused.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    assert main(["report", str(RECORDED / "history.json"), "--redact", "-o", str(tmp_path / "run.html")]) == 0
    told = [line.strip().removeprefix("Writing the page: ") for line in terminal.getvalue().split("\r\x1b[K")]
    shares = [int(line[:-1]) for line in told if line[:-1].isdigit()]
    assert shares == sorted(set(shares))
    assert shares[0] == 0
    assert shares[-1] > 90
    left_out = [line for line in told if line.startswith("leaving the data out, ")]
    assert told.index("what it started") < told.index(left_out[0]) < told.index(left_out[-1]) < told.index("packing")


@pytest.mark.parametrize("stage", ["sfdebug.page.gathering.Gathering._visit", "sfdebug.page.packing.packed"])
def test_ctrl_c_ends_it_and_leaves_no_file(stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, pressed)
    done = sfdebug("report", str(RECORDED / "history.json"), "-o", str(tmp_path / "run.html"))
    assert done.code == 130
    assert [*tmp_path.iterdir()] == []
