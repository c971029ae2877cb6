"""A message to the user on a line of its own: what happened, or why something is not possible."""

from __future__ import annotations

from enum import StrEnum

from textual.content import Content
from textual.widgets import Static

from sfdebug.text import clean
from sfdebug.tui.painting.glyphs import glyphs_of


class Tone(StrEnum):
    """How a message is meant."""

    NEWS = "news"
    REFUSAL = "refusal"
    TROUBLE = "trouble"


class Notice(Static):
    """Shows one message at a time above the footer, over the panes, so that nothing moves."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.display = False
        self.message = ""

    def say(self, text: str, tone: Tone = Tone.NEWS) -> None:
        """Show `text`, which may have several lines."""
        glyphs = glyphs_of(self)
        sign = {Tone.NEWS: glyphs.arrow, Tone.REFUSAL: glyphs.caught, Tone.TROUBLE: glyphs.failed}[tone]
        lines = [clean(line) for line in text.splitlines() if line.strip()] or [""]
        self.message = "\n".join(lines)
        indent = " " * (len(sign) + 2)
        self.update(Content(f" {sign} " + f"\n{indent}".join(lines)))
        for other in Tone:
            self.set_class(other is tone, f"-{other}")
        self.display = True

    def clear(self) -> bool:
        """Take the message away; return whether there was one."""
        was_shown = self.display
        self.display = False
        self.message = ""
        return was_shown
