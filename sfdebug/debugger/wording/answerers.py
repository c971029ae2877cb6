"""Who answers a Task, in words: whole, and in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.tasks.answerers import AnswererKind

if TYPE_CHECKING:
    from sfdebug.tasks.answerers import Answerer

_WHOLE: Final = {
    AnswererKind.MOCK: "the mock, ",
    AnswererKind.MACHINE: "the state machine ",
    AnswererKind.FUNCTION: "the function ",
    AnswererKind.SERVICE: "the service, ",
    AnswererKind.OTHER: "the task handler ",
}


def in_words(who: Answerer) -> str:
    """`you`; `the mock, case Good (MockConfigFile.json)`; `the function charge (python app.py:handler)`."""
    if not who.name:
        return in_short(who)
    place = f" ({who.place})" if who.place else ""
    return f"{_WHOLE.get(who.kind, '')}{who.name}{place}"


def in_short(who: Answerer) -> str:
    """`you`; `the mock, case Good`; `its handler`; `the service on this machine`."""
    if who.kind is AnswererKind.FUNCTION:
        return "its handler" if who.name else "a function"
    if who.kind is AnswererKind.SERVICE:
        return f"the service {who.place}".rstrip()
    if who.kind is AnswererKind.RECORDING:
        return "the recording"
    if who.kind is AnswererKind.MACHINE:
        return f"{who.name}, run here" if who.name else "a state machine that was run"
    return f"{_WHOLE.get(who.kind, '')}{who.name}".removesuffix(", ")
