"""Pages of runs, for tests: the runs that they are of, and what lies in them."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, TaskFailure
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.page.document import NamedRun, run_page
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler

HIT = "window.__hit = 1"
HOSTILE = (
    f"""</script><script>{HIT}</script><img src=x onerror="{HIT}">'"><svg onload={HIT}><!-- ${{__hit}} \u2028\u2029"""
)
"""Whatever reads it as markup, or as a script, runs a script."""

HOSTILE_MACHINE: dict[str, Any] = {
    "Comment": HOSTILE,
    "StartAt": HOSTILE[:70],
    "States": {
        HOSTILE[:70]: {"Type": "Pass", "Result": {HOSTILE: HOSTILE, "__proto__": {"x": HOSTILE}}, "Next": "End it"},
        "End it": {"Type": "Fail", "Error": HOSTILE, "Cause": HOSTILE},
    },
}


def loop(turns: int) -> dict[str, Any]:
    """A machine that goes round so many times, with data that differ in each: four events a turn."""
    counted = {"n.$": "States.MathAdd($.n, 1)", "name.$": "States.Format('item {}', $.n)"}
    return {
        "StartAt": "Add",
        "States": {
            "Add": {"Type": "Pass", "Parameters": counted, "Next": "More"},
            "More": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericLessThan": turns, "Next": "Add"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    }


def refuses(request: TaskRequest) -> Answer:
    """The answer of a card that is never accepted: two tries fail in a way that is tried again, the third does not."""
    error = "Lambda.TooManyRequestsException" if request.attempt < 3 else "CardRefused"
    return TaskFailure(error, "no money on 4000-1234")


def ended(definition: Any, input: Any = None, **answers: Any) -> Debugger:
    """A debugger at the end of a run."""
    debugger = Debugger(definition, input if input is not None else {}, tasks=Handler(answers))
    debugger.run()
    assert debugger.view().is_finished
    return debugger


def refused() -> Debugger:
    """An order whose payment is refused, after two more tries."""
    return ended(ORDER, ORDER_INPUT, Charge=refuses)


def page_of(*debuggers: Debugger, redact: bool = False) -> str:
    """The page of runs, called after letters."""
    runs = [NamedRun(debugger, name) for debugger, name in zip(debuggers, "AB", strict=False)]
    return run_page(runs, redact=redact)


def contents_of(page: str) -> dict[str, Any]:
    """The table of contents of a page."""
    found = re.search(r'<script type="application/json" id="contents">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    contents: dict[str, Any] = json.loads(found[1])
    return contents


def pieces_of(page: str) -> dict[str, Any]:
    """What lies in a page, unpacked."""
    found = re.findall(r'<script type="text/plain" id="([a-z0-9-]+)">([A-Za-z0-9+/=]*)</script>', page)
    return {name: json.loads(gzip.decompress(base64.b64decode(text))) for name, text in found}


def values_of(page: str) -> list[Any]:
    """The values in a page, by number."""
    pieces = pieces_of(page)
    return [json.loads(text) for part in range(len(contents_of(page)["values"])) for text in pieces[f"x{part}"]]
