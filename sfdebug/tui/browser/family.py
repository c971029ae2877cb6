"""The family of an execution on one page: what started it, what it started, down to what failed first; each to open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

from textual import on
from textual.binding import Binding
from textual.screen import Screen

from sfdebug.executions.family import failing, members
from sfdebug.history.started import StartedKind
from sfdebug.reports.family import FamilyRow, family_rows
from sfdebug.text import clean, counted
from sfdebug.times import moment_text
from sfdebug.tui.browser.filters import STATUSES
from sfdebug.tui.browser.lines import TwoSidedLine
from sfdebug.tui.dialogs.frame import DialogNote, painted_lines
from sfdebug.tui.dialogs.messages import TextDialog, flowing
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.guard import ClosesOnce, guarded
from sfdebug.tui.widgets.key_hints import KeyHints
from sfdebug.tui.widgets.line import Line
from sfdebug.tui.widgets.line_list import LineList

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.binding import BindingType

    from sfdebug.executions.family import ExecutionFamily, FamilyNode
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.tui.painting.paint import Piece

_CAUSE: Final = 600
_WIDE: Final = 110
"""From this width on, a row has room for the whole names of children of Map Runs."""
_UUID: Final = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


class FamilyOpener(Protocol):
    """Shows what is chosen on the page, over it."""

    @property
    def title(self) -> str:
        """Where the executions are read from."""

    def show_execution(self, app: App[Any], outcome: ExecutionOutcome) -> None:
        """The debugger on an execution."""

    def show_children(self, app: App[Any], map_run: str) -> None:
        """The list of the children of a Map Run, failed ones first."""

    def show_comparison(self, app: App[Any], outcome: ExecutionOutcome) -> None:
        """What is different between an execution and the last of its state machine that succeeded."""

    def show_family(self, app: App[Any]) -> None:
        """The page, read again."""


class FamilyList(LineList):
    """A row for each execution and Map Run, with a tree in front; remarks between them."""

    def __init__(self, family: ExecutionFamily, rows: Sequence[FamilyRow]) -> None:
        super().__init__()
        self._rows = rows
        self.cause_row = self._row_of(failing(family.root)[-1])
        self.asked_row = next((at for at, row in enumerate(rows) if row.node is not None and row.node.is_asked), 0)

    def _row_of(self, node: FamilyNode) -> int:
        return next((at for at, row in enumerate(self._rows) if row.node is node), 0)

    def on_mount(self) -> None:
        """Put the cursor on what failed first."""
        self.rows_changed(self.cause_row)

    def row(self, number: int) -> FamilyRow | None:
        """A row; None where there is none."""
        return self._rows[number] if number < len(self._rows) else None

    def row_above(self, number: int) -> int | None:
        """The row of what started the one of this row."""
        stem = len(self._rows[number].stem)
        above = (at for at in range(number - 1, -1, -1) if self._rows[at].node and len(self._rows[at].stem) < stem)
        return next(above, None)

    def count_rows(self) -> int:
        """All of them."""
        return len(self._rows)

    def row_text(self, row: int) -> str:
        """All of it."""
        return self._rows[row].text

    def paint_row(self, row: int, width: int) -> Sequence[Piece]:
        """`├─ Sub: ✗ FAILED  Rows c-1 4 s  in Each: States.Timeout`."""
        one = self._rows[row]
        glyphs = glyphs_of(self)
        pieces: list[Piece] = [(f" {one.stem}", "faint")]
        pieces += [(f"{clean(one.how)}: ", "muted")] if one.how else []
        if one.node is None:
            return [*pieces, (clean(f"{one.name}  {one.why}".strip()), "muted")]
        sign, paint = STATUSES.get(one.status, ("unvisited", "muted"))
        is_cause = row == self.cause_row and one.node.is_unsuccessful
        name = "strong" if one.node.is_asked or is_cause else ""
        return [
            *pieces,
            (f"{getattr(glyphs, sign)} {one.status}  ", paint),
            (clean(one.name if width >= _WIDE else _UUID.sub(r"\1…", one.name)), name),
            (f"  {clean(one.why)}", "muted"),
        ]


class FamilyScreen(ClosesOnce, Screen[None]):
    """The tree, and the execution at hand below it. It opens over what it was asked from, and q comes back there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "leave", "Leave", id="family.leave", show=False),
        Binding("less_than_sign,ctrl+k", "above", "To what started it", id="family.above", show=False),
        Binding("exclamation_mark", "cause", "To what failed first", id="family.cause", show=False),
        Binding("w", "asked", "To the one that the page was asked for", id="family.asked", show=False),
        Binding("equals_sign,ampersand", "compare", "What is different", id="family.compare", show=False),
        Binding("R,f5", "again", "Read again", id="family.again", show=False),
        Binding("y", "copy", "Copy the ARN", id="family.copy", show=False),
        Binding("question_mark,f1", "help", "Help", id="family.help", show=False),
    ]
    AUTO_FOCUS = "FamilyList"

    def __init__(self, family: ExecutionFamily, opener: FamilyOpener, *, is_ascii: bool = False) -> None:
        super().__init__()
        self._family = family
        self._opener = opener
        self.list = FamilyList(family, family_rows(family, is_ascii=is_ascii))

    def compose(self) -> ComposeResult:
        """Title, tree, what is at hand, keys."""
        title = TwoSidedLine("heading")
        title.say([("Family", "strong"), (f"   {self._counts()}", "muted")], [(clean(self._opener.title), "muted")])
        yield title
        yield self.list
        yield DialogNote("", id="about")
        yield DialogNote("", id="said")
        yield KeyHints(
            (
                ("Enter", "open", "open"),
                ("!", "what failed first", "cause"),
                ("<", "what started it", "above"),
                ("=", "compare", "compare"),
                ("R", "read again", "again"),
                ("y", "copy ARN", "copy"),
                ("?", "keys", "help"),
                ("q", "back", "leave"),
            )
        )

    def _counts(self) -> str:
        nodes = [node for _, node in members(self._family.root)]
        executions = [node for node in nodes if node.kind is StartedKind.EXECUTION]
        map_runs = len(nodes) - len(executions)
        parts = [counted(len(executions), "execution")]
        parts += [counted(map_runs, "Map Run")] if map_runs else []
        failed = sum(node.is_unsuccessful for node in executions)
        return ", ".join([*parts, f"{failed:,} without success"])

    def on_mount(self) -> None:
        """Tell what is at hand."""
        self.query_one("#said").display = False
        self.call_after_refresh(self.tell)

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        self.say("")
        self.tell()

    @on(LineList.Chosen)
    @guarded
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.tell()
        self.action_open()

    @on(Line.Picked)
    async def _picked(self, event: Line.Picked) -> None:
        event.stop()
        await self.run_action(event.target)

    def say(self, text: str) -> None:
        """Say something short, or nothing any more."""
        note = self.query_one("#said", DialogNote)
        note.say(text)
        note.display = bool(text)

    def tell(self) -> None:
        """Show all that is known of what is at hand."""
        row = self.list.row(self.list.cursor)
        self.query_one("#about", DialogNote).say(painted_lines(_about(row) if row is not None else []))

    @property
    def _node(self) -> FamilyNode | None:
        """What is at hand; of a remark the execution or Map Run that it is about."""
        row = self.list.row(self.list.cursor)
        return row.of if row is not None else None

    def action_open(self) -> None:
        """Open what is at hand: an execution, or the list of the children of a Map Run."""
        node = self._node
        if node is None:
            self.say("nothing is known of it: there is nothing to open")
        elif node.kind is StartedKind.MAP_RUN:
            self._opener.show_children(self.app, node.arn)
        elif node.outcome is None:
            self.say(f"it cannot be opened: {node.refusal or 'it was not looked for'}. R reads again")
        else:
            self._opener.show_execution(self.app, node.outcome)

    def action_compare(self) -> None:
        """Compare the execution at hand with the last of its machine that succeeded."""
        node = self._node
        if node is None or node.kind is StartedKind.MAP_RUN or node.outcome is None:
            self.say("this is no execution that could be compared")
        else:
            self._opener.show_comparison(self.app, node.outcome)

    def action_above(self) -> None:
        """To the row of what started the one at hand."""
        above = self.list.row_above(self.list.cursor)
        if above is None:
            self.say(self._family.why_no_parent or "nothing stands above it")
        else:
            self.list.put_cursor(above)

    def action_cause(self) -> None:
        """To what failed first."""
        self.list.put_cursor(self.list.cause_row)

    def action_asked(self) -> None:
        """To the execution that the page was asked for."""
        self.list.put_cursor(self.list.asked_row)

    def action_copy(self) -> None:
        """Copy the ARN of what is at hand."""
        node = self._node
        if node is not None:
            text = node.arn or (node.outcome.place if node.outcome is not None else "")
            self.app.copy_to_clipboard(text)
            self.say(f"copied: {text}")

    def action_again(self) -> None:
        """Read it all again: what AWS gave before is not asked twice."""
        app = self.app
        self.dismiss(None)
        self._opener.show_family(app)

    def action_help(self) -> None:
        """What is here, and the keys."""
        self.app.push_screen(TextDialog("The family of an execution", flowing(_HELP)))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)


