"""YAML as values, without positions: what `--output yaml` and `yaml-stream` of AWS's command line print.

libyaml's events are taken one by one, so that a history of 25,000 events costs no more memory than its values. Aliases
are shared, and counted as if they were copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import yaml

from sfdebug.asl.text.yaml import NotJsonError, resolve

if TYPE_CHECKING:
    from sfdebug.values import Json

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml reads the same, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_MOST_VALUES: Final = 5_000_000
"""As many values as a file may stand for once its aliases are followed."""
_MOST_DEPTH: Final = 200


class YamlEndedError(Exception):
    """A text that is not YAML from here on: what is wrong, and the line from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def yaml_values(text: str) -> Iterator[tuple[Json, int]]:
    """The value of each document in `text`, and the line that it starts on.

    Raises YamlEndedError where the text stops being YAML, after what stands before it: of the document that is broken,
    the part that was complete.
    """
    builder = _ValueBuilder()
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if builder.take(event):
                yield builder.root[0], builder.line
    except yaml.YAMLError as error:
        yield from builder.complete()
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or "this cannot be read")
        raise YamlEndedError(what, mark.line + 1 if mark else 0) from error
    except NotJsonError as error:
        raise YamlEndedError(str(error), builder.line) from error


class _ValueBuilder:
    """Makes values of libyaml's events. `root` holds the value of the document at hand."""

    def __init__(self) -> None:
        self._begin(1)

    def _begin(self, line: int) -> None:
        """Nothing is known of the document that starts on this line."""
        self.root: list[Any] = []
        self.line = line
        self._stack: list[list[Any] | dict[str, Any]] = []
        self._keys: list[str | None] = []
        self._sizes: list[int] = []
        self._names: list[str] = []
        self._anchors: dict[str, tuple[Any, int]] = {}

    def take(self, event: yaml.Event) -> bool:
        """Take in one event; whether a document has ended with it."""
        if isinstance(event, yaml.ScalarEvent):
            is_text = bool(event.style) or event.tag in ("!", "tag:yaml.org,2002:str")
            value = event.value if is_text else resolve(event.value)
            if event.anchor:
                self._anchors[event.anchor] = (value, 1)
            self._put(value, 1, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                self._stop("an alias of something that has not ended", event)
            value, size = self._anchors[str(event.anchor)]
            self._put(value, size, event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._begin(event.start_mark.line + 1 if event.start_mark else 1)
        return isinstance(event, yaml.DocumentEndEvent) and bool(self.root)

    def complete(self) -> Iterator[tuple[Json, int]]:
        """The document at hand as far as it goes, without the innermost part that was not finished."""
        for depth in range(len(self._stack) - 1, 0, -1):
            around = self._stack[depth - 1]
            if isinstance(around, list):  # the event, or page, that was cut in two
                around.pop()
                break
        if self.root:
            yield self.root[0], self.line

    def _open(self, value: list[Any] | dict[str, Any], event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= _MOST_DEPTH:
            self._stop(f"it is nested deeper than {_MOST_DEPTH} levels", event)
        if self._stack and isinstance(self._stack[-1], dict) and self._keys[-1] is None:
            self._stop("a key must be text", event)
        self._put(value, 1, event)
        self._stack.append(value)
        self._keys.append(None)
        self._sizes.append(1)
        self._names.append(event.anchor or "")

    def _close(self) -> None:
        value, size, name = self._stack.pop(), self._sizes.pop(), self._names.pop()
        self._keys.pop()
        if name:
            self._anchors[name] = (value, size)
        if self._sizes:
            self._sizes[-1] += size

    def _put(self, value: Any, size: int, event: yaml.Event) -> None:
        if not self._stack:
            self.root.append(value)
            return
        frame = self._stack[-1]
        if isinstance(frame, list):
            frame.append(value)
        elif self._keys[-1] is None:
            if isinstance(value, dict | list):
                self._stop("a key must be text", event)
            self._keys[-1] = str(value)
            return
        else:
            frame[self._keys[-1]] = value
            self._keys[-1] = None
        self._sizes[-1] += size
        if self._sizes[-1] > _MOST_VALUES:
            self._stop(f"its aliases stand for more than {_MOST_VALUES:,} values", event)

    def _stop(self, what: str, event: yaml.Event) -> None:
        self._stack.clear()
        raise YamlEndedError(what, event.start_mark.line + 1 if event.start_mark else 0)
