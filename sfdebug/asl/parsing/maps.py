"""The fields of a Map state, and of a Distributed Map's reader, batcher and writer.

Source: AWS docs, "Using Map state in Distributed mode" and the pages of ItemReader, ItemBatcher and ResultWriter; what
AWS says of them was reported. What it rejects here stops nobody from looking at the definition: it is warned of, except
for the numbers, which keep the rules of the Map's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage
from sfdebug.asl.findings import (
    ERROR,
    AwsVerdict,
    listed,
    needs_one,
    not_supported,
    only_one,
    other_language,
    our_verdict,
    required,
)
from sfdebug.asl.parsing.fields import DISTRIBUTED, MAP_NUMBERS, PROCESSORS
from sfdebug.asl.parsing.objects import check_exclusive
from sfdebug.asl.reader import closest, has_placeholder, is_jsonata
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.reader import DefinitionReader
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_READERS: Final = ("s3:getObject", "s3:listObjectsV2")
_WRITER: Final = "s3:putObject"
_WRITING: Final = {"OutputType": ("JSON", "JSONL"), "Transformation": ("NONE", "COMPACT", "FLATTEN")}
_READING: Final = {
    "InputType": ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"),
    "Transformation": ("NONE", "LOAD_AND_FLATTEN"),
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
}
_OF_CSV: Final = ("CSVHeaderLocation", "CSVHeaders", "CSVDelimiter")
_NOT_OF: Final = {"JSON": (*_OF_CSV, "ManifestType"), "JSONL": _OF_CSV, "PARQUET": _OF_CSV}
"""The fields of a ReaderConfig that an InputType does not have. Recorded for JSON and JSONL, but for the delimiter."""

_BATCHES: Final = (
    "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath",
)  # fmt: skip
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "ItemReader": ("Resource", "Parameters", "Arguments", "ReaderConfig"),
    "ItemBatcher": (*_BATCHES, "BatchInput"),
    "ResultWriter": ("Resource", "Parameters", "Arguments", "WriterConfig"),
}
_LANGUAGES: Final = {
    "Parameters": QueryLanguage.JSONPATH,
    "MaxItemsPerBatchPath": QueryLanguage.JSONPATH,
    "MaxInputBytesPerBatchPath": QueryLanguage.JSONPATH,
    "MaxItemsPath": QueryLanguage.JSONPATH,
    "Arguments": QueryLanguage.JSONATA,
}
_ALLOWED: Final = AwsVerdict("The field 'Resource' does not match any of the allowed values")
_DISTRIBUTE: Final = 'give the processor "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}'


def check_map(reader: DefinitionReader, fields: dict[str, Json], pointer: Pointer, language: QueryLanguage) -> None:
    """Note what is wrong with a Map's fields beyond their shapes."""
    if not any(name in fields for name in PROCESSORS):
        fix = "add 'ItemProcessor', an object with StartAt and States"
        what = "a Map state needs 'ItemProcessor', which is missing"
        reader.error(pointer, what, fix, key=True, aws=needs_one(PROCESSORS))
    if "Parameters" in fields and "ItemSelector" in fields:
        what = "'Parameters' and 'ItemSelector' are the old and the new name of one field"
        aws = only_one(("Parameters", "ItemSelector"), pointer)
        reader.error((*pointer, "Parameters"), what, "keep 'ItemSelector'", key=True, aws=aws)
    if not _is_distributed(fields):
        for name in DISTRIBUTED:
            if name in fields:
                # Reported: AWS takes them.
                what = f"{quote(name)} does nothing in a Map that runs inline"
                aws = our_verdict(what, "DISTRIBUTED_FIELD")
                reader.warn((*pointer, name), what, _DISTRIBUTE, key=True, aws=aws)
        return
    for name in _FIELDS:
        value = fields.get(name)
        if isinstance(value, dict):
            _check_settings(reader, (*pointer, name), name, value, language)
    _check_label(reader, fields, pointer)


