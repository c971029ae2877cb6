"""What the parser's parts share: the document, the problems found so far, and words for what is wrong with a value."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sfdebug.asl.findings import ERROR, AwsVerdict, Finding
from sfdebug.asl.text.problems import ProblemList, dotted, quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem
    from sfdebug.values import Json

_MAX_SUGGESTIONS: Final = 50
"""Comparing names is slow: after this many wrong ones, no more suggestions are looked for."""

_MAX_PROBLEMS: Final = 1_000
"""Problems kept; a file with more of them is not a definition."""


_SAID: Final = AwsVerdict("")
"""Stands for AWS's words where they are not known: ours, in the style of AWS's."""


class DefinitionReader:
    """Notes problems at pointers into one document.

    `findings` are the problems with AWS's verdicts on them, `unresolved` the warnings about `${Placeholders}` where the
    engine will need a value.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems = ProblemList(document.source)
        self.findings: list[Finding] = []
        self.unresolved: list[Problem] = []
        self.state_names: dict[str, Pointer] = {}
        self.labels: dict[str, Pointer] = {}
        self._suggestions = 0

    @cached_property
    def raised_names(self) -> frozenset[str]:
        """Every error name that a Fail state of the document gives."""
        return frozenset(_errors_of_fail_states(self.document.value))

    def error(
        self,
        pointer: Pointer,
        what: str,
        fix: str,
        *,
        key: bool = False,
        offset: int | None = None,
        aws: AwsVerdict | None = _SAID,
    ) -> None:
        """Note an error at the value at `pointer`, at its key, or at the character `offset` of its string.

        `aws` is what AWS says of it, None when it says so elsewhere already.
        """
        self._find(pointer, self._note(pointer, what, fix, "error", key, offset), aws)

    def warn(
        self,
        pointer: Pointer,
        what: str,
        fix: str,
        *,
        key: bool = False,
        offset: int | None = None,
        aws: AwsVerdict | None = None,
    ) -> None:
        """Note something that does not stop the definition from being loaded, with what AWS says of it."""
        self._find(pointer, self._note(pointer, what, fix, "warning", key, offset), aws)

    def reject(self, pointer: Pointer, verdict: AwsVerdict) -> None:
        """Note what AWS says and nobody is bothered with: a placeholder will be filled in, a reason stands already."""
        self.findings.append(Finding(None, verdict, pointer if verdict.at is None else verdict.at, pending=True))

    def placeholder(self, pointer: Pointer, wanted: str, aws: AwsVerdict = _SAID) -> None:
        """Note that the value at `pointer` still is a placeholder, where `wanted` is needed to run."""
        name = dotted(pointer[-1:])
        what = f"'{name}' is still a placeholder: {wanted} is needed to run this"
        problem = self._note(pointer, what, "fill it in before running", "warning", False, None)
        self._find(pointer, problem, aws, pending=True)
        if problem is not None:
            self.unresolved.append(problem)

    def _find(
        self, pointer: Pointer, problem: Problem | None, aws: AwsVerdict | None, *, pending: bool = False
    ) -> None:
        if problem is None:
            return
        if aws is _SAID:
            aws = AwsVerdict(problem.what[:1].upper() + problem.what[1:], severity=ERROR)
        at = pointer if aws is None or aws.at is None else aws.at
        self.findings.append(Finding(problem, aws, at, pending))

    def _note(
        self, pointer: Pointer, what: str, fix: str, severity: str, key: bool, offset: int | None
    ) -> Problem | None:
        if len(self.problems.items) >= _MAX_PROBLEMS:
            return None
        span = self.document.key_span(pointer) if key else self.document.span(pointer)
        start, end = span.start, span.end
        if offset is not None:
            before = self._before_text(start, end)
            if before is not None:
                start = min(start + before + offset, max(start, end - 1))
                end = start + 1
        if self.document.source.text[start : start + 1] in ("{", "["):
            end = start + 1
        return self.problems.add(start, end, what, fix, where=dotted(pointer), severity=severity)

    def _before_text(self, start: int, end: int) -> int | None:
        """How many characters of a string's source stand before its text; None when its offsets are not the file's."""
        text = self.document.source.text[start:end]
        if "\\" in text or "\n" in text or "''" in text[1:-1]:
            return None
        if len(text) >= 2 and text[0] in "\"'" and text[0] == text[-1]:
            return 1
        return 0 if text.startswith(("$", "States.")) else None

    def suggest(self, name: str, candidates: Iterable[str], otherwise: str = "") -> str:
        """ "did you mean 'X'?" when a candidate is like `name`, else `otherwise`."""
        self._suggestions += 1
        if self._suggestions > _MAX_SUGGESTIONS:
            return otherwise
        close = closest(name, candidates)
        return f"did you mean {quote(close)}?" if close is not None else otherwise


def members(pointer: Pointer, value: Json, without: Sequence[str] = ()) -> Iterator[tuple[Pointer, str, Json]]:
    """Every member of the objects in a value, at any depth, but for what is in the members called `without`."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*pointer, key), key, item
            if key not in without:
                yield from members((*pointer, key), item, without)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from members((*pointer, index), item, without)


def _errors_of_fail_states(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            name = here.get("Error")
            if here.get("Type") == "Fail" and isinstance(name, str):
                yield name
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` most likely was meant to be, None when none is like it."""
    names = list(candidates)
    folded = {candidate.casefold(): candidate for candidate in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    close = get_close_matches(name[:100].casefold(), list(folded), n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def has_placeholder(value: Json) -> bool:
    """Whether a string holds a `${Placeholder}`, to be filled in when the definition is deployed."""
    return isinstance(value, str) and "${" in value


def is_jsonata(value: Json) -> bool:
    """Whether a string is a JSONata expression: `{% … %}`. Source: AWS docs, "Transforming data with JSONata"."""
    return isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}")


def is_half_open(value: Json) -> bool:
    """Whether a string begins or ends as a JSONata expression does, and is none: AWS refuses it (measured)."""
    return isinstance(value, str) and (value.startswith("{%") or value.endswith("%}")) and not is_jsonata(value)
