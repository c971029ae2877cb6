"""Bytes to text: UTF-8, with the position of every byte that is not."""

from __future__ import annotations

import codecs
import re
from typing import Final, NoReturn

from sfdebug.asl.text.problems import ProblemList, file_problem
from sfdebug.asl.text.source import Source
from sfdebug.errors import DefinitionError

_MAX_BYTES_SHOWN: Final = 10
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def decode(data: str | bytes, name: str) -> Source:
    """The text in `data`; a UTF-8 byte order mark is left out. Raises DefinitionError when it is no UTF-8 text."""
    if isinstance(data, str):
        text = data.removeprefix("\ufeff")
        match = _SURROGATE.search(text)
        if match:
            source = Source(name, _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))
            what = f"the character U+{ord(match[0]):04X} is half of a surrogate pair: this is not Unicode text"
            _refuse(source, match.start(), what, "write the character itself")
        return Source(name, text)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            fix = f"save it as UTF-8: iconv -f {encoding} -t UTF-8"
            raise DefinitionError([file_problem(name, f"this file is encoded in {encoding}, not UTF-8", fix)])
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        wide = len(data) > 3 and b"\0\0" in (data[0:3:2], data[1:4:2])
        what = "this file is encoded in UTF-16, not UTF-8" if wide else "this is binary data, not text"
        fix = "save it as UTF-8: iconv -f UTF-16LE -t UTF-8" if wide else "give a definition in JSON or YAML"
        raise DefinitionError([file_problem(name, what, fix)])
    try:
        return Source(name, data.decode())
    except UnicodeDecodeError:
        _refuse_bytes(data, name)


def _refuse(source: Source, at: int, what: str, fix: str) -> NoReturn:
    raise DefinitionError([ProblemList(source).add(at, at + 1, what, fix)])


def _refuse_bytes(data: bytes, name: str) -> NoReturn:
    """Point at the bytes that are not UTF-8, the first few each, the others by number."""
    source = Source(name, data.decode(errors="replace"))
    problems = ProblemList(source)
    count = 0
    decoder_at = 0
    text_at = 0
    while decoder_at < len(data):
        try:
            data[decoder_at:].decode()
            break
        except UnicodeDecodeError as error:
            text_at += len(data[decoder_at : decoder_at + error.start].decode())
            shown = " ".join(f"{byte:02X}" for byte in data[decoder_at + error.start : decoder_at + error.end])
            problems.add(text_at, text_at + 1, f"the byte {shown} is not UTF-8", "save the file as UTF-8")
            text_at += 1
            decoder_at += error.end
            count += 1
            if count == _MAX_BYTES_SHOWN:
                break
    raise DefinitionError(problems.items)