def _is_distributed(fields: dict[str, Json]) -> bool:
    for name in PROCESSORS:
        processor = fields.get(name)
        config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
        if isinstance(config, dict) and config.get("Mode") != "INLINE":
            return "Mode" in config
    return False


def _check_label(reader: DefinitionReader, fields: dict[str, Json], pointer: Pointer) -> None:
    label = fields.get("Label")
    if isinstance(label, str) and not has_placeholder(label):
        first = reader.labels.setdefault(label, pointer)
        if first != pointer:
            what = f"another Map has the Label {quote(label)} too"
            aws = AwsVerdict(f"Duplicate Label name: {label}", "DUPLICATE_LABEL_NAME")
            reader.warn((*pointer, "Label"), what, "give each Distributed Map a Label of its own", aws=aws)


def _check_settings(
    reader: DefinitionReader, pointer: Pointer, owner: str, value: dict[str, Json], language: QueryLanguage
) -> None:
    for name in value:
        here = (*pointer, name)
        wanted = _LANGUAGES.get(name.removesuffix(".$"))
        if name not in _FIELDS[owner]:
            close = closest(name, _FIELDS[owner])
            fix = f"did you mean {quote(close)}?" if close else f"it may have {', '.join(_FIELDS[owner])}"
            reader.warn(here, f"{owner} has no field {quote(name)}", fix, key=True, aws=not_supported(name, pointer))
        elif wanted is not None and wanted is not language:
            _wrong_language(reader, here, name, wanted, language)
    if owner == "ItemReader":
        _check_reader(reader, pointer, value, language)
    elif owner == "ItemBatcher":
        _check_numbers(reader, pointer, owner, value, language)
        if not any(name in value for name in _BATCHES):
            what = "ItemBatcher does not say how large a batch is"
            aws = AwsVerdict(f"This object should have at least one of the following fields: {listed(_BATCHES)}")
            reader.warn(pointer, what, "add 'MaxItemsPerBatch'", key=True, aws=aws)
    else:
        _check_writer(reader, pointer, value)


def _wrong_language(
    reader: DefinitionReader, pointer: Pointer, name: str, wanted: QueryLanguage, language: QueryLanguage
) -> None:
    what = f"{quote(name)} is a field of {wanted} states, and the query language here is {language}"
    fix = (
        f"use {'Arguments' if name == 'Parameters' else 'Parameters'}"
        if name in ("Parameters", "Arguments")
        else f"use {quote(name.removesuffix('Path'))} with an expression"
    )
    reader.warn(pointer, what, fix, key=True, aws=other_language(name, language, pointer[:-1]))


def _check_numbers(
    reader: DefinitionReader, pointer: Pointer, owner: str, value: dict[str, Json], language: QueryLanguage
) -> None:
    """Note what is wrong with the numbers in such settings, which keep the rules of the Map's own numbers."""
    for name, known in MAP_NUMBERS[owner].items():
        if name in value and known.language in (None, language):
            known.shape(reader, (*pointer, name), value[name], language)
    check_exclusive(reader, pointer, value)


def _check_reader(reader: DefinitionReader, pointer: Pointer, value: dict[str, Json], language: QueryLanguage) -> None:
    _check_resource(reader, pointer, value, _READERS)
    if "Resource" not in value:
        reader.warn(
            pointer,
            "ItemReader needs 'Resource'",
            f"add an ARN of {' or '.join(_READERS)}",
            key=True,
            aws=required(["Resource"]),
        )
    config = value.get("ReaderConfig")
    if not isinstance(config, dict):
        return
    here = (*pointer, "ReaderConfig")
    if "MaxItemsPath" in config and language is QueryLanguage.JSONATA:
        _wrong_language(reader, (*here, "MaxItemsPath"), "MaxItemsPath", QueryLanguage.JSONPATH, language)
    _check_numbers(reader, here, "ReaderConfig", config, language)
    _check_values(reader, here, config, _READING)
    _check_kind(reader, here, config)


