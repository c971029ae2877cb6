"""What has changed between two definitions: states, transitions, fields, other names."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from sfdebug.asl.comparison import ChangeKind, MachineComparison, compare_machines
from sfdebug.asl.definition import StateMachine
from sfdebug.asl.examination import parse
from sfdebug.asl.text.source import Document, Source

Asl = dict[str, Any]
Changes = list[tuple[str, str, tuple[str, ...]]]

TASK: Asl = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}
PASS: Asl = {"Type": "Pass"}

ORDERS: Asl = {
    "StartAt": "Take",
    "States": {
        "Take": {**TASK, "Next": "Big?", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Give up"}]},
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 100, "Next": "Both"}],
            "Default": "Done",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Pack", "States": {"Pack": {**PASS, "Next": "Post"}, "Post": {**TASK, "End": True}}},
                {"StartAt": "Bill", "States": {"Bill": {**TASK, "End": True}}},
            ],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Give up": {"Type": "Fail"},
    },
}


def machine(definition: Asl) -> StateMachine:
    return parse(Document(definition, Source("machine", "")))


def compared(before: Asl, after: Asl) -> MachineComparison:
    return compare_machines(machine(before), machine(after))


def states(found: MachineComparison) -> Changes:
    return [("/".join(map(str, each.path)), each.kind.value, each.fields) for each in found.states]


def transitions(found: MachineComparison) -> list[tuple[str, str, str, str]]:
    def name(path: tuple[str | int, ...]) -> str:
        return "/".join(map(str, path))

    return [(name(each.place.source), name(each.place.target), each.place.kind, each.kind.value)
            for each in found.transitions]  # fmt: skip


def changed(**fields: Any) -> Asl:
    """`ORDERS` with other fields in some of its states: `Take={"Retry": ...}`; None takes a field, or a state, away."""
    found = deepcopy(ORDERS)
    for name, others in fields.items():
        state = found["States"].setdefault(name.replace("_", " "), {})
        if others is None:
            del found["States"][name]
            continue
        state.update(others)
        for field in [field for field, value in others.items() if value is None]:
            del state[field]
    return found


def test_nothing_has_changed() -> None:
    shuffled = deepcopy(ORDERS)
    shuffled["States"] = {name: dict(reversed(state.items())) for name, state in reversed(ORDERS["States"].items())}
    for other in (ORDERS, shuffled):
        found = compared(ORDERS, other)
        assert found.is_same
        assert (found.states, found.transitions, found.fields) == ((), (), ())


@pytest.mark.parametrize(
    ("fields", "differ"),
    [
        ({"Retry": [{"ErrorEquals": ["X"]}]}, ("Retry",)),
        ({"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}}, ("Resource", "Parameters")),
        ({"Comment": "new"}, ("Comment",)),
        ({"TimeoutSeconds": 1, "OutputPath": "$.a"}, ("TimeoutSeconds", "OutputPath")),
    ],
)  # fmt: skip
def test_every_field_is_compared(fields: Asl, differ: tuple[str, ...]) -> None:
    found = compared(ORDERS, changed(Take=fields))
    assert states(found) == [("Take", "changed", differ)]
    assert found.transitions == ()
    back = compared(changed(Take=fields), ORDERS)
    assert [(kind, set(names)) for _, kind, names in states(back)] == [("changed", set(differ))]


def test_true_is_not_one() -> None:
    one, true = ({"StartAt": "A", "States": {"A": {**PASS, "Result": value, "End": True}}} for value in (1, True))
    assert states(compared(one, true)) == [("A", "changed", ("Result",))]


def test_a_state_and_its_transitions_come_and_go() -> None:
    after = changed(Done={"Type": "Pass", "Next": "Tell"}, Tell={"Type": "Succeed"})
    found = compared(ORDERS, after)
    assert states(found) == [("Done", "changed", ("Type", "Next")), ("Tell", "added", ())]
    assert transitions(found) == [("Done", "Tell", "next", "added")]
    back = compared(after, ORDERS)
    assert ("Tell", "removed", ()) in states(back)
    assert transitions(back) == [("Done", "Tell", "next", "removed")]
    assert [each.before for each in back.states] == [("Done",), ("Tell",)]


def test_rules_and_catchers_of_one_transition() -> None:
    rule = {"Variable": "$.n", "NumericGreaterThan": 200, "Next": "Both"}
    catcher = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Give up"}
    found = compared(ORDERS, changed(**{"Big?": {"Choices": [rule]}, "Take": {"Catch": [catcher]}}))
    assert transitions(found) == [
        ("Take", "Give up", "catch", "changed"),
        ("Big?", "Both", "choice", "changed"),
    ]
    assert [each.fields for each in found.transitions] == [("ResultPath",), ("NumericGreaterThan",)]
    assert [each.before[0].get("NumericGreaterThan") for each in found.transitions] == [None, 100]
    twice = compared(ORDERS, changed(**{"Big?": {"Choices": [rule, rule]}}))
    assert [(each.kind, len(each.after), each.fields) for each in twice.transitions] == [(ChangeKind.CHANGED, 2, ())]


def test_states_inside_containers() -> None:
    after = deepcopy(ORDERS)
    packing = after["States"]["Both"]["Branches"][0]
    packing["States"]["Weigh"] = {**PASS, "Next": "Pack"}
    packing["StartAt"] = "Weigh"
    packing["States"]["Post"]["TimeoutSeconds"] = 5
    found = compared(ORDERS, after)
    assert states(found) == [
        ("Both", "changed", ("Branches[0].StartAt",)),
        ("Both/0/Post", "changed", ("TimeoutSeconds",)),
        ("Both/0/Weigh", "added", ()),
    ]
    assert ("Both", "Both/0/Weigh", "start", "added") in transitions(found)
    assert ("Both", "Both/0/Pack", "start", "removed") in transitions(found)


def test_branches_are_paired_by_their_states() -> None:
    after = deepcopy(ORDERS)
    after["States"]["Both"]["Branches"].reverse()
    assert states(compared(ORDERS, after)) == [("Both", "changed", ("Branches",))]
    del after["States"]["Both"]["Branches"][1]
    found = compared(ORDERS, after)
    assert states(found) == [
        ("Both", "changed", ("Branches",)),
        ("Both/1/Pack", "removed", ()),
        ("Both/1/Post", "removed", ()),
    ]
    assert found.places["Both", 0, "Pack"] == ("Both", 1, "Pack")
    assert found.places["Both", 1] == ("Both", 0)


def test_a_container_that_is_new_has_all_its_states_added() -> None:
    before = changed(Both=None)
    before["States"]["Big?"]["Choices"][0]["Next"] = "Done"
    found = compared(before, ORDERS)
    assert [path for path, kind, _ in states(found) if kind == "added"] == [
        "Both", "Both/0/Pack", "Both/0/Post", "Both/1/Bill",
    ]  # fmt: skip
    gone = compared(ORDERS, changed(Both={"Type": "Pass", "Branches": None}))
    assert ("Both", "changed", ("Type", "Branches")) in states(gone)
    assert ("Both/1/Bill", "removed", ()) in states(gone)


# Other names


def renamed(definition: Asl, names: dict[str, str]) -> Asl:
    """Every state and transition with another name."""

    def value(each: Any) -> Any:
        if isinstance(each, dict):
            return {
                names.get(key, key): names.get(inner, inner) if key in ("Next", "Default", "StartAt") else value(inner)
                for key, inner in each.items()
            }
        return [value(inner) for inner in each] if isinstance(each, list) else each

    found: Asl = value(definition)
    return found


def test_a_state_under_another_name_is_the_same() -> None:
    names = {"Take": "Accept", "Both": "Send", "Big?": "Large?"}
    found = compared(ORDERS, renamed(ORDERS, names))
    assert {each.before: each.path for each in found.of_kind(ChangeKind.RENAMED)} == {
        (old,): (new,) for old, new in names.items()
    }
    assert len(found.states) == len(names)
    assert (found.transitions, found.fields) == ((), ())  # StartAt leads to the same state
    assert found.places["Both", 1, "Bill"] == ("Send", 1, "Bill")


def test_a_loop_of_renamed_states() -> None:
    loop: Asl = {
        "StartAt": "A",
        "States": {
            "A": {**PASS, "Next": "B"},
            "B": {**TASK, "Next": "A", "Catch": [{"ErrorEquals": ["E"], "Next": "End"}]},
            "End": {"Type": "Succeed"},
        },
    }
    found = compared(loop, renamed(loop, {"A": "C", "B": "D"}))
    assert [kind for _, kind, _ in states(found)] == ["renamed", "renamed"]
    assert found.transitions == ()


def test_a_body_that_differs_or_is_not_the_only_one_is_no_other_name() -> None:
    pair: Asl = {"StartAt": "A", "States": {"A": {**PASS, "Next": "Z"}, "Z": {"Type": "Succeed"}}}
    other: Asl = {"StartAt": "B", "States": {"B": {**PASS, "Result": 1, "Next": "Z"}, "Z": {"Type": "Succeed"}}}
    assert [kind for _, kind, _ in states(compared(pair, other))] == ["removed", "added"]
    twins = deepcopy(pair)
    del twins["States"]["A"]
    twins["StartAt"] = "B"
    twins["States"] |= {"B": {**PASS, "Next": "Z"}, "C": {**PASS, "Next": "Z"}}
    assert sorted(kind for _, kind, _ in states(compared(pair, twins))) == ["added", "added", "removed"]
    elsewhere = deepcopy(pair)
    del elsewhere["States"]["A"]
    elsewhere["StartAt"] = "B"
    elsewhere["States"] |= {"B": {**PASS, "Next": "Y"}, "Y": {"Type": "Fail"}}
    assert sorted(kind for _, kind, _ in states(compared(pair, elsewhere))) == ["added", "added", "removed"]


def test_the_machine_itself() -> None:
    after = {**deepcopy(ORDERS), "TimeoutSeconds": 60, "Comment": "x"}
    after["StartAt"] = "Big?"
    found = compared(ORDERS, after)
    assert set(found.fields) == {"StartAt", "TimeoutSeconds", "Comment"}
    assert transitions(found) == [("", "Big?", "start", "added"), ("", "Take", "start", "removed")]
    assert found.states == ()
