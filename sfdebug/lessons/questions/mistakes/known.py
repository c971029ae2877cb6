"""All mistakes that are known, in the order in which they are offered: what teaches most comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.lessons.questions.mistakes.catching import CATCH_MISTAKES
from sfdebug.lessons.questions.mistakes.containers import CONTAINER_MISTAKES
from sfdebug.lessons.questions.mistakes.counting import COUNTING_MISTAKES
from sfdebug.lessons.questions.mistakes.delays import DELAY_MISTAKES
from sfdebug.lessons.questions.mistakes.endings import ENDING_MISTAKES
from sfdebug.lessons.questions.mistakes.expressions import VALUE_MISTAKES
from sfdebug.lessons.questions.mistakes.handlers import HANDLER_MISTAKES
from sfdebug.lessons.questions.mistakes.jsonata import JSONATA_MISTAKES
from sfdebug.lessons.questions.mistakes.paths import LAST_MISTAKES, PATH_MISTAKES
from sfdebug.lessons.questions.mistakes.rules import RULE_MISTAKES
from sfdebug.lessons.questions.mistakes.templates import TEMPLATE_MISTAKES
from sfdebug.lessons.questions.mistakes.variables import VARIABLE_MISTAKES
from sfdebug.lessons.questions.mistakes.ways import WAY_MISTAKES

if TYPE_CHECKING:
    from sfdebug.lessons.model import PredictKind
    from sfdebug.lessons.questions.mistakes.case import KnownMistake

KNOWN: Final = (
    *CATCH_MISTAKES,
    *CONTAINER_MISTAKES,
    *PATH_MISTAKES,
    *TEMPLATE_MISTAKES,
    *JSONATA_MISTAKES,
    *RULE_MISTAKES,
    *WAY_MISTAKES,
    *DELAY_MISTAKES,
    *HANDLER_MISTAKES,
    *ENDING_MISTAKES,
    *VARIABLE_MISTAKES,
    *COUNTING_MISTAKES,
    *VALUE_MISTAKES,
    *LAST_MISTAKES,
)


def mistakes_for(kind: PredictKind) -> tuple[KnownMistake, ...]:
    """Those that can show in a question of that kind."""
    return tuple(one for one in KNOWN if kind in one.kinds)


def mistake_ids() -> frozenset[str]:
    """The ids of all of them: what `mistakes` of a lesson may name."""
    return frozenset(one.id for one in KNOWN)
