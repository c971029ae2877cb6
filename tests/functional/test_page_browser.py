"""Pages of runs in a real browser: the slider, keys, links, the search, themes, hostile data, and a very long run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from tests.chromium import CHROMIUM, Chromium
from tests.debugger_runs import ORDER, ORDER_INPUT
from tests.families import ROWS
from tests.pages import HOSTILE, HOSTILE_MACHINE, contents_of, ended, loop, page_of, refused

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="SFDEBUG_CHROMIUM names no browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as found:
        found.prefers("light")
        yield found


@pytest.fixture
def opened(browser: Chromium, tmp_path: Path) -> Chromium:
    """The page of an order whose payment is refused; it has had no errors when the test is over."""
    (tmp_path / "run.html").write_text(page_of(refused()), encoding="utf-8")
    browser.open(tmp_path / "run.html")
    return browser


def at(browser: Chromium, event: int, run: int = 1) -> None:
    """Wait until an event is shown."""
    browser.until(f"document.body.dataset.shown === '{run}:{event}'")


def text(browser: Chromium, id: str) -> str:
    found = browser.run(f"document.getElementById('{id}').innerText")
    assert isinstance(found, str)
    return found


def press(browser: Chromium, key: str, event: int) -> None:
    browser.key(key)
    at(browser, event)


def test_the_slider_and_keys_move_through_the_run(opened: Chromium) -> None:
    at(opened, 21)
    assert text(opened, "state") == "Sorry"
    assert opened.run("document.querySelector('.state.failed title').textContent").startswith("Sorry")
    opened.run("slider.value = 12, slider.dispatchEvent(new Event('input'))")
    at(opened, 12)
    assert text(opened, "state") == "Charge"
    assert "event 12 · 12 of 21" in text(opened, "where")
    assert opened.run("location.hash") == "#event=12"
    mark = "[one.querySelector('.name').textContent, one.classList[1]]"
    marks = f"[...document.querySelectorAll('.state')].map((one) => {mark})"
    assert dict(opened.run(marks)) == {
        "Reserve": "done", "Paid?": "done", "Charge": "current", "Hold": "unvisited", "Ship": "unvisited",
        "Sorry": "unvisited",
    }  # fmt: skip
    press(opened, "ArrowRight", 13)
    press(opened, "ArrowLeft", 12)
    press(opened, "Home", 1)
    press(opened, "n", 6)  # the end of Reserve
    assert text(opened, "state") == "Reserve"
    press(opened, "n", 8)
    press(opened, "N", 6)
    press(opened, "End", 21)
    press(opened, "g", 1)
    press(opened, "!", 12)
    press(opened, "!", 15)
    assert "CardRefused" not in text(opened, "stage-list")
    assert "still to come" in text(opened, "stage-list")
    assert opened.faults == []


def test_stages_have_their_data_before_after_and_the_difference(opened: Chromium) -> None:
    opened.run("location.hash = '#event=6'")
    at(opened, 6)
    names = opened.run("[...document.querySelectorAll('#stage-list .what')].map((one) => one.textContent)")
    assert names == ["Input", "InputPath", "Task", "ResultPath", "Output"]
    stages = "[...document.querySelectorAll('#stage-list li')]"
    opened.run(f"{stages}.find((one) => one.children[1].textContent === 'ResultPath').click()")
    opened.until("tree.innerText.includes('reserved')")
    tabs = opened.run("[...document.querySelectorAll('#data-tabs button')].map((one) => one.textContent)")
    assert tabs == ["Before", "After", "Difference", "Expression", "Variables", "Event"]
    opened.key("d")
    opened.until("tree.querySelector('.c-add') && tree.innerText.includes('/reserved')")
    opened.key("d")
    opened.until("tree.innerText.trim() === '\"$.reserved\"'")
    assert "ResultPath adds the result" in text(opened, "told")
    assert opened.faults == []


def test_the_search_finds_data_in_all_events(opened: Chromium) -> None:
    press(opened, "Home", 1)
    opened.key("/")
    opened.until("document.activeElement.id === 'query'")
    opened.type("no money on")
    opened.key("Enter")
    opened.until("found.textContent.startsWith('1 of ')")
    opened.until("document.body.dataset.shown !== '1:1'")
    first = int(opened.run("document.body.dataset.shown.slice(2)"))
    assert opened.run("[...document.querySelectorAll('#list .row.at')][0].innerText").startswith(str(first))
    assert "Charge" in text(opened, "state")
    opened.key("Escape")
    opened.until("document.activeElement.id !== 'query'")
    opened.key(",")
    opened.until(r"/^(\d+) of \1$/.test(found.textContent)")
    opened.until("[...document.querySelectorAll('#tree mark, #list .hit')].length > 0")
    assert opened.faults == []


def test_links_lead_to_an_event_and_the_help_to_the_keys(browser: Chromium, tmp_path: Path) -> None:
    (tmp_path / "run.html").write_text(page_of(refused()), encoding="utf-8")
    browser.open(tmp_path / "run.html", "#event=17")
    at(browser, 17)
    browser.key("?")
    browser.until("!help.hidden")
    assert "to the next fault" in text(browser, "help")
    browser.key("n")  # the help has the keys
    browser.key("Escape")
    browser.until("help.hidden")
    at(browser, 17)
    for fragment in ("#event=0", "#event=-4", "#event=nothing", "#run=9&event=99999", "#%"):
        browser.open(tmp_path / "run.html", fragment)
    assert browser.faults == []


def test_durations_faults_and_facts_are_lists(opened: Chromium) -> None:
    opened.key("D")
    opened.until("document.querySelectorAll('#list .row.visits .bar i').length === 4")
    assert "Charge, 3 attempts" in text(opened, "list")
    opened.run(
        "[...document.querySelectorAll('#list-tabs button')].find((one) => one.textContent === 'Faults 4').click()"
    )
    opened.until("list.innerText.includes('Catch 1: goes to Sorry')")
    opened.run(
        "[...document.querySelectorAll('#list .row')].find((one) => one.innerText.includes('CardRefused')).click()"
    )
    at(opened, 18)
    opened.key("A")
    opened.until("about.innerText.includes('FAILED')")
    assert opened.faults == []


def test_it_is_dark_where_the_system_is_and_light_on_paper(opened: Chromium) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    assert opened.run(ground) == "rgb(251, 250, 247)"
    opened.prefers("dark")
    opened.until(f"{ground} === 'rgb(19, 22, 27)'")
    assert opened.run("getComputedStyle(document.querySelector('.drawing .box')).fill") == "rgb(30, 36, 45)"
    opened.key("T")
    opened.until(f"{ground} === 'rgb(251, 250, 247)'")
    opened.key("T")
    opened.prefers("dark", "print")
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert opened.run(ground) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert opened.run("getComputedStyle(document.querySelector('#print .drawing .box')).fill") == "rgb(255, 255, 255)"
    parts = "[...document.querySelectorAll('header, nav, main, footer, #print')]"
    assert opened.run(f"{parts}.map((one) => getComputedStyle(one).display)") == [
        "none",
        "none",
        "none",
        "none",
        "block",
    ]
    assert opened.run("document.querySelector('#print svg').getBoundingClientRect().width") < 800
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.run("document.getElementById('print').childNodes.length") == 0
    opened.prefers("light")
    assert opened.faults == []


def told_by(pdf: Path) -> str:
    """The text of a PDF, its blanks folded."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True)
    return " ".join(done.stdout.split())


