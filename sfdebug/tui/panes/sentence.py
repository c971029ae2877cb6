"""One plain sentence about the stage at hand, for learners and tired people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from sfdebug.text import clean
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from textual import events

_LINES: Final = 2
_LONGEST: Final = 2_000
"""Characters that are wrapped: more than two lines of any terminal have."""


class SentenceBar(Static):
    """Shows `View.sentence`, wrapped to two lines at most, the last of which says that there was more."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.sentence = ""

    def say(self, sentence: str) -> None:
        """Show this sentence."""
        text = clean(sentence)
        # A cause that it ends with has its own full stop at times.
        self.sentence = text[:-1] if text.endswith("..") and not text.endswith("...") else text
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap it anew."""
        self._show()

    def _show(self) -> None:
        width = self.content_size.width
        if not width:
            self.update(Content(self.sentence))
            return
        lines = [line.plain.rstrip() for line in Content(self.sentence[:_LONGEST]).wrap(width)]
        if len(lines) > _LINES:
            lines[_LINES - 1 :] = [fit(" ".join(lines[_LINES - 1 :]), width)]
        self.update(Content("\n".join(lines)))
