"""How clients come: the lines that bring them here, and the ARNs of what they can start, to be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from sfdebug.tui.dialogs.frame import Dialog, DialogNote, painted_lines
from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem
from sfdebug.tui.dialogs.messages import ReadingPane

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.served.server import WatchedServer

_EXPLANATION = (
    "In the client's shell, before it begins. boto3, the AWS CLI and the other SDKs then call Step Functions here, "
    "with any credentials."
)


class ClientsDialog(Dialog[None]):
    """The lines, and below them the state machines that are here now."""

    OTHER_ROWS: ClassVar[int] = 9
    HINTS: ClassVar = (("y", "copy the lines", "copy"), ("a", "copy an ARN", "copy_arn"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy the lines", id="clients.copy", show=False),
        Binding("a", "copy_arn", "Copy an ARN", id="clients.arn", show=False),
        Binding("enter,q", "cancel", "Close", id="dialog.close", show=False),
    ]

    def __init__(self, server: WatchedServer) -> None:
        super().__init__("How clients come here")
        self._server = server
        self.add_class("-wide")

    def body(self) -> ComposeResult:
        """The lines, the ARNs, and what was done last."""
        machines = self._server.host.machines.list()
        lines: list[list[Piece]] = [[(line, "strong")] for line in self._server.exports]
        heading = "State machines:" if machines else "No state machines yet: clients create them."
        lines += [[("", "")], [(heading, "muted")]]
        for one in machines:
            lines.append([(one.arn, ""), ("" if one.type == "STANDARD" else f"  {one.type}", "muted")])
        yield DialogNote(_EXPLANATION, classes="explanation")
        with ReadingPane(classes="tall"):
            yield DialogNote(painted_lines(lines))
        yield DialogNote("", id="told")

    def hints(self) -> tuple[tuple[str, str, str], ...]:
        """What can be copied, and the way out."""
        return (*self.HINTS, ("Esc", "close", "cancel"))

    def action_copy(self) -> None:
        """Copy the lines."""
        self._copy("\n".join(self._server.exports) + "\n", "the lines")

    def action_copy_arn(self) -> None:
        """Choose a state machine, and copy its ARN."""
        machines = self._server.host.machines.list()

        def chosen(arn: str | None) -> None:
            if arn:
                self._copy(arn, arn)

        items = [ListItem(one.arn, one.name, one.arn) for one in machines]
        dialog = ListDialog("Copy which ARN?", items, verb="copy it", nothing="no state machine is here yet")
        dialog.add_class("-wide")
        self.app.push_screen(dialog, chosen)

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        where = getattr(self.app, "copied_to", "")
        self.query_one("#told", DialogNote).say(f"copied {what}{f' {where}' if where else ''}")
