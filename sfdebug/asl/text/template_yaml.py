"""The YAML of templates: CloudFormation's tags are functions, `<<` merges, a key that stands twice counts last.

Source: AWS docs, "CloudFormation template format" (YAML 1.1, hash merges included); the tags are the short forms of
the intrinsic functions. `!GetAtt A.B` becomes `{"Fn::GetAtt": "A.B"}`, as the long form may be written too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.source import Members
from sfdebug.asl.text.yaml import CLOUDFORMATION, YamlBuilder, YamlFrame

if TYPE_CHECKING:
    import yaml

    from sfdebug.asl.text.problems import Scan
    from sfdebug.asl.text.source import Extent, Source
    from sfdebug.values import Json

_SHORT: Final = frozenset({"Ref", "Condition"})
_MERGE: Final = "<<"


def scan_template_yaml(source: Source) -> Scan:
    """Read the template `source` as far as it goes: its document, if there is one, and every problem. Never raises."""
    return _TemplateBuilder(source).read()


def _function(tag: str | None) -> str | None:
    """The intrinsic function that a tag stands for."""
    if tag not in CLOUDFORMATION:
        return None
    name = tag[1:] if tag else ""
    return name if name in _SHORT else f"Fn::{name}"


class _TemplateBuilder(YamlBuilder):
    forgives_repeats = True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._opening: str | None = None
        self._wrapped: dict[int, tuple[Json, Members]] = {}

    def check_empty(self) -> None:
        if not self.documents:
            end = len(self.text)
            self.stop(end, end, "there is nothing in it", "give a template that has Resources")

    def take_scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        frame = self.stack[-1]
        name = _function(event.tag)
        if name is None or frame.wants_key:
            super().take_scalar(event, start, end)
            return
        end = start + len(self.text[start:end].rstrip())
        members = Members(start)
        members.end = end
        members.values[name] = (start, end)
        value: Json = {name: event.value}
        if event.anchor:
            self.anchors[event.anchor] = (value, members, 2, 1)
        self.put(frame, value, members, 2, 1)

    def take_key(self, frame: YamlFrame, key: Json, event: yaml.ScalarEvent, start: int, end: int) -> None:
        """Any scalar is a key: account ids and versions stand in Mappings without quotes."""
        frame.wants_key = False
        text: str = event.value
        if event.anchor:
            self.anchors[event.anchor] = (text, (start, end), 1, 0)
        if text == _MERGE and _MERGE in frame.members.keys:
            self.note_repeated(text, frame.members.keys[text], start, end)
        self.name_member(frame, text, start, end)

    def resolved(self, event: yaml.ScalarEvent, start: int, end: int) -> Json:
        return event.value if self.stack[-1].wants_key else super().resolved(event, start, end)

    def take_tag(self, tag: str, start: int, end: int) -> None:
        self._opening = _function(tag)
        if self._opening is None:
            super().take_tag(tag, start, end)

    def attach(self, frame: YamlFrame, child: YamlFrame) -> None:
        name, self._opening = self._opening, None
        if name is None:
            super().attach(frame, child)
            return
        members = Members(child.members.start)
        members.values[name] = child.members
        value: Json = {name: child.value}
        self._wrapped[id(child)] = (value, members)
        extent: Extent = members
        if not frame.is_mapping:
            frame.members.values[len(frame.items)] = extent
            frame.items.append(value)
        elif frame.key is not None:
            frame.members.values[frame.key] = extent
            frame.values[frame.key] = value

    def close(self, end: int) -> None:
        child = self.stack[-1]
        if _MERGE in child.values:
            _merge(child)
        super().close(end)
        wrapped = self._wrapped.pop(id(child), None)
        if wrapped is not None:
            value, members = wrapped
            members.end = child.members.end
            if child.anchor:
                self.anchors[child.anchor] = (value, members, child.size + 1, child.height + 1)


def _merge(frame: YamlFrame) -> None:
    """Take what `<<` names into its mapping; what the mapping has itself stays."""
    given = frame.values.pop(_MERGE)
    extent = frame.members.values.pop(_MERGE, None)
    frame.members.keys.pop(_MERGE, None)
    mappings = given if isinstance(given, list) else [given]
    for index, mapping in enumerate(mappings):
        inside = extent.values.get(index) if isinstance(given, list) and isinstance(extent, Members) else extent
        if not isinstance(mapping, dict):
            continue
        for key, value in mapping.items():
            if key in frame.values:
                continue
            frame.values[key] = value
            if isinstance(inside, Members):
                frame.members.values[key] = inside.values.get(key, (inside.start, inside.end))
                if key in inside.keys:
                    frame.members.keys[key] = inside.keys[key]
