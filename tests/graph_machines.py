"""Machines to draw: plain ASL values made into definitions without the loader, and a seeded generator of them."""

from __future__ import annotations

from random import Random
from typing import Any

from sfdebug.asl.definition import Catcher, ChoiceRule, Retrier, Scope, State, StateMachine, StatePath, StateType
from sfdebug.asl.text.source import Document, Source

Asl = dict[str, Any]

_DEEPEST = 3
"""How many containers stand around one another."""


def machine(definition: Asl, name: str = "machine") -> StateMachine:
    """`definition` as the graph takes it; targets may be missing, nothing is checked."""
    document = Document(definition, Source(name, ""))
    return StateMachine(_scope(definition, ()), document)


def _scope(definition: Asl, path: StatePath) -> Scope:
    states = {name: _state(name, fields, (*path, name)) for name, fields in definition["States"].items()}
    return Scope(definition["StartAt"], states, (), path)


def _state(name: str, fields: Asl, path: StatePath) -> State:
    inner = list(fields.get("Branches", []))
    if fields["Type"] == "Map":
        inner = [fields.get("ItemProcessor") or fields["Iterator"]]
    return State(
        name=name,
        type=StateType(fields["Type"]),
        path=path,
        pointer=(),
        fields=fields,
        next=fields.get("Next"),
        end=fields.get("End") is True,
        retriers=tuple(
            Retrier(index, tuple(each["ErrorEquals"]), 1, 3, 2.0, None, "NONE", ())
            for index, each in enumerate(fields.get("Retry", []))
        ),
        catchers=tuple(
            Catcher(index, tuple(each["ErrorEquals"]), each["Next"], each, ())
            for index, each in enumerate(fields.get("Catch", []))
        ),
        choices=tuple(
            ChoiceRule(index, each["Next"], each, ()) for index, each in enumerate(fields.get("Choices", []))
        ),
        default=fields.get("Default"),
        branches=tuple(_scope(branch, (*path, index)) for index, branch in enumerate(inner)),
    )


def generated(seed: int, states: int, wild: float = 0.05, *, containers: bool = True, all_reached: bool = False) -> Asl:
    """A definition with about `states` states, built as people build them.

    Sequences, Choices that come together again, polling loops, Catches to a common handler, nested Parallels and
    Maps; and, for a share `wild` of the transitions, anything to anywhere. Without `containers`, all is in one scope.
    Where every state is to be reached from the start, these are added instead of leading others elsewhere.
    """
    return _Generator(Random(seed), wild, adds=all_reached).scope(states, 0 if containers else _DEEPEST)


class _Generator:
    def __init__(self, random: Random, wild: float, *, adds: bool = False) -> None:
        self.random = random
        self.wild = wild
        self.adds = adds
        self.count = 0

    def scope(self, budget: int, depth: int) -> Asl:
        """A scope of about `budget` states, content of containers included."""
        scope = _ScopeGenerator(self, depth)
        if budget > 3:
            scope.handlers = [scope.add({"Type": "Fail"}) for _ in range(self.random.randint(1, 2))]
        start = scope.sequence(max(1, budget - len(scope.handlers)), None)
        names = list(scope.states)
        for name in names:
            scope.go_wild(scope.states[name], names)
        # Written in the order of the run, as people do: it was built from its end.
        return {"StartAt": start, "States": {name: scope.states[name] for name in reversed(names)}}


