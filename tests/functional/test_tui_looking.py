"""Panes, sizes, searching, copying, help, palette, themes and the mouse on the screen."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.tui.keys import BY_ID, COMMANDS
from sfdebug.tui.painting.themes import THEMES
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.values import Json
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler, machine, task
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened

ITEMS: Json = {"items": [1, 2]}
PANES = ["graph", "stages", "data", "timeline"]


def shown(screen: DebugScreen) -> list[str]:
    return [name for name in PANES if screen.panes.pane(name).display]


# Sizes


async def test_a_small_terminal_shows_stages_and_data_together_and_the_others_alone() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        assert shown(session.screen) == ["graph"]
        assert "▸ Graph" in session.text.splitlines()[1]
        await session.press("tab")
        assert shown(session.screen) == ["stages", "data"]
        assert "2 Stages of Reserve" in session.text
        assert "3 Data: the input to come" in session.text
        assert "InputPath" in session.text
        await session.press("shift+tab", "shift+tab")
        assert shown(session.screen) == ["timeline"]
        await session.press("alt+3")
        assert shown(session.screen) == ["stages", "data"]
        assert session.app.focused is not None
        assert session.screen.data in session.app.focused.ancestors


@pytest.mark.parametrize("size", [MEDIUM, LARGE], ids=["120x40", "200x50"])
async def test_larger_terminals_show_all_panes(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        assert shown(session.screen) == PANES
        for title in ("1 Graph", "2 Stages of Reserve", "3 Data", "4 Timeline"):
            assert title in session.text


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])
@pytest.mark.parametrize("of", ["order", "each"])
async def test_the_panes_keep_their_sizes_while_one_steps(size: tuple[int, int], of: str) -> None:
    definition, given = (EACH, ITEMS) if of == "each" else (ORDER, ORDER_INPUT)
    async with opened(definition, given, tasks=Handler(), size=size) as session:
        regions = []
        for key in ("s", "s", "s", "s", "s", "n", "n", "N", "N", "n", "c"):
            await session.press(key)
            regions.append([session.screen.panes.pane(name).region for name in PANES])
        assert all(one == regions[0] for one in regions)


async def test_resizing_keeps_the_place_the_selection_and_the_focus() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "s", "s", "2", "k")
        focused = session.app.focused
        row = session.screen.stages.cursor
        for size in (SMALL, LARGE, (60, 12), MEDIUM):
            await session.resize(*size)
            assert session.app.focused is focused
            assert session.screen.stages.cursor == row
            assert session.state == "Paid?"
        await session.resize(*SMALL)
        assert shown(session.screen) == ["stages", "data"]
        await session.resize(80, 18)
        assert shown(session.screen) == ["stages"]
        await session.resize(*SMALL)
        await session.press("z")
        assert shown(session.screen) == ["stages"]


async def test_a_terminal_that_is_too_small_says_what_it_needs() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=(52, 20)) as session:
        assert "sfdebug needs 60 columns and 12 rows" in session.text
        await session.resize(80, 24)
        assert "needs" not in session.text
        assert "▸ Graph" in session.text


async def test_maximising_a_pane_and_back() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("4", "z")
        assert shown(session.screen) == ["timeline"]
        assert "z shows all panes" in session.text
        await session.press("n")
        assert session.state == "Paid?"
        await session.press("z")
        assert shown(session.screen) == PANES
        await session.press("z", "escape")
        assert shown(session.screen) == PANES


# What is looked at


async def test_what_is_said_of_a_stage_is_a_sentence_the_whole_or_nothing() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        foot = session.screen.sentence
        await session.press("s", "s")
        assert session.text.splitlines()[-3].startswith(" InputPath `$.order` keeps only the order;")
        assert "InputPath comes first" not in session.text
        await session.press("x")
        assert [line.strip() for line in session.text.splitlines()[-6:-1]] == [
            "InputPath `$.order` keeps only the order; the customer is out of sight until",
            "ResultPath.",
            "InputPath comes first: what it selects is `$` in the fields up to the work.",
            "One might expect customer to be lost. ResultPath goes back to the raw input,",
            "and it comes back with it.",
        ]
        assert "Reserve" in session.text, "the graph is there, with fewer rows"
        await session.press("2", "up")
        assert foot.explanation is not None
        assert foot.explanation.why == "It is the first state: its input is that of the execution."
        await session.press("down", "down")
        assert "Still to come: Reserve calls a Lambda function." in session.text
        await session.press("s")
        assert "Reserve has been called with an object with the key total" in session.text
        await session.press("x")
        assert foot.styles.display == "none"
        assert "has been called" not in session.text
        await session.press("x")
        assert foot.size.height == 2
        assert "has been called" in session.text


async def test_the_whole_explanation_is_of_what_is_looked_at() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=MEDIUM) as session:
        await session.press("x", "n", "n")
        assert "Its Retriers, then its Catchers, are asked about an error." in session.text
        await session.press("1", "g", "enter")  # the first state, which was visited
        assert "What ResultPath gives is the output. It is the whole input of" in session.text
        session.screen.commands.graph.show_state(("Hold",))
        await session.pilot.pause()
        assert "Still to come: Hold is entered with its input." in session.text
        await session.press("escape", "c")
        assert "The execution succeeded." in session.text
        assert "No state comes after Ship: its output is the output of the execution." in session.text


async def test_choosing_a_state_in_the_graph_shows_its_last_visit() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "k", "k", "enter")
        assert "Stages of Reserve · visited before, succeeded" in session.text
        assert "w: back to the run" in session.text
        await session.press("w")
        assert "Stages of Charge · about to run" in session.text


async def test_choosing_a_state_that_was_not_visited_shows_its_definition() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press_until(lambda: session.screen.graph.selected == ("Charge",), "j")
        await session.press("enter")
        assert "Stages of Charge · not visited" in session.text
        assert "Charge as defined" in session.text
        await session.press("escape")
        assert "Stages of Reserve" in session.text


async def test_choosing_a_stage_shows_its_data() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "N", "s", "s", "2")
        assert "Data of InputPath" in session.text
        await session.press("k")
        assert "Data of Input" in session.text
        assert '"Ada"' in session.text


async def test_the_data_view_turns_round() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("s", "s")
        seen = []
        for _ in range(4):
            await session.press("d")
            seen.append(str(session.screen.data.mode))
        assert seen == ["difference", "expression", "before", "after"]
        await session.press("d", "S")
        assert str(session.screen.data.mode) == "difference"


async def test_a_task_that_waits_shows_what_it_was_called_with() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("s", "s", "s")
        assert str(session.screen.data.mode) == "before"
        assert "42.5" in session.text
        await session.press("s")
        assert str(session.screen.data.mode) == "after"


async def test_the_rules_of_a_choice_are_explained() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "s", "s")
        assert "Data of Rule 1" in session.text
        assert session.text.count("42.5 > 100 is false") >= 2


# Searching


async def test_searching_the_graph() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("slash", *"charge")
        assert session.screen.graph.selected == ("Charge",)
        assert "1 match" in session.text
        await session.press("enter", "b")
        assert session.debugger.breakpoints.states == {("Charge",)}


async def test_going_from_match_to_match() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("slash", *"^S", "enter")
        first = session.screen.graph.selected
        await session.press("full_stop")
        second = session.screen.graph.selected
        assert {first, second} == {("Ship",), ("Sorry",)}
        await session.press("comma")
        assert session.screen.graph.selected == first
        await session.press("escape", "full_stop")
        assert session.message == "nothing is searched for: / searches"


async def test_the_graph_is_searched_for_conditions_resources_and_errors() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for query, found in (("total > 100", "Paid?"), ("TooMany", "Charge"), ("function:work", "Reserve")):
            await session.press("slash", *("space" if letter == " " else letter for letter in query))
            assert session.screen.graph.selected == (found,)
            await session.press("escape")


async def test_leaving_a_search_goes_back_to_where_one_was() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("j", "j", "slash", *"sorry")
        before = ("Hold",)
        assert session.screen.graph.selected == ("Sorry",)
        await session.press("escape")
        assert session.screen.graph.selected == before
        await session.press("c", "4", "k", "k")
        row = session.screen.timeline.cursor
        await session.press("slash", *"Choice", "escape")
        assert session.screen.timeline.cursor == row


async def test_each_pane_shows_its_filter_and_esc_clears_that_of_the_pane_with_the_focus() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "2", "slash", *"path", "enter", "4", "slash", *"Scheduled", "enter", "1", "slash")
        await session.press(*"^S", "enter")
        assert '2 Stages of "Paid?" · about to run' in session.text
        count = session.screen.timeline.count_rows()
        for title in ("/path: 0 of", "/^S: 1 of 2", f"/Scheduled: 1 of {count}, current hidden"):
            assert title in session.text
        await session.press("4", "escape")
        assert "/Scheduled" not in session.text
        assert "/^S: 1 of 2" in session.text
        await session.press("n", "2", "escape")
        assert "/path" not in session.text
        await session.press("1", "escape")
        assert "/^S" not in session.text


async def test_where_only_one_pane_is_shown_the_strip_has_its_filter() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        await session.press("n", "4", "slash", *"Scheduled", "enter")
        assert "▸ Timeline   /Sch" in session.text
        assert ": 1 of 6, current hidden" in session.text
        await session.press("2")
        assert "4 Timeline /" in session.text
        await session.press("escape", "4", "escape")
        assert "1 of 6" not in session.text


async def test_filtering_the_timeline_and_jumping_while_filtered() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("c", "4", "slash", *"ChoiceStateEntered")
        assert "1 match" in session.text
        await session.press("enter", "enter")
        events = session.debugger.view().events
        assert events[session.debugger.view().event_index - 1].type == "ChoiceStateEntered"
        assert "PassStateEntered" not in session.text
        await session.press("escape")
        assert "LambdaFunctionScheduled" in session.text
        await session.press("escape")
        assert session.message == "nothing to go back from; q leaves sfdebug"


async def test_what_matches_nothing_is_said_so() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("4", "slash", *"zzz")
        assert "nothing matches zzz: Esc shows all" in session.text
        await session.press("escape")
        assert "ExecutionStarted" in session.text
        assert session.app.focused is session.screen.timeline


async def test_searching_the_data_belongs_to_the_json_view() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("3", "slash", *"total")
        assert session.screen.data.json.path == "$.order.total"


# Copying


async def test_copying_from_each_pane() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "y")
        assert session.app.clipboard == "Paid?"
        assert session.message == "copied the name Paid? to the terminal's clipboard (OSC 52)"
        await session.press("4", "y")
        assert '"type": "TaskStateExited"' in session.app.clipboard
        await session.press("2", "y")
        assert '"customer": "Ada"' in session.app.clipboard
        await session.press("3", "y", "p")
        assert session.app.clipboard == "$"


# Help, palette, themes, leaving


async def test_help_is_searched_and_run() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("question_mark")
        assert "Lowercase goes forward" in session.text
        await session.press(*"Run the state", "enter")
        assert session.state == "Paid?"


async def test_help_says_why_something_is_not_possible() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await session.press("f1")
        assert "not now: this is the start" in session.text
        await session.press("escape")
        assert isinstance(session.app.screen, DebugScreen)


async def test_help_lists_every_command() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=(120, 240)) as session:
        await session.press("question_mark")
        text = session.text
        for command in COMMANDS:
            assert f"{command.all_keys.split('  ')[0]} " in text, command.id
            assert command.help[:12] in text, command.id


async def test_the_palette_finds_a_command_and_runs_it() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("ctrl+p")
        await session.press(*"restart")
        await session.until(lambda: "Back to the start" in session.text)
        await session.press("n", "backspace")
        session.app.screen.query_one(Input).value = "Over"
        await session.until(lambda: "Over  (n, F10)" in session.text and "Back to the start" not in session.text)
        await session.press("enter")
        await session.until(lambda: isinstance(session.app.screen, DebugScreen))
        assert session.state == "Paid?"


async def test_themes_turn_round() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        names = []
        for _ in THEMES:
            names.append(session.app.theme)
            await session.press("T")
        assert names == [theme.name for theme in THEMES]
        assert session.app.theme == names[0]


async def test_leaving() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("q")
        assert session.app.return_value == 0


async def test_leaving_asks_first_when_forks_would_be_lost() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("n", "n", "N", "f", "1", "enter", "q")
        assert "Leave sfdebug?" in session.text
        await session.press("escape")
        assert isinstance(session.app.screen, DebugScreen)
        await session.press("q", "enter")
        assert session.app.return_value == 0


# The mouse


async def test_a_click_selects_a_state_and_a_double_click_sets_a_breakpoint() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        place = where_on_screen(session.text, "Charge")
        await session.pilot.click(offset=place)
        assert session.screen.graph.selected == ("Charge",)
        await session.pilot.double_click(offset=place)
        await session.pilot.pause()
        assert session.debugger.breakpoints.states == {("Charge",)}


async def test_a_click_on_the_footer_runs_a_verb() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.pilot.click(offset=where_on_screen(session.text, "over  s into"))
        await session.pilot.pause()
        assert session.state == "Paid?"


async def test_a_click_on_the_strip_opens_a_pane() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        await session.pilot.click(offset=where_on_screen(session.text, "Timeline"))
        await session.pilot.pause()
        assert shown(session.screen) == ["timeline"]


async def test_a_click_in_the_timeline_jumps_there() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("c", "g")
        await session.press("4", "g")
        await session.pilot.click(offset=where_on_screen(session.text, "ExecutionStarted"))
        await session.pilot.pause()
        assert session.debugger.view().event_index == 1
        await session.pilot.click(session.screen.panes.slider, offset=(15, 0))
        await session.pilot.pause()
        assert session.debugger.view().event_index > 1


async def test_a_click_on_a_branch_steps_that_one() -> None:
    async with opened(EACH, {"items": [1, 2]}, tasks=Handler()) as session:
        await session.press_until(lambda: bool(session.debugger.view().branch), "s")
        await session.pilot.click(offset=where_on_screen(session.text, "top level"))
        await session.pilot.pause()
        assert session.debugger.view().branch == ()


def where_on_screen(text: str, words: str) -> tuple[int, int]:
    """The cell of a text's first letter."""
    for row, line in enumerate(text.splitlines()):
        if words in line:
            return line.index(words), row
    raise AssertionError(f"{words!r} is not on the screen")


