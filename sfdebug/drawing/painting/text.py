"""A canvas as plain text."""

from __future__ import annotations

from sfdebug.drawing.painting.canvas import Canvas


def lines(canvas: Canvas) -> list[str]:
    """The rows of `canvas`, without blanks at their ends."""
    return ["".join(run.text for run in canvas.row(y)).rstrip() for y in range(canvas.height)]


def text(canvas: Canvas) -> str:
    """`canvas` as one text, ending with a line break."""
    return "\n".join([*lines(canvas), ""])
