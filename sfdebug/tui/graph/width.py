"""How wide the graph's pane is: its share of the terminal, more where the drawing needs it. Needs no drawing room."""

from __future__ import annotations

from typing import Final

from sfdebug.tui.panes.arrangement import Arrangement

_SHARES: Final = {Arrangement.TWO: (11 / 24, 0.64), Arrangement.THREE: (10 / 23, 0.5)}
"""The share of the terminal's width that the pane has, and the most that it may take where the drawing needs it."""

_FRAME: Final = 2


def widest(arrangement: Arrangement, width: int) -> int:
    """How many columns a drawing may take in a terminal of this width; 0 where the pane is as wide as it is."""
    share = _SHARES.get(arrangement)
    return int(share[1] * width) - _FRAME if share is not None else 0


def columns(arrangement: Arrangement, width: int, needed: int) -> int:
    """How wide the pane is made, its frame included, for a drawing that needs `needed` columns."""
    least, most = _SHARES[arrangement]
    return max(round(least * width), min(needed + _FRAME, int(most * width)))
