"""Bodies: arguments and blocks, of a file and of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.text.placed import PlacedText
from sfdebug.asl.text.problems import quote
from sfdebug.projects.terraform.parsing.expressions import ExpressionReader
from sfdebug.projects.terraform.parsing.scanner import HclScanner
from sfdebug.projects.terraform.syntax import Body, Expression, HclBlock

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Source


def parse_file(source: Source) -> Body:
    """The body of a `.tf` file. Raises ProjectError, with the place, for what is none."""
    scanner = HclScanner(source)
    body = _BodyReader(scanner).body()
    if not scanner.is_at_end:
        raise scanner.error(scanner.at, "this } closes nothing", "take it out")
    return body


class _BodyReader:
    def __init__(self, scanner: HclScanner) -> None:
        self._scanner = scanner
        self._expressions = ExpressionReader(scanner)

    def body(self) -> Body:
        """Arguments and blocks, to the closing brace or the end of the file."""
        scanner = self._scanner
        arguments: dict[str, tuple[Expression, int]] = {}
        blocks: list[HclBlock] = []
        while True:
            scanner.skip_lines()
            if scanner.is_at_end or scanner.sees("}"):
                return Body(arguments, tuple(blocks))
            start = scanner.at
            name = scanner.word()
            if not name:
                raise scanner.error(start, "a name of an argument or of a block is needed here", "write one")
            scanner.skip()
            if scanner.sees("=") and not scanner.sees("=="):
                scanner.at += 1
                arguments[name] = (self._argument(name), start)
            else:
                blocks.append(self._block(name, start))

    def _argument(self, name: str) -> Expression:
        scanner = self._scanner
        value = self._expressions.expression()
        scanner.skip()
        if not scanner.is_at_end and not scanner.sees("\n", "}"):
            what = f"this does not belong to {quote(name)}"
            raise scanner.error(scanner.at, what, "write each argument on its own line")
        return value

    def _block(self, name: str, start: int) -> HclBlock:
        scanner = self._scanner
        labels = []
        while not scanner.sees("{"):
            label = self._label()
            if label is None:
                raise scanner.error(scanner.at, f"= or {{ is missing behind {quote(name)}", "write one of them")
            labels.append(label)
            scanner.skip()
        scanner.at += 1
        with scanner.nested(start):
            body = self.body()
        if scanner.is_at_end:
            raise scanner.error(scanner.at - 1, "a block is never closed", "write } where it should end")
        scanner.at += 1
        return HclBlock(name, tuple(labels), body, start)

    def _label(self) -> str | None:
        if self._scanner.sees('"'):
            template = self._expressions.templates.quoted()
            return "".join(part.text for part in template.parts if isinstance(part, PlacedText))
        return self._scanner.word() or None
