"""The `${source:address, default}` of a serverless.yml, replaced by what they stand for.

Source: Serverless Framework docs, "Variables" (self, opt, env, sls, aws, param, file, strToBool) and "Parameters". What
only a run of the framework or AWS knows becomes a `${Placeholder}` and is noted as assumed.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.text.problems import quote
from sfdebug.asl.text.source import Document
from sfdebug.projects.assumptions import Placeholder
from sfdebug.projects.model import AssumedBasis, FileRole, ProjectError
from sfdebug.projects.reading import problem_at
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.text.source import Pointer
    from sfdebug.errors import Problem
    from sfdebug.projects.assumptions import Assumptions
    from sfdebug.projects.options import Options
    from sfdebug.projects.reading import ProjectFiles

DEFAULT_STAGE: Final = "dev"
MAX_EXPANSIONS: Final = 100_000
"""Most values that one configuration may come to, so that a small one cannot keep the processor busy for ever."""

MAX_DEPTH: Final = 60
MAX_TEXT: Final = 1 << 20

_BEGINS: Final = re.compile(r"\s*(?!AWS::)[A-Za-z][\w.-]*(?:\(|:)")
_SOURCE: Final = re.compile(r"([A-Za-z][\w-]*)(?:\.[\w-]+)?(?:\(([^()]*)\))?(?::(.*))?", re.DOTALL)
_STRUCTURED: Final = (".yml", ".yaml", ".json")
_PROGRAMS: Final = (".js", ".ts", ".cjs", ".mjs", ".cts", ".mts")
_LITERALS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_TEXTS: Final = frozenset({"opt", "param", "env"})
"""The sources that give texts alone."""

_AT_DEPLOYMENT: Final = {
    "cf": "another stack gives it at deployment",
    "ssm": "it is read from Parameter Store at deployment",
    "s3": "it is read from a bucket at deployment",
    "secretsManager": "it is read from Secrets Manager at deployment",
}


class FoundValue(Struct, frozen=True):
    """A value of a configuration, and where it stands: at `pointer` of a file's document."""

    value: Json
    document: Document
    pointer: Pointer = ()

    def member(self, name: str) -> FoundValue | None:
        """A field or an item of it, None when it has none of this name."""
        if isinstance(self.value, dict):
            key: str | int = name
            value = self.value.get(name)
        elif isinstance(self.value, list) and name.isdecimal() and int(name[:9]) < len(self.value):
            key = int(name[:9])
            value = self.value[key]
        else:
            return None
        return None if value is None else FoundValue(value, self.document, (*self.pointer, key))


