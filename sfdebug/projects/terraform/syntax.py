"""What a `.tf` file is made of. Every node knows where in its file it stands.

Source: HCL native syntax specification.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from sfdebug.asl.text.placed import PlacedText
from sfdebug.values import Json


class Node(Struct, frozen=True):
    """A stretch of a file: offsets of its first character and of what follows its last."""

    start: int
    end: int


class HclLiteral(Node, frozen=True):
    """A number, true, false or null."""

    value: Json


class HclName(Node, frozen=True):
    """The first part of a reference: `var`, `local`, a type of resource, a name of a `for`."""

    name: str


class Attribute(Node, frozen=True):
    """`owner.name`."""

    owner: Expression
    name: str


class Index(Node, frozen=True):
    """`owner[key]`."""

    owner: Expression
    key: Expression


class Splat(Node, frozen=True):
    """`owner[*]` with what is taken of each: names and keys."""

    owner: Expression
    steps: tuple[str | Expression, ...]


class Call(Node, frozen=True):
    """A call of a function; `expands` says that its last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    expands: bool = False


class ListOf(Node, frozen=True):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class ObjectOf(Node, frozen=True):
    """`{ key = value }`; a bare key is a text."""

    items: tuple[tuple[Expression, Expression], ...]


class ForOf(Node, frozen=True):
    """`[for value in collection : result]`, or with a key and in braces an object."""

    key: str
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    is_grouped: bool


class Choice(Node, frozen=True):
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression


class Operation(Node, frozen=True):
    """Two operands, or one behind `!` and `-`."""

    operator: str
    left: Expression
    right: Expression | None = None


class HclTemplate(Node, frozen=True):
    """A text with values in it: in quotes, or a heredoc."""

    parts: tuple[Part, ...]


class Interpolation(Node, frozen=True):
    """`${value}` in a text."""

    value: Expression


class IfParts(Node, frozen=True):
    """`%{ if condition }…%{ else }…%{ endif }` in a text."""

    condition: Expression
    yes: tuple[Part, ...]
    no: tuple[Part, ...]


class ForParts(Node, frozen=True):
    """`%{ for value in collection }…%{ endfor }` in a text."""

    key: str
    value: str
    collection: Expression
    parts: tuple[Part, ...]


_Reference: TypeAlias = "HclName | Attribute | Index | Splat | Call"
Expression: TypeAlias = "HclLiteral | _Reference | ListOf | ObjectOf | ForOf | Choice | Operation | HclTemplate"
Part: TypeAlias = "PlacedText | Interpolation | IfParts | ForParts"


class Body(Struct, frozen=True):
    """What stands between braces, or in a file: arguments with where their names stand, and blocks."""

    arguments: dict[str, tuple[Expression, int]]
    blocks: tuple[HclBlock, ...]

    def argument(self, name: str) -> Expression | None:
        """The value of an argument, None when there is none."""
        found = self.arguments.get(name)
        return None if found is None else found[0]


class HclBlock(Struct, frozen=True):
    """A block: `resource "type" "name" { … }`."""

    type: str
    labels: tuple[str, ...]
    body: Body
    start: int
