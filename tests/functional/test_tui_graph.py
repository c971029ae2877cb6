"""The graph's pane: keys, mouse, zoom, folding, the map, the run laid over it, and how little is painted anew."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from textual import events
from textual.geometry import Offset
from textual.strip import Strip

from sfdebug.asl.definition import StatePath
from sfdebug.debugger import Debugger
from sfdebug.drawing import Layout, Zoom
from sfdebug.drawing.elements import EdgeKind
from sfdebug.drawing.painting.canvas import Canvas
from sfdebug.drawing.painting.paint import paint
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.tui.dialogs.list_dialog import ListDialog
from sfdebug.tui.graph.view import GraphView
from sfdebug.tui.terminal.precedence import Precedence
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, PARALLEL, Handler, machine, passing, task
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened

CHAIN = machine(**{f"Step {n}": passing(f"Step {n + 1}") for n in range(1, 40)}, **{"Step 40": passing()})
LOOP = machine(
    Poll=passing("Done?"),
    **{
        "Done?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$$.State.EnteredTime", "StringMatches": "never", "Next": "End"}],
            "Default": "Poll",
        },
        "End": {"Type": "Succeed"},
    },
)


def graph_of(session: Session) -> GraphView:
    return session.screen.graph


async def drawn(session: Session) -> None:
    graph = graph_of(session)
    await session.until(lambda: not graph.drawer.is_drawing and graph.drawing is not None)


def zoom_of(session: Session) -> Zoom:
    drawing = graph_of(session).drawing
    assert drawing is not None
    return drawing.zoom


def has_map(session: Session) -> bool:
    return bool(session.screen.graph_body.map.display)


def place_of(session: Session, path: StatePath) -> tuple[int, int]:
    """Where on the graph's widget a state's name begins."""
    graph = graph_of(session)
    assert graph.drawing is not None
    box = graph.drawing.box(path)
    assert box is not None
    return (
        box.x + 2 + graph.viewport.left - round(graph.scroll_x),
        (box.y if box.is_open else box.y + box.height // 2) - round(graph.scroll_y),
    )


# Moving


async def test_into_and_out_of_a_container() -> None:
    async with opened(PARALLEL, {}) as session:
        await session.press("greater_than_sign")
        assert graph_of(session).selected == ("Both", 0, "A1")
        await session.press("l")
        assert graph_of(session).selected == ("Both", 1, "B1")
        await session.press("less_than_sign")
        assert graph_of(session).selected == ("Both",)
        await session.press("greater_than_sign", "backspace", "G")
        assert graph_of(session).selected == ("After",)
        await session.press("g")
        assert graph_of(session).selected == ("Both",)


async def test_the_run_is_followed() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        for number in range(2, 30):
            await session.press("n")
            assert graph_of(session).selected == (f"Step {number}",)
            assert f"Step {number} " in session.text.split("│")[0]
        assert graph_of(session).scroll_y > 20
        await session.press("R")
        assert graph_of(session).selected == ("Step 1",)


async def test_panning_leaves_the_selection() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        graph = graph_of(session)
        await session.press("shift+down", "shift+down")
        assert graph.scroll_y == 6
        await session.press("shift+up")
        assert graph.scroll_y == 3
        assert graph.selected == ("Step 1",)
        await session.press("w")
        assert graph.scroll_y < 3


# Finding


async def test_a_state_is_found_by_part_of_its_name_from_any_pane() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        await session.press("tab", "p", *"ep 33", "enter")
        assert session.screen.open_pane == "graph"
        assert graph_of(session).selected == ("Step 33",)
        assert "Step 33" in session.text
        await session.press("b")
        assert session.debugger.breakpoints.states == {("Step 33",)}
        await session.press("p")
        assert isinstance(session.app.screen, ListDialog)
        assert "breakpoint" in session.text
        await session.press("escape")
        assert graph_of(session).selected == ("Step 33",)


async def test_a_state_inside_a_folded_container_is_unfolded() -> None:
    async with opened(PARALLEL, {}) as session:
        await session.press("asterisk")
        assert graph_of(session).selected == ("Both",)
        await session.press("p", *"B2", "enter")
        assert graph_of(session).selected == ("Both", 1, "B2")


async def test_states_are_found_by_how_they_stand() -> None:
    refusing = Handler({"Charge": lambda request: TaskFailure("Declined")})
    async with opened(ORDER, ORDER_INPUT, tasks=refusing) as session:
        await session.press("c", "p", *"caught")
        dialog = session.app.screen
        assert isinstance(dialog, ListDialog)
        assert [dialog.picks.items[row].label.strip() for row in dialog.picks._shown] == ["Charge"]


# Zoom


async def test_zooming_and_fitting_again() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        graph = graph_of(session)
        await drawn(session)
        assert "fitted" in session.text
        fitted = zoom_of(session)
        seen = []
        await session.press("plus", "plus")
        seen.append(zoom_of(session))
        for key in ("minus", "minus", "minus", "equals_sign"):
            await session.press(key)
            seen.append(zoom_of(session))
        assert seen == [Zoom.FULL, Zoom.LINES, Zoom.DOTS, Zoom.DOTS, Zoom.LINES]
        assert "fitted" not in session.text
        assert graph.selected == ("Reserve",)
        await session.press("0")
        assert graph.drawer.is_fitted
        assert zoom_of(session) is fitted


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "200x50"])
async def test_a_small_machine_is_never_scrolled_sideways(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        await drawn(session)
        assert graph_of(session).max_scroll_x == 0
        await session.press("n", "n", "n")
        assert graph_of(session).max_scroll_x == 0


async def test_resizing_fits_anew_and_keeps_what_was_asked_for() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await drawn(session)
        await session.press("minus", "plus", "plus")
        assert zoom_of(session) is Zoom.FULL
        await session.resize(*SMALL)
        await drawn(session)
        assert zoom_of(session) is Zoom.FULL
        await session.press("0")
        await drawn(session)
        assert graph_of(session).max_scroll_x == 0


async def test_maximising_gives_the_graph_the_room() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        width = graph_of(session).size.width
        await session.press("z")
        assert graph_of(session).size.width > width
        await session.press("z")
        assert graph_of(session).size.width == width


async def test_zooming_out_leaves_the_panes_where_they_are() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await drawn(session)
        await session.press("plus", "plus")
        width = graph_of(session).size.width
        await session.press("minus", "minus")
        assert zoom_of(session) is Zoom.DOTS
        assert graph_of(session).size.width == width


async def test_a_line_that_comes_and_goes_does_not_change_the_drawing() -> None:
    async with opened(EACH, {"items": [1, 2]}, tasks=Handler()) as session:
        before = graph_of(session).drawing
        await session.press("s", "s", "s", "s")
        assert session.screen.branches.display
        await session.press("slash", "x", "escape", "x")
        assert graph_of(session).drawing is before


# Folding


async def test_folding_one_and_all() -> None:
    async with opened(EACH, {"items": [1, 2]}, tasks=Handler()) as session:
        drawing = graph_of(session).drawing
        assert drawing is not None
        assert len(drawing.boxes) == 3
        await session.press("space")
        assert graph_of(session).drawing is not drawing
        assert "Map: 2 states" in session.text
        await session.press("s", "s", "s", "s")
        assert session.state == "One"
        assert "▸ inside" in session.text
        await session.press("space")
        assert "▸ inside" not in session.text
        await session.press("asterisk")
        assert "Map: 2 states" in session.text
        await session.press("asterisk")
        assert "Map: 2 states" not in session.text


# Keys that do nothing


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("asterisk",), "there is no Parallel and no Map here"),
        (("space",), "Reserve is a Task: only a Parallel or Map can be folded"),
        (("k",), "Reserve is the first state"),
        (("g",), "Reserve is the first state"),
        (("h",), "no state stands on the left of Reserve"),
        (("greater_than_sign",), "Reserve is a Task: nothing is in it"),
        (("less_than_sign",), "Reserve is in no Parallel or Map"),
        (("plus", "plus", "plus"), "full boxes already: - draws them smaller, 0 as large as fits"),
        (("minus", "minus", "minus", "minus"), "as dots already: + draws them larger"),
        (("0",), "as large as fits already"),
        (("H",), "all of the graph is in view"),
        (("f8",), "F8 does nothing here: ? shows all keys"),
        (("2", "plus"), "+ (larger) is a key of the graph: 1 goes there"),
    ],
)
async def test_a_key_that_does_nothing_says_why(keys: tuple[str, ...], why: str) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await session.press(*keys)
        assert why in session.message
        await session.press("n")
        assert why not in session.message, "what was refused is forgotten with the next key that does something"


async def test_the_ends_of_a_long_graph_are_told() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        await session.press("ctrl+u")
        assert session.message == "this is the top of the graph"
        await session.press("G", "j")
        assert session.message == "Step 40 is where the run ends"
        await session.press("k")
        assert session.message == ""
        await session.press("G", "ctrl+d", "ctrl+d")
        assert session.message == "this is the bottom of the graph"


# Where one is


async def test_the_selection_is_in_sight_after_the_panes_are_arranged_otherwise() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        graph = graph_of(session)
        for _ in range(2):
            await session.press("ctrl+d", "ctrl+d")
            assert graph.in_view.y > 3
            await session.press("z")
            assert graph.in_view.y < 3, "nothing has another size here: only one pane fits"


async def test_the_containers_around_a_state_are_named() -> None:
    inner = machine(**{f"Step {n}": passing(f"Step {n + 1}") for n in range(1, 30)}, **{"Step 30": passing()})
    fan = {"Type": "Parallel", "Branches": [inner, machine(Other=passing())], "End": True}
    each = {"Type": "Map", "ItemProcessor": machine(**{"Fan out": fan}), "End": True}
    async with opened(machine(First=passing("Each album"), **{"Each album": each}), {}, size=SMALL) as session:
        graph, inspector = graph_of(session), session.screen.graph_body.inspector
        await session.press("plus", "plus", "p", *"Step 30", "enter")
        await drawn(session)
        assert inspector.text.startswith(" Each album › Fan out › branch 1 › Step 30  Pass")
        top = session.text.splitlines()[graph.region.y]
        assert "Each album › Parallel: Fan out" in top, "the frames' own titles are further up"
        small = session.screen.graph_body.map
        assert "Fan" in small.text
        assert [line[0] for line in small.text.splitlines()].count("→") == 1
        assert graph.drawing is not None
        await session.pilot.click(graph, offset=(graph.viewport.left + 8, 0))
        await session.pilot.pause()
        assert graph.selected == ("Each album", 0, "Fan out")
        assert "Each album › Parallel" not in session.text, "it is in sight itself"


# The map


async def test_the_map_shows_where_the_run_is() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        small = session.screen.graph_body.map
        assert has_map(session)
        for _ in range(10):
            await session.press("n")
        assert "■" in small.text
        assert "▸" in small.text
        assert "·" in small.text
        assert "┃" in small.text
        await session.press("m")
        assert not has_map(session)
        await session.press("m")
        assert has_map(session)


async def test_a_click_on_the_map_goes_there() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        body = session.screen.graph_body
        await session.pilot.click(body.map, offset=(8, body.map.size.height - 2))
        await session.pilot.pause()
        assert graph_of(session).scroll_y > 30
        assert graph_of(session).selected == ("Step 1",)


async def test_there_is_no_map_where_all_is_in_view_or_there_is_no_room() -> None:
    async with opened(machine(A=passing()), {}, size=MEDIUM) as session:
        assert not has_map(session)
        await session.press("m")
        assert has_map(session)
    async with opened(CHAIN, {}, size=(96, 30)) as session:
        assert not has_map(session)
        await session.press("m")
        assert "too narrow for the map" in session.message
        await session.press("z")
        assert has_map(session)


# The run laid over the graph


async def test_visits_of_a_loop_are_counted() -> None:
    async with opened(LOOP, {}) as session:
        await session.press(*["n"] * 7)
        graph = graph_of(session)
        assert graph.overlay.marks["Done?",].visits == 3
        assert "×3" in session.text
        assert graph.drawing is not None
        index = graph.drawing.edge_index(("Done?",), ("Poll",), EdgeKind.DEFAULT)
        assert index in graph.overlay.taken
        assert "┃" in session.text
        assert "▲ Default ×3" in session.text, "the way back was taken three times"
        assert "→ Poll ✓ taken ×3  Default" in session.screen.graph_body.inspector.text
        await session.press("N", "N", "N")
        assert graph.overlay.times[index] == 2, "going back, they are counted back"
        assert "▲ Default ×2" in session.text


async def test_a_way_for_errors_has_a_tone_of_its_own_in_every_theme() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        graph = graph_of(session)
        for _ in range(4):
            tones: dict[str, Any] = {}
            for row in range(graph.size.height):
                for segment in graph.render_line(row):
                    tones |= {sign: segment.style for sign in "▼▽" if sign in segment.text}
            assert tones["▽"] != tones["▼"], session.app.theme
            await session.press("T")


@pytest.mark.parametrize("zoom", ["plus", "minus"], ids=["boxes", "dots"])
async def test_everything_that_was_imposed_has_a_sign_and_a_word(zoom: str) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await session.press(zoom, zoom, "n", "f", "1", "enter", "n")
        session.debugger.inject_failure(("Charge",), "Declined", "no", 1)
        session.debugger.breakpoints.toggle(("Reserve",))
        session.screen.refresh_view()
        await session.pilot.pause()
        graph = "\n".join(line[:100] for line in session.text.splitlines()[2:44])
        for sign, word in (("»", "forced"), ("↯", "↯ fails" if zoom == "plus" else "injected"), ("●", "break")):
            assert sign in graph
            assert word in graph
        for name, words in (("Paid?", "choice forced"), ("Charge", "to fail"), ("Reserve", "breakpoint")):
            await session.press("p", *name, "enter")
            assert words in session.screen.graph_body.inspector.text


async def test_a_map_says_which_iteration_is_in_view() -> None:
    async with opened(EACH, {"items": [1, 2, 3]}, tasks=Handler(), size=SMALL) as session:
        await session.press("s", "s", "s", "s")
        assert " iteration 1 of 3 " in session.text
        await session.press("less_than_sign")
        assert "iteration 1 of 3 · 0 over" in session.screen.graph_body.inspector.text
        await session.press("o", "p", *"Each", "enter")
        assert "1 over" in session.screen.graph_body.inspector.text


async def test_a_click_on_what_the_branches_do_chooses_one() -> None:
    async with opened(EACH, {"items": [1, 2, 3]}, tasks=Handler()) as session:
        await session.press("s", "s", "s", "s")
        graph = graph_of(session)
        assert graph.drawing is not None
        box = graph.drawing.box(("Each",))
        assert box is not None
        x, y = next(
            (x, box.bottom)
            for x in range(box.x, box.right)
            if graph._rows is not None and graph._rows.is_branch_text(("Each",), x, box.bottom)
        )
        offset = (x + graph.viewport.left - round(graph.scroll_x), y - round(graph.scroll_y))
        await session.pilot.click(graph, offset=offset)
        await session.pilot.pause()
        assert isinstance(session.app.screen, ListDialog)
        assert "Step which branch?" in session.text


# Visits


async def test_enter_again_shows_the_visit_before() -> None:
    async with opened(LOOP, {}) as session:
        await session.press(*["n"] * 6)
        assert session.state == "Poll"
        await session.press("p", *"Done", "enter")
        for shown in ("visit 3 of 3", "visit 2 of 3", "visit 1 of 3", "visit 3 of 3"):
            await session.press("enter")
            assert f'Stages of "Done?" · {shown}' in session.text
        await session.press("w")
        assert "Stages of Poll" in session.text


async def test_a_visit_is_chosen_from_a_list_the_failed_first() -> None:
    def second_fails(request: Any) -> Any:
        return TaskFailure("Broken") if request.input == 2 else None

    inner = {
        "StartAt": "Work",
        "States": {"Work": {**task(), "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Ok"}]}},
    }
    inner["States"]["Ok"] = passing()  # type: ignore[index]
    each = machine(Each={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner, "End": True})
    answers = Handler({"Work": lambda request: second_fails(request) or Handler().answer(request)})
    async with opened(each, {"items": [1, 2, 3]}, tasks=answers) as session:
        await session.press("c", "p", *"Work", "enter", "r")
        dialog = session.app.screen
        assert isinstance(dialog, ListDialog)
        labels = [item.label for item in dialog._items]
        assert labels == ["visit 2, iteration 2", "visit 1, iteration 1", "visit 3, iteration 3"]
        assert "caught Broken" in dialog._items[0].detail
        await session.press("up", "up", "enter")
        assert "Stages of Work · visit 2 of 3, caught" in session.text


async def test_a_state_without_visits_says_so() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler()) as session:
        await session.press("G", "r")
        assert "not been visited yet" in session.message


# The mouse


async def test_a_click_selects_and_a_double_click_toggles_a_breakpoint() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        graph = graph_of(session)
        await session.pilot.click(graph, offset=place_of(session, ("Paid?",)))
        await session.pilot.pause()
        assert graph.selected == ("Paid?",)
        await session.pilot.click(graph, offset=place_of(session, ("Paid?",)), times=2)
        await session.pilot.pause()
        assert session.debugger.breakpoints.states == {("Paid?",)}


async def test_a_double_click_folds_a_container() -> None:
    async with opened(PARALLEL, {}) as session:
        await session.pilot.click(graph_of(session), offset=place_of(session, ("Both",)), times=2)
        await session.pilot.pause()
        assert "Parallel: 4 states" in session.text


async def test_a_click_on_a_line_tells_where_it_leads() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        graph = graph_of(session)
        assert graph.drawing is not None
        index = graph.drawing.edge_index(("Charge",), ("Sorry",), EdgeKind.CATCH)
        assert index is not None
        x, y = graph.drawing.edges[index].cells[1]
        offset = (x + graph.viewport.left - round(graph.scroll_x), y - round(graph.scroll_y))
        await session.pilot.click(graph, offset=offset)
        await session.pilot.pause()
        assert graph.selected_edges == {index}
        assert "Charge → Sorry  on States.ALL" in session.screen.graph_body.inspector.text
        await session.press("j")
        assert graph.selected_edges == frozenset()


async def test_dragging_pans_and_does_not_select() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        graph = graph_of(session)
        await session.pilot.mouse_down(graph, offset=(20, 12))
        await session.pilot.hover(graph, offset=(20, 5))
        await session.pilot.mouse_up(graph, offset=(20, 5))
        await session.pilot.pause()
        assert graph.scroll_y == 7
        assert graph.selected == ("Step 1",)
        assert session.app.mouse_captured is None
        await session.pilot.hover(graph, offset=(20, 2))
        assert graph.scroll_y == 7


async def test_the_wheel_scrolls() -> None:
    async with opened(CHAIN, {}, size=SMALL) as session:
        graph = graph_of(session)
        await session.pilot._post_mouse_events([events.MouseScrollDown], graph, offset=(20, 5))
        await session.pilot.pause()
        assert graph.scroll_y > 0


# Painting


def painted_rows(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of the drawing that are painted from now on."""
    graph = graph_of(session)
    rows = graph._rows
    assert rows is not None
    painted: list[int] = []
    paint = rows._painted

    def note(row: int) -> Strip:
        painted.append(row)
        return paint(row)

    monkeypatch.setattr(rows, "_painted", note)
    return painted