class ServerlessVariables:
    """Replaces the variables of one configuration, with a document for each file that it is made of.

    `mounts` say of values that were put in from elsewhere where they stand: pointer by pointer of what is asked for.
    `asked` are the names that a parameter may have.
    """

    def __init__(self, files: ProjectFiles, document: Document, options: Options, assumptions: Assumptions) -> None:
        self.files = files
        self.root = FoundValue(document.value, document)
        self.options = options
        self.assumptions = assumptions
        self.environment: dict[str, str] = dict(options.environment)
        self.mounts: dict[Pointer, tuple[Document, Pointer]] = {}
        self.asked: set[str] = set()
        self.problems: list[Problem] = []
        self._documents: dict[str, Document] = {}
        self._active: list[str] = []
        self._steps = 0

    # what is asked for

    def at(self, *names: str) -> FoundValue | None:
        """What stands at a path of the configuration, with its own variables as they are; None when nothing does."""
        found: FoundValue | None = self.root
        for name in names:
            found = self.whole(found) if found is not None else None
            found = found.member(name) if found is not None else None
        return None if found is None else self.whole(found)

    def text(self, *names: str) -> str:
        """The text at a path of the configuration, "" when there is none."""
        found = self.at(*names)
        value = None if found is None else self.expanded(found, ("", *names))
        return (
            value
            if isinstance(value, str)
            else ""
            if value is None or isinstance(value, dict | list)
            else compact(value)
        )

    def expanded(self, found: FoundValue, at: Pointer) -> Json:
        """A value with all variables in it replaced. `at` is the pointer under which `mounts` tells its places."""
        self._count(found)
        found = self._mounted(found, at)
        value = found.value
        if isinstance(value, str):
            return self._in_text(value, found) if "${" in value else str(value)
        if len(at) > 4 * MAX_DEPTH:
            return None
        if isinstance(value, dict):
            return {key: self.expanded(found_in(found, key), (*at, key)) for key in value}
        if isinstance(value, list):
            return [self.expanded(found_in(found, index), (*at, index)) for index in range(len(value))]
        return value

    def _mounted(self, found: FoundValue, at: Pointer) -> FoundValue:
        whole = self.whole(found)
        if whole is not found and (isinstance(whole.value, dict | list) or whole.document is not found.document):
            self.mounts[at] = place(whole)
        return whole

    def _count(self, found: FoundValue) -> None:
        self._steps += 1
        if self._steps > MAX_EXPANSIONS:
            what = f"its variables come to more than {MAX_EXPANSIONS:,} values"
            raise ProjectError([problem_at(found.document, found.pointer, what, "use fewer variables in variables")])

    # one text

    def whole(self, found: FoundValue) -> FoundValue:
        """What a value that is nothing but a variable stands for, however often."""
        for _ in range(MAX_DEPTH):
            value = found.value
            if not isinstance(value, str) or isinstance(value, Placeholder) or not value.startswith("${"):
                return found
            end = closing(value, 0)
            if end != len(value) or not _BEGINS.match(value, 2):
                return found
            self._count(found)
            better = self._alternatives(value[2 : end - 1], found)
            if better is found:
                return found
            found = better
        return found

    def _in_text(self, text: str, found: FoundValue) -> str:
        """A text with the variables in it replaced."""
        if isinstance(text, Placeholder):
            return str(text)
        parts: list[str] = []
        at = 0
        while (begin := text.find("${", at)) >= 0:
            end = closing(text, begin)
            if end < 0 or not _BEGINS.match(text, begin + 2):
                parts.append(text[at : begin + 2])
                at = begin + 2
                continue
            self._count(found)
            value = self._alternatives(text[begin + 2 : end - 1], found)
            nested = value.value
            if isinstance(nested, str) and "${" in nested:
                with self._entered(text[begin:end], value) as is_free:
                    nested = self._in_text(nested, value) if is_free else nested
            parts += [text[at:begin], as_text(nested)]
            at = end
            if sum(map(len, parts)) > MAX_TEXT:
                break
        return "".join([*parts, text[at:]])

    @contextmanager
    def _entered(self, label: str, found: FoundValue) -> Iterator[bool]:
        """Whether `label` is not being evaluated already: one that is names itself, which is noted."""
        is_free = label not in self._active and len(self._active) < MAX_DEPTH
        if not is_free:
            chain = " → ".join([*self._active[-3:], label])
            self.note(found, f"a cycle of references: {chain}", "break it", severity="error")
        self._active.append(label)
        try:
            yield is_free
        finally:
            self._active.pop()

    def _alternatives(self, text: str, found: FoundValue) -> FoundValue:
        """What `source:address, default` stands for: the first that there is."""
        with self._entered(f"${{{text}}}", found) as is_free:
            if not is_free:
                return self._unknown(text, "it names itself", found)
            choices = split(text)
            for choice in choices:
                value = self._choice(choice.strip(), found)
                if value is not None and value.value is not None:
                    return value
            return self._unresolved(choices[0].strip(), found)

    def _choice(self, choice: str, found: FoundValue) -> FoundValue | None:
        if choice[:1] in ("'", '"') and choice[-1:] == choice[:1] and len(choice) > 1:
            return FoundValue(choice[1:-1], found.document, found.pointer)
        if choice in _LITERALS:
            return FoundValue(_LITERALS[choice], found.document, found.pointer)
        if choice.startswith("${"):
            return self.whole(FoundValue(choice, found.document, found.pointer))
        match = _SOURCE.fullmatch(self._in_text(choice, found) if "${" in choice else choice)
        if match is None or (match[2] is None and match[3] is None):
            return FoundValue(number(choice), found.document, found.pointer) if choice else None
        value = self._from(match[1], match[2] or "", (match[3] or "").strip(), found)
        return (
            value
            if isinstance(value, FoundValue) or value is None
            else FoundValue(value, found.document, found.pointer)
        )

    # sources

    def _from(self, source: str, argument: str, address: str, found: FoundValue) -> FoundValue | Json:
        self.asked.update((f"{source}:{address}", address) if source in ("opt", "param") else (f"{source}:{address}",))
        given = self.options.parameters.get(f"{source}:{address}")
        if given is not None:
            return given if source in _TEXTS else number(given)
        if source == "self":
            return self._in(self.root, address, found)
        if source == "file":
            return self._in_file(argument.strip(), address, found)
        if source == "env":
            return self.environment.get(address)
        if source == "opt":
            return self.options.region if address == "region" else self.options.parameters.get(address)
        if source == "param":
            return self._parameter(address)
        if source == "sls":
            return self.stage() if address == "stage" else None
        if source == "aws":
            return self._of_account(address)
        if source == "strToBool":
            return argument.strip().lower() in ("true", "1", "yes")
        return None

    def _in(self, whole: FoundValue, address: str, found: FoundValue) -> FoundValue | Json:
        """What stands at a dotted address of a document."""
        value: FoundValue | None = whole
        for name in address.split(".") if address else ():
            value = self.whole(value).member(name) if value is not None else None
        if value is not None:
            return self.whole(value)
        if whole is self.root and address == "service.name":
            return self.text("service") or None
        if whole is self.root and address == "provider.stage":
            return self.stage()
        return self.options.region_or(None) if whole is self.root and address == "provider.region" else None

    def _parameter(self, name: str) -> FoundValue | Json:
        given = self.options.parameters.get(name)
        if given is not None:
            return given
        stage = self.stage()
        return (
            self.at("params", stage, name)
            or self.at("stages", stage, "params", name)
            or (self.at("params", "default", name) or self.at("stages", "default", "params", name))
        )

    def _of_account(self, address: str) -> Json:
        if address == "region":
            return self.options.region_or(self.text("provider", "region") or None)
        if address == "accountId":
            account = self.options.account
            return account or self.assumptions.note(
                "AWS::AccountId",
                self.options.account_or_default,
                AssumedBasis.ACCOUNT,
                "a stand-in, as none was given",
                option="--account",
            )
        return None

    def stage(self) -> str:
        """The stage that it is deployed to."""
        self.asked.add("stage")
        given = self.options.parameters.get("stage")
        if given is not None or "stage" in self._active:
            return given or DEFAULT_STAGE
        self._active.append("stage")
        try:
            return self.text("provider", "stage") or DEFAULT_STAGE
        finally:
            self._active.pop()

    def _in_file(self, path: str, address: str, found: FoundValue) -> FoundValue | Json:
        document = self._document(path, found)
        return None if document is None else self._in(FoundValue(document.value, document), address, found)

    def _document(self, name: str, found: FoundValue) -> Document | None:
        path = Path(name).expanduser() if name.startswith("~") else self.files.root / name
        suffix = path.suffix.lower()
        if suffix in _PROGRAMS:
            return None
        shown = self.files.shown(path)
        if shown not in self._documents:
            try:
                if not path.exists():
                    return None
                if suffix in _STRUCTURED:
                    document, warnings = self.files.template(path, FileRole.CONFIGURATION)
                    self.problems += warnings
                else:
                    source = self.files.source(path, FileRole.CONFIGURATION)
                    document = Document(source.text, source, (0, len(source.text)))
            except ProjectError as error:
                self.problems += error.problems
                return None
            except (OSError, ValueError):
                return None
            self._documents[shown] = document
        return self._documents[shown]

    # what nobody knows

    def _unresolved(self, choice: str, found: FoundValue) -> FoundValue:
        """The stand-in for a variable that has no value and no default."""
        text = self._in_text(choice, found) if "${" in choice else choice
        match = _SOURCE.fullmatch(text)
        source, argument, address = (match[1], match[2] or "", match[3] or "") if match else ("", "", text)
        if source == "opt" and address in ("stage", "region"):
            value = self.stage() if address == "stage" else self.options.region_or(None)
            option = "--parameter stage=…" if address == "stage" else "--region"
            basis = AssumedBasis.PARAMETER if address == "stage" else AssumedBasis.REGION
            name = text if address == "stage" else "AWS::Region"
            self.assumptions.note(name, value, basis, "a stand-in, as none was given", option=option, at=place(found))
            return FoundValue(value, found.document, found.pointer)
        if source == "file":
            return self._no_file(text, argument.strip(), address, found)
        if source == "self":
            self.note(
                found, f"there is no {quote(address)} in the configuration", "add it, or give the variable a default"
            )
            return self._unknown(text, "the configuration does not have it", found)
        if source == "env":
            return self._unknown(text, "the environment does not have it", found)
        why = _AT_DEPLOYMENT.get(source, "it was not given" if source in ("opt", "param") else "only a run of it knows")
        return self._unknown(text, why, found)

    def _no_file(self, text: str, path: str, address: str, found: FoundValue) -> FoundValue:
        if Path(path).suffix.lower() in _PROGRAMS:
            return self._unknown(text, "a program gives it", found)
        there = (self.files.root / path) if not path.startswith("~") else Path(path).expanduser()
        if address and there.is_file():
            self.note(found, f"there is no {quote(address)} in {quote(path)}", "check the name behind the colon")
            return self._unknown(text, "the file does not have it", found)
        self.note(found, f"the file {quote(path)} cannot be read", f"check the path: it is {self.files.shown(there)}")
        return self._unknown(text, "there is no such file", found)

    def _unknown(self, text: str, why: str, found: FoundValue) -> FoundValue:
        shown = self.assumptions.unknown(text, why, place(found), option=f"--parameter {text}=…")
        return FoundValue(Placeholder(shown), found.document, found.pointer)

    def note(self, found: FoundValue, what: str, fix: str, *, severity: str = "warning") -> None:
        """Note a problem of the configuration, each only once."""
        problem = problem_at(found.document, found.pointer, what, fix, severity=severity)
        if problem not in self.problems and len(self.problems) < 200:
            self.problems.append(problem)