def test_on_paper_every_step_has_its_data_wherever_one_stands(opened: Chromium, tmp_path: Path) -> None:
    press(opened, "Home", 1)
    assert opened.printed(tmp_path / "run.pdf") <= 3
    told = told_by(tmp_path / "run.pdf")
    for fact in (
        "FAILED, 21 events, simulation",
        "the execution failed with NoPayment",
        "Lambda.TooManyRequestsException",
        "Retry 1: tried again",
        "1. Reserve succeeded",
        "In the input of the run Changed + /reserved:",
        "Choice · from event 7",
        "then Charge",
        "3. Charge caught",
        "3 attempts",
        "CardRefused: no money on 4000-1234",
        "4. Sorry failed",
    ):
        assert fact in told, fact
    assert "Search" not in told
    assert opened.faults == []


def test_on_paper_two_runs_begin_with_what_decided(browser: Chromium, tmp_path: Path) -> None:
    (tmp_path / "two.html").write_text(page_of(ended(ORDER, ORDER_INPUT), refused()), encoding="utf-8")
    browser.open(tmp_path / "two.html")
    assert browser.printed(tmp_path / "two.pdf") <= 8
    told = told_by(tmp_path / "two.pdf")
    assert "What is different Charge failed in B with CardRefused (no money on 4000-1234)" in told
    assert "Only A has 1 step: Ship Only B has 1 step: Sorry" in told
    assert told.index("Charge What differs A B result") < told.index("A: A Run A") < told.index("B: B Run B")


