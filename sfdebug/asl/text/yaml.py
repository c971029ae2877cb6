"""YAML with positions: libyaml's events become JSON values, with the extent of every key and value.

Only what JSON can say is read: text keys, one document, and the scalars of the core schema of YAML 1.2 (specification
1.2.2, section 10.3.2), in which `yes` and `012:34` are text and `1e5` is a number. Anchors are shared, not copied, and
counted as if they were copied, so that a small file cannot stand for a huge value.
"""

from __future__ import annotations

import math
import re
from typing import Final

import yaml

from sfdebug.asl.text.json import MAX_DEPTH
from sfdebug.asl.text.json_tokens import MAX_NUMBER_LENGTH
from sfdebug.asl.text.problems import MAX_PROBLEMS, Scan, ScanEndedError, Scanner, quote
from sfdebug.asl.text.source import Extent, Members, Source
from sfdebug.values import MISSING, Json, Value

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml reads the same, slower
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER_STARTS: Final = frozenset("+-.0123456789")

MAX_VALUES: Final = 200_000
"""Most values that a file may stand for once its aliases are followed."""

_NOT_ALLOWED: Final = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TAG: Final = "tag:yaml.org,2002:"

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    f"{_TAG}int": (int,),
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (type(None),),
}
_TEXT_TAGS: Final = frozenset(("!", f"{_TAG}str"))
_COLLECTION_TAGS: Final = frozenset((None, "!", f"{_TAG}map", f"{_TAG}seq"))

