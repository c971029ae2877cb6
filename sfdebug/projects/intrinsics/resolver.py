"""The evaluation of a template's values: which function is asked, within which bounds, and what stands for the unknown.

The functions themselves stand in modules by what they are about. Each is given the resolver, its argument and the place
of that, and asks the resolver for what its argument comes to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.projects.intrinsics.values import function_in, text_of
from sfdebug.projects.model import ProjectError
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.assumptions import Assumptions
    from sfdebug.projects.deployment import StackPlace
    from sfdebug.projects.intrinsics.template import WrittenTemplate

MAX_EVALUATIONS: Final = 500_000
"""Most values that are looked at for one template, so that a small one cannot keep the processor busy for ever."""

MAX_TEXT: Final = 1 << 22
"""Longest text that a function gives."""

MAX_DEPTH: Final = 120
"""Deepest nesting of functions and references into one another."""

_DYNAMIC: Final = re.compile(r"\{\{resolve:([^{}]+)\}\}")


class Resolver:
    """Evaluates the functions of one template, by the table that it is given.

    `exports` are what other stacks of the project export, by name; `nested_output` gives an output of a nested stack:
    whoever knows the other stacks sets both. `generated_names` are resources that a framework makes besides those of
    the template.
    """

    def __init__(
        self,
        template: WrittenTemplate,
        assumptions: Assumptions,
        place: StackPlace,
        functions: Mapping[str, TemplateFunction],
        generated_names: Collection[str] = (),
    ) -> None:
        self.template = template
        self.assumptions = assumptions
        self.place = place
        self.generated_names = generated_names
        self.exports: Mapping[str, Value] = {}
        self.nested_output: Callable[[str, str], Value] = lambda owner, name: MISSING
        self.known_names: dict[str, tuple[str, tuple[str, ...]]] = {}
        """The names of resources that were asked for before, with what was assumed for them."""
        self.naming: list[str] = []
        """The resources whose names are being found, each for the one before it."""
        self.known_conditions: dict[str, bool] = {}
        self._functions = functions
        self._steps = 0
        self._depth = 0

    def resolve(self, value: Json, at: Pointer = ()) -> Value:
        """`value` with its functions evaluated; MISSING for AWS::NoValue. `at` is where it stands."""
        self.spend(1)
        if self.is_spent:
            what = f"its functions come to more than {MAX_EVALUATIONS:,} evaluations"
            raise ProjectError([self.template.problem(at, what, "use fewer references into references")])
        if isinstance(value, str):
            return _DYNAMIC.sub(lambda match: self._dynamic(match[1], at), value) if "{{resolve:" in value else value
        if not isinstance(value, (dict, list)):
            return value
        if self._depth > MAX_DEPTH:
            what = "functions and references are nested too deep here"
            self.template.note(at, what, "make it flatter", severity="error")
            return self.unknown("Nested", "it is nested too deep", at)
        self._depth += 1
        try:
            name = function_in(value)
            if name is not None and isinstance(value, dict):
                return self._applied(name, value[name], (*at, name))
            if isinstance(value, dict):
                found = {key: self.resolve(item, (*at, key)) for key, item in value.items()}
                return {key: item for key, item in found.items() if item is not MISSING}
            items = (self.resolve(item, (*at, index)) for index, item in enumerate(value))
            return [item for item in items if item is not MISSING]
        finally:
            self._depth -= 1

    def text(self, value: Json, at: Pointer) -> str:
        """`value` evaluated, as a text; a placeholder for what is none."""
        found = self.resolve(value, at)
        text = None if found is MISSING else text_of(found)
        if text is None:
            if isinstance(found, list) and all(isinstance(item, str) for item in found):
                return ",".join(map(str, found))
            self.template.note(at, "a text is needed here", "give a text, or a function that gives one")
            return self.unknown("NoText", "a text is needed there", at)
        return text

    def _applied(self, name: str, argument: Json, at: Pointer) -> Value:
        function = self._functions.get(name)
        if function is None:
            return self.unknown(name.removeprefix("Fn::"), f"sfdebug does not evaluate {name}", at)
        return function(self, argument, at)

    def _dynamic(self, reference: str, at: Pointer) -> str:
        return self.unknown(f"resolve:{reference}", "AWS reads it when the template is deployed", at)

    # what is not known, wrong, or too much

    def unknown(self, name: str, why: str, at: Pointer) -> str:
        """A value that is only known at deployment: a placeholder, which is noted."""
        return self.assumptions.unknown(name, why, self.template.placed(at))

    def wrong(self, at: Pointer, function: str, wanted: str) -> str:
        """What stands for a function whose argument is not what it takes, which is noted."""
        self.template.note(at, f"{function} takes {wanted}", "write it so")
        return self.unknown(function.removeprefix("Fn::"), f"its {function} cannot be read", at)

    def bounded(self, text: str, at: Pointer) -> str:
        """A text that a function has made, or a placeholder for one that is too long."""
        self.spend(len(text) >> 6)
        if len(text) <= MAX_TEXT:
            return text
        what = f"this becomes a text of more than {MAX_TEXT >> 20} MiB"
        self.template.note(at, what, "make it smaller", severity="error")
        return self.unknown("LongText", "it is too long", at)

    def spend(self, evaluations: int) -> None:
        """Count what was looked at."""
        self._steps += evaluations

    @property
    def is_spent(self) -> bool:
        """Whether more was looked at than may be."""
        return self._steps > MAX_EVALUATIONS


TemplateFunction = Callable[[Resolver, Json, "Pointer"], Value]
"""A function of templates: what its argument, which stands at a pointer, comes to."""
