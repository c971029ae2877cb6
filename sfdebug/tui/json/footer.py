"""The words at the foot of the JSON pane: where the cursor is, how the search goes, how much differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.text import counted
from sfdebug.tui.json.nodes import label, split_place
from sfdebug.tui.json.text import path_text
from sfdebug.tui.painting.paint import fit

if TYPE_CHECKING:
    from sfdebug.tui.json.changes import Counts
    from sfdebug.tui.json.nodes import JsonNode
    from sfdebug.tui.painting.glyphs import Glyphs


def where_text(node: JsonNode, path: str) -> str:
    """The path under the cursor, with which part of a long array it is, and where in a text that holds JSON."""
    part = f"  {label(node)}" if node.is_part else ""
    _, inner = split_place(node)
    return f"{path}{f', in its text {path_text(inner)}' if inner else ''}{part}"


def search_text(query: str, match: int, count: int) -> str:
    """How a search goes; `match` counts from 0 and is -1 when the cursor is on none."""
    place = f"{match + 1:,} of " if match >= 0 else ""
    return f"/{fit(query, 20)}  {place}{count_text(count)}"


def count_text(count: int) -> str:
    """The number of matches in words: `3 matches`, `1 match`, `no match`."""
    return counted(count, "match") if count else "no match"


def change_text(counts: Counts, glyphs: Glyphs) -> str:
    """How many values were added, removed and changed."""
    if not counts:
        return "no difference"
    parts = ((glyphs.added, counts.added), (glyphs.removed, counts.removed), (glyphs.changed, counts.changed))
    return "  ".join(f"{sign} {count:,}" for sign, count in parts if count)
