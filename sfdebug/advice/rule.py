"""What a rule is: its id, how much it matters, why, what to do about it, an example of both, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeAlias

from msgspec import Struct

GUIDE: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/"
"""Where the pages of the Step Functions Developer Guide are."""

BEST_PRACTICES: Final = f"{GUIDE}sfn-best-practices.html"


class Severity(StrEnum):
    """How much a finding matters, the worst first."""

    ERROR = "ERROR"
    """AWS rejects it, or it is certain to fail."""
    WARNING = "WARNING"
    """It is most likely not meant, or breaks something once it happens."""
    ADVICE = "ADVICE"
    """It works, and AWS or people who were bitten by it advise otherwise."""
    INFO = "INFO"
    """Worth knowing; many good definitions have it. Shown only when asked for."""

    def is_at_least(self, other: Severity) -> bool:
        """Whether it matters as much as `other`, or more."""
        order = list(Severity)
        return order.index(self) <= order.index(other)


class RuleSubject(StrEnum):
    """What a rule looks at."""

    DEFINITION = "definition"
    TEMPLATE = "template"


Fragment: TypeAlias = "Mapping[str, Any] | str"
"""Of a definition: states by name, or a machine with its `States`. Of a template: its text."""


class Example(Struct, frozen=True):
    """A fragment that a rule speaks of, and the same as it is advised."""

    before: Fragment
    after: Fragment


class Rule(Struct, frozen=True):
    """A rule. `why` is one sentence, `fix` says what to do, `source` who says so: an address, or words.

    `is_for_express` says that it speaks of Express workflows only.
    """

    id: str
    severity: Severity
    why: str
    fix: str
    source: str
    example: Example | None = None
    subject: RuleSubject = RuleSubject.DEFINITION
    is_for_express: bool = False

    @property
    def code(self) -> str:
        """The id as it stands among the codes of AWS's diagnostics."""
        return code_of(self.id)


def code_of(id: str) -> str:
    """`callback-without-timeout` as `CALLBACK_WITHOUT_TIMEOUT`."""
    return id.upper().replace("-", "_")


def id_of(code: str) -> str:
    """The reverse of `code_of`: AWS's own codes get an id by it too."""
    return code.lower().replace("_", "-")