def place(found: FoundValue) -> tuple[Document, Pointer]:
    """Where a value stands."""
    return found.document, found.pointer


def found_in(found: FoundValue, key: str | int) -> FoundValue:
    """A member that is known to be there."""
    value: Json = found.value[key]  # type: ignore[index]
    return FoundValue(value, found.document, (*found.pointer, key))


def as_text(value: Json) -> str:
    """A value as it is written into a text."""
    return value if isinstance(value, str) else "" if value is None else compact(value)


def number(text: str) -> Json:
    """A number that is a literal, else the text."""
    try:
        return json.loads(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text) else text
    except ValueError:
        return text


def closing(text: str, begin: int) -> int:
    """Where the variable that begins at `begin` with `${` ends, -1 when it does not."""
    depth, quoted = 0, ""
    at = begin
    while at < len(text):
        here = text[at]
        if quoted:
            quoted = "" if here == quoted else quoted
        elif here in "'\"" and depth:
            quoted = here
        elif text.startswith("${", at):
            depth += 1
            at += 1
        elif here == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return -1


def split(text: str) -> list[str]:
    """The alternatives of a variable: what stands between its commas."""
    parts, depth, quoted, begin = [], 0, "", 0
    for at, here in enumerate(text):
        if quoted:
            quoted = "" if here == quoted else quoted
        elif here in "'\"":
            quoted = here
        elif here in "({":
            depth += 1
        elif here in ")}":
            depth -= 1
        elif here == "," and depth <= 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]