def test_every_command_has_an_id_of_its_own() -> None:
    assert len(BY_ID) == len(COMMANDS)


# The data pane


async def test_the_digits_go_to_the_panes_from_every_pane() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for pane in "1234":
            for number, name in enumerate(("graph", "stages", "data", "timeline"), start=1):
                await session.press(pane, str(number))
                assert session.screen.open_pane == name


async def test_the_output_is_compared_with_the_stage_before_it() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("s", "s", "s", "s", "s", "d")
        assert str(session.screen.data.mode) == "difference"
        await session.press_until(lambda: "Data of Output" in session.text, "s")
        assert "no difference" in session.text
        assert "+ customer" not in session.text
        await session.press("2", "k")
        assert "Data of ResultPath" in session.text
        assert "+ reserved" in session.text


async def test_an_input_has_nothing_to_be_compared_with() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("d")
        assert "nothing to compare with" in session.text
        await session.press("s")
        assert "Data of Input" in session.text
        assert "nothing to compare with" in session.text
        await session.press("3", "y", "slash", "A", "enter", "escape", "d", "d", "d")
        assert str(session.screen.data.mode) == "after"
        assert '"Ada"' in session.text


async def test_copying_from_the_stages_says_why_not() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("s", "2", "j", "y")
        assert session.message == "nothing to copy: there is no value yet in the data of this stage"
        assert session.app.clipboard == ""