async def test_a_status_repaints_its_rows_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await drawn(session)
        graph = graph_of(session)
        assert graph.drawing is not None
        await session.pilot.hover("#status")
        painted = painted_rows(session, monkeypatch)
        rendered: list[int] = []
        render = GraphView.render_line

        def note(self: GraphView, y: int) -> Strip:
            rendered.append(y)
            return render(self, y)

        monkeypatch.setattr(GraphView, "render_line", note)
        session.debugger.breakpoints.toggle(("Charge",))
        graph.show(session.debugger.view())
        await session.pilot.pause()
        rows = graph.drawing.rows(("Charge",))
        assert set(painted) == set(rows)
        assert {y + round(graph.scroll_y) for y in rendered} == set(rows)


async def test_a_step_repaints_two_states_and_the_way_between(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=LARGE) as session:
        await drawn(session)
        layout = graph_of(session).drawing
        assert layout is not None
        painted = painted_rows(session, monkeypatch)
        await session.press("n")
        index = layout.edge_index(("Reserve",), ("Paid?",), EdgeKind.NEXT)
        assert index is not None
        allowed = {*layout.rows(("Reserve",)), *layout.rows(("Paid?",)), *layout.edge_rows(index)}
        start = layout.edge_index((), ("Reserve",), EdgeKind.START)
        allowed |= set(layout.edge_rows(start)) if start is not None else set()
        assert painted
        assert set(painted) <= allowed


