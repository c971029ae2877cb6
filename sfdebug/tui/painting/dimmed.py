"""What stands behind a dialog, dimmed."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen


class Dimmed(BackgroundScreen):
    """The screen below, as Textual dims it; but each style is mixed once, not for each piece of text that has it."""

    @classmethod
    def process_segments(cls, segments: Iterable[Segment], color: Color) -> Iterable[Segment]:
        """The same pieces of text in dimmed styles."""
        mixed: dict[Style | None, Style | None] = {}
        for segment in segments:
            text, style, control = segment
            if control:
                yield segment
                continue
            if style not in mixed:
                (dimmed,) = super().process_segments([Segment("", style)], color)
                mixed[style] = dimmed.style
            yield Segment(text, mixed[style])
