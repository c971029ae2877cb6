"""The page docs/mistakes.md: the mistakes that wrong choices of lessons come from."""

from __future__ import annotations

from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.mistakes.known import mistakes_for

_HEAD = """\
# Mistakes

Made from the program: `make docs` writes it anew.

A predict step of a [lesson](lessons.md) offers wrong choices that somebody would come to who thinks one of
these. What each leads to is computed, by the engine where it can be: on a machine that works in that way, from
the same place on. A mistake that leads to the right answer here, or to the same as another, is left out.
`mistakes = ["…"]` of a step takes those that it names, and no others; a typed answer is told from all of them.
For a stage (`at = "Charge/ResultPath"`) those are offered that are about its field.
"""


def mistakes_page() -> str:
    """All mistakes that are known, by what is predicted."""
    parts = [_HEAD]
    for kind in PredictKind:
        rows = "\n".join(f"| `{one.id}` | {one.thinks} |" for one in mistakes_for(kind))
        parts.append(f"## `{kind}`\n\n| Mistake | Who makes it thinks that |\n|---|---|\n{rows}\n")
    return "\n".join(parts)
