"""A mock file with two test cases for one Task: `Good` gives `{"ok": true}`, `Bad` fails with `Refused`."""

from __future__ import annotations

import json


def good_and_bad(state: str) -> str:
    """The text of the file, for the Task of this name."""
    cases = {"Good": {state: "Yes"}, "Bad": {state: "No"}}
    responses = {
        "Yes": {"0": {"Return": {"ok": True}}},
        "No": {"0": {"Throw": {"Error": "Refused", "Cause": "no"}}},
    }
    return json.dumps({"StateMachines": {"M": {"TestCases": cases}}, "MockedResponses": responses})
