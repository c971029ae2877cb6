"""The datasets of distributed Maps from local files: a folder, or a few files by name, stand for S3."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.engine.execution.decisions import Dataset, Provenance, TaskFailure
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.items.formats import ItemReaderError
from sfdebug.engine.items.reading import is_manifest, listed_files
from sfdebug.errors import UsageError
from sfdebug.files import MAX_DATASET_BYTES, read_file
from sfdebug.tasks.answerers import Answerer, AnswererKind

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.values import Json

LAST_MODIFIED: Final = 1_735_689_600
"""LastModified of every object: 2025-01-01T00:00:00Z, in seconds since 1970; files' own times differ everywhere."""

_SCHEME: Final = "s3://"
_UNREAD: Final = {
    "getObject": ("Range", "PartNumber"),
    "listObjectsV2": ("ContinuationToken", "Delimiter", "MaxKeys", "StartAfter"),
}
"""Arguments that change what S3 returns, and that local files do not imitate."""


class LocalFiles:
    """Answers the ItemReaders of distributed Maps from files; a Task, or a Map without ItemReader, is not its matter.

    `LocalFiles("s3")` looks for the object `key` of `bucket` in the file `s3/bucket/key`;
    `LocalFiles({"s3://bucket/key": "orders.csv"})` names each file. VersionId is not looked at.

    A listing (s3:listObjectsV2) has the objects in the order of their keys, as S3 gives them, each with Etag (the
    content's MD5 in quotes), Key, LastModified, Size and StorageClass; `LAST_MODIFIED` is the same for all.
    """

    def __init__(self, files: str | Path | Mapping[str, str | Path]) -> None:
        """Let local files stand for S3.

        Args:
            files: A folder with a folder for each bucket, or files by their names in S3 (`s3://bucket/key`).

        Raises:
            UsageError: When the folder is none, or a name is no `s3://bucket/key`.
        """
        self._bucket_of = _Named(files) if isinstance(files, Mapping) else _Folder(Path(files))
        self._place = "" if isinstance(files, Mapping) else str(files)

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The files, for an ItemReader."""
        if request.kind is not RequestKind.MAP_RUN or request.resource.rpartition(":")[2] not in _UNREAD:
            return None
        return Answerer(AnswererKind.FILES, "files in place of S3", self._place)

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the ItemReader finds; a failure with States.ItemReaderFailed when there is no such object.

        Raises UsageError when a file cannot be read, or the ItemReader's arguments are not imitated.
        """
        if request.kind is not RequestKind.MAP_RUN or not request.resource:
            return None
        action = request.resource.rpartition(":")[2]
        if action not in _UNREAD:
            return None
        arguments = request.input if isinstance(request.input, dict) else {}
        _check_arguments(arguments, action, request)
        try:
            bucket = _text(arguments, "Bucket", request)
            config = _reader_config(request)
            if action == "listObjectsV2":
                return self._listing(bucket, arguments, config, request)
            return self._object(bucket, _text(arguments, "Key", request), config)
        except ItemReaderError as error:
            return TaskFailure(error.error, error.cause, provenance=Provenance.MOCKED)

    def _object(self, bucket: str, key: str, config: Mapping[str, Json]) -> Dataset:
        source = f"{_SCHEME}{bucket}/{key}"
        content = self._read(bucket, key)
        files: dict[str, bytes] = {}
        if is_manifest(config):
            for uri in listed_files(config, content, source):
                files[uri] = self._read(*_parts(uri))
        return Dataset(content=content, files=files, source=source, provenance=Provenance.MOCKED)

    def _listing(
        self, bucket: str, arguments: Mapping[str, Json], config: Mapping[str, Json], request: TaskRequest
    ) -> Dataset:
        prefix = _text(arguments, "Prefix", request) if "Prefix" in arguments else ""
        objects: list[Json] = []
        files: dict[str, bytes] = {}
        with_content = config.get("Transformation") == "LOAD_AND_FLATTEN"
        for key in self._bucket_of.keys(bucket):
            if not key.startswith(prefix):
                continue
            content = self._read(bucket, key)
            objects.append(_listed(key, content))
            if with_content:
                files[f"{_SCHEME}{bucket}/{key}"] = content
        return Dataset(objects=tuple(objects), files=files, source=f"{_SCHEME}{bucket}", provenance=Provenance.MOCKED)

    def _read(self, bucket: str, key: str) -> bytes:
        path = self._bucket_of.path(bucket, key)
        try:
            return read_file(path, MAX_DATASET_BYTES)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            # Not recorded: what AWS says of an object that is not there.
            raise ItemReaderError(f"There is no object {key} in the bucket {bucket} (looked for {path}).") from error
        except OSError as error:
            raise UsageError(f"the file cannot be read: {error.strerror or error}", where=str(path)) from error


