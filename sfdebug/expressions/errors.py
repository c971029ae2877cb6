"""What can go wrong with an expression: it cannot be read (a syntax error) or it cannot be evaluated."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.errors import SfdebugError
from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.values import Json

Pointer: TypeAlias = "tuple[str | int, ...]"
"""Where something stands in a field's value: object keys and array indices."""

RUNTIME: Final = "States.Runtime"
REFERENCE_PATH_CONFLICT: Final = "States.ReferencePathConflict"


class ExpressionSyntaxError(SfdebugError):
    """An expression that cannot be read.

    `text` is the whole expression and `offset` where in it reading failed, both for a caret under the
    source line. `pointer` leads from the field that was compiled to the text, when that field is an object.
    """

    def __init__(self, text: str, offset: int, message: str, *, fix: str = "") -> None:
        super().__init__(message, fix=fix)
        self.text = text
        self.offset = offset
        self.message = message
        self.pointer: Pointer = ()


class PathSyntaxError(ExpressionSyntaxError):
    """A path that is not JSONPath, or not a Reference Path where one is needed."""


class IntrinsicSyntaxError(ExpressionSyntaxError):
    """An intrinsic function call that cannot be read, or that names a function AWS does not have."""


class TemplateSyntaxError(ExpressionSyntaxError):
    """A payload template with a ".$" key that does not hold a path or an intrinsic function."""


class RuleSyntaxError(ExpressionSyntaxError):
    """A Choice rule that is not one; `field` names the field at fault ("NumericEquals")."""

    def __init__(self, field: str, message: str, *, fix: str = "", text: str = "", offset: int = 0) -> None:
        super().__init__(text, offset, message, fix=fix)
        self.field = field


class ExpressionError(Exception):
    """An expression that cannot be evaluated.

    `error` is the error name that AWS reports, `path` the path at fault as written ("" when it is not a path's
    fault), `field` the payload template key it stands under ("value.$").
    """

    def __init__(self, message: str, *, error: str = RUNTIME, path: str = "") -> None:
        super().__init__(message)
        self.error = error
        self.path = path
        self.field = ""
        self.pointer: Pointer = ()


class Miss(Enum):
    """How a path misses: AWS words the kinds differently, and forgives one of them in payload templates."""

    NAME = "no such field"
    INDEX = "past the end of an array"
    KIND = "a name in a value that is no object, or an index in one that is no array"


class PathNotFoundError(ExpressionError):
    """A path that leads nowhere in its document; `detail` says how, in the words that AWS uses."""

    def __init__(self, path: str, detail: str, miss: Miss = Miss.NAME) -> None:
        super().__init__(detail, path=path)
        self.detail = detail
        self.miss = miss


class NotALeafError(ExpressionError):
    """Several names in a bracket that is not the last step of its path; `path` is the one up to there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"Multi properties can only be used as path leafs: {path}")


class NullInputError(PathNotFoundError):
    """A path into a document that is null. Seen in a public report of AWS, for a path of Parameters."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "Unable to apply Path transformation to null or empty input.", Miss.KIND)


class ChoicePathError(ExpressionError):
    """A Choice rule whose path leads nowhere, in the words that AWS uses."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"Invalid path '{path}': The choice state's condition path references an invalid value.", path=path
        )


class IntrinsicError(ExpressionError):
    """An intrinsic function that refuses its arguments; `cause` says so in the words that AWS uses, `why` in ours.

    AWS documents the error States.IntrinsicFailure, but was measured to report States.Runtime.
    """

    def __init__(self, cause: str, *, why: str = "", path: str = "") -> None:
        super().__init__(cause, path=path)
        self.cause = cause
        self.why = why


class ReferencePathError(ExpressionError):
    """A Reference Path that cannot be followed or written in its document; `why` says so in our words."""

    def __init__(self, path: str, step: str | int, document: Json, why: str, *, error: str) -> None:
        super().__init__(f'Unable to apply step "{step}" to input {compact(document)}', error=error, path=path)
        self.why = why
