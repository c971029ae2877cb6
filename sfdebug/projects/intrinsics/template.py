"""A template as it is written: its sections and resources, where each value stands, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.projects.loops import unrolled
from sfdebug.projects.reading import problem_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.loops import Mounts
    from sfdebug.values import Json

_MAX_PROBLEMS: Final = 200


class WrittenTemplate:
    """One template with the values of its parameters, its loops written out.

    `aliases` are further names of resources (the function keys of serverless.yml); `mounts` say of values that were put
    into the template from elsewhere where they stand.
    """

    def __init__(
        self,
        document: Document,
        parameters: Mapping[str, Json],
        *,
        aliases: Mapping[str, str] | None = None,
        mounts: Mounts | None = None,
    ) -> None:
        self.document = document
        self.parameters = parameters
        self.content, made = unrolled(document, parameters)
        self.problems: list[Problem] = []
        self._aliases = aliases or {}
        self._mounts = {**made, **(mounts or {})}

    def section(self, name: str) -> dict[str, Json]:
        """A section of the template, empty when it is none."""
        value = self.content.get(name)
        return value if isinstance(value, dict) else {}

    def logical_id(self, name: str) -> str:
        """The logical id of what an alias, or the logical id itself, names."""
        return self._aliases.get(name, name)

    def resource(self, name: str) -> dict[str, Json] | None:
        """A resource as written."""
        value = self.section("Resources").get(self.logical_id(name))
        return value if isinstance(value, dict) else None

    def resource_type(self, name: str) -> str:
        """The type of a resource, "" when it is none."""
        value = (self.resource(name) or {}).get("Type")
        return value if isinstance(value, str) else ""

    def properties(self, name: str) -> dict[str, Json]:
        """The properties of a resource as written."""
        value = (self.resource(name) or {}).get("Properties")
        return value if isinstance(value, dict) else {}

    def note(self, pointer: Pointer, what: str, fix: str, *, severity: str = "warning", key: bool = False) -> None:
        """Note a problem of the template."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(self.problem(pointer, what, fix, severity=severity, key=key))

    def problem(self, pointer: Pointer, what: str, fix: str, *, severity: str = "error", key: bool = False) -> Problem:
        """A problem with what stands at a pointer of the template."""
        return problem_at(*self.placed(pointer), what, fix, severity=severity, key=key)

    def placed(self, pointer: Pointer) -> tuple[Document, Pointer]:
        """The document and the pointer in it at which a value of the template was written."""
        for length in range(len(pointer) if self._mounts else 0, 0, -1):
            mounted = self._mounts.get(pointer[:length])
            if mounted is not None:
                return mounted[0], (*mounted[1], *pointer[length:])
        return self.document, pointer
