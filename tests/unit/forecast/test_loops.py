"""Loops in the order in which states were entered: whole turns, nested ones, and ways that only look like one."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.events import Event, EventType
from sfdebug.forecast.loops import LoopFinder, LoopTurn, RunLoop
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


class LookedAt(tuple[tuple[str, int], ...]):
    """A branch that counts how often somebody looks what is around it."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        LookedAt.looks += 1
        return super().__getitem__(index)


def test_items_that_run_beside_one_another_are_looked_at_once_for_each_event() -> None:
    """20,000 items enter their state, and then again: each turn has the events of all other items in it."""
    LookedAt.looks, items = 0, [LookedAt((("Each", number),)) for number in range(20_000)]
    finder = LoopFinder()
    for at in range(2 * len(items)):
        branch = items[at % len(items)]
        finder.take(Event(at + 1, at, EventType.PASS_STATE_ENTERED, at, branch, "In", {}), 1, at % 7)
    assert LookedAt.looks <= 4 * (2 * len(items))
    (loop,) = finder.found()
    assert (loop.branch, loop.last) == (items[0], LoopTurn(0, 20_000, 1, 1, 0, 0, 20_000))


@pytest.mark.parametrize(
    ("way", "sizes", "peaks"),
    [
        ("SABAB", (0, 1, 9, 2, 3), {"A": [9]}),
        ("SOIJIJKO", (0, 1, 2, 3, 4, 5, 6, 7), {"I": [3], "O": [6]}),
        ("SOIJIJKO", (0, 1, 2, 8, 4, 5, 6, 7), {"I": [8], "O": [8]}),
        ("SOIJIJIJO", (0, 9, 2, 3, 8, 5, 6, 7, 1), {"I": [3, 8], "O": [9]}),
    ],
)
def test_the_largest_payload_of_a_turn_is_that_of_the_turns_in_it_too(
    way: str, sizes: tuple[int, ...], peaks: dict[str, list[int]]
) -> None:
    finder = LoopFinder()
    for at, (letter, size) in enumerate(zip(way, sizes, strict=True)):
        finder.take(Event(at + 1, at, EventType.PASS_STATE_ENTERED, at, (), letter, {}), 1, size)
    assert {loop.head: [turn.peak for turn in loop.turns] for loop in finder.found()} == peaks


def test_what_is_below_a_branch_counts_into_its_turns_and_what_is_beside_it_does_not() -> None:
    finder = LoopFinder()
    inner, beside = (("A", 0), ("M", 1)), (("A", 1),)
    entered_so = (((("A", 0),), "M", 1), (inner, "In", 5), (beside, "X", 9), ((("A", 0),), "M", 2))
    for at, (branch, state, size) in enumerate(entered_so):
        finder.take(Event(at + 1, at, EventType.PASS_STATE_ENTERED, at, branch, state, {}), 1, size)
    (loop,) = finder.found()
    assert (loop.head, loop.last.events, loop.last.peak) == ("M", 2, 5)