def test_hostile_data_stay_data(browser: Chromium, tmp_path: Path) -> None:
    (tmp_path / "run.html").write_text(page_of(ended(HOSTILE_MACHINE, {HOSTILE: [HOSTILE]})), encoding="utf-8")
    browser.open(tmp_path / "run.html")
    for _ in range(7):
        browser.key("d")
        browser.key("ArrowLeft")
        browser.run("new Promise((done) => requestAnimationFrame(() => done(1)))")
    at(browser, 1)
    browser.until("tree.innerText.includes('onerror')")
    for key in ("D", "A", "4", "/"):
        browser.key(key)
    browser.type("<img")
    browser.key("Enter")
    browser.until("found.textContent.includes(' of ')")
    assert browser.run("window.__hit") is None
    assert browser.run("document.querySelectorAll('img, iframe, svg svg').length") == 0
    assert browser.run("({}).x") is None
    assert browser.faults == []


def test_two_runs_stand_side_by_side(browser: Chromium, tmp_path: Path) -> None:
    (tmp_path / "two.html").write_text(page_of(ended(ORDER, ORDER_INPUT), refused()), encoding="utf-8")
    browser.open(tmp_path / "two.html")
    browser.until("document.querySelector('#list .row.at') && state.innerText === 'Charge'")
    assert text(browser, "state-told") == "The first difference: the result of Charge"
    assert text(browser, "side-0") == "A: A"
    assert text(browser, "side-1") == "B: B"
    assert text(browser, "different").startswith("Charge failed in B with CardRefused")
    browser.until("document.querySelectorAll('#other-list li').length > 5")
    assert "result" in text(browser, "tree")
    browser.key("x")
    browser.until("state.innerText === 'Ship'")
    assert "This run has no such visit." in text(browser, "other-list")
    browser.key("X")
    browser.until("state.innerText === 'Charge'")
    browser.key("t")
    browser.until("document.body.dataset.shown.startsWith('2:')")
    browser.run("different.querySelector('a').click()")
    at(browser, 13)
    assert text(browser, "state") == "Charge"
    browser.run("different.querySelectorAll('a')[1].click()")
    at(browser, 19, run=2)
    assert text(browser, "state") == "Charge"
    assert browser.faults == []


def test_children_are_a_list_and_each_has_its_own_steps(browser: Chromium, tmp_path: Path) -> None:
    def work(request: TaskRequest) -> Answer:
        return TaskFailure("BadRow", "no number") if request.input == "x" else TaskResult(request.input)

    debugger = ended(ROWS, {"rows": [1, "x", 3]}, Work=work, Each=lambda _: None)
    (tmp_path / "run.html").write_text(page_of(debugger), encoding="utf-8")
    browser.open(tmp_path / "run.html")
    browser.key(">")
    browser.until("document.querySelectorAll('#list .row.started').length === 3 && list.innerText.includes('BadRow')")
    browser.run("document.querySelectorAll('#list .row')[1].click()")
    browser.until("document.body.dataset.shown.startsWith('3:') && state.innerText === 'Work'")
    assert "Each: child 2 (FAILED)" in text(browser, "trail")
    browser.until("tree.innerText.includes('BadRow')")
    assert browser.run("location.hash").startswith("#run=3&event=")
    assert browser.run("document.querySelector('.state.failed .name').textContent") == "Work"
    press(browser, "<", 4)
    browser.until("trail.hidden && document.querySelectorAll('#list .row.started').length === 3")
    browser.open(tmp_path / "run.html", "#run=2&event=1")
    at(browser, 1, run=2)
    browser.until("Boolean(document.querySelector('#list .row.at'))")
    assert "child 1 (SUCCEEDED)" in text(browser, "trail")
    browser.run("trail.querySelector('button').click()")
    at(browser, 4)
    assert browser.printed(tmp_path / "run.pdf") <= 3
    assert browser.faults == []


