"""The picture of a run's page for the README: a recorded execution that failed, in a real browser."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from sfdebug import load
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.history.reading.read import read_recordings
from sfdebug.page.document import NamedRun, run_page
from tests.chromium import CHROMIUM, Chromium

if TYPE_CHECKING:
    from sfdebug.debugger.recorded.session import RecordedSession

_SAMPLE: Final = Path(__file__).parents[1] / "samples" / "recorded-order"
_SIZE: Final = (1280, 800)


def take_page(folder: Path) -> None:
    """Write the picture into `folder`; where SFDEBUG_CHROMIUM names no browser, say that there is none."""
    if not CHROMIUM:
        print("the picture of a page needs a browser: SFDEBUG_CHROMIUM=chromium")
        return
    run = _recorded()
    with TemporaryDirectory() as home, Chromium(*_SIZE) as browser:
        page = Path(home) / "run.html"
        page.write_text(run_page([NamedRun(Debugger.on_recording(run), run.recording.facts.name)]), encoding="utf-8")
        browser.prefers("light")
        browser.open(page)
        browser.key("!")
        browser.until("!document.body.classList.contains('at-end')")
        browser.key("d")
        browser.until("document.querySelector('#data-tabs [aria-selected=true]').textContent === 'Difference'")
        browser.picture(folder / "page.png")
        print(folder / "page.png")


def _recorded() -> RecordedSession:
    (recording,) = read_recordings(_SAMPLE / "history.json")
    return open_recording(recording, load(_SAMPLE / "definition.asl.json"))