async def test_a_large_machine_says_that_it_is_being_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from sfdebug.tui.graph import drawings as graph_drawings

    states = {f"State {number}": passing(f"State {number + 1}") for number in range(120)}
    large = machine(**states, **{"State 120": passing()})
    held: list[Any] = []

    def never(self: GraphView, work: Any, **options: Any) -> None:
        held.append((work, options))

    monkeypatch.setattr(GraphView, "run_worker", never)
    async with opened(large, {}) as session:
        assert "drawing 121 states …" in session.text
        assert held[-1][1]["thread"]
        await session.press("n", "j", "plus", "asterisk", "m", "m", "p", "escape")
        assert session.state == "State 1"
        wish = graph_drawings.Wish(60, 20)
        drawer = graph_of(session).drawer
        drawer._drawn(graph_drawings.draw(session.debugger.machine, wish), -1)
        assert graph_of(session).drawing is None
        drawer._drawn(graph_drawings.draw(session.debugger.machine, wish), drawer._wishes)
        await session.pilot.pause()
        assert "▸] here" in session.text
        assert graph_of(session).selected == ("State 1",)


async def test_keys_are_answered_while_a_thread_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread is held in the middle of its work until all keys have been answered."""
    is_drawing, goes_on = threading.Event(), threading.Event()
    lines: list[int] = []

    def held(layout: Layout, **options: bool) -> Canvas:
        lines.append(layout.width)
        is_drawing.set()
        assert goes_on.wait(30)
        return paint(layout, **options)

    asked: set[int] = set()
    told: list[str] = []
    monkeypatch.setattr("sfdebug.tui.graph.drawings.paint", held)
    monkeypatch.setattr(Precedence, "wait", lambda precedence: asked.add(threading.get_ident()))
    monkeypatch.setattr(Precedence, "take", lambda precedence: told.append("taken"))
    monkeypatch.setattr(Precedence, "give", lambda precedence: told.append("given"))
    states = {f"State {number}": passing(f"State {number + 1}") for number in range(120)}
    async with opened(machine(**states, **{"State 120": passing()}), {}) as session:
        graph = graph_of(session)
        assert await asyncio.to_thread(is_drawing.wait, 30)
        assert len(asked - {threading.get_ident()}) == len(asked) == 1, "the drawing gives way, and the screen does not"
        told.clear()
        await session.press("n", "n", "1", "plus")
        assert told[0] == "taken"
        assert told[-1] == "given"
        assert session.state == "State 2"
        assert "the graph is being drawn" in session.text
        await session.resize(*LARGE)  # another drawing is wished for: it waits for its turn, and no key does
        await session.press("n", "S")
        assert session.state == "State 2"
        assert graph.drawer.is_drawing
        assert graph.drawing is None
        assert len(lines) == 1, "one is drawn at a time"
        goes_on.set()
        await drawn(session)
        assert graph.selected == ("State 2",)
        assert "▸ here" in session.text


async def test_a_drawing_ends_when_the_screen_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the program would end only when all of it is drawn."""
    is_drawing, goes_on = threading.Event(), threading.Event()
    looks: list[int] = []

    def wait(precedence: Precedence) -> None:
        looks.append(threading.get_ident())
        is_drawing.set()
        assert goes_on.wait(30)

    monkeypatch.setattr(Precedence, "wait", wait)
    states = {f"State {number}": passing(f"State {number + 1}") for number in range(120)}
    async with opened(machine(**states, **{"State 120": passing()}), {}):
        assert await asyncio.to_thread(is_drawing.wait, 30)
    goes_on.set()
    await asyncio.get_running_loop().shutdown_default_executor()  # as the end of the program does
    assert len(looks) == 1


