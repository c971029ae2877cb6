"""One plain sentence about the stage at hand, for learners and tired people."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from sfdebug.tui.text import clean


class SentenceBar(Static):
    """Shows `View.sentence`, wrapped to two lines at most."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.sentence = ""

    def say(self, sentence: str) -> None:
        """Show this sentence."""
        text = clean(sentence)
        # A cause that it ends with has its own full stop at times.
        self.sentence = text[:-1] if text.endswith("..") and not text.endswith("...") else text
        self.update(Content(self.sentence))