CLOUDFORMATION: Final = frozenset(
    f"!{name}"
    for name in (
        *("And", "Base64", "Cidr", "Condition", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue"),
        *("Join", "Length", "Not", "Or", "Ref", "Select", "Split", "Sub", "ToJsonString", "Transform"),
    )
)
"""The tags that stand for CloudFormation's intrinsic functions. Source: CloudFormation's function reference."""

_FIXES: Final = (
    ("mapping values are not allowed", "put text that holds ': ' in quotes, or mend the indentation"),
    ("cannot start any token", "indent with spaces, not tabs; put text that starts with @, ` or % in quotes"),
    ("expected key", "line the key up with the keys above it, or close what was opened before"),
    ("expected <block end>", "mend the indentation of this line"),
    ("expected ',' or", "write the missing comma or bracket"),
    ("unexpected end of stream", "close the quote"),
    ("could not find expected ':'", "write ': ' after the key, or close the quote or bracket before"),
    ("escape", "for a backslash write two, or use single quotes"),
)


class NotJsonError(ValueError):
    """A scalar that YAML takes for a number and JSON cannot hold."""


def resolve(text: str) -> Json:
    """The value of the plain scalar `text`. Raises NotJsonError for infinities, NaN and overlong numbers."""
    if not text or text[0] not in _NUMBER_STARTS:
        if text in _NULLS:
            return None
        return _BOOLEANS.get(text, text)
    if len(text) > MAX_NUMBER_LENGTH:
        if _INTEGER.fullmatch(text) or _BASED.fullmatch(text) or _FLOAT.fullmatch(text):
            raise NotJsonError(f"a number of {len(text)} characters")
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _NO_NUMBER.fullmatch(text):
        raise NotJsonError(f"JSON has no {text}")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise NotJsonError(f"{text} is larger than any number a computer's double can hold")
        return value
    return text


def _has_leading_zeros(text: str) -> bool:
    """Whether the plain scalar is an integer that loses zeros when it is read as a number (an account id does)."""
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and bool(_INTEGER.fullmatch(text))


def scan_yaml(source: Source) -> Scan:
    """Read `source` as far as it goes: its document, if there is one, and every problem. Never raises."""
    return YamlBuilder(source).read()


class YamlFrame:
    """A mapping or sequence being read. `size` and `height` count what is in it, aliases followed."""

    __slots__ = (
        "anchor",
        "height",
        "is_flow",
        "is_key",
        "is_mapping",
        "items",
        "key",
        "members",
        "size",
        "values",
        "wants_key",
    )

    def __init__(self, is_mapping: bool, start: int, anchor: str | None = None, is_key: bool = False) -> None:
        self.is_mapping = is_mapping
        self.anchor = anchor
        self.is_key = is_key
        self.is_flow = False
        self.items: list[Json] = []
        self.values: dict[str, Json] = {}
        self.members = Members(start)
        self.key: str | None = None
        self.wants_key = is_mapping
        self.size = 1
        self.height = 1

    @property
    def value(self) -> Json:
        """What is read of it so far."""
        return self.values if self.is_mapping else self.items


class YamlBuilder(Scanner):
    """Makes a document of libyaml's events. Templates have a dialect of their own: `template_yaml`."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.root = YamlFrame(False, 0)
        self.stack = [self.root]
        self.anchors: dict[str, tuple[Value, Extent, int, int]] = {}
        self.documents = 0
        self.total = 0

    def read(self) -> Scan:
        """Read the source as far as it goes."""
        try:
            self.check_characters()
            for event in yaml.parse(self.text, Loader=_Loader):
                self.take(event)
            self.check_empty()
        except yaml.YAMLError as error:
            self.note_syntax(error)
        except ScanEndedError:
            pass
        for frame in self.stack[1:]:
            frame.members.end = len(self.text)
        return self.scanned(self.root.items, self.root.members)

    def check_characters(self) -> None:
        """Refuse characters that YAML does not have."""
        match = _NOT_ALLOWED.search(self.text)
        if match:
            what = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
            self.stop(*match.span(), what, 'take it out, or write it as an escape in double quotes ("\\x00")')

    def check_empty(self) -> None:
        """Refuse a text without a document."""
        if not self.documents:
            end = len(self.text)
            self.stop(end, end, "there is nothing in it", "write the fields of a definition: StartAt, States, …")

    def note_syntax(self, error: yaml.YAMLError) -> None:
        """Note what libyaml says, in words that help."""
        self.trusted = False
        mark = getattr(error, "problem_mark", None)
        context_mark = getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or "this cannot be read as YAML"
        context = getattr(error, "context", None)
        fix = next((fix for words, fix in _FIXES if words in what), "mend the YAML here")
        if mark and self.text[mark.index : mark.index + 1] == "\t":
            what, context, fix = "a tab cannot indent YAML", None, "indent with spaces"
        elif "unexpected end of stream" in what:
            mark, what, context = context_mark, "this quote is never closed", None
        at = mark.index if mark else 0
        opened = ""
        if context and context_mark and context_mark.index != at:
            line = self.source.span(min(context_mark.index, len(self.text)), len(self.text)).line
            opened = f" that starts on line {line}"
        words = f"{what}, {context}{opened}" if context else what
        self.problems.add(at, at + 1, f"YAML: {words}", fix)

    def take(self, event: yaml.Event) -> None:
        """Take in one event of libyaml."""
        assert event.start_mark is not None, "events read from a text have marks"
        assert event.end_mark is not None, "events read from a text have marks"
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self.take_scalar(event, start, end)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.open(event, start, end)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close(end)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", start, end)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop(start, end, "a second YAML document starts here", "keep one definition in a file")

    def take_scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        """Take in a scalar: a key, or a value."""
        end = start + len(self.text[start:end].rstrip())
        frame = self.stack[-1]
        value = self.resolved(event, start, end)
        if frame.wants_key:
            self.take_key(frame, value, event, start, end)
            return
        if event.anchor:
            self.anchors[event.anchor] = (value, (start, end), 1, 0)
        self.put(frame, value, (start, end), 1, 0)

    def resolved(self, event: yaml.ScalarEvent, start: int, end: int) -> Json:
        """The value of a scalar; notes what JSON has no value for."""
        text: str = event.value
        if event.style == '"' and _SURROGATE.search(text):
            self.note(
                start,
                end,
                "half of a surrogate pair without its other half",
                "write the character itself",
                harmless=True,
            )
            return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
        if event.tag in _TEXT_TAGS or (event.tag is None and event.style):
            return text
        try:
            value = resolve(text)
        except NotJsonError as error:
            self.note(start, end, str(error), "write a number that JSON has, or text in quotes", harmless=True)
            return None
        if event.tag is None:
            self._warn_zeros(text, start, end)
        elif event.tag not in _TYPES:
            self._no_tag(event.tag, start, end)
            return text
        elif not isinstance(value, _TYPES[event.tag]):
            what = f"{quote(text)} is not what its tag !!{event.tag.removeprefix(_TAG)} says"
            self.note(start, end, what, "take the tag out", harmless=True)
        return value

    def _warn_zeros(self, text: str, start: int, end: int) -> None:
        if _has_leading_zeros(text) and len(self.problems.items) < MAX_PROBLEMS:
            what = f"{text[:40]} is read as a number, without its leading zeros"
            self.problems.add(start, end, what, f"if they count, write '{text[:40]}' in quotes", severity="warning")

    def _no_tag(self, tag: str, start: int, end: int) -> None:
        name = tag.replace(_TAG, "!!")
        if name in CLOUDFORMATION:
            what = f"{name} is CloudFormation's: Step Functions does not know it in a definition"
            fix = "write a placeholder, ${Name}, and give its value under DefinitionSubstitutions in the template"
        else:
            what, fix = f"the tag {quote(name)} means nothing in a definition", "take it out"
        self.note(start, end, what, fix, harmless=True)

    def take_key(self, frame: YamlFrame, key: Json, event: yaml.ScalarEvent, start: int, end: int) -> None:
        """Take in the key of a mapping."""
        frame.wants_key = False
        if event.anchor:
            self.anchors[event.anchor] = (key, (start, end), 1, 0)
        if key == "<<" and not event.style:
            what = "'<<' merges in another YAML dialect only"
            self.note(start, end, what, "write the fields out, or give the whole value an alias")
            return
        if not isinstance(key, str):
            kind = {bool: "a boolean", type(None): "null"}.get(type(key), "a number")
            text = self.text[start:end] or "null"
            fix = f"write '{text[:60]}' in quotes" if start < end else "write a name before the ':'"
            self.note(start, end, f"a key must be text, and {quote(text)} is {kind}", fix, harmless=True)
            key = text
        self.name_member(frame, key, start, end)

    def name_member(self, frame: YamlFrame, key: str, start: int, end: int) -> None:
        """Note which key the next value belongs to."""
        if key in frame.members.keys:
            self.note_repeated(key, frame.members.keys[key], start, end)
        frame.members.keys[key] = (start, end)
        frame.key = key

    def put(self, frame: YamlFrame, value: Json, extent: Extent, size: int, height: int) -> None:
        """Put a value where `frame` awaits one."""
        self.total += size
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if not frame.is_mapping:
            frame.members.values[len(frame.items)] = extent
            frame.items.append(value)
            return
        if frame.key is not None:
            frame.members.values[frame.key] = extent
            frame.values[frame.key] = value
        frame.key = None
        frame.wants_key = True

    def open(self, event: yaml.CollectionStartEvent, start: int, end: int) -> None:
        """Take in the start of a mapping or a sequence."""
        frame = self.stack[-1]
        if len(self.stack) > MAX_DEPTH:
            self.stop(start, end, f"nested deeper than {MAX_DEPTH} levels", "make it flatter")
        if event.tag not in _COLLECTION_TAGS:
            self.take_tag(str(event.tag), start, max(start + 1, end))
        child = YamlFrame(isinstance(event, yaml.MappingStartEvent), start, event.anchor, frame.wants_key)
        child.is_flow = bool(event.flow_style)
        if child.is_key:
            self.note(start, start + 1, "a key must be text, not a list or a mapping", "write a name")
            frame.wants_key = False
        if event.anchor:
            self.anchors[event.anchor] = (MISSING, child.members, 0, 0)
        self.stack.append(child)
        if not child.is_key:
            self.attach(frame, child)

    def take_tag(self, tag: str, start: int, end: int) -> None:
        """Take in the tag of a mapping or sequence that is about to start."""
        self._no_tag(tag, start, end)

    def attach(self, frame: YamlFrame, child: YamlFrame) -> None:
        """Put the still empty value of `child` into `frame`, so that what is read so far survives a syntax error."""
        if not frame.is_mapping:
            frame.members.values[len(frame.items)] = child.members
            frame.items.append(child.value)
        elif frame.key is not None:
            frame.members.values[frame.key] = child.members
            frame.values[frame.key] = child.value

    def close(self, end: int) -> None:
        """Take in the end of a mapping or a sequence."""
        child = self.stack.pop()
        members = child.members
        members.end = end if child.is_flow else max(members.start, _last_end(members))
        if child.anchor:
            self.anchors[child.anchor] = (child.value, members, child.size, child.height)
        frame = self.stack[-1]
        if child.is_key:
            return
        self.total += 1
        frame.size += child.size
        frame.height = max(frame.height, child.height + 1)
        if frame.is_mapping:
            frame.key = None
            frame.wants_key = True

    def _alias(self, name: str, start: int, end: int) -> None:
        frame = self.stack[-1]
        if name not in self.anchors:
            fix = f"write &{name} where the value stands, before this"
            self.note(start, end, f"there is no anchor '&{name}' before this alias", fix)
            value: Value = None
            extent: Extent = (start, end)
            size, height = 1, 0
        else:
            value, extent, size, height = self.anchors[name]
        if value is MISSING:
            self.stop(start, end, f"the alias '*{name}' stands inside its own anchor", "a value cannot hold itself")
        if len(self.stack) + height > MAX_DEPTH:
            self.stop(start, end, f"aliases nest deeper than {MAX_DEPTH} levels", "make it flatter")
        if self.total + size > MAX_VALUES:
            self.stop(start, end, f"aliases make this more than {MAX_VALUES:,} values", "write it with fewer aliases")
        if not frame.wants_key:
            self.put(frame, value, extent if isinstance(extent, Members) else (start, end), size, height)
            return
        frame.wants_key = False
        if isinstance(value, str):
            self.name_member(frame, value, start, end)
        else:
            self.note(start, end, "a key must be text", "write a name")


def _last_end(members: Members) -> int:
    """Where the last key or value inside ends."""
    last = next(reversed(members.values.values()), None)
    value_end = 0 if last is None else last[1] if isinstance(last, tuple) else last.end
    key_end = next(reversed(members.keys.values()), (0, 0))[1]
    return max(value_end if value_end >= members.start else 0, key_end)