# Other terminals


async def test_ascii() -> None:
    async with opened(EACH, {"items": [1, 2, 3]}, tasks=Handler(), ascii=True, size=SMALL) as session:
        await session.press("s", "s", "s", "s", "s", "m", "b")
        assert session.text.isascii()
        assert "iteration 1 of 3" in session.text
        for _ in range(2):
            await session.press("minus")
            assert session.text.isascii()
            assert "> " in session.text


async def test_without_colour_the_path_and_the_place_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(LOOP, {}) as session:
        await session.press("n", "n", "n")
        assert "┃" in session.text or "┏" in session.text
        assert "here" in session.text


async def test_names_that_look_like_markup_are_names() -> None:
    name = "[/bold] [red]x"
    async with opened(machine(**{name: passing()}), {}, size=SMALL) as session:
        assert name in session.screen.graph_body.inspector.text
        await session.press("p", "enter", "n", "r", "escape")
        assert name in session.text


async def test_wide_characters_keep_their_cells() -> None:
    async with opened(machine(写真を処理する=passing("二"), 二=passing()), {}) as session:
        graph = graph_of(session)
        assert graph._rows is not None
        await session.press("n")
        for row in range(graph._rows.height):
            assert graph._rows.strip(row).cell_length == graph._rows.width + graph._rows.overhang


