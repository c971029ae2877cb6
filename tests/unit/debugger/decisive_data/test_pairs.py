"""Pairs of a failed and a succeeded execution: the first difference named is the one that a person would name."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.debugger.decisive_data.model import CallContrast, DatumSource, DecidingKind
from sfdebug.history.partings import PartingKind
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.reports.contrasts import contrast_dict, contrast_sentences, contrast_text, lead_sentence
from tests.compared_pairs import (
    JSONATA,
    LOOP,
    NESTED,
    PAIRS,
    RETRIED,
    SLOW,
    THRESHOLD,
    Pair,
    Run,
    session,
)
from tests.debugger_runs import machine, passing, task


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_first_difference_is_what_a_person_would_name(pair: Pair) -> None:
    found = contrast(*pair.sessions())
    sentences = contrast_sentences(found)
    assert sentences[0].startswith(pair.lead), "\n".join(sentences)
    text = "\n".join(contrast_text(found))
    for line in pair.also:
        assert line in text, text
    first = text.split("\nwhat took")[0].split("\nwhere the inputs")[0]
    for made_up in ("o-1001", "5f2c9a44", "09:00:00Z", "traceId", "q-991"):
        assert made_up not in first, "what differs in every execution is no cause"
    assert json.loads(json.dumps(contrast_dict(found)))["sentence"] == sentences[0]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_other_way_round_it_is_the_same_place(pair: Pair) -> None:
    failed, good = pair.sessions()
    there, back = contrast(failed, good), contrast(good, failed)
    assert (there.leading is None) == (back.leading is None)
    if there.leading is not None and back.leading is not None:
        mine, theirs = there.leading, back.leading
        assert (mine.kind, mine.state, mine.branch, mine.number) == (
            theirs.kind,
            theirs.state,
            theirs.branch,
            theirs.number,
        )
        assert there.deciding is not None
        assert back.deciding is not None
        assert [one.text for one in there.deciding.data] == [one.text for one in back.deciding.data]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_one_is_like_itself(pair: Pair) -> None:
    for run in pair.sessions():
        found = contrast(run, run)
        assert (found.leading, found.slower, found.inputs, found.results) == (None, (), (), ())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_without_a_definition_only_what_the_recordings_show(pair: Pair) -> None:
    known, found = contrast(*pair.sessions()), contrast(*pair.sessions(with_definition=False))
    assert (found.leading is None) == (known.leading is None)
    if found.leading is not None and known.leading is not None:
        assert (found.leading.kind, found.leading.state) == (known.leading.kind, known.leading.state)
    if found.deciding is not None:
        kinds = (DecidingKind.RULE, DecidingKind.EXPRESSION, DecidingKind.DEFINITION)
        assert found.deciding.kind not in kinds, "nothing was computed"
        assert all(one.source is DatumSource.SHOWN for one in found.deciding.data)
    text = "\n".join(contrast_text(found))
    assert "what its states did with their data is not known" in text


def test_a_datum_is_followed_through_the_task_that_gave_it() -> None:
    found = contrast(*THRESHOLD.sessions())
    assert found.deciding is not None
    (total,) = found.deciding.data
    assert (total.source, total.state, total.pointer, total.call) == (
        DatumSource.RESULT,
        "Quote",
        "/total",
        CallContrast.OTHER,
    )
    (quantity,) = total.sources
    assert (quantity.source, quantity.pointer, quantity.left_there, quantity.right_there) == (
        DatumSource.INPUT,
        "/quantity",
        100,
        2,
    )
    (condition,) = contrast(*JSONATA.sessions()).deciding.data  # type: ignore[union-attr]
    assert condition.call is CallContrast.MADE_UP
    assert condition.made_up == ("/id",)


def test_called_with_the_same_is_said_only_where_it_was_compared() -> None:
    failed, good = RETRIED.sessions()
    found = contrast(failed, good).deciding
    assert found is not None
    assert (found.call, found.made_up) == (CallContrast.MADE_UP, ("/requestId",))
    bare = [
        replace(event, details={name: value for name, value in event.details.items() if name != "parameters"})
        if not isinstance(event, tuple)
        else event._replace(details={k: v for k, v in event.details.items() if k not in ("parameters", "input")})
        for event in failed.recording.events
    ]
    from sfdebug.debugger.recorded.session import open_recording

    cut = open_recording(replace(failed.recording, events=tuple(bare)))
    other = contrast(cut, good).deciding
    assert other is not None
    assert other.call is CallContrast.NOT_RECORDED
    assert "what it was called with was not recorded in both" in contrast_sentences(contrast(cut, good))


def test_paths_that_meet_again_are_told_of_after_what_led_to_the_failure() -> None:
    detour = Pair(
        "a detour",
        machine(
            Vip={
                "Type": "Choice",
                "Choices": [{"Variable": "$.vip", "BooleanEquals": True, "Next": "Discount"}],
                "Default": "Charge",
            },
            Discount=passing("Charge", Result=0.5, ResultPath="$.factor"),
            Charge=task(Parameters={"all.$": "$"}),
        ),
        Run({"vip": True, "n": 1}, {"Charge": lambda request: _refused("factor 0.5")}),
        Run({"vip": False, "n": 1}),
        "",
    )
    found = contrast(*detour.sessions())
    assert lead_sentence(found).startswith("Charge failed in A with Refused (factor 0.5)")
    (before,) = found.partings.before
    assert (before.state, before.meets_at, before.kind) == ("Vip", "Charge", PartingKind.NEXT)
    assert found.deciding is not None
    by_name = {one.text: one for one in found.deciding.data}
    assert by_name["/all/factor"].source is DatumSource.WAYS
    assert by_name["/all/factor"].writers == ("written in Discount, which the other one did not enter", "nothing")
    text = "\n".join(contrast_text(found))
    assert "after Vip, A went on to Discount, B went on to Charge, and they meet again at Charge" in text


def _refused(cause: str) -> object:
    from sfdebug.engine.execution.decisions import TaskFailure

    return TaskFailure("Refused", cause)


def test_an_iteration_that_the_other_execution_does_not_have() -> None:
    pair = next(one for one in PAIRS if one.name.startswith("an item"))
    few = replace_run(pair.good, {"lines": [{"sku": "a", "n": 1}]})
    found = contrast(session(pair, pair.failed, "run-failed"), session(pair, few, "run-good"))
    assert lead_sentence(found) == (
        "Pick in Each #1 failed in A with Empty (nothing of b is wanted); B has no such iteration: "
        "A had 3 items, B 1 item"
    )
    assert found.deciding is not None
    assert (found.deciding.data[0].source, found.deciding.data[0].pointer) == (DatumSource.INPUT, "/lines")


def replace_run(run: Run, input: object) -> Run:
    """The same run with another input."""
    return Run(input, run.answers)


def test_what_is_ignored_is_no_difference() -> None:
    left, right = SLOW.sessions()
    found = contrast(left, right, Rules(ignore=frozenset({"timestamps", "/orderId", "/requestId", "/at", "/traceId"})))
    assert (found.leading, found.slower, found.inputs, found.results) == (None, (), (), ())
    assert lead_sentence(found) == "the paths are the same, and nothing that was compared took much longer"


def test_a_recording_that_ends_early_parts_nowhere_beyond_its_end() -> None:
    for pair in (LOOP, NESTED):
        failed, good = pair.sessions()
        events = failed.recording.events
        from sfdebug.debugger.recorded.session import open_recording

        for count in range(3, len(events)):
            cut = replace(failed.recording, events=events[:count], has_more=True)
            found = contrast(open_recording(cut, failed.machine), good)
            parting = found.leading
            whole = contrast(failed, good).leading
            assert whole is not None
            if parting is not None:
                assert (parting.state, parting.number) == (whole.state, whole.number), count