class _ScopeGenerator:
    def __init__(self, generator: _Generator, depth: int) -> None:
        self.generator = generator
        self.random = generator.random
        self.depth = depth
        self.states: Asl = {}
        self.handlers: list[str] = []

    def add(self, fields: Asl) -> str:
        """Add a state under a new name."""
        self.generator.count += 1
        words = ("Charge card", "Check", "Reserve the stock of all items", "Notify", "Wait for it", "写真を処理する")
        name = f"{self.random.choice(words)} {self.generator.count}"
        self.states[name] = fields
        return name

    def sequence(self, budget: int, after: str | None) -> str:
        """About `budget` states that end in `after`, or end the scope; the name of the first."""
        entry = after
        while budget > 0 or entry is None:
            kind = self.random.choices(("step", "choice", "poll", "container"), (10, 3, 1, 2))[0]
            if kind == "choice" and budget > 4:
                size = self.random.randint(3, min(budget, 12))
                entry = self.choice(size, entry)
            elif kind == "poll" and budget > 4:
                size = 4
                entry = self.poll(entry)
            elif kind == "container" and budget > 3 and self.depth < _DEEPEST:
                size = self.random.randint(3, min(budget, 16))
                entry = self.container(size - 1, entry)
            else:
                size = 1
                entry = self.step(self.random.choice(("Task", "Task", "Task", "Pass", "Wait")), entry)
            budget -= size
        return entry

    def step(self, kind: str, after: str | None, fields: Asl | None = None) -> str:
        state: Asl = {"Type": kind, **(fields or {})}
        state |= {"Next": after} if after is not None else {"End": True}
        if kind in ("Task", "Parallel", "Map"):
            if self.random.random() < 0.4:
                state["Retry"] = [{"ErrorEquals": ["States.ALL"]}]
            if self.handlers and self.random.random() < 0.35:
                errors = self.random.choice((["States.ALL"], ["Lambda.TooManyRequestsException", "States.Timeout"]))
                state["Catch"] = [{"ErrorEquals": errors, "Next": self.random.choice(self.handlers)}]
        return self.add(state)

    def choice(self, budget: int, after: str | None) -> str:
        count = self.random.randint(2, 4)
        last = after if after is not None else self.add({"Type": "Succeed"})
        targets = []
        for _ in range(count):
            size = self.random.randint(0, budget // count)
            targets.append(self.sequence(size, last) if size else last)
        return self.add({"Type": "Choice", "Choices": self.rules(targets[1:]), "Default": targets[0]})

    def rules(self, targets: list[str]) -> list[Asl]:
        return [
            {"Variable": f"$.order.field{rule}", "NumericGreaterThan": rule, "Next": target}
            for rule, target in enumerate(targets)
        ]

    def poll(self, after: str | None) -> str:
        last = after if after is not None else self.add({"Type": "Succeed"})
        choice: Asl = {"Type": "Choice", "Choices": [], "Default": last}
        check = self.step("Task", self.add(choice))
        wait = self.step("Wait", check)
        choice["Choices"] = self.rules([wait, *self.handlers[:1]])
        return self.step("Task", wait)

    def container(self, budget: int, after: str | None) -> str:
        generator, depth = self.generator, self.depth + 1
        if self.random.random() < 0.5:
            return self.step("Map", after, {"ItemProcessor": generator.scope(budget, depth)})
        count = self.random.randint(1, 4)
        branches = [generator.scope(max(1, budget // count), depth) for _ in range(count)]
        return self.step("Parallel", after, {"Branches": branches})

    def go_wild(self, state: Asl, names: list[str]) -> None:
        """Lead some transitions of `state` anywhere."""
        if self.generator.adds:
            kind, more = ("Choices", {"Variable": "$.wild"}) if state["Type"] == "Choice" else ("Catch", {})
            if state["Type"] in ("Choice", "Task", "Map", "Parallel") and self.random.random() < self.generator.wild:
                added = {**more, "ErrorEquals": ["Wild"], "Next": self.random.choice(names)}
                state.setdefault(kind, []).append(added)
            return
        transitions = [state, *state.get("Choices", []), *state.get("Catch", [])]
        for transition in transitions:
            for key in ("Next", "Default"):
                if key in transition and self.random.random() < self.generator.wild:
                    transition[key] = self.random.choice(names)


def shaped(seed: int) -> Asl:
    """A machine of one of many shapes, by its seed: as people build them, and as they should not."""
    random = Random(1000 + seed)
    shape = _SHAPES[seed % len(_SHAPES)]
    return shape(random, seed)


def _tidy(random: Random, seed: int) -> Asl:
    return generated(seed, random.randint(3, 60))


def _flat(random: Random, seed: int) -> Asl:
    return generated(seed, random.randint(5, 60), containers=False)


def _wild(random: Random, seed: int) -> Asl:
    return generated(seed, random.randint(4, 40), 0.4)


def _wide(random: Random, seed: int) -> Asl:
    """A Choice of many targets, some of which go on, come together or lead back."""
    count = random.randint(6, 41)
    names = [_name(random, number) for number in range(count)]
    rules = [{"Variable": "$.kind", "StringEquals": f"K{number}", "Next": name} for number, name in enumerate(names)]
    states: Asl = {"Read": {"Type": "Task", "Next": "Route"}}
    states["Route"] = {"Type": "Choice", "Choices": rules[1:], "Default": names[0]}
    for number, name in enumerate(names):
        following = random.choice(["Done", "Done", "Done", f"More {number}", "Read", ""])
        states[name] = {"Type": "Task", "Next": following} if following else {"Type": "Fail"}
        if following.startswith("More"):
            states[following] = {"Type": "Pass", "Next": random.choice(["Done", names[(number + 1) % count]])}
        if random.random() < 0.2:
            states[name] = {"Type": "Task", "End": True, "Catch": [{"ErrorEquals": ["E.Failed"], "Next": "Route"}]}
    states["Done"] = {"Type": "Succeed"}
    return {"StartAt": "Read", "States": states}


def _ladder(random: Random, seed: int) -> Asl:
    """A saga: each step undone by one of its own, which leads to the one before."""
    count = random.randint(2, 9)
    states: Asl = {}
    for number in range(count):
        name, undo = f"Do {number}", f"Undo {number}"
        back = f"Undo {number - 1}" if number else "Failed"
        following = f"Do {number + 1}" if number + 1 < count else "Done"
        catch = [{"ErrorEquals": ["States.ALL"], "Next": undo if random.random() < 0.7 else back}]
        states[name] = {"Type": "Task", "Next": following, "Catch": catch}
        states[undo] = {"Type": "Task", "Next": back, "Retry": catch[:1]}
    return {"StartAt": "Do 0", "States": {**states, "Done": {"Type": "Succeed"}, "Failed": {"Type": "Fail"}}}


def _polls(random: Random, seed: int) -> Asl:
    """Loops one after the other, and some around others."""
    count = random.randint(1, 6)
    states: Asl = {}
    for number in range(count):
        wait, ask, ready = f"Wait {number}", _name(random, number), f"Ready {number}?"
        following = f"Wait {number + 1}" if number + 1 < count else "Done"
        states[wait] = {"Type": "Wait", "Seconds": 5, "Next": ask}
        states[ask] = {"Type": "Task", "Next": ready}
        if random.random() < 0.5:
            states[ask]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": random.choice([wait, "Wait 0", "Failed"])}]
        rules = [
            {"Variable": "$.status", "StringEquals": "RUNNING", "Next": wait},
            {"Variable": "$.status", "StringEquals": "FAILED", "Next": random.choice(["Failed", "Wait 0", ask])},
        ]
        states[ready] = {"Type": "Choice", "Choices": rules, "Default": following}
    return {"StartAt": "Wait 0", "States": {**states, "Done": {"Type": "Succeed"}, "Failed": {"Type": "Fail"}}}


def _loose(random: Random, seed: int) -> Asl:
    """Parts that nothing leads to."""
    machine = generated(seed, random.randint(4, 25), containers=False)
    names = list(machine["States"])
    for number in range(random.randint(1, 5)):
        following = random.choice([*names, f"Loose {random.randint(0, number)}"])
        machine["States"][f"Loose {number}"] = {"Type": "Pass", "Next": following}
    return machine


def _long_names(random: Random, seed: int) -> Asl:
    machine = generated(seed, random.randint(4, 30))
    return _renamed(machine, random)


def _renamed(scope: Asl, random: Random) -> Asl:
    names = {name: _name(random, number) * random.randint(1, 3) for number, name in enumerate(scope["States"])}
    states: Asl = {}
    for name, state in scope["States"].items():
        changed = dict(state)
        for key in ("Next", "Default"):
            if key in changed:
                changed[key] = names[changed[key]]
        for key in ("Choices", "Catch"):
            if key in changed:
                changed[key] = [{**each, "Next": names[each["Next"]]} for each in changed[key]]
        if "Branches" in changed:
            changed["Branches"] = [_renamed(branch, random) for branch in changed["Branches"]]
        if "ItemProcessor" in changed:
            changed["ItemProcessor"] = _renamed(changed["ItemProcessor"], random)
        states[names[name]] = changed
    return {"StartAt": names[scope["StartAt"]], "States": states}


def _name(random: Random, number: int) -> str:
    words = ("Ship", "Check the stock", "Write the record of the customer", "Tell", "Look up the address", "処理する")
    return f"{random.choice(words)} {number}"


_SHAPES = (_tidy, _flat, _wild, _wide, _ladder, _polls, _loose, _long_names)