class _Folder:
    """Buckets as folders of one folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(
                "there is no such folder", where=str(folder), fix="It has a folder for each bucket, with its objects."
            )
        self._root = folder.resolve()

    def path(self, bucket: str, key: str) -> Path:
        """Where an object would be. Raises ItemReaderError when that is outside the folder."""
        folder = self._bucket(bucket)
        try:
            path = (folder / key).resolve()
            inside = not key.startswith("/") and "\\" not in key and path.is_relative_to(folder)
        except (OSError, RuntimeError, ValueError):  # a link to itself, a NUL character
            inside = False
        if not inside:
            raise ItemReaderError(f"The key {key!r} leads out of the folder of the bucket {bucket}.")
        return path

    def keys(self, bucket: str) -> list[str]:
        """The keys of a bucket, sorted as S3 does. Raises ItemReaderError when there is no such bucket."""
        folder = self._bucket(bucket)
        if not folder.is_dir():
            raise ItemReaderError(f"There is no bucket {bucket} (looked for {folder}).")
        return sorted(self._files(folder), key=lambda key: key.encode("utf-8", "surrogatepass"))

    def _files(self, folder: Path) -> Iterator[str]:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                if path.is_file() and path.resolve().is_relative_to(folder):
                    yield path.relative_to(folder).as_posix()

    def _bucket(self, bucket: str) -> Path:
        if bucket in ("", ".", "..") or any(character in bucket for character in "/\\:\0"):
            raise ItemReaderError(f"{bucket!r} is no name of a bucket.")
        return self._root / bucket


class _Named:
    """Single objects, each a file of its own."""

    def __init__(self, files: Mapping[str, str | Path]) -> None:
        self._paths: dict[str, dict[str, Path]] = {}
        for uri, path in files.items():
            if not uri.startswith(_SCHEME) or "/" not in uri.removeprefix(_SCHEME).strip("/"):
                raise UsageError(f"'{uri}' does not name an object", fix="Name it as s3://bucket/key.")
            bucket, key = _parts(uri)
            self._paths.setdefault(bucket, {})[key] = Path(path)

    def path(self, bucket: str, key: str) -> Path:
        """The file of an object. Raises ItemReaderError when none was named."""
        path = self._paths.get(bucket, {}).get(key)
        if path is None:
            raise ItemReaderError(f"There is no object {key} in the bucket {bucket}.")
        return path

    def keys(self, bucket: str) -> list[str]:
        """The keys of a bucket, sorted as S3 does. Raises ItemReaderError when no object of it was named."""
        if bucket not in self._paths:
            raise ItemReaderError(f"There is no bucket {bucket}.")
        return sorted(self._paths[bucket], key=lambda key: key.encode("utf-8", "surrogatepass"))


def _parts(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
    return bucket, key


def _listed(key: str, content: bytes) -> dict[str, Json]:
    """One object as the child executions of a listing get it: AWS writes Etag so, and the time in seconds."""
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {
        "Etag": f'"{digest}"',
        "Key": key,
        "LastModified": LAST_MODIFIED,
        "Size": len(content),
        "StorageClass": "STANDARD",
    }


def _reader_config(request: TaskRequest) -> Mapping[str, Json]:
    reader = request.state.fields.get("ItemReader")
    config = reader.get("ReaderConfig") if isinstance(reader, dict) else None
    return config if isinstance(config, dict) else {}


def _text(arguments: Mapping[str, Json], name: str, request: TaskRequest) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise ItemReaderError(f"The ItemReader of '{request.state.name}' needs {name}, a text.")
    return value


def _check_arguments(arguments: Mapping[str, Json], action: str, request: TaskRequest) -> None:
    for name in _UNREAD[action]:
        if name in arguments:
            raise UsageError(
                f"the ItemReader of '{request.state.name}' gives {name}, which local files do not imitate",
                fix="Leave it out, or answer the Map Run with its items.",
            )
