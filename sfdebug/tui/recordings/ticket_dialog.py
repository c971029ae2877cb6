"""An execution for a ticket: the Markdown as it will be, copied, written to a file, or with its values left out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from sfdebug.aws.saving import SavedFile, file_name, save
from sfdebug.errors import SfdebugError
from sfdebug.files import is_there, path_typed
from sfdebug.reports.ticket import ticket_markdown
from sfdebug.text import counted
from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines, text_input
from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
from sfdebug.tui.dialogs.messages import ReadingPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.content import Content

    from sfdebug.debugger.ticket import Ticket
    from sfdebug.tui.painting.paint import Piece


class TicketDialog(Dialog[None]):
    """Shows it. There is nothing to answer: what its keys do is done at once."""

    OTHER_ROWS: ClassVar[int] = 7
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy it", id="ticket.copy", show=False),
        Binding("w", "write", "Write it to a file", id="ticket.write", show=False),
        Binding("r", "redact", "Leave the values out, or not", id="ticket.redact", show=False),
        Binding("l", "links", "Its links: copy one", id="ticket.links", show=False),
        Binding("enter,q", "cancel", "Close", id="ticket.close", show=False),
    ]
    DEFAULT_CSS = """
    TicketDialog { & Input { display: none; } & #told { height: auto; color: $sf-muted; } }
    """

    def __init__(self, ticket: Ticket) -> None:
        outcome = ticket.outcome
        super().__init__(
            f"For a ticket: {outcome.name or outcome.label or outcome.state_machine_name or 'an execution'}"
        )
        self.ticket = ticket
        self._is_redacted = False
        self._text = self._markdown()
        self._overwrites = ""
        self.add_class("-wide")

    def _markdown(self) -> str:
        return ticket_markdown(self.ticket, redact=self._is_redacted, now=int(time.time() * 1000))

    def body(self) -> ComposeResult:
        """The text, a line for the name of a file, and what was done last."""
        with ReadingPane(classes="tall"):
            yield DialogNote(_painted(self._text), id="text")
        yield text_input(placeholder="path of the file to write")
        yield DialogNote("", id="told")

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """What can be done with it."""
        if self.is_mounted and self._field.display:
            return (("Enter", "write it", "submit"), ("Esc", "back", "cancel"))
        redact = "with values" if self._is_redacted else "redact"
        return (
            ("y", "copy", "copy"),
            ("w", "write", "write"),
            ("r", redact, "redact"),
            ("l", "links", "links"),
            ("j k", "scroll", "scroll"),
            ("Esc", "close", "cancel"),
        )

    @property
    def _field(self) -> Input:
        return self.query_one(Input)

    def _tell(self, text: str) -> None:
        self.query_one("#told", DialogNote).say(text)

    def action_scroll(self) -> None:
        """A page further."""
        self.query_one(ReadingPane).scroll_page_down(animate=False)

    def action_copy(self) -> None:
        """Copy all of it."""
        self._copied(self._text, counted(len(self._text), "character"))

    def _copied(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        where = getattr(self.app, "copied_to", "")
        self._tell(f"copied {what}{f' {where}' if where else ''}")

    def action_redact(self) -> None:
        """With stand-ins in place of values and causes, or with these."""
        self._is_redacted = not self._is_redacted
        self._text = self._markdown()
        self.query_one("#text", DialogNote).say(_painted(self._text))
        told = "redacted: of the data and causes only the shape is left" if self._is_redacted else ""
        self._tell(told)
        self.show_hints()

    def action_links(self) -> None:
        """Choose a link, or the ARN, and copy it."""
        items = [ListItem(one.url, str(one.kind), one.url) for one in self.ticket.links]
        arns = {"ARN": self.ticket.outcome.arn, "ARN of the state machine": self.ticket.outcome.state_machine_arn}
        items = [*(ListItem(arn, name, arn) for name, arn in arns.items() if arn), *items]

        def chosen(url: str | None) -> None:
            if url:
                self._copied(url, url)

        nothing = "nothing leads there: the history does not say which execution it is of"
        dialog = ListDialog("Copy which?", items, verb="copy it", nothing=nothing)
        dialog.add_class("-wide")
        self.app.push_screen(dialog, chosen)

    # Writing

    def action_write(self) -> None:
        """Ask for the name of the file."""
        outcome = self.ticket.outcome
        name = outcome.name or outcome.label or outcome.state_machine_name or "execution"
        self._overwrites = ""
        self._field.value = f"ticket-{file_name(name)[:80]}.md"
        self._field.display = True
        self.set_focus(self._field)
        self.show_hints()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Write it, with nobody's right to read it but the user's; over a file only when that is said twice."""
        typed = self._field.value.strip()
        if not typed:
            self.complain("type the path of a file")
            return
        path = path_typed(typed)
        if is_there(path) and self._overwrites != typed:
            self._overwrites = typed
            self.complain(f"{path} is there already: Enter again writes over it")
            return
        try:
            save((SavedFile(path.name, self._text),), path.parent, force=True)
        except SfdebugError as error:
            self.complain(str(error))
            return
        self._close_field()
        self._tell(f"written to {path}")

    def _close_field(self) -> None:
        self.complain("")
        self._field.display = False
        self.query_one(ReadingPane).focus()
        self.show_hints()

    def action_cancel(self) -> None:
        """One level back: the name of the file, then the dialog."""
        if self._field.display:
            self._close_field()
        else:
            super().action_cancel()


def _painted(text: str) -> Content:
    """Headings and what facts are about stand out; all else is as it will be."""
    lines: list[list[Piece]] = []
    for line in text.splitlines():
        if line.startswith("#"):
            lines.append([(line, "strong")])
        elif line.startswith(("<details>", "</details>", "```")):
            lines.append([(line, "muted")])
        elif line.startswith("- **"):
            heading, mark, rest = line[4:].partition("**: ")
            lines.append([("- **", "faint"), (heading, "current"), (mark, "faint"), (rest, "")])
        else:
            lines.append([(line, "")])
    return painted_lines(lines)
