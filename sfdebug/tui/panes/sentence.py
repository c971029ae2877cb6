"""What is said of the stage at hand, at the foot of the debug screen: one plain sentence, or the whole explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from sfdebug.configuration import Explaining
from sfdebug.text import clean
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from textual import events

    from sfdebug.debugger.explaining.model import StageExplanation

ROWS: Final = {Explaining.LINE: 2, Explaining.WHOLE: 4, Explaining.OFF: 0}
"""How high it is, whatever it says, so that nothing moves while one steps: in a narrow terminal a row more for a whole
explanation."""

_LONGEST: Final = 2_000
"""Characters that are wrapped: more than its rows have on any terminal."""


class SentenceBar(Static):
    """Shows `View.sentence`, or an explanation: what happened, and fainter why, and what one might expect.

    What does not fit is cut, and the last row says that there was more.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.sentence = ""
        self.mode = Explaining.LINE
        self.explanation: StageExplanation | None = None
        """What is said in place of the sentence, in full."""
        self._shown: list[Content] = []

    def switch(self, mode: Explaining) -> None:
        """Say so much from now on."""
        self.mode = mode
        self.display = mode is not Explaining.OFF
        self.set_class(mode is Explaining.WHOLE, "-whole")
        self._show()

    def say(self, sentence: str) -> None:
        """Show this sentence."""
        text = clean(sentence)
        # A cause that it ends with has its own full stop at times.
        self.sentence = text[:-1] if text.endswith("..") and not text.endswith("...") else text
        self.explanation = None
        self._show()

    def explain(self, explanation: StageExplanation) -> None:
        """Show this explanation, where there is room for a whole one."""
        self.explanation = explanation
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap it anew."""
        self._show()

    def _show(self) -> None:
        width, rows = self.content_size
        if not width or not rows:
            return  # it is wrapped when there is a size to wrap it to
        if self.mode is Explaining.WHOLE and self.explanation is not None:
            lines = _explained(self.explanation, width, rows)
        else:
            lines = _wrapped(Content(self.sentence[:_LONGEST]), width, 2)
        if lines != self._shown:
            self._shown = lines
            self.update(Content("\n").join(lines), layout=False)  # it has its rows whatever it says


_WHY: Final = "$sf-muted"
_EXPECTED: Final = "$sf-waiting"


def _explained(explanation: StageExplanation, width: int, rows: int) -> list[Content]:
    """The rows of an explanation; where they are too few, why runs on into what one might expect."""
    happened, why = Content(explanation.happened), Content.styled(explanation.why, _WHY)
    expected = Content.styled(explanation.expected, _EXPECTED)
    parts = [part for part in (happened, why, expected) if part.plain]
    lines = [line for part in parts for line in _wrapped(part, width, rows)]
    if len(lines) <= rows:
        return lines
    first = _wrapped(happened, width, 2)
    return first + _wrapped(Content.assemble(why, " ", expected), width, rows - len(first))


def _wrapped(text: Content, width: int, most: int) -> list[Content]:
    """The lines of a text, at most so many; the last one is cut where there is more."""
    lines = [line.rstrip() for line in text.wrap(width)]
    if len(lines) > most:
        rest = " ".join(line.plain for line in lines[most - 1 :])
        paint = lines[most - 1].spans[-1].style if lines[most - 1].spans else ""
        lines[most - 1 :] = [Content.styled(fit(rest, width), paint) if paint else Content(fit(rest, width))]
    return lines
