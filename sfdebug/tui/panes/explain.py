"""Why: the rules of a Choice taken apart, and what Retry and Catch made of a fault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.strip import Strip

from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict
from sfdebug.text import clean
from sfdebug.tui.painting.describe import told_children, verdict_line, verdict_words
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.painting.paint import Painted, Piece, fitted, strip_of

if TYPE_CHECKING:
    from sfdebug.engine.execution.visit import Stage
    from sfdebug.expressions.choice import Verdict
    from sfdebug.tui.painting.glyphs import Glyphs

_MOST_LINES: Final = 10


class ExplainBox(Painted):
    """A few lines above the data that say why a stage came out as it did; not there when there is nothing to say."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ExplainBox { height: auto; max-height: 10; display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[list[Piece]] = []

    def explain(self, stage: Stage | None, differences: Sequence[str] = ()) -> None:
        """Explain this stage; `differences` say how its value differs from a recorded one."""
        glyphs = glyphs_of(self)
        self.lines = [[(f" {glyphs.differs} ", "failed"), (clean(text), "")] for text in differences]
        self.lines += explanation(stage, glyphs) if stage is not None else []
        if len(self.lines) > _MOST_LINES:
            left = len(self.lines) - _MOST_LINES + 1
            self.lines = [*self.lines[: _MOST_LINES - 1], [(f"   and {left} more conditions", "faint")]]
        self.display = bool(self.lines)
        self.styles.height = max(1, len(self.lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the explanation."""
        pieces = self.lines[y] if y < len(self.lines) else []
        return strip_of(self, fitted(pieces, self.size.width), self.size.width)


def explanation(stage: Stage, glyphs: Glyphs) -> list[list[Piece]]:
    """The lines that explain a stage; none for a stage that explains itself."""
    detail = stage.detail
    lines: list[list[Piece]] = []
    if isinstance(detail, (RetryVerdict, CatchVerdict)):
        sign, paint = (glyphs.done, "done") if detail.matched else (glyphs.skipped, "muted")
        lines.append([(f" {sign} ", paint), (clean(verdict_words(detail)), "")])
    elif detail is not None:
        lines += _verdict_lines(detail, glyphs, 0)
    return lines


def _verdict_lines(verdict: Verdict, glyphs: Glyphs, depth: int) -> list[list[Piece]]:
    sign, paint = (glyphs.done, "done") if verdict.matched else (glyphs.skipped, "muted")
    lines: list[list[Piece]] = [
        [(f" {'  ' * depth}{sign} ", paint), (clean(verdict_line(verdict)), "" if depth else "strong")]
    ]
    for child in told_children(verdict):
        lines += _verdict_lines(child, glyphs, depth + 1)
    return lines
