"""The page of a run as a file: that it is whole, asks for nothing, holds what the debugger shows, and no markup."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.timeline.nodes import Cursor
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.history.reading.read import read_recordings
from sfdebug.page import family
from sfdebug.page.document import NamedRun, PageMaking
from sfdebug.page.values import LEFT_OUT, NOTHING, ValueTable
from sfdebug.values import MISSING, Json
from tests.command_line import ROOT
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, PARALLEL
from tests.families import ROWS
from tests.pages import (
    HIT,
    HOSTILE,
    HOSTILE_MACHINE,
    contents_of,
    ended,
    loop,
    page_of,
    pieces_of,
    refused,
    values_of,
)

SECRET = "4000-1234-5678-9010"


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self._script: dict[str, str | None] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._script = dict(attrs) if tag == "script" else None
        if self._script is not None:
            self.scripts.append((self._script, ""))

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts[-1] = (self._script, self.scripts[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        self._script = None


def recorded() -> Debugger:
    (recording,) = read_recordings(ROOT / "samples" / "recorded-order" / "history.json")
    return Debugger.on_recording(open_recording(recording))


def test_it_asks_for_nothing_and_its_policy_lets_one_script_run() -> None:
    page = page_of(refused())
    elements = Elements(page)
    assert not [
        attributes for _, attributes in elements.found if attributes.keys() & {"src", "href", "action", "srcset"}
    ]
    assert "@import" not in page
    assert "url(" not in page
    programs = [text for attributes, text in elements.scripts if "type" not in attributes]
    assert len(programs) == 1
    digest = base64.b64encode(hashlib.sha256(programs[0].encode()).digest()).decode()
    (policy,) = [one["content"] for tag, one in elements.found if tag == "meta" and one.get("http-equiv")]
    assert policy is not None
    assert policy.split("; ")[:2] == ["default-src 'none'", f"script-src 'sha256-{digest}'"]
    for sign in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch("):
        assert sign not in programs[0], sign
    ids = [one["id"] for _, one in elements.found if "id" in one]
    assert len(ids) == len(set(ids))


def test_no_data_become_markup() -> None:
    page = page_of(ended(HOSTILE_MACHINE, {HOSTILE: [HOSTILE]}))
    elements = Elements(page)
    assert not {tag for tag, _ in elements.found} & {"img", "iframe", "object", "link", "base", "form"}
    assert not [one for _, one in elements.found if any(name.startswith("on") for name in one)]
    assert not [text for attributes, text in elements.scripts if "type" not in attributes and HIT in text]
    contents = page[page.index('id="contents"') :]
    assert not re.search("[\u2028\u2029]", contents)
    assert {HOSTILE: [HOSTILE]} in values_of(page)
    assert contents_of(page)["runs"][0]["states"][0][0] == HOSTILE[:70]


def test_the_same_run_gives_the_same_page_and_a_small_one() -> None:
    page = page_of(refused())
    assert page == page_of(refused())
    assert len(page.encode()) < 150_000
    packed = sum(map(len, re.findall(r'<script type="text/plain"[^>]*>(.*?)</script>', page)))
    assert len(page) - packed < 120_000


@pytest.mark.parametrize("make", [
    refused,
    recorded,
    lambda: ended(PARALLEL),
    lambda: ended(EACH, {"items": [1, 2, 3]}),
    lambda: ended(loop(150), {"n": 0}),
], ids=["refused", "recorded", "parallel", "map", "loop"])  # fmt: skip
def test_at_every_event_states_stand_as_the_debugger_shows_them(make: object) -> None:
    assert callable(make)
    debugger: Debugger = make()
    page = page_of(debugger)
    contents, pieces = contents_of(page)["runs"][0], pieces_of(page)
    events = debugger.view().events
    assert contents["events"] == len(events)
    shown: dict[int, list[object]] = {}
    for count, event in enumerate(events, 1):
        part = pieces[f"e0-{(count - 1) // 512}"]
        if (count - 1) % 512 == 0:
            assert {place: rest for place, *rest in part["before"]} == shown
        row = part["rows"][(count - 1) % 512]
        assert row[:2] == [event.id, str(event.type)]
        shown |= {place: rest for place, *rest in row[9]}
        debugger.goto_event(event.id)
        node = debugger.cursor.node
        debugger.timeline.put_cursor(node, node.last_stage_offset)
        view = debugger.view()
        wanted = [[mark.status.value, mark.visits] for mark in view.marks.values()]
        assert [shown.get(place, ["unvisited", 0]) for place in range(len(wanted))] == wanted, event
        if view.visit is not None and view.visit.number == row[4]:
            assert row[5] == view.stage_index + 1


def test_the_stages_of_each_visit_are_those_of_the_debugger() -> None:
    debugger = refused()
    page = page_of(debugger)
    values, visits = values_of(page), pieces_of(page)["v0-0"]
    execution = debugger.execution
    assert [visit["number"] for visit in visits] == sorted(visit.number for visit in execution.visits)

    def told(number: int) -> object:
        return MISSING if number == NOTHING else values[number]

    for visit in execution.visits:
        shown = next(one for one in visits if one["number"] == visit.number)
        assert len(shown["stages"]) == len(visit.stages)
        for mine, stage in zip(shown["stages"], visit.stages, strict=True):
            assert mine["label"].startswith(str(stage.name))
            assert (told(mine["before"]), told(mine["after"])) == (stage.before, stage.after)
            assert mine["told"]
        assert told(shown["output"]) == visit.output


def test_faults_are_named_with_what_became_of_them() -> None:
    page = page_of(refused())
    faults = [(state, error, became) for _, _, state, error, _, became in pieces_of(page)["f0"]]
    throttled = ("Charge", "Lambda.TooManyRequestsException", "Retry 1: tried again")
    assert faults == [
        throttled,
        throttled,
        ("Charge", "CardRefused", "Catch 1: goes to Sorry"),
        ("Sorry", "NoPayment", "nothing took it"),
    ]
    rows = pieces_of(page)["e0-0"]["rows"]
    failed = [count for count, row in enumerate(rows, 1) if row[1] in ("LambdaFunctionFailed", "FailStateEntered")]
    assert contents_of(page)["runs"][0]["faultEvents"] == failed


def of_children(rows: Json) -> Debugger:
    """A distributed Map, of which "x" is refused."""
    return ended(ROWS, {"rows": rows}, Work=refuses_x, Each=lambda _: None)


def refuses_x(request: TaskRequest) -> Answer:
    return TaskFailure("BadRow", f"no number in {SECRET}") if request.input == "x" else TaskResult(request.input)


def test_child_executions_are_runs_of_their_own() -> None:
    debugger = of_children([1, "x", 3])
    page = page_of(debugger)
    contents, pieces = contents_of(page), pieces_of(page)
    whole, *children = contents["runs"]
    started = next(event.id for event in debugger.execution.events if event.type == "MapRunStarted")
    assert [row[:7] for row in pieces["k0"]] == [
        [1, started, "Each", "child 1", "child execution", "SUCCEEDED", ""],
        [2, started, "Each", "child 2", "child execution", "FAILED", "BadRow"],
        [3, started, "Each", "child 3", "child execution", "SUCCEEDED", ""],
    ]
    assert [values_of(page)[row[8]] for row in pieces["k0"]] == [1, "x", 3]
    assert whole["parent"] is None
    assert len(pieces["v0-0"]) == 1  # the Map alone
    ended_children = sorted(debugger.execution.ended_children, key=lambda child: child.id)
    for number, (run, child) in enumerate(zip(children, ended_children, strict=True), 1):
        assert (run["parent"], run["status"], run["drawing"]) == ([0, started, "Each"], str(child.status), 0)
        rows = pieces[f"e{number}-0"]["rows"]
        assert [row[1] for row in rows] == [str(event.type) for event in child.events]
        (visit,) = pieces[f"v{number}-0"]
        assert visit["first"] == 2
        assert visit["branch"] == ""
        assert len(visit["stages"]) > 1
        marks = {place: status for row in rows for place, status, _ in row[9]}
        place = visit["state"]
        assert marks == {place: "failed" if number == 2 else "done"}
        assert run["taken"]
    assert [fault[3] for fault in pieces["f2"]] == ["BadRow"]
    assert page.count("<svg") == 1


def test_of_very_many_children_failed_ones_have_their_steps_and_the_rest_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(family, "_MOST_WITH_STEPS", 2)
    monkeypatch.setattr(family, "_MOST_NAMED", 4)
    page = page_of(of_children([1, 2, 3, "x", 5, 6]))
    rows = pieces_of(page)["k0"]
    assert [(row[0], row[3], row[5]) for row in rows] == [
        (1, "child 1", "SUCCEEDED"),
        (-1, "child 2", "SUCCEEDED"),
        (-1, "child 3", "SUCCEEDED"),
        (2, "child 4", "FAILED"),
    ]
    assert rows[1][9] == "its steps are left out: the page would have become too large"
    assert contents_of(page)["runs"][0]["unshown"] == "2 more child executions that ran are not named here"


def test_redacted_children_have_no_data_and_no_file_is_named() -> None:
    debugger = of_children(["Lovelace", "x", 41237])
    page = page_of(debugger, redact=True)
    whole = page + str(pieces_of(page))
    for secret in (SECRET, "Lovelace", "41237", *(child.name for child in debugger.execution.ended_children)):
        assert secret not in whole, secret
    recording = page_of(recorded(), redact=True)
    whole = recording + str(pieces_of(recording))
    for secret in ("A-1044", "postalCode", "Ferrand", "history.json", "definition.asl.json", "Rate Exceeded"):
        assert secret not in whole, secret
    assert "<title>an execution of Order</title>" in recording


def test_the_cursor_stays_where_it_is() -> None:
    debugger = refused()
    debugger.goto_event(5)
    before = debugger.cursor
    page_of(debugger)
    assert debugger.cursor == before
    assert isinstance(before, Cursor)


def test_another_fork_in_view_is_noticed() -> None:
    debugger = refused()
    making = PageMaking([NamedRun(debugger, "A")])
    steps = making.steps()
    next(steps)
    assert making.is_in_view
    debugger.restart()
    debugger.edit_input({"order": {"total": 200}})
    assert not making.is_in_view


def test_redacted_no_value_is_left_anywhere() -> None:
    given = {
        "order": {"total": 41237.75, "card": SECRET},
        "customer": "Ada Lovelace",
        "queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/q",
    }
    page = page_of(ended(ORDER, given, Charge=_refuses_with_secret), redact=True)
    whole = page + str(pieces_of(page))
    for secret in (SECRET, "Ada", "Lovelace", "41237.75", "123456789012"):
        assert secret not in whole, secret
    assert contents_of(page)["redacted"]
    plain = page_of(ended(ORDER, given, Charge=_refuses_with_secret))
    assert SECRET in plain + str(pieces_of(plain))
    stages = [stage for visit in pieces_of(page)["v0-0"] for stage in visit["stages"]]
    assert [stage["label"] for stage in stages] == [
        stage["label"] for visit in pieces_of(plain)["v0-0"] for stage in visit["stages"]
    ]
    assert {"CardRefused", "NoPayment"} <= {fault[3] for fault in pieces_of(page)["f0"]}


def _refuses_with_secret(request: TaskRequest) -> Answer:
    return TaskFailure("CardRefused", f"no money on {SECRET}")


def test_two_runs_are_compared_and_the_first_difference_is_named() -> None:
    page = page_of(ended(ORDER, ORDER_INPUT), refused())
    contents = contents_of(page)["compare"]
    assert contents["first"] == "The first difference: the result of Charge"
    assert contents["told"][0] == {
        "text": "Charge failed in B with CardRefused (no money on 4000-1234), and went on to Sorry; in A it succeeded",
        "left": 13,
        "right": 19,
    }
    pairs = pieces_of(page)["c"]
    assert [bool(pair["contrasts"]) for pair in pairs] == [False, False, True, True, True]
    assert contents["differing"] == [2, 3, 4]
    assert pairs[2]["contrasts"][0]["field"] == "result"
    same = contents_of(page_of(refused(), refused()))["compare"]
    assert (same["differing"], same["end"]) == ([], [])
    assert same["first"].startswith("No difference was found in what was compared")


def test_values_keep_all_their_digits_and_stand_there_once() -> None:
    table = ValueTable()
    large: Json = {"n": 12345678901234567890, "x": 1.0}
    assert table.add(large) == table.add({"n": 12345678901234567890, "x": 1.0}) == table.add(large)
    assert table.texts == ['{"n":12345678901234567890,"x":1.0}']
    assert table.add(MISSING) == NOTHING


def test_what_there_is_no_room_for_is_counted() -> None:
    table = ValueTable(most=20)
    assert table.add(["x" * 12]) == 0
    assert table.add(["y" * 12]) == LEFT_OUT
    assert (table.add([1]), table.left_out) == (1, 1)