async def test_copying_from_the_stages_says_so_where_the_data_are_not_on_the_screen() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=(80, 18)) as session:
        await session.press("s", "2", "y")
        assert session.message.startswith("copied the value in the data pane")
        assert '"customer": "Ada"' in session.app.clipboard


async def test_y_twice_copies_the_value() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("s", "3", "y")
        assert "y value   p path" in session.text
        await session.press("y")
        assert '"customer": "Ada"' in session.app.clipboard


async def test_the_theme_is_called_by_the_name_of_the_option() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("T")
        assert session.message == "theme light"


# Narrow terminals


async def test_time_and_attempt_stay_on_a_narrow_status_line() -> None:
    failing = Handler({"Charge": lambda request: TaskFailure("Lambda.TooManyRequestsException", "slow down")})
    async with opened(ORDER, ORDER_INPUT, tasks=failing, size=SMALL) as session:
        await session.press("c", "N")
        status = session.text.splitlines()[0]
        assert "t+00:00:" in status
        await session.press("c")
        status = session.text.splitlines()[0]
        assert "✗ FAILED NoPayment" in status
        assert "t+00:00:" in status
        assert len(status) <= 80


@pytest.mark.parametrize("width", [60, 70, 80, 99])
async def test_a_long_name_gives_way_to_time_and_attempt(width: int) -> None:
    name = "A state with quite a long name indeed"
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "IntervalSeconds": 1}]
    answers = Handler({name: lambda request: TaskFailure("Nobody.AnsweredInTime", "it took too long")})
    async with opened(machine(**{name: {**task(), "Retry": retry}}), {}, tasks=answers, size=(width, 24)) as session:
        await session.press("c", "S")
        status = session.text.splitlines()[0]
        assert "attempt 4 of 4" in status
        assert "t+00:00:07" in status
        assert "A state with" in status


async def test_the_sentence_ends_with_one_full_stop() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        for said, shown in (("It fails (25000)..", "It fails (25000)."), ("Wait...", "Wait..."), ("So.", "So.")):
            session.screen.sentence.say(said)
            assert session.screen.sentence.sentence == shown


async def test_a_sentence_that_is_too_long_says_so() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=SMALL) as session:
        session.screen.sentence.say("word " * 60)
        await session.pilot.pause()
        first, second = (line for line in session.text.splitlines() if line.startswith(" word"))
        assert not first.rstrip().endswith("…")
        assert second.rstrip().endswith("…")


async def test_months_of_virtual_time_keep_off_the_next_column() -> None:
    long = machine(Sleep={"Type": "Wait", "Seconds": 200 * 86_400, "End": True})
    async with opened(long, {"a": 1}) as session:
        await session.press("c")
        row = next(line for line in session.text.splitlines() if "WaitStateExited" in line)
        assert '+200d      {"a":1}' in row
