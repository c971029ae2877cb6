"""The family of an execution, from a folder and from AWS: up, down, what is denied or deleted said in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.errors import NotFoundError
from sfdebug.aws.session import Access, AwsReader
from sfdebug.executions.account import AccountSource
from sfdebug.executions.family import ExecutionFamily, FamilyBounds, failing, family_of, members
from sfdebug.executions.folder import FolderSource
from sfdebug.history.alignment.alignment import align
from sfdebug.history.recording import RecordingError
from sfdebug.history.started import StartedKind, started_by, started_in, unnamed_in
from sfdebug.reports.family import family_dict, family_lines
from tests.aws_stub import ApiError, StubAws, serving
from tests.command_line import sfdebug
from tests.debugger_runs import machine
from tests.engine_runs import run
from tests.families import CHILD, MAIL, ORDERS, PARENT, MadeFamily, in_folder, made_family, on_stub
from tests.history_runs import read_back

FAMILY = made_family()
FAILED_CHILD = next(one.arn for one in FAMILY.members if "/Each" in one.arn and one.description["status"] == "FAILED")


def lines(family: ExecutionFamily) -> str:
    return "\n".join(family_lines(family))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[StubAws, AccountSource]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    found = StubAws()
    on_stub(FAMILY, found)
    with serving(found) as url:
        yield found, AccountSource(AwsReader(Access(region="eu-west-1", endpoint_url=url)))


@pytest.mark.parametrize("asked", [PARENT, CHILD, FAILED_CHILD])
def test_from_anywhere_the_same_tree_down_to_what_failed_first(asked: str, tmp_path: Path, stub: Any) -> None:
    for source in (FolderSource(in_folder(FAMILY, tmp_path / "archive")), stub[1]):
        family = family_of(source, source.find(asked))
        way = failing(family.root)
        assert [node.arn for node in way][:3] == [PARENT, CHILD, FAMILY.map_run]
        assert [node.kind for node in way][2] is StartedKind.MAP_RUN
        assert [node.arn for _, node in members(family.root) if node.is_asked] == [asked]
        text = lines(family)
        assert "Notify: SUCCEEDED  Mail m-1" in text
        assert "Sub: FAILED  Rows c-1" in text
        assert text.count("in Work: BadRow (no number)") == 2
        assert "its input does not say what started it" in text
        first = way[2].children[0]
        assert first.status == "FAILED", "failed first"
        statuses = [child.status for child in way[2].children]
        assert statuses == ["FAILED", "FAILED", "ABORTED", "ABORTED", "SUCCEEDED"]
        assert json.loads(json.dumps(family_dict(family)))["root"]["arn"] == PARENT
    assert "5 child executions: 2 failed, 2 aborted, 1 succeeded" in text
    assert set(stub[0].asked) <= {
        "DescribeExecution", "DescribeMapRun", "DescribeStateMachineForExecution", "GetExecutionHistory",
        "ListExecutions",
    }  # fmt: skip


def test_what_is_denied_or_deleted_is_said_in_its_place(tmp_path: Path, stub: Any) -> None:
    account, source = stub
    del account.descriptions[MAIL]

    def before(operation: str) -> None:
        if operation == "DescribeMapRun":
            raise ApiError("AccessDeniedException", "User: me is not authorized to perform: states:DescribeMapRun")

    account.before = before
    text = lines(family_of(source, source.find(PARENT)))
    assert "Notify: not known  Mail m-1  not readable: " in text
    assert "DescribeMapRun" in text
    assert "BadRow" in text, "what is allowed is looked at all the same"
    with pytest.raises(NotFoundError):
        source.find(MAIL)
    folder = FolderSource(in_folder(FAMILY, tmp_path / "some", without=(CHILD,)))
    text = lines(family_of(folder, folder.find(PARENT)))
    assert "Sub: FAILED  Rows c-1  not readable: it is not in the folder" in text
    with pytest.raises(RecordingError, match="not in the folder"):
        folder.find(CHILD)
    text = lines(family_of(folder, folder.find(FAILED_CHILD)))
    assert "above it nothing is known" in text
    assert "what started that is not known" in text


def test_what_ends_in_the_middle_keeps_what_is_known(stub: Any) -> None:
    account, source = stub
    count = 0

    def before(operation: str) -> None:
        nonlocal count
        count += 1
        if count > 6:
            raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

    asked = source.find(PARENT)
    account.before = before
    family = family_of(source, asked)
    assert family.root.arn == PARENT
    assert family.cut
    assert "not all was looked at" in lines(family)
    assert count < 20, "nothing is asked again and again"


def test_it_is_bounded() -> None:
    class Counted(FolderSource):
        pass

    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source = Counted(in_folder(FAMILY, Path(folder) / "archive"))
        family = family_of(source, source.find(PARENT), FamilyBounds(histories=2, named=2, looked_into=1))
        assert family.histories <= 3
        map_run = failing(family.root)[2]
        assert (len(map_run.children), map_run.left_out) == (2, 3)
        assert "└─ and 3 more" in lines(family)


def test_what_a_history_names_and_what_it_does_not() -> None:
    orders = read_back(FAMILY.members[0].events)
    found = started_in(align(orders))
    assert [(one.state, one.arn, one.failed, one.is_waited_for) for one in found] == [
        ("Notify", MAIL, False, False),
        ("Sub", CHILD, True, True),
    ]
    assert started_by(read_back(FAMILY.members[1].events)) == PARENT
    assert started_by(orders) == ""
    bare = read_back([_without(event) for event in FAMILY.members[0].events])
    assert [one.state for one in started_in(align(bare))] == ["Sub"], "the cause names it"
    assert [(one.state, one.why) for one in unnamed_in(align(bare))] == [
        ("Notify", "the data of the events were not recorded")
    ]
    plain = read_back(run(machine(A={"Type": "Pass", "End": True})).history)
    assert (started_in(align(plain)), unnamed_in(align(plain))) == ((), ())


def _without(event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: one for name, one in value.items() if name not in ("input", "output", "parameters")}
        if isinstance(value, dict)
        else value
        for key, value in event.items()
    }


def test_the_tree_as_text_and_as_an_object(tmp_path: Path) -> None:
    archive = in_folder(FAMILY, tmp_path / "archive")
    place = next(one for one in archive.iterdir() if "c-1" in one.name)
    outcome = sfdebug("replay", str(place), "--tree")
    assert outcome.code == 1, "it failed"
    assert "(this one)" in outcome.out
    assert "\n└─ Sub: FAILED  Rows c-1" in outcome.out
    found = json.loads(sfdebug("replay", str(place / "history.json"), "--tree", "--json").out)
    assert found["root"]["children"][1]["asked"] is True
    assert "--json is the form of what --tree and --summary print" in sfdebug("replay", str(place), "--json").err
    assert "stdin has nothing around it" in sfdebug("replay", "-", "--tree", stdin="{}").err
    assert ORDERS["StartAt"] == "Notify"
    assert isinstance(FAMILY, MadeFamily)
