"""The table of keys: complete, without clashes, and what bindings, help, palette and footer make of it."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest
from textual import actions
from textual.binding import Binding

from sfdebug.debugger import Debugger, Hint, Verb
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.keys import (
    BY_ID,
    COMMANDS,
    MOST,
    Group,
    KeyCommand,
    KeyScope,
    bindings_for,
    key_label,
    useful,
    with_keys,
)
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.widgets.line_list import LineList
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler

VERBS = [command for command in COMMANDS if command.group in (Group.STEP, Group.INTERVENE, Group.TIME)]
PANE_KEYS = {
    "graph": [key for command in COMMANDS if command.scope is KeyScope.GRAPH for key in command.keys],
    "lists": [key for command in COMMANDS if command.scope is KeyScope.LISTS for key in command.keys],
    "json": [
        key.strip()
        for binding in (*JsonLines.BINDINGS, *JsonView.BINDINGS)
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    ],
}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


@pytest.mark.parametrize("scope", KeyScope)
def test_a_key_means_one_thing_in_its_scope(scope: KeyScope) -> None:
    keys = Counter(key for command in COMMANDS if command.scope is scope for key in (*command.keys, *command.aliases))
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("pane", PANE_KEYS)
def test_no_pane_takes_the_key_of_a_verb(pane: str) -> None:
    verbs = {key for command in VERBS for key in command.keys}
    assert verbs & set(PANE_KEYS[pane]) == set()


def test_lowercase_forward_uppercase_back() -> None:
    for verb in ("over", "into", "out", "continue"):
        assert BY_ID[f"back.{verb}"].keys[0] == BY_ID[f"step.{verb}"].keys[0].upper()


@pytest.mark.parametrize("command", VERBS, ids=lambda command: command.id)
def test_no_verb_needs_a_function_key(command: KeyCommand) -> None:
    assert len(key_label(command.keys[0])) == 1


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.verb], ids=lambda command: command.id)
def test_verbs_are_those_of_the_debugger(command: KeyCommand) -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    assert command.verb is not None
    assert debugger.can(command.verb) is (debugger.why_unavailable(command.verb) is None)


def test_every_action_of_the_screen_is_there() -> None:
    screen = DebugScreen(Debugger(ORDER, ORDER_INPUT, tasks=Handler()), "order.asl.json")
    for command in COMMANDS:
        if command.scope is KeyScope.EVERYWHERE and command.action:
            inspect.signature(screen.commands.action_of(command.id)).bind(*command.arguments)
        elif command.scope is KeyScope.EVERYWHERE:
            assert command.verb is not None, command.id
            inspect.signature(getattr(screen.debugger, command.verb)).bind()


def test_a_hint_is_worded_with_the_key_of_its_verb() -> None:
    takes = (Hint(Verb.STEP_OVER, "follows it"), Hint(Verb.LEAVE_FORK, "takes it back"))
    assert with_keys("ahead: edited it", takes) == "ahead: edited it; n follows it, u takes it back"
    assert with_keys("Ahead: edited it.", takes[:1]) == "Ahead: edited it; n follows it."
    assert with_keys("it ends here", (Hint(Verb.FORK_HERE, "goes on"),)) == "it ends here: F goes on"
    assert with_keys("over: step back", (Hint(Verb.STEP_BACK), Hint(Verb.RESTART))) == "over: step back (S, R)"
    assert with_keys("as it is", ()) == "as it is"


@pytest.mark.parametrize(("scope", "widget"), [(KeyScope.GRAPH, GraphView), (KeyScope.LISTS, LineList)])
def test_every_action_of_a_pane_is_there(scope: KeyScope, widget: type) -> None:
    for command in COMMANDS:
        if command.scope is scope:
            _, name, arguments = actions.parse(command.action)
            inspect.signature(getattr(widget, f"action_{name}")).bind(widget, *arguments)


def test_bindings_carry_the_stable_ids() -> None:
    bindings = bindings_for(KeyScope.EVERYWHERE, "command('{id}')")
    assert {binding.id for binding in bindings} == {c.id for c in COMMANDS if c.scope is KeyScope.EVERYWHERE}
    over = next(binding for binding in bindings if binding.id == "step.over")
    assert over.key == "n,f10"
    assert over.action == "command('step.over')"
    assert over.tooltip == BY_ID["step.over"].help


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_help_is_one_short_sentence(command: KeyCommand) -> None:
    assert command.help[0].isupper()
    assert len(command.help) <= 60
    assert not command.help.endswith(".")


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("n", "n"),
        ("N", "N"),
        ("f10", "F10"),
        ("shift+f11", "Shift+F11"),
        ("question_mark", "?"),
        ("left_curly_bracket", "{"),
        ("alt+1", "Alt+1"),
        ("ctrl+p", "Ctrl+P"),
        ("pagedown", "PgDn"),
    ],
)
def test_keys_are_shown_as_people_write_them(key: str, label: str) -> None:
    assert key_label(key) == label


# The moment


def offered(debugger: Debugger) -> tuple[str, ...]:
    ids = useful(debugger.view())
    assert len(ids) <= MOST
    assert all(id in BY_ID for id in ids)
    return ids


def test_at_a_choice_forcing_is_offered() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    assert "impose.force" not in offered(debugger)
    debugger.step_over()
    assert "impose.force" in offered(debugger)


def test_a_task_that_waits_is_to_be_answered_first() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    debugger.step_over()
    assert offered(debugger)[0] == "impose.answer"


def test_at_the_end_only_what_goes_back_is_offered() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=Handler())
    debugger.run()
    assert offered(debugger)[:2] == ("back.over", "back.into")
    assert "step.over" not in offered(debugger)


def test_inside_a_map_one_can_leave_it() -> None:
    debugger = Debugger(EACH, {"items": [1, 2]}, tasks=Handler())
    while not debugger.view().branch:
        debugger.step_into()
    assert "step.out" in offered(debugger)