def test_a_graph_too_tall_for_a_sheet_is_printed_on_several(browser: Chromium, tmp_path: Path) -> None:
    states: dict[str, Any] = {f"Step {at}": {"Type": "Pass", "Next": f"Step {at + 1}"} for at in range(40)}
    debugger = ended({"StartAt": "Step 0", "States": {**states, "Step 40": {"Type": "Succeed"}}})
    (tmp_path / "tall.html").write_text(page_of(debugger), encoding="utf-8")
    browser.open(tmp_path / "tall.html")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    spans = browser.run(
        "[...document.querySelectorAll('#print figure svg')]"
        ".map((one) => one.getAttribute('viewBox').split(' ').map(Number))"
    )
    boxes = browser.run(
        "[...document.querySelector('#print figure svg').querySelectorAll('.state > .box')]"
        ".map((one) => [Number(one.getAttribute('y')), Number(one.getAttribute('height'))])"
    )
    assert len(boxes) == 41
    assert 2 < len(spans) < 8
    assert [top for _, top, _, _ in spans[1:]] == [top + height for _, top, _, height in spans[:-1]]
    for _, cut, _, _ in spans[1:]:
        assert not [top for top, height in boxes if top <= cut <= top + height]
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.faults == []


def test_a_run_of_25_000_events_has_but_the_rows_in_sight(browser: Chromium, tmp_path: Path) -> None:
    page = page_of(ended(loop(6_240), {"n": 0}))
    events = contents_of(page)["runs"][0]["events"]
    assert 24_900 < events < 25_000
    assert len(page.encode()) < 3_000_000
    (tmp_path / "long.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "long.html")
    at(browser, events)
    rows, all_elements = "document.querySelectorAll('#list .row').length", "document.querySelectorAll('*').length"
    assert 10 < browser.run(rows) < 60
    for place in (12_345, 2, 20_000):
        browser.run(f"slider.value = {place}, slider.dispatchEvent(new Event('input'))")
        at(browser, place)
        browser.until(f"[...document.querySelectorAll('#list .row.at .n')][0]?.textContent === '{place}'")
        assert browser.run(rows) < 60
        assert browser.run(all_elements) < 1_500
    browser.run("list.scrollTop = 100000")
    browser.until("[...document.querySelectorAll('#list .row .n')].some((one) => one.textContent === '4170')")
    # of a hundred movements at once the last one counts
    browser.run("for (let i = 1; i <= 100; i++) { slider.value = i * 200; slider.dispatchEvent(new Event('input')); }")
    at(browser, 20_000)
    assert browser.printed(tmp_path / "long.pdf") < 20
    assert browser.run(all_elements) < 1_500
    browser.key("/")
    browser.type("item 6100")
    browser.key("Enter")
    browser.until("found.textContent.startsWith('1 of ')")
    browser.until("tree.innerText.includes('item 6100')")
    assert browser.run(all_elements) < 1_500
    assert browser.faults == []


def test_a_browser_that_cannot_unpack_says_so(browser: Chromium, tmp_path: Path) -> None:
    (tmp_path / "run.html").write_text(page_of(refused()), encoding="utf-8")
    script = "delete globalThis.DecompressionStream"
    added = browser.call("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]
    try:
        browser.call("Page.navigate", url=(tmp_path / "run.html").as_uri())
        browser.until("document.readyState === 'complete' && !trouble.hidden")
        assert "cannot unpack the data" in text(browser, "trouble")
        assert browser.run("document.querySelectorAll('.drawing .state').length") == 6
    finally:
        browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added)