async def test_the_commands_of_the_graph_are_run_from_other_panes() -> None:
    async with opened(EACH, {"items": [1]}, tasks=Handler()) as session:
        await session.press("4")
        session.screen.commands.run("graph.fold_all")
        session.screen.commands.run("graph.last")
        await session.pilot.pause()
        assert session.screen.open_pane == "graph"
        assert "Map: 2 states" in session.text


async def test_a_click_where_nothing_is_does_nothing() -> None:
    async with opened(machine(A=passing()), {}) as session:
        graph = graph_of(session)
        await session.pilot.click(graph, offset=Offset(0, graph.size.height - 1))
        await session.pilot.pause()
        assert graph.selected == ("A",)
        assert isinstance(session.debugger, Debugger)


async def test_what_has_no_room_below_the_graph_is_counted() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": n, "Next": f"Way {n}"} for n in range(8)]
    ways = {f"Way {n}": passing() for n in range(8)}
    definition = machine(Which={"Type": "Choice", "Choices": rules, "Default": "Way 0"}, **ways)
    async with opened(definition, {"n": 3}, size=SMALL) as session:
        inspector = session.screen.graph_body.inspector
        lines = inspector.text.splitlines()
        assert len(lines) == inspector.size.height <= SMALL[1] // 4
        assert f"and {9 - len(lines) + 1} more" in lines[-1]


async def test_a_sign_does_not_read_as_a_letter_of_a_name() -> None:
    async with opened(machine(Prepare=passing("Go"), Go=passing()), {}, ascii=True, size=SMALL) as session:
        await session.press("n", "minus")
        assert zoom_of(session) is Zoom.LINES
        assert "[Prepare v]" in " ".join(session.text.split())
        assert graph_of(session).selected == ("Go",)


async def test_lines_that_leave_beside_a_dot_start_below_a_line() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": n, "Next": f"A long way {n}"} for n in range(5)]
    ways = {f"A long way {n}": passing() for n in range(5)}
    definition = machine(Go={"Type": "Choice", "Choices": rules}, **ways)
    async with opened(definition, {"n": 3}, size=LARGE) as session:
        await session.press("minus", "minus", "minus")
        assert zoom_of(session) is Zoom.DOTS
        graph = graph_of(session)
        assert graph.drawing is not None
        assert graph._rows is not None
        box = graph.drawing.box(("Go",))
        assert box is not None
        row = graph._rows.strip(box.y).text
        for index in graph.drawing.edges_from(("Go",)):
            x, _ = graph.drawing.edges[index].cells[0]
            assert row[x] != " " or x <= box.x + len(" ○ Go ")