def _check_kind(reader: DefinitionReader, pointer: Pointer, config: dict[str, Json]) -> None:
    """What an InputType needs and what it does not have. Recorded, as AWS's answers about readers."""
    given = config.get("InputType")
    kind = given if isinstance(given, str) else ""
    if "InputType" not in config and config.get("Transformation") == "LOAD_AND_FLATTEN":
        what = "LOAD_AND_FLATTEN needs to know what the objects hold: 'InputType' is missing"
        reader.warn(
            pointer, what, 'add "InputType": "JSON"', key=True, aws=AwsVerdict("The field 'InputType' is required")
        )
    if kind == "CSV" and "CSVHeaderLocation" not in config:
        aws = AwsVerdict("The field 'CSVHeaderLocation' is required")
        what = "a CSV reader needs 'CSVHeaderLocation'"
        reader.warn(pointer, what, 'add "CSVHeaderLocation": "FIRST_ROW"', key=True, aws=aws)
    lacking = _NOT_OF.get(kind, ())
    for name in config:
        if name in lacking:
            what = f"a reader of {kind} has no {quote(name)}"
            reader.warn((*pointer, name), what, "take it out", key=True, aws=not_supported(name, pointer))
    if config.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in config and kind not in _NOT_OF:
        what = "the headers are GIVEN, and 'CSVHeaders' is missing"
        reader.warn(pointer, what, 'add "CSVHeaders": ["…"]', key=True, aws=required(["CSVHeaders"]))
    items = config.get("ItemsPointer")
    if isinstance(items, str) and items and not items.startswith("/") and not _computed(items):
        said = f"Invalid input: JSON Pointer expression must start with '/': \"{items}\""
        what = f"'ItemsPointer' is a JSON Pointer, which starts with '/', and {quote(items)} does not"
        reader.warn((*pointer, "ItemsPointer"), what, f"write {quote('/' + items)}", aws=AwsVerdict(said))


def _check_writer(reader: DefinitionReader, pointer: Pointer, value: dict[str, Json]) -> None:
    _check_resource(reader, pointer, value, (_WRITER,))
    _check_writing(reader, (*pointer, "WriterConfig"), value.get("WriterConfig"))
    if "Resource" not in value and "WriterConfig" not in value:
        what = "ResultWriter says neither where to write nor how"
        reader.warn(
            pointer,
            what,
            "add 'Resource' with 'Parameters' or 'Arguments', or 'WriterConfig'",
            key=True,
            aws=AwsVerdict(what, severity=ERROR),
        )


def _check_writing(reader: DefinitionReader, pointer: Pointer, config: Json) -> None:
    """How results are written. Source: the schema of AWS's language service for editors."""
    if not isinstance(config, dict):
        return
    if "OutputType" not in config:
        what = "WriterConfig does not say what is written: 'OutputType' is missing"
        reader.warn(pointer, what, 'add "OutputType": "JSON"', key=True, aws=required(["OutputType"]))
    _check_values(reader, pointer, config, _WRITING)


def _check_values(
    reader: DefinitionReader, pointer: Pointer, config: dict[str, Json], allowed: Mapping[str, tuple[str, ...]]
) -> None:
    for name, known in allowed.items():
        value = config.get(name)
        if isinstance(value, str) and value not in known and not _computed(value):
            aws = AwsVerdict(f"Value should be one of the following: {listed(known)}")
            what = f"{quote(name)} must be {' or '.join(known)}, not {quote(value)}"
            reader.warn((*pointer, name), what, reader.suggest(value, known, "write one of them"), aws=aws)


def _check_resource(
    reader: DefinitionReader, pointer: Pointer, value: dict[str, Json], allowed: tuple[str, ...]
) -> None:
    resource = value.get("Resource")
    if (
        isinstance(resource, str)
        and not _computed(resource)
        and not resource.endswith(tuple(f":::{name}" for name in allowed))
    ):
        what = f"{quote(resource)} is not {' or '.join(allowed)}"
        reader.warn((*pointer, "Resource"), what, f"write arn:aws:states:::{allowed[0]}", aws=_ALLOWED)


def _computed(value: str) -> bool:
    return has_placeholder(value) or is_jsonata(value)
