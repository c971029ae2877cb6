"""Loops in the order in which states were entered: whole turns, nested ones, and ways that only look like one."""

from __future__ import annotations

import pytest

from sfdebug.engine.execution.events import Event
from sfdebug.forecast.loops import RunLoop
from sfdebug.forecast.meter import RunMeter


def entered(way: str, branch: tuple[tuple[str, int], ...] = ()) -> list[Event]:
    """A history that enters and leaves a Pass state for each letter."""
    events: list[Event] = []
    for letter in way:
        for what in ("Entered", "Exited"):
            at = len(events) + 1
            events.append(
                Event(at, at - 1, f"PassStateState{what}".replace("StateState", "State"), at, branch, letter, {})
            )
    return events


def loops_of(way: str) -> dict[str, tuple[str, int]]:
    """By head: the states, and the whole turns."""
    return {loop.head: ("".join(loop.states), len(loop.turns)) for loop in RunMeter(entered(way)).loops.found()}


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("SABC", {}),
        ("SAA", {"A": ("A", 1)}),
        ("SABCABCABD", {"A": ("ABC", 2)}),
        ("SOIJIJKOIJIJIJK", {"O": ("OIJK", 1), "I": ("IJ", 2)}),
        ("SOZOYZOZ", {"O": ("OYZ", 2)}),
        ("SACACBCD", {"A": ("AC", 1), "C": ("CB", 1)}),
    ],
)
def test_heads_states_and_turns(way: str, expected: dict[str, tuple[str, int]]) -> None:
    found = loops_of(way)
    assert {head: found[head] for head in expected} == expected
    assert set(found) == set(expected)


def test_what_a_turn_used_is_known_at_every_event() -> None:
    meter = RunMeter(entered("SABAB"))
    (loop,) = meter.loops.found()
    assert (loop.last.events, loop.last.transitions, loop.last.milliseconds) == (4, 2, 4)
    assert meter.loops.found(7) == (loop,)
    assert meter.loops.found(6) == (), "the head is not entered again yet"
    assert [meter.at(count).transitions for count in range(11)] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_branches_have_loops_of_their_own() -> None:
    one, other = entered("XYXYZ", (("P", 0),)), entered("XY", (("P", 1),))
    mixed = [event for pair in zip(one, [*other, *entered("VWVW", ())[:6]], strict=True) for event in pair]
    found = {(loop.branch, loop.head): loop for loop in RunMeter(mixed).loops.found()}
    loop: RunLoop = found[(("P", 0),), "X"]
    assert (loop.states, loop.last.events, loop.last.transitions) == (("X", "Y"), 4, 2)
    assert ((("P", 1),), "X") not in found