def _about(row: FamilyRow) -> list[list[Piece]]:
    """All that is known of a row."""
    node = row.node
    if node is None:
        return [[(clean(row.text), "")]]
    outcome = node.outcome
    lines: list[list[Piece]] = []
    sign_paint = STATUSES.get(node.status, ("unvisited", "muted"))[1]
    first: list[Piece] = [(f"{row.status}  ", sign_paint), (clean(row.name), "strong")]
    if node.started is not None:
        first.append((clean(f"   started by {row.how}, at event {node.started.event_id} of the one above"), "muted"))
    lines.append(first)
    if outcome is not None:
        state = outcome.failed_state
        error = (state.error if state is not None else None) or outcome.error
        cause = (state.cause if state is not None else None) or outcome.cause
        where = f"in {state.path}: " if state is not None else ""
        if error or cause:
            lines.append([(clean(where), ""), (clean(error or "no error named"), "failed")])
        if cause:
            lines.append([(clean(cause[:_CAUSE]), "")])
        if outcome.started_at is not None:
            lines.append([(f"began {moment_text(outcome.started_at)} UTC", "muted")])
    if node.refusal:
        lines.append([(clean(f"not readable: {node.refusal}"), "waiting")])
    if node.arn:
        lines.append([(clean(node.arn), "faint")])
    return lines


_HELP: Final = """\
From the highest execution that is known down to what was started: executions by Tasks, Map Runs with their child
executions, failed ones first. What succeeded is named and not looked into. The cursor begins on what failed first.

Enter opens the execution at hand in the debugger, or the list of all children of a Map Run; q comes back here.
! goes to what failed first, < to what started the one at hand, w to the one that the page was asked for.
= tells what is different from the last execution of the same state machine that succeeded.
R reads again, y copies the ARN, q or Esc goes back."""
