"""Checks what the steps of a lesson say: whether it fits where it is shown, and whether hints are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sfdebug.lessons.model import SayStep
from sfdebug.text import cell_width

if TYPE_CHECKING:
    from sfdebug.lessons.model import Lesson, Step

LINE_CELLS: Final = 78
"""So wide is a line of the text: two cells less than the narrowest terminal that the screen is made for."""
MOST_LINES: Final = 3
MOST_CHARACTERS: Final = 230
MOST_SENTENCES: Final = 3
MOST_TITLE: Final = 48
_LEAST_WORDS: Final = 4
"""A hint of fewer words may be the answer, which may stand in the text for another reason."""

_SENTENCE_END: Final = re.compile(r"(?<!\be\.g)(?<!\bi\.e)[.?!][\"')\]]*(?=\s|$)")


def text_problems(lesson: Lesson) -> Iterator[tuple[int, str, str]]:
    """What is too long or missing in a lesson: the line, what it is, and how it is mended."""
    if cell_width(lesson.title) > MOST_TITLE:
        yield 1, f"the title is longer than {MOST_TITLE} characters", "Make it shorter."
    yield from _too_long(1, "cures", lesson.cures)
    for step in lesson.steps:
        yield from _step_problems(step)


def _step_problems(step: Step) -> Iterator[tuple[int, str, str]]:
    yield from _too_long(step.line_of("say"), "say", step.say)
    for number, hint in enumerate(step.hints, start=1):
        yield from _too_long(step.line_of("hints"), f"hint {number}", hint)
        if len(hint.split()) >= _LEAST_WORDS and hint.rstrip(".?!").casefold() in step.say.casefold():
            yield step.line_of("hints"), f"hint {number} says what the step says already", "Say more, or leave it out."
    if isinstance(step, SayStep):
        if step.hints:
            yield step.line_of("hints"), "a step that is only read has no use for hints", "Leave hints out."
        return
    yield from _too_long(step.line_of("reveal"), "reveal", step.reveal)
    if not step.hints:
        yield step.line, "the step has no hint", 'Write: hints = ["…"]; the last one may say how it is done.'


def _too_long(line: int, name: str, text: str) -> Iterator[tuple[int, str, str]]:
    lines = lines_of(text)
    if len(text) > MOST_CHARACTERS or lines > MOST_LINES:
        fits = f"{MOST_LINES} lines of {LINE_CELLS} characters fit"
        yield (
            line,
            f"{name} is too long: it takes {lines} lines, {len(text)} characters, and {fits}",
            "Make two steps of it.",
        )
    sentences = len(_SENTENCE_END.findall(text))
    if sentences > MOST_SENTENCES:
        yield line, f"{name} has {sentences} sentences, and up to {MOST_SENTENCES} are read", "Make two steps of it."


def lines_of(text: str) -> int:
    """How many lines a text takes where it is shown, broken between words."""
    count, width = 1, 0
    for word in text.split():
        needed = cell_width(word)
        if width and width + 1 + needed > LINE_CELLS:
            count, width = count + 1, needed
        else:
            width += needed + (1 if width else 0)
    return count
