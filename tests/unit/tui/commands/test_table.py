"""The table of keys: complete, without clashes, and the source of bindings, footer, help and palette."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.binding import Binding

from sfdebug.debugger import Debugger
from sfdebug.tui.commands.suggested import MOST, useful
from sfdebug.tui.commands.table import BY_ID, COMMANDS, Group, KeyCommand, KeyScope, bindings_for, key_label
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.json.lines import JsonLines
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.widgets.line_list import LineList
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler

VERBS = [command for command in COMMANDS if command.group in (Group.STEP, Group.IMPOSE, Group.TIME)]
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
    assert callable(getattr(debugger, command.verb))
    why = debugger.can(command.verb)
    assert why is None or isinstance(why, str)


def test_every_action_of_the_screen_is_there() -> None:
    screen = DebugScreen(Debugger(ORDER, ORDER_INPUT, tasks=Handler()), "order.asl.json")
    wanted = {command.action for command in COMMANDS if command.scope is KeyScope.EVERYWHERE and command.action}
    assert wanted == set(screen.commands.actions)


@pytest.mark.parametrize(("scope", "widget"), [(KeyScope.GRAPH, GraphView), (KeyScope.LISTS, LineList)])
def test_every_action_of_a_pane_is_there(scope: KeyScope, widget: type) -> None:
    for command in COMMANDS:
        if command.scope is scope:
            assert callable(getattr(widget, f"action_{command.action}")), command.id


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
        ("ctrl+p", "Ctrl+p"),
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
