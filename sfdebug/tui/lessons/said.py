"""What a lesson or a quiz says at the foot of the screen, and how that is broken into lines and parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec import Struct
from textual.content import Content

from sfdebug.text import clean
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece

Line: TypeAlias = "list[Piece]"

_EDGE: Final = 1
_WIDEST: Final = 118
"""Longer lines are hard to read."""
_MARKED: Final = 3
"""Columns that a sign in front of a text takes, with the blanks around it."""


class SaidPart(NamedTuple):
    """What is seen of it at one time: what the first line says, and the lines below it."""

    heading: str
    lines: list[Line]
    first_answer: int = 0
    """The number of the line with the first choice, from 0."""


class Said(Struct, frozen=True):
    """What is said at one time: a text, then perhaps a question with what can be answered.

    `title` and `aside` stand in the first line. `sign` is the name of a glyph in front of the text, with its `paint`.
    `choices` are numbered from 1, and `chosen` is the one at hand; `entry` is what was typed so far, None where nothing
    is to be typed. `note` says what to do.
    """

    title: str
    aside: str = ""
    text: str = ""
    sign: str = ""
    paint: str = ""
    prompt: str = ""
    choices: tuple[str, ...] = ()
    chosen: int = 0
    entry: str | None = None
    unit: str = ""
    note: str = ""
    has_field: bool = False

    @property
    def is_asking(self) -> bool:
        """Whether there is something to answer, or to do."""
        return bool(self.prompt or self.note)

    def parts(self, width: int, rows: int, glyphs: Glyphs) -> list[SaidPart]:
        """What is said in parts of at most `rows` lines of `width` cells. All is one part where it fits; else what is
        asked is the last part, by itself."""
        told, prompt, answers = self._told(width, glyphs), self._prompt(width), self._answers(width, glyphs)
        if len(told) + len(prompt) + len(answers) <= rows:
            return [SaidPart(self.title, [*told, *prompt, *answers], len(told) + len(prompt))]
        parts = [SaidPart(self.title, told[at : at + rows]) for at in range(0, len(told), rows)]
        if prompt and len(prompt) + len(answers) > rows:
            parts.append(SaidPart(self.prompt, answers[:rows]))
        elif prompt or answers:
            parts.append(SaidPart(self.title, [*prompt, *answers], len(prompt)))
        return parts

    def _told(self, width: int, glyphs: Glyphs) -> list[Line]:
        lines: list[Line] = []
        for paragraph in filter(None, self.text.split("\n")):
            sign = self.sign if not lines else ""
            room = width - (_MARKED if self.sign else 0)
            for number, line in enumerate(_broken(paragraph, room)):
                mark: list[Piece] = [("   ", "")] if self.sign else []
                if sign and number == 0:
                    mark = [(f" {getattr(glyphs, sign)} ", self.paint)]
                lines.append([*mark, (line if mark else f" {line}", "")])
        return lines

    def _prompt(self, width: int) -> list[Line]:
        return [[(f" {line}", "strong")] for line in _broken(self.prompt, width)] if self.prompt else []

    def _answers(self, width: int, glyphs: Glyphs) -> list[Line]:
        lines: list[Line] = []
        for number, choice in enumerate(self.choices):
            is_chosen = number == self.chosen
            pointer = glyphs.current if is_chosen else " "
            text = fit(choice, max(1, width - 7))
            lines.append(
                [(f" {pointer} ", "current"), (f"{number + 1} ", "key"), (text, "strong" if is_chosen else "")]
            )
        if self.entry is not None:
            unit = f" {clean(self.unit)}" if self.unit else ""
            lines.append([(" > ", "key"), (clean(self.entry), "strong"), (" ", "cursor"), (unit, "muted")])
        if self.note:
            lines += [[(f" {line}", "muted")] for line in _broken(self.note, width)]
        if self.has_field:
            lines.append([])
        return lines

    def is_cut(self, number: int, width: int) -> bool:
        """Whether a choice is longer than its line."""
        return fit(self.choices[number], max(1, width - 7)) != clean(self.choices[number])


def _broken(text: str, width: int) -> Sequence[str]:
    room = max(1, min(width, _WIDEST) - 2 * _EDGE)
    return [line.plain.rstrip() for line in Content(clean(text)).wrap(room)]
