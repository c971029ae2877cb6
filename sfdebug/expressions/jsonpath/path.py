"""Paths: into the input (`$`), the Context object (`$$`) and variables (`$name`), compiled once to what reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from sfdebug.expressions.errors import ExpressionError, Miss, NullInputError, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.jsonpath.fast_paths import (
    Location,
    PathReader,
    follow,
    plain_reader,
    read_plain_steps,
    root_reader,
    split_root,
)
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.expressions.environment import Environment
    from sfdebug.expressions.jsonpath.ast import Step

_Locate: TypeAlias = "Callable[[Environment], list[Location]]"

_ANY: Final = "[*]"
MAX_LENGTH: Final = 20_000
"""Longest path that is read, in characters."""


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path.

    `root` is "$", "$$" or "$name". `is_definite` says whether the path names one value; else its value is the array
    of all that it finds. `read(environment)` gives that value, or raises PathNotFoundError. `locate(environment)`
    says where in the root's document the values stand: [] when there are none, or when a function computes them.
    """

    text: str
    root: str
    is_definite: bool
    read: PathReader = field(repr=False, compare=False)
    locate: _Locate = field(repr=False, compare=False)

    @property
    def into(self) -> PathReader:
        """`read` for a payload template or a call, where AWS refuses even `$` when the input is null.

        It raises NullInputError then. Source: public reports of `"Input.$": "$"` after a Lambda that returned null.
        """
        if self.text != "$":
            return self.read

        def read(environment: Environment) -> Json:
            if environment.input is None:
                raise NullInputError("$")
            return environment.input

        return read


@lru_cache(maxsize=4096)
def compile_path(text: str) -> Path:
    """Compile a path, once per text. Raises PathSyntaxError, saying what is wrong and where, when it is not one."""
    if len(text) > MAX_LENGTH:
        raise PathSyntaxError(text, MAX_LENGTH, f"the path is longer than {MAX_LENGTH} characters", fix="Shorten it.")
    root, start = split_root(text)
    keys = read_plain_steps(text, start)
    if keys is not None:
        return Path(text, root, True, plain_reader(text, root, keys), _plain_locate(text, root, keys))
    return _stepwise(text, root, start)


def _plain_locate(text: str, root: str, keys: Location) -> _Locate:
    get = root_reader(text, root)

    def locate(environment: Environment) -> list[Location]:
        here: list[str | int] = []
        try:
            value = get(environment)
            for key in keys:
                here.append(key % len(value) if isinstance(key, int) and isinstance(value, list) and value else key)
                value = follow(text, value, (key,))
        except PathNotFoundError:
            return []
        return [tuple(here)]

    return locate


def simple_steps(text: str, start: int) -> tuple[Step, ...] | None:
    """The steps of a path from `start` where they are names, indices and `[*]`; None when anything else is there.

    They are what the grammar would make of them, without the time that it takes to load.
    """
    from sfdebug.expressions.jsonpath.ast import Indices, Names, Wildcard

    steps: list[Step] = []
    for number, part in enumerate(text[start:].split(_ANY)):
        keys = read_plain_steps(part, 0)
        if keys is None:
            return None
        steps += [Wildcard()] * bool(number)
        steps += [Indices((key,)) if isinstance(key, int) else Names((key,)) for key in keys]
    return tuple(steps)


def _stepwise(text: str, root: str, start: int) -> Path:
    # Here and not above: these modules load jsonpath-ng and regex, which plain paths do without.
    from sfdebug.expressions.jsonpath.ast import Evaluation, PathFunction, canonical, is_definite, run

    steps = simple_steps(text, start)
    if steps is None:
        from sfdebug.expressions.jsonpath.parser import parse_steps

        steps = parse_steps(text, start)
    definite = is_definite(steps)
    get = root_reader(text, root)
    computed = bool(steps) and isinstance(steps[-1], PathFunction)

    def read(environment: Environment) -> Json:
        document = get(environment)
        if document is None:
            raise NullInputError(text)
        try:
            nodes = run(steps, document, Evaluation(text, document))
        except RecursionError:
            raise ExpressionError(f"The values that '{text}' compares are nested too deep", path=text) from None
        except PathNotFoundError as error:
            if definite or error.miss is not Miss.NAME:
                raise
            return []
        if not definite:
            return [value for value, _ in nodes]
        if not nodes:
            raise PathNotFoundError(text, f"No results for path: {canonical(steps)}", Miss.INDEX)
        return nodes[-1][0]

    def locate(environment: Environment) -> list[Location]:
        if computed:
            return []
        try:
            document = get(environment)
            return [here for _, here in run(steps, document, Evaluation(text, document))]
        except PathNotFoundError:
            return []

    return Path(text, root, definite, read, locate)
